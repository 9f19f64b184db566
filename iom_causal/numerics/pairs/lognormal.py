"""Lognormal-Poisson counts in two windows, of people selected on the first."""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from iom_causal.errors import InputError
from iom_causal.numerics.pairs.joint_pmf import (
    COMMON,
    Cells,
    JointPmf,
    Rule,
    product,
    selected_joint_pmf,
    selection_probability,
)
from iom_causal.numerics.pairs.moments import HIGHEST, SelectedMoments, assembled

type Floats = NDArray[np.float64]

_STEP_OF_A_COUNT, _FEWEST_COUNTS = 1.2, 9.0
"""A step in widths of the Poisson factor of the counts that matter: those about the cut, and at least so many."""
_HALVES = np.array([24, 32, 48, 64, 96, 128, 192, 256, 384])
"""How many steps to either side; few sizes, so that a search seldom crosses from one to the next."""
_REACH = 8.5
"""Standard deviations of the log rate that are integrated over: a normal leaves 2e-17 outside."""
_WIDEST_STEP, _WIDEST_HERE = 0.125, 0.35
_STEPS_PER_SD = 0.8
"""A trapezoid rule with steps of h misses a normal of SD s by about exp(-2 (pi s / h)**2): here 4e-14."""
_NOTHING = -80.0
_SMALL_RATE, _UNSEEN = 40.0, 1e-45
"""Rates below which no count is above the grid, and a probability of a rate and a count that is passed over."""


def selected_moments(
    mean: float, log_sd: float, correlation: float, cut: float, softness: float, ratio: float = 1.0
) -> SelectedMoments:
    """Compute the share selected and their moments, with slopes, by a trapezoid rule over the rate before.

    What the rate after adds has closed moments given the rate before, so that one axis is enough. Counts before
    that are larger than any on the grid are taken as selected.

    Parameters
    ----------
    mean, log_sd, correlation : float
        Of the population's rates: mean before, SD of the log in both windows, correlation of the logs.
    cut, softness : float
        Of the rule, as in `joint_pmf.probit_rule`.
    ratio : float
        After over before for the whole population.

    Examples
    --------
    >>> share, moments, _ = selected_moments(1.5, 0.744, 0.756, 12.57, 3.98)
    >>> round(share, 3), round(moments.mean_pre, 1), round(moments.mean_post, 1)
    (0.008, 6.9, 3.6)
    """
    z, weight = _quadrature(log_sd, max(cut + 3 * softness, _FEWEST_COUNTS))
    return assembled(_sums(mean, log_sd, correlation, cut, softness, mean * ratio, z, weight))


def lognormal_joint_pmf(means: ArrayLike, log_sds: ArrayLike, correlation: float, rule: Rule | None = None) -> JointPmf:
    """Joint pmf of two Poisson counts with correlated lognormal rates, of people selected on the first.

    Selection weighs the cells and needs no rejection. The rates are integrated by a trapezoid rule in both logs
    at once, fine enough for the narrowest of the normal and the Poisson factors, so that its miss is that of
    rounding.

    Parameters
    ----------
    means, log_sds : array_like
        (2,) of the population's rates, before and after: mean, and SD of the log.
    correlation : float
        Of the two log rates, inside -1 to 1.
    rule : callable, optional
        Counts before to the probability of being selected; everybody by default.

    Returns
    -------
    JointPmf
        With as many cells as it takes to leave out less than `LOST`, up to counts of 1023.

    Raises
    ------
    InputError
        IOM-E092 for a mean that is not above 0, a negative SD, a correlation of -1 or 1, or counts too large to hold.
    NotIdentifiedError
        IOM-E068 when the rule selects nobody.

    Examples
    --------
    >>> from iom_causal.numerics.pairs.joint_pmf import probit_rule
    >>> joint = lognormal_joint_pmf([1.5, 1.5], [0.744, 0.744], 0.756, probit_rule(12.57, 3.98))
    >>> round(joint.share, 3), round(float(np.arange(joint.pmf.shape[0]) @ joint.pmf.sum(1)), 1)
    (0.008, 6.9)
    """
    m, s = np.asarray(means, dtype=np.float64), np.asarray(log_sds, dtype=np.float64)
    if not (m > 0).all() or not (s >= 0).all() or not abs(correlation) < 1:
        raise InputError("IOM-E092", "expected means above 0, SDs of 0 or more, and a correlation inside -1 to 1")
    return selected_joint_pmf(_population(m, s, correlation), rule)


def _population(m: Floats, s: Floats, correlation: float) -> Callable[[Floats], Cells]:
    z = _grid(s, correlation)
    weight = _normal_pairs(z, correlation)

    def cells(counts: Floats) -> Cells:
        before, after = (_poisson(counts, np.log(m[k]) + s[k] * z - s[k] ** 2 / 2) for k in (0, 1))
        first = product(before, weight)
        return Cells(first.sum(1), product(first, np.ascontiguousarray(after.T)))

    return cells


def _quadrature(log_sd: float, count: float) -> tuple[Floats, Floats]:
    """Return nodes and weights of a standard normal, fine enough for Poisson factors of counts up to `count`."""
    reach = 8.0 + 2 * log_sd  # a square of the rate lies 2 SDs of its log up
    step = min(_WIDEST_HERE, _STEP_OF_A_COUNT / max(log_sd * np.sqrt(count), 1e-9))
    half = int(_HALVES[min(int(np.searchsorted(_HALVES, reach / step)), _HALVES.size - 1)])
    z: Floats = np.arange(-half, half + 1, dtype=np.float64) * (reach / half)
    weight: Floats = np.exp(-(z**2) / 2)
    return z, np.asarray(weight / weight.sum())


def _grid(s: Floats, correlation: float) -> Floats:
    narrowest = min(np.sqrt(1 - correlation**2), 1 / max(float(s.max()) * np.sqrt(COMMON), 1e-9))
    step = min(_WIDEST_STEP, _STEPS_PER_SD * narrowest)
    half = int(np.ceil(_REACH / step))
    return np.asarray(np.arange(-half, half + 1) * (_REACH / half))


def _poisson(counts: Floats, log_rate: Floats) -> Floats:
    return _exp(np.outer(counts, log_rate) - np.exp(log_rate) - gammaln(counts + 1)[:, None])


def _exp(logs: Floats) -> Floats:
    """Return exponentials, 0 where they are too small to count, so that products can pass over them."""
    return np.where(logs < _NOTHING, 0.0, np.exp(np.maximum(logs, _NOTHING)))


def _normal_pairs(z: Floats, correlation: float) -> Floats:
    rest = 1 - correlation**2
    log_density = -(z[:, None] ** 2 - 2 * correlation * np.outer(z, z) + z**2) / (2 * rest)
    weight = _exp(log_density)
    return np.asarray(weight / weight.sum())


@njit(nogil=True, cache=True)
def _sums(
    mean: float, s: float, rho: float, cut: float, softness: float, after: float, z: Floats, weight: Floats
) -> Floats:
    """Return the sums that `assembled` reads, with slopes in the settings."""
    rule = np.empty((HIGHEST + 1, 3))
    for y in range(HIGHEST + 1):
        rule[y] = selection_probability(float(y), cut, softness)
    sums = np.zeros((6, 7))
    for i in range(z.size):
        rate = mean * np.exp(s * z[i] - s * s / 2)
        powers = _over_counts(rate, weight[i], rule)
        g = after * np.exp(rho * s * z[i] - rho * rho * s * s / 2)
        h = g * g * np.exp(s * s * (1 - rho * rho))
        g_s, g_rho = rho * z[i] - rho * rho * s, s * z[i] - rho * s * s
        h_s, h_rho = 2 * g_s + 2 * s * (1 - rho * rho), 2 * g_rho - 2 * rho * s * s
        # What each sum has of the powers of y, and how that moves with SD and correlation.
        for k in range(6):
            j = 0 if k in (3, 5) else 1 if k == 4 else k
            first, second = (1.0, 0.0) if k < 3 else (g, h if k == 5 else 0.0)
            part, a = first + second, powers[0, j]
            by_rate = powers[0, j + 1] - rate * a
            by_ratio = 0.0 if k < 3 else first + 2 * second
            by_s = 0.0 if k < 3 else first * g_s + second * h_s
            by_rho = 0.0 if k < 3 else first * g_rho + second * h_rho
            sums[k, 0] += a * part
            sums[k, 1] += by_rate * part + a * by_ratio
            sums[k, 2] += by_rate * (z[i] - s) * part + a * by_s
            sums[k, 3] += a * by_rho
            sums[k, 4] += powers[1, j] * part
            sums[k, 5] += powers[2, j] * part
            sums[k, 6] += a * by_ratio
    sums[:, 2] *= s
    sums[:, 3] *= 1 - rho * rho
    return sums


@njit(nogil=True, cache=True)
def _over_counts(rate: float, weight: float, rule: Floats) -> Floats:
    """Return (3, 4) sums over Poisson counts y of their powers, 0 to 3: of the selected, and by slopes of the rule."""
    out = np.zeros((3, 4))
    p, y = weight * np.exp(-rate), 0.0
    for row in rule:
        for m in range(3):
            v = p * row[m]
            for k in range(4):
                out[m, k] += v
                v *= y
        y += 1.0
        p *= rate / y
        if y > rate and p < _UNSEEN:
            return out
    if rate > rule.shape[0]:
        _rest(rate, weight, rule.shape[0], out)
    elif rate > _SMALL_RATE:
        while p > _UNSEEN:
            v = p
            for k in range(4):
                out[0, k] += v
                v *= y
            y += 1.0
            p *= rate / y
    return out


@njit(nogil=True, cache=True)
def _rest(rate: float, weight: float, size: int, out: Floats) -> None:
    """Add the powers of counts beyond the grid to the first row of sums: all of them, less those on it."""
    out[0] += weight * np.array([1.0, rate, rate**2 + rate, rate**3 + 3 * rate**2 + rate])
    p, y = weight * np.exp(-rate), 0.0
    while y < size:
        v = p
        for k in range(4):
            out[0, k] -= v
            v *= y
        y += 1.0
        p *= rate / y
