"""Expected width of an identified set: by hand on two curves, by brute force, and never wider for knowing more."""

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.expected_width import expected_width, sets_when_known, widths_when_known

OFF = 0.1
TWO = np.array([[0.0, 1.0], [0.0, 2.0]])
"""Two curves of one segment: t, and 2 t."""
SAME = np.array([[0.0, 1.0], [0.0, 1.0]])
"""A statistic that is t on both."""
APART = np.array([[0.0, 0.0], [1.0, 1.0]])
"""A statistic that tells the two apart."""
ROUNDING = 1e-12
"""What a few sums of doubles lose."""


def known(*statistics, off=OFF):
    return np.array(statistics).reshape(-1, *TWO.shape), np.full((len(statistics), 2), off)


def widths(*statistics, off=OFF):
    given, bound = known(*statistics, off=off)
    return widths_when_known(TWO, given, bound, bound)


def test_two_statistics_by_hand():
    # Truth at t = 1/2 of either curve. Known to within d, SAME leaves t in 1/2 +- d on both: from 1/2 - d to 1 + 2 d.
    assert widths() == pytest.approx([2.0, 2.0], abs=ROUNDING)
    assert widths(SAME) == pytest.approx([0.5 + 3 * OFF] * 2, abs=ROUNDING)
    # APART leaves the one curve, all of it; both together 2 d of the first and 4 d of the second.
    assert widths(APART) == pytest.approx([1.0, 2.0], abs=ROUNDING)
    assert widths(SAME, APART) == pytest.approx([2 * OFF, 4 * OFF], abs=ROUNDING)
    weight = np.array([3.0, 1.0])
    assert expected_width(widths(SAME, APART), weight) == pytest.approx((3 * 2 * OFF + 4 * OFF) / 4, abs=ROUNDING)


def test_what_is_known_exactly_leaves_one_model_of_a_curve_and_only_where_the_others_allow_it():
    """A part of no length is a part: the statistics that come after are asked of it too."""
    assert widths(SAME, off=0.0) == pytest.approx([0.5, 0.5], abs=ROUNDING)
    assert widths(SAME, APART, off=0.0) == pytest.approx([0.0, 0.0], abs=ROUNDING)


def test_bounds_below_and_above_are_those_of_the_truth():
    given, _ = known(SAME)
    low, high = sets_when_known(
        TWO, given, np.array([[0.5, 0.0]]), np.array([[0.0, 0.25]]), np.zeros((1, 2), dtype=bool)
    )
    assert low == pytest.approx([0.0, 0.5], abs=ROUNDING)  # t from 0 to 1/2; t from 1/2 to 3/4
    assert high == pytest.approx([1.0, 1.5], abs=ROUNDING)


def test_a_statistic_off_which_anything_may_be_tells_nothing():
    assert widths(SAME, off=np.inf).tolist() == [2.0, 2.0]


def test_a_model_that_tells_nothing_of_a_statistic_is_left_whatever_it_is():
    # Known exactly, APART leaves the first curve alone where it is the truth, unless the second tells nothing of it.
    given, _ = known(APART)
    told, untold = np.zeros((1, 2)), np.array([[0.0, np.inf]])
    assert widths_when_known(TWO, given, told, told) == pytest.approx([1.0, 2.0], abs=ROUNDING)
    assert widths_when_known(TWO, given, untold, untold) == pytest.approx([2.0, 2.0], abs=ROUNDING)


def random_curves(rng, size=30, statistics=3):
    value = np.cumsum(rng.normal(size=(size, 2)), axis=1)
    given = rng.normal(size=(statistics, size, 2))
    given[0, ::4, 1] = given[0, ::4, 0]  # one that does not move along a segment
    return value, given, rng.uniform(0.05, 0.4, (statistics, size))


def test_it_agrees_with_brute_force_over_points_of_every_segment():
    value, given, off = random_curves(np.random.default_rng(1))
    at = np.linspace(0, 1, 2001)
    points = value[:, :1] + np.diff(value) * at
    statistics = given[:, :, :1] + np.diff(given) * at
    found = widths_when_known(value, given, off, off)
    for i in range(len(value)):
        truth = given[:, i].mean(-1)
        left = (np.abs(statistics - truth[:, None, None]) <= off[:, i, None, None]).all(0)
        spacing = np.abs(np.diff(value)).max() / 1000  # two ends, each off by up to a point
        assert found[i] - spacing <= np.ptp(points[left]) <= found[i] + ROUNDING


def test_no_statistic_widens_whatever_is_known_beside_it():
    for seed in range(20):
        value, given, off = random_curves(np.random.default_rng(seed))
        before = np.full(len(value), np.inf)
        for k in range(len(given) + 1):
            now = widths_when_known(value, given[:k], off[:k], off[:k])
            assert (now <= before + ROUNDING).all()
            assert (now >= 0).all()
            before = now
