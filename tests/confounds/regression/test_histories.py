"""Regression to the mean fitted to the picked people's own windows; worlds made month by month or window by window."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.base import wording
from iom_causal.beliefs.theta import central
from iom_causal.confounds import RegressionToMean
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

LENGTH = 548
WINDOWS = tuple(
    Window(name, start * LENGTH, (start + 1) * LENGTH, post=start == 0)
    for name, start in (("first", -3), ("second", -2), ("last", -1), ("after", 0))
)
RULE = Selection("arrests", ("last",), "at_least", "at_boundary", threshold=5)
SPEC = RegressionToMean(method="own_history")


def selected(rng, *, ratio=1.0, trend=0.0, kept=0.7, sd=0.9, mean=1.6, people=5000):
    """Draw people whose log rate is one normal value a window, and keep those with five events in the last."""
    z, counts = rng.standard_normal(people), []
    for w in range(4):
        change = trend * (w - 2) + (np.log(ratio) if w == 3 else 0.0)
        counts.append(rng.poisson(mean * np.exp(sd * z - sd**2 / 2 + change)))
        z = kept * z + np.sqrt(1 - kept**2) * rng.standard_normal(people)
    y = np.stack(counts, axis=1)
    return Panel(
        outcome=y[y[:, 2] >= 5],
        exposure=np.full(4, float(LENGTH)),
        kind="count",
        windows=WINDOWS,
        name="arrests",
        selection=RULE,
    )


def remainders(size, draws=400, **world):
    rng = np.random.default_rng(17)
    found = [Ledger((SPEC,), draws=draws)(selected(rng, **world), rng=1) for _ in range(size)]
    return np.log([e.estimate for e in found]), found


def test_nothing_and_a_programme_of_three_quarters_are_found():
    # An interval that covers 95% covers at least 17 of 20 in all but 1.6% of tries.
    for ratio in (1.0, 0.75):
        logs, found = remainders(20, ratio=ratio)
        assert abs(logs.mean() - np.log(ratio)) < 4 * logs.std(ddof=1) / 20**0.5
        assert sum(e.conf_low <= ratio <= e.conf_high for e in found) >= 17
        assert np.mean([e.std_error for e in found]) == pytest.approx(logs.std(ddof=1), rel=0.45)  # of 20


def test_the_raw_fall_is_large_where_the_remainder_is_none():
    panel = selected(np.random.default_rng(2))
    after, last = panel.outcome[:, 3].sum(), panel.outcome[:, 2].sum()
    assert after / last < 0.75


def test_a_lasting_fall_of_everybody_is_taken_for_more_than_it_is():
    # Rates fall by 0.1 a window. Read as stationary, the high windows before are a level to come back to, so that the
    # remainder holds about two steps instead of none.
    logs, _ = remainders(12, trend=-0.1)
    assert -0.3 < logs.mean() < -0.1


def test_weights_of_a_bootstrap_move_fit_and_means():
    panel = selected(np.random.default_rng(5))
    weight = np.random.default_rng(6).exponential(size=(30, panel.n))
    block = Panel._trusted(
        outcome=np.broadcast_to(panel.outcome, (30, *panel.outcome.shape)),
        exposure=panel.exposure, kind="count", windows=WINDOWS, name="arrests", weight=weight, selection=RULE,
    )  # fmt: skip
    before, after = weight @ panel.outcome[:, :3].sum(1), weight @ panel.outcome[:, 3]
    first_order = np.log(3 * after / before) - SPEC.shift(block, {})
    again = [float(SPEC.shift(replace(panel, weight=w), {})) for w in weight]
    refitted = np.log(3 * after / before) - again
    # What a ledger needs: each remainder about where a new fit puts it, and the spread of all.
    assert np.corrcoef(first_order, refitted)[0, 1] > 0.9
    assert first_order.std() == pytest.approx(refitted.std(), rel=0.1)


def test_windows_in_a_row_that_the_rule_read_count_as_one():
    panel = selected(np.random.default_rng(7), people=3000)
    halves = np.random.default_rng(8).binomial(panel.outcome[:, 2], 0.5)
    split = np.column_stack([panel.outcome[:, :2], halves, panel.outcome[:, 2] - halves, panel.outcome[:, 3]])
    windows = (*WINDOWS[:2], Window("a", -548, -274), Window("b", -274, 0), WINDOWS[3])
    rule = replace(RULE, windows=("a", "b"))
    days = np.array([LENGTH, LENGTH, LENGTH / 2, LENGTH / 2, LENGTH])
    other = Panel(outcome=split, exposure=days, kind="count", windows=windows, name="arrests", selection=rule)
    assert float(SPEC.shift(other, {})) == pytest.approx(float(SPEC.shift(panel, {})), abs=1e-9)


def test_the_condition_keeps_the_rules():
    panel = selected(np.random.default_rng(9), people=3000)
    text = SPEC.condition(panel, central(SPEC))
    assert wording.violations(f"The line is right if {text}.") == ()
    assert "own windows before" in text


def test_what_cannot_be_fitted_is_refused_by_name():
    panel = selected(np.random.default_rng(10), people=2000)
    with pytest.raises(InputError, match="IOM-E047"):
        SPEC.shift(replace(panel, selection=replace(RULE, windows=("first", "second", "last"))), {})
    with pytest.raises(InputError, match="IOM-E047"):
        SPEC.shift(replace(panel, selection=replace(RULE, windows=("first", "last"))), {})
    with pytest.raises(InputError, match="IOM-E048: for a rule that fills places"):
        SPEC.shift(replace(panel, selection=replace(RULE, rule="top", threshold=50)), {})
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        SPEC.shift(replace(panel, selection=replace(RULE, timing="unknown")), {})
    undated = tuple(Window(w.label, post=w.post) for w in WINDOWS)
    with pytest.raises(InputError, match="IOM-E048: a history needs the dates"):
        SPEC.shift(replace(panel, windows=undated), {})
