"""Logarithmic mean Divisia decomposition of a change among factors, in the outcome's own unit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def log_mean(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return the logarithmic mean ``(b - a) / log(b / a)``, which is ``a`` where both are equal.

    Examples
    --------
    >>> float(log_mean(2.0, 2.0)), round(float(log_mean(1.0, 2.0)), 6)
    (2.0, 1.442695)
    """
    a, b = np.broadcast_arrays(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    gap = b / a - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        # log1p keeps all digits of a small gap, where the plain form would cancel.
        mean = np.where(gap == 0, a, a * gap / np.log1p(gap))
    return np.asarray(mean)


def lmdi(before: ArrayLike, log_factors: ArrayLike) -> NDArray[np.float64]:
    """Share a change among multiplicative factors by their logs; the shares add up to the change.

    The additive logarithmic mean Divisia index (Ang 2004): each factor is worth its log times the
    logarithmic mean of the levels before and after. It does not depend on the order of the factors.

    Parameters
    ----------
    before : array_like
        () or (D,) level before.
    log_factors : array_like
        (K,) or (D, K) logs of the factors.

    Returns
    -------
    ndarray
        (K,) or (D, K) changes in units of `before`.

    Examples
    --------
    >>> shares = lmdi(6.84, np.log([0.9, 0.95, 0.97, 0.85, 0.75]))
    >>> round(float(shares.sum()), 9)
    -3.223619325
    """
    logs = np.asarray(log_factors, dtype=np.float64)
    start = np.asarray(before, dtype=np.float64)
    level = log_mean(start, start * np.exp(logs.sum(-1)))
    return np.asarray(level[..., None] * logs)


def chained(before: ArrayLike, log_factors: ArrayLike) -> NDArray[np.float64]:
    """Compute the changes that multiplicative factors bring one after the other; they add up to the change.

    Each is worked out from the level that the factors ahead of it leave, so that the first k of them together lead to
    the level that they alone give. What one factor is worth depends on its place.

    Parameters
    ----------
    before : array_like
        () or (D,) level before.
    log_factors : array_like
        (K,) or (D, K) logs of the factors, in order.

    Returns
    -------
    ndarray
        (K,) or (D, K) changes in units of `before`.

    Examples
    --------
    >>> chained(10.0, np.log([0.5, 0.8])).round(12)
    array([-5., -1.])
    """
    logs = np.asarray(log_factors, dtype=np.float64)
    start = np.asarray(before, dtype=np.float64)[..., None]
    reached = start * np.exp(np.cumsum(logs, -1) - logs)
    return np.asarray(reached * np.expm1(logs))
