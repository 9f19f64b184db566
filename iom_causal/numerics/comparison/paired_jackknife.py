"""Jackknife variance of a log ratio of totals over pairs, with people as clusters."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


@njit(nogil=True, cache=True)
def jackknife_variance(before: NDArray[np.float64], after: NDArray[np.float64], weight: Floats) -> Floats:
    """Compute the jackknife variance of ``log(sum after / sum before)`` over people.

    The sum over people of the squared change of the log without each, times 1 - 1 / n: the correction "jackknife" of
    `cell_means.contribution`, in one pass.

    Parameters
    ----------
    before, after : ndarray
        (R, n) without NaN.
    weight : ndarray
        (1, n) or (R, n) how often each person counts.

    Returns
    -------
    ndarray
        (R,), infinite where one person has all events of a window.

    Examples
    --------
    >>> pairs = np.array([[[3, 1], [2, 2], [5, 1], [4, 3]]])
    >>> jackknife_variance(pairs[..., 0], pairs[..., 1], np.ones((1, 4))).round(5).tolist()
    [0.13002]
    """
    replicates, n = before.shape
    out = np.empty(replicates)
    for r in range(replicates):
        w = weight[r if weight.shape[0] > 1 else 0]
        first, second, people = 0.0, 0.0, 0.0
        for i in range(n):
            first += w[i] * before[r, i]
            second += w[i] * after[r, i]
            people += w[i]
        total = np.nan
        if first > 0 and second > 0:
            total = 0.0
            for i in range(n):
                if w[i] > 0:
                    a, b = before[r, i] / first, after[r, i] / second
                    if a >= 1 or b >= 1:
                        total = np.inf
                    else:
                        total += w[i] * (math.log1p(-a) - math.log1p(-b)) ** 2
        out[r] = total * (1 - 1 / people) if people > 0 else np.nan
    return out
