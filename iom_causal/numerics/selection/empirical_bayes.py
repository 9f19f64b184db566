"""Empirical Bayes for counts with a reference population: what to expect of a unit from its own past and its like.

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
    """A negative binomial population: its mean, and the shape of the gamma law of rates."""

    mean: float
    shape: float


class Effectiveness(NamedTuple):
    """Hauer's index: seen over expected, freed of the bias of a ratio, with its standard error."""

    ratio: float
    std_error: float


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
        Of the gamma law of rates among units like it.

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
    """Return the log of what to expect of picked people on average over their mean before.

    The posterior is linear in the count, so that only the mean of picked people enters; however they were
    picked on it.

    Examples
    --------
    >>> round(float(log_shift(8.2655243, 5.0, 1.4)), 4) == round(float(np.log(7.5511909 / 8.2655243)), 4)
    True
    """
    return np.asarray(np.log(posterior(mean_pre, mean, shape).mean / np.asarray(mean_pre)))


def effectiveness(after: float, expected: float, expected_variance: float) -> Effectiveness:
    """Compute the ratio of events seen after to those expected, with Hauer's correction and standard error.

    ``theta = (S / pi) / (1 + Var(pi) / pi^2)``; its variance takes the variance of ``S`` as ``S``.

    Examples
    --------
    >>> fit = effectiveness(80, 100.0, 25.0)
    >>> round(fit.ratio, 4), round(fit.std_error, 4)
    (0.798, 0.0975)
    """
    if after <= 0 or expected <= 0 or expected_variance < 0:
        raise DegenerateDataError("IOM-E064", "expected events after, a positive expectation and a variance from 0")
    relative = expected_variance / expected**2
    index = after / expected / (1 + relative)
    return Effectiveness(index, index * math.sqrt(1 / after + relative) / (1 + relative))


def reference(counts: ArrayLike, weight: ArrayLike | None = None) -> Reference:
    """Fit a negative binomial population by maximum likelihood.

    Parameters
    ----------
    counts : array_like
        (n,) events of everybody in one window, nobody picked on them.
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
