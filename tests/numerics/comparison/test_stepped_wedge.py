"""Stepped wedges within windows: by hand, exact size over every order, limits that the test itself gives."""

import math
from itertools import permutations

import numpy as np
import pytest

from iom_causal.numerics.comparison.stepped_wedge import Units, count_orders, orders, stepped_wedge

EXACT = 1e-9


def wedge(seed=1, starts=(1, 1, 2, 2, 3, 3), windows=4, effect=0.6, people=None):
    rng = np.random.default_rng(seed)
    start = np.array(starts)
    size = (
        np.ones((len(start), windows))
        if people is None
        else np.asarray(people, dtype=float)[:, None] + np.zeros(windows)
    )
    rate = 20 * size * rng.gamma(5.0, 0.2, (len(start), 1)) * np.linspace(1.3, 0.7, windows)
    treated = np.arange(windows) >= start[:, None]
    return Units(rng.poisson(np.where(treated, effect * rate, rate)).astype(float), size, start)


def fit(units, *, ratio=True, adjusted=True, level=0.9, draws=1000):
    order = orders(units.start, draws, np.random.default_rng(2))
    return stepped_wedge(units, order, level, ratio=ratio, adjusted=adjusted)


@pytest.mark.parametrize("ratio", [True, False])
def test_the_effect_by_hand_without_adjustment(ratio):
    units = wedge(people=[1, 2, 1, 3, 2, 1])
    observed = expected = people = 0.0
    for t in range(units.outcome.shape[1]):
        managed = units.start <= t
        if 0 < managed.sum() < 6:
            rate = units.outcome[~managed, t].sum() / units.size[~managed, t].sum()
            observed += units.outcome[managed, t].sum()
            expected += units.size[managed, t].sum() * rate
            people += units.size[managed, t].sum()
    found = fit(units, ratio=ratio, adjusted=False)
    wanted = math.log(observed / expected) if ratio else (observed - expected) / people
    assert found.estimate == pytest.approx(wanted, rel=1e-7)
    assert found.slope == 0.0


def test_every_order_comes_once_and_the_one_that_was_is_first():
    start = np.array([3, 1, 1, 2])
    every = orders(start, 100, np.random.default_rng(1))
    assert len(every) == count_orders(start) == 12
    assert every[0].tolist() == start.tolist()
    assert {tuple(row) for row in every.tolist()} == set(permutations(start.tolist()))
    drawn = orders(np.repeat([1, 2, 3], 10), 99, np.random.default_rng(1))
    assert drawn.shape == (99, 30)
    assert (np.sort(drawn, axis=1) == np.sort(drawn[0])).all()


@pytest.mark.parametrize("adjusted", [True, False])
@pytest.mark.parametrize("ratio", [True, False])
def test_of_all_orders_no_more_than_the_level_are_refused_without_an_effect(ratio, adjusted):
    units = wedge(effect=1.0)
    every = orders(units.start, 100, np.random.default_rng(1))
    found = np.array([fit(units._replace(start=start), ratio=ratio, adjusted=adjusted).p_value for start in every])
    for level in (0.05, 0.1, 0.3, 0.7):
        assert (found <= level).mean() <= level
    assert (found <= 0.1).mean() > 0.04


def test_an_effect_that_is_taken_out_leaves_the_test_of_none():
    units = wedge()
    found = fit(units)
    treated = np.arange(4) >= units.start[:, None]
    for effect, held in ((found.low - 0.01, False), (found.low + 0.01, True), (found.high - 0.01, True)):
        clean = units._replace(outcome=np.where(treated, units.outcome * math.exp(-effect), units.outcome))
        again = fit(clean)
        assert again.estimate == pytest.approx(found.estimate - effect, abs=1e-6)
        assert (again.p_value > 0.1) == held


def test_adjustment_takes_out_what_was_there_before():
    units = wedge(effect=1.0, starts=(1, 1, 1, 2, 2, 2, 3, 3, 3))
    level = np.array([1, 1, 2, 1, 1, 2, 2, 4, 4.0])
    apart = units._replace(outcome=units.outcome * level[:, None])
    plain, adjusted = (fit(apart, adjusted=a) for a in (False, True))
    assert abs(adjusted.estimate) < abs(plain.estimate) / 3
    assert 0.5 < adjusted.slope <= 1.0
    assert adjusted.std_error < 0.6 * plain.std_error


def test_the_size_of_units_and_the_unit_of_outcomes_follow():
    units = wedge(people=[1, 2, 1, 3, 2, 1])
    found = fit(units)
    more = fit(units._replace(size=10 * units.size))
    for name in ("estimate", "std_error", "p_value", "low", "high"):
        assert getattr(more, name) == pytest.approx(getattr(found, name), abs=1e-6)
    difference = fit(units, ratio=False)
    double = fit(units._replace(outcome=2 * units.outcome), ratio=False)
    assert double.estimate == pytest.approx(2 * difference.estimate, rel=EXACT)
    assert double.low == pytest.approx(2 * difference.low, rel=1e-5)


def test_few_orders_have_no_limits_and_no_events_no_effect():
    few = wedge(starts=(1, 2, 2))
    found = fit(few, level=0.95)
    assert math.isinf(found.low) or math.isinf(found.high)
    empty = few._replace(outcome=np.where(np.arange(4) >= few.start[:, None], 0.0, few.outcome))
    assert math.isnan(fit(empty).estimate)
    assert math.isnan(fit(few._replace(outcome=np.ones((3, 4)))).p_value)


FEW_EVENTS = np.array([[1, 0, 0, 0], [2, 0, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0.0]])


@pytest.mark.parametrize("adjusted", [True, False])
def test_an_order_that_leaves_a_side_without_events_counts_half_an_event(adjusted):
    outcome = np.vstack([FEW_EVENTS, [[1, 3, 2, 2], [1, 2, 2, 3]]])
    units = Units(outcome, np.ones((8, 4)), np.array([1, 1, 2, 2, 3, 3, 4, 4]))
    found = fit(units, adjusted=adjusted, draws=5000)
    assert found.std_error > 0
    every = orders(units.start, 5000, np.random.default_rng(1))
    tested = [fit(units._replace(start=start), draws=5000, adjusted=adjusted).p_value for start in every[::100]]
    assert 0 < np.nanmean(np.array(tested) <= 0.1) <= 0.22  # 26 of 2,520 orders: .1 and two standard errors
    if adjusted:
        return
    managed, rates = np.zeros(len(every)), np.zeros((len(every), 3))
    for t in (1, 2, 3):
        there = every <= t
        managed += there @ outcome[:, t]
        rates[:, t - 1] = there.sum(1) * (~there @ outcome[:, t]) / (~there).sum(1)
    least = 0.5 * np.mean([there.sum(1) / (~there).sum(1) for there in (every <= t for t in (1, 2, 3))], axis=0)
    by_hand = np.log(np.where(managed > 0, managed, 0.5) / np.where(rates.sum(1) > 0, rates.sum(1), least))
    assert found.p_value == pytest.approx(
        2 * min((by_hand <= by_hand[0] + EXACT).mean(), (by_hand >= by_hand[0] - EXACT).mean())
    )
