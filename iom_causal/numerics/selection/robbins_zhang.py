"""Robbins-Zhang estimator of regression to the mean of counts, for any mixing distribution.

Where two windows are Poisson given a rate that stays the same, ``E[Y2 | selected]`` without a programme is the
selected people's mean of ``Y1 s(Y1 - 1) / s(Y1)``, with ``s`` the probability of being selected on the count
(Robbins & Zhang 1988, 1991). For a threshold ``k`` that is ``Y1`` of those above it: the people exactly at
``k``, who would not have been selected with one arrest less, count nothing.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import DegenerateDataError, InputError

FloatArray = NDArray[np.float64]


def equivalent_counts(before: ArrayLike, probability: ArrayLike, probability_one_less: ArrayLike) -> FloatArray:
    """Compute each selected person's unbiased part of their own rate, ``y s(y - 1) / s(y)``.

    Parameters
    ----------
    before : array_like
        Counts of the selected people in the window that the rule read.
    probability, probability_one_less : array_like
        Of being selected with that count, and with one less.

    Raises
    ------
    InputError
        IOM-E092 when somebody was selected whose probability is 0, or selection gets less likely with the count.

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
    """Compute the log of expected over observed-before: regression to the mean of the pooled count.

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
        Of the source population before, and of the selected people before.

    Examples
    --------
    >>> round(float(drifting_log_shift(-0.1, 0.6, 5.0, 8.0)), 3)
    -0.232
    """
    rho = np.asarray(persistence, dtype=np.float64)
    if (rho < 0).any() or (rho > 1).any() or not (np.asarray(population_mean) >= 0).all():
        raise InputError("IOM-E092", "expected a persistence from 0 to 1 and a population mean from 0")
    returned = (1 - rho) * np.asarray(population_mean) / np.asarray(mean_pre)
    return np.asarray(np.log(returned + rho * np.exp(np.asarray(log_static))))
