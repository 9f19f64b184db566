"""Counts of dated events by person and window, with the reason for which every other event is excluded."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.events.grid import Days, Grid
from iom_causal.numerics.events.spells import Union

NO_DAY = np.int32(np.iinfo(np.int32).min)
"""In place of the day of an event whose date is missing."""
NOBODY, NO_ID = -1, -2
"""In place of a person: an id that is not on the list, and no id."""

REASONS = 14
(
    COUNTED,
    NAMELESS,
    UNLISTED,
    UNDATED,
    REPEATED,
    NOT_YET,
    UNFOLLOWED,
    EARLIER,
    LATER,
    BETWEEN,
    INDEX,
    IN_CUSTODY,
    CONFINED,
    COUNTED_IN_CUSTODY,
) = range(REASONS)
"""Counters of a tally: an event is in one of all but the last, the first that applies; that is of those counted."""
EACH_ONCE = slice(COUNTED, COUNTED_IN_CUSTODY)
"""The counters whose sum is the number of events."""
MOST = int(np.iinfo(np.uint16).max)
"""The most events of a person in one window that a cell holds; it stays there."""


GROUPS = 4096
"""Groups of people by whom events are ordered."""


class Tally(NamedTuple):
    """Counts of events.

    Attributes
    ----------
    counts : ndarray of uint16
        (n, T).
    reasons : ndarray of int
        Events by reason.
    """

    counts: NDArray[np.uint16]
    reasons: NDArray[np.int64]


class Settings(NamedTuple):
    """What decides whether an event counts.

    Attributes
    ----------
    grid : Grid
        The windows.
    entry, until : ndarray
        (n,) the day that each person's windows are counted from, and that from which the person is no longer followed.
    taken : int
        The day on which the data were taken; nobody is followed from then on.
    index_event : bool
        Whether events on a person's index date count.
    in_custody : bool
        Whether events inside a spell count.
    held : Union
        Of spells in custody.
    free : ndarray
        (n, T) days at liberty, (0, 0) where they are not known.
    """

    grid: Grid
    entry: Days
    until: Days
    taken: int
    index_event: bool
    in_custody: bool
    held: Union
    free: NDArray[np.uint16]


def empty(people: int, windows: int) -> Tally:
    """Tally of no events, to be added to."""
    return Tally(np.zeros((people, windows), dtype=np.uint16), np.zeros(REASONS, dtype=np.int64))


def add(
    tally: Tally, person: NDArray[np.int32], day: Days, settings: Settings, repeated: NDArray[np.bool_] | None = None
) -> None:
    """Add events to a tally.

    An event on the first day of a spell is at liberty: the arrest after which somebody was held. One on a later day of
    it counts only where settings say so, and in a window without a day at liberty it cannot.

    Parameters
    ----------
    tally : Tally
        What is added to.
    person : ndarray
        (E,) whose event it is, `NOBODY` or `NO_ID`.
    day : ndarray
        (E,) `NO_DAY` where it is missing.
    settings : Settings
        What decides.
    repeated : ndarray, optional
        (E,) rows of an event that another row stands for.
    """
    again = np.zeros(0, dtype=np.bool_) if repeated is None else repeated
    if len(settings.held.start):  # what is looked up of a few dozen people stays near the processor
        person, day, again = _near(person, day, again, len(settings.entry))
    _add(person, day, again, settings, tally.counts, tally.reasons)


def look_up(ids: NDArray[np.int64], lowest: int, table: NDArray[np.int32]) -> NDArray[np.int32]:
    """Positions of whole numbers in a table that begins with the lowest, `NOBODY` outside it."""
    return np.asarray(_look_up(ids, lowest, table))


@njit(cache=True, nogil=True)
def _look_up(ids, lowest, table):  # type: ignore[no-untyped-def]
    out = np.empty(len(ids), dtype=np.int32)
    for k in range(len(ids)):
        at = ids[k] - lowest
        out[k] = table[at] if 0 <= at < len(table) else NOBODY
    return out


@njit(cache=True, nogil=True)
def _near(person, day, again, people):  # type: ignore[no-untyped-def]
    """Order events by groups of people, `NO_ID` and `NOBODY` in the first of them."""
    shift = 0
    while (people + 1) >> shift >= GROUPS:
        shift += 1
    place = np.zeros(GROUPS + 1, dtype=np.int64)
    for p in person:
        place[((p + 2) >> shift) + 1] += 1
    for k in range(GROUPS):
        place[k + 1] += place[k]
    who, when, other = np.empty_like(person), np.empty_like(day), np.empty_like(again)
    for k in range(len(person)):
        group = (person[k] + 2) >> shift
        at = place[group]
        place[group] += 1
        who[at], when[at] = person[k], day[k]
        if len(again):
            other[at] = again[k]
    return who, when, other


@njit(cache=True, nogil=True)
def _add(person, day, again, settings, counts, reasons):  # type: ignore[no-untyped-def]
    entry, until, taken, index_event = settings.entry, settings.until, settings.taken, settings.index_event
    slot, opens, free = settings.grid.slot, settings.grid.starts[0], settings.free
    first, begin, finish, keep = settings.held.first, settings.held.start, settings.held.end, settings.in_custody
    done, kept, limited, length = 0, 0, len(free) > 0, settings.grid.ends - settings.grid.starts
    for k in range(len(day)):
        p, d = person[k], day[k]
        if p < 0:
            reasons[NAMELESS if p == NO_ID else UNLISTED] += 1
        elif d == NO_DAY or (len(again) and again[k]):
            reasons[UNDATED if d == NO_DAY else REPEATED] += 1
        elif d >= until[p]:
            reasons[NOT_YET if d >= taken else UNFOLLOWED] += 1
        else:
            t = _window(slot, d - entry[p] - opens)
            if t < 0:
                reasons[-t] += 1
            elif not index_event and d == entry[p]:
                reasons[INDEX] += 1
            else:
                inside = limited and free[p, t] < length[t] and _inside(d, begin, finish, first[p], first[p + 1])
                if inside and not keep:
                    reasons[IN_CUSTODY] += 1
                elif inside and free[p, t] == 0:
                    reasons[CONFINED] += 1
                else:
                    counts[p, t] += counts[p, t] < MOST
                    done += 1
                    kept += inside
    reasons[COUNTED] += done
    reasons[COUNTED_IN_CUSTODY] += kept


@njit(cache=True, nogil=True)
def _window(slot, at):  # type: ignore[no-untyped-def]
    """Return the window of a day from the first one on, or less than 0, the reason why it is in none."""
    if at < 0:
        return -EARLIER
    if at >= len(slot):
        return -LATER
    return slot[at] if slot[at] >= 0 else -BETWEEN


@njit(cache=True, nogil=True)
def _inside(day, begin, finish, low, high):  # type: ignore[no-untyped-def]
    """Return whether a day lies inside one of some spells, and is not its first."""
    for s in range(low, high):
        if begin[s] >= day:
            break
        if day < finish[s]:
            return True
    return False
