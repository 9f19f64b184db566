"""Estimates lined up: a table, a picture, and what is refused."""

import pytest

from iom_causal.errors import InputError, SpecError
from iom_causal.estimators.compare import Comparison, compare
from tests.estimate.example import make


def test_different_scales_are_not_lined_up():
    with pytest.raises(SpecError, match="IOM-E098"):
        compare({"a": make(), "b": make(scale="ratio")})
    with pytest.raises(SpecError, match="IOM-E096"):
        compare({})
    with pytest.raises(InputError, match="IOM-E035"):
        compare({"a": 3})
    with pytest.raises(InputError, match=r"IOM-E035.*by label.*got a list"):
        compare([make()])


def test_a_comparison_is_a_table_and_a_picture():
    both = compare({"first": make(), "second": make(estimate=-2.0)})
    assert isinstance(both, Comparison)
    assert list(both.tidy()["label"]) == ["first", "second"]
    assert len(both.plot().get_yticklabels()) == 2
    assert make().plot().get_xlabel() == "after - before"
    assert make(term="managed - comparison").plot().get_xlabel() == "managed - comparison"
    assert compare({"a": make(), "b": make(term="managed - comparison")}).plot().get_xlabel() == "difference"
