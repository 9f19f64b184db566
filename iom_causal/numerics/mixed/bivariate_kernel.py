"""Bivariate lognormal frailty model: log likelihood over people, and its Newton search."""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.kernels import newton
from iom_causal.numerics.mixed.bivariate_person import posterior

Floats = NDArray[np.float64]

SD_LOW, SD_HIGH = np.log(1e-3), np.log(30.0)
LINK_HIGH = 4.0
"""Bounds of the log SDs, and of atanh of the correlation: 4 is a correlation of .9993."""


class Sides(NamedTuple):
    """One replicate's data.

    Attributes
    ----------
    y : ndarray
        (n, T) counts.
    weight : ndarray
        (n,).
    exposure, x : ndarray
        (n or 1, T) and (n or 1, T, p).
    after : ndarray
        (T,) 0 before and 1 after.
    """

    y: NDArray[Any]
    weight: Floats
    exposure: Floats
    x: Floats
    after: NDArray[Any]


@njit(cache=True, nogil=True)
def prior_terms(s1, s2, link):  # type: ignore[no-untyped-def]
    """Return the prior's precision, half its log determinant, and its derivatives as sums of quadratics.

    Rows 0 to 2 of the second array are the score by log SD before, log SD after and atanh of the correlation;
    rows 3 to 8 the second derivatives 11, 12, 22, 13, 23, 33. Columns are a constant and the coefficients of
    ``u1^2, u1 u2, u2^2``.
    """
    rho = np.tanh(link)
    rest = 1.0 / np.cosh(link) ** 2
    v1, v2, c = np.exp(-2.0 * s1), np.exp(-2.0 * s2), np.exp(-s1 - s2)
    precision = np.array([v1 / rest, -rho * c / rest, v2 / rest])
    bend = 1.0 + 2.0 * rho * rho / rest
    out = np.zeros((9, 4))
    out[0] = -1.0, v1 / rest, -rho * c / rest, 0.0
    out[1] = -1.0, 0.0, -rho * c / rest, v2 / rest
    out[2] = rho, -rho * v1 / rest, bend * c, -rho * v2 / rest
    out[3] = 0.0, -2.0 * v1 / rest, rho * c / rest, 0.0
    out[4] = 0.0, 0.0, rho * c / rest, 0.0
    out[5] = 0.0, 0.0, rho * c / rest, -2.0 * v2 / rest
    out[6] = 0.0, 2.0 * rho * v1 / rest, -bend * c, 0.0
    out[7] = 0.0, 0.0, -bend * c, 2.0 * rho * v2 / rest
    out[8] = rest, -bend * v1, 2.0 * rho * (bend + 1.0) * c, -bend * v2
    return precision, s1 + s2 + 0.5 * np.log(rest), out


@njit(cache=True, nogil=True)
def _sums(y, exposure, x, after, b, m, g, inner, totals, own):  # type: ignore[no-untyped-def]
    """Fill a person's totals, expected counts and their derivatives by side; return the linear part."""
    m[:] = 0.0
    g[:, :] = 0.0
    inner[:, :, :] = 0.0
    totals[:] = 0.0
    own[:] = 0.0
    linear = 0.0
    for t in range(exposure.size):
        if exposure[t] == 0.0:
            continue
        side, eta = after[t], 0.0
        for j in range(b.size):
            eta += x[t, j] * b[j]
        mean = exposure[t] * np.exp(eta)
        m[side] += mean
        totals[side] += y[t]
        linear += y[t] * eta
        for j in range(b.size):
            own[j] += y[t] * x[t, j]
            g[side, j] += mean * x[t, j]
            for k in range(j + 1):
                inner[side, j, k] += mean * x[t, j] * x[t, k]
    return linear


@njit(cache=True, nogil=True)
def _add_person(weight, g, inner, means, covs, prior, own, score, grad, hess):  # type: ignore[no-untyped-def] # noqa: C901 one loop is what keeps it fast
    """Fill a person's score, and add the gradient and Hessian (Louis 1982)."""
    p = own.size
    for j in range(p):
        score[j] = own[j] - means[0] * g[0, j] - means[1] * g[1, j]
        for k in range(j + 1):
            total = 0.0
            for a in range(2):
                total -= means[a] * inner[a, j, k]
                for c in range(2):
                    total += covs[a, c] * g[a, j] * g[c, k]
            hess[j, k] += weight * total
    place = 3
    for j in range(3):
        score[p + j] = prior[j, 0]
        for a in range(3):
            score[p + j] += prior[j, 1 + a] * means[2 + a]
            for k in range(p):
                hess[p + j, k] -= weight * prior[j, 1 + a] * (covs[2 + a, 0] * g[0, k] + covs[2 + a, 1] * g[1, k])
    for j, k in ((0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)):
        total = prior[place, 0]
        for a in range(3):
            total += prior[place, 1 + a] * means[2 + a]
            for c in range(3):
                total += prior[j, 1 + a] * prior[k, 1 + c] * covs[2 + a, 2 + c]
        hess[p + j, p + k] += weight * total
        place += 1
    for j in range(p + 3):
        grad[j] += weight * score[j]


@njit(cache=True, nogil=True)
def likelihood(sides, theta, rule, grad, hess, modes, scores):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant; fill gradient and Hessian, and scores if given room."""
    y, weights, exposure, x, after = sides
    p = x.shape[2]
    b = theta[:p]
    precision, half_log, prior = prior_terms(theta[p], theta[p + 1], theta[p + 2])
    m, totals, g, inner = np.zeros(2), np.zeros(2), np.zeros((2, p)), np.zeros((2, p, p))
    own, score, means, covs = np.zeros(p), np.zeros(p + 3), np.zeros(5), np.zeros((5, 5))
    grad[:] = 0.0
    hess[:, :] = 0.0
    value = 0.0
    for i in range(y.shape[0]):
        row, time = (0 if x.shape[0] == 1 else i), (0 if exposure.shape[0] == 1 else i)
        if weights[i] == 0.0:
            continue
        linear = _sums(y[i], exposure[time], x[row], after, b, m, g, inner, totals, own)
        if m[0] + m[1] == 0.0:
            continue
        value += weights[i] * (linear - half_log)
        value += weights[i] * posterior(
            totals[0],
            totals[1],
            m[0],
            m[1],
            precision[0],
            precision[1],
            precision[2],
            rule.nodes,
            rule.weights,
            modes[i],
            means,
            covs,
        )
        _add_person(weights[i], g, inner, means, covs, prior, own, score, grad, hess)
        if scores.size:
            scores[i] = score
    for j in range(p + 3):
        for k in range(j):
            hess[k, j] = hess[j, k]
    return value


@njit(cache=True, nogil=True)
def to_ratio(theta, coefficient, grad, hess):  # type: ignore[no-untyped-def]
    """Turn derivatives by the conditional log ratio into ones with the population log ratio in its place.

    The population ratio is the conditional one times ``exp((sd2^2 - sd1^2) / 2)``, so that at a fixed
    population ratio the coefficient moves with the SDs.
    """
    q = theta.size
    v1, v2 = np.exp(2.0 * theta[q - 3]), np.exp(2.0 * theta[q - 2])
    slope, by_ratio = np.zeros(q), grad[coefficient]
    slope[q - 3], slope[q - 2] = v1, -v2
    row = hess[coefficient].copy()
    corner = row[coefficient]
    for j in range(q):
        grad[j] += slope[j] * by_ratio
        for k in range(q):
            hess[j, k] += slope[j] * row[k] + slope[k] * row[j] + slope[j] * slope[k] * corner
    hess[q - 3, q - 3] += 2.0 * v1 * by_ratio
    hess[q - 2, q - 2] -= 2.0 * v2 * by_ratio


@njit(cache=True, nogil=True)
def search(sides, theta, rule, modes, held, log_ratio):  # type: ignore[no-untyped-def]
    """Find the maximum from ``theta``; with ``held`` >= 0 at that population log ratio.

    ``held`` is the coefficient of the change, or -1. Returns the maximum, its value, the
    evaluations and how it ended.
    """
    q = theta.size
    low, high = np.full(q, -40.0), np.full(q, 40.0)
    low[q - 3 :] = SD_LOW, SD_LOW, -LINK_HIGH
    high[q - 3 :] = SD_HIGH, SD_HIGH, LINK_HIGH
    state = newton.start(theta, low, high)
    grad, hess, none = np.zeros(q), np.zeros((q, q)), np.zeros((0, q))
    while True:
        if held >= 0:
            gap = np.exp(2.0 * state.theta[q - 2]) - np.exp(2.0 * state.theta[q - 3])
            state.theta[held] = log_ratio - 0.5 * gap
        value = likelihood(sides, state.theta, rule, grad, hess, modes, none)
        if held >= 0:
            to_ratio(state.theta, held, grad, hess)
            grad[held] = 0.0
            hess[held, :] = 0.0
            hess[:, held] = 0.0
            hess[held, held] = -1.0
        ended = newton.advance(state, value, grad, hess)
        if ended != newton.GOES_ON:
            return state.theta, state.figures[0], state.figures[2], ended
