"""Negative binomial model with lognormal frailty: log likelihood over people, and its Newton search."""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.kernels import newton
from iom_causal.numerics.kernels.fast_exp import fast_exp
from iom_causal.numerics.mixed.frailty import MODE_STEP, fill_table

Floats = NDArray[np.float64]

SD_LOW, SD_HIGH = np.log(1e-4), np.log(30.0)
SIZE_LOW, SIZE_HIGH = np.log(1e-4), np.log(1e7)
"""Bounds of the log SD of the log frailty, and of the log size; at the outer ones the model is a simpler one."""


class Cells(NamedTuple):
    """One replicate's data: counts (n, T), weight (n,), exposure (n or 1, T) and x (n or 1, T, p)."""

    y: NDArray[Any]
    weight: Floats
    exposure: Floats
    x: Floats


@njit(cache=True, nogil=True)
def merged(y, weight):  # type: ignore[no-untyped-def]
    """Return the distinct pairs of counts with their total weights, and each person's place among them."""
    n = y.shape[0]
    base = np.max(y[:, 1]) + 1
    keys = y[:, 0] * base + y[:, 1]
    order = np.argsort(keys)
    rows, counts, place = np.zeros((n, 2), np.int64), np.zeros(n), np.zeros(n, np.int64)
    last, at = -1, -1
    for i in order:
        if keys[i] != last:
            at += 1
            last = keys[i]
            rows[at] = y[i]
        counts[at] += weight[i]
        place[i] = at
    return rows[: at + 1], counts[: at + 1], place


@njit(cache=True, nogil=True)
def _slopes(y, m, size, u, precision):  # type: ignore[no-untyped-def]
    """Return the first two derivatives by u of the log density of a person's windows and frailty."""
    first, second = -precision * u, -precision
    w = fast_exp(u)
    for t in range(y.size):
        if m[t] > 0.0:
            share = m[t] * w / (size + m[t] * w)
            first += y[t] - (y[t] + size) * share
            second -= (y[t] + size) * share * (1.0 - share)
    return first, second


@njit(cache=True, nogil=True)
def _mode(y, m, size, precision, mode):  # type: ignore[no-untyped-def]
    """Return the mode, and minus the second derivative there."""
    for _ in range(200):
        first, second = _slopes(y, m, size, mode, precision)
        step = min(max(-first / second, -3.0), 3.0)
        mode += step
        if abs(step) < MODE_STEP:
            break
    _, second = _slopes(y, m, size, mode, precision)
    return mode, -second


@njit(cache=True, nogil=True)
def _log_density(y, m, size, u, w, precision, logs):  # type: ignore[no-untyped-def]
    """Return the log density of windows and frailty, without what does not depend on u; fill log(1 + mu / size)."""
    value = -0.5 * precision * u * u
    for t in range(y.size):
        if m[t] > 0.0:
            logs[t] = np.log1p(m[t] * w / size)
            value += y[t] * u - (y[t] + size) * logs[t]
    return value


class Sums(NamedTuple):
    """A person's expectations under the posterior of the frailty.

    Attributes
    ----------
    score, outer : ndarray
        (q,) and (q, q), of the complete-data score and its square.
    node : ndarray
        (q,) the complete-data score at a node.
    cells : ndarray
        (3, T) of ``c``, ``u c`` and the size's derivative, where c is the information of a window.
    logs : ndarray
        (T,) log(1 + mu / size) at a node.
    own : ndarray
        (4,) second derivatives by log SD, by log SD and log size, by log size; and the total weight.
    """

    score: Floats
    outer: Floats
    node: Floats
    cells: Floats
    logs: Floats
    own: Floats


@njit(cache=True, nogil=True)
def _add_nodes(y, m, x, size, table, mode, sd, precision, rule, sums):  # type: ignore[no-untyped-def] # noqa: C901 one loop over nodes is what keeps it fast
    """Fill a person's sums from all nodes; return the log density at the mode."""
    score, outer, node, cells, logs, own = sums
    nodes, weights = rule
    p, windows = x.shape[1], y.size
    score[:] = 0.0
    outer[:, :] = 0.0
    cells[:, :] = 0.0
    own[:] = 0.0
    top = _log_density(y, m, size, mode, np.exp(mode), precision, logs)
    for k in range(nodes.size):
        if weights[k] == 0.0:
            continue
        u = mode + sd * nodes[k]
        w = fast_exp(u)
        log_density = -0.5 * precision * u * u
        for t in range(windows):
            logs[t] = np.log1p(m[t] * w / size)
            log_density += y[t] * u * (m[t] > 0.0) - (y[t] + size) * logs[t]
        share = weights[k] * fast_exp(log_density - top)
        if share < 1e-290:
            continue
        residual, information, tilt, bend, by_sizes = 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(p):
            node[j] = 0.0
        for t in range(windows):
            if m[t] == 0.0:
                continue
            mu = m[t] * w
            inverse = 1.0 / (size + mu)
            gap, part = (y[t] - mu) * inverse, mu * inverse
            r, c, d = size * gap, (y[t] + size) * part * size * inverse, size * gap * part
            by_size = table[y[t], 1] - logs[t] - gap
            residual += r
            information += c
            tilt += d
            by_sizes += by_size
            bend += size * (size * (gap * inverse - table[y[t], 2]) + part + by_size)
            cells[0, t] += share * c
            cells[1, t] += share * u * c
            cells[2, t] += share * d
            for j in range(p):
                node[j] += r * x[t, j]
        node[p] = u * residual
        node[p + 1] = size * by_sizes
        own[0] += share * (u * residual - u * u * information)
        own[1] += share * u * tilt
        own[2] += share * bend
        own[3] += share
        for j in range(p + 2):
            part = share * node[j]
            score[j] += part
            for i in range(j + 1):
                outer[j, i] += part * node[i]
    return top


@njit(cache=True, nogil=True)
def _add_person(x, weight, sums, grad, hess):  # type: ignore[no-untyped-def]
    """Add a person's gradient and Hessian, by the missing-information principle (Louis 1982)."""
    score, outer, _, cells, _, own = sums
    p = x.shape[1]
    scale = 1.0 / own[3]
    for j in range(p + 2):
        score[j] *= scale
        grad[j] += weight * score[j]
        for k in range(j + 1):
            hess[j, k] += weight * (outer[j, k] * scale - score[j] * score[k])
    for t in range(x.shape[0]):
        for j in range(p):
            hess[p, j] -= weight * scale * cells[1, t] * x[t, j]
            hess[p + 1, j] += weight * scale * cells[2, t] * x[t, j]
            for k in range(j + 1):
                hess[j, k] -= weight * scale * cells[0, t] * x[t, j] * x[t, k]
    hess[p, p] += weight * scale * own[0]
    hess[p + 1, p] += weight * scale * own[1]
    hess[p + 1, p + 1] += weight * scale * own[2]


@njit(cache=True, nogil=True)
def _means(exposure, x, b, m):  # type: ignore[no-untyped-def]
    """Write the expected counts at frailty one."""
    for t in range(exposure.size):
        eta = 0.0
        for j in range(b.size):
            eta += x[t, j] * b[j]
        m[t] = exposure[t] * np.exp(eta)


@njit(cache=True, nogil=True)
def likelihood(cells, theta, rule, grad, hess, modes, scores):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant; fill gradient and Hessian, and scores if given room."""
    y, weights, exposure, x = cells
    p, windows = x.shape[2], x.shape[1]
    b, spread, size = theta[:p], theta[p], np.exp(theta[p + 1])
    precision = np.exp(-2.0 * spread)
    table = np.zeros((np.int64(np.max(y)) + 1, 3))
    fill_table(table, -theta[p + 1])
    q = p + 2
    sums = Sums(np.zeros(q), np.zeros((q, q)), np.zeros(q), np.zeros((3, windows)), np.zeros(windows), np.zeros(4))
    score, own, m = sums.score, sums.own, np.zeros(windows)
    grad[:] = 0.0
    hess[:, :] = 0.0
    value = 0.0
    for i in range(y.shape[0]):
        row, time = (0 if x.shape[0] == 1 else i), (0 if exposure.shape[0] == 1 else i)
        if row > 0 or time > 0 or i == 0:
            _means(exposure[time], x[row], b, m)
        if weights[i] == 0.0:
            continue
        own_y, own_x = y[i], x[row]
        mode, precise = _mode(own_y, m, size, precision, modes[i])
        modes[i] = mode
        sd = 1.0 / np.sqrt(precise)
        top = _add_nodes(own_y, m, own_x, size, table, mode, sd, precision, rule, sums)
        value += weights[i] * (np.log(sd * own[3]) + top - spread)
        for t in range(windows):
            if y[i, t] > 0:
                value += weights[i] * (y[i, t] * np.log(m[t]) + table[y[i, t], 0])
        _add_person(x[row], weights[i], sums, grad, hess)
        if scores.size:
            scores[i] = score
    for j in range(q):
        for k in range(j):
            hess[k, j] = hess[j, k]
    return value


@njit(cache=True, nogil=True)
def search(cells, theta, rule, modes):  # type: ignore[no-untyped-def]
    """Find the maximum from ``theta``; return it, the evaluations and how it ended."""
    q = theta.size
    low, high = np.full(q, -40.0), np.full(q, 40.0)
    low[q - 2 :] = SD_LOW, SIZE_LOW
    high[q - 2 :] = SD_HIGH, SIZE_HIGH
    state = newton.start(theta, low, high)
    grad, hess, none = np.zeros(q), np.zeros((q, q)), np.zeros((0, q))
    while True:
        value = likelihood(cells, state.theta, rule, grad, hess, modes, none)
        ended = newton.advance(state, value, grad, hess)
        if ended != newton.GOES_ON:
            return state.theta, state.figures[2], ended
