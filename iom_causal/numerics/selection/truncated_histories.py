"""Maximum-likelihood fit of drifting lognormal rates to histories truncated by selection on one window.

The log rate of a person is a stationary process: normal, with a correlation of ``exp(-return_rate * years)`` between
the middles of two windows, and taken as constant within a window. People are seen only if they were selected on their
count in one window, so each contributes the probability of the whole history over that of being selected.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, xlogy

from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.kernels.curvature import curves
from iom_causal.numerics.kernels.gauss_hermite import normal_rule

type Floats = NDArray[np.float64]

NODES, MORE = 80, 120
"""Of the quadrature over rates: enough for some 40 events a window; and more, with which a fit is checked."""
REACH = 1.0
"""The most by which more nodes may move a fit, in its standard errors: beyond it the fit is refused."""
PRIOR_MEAN, PRIOR_SD = np.array([0.0, -0.3, -1.0]), np.array([np.inf, 1.0, 1.0])
"""Weak beliefs about log SD and log return rate, as for whole careers; none about the mean."""
_BOUNDS = ((-12.0, 8.0), (-5.0, 2.0), (-7.0, 4.0))
_EDGE = 0.01
"""How near to a bound a search is at it: a hundredth of a log unit is less than any data tell."""
_STEP = 1e-3


class SelectedHistories(NamedTuple):
    """Histories of selected people.

    Attributes
    ----------
    counts, years : ndarray
        (n, K) events and years at risk in windows in order of time.
    middles : ndarray
        (K,) the middle of each window, in years.
    read : int
        The window that the rule read.
    rejection : ndarray
        (Y,) the chance of not being selected at 0, 1, ... events there; 0 beyond.
    weight : ndarray
        (n,) how often each person counts.
    """

    counts: Floats
    years: Floats
    middles: Floats
    read: int
    rejection: Floats
    weight: Floats


class HistoryFit(NamedTuple):
    """A population seen only through the people selected from it.

    Attributes
    ----------
    theta : ndarray
        (3,) logs of the mean rate a year, of the SD of log rates, and of the return rate a year.
    influence : ndarray
        (n, 3) how each person's weight moves `theta`.
    """

    theta: Floats
    influence: Floats


def log_likelihoods(h: SelectedHistories, theta: ArrayLike, nodes: int = NODES) -> Floats:
    """Compute each person's log probability of the history, given that it was selected.

    Examples
    --------
    >>> counts, years = np.array([[1.0, 3.0]]), np.ones((1, 2))
    >>> two = SelectedHistories(counts, years, np.array([0.0, 1.0]), 1, np.ones(3), np.ones(1))
    >>> round(float(log_likelihoods(two, [0.5, -0.3, -1.0])[0]), 4)
    -2.1682
    """
    mean, log_sd, log_return = np.asarray(theta, dtype=np.float64)
    level = _levels(float(mean), float(np.exp(log_sd)), nodes)
    forward, scale = _forward(h, level, float(np.exp(log_return)))
    years = np.unique(h.years[:, h.read])
    chance = np.array([_selection_probability(level, y, h.rejection) for y in years])
    if not (chance > 0).all():
        return np.full(len(h.counts), -np.inf)
    constant = (xlogy(h.counts, h.years) - gammaln(h.counts + 1)).sum(1)
    there = np.log(np.maximum(forward.sum(1), np.finfo(float).tiny)) + scale + constant
    return np.asarray(there - np.log(chance)[np.searchsorted(years, h.years[:, h.read])])


def expected_rates(h: SelectedHistories, theta: ArrayLike, middle: float) -> Floats:
    """Compute each person's expected events a year at a later time, given the history, if nothing else happens."""
    mean, log_sd, log_return = np.asarray(theta, dtype=np.float64)
    sd, back = float(np.exp(log_sd)), float(np.exp(log_return))
    forward, _ = _forward(h, _levels(float(mean), sd, NODES), back)
    held = sd * np.exp(-back * (middle - h.middles[-1]))
    ahead = np.exp(mean + held * normal_rule(NODES)[0] - held**2 / 2)
    return np.asarray(forward @ ahead / forward.sum(1))


def fit_histories(h: SelectedHistories) -> HistoryFit:
    """Estimate the distribution of rates in the population from the histories of the people selected from it.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when the search ends at a bound of a parameter or where the likelihood is flat, or counts are too
        high for the quadrature.
    """

    def lost(theta: Floats) -> float:
        value = h.weight @ log_likelihoods(h, theta) - (((theta - PRIOR_MEAN) / PRIOR_SD) ** 2).sum() / 2
        return 1e12 if not np.isfinite(value) else -float(value)

    # Slopes over a step of a thousandth: over the search's own 1e-8 they are rounding where the likelihood is steep
    # in one parameter and nearly flat in another, and where it stops is then the processor's choice.
    def lost_slopes(theta: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            slopes = h.weight @ _slopes(lambda at: log_likelihoods(h, at), theta) - (theta - PRIOR_MEAN) / PRIOR_SD**2
        return np.asarray(-np.nan_to_num(slopes))

    start = np.log((h.weight @ h.counts).sum() / (h.weight @ h.years).sum() / 2)
    first = [start, PRIOR_MEAN[1], PRIOR_MEAN[2]]
    found = minimize(lost, first, jac=lost_slopes, method="L-BFGS-B", bounds=_BOUNDS, options={"ftol": 1e-11})
    theta = np.asarray(found.x)
    scores = _slopes(lambda at: log_likelihoods(h, at), theta)
    bends = [_slopes(lambda at: log_likelihoods(h, at), theta + e) for e in np.eye(3) * _STEP]
    bends_back = [_slopes(lambda at: log_likelihoods(h, at), theta - e) for e in np.eye(3) * _STEP]
    curve = np.array([h.weight @ (a - b) / (2 * _STEP) for a, b in zip(bends, bends_back, strict=True)])
    information = np.diag(PRIOR_SD**-2.0) - (curve + curve.T) / 2
    at_bound = any((np.abs(theta - end) < _EDGE).any() for end in np.array(_BOUNDS).T)
    if at_bound or not curves(information):
        raise NotIdentifiedError(
            "IOM-E068", "the windows before do not tell how lasting the rates of these people are; use another method"
        )
    off = h.weight @ (_slopes(lambda at: log_likelihoods(h, at, MORE), theta) - scores)
    if not off @ np.linalg.solve(information, off) < REACH**2:
        raise NotIdentifiedError(
            "IOM-E068",
            "some of these people have so many events in a window that their rates cannot be integrated well enough; "
            "use another method, or shorter windows",
        )
    return HistoryFit(theta, scores @ np.linalg.inv(information))


def rate_slopes(h: SelectedHistories, theta: Floats, middle: float) -> Floats:
    """Compute how the log of each person's expected rate moves with the parameters, (n, 3)."""
    return _slopes(lambda at: np.log(expected_rates(h, at, middle)), theta)


def _slopes(function: Callable[[Floats], Floats], theta: Floats) -> Floats:
    ends = [(function(theta + e), function(theta - e)) for e in np.eye(3) * _STEP]
    return np.stack([(up - down) / (2 * _STEP) for up, down in ends], axis=-1)


def _levels(mean: float, sd: float, nodes: int) -> Floats:
    """Return the log rate a year at each node."""
    return np.asarray(mean + sd * normal_rule(nodes)[0] - sd**2 / 2)


def _forward(h: SelectedHistories, level: Floats, back: float) -> tuple[Floats, Floats]:
    """Return, up to a factor whose log comes with it, how probable the history and the last rate are together."""
    points, weights = normal_rule(level.size)
    scale = np.zeros(len(h.counts))
    state = np.broadcast_to(weights, (len(h.counts), points.size))
    for k in range(h.counts.shape[1]):
        if k:
            state = state @ _passage(points.size, np.exp(-back * (h.middles[k] - h.middles[k - 1])))
        y, years = h.counts[:, k, None], h.years[:, k, None]
        terms = y * level - years * np.exp(level)
        top = terms.max(1)
        state, scale = state * np.exp(terms - top[:, None]), scale + top
    return state, scale


def _selection_probability(level: Floats, years: float, rejection: Floats) -> float:
    """Return the share of the population that the rule selects."""
    y = np.arange(rejection.size)[:, None]
    mean = level + np.log(years)
    left_out = rejection @ np.exp(y * mean - np.exp(mean) - gammaln(y + 1))
    return float(normal_rule(level.size)[1] @ (1 - left_out))


@lru_cache(maxsize=2)
def _polynomials(nodes: int) -> Floats:
    """Return the normalised Hermite polynomials at the nodes, (nodes, degrees)."""
    points, _ = normal_rule(nodes)
    degrees = [np.ones_like(points), points]
    for m in range(1, nodes - 1):
        degrees.append((points * degrees[m] - np.sqrt(m) * degrees[m - 1]) / np.sqrt(m + 1))
    return np.stack(degrees, axis=1)


def _passage(nodes: int, correlation: float) -> Floats:
    """Return the passage from one normal rate to a later one, by Mehler's expansion: exact from none to all lasting."""
    h = _polynomials(nodes)
    return np.asarray((h * correlation ** np.arange(nodes)) @ h.T * normal_rule(nodes)[1])
