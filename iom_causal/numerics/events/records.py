"""Rows of one record: which of them stands for the event, and which repeat it."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.events.grid import Days


def too_wide(key: NDArray[np.int64], day: Days, record: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Keys of several days whose record several keys share, or whose days lie more than so many apart.

    Parameters
    ----------
    key : ndarray
        (E,) of a person and record, from 0.
    day : ndarray
        (E,).
    record : ndarray
        (E,) the record of each, from 0.
    most : int
        Days over which rows of one record may lie.

    Returns
    -------
    ndarray
        (keys,).

    Examples
    --------
    >>> too_wide(np.array([0, 0, 1, 2, 2, 3, 3]), np.int32([1, 2, 1, 1, 99, 5, 7]), np.array([0, 0, 0, 1, 1, 2, 2]), 92)
    array([ True, False,  True, False])
    """
    return np.asarray(_too_wide(key, day, record, int(key.max(initial=-1)) + 1, int(record.max(initial=-1)) + 1, most))


@njit(cache=True, nogil=True)
def _too_wide(key, day, record, keys, records, most):  # type: ignore[no-untyped-def]
    first, last, of = np.zeros(keys, dtype=day.dtype), np.zeros(keys, dtype=day.dtype), np.full(keys, -1)
    sharing = np.zeros(records, dtype=np.int64)
    for k in range(len(key)):
        at = key[k]
        if of[at] < 0:
            of[at], first[at], last[at] = record[k], day[k], day[k]
            sharing[record[k]] += 1
        first[at], last[at] = min(first[at], day[k]), max(last[at], day[k])
    out = np.zeros(keys, dtype=np.bool_)
    for at in range(keys):
        out[at] = last[at] > first[at] and (sharing[of[at]] > 1 or last[at] - first[at] > most)
    return out


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
