"""Multinomial bootstrap of people over unique pairs, and its BCa interval."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.kernels.decimals import NOISE, settled

FloatArray = NDArray[np.float64]


class Pairs(NamedTuple):
    """Unique pairs of values with how often each occurs."""

    values: FloatArray
    counts: FloatArray


class BootstrapInterval(NamedTuple):
    """An interval with the way it was made.

    Attributes
    ----------
    low, high, std_error : float
        The limits, and the SD of the bootstrap values.
    method : {"BCa", "percentile"}
        Percentile where the jackknife does not vary, so that BCa is undefined.
    undefined : int
        Bootstrap samples in which the statistic was undefined; they are left out.
    """

    low: float
    high: float
    std_error: float
    method: str
    undefined: int


def unique_pairs(outcome: NDArray[Any], weight: ArrayLike | None = None) -> Pairs:
    """Collapse (n, 2) values to unique complete pairs with their multiplicities.

    Examples
    --------
    >>> unique_pairs(np.array([[3, 1], [2, 2], [3, 1]])).counts.tolist()
    [1.0, 2.0]
    """
    w = np.ones(len(outcome)) if weight is None else np.asarray(weight, float)
    keep = ~np.isnan(outcome.astype(float)).any(-1) & (w > 0)
    values, where = np.unique(settled(outcome[keep].astype(float)), axis=0, return_inverse=True)
    return Pairs(values, np.bincount(where.ravel(), weights=w[keep], minlength=len(values)))


def resampling_weights(counts: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Draw how often each unique pair occurs in `draws` samples of people with replacement, (draws, U).

    Examples
    --------
    >>> resampling_weights(np.array([2.0, 1.0]), 3, np.random.default_rng(1)).sum(-1).tolist()
    [3.0, 3.0, 3.0]
    """
    n = round(float(counts.sum()))
    return rng.multinomial(n, counts / counts.sum(), size=draws).astype(np.float64)


def leave_one_out_weights(counts: FloatArray) -> FloatArray:
    """Return the weights of the samples that lack one person, a row for each unique pair, (U, U)."""
    return np.asarray(counts - np.eye(counts.size))


def weighted_moments(values: FloatArray, weight: FloatArray) -> PairedMoments:
    """Compute the paired moments of unique pairs under many rows of weights, (B, U), as matrix products."""
    centre = values.mean(0)
    a, b = (values - centre).T
    n = weight.sum(-1)
    sums = weight @ np.column_stack([a, b, a * a, b * b, a * b])
    with np.errstate(divide="ignore", invalid="ignore"):
        ma, mb, aa, bb, ab = (sums / n[:, None]).T
        factor = n / (n - 1)
        va, vb, cab = ((x * factor) for x in (aa - ma * ma, bb - mb * mb, ab - ma * mb))
        # What is left of squares that cancel is no spread.
        spreads = ((va, aa), (vb, bb), (va + vb - 2 * cab, aa + bb))
        sa, sb, sd = (np.sqrt(np.where(v > NOISE * squares, v, 0)) for v, squares in spreads)
        r = np.clip(cab / (sa * sb), -1, 1)
    return PairedMoments(n, ma + centre[0], mb + centre[1], mb - ma + centre[1] - centre[0], sa, sb, sd, r)


def bca_interval(
    estimate: float, values: FloatArray, jackknife: FloatArray, counts: FloatArray, *, level: float
) -> BootstrapInterval:
    """Compute the bias-corrected and accelerated interval (Efron 1987).

    Parameters
    ----------
    estimate : float
        The statistic on the data.
    values : ndarray
        (B,) bootstrap values; NaN where undefined.
    jackknife : ndarray
        (U,) values without one person of each unique pair.
    counts : ndarray
        (U,) how often each pair occurs.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    BootstrapInterval
        NaN limits if no bootstrap value is defined.

    Examples
    --------
    >>> v = np.random.default_rng(1).normal(size=4000)
    >>> bca_interval(0.0, v, np.array([-1.0, 1.0]), np.ones(2), level=0.95).method
    'BCa'
    """
    good = values[np.isfinite(values)]
    undefined = values.size - good.size
    if not good.size:
        return BootstrapInterval(np.nan, np.nan, np.nan, "percentile", undefined)
    se = float(good.std(ddof=1)) if good.size > 1 else np.nan
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    share = float(np.mean(good < estimate) + 0.5 * np.mean(good == estimate))
    known = np.isfinite(jackknife)
    gap = np.average(jackknife[known], weights=counts[known]) - jackknife[known] if known.any() else np.zeros(1)
    weight = counts[known] if known.any() else np.ones(1)
    spread = float(np.sum(weight * gap**2))
    if spread <= np.finfo(float).eps ** 2 or not 0 < share < 1:
        low, high = np.quantile(good, ends)
        return BootstrapInterval(float(low), float(high), se, "percentile", undefined)
    acceleration = float(np.sum(weight * gap**3)) / (6 * spread**1.5)
    bias = special.ndtri(share)
    z = bias + special.ndtri(ends)
    low, high = np.quantile(good, special.ndtr(bias + z / (1 - acceleration * z)))
    return BootstrapInterval(float(low), float(high), se, "BCa", undefined)
