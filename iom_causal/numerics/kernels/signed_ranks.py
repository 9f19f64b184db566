"""Midranks of sizes that repeat, pairwise means with how often each occurs, and their places in an interval."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from iom_causal.numerics.kernels.bernoulli_sums import HALF, sum_pmf

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

EXACT_UP_TO = 500
"""People up to whom the distribution of a rank sum is worked out and not approximated."""


def midranks(sizes: Floats, counts: Integers) -> Floats:
    """Rank sizes that occur `counts` times each, ties sharing the mean of their ranks.

    Examples
    --------
    >>> midranks(np.array([2.0, 5.0, 2.0]), np.array([1, 1, 1])).tolist()
    [1.5, 3.0, 1.5]
    """
    _, where = np.unique(sizes, return_inverse=True)
    group = np.bincount(where, weights=counts, minlength=0)
    return np.asarray((np.cumsum(group) - (group - 1) / 2)[where], float)


def pairwise_means(values: Floats, times: Integers) -> tuple[Floats, Integers]:
    """Return the distinct means of all pairs, a value with itself included, and how many lie at or below each.

    Parameters
    ----------
    values : ndarray
        (k,) distinct values, ascending.
    times : ndarray
        (k,) how often each occurs.

    Examples
    --------
    >>> means, upto = pairwise_means(np.array([0.0, 1.0]), np.array([1, 2]))
    >>> means.tolist(), upto.tolist()
    ([0.0, 0.5, 1.0], [1, 3, 6])
    """
    i, j = np.triu_indices(values.size)
    means = (values[i] + values[j]) / 2
    each = np.where(i == j, times[i] * (times[i] + 1) // 2, times[i] * times[j])
    walsh, where = np.unique(means, return_inverse=True)
    return walsh, np.cumsum(np.bincount(where, weights=each)).astype(np.int64)


def position(cumulated: Integers, k: int) -> int:
    """Return the place of the value with `k` others before it in order.

    Examples
    --------
    >>> position(np.array([1, 3, 6]), 1), position(np.array([1, 3, 6]), 5)
    (1, 2)
    """
    return int(np.searchsorted(cumulated, k, side="right"))


def distinct(changes: Floats, counts: Integers) -> tuple[Floats, Integers]:
    """Return distinct changes, ascending, and how often each occurs.

    Examples
    --------
    >>> [x.tolist() for x in distinct(np.array([2.0, 0.0, 2.0]), np.array([1, 1, 3]))]
    [[0.0, 2.0], [1, 4]]
    """
    values, where = np.unique(changes, return_inverse=True)
    return values, np.bincount(where, weights=counts).astype(np.int64)


def skipped_means(tail: float, n: int, chance: float = HALF) -> int:
    """Return how many pairwise means may be skipped at an end of an interval, or -1 if none may even be used.

    Parameters
    ----------
    tail : float
        The chance of leaving out the middle on that side.
    n : int
        People.
    chance : float
        Of each person's being on that side of the middle.

    Examples
    --------
    >>> skipped_means(0.05, 6), skipped_means(0.01, 6), skipped_means(0.05, 6, 0.25)
    (2, -1, -1)
    """
    if n <= EXACT_UP_TO:
        cdf = np.cumsum(sum_pmf(np.arange(1, n + 1), chance))
        return int(np.searchsorted(cdf, tail * (1 + 1e-12), side="right")) - 1
    pairs = n * (n + 1)
    mean, sd = chance * pairs / 2, np.sqrt(chance * (1 - chance) * pairs * (2 * n + 1) / 6)
    return max(-1, int(np.floor(mean + special.ndtri(tail) * sd)))
