"""Counts about a log-linear trend against scipy's distributions and against recursions."""

import math

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.posterior import series as numbers

EXACT = 1e-11


def test_poisson_and_negative_binomial_are_those_of_scipy():
    rng = np.random.default_rng(1)
    y, log_mean = rng.poisson(20.0, 9).astype(float), rng.normal(3.0, 0.5, (4, 9))
    poisson = stats.poisson.logpmf(y, np.exp(log_mean)).sum(-1)
    assert numbers.log_likelihood(y, log_mean) == pytest.approx(poisson, rel=EXACT)
    spread = np.array([0.05, 0.2, 0.5, 2.0])
    size = spread[:, None] ** -2
    theirs = stats.nbinom.logpmf(y, size, size / (size + np.exp(log_mean))).sum(-1)
    assert numbers.log_likelihood(y, log_mean, spread) == pytest.approx(theirs, rel=EXACT)


@pytest.mark.parametrize("spread", [3.0, 0.19, 0.18, 1e-2, 1e-5, 1e-9, 1e-200])
def test_small_spreads_keep_their_digits(spread):
    y, mean = np.array([0.0, 3.0, 4000.0]), np.array([2.0, 5.0, 4100.0])
    size = min(spread**-2, 1e14) if spread > 1e-100 else 1e14
    rising = [math.fsum(math.log1p(j / size) for j in range(int(k))) - math.lgamma(k + 1) for k in y]
    wanted = np.array(rising) + y * np.log(mean) - (size + y) * np.log1p(mean / size)
    found = numbers.each_log_likelihood(y, np.log(mean), np.array(spread))
    assert found == pytest.approx(wanted, abs=1e-10)


def test_the_design_of_a_path_is_its_recursion():
    rng = np.random.default_rng(2)
    innovation, persistence, z = np.array([0.3, 1.2]), np.array([0.4, 0.9]), rng.standard_normal((2, 7))
    first = innovation * z[:, 0] / np.sqrt(1 - persistence**2)
    rest = numbers.wander(first, innovation, persistence, z[:, 1:])
    design = numbers.path_design(innovation, persistence, 7)
    assert np.einsum("stg,sg->st", design, z) == pytest.approx(np.column_stack([first, rest]))
    walk = numbers.path_design(innovation, None, 7)
    steps = numbers.wander(np.zeros(2), innovation, np.ones(2), z[:, 1:])
    assert np.einsum("stg,sg->st", walk, z[:, 1:]) == pytest.approx(np.column_stack([np.zeros(2), steps]))


def test_a_stationary_path_has_one_spread_throughout():
    design = numbers.path_design(np.array([0.5]), np.array([0.8]), 30)[0]
    assert np.sqrt((design**2).sum(-1)) == pytest.approx(0.5 / 0.6)
    assert np.isfinite(numbers.path_design(np.array([0.5]), np.array([1.0]), 3)).all()


def test_the_ratio_of_totals_weighs_periods_by_what_is_expected_without():
    rng = np.random.default_rng(3)
    without, ratio = rng.normal(3, 1, (5, 8)), rng.normal(-0.3, 0.2, (5, 8))
    wanted = np.log(np.exp(without + ratio).sum(-1) / np.exp(without).sum(-1))
    assert numbers.log_mean_ratio(without, ratio) == pytest.approx(wanted)
    trend, change, slope = -0.02, -0.3, 0.02  # METHODS 6.2: .883 by these weights, .873 as a plain mean
    months = np.arange(24.0)
    found = np.exp(numbers.log_mean_ratio((trend * months)[None], (change + slope * months)[None]))[0]
    weight = np.exp(trend * months)
    assert found == pytest.approx((weight * np.exp(change + slope * months)).sum() / weight.sum())


def test_counts_have_the_moments_of_their_family():
    rng, n = np.random.default_rng(4), 200_000
    log_mean = np.full((n, 1), math.log(50.0))
    for spread in (None, np.full(n, 0.3)):
        drawn = numbers.counts(log_mean, spread, rng)
        variance = 50 + (0 if spread is None else (0.3 * 50) ** 2)
        assert drawn.mean() == pytest.approx(50, abs=4 * math.sqrt(variance / n))
        assert drawn.var() == pytest.approx(variance, rel=0.03)
    assert np.isfinite(numbers.counts(np.full((2, 1), 900.0), None, rng)).all()


def test_autocorrelation_of_nothing_is_none():
    assert numbers.autocorrelation(np.zeros(5)) == 0.0
    path = stats.norm.rvs(size=4000, random_state=1)
    for k in range(1, path.size):
        path[k] += 0.6 * path[k - 1]
    assert numbers.autocorrelation(path) == pytest.approx(0.6, abs=0.05)


def test_harmonics_are_orthogonal_over_a_year():
    waves = numbers.harmonics((np.arange(12) + 0.5) / 12, 2)
    assert waves.T @ waves == pytest.approx(6 * np.eye(4), abs=1e-12)
