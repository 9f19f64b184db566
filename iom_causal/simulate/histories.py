"""Event histories: dates of arrests and of custody of everyone in one simulated world."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.careers import kernel
from iom_causal.numerics.careers.parameters import LENGTH, record
from iom_causal.numerics.careers.rates import scratch
from iom_causal.roles import Rng
from iom_causal.simulate.careers import Careers
from iom_causal.windows import days_of
from iom_causal.world import World

TINY = 1e-6
"""Days: far above what rounding leaves of sums over months, and less than a tenth of a second."""


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
    window : ndarray
        (E,) the window it fell in.

    Examples
    --------
    >>> world, events = histories(Careers(people=30, rate=2.0), rng=1)
    >>> bool((events.row < 30).all()), sorted(set(events.window.tolist()))
    (True, [0, 1])
    """

    row: NDArray[np.int64]
    day: NDArray[np.float64]
    custody_days: NDArray[np.float64]
    window: NDArray[np.int64]


class Spells(NamedTuple):
    """Custody that touches a window, in order of people and time; spells of one person do not overlap.

    Attributes
    ----------
    row : ndarray
        (S,) who is held, as a row of the world.
    start, end : ndarray
        (S,) days from the index date; the end is infinite where it lies beyond what was lived.
    carried : ndarray
        (S,) whether it began before anything was seen, so that it is known only from the start of a window on.
    """

    row: NDArray[np.int64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    carried: NDArray[np.bool_]


def histories(careers: Careers, *, rng: Rng = None) -> tuple[World, Histories]:
    """Return one world and the dates of the course that each person was seen to take.

    Parameters
    ----------
    careers : Careers
        The distribution; beliefs that are distributions are drawn once.
    rng : Generator, int or None
        The seed; the world is that of ``careers(rng)``.

    Examples
    --------
    >>> world, events = histories(Careers(people=30, rate=2.0), rng=1)
    >>> int(world.seen("events").sum()) == events.day.size
    True
    """
    world, keys, numbers, laid = careers.for_replay(rng)
    seen = world.seen("events")
    counts = seen.sum(-1)
    starts = np.concatenate([[0], np.cumsum(counts)])
    days, stays = np.zeros(starts[-1]), np.zeros(starts[-1])
    months = np.zeros(starts[-1], dtype=np.int64)
    room, windows = scratch(laid.window.size), len(world.windows)
    sums = (np.zeros(windows, dtype=np.int64), *np.zeros((4, windows)))
    law = record(laid.law)
    managed = world.managed.astype(np.int64)
    kernel.dates(keys, numbers, managed, starts, law, laid.tables, room, sums, days, stays, months)
    begun = months + days
    ended = begun + stays / laid.tables.months[LENGTH, months]
    if laid.law.free_at_start >= 0:  # liberty on the index date is drawn anew, so that no stay reaches across it
        ended = np.where(begun < laid.law.origin, np.minimum(ended, laid.law.origin), ended)
    when, until = (_calendar(world, laid.tables.spans, moment) for moment in (begun, ended))
    window = np.repeat(np.tile(np.arange(len(world.windows)), counts.size), seen.ravel())
    return world, Histories(np.repeat(np.arange(counts.size), counts), when, until - when, window)


def _calendar(world: World, spans: NDArray[np.int64], moment: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the day at which each moment of the grid of months lies: months share out their window's days evenly."""
    dates = np.array([days_of(w) for w in world.windows], dtype=np.float64)
    beyond = np.maximum(moment - spans[-1, 1], 0.0) * (dates[-1, 1] - dates[-1, 0]) / (spans[-1, 1] - spans[-1, 0])
    return np.asarray(np.interp(moment, spans.ravel(), dates.ravel()) + beyond)


def custody_spells(world: World, events: Histories) -> Spells:
    """Return all custody inside windows: after the events, and what people were in when a window began.

    The second kind follows from the first and the days at liberty: somebody who was at liberty for less than the
    events account for was held from the start of the window on.

    Parameters
    ----------
    world, events : World, Histories
        From `histories`.
    """
    held = events.custody_days > 0
    row, start = events.row[held], events.day[held]
    end = start + events.custody_days[held]
    parts = [(row, start, end, np.zeros(row.size, dtype=np.bool_))]
    there = np.ones(world.n, dtype=np.bool_) if world.weight is None else world.weight > 0
    for k, window in enumerate(world.windows):
        first, last = days_of(window)
        after_events = np.bincount(row, np.clip(end, first, last) - np.clip(start, first, last), minlength=world.n)
        unseen = last - first - after_events - world.seen("exposure")[:, k]
        who = np.flatnonzero(there & (unseen > TINY))
        runs_on = (unseen[who] > last - first - TINY) & (k == len(world.windows) - 1)
        until = np.where(runs_on, np.inf, first + unseen[who])
        parts.append((who, np.full(who.size, float(first)), until, np.ones(who.size, dtype=np.bool_)))
    found = Spells._make(np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((found.start, found.row))
    return Spells._make(part[order] for part in found)
