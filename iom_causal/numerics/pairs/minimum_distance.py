"""Minimum-distance fit of a selected mixed-Poisson model to five moments, and its profile in the rate ratio.

The population is one of `rate_models`. Under a threshold rule its mean, spread and correlation and the ratio by which
the population's mean changes are four settings for five moments. Under a probit rule there are two more, but the limits
of the settings (a correlation of 1, a rule no softer than so much) may still leave no exact match. The fit is then by
minimum distance, weighted by the covariance of the moments in the fitted population, and what the moments say of the
ratio is a profile of that distance.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from iom_causal.numerics.kernels.box_least_squares import fit_in_box
from iom_causal.numerics.kernels.newton import inverse, root
from iom_causal.numerics.pairs.delta_method import Response, respond
from iom_causal.numerics.pairs.joint_pmf import pmf_moments
from iom_causal.numerics.pairs.moment_matching import Given, fit_at_ratio
from iom_causal.numerics.pairs.moments import PairMoments, check_moments, in_logs, log_slopes
from iom_causal.numerics.pairs.rate_models import Rates, SelectionFit, fitted, limits, selected_moments, within

type Floats = NDArray[np.float64]

NEAR = 0.02
"""A miss of every moment by less than this is let pass in however large a sample, and is reported."""
SURE = 0.999
"""Beyond this quantile of its null distribution the distance is no sampling error."""

_STARTS = ((1.0, 0.5, 0.8), (0.3, 0.8, 0.8), (0.1, 1.2, 0.7), (0.7, 1.0, 0.95))
"""Mean as a part of the cut, spread and correlation."""
_RATIOS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Ratios at which fits are tried where the moments do not identify it."""
_HELD = 1e4
"""The weight of a log share that is known: it is then matched to 1e-6."""
_CUT, _SOFTNESS = 3, 4
_STEEP, _AT_A_COUNT = np.log(0.5), -2.0
"""Logs of softness: below which hardly any count is selected in part; with which only one count is."""
_ALIKE = 1e-6
"""Distances that differ by no more are the same: rounding does not choose between fits."""
_MOVED = np.array([0, 1, 2, 5])
"""The settings that are searched for where the rule is a known cut."""


class DistanceFit(NamedTuple):
    """Minimum-distance fit to the moments of selected people, with these moments and their weights.

    Attributes
    ----------
    observed : PairMoments
        Of the selected people.
    cut : float or None
        The threshold: the fewest events with which everybody was selected, and nobody with fewer; None for a probit
        rule.
    weight : ndarray
        (5, 5) inverse covariance of the logs of the moments, as `moments.in_logs` has them.
    best : SelectionFit
        The fitted population and rule.
    distance : float
        How far it is, in units whose distribution without any misfit is chi-squared with one degree of freedom.
    """

    observed: PairMoments
    cut: float | None
    weight: Floats
    best: SelectionFit
    distance: float

    @property
    def fits(self) -> bool:
        """Whether the distance is no larger than sampling explains."""
        return self.distance < float(chi2.ppf(SURE, 1))


def nearest(
    observed: PairMoments, n: int, cut: float | None, ratio: float = 1.0, rates: Rates = "lognormal"
) -> DistanceFit:
    """Minimum-distance fit of a population and a rule to the moments of `n` people.

    Parameters
    ----------
    observed : PairMoments
        Of the selected people.
    n : int
        How many they are.
    cut : float or None
        The threshold; None for the probit rule of `moment_matching`.
    ratio : float
        After over before of time at risk; under a probit rule, ratios around it are tried.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.

    Raises
    ------
    InputError
        IOM-E092 for moments that no counts have, or counts too large to hold.

    Examples
    --------
    >>> near = nearest(PairMoments(6.71, 2.94, 4.61, 2.91, 0.52), 200, 4)
    >>> near.fits, round(near.best.ratio, 1)
    (True, 0.8)
    """
    check_moments(observed)
    own = log_slopes(observed)
    # At first as if the two windows were unrelated normal figures, which is near enough to find the neighbourhood.
    near = DistanceFit(observed, cut, n * np.diag(1 / (own * _rough(observed)) ** 2), _blank(observed, rates), np.inf)
    tried = [(distance(near, fit), fit) for fit in _tried(near, ratio)]
    best = next(fit for far, fit in tried if far <= min(d for d, _ in tried) + _ALIKE)
    for _ in range(2):
        near = near._replace(weight=_weight(best, n))
        # Under a probit rule fits of many ratios are equally near: the ratio stays.
        best = _solve(near, best.settings(), None if cut is not None else "ratio", best.ratio)
    return near._replace(best=best, distance=distance(near, best))


def fit_near(near: DistanceFit, given: Given, value: float, start: SelectionFit) -> SelectionFit:
    """Minimum-distance fit whose ratio, mean or share selected is given, from a start nearby."""
    x = start.settings()
    if given != "share":
        x[-1 if given == "ratio" else 0] = np.log(value)
    return _solve(near, x, given, value)


def distance(near: DistanceFit, fit: SelectionFit) -> float:
    """Compute the distance of a fit's moments from those observed, in chi-squared units."""
    off = in_logs(fit.moments) - in_logs(near.observed)
    return float(np.einsum("i,ij,j", off, near.weight, off))


def inside(near: DistanceFit, fit: SelectionFit, level: float) -> bool:
    """Profile-distance test: whether the moments do not reject a fit with one setting given, at this level."""
    return distance(near, fit) - near.distance <= float(chi2.ppf(level, 1))


def response(near: DistanceFit, fit: SelectionFit, known: Literal["mean", "share"] | None) -> Response:
    """Second-order response of the fit under a threshold rule to the logs of the five moments; its log ratio is last.

    The sixth figure is the log of the share or mean that is known; None leaves it without weight.
    """

    def figures(part: Floats) -> tuple[Floats, Floats]:
        x[_MOVED] = part
        share, moments, slopes = selected_moments(fit.rates, x, fit.cut)
        own = np.eye(6)[:1] if known == "mean" else slopes[:1]
        slopes = np.concatenate([log_slopes(moments)[:, None] * slopes[1:], own])[:, _MOVED]
        return np.append(in_logs(moments), x[0] if known == "mean" else np.log(share)), slopes

    x = fit.settings()
    held = np.zeros((6, 6))
    held[:5, :5] = near.weight
    held[5, 5] = 0.0 if known is None else _HELD**2 * float(np.trace(near.weight))
    return respond(figures, x[_MOVED], held)


def _solve(near: DistanceFit, x: Floats, given: Given | None = None, value: float = 1.0) -> SelectionFit:
    """Minimum-distance fit from a start; a probit rule may turn out steep, and then is tried about whole counts too.

    With a rule that is steep beside the distance of two counts the moments hardly move until the cut crosses one.
    """
    if near.cut is not None:
        return fitted(near.best.rates, _search(near, x, given, value)[0], near.observed, near.cut)
    x[_SOFTNESS] = max(x[_SOFTNESS], 0.0)
    best, least = _search(near, x, given, value)
    if best[_SOFTNESS] < _STEEP:
        cut = np.exp(best[_CUT])
        for count in {np.floor(cut), np.ceil(cut)} - {0.0}:
            x = best.copy()
            x[_CUT], x[_SOFTNESS] = np.log(count), _AT_A_COUNT
            found = _search(near, x, given, value)
            best, least = found if found[1] < least else (best, least)
    return fitted(near.best.rates, best, near.observed)


def _search(near: DistanceFit, x: Floats, given: Given | None, value: float) -> tuple[Floats, float]:
    """Return the settings at which a search from a start ends, and their distance."""
    weigh, target = root(near.weight).T, in_logs(near.observed)
    low, high = limits(near.best.rates)
    x = within(near.best.rates, x)
    free = np.isin(np.arange(6), _MOVED) if near.cut is not None else np.ones(6, dtype=np.bool_)
    free[0] &= given != "mean"
    free[5] &= given != "ratio"

    def off(part: Floats) -> tuple[Floats, Floats]:
        x[free] = part
        share, moments, slopes = selected_moments(near.best.rates, x, near.cut)
        misfit = np.einsum("ij,j->i", weigh, in_logs(moments) - target)
        by = np.einsum("ij,jk->ik", weigh, log_slopes(moments)[:, None] * slopes[1:, free])
        if given != "share":
            return misfit, by
        return np.append(misfit, _HELD * np.log(share / value)), np.concatenate([by, _HELD * slopes[:1, free]])

    found = fit_in_box(off, x[free], low[free], high[free])
    least = float((off(found)[0] ** 2).sum())
    return x, least


def _tried(near: DistanceFit, ratio: float) -> list[SelectionFit]:
    if near.cut is not None:
        starts = [np.array([np.log(a * near.cut + 0.1), np.log(s), np.arctanh(r), 0, 0, 0]) for a, s, r in _STARTS]
        return [_solve(near, x0) for x0 in starts]
    first = fit_at_ratio(near.observed, ratio, rates=near.best.rates)
    return [fit_near(near, "ratio", ratio * q, first) for q in _RATIOS]


def _weight(fit: SelectionFit, n: int) -> Floats:
    own, (_, covariance) = log_slopes(fit.moments), pmf_moments(fit.joint_pmf())
    return np.asarray(n * inverse(own[:, None] * covariance * own))


def _rough(m: PairMoments) -> Floats:
    """Return the SDs that moments of one normal pair would have, times the root of n."""
    half = np.sqrt(0.5)
    return np.array([m.sd_pre, half * m.sd_pre, m.sd_post, half * m.sd_post, 1 - m.r**2])


def _blank(observed: PairMoments, rates: Rates) -> SelectionFit:
    return SelectionFit(1.0, observed.mean_pre, 1.0, 0.5, 0.0, 0.0, 1.0, observed, np.inf, rates)
