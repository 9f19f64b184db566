"""Effect sizes by their definitions, published values, and coverage of their intervals."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.inference.effect_sizes import KINDS, effect_size, effect_size_values, effect_sizes
from iom_causal.numerics.inference.noncentral_t import noncentrality_limits
from iom_causal.numerics.inference.paired import t_statistic
from iom_causal.numerics.inference.paired_moments import paired_moments
from tests.oracles.published_moments import moments_from_summary

EXACT = 1e-12
PAPER = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66, "t": 11.64}


def counts(shape, seed=1):
    rng = np.random.default_rng(seed)
    return rng.poisson(4.0, (*shape, 2)) + np.array([2, 0])


def same(a, b, rel=EXACT):
    for x, y in zip(a, b, strict=True):
        assert np.asarray(x) == pytest.approx(np.asarray(y), rel=rel, nan_ok=True)


def test_the_published_arrests():
    m = moments_from_summary(**PAPER)
    sizes = {kind: effect_size(m, kind, level=0.95) for kind in KINDS}
    printed = {"dz": -0.776, "drm": -0.748, "dav": -0.762, "dav_meansd": -0.768, "glass": -0.680, "r": -0.614}
    assert {k: round(float(sizes[k].estimate), 3) for k in printed} == printed
    assert (round(float(sizes["dz"].conf_low), 5), round(float(sizes["dz"].conf_high), 5)) == (-0.92442, -0.62623)
    assert float(m.r) == pytest.approx(0.5359, abs=5e-5)


@pytest.mark.parametrize("with_r", [True, False])
def test_summary_and_people_agree(with_r):
    m = paired_moments(counts((90,)))
    n, m1, m2, _, s1, s2, _, r = (float(x) for x in m)
    extra = {"r": r} if with_r else {"t": abs(float(t_statistic(m)))}
    again = moments_from_summary(n=n, mean_pre=m1, sd_pre=s1, mean_post=m2, sd_post=s2, **extra)
    same(again, m)
    for kind in KINDS:
        same(effect_size(again, kind, level=0.95), effect_size(m, kind, level=0.95), rel=1e-11)


def test_effect_sizes_by_their_definitions():
    pairs = counts((70,))
    a, b = pairs.astype(float).T
    m, d, n = paired_moments(pairs), b - a, 70
    t = stats.ttest_rel(b, a).statistic
    low, high = (float(x) for x in noncentrality_limits(t, n - 1, 0.95))
    r, dz = np.corrcoef(a, b)[0, 1], d.mean() / d.std(ddof=1)
    expected = {
        "dz": (dz, low / n**0.5, high / n**0.5),
        "drm": (dz * (2 * (1 - r)) ** 0.5, low * (2 * (1 - r) / n) ** 0.5, high * (2 * (1 - r) / n) ** 0.5),
        "r": tuple(x / np.hypot(x, (n - 1) ** 0.5) for x in (t, low, high)),
        "cles": tuple(stats.norm.cdf(-x / n**0.5) for x in (t, high, low)),
    }
    for kind, values in expected.items():
        got = effect_size(m, kind, level=0.95)
        assert [float(got.estimate), float(got.conf_low), float(got.conf_high)] == pytest.approx(values, rel=1e-9)
    spread = ((a.var(ddof=1) + b.var(ddof=1)) / 2) ** 0.5
    assert float(effect_size(m, "dav", level=0.95).estimate) == pytest.approx(d.mean() / spread, rel=EXACT)


def test_the_share_of_variance_has_its_floor_at_zero():
    pairs = np.array([[1, 2], [2, 1], [3, 5], [5, 4], [2, 2], [6, 7]])
    size = effect_size(paired_moments(pairs), "r_squared", level=0.95)
    assert float(size.conf_low) == 0.0
    assert 0 < float(size.estimate) < float(size.conf_high)


def test_all_at_once_equals_one_by_one():
    m = paired_moments(counts((4, 30)))
    for kind, size in effect_sizes(m, level=0.9).items():
        same(size, effect_size(m, kind, level=0.9), rel=0)
        assert effect_size_values(m, kind) == pytest.approx(size.estimate, rel=0)


def test_hedges_needs_three_people():
    two = effect_size(paired_moments(np.array([[3, 1], [5, 4]])), "hedges", level=0.95)
    assert np.isnan(float(two.estimate))


@pytest.mark.parametrize("kind", ["dav", "glass"])
def test_large_sample_intervals_cover(kind):
    rng = np.random.default_rng(20081)
    n, reps, r, s2 = 40, 4000, 0.6, 1.4
    z = rng.normal(size=(reps, n, 2))
    before = z[..., 0]
    after = s2 * (r * z[..., 0] + (1 - r**2) ** 0.5 * z[..., 1]) - 0.5
    size = effect_size(paired_moments(np.stack([before, after], -1)), kind, level=0.95)
    truth = -0.5 / (((1 + s2**2) / 2) ** 0.5 if kind == "dav" else 1.0)
    cover = np.mean((size.conf_low <= truth) & (truth <= size.conf_high))
    assert cover == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / reps) ** 0.5)


def test_bonetts_variances():
    m = paired_moments(counts((45,)))
    n, _, _, d, s1, s2, sd, r = (float(x) for x in m)
    nu = n - 1
    mean_square = (s1**2 + s2**2) / 2
    nu_av = nu * (s1**2 + s2**2) ** 2 / (s1**4 + s2**4 + 2 * r**2 * s1**2 * s2**2)
    dav = effect_size(m, "dav", level=0.9)
    var = float(dav.estimate) ** 2 / (2 * nu_av) + sd**2 / (nu * mean_square)
    assert float(dav.std_error) ** 2 == pytest.approx(var, rel=EXACT)
    glass = effect_size(m, "glass", level=0.9)
    var = (d / s1) ** 2 / (2 * nu) + sd**2 / (nu * s1**2)
    assert float(glass.std_error) ** 2 == pytest.approx(var, rel=EXACT)
    half = stats.norm.isf(0.05) * var**0.5
    ends = float(glass.conf_low), float(glass.conf_high)
    assert ends == pytest.approx((d / s1 - half, d / s1 + half), rel=EXACT)
