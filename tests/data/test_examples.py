import doctest
import importlib

import pytest

MODULES = [
    "confounds.evidence",
    "data.cells",
    "data.delimited",
    "data.extracts",
    "data.sheet",
    "report.source",
    "specs",
    "starter",
    "study",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"iom_causal.{name}"))
    assert result.attempted
    assert not result.failed
