"""REML fit of a linear mixed model with a random intercept and one or two residual variances."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_REACH = 14.0  # of log variance ratios: beyond it a variance is at its boundary
_STEPS = 60
_HALVINGS = 30
_DIFFERENCE = 1e-4  # of a log ratio; the step's error only slows the last digits
_SOLVED = 1e-13  # of the score per row, near what rounding leaves
_LOOSE = 1e-7  # of the score per row, where rounding stopped the search
_ROUNDING = 1e-9  # of minus twice the log likelihood


class MixedFit(NamedTuple):
    """A fitted random-intercept model.

    Attributes
    ----------
    coefficients, cov : ndarray
        (p,) and (p, p), the variances taken as known.
    person_variance : float
        Of the random level; 0 at the boundary.
    residual_variances : tuple of float
        Before and after.
    log_likelihood : float
        Restricted.
    at_boundary : bool
        Whether a variance ended at 0.
    """

    coefficients: FloatArray
    cov: FloatArray
    person_variance: float
    residual_variances: tuple[float, float]
    log_likelihood: float
    at_boundary: bool


class _Data(NamedTuple):
    y: FloatArray
    matrix: FloatArray
    person: NDArray[np.int64]
    after: NDArray[np.bool_]


class _State(NamedTuple):
    # Everything at given variance ratios (person and after, each over the residual variance before).
    minus_twice: float
    score: FloatArray
    coefficients: FloatArray
    information: FloatArray
    scale: float


def fit_random_level(
    y: FloatArray, matrix: FloatArray, person: NDArray[np.int64], after: NDArray[np.bool_], *, by_window: bool
) -> MixedFit:
    """Fit a random level for each person by restricted maximum likelihood.

    Right for missing windows when what is missing depends only on what was seen. The log variance ratios
    solve the restricted score, so that coefficients have all their digits.

    Parameters
    ----------
    y, person, after : ndarray
        (rows,): outcomes, whole numbers from 0, and whether the row lies after.
    matrix : ndarray
        (rows, p), of full column rank.
    by_window : bool
        Whether rows after have a residual variance of their own.

    Returns
    -------
    MixedFit

    Notes
    -----
    Harville (1977), JASA 72, 320-338; a person's covariance is inverted by the Sherman-Morrison formula, so a
    step costs as much as there are rows.

    Examples
    --------
    >>> y = np.array([3.0, 1, 2, 2, 5, 0, 9, 6])
    >>> after = np.tile([False, True], 4)
    >>> X = np.column_stack([np.ones(8), after])
    >>> fit = fit_random_level(y, X, np.repeat(np.arange(4), 2), after, by_window=False)
    >>> fit.coefficients.round(6).tolist(), round(float(fit.cov[1, 1]) ** 0.5, 6)
    ([4.75, -2.5], 1.040833)
    """
    # What least squares explains is taken off first, so that a large level of the outcome costs no digits.
    level, *_ = np.linalg.lstsq(matrix, y)
    data = _Data(y - matrix @ level, matrix, person, after)
    logs, at_boundary = _by_window(data) if by_window else _common(data)
    ratios = np.exp(logs)
    person_ratio = 0.0 if logs[0] <= -_REACH else float(ratios[0])
    state = _evaluate(data, person_ratio, float(ratios[1]))
    return MixedFit(
        coefficients=level + state.coefficients,
        cov=state.scale * np.linalg.inv(state.information),
        person_variance=person_ratio * state.scale,
        residual_variances=(state.scale, float(ratios[1]) * state.scale),
        log_likelihood=-state.minus_twice / 2,
        at_boundary=at_boundary,
    )


def clustered_least_squares(
    y: FloatArray, matrix: FloatArray, person: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Fit ordinary least squares with the sandwich over people, times n / (n - 1).

    Parameters
    ----------
    y, matrix, person : ndarray
        As in `fit_random_level`.

    Returns
    -------
    tuple of ndarray
        Coefficients (p,) and covariance (p, p).

    Examples
    --------
    >>> y = np.array([3.0, 1, 2, 2, 5, 0, 9, 6])
    >>> X = np.column_stack([np.ones(8), np.tile([0.0, 1.0], 4)])
    >>> values, cov = clustered_least_squares(y, X, np.repeat(np.arange(4), 2))
    >>> values.round(6).tolist(), round(float(cov[1, 1]) ** 0.5, 6)
    ([4.75, -2.5], 1.040833)
    """
    inverse = np.linalg.inv(matrix.T @ matrix)
    values = inverse @ (matrix.T @ y)
    scores = _person_sums(matrix * (y - matrix @ values)[:, None], person)
    n = len(scores)
    return values, inverse @ (scores.T @ scores) @ inverse * n / (n - 1)


def _common(data: _Data) -> tuple[FloatArray, bool]:
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load

    def slope(log_ratio: float) -> float:
        return float(_evaluate(data, float(np.exp(log_ratio)), 1.0).score[0])

    if slope(-_REACH) <= 0:
        return np.array([-_REACH, 0.0]), True
    if slope(_REACH) >= 0:
        return np.array([_REACH, 0.0]), True
    return np.array([brentq(slope, -_REACH, _REACH, xtol=1e-13), 0.0]), False


def _by_window(data: _Data) -> tuple[FloatArray, bool]:
    logs = np.clip(_common(data)[0], -2.0, 2.0)
    state = _at(data, logs)
    for _ in range(_STEPS):
        if np.abs(state.score).max() < _SOLVED * len(data.y) or np.abs(logs).max() > _REACH - 2:
            break
        step = _ascent(data, logs, state.score)
        for _ in range(_HALVINGS):
            trial = _at(data, logs + step)
            if trial.minus_twice <= state.minus_twice + _ROUNDING:
                break
            step = step / 2
        logs, state = logs + step, trial
    solved = np.abs(state.score).max() < _LOOSE * len(data.y)
    return logs, not solved or bool(np.abs(logs).max() > _REACH - 2)


def _ascent(data: _Data, logs: FloatArray, score: FloatArray) -> FloatArray:
    # Newton's step on the score, or along it where the likelihood is not concave; never more than one log unit.
    steps = _DIFFERENCE * np.eye(2)
    slopes = np.stack([_at(data, logs + e).score - _at(data, logs - e).score for e in steps]) / (2 * _DIFFERENCE)
    hessian = (slopes + slopes.T) / 2
    concave = np.linalg.eigvalsh(hessian)[-1] < 0
    step = -np.linalg.solve(hessian, score) if concave else score
    return np.asarray(step / max(1.0, float(np.abs(step).max())))


def _at(data: _Data, logs: FloatArray) -> _State:
    return _evaluate(data, *(float(x) for x in np.exp(np.clip(logs, -_REACH, _REACH))))


def _evaluate(data: _Data, person_ratio: float, after_ratio: float) -> _State:
    residual = np.where(data.after, after_ratio, 1.0)
    size = np.bincount(data.person, 1 / residual)
    shrink = person_ratio / (1 + person_ratio * size)
    weighted = _inverse(data.matrix, data.person, residual, shrink)
    information = data.matrix.T @ weighted
    coefficients = np.linalg.solve(information, weighted.T @ data.y)
    solved = _inverse((data.y - data.matrix @ coefficients)[:, None], data.person, residual, shrink)
    free = len(data.y) - data.matrix.shape[1]
    scale = float(data.y @ solved[:, 0]) / free
    log_det = float(np.log(residual).sum() + np.log1p(person_ratio * size).sum())
    minus_twice = free * (np.log(2 * np.pi * scale) + 1) + log_det + float(np.linalg.slogdet(information)[1])
    unscaled = np.linalg.inv(information)
    sums, sums_solved = _person_sums(weighted, data.person), _person_sums(solved, data.person)
    own = (1 / residual - shrink[data.person] / residual**2)[data.after]
    score = np.array(
        [
            person_ratio * _slope(size / (1 + person_ratio * size), sums, sums_solved, unscaled, scale),
            after_ratio * _slope(own, weighted[data.after], solved[data.after], unscaled, scale),
        ]
    )
    return _State(float(minus_twice), score, coefficients, information, scale)


def _inverse(columns: FloatArray, person: NDArray[np.int64], residual: FloatArray, shrink: FloatArray) -> FloatArray:
    scaled = columns / residual[:, None]
    return scaled - _person_sums(scaled, person)[person] * shrink[person, None] / residual[:, None]


def _person_sums(columns: FloatArray, person: NDArray[np.int64]) -> FloatArray:
    return np.column_stack([np.bincount(person, column) for column in columns.T])


def _slope(own: FloatArray, rows: FloatArray, solved: FloatArray, unscaled: FloatArray, scale: float) -> float:
    # Half of |Z'Py|^2 / scale - tr(Z'PZ): rows is Z'V^-1 X, own the diagonal of Z'V^-1 Z, solved is Z'Py.
    trace = own.sum() - np.einsum("ij,jk,ik->", rows, unscaled, rows)
    return float((solved**2).sum() / scale - trace) / 2
