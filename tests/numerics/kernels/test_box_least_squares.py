"""Least squares inside bounds, against scipy's and closed forms; slopes of the picked people's moments."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from iom_causal.numerics.kernels.box_least_squares import damped_step, fit_in_box
from iom_causal.numerics.pairs import rate_models
from iom_causal.numerics.pairs.minimum_distance import nearest
from iom_causal.numerics.pairs.moments import PairMoments

FOUND = 1e-6
"""Of two searches that end when steps or falls of the sum of squares are small."""
DIFFERENCES = 1e-6
"""Of central differences with steps of 1e-5, relative."""


def rosenbrock(x):
    return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]]), np.array([[-20 * x[0], 10.0], [-1.0, 0.0]])


@pytest.mark.parametrize("high", [(5.0, 5.0), (0.5, 5.0), (5.0, 0.4), (0.2, 0.3)])
def test_the_minimum_in_a_box_is_that_of_another_search(high):
    low, start = np.array([-2.0, -2.0]), np.array([-1.2, 0.1])
    other = least_squares(
        lambda x: rosenbrock(x)[0], start, bounds=(low, np.array(high)), xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    assert fit_in_box(rosenbrock, start, low, np.array(high)) == pytest.approx(other.x, abs=FOUND)


def test_a_setting_that_tells_nothing_stays():
    def misfits(x):
        return np.array([x[0] - 2.0]), np.array([[1.0, 0.0]])

    assert fit_in_box(misfits, np.array([0.0, 1.0]), np.full(2, -9.0), np.full(2, 9.0)) == pytest.approx([2.0, 1.0])


def test_a_place_where_nothing_is_finite_is_not_gone_to():
    def misfits(x):
        return np.array([np.log(x[0]) + 1.0]), np.array([[1 / x[0]]])

    assert fit_in_box(misfits, np.array([30.0]), np.array([-1e3]), np.array([1e3])) == pytest.approx([np.exp(-1)])


def test_a_damped_step_solves_the_normal_equations():
    rng = np.random.default_rng(1)
    slopes, off, damping = rng.normal(size=(7, 4)), rng.normal(size=7), rng.uniform(size=4)
    held = np.array([False, True, False, False])
    step = damped_step(slopes, off, damping, held)
    a = slopes[:, ~held]
    expected = -np.linalg.solve(a.T @ a + np.diag(damping[~held]), a.T @ off)
    assert step[~held] == pytest.approx(expected, rel=1e-12)  # condition numbers below 100
    assert step[1] == 0


@pytest.mark.parametrize("rates", rate_models.RATES)
@pytest.mark.parametrize(
    ("settings", "cut"),
    [
        ([0.4, -0.3, 1.0, 2.5, 1.4, 0.0], None),
        ([1.2, 0.2, 0.6, 1.5, -0.4, -0.3], None),
        ([0.7, -0.2, 1.1, 0.0, 0.0, 0.1], 4.0),
        ([4.2, 0.1, 0.8, 4.5, 2.0, -0.2], None),  # counts beyond the grid
    ],
)
def test_slopes_of_the_moments_are_those_of_differences(rates, settings, cut):
    def figures(x):
        share, moments, _ = rate_models.selected_moments(rates, x, cut)
        return np.array([np.log(share), *moments])

    x = np.array(settings)
    slopes = rate_models.selected_moments(rates, x, cut).slopes
    for j, e in enumerate(np.eye(6) * 1e-5):
        assert slopes[:, j] == pytest.approx((figures(x + e) - figures(x - e)) / 2e-5, rel=DIFFERENCES, abs=DIFFERENCES)


def test_rounding_does_not_choose_between_worlds_that_are_all_exact():
    printed = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
    for rates in rate_models.RATES:
        assert nearest(printed, 225, None, rates=rates).best.ratio == 1.0  # the first that is tried
