"""Everybody picked who had so many events before: which populations of one kind fit their moments.

The population is one of `populations` and the rule is known, so that four settings meet five moments: mean,
spread and correlation of the rates, and the ratio by which everybody's mean changes. They are met as near as sampling
lets them (minimum distance, weighted by the covariance of the moments in the nearest population), and what the
moments say of the ratio is a profile of that distance.
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
_HELD = 1e4
"""The weight of a log share that is known: it is then met to 1e-6."""


class Above(NamedTuple):
    """What is known of people of whom everybody with at least `cut` events was picked.

    Attributes
    ----------
    printed : PairMoments
        Of the picked people.
    cut : float
        The fewest events with which people were picked.
    weight : ndarray
        (5, 5) inverse covariance of the logs of the moments, as `pair_moments.in_logs` has them.
    best : PickedFit
        The nearest population.
    distance : float
        How far it is, in units whose law without any misfit is chi-squared with one degree of freedom.
    """

    printed: PairMoments
    cut: float
    weight: Floats
    best: PickedFit
    distance: float

    @property
    def fits(self) -> bool:
        """Whether the nearest population is as near as sampling lets it be."""
        return self.distance < float(chi2.ppf(SURE, 1))


def above_cut(printed: PairMoments, n: int, cut: float, rates: Rates = "lognormal") -> Above:
    """Find the nearest population to the moments of `n` people, everybody picked who had at least `cut` events.

    Raises
    ------
    InputError
        IOM-E092 for moments that no counts have, or counts too large to hold.

    Examples
    --------
    >>> told = above_cut(PairMoments(6.71, 2.94, 4.61, 2.91, 0.52), 200, 4)
    >>> told.fits, round(told.best.ratio, 1)
    (True, 0.8)
    """
    check_moments(printed)
    own = log_slopes(printed)
    # At first as if the two windows were unrelated normal figures, which is near enough to find the neighbourhood.
    told = Above(printed, cut, n * np.diag(1 / (own * _rough(printed)) ** 2), _blank(printed, rates), np.inf)
    tried = [_solve(told, np.array([np.log(a * cut + 0.1), np.log(s), np.arctanh(r), 0.0])) for a, s, r in _STARTS]
    best = min(tried, key=lambda fit: distance(told, fit))
    for _ in range(2):
        told = told._replace(weight=_weight(best, n))
        best = _solve(told, _packed(best))
    return told._replace(best=best, distance=distance(told, best))


def fit_above(told: Above, given: Given, value: float, start: PickedFit) -> PickedFit:
    """Find the nearest population whose ratio, mean or share picked is given, from a fit nearby."""
    x = _packed(start)
    if given != "share":
        x[3 if given == "ratio" else 0] = np.log(value)
    return _solve(told, x, given, value)


def distance(told: Above, fit: PickedFit) -> float:
    """Compute how far the moments of a population are from those printed, in chi-squared units."""
    off = in_logs(fit.moments) - in_logs(told.printed)
    return float(off @ told.weight @ off)


def inside(told: Above, fit: PickedFit, level: float) -> bool:
    """Return whether a population with one setting given is one that the moments do not reject at this level."""
    return distance(told, fit) - told.distance <= float(chi2.ppf(level, 1))


def response(fit: PickedFit, weight: Floats, known: Literal["mean", "share"] | None) -> Response:
    """Return how the nearest population moves with the logs of the five moments; its log ratio comes last.

    The sixth figure is the log of the share or mean that is known; None leaves it without weight.
    """

    def figures(x: Floats) -> Floats:
        share, moments = picked_moments(fit.rates, x[:3], fit.cut, 0.0, float(np.exp(x[3])))
        return np.append(in_logs(moments), x[0] if known == "mean" else np.log(share))

    held = np.zeros((6, 6))
    held[:5, :5] = weight
    held[5, 5] = 0.0 if known is None else _HELD**2 * float(np.trace(weight))
    return respond(figures, _packed(fit), held)


def _solve(told: Above, x0: Floats, given: Given | None = None, value: float = 1.0) -> PickedFit:
    root = np.linalg.cholesky(told.weight).T
    target, rates = in_logs(told.printed), told.best.rates
    free = np.array([given != "mean", True, True, given != "ratio"])

    def whole(part: Floats) -> Floats:
        x = x0.copy()
        x[free] = part
        return x

    def off(part: Floats) -> Floats:
        x = whole(part)
        share, moments = picked_moments(rates, x[:3], told.cut, 0.0, float(np.exp(x[3])))
        held = [_HELD * np.log(share / value)] if given == "share" else []
        return np.append(root @ (in_logs(moments) - target), held)

    low, high = (np.append(end, far) for end, far in zip(LIMITS[rates], (-_FARTHEST, _FARTHEST), strict=True))
    x0 = np.clip(x0, low + 1e-6, high - 1e-6)
    limits = (low[free], high[free])
    found = least_squares(off, x0[free], bounds=limits, x_scale="jac", xtol=1e-12, ftol=1e-12, gtol=1e-12, max_nfev=400)
    x = whole(found.x)
    return fitted(rates, x[:3], (told.cut, 0.0), float(np.exp(x[3])), told.printed)


def _weight(fit: PickedFit, n: int) -> Floats:
    law, own = law_moments(fit.law()), log_slopes(fit.moments)
    return np.asarray(n * np.linalg.inv(own[:, None] * law.covariance * own))


def _rough(m: PairMoments) -> Floats:
    """Return the SDs that moments of one normal pair would have, times the root of n."""
    half = np.sqrt(0.5)
    return np.array([m.sd_pre, half * m.sd_pre, m.sd_post, half * m.sd_post, 1 - m.r**2])


def _packed(fit: PickedFit) -> Floats:
    return np.append(fit.packed(), np.log(fit.ratio))


def _blank(printed: PairMoments, rates: Rates) -> PickedFit:
    return PickedFit(1.0, printed.mean_pre, 1.0, 0.5, 0.0, 0.0, 1.0, printed, np.inf, rates)
