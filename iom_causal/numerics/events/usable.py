"""Spells that hold somebody on the list for a night of a window, and why every other one is excluded."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.events.counting import NO_DAY, NO_ID
from iom_causal.numerics.events.grid import Days, Grid

REASONS = 7
USED, NAMELESS, UNLISTED, BACKWARDS, STARTLESS, NIGHTLESS, OUTSIDE = range(REASONS)
"""What becomes of a spell, the first reason that applies."""


def sort_out(person: NDArray[np.int32], start: Days, end: Days, grid: Grid, entry: Days, until: Days) -> NDArray[Any]:
    """Sort spells by whether they are used, and by the reason why not.

    Parameters
    ----------
    person, start, end : ndarray
        (S,) as of events; `NO_DAY` only where the first day is missing.
    grid : Grid
        The windows.
    entry, until : ndarray
        (n,) the day that each person's windows are counted from, and that from which the person is no longer followed.

    Returns
    -------
    ndarray
        (S,) one of the reasons above.

    Examples
    --------
    >>> from iom_causal.numerics.events.grid import grid
    >>> person, start, end = np.int32([-1, 0, 0, 0]), np.int32([1, 4, 5, 9]), np.int32([2, 4, 7, 12])
    >>> sort_out(person, start, end, grid([(0, 5)]), np.int32([3]), np.int32([9])).tolist()
    [2, 5, 0, 6]
    """
    return np.asarray(_sort_out(person, start, end, grid.starts[0], grid.ends[-1], entry, until))


@njit(cache=True, nogil=True)
def _sort_out(person, start, end, opens, closes, entry, until):  # type: ignore[no-untyped-def]
    out = np.empty(len(person), dtype=np.uint8)
    for k in range(len(person)):
        p = person[k]
        if p < 0:
            out[k] = NAMELESS if p == NO_ID else UNLISTED
        elif start[k] == NO_DAY:
            out[k] = STARTLESS
        elif end[k] <= start[k]:
            out[k] = NIGHTLESS if end[k] == start[k] else BACKWARDS
        elif end[k] <= entry[p] + opens or start[k] >= min(until[p], entry[p] + closes):
            out[k] = OUTSIDE
        else:
            out[k] = USED
    return out
