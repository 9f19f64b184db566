"""Worlds whose picked people have moments near those that were observed: as near as sampling lets them be.

The population is one of `populations`. Where everybody with so many events was picked, its mean, spread and
correlation and the ratio by which everybody's mean changes are four settings for five moments; where people were
picked softly the rule has two more, but the limits of the settings (a correlation of 1, a rule no softer than so much)
can still keep all worlds away from the moments. They are met as near as can be (minimum distance, weighted by the
covariance of the moments in the nearest population), and what the moments say of the ratio is a profile of that
distance.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from iom_causal.numerics.kernels.box_least_squares import fit_in_box
from iom_causal.numerics.kernels.newton import inverse, root
from iom_causal.numerics.pairs.delta_method import Response, respond
from iom_causal.numerics.pairs.joint_pmf import law_moments
from iom_causal.numerics.pairs.moment_matching import Given, fit_at_ratio
from iom_causal.numerics.pairs.moments import PairMoments, check_moments, in_logs, log_slopes
from iom_causal.numerics.pairs.rate_models import PickedFit, Rates, fitted, limits, picked_people, within

type Floats = NDArray[np.float64]

NEAR = 0.02
"""A miss of every moment by less than this is let pass in however large a sample, and is told."""
SURE = 0.999
"""Beyond this quantile of its law the distance is no sampling error."""

_STARTS = ((1.0, 0.5, 0.8), (0.3, 0.8, 0.8), (0.1, 1.2, 0.7), (0.7, 1.0, 0.95))
"""Mean as a part of the cut, spread and correlation."""
_RATIOS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Where the ratio is not told by the moments: some at which the nearest world is looked for."""
_HELD = 1e4
"""The weight of a log share that is known: it is then met to 1e-6."""
_CUT, _SOFTNESS = 3, 4
_STEEP, _AT_A_COUNT = np.log(0.5), -2.0
"""Logs of softness: below which hardly any count is picked in part; with which only one count is."""
_ALIKE = 1e-6
"""Distances that differ by no more are the same: rounding does not choose between worlds."""
_MOVED = np.array([0, 1, 2, 5])
"""The settings that are searched for where the rule is a known cut."""


class Near(NamedTuple):
    """What is known of picked people, and the nearest world to it.

    Attributes
    ----------
    printed : PairMoments
        Of the picked people.
    cut : float or None
        The fewest events with which everybody was picked, and nobody with fewer; None where people were picked softly.
    weight : ndarray
        (5, 5) inverse covariance of the logs of the moments, as `pair_moments.in_logs` has them.
    best : PickedFit
        The nearest world.
    distance : float
        How far it is, in units whose law without any misfit is chi-squared with one degree of freedom.
    """

    printed: PairMoments
    cut: float | None
    weight: Floats
    best: PickedFit
    distance: float

    @property
    def fits(self) -> bool:
        """Whether the nearest world is as near as sampling lets it be."""
        return self.distance < float(chi2.ppf(SURE, 1))


def nearest(printed: PairMoments, n: int, cut: float | None, ratio: float = 1.0, rates: Rates = "lognormal") -> Near:
    """Find the nearest world to the moments of `n` people.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    n : int
        How many they are.
    cut : float or None
        The fewest events with which everybody was picked; None for the rule of `soft_selection`.
    ratio : float
        After over before of time at risk; where people were picked softly, ratios around it are tried.
    rates : {"lognormal", "gamma", "renewed"}
        Of the population.

    Raises
    ------
    InputError
        IOM-E092 for moments that no counts have, or counts too large to hold.

    Examples
    --------
    >>> told = nearest(PairMoments(6.71, 2.94, 4.61, 2.91, 0.52), 200, 4)
    >>> told.fits, round(told.best.ratio, 1)
    (True, 0.8)
    """
    check_moments(printed)
    own = log_slopes(printed)
    # At first as if the two windows were unrelated normal figures, which is near enough to find the neighbourhood.
    told = Near(printed, cut, n * np.diag(1 / (own * _rough(printed)) ** 2), _blank(printed, rates), np.inf)
    tried = [(distance(told, fit), fit) for fit in _tried(told, ratio)]
    best = next(fit for far, fit in tried if far <= min(d for d, _ in tried) + _ALIKE)
    for _ in range(2):
        told = told._replace(weight=_weight(best, n))
        # Where people were picked softly worlds of many ratios are alike in how near they are: the ratio stays.
        best = _solve(told, best.settings(), None if cut is not None else "ratio", best.ratio)
    return told._replace(best=best, distance=distance(told, best))


def fit_near(told: Near, given: Given, value: float, start: PickedFit) -> PickedFit:
    """Find the nearest world whose ratio, mean or share picked is given, from a fit nearby."""
    x = start.settings()
    if given != "share":
        x[-1 if given == "ratio" else 0] = np.log(value)
    return _solve(told, x, given, value)


def distance(told: Near, fit: PickedFit) -> float:
    """Compute how far the moments of a world are from those observed, in chi-squared units."""
    off = in_logs(fit.moments) - in_logs(told.printed)
    return float(np.einsum("i,ij,j", off, told.weight, off))


def inside(told: Near, fit: PickedFit, level: float) -> bool:
    """Return whether a world with one setting given is one that the moments do not reject at this level."""
    return distance(told, fit) - told.distance <= float(chi2.ppf(level, 1))


def response(told: Near, fit: PickedFit, known: Literal["mean", "share"] | None) -> Response:
    """Return how the nearest world with a cut moves with the logs of the five moments; its log ratio comes last.

    The sixth figure is the log of the share or mean that is known; None leaves it without weight.
    """

    def figures(part: Floats) -> tuple[Floats, Floats]:
        x[_MOVED] = part
        share, moments, slopes = picked_people(fit.rates, x, fit.cut)
        own = np.eye(6)[:1] if known == "mean" else slopes[:1]
        slopes = np.concatenate([log_slopes(moments)[:, None] * slopes[1:], own])[:, _MOVED]
        return np.append(in_logs(moments), x[0] if known == "mean" else np.log(share)), slopes

    x = fit.settings()
    held = np.zeros((6, 6))
    held[:5, :5] = told.weight
    held[5, 5] = 0.0 if known is None else _HELD**2 * float(np.trace(told.weight))
    return respond(figures, x[_MOVED], held)


def _solve(told: Near, x: Floats, given: Given | None = None, value: float = 1.0) -> PickedFit:
    """Find the nearest world from a start; a soft rule may turn out steep, and then is tried about whole counts too.

    With a rule that is steep beside the distance of two counts the moments hardly move until the cut crosses one.
    """
    if told.cut is not None:
        return fitted(told.best.rates, _search(told, x, given, value)[0], told.printed, told.cut)
    x[_SOFTNESS] = max(x[_SOFTNESS], 0.0)
    best, least = _search(told, x, given, value)
    if best[_SOFTNESS] < _STEEP:
        cut = np.exp(best[_CUT])
        for count in {np.floor(cut), np.ceil(cut)} - {0.0}:
            x = best.copy()
            x[_CUT], x[_SOFTNESS] = np.log(count), _AT_A_COUNT
            found = _search(told, x, given, value)
            best, least = found if found[1] < least else (best, least)
    return fitted(told.best.rates, best, told.printed)


def _search(told: Near, x: Floats, given: Given | None, value: float) -> tuple[Floats, float]:
    """Return the settings at which a search from a start ends, and their distance."""
    weigh, target = root(told.weight).T, in_logs(told.printed)
    low, high = limits(told.best.rates)
    x = within(told.best.rates, x)
    free = np.isin(np.arange(6), _MOVED) if told.cut is not None else np.ones(6, dtype=np.bool_)
    free[0] &= given != "mean"
    free[5] &= given != "ratio"

    def off(part: Floats) -> tuple[Floats, Floats]:
        x[free] = part
        share, moments, slopes = picked_people(told.best.rates, x, told.cut)
        missed = np.einsum("ij,j->i", weigh, in_logs(moments) - target)
        by = np.einsum("ij,jk->ik", weigh, log_slopes(moments)[:, None] * slopes[1:, free])
        if given != "share":
            return missed, by
        return np.append(missed, _HELD * np.log(share / value)), np.concatenate([by, _HELD * slopes[:1, free]])

    found = fit_in_box(off, x[free], low[free], high[free])
    least = float((off(found)[0] ** 2).sum())
    return x, least


def _tried(told: Near, ratio: float) -> list[PickedFit]:
    if told.cut is not None:
        starts = [np.array([np.log(a * told.cut + 0.1), np.log(s), np.arctanh(r), 0, 0, 0]) for a, s, r in _STARTS]
        return [_solve(told, x0) for x0 in starts]
    first = fit_at_ratio(told.printed, ratio, rates=told.best.rates)
    return [fit_near(told, "ratio", ratio * q, first) for q in _RATIOS]


def _weight(fit: PickedFit, n: int) -> Floats:
    own, (_, covariance) = log_slopes(fit.moments), law_moments(fit.law())
    return np.asarray(n * inverse(own[:, None] * covariance * own))


def _rough(m: PairMoments) -> Floats:
    """Return the SDs that moments of one normal pair would have, times the root of n."""
    half = np.sqrt(0.5)
    return np.array([m.sd_pre, half * m.sd_pre, m.sd_post, half * m.sd_post, 1 - m.r**2])


def _blank(printed: PairMoments, rates: Rates) -> PickedFit:
    return PickedFit(1.0, printed.mean_pre, 1.0, 0.5, 0.0, 0.0, 1.0, printed, np.inf, rates)
