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
from scipy.optimize import least_squares
from scipy.stats import chi2

from iom_causal.numerics.pair_law import law_moments
from iom_causal.numerics.pair_moments import PairMoments, check_moments, in_logs, log_slopes
from iom_causal.numerics.populations import LIMITS, PickedFit, Rates, fitted, picked_moments
from iom_causal.numerics.response import Response, respond
from iom_causal.numerics.soft_selection import RULE_LIMITS, fit_at_ratio

type Floats = NDArray[np.float64]
type Given = Literal["ratio", "mean", "share"]

NEAR = 0.02
"""A miss of every moment by less than this is let pass in however large a sample, and is told."""
SURE = 0.999
"""Beyond this quantile of its law the distance is no sampling error."""

_FARTHEST = 4.0
"""The log ratio is looked for from minus this to this."""
_STARTS = ((1.0, 0.5, 0.8), (0.3, 0.8, 0.8), (0.1, 1.2, 0.7), (0.7, 1.0, 0.95))
"""Mean as a part of the cut, spread and correlation."""
_RATIOS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Where the ratio is not told by the moments: some at which the nearest world is looked for."""
_HELD = 1e4
"""The weight of a log share that is known: it is then met to 1e-6."""
_INSIDE = 1e-6
"""How far inside its limits a search begins."""


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
    best = min(_tried(told, ratio), key=lambda fit: distance(told, fit))
    for _ in range(2):
        told = told._replace(weight=_weight(best, n))
        # Where people were picked softly worlds of many ratios are alike in how near they are: the ratio stays.
        best = _solve(told, _packed(told, best), None if cut is not None else "ratio", best.ratio)
    return told._replace(best=best, distance=distance(told, best))


def fit_near(told: Near, given: Given, value: float, start: PickedFit) -> PickedFit:
    """Find the nearest world whose ratio, mean or share picked is given, from a fit nearby."""
    x = _packed(told, start)
    if given != "share":
        x[-1 if given == "ratio" else 0] = np.log(value)
    return _solve(told, x, given, value)


def distance(told: Near, fit: PickedFit) -> float:
    """Compute how far the moments of a world are from those observed, in chi-squared units."""
    off = in_logs(fit.moments) - in_logs(told.printed)
    return float(off @ told.weight @ off)


def inside(told: Near, fit: PickedFit, level: float) -> bool:
    """Return whether a world with one setting given is one that the moments do not reject at this level."""
    return distance(told, fit) - told.distance <= float(chi2.ppf(level, 1))


def response(told: Near, fit: PickedFit, known: Literal["mean", "share"] | None) -> Response:
    """Return how the nearest world with a cut moves with the logs of the five moments; its log ratio comes last.

    The sixth figure is the log of the share or mean that is known; None leaves it without weight.
    """

    def figures(x: Floats) -> Floats:
        share, moments = _told(told, x)
        return np.append(in_logs(moments), x[0] if known == "mean" else np.log(share))

    held = np.zeros((6, 6))
    held[:5, :5] = told.weight
    held[5, 5] = 0.0 if known is None else _HELD**2 * float(np.trace(told.weight))
    return respond(figures, _packed(told, fit), held)


def _solve(told: Near, x0: Floats, given: Given | None = None, value: float = 1.0) -> PickedFit:
    root = np.linalg.cholesky(told.weight).T
    target = in_logs(told.printed)
    free = np.ones(x0.size, dtype=np.bool_)
    free[0], free[-1] = given != "mean", given != "ratio"

    def whole(part: Floats) -> Floats:
        x = x0.copy()
        x[free] = part
        return x

    def off(part: Floats) -> Floats:
        share, moments = _told(told, whole(part))
        held = [_HELD * np.log(share / value)] if given == "share" else []
        return np.append(root @ (in_logs(moments) - target), held)

    low, high = _limits(told)
    x0 = np.clip(x0, low + _INSIDE, high - _INSIDE)
    limits = (low[free], high[free])
    found = least_squares(off, x0[free], bounds=limits, x_scale="jac", xtol=1e-12, ftol=1e-12, gtol=1e-12, max_nfev=400)
    x = whole(found.x)
    return fitted(told.best.rates, x[:3], _rule(told, x), float(np.exp(x[-1])), told.printed)


def _told(told: Near, x: Floats) -> tuple[float, PairMoments]:
    return picked_moments(told.best.rates, x[:3], *_rule(told, x), float(np.exp(x[-1])))


def _rule(told: Near, x: Floats) -> tuple[float, float]:
    if told.cut is not None:
        return told.cut, 0.0
    cut, softness = np.exp(x[3:5])
    return float(cut), float(softness)


def _limits(told: Near) -> tuple[Floats, Floats]:
    rule = RULE_LIMITS if told.cut is None else ((), ())
    ends = zip(LIMITS[told.best.rates], rule, (-_FARTHEST, _FARTHEST), strict=True)
    low, high = (np.array([*population, *part, far]) for population, part, far in ends)
    return low, high


def _tried(told: Near, ratio: float) -> list[PickedFit]:
    if told.cut is not None:
        starts = [np.array([np.log(a * told.cut + 0.1), np.log(s), np.arctanh(r), 0.0]) for a, s, r in _STARTS]
        return [_solve(told, x0) for x0 in starts]
    first = fit_at_ratio(told.printed, ratio, rates=told.best.rates)
    return [fit_near(told, "ratio", ratio * q, first) for q in _RATIOS]


def _weight(fit: PickedFit, n: int) -> Floats:
    law, own = law_moments(fit.law()), log_slopes(fit.moments)
    return np.asarray(n * np.linalg.inv(own[:, None] * law.covariance * own))


def _rough(m: PairMoments) -> Floats:
    """Return the SDs that moments of one normal pair would have, times the root of n."""
    half = np.sqrt(0.5)
    return np.array([m.sd_pre, half * m.sd_pre, m.sd_post, half * m.sd_post, 1 - m.r**2])


def _packed(told: Near, fit: PickedFit) -> Floats:
    rule = np.log([fit.cut, fit.softness]) if told.cut is None else ()
    return np.array([*fit.packed(), *rule, np.log(fit.ratio)])


def _blank(printed: PairMoments, rates: Rates) -> PickedFit:
    return PickedFit(1.0, printed.mean_pre, 1.0, 0.5, 0.0, 0.0, 1.0, printed, np.inf, rates)
