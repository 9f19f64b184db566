"""Likelihood of selected pairs against closed forms, brute sums and brute quadrature."""

import numpy as np
import pytest
from scipy.integrate import quad, simpson
from scipy.stats import nbinom, norm, poisson

from iom_causal.numerics.posterior.selected_draws import draw_rates, draw_selected
from iom_causal.numerics.posterior.selected_pairs import (
    LognormalPairs,
    PairRows,
    Rates,
    gamma_counts,
    gamma_pairs,
    held,
    lasting_pairs,
    log_share,
    lognormal_counts,
    probit,
    trapezoid,
)
from iom_causal.numerics.selection.truncated_gamma_poisson import truncated_log_likelihood, upper_tail

QUADRATURE = 1e-7  # trapezoid rule out to six SDs


def rates(log_mean=0.7, spread=0.8, after=1.1, correlation=0.6, without=-0.1, ratio=-0.3):
    return Rates(*(np.array([v]) for v in (log_mean, spread, after, correlation, without, ratio)))


def rows(*pairs, times=(1.0, 1.0), managed=1.0):
    before, after = np.array(pairs, dtype=float).T
    whole = np.ones_like(before)
    return PairRows(before, after, times[0] * whole, times[1] * whole, managed * whole, whole)


NODES = np.linspace(-9, 9, 2001)


def fine(values):
    """Simpson's rule."""
    return float(simpson(values, x=NODES))


def by_nested_quadrature(y1, y2, times, at, managed):
    mean, s, t, r, without, ratio = (float(v[0]) for v in at)
    change = without + ratio * managed

    def inner(z):
        first = np.exp(mean - s**2 / 2 + s * z)
        sd = t * np.sqrt(1 - r**2)
        centre = mean + change - t**2 / 2 + t * r * z
        after = fine((norm.pdf(NODES) * poisson.pmf(y2, times[1] * np.exp(centre + sd * NODES))).tolist())
        return poisson.pmf(y1, times[0] * first) * norm.pdf(z) * after

    return quad(inner, -9, 9, limit=200)[0]


@pytest.mark.parametrize(("y1", "y2", "managed"), [(0, 0, 1), (3, 1, 1), (2, 7, 0), (14, 2, 1)])
def test_correlated_lognormal_pairs_are_their_integral(y1, y2, managed):
    people, at = rows((y1, y2), times=(1.0, 0.7), managed=float(managed)), rates()
    found = np.exp(LognormalPairs.of(people).log_probability(at))[0, 0]
    assert found == pytest.approx(by_nested_quadrature(y1, y2, (1.0, 0.7), at, managed), rel=1e-6)


def test_lasting_lognormal_pairs_are_their_integral():
    people, at = rows((3, 1), (9, 12), (0, 0)), rates(after=0.8, correlation=1.0)
    found = np.exp(lasting_pairs(people, at))[0]

    def density(z, y1, y2):
        first = np.exp(0.7 - 0.32 + 0.8 * z)
        return poisson.pmf(y1, first) * poisson.pmf(y2, first * np.exp(-0.4)) * norm.pdf(z)

    wanted = [quad(density, -9, 9, args=(y1, y2), limit=200)[0] for y1, y2 in ((3, 1), (9, 12), (0, 0))]
    assert found == pytest.approx(wanted, rel=QUADRATURE)


def test_correlated_rates_reach_the_lasting_ones():
    people = rows((3, 1), (9, 12), (0, 0), (6, 2))
    near = LognormalPairs.of(people).log_probability(rates(after=0.8, correlation=1 - 1e-12))
    same = lasting_pairs(people, rates(after=0.8, correlation=1.0))
    assert near == pytest.approx(same, abs=1e-4)


def test_gamma_pairs_given_a_cut_are_the_truncated_likelihood():
    """Another file's closed form, with the incomplete beta function for the share above the cut."""
    pairs, at = [(5, 1), (7, 3), (4, 0), (12, 9)], rates(spread=1 / 1.4, without=np.log(0.9), ratio=np.log(0.8))
    counts = held(12)
    share = log_share(np.log((counts >= 4) + 1e-300), gamma_counts(counts, at))
    before, after = np.array(pairs, dtype=float).T
    parameters = [0.7, np.log(1.4), np.log(0.72)]
    wanted = truncated_log_likelihood(before, after, 4, parameters)[0]
    assert gamma_pairs(rows(*pairs), at).sum() - 4 * share[0] == pytest.approx(wanted, rel=1e-12)
    assert np.exp(share[0]) == pytest.approx(float(upper_tail(1.4, np.exp(0.7) / 1.4, 4)), rel=1e-12)


def test_gamma_pairs_keep_their_digits_where_rates_are_alike():
    near = gamma_pairs(rows((3, 1), (4, 2)), rates(spread=1e-12))
    mean = np.exp(0.7)
    wanted = [poisson.logpmf(a, mean) + poisson.logpmf(b, mean * np.exp(-0.4)) for a, b in ((3, 1), (4, 2))]
    assert near[0] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("family", ["gamma", "lognormal"])
def test_the_share_selected_is_the_brute_sum(family):
    at, counts = rates(), held(20)
    yes, no = probit(np.array([-1.5]), np.array([1.2]), counts)
    assert np.exp(yes) + np.exp(no) == pytest.approx(np.ones_like(yes))
    marginal = gamma_counts if family == "gamma" else lognormal_counts
    found = np.exp(log_share(yes, marginal(counts, at)))[0]
    many = np.arange(3000)
    own = norm.cdf(-1.5 + 1.2 * np.log1p(np.minimum(many, counts[-1])))
    if family == "gamma":
        mass = nbinom.pmf(many, 1 / 0.8, 1 / (1 + 0.8 * np.exp(0.7)))
    else:
        z, w = np.polynomial.legendre.leggauss(2000)
        x = 8 * z
        mass = poisson.pmf(many[:, None], np.exp(0.7 - 0.32 + 0.8 * x)) @ (8 * w * norm.pdf(x))
    assert found == pytest.approx(float(own @ mass), rel=QUADRATURE)


def test_a_share_of_next_to_nobody_has_its_digits():
    at, counts = rates(log_mean=np.log(0.01), spread=0.01), held(6)
    found = log_share(np.log((counts >= 6) + 1e-300), gamma_counts(counts, at))[0]
    wanted = nbinom.logsf(5, 100, 1 / (1 + 0.01 * 0.01))
    assert found == pytest.approx(wanted, rel=1e-6)


def test_the_rule_is_as_fine_as_its_counts_ask():
    coarse, fine = trapezoid(1.0), trapezoid(400.0)
    assert coarse.nodes[1] - coarse.nodes[0] == 0.25
    assert fine.nodes[1] - fine.nodes[0] == pytest.approx(0.04)
    assert fine.weight.sum() == pytest.approx(1)


@pytest.mark.parametrize("family", ["gamma", "lognormal"])
def test_draws_have_the_moments_of_their_law(family):
    at, rng = rates(spread=0.5, after=0.6), np.random.default_rng(1)
    before, after = (v[0] for v in draw_rates(family, at, 400_000, rng))
    mean = np.exp(0.7)
    between = 0.5 if family == "gamma" else np.exp(0.25) - 1
    both = 0.5 if family == "gamma" else np.exp(0.6 * 0.5 * 0.6) - 1
    assert before.mean() == pytest.approx(mean, rel=0.01)
    assert before.var() / mean**2 == pytest.approx(between, rel=0.03)
    assert after.mean() / before.mean() == pytest.approx(np.exp(-0.1), rel=0.01)
    assert np.cov(before, after)[0, 1] / before.mean() / after.mean() == pytest.approx(both, rel=0.03)


@pytest.mark.parametrize("family", ["gamma", "lognormal"])
def test_selected_draws_are_those_of_everybody_selected(family):
    at, rng = rates(spread=0.7, after=0.9), np.random.default_rng(2)
    counts = held(10)
    chance = norm.cdf(-2 + np.log1p(counts))
    mine = draw_selected(family, at, chance[None], 60_000, rng)
    first, second = (v[0] for v in draw_rates(family, at, 400_000, rng))
    before = rng.poisson(first)
    selected = rng.random(before.size) < chance[np.minimum(before, counts.size - 1)]
    for a, b in zip((v[0] for v in mine), (before[selected], second[selected]), strict=True):
        assert a.mean() == pytest.approx(b.mean(), abs=4 * np.sqrt(a.var() / a.size + b.var() / b.size))
