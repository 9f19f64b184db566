import doctest
import importlib

import pytest

MODULES = [
    "numerics.grid",
    "numerics.grim",
    "numerics.partial_test",
    "numerics.printed_paired",
    "numerics.printed_shares",
    "numerics.printed_tests",
    "numerics.rounding",
    "numerics.undetected",
    "published.audit",
    "published.context",
    "published.findings",
    "published.printed",
    "published.schema",
    "published.study",
    "words",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"iom_causal.{name}"))
    assert result.attempted
    assert not result.failed
