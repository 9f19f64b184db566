"""Shared-frailty fits of a block of replicates, with each person's score at the optimum."""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

import math

import numpy as np
from numba import njit

from iom_causal.numerics.mixed.frailty import FIXED, POOLED
from iom_causal.numerics.mixed.shared_kernel import People, fit, likelihood, room, search

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
            if k > 0:
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
def _gather(y, exposure, x, weight):  # type: ignore[no-untyped-def]
    """Return the people, and their totals; people with the same expected counts become a histogram."""
    totals = np.zeros(y.shape[0], np.int64)
    for i in range(y.shape[0]):
        for t in range(y.shape[1]):
            totals[i] += y[i, t]
    events = _events_x(y, x, weight)
    most = np.max(totals)
    if x.shape[0] == 1 and exposure.shape[0] == 1 and most < 4 * totals.size + 1000:
        counts = np.zeros(most + 1)
        for i in range(totals.size):
            counts[totals[i]] += weight[i]
        return People(np.arange(most + 1), counts, exposure, x, events), totals, True
    return People(totals, weight, exposure, x, events), totals, False


@njit(cache=True, nogil=True)
def _meat(y, x, weight, totals, histogram, scores):  # type: ignore[no-untyped-def]
    """Return the sum of outer products of people's scores."""
    p, q = x.shape[2], scores.shape[1]
    out, own = np.zeros((q, q)), np.zeros(q)
    for i in range(y.shape[0]):
        own[:] = scores[totals[i] if histogram else i]
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
def _fit_multinomial(y, exposure, x, weight, rule, theta, figures, hessian, meat):  # type: ignore[no-untyped-def]
    """Fit one replicate with fixed effects where days and covariates are the same for all.

    Given their totals, people's counts are multinomial with the same shares, so that all events together have the
    likelihood of one person's, and a person's score is linear in his or her counts.
    """
    p = x.shape[2]
    events, together = _all_events(y, exposure, x, weight)
    work = room(together, p)
    theta[:], figures[0], figures[1] = search(FIXED, together, np.zeros(p), rule, work, 0.0, 0.0)
    figures[4] = likelihood(FIXED, together, theta, rule, work, np.zeros((0, 0)))
    hessian[:, :] = work.hess
    shares = exposure[0] * work.rates[0]
    centred = np.empty((p, events.size))
    for j in range(p):
        centred[j] = x[0, :, j] - np.sum(shares * x[0, :, j]) / np.sum(shares)
    own = np.empty((p, y.shape[0]))
    for j in range(p):
        for i in range(y.shape[0]):
            score = 0.0
            for t in range(events.size):
                score += y[i, t] * centred[j, t]
            own[j, i] = score
        for k in range(j + 1):
            meat[j, k] = meat[k, j] = _added(weight, own[j], own[k])


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _added(weight, one, other):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(weight.size):
        total += weight[i] * one[i] * other[i]
    return total


@njit(cache=True, nogil=True)
def _all_events(y, exposure, x, weight):  # type: ignore[no-untyped-def]
    """Return the weighted events of each window, and one person who has had all of them."""
    events, total = np.zeros(y.shape[1]), np.zeros(x.shape[2])
    _add_events(y, weight, events)
    for j in range(total.size):
        total[j] = np.sum(events * x[0, :, j])
    return events, People(np.ones(1, np.int64), np.array([np.sum(events)]), exposure, x, total)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _add_events(y, weight, events):  # type: ignore[no-untyped-def]
    for t in range(events.size):
        total = 0.0
        for i in range(y.shape[0]):
            total += weight[i] * y[i, t]
        events[t] = total


@njit(cache=True, nogil=True)
def window_events(y, weight):  # type: ignore[no-untyped-def]
    """Return the weighted events of every window of y (R, n, T), (R, T); weight has a leading axis of 1 or R."""
    events = np.zeros((y.shape[0], y.shape[2]))
    for r in range(y.shape[0]):
        _add_events(y[r], weight[r if weight.shape[0] > 1 else 0], events[r])
    return events


@njit(cache=True, nogil=True)
def fit_block(mixing, y, exposure, x, weight, rule, q):  # type: ignore[no-untyped-def]
    """Fit every replicate of y (R, n, T); exposure and weight have a leading axis of 1 or R."""
    reps, p = y.shape[0], x.shape[2]
    theta, figures = np.zeros((reps, q)), np.zeros((reps, 6))
    hessian, meat = np.zeros((reps, q, q)), np.zeros((reps, q, q))
    for r in range(reps):
        times = exposure[r if exposure.shape[0] > 1 else 0]
        w = weight[r if weight.shape[0] > 1 else 0]
        if mixing == FIXED and times.shape[0] == 1 and x.shape[0] == 1:
            _fit_multinomial(y[r], times, x, w, rule, theta[r], figures[r], hessian[r], meat[r])
            figures[r, 5] = constant(mixing, y[r], times, w)
            continue
        people, totals, histogram = _gather(y[r], times, x, w)
        if np.sum(people.events_x[:1]) == 0.0 and mixing != FIXED:
            figures[r, 1] = -1.0
            continue
        work = room(people, q)
        theta[r], figures[r, :4] = fit(mixing, people, rule, work)
        at_zero = figures[r, 2] > 0
        size = p if at_zero else q
        if at_zero:
            work = room(people, p)
        scores = np.zeros((people.total.size, size))
        figures[r, 4] = likelihood(POOLED if at_zero else mixing, people, theta[r, :size], rule, work, scores)
        hessian[r, :size, :size] = work.hess
        meat[r, :size, :size] = _meat(y[r], x, w, totals, histogram, scores)
        figures[r, 5] = constant(mixing, y[r], times, w)
    return theta, figures, hessian, meat


@njit(cache=True, nogil=True)
def value_at(mixing, y, exposure, x, weight, rule, theta, held):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant at ``theta``; with ``held``, maximised at its log spread."""
    people, _, _ = _gather(y, exposure, x, weight)
    work, point = room(people, theta.size), theta
    if held:
        spread = theta[theta.size - 1]
        point, _, _ = search(mixing, people, theta, rule, work, spread, spread)
    return likelihood(mixing, people, point, rule, work, np.zeros((0, 0)))


@njit(cache=True, nogil=True)
def values_at(mixing, y, exposure, x, weight, rule, theta):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant at each row of ``theta``, (S,)."""
    people, _, _ = _gather(y, exposure, x, weight)
    work, none = room(people, theta.shape[1]), np.zeros((0, 0))
    out = np.zeros(theta.shape[0])
    for s in range(out.size):
        work.modes[:] = np.nan
        out[s] = likelihood(mixing, people, theta[s], rule, work, none)
    return out
