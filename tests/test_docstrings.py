"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import iom_causal
from docs import facts, make_reference

MODULES = sorted(
    m.name for m in pkgutil.walk_packages(iom_causal.__path__, "iom_causal.") if not m.name.endswith("cli")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_examples_are_found_where_they_are():
    found = doctest.DocTestFinder().find(importlib.import_module("iom_causal.base.wording"))
    assert any(test.examples for test in found)


PUBLIC = {
    name: pkgutil.resolve_name(f"iom_causal.{name}") for names in make_reference.names().values() for name in names
}
CALLED = {name: thing for name, thing in PUBLIC.items() if callable(thing)}


def test_every_public_name_that_is_called_has_an_example():
    assert len(CALLED) > 200
    assert not [name for name, thing in CALLED.items() if "\n>>> " not in (inspect.getdoc(thing) or "")]


def test_every_public_estimator_model_and_confound_says_its_source():
    said = {name: facts.facts(thing) for name, thing in CALLED.items() if hasattr(thing, "reference")}
    assert {"PairedT", "Matched", "EventStudy", "Ledger", "Custody", "bayes.BiasModel"} < said.keys()
    assert not [name for name, found in said.items() if not re.search(r"\(\d{4}\)", found["Source"])]
    confounds = [name for name, thing in CALLED.items() if hasattr(thing, "assumption_left_out")]
    assert not [name for name in confounds if "Points of the register" not in said[name]]
    designs = {name for name, thing in CALLED.items() if hasattr(thing, "identification")}
    assert designs == {name for name, found in said.items() if "What must hold" in found}
    assert facts.ESTIMANDS.keys() <= {name.removeprefix("bayes.") for name in said}
