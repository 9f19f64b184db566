"""Normal approximations of counts' latent variables against brute-force quadrature."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from iom_causal.numerics.posterior.latent_gaussian import conditional, drawn, log_correction
from iom_causal.numerics.posterior.series import log_likelihood

Y = np.array([3.0, 0.0, 7.0, 2.0])
OFFSET = np.array([0.2, 0.0, 0.5, -0.4])
DESIGN = np.array([[1.0, 0.3], [1.0, -0.5], [1.0, 1.1], [1.0, 0.0]])


def density(g, spread):
    log_mean = OFFSET + g @ DESIGN.T
    likelihood = log_likelihood(Y, log_mean, None if spread is None else np.full(len(g), spread))
    return likelihood + stats.norm.logpdf(g).sum(-1)


@pytest.mark.parametrize("spread", [None, 0.6])
def test_corrected_draws_give_the_integral_that_quadrature_gives(spread):
    axis = np.linspace(-7, 7, 281)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    wanted = logsumexp(density(grid, spread)) + 2 * np.log(axis[1] - axis[0])  # the trapezoid rule, spectrally right
    several = np.broadcast_to(DESIGN, (4096, *DESIGN.shape))
    spreads = None if spread is None else np.full(4096, spread)
    around = conditional(Y, OFFSET, several, spreads)
    assert around.log_marginal == pytest.approx(np.full(4096, wanted), abs=0.05)  # Laplace, of few counts
    g, log_q = drawn(around, np.random.default_rng(1), 7.0)
    correction = log_correction(Y, OFFSET, several, spreads, around, g, log_q)
    found = around.log_marginal[0] + logsumexp(correction) - np.log(len(g))
    assert found == pytest.approx(wanted, abs=0.003)


@pytest.mark.parametrize("spread", [None, 0.6])
def test_the_mode_is_where_the_slope_is_nothing_and_the_factor_the_curvature_there(spread):
    around = conditional(Y, OFFSET, DESIGN[None], None if spread is None else np.array([spread]))
    step = 1e-4 * np.eye(2)
    up, down = (density(around.mode + s * step, spread) for s in (1, -1))
    assert (up - down) / 2e-4 == pytest.approx(np.zeros(2), abs=1e-6)
    second = (up + down - 2 * density(around.mode, spread)) / 1e-8
    assert -second == pytest.approx(np.diag(around.factor[0] @ around.factor[0].T), rel=1e-4)


def test_draws_are_those_of_the_t_whose_density_they_state():
    around = conditional(Y, OFFSET, np.broadcast_to(DESIGN, (8192, 4, 2)), None)
    g, log_q = drawn(around, np.random.default_rng(2), 9.0)
    cov = np.linalg.inv(around.factor[0] @ around.factor[0].T)
    theirs = stats.multivariate_t(around.mode[0], cov, df=9)
    assert log_q == pytest.approx(theirs.logpdf(g))
    assert np.cov(g.T) == pytest.approx(cov * 9 / 7, rel=0.1, abs=0.02)


def test_large_and_no_counts_are_found_from_the_counts_themselves():
    for y in (np.array([1e6, 2e6]), np.zeros(2)):
        around = conditional(y, np.zeros(2), 3.0 * np.eye(2)[None], None)
        mean = np.exp(3 * around.mode[0])
        assert 3 * (y - mean) == pytest.approx(around.mode[0], abs=1e-3 * (1 + mean.max() ** 0.5))
