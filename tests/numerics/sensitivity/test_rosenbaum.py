"""Rosenbaum bounds: every assignment under every hidden cause, R's packages on published pairs, and binomials."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from iom_causal.numerics.inference.ranks import pseudomedian, sign_test, signed_rank
from iom_causal.numerics.inference.ratios import conditional_limits, conditional_p
from iom_causal.numerics.sensitivity.rosenbaum import (
    OwnSplits,
    SignedRanks,
    Split,
    amplified,
    common_ratio,
    gamma_at,
    limits,
    normal_tails,
    p_bounds,
    point_bounds,
    shifts,
    signed_ranks,
    signs,
    splits,
)

EXACT = 1e-11
ROOT = 1e-8
NORMAL = 1e-3  # what an approximation of order 1 / sqrt(n) misses of 500 people off one half

# Blood lead of children of workers and of their controls: Morton et al. (1982), Am. J. Epidemiol. 115, 549-555, as R's
# rbounds 2.2 has them in the examples of psens and hlsens.
WORKERS = (38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48, 44, 35)
WORKERS += (43, 39, 34, 13, 73, 25, 27)
CONTROLS = (16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18, 19, 12)
CONTROLS += (11, 22, 25, 16, 13, 11, 13)
LEAD = np.subtract(WORKERS, CONTROLS).astype(float)
# DNA elution rates of welders and of their controls: Werfel et al. (1998), Carcinogenesis 19, 413-418, as R's
# sensitivitymv has them in erpcp.
WELDERS = """
    0.899 1.233 1.733 3.156 1.749 0.431 1.43 1.283 1.137 1.728 2.233 2.021 1.048 1.248 0.958 0.954 0.459
    1.106 1.195 1.818 1.72 2.373 1.147 0.915 1.149 0.983 1.261 1.234 0.976 3.476 1.659 0.76 1.138 1.692 1.754
    0.78 1.223 0.942 1.433
"""
OTHERS = """
    0.751 0.875 0.161 0.63 1.462 0.702 0.936 0.567 0.726 0.74 1.16 0.924 0.557 0.954 0.896 0.537 1.345 0.792
    1.017 0.951 1.181 0.582 1.148 0.982 0.37 0.87 0.532 0.86 0.366 1.199 1.356 1.086 0.611 0.489 0.9 0.511
    0.54 1.132 0.655
"""
ELUTION = np.subtract(*(np.array(text.split(), float) for text in (WELDERS, OTHERS)))


def _ranked(d):
    return signed_ranks(d, np.ones(len(d), int))


def _tail_of_every_hidden_cause(at_least, gamma):
    """P(event) for each u in {0, 1}^n, of an event of the 2^n assignments, by contraction over one person at a time."""
    n = round(math.log2(at_least.size))
    up = gamma / (1 + gamma)
    chance = np.array([[up, 1 - up], [1 - up, up]])  # of (fall, rise), for u = 0 and for u = 1
    table = at_least.astype(float).reshape((2,) * n)
    for axis in range(n):
        table = np.moveaxis(np.tensordot(chance, table, axes=(1, axis)), 0, axis)
    return table.ravel()


SETS = [
    [-3, -1, 2, -5, 4, -6, 7],
    [-1, -1, -1, 2, 2, -3, 3, 1],
    [1, 1, 1, -1, -1],
    [0, 0, -1, 1, -2, -2, 3],
    [5, -4, 3, 3, -2, 1, 6, 7, -7, 8, 9, 2],
]


@pytest.mark.parametrize("d", SETS)
@pytest.mark.parametrize("gamma", [1.0, 1.7, 4.0])
@pytest.mark.parametrize("make", [_ranked, lambda d: signs(d, np.ones(len(d), int))], ids=["ranks", "signs"])
def test_no_hidden_cause_gives_more_than_the_bound_and_one_gives_it(d, gamma, make):
    d = np.array(d, float)
    statistic, moved = make(d), d[d != 0]
    score = stats.rankdata(np.abs(moved)) if isinstance(statistic, SignedRanks) else np.ones(len(moved))
    observed = score[moved > 0].sum()
    taken = np.array(np.meshgrid(*[[0, 1]] * len(moved), indexing="ij")).reshape(len(moved), -1)
    sums = score @ taken
    for alternative, event in (("greater", sums >= observed - 1e-9), ("less", sums <= observed + 1e-9)):
        every = _tail_of_every_hidden_cause(event, gamma)
        low, high = p_bounds(statistic, gamma, alternative)
        assert (low, high) == pytest.approx((every.min(), every.max()), rel=EXACT)


def test_without_bias_p_values_are_those_of_the_signed_rank_and_the_sign_test():
    for d in (LEAD, ELUTION, np.random.default_rng(1).integers(-9, 5, 80).astype(float)):
        ranked, counted, one = signed_rank(d), sign_test(d), np.ones(len(d), int)
        for alternative in ("less", "greater", "two_sided"):
            name = alternative.replace("_", "-")
            assert p_bounds(_ranked(d), 1.0, name) == pytest.approx([getattr(ranked, alternative)] * 2, rel=EXACT)
            assert p_bounds(signs(d, one), 1.0, name) == pytest.approx([getattr(counted, alternative)] * 2, rel=EXACT)
    untied = np.random.default_rng(2).normal(-0.4, 1, 60)
    assert p_bounds(_ranked(untied), 1.0, "two-sided")[1] == pytest.approx(
        stats.wilcoxon(untied, method="exact").pvalue, rel=EXACT
    )


def test_the_normal_distribution_of_many_people_takes_over_where_the_exact_one_ends(monkeypatch):
    few = _ranked(np.round(np.random.default_rng(4).normal(-0.1, 1, 500), 1))
    exact = [p_bounds(few, gamma, "less") for gamma in (1.0, 1.3)]
    monkeypatch.setattr("iom_causal.numerics.sensitivity.rosenbaum.EXACT_UP_TO", 0)
    assert np.ravel([p_bounds(few, gamma, "less") for gamma in (1.0, 1.3)]) == pytest.approx(
        np.ravel(exact), abs=NORMAL
    )


def test_of_many_people_the_normal_distribution_is_that_of_the_signed_rank_test():
    d = np.random.default_rng(3).normal(-0.1, 1, 700)
    assert not _ranked(d).exact
    assert p_bounds(_ranked(d), 1.0, "two-sided")[1] == pytest.approx(signed_rank(d).two_sided, rel=EXACT)


RBOUNDS = {1: 0.0, 2: 0.0018, 3: 0.0131, 4: 0.0367, 5: 0.0694, 6: 0.1073}
"""R 4, rbounds psens on LEAD: upper p-values, normal approximation, four decimals."""


@pytest.mark.parametrize("gamma", RBOUNDS)
def test_p_values_of_rbounds_are_the_normal_ones_and_the_exact_ones_lie_near(gamma):
    found = _ranked(LEAD)
    normal = normal_tails(found.steps, found.rises, gamma / (1 + gamma)).greater
    assert normal == pytest.approx(RBOUNDS[gamma], abs=5.1e-5)
    assert p_bounds(found, gamma, "greater")[1] == pytest.approx(normal, abs=0.013)


HODGES_LEHMANN = {2: (10.5, 19.6), 3: (8.0, 23.1), 4: (6.5, 25.1), 5: (5.0, 26.6), 6: (4.0, 28.1)}
"""R 4, rbounds hlsens on LEAD: it walks in steps of .1 from 15.5 until the rank sum has passed what is expected."""


@pytest.mark.parametrize("gamma", HODGES_LEHMANN)
def test_estimates_are_those_of_rbounds_up_to_its_steps(gamma):
    found = point_bounds(shifts(LEAD, np.ones(33, int), ranks=True), gamma)
    assert found == pytest.approx(HODGES_LEHMANN[gamma], abs=0.1 + 0.16)


SENMV = {2.0: 0.001441323, 3.0: 0.01672716, 3.5: 0.0338552}
"""R 4, sensitivitymv senmv(erpcp, trim = 1): p-values; the deviate at Gamma 2 is 2.979983."""


@pytest.mark.parametrize("gamma", SENMV)
def test_scores_of_an_m_statistic_give_what_senmv_gives(gamma):
    sizes = np.abs(ELUTION)
    scores = np.minimum(1.0, sizes / np.median(sizes))
    p = normal_tails(scores, scores[ELUTION > 0].sum(), gamma / (1 + gamma)).greater
    assert p == pytest.approx(SENMV[gamma], rel=1e-6)
    assert gamma > 2 or stats.norm.isf(p) == pytest.approx(2.979983, abs=5e-7)


def test_pairs_of_smokers_have_binomial_p_values():
    """110 of 122 discordant pairs; the figures .00001, .0008, .01154, .05638 that circulate are of 111 or more."""
    for gamma, more in ((3, 0.00001), (4, 0.0008), (5, 0.01154), (6, 0.05638)):
        assert p_bounds(Split(12, 110), gamma, "greater")[1] == pytest.approx(
            stats.binom.sf(109, 122, gamma / (1 + gamma)), rel=1e-10
        )
        assert p_bounds(Split(11, 111), gamma, "greater")[1] == pytest.approx(more, abs=5e-6)


@pytest.mark.parametrize(
    "statistic",
    [_ranked(LEAD), signs(LEAD, np.ones(33, int)), Split(1539, 812, 549 / 547), Split(30, 18, 0.5)],
    ids=["ranks", "signs", "events", "few events"],
)
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_at_the_gamma_that_is_found_p_is_the_level(statistic, alternative):
    gamma = gamma_at(statistic, alternative, 0.05)
    p = p_bounds(statistic, gamma, alternative)[1]
    if p_bounds(statistic, 1.0, alternative)[1] >= 0.05:
        assert gamma == 1.0
    else:
        assert p == pytest.approx(0.05, rel=ROOT)
        assert p_bounds(statistic, gamma * (1 + 1e-6), alternative)[1] > 0.05


CHANGES = st.lists(st.integers(-8, 8), min_size=2, max_size=25)
GAMMAS = st.lists(st.floats(1.0, 20.0), min_size=2, max_size=6)


@given(
    CHANGES, st.lists(st.floats(1.0, 20.0), min_size=2, max_size=6), st.sampled_from(("two-sided", "less", "greater"))
)
@settings(max_examples=60, deadline=None)
def test_bounds_move_apart_with_gamma(d, gammas, alternative):
    gammas = sorted(gammas)
    d, one = np.array(d, float), np.ones(len(d), int)
    for statistic in (signed_ranks(d, one), signs(d, one)):
        low, high = np.array([p_bounds(statistic, g, alternative) for g in gammas]).T
        assert (np.diff(high) >= -EXACT).all()
        assert (np.diff(low) <= EXACT).all()
    for ranks in (True, False):
        found = shifts(d, one, ranks=ranks)
        points = np.array([point_bounds(found, g) for g in gammas])
        assert (np.diff(points, axis=0) * [-1, 1] >= 0).all()
        ends = np.array([limits(found, g, 0.8) for g in gammas])
        ends = np.where(np.isnan(ends), [-np.inf, np.inf], ends)
        assert (ends[1:, 0] <= ends[:-1, 0]).all()
        assert (ends[1:, 1] >= ends[:-1, 1]).all()
        assert (ends[:, 0] <= points[:, 0]).all()


def test_without_bias_estimate_and_interval_are_those_of_hodges_and_lehmann():
    for d in (LEAD, LEAD[:10], ELUTION):
        one, ours = np.ones(len(d), int), pseudomedian(d, level=0.9)
        found = shifts(d, one, ranks=True)
        assert point_bounds(found, 1.0) == (ours.estimate, ours.estimate)
        assert limits(found, 1.0, 0.9) == (ours.low, ours.high)
    assert point_bounds(shifts(LEAD, np.ones(33, int), ranks=False), 1.0) == (np.median(LEAD),) * 2


def test_a_shift_beyond_a_limit_is_rejected_under_that_bias_and_one_inside_is_not():
    d, gamma = np.random.default_rng(5).normal(-2, 3, 40), 1.8
    for ranks, make in ((True, _ranked), (False, lambda x: signs(x, np.ones(len(x), int)))):
        low, high = limits(shifts(d, np.ones(40, int), ranks=ranks), gamma, 0.95)
        assert p_bounds(make(d - low + 1e-9), gamma, "two-sided")[1] <= 0.05
        assert p_bounds(make(d - low - 1e-9), gamma, "two-sided")[1] > 0.05
        assert p_bounds(make(d - high - 1e-9), gamma, "two-sided")[1] <= 0.05
        assert p_bounds(make(d - high + 1e-9), gamma, "two-sided")[1] > 0.05


def test_the_same_people_in_rows_with_counts_give_the_same():
    d, w = np.array([-3.0, 1.0, 0.0, 2.0]), np.array([3, 1, 2, 2])
    whole, one = np.repeat(d, w), np.ones(8, int)
    assert p_bounds(signed_ranks(d, w), 2.0, "less") == p_bounds(signed_ranks(whole, one), 2.0, "less")
    assert signs(d, w) == signs(whole, one)
    assert limits(shifts(d, w, ranks=True), 1.5, 0.8) == limits(shifts(whole, one, ranks=True), 1.5, 0.8)


def test_events_of_one_ratio_of_days_are_a_binomial():
    got = p_bounds(Split(1539, 812, 549 / 547), 1.0, "two-sided")
    assert got == pytest.approx([conditional_p(1539, 812, 549 / 547)[2]] * 2, rel=EXACT)
    ratio = common_ratio(Split(30, 18, 0.8), 0.95)
    low, high = conditional_limits(30, 18, 0.95, days=0.8)
    assert ratio == pytest.approx((18 / 30 / 0.8, low, high), rel=1e-9)


def test_events_of_days_of_ones_own_are_a_sum_of_binomials():
    before, after, days = np.array([4, 1, 3]), np.array([1, 2, 1]), np.array([0.5, 1.0, 1.2])
    found = splits(before, after, days)
    assert isinstance(found, OwnSplits)
    pmf = np.ones(1)
    for n, c in zip(before + after, days, strict=True):
        odds = c * 1.5
        pmf = np.convolve(pmf, stats.binom.pmf(np.arange(n + 1), n, odds / (1 + odds)))
    assert found.tails(1.5) == pytest.approx((pmf[:5].sum(), pmf[4:].sum()), rel=EXACT)
    ratio = common_ratio(found, 0.9)
    expected = np.sum((before + after) * ratio.estimate * days / (1 + ratio.estimate * days))
    assert expected == pytest.approx(after.sum(), rel=1e-10)
    assert found.tails(ratio.low).greater == pytest.approx(0.05, rel=ROOT)
    assert found.tails(ratio.high).less == pytest.approx(0.05, rel=ROOT)


def test_people_of_one_ratio_of_days_are_one_split_and_the_sum_agrees_with_it():
    before, after = np.array([4, 0, 3]), np.array([1, 0, 1])
    one = splits(before, after, np.array([0.5, 9.0, 0.5]))  # who has no events tells nothing
    assert one == Split(7, 2, 0.5)
    assert OwnSplits(before + after, np.full(3, 0.5), 2).tails(1.3) == pytest.approx(one.tails(1.3), rel=EXACT)


def test_of_many_events_the_normal_distribution_stands_in(monkeypatch):
    rng = np.random.default_rng(6)
    events, days = rng.poisson(9, 200), rng.uniform(0.6, 1.1, 200)
    found = OwnSplits(events, days, int(0.42 * events.sum()))
    exact = found.tails(1.0)
    monkeypatch.setattr("iom_causal.numerics.sensitivity.rosenbaum.EXACT_EVENTS", 100)
    assert not found.exact
    assert found.tails(1.0) == pytest.approx(exact, abs=2e-4)


def test_without_a_change_or_an_event_p_is_1_and_no_bias_is_needed():
    nobody = np.zeros(4)
    for statistic in (_ranked(nobody), signs(nobody, np.ones(4, int)), splits(*np.zeros((2, 3), int), np.ones(3))):
        assert p_bounds(statistic, 3.0, "two-sided") == (1.0, 1.0)
        assert gamma_at(statistic, "two-sided", 0.05) == 1.0
    assert common_ratio(Split(0, 0), 0.95) == pytest.approx((math.nan, 0.0, math.inf), nan_ok=True)
    assert common_ratio(Split(5, 0), 0.95)[:2] == (0.0, 0.0)
    assert common_ratio(Split(0, 5), 0.95)[::2] == (math.inf, math.inf)


def test_limits_of_too_few_people_are_none():
    assert np.isnan(limits(shifts([1.0, 2.0], np.ones(2, int), ranks=True), 2.0, 0.95)).all()


@given(st.floats(1.01, 9.0), st.floats(1.1, 20.0))
def test_an_amplification_is_undone_by_its_formula(gamma, times):
    one = gamma * times
    other = float(amplified(gamma, one))
    assert (one * other + 1) / (one + other) == pytest.approx(gamma, rel=1e-9)
    assert amplified(gamma, other) == pytest.approx(one, rel=1e-6)
