"""Moments of pairs: against numpy and exact fractions, with weights, gaps and large counts."""

from fractions import Fraction

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.inference.paired import t_statistic
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments

EXACT = 1e-12


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
    assert float(m.mean_pre[0]) == float(Fraction(255 * 999 + 254, 1000))
    spread = Fraction(1000 * (255**2 * 999 + 254**2) - (255 * 999 + 254) ** 2, 1000 * 999)
    assert float(m.sd_pre[0]) ** 2 == pytest.approx(float(spread), rel=EXACT)


def test_falls_of_unsigned_counts_do_not_wrap():
    assert float(paired_moments(np.array([[5, 3], [9, 2]], np.uint8)).mean_change) == -4.5


def test_large_counts_do_not_overflow():
    pairs = np.array([[10**9, 10**9 + 3], [10**9 + 1, 10**9], [5, 10**9]], np.int64)
    a = pairs[:, 0]
    m = paired_moments(pairs)
    assert float(m.mean_pre) == pytest.approx(a.mean(), rel=EXACT)
    assert float(m.sd_pre) == pytest.approx(a.astype(float).std(ddof=1), rel=EXACT)


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


def test_moments_are_a_named_tuple_of_arrays():
    m = paired_moments(counts((4, 30)))
    assert isinstance(m, PairedMoments)
    assert {x.shape for x in m} == {(4,)}
