"""How long people's rates last: window moments of a drifting log rate, and picking on the rate itself.

The log rate is a stationary Ornstein-Uhlenbeck process: it returns to its mean at `return_rate` a year. The
dip before a programme that such processes and picking make together is Ashenfelter's (Chabé-Ferret 2015).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from iom_causal.errors import DegenerateDataError, InputError

FloatArray = NDArray[np.float64]


class PlaceboRatio(NamedTuple):
    """The log of one ratio of totals over another, and its robust standard error over people."""

    log_ratio: FloatArray
    std_error: FloatArray


def window_variance(return_rate: ArrayLike, length: ArrayLike) -> FloatArray:
    """Return the variance of a unit-variance process averaged over a window, ``2 (x - 1 + e^-x) / x^2``.

    Parameters
    ----------
    return_rate, length : array_like
        Per year, and years; ``x`` is their product.

    Examples
    --------
    >>> round(float(window_variance(1.3, 1.0)), 7)
    0.6775524
    """
    x = _product(return_rate, length)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = 2 * (x + np.expm1(-x)) / x**2
    series = 1 - x / 3 + x**2 / 12 - x**3 / 60 + x**4 / 360
    return np.asarray(np.where(x < 1e-3, series, exact))


def window_covariance(return_rate: ArrayLike, length: ArrayLike, gap: ArrayLike = 0.0) -> FloatArray:
    """Return the covariance of the averages over two windows of equal length with `gap` years between them.

    Examples
    --------
    >>> round(float(window_covariance(1.3, 1.0, 0.2 / 1.3)), 7)
    0.256379
    """
    x, between = _product(return_rate, length), _product(return_rate, gap)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(x == 0, 1.0, -np.expm1(-x) / x)
    return np.asarray(np.exp(-between) * share**2)


def picked_on_rate(mean: ArrayLike, share: ArrayLike, log_sd: ArrayLike, correlation: ArrayLike) -> FloatArray:
    """Return the mean rate at some time of the share of people who are highest on a latent index.

    ``mu Phi(Phi^-1(pi) + s r_t) / pi`` for a lognormal rate of mean ``mu`` and log SD ``s`` whose log has
    correlation ``r_t`` at that time with the normal index that people are picked on. The ratio of two
    times is what regression does between them; with equal correlations it is 1.

    Parameters
    ----------
    mean, share, log_sd, correlation : array_like
        Population mean, share picked in (0, 1], log SD from 0, correlation from -1 to 1.

    Examples
    --------
    >>> round(float(picked_on_rate(1.0, 0.1, 0.7, 1.0)), 3)
    2.804
    """
    pi, r = np.asarray(share, dtype=np.float64), np.asarray(correlation, dtype=np.float64)
    if not ((pi > 0) & (pi <= 1)).all() or (np.abs(r) > 1).any() or (np.asarray(log_sd) < 0).any():
        raise InputError("IOM-E092", "expected a share in (0, 1], a correlation in [-1, 1] and a log SD from 0")
    return np.asarray(np.asarray(mean) * ndtr(ndtri(pi) + np.asarray(log_sd) * r) / pi)


def symmetric_difference(mirror: ArrayLike, after: ArrayLike, weight: ArrayLike | None = None) -> PlaceboRatio:
    """Compare a window after with the one as far before the centre of the window that people were picked on.

    Where rates are stationary and reversible in time, picking lifts both mirror windows alike and the ratio of
    their totals is free of it. Run-up, onset and desistance are not reversible: on real careers the contrast
    over-corrects by 15 to 25%, and it spans twice the ageing of the plain contrast.

    Parameters
    ----------
    mirror, after : array_like
        (n,) or (R, n) counts of the picked people in windows of equal length.
    weight : array_like, optional
        (n,) or (R, n).

    Examples
    --------
    >>> round(float(symmetric_difference([2, 1, 3], [1, 2, 2]).log_ratio), 4)
    -0.1823
    """
    return _contrast([(after, 1.0), (mirror, -1.0)], weight)


def double_ratio(
    before: ArrayLike,
    after: ArrayLike,
    earlier_before: ArrayLike,
    earlier_after: ArrayLike,
    weight: ArrayLike | None = None,
) -> PlaceboRatio:
    """Divide the change of the people picked now by that of the people whom the same rule would have picked earlier.

    The earlier change holds regression, desistance and ageing as they were at that date, without a
    programme; what differs between the dates (age, trend, custody) is left in.

    Parameters
    ----------
    before, after : array_like
        (n,) or (R, n) over everybody; 0 for people not picked now.
    earlier_before, earlier_after : array_like
        The same rows at the earlier date; 0 for people not picked then. Rows tie the two dates together,
        so that people picked twice enter the standard error as one.
    weight : array_like, optional
        (n,) or (R, n).

    Examples
    --------
    >>> fit = double_ratio([4, 5, 0], [2, 3, 0], [3, 0, 5], [2, 0, 4])
    >>> round(float(fit.log_ratio), 4)
    -0.3001
    """
    return _contrast([(after, 1.0), (before, -1.0), (earlier_after, -1.0), (earlier_before, 1.0)], weight)


def _contrast(terms: list[tuple[ArrayLike, float]], weight: ArrayLike | None) -> PlaceboRatio:
    w = np.ones(1) if weight is None else np.asarray(weight, dtype=np.float64)
    log_ratio, own = np.zeros(()), np.zeros(())
    for counts, sign in terms:
        y = np.asarray(counts, dtype=np.float64)
        total = (w * y).sum(-1)
        if not (total > 0).all():
            raise DegenerateDataError("IOM-E064", "a window holds no events, so the ratio has no logarithm")
        log_ratio = log_ratio + sign * np.log(total)
        own = own + sign * y / total[..., None]
    return PlaceboRatio(np.asarray(log_ratio), np.sqrt((w * own**2).sum(-1)))


def _product(rate: ArrayLike, time: ArrayLike) -> FloatArray:
    x = np.asarray(rate, dtype=np.float64) * np.asarray(time, dtype=np.float64)
    if not (x >= 0).all():
        raise InputError("IOM-E092", "expected rates of return and times from 0")
    return np.asarray(x)
