"""Honest trends: against R HonestDiD's own functions, a general optimiser, the closed form, and worst cases drawn."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from iom_causal.numerics.comparison import honest_trends as ht

R = json.loads((Path(__file__).parents[2] / "reference" / "r" / "honest_did.json").read_text(encoding="utf-8"))
EXACT = 1e-10
OPTIMISED = 1e-5  # a general optimiser on an objective with corners
LEVEL = 0.95


def random_path(rng, before, after, target=None):
    root = rng.normal(size=(before + after,) * 2)
    cov = 0.01 * (root @ root.T + 0.5 * np.eye(before + after))
    target = rng.dirichlet(np.ones(after)) if target is None else target
    return ht.PathEstimate(rng.normal(size=before + after) * 0.1, cov, target)


def band(coverage, replicates):
    return stats.binom.ppf(5e-5, replicates, coverage), stats.binom.isf(5e-5, replicates, coverage)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_critical_values_are_those_of_the_noncentral_chi_squared(level):
    bias = np.linspace(0, 30, 61)
    expected = np.sqrt(stats.ncx2.ppf(level, 1, bias**2))
    assert ht.folded_normal_quantile(bias, level) == pytest.approx(expected, rel=EXACT)


def test_the_larger_of_two_normals_against_the_bivariate_distribution():
    for r in (-0.9, -0.3, 0.4, 0.95):
        c = float(ht.maximum_of_two_quantile(r, LEVEL))
        assert stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([c, c]) == pytest.approx(LEVEL, abs=1e-6)


def test_one_window_before_and_one_after_is_the_closed_form():
    cov = np.array([[0.04, 0.01], [0.01, 0.09]])
    path = ht.PathEstimate(np.array([0.2, -0.7]), cov, np.ones(1))
    se, bound = np.sqrt(cov.sum()), 0.3
    half = se * np.sqrt(stats.ncx2.ppf(LEVEL, 1, (bound / se) ** 2))
    found = ht.smoothness_interval(path, bound, LEVEL)
    assert found == pytest.approx((-0.8, -0.2, -0.5 - half, -0.5 + half), rel=EXACT)


def test_linear_trends_are_extrapolated_with_least_variance():
    rng = np.random.default_rng(3)
    for before in (2, 5, 12):
        path = random_path(rng, before, 3)
        cov, k = path.covariance, np.arange(before, 0, -1.0)
        drift = float(np.arange(1, 4) @ path.target)
        kkt = np.block([[cov[:before, :before], k[:, None]], [k[None], np.zeros((1, 1))]])
        weights = np.linalg.solve(kkt, np.append(-cov[:before, before:] @ path.target, drift))[:before]
        weights = np.concatenate([weights, path.target])
        found = ht.smoothness_interval(path, 0.0, LEVEL)
        assert found.set_low == pytest.approx(weights @ path.coefficients, rel=1e-8)
        half = stats.norm.ppf(0.975) * np.sqrt(weights @ cov @ weights)
        assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-8)


@pytest.mark.parametrize("bound", [0.005, 0.05, 0.3])
def test_no_affine_estimator_is_shorter(bound):
    """Over weights as they stand, with the worst trend by its second differences."""
    path = random_path(np.random.default_rng(8), 5, 3)
    ahead = np.arange(1, 4)
    steps = np.arange(5, 0, -1.0)
    post = sum(abs((ahead[j:] - j) @ path.target[j:]) for j in range(3))

    def half(v):
        bends = [np.maximum(steps - j, 0) @ v for j in range(1, 5)]
        weights = np.concatenate([v, path.target])
        sd = np.sqrt(weights @ path.covariance @ weights)
        return float(ht.folded_normal_quantile(bound * (np.abs(bends).sum() + post) / sd, LEVEL)) * sd

    unbiased = {"type": "eq", "fun": lambda v: steps @ v - ahead @ path.target}
    rng = np.random.default_rng(0)
    tried = [minimize(half, rng.normal(size=5), method="SLSQP", constraints=unbiased) for _ in range(6)]
    found = ht.smoothness_interval(path, bound, LEVEL)
    assert (found.high - found.low) / 2 == pytest.approx(min(t.fun for t in tried if t.success), rel=OPTIMISED)


def test_the_variance_path_meets_its_conditions():
    rng = np.random.default_rng(5)
    for before in (2, 6, 14):
        path = random_path(rng, before, 2)
        family = ht.affine_family(path)
        pre, cross = path.covariance[:before, :before], path.covariance[:before, before:] @ path.target
        for w in family.knots:
            gradient = family.loading.T @ (pre @ (family.base + family.loading @ w) + cross)
            penalty = np.abs(gradient).max()
            on = np.abs(w) > EXACT
            assert gradient[on] == pytest.approx(-penalty * np.sign(w[on]), abs=1e-8)
        assert penalty == pytest.approx(0.0, abs=1e-8)
        assert (np.diff(np.abs(family.knots).sum(-1)) > 0).all()


@pytest.mark.parametrize("place", range(len(R["bounds"])))
def test_the_conditional_test_is_that_of_r(place):
    path = ht.PathEstimate(np.array(R["beta"]), np.array(R["sigma"]), np.ones(1))
    found = ht.relative_interval(path, R["bounds"][place], LEVEL, first_stage=0)
    # R tries values of a grid: the last that it accepts lies up to a step inside.
    assert 0 <= R["low"][place] - found.low <= R["step"]
    assert 0 <= found.high - R["high"][place] <= R["step"]


def test_parallel_trends_after_are_the_usual_interval():
    path = random_path(np.random.default_rng(2), 4, 3)
    half = stats.norm.ppf(0.975) * path.std_error
    found = ht.relative_interval(path, 0.0, LEVEL)
    assert found == pytest.approx((path.value, path.value, path.value - half, path.value + half), rel=1e-8)


def test_relative_magnitudes_is_shorter_than_bonferroni_and_holds_its_set():
    rng = np.random.default_rng(4)
    for _ in range(20):
        path = random_path(rng, 6, 4)
        for bound in (0.5, 1.0, 2.0):
            found, wide = ht.relative_interval(path, bound, LEVEL), ht.conservative_interval(path, bound, LEVEL)
            steps = np.abs(np.diff(np.append(path.coefficients[:6], 0.0)))
            ahead = np.cumsum(path.target[::-1]).sum()
            assert found.set_high - path.value == pytest.approx(bound * steps.max() * ahead, rel=EXACT)
            assert wide.low < found.low < found.set_low < found.set_high < found.high < wide.high


def test_breakdown_values_are_where_intervals_reach_nothing():
    path = ht.PathEstimate(np.array(R["beta"]), np.array(R["sigma"]), np.ones(1))
    relative, smooth = ht.breakdown_relative(path, LEVEL), ht.breakdown_smoothness(path, LEVEL)
    assert ht.relative_interval(path, relative, LEVEL).high == pytest.approx(0.0, abs=1e-8)
    assert ht.smoothness_interval(path, smooth, LEVEL).high == pytest.approx(0.0, abs=1e-8)
    assert ht.relative_accepts(path, relative * 1.001, LEVEL, 0.0)
    assert not ht.relative_accepts(path, relative * 0.999, LEVEL, 0.0)
    small = path._replace(coefficients=path.coefficients * 0.1)
    assert (ht.breakdown_relative(small, LEVEL), ht.breakdown_smoothness(small, LEVEL)) == (0.0, 0.0)


def test_nothing_before_is_refused():
    path = ht.PathEstimate(np.zeros(2), np.eye(2), np.ones(2) / 2)
    for refused in (ht.smoothness_interval, ht.relative_interval):
        with pytest.raises(ValueError, match="before the reference"):
            refused(path, 1.0, LEVEL)


@pytest.mark.parametrize("bound", [0.0, 0.02, 0.2])
def test_smoothness_covers_at_the_worst_trend(bound):
    """The centre is linear in the coefficients, so that its weights are those of unit vectors."""
    path = random_path(np.random.default_rng(6), 5, 3)
    ends = [ht.smoothness_interval(path._replace(coefficients=e), bound, LEVEL) for e in np.eye(8)]
    weights = np.array([(end.low + end.high) / 2 for end in ends])
    half = (ends[0].high - ends[0].low) / 2
    windows = np.array([-5, -4, -3, -2, -1, 1, 2, 3.0])
    # The worst trend of those whose second differences are the bound, up to a slope, which drops out.
    turns = np.arange(-4, 3)
    side = np.where(turns < 0, np.maximum(turns - windows[:, None], 0), np.maximum(windows[:, None] - turns, 0))
    trend = bound * side @ np.sign(weights @ side) + 0.7 * windows
    draws = np.random.default_rng(1).multivariate_normal(trend, path.covariance, 10_000)
    low, high = band(LEVEL, 10_000)
    assert low <= (np.abs(draws @ weights) <= half).sum() <= high


def covered(replicates, after, bound, seed):
    """How often the test accepts the truth where one step before is largest, and those after as large as allowed."""
    before = 3
    cov = 0.01 * (0.5 * np.eye(before + after) + 0.5)
    trend = np.concatenate([[-0.4, 0.0, 0.0], bound * 0.4 * np.arange(1, after + 1)])
    target = np.full(after, 1 / after)
    draws = np.random.default_rng(seed).multivariate_normal(trend, cov, replicates)
    return sum(ht.relative_accepts(ht.PathEstimate(d, cov, target), bound, LEVEL, 0.0) for d in draws)


@pytest.mark.parametrize(("replicates", "after"), [(2_000, 2), (10_000, 1)])
def test_relative_magnitudes_covers_at_the_worst_trend(replicates, after):
    low, high = band(LEVEL, replicates)
    assert low <= covered(replicates, after, 1.0, 7) <= high
