"""Expected width of an identified set once a further statistic is known.

Models that reproduce the same observed figures lie on curves: along each the value that is asked for, and every
statistic that is not observed, move together. A curve is held as segments, straight between neighbouring models, so
that a known statistic cuts a part out of each and the width of what is left is exact for such curves.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]


@njit(nogil=True, cache=True)
def sets_when_known(
    value: Floats, statistics: Floats, below: Floats, above: Floats, stays: Flags
) -> tuple[Floats, Floats]:
    """Return the ends of the identified set once statistics are known, were the middle of each segment the truth.

    A model is left where every statistic lies from `below` less to `above` more than that of the truth, or where it
    stays whatever the statistic is.

    Parameters
    ----------
    value : ndarray
        (N, 2) at both ends of each segment.
    statistics : ndarray
        (K, N, 2) the same of each statistic that is known; K = 0 where nothing is, and all models are left.
    below, above : ndarray
        (K, N) by how much less or more than the truth's a statistic may be, by the segment of the truth; infinite in
        segments of models that tell nothing of it, which as the truth leave all.
    stays : ndarray of bool
        (K, N) whether a model is left whatever the statistic is.

    Returns
    -------
    low, high : ndarray
        (N,) the lowest and the highest value that is left.

    Examples
    --------
    >>> value = np.array([[0.0, 1.0], [0.0, 2.0]])
    >>> mean = np.array([[[0.0, 1.0], [0.0, 1.0]]])
    >>> known = np.full((1, 2), 0.1)
    >>> held = np.zeros((1, 2), dtype=np.bool_)
    >>> [ends.round(1).tolist() for ends in sets_when_known(value, mean, known, known, held)]
    [[0.4, 0.4], [1.2, 1.2]]
    """
    size = value.shape[0]
    lows, highs = np.empty(size), np.empty(size)
    for i in range(size):
        low, high = np.inf, -np.inf
        for j in range(size):
            first, last = 0.0, 1.0
            for k in range(statistics.shape[0]):
                if stays[k, j] or below[k, i] == np.inf:
                    continue
                truth = 0.5 * (statistics[k, i, 0] + statistics[k, i, 1])
                least, most = truth - below[k, i], truth + above[k, i]
                start, step = statistics[k, j, 0], statistics[k, j, 1] - statistics[k, j, 0]
                if step == 0.0:
                    if not least <= start <= most:
                        last = -1.0
                else:
                    one, other = (least - start) / step, (most - start) / step
                    first, last = max(first, min(one, other)), min(last, max(one, other))
                if last < first:
                    break
            if last >= first:
                there, slope = value[j, 0], value[j, 1] - value[j, 0]
                one, other = there + first * slope, there + last * slope
                low, high = min(low, one, other), max(high, one, other)
        lows[i], highs[i] = low, high
    return lows, highs


def widths_when_known(
    value: Floats, statistics: Floats, below: Floats, above: Floats, stays: Flags | None = None
) -> Floats:
    """Width of the identified set once statistics are known, (N,); the truth itself is always left.

    Parameters
    ----------
    value, statistics, below, above : ndarray
        As for `sets_when_known`; the bounds are 0 or more.
    stays : ndarray of bool, optional
        As there; by default where a bound below is infinite.

    Examples
    --------
    >>> nothing = np.empty((0, 2, 2)), np.empty((0, 2)), np.empty((0, 2))
    >>> widths_when_known(np.array([[0.0, 1.0], [1.0, 2.0]]), *nothing).tolist()
    [2.0, 2.0]
    """
    left = np.ascontiguousarray(np.isinf(below) if stays is None else stays)
    at, of, less, more = (np.ascontiguousarray(v, dtype=np.float64) for v in (value, statistics, below, above))
    low, high = sets_when_known(at, of, less, more, left)
    return high - low


def expected_width(width: Floats, weight: Floats) -> float:
    """Mean of widths over the models that may be true, each with its weight.

    Examples
    --------
    >>> expected_width(np.array([1.0, 3.0]), np.array([3.0, 1.0]))
    1.5
    """
    return float((width * weight).sum() / weight.sum())
