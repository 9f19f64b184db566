"""Empirical Bayes posterior of a unit's expected count, and the reference population that it is given.

References: Hauer 1997; Hauer, Harwood, Council & Griffith 2002.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import digamma

from iom_causal.errors import DegenerateDataError, InputError

FloatArray = NDArray[np.float64]


class Posterior(NamedTuple):
    """The expected count in a window like the one seen, its SD, and the weight that the reference has in it."""

    mean: FloatArray
    sd: FloatArray
    weight: FloatArray


class Reference(NamedTuple):
    """A negative binomial population: its mean, and the shape of the gamma distribution of rates."""

    mean: float
    shape: float


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


def reference(counts: ArrayLike, weight: ArrayLike | None = None) -> Reference:
    """Fit a negative binomial population by maximum likelihood.

    Parameters
    ----------
    counts : array_like
        (n,) events of the source population in one window, nobody selected on them.
    weight : array_like, optional
        (n,).

    Raises
    ------
    DegenerateDataError
        IOM-E065 when counts vary no more than chance would make them, so that the shape is without limit.

    Examples
    --------
    >>> fit = reference([0, 0, 0, 1, 1, 2, 3, 5, 9])
    >>> round(fit.mean, 3), round(fit.shape, 3)
    (2.333, 0.804)
    """
    y = np.asarray(counts, dtype=np.float64)
    w = np.ones(y.size) if weight is None else np.asarray(weight, dtype=np.float64)
    mean = float(np.average(y, weights=w))
    if float(np.average((y - mean) ** 2, weights=w)) <= mean:
        raise DegenerateDataError("IOM-E065", "counts vary no more between people than chance alone would make them")
    values, where = np.unique(y, return_inverse=True)
    n = np.bincount(where, weights=w)

    def score(log_shape: float) -> float:
        a = math.exp(log_shape)
        return float((n * (digamma(a + values) - digamma(a))).sum() - n.sum() * math.log1p(mean / a))

    return Reference(mean, math.exp(float(brentq(score, -12.0, 12.0, xtol=1e-12))))
