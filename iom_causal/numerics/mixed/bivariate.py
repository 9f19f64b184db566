"""Poisson model with two correlated lognormal frailties a person, before and after, over replicates."""

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from iom_causal.errors import ConvergenceError, NotIdentifiedError
from iom_causal.numerics.kernels.newton import CONVERGED
from iom_causal.numerics.mixed.bivariate_kernel import LINK_HIGH, SD_HIGH, SD_LOW, Sides, likelihood, search
from iom_causal.numerics.mixed.negative_binomial_kernel import merged
from iom_causal.numerics.mixed.quadrature import NODES, Rule, hermite
from iom_causal.numerics.mixed.shared import fit_shared, merged_rows, shaped
from iom_causal.numerics.mixed.shared_block import constant

Floats = NDArray[np.float64]

CHANGE = 1
"""The column of x that is 1 after and 0 before."""
STARTING_LINK = 1.2
LEAST_STARTING_SD = 0.2
PROFILE_ERROR = 1e-8
"""Profile limits are found to this, on the log scale."""
FURTHEST = 20.0
"""The log of the factor within which a profile limit must lie."""
_OTHERS = "take PoissonMixed(mixing='gamma') or RateRatio, which ask less of the counts"


class BivariateFit(NamedTuple):
    """Fits over replicates; q is the number of coefficients plus three.

    Attributes
    ----------
    theta : ndarray
        (R, q) coefficients, log SD of the log frailty before and after, atanh of their correlation.
    log_lik : ndarray
        (R,) with all constants.
    hessian, meat : ndarray
        (R, q, q) second derivatives, and the sum over people of the outer products of their scores.
    evaluations, ended : ndarray
        (R,) evaluations of the likelihood, and how the search ended (`newton`).
    boundary : ndarray
        (R, 3) whether each of the last three parameters is at its bound.
    """

    theta: Floats
    log_lik: Floats
    hessian: Floats
    meat: Floats
    evaluations: NDArray[np.int64]
    ended: NDArray[np.int64]
    boundary: NDArray[np.bool_]


def fit_bivariate(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    after: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> BivariateFit:
    """Estimate rates by maximum likelihood when a person's log frailties before and after are correlated normals.

    Right when events are Poisson given the frailties; people may change by different factors.

    Parameters
    ----------
    y, exposure, x, weight
        As in `iom_causal.numerics.mixed.shared.fit_shared`; column 0 of x is the intercept, column 1 is `after`.
    after : array_like
        (T,) 1 for windows after, 0 before.
    nodes : int
        Quadrature nodes a dimension.

    Returns
    -------
    BivariateFit

    Notes
    -----
    Aitchison & Ho (1989); adaptive quadrature in two dimensions about each person's mode (Liu & Pierce 1994).

    Examples
    --------
    >>> pairs = [[[3, 1], [4, 2], [9, 3], [0, 4], [7, 7], [1, 0]]]
    >>> fit_bivariate(pairs, [1.0, 1.0], [[1, 0], [1, 1]], [0, 1]).theta.shape
    (1, 5)
    """
    counts, times, design, weights = shaped(y, exposure, x, weight)
    common = fit_shared(counts, exposure, x, "lognormal", weight=weight, nodes=nodes).theta
    spread = np.maximum(common[:, -1:], np.log(LEAST_STARTING_SD))
    start = np.concatenate([common[:, :-1], spread, spread, np.full_like(spread, STARTING_LINK)], axis=1)
    sides = np.asarray(after, dtype=np.int64)
    counts, times, weights = merged_rows(counts, times, design, weights)
    theta, figures, hessian, meat = _fit_block(counts, times, design, sides, weights, hermite(nodes), start)
    last = theta[:, -3:]
    boundary = np.concatenate([last[:, :2] <= SD_LOW, np.abs(last[:, 2:]) >= LINK_HIGH], axis=1)
    count, ended = figures[:, 0].astype(np.int64), figures[:, 1].astype(np.int64)
    return BivariateFit(theta, figures[:, 2], hessian, meat, count, ended, boundary)


def log_likelihoods(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    after: ArrayLike,
    theta: Floats,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> Floats:
    """Log likelihood of one data set (n, T) at many parameters (S, q), with all constants, (S,).

    Parameters
    ----------
    y, exposure, x, after, weight, nodes
        As in `fit_bivariate`, without a replicate axis.
    theta : ndarray
        (S, q) as in `BivariateFit`.

    Examples
    --------
    >>> pairs = [[3, 1], [4, 2], [9, 3], [0, 4], [7, 7], [1, 0]]
    >>> fit = fit_bivariate([pairs], [1.0, 1.0], [[1, 0], [1, 1]], [0, 1])
    >>> found = log_likelihoods(pairs, [1.0, 1.0], [[1, 0], [1, 1]], [0, 1], fit.theta)
    >>> bool(np.isclose(found[0], fit.log_lik[0]))
    True
    """
    counts, times, design, weights = shaped(np.asarray(y)[None], exposure, x, weight)
    sides = Sides(counts[0], weights[0], times[0], design, np.asarray(after, dtype=np.int64))
    inside = theta.copy()  # at the bounds of the fit the likelihood is at its limit, and beyond them it is no number
    inside[:, -3:-1] = np.maximum(theta[:, -3:-1], SD_LOW)
    inside[:, -1] = np.clip(theta[:, -1], -LINK_HIGH, LINK_HIGH)
    possible = np.isfinite(theta).all(-1) & (theta[:, -3:-1] < SD_HIGH).all(-1)
    out = np.full(len(theta), -np.inf)
    out[possible] = _at_each(sides, inside[possible], hermite(nodes))
    return np.asarray(out + constant(0, counts[0], times[0], weights[0]))


@njit(cache=True, nogil=True)
def _at_each(sides, theta, rule):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    size, q = theta.shape
    out, grad, hess, none = np.zeros(size), np.zeros(q), np.zeros((q, q)), np.zeros((0, q))
    for s in range(size):
        out[s] = likelihood(sides, theta[s], rule, grad, hess, np.zeros((sides.y.shape[0], 2)), none)
    return out


def population_log_ratio(theta: Floats) -> Floats:
    """Return the log of the ratio of mean rates: the coefficient plus half the growth of the log frailty's variance.

    Examples
    --------
    >>> float(population_log_ratio(np.array([1.0, -0.5, 0.0, 0.0, 0.3])))
    -0.5
    """
    return np.asarray(theta[..., CHANGE] + 0.5 * (np.exp(2 * theta[..., -2]) - np.exp(2 * theta[..., -3])))


def population_gradient(theta: Floats) -> Floats:
    """Return the derivatives of `population_log_ratio`, for its standard error."""
    out = np.zeros_like(theta)
    out[..., CHANGE] = 1.0
    out[..., -3], out[..., -2] = -np.exp(2 * theta[..., -3]), np.exp(2 * theta[..., -2])
    return out


def profile_limits(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    after: ArrayLike,
    theta: Floats,
    level: float,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> tuple[float, float]:
    """Find the profile-likelihood limits of the population log ratio in one data set (1, n, T).

    Right also where a variance or the correlation is at its bound and a standard error is not.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when the likelihood does not fall far enough within a factor e^20: a spread that grows without end
        then makes any ratio of means as likely.
    ConvergenceError
        IOM-E080 when the search along the profile breaks down.
    """
    counts, times, design, weights = shaped(y, exposure, x, weight)
    counts, times, weights = merged_rows(counts, times, design, weights)
    sides = Sides(counts[0], weights[0], times[0], design, np.asarray(after, dtype=np.int64))
    if design.shape[0] == 1 and times.shape[1] == 1 and design.shape[1] == 2:
        rows, total, _ = merged(counts[0], weights[0])
        sides = Sides(rows, total, times[0], design, sides.after)
    centre, drop = float(population_log_ratio(theta)), 0.5 * float(chdtri(1, 1 - level))
    low, high = (_crossing(_excess(sides, theta, hermite(nodes), centre, drop), centre, side) for side in (-1.0, 1.0))
    return low, high


def _excess(sides: Sides, theta: Floats, rule: Rule, centre: float, drop: float) -> Callable[[float], float]:
    """Return how far the profile likelihood lies below its top, beyond the drop that a limit is at.

    As the difference of square roots, which is nearly a straight line along the profile, so that few steps find where
    it is zero.
    """

    def highest(start: Floats, log_ratio: float) -> tuple[Floats, float, bool]:
        at, value, _, ended = search(sides, start, rule, np.zeros((len(sides.y), 2)), CHANGE, log_ratio)
        return at, float(value), bool(ended == CONVERGED)

    top, near = highest(theta, centre)[1], theta

    @cache  # a search from elsewhere may end elsewhere, and one for a sign must not meet both
    def excess(log_ratio: float) -> float:
        nonlocal near
        for start in (near, theta):
            at, value, converged = highest(start, log_ratio)
            near = at if converged else near
            # What stopped early lies below the profile: it can tell that the limit is further out, and no more.
            if converged or top - value < drop:
                return math.sqrt(max(top - value, 0.0)) - math.sqrt(drop)
        raise ConvergenceError("IOM-E080", f"the search for a profile interval did not converge; {_OTHERS}")

    return excess


def _crossing(excess: Callable[[float], float], centre: float, side: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load, and rarely needed

    reach = 0.1
    while excess(centre + side * reach) < 0:
        reach *= 2
        if reach > FURTHEST:
            end = "below" if side < 0 else "above"
            raise NotIdentifiedError(
                "IOM-E068", f"these counts do not bound the ratio of mean rates {end}: the spread of the frailties may "
                f"grow without end; {_OTHERS}"
            )  # fmt: skip
    return float(brentq(excess, centre, centre + side * reach, xtol=PROFILE_ERROR))


@njit(cache=True, nogil=True)
def _fit_block(y, exposure, x, after, weight, rule, start):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Fit every replicate of y (R, n, T)."""
    reps, q = y.shape[0], x.shape[2] + 3
    theta, figures = np.zeros((reps, q)), np.zeros((reps, 3))
    hessian, meat = np.zeros((reps, q, q)), np.zeros((reps, q, q))
    for r in range(reps):
        times = exposure[r if exposure.shape[0] > 1 else 0]
        w = weight[r if weight.shape[0] > 1 else 0]
        if not np.isfinite(start[r, 0]) or np.sum(y[r]) == 0:
            figures[r, 1] = -1.0
            continue
        sides = Sides(y[r], w, times, x, after)
        if x.shape[0] == 1 and times.shape[0] == 1 and x.shape[1] == 2:
            rows, total, _ = merged(y[r], w)
            sides = Sides(rows, total, times, x, after)
        modes = np.zeros((sides.y.shape[0], 2))
        theta[r], _, figures[r, 0], figures[r, 1] = search(sides, start[r], rule, modes, -1, 0.0)
        scores, grad = np.zeros((sides.y.shape[0], q)), np.zeros(q)
        value = likelihood(sides, theta[r], rule, grad, hessian[r], modes, scores)
        figures[r, 2] = value + constant(0, y[r], times, w)
        for i in range(scores.shape[0]):
            for j in range(q):
                for k in range(q):
                    meat[r, j, k] += sides.weight[i] * scores[i, j] * scores[i, k]
    return theta, figures, hessian, meat
