"""Custody: against a simulation of spells, both targets, bounds, and what is refused."""

import numpy as np
import pytest

from iom_causal.beliefs import Range
from iom_causal.beliefs import theta as th
from iom_causal.confounds import Attrition, Custody
from iom_causal.panel import Panel
from iom_causal.windows import Window
from tests.confounds.lines import SIMULATED, code_of, line, seed


def careers(rate, custody_per_arrest, stay, length, start_free, rng):
    """Events and time free of people simulated one spell at a time."""
    n = len(rate)
    clock = np.where(start_free, 0.0, np.minimum(rng.exponential(stay, n), length))
    events, free = np.zeros(n), np.zeros(n)
    active = clock < length
    while active.any():
        gap = rng.exponential(1 / rate)
        stop = np.minimum(clock + gap, length)
        free += np.where(active, stop - clock, 0.0)
        hit = active & (clock + gap < length)
        events += hit
        clock = np.where(active, stop, clock)
        clock = np.where(hit & (rng.random(n) < custody_per_arrest), clock + rng.exponential(stay, n), clock)
        active = active & (clock < length)
    return events, np.minimum(free, length)


def two_windows(rate, rng, *, p=0.4, stay=0.5, length=1.5):
    share = 1 / (1 + rate * p * stay)
    windows = [careers(rate, p, stay, length, rng.random(len(rate)) < share, rng)]
    windows.append(careers(rate, p, stay, length, np.ones(len(rate), dtype=bool), rng))
    return tuple(np.stack(pair, axis=-1) for pair in zip(*windows, strict=True))


def test_custody_after_arrest_equals_a_simulation_of_spells():
    events, _ = two_windows(np.full(200_000, 4.0), np.random.default_rng(11))
    windows = (Window("before", -548, 0), Window("after", 0, 548, post=True))
    data = seed(mean_pre=float(events[:, 0].mean()), mean_post=float(events[:, 1].mean()), windows=windows)
    spec = Custody(custody_per_arrest=0.4, stay_years=0.5)
    assert line(spec, data) == pytest.approx(np.log(events[:, 1].mean() / events[:, 0].mean()), abs=SIMULATED)


def test_known_days_leave_nothing_where_nothing_happened():
    rng = np.random.default_rng(12)
    rate = 4 * np.exp(rng.normal(-0.5, 1.0, 200_000))
    events, free = two_windows(rate, rng)
    panel = Panel.from_arrays(
        events,
        windows=(Window("before", -548, 0), Window("after", 0, 548, post=True)),
        exposure=free / 1.5 * 548,
        name="arrests",
    )
    events, free = events[panel.complete], free[panel.complete]  # whoever was never free in a window has no pair
    pooled = np.log(events.sum(0) / free.sum(0))
    observed = pooled[1] - pooled[0]
    assert observed > 0.04  # rates and time at liberty go together, so that pooled rates rise by themselves
    assert observed - line(Custody(), panel) == pytest.approx(0, abs=SIMULATED)
    assert line(Custody(weighting="time"), panel) == 0
    total = observed - line(Custody(target="total"), panel)
    assert total == pytest.approx(np.log(events[:, 1].sum() / events[:, 0].sum()), abs=1e-9)


def test_both_targets_are_reported():
    both = Custody(ratio=0.9).both(seed(), {"ratio": 0.9, "free_at_start": 1.0})
    assert float(both["free"]) == pytest.approx(np.log(0.9))
    assert float(both["total"]) == 0
    assert line(Custody(target="total")) == 0


def test_custody_without_days_or_beliefs_is_refused():
    assert code_of(lambda: line(Custody())) == "IOM-E048"
    assert code_of(lambda: line(Custody(custody_per_arrest=0.9, stay_years=1.0))) == "IOM-E068"


def test_starting_in_custody_turns_the_line():
    settings = {"custody_per_arrest": 0.2, "stay_years": 0.4}
    assert line(Custody(**settings, free_at_start=0.3)) < 0 < line(Custody(**settings))


def test_custody_bounds_over_a_range():
    spec = Custody(ratio=Range(0.8, 1.1))
    assert th.extent(spec, seed(), th.central(spec)) == pytest.approx((np.log(0.8), np.log(1.1)))


SPANS = (Window("before", -365, 0), Window("after", 0, 365, post=True))


def test_days_lost_in_common_are_days_at_risk_or_a_belief_and_not_both():
    pairs = [[6, 4], [5, 5], [8, 3], [4, 2]]
    lost = Panel.from_arrays(pairs, windows=SPANS, exposure=[365, 300], name="arrests")
    for both in (Custody(ratio=0.8), Custody(custody_per_arrest=0.2, stay_years=0.2)):
        assert code_of(lambda both=both: line(both, lost)) == "IOM-E048"
    assert line(Custody(), lost) == pytest.approx(0.0, abs=1e-12)  # all lost the same, so that nobody weighs more
    assert line(Custody(target="total"), lost) == pytest.approx(-np.log(300 / 365))
    for days in ([365, 364], [12, 12], None):  # days of the windows, or another unit: nothing was lost in them
        whole = Panel.from_arrays(pairs, windows=SPANS, exposure=days, name="arrests")
        assert line(Custody(ratio=0.8), whole) == pytest.approx(np.log(0.8))


@pytest.mark.parametrize("handling", ["mar", "unchanged", "complete"])
def test_who_was_never_at_liberty_is_not_lost_to_follow_up_besides(handling):
    """A fifth are in custody throughout the window after: the line on attrition is not about them."""
    rng = np.random.default_rng(1)
    rate = rng.gamma(2.0, 3.0, 400)
    days = np.stack([np.full(400, 365.0), np.where(rng.random(400) < 0.2, 0.0, rng.uniform(100, 365, 400))], -1)
    outcome = np.where(days > 0, rng.poisson(rate[:, None] * days / 365), np.nan)
    people = Panel.from_arrays(outcome, windows=SPANS, exposure=days, missing="keep", name="arrests")
    assert line(Attrition(handling=handling), people) == 0
    assert Attrition.advice(people) == ""
    assert "count while at liberty" in Attrition(handling=handling).condition(people, {})
    outcome[np.flatnonzero(days[:, 1] > 0)[:60], 1] = np.nan  # others are lost indeed: the line is theirs alone
    some = Panel.from_arrays(outcome, windows=SPANS, exposure=days, missing="keep", name="arrests")
    at = days[:, 1] > 0
    free = Panel.from_arrays(outcome[at], windows=SPANS, exposure=days[at], missing="keep", name="arrests")
    spec = Attrition(handling=handling)
    assert line(spec, some) == pytest.approx(line(spec, free), abs=1e-12)
    assert (line(spec, some) == 0) == (handling == "complete")
