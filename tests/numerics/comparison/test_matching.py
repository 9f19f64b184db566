"""Matching against a search through everybody, one at a time."""

import itertools

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.comparison.matching import nearest_within, strata_of

N = 60


def people(seed):
    rng = np.random.default_rng(seed)
    wanted = rng.random(N) < 0.3
    offered = ~wanted & (rng.random(N) < 0.8)
    return rng.integers(0, 9, N).astype(float), rng.integers(0, 2, N), wanted, offered


@pytest.mark.parametrize("seed", range(20))
def test_pairs_are_near_alike_and_nobody_twice(seed):
    value, strata, wanted, offered = people(seed)
    pair = nearest_within(value, strata, wanted, offered, 1.0, np.random.default_rng(seed))
    mine = np.flatnonzero(pair >= 0)
    theirs = pair[mine]
    assert wanted[mine].all()
    assert offered[theirs].all()
    assert len(set(theirs.tolist())) == theirs.size
    assert (strata[mine] == strata[theirs]).all()
    assert (np.abs(value[mine] - value[theirs]) <= 1.0).all()
    # Nobody is left alone while somebody near enough is left over, nor has a pair farther than one left over.
    left = np.setdiff1d(np.flatnonzero(offered), theirs)
    for person, other in itertools.product(np.flatnonzero(wanted), left):
        if strata[person] == strata[other]:
            distance = abs(value[person] - value[other])
            assert distance > 1.0 if pair[person] < 0 else distance >= abs(value[person] - value[pair[person]])


def test_those_equally_near_are_equally_likely():
    value = np.array([3.0, 2.0, 4.0, 3.5, 9.0])
    mine = np.array([True, False, False, False, False])
    rng, kind = np.random.default_rng(1), np.zeros(5, dtype=np.int64)
    found = [nearest_within(value, kind, mine, ~mine & (value != 3.5), 2.0, rng)[0] for _ in range(2000)]
    counts = np.bincount(found, minlength=5)
    assert counts[[0, 3, 4]].sum() == 0
    assert stats.binomtest(int(counts[1]), 2000).pvalue > 1e-4


def test_strata_agree_exactly_where_all_traits_do():
    rng = np.random.default_rng(2)
    traits = [rng.integers(0, 3, (2, 30)), rng.random((2, 30)).round(1)]
    found = strata_of(traits, (2, 30)).ravel()
    rows = list(zip(*(t.ravel().tolist() for t in traits), strict=True))
    for i, j in itertools.combinations(range(60), 2):
        assert (found[i] == found[j]) == (rows[i] == rows[j])
    assert not strata_of([], (4,)).any()
