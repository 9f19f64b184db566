"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil

import pytest

import iom_causal

MODULES = sorted(
    m.name for m in pkgutil.walk_packages(iom_causal.__path__, "iom_causal.") if not m.name.endswith("cli")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_examples_are_found_where_they_are():
    found = doctest.DocTestFinder().find(importlib.import_module("iom_causal.base.wording"))
    assert any(test.examples for test in found)
