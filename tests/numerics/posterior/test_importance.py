"""Importance sampling against densities whose moments are known."""

import math

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior.importance import Laplace, adapted, importance, laplace, pareto_k, resampled
from iom_causal.numerics.posterior.marginal import cumulated, quantiles

SKEWED = 0.01  # in SDs: what 1,024 balanced points of a t leave of a gamma's log, beside 0.03 at random


def log_gamma(shape):
    """The density of the log of a gamma variable, in two independent copies."""
    return lambda z: (shape * z - np.exp(z)).sum(-1)


def test_a_normal_is_found_exactly_by_newton():
    mean, cov = np.array([2.0, -1.0, 0.5]), np.array([[1.0, 0.3, 0.0], [0.3, 0.5, -0.2], [0.0, -0.2, 2.0]])
    target = stats.multivariate_normal(mean, cov)
    found = laplace(lambda z: np.atleast_1d(target.logpdf(z)), np.zeros(3), np.ones(3))
    assert found.mode == pytest.approx(mean, abs=1e-6)
    assert found.factor @ found.factor.T == pytest.approx(cov, rel=1e-4, abs=1e-6)


def test_moments_and_quantiles_of_a_skewed_density():
    shape = 3.0
    theirs = stats.loggamma(shape)
    around = laplace(log_gamma(shape), np.zeros(2), np.ones(2))
    drawn = importance(log_gamma(shape), around, np.random.default_rng(1))
    assert around.mode == pytest.approx(np.log([shape, shape]), abs=1e-5)
    assert drawn.weight.sum() == pytest.approx(1)
    for k in range(2):
        z = drawn.points[:, k]
        assert drawn.weight @ z == pytest.approx(theirs.mean(), abs=SKEWED * theirs.std())
        found = quantiles(cumulated(z, drawn.weight), np.array([0.025, 0.5, 0.975]))
        assert found == pytest.approx(theirs.ppf([0.025, 0.5, 0.975]), abs=12 * SKEWED * theirs.std())
    assert drawn.pareto_k < 0.5
    assert drawn.effective > 500
    assert drawn.log_evidence == pytest.approx(2 * np.log(2.0), abs=0.01)  # two integrals of Gamma(3)


def test_k_tells_of_a_density_with_heavier_tails_than_the_proposal():
    def cauchy(z):
        return stats.cauchy.logpdf(z).sum(-1)

    drawn = importance(cauchy, laplace(cauchy, np.zeros(12), np.ones(12)), np.random.default_rng(1))
    assert drawn.pareto_k > 0.7


def test_k_takes_the_weights_and_not_their_inverse():
    heavy = stats.pareto(1.0).rvs(4000, random_state=1)
    assert pareto_k(np.log(heavy)) > 0.7
    assert pareto_k(-np.log(heavy)) < 0.5


def test_resampled_points_have_the_weighted_distribution():
    around = laplace(log_gamma(3.0), np.zeros(2), np.ones(2))
    drawn = importance(log_gamma(3.0), around, np.random.default_rng(1))
    again = resampled(drawn, np.random.default_rng(2), 4000)
    assert again.mean(0) == pytest.approx(drawn.weight @ drawn.points, abs=0.02)
    assert not np.array_equal(np.sort(again[:, 0]), again[:, 0])


def test_the_same_generator_gives_the_same_points():
    around = laplace(log_gamma(3.0), np.zeros(2), np.ones(2))
    a, b = (importance(log_gamma(3.0), around, np.random.default_rng(5)).points for _ in range(2))
    assert np.array_equal(a, b)


def test_a_start_without_a_density_is_refused():
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        laplace(lambda z: np.full(len(z), -np.inf), [0.0], [1.0])


def test_a_density_without_a_mode_is_refused():
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        laplace(lambda z: z.sum(-1), [0.0], [1.0])


def test_rounds_of_new_proposals_reach_a_posterior_that_the_first_misses():
    """A posterior off the mode's curvature: normal with an SD five times that of the first proposal, and off it."""

    def target(z):
        return -0.5 * (((z - 1.5) / 1.0) ** 2).sum(-1)

    start = Laplace(np.array([0.5, 2.5]), 0.2 * np.eye(2), 0.0)
    once = importance(target, start, np.random.default_rng(1))
    found = adapted(target, start, np.random.default_rng(1))
    assert once.pareto_k > 0.7
    assert found.pareto_k < 0.4
    assert found.weight @ found.points == pytest.approx([1.5, 1.5], abs=0.05)
    assert found.log_evidence == pytest.approx(math.log(2 * math.pi), abs=0.05)


def test_where_the_first_proposal_serves_it_is_the_result():
    def target(z):
        return -0.5 * (z**2).sum(-1)

    start = laplace(target, [0.0], [1.0])
    one, two = (f(target, start, np.random.default_rng(1)) for f in (importance, adapted))
    assert (one.points == two.points).all()


def test_any_generator_scrambles_the_sequence():
    philox = np.random.Generator(np.random.Philox(key=5))  # as those of a batch, which have no children
    around = laplace(log_gamma(3.0), np.zeros(2), np.ones(2))
    drawn = importance(log_gamma(3.0), around, philox)
    assert drawn.pareto_k < 0.5
