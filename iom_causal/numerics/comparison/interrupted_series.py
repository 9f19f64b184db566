"""Interrupted time series over replicates: log-linear regression of totals, and the ratio over a horizon."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from iom_causal.numerics.kernels.scaled_inverse import scaled_inverse

type Floats = NDArray[np.float64]

FAMILIES = ("poisson", "negative_binomial", "binomial")
STEPS = 60
"""Steps of iterated least squares; without a maximum at finite coefficients each goes on by about one for ever."""
ROUNDS = 200
"""Rounds between the coefficients and the spread of a negative binomial, which converge linearly."""
HIGHEST = 700.0
"""The exponential of more is infinite."""
_CLOSE = 1e-11  # relative, of the last step that is taken
_LARGEST_SPREAD = 1e6


class SeriesFit(NamedTuple):
    """Regression of totals in M windows over replicates.

    Attributes
    ----------
    values : ndarray
        (R, p) coefficients.
    mean, slope : ndarray
        (R, M) fitted totals, and their derivative by the linear predictor.
    root : ndarray
        (R, M, p) regressors times the root of the working weight, so that a score is `root` times `pearson`.
    pearson : ndarray
        (R, M) Pearson residuals.
    bread : ndarray
        (R, p, p) inverse information; 0 where there is none.
    spread : ndarray
        (R,) alpha of a negative binomial variance ``mean + alpha mean^2``; 0 of other families.
    sound : ndarray
        (R,) whether the fit is one: regressors that say something of their own, a search that ended.
    """

    values: Floats
    mean: Floats
    slope: Floats
    root: Floats
    pearson: Floats
    bread: Floats
    spread: Floats
    sound: NDArray[np.bool_]


class Horizon(NamedTuple):
    """Ratio of the totals fitted over a horizon to those without the change.

    Attributes
    ----------
    log_ratio : ndarray
        (R,).
    gradient : ndarray
        (R, p) of the log ratio by the coefficients.
    without : ndarray
        (R, M) totals expected without the change, in every window.
    """

    log_ratio: Floats
    gradient: Floats
    without: Floats


def fit_series(
    x: Floats, events: Floats, offset: Floats, *, family: str = "poisson", trials: Floats | None = None
) -> SeriesFit:
    """Fit totals by iterated least squares: Poisson or NB2 with a log link, or binomial with a logit.

    Parameters
    ----------
    x : ndarray
        (M, p), or (R, M, p) where replicates have regressors of their own.
    events, offset : ndarray
        (R, M) totals, and what is added to the linear predictor: the log of exposure, or of its ratio.
    family : {"poisson", "negative_binomial", "binomial"}
        NB2 has the spread with which Pearson's statistic is its degrees of freedom (Breslow 1984). Binomial totals
        are the first of two Poisson series given their sum, so that what both share in a window cancels.
    trials : ndarray, optional
        (R, M) sum of both series, of binomial totals.

    Examples
    --------
    >>> x = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> fit = fit_series(x, np.array([[1.0, 3, 3, 5]]), np.zeros((1, 4)))
    >>> np.exp(fit.values).round(6).tolist()
    [[2.0, 2.0]]
    """
    shape = (*events.shape, x.shape[-1])
    x = np.ascontiguousarray(np.broadcast_to(x, shape))
    data = _Data(x, events, np.broadcast_to(offset, events.shape), events if trials is None else trials, family)
    values, ended = _searched(data, _first(data), np.zeros(len(events)))
    spread = np.zeros(len(events))
    if family == "negative_binomial":
        values, spread, ended = _with_spread(data, values, ended)
    mean, slope, weight, scale = _moments(data, values, spread)
    root = x * np.sqrt(weight)[..., None]
    bread, sound = scaled_inverse(_crossed(root, root))
    with np.errstate(divide="ignore", invalid="ignore"):
        pearson = np.where(weight > 0, (events - mean) / scale, 0.0)
    return SeriesFit(values, mean, slope, root, pearson, bread, spread, sound & ended)


def over_horizon(fit: SeriesFit, x: Floats, base: Floats, after: NDArray[np.bool_]) -> Horizon:
    """Ratio over a horizon of fitted totals to those without the change, each window weighted by the latter.

    The ratio is ``sum w exp(h) / sum w`` with h the change of the linear predictor on the log scale and w the total
    expected without it. A plain average of the windows' own ratios is another number where trend and h both vary.

    Parameters
    ----------
    fit : SeriesFit
        The regression.
    x, base : ndarray
        Its regressors, and the same without the change.
    after : ndarray
        (M,) or (R, M) windows of the horizon.

    Examples
    --------
    >>> x = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> fit = fit_series(x, np.array([[1.0, 3, 3, 5]]), np.zeros((1, 4)))
    >>> found = over_horizon(fit, x, x * [1, 0], np.array([False, False, True, True]))
    >>> np.exp(found.log_ratio).round(6).tolist(), found.gradient.round(6).tolist()
    ([2.0], [[0.0, 1.0]])
    """
    change = np.broadcast_to(x - base, fit.root.shape)
    effect = np.einsum("rmp,rp->rm", change, fit.values)
    without = fit.mean * np.exp(-np.clip(effect, -HIGHEST, HIGHEST))
    w1, w0 = np.where(after, fit.mean, 0.0), np.where(after, without, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        steep = np.where(fit.mean > 0, fit.slope / fit.mean, 0.0)
        totals = w1.sum(-1), w0.sum(-1)
        log_ratio = np.log(totals[0]) - np.log(totals[1])
        of_x = w1 / totals[0][:, None] * steep - w0 / totals[1][:, None] * steep
        of_change = w0 / totals[1][:, None]
    x = np.broadcast_to(x, fit.root.shape)
    gradient = np.einsum("rmp,rm->rp", x, of_x) + np.einsum("rmp,rm->rp", change, of_change)
    return Horizon(log_ratio, gradient, without)


class _Data(NamedTuple):
    x: Floats
    events: Floats
    offset: Floats
    trials: Floats
    family: str

    def at(self, places: NDArray[np.int64]) -> "_Data":
        return self._replace(**{name: getattr(self, name)[places] for name in ("x", "events", "offset", "trials")})


def _moments(data: _Data, values: Floats, spread: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean, its derivative, working weight and the SD of each total, (R, M)."""
    predictor = np.einsum("rmp,rp->rm", data.x, values) + data.offset
    if data.family == "binomial":
        share = expit(predictor)
        mean = data.trials * share
        weight = mean * (1 - share)
        return mean, weight, weight, np.sqrt(weight)
    mean = np.exp(np.minimum(predictor, HIGHEST))
    inflated = 1 + spread[:, None] * mean
    return mean, mean, mean / inflated, np.sqrt(mean * inflated)


def _first(data: _Data) -> Floats:
    """Return coefficients from one step of least squares on the logs of totals, drawn in from 0."""
    if data.family == "binomial":
        share = (data.events + 0.5) / (data.trials + 1)
        weight, response = data.trials * share * (1 - share), np.log(share / (1 - share))
    else:
        weight = data.events + 0.5
        response = np.log(weight)
    bread, _ = scaled_inverse(_crossed(data.x, data.x * weight[..., None]))
    return _times(bread, np.einsum("rmp,rm->rp", data.x, weight * (response - data.offset)))


def _searched(data: _Data, values: Floats, spread: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return coefficients after Fisher scoring from these, and whether the search ended."""
    values = values.copy()
    searching, ended = np.arange(len(values)), np.zeros(len(values), dtype=np.bool_)
    for _ in range(STEPS):
        if not searching.size:
            break
        there = data.at(searching)
        mean, slope, weight, _ = _moments(there, values[searching], spread[searching])
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(slope > 0, (there.events - mean) * weight / slope, 0.0)
        bread, sound = scaled_inverse(_crossed(there.x, there.x * weight[..., None]))
        step = _times(bread, np.einsum("rmp,rm->rp", there.x, score))
        size = 1 + np.abs(values[searching])
        values[searching] += np.clip(step, -size, size)
        close = np.abs(step).max(-1) <= _CLOSE * size.max(-1)
        ended[searching[close & sound]] = True
        searching = searching[~close & sound]
    return values, ended


def _with_spread(data: _Data, values: Floats, ended: NDArray[np.bool_]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return coefficients and spread in turns until neither moves."""
    values, spread, ended = values.copy(), np.zeros(len(values)), ended.copy()
    searching = np.flatnonzero(ended)
    for _ in range(ROUNDS):
        if not searching.size:
            break
        there = data.at(searching)
        mean, *_ = _moments(there, values[searching], spread[searching])
        new = _spread(there.events, mean, there.events.shape[1] - data.x.shape[-1])
        moved = np.abs(new - spread[searching]) > _CLOSE * (1 + new)
        values[searching], fine = _searched(there, values[searching], new)
        spread[searching], ended[searching] = new, fine
        searching = searching[moved & fine]
    ended[searching] = False
    return values, spread, ended


def _spread(events: Floats, mean: Floats, df: int) -> Floats:
    """Return the alpha at which Pearson's statistic is its degrees of freedom, (R,); 0 where it is below at 0."""
    square = (events - mean) ** 2 / np.maximum(mean, np.finfo(float).tiny)
    alpha = np.zeros(len(events))
    for _ in range(STEPS):  # Newton from the left on a convex fall never passes the root
        inflated = 1 + alpha[:, None] * mean
        excess = (square / inflated).sum(-1) - df
        fall = (square * mean / inflated**2).sum(-1)
        step = np.where((fall > 0) & (excess > 0), excess / np.where(fall > 0, fall, 1.0), 0.0)
        alpha = np.minimum(alpha + step, _LARGEST_SPREAD)
        if (step <= _CLOSE * alpha).all():
            break
    return alpha


def _crossed(x: Floats, weighted: Floats) -> Floats:
    return np.asarray(np.swapaxes(x, -1, -2) @ weighted)


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray((matrix @ vector[..., None])[..., 0])
