"""Shared-frailty Poisson fits of people with the same windows: the windows' shares, and the distribution of totals.

Where exposure and covariates are the same for all, the likelihood is a product. Given the totals, people's counts are
multinomial with the same shares whatever the frailties, and the totals alone tell of the frailties and the level. A
search then runs over shares of all events together, and over how many people have each total.
"""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

import numpy as np
from numba import njit

from iom_causal.numerics.kernels import newton
from iom_causal.numerics.mixed.frailty import FIXED, GAMMA, POOLED, SPREAD_HIGH, SPREAD_LOW
from iom_causal.numerics.mixed.shared_kernel import People, excess_variance, likelihood, room, search


@njit(cache=True, nogil=True)
def fit_alike(mixing, y, exposure, x, weight, totals, rule, theta, figures, hessian, meat):  # type: ignore[no-untyped-def]
    """Fit one replicate of y (n, T) with exposure (T,) and x (T, p) common to all; write what `fit_block` returns.

    With m and C the mean and covariance of x over the shares, Y all events and h the second derivative by the log of
    the mean total, the Hessian is ``h m m' - Y C``. A person's score is the sum over windows of events times x less m,
    and m times the score of the person's total.
    """
    p = x.shape[1]
    first = 0 if mixing == FIXED else 1  # the intercept changes no share
    events = np.zeros(x.shape[0])
    _add_events(y, weight, events)
    every = np.sum(events)
    theta[first:p], shares, level, figures[0], figures[1] = _shares(events, exposure, x[:, first:], rule)
    middle, centred = np.ones(p), np.zeros(x.shape)
    for j in range(first, p):
        middle[j] = _products(shares, x[:, j])
        for t in range(events.size):
            centred[t, j] = x[t, j] - middle[j]
            figures[4] += events[t] * x[t, j] * theta[j]
    figures[4] -= every * np.log(level)
    scores = _scores_of_shares(y, centred, first)
    for j in range(first, p):
        for k in range(first, j + 1):
            hessian[j, k] = hessian[k, j] = -every * _weighted(shares, centred[:, j], centred[:, k])
            meat[j, k] = meat[k, j] = _weighted(weight, scores[j], scores[k])
    if mixing != FIXED:
        counts, one = count_totals(totals, weight), np.ones((1, 1, 1))
        people = People(np.arange(counts.size), counts, one[0], one, np.array([every]))
        point, slopes = _fit_distribution(mixing, people, rule, middle, figures, hessian)
        theta[0] = point[0] - np.log(level)
        theta[p:] = point[1:]
        _add_scores_of_totals(totals, weight, scores, first, people, middle, slopes, meat)


@njit(cache=True, nogil=True)
def _shares(events, exposure, x, rule):  # type: ignore[no-untyped-def]
    """Fit the windows' shares of all events, ``exposure exp(x b)`` over their sum.

    Returns
    -------
    b, shares, level, evaluations, ended
        Coefficients, shares, the sum that they are of, and how the search went; two windows need none.
    """
    b = np.zeros(x.shape[1])
    evaluations, ended = 0.0, newton.CONVERGED
    if events.size == 2 and b.size == 1 and x[1, 0] - x[0, 0] == 1.0 and np.min(events) > 0.0:
        b[0] = np.log(events[1] / exposure[1]) - np.log(events[0] / exposure[0])
    elif b.size:
        weight, events_x = np.array([np.sum(events)]), np.zeros(b.size)
        for j in range(b.size):
            events_x[j] = _products(events, x[:, j])
        one = People(np.ones(1, np.int64), weight, exposure.reshape(1, -1), np.expand_dims(x, 0), events_x)
        b, evaluations, ended = search(FIXED, one, b, rule, room(one, b.size), 0.0, 0.0)
    shares, level = np.empty(events.size), 0.0
    for t in range(events.size):
        shares[t] = exposure[t] * np.exp(_products(x[t], b))
        level += shares[t]
    for t in range(events.size):
        shares[t] /= level
    return b, shares, level, evaluations, ended


@njit(cache=True, nogil=True)
def _scores_of_shares(y, centred, first):  # type: ignore[no-untyped-def]
    """Return the sum over windows of each person's events times each column from the first, (p, n)."""
    out = np.zeros((centred.shape[1], y.shape[0]))
    for j in range(first, centred.shape[1]):
        for i in range(y.shape[0]):
            score = 0.0
            for t in range(y.shape[1]):
                score += y[i, t] * centred[t, j]
            out[j, i] = score
    return out


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _products(one, other):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(one.size):
        total += one[i] * other[i]
    return total


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _weighted(weight, one, other):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(weight.size):
        total += weight[i] * one[i] * other[i]
    return total


@njit(cache=True, nogil=True)
def count_totals(totals, weight):  # type: ignore[no-untyped-def]
    """Return how many people, by weight, have each total."""
    counts = np.zeros(np.max(totals) + 1)
    for i in range(totals.size):
        counts[totals[i]] += weight[i]
    return counts


@njit(cache=True, nogil=True)
def _fit_distribution(mixing, people, rule, middle, figures, hessian):  # type: ignore[no-untyped-def]
    """Fit the distribution of totals; write figures and the Hessian's part.

    Returns
    -------
    point, slopes
        The log of the mean of a total and, where there is one, the log spread, -inf at zero; and the derivatives of
        the log likelihood by both at each total, of which the first lacks the total itself.
    """
    p, every = middle.size, people.events_x[0]
    q = hessian.shape[0]
    point = np.full(1 + q - p, -np.inf)
    point[0] = np.log(every / np.sum(people.weight))
    work = room(people, point.size)
    figures[3] = figures[4] + every * point[0] - every
    size = 1
    if mixing != POOLED:
        excess, squares = excess_variance(people, point[:1], work)
        if excess > 0.0:
            size = 2
            point[1] = _gamma_spread(people, np.log(excess / squares), figures)
            if mixing != GAMMA:
                # The variance of log frailties is near that of gamma ones, more so than the moments' logarithm.
                point[0] -= 0.5 * np.exp(point[1])
                point[1] *= 0.5
                low, high = SPREAD_LOW[mixing], SPREAD_HIGH[mixing]
                point, evaluations, figures[1] = search(mixing, people, point, rule, work, low, high)
                figures[0] += evaluations
        else:
            figures[2] = 1.0
            work = room(people, 1)
    slopes = np.zeros((people.total.size, size))
    kind = mixing if size == 2 else POOLED
    figures[4] += likelihood(kind, people, point[:size], rule, work, slopes)
    if size == 1:
        figures[3] = figures[4]
    for j in range(p):
        for k in range(p):
            hessian[j, k] += work.hess[0, 0] * middle[j] * middle[k]
        if size == 2:
            hessian[p, j] = hessian[j, p] = work.hess[1, 0] * middle[j]
    if size == 2:
        hessian[p, p] = work.hess[1, 1]
    return point, slopes


@njit(cache=True, nogil=True)
def _gamma_spread(people, spread, figures):  # type: ignore[no-untyped-def]
    """Return the log variance of gamma frailties, from a first one; the mean total is that of the people.

    The totals vary more than Poisson counts, so that the likelihood has one maximum (Levin & Reeds 1977): Newton's
    steps for the zero of its slope, inside a bracket. With more than k events in ``above[k]`` people,
    ``sum log (1 / v)_Y`` is ``sum_k above[k] log(1 / v + k)``.
    """
    every, number = people.events_x[0], np.sum(people.weight)
    mean = every / number
    above = np.empty(people.total.size - 1)
    more = 0.0
    for k in range(above.size - 1, -1, -1):
        more += people.weight[k + 1]
        above[k] = more
    low, high = SPREAD_LOW[GAMMA], SPREAD_HIGH[GAMMA]
    for _ in range(newton.MOST_STEPS):
        spread = min(max(spread, low), high)
        figures[0] += 1.0
        variance = np.exp(spread)
        slope, curve = _rising(above, variance)
        level = number * np.log1p(mean * variance) / variance
        slope += level - every
        curve += every / (1.0 + mean * variance) - level
        if slope > 0.0:
            low = spread
        else:
            high = spread
        if low == high or slope * slope < -curve * newton.DECREMENT:
            return spread - slope / curve if low < high else spread
        step = -slope / curve if curve < 0.0 else np.inf
        spread = spread + step if low < spread + step < high else 0.5 * (low + high)
    figures[1] = newton.STUCK
    return spread


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _rising(above, variance):  # type: ignore[no-untyped-def]
    """Return two derivatives by log v of ``sum_k above[k] log(1 + k v)``."""
    slope, curve = 0.0, 0.0
    for k in range(above.size):
        scaled = k * variance
        share = 1.0 / (1.0 + scaled)
        part = above[k] * scaled * share
        slope += part
        curve += part * share
    return slope, curve


@njit(cache=True, nogil=True)
def _add_scores_of_totals(totals, weight, scores, first, people, middle, slopes, meat):  # type: ignore[no-untyped-def]
    """Add to the outer products of scores what the scores of totals add to those of shares."""
    p, q, most = middle.size, middle.size + slopes.shape[1] - 1, people.total.size
    own, half = np.zeros((q, most)), np.zeros((q, most))
    for j in range(q):
        if first <= j < p:
            for i in range(totals.size):
                half[j, totals[i]] += weight[i] * scores[j, i]
        for k in range(most):
            own[j, k] = middle[j] * (k + slopes[k, 0]) if j < p else slopes[k, 1]
            half[j, k] += 0.5 * people.weight[k] * own[j, k]
        for i in range(j + 1):
            more = _products(half[j], own[i]) + _products(own[j], half[i])
            meat[j, i] += more
            if i < j:
                meat[i, j] += more


@njit(cache=True, nogil=True)
def window_events(y, weight):  # type: ignore[no-untyped-def]
    """Return the weighted events of every window of y (R, n, T), (R, T); weight has a leading axis of 1 or R."""
    events = np.zeros((y.shape[0], y.shape[2]))
    for r in range(y.shape[0]):
        _add_events(y[r], weight[r if weight.shape[0] > 1 else 0], events[r])
    return events


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _add_events(y, weight, events):  # type: ignore[no-untyped-def]
    for t in range(events.size):
        total = 0.0
        for i in range(y.shape[0]):
            total += weight[i] * y[i, t]
        events[t] = total
