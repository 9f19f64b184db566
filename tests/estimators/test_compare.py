"""Estimates lined up: a table, a picture, and what is refused."""

import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimators.compare import Comparison, compare
from iom_causal.intervals import StudentT


def make(**changes):
    values = {
        "outcome": "arrests",
        "method": "example",
        "estimate": -3.0,
        "std_error": 1.0,
        "conf_low": -5.0,
        "conf_high": -1.0,
        "n_input": 225,
        "n_used": 187,
        "law": StudentT(-3.0, 1.0, 10.0),
    }
    return Estimate(**(values | changes))


def test_different_scales_are_not_lined_up():
    with pytest.raises(SpecError, match="IOM-E098"):
        compare({"a": make(), "b": make(scale="ratio")})
    with pytest.raises(SpecError, match="IOM-E096"):
        compare({})
    with pytest.raises(InputError, match="IOM-E035"):
        compare({"a": 3})


def test_a_comparison_is_a_table_and_a_picture():
    both = compare({"first": make(), "second": make(estimate=-2.0)})
    assert isinstance(both, Comparison)
    assert list(both.tidy()["label"]) == ["first", "second"]
    assert len(both.plot().get_yticklabels()) == 2
    assert make().plot().get_xlabel() == "after - before"
