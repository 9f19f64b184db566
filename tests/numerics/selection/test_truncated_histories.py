import numpy as np
import pytest
from scipy import integrate, stats

from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.selection import truncated_histories as ph

MEAN, LOG_SD, LOG_RETURN = 0.5, -0.3, -1.0
THETA = np.array([MEAN, LOG_SD, LOG_RETURN])
SD, KEPT = np.exp(LOG_SD), np.exp(-np.exp(LOG_RETURN))


def rate(z):
    return np.exp(MEAN + SD * z - SD**2 / 2)


def pair(y1, y2, read=1, rejection=3):
    counts = np.array([[y1, y2]], dtype=float)
    return ph.SelectedHistories(counts, np.ones((1, 2)), np.array([0.0, 1.0]), read, np.ones(rejection), np.ones(1))


GRID = np.linspace(-8.0, 8.0, 801)
STEP = GRID[1] - GRID[0]
"""Sums over a grid this fine are integrals of such smooth functions to the last digits (Euler & Maclaurin)."""


def integral(function, *counts):
    """Integrate over the log rates in two windows, as numbers of standard deviations."""
    z1, z2 = GRID[:, None], GRID[None, :]
    return float((function(z2, z1, *counts)).sum() * STEP**2)


def joint(z2, z1, y1, y2):
    passing = stats.norm.pdf(z1) * stats.norm.pdf(z2, KEPT * z1, np.sqrt(1 - KEPT**2))
    return passing * stats.poisson.pmf(y1, rate(z1)) * stats.poisson.pmf(y2, rate(z2))


@pytest.mark.parametrize("counts", [(1, 3), (0, 7), (4, 4)])
def test_the_probability_of_a_history_given_that_it_was_picked(counts):
    there = integral(joint, *counts)
    picked = integrate.quad(lambda z: stats.norm.pdf(z) * stats.poisson.sf(2, rate(z)), -9, 9, epsabs=1e-12)[0]
    found = ph.log_likelihoods(pair(*counts), THETA)[0]
    assert found == pytest.approx(np.log(there / picked), abs=1e-7)


def test_the_expected_rate_is_that_of_the_law_given_the_history():
    there = integral(joint, 1, 3)
    kept = np.exp(-np.exp(LOG_RETURN) * 1.5)

    def later(z2, z1):
        return joint(z2, z1, 1, 3) * np.exp(MEAN + SD * kept * z2 - (SD * kept) ** 2 / 2)

    expected = integral(later) / there
    assert ph.expected_rates(pair(1, 3), THETA, 2.5)[0] == pytest.approx(expected, rel=1e-7)


def test_no_and_all_memory_are_closed_forms():
    apart, same = np.array([MEAN, LOG_SD, 4.0]), np.array([MEAN, LOG_SD, -20.0])
    assert ph.expected_rates(pair(1, 9), apart, 2.0)[0] == pytest.approx(np.exp(MEAN), rel=1e-9)
    post = integrate.quad(lambda z: stats.norm.pdf(z) * rate(z) ** 5 * np.exp(-2 * rate(z)), -9, 9)[0]
    evidence = integrate.quad(lambda z: stats.norm.pdf(z) * rate(z) ** 4 * np.exp(-2 * rate(z)), -9, 9)[0]
    assert ph.expected_rates(pair(1, 3), same, 2.0)[0] == pytest.approx(post / evidence, rel=1e-5)


def test_the_chances_of_all_picked_histories_add_to_one():
    y = np.arange(60)
    counts = np.array([(a, b) for a in y for b in y[3:]], dtype=float)
    h = ph.SelectedHistories(counts, np.ones_like(counts), np.array([0.0, 1.0]), 1, np.ones(3), np.ones(len(counts)))
    assert np.exp(ph.log_likelihoods(h, THETA)).sum() == pytest.approx(
        1.0, abs=5e-6
    )  # counts of 60 and more are left out


def histories(rng, n=6000, least=4):
    z, windows = rng.standard_normal(n), []
    for _ in range(3):
        windows.append(rng.poisson(rate(z) * 1.5))
        z = KEPT**1.5 * z + np.sqrt(1 - KEPT**3) * rng.standard_normal(n)
    y = np.stack(windows, axis=1).astype(float)
    y = y[y[:, 2] >= least]
    return ph.SelectedHistories(y, np.full(y.shape, 1.5), np.arange(3) * 1.5, 2, np.ones(least), np.ones(len(y)))


def test_the_population_is_found_from_the_people_picked_from_it():
    h = histories(np.random.default_rng(3), n=60_000)
    fit = ph.fit_histories(h)
    error = np.sqrt((fit.influence**2).sum(0))
    assert (error < [0.2, 0.1, 0.2]).all()
    assert (np.abs(fit.theta - THETA) < 4 * error).all()


def test_influence_is_what_another_weight_does():
    h = histories(np.random.default_rng(4))
    fit = ph.fit_histories(h)
    weight = np.ones(len(h.counts))
    weight[:20] = 1.2
    moved = ph.fit_histories(h._replace(weight=weight)).theta - fit.theta
    assert moved == pytest.approx(0.2 * fit.influence[:20].sum(0), abs=0.1 * np.abs(moved).max())


def test_people_who_all_had_the_same_count_tell_nothing():
    y = np.full((50, 2), 400.0)
    h = ph.SelectedHistories(y, np.full(y.shape, 1e-6), np.array([0.0, 1.0]), 1, np.ones(3), np.ones(50))
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        ph.fit_histories(h)


def test_counts_beyond_the_reach_of_the_quadrature_are_refused():
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.lognormal(3.9, 0.8, 60)[:, None], (60, 3)).astype(float)
    far = ph.SelectedHistories(counts, np.ones((60, 3)), np.arange(3.0), 2, np.zeros(1), np.ones(60))
    with pytest.raises(NotIdentifiedError, match="so many events in a window"):
        ph.fit_histories(far)
