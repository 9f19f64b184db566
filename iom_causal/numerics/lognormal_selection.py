"""People with lognormal rates, picked softly on the count before: which population prints these five moments.

The population has a mean per window, a log SD of rates that is the same in both windows, and a correlation of
log rates between them; people are picked with probability ``Phi((y1 - cut) / softness)``, and everybody's mean
after is multiplied by one ratio, which stands for programme, ageing and history together. Five parameters meet
five printed moments, so an exact fit is no evidence for the ratio that was put in: the fits for many ratios form
a ridge, and only what is known about the population tells them apart.
"""

from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares
from scipy.special import gammainc, gammaln

from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.numerics.pair_law import probit_rule
from iom_causal.numerics.response import Response, respond

FloatArray = NDArray[np.float64]

EXACT = 1e-7
"""The largest relative miss of a moment that is called exact; the search ends near 1e-12 where there is a fit."""

_NODES, _NODES_HARD = 48, 96
"""A hard cut far from the mean is read in the tail, where half as many nodes would miss by a few in a thousand."""
_HIGHEST = 160
_COUNTS = np.arange(_HIGHEST + 1.0)
_START = np.array([np.log(1.5), np.log(0.74), np.arctanh(0.76), np.log(12.0), np.log(4.0)])
_LIMITS = (np.array([-6.0, -4.0, -4.0, -2.0, -4.0]), np.array([5.0, 1.2, 4.0, 5.0, 5.0]))


class PairMoments(NamedTuple):
    """Means, SDs and correlation of counts before and after."""

    mean_pre: float
    sd_pre: float
    mean_post: float
    sd_post: float
    r: float


class PickedFit(NamedTuple):
    """A population whose picked people print the given moments.

    Attributes
    ----------
    ratio : float
        After over before for everybody, without regression.
    mean, log_sd, correlation : float
        Of the population's rates: mean before, SD of the log, correlation of the logs of the two windows.
    cut, softness : float
        Of the rule; a softness of 0 is a hard cut.
    share : float
        Of the population that is picked.
    moments : PairMoments
        Of the picked people, as fitted.
    distance : float
        The largest miss of a moment, relative to the moment (for r, as it is).
    """

    ratio: float
    mean: float
    log_sd: float
    correlation: float
    cut: float
    softness: float
    share: float
    moments: PairMoments
    distance: float

    @property
    def exact(self) -> bool:
        """Whether the picked people print the given moments."""
        return self.distance < EXACT


def picked_moments(
    mean: float, log_sd: float, correlation: float, cut: float, softness: float, ratio: float = 1.0
) -> tuple[float, PairMoments]:
    """Compute the share picked and their moments, by Gauss-Hermite quadrature over the rate before.

    What the rate after adds has closed moments given the rate before, so that one axis is enough. Counts before
    that are larger than any on the grid are taken as picked; their part of every sum is closed too.

    Examples
    --------
    >>> share, told = picked_moments(1.5, 0.744, 0.756, 12.57, 3.98)
    >>> round(share, 3), round(told.mean_pre, 1), round(told.mean_post, 1)
    (0.008, 6.9, 3.6)
    """
    z, weight = _quadrature(_NODES if softness > 0 else _NODES_HARD)
    log_rate = np.log(mean) + log_sd * z - log_sd**2 / 2
    joint = np.exp(_COUNTS[:, None] * log_rate - np.exp(log_rate) - gammaln(_COUNTS + 1)[:, None]) * weight
    joint = joint * probit_rule(cut, softness)(_COUNTS)[:, None]
    beyond = _beyond(np.exp(log_rate)) * weight
    told = np.stack([joint.sum(0), _COUNTS @ joint, _COUNTS**2 @ joint]) + beyond
    share = float(told[0].sum())
    people, first, squared = told / share
    s2, rho = log_sd**2, correlation
    after = mean * ratio * np.exp(rho * log_sd * z - rho**2 * s2 / 2)
    after_squared = after**2 * np.exp(s2 * (1 - rho**2)) + after
    m1, m2 = float(first.sum()), float(people @ after)
    v1, v2 = float(squared.sum()) - m1**2, float(people @ after_squared) - m2**2
    cross = float((first - m1 * people) @ after)
    return share, PairMoments(m1, v1**0.5, m2, v2**0.5, cross / (v1 * v2) ** 0.5)


@lru_cache(maxsize=2)
def _quadrature(nodes: int) -> tuple[FloatArray, FloatArray]:
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def _beyond(rate: FloatArray) -> FloatArray:
    """Return the probability, the mean and the square of Poisson counts that are larger than any on the grid."""
    tail, shorter, shortest = (gammainc(_HIGHEST + 1 - k, rate) for k in range(3))
    first = rate * shorter
    return np.stack([tail, first, rate**2 * shortest + first])


def fit_at_ratio(printed: PairMoments, ratio: float = 1.0, start: PickedFit | None = None) -> PickedFit:
    """Find the population, rule and persistence that print these moments when everybody's mean changes by `ratio`.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    ratio : float
        1 asks for a world without any programme, ageing or trend; .95 for one with 5% of those.
    start : PickedFit, optional
        A fit nearby.

    Returns
    -------
    PickedFit
        Look at `exact` first: where no population of this family prints the moments, it is the nearest.

    Examples
    --------
    >>> fit = fit_at_ratio(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355))
    >>> fit.exact, round(fit.mean, 2), round(fit.share, 3)
    (True, 1.5, 0.008)
    """
    check_moments(printed, ratio)
    x0 = _START if start is None else _packed(start)

    def off(x: FloatArray) -> FloatArray:
        return miss(picked_moments(*_unpacked(x), ratio)[1], printed)

    found = least_squares(off, x0, bounds=_LIMITS, xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=400)
    return _fitted(found.x, ratio, printed)


@lru_cache(maxsize=64)
def _without_change(printed: PairMoments) -> PickedFit:
    """Keep the fit from which every search at a known mean starts."""
    return fit_at_ratio(printed)


def fit_at_mean(printed: PairMoments, mean: float, start: PickedFit | None = None) -> PickedFit:
    """Find the ratio that is left when the population is known to average `mean` a window.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    mean : float
        Of everybody from whom they were picked, in a window of the same length.
    start : PickedFit, optional
        A fit nearby.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population of this family with that mean prints the moments.

    Examples
    --------
    >>> round(fit_at_mean(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 1.6).ratio, 2)
    0.96
    """
    check_moments(printed, mean)
    first = _without_change(printed) if start is None else start
    x0 = _packed(first)
    x0[0] = np.log(first.ratio)

    def off(x: FloatArray) -> FloatArray:
        ratio, log_sd, correlation, cut, softness = _unpacked(x)
        return miss(picked_moments(mean, log_sd, correlation, cut, softness, ratio)[1], printed)

    found = least_squares(off, x0, bounds=_LIMITS, xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=400)
    ratio = float(np.exp(found.x[0]))
    x = np.concatenate([[np.log(mean)], found.x[1:]])
    fit = _fitted(x, ratio, printed)
    if not fit.exact:
        raise NotIdentifiedError(
            "IOM-E068",
            f"no population with lognormal rates and a mean of {mean:g} has picked people with these moments; "
            "expected a mean along the ridge of exact fits",
        )
    return fit


def fit_at_share(printed: PairMoments, share: float, start: PickedFit | None = None) -> PickedFit:
    """Find the population and the ratio that is left when a known share of the population was picked.

    Parameters
    ----------
    printed : PairMoments
        Of the picked people.
    share : float
        Of everybody who could have been picked, above 0 and below 1.
    start : PickedFit, optional
        A fit nearby.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when no population of this family of which that share is picked prints the moments.

    Examples
    --------
    >>> round(fit_at_share(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), 0.07).ratio, 2)
    0.8
    """
    check_moments(printed, share)
    first = _without_change(printed) if start is None else start

    def off(x: FloatArray) -> FloatArray:
        picked, moments = picked_moments(*_unpacked(x), float(np.exp(x[5])))
        return np.append(miss(moments, printed), np.log(picked / share))

    low, high = _LIMITS
    limits = (np.append(low, -4.0), np.append(high, 4.0))
    x0 = np.append(_packed(first), np.log(first.ratio))
    found = least_squares(off, x0, bounds=limits, xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=400)
    fit = _fitted(found.x[:5], float(np.exp(found.x[5])), printed)
    if not fit.exact or abs(np.log(fit.share / share)) > EXACT:
        raise NotIdentifiedError(
            "IOM-E068",
            f"no population with lognormal rates of which a share of {share:g} is picked prints these moments; "
            "expected a share along the ridge of exact fits",
        )
    return fit


def ridge(printed: PairMoments, ratios: ArrayLike) -> tuple[PickedFit, ...]:
    """Find the populations along a grid of ratios, each started from its neighbour; exact or not.

    Examples
    --------
    >>> fits = ridge(PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355), [0.8, 0.9, 1.0])
    >>> [round(f.share, 2) for f in fits]
    [0.07, 0.02, 0.01]
    """
    grid = np.asarray(ratios, dtype=np.float64)
    fits: dict[int, PickedFit] = {}
    middle = int(np.argmin(np.abs(np.log(grid))))
    for side in (range(middle, grid.size), range(middle - 1, -1, -1)):
        start = fits.get(middle)
        for k in side:
            fits[k] = fit_at_ratio(printed, float(grid[k]), start)
            start = fits[k] if fits[k].exact else start
    return tuple(fits[k] for k in range(grid.size))


def ratio_slopes(fit: PickedFit, known: Literal["mean", "share"] = "mean") -> FloatArray:
    """Return the derivatives of the log ratio in the five moments, by the implicit function theorem.

    Parameters
    ----------
    fit : PickedFit
        Where they are taken.
    known : {"mean", "share"}
        What is known of the population beside the moments: its mean, as in `fit_at_mean`, or the share that was
        picked, as in `fit_at_share`.

    Examples
    --------
    >>> printed = PairMoments(6.84, 4.75, 3.61, 3.66, 0.5355)
    >>> ratio_slopes(fit_at_mean(printed, 1.6)).shape
    (5,)
    """
    return response(fit, known).slopes[-1, :5] * log_slopes(fit.moments)


def response(fit: PickedFit, known: Literal["mean", "share"]) -> Response:
    """Return how a fit moves with the logs of the five moments, to second order; its log ratio comes last."""

    def told(v: FloatArray) -> FloatArray:
        share, moments = picked_moments(*_unpacked(v), float(np.exp(v[5])))
        return np.append(in_logs(moments), v[0] if known == "mean" else np.log(share))

    return respond(told, np.append(_packed(fit), np.log(fit.ratio)), np.eye(6))


def in_logs(moments: PairMoments | FloatArray) -> FloatArray:
    """Return the logs of means and SDs, and Fisher's z of the correlation: (..., 5) of (..., 5) moments."""
    m = np.asarray(moments, dtype=np.float64)
    return np.concatenate([np.log(m[..., :4]), np.arctanh(m[..., 4:])], axis=-1)


def log_slopes(moments: PairMoments) -> FloatArray:
    """Return the derivative of each of `in_logs` in its own moment, (5,)."""
    m = np.asarray(moments, dtype=np.float64)
    return np.append(1 / m[:4], 1 / (1 - m[4] ** 2))


def _packed(fit: PickedFit) -> FloatArray:
    logs = np.log([fit.mean, fit.log_sd, fit.cut, fit.softness])
    return np.array([logs[0], logs[1], np.arctanh(fit.correlation), logs[2], logs[3]])


def _unpacked(x: FloatArray) -> tuple[float, float, float, float, float]:
    mean, log_sd, cut, softness = np.exp(x[[0, 1, 3, 4]])
    return float(mean), float(log_sd), float(np.tanh(x[2])), float(cut), float(softness)


def miss(moments: PairMoments, printed: PairMoments) -> FloatArray:
    """Return how far moments are from those printed, each relative to its own but for the correlation."""
    scale = np.array([*printed[:4], 1.0])
    return np.asarray((np.array(moments) - np.array(printed)) / scale)


def _fitted(x: FloatArray, ratio: float, printed: PairMoments) -> PickedFit:
    mean, log_sd, correlation, cut, softness = _unpacked(x)
    share, moments = picked_moments(mean, log_sd, correlation, cut, softness, ratio)
    distance = float(np.abs(miss(moments, printed)).max())
    return PickedFit(ratio, mean, log_sd, correlation, cut, softness, share, moments, distance)


def check_moments(printed: PairMoments, value: float = 1.0) -> None:
    """Refuse moments that no counts have, or too large to hold, and a ratio, mean or share that is not above 0."""
    if min(*printed[:4], value) <= 0 or abs(printed.r) >= 1:
        raise InputError("IOM-E092", "expected means, SDs and ratio or mean above 0, and a correlation inside -1 to 1")
    if printed.mean_pre + 4 * printed.sd_pre > _HIGHEST / 2:
        raise InputError("IOM-E092", f"expected counts well below {_HIGHEST}; use shorter windows")
