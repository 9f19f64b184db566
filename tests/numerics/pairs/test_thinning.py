"""Thinned counts: their distribution, how two probabilities compare, and what they depend on."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.pairs.thinning import thinned
from iom_causal.streams import Streams

RARE = 1e-4
"""Chance that a right sampler is called wrong."""


def keys(size):
    return Streams(5).keys("thinned", np.arange(size))


@pytest.mark.parametrize("probability", [0.07, 0.5, 0.93])
def test_what_stays_is_binomial(probability):
    counts = np.broadcast_to(np.arange(8, dtype=np.uint8), (4000, 8))
    kept = thinned(counts, probability, keys(4000))
    assert kept.dtype == np.uint8
    for k in range(1, 8):
        expected = 4000 * stats.binom.pmf(np.arange(k + 1), k, probability)
        seen = np.bincount(kept[:, k], minlength=k + 1)
        common = expected >= 10
        e, o = np.append(expected[common], expected[~common].sum()), np.append(seen[common], seen[~common].sum())
        near = e > 0
        assert stats.chi2.sf(((o - e)[near] ** 2 / e[near]).sum(), max(int(near.sum()) - 1, 1)) > RARE


def test_events_share_no_coin():
    kept = thinned(np.full((1000, 4), 5), 0.5, keys(1000))
    error = 4 / 1000**0.5
    assert np.abs(np.corrcoef(kept.T) - np.eye(4)).max() < error
    odd = thinned(np.ones((20_000, 2), dtype=np.int64), 0.5, keys(20_000))
    assert abs(np.corrcoef(odd.T)[0, 1]) < 4 / 20_000**0.5


def test_a_larger_probability_leaves_more_of_the_same_events():
    counts = np.random.default_rng(1).poisson(4, (50, 60))
    kept = [thinned(counts, p, keys(50)) for p in (0.0, 0.3, 0.8, 1.0)]
    assert (kept[0] == 0).all()
    assert (kept[1] <= kept[2]).all()
    np.testing.assert_array_equal(kept[3], counts)
    np.testing.assert_array_equal(thinned(counts[30:], 0.3, keys(50)[30:]), kept[1][30:])
