"""Noncentral-t limits for many statistics at once: the inversion tabulated as Chebyshev series.

The scale sqrt(2 df) asinh(t / sqrt(2 df)) makes the distance between limit and statistic a smooth,
almost constant function, so that sixteen nodes a panel give the limits to 1e-11. The panels are fixed in
advance, so a limit does not depend on which other statistics are in the batch.
"""

from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.noncentral_t import noncentrality

FloatArray = NDArray[np.float64]

_DEGREE = 15
_NODES = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))


def noncentrality_limits_batch(t: ArrayLike, df: float, level: float) -> tuple[FloatArray, FloatArray]:
    """Find the confidence limits of the noncentrality for many observed t of the same df.

    Parameters
    ----------
    t : array_like
        Observed statistics, finite.
    df : float
        Degrees of freedom, at least 1, common to all.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    tuple of ndarray
        Lower and upper limits, within 1e-11 of max(1, abs(limit)) of `noncentrality_limits`.

    Raises
    ------
    InputError
        IOM-E092 if a statistic is not finite.

    Examples
    --------
    >>> low, high = noncentrality_limits_batch([11.64, 8.0], 224, 0.95)
    >>> round(float(low[0]) / 15, 3), round(float(high[0]) / 15, 3)
    (0.626, 0.924)
    """
    t = np.asarray(t, float)
    if not np.isfinite(t).all():
        raise InputError("IOM-E092", "noncentrality: expected finite statistics; leave undefined ones out")
    root = np.sqrt(2 * df)
    y = root * np.arcsinh(t.ravel() / root)
    tail = (1 - level) / 2
    low, high = -_lookup(-y, float(df), tail), _lookup(y, float(df), tail)
    return low.reshape(t.shape), high.reshape(t.shape)


def _width(df: float) -> float:
    # Few degrees of freedom bring the singularities of the limit closer, so the panels get narrower.
    return float(min(4.0, 0.6 * np.sqrt(df)))


def _lookup(y: FloatArray, df: float, tail: float) -> FloatArray:
    width = _width(df)
    panel = np.floor(y / width).astype(np.int64)
    first, last = (int(panel.min()), int(panel.max())) if panel.size else (0, -1)
    used = np.zeros(last - first + 1, bool)
    used[panel - first] = True
    table = np.zeros((used.size, _DEGREE + 1))
    for k in np.flatnonzero(used):
        table[k] = _coefficients(df, tail, first + int(k))
    root = np.sqrt(2 * df)
    return np.asarray(root * np.sinh(_clenshaw(y, width, panel, first, table) / root))


@lru_cache(maxsize=4096)
def _coefficients(df: float, tail: float, panel: int) -> FloatArray:
    root = np.sqrt(2 * df)
    y = _width(df) * (panel + 0.5 + 0.5 * _NODES)
    limit = noncentrality(root * np.sinh(y / root), df, tail)
    gap = root * np.arcsinh(limit / root) - y
    out: FloatArray = np.polynomial.chebyshev.chebfit(_NODES, gap, _DEGREE)
    return out


@njit(nogil=True, cache=True)
def _clenshaw(
    y: FloatArray, width: float, panel: NDArray[np.int64], first: int, table: FloatArray
) -> FloatArray:
    out = np.empty_like(y)
    for i in range(y.size):
        x = 2.0 * (y[i] / width - panel[i]) - 1.0
        row = table[panel[i] - first]
        b1, b2 = 0.0, 0.0
        for k in range(_DEGREE, 0, -1):
            b1, b2 = 2.0 * x * b1 - b2 + row[k], b1
        out[i] = x * b1 - b2 + row[0] + y[i]
    return out
