"""Negative binomial model with one lognormal frailty a person, over a leading replicate axis."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.mixed.negative_binomial_kernel import (
    SD_LOW,
    SIZE_HIGH,
    Cells,
    likelihood,
    merged,
    search,
)
from iom_causal.numerics.mixed.quadrature import COARSE, NODES, hermite
from iom_causal.numerics.mixed.shared import fit_shared, merged_rows, shaped
from iom_causal.numerics.mixed.shared_block import constant

Floats = NDArray[np.float64]
MOST_COARSE = 500
"""With more rows than this a rule of few nodes is too far off to start from."""
STARTING_SIZE = 5.0
LEAST_STARTING_SD = 0.1


class NegativeBinomialFit(NamedTuple):
    """Fits over replicates; q is the number of coefficients plus two.

    Attributes
    ----------
    theta : ndarray
        (R, q) coefficients, log SD of the log frailty, log size (the variance of a window is
        ``mu + mu^2 / size``).
    log_lik : ndarray
        (R,) with all constants.
    hessian, meat : ndarray
        (R, q, q) second derivatives, and the sum over people of the outer products of their scores.
    evaluations, ended : ndarray
        (R,) evaluations of the likelihood, and how the search ended (`newton`).
    no_frailty, no_dispersion : ndarray
        (R,) whether the SD is zero, and whether the windows are Poisson.
    """

    theta: Floats
    log_lik: Floats
    hessian: Floats
    meat: Floats
    evaluations: NDArray[np.int64]
    ended: NDArray[np.int64]
    no_frailty: NDArray[np.bool_]
    no_dispersion: NDArray[np.bool_]


def fit_negative_binomial(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> NegativeBinomialFit:
    """Estimate rates by maximum likelihood when people differ for good and also from window to window.

    Right when the log frailty is normal, and windows given the frailty are independent with the NB2 distribution.

    Parameters
    ----------
    y, exposure, x, weight, nodes
        As in `iom_causal.numerics.mixed.shared.fit_shared`; column 0 of x is the intercept.

    Returns
    -------
    NegativeBinomialFit

    Notes
    -----
    The integral over the frailty is one-dimensional and log-concave; adaptive quadrature (Liu & Pierce 1994), the
    information of Louis (1982). With the same exposure and two windows, people with the same pair of counts are
    one row.

    Examples
    --------
    >>> fit = fit_negative_binomial([[[3, 1], [4, 2], [9, 3], [0, 4]]], [1.0, 1.0], [[1, 0], [1, 1]])
    >>> fit.theta.shape
    (1, 4)
    """
    counts, times, design, weights = shaped(y, exposure, x, weight)
    start = _start(counts, exposure, x, weight, nodes)
    counts, times, weights = merged_rows(counts, times, design, weights)
    theta, figures, hessian, meat = _fit_block(counts, times, design, weights, hermite(COARSE), hermite(nodes), start)
    return NegativeBinomialFit(
        theta,
        figures[:, 2],
        hessian,
        meat,
        figures[:, 0].astype(np.int64),
        figures[:, 1].astype(np.int64),
        theta[:, -2] <= SD_LOW,
        theta[:, -1] >= SIZE_HIGH,
    )


def person_scores(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    theta: Floats,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> Floats:
    """Compute each person's score in one data set (1, n, T), (n, q), at the parameters of its fit.

    Examples
    --------
    >>> pairs, windows, design = [[[3, 1], [4, 2], [9, 3], [0, 4]]], [1.0, 1.0], [[1, 0], [1, 1]]
    >>> fit = fit_negative_binomial(pairs, windows, design)
    >>> scores = person_scores(pairs, windows, design, fit.theta[0])
    >>> bool(np.allclose(scores.T @ scores, fit.meat[0], rtol=1e-6, atol=1e-6))
    True
    """
    counts, times, design, weights = shaped(y, exposure, x, weight)
    n, q = counts.shape[1], theta.size
    scores, modes = np.zeros((n, q)), np.zeros(n)
    cells = Cells(counts[0], weights[0], times[0], design)
    likelihood(cells, theta, hermite(nodes), np.zeros(q), np.zeros((q, q)), modes, scores)
    return scores


def log_likelihoods(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    theta: Floats,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> Floats:
    """Log likelihood of one data set (n, T) at many parameters (S, q), with all constants, (S,).

    Parameters
    ----------
    y, exposure, x, weight, nodes
        As in `fit_negative_binomial`, without a replicate axis.
    theta : ndarray
        (S, q) as in `NegativeBinomialFit`.

    Examples
    --------
    >>> pairs, windows, design = [[3, 1], [4, 2], [9, 3], [0, 4]], [1.0, 1.0], [[1, 0], [1, 1]]
    >>> fit = fit_negative_binomial([pairs], windows, design)
    >>> bool(np.isclose(log_likelihoods(pairs, windows, design, fit.theta)[0], fit.log_lik[0]))
    True
    """
    counts, times, design, weights = shaped(np.asarray(y)[None], exposure, x, weight)
    cells = Cells(counts[0], weights[0], times[0], design)
    every = np.ones((1, counts.shape[2]))
    return np.asarray(_at_each(cells, theta, hermite(nodes)) + constant(0, counts[0], every, weights[0]))


@njit(cache=True, nogil=True)
def _at_each(cells, theta, rule):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    size, q = theta.shape
    out, grad, hess, none = np.zeros(size), np.zeros(q), np.zeros((q, q)), np.zeros((0, q))
    for s in range(size):
        out[s] = likelihood(cells, theta[s], rule, grad, hess, np.zeros(cells.y.shape[0]), none)
    return out


def _start(
    counts: NDArray[np.int64], exposure: ArrayLike, x: ArrayLike, weight: ArrayLike | None, nodes: int
) -> Floats:
    poisson = fit_shared(counts, exposure, x, "lognormal", weight=weight, nodes=nodes).theta
    spread = np.maximum(poisson[:, -1:], np.log(LEAST_STARTING_SD))
    return np.concatenate([poisson[:, :-1], spread, np.full_like(spread, np.log(STARTING_SIZE))], axis=1)


@njit(cache=True, nogil=True)
def _fit_block(y, exposure, x, weight, coarse, rule, start):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Fit every replicate of y (R, n, T)."""
    reps, q = y.shape[0], x.shape[2] + 2
    theta, figures = np.zeros((reps, q)), np.zeros((reps, 3))
    hessian, meat = np.zeros((reps, q, q)), np.zeros((reps, q, q))
    for r in range(reps):
        times = exposure[r if exposure.shape[0] > 1 else 0]
        w = weight[r if weight.shape[0] > 1 else 0]
        if not np.isfinite(start[r, 0]) or np.sum(y[r]) == 0:
            figures[r, 1] = -1.0
            continue
        cells = Cells(y[r], w, times, x)
        if x.shape[0] == 1 and times.shape[0] == 1 and x.shape[1] == 2:
            rows, total, _ = merged(y[r], w)
            cells = Cells(rows, total, times, x)
        modes = np.zeros(cells.y.shape[0])
        near, count = start[r], 0.0
        if cells.y.shape[0] <= MOST_COARSE:
            near, count, _ = search(cells, near, coarse, modes)
        theta[r], figures[r, 0], figures[r, 1] = search(cells, near, rule, modes)
        figures[r, 0] += count
        scores, grad = np.zeros((cells.y.shape[0], q)), np.zeros(q)
        value = likelihood(cells, theta[r], rule, grad, hessian[r], modes, scores)
        figures[r, 2] = value + constant(0, y[r], np.ones((1, y.shape[2])), w)
        for i in range(scores.shape[0]):
            for j in range(q):
                for k in range(q):
                    meat[r, j, k] += cells.weight[i] * scores[i, j] * scores[i, k]
    return theta, figures, hessian, meat
