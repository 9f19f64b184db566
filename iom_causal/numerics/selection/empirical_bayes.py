"""Empirical Bayes posterior of a unit's expected count, given the population that it is from.

References: Hauer 1997; Hauer, Harwood, Council & Griffith 2002.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError

FloatArray = NDArray[np.float64]


class Posterior(NamedTuple):
    """The expected count in a window like the one seen, its SD, and the weight that the reference has in it."""

    mean: FloatArray
    sd: FloatArray
    weight: FloatArray


def posterior(count: ArrayLike, mean: ArrayLike, shape: ArrayLike) -> Posterior:
    """Compute what to expect of units with `count` events when units like them expect `mean`.

    ``w mean + (1 - w) count`` with ``w = 1 / (1 + mean / shape)``, and variance ``(1 - w)`` times that.

    Parameters
    ----------
    count : array_like
        Events seen.
    mean : array_like
        Expected in the same window for units like it.
    shape : array_like
        Of the gamma distribution of rates among units like it.

    Examples
    --------
    >>> p = posterior(12, 2.4089 * 1.8, 2.05 * 1.8)
    >>> round(float(p.mean) / 1.8, 2), round(float(p.sd) / 1.8, 2), round(float(p.weight), 4)
    (4.71, 1.19, 0.4598)
    """
    y, m, a = (np.asarray(v, dtype=np.float64) for v in (count, mean, shape))
    if not ((m > 0) & (a > 0)).all() or (y < 0).any():
        raise InputError("IOM-E092", "expected counts from 0, and a mean and shape above 0")
    w = 1 / (1 + m / a)
    expected = w * m + (1 - w) * y
    return Posterior(np.asarray(expected), np.sqrt((1 - w) * expected), np.asarray(w))


def log_shift(mean_pre: ArrayLike, mean: ArrayLike, shape: ArrayLike) -> FloatArray:
    """Return the log of what to expect of selected people on average over their mean before.

    The posterior is linear in the count, so that only the mean of selected people enters; however they were
    selected on it.

    Examples
    --------
    >>> round(float(log_shift(8.2655243, 5.0, 1.4)), 4) == round(float(np.log(7.5511909 / 8.2655243)), 4)
    True
    """
    return np.asarray(np.log(posterior(mean_pre, mean, shape).mean / np.asarray(mean_pre)))
