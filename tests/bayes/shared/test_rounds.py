"""Rounds of importance sampling from the prior on, against closed forms and where a t about the mode fails."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.bayes.shared.parameters import Parameter, log_prior
from iom_causal.bayes.shared.rounds import from_prior
from iom_causal.beliefs import Beta, HalfNormal, Normal
from iom_causal.numerics.posterior.marginal import cumulated, quantiles

SHARES = np.array([0.025, 0.5, 0.975])


def posterior(parameters, log_likelihood, seed=1, points=2048):
    def log_density(z):
        return log_prior(parameters, z) + log_likelihood(z)

    return from_prior(parameters, log_density, np.random.default_rng(seed), points=points)


def test_a_conjugate_share():
    share = (Parameter("share", Beta(2.0, 3.0)),)
    found = posterior(share, lambda z: stats.binom.logpmf(7, 20, share[0].natural(z[:, 0])))
    wanted = stats.beta(9, 16).ppf(SHARES)
    mine = share[0].natural(quantiles(cumulated(found.points[:, 0], found.weight), SHARES))
    assert mine == pytest.approx(wanted, abs=0.005)
    assert found.log_evidence == pytest.approx(stats.betabinom.logpmf(7, 20, 2, 3), abs=0.01)


def test_a_spread_that_may_be_nothing_keeps_its_weights_bounded():
    both = (Parameter("spread", HalfNormal(1.0)), Parameter("noise", HalfNormal(1.0)))
    y = np.random.default_rng(1).normal(0, 1.0, 30)

    def log_likelihood(z):  # only the sum of the two variances is told: a ridge
        return stats.norm.logpdf(y[:, None], 0, np.hypot(*np.exp(z).T)).sum(0)

    found = posterior(both, log_likelihood)
    assert found.pareto_k < 0.7
    assert found.effective > 600
    alike = [np.exp(quantiles(cumulated(x, found.weight), SHARES)) for x in found.points.T]
    assert alike[0] == pytest.approx(alike[1], abs=0.05)


def test_a_posterior_much_narrower_than_its_prior():
    level = (Parameter("level", Normal(0.0, 1.5)),)
    found = posterior(level, lambda z: stats.norm.logpdf(z[:, 0], 2.0, 0.02))
    assert found.weight @ found.points[:, 0] == pytest.approx(2.0, abs=0.003)
    assert found.pareto_k < 0.7
