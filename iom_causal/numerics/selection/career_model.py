"""Penalised maximum-likelihood fit of careers to an unselected cohort's history, and forecasts without treatment.

Three things make people selected for their recent counts fall: chance (their rate was lower than their count),
memory (rates drift back) and desistance (some have stopped for good). On real careers a model without the last
takes it for one of the others; with all three, and the cohort's own drift, it is unbiased.

The likelihood is that of a mixture over lognormal own levels, an Ornstein-Uhlenbeck log rate and an absorbing
state. Weak priors keep small samples off the edges: normal with means and SDs of `PRIOR_MEAN` and `PRIOR_SD` for
the trend, the log SDs, the log rate of return and the logit of stopping; flat for the level.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError
from iom_causal.numerics.selection.career_likelihood import GRID, likelihood, transition

FloatArray = NDArray[np.float64]

PRIOR_MEAN = np.array([0.0, -0.08, -0.3, -0.3, -1.0, -3.0])
PRIOR_SD = np.array([np.inf, 0.15, 1.0, 1.0, 1.0, 1.0])
LEAST_EXPOSURE = 0.02
"""Years at liberty below this count as this: a person is never quite without the chance of an event."""

_OFF = np.array([0.0, 0.0, -30.0, -30.0, -1.0, -200.0])
"""Where a part that is left out is held: SDs and the chance of stopping at next to nothing, no trend."""
_GRADIENT = 1e-3
"""Where the search ends: a thousandth of the pull of one unit, against parameters known to about a tenth."""
_STEP = 1e-4


class History(NamedTuple):
    """Yearly counts and years at liberty of the source population, oldest first, (n, H) each, with weights (n,)."""

    counts: FloatArray
    exposure: FloatArray
    weight: FloatArray


class CareerFit(NamedTuple):
    """A fitted distribution of careers.

    Attributes
    ----------
    theta : ndarray
        (6,) in the order of `PARAMETERS`: log yearly rate at the index date of a person of middle level,
        its trend a year, log SD of own levels, log SD of drift, log rate of return a year, logit of the
        chance of stopping in a year.
    free : ndarray
        (6,) which of them were estimated.
    influence : ndarray
        (n, 6): how much each person moved the estimate.
    log_posterior : float
        At the fit.
    filtered : ndarray
        (n, levels, states): what each person's history says of their level and state now; the rest up to 1
        is the chance that they have stopped.
    """

    theta: FloatArray
    free: NDArray[np.bool_]
    influence: FloatArray
    log_posterior: float
    filtered: FloatArray

    @property
    def covariance(self) -> FloatArray:
        """The robust covariance of the estimate over people, (6, 6); zero where a part was not estimated."""
        return np.asarray(self.influence.T @ self.influence)


def make_history(counts: ArrayLike, exposure: ArrayLike | None = None, weight: ArrayLike | None = None) -> History:
    """Check yearly counts and fill in what is not given.

    Parameters
    ----------
    counts : array_like
        (n, H) whole numbers without gaps, oldest year first.
    exposure : array_like, optional
        (n, H) or (H,) years at liberty, 1 by default.
    weight : array_like, optional
        (n,).

    Raises
    ------
    InputError
        IOM-E047 with fewer than three years: persistence, stopping and trend cannot be told apart from two.
    DegenerateDataError
        IOM-E064 when there are no events.
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.ndim != 2 or y.shape[1] < 3:
        raise InputError("IOM-E047", "expected at least three years of history before the index date")
    if not np.isfinite(y).all() or (y < 0).any():
        raise InputError("IOM-E034", "expected whole counts from 0 in every year of the history")
    if y.sum() == 0:
        raise DegenerateDataError("IOM-E064", "the history holds no events")
    time = np.ones_like(y) if exposure is None else np.broadcast_to(np.asarray(exposure, dtype=np.float64), y.shape)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    return History(np.ascontiguousarray(y), np.ascontiguousarray(np.maximum(time, LEAST_EXPOSURE)), w)


def person_terms(history: History, theta: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Compute each person's log-likelihood, its derivatives and their level and state now.

    Constants of the counts are left out of the log-likelihood.

    Returns
    -------
    tuple of ndarray
        (n,), (n, 6) and (n, levels, states).
    """
    x = np.asarray(theta, dtype=np.float64)
    n, years = history.counts.shape
    p, slopes = transition(float(np.exp(x[4])))
    out = np.empty(n), np.zeros((n, 6)), np.empty((n, GRID.own.size, GRID.states.size))
    likelihood(history.counts, history.exposure, np.arange(years) - years + 0.5, x, GRID, p, slopes, *out)
    return out


def fit_careers(
    history: History,
    *,
    own: bool = True,
    drift: bool = True,
    desistance: bool = True,
    trend: bool = True,
    stop: float | None = None,
    start: ArrayLike | None = None,
) -> CareerFit:
    """Fit the distribution of careers to the population's history by penalised maximum likelihood.

    Parameters
    ----------
    history : History
        Of an unselected cohort: selection on part of it would bias the fit.
    own, drift, desistance, trend : bool
        Which parts there are; left out, a part is held at nothing.
    stop : float, optional
        Chance of stopping for good in a year, inside 0 to 1, held at this instead of estimated.
    start : array_like, optional
        (6,) where to begin, such as the fit of a neighbouring date.

    Raises
    ------
    ConvergenceError
        IOM-E080 when the search stops short.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rate = np.exp(0.8 * rng.normal(size=(400, 1)))
    >>> fit = fit_careers(make_history(rng.poisson(rate, (400, 4))), drift=False, desistance=False)
    >>> 0.65 < float(np.exp(fit.theta[2])) < 0.95
    True
    """
    free = np.array([True, trend, own, drift, drift, desistance and stop is None])
    x0 = np.where(free, _start(history) if start is None else np.asarray(start, dtype=np.float64), _OFF)
    if stop is not None:
        x0[5] = np.log(stop / (1 - stop))

    def lost(v: FloatArray) -> tuple[float, FloatArray]:
        value, slope = _posterior(history, _full(v, x0, free), free)
        return -value, -slope[free]

    options: Any = {"gtol": _GRADIENT, "hess_inv0": _metric(history, x0, free)}
    found = minimize(lost, x0[free], jac=True, method="BFGS", options=options)
    if np.abs(np.asarray(found.jac)).max() > 100 * _GRADIENT:
        raise ConvergenceError("IOM-E080", "the search for the law of careers did not converge")
    return _finish(history, _full(found.x, x0, free), free)


def forecast(
    fit: CareerFit, years: int, theta: ArrayLike | None = None, filtered: ArrayLike | None = None
) -> FloatArray:
    """Forecast each person's yearly rate at liberty in the years to come, given their history.

    Parameters
    ----------
    fit : CareerFit
        Whose people and parameters these are.
    years : int
        How many.
    theta, filtered : array_like, optional
        Other parameters, with the levels and states that they give.

    Returns
    -------
    ndarray
        (n, years) expected events a year at liberty; those who may have stopped count with that chance.
    """
    x = fit.theta if theta is None else np.asarray(theta, dtype=np.float64)
    now = fit.filtered if filtered is None else np.asarray(filtered, dtype=np.float64)
    flat = now.reshape(len(now), -1)
    stay = 1 / (1 + np.exp(x[5]))
    out = np.empty((len(now), years))
    for h in range(years):
        p, _ = transition(float(np.exp(x[4])), h + 1.0)
        log_rate = x[0] + x[1] * (h + 0.5) + np.exp(x[2]) * GRID.own[:, None] + np.exp(x[3]) * GRID.states
        out[:, h] = flat @ (stay ** (h + 1) * (np.exp(log_rate) @ p.T)).ravel()
    return out


def forecast_slopes(fit: CareerFit, history: History, years: int) -> FloatArray:
    """Return the derivatives of `forecast` in the six parameters, (n, years, 6), histories included."""
    out = np.zeros((*history.counts.shape[:1], years, 6))
    for j in np.flatnonzero(fit.free):
        ends = []
        for side in (_STEP, -_STEP):
            x = fit.theta.copy()
            x[j] += side
            ends.append(forecast(fit, years, x, person_terms(history, x)[2]))
        out[..., j] = (ends[0] - ends[1]) / (2 * _STEP)
    return out


def _start(history: History) -> FloatArray:
    w = history.weight[:, None]
    rate = float((w * history.counts).sum() / (w * history.exposure).sum())
    return np.array([np.log(rate) - 0.6, -0.08, -0.3, -0.3, -1.0, -3.0])


def _full(v: FloatArray, x0: FloatArray, free: NDArray[np.bool_]) -> FloatArray:
    x = x0.copy()
    x[free] = v
    return x


def _prior(x: FloatArray, free: NDArray[np.bool_]) -> tuple[float, FloatArray]:
    pull = np.where(free, (x - PRIOR_MEAN) / PRIOR_SD, 0.0)
    return -float(pull @ pull) / 2, np.where(free, -pull / PRIOR_SD, 0.0)


def _posterior(history: History, x: FloatArray, free: NDArray[np.bool_]) -> tuple[float, FloatArray]:
    log_lik, scores, _ = person_terms(history, x)
    prior, pull = _prior(x, free)
    return float(history.weight @ log_lik) + prior, np.asarray(history.weight @ scores + pull)


def _metric(history: History, x: FloatArray, free: NDArray[np.bool_]) -> FloatArray:
    """Return the inverse of the outer-product information with the prior's, the search's first idea of curvature."""
    scores = person_terms(history, x)[1][:, free]
    prior = np.diag(1 / PRIOR_SD[free] ** 2)
    inverse = np.linalg.inv(scores.T @ (history.weight[:, None] * scores) + prior + 1e-6 * np.eye(free.sum()))
    return np.asarray((inverse + inverse.T) / 2)


def _finish(history: History, x: FloatArray, free: NDArray[np.bool_]) -> CareerFit:
    log_lik, scores, filtered = person_terms(history, x)
    which = np.flatnonzero(free)
    columns = []
    for j in which:
        step = np.zeros(6)
        step[j] = _STEP
        ends = [_posterior(history, x + side * step, free)[1][free] for side in (1, -1)]
        columns.append((ends[1] - ends[0]) / (2 * _STEP))
    information = (np.array(columns) + np.array(columns).T) / 2
    influence = np.zeros_like(scores)
    influence[:, which] = np.linalg.solve(information, (history.weight[:, None] * scores[:, which]).T).T
    value = float(history.weight @ log_lik) + _prior(x, free)[0]
    return CareerFit(x, free, influence, value, filtered)
