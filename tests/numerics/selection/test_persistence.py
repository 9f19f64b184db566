"""Persistence of rates from exact distributions: no draws, so that what it returns is what it estimates."""

import numpy as np
import pytest
from scipy.special import gammaln

from iom_causal.numerics.selection.persistence import moment_terms, persistence_parts, ratio_covariance

EXACT = 1e-8  # tails beyond the table are below 1e-12 of the mass
MOST = 90
COUNTS = np.arange(MOST, dtype=float)


def poisson(mean):
    return np.exp(np.outer(np.log(mean), COUNTS) - mean[:, None] - gammaln(COUNTS + 1))


def pairs():
    x, y = np.meshgrid(COUNTS, COUNTS, indexing="ij")
    return x.ravel(), y.ravel()


def joint(rates, chances, after, days):
    """Joint distribution of both counts over discrete rates, each with its mean rate after."""
    return np.einsum("k,kx,ky->xy", chances, poisson(days[0] * rates), poisson(days[1] * after)).ravel()


RATES, CHANCES = np.array([0.2, 1.0, 2.5, 6.0]), np.array([0.4, 0.35, 0.2, 0.05])
OVERALL = float(RATES @ CHANCES)


def found(lasting, change=0.8, days=(1.0, 0.5), left=np.ones_like):
    after = change * (OVERALL + lasting * (RATES - OVERALL))
    x, y = pairs()
    mass = joint(RATES, CHANCES, after, days) * left(x)
    terms = moment_terms(x, y, np.broadcast_to(days, (len(x), 2)), left)
    top, bottom = persistence_parts(mass @ terms, OVERALL)
    return float(top / bottom)


@pytest.mark.parametrize("lasting", [1.0, 0.6, 0.0])
@pytest.mark.parametrize(
    "left",
    [
        np.ones_like,
        lambda x: (x < 5).astype(float),
        lambda x: np.where(x < 5, 1.0, np.where(x == 5, 0.4, 0.0)),
        lambda x: 1 / (1 + np.exp((x - 5) / 1.5)),
    ],
    ids=["all", "beneath a cut", "some at the last place", "softly"],
)
def test_rates_whose_mean_after_is_a_line_show_its_slope_whoever_was_taken_away_by_count(lasting, left):
    assert found(lasting, left=left) == pytest.approx(lasting, abs=EXACT)


def test_the_covariance_is_the_jackknife_of_people_one_by_one():
    rng = np.random.default_rng(1)
    x = rng.poisson(rng.gamma(1.0, 2.0, 30)).astype(float)
    y, group = rng.poisson(1 + x / 2).astype(float), np.arange(30) < 8
    terms = moment_terms(x, y, np.ones((30, 2)), np.ones_like)
    _, covariance = ratio_covariance(terms, np.ones(30), group, lambda s: persistence_parts(s, 2.0))
    expected = np.zeros((2, 2))
    for people in (np.flatnonzero(group), np.flatnonzero(~group)):
        each = np.array([persistence_parts(np.delete(terms, k, axis=0).sum(0), 2.0) for k in people])
        expected += (len(people) - 1) * np.cov(each.T, ddof=0)
    assert covariance == pytest.approx(expected, rel=1e-9)
