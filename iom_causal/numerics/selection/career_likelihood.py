"""Hidden Markov likelihood of careers: own level, drifting rate and desistance, with scores.

A person's yearly count is Poisson with log rate ``level + trend * time + sd_own * z + sd_drift * x_t``. ``z`` is
normal and stays; ``x_t`` is an Ehrenfest chain, the finite form of an Ornstein-Uhlenbeck process, with the same
exponential memory; each year an active person stops for good with one probability. Sums over both are exact on
their grids, by forward and backward passes.
"""
# ruff: noqa: ANN001, ANN202, ANN201 -- numba infers the types of what it compiles

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import binom

from iom_causal.numerics.kernels.gauss_hermite import normal_rule

FloatArray = NDArray[np.float64]

STATES, OWN_NODES = 31, 9
IMPOSSIBLE = -1e6
LEVEL_AT, TREND, OWN, DRIFT, RETURN, STOP = range(6)
"""Positions in theta: log rate now, its trend a year, log SDs of both parts, log rate of return, logit of stopping."""


class Grid(NamedTuple):
    """Quadrature grid: own levels with weights, and the states of the chain with their stationary distribution."""

    own: FloatArray
    own_weight: FloatArray
    states: FloatArray
    stationary: FloatArray


def make_grid(states: int = STATES, own_nodes: int = OWN_NODES) -> Grid:
    """Lay out both grids: Gauss-Hermite nodes, and how many of ``states - 1`` coins show heads, standardised."""
    own, weight = normal_rule(own_nodes)
    size = states - 1
    heads = np.arange(states)
    stationary = np.asarray(binom(size, heads) / 2.0**size, dtype=np.float64)
    return Grid(own, weight, (2 * heads - size) / np.sqrt(size), stationary)


GRID = make_grid()


def transition(return_rate: float, years: float = 1.0, grid: Grid = GRID) -> tuple[FloatArray, FloatArray]:
    """Return the chain's transition matrix over some years and its derivative in the log of the rate of return.

    Every coin keeps its side with probability ``(1 + exp(-rate years)) / 2``. Sums of positive terms only, so
    that the far corners keep their digits.

    Examples
    --------
    >>> p, _ = transition(0.5)
    >>> correlation = float((GRID.stationary * GRID.states) @ p @ GRID.states)
    >>> bool(np.allclose(p.sum(1), 1)), round(correlation, 6) == round(float(np.exp(-0.5)), 6)
    (True, True)
    """
    x, size = return_rate * years, grid.stationary.size - 1
    keep, swap = (1 + np.exp(-x)) / 2, -np.expm1(-x) / 2
    n, k = np.arange(size + 1)[:, None], np.arange(size + 1)
    held = binom(n, k) * keep**k * swap ** np.maximum(n - k, 0)
    bent = np.zeros_like(held)
    bent[1:] = n[1:] * (np.pad(held[:-1], ((0, 0), (1, 0)))[:, :-1] - held[:-1])
    matrix, slopes = np.empty((2, size + 1, size + 1))
    for i in range(size + 1):
        up, down = held[i, : i + 1], held[size - i, size - i :: -1]
        matrix[i] = np.convolve(up, down)
        slopes[i] = np.convolve(bent[i, : i + 1], down) + np.convolve(up, bent[size - i, size - i :: -1])
    return matrix, -slopes * x * np.exp(-x) / 2


@njit(cache=True, nogil=True)
def _log_rates(times, theta, own, states):  # type: ignore[no-untyped-def]
    """Return the log rate of every year, own level and state."""
    sd_own, sd_drift = np.exp(theta[OWN]), np.exp(theta[DRIFT])
    out = np.empty((times.size, own.size, states.size))
    for t in range(times.size):
        for k in range(own.size):
            for j in range(states.size):
                out[t, k, j] = theta[LEVEL_AT] + theta[TREND] * times[t] + sd_own * own[k] + sd_drift * states[j]
    return out


@njit(cache=True, nogil=True)
def _emit(y, exposure, log_rate, rate, out):  # type: ignore[no-untyped-def]
    """Fill probabilities of one year's count by own level and state, times e^-scale; return the scale."""
    levels, size = log_rate.shape
    # A year without events must keep its scale: the state of having stopped has probability 1 there.
    scale = -np.inf if y > 0 else 0.0
    for k in range(levels):
        for j in range(size):
            out[k, j] = y * log_rate[k, j] - rate[k, j] * exposure
            if y > 0:
                scale = max(scale, out[k, j])
    for k in range(levels):
        for j in range(size):
            out[k, j] = np.exp(out[k, j] - scale)
    return scale


@njit(cache=True, nogil=True)
def _times(matrix_t, vector, out):  # type: ignore[no-untyped-def]
    """Fill ``out = matrix @ vector`` from the transposed matrix, along contiguous rows."""
    out[:] = 0.0
    for j in range(vector.size):
        for i in range(out.size):
            out[i] += matrix_t[j, i] * vector[j]


@njit(cache=True, nogil=True)
def _last_event(y):  # type: ignore[no-untyped-def]
    last = -1
    for t in range(y.size):
        if y[t] > 0:
            last = t
    return last


@njit(cache=True, nogil=True)
def _forward(emission, p, stationary, stay, alive):  # type: ignore[no-untyped-def]
    """Fill the joint weights of each year's state and the counts so far, by own level."""
    years, levels, size = emission.shape
    for k in range(levels):
        for j in range(size):
            alive[0, k, j] = stationary[j] * emission[0, k, j]
        for t in range(1, years):
            _times(p, alive[t - 1, k], alive[t, k])
            for j in range(size):
                alive[t, k, j] *= stay * emission[t, k, j]


@njit(cache=True, nogil=True)
def _backward(emission, p_t, stop, last, ahead, back):  # type: ignore[no-untyped-def]
    """Fill the weights of later counts given each year's state; `ahead` holds them before stopping is allowed for."""
    years, levels, size = emission.shape
    gamma = np.empty(size)
    back[years - 1] = 1.0
    for t in range(years - 2, -1, -1):
        stopped = 1.0 if last <= t else 0.0
        for k in range(levels):
            for j in range(size):
                gamma[j] = emission[t + 1, k, j] * back[t + 1, k, j]
            _times(p_t, gamma, ahead[t, k])
            for j in range(size):
                back[t, k, j] = (1 - stop) * ahead[t, k, j] + stop * stopped


@njit(cache=True, nogil=True)
def _add_score(y, exposure, times, theta, own, own_weight, states, work, slopes_t, last, total, score):  # type: ignore[no-untyped-def]
    """Add the derivatives of one person's log-likelihood: expected residuals and expected transitions."""
    emission, rates, alive, back, ahead = work
    years, levels, size = emission.shape
    stop = 1 / (1 + np.exp(-theta[STOP]))
    sd_own, sd_drift, gamma, bent = np.exp(theta[OWN]), np.exp(theta[DRIFT]), np.empty(size), np.empty(size)
    for t in range(years):
        stopped = 1.0 if last <= t else 0.0
        for k in range(levels):
            weight = own_weight[k] / total
            if t + 1 < years:
                for j in range(size):
                    gamma[j] = emission[t + 1, k, j] * back[t + 1, k, j]
                _times(slopes_t, gamma, bent)
            for j in range(size):
                here = weight * alive[t, k, j]
                residual = here * back[t, k, j] * (y[t] - exposure[t] * rates[t, k, j])
                score[LEVEL_AT] += residual
                score[TREND] += residual * times[t]
                score[OWN] += residual * own[k] * sd_own
                score[DRIFT] += residual * states[j] * sd_drift
                if t + 1 < years:
                    score[RETURN] += here * (1 - stop) * bent[j]
                    score[STOP] += here * stop * (1 - stop) * (stopped - ahead[t, k, j])


@njit(cache=True, nogil=True)
def likelihood(counts, exposure, times, theta, grid, p, slopes, log_lik, scores, filtered):  # type: ignore[no-untyped-def]
    """Fill each person's log-likelihood, its derivatives and the distribution of own level and state now.

    `counts` and `exposure` are (n, years), `filtered` (n, levels, states); constants of the counts are left out.
    Scores are skipped when their array is empty.
    """
    own, own_weight, states, stationary = grid
    people, years = counts.shape
    shape = (years, own.size, states.size)
    log_rates = _log_rates(times, theta, own, states)
    work = (np.empty(shape), np.exp(log_rates), np.empty(shape), np.empty(shape), np.zeros(shape))
    emission, rates, alive, back, ahead = work
    p_t, slopes_t = np.ascontiguousarray(p.T), np.ascontiguousarray(slopes.T)
    stop = 1 / (1 + np.exp(-theta[STOP]))
    for i in range(people):
        y, last, scale = counts[i], _last_event(counts[i]), 0.0
        for t in range(years):
            scale += _emit(y[t], exposure[i, t], log_rates[t], rates[t], emission[t])
        _forward(emission, p, stationary, 1 - stop, alive)
        _backward(emission, p_t, stop, last, ahead, back)
        total = 0.0
        for k in range(own.size):
            for j in range(states.size):
                total += own_weight[k] * alive[0, k, j] * back[0, k, j]
        if total <= 0:
            # Parameters so far off that nothing is left in double precision; a search turns back here.
            log_lik[i] = IMPOSSIBLE
            filtered[i] = 0.0
            continue
        log_lik[i] = np.log(total) + scale
        for k in range(own.size):
            for j in range(states.size):
                filtered[i, k, j] = own_weight[k] * alive[years - 1, k, j] / total
        if scores.size:
            _add_score(y, exposure[i], times, theta, own, own_weight, states, work, slopes_t, last, total, scores[i])
