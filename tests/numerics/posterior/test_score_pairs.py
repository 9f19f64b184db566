"""Likelihoods of scores with gaps against densities person by person (scipy), patterns and edges."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.posterior.score_pairs import (
    excess_log_likelihood,
    line_log_likelihood,
    pairs_log_likelihood,
    pattern_moments,
    pooled,
)


def scores(n=30, seed=1):
    rng = np.random.default_rng(seed)
    y = rng.multivariate_normal([30, 25], [[100, 60], [60, 80]], n)
    y[:4, 1], y[4:7, 0] = np.nan, np.nan
    return y, rng.integers(1, 4, n).astype(float)


def by_person(y, w, mean, cov):
    """The sum of log densities, one person at a time."""
    total = 0.0
    for row, weight in zip(y, w, strict=True):
        there = ~np.isnan(row)
        if there.any():
            density = stats.multivariate_normal(np.array(mean)[there], np.array(cov)[np.ix_(there, there)])
            total += weight * density.logpdf(row[there])
    return total


@pytest.mark.parametrize("sem", [0.0, 4.0])
@pytest.mark.parametrize("z", [-2.0, 0.0, 0.7, 3.0])
def test_pairs_with_gaps_have_the_density_of_each_person(sem, z):
    y, w = scores()
    s1, s2, r = 9.0, 11.0, np.tanh(z)
    cov = [[s1**2 + sem**2, r * s1 * s2], [r * s1 * s2, s2**2 + sem**2]]
    found = pairs_log_likelihood(pattern_moments(y, w), *(np.array(v) for v in (31.0, 26.0, s1, s2, z)), sem)
    assert float(found) == pytest.approx(by_person(y, w, (31.0, 26.0), cov), rel=1e-11)


def test_replicates_and_points_broadcast():
    y, w = scores()
    several = np.stack([y, y + 1])
    m = pattern_moments(several, w)
    m = type(m)(*(field[:, None] for field in m))
    points = [np.linspace(1, 2, 5) * k for k in (30.0, 25.0, 9.0, 8.0, 0.3)]
    found = pairs_log_likelihood(m, *points)
    assert found.shape == (2, 5)
    one = pairs_log_likelihood(pattern_moments(several[1], w), *(p[3] for p in points))
    assert found[1, 3] == pytest.approx(float(one), rel=1e-12)


def test_weights_repeat_people():
    y, w = scores()
    twice = np.repeat(y, w.astype(int), axis=0)
    np.testing.assert_allclose(
        np.array(pattern_moments(y, w)), np.array(pattern_moments(twice, np.ones(len(twice)))), rtol=1e-12
    )


def test_pooling_is_that_of_everybody():
    y, w = scores()
    known = ~np.isnan(y[:, 0])
    n, mean, squares = pattern_moments(y, w).all_before
    assert float(mean) == pytest.approx(np.average(y[known, 0], weights=w[known]))
    assert float(squares) == pytest.approx((w[known] * (y[known, 0] - float(mean)) ** 2).sum())
    assert float(n) == w[known].sum()
    assert [float(x) for x in pooled((3.0, 1.0, 2.0), (0.0, 0.0, 0.0))] == [3.0, 1.0, 2.0]


def test_a_line_has_the_density_of_each_pair():
    y, w = scores()
    both = ~np.isnan(y).any(-1)
    found = line_log_likelihood(pattern_moments(y, w), *(np.array(v) for v in (28.0, 24.0, 0.5, 7.0)))
    wanted = stats.norm(24 + 0.5 * (y[both, 0] - 28), 7.0).logpdf(y[both, 1]) @ w[both]
    assert float(found) == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize("shape", [-0.3, -1e-7, 0.0, 1e-7, 1e-5, 0.2, 0.45])
def test_excesses_are_generalised_pareto(shape):
    x, w = np.array([0.0, 0.4, 2.0, 2.9]), np.array([1.0, 2.0, 1.0, 3.0])
    found = excess_log_likelihood(x, w, np.array([1.0, 2.5]), np.array([shape, shape]))
    wanted = [stats.genpareto(shape, scale=s).logpdf(x) @ w for s in (1.0, 2.5)]
    assert found == pytest.approx(wanted, rel=1e-6)


def test_beyond_the_end_of_a_short_tail_there_is_no_density():
    found = excess_log_likelihood(np.array([5.0]), np.ones(1), np.array([1.0]), np.array([-0.4]))
    assert found.tolist() == [-np.inf]
