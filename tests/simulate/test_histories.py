"""Dates of events and custody, against the counts and days at liberty of the world that they belong to."""

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Custody
from iom_causal.simulate.histories import custody_spells
from tests.simulate.extract.force import UNEVEN

ROUNDING = 1e-9
"""Days: sums of a few dozen months as floats."""


@pytest.fixture(params=[(1.0, sim.Careers().windows), (0.7, sim.Careers().windows), (1.0, UNEVEN), (0.7, UNEVEN)])
def lived(request):
    free, windows = request.param
    held = Custody(custody_per_arrest=0.3, stay_years=0.5, free_at_start=free)
    world, events = sim.histories(sim.Careers(people=1000, rate=4.0, windows=windows, confounds=(held,)), rng=4)
    return world, events, custody_spells(world, events)


def test_spells_leave_the_days_at_liberty_of_the_world(lived):
    world, _, spells = lived
    for k, w in enumerate(world.windows):
        inside = np.clip(spells.end, w.start, w.end) - np.clip(spells.start, w.start, w.end)
        free = w.days - np.bincount(spells.row, inside, minlength=world.n)
        np.testing.assert_allclose(free, world.seen("exposure")[:, k], atol=ROUNDING)
    assert spells.carried.any()


def test_spells_of_one_person_do_not_overlap_and_nobody_is_arrested_in_one(lived):
    _, events, spells = lived
    same = np.diff(spells.row) == 0
    assert ((spells.start[1:] - spells.end[:-1])[same] > -ROUNDING).all()
    for row in range(100):
        mine = spells.row == row
        day = events.day[events.row == row][:, None]
        assert not ((day > spells.start[mine] + ROUNDING) & (day < spells.end[mine] - ROUNDING)).any()


def test_every_event_lies_in_its_window_on_any_grid(lived):
    world, events, _ = lived
    start, end = (np.array([getattr(w, side) for w in world.windows]) for side in ("start", "end"))
    assert (events.day >= start[events.window] - ROUNDING).all()
    assert (events.day <= end[events.window] + ROUNDING).all()
    cells = events.row * start.size + events.window
    found = np.bincount(cells, minlength=world.n * start.size).reshape(world.n, -1)
    np.testing.assert_array_equal(found, world.seen("events"))
