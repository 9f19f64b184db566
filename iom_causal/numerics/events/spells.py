"""Union of spells by person, and the days of each window outside it.

A spell is half open: its first day is inside and its last day, that of release, is not. Its length is the number of
nights, as counts of prison days are.
"""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.events.grid import Days, Grid

GROUPS = 512
"""Groups of people by whom spells are ordered, so that what is looked up of one group stays near the processor."""


class Union(NamedTuple):
    """Spells of all people after those that overlap were merged, in order of person and start.

    Of two that touch the second begins on the day on which the first ends: it has a day of reception of its own.

    Attributes
    ----------
    first : ndarray
        (n + 1,) where the spells of each person begin in the others, and where the last one's end.
    start, end : ndarray
        Of each merged spell, in the units given.
    merged : int
        Spells that overlap or touch one before.
    """

    first: NDArray[np.int64]
    start: NDArray[Any]
    end: NDArray[Any]
    merged: int


def union(person: NDArray[Any], start: NDArray[Any], end: NDArray[Any], people: int) -> Union:
    """Union of the spells of each person.

    Parameters
    ----------
    person : ndarray
        (S,) whose spell it is, from 0 to below `people`; in any order. One of less than 0 is left out.
    start, end : ndarray
        (S,) whole numbers of any unit, with ``start <= end``.
    people : int
        How many there are.

    Examples
    --------
    >>> put = union(np.int32([0, 1, 0]), np.int32([5, 0, 3]), np.int32([9, 2, 6]), 2)
    >>> put.start.tolist(), put.end.tolist(), put.merged
    ([3, 0], [9, 2], 1)
    """
    first, begin, finish, overlapping = _union(person, start, end, people)
    return Union(first, begin[: first[-1]], finish[: first[-1]], int(overlapping))


def covered(spells: Union, first: int, last: ArrayLike) -> NDArray[np.int64]:
    """Length of the union of each person's spells within a stretch of the same units, (n,).

    Parameters
    ----------
    spells : Union
        Of the spells.
    first, last : int, array_like
        The stretch; its end may be each person's own, (n,), and no earlier than `first`.

    Examples
    --------
    >>> covered(union(np.int64([0, 0, 1]), np.int64([-5, 2, 8]), np.int64([4, 6, 20]), 3), 0, 10).tolist()
    [6, 2, 0]
    """
    people = len(spells.first) - 1
    who = np.repeat(np.arange(people), np.diff(spells.first))
    closes = np.broadcast_to(np.asarray(last, dtype=np.int64), people)[who]
    inside = np.clip(spells.end, first, closes) - np.clip(spells.start, first, closes)
    return np.bincount(who, weights=inside, minlength=people).astype(np.int64)


class Liberty(NamedTuple):
    """Days at risk by person and window.

    Attributes
    ----------
    days : ndarray of uint16
        (n, T).
    held, absent : ndarray of bool
        (n,) who was in custody throughout some window in which somebody followed, and in some window was not followed
        for a single day.
    """

    days: NDArray[np.uint16]
    held: NDArray[np.bool_]
    absent: NDArray[np.bool_]


def days_free(spells: Union, grid: Grid, entry: Days, until: Days) -> Liberty:
    """Days of each window before a person's `until` and outside the union of the person's spells.

    Parameters
    ----------
    spells : Union
        Of the spells.
    grid : Grid
        The windows.
    entry : ndarray
        (n,) the day that each person's windows are counted from.
    until : ndarray
        (n,) the day from which a person is no longer followed.

    Examples
    --------
    >>> from iom_causal.numerics.events.grid import grid
    >>> spells = union(np.int32([0]), np.int32([8]), np.int32([14]), 1)
    >>> days_free(spells, grid([(-10, 0), (0, 10)]), np.int32([10]), np.int32([18])).days.tolist()
    [[8, 4]]
    """
    n = len(entry)
    days = np.empty((n, len(grid.starts)), dtype=np.uint16)
    held, absent = np.zeros((2, n), dtype=np.bool_)
    since = np.searchsorted(grid.ends - grid.starts[0], np.arange(len(grid.slot)), side="right")
    _free(spells.first, spells.start, spells.end, grid.starts, grid.ends, since, entry, until, days, held, absent)
    return Liberty(days, held, absent)


def with_receptions(liberty: Liberty, counts: NDArray[np.uint16]) -> None:
    """Give a day at risk to windows held throughout from the day of reception on, whose event counts.

    Parameters
    ----------
    liberty : Liberty
        What is changed.
    counts : ndarray of uint16
        (n, T) events.

    Examples
    --------
    >>> liberty = Liberty(np.zeros((2, 1), dtype=np.uint16), np.array([True, True]), np.array([False, False]))
    >>> with_receptions(liberty, np.array([[3], [0]], dtype=np.uint16))
    >>> liberty.days.tolist(), liberty.held.tolist()
    ([[1], [0]], [False, True])
    """
    _with_receptions(liberty.days, liberty.held, counts)


@njit(cache=True, nogil=True)
def _with_receptions(days, held, counts):  # type: ignore[no-untyped-def]
    one = np.uint16(1)
    for p in range(len(days)):
        fewest = one
        for t in range(days.shape[1]):
            days[p, t] = max(days[p, t], min(counts[p, t], one))
            fewest = min(fewest, days[p, t])
        held[p] &= fewest == 0


@njit(cache=True, nogil=True)
def _near(person, start, end, people):  # type: ignore[no-untyped-def]
    """Order spells by groups of people."""
    shift = 0
    while people >> shift >= GROUPS:
        shift += 1
    place = np.zeros(GROUPS + 1, dtype=np.int64)
    for p in person:
        if p >= 0:
            place[(p >> shift) + 1] += 1
    for group in range(GROUPS):
        place[group + 1] += place[group]
    used = place[GROUPS]
    who, begin, finish = np.empty(used, person.dtype), np.empty(used, start.dtype), np.empty(used, end.dtype)
    for k in range(len(person)):
        if person[k] >= 0:
            at = place[person[k] >> shift]
            place[person[k] >> shift] += 1
            who[at], begin[at], finish[at] = person[k], start[k], end[k]
    return who, begin, finish


@njit(cache=True, nogil=True)
def _union(person, start, end, people):  # type: ignore[no-untyped-def]
    person, start, end = _near(person, start, end, people)
    first = np.zeros(people + 1, dtype=np.int64)
    for p in person:
        first[p + 1] += 1
    for p in range(people):
        first[p + 1] += first[p]
    begin, finish = np.empty_like(start), np.empty_like(end)
    place = first[:-1].copy()
    for k in range(len(person)):  # into the rows of its person, kept in order of starts as they come
        p = person[k]
        at = place[p]
        while at > first[p] and begin[at - 1] > start[k]:
            begin[at], finish[at] = begin[at - 1], finish[at - 1]
            at -= 1
        begin[at], finish[at] = start[k], end[k]
        place[p] += 1
    put, overlapping = 0, 0
    for p in range(people):
        low, high = first[p], first[p + 1]
        first[p] = put
        for k in range(low, high):
            if put > first[p] and begin[k] < finish[put - 1]:
                finish[put - 1] = max(finish[put - 1], finish[k])
                overlapping += 1
            else:
                overlapping += put > first[p] and begin[k] == finish[put - 1]
                begin[put], finish[put] = begin[k], finish[k]
                put += 1
    first[people] = put
    return first, begin, finish, overlapping


@njit(cache=True, nogil=True)
def _free(first, begin, finish, starts, ends, since, entry, until, days, held, absent):  # type: ignore[no-untyped-def]
    windows, opens = len(starts), starts[0]
    for p in range(len(entry)):
        last = until[p] - entry[p]
        for t in range(windows):
            days[p, t] = ends[t] - starts[t]
        if last < ends[-1]:
            for t in range(windows):
                days[p, t] = max(0, min(ends[t], last) - starts[t])
                absent[p] |= days[p, t] == 0
        for k in range(first[p], first[p + 1]):
            low, high = max(begin[k] - entry[p], opens), min(finish[k] - entry[p], last, ends[-1])
            t = since[low - opens] if low < high else windows
            while t < windows and starts[t] < high:
                days[p, t] -= min(ends[t], high) - max(starts[t], low)
                held[p] |= days[p, t] == 0
                t += 1
