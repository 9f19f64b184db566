"""Rows of one record: which of them stands for the event, and which repeat it."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.events.grid import Days


def repeats(key: NDArray[np.int64], day: Days, keys: int) -> NDArray[np.bool_]:
    """Rows that repeat another of their key: all but the first of those on its first day.

    Parameters
    ----------
    key : ndarray
        (E,) of 0 to below `keys`; a row of another is one by itself.
    day : ndarray
        (E,).
    keys : int
        How many there are.

    Examples
    --------
    >>> repeats(np.array([0, 0, 1, -1, -1, 0]), np.int32([7, 3, 4, 4, 4, 3]), 2).tolist()
    [True, False, False, False, False, True]
    """
    return np.asarray(_repeats(key, day, np.full(keys, -1, dtype=np.int64)))


@njit(cache=True, nogil=True)
def _repeats(key, day, kept):  # type: ignore[no-untyped-def]
    out = np.zeros(len(key), dtype=np.bool_)
    for k in range(len(key)):
        if key[k] < 0:
            continue
        stands = kept[key[k]]
        if stands < 0 or day[k] < day[stands]:
            kept[key[k]] = k
    for k in range(len(key)):
        out[k] = key[k] >= 0 and kept[key[k]] != k
    return out
