"""Counts of events of people, in custody or not, against the same events one by one."""

import numpy as np
import pytest

from iom_causal.numerics.events import counting
from iom_causal.numerics.events.counting import NO_DAY, NO_ID, NOBODY
from iom_causal.numerics.events.grid import grid
from iom_causal.numerics.events.spells import union


def settings(people, spells=(), **rules):
    """Count over the days -5 to 4 of an index date of 5, everybody at liberty but for some spells."""
    who, start, end = (
        np.array(column, dtype=np.int32) for column in (zip(*spells, strict=True) if spells else [[]] * 3)
    )
    entry = np.full(people, 5, dtype=np.int32)
    default = {"grid": grid([(-5, 0), (0, 5)]), "entry": entry, "until": entry + 100, "taken": 105}
    default |= {"index_event": True, "in_custody": True, "held": union(who, start, end, people)}
    default |= {"free": np.full((people, 2), 5, dtype=np.uint16)}
    return counting.Settings(**(default | rules))


def events(person, day):
    return counting.Events(np.array(person, dtype=np.int32), np.array(day, dtype=np.int32))


def tally(people, person, day, spells=(), **rules):
    return counting.count([events(person, day)], settings(people, spells, **rules))


@pytest.mark.parametrize("people", [1, 4_094, 4_095, 4_096, 8_190, 8_191, 8_192])
def test_no_event_is_lost_where_people_are_taken_in_groups(people):
    person = [NO_ID, NOBODY, *range(people), people - 1]
    day = [0, 0, *[7] * people, NO_DAY]
    counts = tally(people, person, day, spells=[(0, 90, 99)]).counts
    assert counts.sum(axis=0).tolist() == [0, people]
    assert (counts[:, 1] == 1).all()


def test_a_cell_holds_no_more_than_it_can():
    assert tally(1, [0] * (counting.MOST + 5), [7] * (counting.MOST + 5)).counts.tolist() == [[0, counting.MOST]]


@pytest.mark.parametrize("spells", [(), [(0, 3, 8), (2, 4, 5), (2, 5, 7)]])
def test_parts_give_what_all_events_give_together(spells, monkeypatch):
    rng = np.random.default_rng(3)
    person, day = rng.integers(-2, 3, 2_000), rng.integers(-9, 15, 2_000)
    whole = tally(3, person, day, spells, in_custody=False)
    assert whole.counts.all()
    monkeypatch.setattr(counting, "ROWS", 50)
    monkeypatch.setattr(counting, "WAITING", 3)
    halves = [events(person[some], day[some]) for some in (slice(0, 777), slice(777, None))]
    for one, other in zip(whole, counting.count(halves, settings(3, spells, in_custody=False)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_days_of_other_ages_keep_their_reasons():
    ages = 2**22
    reasons = tally(1, [0] * 4, [-ages, 50, ages, 104], until=np.int32([104])).reasons
    assert (reasons[counting.EARLIER], reasons[counting.LATER]) == (1, 1)
    assert (reasons[counting.NOT_YET], reasons[counting.UNFOLLOWED]) == (1, 1)


def test_who_has_an_event_on_the_index_date_has_entered_whatever_becomes_of_it():
    again = counting.Events(np.int32([0, 1, 2]), np.int32([5, 5, 6]), np.array([True, False, False]))
    assert counting.count([again], settings(3, index_event=False)).entered.tolist() == [True, True, False]


@pytest.mark.parametrize("days", [63, 64, 65, 200])
def test_days_inside_a_spell_are_those_between_its_first_and_that_of_release(days):
    spells = [(-99, 3), (0, 63), (0, 64), (1, 66), (62, 65), (62, 64), (5, 140), (190, 900), (-9, 900), (7, 8)]
    people, each = len(spells), np.arange(days)
    made = tally(
        people,
        np.repeat(np.arange(people), days),
        np.tile(each, people),
        [(p, *spell) for p, spell in enumerate(spells)],
        grid=grid([(k, k + 1) for k in each]),
        entry=np.zeros(people, dtype=np.int32),
        until=np.full(people, 1_000, dtype=np.int32),
        free=np.ones((people, days), dtype=np.uint16),
        in_custody=False,
    )
    for counts, (start, end) in zip(made.counts, spells, strict=True):
        assert counts.tolist() == [int(not start < day < end) for day in each]
