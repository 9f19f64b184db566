"""Likelihoods of scores before and after with gaps: bivariate normal pairs, and entry at a cut on the score before."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

type Floats = NDArray[np.float64]

LOG_2PI = float(np.log(2 * np.pi))
NEARLY_EXPONENTIAL = 1e-6
"""Shape below which a generalised Pareto density is worked out as a series about the exponential one."""


class PatternMoments(NamedTuple):
    """Sufficient statistics of normal pairs by pattern of what was observed: numbers, or arrays that broadcast.

    Attributes
    ----------
    pairs, before, after, before_ss, cross, after_ss : ndarray
        Of complete pairs: their number, the two means, and sums of squares and products about these.
    n_before, before_alone, before_alone_ss : ndarray
        Of people with a score before alone: their number, mean and sum of squares about it.
    n_after, after_alone, after_alone_ss : ndarray
        Of people with a score after alone.
    """

    pairs: Floats
    before: Floats
    after: Floats
    before_ss: Floats
    cross: Floats
    after_ss: Floats
    n_before: Floats
    before_alone: Floats
    before_alone_ss: Floats
    n_after: Floats
    after_alone: Floats
    after_alone_ss: Floats

    @property
    def all_before(self) -> tuple[Floats, Floats, Floats]:
        """Number, mean and sum of squares of everybody with a score before."""
        return pooled(
            (self.pairs, self.before, self.before_ss), (self.n_before, self.before_alone, self.before_alone_ss)
        )


def pooled(one: tuple[Floats, Floats, Floats], two: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """Pool number, mean and sum of squares of two sets of people.

    Examples
    --------
    >>> [float(x) for x in pooled((2.0, 1.0, 2.0), (1.0, 4.0, 0.0))]
    [3.0, 2.0, 8.0]
    """
    (n, mean, ss), (m, other, more) = one, two
    total = np.asarray(n) + m
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, m / total, 0.0)
    gap = np.asarray(other) - mean
    return np.asarray(total), np.asarray(mean + share * gap), np.asarray(ss + more + n * share * gap**2)


def pattern_moments(outcome: ArrayLike, weight: ArrayLike) -> PatternMoments:
    """Reduce scores with gaps to their sufficient statistics.

    Parameters
    ----------
    outcome : array_like
        (..., n, 2) before and after, NaN where missing.
    weight : array_like
        (..., n) how often each person counts.

    Examples
    --------
    >>> m = pattern_moments([[1.0, 2.0], [3.0, 2.0], [5.0, np.nan]], np.ones(3))
    >>> float(m.pairs), float(m.before), float(m.before_ss), float(m.n_before), float(m.before_alone)
    (2.0, 2.0, 2.0, 1.0, 5.0)
    """
    y = np.asarray(outcome, dtype=np.float64)
    x1, x2 = y[..., 0], y[..., 1]
    seen1, seen2 = ~np.isnan(x1), ~np.isnan(x2)
    w = np.broadcast_to(np.asarray(weight, dtype=np.float64), x1.shape)

    def about(who: NDArray[np.bool_], *columns: Floats) -> list[Floats]:
        at = w * who
        n = at.sum(-1)
        filled = [np.where(who, c, 0.0) for c in columns]
        means = [(at * c).sum(-1) / np.where(n > 0, n, 1.0) for c in filled]
        off = [np.where(who, c - m[..., None], 0.0) for c, m in zip(filled, means, strict=True)]
        products = [(at * off[i] * off[j]).sum(-1) for i in range(len(off)) for j in range(i, len(off))]
        return [n, *means, *products]

    return PatternMoments(*about(seen1 & seen2, x1, x2), *about(seen1 & ~seen2, x1), *about(~seen1 & seen2, x2))


def pairs_log_likelihood(
    m: PatternMoments,
    mean_before: Floats,
    mean_after: Floats,
    sd_before: Floats,
    sd_after: Floats,
    fisher_z: Floats,
    sem: ArrayLike = 0.0,
) -> Floats:
    """Compute the log likelihood of normal pairs with gaps that are missing at random (Little & Rubin 2019, 7.2).

    Spreads and the correlation ``tanh(fisher_z)`` are those of true scores; every score has an independent error of
    SD `sem` besides. Moments and parameters broadcast against each other.

    Returns
    -------
    ndarray
        (...), with all constants.

    Examples
    --------
    >>> m = pattern_moments([[0.0, 0.0], [1.0, np.nan]], np.ones(2))
    >>> zero, one = np.array(0.0), np.array(1.0)
    >>> round(float(pairs_log_likelihood(m, zero, zero, one, one, zero)), 4)
    -3.2568
    """
    error = np.asarray(sem, dtype=np.float64) ** 2
    true1, true2 = sd_before**2, sd_after**2
    v1, v2 = true1 + error, true2 + error
    r = np.tanh(fisher_z)
    slope = r * sd_before * sd_after / v1
    # v2 - slope^2 v1 without the cancellation of a correlation near 1.
    residual = (true1 * true2 / np.cosh(fisher_z) ** 2 + error * (true1 + true2) + error**2) / v1
    off1, off2 = m.before - mean_before, m.after - mean_after
    about_line = np.maximum(m.after_ss - 2 * slope * m.cross + slope**2 * m.before_ss, 0.0)
    return np.asarray(
        _normal(m.pairs, m.before_ss + m.pairs * off1**2, v1)
        + _normal(m.pairs, about_line + m.pairs * (off2 - slope * off1) ** 2, residual)
        + _normal(m.n_before, m.before_alone_ss + m.n_before * (m.before_alone - mean_before) ** 2, v1)
        + _normal(m.n_after, m.after_alone_ss + m.n_after * (m.after_alone - mean_after) ** 2, v2)
    )


def _normal(n: Floats, squares: Floats, variance: Floats) -> Floats:
    return -0.5 * (n * (LOG_2PI + np.log(variance)) + squares / variance)


def line_log_likelihood(
    m: PatternMoments, origin: Floats, at_origin: Floats, slope: Floats, residual: Floats
) -> Floats:
    """Compute the log likelihood of scores after given those before: a line with normal deviations of SD `residual`.

    `at_origin` is its height at the score before `origin`. Only complete pairs enter.
    """
    off = m.after - at_origin - slope * (m.before - origin)
    about_line = np.maximum(m.after_ss - 2 * slope * m.cross + slope**2 * m.before_ss, 0.0)
    return np.asarray(_normal(m.pairs, about_line + m.pairs * off**2, residual**2))


def excess_log_likelihood(excess: Floats, weight: Floats, scale: Floats, shape: Floats) -> Floats:
    """Compute the log likelihood of excesses over a cut under a generalised Pareto distribution (Pickands 1975).

    Parameters
    ----------
    excess, weight : ndarray
        (n,) each, excesses from 0.
    scale, shape : ndarray
        (S,) each; the density at the cut is ``1 / scale``.

    Returns
    -------
    ndarray
        (S,), minus infinity where an excess lies beyond the upper end of a negative shape.

    Examples
    --------
    >>> round(float(excess_log_likelihood(np.array([2.0]), np.ones(1), np.array([2.0]), np.array([0.0]))[0]), 4)
    -1.6931
    """
    near = np.abs(shape) < NEARLY_EXPONENTIAL
    safe = np.where(near, 1.0, shape)
    along = (safe / scale)[:, None] * excess
    with np.errstate(invalid="ignore", divide="ignore"):  # beyond the upper end, which has no density
        total = np.log1p(along, out=along) @ weight / safe
    if near.any():
        u = excess / scale[near, None]
        total[near] = (u - shape[near, None] * u**2 / 2) @ weight
    found = -(np.log(scale) * weight.sum()) - (1 + shape) * total
    return np.where(np.isnan(found), -np.inf, found)


def too_few_at_cut(excess: Floats, weight: Floats, scale: float, shape: float) -> float:
    """Compute the p-value of so few excesses next to the cut as there are, under a generalised Pareto distribution.

    Those below a quarter of the mean excess are counted, by the normal approximation: where the density rises from the
    cut on, or has a shoulder there, there are fewer than a fitted density that falls from the cut on has.

    Examples
    --------
    >>> e = np.arange(200) / 100.0
    >>> few = too_few_at_cut(e + 0.5, np.ones(200), 1.5, 0.0)
    >>> few < 1e-6, too_few_at_cut(-1.5 * np.log1p(-(e / 2)), np.ones(200), 1.5, 0.0) > 0.2
    (True, True)
    """
    n, near = float(weight.sum()), float(weight @ excess) / float(weight.sum()) / 4
    inside = float(
        np.exp(excess_log_likelihood(np.array([near]), np.ones(1), np.ones(1) * scale, np.ones(1) * shape)[0])
    )
    share = 1 - (scale * inside) ** (1 / (1 + shape))
    return float(ndtr((weight @ (excess < near) + 0.5 - n * share) / np.sqrt(n * share * (1 - share))))
