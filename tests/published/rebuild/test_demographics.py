import numpy as np
import pytest

from iom_causal.errors import ConvergenceError, InfeasibleError
from iom_causal.published.printed import Printed, PrintedP
from iom_causal.published.rebuild.demographics import (
    assign,
    assign_no_difference,
    category_counts,
    draw_categories,
    is_imposable,
)
from iom_causal.published.records import SampleCategory
from iom_causal.published.statements import Subgroup


def group(category, variable="ethnicity", **figures):
    missing = figures.pop("missing", False)
    printed = {key: Printed(value) for key, value in figures.items()}
    return SampleCategory(variable=variable, category=category, missing=missing, **printed)


def subgroup(p="p > .05", variable="sex"):
    return Subgroup(name="women and men", variable=variable, outcomes=("y",), p=PrintedP(p), quote="no difference")


def test_percentages_become_the_counts_that_add_up():
    groups = [group("a", percent="85.3"), group("b", percent="9.3"), group("c", percent="4.9")]
    groups.append(group("missing", count="1", missing=True))
    assert category_counts(groups, 225) == {"a": 192, "b": 21, "c": 11, "missing": 1}


def test_percentages_may_be_of_those_not_missing():
    groups = [group("a", percent="66.7"), group("b", percent="33.3"), group("missing", count="4", missing=True)]
    assert category_counts(groups, 10) == {"a": 4, "b": 2, "missing": 4}


def test_people_in_no_printed_category_are_not_stated():
    assert category_counts([group("a", count="3")], 5) == {"a": 3, "not stated": 2}


@pytest.mark.parametrize("groups", [[group("a", count="6")], [group("a", percent="33.0"), group("b", percent="67.0")]])
def test_counts_that_do_not_fit_are_refused(groups):
    with pytest.raises(InfeasibleError, match="IOM-E110"):
        category_counts(groups, 5)


def test_everyone_gets_a_category_in_random_order():
    labels = assign({"a": 2, "b": 3}, 200, np.random.default_rng(1))
    assert ((labels == "a").sum(axis=1) == 2).all()
    assert len({tuple(row) for row in labels.tolist()}) == 10


def test_groups_are_alike_in_every_column():
    from scipy.stats import ttest_ind

    values = np.random.default_rng(3).normal(size=(40, 30))
    values[:, :6] = np.nan
    labels = assign_no_difference({"w": 8, "m": 22}, subgroup("p > .30"), {"y": values}, np.random.default_rng(2))
    for row, label in zip(values, labels, strict=True):
        known = ~np.isnan(row)
        assert ttest_ind(row[known & (label == "w")], row[known & (label == "m")]).pvalue > 0.30


def test_groups_that_cannot_be_alike_are_given_up():
    values = np.array([[0.0, 0.0, 0.0, 50.0, 90.0, 99.0]])
    with pytest.raises(ConvergenceError, match="IOM-E111"):
        assign_no_difference({"w": 3, "m": 3}, subgroup("p > .99"), {"y": values}, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("p", "counts", "expected"),
    [
        ("p > .05", {"w": 2, "m": 3}, True),
        ("p > .05", {"w": 2, "m": 3, "not stated": 1}, True),
        ("p = .40", {"w": 2, "m": 3}, False),
        ("p > .05", {"w": 1, "m": 3}, False),
        ("p > .05", {"w": 2, "m": 3, "x": 4}, False),
    ],
)
def test_which_statements_can_be_honoured(p, counts, expected):
    assert is_imposable(subgroup(p), counts) is expected


def test_a_statement_that_is_not_honoured_is_noted():
    groups = (group("w", "sex", count="4"), group("m", "sex", count="4"))
    values = {"y": np.arange(16.0).reshape(1, 8, 2)}
    labels, notes = draw_categories(groups, (subgroup("p = .40"),), values, np.random.default_rng(1))
    assert sorted(labels["sex"][0].tolist()) == ["m"] * 4 + ["w"] * 4
    assert notes == (
        "women and men: this statement is not honoured, since it is not of the form p > limit between two groups.",
    )
