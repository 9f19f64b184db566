"""Moments, the paired t, equivalence and effect sizes: against scipy, exact fractions and printed figures."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.effect_sizes import KINDS, effect_size, effect_size_values, effect_sizes
from iom_causal.numerics.inference.noncentral_t import noncentrality_limits
from iom_causal.numerics.inference.paired import degenerate, equivalence, paired_t, t_statistic
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments
from tests.oracles.published_moments import moments_from_summary

EXACT = 1e-12
PAPER = {"n": 225, "mean_pre": 6.84, "sd_pre": 4.75, "mean_post": 3.61, "sd_post": 3.66, "t": 11.64}


def counts(shape, seed=1):
    rng = np.random.default_rng(seed)
    return rng.poisson(4.0, (*shape, 2)) + np.array([2, 0])


def same(a, b, rel=EXACT):
    for x, y in zip(a, b, strict=True):
        assert np.asarray(x) == pytest.approx(np.asarray(y), rel=rel, nan_ok=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.int64, np.float64])
def test_moments_are_those_of_numpy(dtype):
    pairs = counts((5, 300)).astype(dtype)
    m = paired_moments(pairs)
    for k in range(5):
        a, b = pairs[k].astype(float).T
        known = (300, a.mean(), b.mean(), (b - a).mean(), a.std(ddof=1), b.std(ddof=1), (b - a).std(ddof=1))
        same([x[k] for x in m[:7]], known)
        assert m.r[k] == pytest.approx(np.corrcoef(a, b)[0, 1], rel=EXACT)


def test_moments_of_bytes_are_exact_at_their_largest():
    pairs = np.full((1, 1000, 2), 255, np.uint8)
    pairs[0, 0] = (254, 0)
    m = paired_moments(pairs)
    assert float(m.mean_before[0]) == float(Fraction(255 * 999 + 254, 1000))
    spread = Fraction(1000 * (255**2 * 999 + 254**2) - (255 * 999 + 254) ** 2, 1000 * 999)
    assert float(m.sd_before[0]) ** 2 == pytest.approx(float(spread), rel=EXACT)


def test_falls_of_unsigned_counts_do_not_wrap():
    assert float(paired_moments(np.array([[5, 3], [9, 2]], np.uint8)).mean_change) == -4.5


def test_large_counts_do_not_overflow():
    pairs = np.array([[10**9, 10**9 + 3], [10**9 + 1, 10**9], [5, 10**9]], np.int64)
    a = pairs[:, 0]
    m = paired_moments(pairs)
    assert float(m.mean_before) == pytest.approx(a.mean(), rel=EXACT)
    assert float(m.sd_before) == pytest.approx(a.astype(float).std(ddof=1), rel=EXACT)


def test_weights_repeat_rows_in_every_kernel():
    pairs = counts((3, 80))
    w = np.random.default_rng(2).integers(0, 4, (3, 80))
    for values in (pairs.astype(np.uint8), pairs.astype(np.int32), pairs.astype(float)):
        m = paired_moments(values, w)
        for k in range(3):
            same([x[k] for x in m], paired_moments(np.repeat(values[k], w[k], axis=0)), rel=1e-11)
    same(paired_moments(pairs, w.astype(float)), paired_moments(pairs, w), rel=1e-11)


def test_missing_pairs_are_left_out():
    pairs = counts((40,)).astype(float)
    pairs[3, 1] = pairs[7, 0] = np.nan
    same(paired_moments(pairs), paired_moments(np.delete(pairs, [3, 7], axis=0)))


@pytest.mark.parametrize("power", [600, -600, -996])
def test_units_do_not_matter(power):
    pairs = counts((60,)).astype(float)
    scaled = paired_moments(pairs * 2.0**power)
    assert float(t_statistic(scaled)) == pytest.approx(float(t_statistic(paired_moments(pairs))), rel=EXACT)
    assert float(scaled.r) == pytest.approx(float(paired_moments(pairs).r), rel=EXACT)


def test_offsets_do_not_matter():
    pairs = np.array([[1e8, 1e8 + 4], [1e8, 1e8 + 7], [1e8, 1e8 + 13], [1e8, 1e8 + 16]])
    assert float(paired_moments(pairs).sd_change) ** 2 == pytest.approx(30.0, rel=EXACT)


def test_moments_refuse_other_shapes():
    with pytest.raises(InputError, match="IOM-E037"):
        paired_moments(np.zeros((4, 3)))


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_the_paired_t_is_that_of_scipy(alternative):
    pairs = counts((6, 50))
    test = paired_t(paired_moments(pairs), level=0.9, alternative=alternative)
    for k in range(6):
        theirs = stats.ttest_rel(pairs[k, :, 1], pairs[k, :, 0], alternative=alternative)
        ends = theirs.confidence_interval(0.9)
        ours = [float(x[k]) for x in (test.statistic, test.p_value, test.conf_low, test.conf_high)]
        assert ours == pytest.approx([theirs.statistic, theirs.pvalue, *ends], rel=1e-11)


def test_sleep_and_a_documented_example():
    sleep = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    m = paired_moments(np.column_stack(sleep)[:, ::-1])
    test = paired_t(m, level=0.95)
    assert [float(test.statistic), float(test.p_value)] == pytest.approx([-4.06213, 0.002833], abs=5e-6)
    assert [float(test.conf_low), float(test.conf_high)] == pytest.approx([-2.459886, -0.700114], abs=5e-7)
    pre, post = [5.5, 2.4, 6.8, 9.6, 4.2], [6.4, 3.4, 6.4, 11.0, 4.8]
    m = paired_moments(np.column_stack([pre, post]))
    assert float(t_statistic(m)) == pytest.approx(2.3078, abs=5e-5)
    assert float(effect_size(m, "dav", level=0.95).estimate) == pytest.approx(0.2508, abs=5e-5)


def test_degenerate_changes_have_codes():
    pairs = np.array([[[3, 3], [5, 5]], [[5, 3], [9, 7]], [[5, 3], [9, 2]]])
    assert degenerate(paired_moments(pairs)).tolist() == [62, 63, 0]
    assert degenerate(paired_moments(pairs[:, :1])).tolist() == [60, 60, 60]
    assert np.isnan(t_statistic(paired_moments(pairs))[:2]).all()


def test_equivalence_is_two_t_tests_of_scipy():
    pairs = counts((40,))
    d = pairs[:, 1] - pairs[:, 0]
    test = equivalence(paired_moments(pairs), low=-3.0, high=0.5)
    below = stats.ttest_1samp(d, 0.5, alternative="less").pvalue
    above = stats.ttest_1samp(d, -3.0, alternative="greater").pvalue
    assert float(test.p_value) == pytest.approx(max(below, above), rel=1e-11)


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


def test_moments_are_a_named_tuple_of_arrays():
    m = paired_moments(counts((4, 30)))
    assert isinstance(m, PairedMoments)
    assert {x.shape for x in m} == {(4,)}


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
