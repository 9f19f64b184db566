"""LKJ correlations against their density, and persons' likelihoods and log rates against brute-force integrals."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.posterior.joint_outcomes import (
    Joint,
    cholesky,
    lkj_shapes,
    person_log_likelihood,
    person_rates,
)

SEM = 5.0
R = cholesky(np.array([0.6, 0.3, -0.1, 0.4, 0.5, 0.2]))
SD = np.array([0.8, 0.9, 12.0, 15.0])
COV = (R @ R.T) * np.outer(SD, SD)
MEAN = np.array([1.5, 1.2, 50.0, 45.0])
JOINT = Joint(MEAN[None], COV[None], SEM)
COUNTS = np.array([[3.0, 0.0], [12.0, 7.0], [0.0, 0.0], [4.0, 1.0]])
EXPOSURE = np.array([[1.0, 1.0], [0.5, 1.0], [1.0, 2.0], [1.0, 0.0]])
SCORES = np.array([[55.0, np.nan], [60.0, 40.0], [np.nan, np.nan], [np.nan, 30.0]])
with np.errstate(divide="ignore"):
    LOG_EXPOSURE = np.log(EXPOSURE)
AXIS = np.linspace(-5, 7, 400)


def on_a_grid(i):
    """The joint density of one person's counts and scores, and of the log rates on a grid."""
    rates = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"), axis=-1)
    seen = [k for k in (0, 1) if not np.isnan(SCORES[i, k])]
    at = [0, 1, *(2 + k for k in seen)]
    cov = COV[np.ix_(at, at)] + np.diag([0.0, 0.0] + [SEM**2] * len(seen))
    x = np.broadcast_to(SCORES[i, seen], (*rates.shape[:2], len(seen)))
    density = stats.multivariate_normal(MEAN[at], cov).pdf(np.concatenate([rates, x], axis=-1))
    for t in np.flatnonzero(EXPOSURE[i]):
        density = density * stats.poisson.pmf(COUNTS[i, t], np.exp(rates[..., t]) * EXPOSURE[i, t])
    return rates, density


@pytest.mark.parametrize("person", range(4))
def test_a_persons_likelihood_is_the_integral_over_both_log_rates(person):
    _, density = on_a_grid(person)
    wanted = np.log(density.sum() * (AXIS[1] - AXIS[0]) ** 2)
    found = person_log_likelihood(COUNTS, LOG_EXPOSURE, SCORES, JOINT)[0, person]
    assert found == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("person", range(4))
def test_log_rates_are_drawn_from_their_posterior(person):
    rates, density = on_a_grid(person)
    share = density / density.sum()
    mean = (share[..., None] * rates).sum((0, 1))
    sd = np.sqrt((share[..., None] * (rates - mean) ** 2).sum((0, 1)))
    many = Joint(np.repeat(MEAN[None], 2000, 0), np.repeat(COV[None], 2000, 0), SEM)
    drawn = person_rates(COUNTS, LOG_EXPOSURE, SCORES, many, np.random.default_rng(1))[:, person]
    assert np.abs(drawn.mean(0) - mean).max() < 5 * sd.max() / np.sqrt(2000)
    assert drawn.std(0) == pytest.approx(sd, rel=0.1)


def test_correlations_have_the_marginals_of_lkj():
    shapes = lkj_shapes(2.0)
    partial = 2 * np.random.default_rng(1).beta(shapes, shapes, (40_000, 6)) - 1
    factor = cholesky(partial)
    matrix = factor @ np.swapaxes(factor, 1, 2)
    assert np.einsum("sii->si", matrix) == pytest.approx(1.0)
    for i, j in ((1, 0), (3, 2), (3, 0)):  # each alone is Beta(eta + 1, eta + 1) from -1 to 1
        r = matrix[:, i, j]
        assert stats.kstest((r + 1) / 2, stats.beta(3, 3).cdf).pvalue > 1e-3
    log_det = np.log(np.linalg.det(matrix))  # LKJ(2) is proportional to the determinant
    flat = lkj_shapes(1.0)
    other = cholesky(2 * np.random.default_rng(2).beta(flat, flat, (40_000, 6)) - 1)
    det = np.linalg.det(other @ np.swapaxes(other, 1, 2))
    assert log_det.mean() == pytest.approx((det * np.log(det)).sum() / det.sum(), abs=0.03)


def test_the_variance_left_of_a_score_is_that_of_a_regression():
    alone, with_rates = JOINT.lost_variance()
    x = COV[2, 2] + SEM**2
    assert alone[0] == pytest.approx(COV[3, 3] - COV[3, 2] ** 2 / x)
    among = COV[:3, :3] + np.diag([0, 0, SEM**2])
    assert with_rates[0] == pytest.approx(COV[3, 3] - COV[3, :3] @ np.linalg.solve(among, COV[:3, 3]))
    assert with_rates[0] < alone[0]
