"""Greedy matching of many replicates, propensity scores and balance against MatchIt, brute force and statsmodels."""

import json
from pathlib import Path

import numpy as np
import pytest

from iom_causal.numerics.comparison.balance import balance, spreads
from iom_causal.numerics.comparison.matched_change import match_weights
from iom_causal.numerics.comparison.matching import _in_turn, matched_sets, strata_of
from iom_causal.numerics.comparison.propensity import propensity

STORED = json.loads((Path(__file__).parents[2] / "reference" / "r" / "matching.json").read_text(encoding="utf-8"))
FITTED = 1e-9
EXACT = 1e-12


def stored():
    managed = np.array([STORED["managed"]]) == 1
    x = np.stack([np.array([STORED[name]]) for name in ("age", "prior")], axis=-1)
    return managed, x, np.array([STORED["sex"]])


def test_the_score_is_that_of_glm():
    managed, x, _ = stored()
    found = propensity(x, managed, np.ones_like(managed))
    assert found.sound.all()
    np.testing.assert_allclose(found.logit[0], STORED["logit"], rtol=FITTED, atol=FITTED)


@pytest.mark.parametrize("case", STORED["cases"], ids=lambda c: f"{c['exact']}-{c['ratio']}-{c['caliper']}")
def test_matched_sets_and_their_balance_are_those_of_matchit(case):
    managed, x, sex = stored()
    logit = np.array([STORED["logit"]])
    there = np.ones_like(managed)
    squares = [spreads(logit[..., None], of)[0, 0] ** 2 for of in (managed, ~managed)]
    width = 0.2 * np.sqrt(sum(squares) / 2) if case["caliper"] else np.inf
    strata = strata_of([sex] if case["exact"] else [], sex.shape)
    sets = matched_sets(logit, strata, managed, ~managed, np.array([width]), case["ratio"])
    found = {
        frozenset((np.flatnonzero(sets[0] == person) + 1).tolist())
        for person in np.flatnonzero(managed[0] & (sets[0] >= 0))
    }
    assert found == {frozenset(people) for people in case["sets"]}
    spread = spreads(x, managed)
    for when, weight in (("before", there.astype(float)), ("after", match_weights(sets, managed))):
        b = balance(x, managed, weight, spread)
        found_now = np.column_stack([b.difference[0], b.variance_ratio[0]])
        np.testing.assert_allclose(found_now, case[when], rtol=FITTED)


def in_turn(value, strata, wanted, offered, caliper, ratio):
    """Everybody's matches by a search through all who are left, without ties."""
    left, found = set(np.flatnonzero(offered)), np.full(value.size, -1)
    for _ in range(ratio):
        for person in sorted(np.flatnonzero(wanted), key=lambda i: -value[i]):
            near = [(abs(value[j] - value[person]), j) for j in left if strata[j] == strata[person]]
            if near and min(near)[0] <= caliper:
                left.remove(min(near)[1])
                found[[person, min(near)[1]]] = person
    return found


def nearest_in_order(wanted, offered, caliper):
    """Positions of the nearest still offered, the first in order of those equally near, by a search through all."""
    left, found = offered.copy(), []
    for value in wanted:
        away = np.abs(left - value)
        best = int(np.argmin(away))
        near = np.isfinite(away[best]) and away[best] <= caliper
        found.append(best if near else -1)
        left[best] = np.inf if near else left[best]
    return found


@pytest.mark.parametrize("seed", range(20))
def test_of_those_equally_near_the_first_in_order_is_taken(seed):
    rng = np.random.default_rng(seed)
    wanted, offered = (rng.integers(0, 5, size) / 2 for size in rng.integers(1, 30, 2))
    for caliper in (0.0, 0.5, np.inf):
        assert _in_turn(wanted, offered.copy(), caliper).tolist() == nearest_in_order(wanted, offered, caliper)


@pytest.mark.parametrize("ratio", [1, 3])
def test_replicates_are_matched_as_each_by_itself(ratio):
    rng = np.random.default_rng(4)
    value, strata = rng.normal(size=(12, 40)), rng.integers(0, 2, (12, 40))
    wanted = rng.random((12, 40)) < 0.3
    offered = ~wanted & (rng.random((12, 40)) < 0.9)
    width = rng.uniform(0.05, 1.0, 12)
    found = matched_sets(value, strata, wanted, offered, width, ratio)
    rows = zip(value, strata, wanted, offered, width, strict=True)
    assert found.tolist() == [in_turn(*row, ratio).tolist() for row in rows]


def test_the_order_of_equals_is_shuffled_but_fixed():
    n = 400
    wanted = np.arange(n)[None] < 100
    same = (np.zeros((1, n)), np.zeros((1, n), dtype=np.int64), wanted, ~wanted, np.array([0.0]))
    taken = np.flatnonzero((matched_sets(*same) >= 0) & ~wanted)
    assert taken.tolist() == np.flatnonzero((matched_sets(*same) >= 0) & ~wanted).tolist()
    assert taken.size == 100
    assert 220 < taken.mean() < 280  # neither the first nor the last rows: 250 with an SD of 7


def test_scores_of_replicates_separation_and_columns_that_say_nothing():
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    x = rng.normal(size=(5, 60, 2)) * [1.0, 1e4] + [0.0, 1e6]
    managed = np.broadcast_to(np.arange(60) < 20, (5, 60)).copy()
    there = rng.random((5, 60)) < 0.9
    x[1, :, 0] = managed[1]  # separates
    x[2, :, 1] = 3.5  # the same for all
    x[3, :, 1] = 2 * x[3, :, 0] + 1  # repeats
    found = propensity(x, managed, there)
    assert found.sound.tolist() == [True, False, False, False, True]
    assert found.separated.tolist() == [False, True, False, False, False]
    for k in (0, 4):
        rows = sm.add_constant(x[k, there[k]])
        fit = sm.Logit(managed[k, there[k]].astype(float), rows).fit(disp=0, tol=1e-12)
        np.testing.assert_allclose(found.logit[k, there[k]], rows @ fit.params, rtol=1e-6, atol=1e-6)
