"""Regression to the mean when a normal quantity is measured, people are picked above a cut, and it is measured again.

References: Gardner & Heady 1973; Davis 1976; James 1973; Chen & Cox 1992; Barnett, van der Pols & Dobson 2005.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import erfcx

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError

FloatArray = NDArray[np.float64]

_FARTHEST = 40.0
"""Cuts this many SDs above the mean leave an excess that cannot be told from an exponential one."""


class NormalRegression(NamedTuple):
    """What picking above a cut does to a pair of normal measurements when nothing else happens.

    Attributes
    ----------
    change : ndarray
        Mean after minus mean before among the picked; negative for a fall.
    mean_pre, mean_post : ndarray
        The picked people's means.
    variance_pre, variance_post : ndarray
        The picked people's variances.
    """

    change: FloatArray
    mean_pre: FloatArray
    mean_post: FloatArray
    variance_pre: FloatArray
    variance_post: FloatArray


def inverse_mills(z: ArrayLike) -> FloatArray:
    """Return the mean of a standard normal above `z`, ``phi(z) / Phi(-z)``, without loss in either tail.

    Examples
    --------
    >>> round(float(inverse_mills(50.0)), 6)
    50.019984
    """
    with np.errstate(over="ignore"):
        return np.asarray(math.sqrt(2 / math.pi) / erfcx(np.asarray(z, dtype=np.float64) / math.sqrt(2)))


def normal_regression(mean: ArrayLike, sd: ArrayLike, correlation: ArrayLike, cut: ArrayLike) -> NormalRegression:
    """Compute what happens to people picked with a first measurement above `cut`.

    Right when both measurements are normal with the same mean and SD in the population and nothing
    else changes: the picked mean moves by ``-(1 - rho) sigma H(z)`` with ``z = (cut - mu) / sigma``.

    Parameters
    ----------
    mean, sd : array_like
        Of the population from which people are picked, the same at both times.
    correlation : array_like
        Between the two measurements in that population; for one quantity that does not change, its reliability.
    cut : array_like
        On the first measurement.

    Raises
    ------
    InputError
        IOM-E092 for an SD not above 0 or a correlation outside -1 to 1.

    Examples
    --------
    >>> round(float(normal_regression(0.0, 1.0, 0.5, 1.0).change), 4)
    -0.7626
    """
    mu, sigma, rho = (np.asarray(v, dtype=np.float64) for v in (mean, sd, correlation))
    _check(sigma, rho)
    z = (np.asarray(cut, dtype=np.float64) - mu) / sigma
    h = inverse_mills(z)
    kept = h * (h - z)
    return NormalRegression(
        np.asarray(-(1 - rho) * sigma * h),
        np.asarray(mu + sigma * h),
        np.asarray(mu + rho * sigma * h),
        np.asarray(sigma**2 * (1 - kept)),
        np.asarray(sigma**2 * (1 - rho**2 * kept)),
    )


def repeated_baseline_change(within_sd: float, between_sd: float, cut_z: ArrayLike, measurements: int) -> FloatArray:
    """Compute the change when people are picked on the mean of several baseline measurements.

    Parameters
    ----------
    within_sd, between_sd : float
        SD of one measurement around a person's own level, and of those levels.
    cut_z : array_like
        The cut in SDs of the baseline mean above its own mean.
    measurements : int
        How many were averaged; more of them leave less to regress.

    Examples
    --------
    >>> [round(float(repeated_baseline_change(1.0, 1.0, 1.0, k)), 3) for k in (1, 4)]
    [-1.078, -0.341]
    """
    if min(within_sd, between_sd) < 0 or within_sd + between_sd == 0 or measurements < 1:
        raise InputError("IOM-E092", "expected SDs from 0, not both 0, and at least one measurement")
    share = within_sd**2 / measurements
    return np.asarray(-inverse_mills(cut_z) * share / math.sqrt(between_sd**2 + share))


def picked_on_another_score(
    sd: tuple[float, float], correlation_with_score: tuple[ArrayLike, ArrayLike], cut_z: ArrayLike
) -> FloatArray:
    """Compute the change in an outcome when people are picked above a cut on another score.

    ``(r_2 sigma_2 - r_1 sigma_1) H(z)``: no change when both windows are equally related to the score,
    and a rise when the later one is related more closely.

    Parameters
    ----------
    sd : tuple of float
        Of the outcome before and after in the population.
    correlation_with_score : tuple of array_like
        Of the outcome before and after with the score.
    cut_z : array_like
        The cut in SDs of the score above its mean.

    Examples
    --------
    >>> float(picked_on_another_score((2.0, 2.0), (0.4, 0.4), 1.5))
    0.0
    """
    first, second = (np.asarray(r, dtype=np.float64) for r in correlation_with_score)
    _check(np.asarray(sd, dtype=np.float64), np.concatenate([first.ravel(), second.ravel()]))
    return np.asarray((second * sd[1] - first * sd[0]) * inverse_mills(cut_z))


def excess_cv(mean: float, sd: float, cut: float) -> float:
    """Return the SD of people picked above `cut` over their mean excess above it.

    Left-truncated normal quantities always have less than 1, an exponential tail has 1.

    Raises
    ------
    DegenerateDataError
        IOM-E065 when the mean is not above the cut or the SD is 0.

    Examples
    --------
    >>> round(excess_cv(328.89, 142.71, 220.0), 2)
    1.31
    """
    if mean <= cut or sd <= 0:
        raise DegenerateDataError("IOM-E065", "expected picked people above the cut, with some spread")
    return sd / (mean - cut)


def truncated_normal(mean: float, sd: float, cut: float) -> tuple[float, float]:
    """Find the mean and SD of the normal population whose part above `cut` has this mean and SD.

    Run this before any normal theory: most lower-truncated scores of picked people are too spread out
    for it, and then no normal population exists.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when the excess CV is 1 or more, or too close to 1 to say which population it was.

    Examples
    --------
    >>> mu, sigma = truncated_normal(1.525135, 0.446203, 1.0)  # the part of a standard normal above 1
    >>> round(abs(mu), 3), round(sigma, 3)
    (0.0, 1.0)
    """
    ratio = excess_cv(mean, sd, cut)
    if ratio >= _truncated_cv(_FARTHEST):
        raise NotIdentifiedError(
            "IOM-E068",
            f"no normal population has a part above the cut like this: SD over mean excess is {ratio:.2f}, expected "
            "below 1; use the density of scores at the cut instead",
        )
    z = float(brentq(lambda v: _truncated_cv(v) - ratio, -_lowest(ratio), _FARTHEST, xtol=1e-12))
    sigma = (mean - cut) / float(inverse_mills(z) - z)
    return cut - z * sigma, sigma


def _lowest(ratio: float) -> float:
    # Far below the mean the cut removes nobody and the CV is 1 / |z|.
    return 2 / ratio + 10


def _truncated_cv(z: float) -> float:
    h = float(inverse_mills(z))
    return math.sqrt(max(1 - h * (h - z), 0.0)) / (h - z)


def _check(sd: FloatArray, correlation: FloatArray) -> None:
    if not (sd > 0).all() or not (np.abs(correlation) <= 1).all():
        raise InputError("IOM-E092", "expected SDs above 0 and correlations from -1 to 1")
