"""Counts of events of people, in custody or not, against the same events one by one."""

import numpy as np
import pytest

from iom_causal.numerics.events import counting
from iom_causal.numerics.events.counting import NO_DAY, NO_ID, NOBODY
from iom_causal.numerics.events.grid import grid
from iom_causal.numerics.events.spells import union


def tally(people, person, day, spells=()):
    """Count over the days -5 to 4 of an index date of 5, everybody at liberty but for some spells."""
    who, start, end = (
        np.array(column, dtype=np.int32) for column in (zip(*spells, strict=True) if spells else [[]] * 3)
    )
    entry = np.full(people, 5, dtype=np.int32)
    settings = counting.Settings(
        grid=grid([(-5, 0), (0, 5)]),
        entry=entry,
        until=entry + 100,
        taken=105,
        index_event=True,
        in_custody=True,
        held=union(who, start, end, people),
        free=np.full((people, 2), 5, dtype=np.uint16),
    )
    made = counting.empty(people, 2)
    counting.add(made, np.array(person, dtype=np.int32), np.array(day, dtype=np.int32), settings)
    return made


@pytest.mark.parametrize("people", [1, 4_094, 4_095, 4_096, 8_190, 8_191, 8_192])
def test_no_event_is_lost_where_people_are_taken_in_groups(people):
    person = [NO_ID, NOBODY, *range(people), people - 1]
    day = [0, 0, *[7] * people, NO_DAY]
    counts = tally(people, person, day, spells=[(0, 90, 99)]).counts
    assert counts.sum(axis=0).tolist() == [0, people]
    assert (counts[:, 1] == 1).all()


def test_a_cell_holds_no_more_than_it_can():
    assert tally(1, [0] * (counting.MOST + 5), [7] * (counting.MOST + 5)).counts.tolist() == [[0, counting.MOST]]
