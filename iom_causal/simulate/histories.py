"""When events fell: dates of arrests and of custody after them, for everybody in one simulated world."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics import month_kernel as kernel
from iom_causal.roles import Rng
from iom_causal.simulate.careers import Careers
from iom_causal.windows import YEAR
from iom_causal.world import World


class Histories(NamedTuple):
    """Events inside windows, in order of people and time.

    Attributes
    ----------
    row : ndarray
        (E,) whose event it is, as a row of the world.
    day : ndarray
        (E,) days from the index date, with the part of the day.
    custody_days : ndarray
        (E,) how long custody after it lasts; 0 for none, and it may run on beyond the last window.
    """

    row: NDArray[np.int64]
    day: NDArray[np.float64]
    custody_days: NDArray[np.float64]


def histories(careers: Careers, *, rng: Rng = None) -> tuple[World, Histories]:
    """Return one world and the dates of the course that each person was seen to take.

    Parameters
    ----------
    careers : Careers
        The law; beliefs that are distributions are drawn once.
    rng : Generator, int or None
        The seed; the world is that of ``careers(rng)``.

    Examples
    --------
    >>> world, events = histories(Careers(people=30, rate=2.0), rng=1)
    >>> int(world.seen("events").sum()) == events.day.size
    True
    """
    world, keys, numbers, laid = careers.told(rng)
    counts = world.seen("events").sum(-1)
    starts = np.concatenate([[0], np.cumsum(counts)])
    days, stays = np.zeros(starts[-1]), np.zeros(starts[-1])
    months = np.zeros(starts[-1], dtype=np.int64)
    room = kernel.scratch(len(world.windows), laid.window.size)
    law = kernel.record(laid.law)
    kernel.dates(keys, numbers, world.managed.astype(np.int64), starts, law, laid.tables, room, days, stays, months)
    length, end = (laid.tables.months[row] for row in (kernel.LENGTH, kernel.END))
    when = (end[months] - length[months] * (1 - days)) * YEAR
    return world, Histories(np.repeat(np.arange(counts.size), counts), when, stays * YEAR)
