"""Ratios of window rates: against printed figures, scipy's binomial test, and regression by statsmodels."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.inference.ratios import (
    conditional_limits,
    conditional_p,
    quasi_dispersion,
    robust_from_moments,
    robust_from_people,
    t_limits,
)
from tests.oracles.published_moments import moments_from_summary

EXACT = 1e-12


def people(n=80, seed=1):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.0, n)
    return np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], -1)


def test_the_published_arrests():
    m = moments_from_summary(n=225, mean_pre=1539 / 225, sd_pre=4.75, mean_post=812 / 225, sd_post=3.66, t=11.64)
    fit = robust_from_moments(m)
    assert float(fit.log_ratio) == pytest.approx(-0.639388, abs=5e-7)
    assert float(fit.std_error) == pytest.approx(0.0578532, abs=5e-8)
    assert [float(x) for x in t_limits(fit, 0.95)] == pytest.approx([0.470646, 0.591480], abs=5e-7)
    assert [float(x) for x in conditional_limits(1539, 812, 0.95)] == pytest.approx([0.4840192, 0.5748071], abs=5e-8)


def test_moments_and_people_give_the_same_robust_error():
    pairs = people()
    a, b = pairs.astype(float).T
    direct = np.sum((b - b.sum() / a.sum() * a) ** 2) / b.sum() ** 2
    by_moments = robust_from_moments(paired_moments(pairs))
    by_people = robust_from_people(a, b, 1.0, 1.0)
    for fit in (by_moments, by_people):
        assert float(fit.std_error) ** 2 == pytest.approx(direct, rel=1e-11)
        assert float(fit.log_ratio) == pytest.approx(np.log(b.sum() / a.sum()), rel=EXACT)


@pytest.mark.parametrize("personal", [False, True])
def test_robust_error_is_that_of_clustered_poisson_regression(personal):
    import statsmodels.api as sm

    pairs = people(60, seed=3)
    rng = np.random.default_rng(4)
    days = rng.integers(200, 549, (60, 2)).astype(float) if personal else np.tile([547.0, 549.0], (60, 1))
    y, t, post = pairs.ravel().astype(float), days.ravel(), np.tile([0.0, 1.0], 60)
    model = sm.GLM(y, sm.add_constant(post), family=sm.families.Poisson(), offset=np.log(t))
    groups = np.repeat(np.arange(60), 2)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, tol=1e-13)
    ours = robust_from_people(*pairs.astype(float).T, *days.T)
    assert float(ours.log_ratio) == pytest.approx(fit.params[1], rel=1e-9)
    assert float(ours.std_error) == pytest.approx(fit.bse[1], rel=1e-9)


def test_weights_repeat_people_and_replicates_do_not_mix():
    pairs = people()
    a, b = pairs.astype(float).T
    w = np.random.default_rng(5).integers(0, 3, (4, 80))
    many = robust_from_people(np.tile(a, (4, 1)), np.tile(b, (4, 1)), 547.0, 549.0, weight=w)
    phi = quasi_dispersion(np.tile(a, (4, 1)), np.tile(b, (4, 1)), weight=w)
    for k in range(4):
        whole = np.repeat(pairs, w[k], axis=0).T
        one = robust_from_people(*whole, 547.0, 549.0)
        assert [float(x[k]) for x in many] == pytest.approx([float(x) for x in one], rel=1e-11)
        assert phi[k] == pytest.approx(float(quasi_dispersion(*whole)), rel=1e-11)


@pytest.mark.parametrize(("before", "after"), [(12, 5), (1, 0), (0, 4), (700, 640), (3, 3)])
def test_conditional_limits_are_clopper_and_pearson(before, after):
    low, high = (float(x) for x in conditional_limits(before, after, 0.9, days=549 / 547))
    ends = stats.binomtest(after, before + after).proportion_ci(0.9, method="exact")
    odds = [np.inf if p == 1 else p / (1 - p) * 547 / 549 for p in ends]
    assert [low, high] == pytest.approx(odds, rel=1e-8, abs=1e-15)


def test_conditional_p_doubles_the_binomial_tail():
    share = 549 / (547 + 549)
    less, greater = stats.binom.cdf(5, 17, share), stats.binom.sf(4, 17, share)
    got = conditional_p(12, 5, 549 / 547)
    assert got == pytest.approx((less, greater, min(1, 2 * min(less, greater))), rel=1e-11)
    assert conditional_p(0, 0)[2] == 1.0


def test_zero_after_has_the_exact_upper_limit():
    low, high = conditional_limits(600, 0, 0.95)
    p = 1 - 0.025 ** (1 / 600)
    assert (float(low), float(high)) == (0.0, pytest.approx(p / (1 - p), rel=1e-11))


def test_quasi_dispersion_is_pearsons_of_a_binomial_regression():
    a, b = people().astype(float).T
    s = a + b
    keep = s > 0
    p = b.sum() / s.sum()
    terms = (b - s * p)[keep] ** 2 / (s * p * (1 - p))[keep]
    assert float(quasi_dispersion(a, b)) == pytest.approx(terms.sum() / (keep.sum() - 1), rel=EXACT)


def test_robust_t_intervals_hold_with_twenty_people():
    rng = np.random.default_rng(20)
    reps, n = 6000, 20
    cov = np.array([[0.34, 0.3], [0.3, 0.75]])
    z = rng.multivariate_normal(-np.diag(cov) / 2, cov, (reps, n))
    pairs = rng.poisson(np.exp(z) * [6.84, 3.61])
    low, high = t_limits(robust_from_moments(paired_moments(pairs)), 0.95)
    truth = 3.61 / 6.84
    cover = np.mean((low <= truth) & (truth <= high))
    exact = conditional_limits(pairs[..., 0].sum(-1), pairs[..., 1].sum(-1), 0.95)
    naive = np.mean((exact[0] <= truth) & (truth <= exact[1]))
    assert cover == pytest.approx(0.94, abs=0.012)
    assert naive < 0.88
