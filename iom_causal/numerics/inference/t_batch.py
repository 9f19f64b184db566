"""P-values and noncentral-t limits for many statistics at once, from Chebyshev series.

The scale y = sqrt(2 df) asinh(t / sqrt(2 df)) makes log p, and the distance between a limit and its
statistic, smooth functions, so that sixteen nodes a panel give them to 1e-11 or better. The panels
are fixed in advance, so a result does not depend on which other statistics are in the batch.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.inference.noncentral_t import noncentrality
from iom_causal.numerics.inference.student_t import t_log_two_sided

FloatArray = NDArray[np.float64]

_DEGREE = 15
_NODES = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))


def two_sided_batch(t: ArrayLike, df: ArrayLike) -> FloatArray:
    """Compute two-sided p-values of many t statistics; NaN where the statistic is NaN.

    Parameters
    ----------
    t : array_like
        Statistics, (R,).
    df : array_like
        Degrees of freedom, at least 1, broadcast against `t`; few different values.

    Returns
    -------
    ndarray
        P-values, within 1e-12 relative of `t_two_sided` down to 1e-290.

    Examples
    --------
    >>> two_sided_batch([2.20, 0.0], 28).round(6).tolist()
    [0.036225, 1.0]
    """
    t, df = np.broadcast_arrays(np.abs(np.asarray(t, float)), np.asarray(df, float))
    out = np.full(t.shape, np.nan)
    for value, rows in _by_df(t, df):
        y = _scaled(t[rows], value)
        out[rows] = np.exp(np.minimum(_lookup(y, value, partial(_log_p_series, value)), 0.0))
    return out


def limits_batch(t: ArrayLike, df: ArrayLike, level: float) -> tuple[FloatArray, FloatArray]:
    """Find the confidence limits of the noncentrality for many observed t; NaN where t is NaN.

    Parameters
    ----------
    t : array_like
        Observed statistics, (R,).
    df : array_like
        Degrees of freedom, at least 1, broadcast against `t`; few different values.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    tuple of ndarray
        Lower and upper limits, within 1e-11 of max(1, abs(limit)) of `noncentrality_limits`.

    Raises
    ------
    InputError
        IOM-E092 if a statistic is infinite.

    Examples
    --------
    >>> low, high = limits_batch([11.64, 8.0], 224, 0.95)
    >>> round(float(low[0]) / 15, 3), round(float(high[0]) / 15, 3)
    (0.626, 0.924)
    """
    t, df = np.broadcast_arrays(np.asarray(t, float), np.asarray(df, float))
    if np.isinf(t).any():
        raise InputError("IOM-E092", "noncentrality: expected finite statistics; leave undefined ones out")
    low, high = np.full(t.shape, np.nan), np.full(t.shape, np.nan)
    for value, rows in _by_df(t, df):
        y = _scaled(t[rows], value)
        series = partial(_limit_series, value, (1 - level) / 2)
        root = np.sqrt(2 * value)
        low[rows] = root * np.sinh((y - _lookup(-y, value, series)) / root)
        high[rows] = root * np.sinh((y + _lookup(y, value, series)) / root)
    return low, high


def _by_df(t: FloatArray, df: FloatArray) -> list[tuple[float, NDArray[np.bool_]]]:
    known = ~np.isnan(t) & (df >= 1)
    if known.all() and df.size and df.min() == df.max():
        return [(float(df.flat[0]), known)]
    return [(float(value), known & (df == value)) for value in np.unique(df[known])]


def _scaled(t: FloatArray, df: float) -> FloatArray:
    root = np.sqrt(2 * df)
    return np.asarray(root * np.arcsinh(t / root))


def _width(df: float) -> float:
    # Few degrees of freedom bring the singularities closer, so the panels get narrower.
    return float(min(3.0, 0.6 * np.sqrt(df)))


def _lookup(y: FloatArray, df: float, series: Callable[[int], FloatArray]) -> FloatArray:
    panel = np.floor(y / _width(df)).astype(np.int64)
    first, last = int(panel.min()), int(panel.max())
    used = np.zeros(last - first + 1, bool)
    used[panel - first] = True
    table = np.zeros((used.size, _DEGREE + 1))
    for k in np.flatnonzero(used):
        table[k] = series(first + int(k))
    return np.asarray(_clenshaw(y, _width(df), panel, first, table))


def _nodes(df: float, panel: int) -> FloatArray:
    return np.asarray(_width(df) * (panel + 0.5 + 0.5 * _NODES))


@lru_cache(maxsize=4096)
def _limit_series(df: float, tail: float, panel: int) -> FloatArray:
    y, root = _nodes(df, panel), np.sqrt(2 * df)
    limit = noncentrality(root * np.sinh(y / root), df, tail)
    return np.asarray(np.polynomial.chebyshev.chebfit(_NODES, root * np.arcsinh(limit / root) - y, _DEGREE), float)


@lru_cache(maxsize=4096)
def _log_p_series(df: float, panel: int) -> FloatArray:
    y, root = _nodes(df, panel), np.sqrt(2 * df)
    log_p = t_log_two_sided(root * np.sinh(y / root), df)
    return np.asarray(np.polynomial.chebyshev.chebfit(_NODES, log_p, _DEGREE), float)


@njit(nogil=True, cache=True)
def _clenshaw(y: FloatArray, width: float, panel: NDArray[np.int64], first: int, table: FloatArray) -> FloatArray:
    out = np.empty_like(y)
    for i in range(y.size):
        x = 2.0 * (y[i] / width - panel[i]) - 1.0
        row = table[panel[i] - first]
        b1, b2 = 0.0, 0.0
        for k in range(_DEGREE, 0, -1):
            b1, b2 = 2.0 * x * b1 - b2 + row[k], b1
        out[i] = x * b1 - b2 + row[0]
    return out
