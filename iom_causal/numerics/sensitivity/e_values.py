"""E-values: bounding factors of unmeasured confounding, and ratios of risks that stand for other measures."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import ndtri

from iom_causal.numerics import LEVEL

type Floats = NDArray[np.float64]

CHINN = 0.91
"""Log odds of an outcome cut in two, halved, per standard deviation: pi / sqrt(3) / 2 (Chinn 2000), as printed."""
CHINN_LIMIT = 1.78
"""The same times the normal quantile of 95%, as printed, for the limits at that level."""


class RiskCounts(NamedTuple):
    """Events and people of two groups, the exposed first."""

    events: float
    people: float
    events_unexposed: float
    people_unexposed: float


def bounding_factor(first: ArrayLike, second: ArrayLike) -> Floats:
    """Return the most by which a cause with two such associations biases a ratio of risks (Ding & VanderWeele 2016).

    Parameters
    ----------
    first, second : array_like
        Ratios of 1 or more, of the cause with the exposure and with the outcome.

    Examples
    --------
    >>> round(float(bounding_factor(2.3, 2.5)), 6)
    1.513158
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return np.asarray(b / (1 + (b - 1) / a))  # a b / (a + b - 1), which holds as a has no limit


def e_value(ratio: ArrayLike) -> Floats:
    """Return the one strength of both associations whose bounding factor is the ratio (VanderWeele & Ding 2017).

    Parameters
    ----------
    ratio : array_like
        Of risks, above 0; below 1 its inverse is meant.

    Examples
    --------
    >>> np.round(e_value([3.9, 0.8, 1.0]), 6).tolist()
    [7.263034, 1.809017, 1.0]
    """
    value = np.asarray(ratio, dtype=np.float64)
    larger = np.maximum(value, 1 / value)
    return np.asarray(larger + np.sqrt(larger * (larger - 1)))


def risk_ratio_of_odds(ratio: ArrayLike) -> Floats:
    """Return the ratio of risks that a ratio of odds of a common outcome stands for: its root (VanderWeele 2017).

    Examples
    --------
    >>> round(float(risk_ratio_of_odds(0.64)), 4)
    0.8
    """
    return np.sqrt(np.asarray(ratio, dtype=np.float64))


def risk_ratio_of_hazards(ratio: ArrayLike) -> Floats:
    """Return the ratio of risks that a ratio of hazards of a common outcome stands for (VanderWeele 2017).

    Examples
    --------
    >>> round(float(risk_ratio_of_hazards(0.56)), 6)
    0.670084
    """
    root = np.sqrt(np.asarray(ratio, dtype=np.float64))
    return np.asarray(np.expm1(-math.log(2) * root) / np.expm1(-math.log(2) / root))


def risk_ratio_of_difference(d: ArrayLike, std_error: ArrayLike = 0.0) -> Floats:
    """Return the ratio of risks that a difference in standard deviations stands for, and its limits (VanderWeele 2017).

    Parameters
    ----------
    d : array_like
        Difference of means over the standard deviation of the outcome among people.
    std_error : array_like
        Its standard error.

    Returns
    -------
    ndarray
        (3, ...) the ratio and its lower and upper limit at 95%.

    Examples
    --------
    >>> np.round(risk_ratio_of_difference(0.5, 0.25), 6).tolist()
    [1.576173, 1.01005, 2.459603]
    """
    centre, room = CHINN * np.asarray(d, dtype=np.float64), CHINN_LIMIT * np.asarray(std_error, dtype=np.float64)
    return np.exp(np.stack([centre + 0 * room, centre - room, centre + room]))


class BiasFactors(NamedTuple):
    """Bounding factors that move a difference of risks to a value: the estimate's, and its nearer limit's."""

    estimate: float
    limit: float


def difference_factors(counts: RiskCounts, reference: float = 0.0, *, level: float = LEVEL) -> BiasFactors:
    """Return the bounding factors that move a difference of risks, and its lower limit, to `reference`.

    Ding & VanderWeele (2016), Epidemiology 27, 368-377: with a bounding factor B the difference in the whole population
    is at least ``(p1 - p0 B) (f + (1 - f) / B)``, f the share exposed. Its variance is by the delta method, that of f
    included.

    Parameters
    ----------
    counts : RiskCounts
        With the larger risk among the exposed, and events in both groups.
    reference : float
        Below the difference.
    level : float
        Of the two-sided interval whose lower limit is moved.

    Returns
    -------
    BiasFactors
        The second is 1 where the limit does not lie above `reference`.

    Examples
    --------
    >>> factors = difference_factors(RiskCounts(397, 78954, 51, 108829))
    >>> round(factors.estimate, 4), round(factors.limit, 3)
    (10.7298, 8.237)
    """
    events, people, others_events, others = counts
    share, risk, base = people / (people + others), events / people, others_events / others
    variances = risk * (1 - risk) / people, base * (1 - base) / others, share * (1 - share) / (people + others)
    z = float(ndtri((1 + level) / 2))
    slope = reference + base * (1 - share) - risk * share
    root = math.hypot(slope, 2 * math.sqrt(base * share * risk * (1 - share)))
    estimate = (root - slope) / (2 * base * share)

    def limit(factor: float) -> float:
        difference, weight = risk - base * factor, share + (1 - share) / factor
        spread = (variances[0] + variances[1] * factor**2) * weight**2
        spread += difference**2 * (1 - 1 / factor) ** 2 * variances[2]
        return difference * weight - z * math.sqrt(spread) - reference

    if limit(1.0) <= 0:
        return BiasFactors(estimate, 1.0)
    return BiasFactors(estimate, float(brentq(limit, 1.0, estimate, xtol=1e-13, rtol=1e-14)))
