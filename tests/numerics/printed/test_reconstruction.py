import functools
import itertools
import math
from collections import Counter

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import chi2, poisson

from iom_causal.numerics.printed.metropolis import BALANCED_X, SWAP_X, PairWindows, walk
from iom_causal.numerics.printed.reconstruction import MEASURES, log_weights, sample_pairs, starting_values

ALPHA = 1e-4  # each seeded chi-square test would fail by chance once in ten thousand seeds
FREE = (0.0, math.inf)
SPACED = 150  # proposals between draws: tens of times the people, so that draws are nearly independent


def small(people, followed, *, attain=(0, 0, 0, 0), sums=((5, 6), (3, 4)), ratio=FREE):
    return PairWindows(people, followed, (0, 3, 0, 2), attain, sums[0], (1.0, 5.5), sums[1], (0.4, 4.0), ratio)


def fits(x, y, w):
    d = y - x[: w.followed]
    squares, change = float(d @ d), int(d.sum())
    spreads = (((v - v.mean()) ** 2).sum() if v.size else 0.0 for v in (x, y))
    ends = (w.support[0] in x, w.support[1] in x, w.support[2] in y, w.support[3] in y)
    inside = w.sum_x[0] <= x.sum() <= w.sum_x[1] and (not y.size or w.sum_y[0] <= y.sum() <= w.sum_y[1])
    windows = (w.spread_x, w.spread_y) if y.size else (w.spread_x,)
    near = all(lo - 1e-12 <= s <= hi + 1e-12 for s, (lo, hi) in zip(spreads, windows, strict=False))
    paired = w.ratio[0] * change**2 <= squares and (w.ratio[1] == math.inf or squares <= w.ratio[1] * change**2)
    return inside and near and (paired or not y.size) and all(e or not a for e, a in zip(ends, w.attain, strict=True))


@functools.cache
def feasible_states(w):
    """All feasible labelled states, by brute force."""
    xs = [np.array(x) for x in itertools.product(range(w.support[0], w.support[1] + 1), repeat=w.people)]
    ys = [np.array(y, dtype=int) for y in itertools.product(range(w.support[2], w.support[3] + 1), repeat=w.followed)]
    xs = [x for x in xs if w.sum_x[0] <= x.sum() <= w.sum_x[1]]
    return [(x, y) for x in xs for y in ys if fits(x, y, w)]


def enumerate_states(w, weight_x, weight_y):
    """All feasible labelled states with their probabilities."""
    states = {
        (*x.tolist(), *y.tolist()): math.exp(weight_x[x - w.support[0]].sum() + weight_y[y - w.support[2]].sum())
        for x, y in feasible_states(w)
    }
    total = sum(states.values())
    return {state: value / total for state, value in states.items()}


def chi_square_p(counts, probabilities):
    expected = np.array(probabilities) * sum(counts)
    order = np.argsort(expected)
    merged_e, merged_c, e, c = [], [], 0.0, 0
    for k in order:
        e, c = e + expected[k], c + counts[k]
        if e >= 5:
            merged_e.append(e)
            merged_c.append(c)
            e, c = 0.0, 0
    statistic = sum((c - e) ** 2 / e for c, e in zip(merged_c, merged_e, strict=True))
    return chi2.sf(statistic, len(merged_e) - 1)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("name", "windows"),
    [
        ("pairs", small(3, 3, ratio=(0.4, 0.9), sums=((5, 7), (2, 3)))),
        ("extremes", small(4, 3, attain=(1, 1, 1, 1), ratio=(0.3, 1.4))),
        ("missing follow-up", small(4, 2, ratio=(0.5, 2.5))),
        ("one variable", small(5, 0)),
        ("one sum each", small(4, 4, sums=((6, 6), (4, 4)), ratio=(0.3, 1.5))),
    ],
)
def test_draws_follow_the_base_measure_conditioned_on_the_windows(name, windows, measure):
    weight_x = log_weights(measure, 0, 3, 1.4, 2.4)
    weight_y = log_weights(measure, 0, 2, 0.9, 1.5)
    truth = enumerate_states(windows, weight_x, weight_y)
    assert len(truth) > 10, name
    drawn = sample_pairs(
        windows,
        weight_x=weight_x,
        weight_y=weight_y,
        key=20,
        draws=3000,
        thin=SPACED,
        limit=10**8,
        max_step=2,
    )
    rows = [tuple(row) for row in np.hstack([drawn.x, drawn.y]).tolist()]
    assert set(rows) <= set(truth)
    seen = Counter(rows)
    counts = [seen[state] for state in truth]
    assert chi_square_p(counts, list(truth.values())) > ALPHA


def test_moves_that_keep_the_squares_are_as_likely_there_as_back():
    start = np.array([0, 1, 1, 2, 3, 4])
    free = PairWindows(6, 0, (0, 4, 0, 0), (0, 0, 0, 0), (0, 24), (0.0, 99.0), (0, 0), FREE, FREE)
    out = np.empty((20_000, 6), np.int64), np.empty((20_000, 0), np.int64)
    kinds = np.array([BALANCED_X] * 15 + [SWAP_X])
    flat, none = np.zeros(5), np.zeros(1)
    walk(start.copy(), np.empty(0, np.int64), free, flat, none, kinds, 1, np.ones(6), 5, SPACED, 10**8, *out)
    seen = Counter(tuple(row) for row in out[0].tolist())
    multisets = {tuple(sorted(x)) for x in seen}
    truth = [x for m in multisets for x in set(itertools.permutations(m))]
    assert {(sum(m), sum(v * v for v in m)) for m in multisets} == {(start.sum(), (start**2).sum())}
    assert len(multisets) > 1
    assert chi_square_p([seen[x] for x in truth], [1 / len(truth)] * len(truth)) > ALPHA


def test_the_same_key_gives_the_same_draws_and_another_key_others():
    w, flat = small(4, 3), {"weight_x": np.zeros(4), "weight_y": np.zeros(3)}
    first, second, other = (sample_pairs(w, **flat, key=key, draws=20, thin=40, limit=10**6) for key in (7, 7, 8))
    assert np.array_equal(first.x, second.x)
    assert np.array_equal(first.y, second.y)
    assert not np.array_equal(first.x, other.x)


def test_what_cannot_be_met_leaves_its_distance():
    w = small(3, 3, sums=((5, 5), (2, 2)))._replace(spread_x=(100.0, 101.0))
    drawn = sample_pairs(w, weight_x=np.zeros(4), weight_y=np.zeros(3), key=1, draws=1, thin=10, limit=5000)
    assert drawn.x.shape == (0, 3)
    assert drawn.proposals == 5000
    assert drawn.residual[1] > 90


def test_proposals_and_looks_are_counted():
    w = small(4, 4)
    drawn = sample_pairs(w, weight_x=np.zeros(4), weight_y=np.zeros(3), key=3, draws=10**6, thin=50, limit=1000)
    assert (drawn.proposals, drawn.looked) == (1000, 20)
    assert 0 < drawn.accepted < 1000
    assert 0 < len(drawn.x) <= 20


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_a_start_has_the_sums_and_the_extremes(spread):
    w = PairWindows(30, 20, (2, 9, 0, 7), (1, 1, 1, 1), (120, 120), FREE, (61, 61), FREE, FREE)
    x, y = starting_values(w, spread)
    assert (x.sum(), y.sum()) == (120, 61)
    assert {2, 9} <= set(x.tolist())
    assert {0, 7} <= set(y.tolist())
    assert x.min() >= 2
    assert y.max() <= 7


def test_log_weights_are_those_of_the_named_laws():
    k = np.arange(6)
    shape = 2.0**2 / (3.0 - 2.0)
    negative_binomial = gammaln(k + shape) - gammaln(k + 1) - gammaln(shape) + k * np.log(1 - shape / (shape + 2.0))
    got = log_weights("negative_binomial", 3, 8, 5.0, 3.0)
    np.testing.assert_allclose(got - got[0], negative_binomial - negative_binomial[0], atol=1e-12)
    expected = poisson.logpmf(k, 2.0)
    for got in (log_weights("multinomial", 3, 8, 5.0, 3.0), log_weights("negative_binomial", 3, 8, 5.0, 1.5)):
        np.testing.assert_allclose(got - got[0], expected - expected[0], atol=1e-12)
    assert not log_weights("uniform", 3, 8, 5.0, 3.0).any()
