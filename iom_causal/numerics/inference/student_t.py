"""Tail areas and quantiles of Student's t, right as far out as doubles reach, and beyond in logs."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FloatArray = NDArray[np.float64]

# Below this the tail area is near the smallest normal double, and only its logarithm keeps its digits.
_SMALLEST = 1e-290
_TERMS = 200
_SERIES_FROM = 30.0
_HALF_STEP = np.array(
    [1, -1 / 8, 1 / 128, 5 / 1024, -21 / 2**15, -399 / 2**18, 869 / 2**22, 39325 / 2**25, -334477 / 2**31]
)


def t_sf(t: ArrayLike, df: ArrayLike) -> FloatArray:
    """Compute P(T > t) for Student's t, without the loss of one minus a distribution function.

    Parameters
    ----------
    t : array_like
        Statistics.
    df : array_like
        Degrees of freedom, above 0; broadcast against `t`.

    Returns
    -------
    ndarray
        Upper tail areas.

    Examples
    --------
    >>> float(t_sf(0.0, 10))
    0.5
    """
    return np.asarray(special.stdtr(np.asarray(df, float), -np.asarray(t, float)), float)


def t_two_sided(t: ArrayLike, df: ArrayLike) -> FloatArray:
    """Compute the two-sided p-value of a t statistic, P(|T| > |t|).

    Parameters
    ----------
    t : array_like
        Statistics.
    df : array_like
        Degrees of freedom, above 0.

    Returns
    -------
    ndarray
        Values in (0, 1]; correct to about 1e-13 relative down to 1e-290.

    Examples
    --------
    >>> round(float(t_two_sided(2.20, 28)), 6)
    0.036225
    """
    return 2 * t_sf(np.abs(t), df)


def t_log_two_sided(t: ArrayLike, df: ArrayLike) -> FloatArray:
    """Compute the logarithm of the two-sided p-value, also where the p-value itself underflows.

    Parameters
    ----------
    t : array_like
        Statistics.
    df : array_like
        Degrees of freedom, above 0.

    Returns
    -------
    ndarray
        Natural logarithms.

    Notes
    -----
    Where the p-value underflows, its regularised incomplete beta function is taken as a continued
    fraction (DLMF 8.17.22), which converges fast so far out.

    Examples
    --------
    >>> round(float(t_log_two_sided(1000.0, 500)), 6)
    -1903.68393
    """
    t, df = np.broadcast_arrays(np.abs(np.asarray(t, float)), np.asarray(df, float))
    p = t_two_sided(t, df)
    far = p < _SMALLEST
    out = np.asarray(np.log(np.where(far, 1.0, p)))
    if far.any():
        out[far] = _log_beta_tail(t[far], df[far])
    return out


def t_isf(p: ArrayLike, df: ArrayLike) -> FloatArray:
    """Compute the value that Student's t exceeds with probability p.

    Parameters
    ----------
    p : array_like
        Upper tail areas, in (0, 1).
    df : array_like
        Degrees of freedom, above 0.

    Returns
    -------
    ndarray
        Upper quantiles.

    Examples
    --------
    >>> round(float(t_isf(0.025, 224)), 6)
    1.970611
    """
    df, p = np.asarray(df, float), np.asarray(p, float)
    if p.ndim:
        return -np.asarray(special.stdtrit(df, p), float)
    return of_distinct(lambda values: -special.stdtrit(values, p), df)


def of_distinct(function: Callable[[FloatArray], FloatArray], values: FloatArray) -> FloatArray:
    """Evaluate a dear function of degrees of freedom once for each of them, as replicates share few or one.

    Parameters
    ----------
    function : callable
        Elementwise, of an array.
    values : ndarray
        Of any shape.

    Returns
    -------
    ndarray
        Of the same shape.

    Examples
    --------
    >>> of_distinct(np.sqrt, np.array([4.0, 9.0, 4.0])).tolist()
    [2.0, 3.0, 2.0]
    """
    if values.size and values.min() == values.max():
        return np.full(values.shape, function(values.reshape(-1)[:1])[0])
    distinct, where = np.unique(values, return_inverse=True)
    return np.asarray(function(distinct)[where].reshape(values.shape), float)


def half_step_gamma(x: ArrayLike) -> FloatArray:
    """Compute Gamma(x + 1/2) / Gamma(x), to the last digits at every size.

    Parameters
    ----------
    x : array_like
        Above 0.

    Returns
    -------
    ndarray
        By scipy's Pochhammer symbol below 30, which loses four digits beyond; there by its series.

    Examples
    --------
    >>> round(float(half_step_gamma(0.5)) ** -2, 6)
    3.141593
    """
    x = np.asarray(x, float)
    series = np.sqrt(x) * np.polynomial.polynomial.polyval(1 / np.maximum(x, _SERIES_FROM), _HALF_STEP)
    return np.where(x < _SERIES_FROM, special.poch(x, 0.5), series)


def _log_beta_tail(t: FloatArray, df: FloatArray) -> FloatArray:
    a, b = df / 2, 0.5
    scaled = t / np.sqrt(df)
    log_x = np.where(scaled < 1e8, -np.log1p(np.minimum(scaled, 1e8) ** 2), -2 * np.log(scaled))
    x = np.exp(log_x)
    log_beta = 0.5 * np.log(np.pi) - np.log(half_step_gamma(a))
    front = a * log_x + b * np.log1p(-x) - np.log(a) - log_beta
    return np.asarray(front - np.log(_fraction(a, b, x)))


def _fraction(a: FloatArray, b: float, x: FloatArray) -> FloatArray:
    # Backwards from a fixed depth: no test of convergence, the same digits in any batch.
    value = np.ones_like(x)
    for k in range(_TERMS, 0, -1):
        m = k // 2
        if k % 2:
            d = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1)) * x
        else:
            d = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m)) * x
        value = 1 + d / value
    return value
