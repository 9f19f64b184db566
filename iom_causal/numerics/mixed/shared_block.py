"""Shared-frailty fits of a block of replicates, with each person's score at the optimum."""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

import math

import numpy as np
from numba import njit

from iom_causal.numerics.mixed.frailty import FIXED, GAMMA, LOGNORMAL, POOLED
from iom_causal.numerics.mixed.shared_alike import count_totals, fit_alike
from iom_causal.numerics.mixed.shared_kernel import People, fit, likelihood, room, search
from iom_causal.numerics.mixed.shared_values import gamma_values

NOTHING = -1.0
"""How a search ended that had no events to begin with."""
LOG_FACTORIALS = np.array([math.lgamma(k + 1.0) for k in range(256)])


@njit(cache=True, nogil=True)
def log_factorial(k):  # type: ignore[no-untyped-def]
    """Return log k! of a whole number."""
    return LOG_FACTORIALS[k] if k < 256 else math.lgamma(k + 1.0)


@njit(cache=True, nogil=True)
def constant(mixing, y, exposure, weight):  # type: ignore[no-untyped-def]
    """Return what the log likelihood holds besides the parameters."""
    total, logs = 0.0, np.zeros(exposure.shape[1])
    for i in range(y.shape[0]):
        own, events = 0.0, 0
        for t in range(y.shape[1]):
            k = y[i, t]
            if i == 0 or (k > 0 and exposure.shape[0] > 1):
                time = exposure[0 if exposure.shape[0] == 1 else i, t]
                logs[t] = np.log(time) if time > 0.0 else 0.0
            own += k * logs[t] - log_factorial(k)
            events += k
        total += weight[i] * (own + (log_factorial(events) if mixing == FIXED else 0.0))
    return total


@njit(cache=True, nogil=True)
def _events_x(y, x, weight):  # type: ignore[no-untyped-def]
    """Return the weighted sum over people and windows of events times x."""
    p = x.shape[2]
    out, windows = np.zeros(p), np.zeros(x.shape[1])
    for i in range(y.shape[0]):
        for t in range(y.shape[1]):
            if x.shape[0] == 1:
                windows[t] += weight[i] * y[i, t]
            elif y[i, t] > 0:
                for j in range(p):
                    out[j] += weight[i] * y[i, t] * x[i, t, j]
    for t in range(windows.size):
        for j in range(p):
            out[j] += windows[t] * x[0, t, j]
    return out


@njit(cache=True, nogil=True)
def _totals(y):  # type: ignore[no-untyped-def]
    totals = np.zeros(y.shape[0], np.int64)
    for i in range(y.shape[0]):
        for t in range(y.shape[1]):
            totals[i] += y[i, t]
    return totals


@njit(cache=True, nogil=True)
def _alike(mixing, totals, exposure, x):  # type: ignore[no-untyped-def]
    """Return whether people differ in counts alone, whose totals are no more than can be counted, or do not matter."""
    few = mixing == FIXED or np.max(totals) < 4 * totals.size + 1000
    return few and exposure.shape[0] == 1 and x.shape[0] == 1


@njit(cache=True, nogil=True)
def _gather(y, exposure, x, weight):  # type: ignore[no-untyped-def]
    """Return the people; those who are alike by their totals."""
    totals, events = _totals(y), _events_x(y, x, weight)
    if _alike(LOGNORMAL, totals, exposure, x):
        counts = count_totals(totals, weight)
        return People(np.arange(counts.size), counts, exposure, x, events)
    return People(totals, weight, exposure, x, events)


@njit(cache=True, nogil=True)
def _meat(y, x, weight, scores):  # type: ignore[no-untyped-def]
    """Return the sum of outer products of people's scores."""
    p, q = x.shape[2], scores.shape[1]
    out, own = np.zeros((q, q)), np.zeros(q)
    for i in range(y.shape[0]):
        own[:] = scores[i]
        row = 0 if x.shape[0] == 1 else i
        for t in range(y.shape[1]):
            if y[i, t] > 0:
                for j in range(p):
                    own[j] += y[i, t] * x[row, t, j]
        for j in range(q):
            for k in range(q):
                out[j, k] += weight[i] * own[j] * own[k]
    return out


@njit(cache=True, nogil=True)
def _fit_people(mixing, people, y, rule, theta, figures, hessian, meat):  # type: ignore[no-untyped-def]
    """Fit one replicate person by person; write what `fit_block` returns."""
    p, q = people.x.shape[2], theta.size
    work = room(people, q)
    theta[:], figures[:4] = fit(mixing, people, rule, work)
    at_zero = figures[2] > 0
    size = p if at_zero else q
    if at_zero:
        work = room(people, p)
    scores = np.zeros((people.total.size, size))
    figures[4] = likelihood(POOLED if at_zero else mixing, people, theta[:size], rule, work, scores)
    hessian[:size, :size] = work.hess
    meat[:size, :size] = _meat(y, people.x, people.weight, scores)


@njit(cache=True, nogil=True)
def fit_block(mixing, y, exposure, x, weight, rule, q):  # type: ignore[no-untyped-def]
    """Fit every replicate of y (R, n, T); exposure and weight have a leading axis of 1 or R."""
    reps = y.shape[0]
    theta, figures = np.zeros((reps, q)), np.zeros((reps, 6))
    hessian, meat = np.zeros((reps, q, q)), np.zeros((reps, q, q))
    for r in range(reps):
        times = exposure[r if exposure.shape[0] > 1 else 0]
        w = weight[r if weight.shape[0] > 1 else 0]
        totals = _totals(y[r])
        if mixing != FIXED and not np.any((totals > 0) & (w > 0.0)):
            figures[r, 1] = NOTHING
        elif _alike(mixing, totals, times, x):
            fit_alike(mixing, y[r], times[0], x[0], w, totals, rule, theta[r], figures[r], hessian[r], meat[r])
            figures[r, 5] = constant(mixing, y[r], times, w)
        else:
            people = People(totals, w, times, x, _events_x(y[r], x, w))
            _fit_people(mixing, people, y[r], rule, theta[r], figures[r], hessian[r], meat[r])
            figures[r, 5] = constant(mixing, y[r], times, w)
    return theta, figures, hessian, meat


@njit(cache=True, nogil=True)
def value_at(mixing, y, exposure, x, weight, rule, theta, held):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant at ``theta``; with ``held``, maximised at its log spread."""
    people = _gather(y, exposure, x, weight)
    work, point = room(people, theta.size), theta
    if held:
        spread = theta[theta.size - 1]
        point, _, _ = search(mixing, people, theta, rule, work, spread, spread)
    return likelihood(mixing, people, point, rule, work, np.zeros((0, 0)))


@njit(cache=True, nogil=True)
def values_at(mixing, y, exposure, x, weight, rule, theta):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant at each row of ``theta``, (S,)."""
    people = _gather(y, exposure, x, weight)
    if mixing == GAMMA and (x.shape[0] > 1 or exposure.shape[0] > 1):
        return gamma_values(people, theta)
    work, none = room(people, theta.shape[1]), np.zeros((0, 0))
    out = np.zeros(theta.shape[0])
    for s in range(out.size):
        work.modes[:] = np.nan
        out[s] = likelihood(mixing, people, theta[s], rule, work, none)
    return out
