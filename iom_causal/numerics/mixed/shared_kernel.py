"""Shared-frailty Poisson models: log likelihood over people, and its Newton search.

A person's windows enter the mixing integral only through the total Y and the sum M of expected counts, so an
integral costs a few exponentials a person, not a window. The pass has three shapes: people whose expected
counts are all the same (then Y alone matters, and people are its histogram), people who differ in exposure on a
common calendar, and people who differ in covariates.
"""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.kernels import newton
from iom_causal.numerics.kernels.fast_exp import fast_exp
from iom_causal.numerics.mixed.frailty import (
    FIXED,
    GAMMA,
    LOGNORMAL,
    POOLED,
    SPREAD_HIGH,
    SPREAD_LOW,
    fill_table,
    find_mode,
    find_modes,
    gamma_terms,
    lognormal_terms,
)

Floats = NDArray[np.float64]
FAR = 40.0
"""Coefficients of logs beyond this have left what counts can tell."""


class People(NamedTuple):
    """One replicate's data, as the pass reads them.

    Attributes
    ----------
    total, weight : ndarray
        (n,) a person's events, and how often the person counts.
    exposure : ndarray
        (n, T), or (1, T) when common to all; 0 where nothing was observed.
    x : ndarray
        (n, T, p), or (1, T, p) when common to all.
    events_x : ndarray
        (p,) weighted sum over windows of events times x.
    """

    total: NDArray[Any]
    weight: Floats
    exposure: Floats
    x: Floats
    events_x: Floats


class Work(NamedTuple):
    """Room that the pass writes in."""

    grad: Floats
    hess: Floats
    rates: Floats
    share: Floats
    table: Floats
    modes: Floats
    g: Floats
    inner: Floats


@njit(cache=True, nogil=True)
def room(people, q):  # type: ignore[no-untyped-def]
    """Return the room for a search over q parameters."""
    windows, p = people.x.shape[1], people.x.shape[2]
    return Work(
        np.zeros(q),
        np.zeros((q, q)),
        np.zeros((p + 1, windows)),
        np.zeros(windows),
        np.zeros((np.int64(np.max(people.total)) + 1, 3)),
        np.full(people.total.size, np.nan),
        np.zeros(p),
        np.zeros((p, p)),
    )


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def calendar_sums(exposure, rates, g):  # type: ignore[no-untyped-def]
    """Return M and fill g from the rates of a common calendar and their products with x."""
    mean = 0.0
    for t in range(exposure.size):
        mean += exposure[t] * rates[0, t]
    for j in range(g.size):
        total = 0.0
        for t in range(exposure.size):
            total += exposure[t] * rates[j + 1, t]
        g[j] = total
    return mean


@njit(cache=True, nogil=True)
def _own_sums(exposure, x, b, g, inner):  # type: ignore[no-untyped-def]
    """Return M and fill g and the sum of products for a person with covariates of his or her own."""
    mean = 0.0
    g[:] = 0.0
    inner[:, :] = 0.0
    for t in range(exposure.size):
        if exposure[t] > 0.0:
            eta = 0.0
            for j in range(b.size):
                eta += x[t, j] * b[j]
            m = exposure[t] * fast_exp(eta)
            mean += m
            for j in range(b.size):
                mx = m * x[t, j]
                g[j] += mx
                for k in range(j + 1):
                    inner[j, k] += mx * x[t, k]
    return mean


@njit(cache=True, nogil=True)
def fill_rates(x, b, rates):  # type: ignore[no-untyped-def]
    """Write the rate of each window of a common calendar, and its products with x."""
    for t in range(x.shape[0]):
        eta = 0.0
        for j in range(b.size):
            eta += x[t, j] * b[j]
        rates[0, t] = fast_exp(eta)
        for j in range(b.size):
            rates[j + 1, t] = rates[0, t] * x[t, j]


@njit(cache=True, nogil=True)
def _terms(mixing, y, mean, spread, shape, table, nodes, weights, mode):  # type: ignore[no-untyped-def]
    """Return log integral, E u, V u and three derivatives, for any mixing distribution."""
    if mixing == GAMMA:
        return gamma_terms(y, mean, shape, table)
    if mixing == LOGNORMAL:
        return lognormal_terms(y, mean, spread, shape * shape, nodes, weights, mode)
    if mixing == FIXED:
        if y == 0.0:
            return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        return -y * np.log(mean), y / mean, y / (mean * mean), 0.0, 0.0, 0.0
    return -mean, 1.0, 0.0, 0.0, 0.0, 0.0


@njit(cache=True, nogil=True)
def _added(sums, weight, terms):  # type: ignore[no-untyped-def]
    """Return sums of people's terms with those of one more, without the log integral."""
    return (
        0.0,
        sums[1] + weight * terms[1],
        sums[2] + weight * terms[2],
        sums[3] + weight * terms[3],
        sums[4] + weight * terms[4],
        sums[5] + weight * terms[5],
    )


@njit(cache=True, nogil=True)
def _add_person(grad, hess, g, inner, weight, terms):  # type: ignore[no-untyped-def]
    """Add one person's part of gradient and Hessian."""
    p, q = g.size, grad.size
    expected, variance = weight * terms[1], weight * terms[2]
    for j in range(p):
        grad[j] -= expected * g[j]
        vg = variance * g[j]
        for k in range(j + 1):
            hess[j, k] += vg * g[k]
    for j in range(inner.shape[0]):
        for k in range(j + 1):
            hess[j, k] -= expected * inner[j, k]
    if q > p:
        grad[p] += weight * terms[3]
        hess[p, p] += weight * terms[4]
        mixed = weight * terms[5]
        for j in range(p):
            hess[p, j] += mixed * g[j]


@njit(cache=True, nogil=True)
def _write_scores(scores, i, g, terms):  # type: ignore[no-untyped-def]
    for j in range(g.size):
        scores[i, j] = -terms[1] * g[j]
    if scores.shape[1] > g.size:
        scores[i, g.size] = terms[3]


@njit(cache=True, nogil=True)
def likelihood(mixing, people, theta, rule, work, scores):  # type: ignore[no-untyped-def] # noqa: C901, PLR0912 one loop over people is what keeps it fast
    """Return the log likelihood without its constant; fill gradient and Hessian in `work`.

    ``scores`` (n, q) gets each person's gradient except the events' own part; (0, 0) leaves it out.
    """
    total, weights, exposure, x, events_x = people
    grad, hess, rates, share, table, modes, g, inner = work
    nodes, at_nodes = rule
    p, q, b = x.shape[2], theta.size, theta[: x.shape[2]]
    spread = theta[p] if q > p else 0.0
    shape = np.exp(-spread)
    calendar = x.shape[0] == 1
    same = calendar and exposure.shape[0] == 1
    products = inner[:0] if calendar else inner
    grad[:p] = events_x
    grad[p:] = 0.0
    hess[:, :] = 0.0
    share[:] = 0.0
    if calendar:
        fill_rates(x[0], b, rates)
    if mixing == GAMMA:
        fill_table(table, spread)
    value = np.dot(events_x, b)
    sums = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    mean = calendar_sums(exposure[0], rates, g) if same else 0.0
    if mixing == LOGNORMAL and same:
        find_modes(total, mean, shape * shape, modes)
    for i in range(total.size):
        weight = weights[i]
        if weight == 0.0:
            continue
        if not same:
            row = 0 if exposure.shape[0] == 1 else i
            mean = calendar_sums(exposure[i], rates, g) if calendar else _own_sums(exposure[row], x[i], b, g, inner)
        if mean == 0.0:
            continue
        if mixing == LOGNORMAL and not same:
            modes[i] = find_mode(float(total[i]), mean, shape * shape, modes[i])
        terms = _terms(mixing, float(total[i]), mean, spread, shape, table, nodes, at_nodes, modes[i])
        value += weight * terms[0]
        if same:
            sums = _added(sums, weight, terms)
        else:
            _add_person(grad, hess, g, products, weight, terms)
            if calendar:
                e = weight * terms[1]
                for t in range(share.size):
                    share[t] += e * exposure[i, t]
        if scores.size:
            _write_scores(scores, i, g, terms)
    if same:
        _add_person(grad, hess, g, products, 1.0, sums)
        share[:] = sums[1] * exposure[0]
    if calendar:
        _calendar_information(x[0], share, rates, hess)
    for j in range(q):
        for k in range(j):
            hess[k, j] = hess[j, k]
    return value


@njit(cache=True, nogil=True)
def _calendar_information(x, share, rates, hess):  # type: ignore[no-untyped-def]
    for t in range(x.shape[0]):
        for j in range(x.shape[1]):
            for k in range(j + 1):
                hess[j, k] -= share[t] * rates[j + 1, t] * x[t, k]


@njit(cache=True, nogil=True)
def search(mixing, people, theta, rule, work, lowest, highest):  # type: ignore[no-untyped-def]
    """Find the maximum from ``theta``, with the log spread in bounds; return it, the evaluations and the ending."""
    p, q = people.x.shape[2], theta.size
    low, high = np.full(q, -FAR), np.full(q, FAR)
    if q > p:
        low[p], high[p] = lowest, highest
    state = newton.start(theta, low, high)
    no_scores = np.zeros((0, 0))
    while True:
        value = likelihood(mixing, people, state.theta, rule, work, no_scores)
        ended = newton.advance(state, value, work.grad, work.hess)
        if ended != newton.GOES_ON:
            return state.theta, state.figures[2], ended


@njit(cache=True, nogil=True)
def excess_variance(people, b, work):  # type: ignore[no-untyped-def]
    """Return sums of ``(Y - M)^2 - Y`` and ``M^2`` over people, at the pooled fit.

    The first is twice the slope of the log likelihood by the frailty's variance at zero.
    """
    total, weights, exposure, x, _ = people
    calendar = x.shape[0] == 1
    same = calendar and exposure.shape[0] == 1
    if calendar:
        fill_rates(x[0], b, work.rates)
    excess, squares = 0.0, 0.0
    mean = calendar_sums(exposure[0], work.rates, work.g) if same else 0.0
    for i in range(total.size):
        row = 0 if exposure.shape[0] == 1 else i
        if not calendar:
            mean = _own_sums(exposure[row], x[i], b, work.g, work.inner)
        elif not same:
            mean = calendar_sums(exposure[i], work.rates, work.g)
        excess += weights[i] * ((total[i] - mean) ** 2 - total[i])
        squares += weights[i] * mean * mean
    return excess, squares


@njit(cache=True, nogil=True)
def _lumped(people):  # type: ignore[no-untyped-def]
    """Return the people as one where the pooled model cannot tell them apart."""
    if people.x.shape[0] > 1 or people.exposure.shape[0] > 1:
        return people
    weight = np.array([np.sum(people.weight)])
    return People(np.zeros(1, np.int64), weight, people.exposure, people.x, people.events_x)


@njit(cache=True, nogil=True)
def fit_pooled(people, rule):  # type: ignore[no-untyped-def]
    """Return coefficients without frailties, the log likelihood, evaluations and how the search ended."""
    lumped = _lumped(people)
    b = np.zeros(people.x.shape[2])
    work = room(lumped, b.size)
    no_scores = np.zeros((0, 0))
    likelihood(POOLED, lumped, b, rule, work, no_scores)
    b[0] = np.log(people.events_x[0] / (people.events_x[0] - work.grad[0]))
    b, count, ended = search(POOLED, lumped, b, rule, work, 0.0, 0.0)
    value = likelihood(POOLED, lumped, b, rule, work, no_scores)
    return b, value, count, ended


@njit(cache=True, nogil=True)
def starting_spread(mixing, variance):  # type: ignore[no-untyped-def]
    """Return the log spread with that variance of the frailty, and the shift of the intercept."""
    if mixing == LOGNORMAL:
        v = np.log1p(variance)
        return 0.5 * np.log(v), -0.5 * v
    return np.log(variance), 0.0


@njit(cache=True, nogil=True)
def fit(mixing, people, rule, work):  # type: ignore[no-untyped-def]
    """Fit one replicate; column 0 of x is the intercept unless the frailties are fixed.

    Returns
    -------
    theta, figures
        Parameters, with the log spread last (-inf where the variance is zero); evaluations, how the search
        ended, whether the variance is zero, and the log likelihood of the pooled fit.
    """
    p = people.x.shape[2]
    figures = np.zeros(4)
    if mixing == FIXED:
        theta, figures[0], figures[1] = search(FIXED, people, np.zeros(p), rule, work, 0.0, 0.0)
        return theta, figures
    pooled, figures[3], figures[0], figures[1] = fit_pooled(people, rule)
    if mixing == POOLED:
        return pooled, figures
    theta = np.append(pooled, -np.inf)
    excess, squares = excess_variance(people, pooled, work)
    if excess <= 0.0 or figures[1] != newton.CONVERGED:
        figures[2] = 1.0
        return theta, figures
    theta[p], shift = starting_spread(mixing, excess / squares)
    theta[0] += shift
    theta, count, figures[1] = search(mixing, people, theta, rule, work, SPREAD_LOW[mixing], SPREAD_HIGH[mixing])
    figures[0] += count
    return theta, figures
