"""Equality of decimals up to the rounding of their binary representation.

0.1 + 0.2 and 0.3 differ by one unit in the last place. Whatever asks "unchanged?", "tied?", "constant?" or "whole?"
asks it here, by one tolerance; whole numbers are never touched.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

NOISE = 2.0**-46
"""Decimals nearer than this share of the larger are one number.

64 units in the last place: more than sums of some dozens of decimals gather, and beyond the thirteenth digit, which
no record holds. Whole numbers up to 7e13 are further apart than that.
"""


_PLACES = 6
"""Decimals that are looked at: no record of a person's outcome holds more."""


def differences(before: ArrayLike, after: ArrayLike) -> NDArray[Any]:
    """Compute after minus before, with 0 where they are one number and equal sizes where sizes are one number.

    Parameters
    ----------
    before, after : array_like
        (n,) values without NaN.

    Returns
    -------
    ndarray
        (n,); exactly after minus before for whole numbers.

    Examples
    --------
    >>> differences([0.3, 0.1, 0.7], [0.1 + 0.2, 0.2, 0.8]).round(3).tolist()
    [0.0, 0.1, 0.1]
    >>> len(set(differences([0.1, 0.7], [0.2, 0.8]).tolist()))
    1
    """
    a, b = np.asarray(before), np.asarray(after)
    change: NDArray[Any] = b - a
    if change.dtype.kind in "iub" or not change.size or (_exactly_whole(a) and _exactly_whole(b)):
        return change
    grain = NOISE * np.maximum(np.abs(a), np.abs(b))
    change = np.where(np.abs(change) <= grain, 0.0, change)
    return np.asarray(np.sign(change) * _tied(np.abs(change), grain))


def settled(values: ArrayLike) -> NDArray[Any]:
    """Return numbers with those that are one number made equal.

    Examples
    --------
    >>> settled([0.3, 0.1 + 0.2, 0.5]).tolist()
    [0.3, 0.3, 0.5]
    """
    x = np.asarray(values)
    if x.dtype.kind != "f" or not x.size or np.isnan(x).any() or _exactly_whole(x):
        return x
    sizes = np.abs(x).ravel()
    return np.asarray(np.sign(x) * _tied(sizes, NOISE * sizes).reshape(x.shape))


def whole(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers with those that are whole but for rounding made whole.

    Examples
    --------
    >>> whole(np.array([0.1 * 3 * 10, 2.5])).tolist()
    [3.0, 2.5]
    """
    if values.dtype.kind != "f":
        return values
    nearest = np.rint(values)
    return np.asarray(np.where(np.abs(values - nearest) <= NOISE * np.maximum(1.0, np.abs(values)), nearest, values))


def on_grid(values: ArrayLike) -> tuple[NDArray[Any], float]:
    """Return numbers as whole numbers of the largest unit 1, .1, .01 ... of which all are, and that unit.

    Where they are whole numbers of none down to a millionth they come back as they are, with a unit of 1.

    Examples
    --------
    >>> on_grid([0.1 + 0.2, 0.5, -1.1])
    (array([  3.,   5., -11.]), 0.1)
    """
    x = np.asarray(values)
    for places in range(_PLACES + 1):
        steps = whole(x * 10**places) if places else whole(x)
        if _exactly_whole(steps):
            return steps, 1 / 10**places
    return x, 1.0


def constant(values: ArrayLike) -> bool:
    """Whether all values are one number.

    Examples
    --------
    >>> constant([0.3, 0.1 + 0.2]), constant([1, 2])
    (True, False)
    """
    x = np.asarray(values)
    return not x.size or bool(np.ptp(x) <= NOISE * np.abs(x).max())


def _exactly_whole(x: NDArray[Any]) -> bool:
    return bool(x.dtype.kind != "f" or (x == np.rint(x)).all())


def _tied(sizes: FloatArray, grain: FloatArray) -> FloatArray:
    """Give sizes that lie within the grain of their neighbour the smallest of their group."""
    order = np.argsort(sizes, kind="stable")
    rising, reach = sizes[order], grain[order]
    apart = np.diff(rising) > np.maximum(reach[1:], reach[:-1])
    group = np.concatenate([[0], np.cumsum(apart)])
    first = np.flatnonzero(np.concatenate([[True], apart]))
    tied = np.empty_like(rising)
    tied[order] = rising[first][group]
    return tied
