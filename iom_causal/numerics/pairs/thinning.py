"""Binomial thinning of counts: each event stays with one probability, whatever else it is.

A Poisson count of any rate becomes one of that rate times the probability, so that thinned counts are those of people
whose rates are all multiplied by it.
"""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.kernels.counter_rng import LOWER, MASK, word

_ONE = 2.0**32


def thinned(counts: NDArray[Any], probability: float, keys: NDArray[np.uint64]) -> NDArray[Any]:
    """Binomial thinning of every count of a cohort, one key a cohort.

    A larger probability leaves, with the same keys, what a smaller one leaves and more.

    Parameters
    ----------
    counts : ndarray
        (R, n) whole numbers.
    probability : float
        That an event stays, from 0 to 1; held to 1 in 2**32.
    keys : ndarray
        (R,) unsigned 64-bit numbers, as `Streams.keys` gives, other ones than the counts were drawn with.

    Returns
    -------
    ndarray
        (R, n), of the type of the counts.

    Examples
    --------
    >>> thinned(np.array([[3, 0, 5]]), 1.0, np.array([7], dtype=np.uint64)).tolist()
    [[3, 0, 5]]
    """
    out = np.empty(counts.shape, counts.dtype)
    _thin(counts, np.uint64(round(probability * _ONE)), keys, out)
    return out


@njit(nogil=True, cache=True)
def _thin(counts, limit, keys, out):  # type: ignore[no-untyped-def]
    """Two events a word: each half is a coin. Places run on through a cohort, so that no two events share a coin."""
    for i in range(counts.shape[0]):
        place = 0
        for j in range(counts.shape[1]):
            left, kept = np.int64(counts[i, j]), np.int64(0)
            while left > 0:
                place += 1
                bits = word(keys[i], place)
                kept += np.int64((bits & MASK) < limit)
                kept += np.int64((left > 1) & ((bits >> LOWER) < limit))
                left -= 2
            out[i, j] = kept
