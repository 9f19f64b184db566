"""Gamma-Poisson counts in two windows, of people selected on the first.

Rates drift (Kibble 1941), or they stay but for some people's, which are drawn anew. Either way the rate after is
linear in the rate before on average, and given a count before the rate is gamma too, so that moments of selected people
are sums over that count alone, in closed form.
"""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln
from scipy.stats import nbinom

from iom_causal.errors import InputError
from iom_causal.numerics.kernels.count_pmf import log_negative_binomial, log_negative_multinomial
from iom_causal.numerics.kernels.dual import one_over, plus, times
from iom_causal.numerics.pairs.joint_pmf import (
    Cells,
    JointPmf,
    Rule,
    product,
    selected_joint_pmf,
    selection_probability,
)
from iom_causal.numerics.pairs.moments import SelectedMoments, assembled

type Floats = NDArray[np.float64]

_TAIL = 45.0
"""Negative binomial tails fall by this many units of log over the counts that are summed over."""
_MOST = 20_000
_NEGLIGIBLE = 1e-18
"""Of a sum: what may be left out of it at its end."""
_SUMMED, _SMOOTH, _STEP = 1000, 25.0, 0.2
"""More hidden counts than that are thinned, where none at all has less than e to minus this; steps of their roots."""
_UNSEEN = 1e-20
"""Probability of hidden counts beyond those that are summed over."""


def selected_moments(
    mean: float,
    cv: float,
    correlation: float,
    cut: float,
    softness: float,
    ratio: float = 1.0,
    *,
    renewed: bool = False,
) -> SelectedMoments:
    """Compute the share selected and their moments, with slopes, by closed sums over the count before.

    Parameters
    ----------
    mean, cv, correlation : float
        Of the population's rates: mean before, coefficient of variation in both windows (1 over the root of the
        shape), correlation between the windows.
    cut, softness : float
        Of the rule, as in `joint_pmf.probit_rule`.
    ratio : float
        After over before for the whole population.
    renewed : bool
        Whether rates stay but for people whose rate is drawn anew, or drift.

    Examples
    --------
    >>> share, moments, _ = selected_moments(1.341, 1.184, 0.632, 14.88, 4.875)
    >>> round(share, 3), round(moments.mean_pre, 1), round(moments.mean_post, 1)
    (0.007, 6.8, 3.6)
    """
    return assembled(_sums(mean, cv**-2, correlation, cut, softness, mean * ratio, renewed))


def gamma_joint_pmf(
    means: ArrayLike, cv: float, correlation: float, rule: Rule | None = None, *, renewed: bool = False
) -> JointPmf:
    """Joint pmf of two Poisson counts with correlated gamma rates, of people selected on the first.

    Where rates drift, a hidden count is Poisson given the rate before, and given that count the rate after is gamma: a
    sum over it of negative multinomial times negative binomial terms. Where they are renewed,
    both counts have one rate or two that are unrelated.

    Parameters
    ----------
    means : array_like
        (2,) of the population's rates, before and after.
    cv, correlation : float
        Coefficient of variation of the rates, and their correlation, from 0 to below 1.
    rule : callable, optional
        Counts before to the probability of being selected; everybody by default.
    renewed : bool
        As in `selected_moments`.

    Raises
    ------
    InputError
        IOM-E092 for a mean or a variation not above 0, a correlation outside [0, 1), or counts too large to hold.
    NotIdentifiedError
        IOM-E068 when the rule selects nobody.

    Examples
    --------
    >>> from iom_causal.numerics.pairs.joint_pmf import probit_rule
    >>> joint = gamma_joint_pmf([1.341, 1.341], 1.184, 0.632, probit_rule(14.88, 4.875))
    >>> round(joint.share, 3), round(float(np.arange(joint.pmf.shape[0]) @ joint.pmf.sum(1)), 1)
    (0.007, 6.8)
    """
    m = np.asarray(means, dtype=np.float64)
    if not (m > 0).all() or not cv > 0 or not 0 <= correlation < 1:
        raise InputError("IOM-E092", "expected means and a variation above 0, and a correlation from 0 to below 1")
    return selected_joint_pmf((_renewed if renewed else _drifting)(m, cv**-2, correlation), rule)


def _drifting(m: Floats, a: float, correlation: float) -> Callable[[Floats], Cells]:
    hidden_mean, rate = a * correlation / (1 - correlation), a / (1 - correlation)
    hidden, weight = _hidden(a, hidden_mean)

    def cells(y: Floats) -> Cells:
        joint = log_negative_multinomial(y[:, None], hidden, a, m[0], hidden_mean)
        after = log_negative_binomial(y, a + hidden[:, None], (a + hidden[:, None]) * m[1] / rate)
        first = np.exp(joint) * weight
        return Cells(first.sum(1), product(first, np.exp(after)))

    return cells


def _hidden(a: float, mean: float) -> tuple[Floats, Floats]:
    """Return hidden counts, and how many each stands for.

    Large ones are so smooth a sum that it is an integral, and over their roots, in which a Poisson count has an SD of a
    half, a trapezoid rule with these steps misses it by less than rounding does, if small counts are rare.
    """
    p = a / (a + mean)
    low, high = float(nbinom.ppf(_UNSEEN, a, p)), float(nbinom.isf(_UNSEEN, a, p)) + 1
    if high <= _SUMMED or -a * np.log(p) < _SMOOTH:
        counts = np.arange(high + 1)
        return counts, np.ones_like(counts)
    roots = np.arange(max(np.sqrt(low) - 5, _STEP), np.sqrt(high) + 5, _STEP)
    return roots**2, 2 * _STEP * roots


def _renewed(m: Floats, a: float, correlation: float) -> Callable[[Floats], Cells]:
    total = m.sum()

    def cells(y: Floats) -> Cells:
        first, second = (np.exp(log_negative_binomial(y, a, mean)) for mean in m)
        both = y[:, None] + y
        # Given their sum, two counts with one rate are binomial.
        split = gammaln(both + 1) - gammaln(y + 1)[:, None] - gammaln(y + 1)
        split = split + y[:, None] * np.log(m[0] / total) + y * np.log(m[1] / total)
        same = np.exp(log_negative_binomial(both, a, total) + split)
        return Cells(first, correlation * same + (1 - correlation) * np.outer(first, second))

    return cells


@njit(nogil=True, cache=True)
def _sums(
    mean: float,
    shape: float,
    correlation: float,
    cut: float,
    softness: float,
    after: float,
    renewed: bool,  # noqa: FBT001 -- compiled functions take no keywords
) -> Floats:
    """Return the sums that `assembled` reads, with slopes in the settings.

    Rates are relative to their means. They are gamma given a count before as well, so that sums of the powers of that
    count are sufficient.
    """
    a, m, rho, mean_after = np.zeros(7), np.zeros(7), np.zeros(7), np.zeros(7)
    a[0], a[2] = shape, -2 * shape
    m[0], m[1] = mean, mean
    rho[0], rho[3] = correlation, 1 - correlation**2
    mean_after[0], mean_after[1], mean_after[6] = after, after, after
    sums = _over_counts(mean, shape, cut, softness)
    t = np.zeros((3, 7))
    for k in range(3):
        this, following = sums[0, k], sums[0, k + 1]
        t[k, 0] = this
        t[k, 1] = (shape * following - shape * mean * this) / (shape + mean)
        level = sums[1, k] - np.log1p(mean / shape) * this
        t[k, 2] = -2 * shape * (level + (mean * this - following) / (shape + mean))
        t[k, 4], t[k, 5] = sums[2, k], sums[3, k]
    # Of selected people's rates before: their sum, that times the count, and the sum of their squares.
    each = one_over(a + m)
    own, cross = times(times(a, t[0]) + t[1], each), times(times(a, t[1]) + t[2], each)
    squared = times(times(a, a) + a, t[0]) + times(plus(1.0, 2 * a), t[1]) + t[2]
    squared = times(times(squared, each), each)
    rest, anew = plus(1.0, -rho), plus(1.0, one_over(a))
    out = np.zeros((6, 7))
    out[:3] = t
    out[3] = times(mean_after, times(rest, t[0]) + times(rho, own))
    out[4] = times(mean_after, times(rest, t[1]) + times(rho, cross))
    if renewed:
        both = times(times(rest, anew), t[0]) + times(rho, squared)
    else:
        both = times(times(rest, anew), times(rest, t[0]) + 2 * times(rho, own)) + times(times(rho, rho), squared)
    out[5] = times(times(mean_after, mean_after), both) + out[3]
    return out


@njit(nogil=True, cache=True)
def _over_counts(mean: float, a: float, cut: float, softness: float) -> Floats:
    """Return (4, 4) sums over the count y before of its powers, 0 to 3.

    Weighted with the chance of the count and of being selected; with that and the sum of 1 / (a + j) over smaller
    counts j; and with the slope of the chance of being selected in the logs of cut and softness.
    """
    out = np.zeros((4, 4))
    f, step, harmonic = np.exp(-a * np.log1p(mean / a)), mean / (a + mean), 0.0
    last = min(160 + 6 * mean + _TAIL * (mean / a + 1), _MOST)
    y = 0.0
    while y < last:
        chance, by_cut, by_softness = selection_probability(y, cut, softness)
        p, c, s = f * chance, f * by_cut, f * by_softness
        h = p * harmonic
        for k in range(4):
            out[0, k] += p
            out[1, k] += h
            out[2, k] += c
            out[3, k] += s
            p, h, c, s = p * y, h * y, c * y, s * y
        if y > mean and f * y**3 < _NEGLIGIBLE * (1 - step) * out[0, 3]:
            break
        harmonic += 1 / (a + y)
        f *= step * (a + y) / (y + 1)
        y += 1.0
    return out
