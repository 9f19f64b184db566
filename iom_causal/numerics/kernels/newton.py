"""Newton's method with damping and bounds, one step at a time, for compiled likelihoods.

The caller evaluates value, gradient and Hessian at ``state.theta`` and calls `advance` until it says stop. Each
step is halved while the likelihood falls, and a Hessian that is not negative definite gets a ridge.
"""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.errors import DegenerateDataError

Floats = NDArray[np.float64]

GOES_ON, CONVERGED, STUCK = 0, 1, 2
"""What `advance` says."""
DECREMENT = 1e-11
"""Squared distance to the optimum, in standard errors, from which one more step is the last: Newton's method
squares the distance."""
NOISE = 1e-10
"""A fall of the log likelihood by this share of its size is rounding."""
NEAR = 1e-2
"""Squared distance to the optimum below which a step is trusted: with few quadrature nodes the value and its
derivatives are of slightly different functions, and the zero of the derivatives is the answer."""
LONGEST = 3.0
"""No parameter, all of them logs, moves further in one step."""
MOST_STEPS = 200


class State(NamedTuple):
    """Where a search is; all arrays are written in place.

    Attributes
    ----------
    theta, low, high : ndarray
        (q,) the point to evaluate next, and bounds.
    best, step : ndarray
        (q,) the best point so far, and the full step from it.
    figures : ndarray
        Best value, share of the step being tried, evaluations so far, squared distance that the last full step
        was for.
    """

    theta: Floats
    low: Floats
    high: Floats
    best: Floats
    step: Floats
    figures: Floats


@njit(cache=True, nogil=True)
def start(theta, low, high):  # type: ignore[no-untyped-def]
    """Return the state of a search that has not evaluated anything yet."""
    begun = np.minimum(np.maximum(theta, low), high)
    figures = np.array([-np.inf, 1.0, 0.0, np.inf])
    return State(begun, low, high, begun.copy(), np.zeros(theta.size), figures)


@njit(cache=True, nogil=True)
def factor(matrix, ridge, out):  # type: ignore[no-untyped-def]
    """Write the Cholesky factor of ``ridge * I - matrix``; return whether there is one."""
    q = matrix.shape[0]
    for j in range(q):
        for i in range(j, q):
            total = -matrix[i, j] + (ridge if i == j else 0.0)
            for k in range(j):
                total -= out[i, k] * out[j, k]
            if i == j:
                if not total > 0.0:
                    return False
                out[i, i] = np.sqrt(total)
            else:
                out[i, j] = total / out[j, j]
    return True


@njit(cache=True, nogil=True)
def solve(lower, right, out):  # type: ignore[no-untyped-def]
    """Solve ``L L' out = right``."""
    q = right.size
    for i in range(q):
        total = right[i]
        for k in range(i):
            total -= lower[i, k] * out[k]
        out[i] = total / lower[i, i]
    for i in range(q - 1, -1, -1):
        total = out[i]
        for k in range(i + 1, q):
            total -= lower[k, i] * out[k]
        out[i] = total / lower[i, i]


@njit(cache=True, nogil=True)
def _hold_at_bounds(state, grad, hess):  # type: ignore[no-untyped-def]
    """Take out of the step what presses against its bound."""
    for j in range(grad.size):
        at_low = state.theta[j] <= state.low[j] and grad[j] <= 0.0
        if at_low or (state.theta[j] >= state.high[j] and grad[j] >= 0.0):
            grad[j] = 0.0
            hess[j, :] = 0.0
            hess[:, j] = 0.0
            hess[j, j] = -1.0


@njit(cache=True, nogil=True)
def _direction(state, grad, hess):  # type: ignore[no-untyped-def]
    """Fill the step from the present point; return the squared distance in standard errors."""
    q = grad.size
    size = 0.0
    for j in range(q):
        size = max(size, abs(hess[j, j]))
    lower, ridge, tries = np.zeros((q, q)), 0.0, 0
    while not factor(hess, ridge, lower):
        ridge = max(10.0 * ridge, 1e-4 * size + 1e-12)
        tries += 1
        if tries > 30:
            return -1.0
    solve(lower, grad, state.step)
    decrement = 0.0
    for j in range(q):
        decrement += grad[j] * state.step[j]
    longest = np.max(np.abs(state.step))
    if longest > LONGEST:
        state.step[:] *= LONGEST / longest
    return decrement


@njit(cache=True, nogil=True)
def advance(state, value, grad, hess):  # type: ignore[no-untyped-def]
    """Move to the next point to evaluate, or stop with ``state.theta`` the answer, not evaluated yet.

    ``grad`` and ``hess`` are altered where a bound holds.
    """
    figures = state.figures
    figures[2] += 1
    slack = NOISE * (1.0 + abs(figures[0])) + (NEAR if figures[3] < NEAR else 0.0)
    if np.isfinite(value) and (figures[2] == 1.0 or value >= figures[0] - slack):
        figures[0], figures[1] = max(value, figures[0]), 1.0
        state.best[:] = state.theta
        _hold_at_bounds(state, grad, hess)
        decrement = _direction(state, grad, hess)
        figures[3] = decrement if decrement >= 0.0 else np.inf
        if 0.0 <= decrement < DECREMENT:
            _move(state)
            return CONVERGED
        if decrement < 0.0 or figures[2] > MOST_STEPS:
            return STUCK
    else:
        figures[1] *= 0.5
        if figures[1] < 1e-9 or figures[2] > MOST_STEPS:
            state.theta[:] = state.best
            return STUCK
    _move(state)
    return GOES_ON


@njit(cache=True, nogil=True)
def _move(state):  # type: ignore[no-untyped-def]
    for j in range(state.theta.size):
        moved = state.best[j] + state.figures[1] * state.step[j]
        state.theta[j] = min(max(moved, state.low[j]), state.high[j])


def root(matrix: Floats) -> Floats:
    """Return the lower Cholesky factor of a positive definite matrix, the same whatever the processor's library.

    Raises
    ------
    DegenerateDataError
        IOM-E080 where the matrix is not positive definite.

    Examples
    --------
    >>> root(np.array([[4.0, 2.0], [2.0, 2.0]])).tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    lower = np.zeros(matrix.shape)
    if not factor(-np.asarray(matrix, dtype=np.float64), 0.0, lower):
        raise DegenerateDataError("IOM-E080", "expected figures that vary in every direction")
    return lower


def inverse(matrix: Floats) -> Floats:
    """Return the inverse of a positive definite matrix, the same whatever the processor's library.

    Examples
    --------
    >>> inverse(np.array([[2.0, 0.0], [0.0, 4.0]])).round(12).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    # Figures of unlike size are brought to one first, so that rounding is judged by what each figure holds.
    scale = np.sqrt(np.diag(matrix))
    lower, out = root(matrix / scale[:, None] / scale), np.empty(matrix.shape)
    for j, one in enumerate(np.eye(len(matrix))):
        solve(lower, one, out[j])
    return out / scale[:, None] / scale
