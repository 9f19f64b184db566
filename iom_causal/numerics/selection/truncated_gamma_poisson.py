"""Maximum-likelihood fit of a gamma-Poisson population truncated at a threshold of the count before.

The rate of a person is ``mean`` times a gamma variate of mean 1 and shape ``a``. Counts in a window are then
negative binomial, and every quantity here has a closed form in its upper tails.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betainc, digamma

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.numerics.kernels.count_pmf import log_negative_binomial, log_negative_multinomial
from iom_causal.numerics.kernels.curvature import curves

FloatArray = NDArray[np.float64]
type Objective = Callable[[FloatArray], tuple[float, FloatArray]]

_BOUNDS = ((-12.0, 8.0), (-6.0, 8.0), (-12.0, 12.0))
"""Of log mean, log shape and log ratio: outside them the data say nothing any more."""
_STARTS = (-2.0, -1.0, 0.0, 1.5)
"""Log shapes to start from; the surface is flat for small samples and may have two hills."""


class TruncatedFit(NamedTuple):
    """A population seen only above a threshold.

    Attributes
    ----------
    mean : float
        Of the source population, before.
    shape : float
        Of the gamma distribution of rates; small for a wide spread.
    log_ratio : float
        After over before at equal rates, which regression has been taken out of.
    covariance : ndarray
        (3, 3), of log mean, log shape and log ratio.
    log_likelihood : float
        At the fit, constants of the counts included.
    """

    mean: float
    shape: float
    log_ratio: float
    covariance: FloatArray
    log_likelihood: float


def upper_tail(shape: ArrayLike, odds: ArrayLike, threshold: ArrayLike) -> FloatArray:
    """Return the probability of at least `threshold` events.

    Parameters
    ----------
    shape : array_like
        Of the negative binomial distribution.
    odds : array_like
        Mean over shape of the *population*: the scale of the gamma rates.
    threshold : array_like
        Whole numbers; at 0 or below everybody is above.
    """
    k, m = np.asarray(threshold, dtype=np.float64), np.asarray(odds, dtype=np.float64)
    tail = betainc(np.maximum(k, 1.0), np.asarray(shape, dtype=np.float64), m / (1 + m))
    return np.asarray(np.where(k <= 0, 1.0, tail))


def truncated_log_likelihood(
    before: ArrayLike, after: ArrayLike, threshold: int, parameters: ArrayLike, weight: ArrayLike | None = None
) -> tuple[float, FloatArray]:
    """Compute the log-likelihood of pairs seen only with `threshold` events before, and its gradient.

    Parameters
    ----------
    before, after : array_like
        (n,) counts, `before` from `threshold`; NaN for an `after` that nobody saw, which then tells nothing.
    threshold : int
        From 0, which is no truncation.
    parameters : array_like
        Log mean before, log shape, log ratio of after to before.
    weight : array_like, optional
        (n,).
    """
    y1, y2 = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    w = np.ones(y1.size) if weight is None else np.asarray(weight, dtype=np.float64)
    m1, a, ratio = np.exp(np.asarray(parameters, dtype=np.float64))
    m2, y2 = np.where(np.isnan(y2), 0.0, m1 * ratio), np.nan_to_num(y2)
    s, every = y1 + y2, a + m1 + m2
    own = log_negative_multinomial(y1, y2, float(a), m1, m2)
    tail, tail_mean, tail_shape = _log_tail(float(m1), float(a), threshold)
    n, left = w.sum(), w * (a + s) / every
    to_shape = (w * (digamma(a + s) - digamma(a) + np.log(a / every) + 1)).sum() - left.sum()
    gradient = np.array(
        [
            (w * s).sum() - (left * (m1 + m2)).sum() - n * m1 * tail_mean,
            a * (to_shape - n * tail_shape),
            (w * y2).sum() - (left * m2).sum(),
        ]
    )
    return float((w * own).sum() - n * tail), gradient


def fit_truncated(before: ArrayLike, after: ArrayLike, threshold: int, weight: ArrayLike | None = None) -> TruncatedFit:
    """Estimate the population behind selected people, and the change without regression, from the people alone.

    Right when rates are gamma, do not change but for one ratio, and everybody with `threshold` events before
    and nobody else was selected. Its weakness is the first: with rates that drift it takes part of the drift for
    a change (on Kibble pairs of correlation .6 without any change it gives .87).

    Parameters
    ----------
    before, after : array_like
        (n,) counts of the selected people in windows of equal length; NaN after for people lost to follow-up.
    threshold : int
        The fewest events before with which one is selected; at least 1.
    weight : array_like, optional
        (n,).

    Raises
    ------
    InputError
        IOM-E092 when somebody is below the threshold.
    DegenerateDataError
        IOM-E064 when there are no events after.
    NotIdentifiedError
        IOM-E068 when the likelihood keeps rising towards an end of the shape.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rate = rng.gamma(1.4, 5.0 / 1.4, 20_000)
    >>> pairs = rng.poisson(np.stack([rate, 0.8 * rate]))
    >>> fit = fit_truncated(*pairs[:, pairs[0] >= 4], 4)
    >>> round(float(np.exp(fit.log_ratio)), 2)
    0.8
    """
    y1, y2 = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    w = np.ones(y1.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if threshold < 1 or (y1 < threshold).any():
        raise InputError("IOM-E092", f"expected a threshold from 1 with nobody below it, got {threshold}")
    seen = w * ~np.isnan(y2)
    later = (seen * np.nan_to_num(y2)).sum()
    if later == 0:
        raise DegenerateDataError("IOM-E064", "there are no events after, so there is no ratio to estimate")
    pairs, where = distinct(y1, y2)
    counts = np.bincount(where, weights=w)

    def negative(x: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = truncated_log_likelihood(pairs[0], pairs[1], threshold, x, counts)
        return -value, -gradient

    start = np.log(later / (seen * y1).sum()) / 2
    at = [np.array([np.log(float(np.average(y1, weights=w)) / 2), shape, start]) for shape in _STARTS]
    fits = [minimize(negative, x, jac=True, method="L-BFGS-B", bounds=_BOUNDS) for x in at]
    best = min(fits, key=lambda f: float(f.fun))
    return _finished(best.x, float(best.fun), negative)


def distinct(before: FloatArray, after: FloatArray) -> tuple[FloatArray, NDArray[np.int_]]:
    """Return each pair of counts once, (2, k), and which of them each person has; NaN is one value after.

    Examples
    --------
    >>> pairs, where = distinct(np.array([4.0, 5.0, 4.0]), np.array([np.nan, 1.0, np.nan]))
    >>> pairs.tolist(), where.tolist()
    ([[4.0, 5.0], [nan, 1.0]], [0, 1, 0])
    """
    pairs, where = np.unique(np.stack([before, np.nan_to_num(after, nan=-1.0)]), axis=1, return_inverse=True)
    pairs[1, pairs[1] < 0] = np.nan
    return pairs, where.ravel()


def _log_tail(mean: float, shape: float, threshold: int) -> tuple[float, float, float]:
    """Return the log of the share selected, with its slopes in the mean and the shape."""
    if threshold <= 0:
        return 0.0, 0.0, 0.0
    k = np.arange(threshold)
    p = np.exp(log_negative_binomial(k, shape, mean))
    share = float(upper_tail(shape, mean / shape, threshold))
    if share <= 0:
        return -np.inf, 0.0, 0.0
    by_mean = p * (k / mean - (shape + k) / (shape + mean))
    by_shape = p * (
        digamma(shape + k) - digamma(shape) + np.log(shape / (shape + mean)) + 1 - (shape + k) / (shape + mean)
    )
    return float(np.log(share)), -float(by_mean.sum()) / share, -float(by_shape.sum()) / share


def _finished(x: FloatArray, lost: float, negative: Objective) -> TruncatedFit:
    low, high = np.array(_BOUNDS).T
    step = 1e-5
    columns = [(negative(x + e)[1] - negative(x - e)[1]) / (2 * step) for e in np.eye(3) * step]
    information = (np.array(columns) + np.array(columns).T) / 2
    # On its way to an end the search may stop anywhere, as rounding has it: the likelihood is flat there.
    if np.isclose(x, low, atol=1e-3).any() or np.isclose(x, high, atol=1e-3).any() or not curves(information):
        raise NotIdentifiedError(
            "IOM-E068",
            "these people alone do not tell the spread of rates in the population they were picked from; "
            "state its mean and shape from a reference population",
        )
    mean, shape = np.exp(x[:2])
    return TruncatedFit(float(mean), float(shape), float(x[2]), np.linalg.inv(information), -lost)
