"""Standardised effect sizes of a paired change from moments, every variant under its own name.

All changes are after minus before. Exact intervals come from the noncentral t distribution of the paired
statistic (normal changes); those of d_av and Glass's delta are Bonett's (2008) large-sample ones.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.errors import InputError
from iom_causal.numerics.inference.paired import t_statistic
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.student_t import half_step_gamma, of_distinct
from iom_causal.numerics.inference.t_batch import limits_batch

FloatArray = NDArray[np.float64]

KINDS = {
    "dz": "mean change over the SD of the change",
    "hedges": "d_z times Hedges's exact factor for small samples",
    "drm": "d_z times sqrt(2 (1 - r))",
    "dav": "mean change over the root mean square of the two SDs",
    "dav_meansd": "mean change over the mean of the two SDs",
    "glass": "mean change over the SD before",
    "r": "t / sqrt(t^2 + df), the correlation form of t",
    "r_squared": "t^2 / (t^2 + df), the share of variance",
    "cles": "Phi(-d_z), the chance that a person's value is lower after than before",
}
"""The sizes that moments give, each with its definition."""


class EffectSizes(NamedTuple):
    """One kind of effect size and its interval, each an array over replicates."""

    estimate: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def hedges_factor(df: ArrayLike) -> FloatArray:
    """Compute Hedges's (1981) exact factor J(df) that removes the small-sample bias of d.

    Parameters
    ----------
    df : array_like
        Degrees of freedom, above 1.

    Returns
    -------
    ndarray
        ``Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2))``, which neither overflows nor
        cancels.

    Examples
    --------
    >>> round(float(hedges_factor(224)), 8)
    0.99664742
    """
    return of_distinct(lambda df: half_step_gamma((df - 1) / 2) / np.sqrt(df / 2), np.asarray(df, float))


def effect_size(m: PairedMoments, kind: str, *, level: float) -> EffectSizes:
    """Estimate one kind of standardised change with its interval.

    Parameters
    ----------
    m : PairedMoments
        Of any shape. Kinds that are functions of t and n need no more than `moments_from_t` gives.
    kind : str
        A key of `KINDS`.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    EffectSizes
        NaN where undefined. `std_error` only for dav, dav_meansd and glass.

    Raises
    ------
    InputError
        IOM-E092 for another kind.

    Notes
    -----
    d_z, hedges, r, r_squared and cles: exact under normal changes (Steiger & Fouladi 1997); hedges has
    the interval of d_z, because both estimate the same parameter. drm takes r as known. dav, dav_meansd
    and glass: Bonett (2008).

    Examples
    --------
    >>> from iom_causal.numerics.inference.paired_moments import paired_moments
    >>> m = paired_moments(np.array([[3, 1], [2, 2], [5, 0], [9, 4]]))
    >>> [round(float(x), 3) for x in effect_size(m, "dz", level=0.95)[::2]]
    [-1.225, -2.534]
    """
    if kind not in KINDS:
        raise InputError("IOM-E092", f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    return effect_sizes(m, level=level)[kind]


def effect_sizes(m: PairedMoments, *, level: float) -> dict[str, EffectSizes]:
    """Estimate every kind at once, inverting the noncentral t only once; see `effect_size`."""
    t = t_statistic(m)
    low, high = limits_batch(t, m.n - 1, level)
    shape = t.shape
    columns = np.broadcast_arrays(t, *m[:1], *m[3:], hedges_factor(np.maximum(m.n - 1, 2)), low, high)
    flat = np.array([np.ravel(c) for c in columns], np.float64)
    table = _sizes(flat, float(special.ndtri((1 + level) / 2)))
    return {kind: EffectSizes(*(x.reshape(shape) for x in table[k])) for k, kind in enumerate(KINDS)}


def effect_size_values(m: PairedMoments, kind: str) -> FloatArray:
    """Compute one kind of effect size without its interval, as a bootstrap needs it; see `effect_size`."""
    t = t_statistic(m)
    zero = np.zeros_like(t)
    columns = np.broadcast_arrays(t, *m[:1], *m[3:], hedges_factor(np.maximum(m.n - 1, 2)), zero, zero)
    table = _sizes(np.array([np.ravel(c) for c in columns], np.float64), 0.0)
    return np.asarray(table[list(KINDS).index(kind), 0].reshape(t.shape))


@njit(nogil=True, cache=True)
def _interval(value: float, se: float, low: float, high: float) -> tuple[float, float, float, float]:
    return value, se, min(low, high), max(low, high)


@njit(nogil=True, cache=True)
def _bonett(d: float, se: float, z: float) -> tuple[float, float, float, float]:
    return d, se, d - z * se, d + z * se


@njit(nogil=True, cache=True)
def _ndtr(x: float) -> float:
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


@njit(nogil=True, cache=True)
def _correlation(t: float, df: float) -> float:
    return t / math.hypot(t, math.sqrt(df))


@njit(nogil=True, cache=True)
def _sizes(columns: FloatArray, z: float) -> FloatArray:
    out = np.full((9, 4, columns.shape[1]), np.nan)
    for i in range(columns.shape[1]):
        t, n, change, sa, sb, sd, r, factor, low, high = columns[:, i]
        if math.isnan(t):
            continue
        df, root = n - 1.0, math.sqrt(n)
        dz, dl, dh = t / root, low / root, high / root
        out[0, :, i] = (dz, np.nan, dl, dh)
        if n > 2.0:
            out[1, :, i] = (factor * dz, np.nan, dl, dh)
        rm = math.sqrt(2.0 * max(0.0, 1.0 - r)) if not math.isnan(r) else np.nan
        out[2, :, i] = (dz * rm, np.nan, dl * rm, dh * rm)
        rt, rl, rh = _correlation(t, df), _correlation(low, df), _correlation(high, df)
        out[6, :, i] = (rt, np.nan, rl, rh)
        floor = 0.0 if rl * rh < 0.0 else min(rl * rl, rh * rh)
        out[7, :, i] = (rt * rt, np.nan, floor, max(rl * rl, rh * rh))
        out[8, :, i] = _interval(_ndtr(-dz), np.nan, _ndtr(-dl), _ndtr(-dh))
        units = (math.hypot(sa, sb) * math.sqrt(0.5), 0.5 * (sa + sb))
        for k in range(2):
            if units[k] > 0.0:
                a, b, c, d = sa / units[k], sb / units[k], sd / units[k], change / units[k]
                shape = (a**4 + b**4 + 2.0 * (r * a * b) ** 2) / (a * a + b * b) ** 2
                out[3 + k, :, i] = _bonett(d, math.sqrt(d * d * shape / (2.0 * df) + c * c / df), z)
        if sa > 0.0:
            d, c = change / sa, sd / sa
            out[5, :, i] = _bonett(d, math.sqrt((0.5 * d * d + c * c) / df), z)
    return out
