"""Distribution of a sum in which each whole step is taken or not, with a chance of its own."""

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]

HALF = 0.5


@njit(nogil=True, cache=True)
def _convolved(steps: NDArray[np.int64], chance: Floats, size: int) -> Floats:
    # Probabilities of the sums below `size`; every term is positive, so that nothing cancels.
    now, new = np.zeros(size), np.zeros(size)
    now[0] = 1.0
    top = 0
    for i in range(len(steps)):
        step, p, q = steps[i], chance[i], 1.0 - chance[i]
        top = min(top + step, size - 1)
        below = min(step, size)
        for t in range(below):
            new[t] = q * now[t]
        stay, move, both = now[below : top + 1], now[: top + 1 - below], new[below : top + 1]
        for t in range(len(both)):  # over views from 0, so that it runs several at once
            both[t] = q * stay[t] + p * move[t]
        now, new = new, now
    return now


def sum_pmf(steps: NDArray[np.int64], chance: ArrayLike = HALF) -> Floats:
    """Compute the probability mass function of a sum of whole steps, each taken with its chance.

    Parameters
    ----------
    steps : ndarray
        (n,) whole numbers, 0 or more.
    chance : array_like
        (n,) chances, or one for all.

    Returns
    -------
    ndarray
        Probabilities of the sums 0, 1, ..., sum of steps.

    Examples
    --------
    >>> sum_pmf(np.array([1, 2])).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return _convolved(*_sorted(steps, chance), int(np.sum(steps)) + 1)


def at_most(steps: NDArray[np.int64], chance: ArrayLike, limit: int) -> float:
    """Compute the chance of a sum of at most `limit`, in time n times the limit.

    Parameters
    ----------
    steps : ndarray
        (n,) whole numbers, 0 or more.
    chance : array_like
        (n,) chances, or one for all.
    limit : int
        0 or more gives what is summed; below 0 gives 0.

    Examples
    --------
    >>> at_most(np.array([1, 2, 3]), 0.25, 0), at_most(np.array([2, 4]), 0.5, 3)
    (0.421875, 0.5)
    """
    if limit < 0:
        return 0.0
    unit = max(1, int(np.gcd.reduce(steps, initial=0)))  # without ties twice a rank is even
    steps, limit = np.asarray(steps) // unit, limit // unit
    if limit >= int(steps.sum()):
        return 1.0
    return min(1.0, float(_convolved(*_sorted(steps, chance), limit + 1).sum()))


def _sorted(steps: NDArray[np.int64], chance: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    # Small steps first: the sums that are possible so far stay few for longest.
    order = np.argsort(steps, kind="stable")
    return np.asarray(steps, np.int64)[order], np.broadcast_to(np.asarray(chance, float), np.shape(steps))[order]
