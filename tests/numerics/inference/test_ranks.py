"""Signed ranks, signs and rank effect sizes: against every sign pattern written out, and scipy where it is exact."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.ranks import (
    binomial_half_tails,
    chance_lower,
    pseudomedian,
    rank_biserial,
    sign_test,
    signed_rank,
)
from iom_causal.numerics.kernels.bernoulli_sums import sum_pmf

EXACT = 1e-12


SETS = [
    [-3, -1, 2, -5, 4, -6],
    [-1, -1, -1, 2, 2, -3],
    [0, 0, -1, 1, -2, -2, 3],
    [0, -4, -4, -4, -4],
    [5, 0, 0, 0],
    [-7, 7, -7, 7, 1, 1],
]


def patterns(values):
    """Every way to flip signs, as rows."""
    return np.array(list(product((-1, 1), repeat=len(values)))) * np.abs(values)


@pytest.mark.parametrize("changes", SETS)
@pytest.mark.parametrize("zeros", ["wilcox", "pratt"])
def test_signed_rank_counts_every_pattern(changes, zeros):
    d = np.array([x for x in changes if x] if zeros == "wilcox" else changes, float)
    rank = stats.rankdata(np.abs(d))
    rank, moved = rank[d != 0], d[d != 0]
    sums = ((patterns(moved) > 0) * rank).sum(1)
    plus = rank[moved > 0].sum()
    got = signed_rank(changes, zeros=zeros)
    assert got.exact
    assert (got.plus, got.minus) == (plus, rank[moved < 0].sum())
    assert got.less == pytest.approx((sums <= plus + 1e-9).mean(), rel=EXACT)
    assert got.greater == pytest.approx((sums >= plus - 1e-9).mean(), rel=EXACT)
    assert got.two_sided == pytest.approx(min(1, 2 * min(got.less, got.greater)), rel=EXACT)


def test_signed_rank_without_ties_is_scipys_exact_test():
    d = np.random.default_rng(1).normal(0.4, 1.0, 40)
    for alternative in ("less", "greater", "two-sided"):
        theirs = stats.wilcoxon(d, method="exact", alternative=alternative).pvalue
        assert getattr(signed_rank(d), alternative.replace("-", "_")) == pytest.approx(theirs, rel=1e-11)


def test_signed_rank_of_nobody_changed_is_one():
    got = signed_rank([0, 0, 0])
    assert (got.n, got.two_sided) == (0, 1.0)


def test_many_people_get_the_normal_approximation_close_to_exact():
    d = np.random.default_rng(2).integers(-6, 6, 520)
    large, part = signed_rank(d[d != 0]), signed_rank(d[d != 0][:450])
    assert part.exact
    few = signed_rank(np.tile([-3, -2, 1, 2, 4], 90))
    many = signed_rank(np.tile([-3, -2, 1, 2, 4], 110))
    assert not many.exact
    assert large.exact == (large.n <= 500)
    assert many.two_sided == pytest.approx(few.two_sided, abs=0.05)
    normal = stats.wilcoxon(np.tile([-3.0, -2, 1, 2, 4], 110), method="asymptotic", correction=True).pvalue
    assert many.two_sided == pytest.approx(normal, rel=1e-9)
    turned = signed_rank(np.tile([3, 2, -1, -2, -4], 110))
    assert (turned.less, turned.greater) == pytest.approx((many.greater, many.less), rel=1e-12)


def test_weights_repeat_people():
    d, w = np.array([-3, 0, 1, 2, -3]), np.array([2, 3, 0, 1, 1])
    whole = np.repeat(d, w)
    assert signed_rank(d, weight=w) == signed_rank(whole)
    assert sign_test(d, weight=w) == sign_test(whole)
    assert float(rank_biserial(d, weight=w)) == float(rank_biserial(whole))
    assert pseudomedian(d, level=0.8, weight=w) == pseudomedian(whole, level=0.8)
    with pytest.raises(InputError, match="IOM-E076"):
        signed_rank(d, weight=w + 0.5)


def test_zeros_are_handled_in_a_named_way():
    with pytest.raises(InputError, match="IOM-E092"):
        signed_rank([1, 2], zeros="split")


@pytest.mark.parametrize(("k", "n"), [(0, 0), (0, 5), (5, 5), (2, 9), (700, 1500)])
def test_half_tails_are_binomial(k, n):
    theirs = stats.binom.cdf(k, n, 0.5), stats.binom.sf(k - 1, n, 0.5)
    assert binomial_half_tails(k, n) == pytest.approx(theirs, rel=1e-11)


def test_the_sign_test_leaves_zeros_out():
    got = sign_test([-1, -1, -1, -1, -1, 0, 0, 3])
    assert (got.plus, got.minus, got.zero) == (1, 5, 2)
    assert got.two_sided == pytest.approx(stats.binomtest(1, 6).pvalue, rel=EXACT)


def test_rank_biserial_by_its_definition_and_in_rows():
    d = np.array([-3, 2, 0, -2, 5, 5, -1])
    rank = stats.rankdata(np.abs(d[d != 0]))
    moved = d[d != 0]
    expected = (rank[moved > 0].sum() - rank[moved < 0].sum()) / rank.sum()
    assert float(rank_biserial(d)) == pytest.approx(expected, rel=EXACT)
    w = np.random.default_rng(7).integers(0, 3, (5, 7))
    rows = [float(rank_biserial(np.repeat(d, row))) for row in w]
    assert rank_biserial(d, weight=w) == pytest.approx(rows, rel=EXACT)
    assert np.isnan(rank_biserial([0, 0]))


def test_chance_lower_by_its_definition():
    a, b = np.array([3, 2, 5, 1]), np.array([1, 2, 0, 4])
    assert float(chance_lower(a, b)) == (2 + 0.5) / 4
    assert chance_lower(a, b, weight=np.array([[2, 0, 0, 1]]))[0] == pytest.approx(2 / 3)


def test_pseudomedian_by_all_pairs():
    d = np.random.default_rng(8).integers(-6, 3, 25)
    i, j = np.triu_indices(25)
    walsh = np.sort((d[i] + d[j]) / 2)
    got = pseudomedian(d, level=0.95)
    assert got.estimate == np.median(walsh)
    cdf = np.cumsum(sum_pmf(np.arange(1, 26)))
    skip = int((cdf <= 0.025).sum()) - 1
    assert (got.low, got.high) == (walsh[skip], walsh[-1 - skip])
    assert np.isnan(pseudomedian([1, 2], level=0.95).low)


def test_pseudomedian_intervals_cover():
    rng = np.random.default_rng(9)
    hits = [pseudomedian(rng.normal(-1, 2, 15), level=0.9) for _ in range(2000)]
    cover = np.mean([x.low <= -1 <= x.high for x in hits])
    assert 0.9 - 4 * (0.09 / 2000) ** 0.5 < cover < 0.93
