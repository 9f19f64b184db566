"""Synthetic controls: exact mixtures, R Synth, optimality, and ranks among placebos by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from iom_causal.numerics.comparison import synthetic_control as sc

R = json.loads((Path(__file__).parents[2] / "reference" / "r" / "synthetic_control.json").read_text(encoding="utf-8"))
EXACT = 1e-10
SEARCHED = 1e-6  # of R's interior-point search


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5, 1e9])
@pytest.mark.parametrize(("donors", "windows"), [(3, 8), (40, 18), (200, 36)])
def test_a_convex_mixture_is_recovered_whatever_the_scale(donors, windows, scale):
    rng = np.random.default_rng(donors)
    series = scale * rng.gamma(5.0, 1.0, (donors, windows))
    mixed = rng.dirichlet(np.ones(donors))
    weights = sc.simplex_weights(series, mixed @ series)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1.0, rel=EXACT)
    assert weights @ series == pytest.approx(mixed @ series, rel=EXACT)
    if donors < windows:
        assert weights == pytest.approx(mixed, rel=1e-8)


def test_weights_are_those_of_r():
    outcome, treated = np.array(R["outcome"]), np.array(R["treated"])
    fit = sc.synthetic_fit(treated, outcome, R["before"])
    assert fit.weights == pytest.approx(R["weights"], abs=SEARCHED)
    assert fit.error_before(R["before"]) ** 2 == pytest.approx(R["loss"], rel=SEARCHED)


def test_no_direction_within_the_simplex_comes_nearer():
    rng = np.random.default_rng(4)
    for far in (1.0, 3.0):
        series = rng.gamma(5.0, 1e4, (30, 12))
        treated = far * series[0] + rng.normal(0, 1e4, 12)
        weights = sc.simplex_weights(series[1:], treated)
        gains = series[1:] @ (treated - weights @ series[1:])
        least = gains[weights > 0].mean()
        assert gains[weights > 0] == pytest.approx(least, rel=1e-8)
        assert gains.max() <= least + 1e-8 * abs(least)


def test_donors_that_all_equal_the_treated_share_it():
    assert sc.simplex_weights(np.ones((4, 3)), np.ones(3)).tolist() == [0.25] * 4


def test_placebos_leave_themselves_and_the_treated_out():
    rng = np.random.default_rng(2)
    donors = rng.gamma(5.0, 1.0, (5, 10))
    placebos = sc.placebos_in_space(donors, 6)
    for j in range(5):
        alone = sc.synthetic_fit(donors[j], np.delete(donors, j, axis=0), 6)
        assert placebos.gaps[j] == pytest.approx(alone.gaps, abs=EXACT)
        assert placebos.errors[j] == pytest.approx(alone.error_before(6), rel=EXACT)


def test_ranks_and_interval_by_hand():
    errors = np.array([1.0, 2.0, 4.0, 0.5])
    gaps = np.array([[0, 0, 3.0, 5.0], [0, 0, -6, -6], [0, 0, 4, 0], [0, 0, 1, 1]])
    fit = sc.SyntheticFit(np.full(4, 0.25), np.array([2.0, -2.0, -7.0, -9.0]))
    # Errors of 1, 2, 4, .5 and the unit's own 2: the median is 2, so the scales are 2, 2, 4, 2 and 2.
    found = sc.placebo_inference(fit, sc.Placebos(gaps, errors), 2, np.array([0.5, 0.5]), 0.6)
    assert found.statistic == pytest.approx(-8 / 2)
    assert found.p_value == pytest.approx(1 / 5)
    # Statistics 2, 3, .5, .5: the third smallest of four holds .6 of five.
    assert found.half == pytest.approx(2 * 2)
    assert sc.placebo_inference(fit, sc.Placebos(gaps, errors), 2, np.array([0.5, 0.5]), 0.95).half == np.inf
    ratio, p_value = sc.rank_of_errors(fit, sc.Placebos(gaps, errors), 2)
    assert ratio == pytest.approx(np.sqrt((49 + 81) / 2) / 2)  # of the placebos, sqrt(17) alone is larger
    assert p_value == pytest.approx(2 / 5)


def test_units_that_are_followed_exactly_have_no_scale():
    gaps = np.array([[0.0, 0, 1], [0, 0, 2], [0, 0, 3]])
    fit = sc.SyntheticFit(np.ones(3) / 3, np.array([0.0, 0, 1]))
    found = sc.placebo_inference(fit, sc.Placebos(gaps, np.zeros(3)), 2, np.ones(1), 0.5)
    assert np.isnan(found.statistic)
    assert found.half == np.inf


@pytest.mark.parametrize("observed", [40.0, 80.0, 100.0, 130.0, 190.0])
def test_limits_of_a_ratio_are_where_the_counterfactual_reaches_the_length(observed):
    low, high = sc.ratio_limits(observed, 100.0, 30.0)
    for limit, side in ((low, 1), (high, -1)):
        grown = 30.0 * max(1.0, limit**-0.5)
        assert observed / limit - 100.0 == pytest.approx(side * grown, rel=EXACT)
    assert low < observed / 100 < high
    assert sc.ratio_limits(observed, 20.0, 30.0)[1] == np.inf or observed / 20 < 1
