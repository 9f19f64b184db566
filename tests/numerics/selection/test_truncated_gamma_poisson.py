"""Gamma-Poisson counts above a cut, against sums of the distribution and simulated populations."""

import math

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.numerics.selection import empirical_bayes as eb
from iom_causal.numerics.selection import truncated_gamma_poisson as gp
from tests.oracles.truncated_means import selected_means
from tests.reference.reader import entries, tolerance

NOISE = 4  # standard errors of a simulation


@pytest.mark.parametrize(("inputs", "value"), entries("regression_to_mean", "rtm_negbin").values())
def test_picked_means_far_in_the_tail(inputs, value):
    picked = selected_means(inputs["mu"], 1 / inputs["alpha"], inputs["k"])
    assert float(picked.after) == pytest.approx(value, rel=tolerance("regression_to_mean"), abs=0)


def test_the_mean_before_of_the_stored_cases():
    stored = 20.473079966666734062  # mpmath, 50 digits
    assert float(selected_means(0.1, 0.2, 20).before) == pytest.approx(stored, rel=1e-12)


@pytest.fixture(scope="module")
def picked():
    rng = np.random.default_rng(31)
    rate = rng.gamma(1.4, 5.0 / 1.4, 60_000)
    before, after = rng.poisson(rate), rng.poisson(0.8 * rate)
    return before[before >= 4], after[before >= 4]


def test_the_truncated_fit_finds_the_population(picked):
    fit = gp.fit_truncated(*picked, 4)
    found = np.array([math.log(fit.mean), math.log(fit.shape), fit.log_ratio])
    errors = np.sqrt(np.diag(fit.covariance))
    assert (np.abs(found - np.log([5.0, 1.4, 0.8])) < NOISE * errors).all()
    assert errors[2] < 0.02


def test_the_likelihood_is_that_of_the_law(picked):
    y1, y2 = (v[:50] for v in picked)
    value, gradient = gp.truncated_log_likelihood(y1, y2, 4, np.log([5.0, 1.4, 0.8]))
    joint = stats.nbinom.logpmf(y1, 1.4, 1.4 / 6.4) + stats.nbinom.logpmf(y2, 1.4 + y1, 6.4 / 10.4)
    assert value == pytest.approx(joint.sum() - 50 * stats.nbinom.logsf(3, 1.4, 1.4 / 6.4), rel=1e-10)
    step = 1e-6
    for j in range(3):
        x = np.log([5.0, 1.4, 0.8])
        up, down = x.copy(), x.copy()
        up[j] += step
        down[j] -= step
        ends = [gp.truncated_log_likelihood(y1, y2, 4, v)[0] for v in (up, down)]
        assert gradient[j] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-4)  # central difference


def test_weights_stand_for_people(picked):
    y1, y2 = (v[:400] for v in picked)
    w = np.random.default_rng(3).integers(0, 3, 400)
    ours, by_hand = gp.fit_truncated(y1, y2, 4, w), gp.fit_truncated(np.repeat(y1, w), np.repeat(y2, w), 4)
    assert ours.log_ratio == pytest.approx(by_hand.log_ratio, rel=1e-4)  # two searches


def test_drifting_rates_are_taken_for_a_change():
    rng = np.random.default_rng(5)
    rate = rng.gamma(1.4, 1 / 1.4, 400_000)
    hidden = rng.poisson(1.4 * 0.6 * rate / 0.4)
    later = rng.gamma(1.4 + hidden, 0.4 / 1.4)
    before, after = rng.poisson(5 * rate), rng.poisson(5 * later)
    keep = before >= 4
    assert math.exp(gp.fit_truncated(before[keep], after[keep], 4).log_ratio) == pytest.approx(0.87, abs=0.015)


def test_what_is_refused():
    with pytest.raises(InputError, match="IOM-E092"):
        gp.fit_truncated([3, 4], [1, 1], 4)
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        gp.fit_truncated([4, 4], [0, 0], 4)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        gp.fit_truncated(np.full(50, 4), np.full(50, 4), 4)
    with pytest.raises(InputError, match="IOM-E092"):
        eb.posterior(3, 0.0, 1.0)
