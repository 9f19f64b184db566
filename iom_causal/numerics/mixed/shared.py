"""Poisson models with one shared frailty a person, over a leading replicate axis."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from iom_causal.errors import InputError
from iom_causal.numerics.mixed.frailty import FIXED, GAMMA, LOGNORMAL, POOLED, SPREAD_HIGH
from iom_causal.numerics.mixed.quadrature import CHECK_NODES, NODES, hermite
from iom_causal.numerics.mixed.shared_block import constant, fit_block, value_at, values_at

Floats = NDArray[np.float64]

MIXINGS = {"pooled": POOLED, "fixed": FIXED, "gamma": GAMMA, "lognormal": LOGNORMAL}
"""Mixing distributions by name."""
MOST_EVENTS = 10_000_000
"""Sums over k < y are tabulated, so a person's total must fit a table."""


CHECKED = 2000
"""How many people are asked about the error of quadrature."""
_NEVER = 16.0
"""Minus the log spread below which no count tells people apart."""


class SharedFit(NamedTuple):
    """Fits over replicates; q counts the coefficients and, for gamma and lognormal, the log spread.

    Attributes
    ----------
    theta : ndarray
        (R, q) coefficients on the log scale; last the log of the frailty's variance (gamma) or of the SD of
        the log frailty (lognormal), -inf where the variance is zero.
    log_lik, pooled_log_lik : ndarray
        (R,) with all constants, of this model and of the one without frailties.
    hessian, meat : ndarray
        (R, q, q) second derivatives, and the sum over people of the outer products of their scores.
    constant : ndarray
        (R,) what the log likelihood holds besides the parameters.
    evaluations, ended, boundary : ndarray
        (R,) evaluations of the likelihood, how the search ended (`newton`), and whether the variance is zero.
    """

    theta: Floats
    log_lik: Floats
    pooled_log_lik: Floats
    hessian: Floats
    meat: Floats
    constant: Floats
    evaluations: NDArray[np.int64]
    ended: NDArray[np.int64]
    boundary: NDArray[np.bool_]


def fit_shared(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    mixing: str,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> SharedFit:
    """Estimate rates by maximum likelihood when a person's windows share one frailty.

    Right when events of a person are Poisson given the frailty, which multiplies all windows alike; with
    ``"fixed"`` the frailties are free, and only their independence of anything is not needed.

    Parameters
    ----------
    y : array_like
        (R, n, T) counts; anything where exposure is 0.
    exposure : array_like
        (T,), (n, T) or (R, n, T) time at risk; 0 where a window was not observed.
    x : array_like
        (T, p) on a common calendar, or (n, T, p). Column 0 is the intercept unless the distribution is ``"fixed"``,
        where no column may be constant within every person.
    mixing : {"pooled", "fixed", "gamma", "lognormal"}
        The distribution of the frailties.
    weight : array_like, optional
        (n,) or (R, n) how often a person counts.
    nodes : int
        Quadrature nodes for the lognormal distribution.

    Returns
    -------
    SharedFit

    Raises
    ------
    InputError
        IOM-E032 when a person's total is above ten million.

    Notes
    -----
    Gamma frailties give the negative multinomial distribution in closed form (Hausman, Hall & Griliches 1984);
    lognormal ones take adaptive quadrature (Liu & Pierce 1994) with the information of Louis (1982); fixed
    effects are the conditional likelihood. With exposure common to all, the coefficients of windows do not
    depend on the distribution: given the totals, counts are multinomial.

    Examples
    --------
    >>> fit = fit_shared([[[3, 1], [4, 2], [9, 3]]], [1.0, 1.0], [[1, 0], [1, 1]], "gamma")
    >>> round(float(np.exp(fit.theta[0, 1])), 6)  # 6 / 16
    0.375
    """
    counts, times, design, weights = shaped(y, exposure, x, weight)
    code, rule = MIXINGS[mixing], hermite(nodes)
    q = design.shape[-1] + (mixing in {"gamma", "lognormal"})
    theta, figures, hessian, meat = fit_block(code, counts, times, design, weights, rule, q)
    count, ended, boundary, pooled, value, constant = figures.T
    return SharedFit(
        theta,
        value + constant,
        pooled + constant,
        hessian,
        meat,
        constant,
        count.astype(np.int64),
        ended.astype(np.int64),
        boundary > 0,
    )


def log_likelihoods(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    mixing: str,
    theta: Floats,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> Floats:
    """Log likelihood of one data set (n, T) at many parameters (S, q), with all constants, (S,).

    Parameters
    ----------
    y, exposure, x, mixing, weight, nodes
        As in `fit_shared`, without a replicate axis.
    theta : ndarray
        (S, q) as in `SharedFit`.

    Examples
    --------
    >>> pairs, windows, design = [[3, 1], [4, 2], [9, 3], [0, 4]], [1.0, 1.0], [[1, 0], [1, 1]]
    >>> fit = fit_shared([pairs], windows, design, "gamma")
    >>> bool(np.isclose(log_likelihoods(pairs, windows, design, "gamma", fit.theta)[0], fit.log_lik[0]))
    True
    """
    counts, times, design, weights = shaped(np.asarray(y)[None], exposure, x, weight)
    found = values_at(MIXINGS[mixing], counts[0], times[0], design, weights[0], hermite(nodes), theta)
    return np.asarray(found + constant(MIXINGS[mixing], counts[0], times[0], weights[0]))


def quadrature_error(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    fit: SharedFit,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> float:
    """Estimate the error of a lognormal fit's log likelihood: its change when `CHECK_NODES` nodes are used.

    Above `CHECKED` people every k-th of them is asked, and their mean error stands for the whole population's.

    Parameters
    ----------
    y, exposure, x, weight
        As in `fit_shared`, of one data set (1, n, T).
    fit : SharedFit
        Of these data.
    nodes : int
        That the fit used.

    Returns
    -------
    float
        In units of log likelihood.
    """
    counts, times, design, weights = shaped(y, exposure, x, weight)
    step = max(1, counts.shape[1] // CHECKED)
    n = counts.shape[1]
    y_some, times_some = _every(counts[0], step, n), _every(times[0], step, n)
    x_some, weight_some = _every(design, step, n), _every(weights[0], step, n)
    values = [
        value_at(LOGNORMAL, y_some, times_some, x_some, weight_some, hermite(k), fit.theta[0], held=False)
        for k in (nodes, CHECK_NODES)
    ]
    return float(abs(values[1] - values[0])) * float(weights[0].sum() / weight_some.sum())


def _every(block: NDArray[Any], step: int, people: int) -> NDArray[Any]:
    """Return every step-th person of a block that has one row a person; others are common to all."""
    return np.ascontiguousarray(block[::step]) if block.shape[0] == people and people > 1 else block


def spread_limit(
    y: ArrayLike,
    exposure: ArrayLike,
    x: ArrayLike,
    mixing: str,
    fit: SharedFit,
    level: float,
    *,
    weight: ArrayLike | None = None,
    nodes: int = NODES,
) -> float:
    """Find the upper profile-likelihood limit of the log spread in one data set (1, n, T).

    Right also where the estimate of the variance is zero; there the likelihood ratio is half a chi-square, and
    this limit errs on the wide side (Self & Liang 1987).

    Returns
    -------
    float
        The log spread; inf when the likelihood never falls far enough.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load, and rarely needed

    counts, times, design, weights = shaped(y, exposure, x, weight)
    code, rule, theta = MIXINGS[mixing], hermite(nodes), fit.theta[0].copy()
    top = float(np.maximum(fit.log_lik, fit.pooled_log_lik)[0] - fit.constant[0]) - 0.5 * float(chdtri(1, 1 - level))

    def excess(spread: float) -> float:
        theta[-1] = spread
        return float(value_at(code, counts[0], times[0], design, weights[0], rule, theta, held=True)) - top

    low = max(float(fit.theta[0, -1]), -7.0)
    while low > -_NEVER and excess(low) <= 0:  # many events tell of a spread smaller yet
        low -= 1.0
    high = low + 1.0
    while excess(high) > 0:
        high += 1.0
        if high >= SPREAD_HIGH[code]:
            return float("inf")
    return float(brentq(excess, low, high, xtol=1e-6))


def shaped(
    y: ArrayLike, exposure: ArrayLike, x: ArrayLike, weight: ArrayLike | None
) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Return counts (R, n, T), exposure, x and weights with the axes that the kernels read.

    Raises
    ------
    InputError
        IOM-E032 when a person's total is above ten million.
    """
    times = _kernel_array(exposure, np.float64)
    times = times[None, None] if times.ndim == 1 else times[None] if times.ndim == 2 else times
    values = np.asarray(y)
    if not (times > 0).all() or values.dtype.kind == "f":
        values = np.where(times > 0, values, 0)
    counts = _kernel_array(values, np.int64)
    if counts.size and counts.max() * counts.shape[-1] > MOST_EVENTS < counts.sum(-1).max():
        raise InputError("IOM-E032", "expected at most ten million events a person; use RateRatio for larger totals")
    design = _kernel_array(x, np.float64)
    people = counts.shape[1]
    weights = np.ones((1, people)) if weight is None else np.atleast_2d(np.asarray(weight, dtype=np.float64))
    return counts, times, design[None] if design.ndim == 2 else design, _kernel_array(weights, np.float64)


def merged_rows(
    counts: NDArray[np.int64], times: Floats, design: Floats, weights: Floats
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return counts, exposure and weights of one data set as `shaped`, people alike in both as one row.

    Replicates, and people with covariates of their own, are returned as they are, and so are people with the same
    exposure, whom kernels merge themselves.

    Examples
    --------
    >>> counts, times = np.array([[[3, 1], [3, 1], [3, 1]]]), np.array([[[1.0, 1], [1, 1], [1, 2]]])
    >>> [array.tolist() for array in merged_rows(counts, times, np.ones((1, 2, 1)), np.ones((1, 3)))]
    [[[[3, 1], [3, 1]]], [[[1.0, 1.0], [1.0, 2.0]]], [[2.0, 1.0]]]
    """
    if len(counts) > 1 or len(times) > 1 or times.shape[1] == 1 or len(design) > 1:
        return counts, times, weights
    rows = np.concatenate([counts[0].astype(np.float64), times[0]], axis=1)
    _, first, place = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    total = np.bincount(place.ravel(), weights[0], minlength=len(first))
    return counts[:, first], times[:, first], total[None]


def _kernel_array(values: ArrayLike, kind: type) -> NDArray[Any]:
    # Kernels are compiled once for arrays that can be written to; a read-only one would be another type.
    return np.require(values, kind, ["C", "W"])
