"""The noncentral t distribution, right in both tails, and its inversion in the noncentrality.

With s = sqrt(V/df) the lower area is the integral of f(s) Phi(t s - delta) ds. Its integrand is log-concave
in s, so the integral is taken over log s, between the points where the integrand has fallen by exp(-42)
from its peak: every term is positive and nothing cancels, at any depth. scipy's series, by contrast,
returns NaN or values millions of times too big in the far lower tail.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.errors import ConvergenceError, InputError

FloatArray = NDArray[np.float64]
Parameters = tuple[float, float, float]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANELS = 8
_DROP = 42.0
_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)
_STEPS = 100
_NEAR = 1e-3  # of the score: a short step far from the answer is no sign of having arrived
_FAR = 1e7
_SETTLED = 2e-13


def nct_cdf(t: ArrayLike, df: ArrayLike, delta: ArrayLike) -> FloatArray:
    """Compute P(T <= t) for the noncentral t distribution.

    Parameters
    ----------
    t : array_like
        Statistics.
    df : array_like
        Degrees of freedom, at least 1.
    delta : array_like
        Noncentralities.

    Returns
    -------
    ndarray
        Lower areas, relative error below 1e-12.

    Raises
    ------
    InputError
        IOM-E092 if df is below 1 or anything is not finite.

    Examples
    --------
    >>> round(float(nct_cdf(2.0, 9, 1.5)), 12)
    0.655875913999
    """
    return np.exp(nct_log_cdf(t, df, delta))


def nct_sf(t: ArrayLike, df: ArrayLike, delta: ArrayLike) -> FloatArray:
    """Compute P(T > t) for the noncentral t distribution; arguments as `nct_cdf`.

    Parameters
    ----------
    t, df, delta : array_like
        Statistics, degrees of freedom (at least 1) and noncentralities.

    Returns
    -------
    ndarray
        Upper areas, relative error below 1e-12.

    Examples
    --------
    >>> round(float(nct_sf(2.0, 9, 1.5)), 12)
    0.344124086001
    """
    return np.exp(nct_log_cdf(-np.asarray(t, float), df, -np.asarray(delta, float)))


def nct_log_cdf(t: ArrayLike, df: ArrayLike, delta: ArrayLike) -> FloatArray:
    """Compute log P(T <= t) for the noncentral t distribution; arguments as `nct_cdf`.

    Parameters
    ----------
    t, df, delta : array_like
        Statistics, degrees of freedom (at least 1) and noncentralities.

    Returns
    -------
    ndarray
        Natural logarithms of the lower areas, also where the areas underflow.

    Examples
    --------
    >>> round(float(nct_log_cdf(-1.0, 1000, 23.0)), 6)
    -291.949149
    """
    t, df, delta = np.broadcast_arrays(*(np.asarray(x, float) for x in (t, df, delta)))
    if not (np.isfinite(t).all() and np.isfinite(delta).all() and np.all(df >= 1) and np.isfinite(df).all()):
        raise InputError(
            "IOM-E092", "noncentral t: expected finite t and delta and df of at least 1; check the statistics"
        )
    out = np.minimum(_log_cdfs(t.ravel(), df.ravel(), delta.ravel()), 0.0).reshape(t.shape)
    far = (np.minimum(np.abs(t), np.abs(delta)) > _FAR) & (t * np.sign(delta) > 0)
    return np.where(far, _log_chi_limit(t, df, delta), out) if far.any() else out


def _log_chi_limit(t: FloatArray, df: FloatArray, delta: FloatArray) -> FloatArray:
    # Beside such a delta the normal variable is below the rounding error, and T is delta / s.
    with np.errstate(divide="ignore", invalid="ignore"):
        x = 0.5 * df * (delta / t) ** 2
        return np.asarray(np.log(np.where(t > 0, special.gammaincc(0.5 * df, x), special.gammainc(0.5 * df, x))))


def noncentrality(t: ArrayLike, df: ArrayLike, lower_area: ArrayLike) -> FloatArray:
    """Find the noncentrality at which P(T <= t) takes a given value.

    Parameters
    ----------
    t : array_like
        Observed statistics.
    df : array_like
        Degrees of freedom, at least 1.
    lower_area : array_like
        The wanted P(T <= t), in (0, 1).

    Returns
    -------
    ndarray
        Noncentralities, to about 1e-13 of max(1, delta).

    Raises
    ------
    InputError
        IOM-E092 for arguments outside their bounds.
    ConvergenceError
        IOM-E080 if the search does not settle.

    Notes
    -----
    The secant method on the normal score of the area, which is almost a straight line in delta; a step
    that leaves the bracket found so far is replaced by the middle of the bracket.

    Examples
    --------
    >>> round(float(noncentrality(11.64, 224, 0.025)) / 225**0.5, 4)
    0.9244
    """
    area = np.asarray(lower_area, float)
    if not np.all((area > 0) & (area < 1)):
        raise InputError("IOM-E092", "noncentrality: expected an area between 0 and 1; check the level")
    shape = np.broadcast_shapes(np.shape(t), np.shape(df), area.shape)
    t, df, area = (np.broadcast_to(np.asarray(x, float), shape).ravel() for x in (t, df, area))
    return _secant(t, df, special.ndtri(area)).reshape(shape)


def noncentrality_limits(t: ArrayLike, df: ArrayLike, level: float) -> tuple[FloatArray, FloatArray]:
    """Find the equal-tailed confidence limits of the noncentrality for an observed t.

    Parameters
    ----------
    t : array_like
        Observed statistics.
    df : array_like
        Degrees of freedom, at least 1.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    tuple of ndarray
        Lower and upper limits (Steiger & Fouladi 1997).

    Examples
    --------
    >>> low, high = noncentrality_limits(11.64, 224, 0.95)
    >>> round(float(low) / 15, 3), round(float(high) / 15, 3)
    (0.626, 0.924)
    """
    tail = (1 - level) / 2
    # Both limits come from the small tail, so that swapping signs swaps limits to the last bit.
    return -noncentrality(-np.asarray(t, float), df, tail), noncentrality(t, df, tail)


def _secant(t: FloatArray, df: FloatArray, score: FloatArray) -> FloatArray:
    scale = np.sqrt(1 + t * (t / (2 * df)))
    x = t * (1 - 1 / (4 * df)) - score * scale
    low, high = x - 8 * scale, x + 8 * scale
    last, last_gap, done = x, np.full(t.shape, np.nan), np.zeros(t.shape, bool)
    for turn in range(_STEPS):
        gap = special.ndtri_exp(nct_log_cdf(t, df, x)) - score
        low, high = np.where(gap >= 0, x, low), np.where(gap <= 0, x, high)
        to = x + (gap * scale if turn == 0 else _secant_step(x - last, gap, last_gap))
        inside = (to >= low) & (to <= high) & (turn % 4 != 3)
        to = np.where(inside, to, 0.5 * (low + high))
        to = np.where(done | (gap == 0), x, to)
        done |= (np.abs(to - x) <= _SETTLED * (1 + np.abs(x))) & (np.abs(gap) < _NEAR)
        last, last_gap, x = x, gap, to
        if done.all():
            return x
    raise ConvergenceError("IOM-E080", "noncentrality: the search did not settle; check t and df")


def _secant_step(moved: FloatArray, gap: FloatArray, last_gap: FloatArray) -> FloatArray:
    rise = gap - last_gap
    return np.where(rise * moved < 0, -gap * moved / np.where(rise == 0, 1.0, rise), np.nan)


@njit(nogil=True, cache=True)
def _log_ndtr(x: float) -> float:
    if x > -20.0:
        return math.log(0.5 * math.erfc(-x * math.sqrt(0.5)))
    q = 1.0 / (x * x)
    series = 1.0 - q * (1.0 - 3.0 * q * (1.0 - 5.0 * q * (1.0 - 7.0 * q * (1.0 - 9.0 * q * (1.0 - 11.0 * q)))))
    return -0.5 * x * x - math.log(-x) - _HALF_LOG_TWO_PI + math.log(series)


@njit(nogil=True, cache=True)
def _log_scale(df: float) -> float:
    # log of 2 (df/2)^(df/2) exp(-df/2) / Gamma(df/2), by Stirling's series once that is exact.
    a = 0.5 * df
    if a < 12.0:
        return math.log(2.0) + a * math.log(a) - a - math.lgamma(a)
    q = 1.0 / (a * a)
    rest = (1.0 - q * (1.0 / 30.0 - q * (1.0 / 105.0 - q * (1.0 / 140.0 - q / 99.0)))) / (12.0 * a)
    return math.log(2.0) + 0.5 * math.log(a / (2.0 * math.pi)) - rest


@njit(nogil=True, cache=True)
def _height(u: float, parameters: Parameters) -> float:
    t, df, delta = parameters
    return df * (u - 0.5 * math.expm1(2.0 * u)) + _log_ndtr(t * math.exp(u) - delta)


@njit(nogil=True, cache=True)
def _slope(u: float, parameters: Parameters) -> float:
    t, df, delta = parameters
    x = t * math.exp(u) - delta
    mills = math.exp(-0.5 * x * x - _HALF_LOG_TWO_PI - _log_ndtr(x))
    return -df * math.expm1(2.0 * u) + t * math.exp(u) * mills


@njit(nogil=True, cache=True)
def _peak(parameters: Parameters) -> float:
    df = parameters[1]
    if _slope(0.0, parameters) == 0.0:
        return 0.0
    sign = 1.0 if _slope(0.0, parameters) > 0.0 else -1.0
    step = 0.5 / math.sqrt(df)
    near, far = 0.0, sign * step
    while sign * _slope(far, parameters) > 0.0 and abs(far) < 350.0:
        near, step = far, 2.0 * step
        far = far + sign * step
    for _ in range(30):
        middle = 0.5 * (near + far)
        if sign * _slope(middle, parameters) > 0.0:
            near = middle
        else:
            far = middle
    return 0.5 * (near + far)


@njit(nogil=True, cache=True)
def _edge(peak: float, top: float, sign: float, parameters: Parameters) -> float:
    step = 1.0 / math.sqrt(parameters[1])
    near, far = peak, peak + sign * step
    while _height(far, parameters) > top - _DROP:
        near, step = far, 2.0 * step
        far = far + sign * step
    for _ in range(8):
        middle = 0.5 * (near + far)
        if _height(middle, parameters) > top - _DROP:
            near = middle
        else:
            far = middle
    return far


@njit(nogil=True, cache=True)
def _panels(low: float, high: float, top: float, parameters: Parameters) -> float:
    total = 0.0
    half = 0.5 * (high - low) / _PANELS
    for panel in range(_PANELS):
        centre = low + (2 * panel + 1) * half
        for k in range(_NODES.size):
            total += _WEIGHTS[k] * math.exp(_height(centre + half * _NODES[k], parameters) - top)
    return total * half


@njit(nogil=True, cache=True)
def _log_cdf(parameters: Parameters) -> float:
    t, df, delta = parameters
    if t == 0.0:
        return _log_ndtr(-delta)
    peak = _peak(parameters)
    top = _height(peak, parameters)
    low = _edge(peak, top, -1.0, parameters)
    high = _edge(peak, top, 1.0, parameters)
    # The normal factor turns from 0 to 1 within a few units of t s around delta, perhaps in a sliver.
    marks = np.array([low, max(low, peak - 6.0), max(low, peak - 2.0), peak, high, high, high])
    for k, z in enumerate((-9.0, 9.0)):
        s = (delta + z) / t
        if s > 0.0 and low < math.log(s) < high:
            marks[5 + k] = math.log(s)
    marks.sort()
    total = 0.0
    for k in range(marks.size - 1):
        if marks[k + 1] > marks[k]:
            total += _panels(marks[k], marks[k + 1], top, parameters)
    return _log_scale(df) + top + math.log(total)


@njit(nogil=True, cache=True)
def _log_cdfs(t: FloatArray, df: FloatArray, delta: FloatArray) -> FloatArray:
    out = np.empty(t.size)
    for i in range(t.size):
        out[i] = _log_cdf((t[i], df[i], delta[i]))
    return out
