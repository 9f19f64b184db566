"""What a flow of people, events and spells gives of them, alone and beside one without a single person."""

import numpy as np
import pytest

from iom_causal.analysis.people import guarded
from iom_causal.analysis.release import Release
from iom_causal.data.events.engine import LOST
from iom_causal.data.events.flow import Flow, Step
from iom_causal.data.release.disclosure import Disclosure, round_unit

RULES = Release(Disclosure())
STRANGERS, DOUBLE, COUNTED = "of nobody on the list", "a further row of the same record", "counted"


def of_log(rows, listed):
    """The flow of a log: by person the number of rows, of which one in seven is double, and who is on the list."""
    double = int((rows[listed] // 7).sum())
    numbers = {STRANGERS: int(rows[~listed].sum()), DOUBLE: double, COUNTED: int(rows[listed].sum()) - double}
    parts = (Step("events", what, "used" if what == COUNTED else "excluded", n) for what, n in numbers.items())
    return Flow((Step("events", "rows in the log", "all", int(rows.sum())), *parts), {"events": int(rows.max())})


def possible(more, less, unit):
    """The differences that two numbers given by a unit leave open; all where one of them is withheld."""
    return range(-1000, 1000) if 0 in (more, less) else range(more - less - unit, more - less + unit + 1)


@pytest.mark.parametrize("seed", range(20))
def test_a_person_taken_off_the_list_or_out_of_the_log_is_not_solved_for_from_two_flows(seed):
    rng = np.random.default_rng(seed)
    rows = rng.poisson(rng.gamma(1.5, 4, 160))
    rows[0], listed = rng.integers(15, 90), np.arange(160) < 120
    off, without = listed & (np.arange(160) > 0), np.where(np.arange(160) > 0, rows, 0)
    for other in (of_log(rows, off), of_log(without, listed)):
        flows = [guarded(flow, RULES).steps for flow in (of_log(rows, listed), other)]
        unit = int(round_unit(max(5, rows.max())))
        left = [possible(a.number, b.number, unit) for a, b in zip(*flows, strict=True)]
        assert min(map(len, left)) > rows[0]


def test_events_by_the_five_would_solve_for_that_person():
    rows, listed = np.r_[60, np.full(120, 5)], np.ones(121, dtype=bool)
    flows = of_log(rows, listed), of_log(rows[1:], listed[1:])
    plain, coarse = (
        [guarded(f, RULES).steps[0].number for f in each] for each in ([Flow(f.steps) for f in flows], flows)
    )
    assert plain == [660, 600]
    assert coarse == [700, 600]


def test_the_numbers_of_a_log_are_rounded_as_far_as_one_person_adds_to_them():
    rows = np.r_[31, np.full(90, 7)]
    assert {step.number % 50 for step in guarded(of_log(rows, rows > 0), RULES).steps} == {0}
    few = np.full(90, 5)
    assert guarded(of_log(few, few > 0), RULES).number("events", "rows in the log") == 450
    assert guarded(of_log(rows, rows > 0), Release(Disclosure(research=True, reason="here"))) == of_log(rows, rows > 0)


@pytest.mark.parametrize(("threshold", "shown"), [(10, {"death", "moved"}), (20, set())])
def test_reasons_of_a_step_are_withheld_together(threshold, shown):
    reasons = {LOST: 37, f"{LOST}: death": 25, f"{LOST}: moved": 12}
    steps = [Step("people", what, "of which", n) for what, n in reasons.items()]
    flow = Flow((Step("people", "people", "all", 300), Step("people", "described", "used", 300), *steps))
    given = guarded(flow, Release(Disclosure(threshold=threshold))).steps
    assert {s.what.removeprefix(f"{LOST}: ") for s in given if s.number and s.what != LOST} >= shown
    assert any(s.what == LOST and s.number == 37 for s in given)
    assert {s.number for s in given if s.what.startswith(f"{LOST}: ")} == ({25, 12} if shown else {0})
