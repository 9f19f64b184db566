"""Figures from replicates: errors of means and shares, intervals, and paired differences."""

import math

import numpy as np
import pytest
from scipy import stats

from iom_causal.designs.figures import (
    ONE_REPLICATE,
    mean_figure,
    paired_difference,
    share_error,
    share_figure,
    share_interval,
    undefined,
)


def share(count, n):
    return share_figure(np.arange(n) < count, np.ones(n, dtype=bool))


@pytest.mark.parametrize(("count", "n"), [(1, 7), (95, 100), (1999, 2000)])
def test_the_error_of_a_share_is_the_plain_one(count, n):
    p = count / n
    assert share(count, n).mcse == pytest.approx(math.sqrt(p * (1 - p) / n), rel=1e-14)


@pytest.mark.parametrize("count", [0, 200])
def test_the_error_of_a_share_is_never_0(count):
    p = (count + 2) / 204
    assert share(count, 200).mcse == share_error(count, 200) == pytest.approx(math.sqrt(p * (1 - p) / 204))


@pytest.mark.parametrize("count", [0, 3, 199, 200])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_intervals_of_shares_are_wilsons(count, level):
    expected = stats.binomtest(count, 200).proportion_ci(level, method="wilson")
    assert share_interval(share(count, 200), level) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_an_undefined_share_has_no_interval():
    assert share_interval(undefined(3, "no answers")) is None


def test_differences_where_a_figure_is_undefined():
    every, one = np.ones(3, dtype=bool), np.array([True, False, False])
    known, lone = mean_figure(np.arange(3.0), every), mean_figure(np.arange(3.0), one)
    assert paired_difference(known, undefined(3, "no interval")).reason == "no interval"
    assert paired_difference(undefined(3, "no interval"), known).reason == "no interval"
    assert paired_difference(lone, mean_figure(np.arange(3.0), ~one)).reason == "no replicate is used by both"
    single = paired_difference(known, lone)
    assert (single.value, single.mcse, single.n, single.reason) == (0.0, None, 1, ONE_REPLICATE)


def test_what_rounding_leaves_of_equal_values_is_nothing():
    every = np.ones(400, dtype=bool)
    values = np.random.default_rng(1).normal(size=400)
    one, other = mean_figure(values, every), mean_figure(values + 0.1 - 0.1, every)
    assert (one.influence != other.influence).any()
    difference = paired_difference(one, other)
    assert (difference.value, difference.mcse) == (0.0, 0.0)
    fixed = mean_figure(-0.2231435513142097 + 3e-17 * (np.arange(400) % 2), every)
    assert fixed.mcse == 0.0
    small = paired_difference(mean_figure(values, every), mean_figure(values + 1e-9, every))
    assert small.value == pytest.approx(-1e-9, rel=1e-5)
