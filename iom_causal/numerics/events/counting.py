"""Counts of dated events by person and window, with the reason for which every other event is excluded."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.events.grid import Days, Grid
from iom_causal.numerics.events.inside import mark, marked, nobody
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

GROUPS = 512
"""Groups of people by whom events are ordered, so that what is looked up of one group stays near the processor."""
ROWS, WAITING = 2**16, 256
"""Events that are ordered together, few enough that their arrays stay near the processor and are no new pages of memory
at every call, and the most such parts that are counted together."""
DAY_BITS, ORIGIN = 21, 2**20
"""Of an ordered event: the bits of its day, and what the day is counted from so as not to be negative."""


class Events(NamedTuple):
    """Some events.

    Attributes
    ----------
    person : ndarray
        (E,) whose event it is, `NOBODY` or `NO_ID`.
    day : ndarray
        (E,) `NO_DAY` where it is missing.
    repeated : ndarray, optional
        (E,) rows of an event that another row stands for.
    """

    person: NDArray[np.int32]
    day: Days
    repeated: NDArray[np.bool_] | None = None


class Tally(NamedTuple):
    """Counts of events.

    Attributes
    ----------
    counts : ndarray of uint16
        (n, T).
    reasons : ndarray of int
        Events by reason.
    entered : ndarray of bool
        (n,) who has an event on the index date.
    """

    counts: NDArray[np.uint16]
    reasons: NDArray[np.int64]
    entered: NDArray[np.bool_]


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
        (n, T) days at liberty.
    """

    grid: Grid
    entry: Days
    until: Days
    taken: int
    index_event: bool
    in_custody: bool
    held: Union
    free: NDArray[np.uint16]


def count(events: Iterable[Events], settings: Settings) -> Tally:
    """Count events by person and window.

    An event on the first day of a spell is at liberty: the arrest after which somebody was held. One on a later day of
    it counts only where settings say so, and in a window without a day at liberty it cannot.

    Parameters
    ----------
    events : iterable of Events
        Some at a time.
    settings : Settings
        What decides.
    """
    people, windows = len(settings.entry), len(settings.grid.starts)
    tally = Tally(
        np.zeros((people, windows), dtype=np.uint16),
        np.zeros(REASONS, dtype=np.int64),
        np.zeros(people, dtype=np.bool_),
    )
    shift = min(max(people.bit_length() - GROUPS.bit_length() + 1, 0), 32 - DAY_BITS)
    first = np.zeros((WAITING, (people >> shift) + 2), dtype=np.int64)
    ordered = np.empty((WAITING, ROWS), dtype=np.uint32)
    waiting = 0
    for person, day, repeated in _parts(events):
        _order(person, day, repeated, shift, settings.entry, first[waiting], ordered[waiting], tally)
        waiting = (waiting + 1) % WAITING
        if not waiting:
            _add(first, ordered, shift, settings, tally)
    _add(first[:waiting], ordered[:waiting], shift, settings, tally)
    return tally


def _parts(events: Iterable[Events]) -> Iterator[tuple[NDArray[np.int32], Days, NDArray[np.bool_]]]:
    for person, day, repeated in events:
        again = np.zeros(0, dtype=np.bool_) if repeated is None else repeated
        for k in range(0, len(person), ROWS):
            yield person[k : k + ROWS], day[k : k + ROWS], again[k : k + ROWS]


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
def _order(person, day, again, shift, entry, first, ordered, tally):  # type: ignore[no-untyped-def]
    """Order events of people on the list by groups of them, each the person in the group and the day in one number."""
    reasons, entered, within = tally.reasons, tally.entered, (1 << shift) - 1
    first[:] = 0
    for k in range(len(person)):
        p, d = person[k], day[k]
        if p < 0:
            reasons[NAMELESS if p == NO_ID else UNLISTED] += 1
        elif d == NO_DAY or (len(again) and again[k]):
            reasons[UNDATED if d == NO_DAY else REPEATED] += 1
            entered[p] |= d == entry[p]
        else:
            first[(p >> shift) + 1] += 1
    for group in range(len(first) - 1):
        first[group + 1] += first[group]
    place = first[:-1].copy()
    for k in range(len(person)):
        p, d = person[k], day[k]
        if p >= 0 and d != NO_DAY and not (len(again) and again[k]):
            group = p >> shift
            ordered[place[group]] = ((p & within) << DAY_BITS) | (min(max(d + ORIGIN, 0), 2 * ORIGIN - 1))
            place[group] += 1


@njit(cache=True, nogil=True)
def _add(first, ordered, shift, settings, tally):  # type: ignore[no-untyped-def]
    entry, until, opens, slot = settings.entry, settings.until, settings.grid.starts[0], settings.grid.slot
    counts, free, limited, never = tally.counts, settings.free, len(settings.held.start) > 0, not settings.in_custody
    inside = nobody(1 << shift, len(slot))
    done, kept, lost = np.int64(0), np.int64(0), np.int64(0)
    for group in range(first.shape[1] - 1):
        low = group << shift
        if limited:
            _mark(inside, low, settings)
        for part in range(len(first)):
            for event in ordered[part, first[part, group] : first[part, group + 1]]:
                who = np.int64(event >> DAY_BITS)
                p, day = low + who, np.int64(event & (2 * ORIGIN - 1)) - ORIGIN
                at = day - entry[p] - opens
                if at == -opens:
                    tally.entered[p] = True
                t = _window(day, at, until[p], opens, slot, settings.taken, settings.index_event)
                if t < 0:
                    tally.reasons[-t] += 1
                    continue
                held, out = np.uint16(0), np.uint16(0)
                if limited:  # without a branch, which nobody could foretell
                    held = marked(inside, who, at)
                    out = held & (np.uint16(never) | np.uint16(free[p, t] == 0))
                counts[p, t] += np.uint16(counts[p, t] < MOST) & (out ^ np.uint16(1))
                done, kept, lost = done + 1, kept + np.int64(held), lost + np.int64(out)
    tally.reasons[COUNTED] += done - lost
    tally.reasons[COUNTED_IN_CUSTODY] += kept - lost
    tally.reasons[IN_CUSTODY if never else CONFINED] += lost


@njit(cache=True, nogil=True)
def _mark(inside, low, settings):  # type: ignore[no-untyped-def]
    """Mark the days in custody, after that of reception, of the people from one on."""
    spells, opens = settings.held, settings.grid.starts[0]
    inside.fill(0)
    for p in range(low, min(low + len(inside), len(settings.entry))):
        zero = settings.entry[p] + opens
        for s in range(spells.first[p], spells.first[p + 1]):
            mark(inside, p - low, spells.start[s] + 1 - zero, spells.end[s] - zero)


@njit(cache=True, nogil=True)
def _window(day, at, until, opens, slot, taken, index_event):  # type: ignore[no-untyped-def]
    """Return the window of a day so far from the first one, or less than 0, the reason why it does not count."""
    if day >= until:
        return -(NOT_YET if day >= taken else UNFOLLOWED)
    if at < 0:
        return -EARLIER
    if at >= len(slot):
        return -LATER
    if slot[at] < 0:
        return -BETWEEN
    return -INDEX if at == -opens and not index_event else slot[at]
