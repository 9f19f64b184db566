"""Linear regression to the mean: expected mean after of people selected on a high count before.

The pool is the source population, the selected people included.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.numerics import LEVEL


class TippingMean(NamedTuple):
    """The mean of the pool at which nothing remains, and its Fieller set.

    ``low`` and ``high`` are None where the set is not an interval: the slope is then too close to
    one for the figures to say which mean it is.
    """

    mean: float
    low: float | None
    high: float | None


def slope(r: ArrayLike, sd_pre: ArrayLike, sd_post: ArrayLike) -> NDArray[np.float64]:
    """Return the slope of after on before, ``r * sd_post / sd_pre``."""
    return np.asarray(np.asarray(r) * np.asarray(sd_post) / np.asarray(sd_pre), dtype=np.float64)


def expected_ratio(mean_pre: ArrayLike, population_mean: ArrayLike, slope_after: ArrayLike) -> NDArray[np.float64]:
    """Return the after/before ratio of the selected people that regression alone would give.

    People with `population_mean` in both windows are selected on the before count, and the mean after
    is linear in it with slope ``b`` and unchanged by any programme:
    ``(mu + b (M1 - mu)) / M1``.

    Examples
    --------
    >>> round(float(expected_ratio(6.84, 6.84, 0.4)), 3)
    1.0
    """
    mu, m1 = np.asarray(population_mean, dtype=np.float64), np.asarray(mean_pre, dtype=np.float64)
    return np.asarray((mu + np.asarray(slope_after) * (m1 - mu)) / m1)


def linear_remainder(
    mean_pre: ArrayLike, mean_post: ArrayLike, slope_after: ArrayLike, population_mean: ArrayLike
) -> NDArray[np.float64]:
    """Remainder ratio after linear regression to the mean of the source population.

    ``[M2 - b (M1 - mu)] / mu``: the after mean that the regression gives for somebody with the
    population's before mean, over that mean. Right where the regression of after on before is
    linear all the way down to `population_mean`, people were selected on the before count alone, the
    programme multiplies the population's rate by one factor, and nothing else changed. Elsewhere it can
    be off by a third either way, and by a factor of two when people were selected on their rate
    rather than their count.

    Parameters
    ----------
    mean_pre, mean_post : array_like
        The selected people's means.
    slope_after : array_like
        The slope of after on before among them.
    population_mean : array_like
        The mean of the source population, the selected people included, per window of the same
        length; above 0. The mean of those not selected is lower, and is not it.

    Raises
    ------
    InputError
        IOM-E092 when `population_mean` is not above 0.

    Examples
    --------
    >>> b = slope(0.536, 4.75, 3.66)
    >>> [round(float(linear_remainder(6.84, 3.61, b, mu)), 3) for mu in (6.84, 3.0)]
    [0.528, 0.675]
    """
    mu = np.asarray(population_mean, dtype=np.float64)
    if not (mu > 0).all():
        raise InputError("IOM-E092", "the mean of the pool: expected a number above 0")
    b = np.asarray(slope_after, dtype=np.float64)
    return np.asarray((np.asarray(mean_post) - b * (np.asarray(mean_pre) - mu)) / mu)


def remainder_std_error(
    n: int, mean_pre: float, sd_pre: float, sd_post: float, r: float, population_mean: ArrayLike
) -> NDArray[np.float64]:
    """Return the standard error of `linear_remainder` for a fixed population mean.

    It is that of a fitted regression line at ``mu`` over ``mu``, with equal residual spread. It holds
    only what sampling adds: neither curvature of the regression nor how people were selected.
    """
    mu = np.asarray(population_mean, dtype=np.float64)
    if n < 3:
        raise DegenerateDataError("IOM-E060", f"a fitted line needs at least 3 people, got {n}")
    residual = sd_post * math.sqrt((1 - r * r) * (n - 1) / (n - 2))
    leverage = 1 / n + (mu - mean_pre) ** 2 / ((n - 1) * sd_pre**2)
    return np.asarray(residual * np.sqrt(leverage) / mu)


def tipping_mean(
    n: int, mean_pre: float, sd_pre: float, mean_post: float, sd_post: float, r: float, level: float = LEVEL
) -> TippingMean:
    """Return the mean of the pool at which `linear_remainder` is 1, with its Fieller set.

    ``mu* = (M2 - b M1) / (1 - b)``: if the pool averages this, regression of this kind alone is the
    whole change; at a lower mean it would be more than that. The set holds every ``mu`` at which
    the fitted line does not differ from ``mu`` at the given level.

    Raises
    ------
    DegenerateDataError
        IOM-E065 when the slope is 1 or a spread is 0.

    Examples
    --------
    >>> round(tipping_mean(225, 6.84, 4.75, 3.61, 3.66, 0.5359).mean, 2)
    1.34
    """
    if min(sd_pre, sd_post) <= 0:
        raise DegenerateDataError("IOM-E065", "a standard deviation is 0, so there is no slope")
    b = float(slope(r, sd_pre, sd_post))
    if b == 1:
        raise DegenerateDataError("IOM-E065", "the slope of after on before is 1, so nobody regresses")
    mean = (mean_post - b * mean_pre) / (1 - b)
    residual2 = sd_post**2 * (1 - r * r) * (n - 1) / (n - 2)
    t2 = float(stdtrit(n - 2, (1 - level) / 2)) ** 2
    spread = t2 * residual2 / ((n - 1) * sd_pre**2)
    # (M2 - b M1 - (1 - b) mu)^2 <= t^2 s^2 [1/n + (mu - M1)^2 / SS], as a quadratic in u = mu - M1
    gap = mean_post - mean_pre
    a2, a1, a0 = (1 - b) ** 2 - spread, -2 * (1 - b) * gap, gap**2 - t2 * residual2 / n
    if a2 <= 0:
        return TippingMean(mean, None, None)
    half = math.sqrt(max(a1 * a1 - 4 * a2 * a0, 0.0)) / (2 * a2)
    centre = mean_pre - a1 / (2 * a2)
    return TippingMean(mean, centre - half, centre + half)
