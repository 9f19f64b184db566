"""Bootstrap by unique pairs and BCa intervals: against repeated people and scipy."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.inference.bootstrap import (
    bca_interval,
    leave_one_out_weights,
    resampling_weights,
    unique_pairs,
    weighted_moments,
)
from iom_causal.numerics.inference.paired_moments import paired_moments


def pairs_of(n=50, seed=2):
    rng = np.random.default_rng(seed)
    return rng.poisson(4.0, (n, 2))


def test_weighted_moments_are_those_of_the_repeated_people():
    pairs = unique_pairs(pairs_of())
    weights = resampling_weights(pairs.counts, 6, np.random.default_rng(1))
    got = weighted_moments(pairs.values, weights)
    for k in range(6):
        whole = paired_moments(np.repeat(pairs.values, weights[k].astype(int), axis=0))
        assert [float(x[k]) for x in got] == pytest.approx([float(x) for x in whole], rel=1e-10, abs=1e-12)


def test_resampling_keeps_the_number_of_people():
    pairs = unique_pairs(pairs_of())
    weights = resampling_weights(pairs.counts, 500, np.random.default_rng(1))
    assert set(weights.sum(-1)) == {50.0}
    assert weights.mean(0) == pytest.approx(pairs.counts, abs=5 * (pairs.counts.max() / 500) ** 0.5)


def test_bca_is_scipys_on_the_same_people():
    pairs = pairs_of(60)
    cells = unique_pairs(pairs)

    def ratio(weights):
        a, b = (weights @ cells.values).T
        return b / a

    ours = bca_interval(
        float(ratio(cells.counts[None])[0]),
        ratio(resampling_weights(cells.counts, 20_000, np.random.default_rng(3))),
        ratio(leave_one_out_weights(cells.counts)),
        cells.counts,
        level=0.9,
    )
    theirs = stats.bootstrap(
        tuple(pairs.T),
        lambda a, b, axis=-1: b.sum(axis) / a.sum(axis),
        paired=True,
        confidence_level=0.9,
        n_resamples=20_000,
        rng=np.random.default_rng(4),
    )
    assert ours.method == "BCa"
    width = ours.high - ours.low
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.04 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.04 * width)
    assert ours.std_error == pytest.approx(theirs.standard_error, rel=0.04)


def test_bca_falls_back_where_the_jackknife_is_constant():
    values = np.random.default_rng(5).normal(size=500)
    got = bca_interval(0.0, np.append(values, np.nan), np.ones(4), np.ones(4), level=0.95)
    assert (got.method, got.undefined) == ("percentile", 1)
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))
    none = bca_interval(0.0, np.array([np.nan]), np.ones(2), np.ones(2), level=0.95)
    assert np.isnan(none.low)


def test_unique_pairs_count_weights_and_leave_missing_out():
    pairs = np.array([[3.0, 1.0], [np.nan, 2.0], [3.0, 1.0], [4.0, 4.0]])
    got = unique_pairs(pairs, np.array([1, 1, 2, 0]))
    assert got.values.tolist() == [[3.0, 1.0]]
    assert got.counts.tolist() == [3.0]


def test_bca_moves_towards_the_long_tail():
    x = np.random.default_rng(6).exponential(size=40)
    counts = np.ones(40)
    values = resampling_weights(counts, 8000, np.random.default_rng(7)) @ x / 40
    jackknife = leave_one_out_weights(counts) @ x / 39
    got = bca_interval(x.mean(), values, jackknife, counts, level=0.95)
    plain = np.quantile(values, [0.025, 0.975])
    assert got.method == "BCa"
    assert got.low > plain[0]
    assert got.high > plain[1]
