"""Omitted variable bias in partial R squared: robustness values, adjusted estimates, bounds from observed covariates.

Cinelli & Hazlett (2020), J. R. Stat. Soc. B 82, 39-67. All of it is exact algebra of least squares with one omitted
column, or with a group of them as one; standard errors are the usual ones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from iom_causal.errors import DegenerateDataError

type Floats = NDArray[np.float64]

_PERFECT = 1e-20
"""Of a sum of squares: only rounding is left."""


class Adjusted(NamedTuple):
    """A coefficient as it would be with the omitted variable in the regression."""

    estimate: Floats
    std_error: Floats
    t: Floats


class Strengths(NamedTuple):
    """Partial R squared of an omitted variable with the treatment, and with the outcome given the treatment.

    NaN where no such variable exists, for its R squared with the treatment would be above 1.
    """

    treatment: Floats
    outcome: Floats


class Regression(NamedTuple):
    """The coefficient of a treatment, and partial R squared of groups of covariates."""

    estimate: float
    std_error: float
    df: int
    treatment: Floats
    outcome: Floats


def partial_r2(t: ArrayLike, df: ArrayLike) -> Floats:
    """Return the partial R squared of a coefficient from its t.

    Examples
    --------
    >>> round(float(partial_r2(4.18445, 783)), 5)
    0.02187
    """
    squared = np.square(np.asarray(t, dtype=np.float64))
    return np.asarray(squared / (squared + np.asarray(df)))


def robustness_value(t: ArrayLike, df: ArrayLike, *, share: ArrayLike = 1.0, level: float | None = None) -> Floats:
    """Return the partial R squared, alike with treatment and outcome, that takes away a share of an estimate.

    Parameters
    ----------
    t, df : array_like
        Of the coefficient.
    share : array_like
        Of the estimate, above 0.
    level : float, optional
        Of an interval that is to reach what is left of the estimate then; by default the estimate itself is.

    Returns
    -------
    ndarray
        From 0, where the interval reaches that as it is, to 1.

    Examples
    --------
    >>> float(robustness_value(11.64, 224).round(6)), float(robustness_value(11.64, 224, level=0.95).round(6))
    (0.532031, 0.470086)
    """
    degrees = np.asarray(df, dtype=np.float64)
    f = np.asarray(share) * np.abs(np.asarray(t, dtype=np.float64)) / np.sqrt(degrees)
    if level is None:
        return _even(f)
    critical = stdtrit(degrees - 1, (1 + level) / 2) / np.sqrt(degrees - 1)
    above = np.maximum(f - critical, 0.0)
    # With both R squared alike it is of the interval only where the standard error does not shrink faster.
    corner = np.maximum(f**2 - critical**2, 0.0) / (1 + f**2)
    return np.asarray(np.where((above > 0) & (f * critical > 1), corner, _even(above)))


def _even(f: Floats) -> Floats:
    # (sqrt(f^4 + 4 f^2) - f^2) / 2, without the difference of large numbers.
    return np.asarray(2 * f / (np.sqrt(f**2 + 4) + f))


def omitted_bias(std_error: ArrayLike, df: ArrayLike, treatment: ArrayLike, outcome: ArrayLike) -> Floats:
    """Return the size of the bias that an omitted variable of these partial R squared makes.

    Examples
    --------
    >>> round(float(omitted_bias(0.02325654, 783, 0.00916429, 0.12464092)), 6)
    0.022096
    """
    d, y = np.asarray(treatment, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    with np.errstate(divide="ignore"):  # a variable that is the treatment
        return np.asarray(np.asarray(std_error) * np.sqrt(np.asarray(df) * y * d / (1 - d)))


def adjusted(
    estimate: ArrayLike, std_error: ArrayLike, df: ArrayLike, treatment: ArrayLike, outcome: ArrayLike
) -> Adjusted:
    """Return estimate, standard error and t with the omitted variable in, its bias away from 0.

    Examples
    --------
    >>> found = adjusted(0.09731582, 0.02325654, 783, 0.00916429, 0.12464092)
    >>> [round(float(v), 4) for v in found]
    [0.0752, 0.0219, 3.4389]
    """
    d, y, degrees = (np.asarray(v, dtype=np.float64) for v in (treatment, outcome, df))
    centre = np.asarray(estimate, dtype=np.float64)
    moved = np.sign(centre) * (np.abs(centre) - omitted_bias(std_error, degrees, d, y))
    error = np.asarray(std_error) * np.sqrt((1 - y) / (1 - d) * degrees / (degrees - 1))
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing of the outcome is left
        return Adjusted(moved, np.asarray(error), np.asarray(moved / error))


def benchmark(treatment: ArrayLike, outcome: ArrayLike, times: ArrayLike = 1.0) -> Strengths:
    """Return the most that a variable `times` as strong as an observed group of covariates can have.

    As strong: its R squared with the treatment, and with the outcome, given the other covariates, are `times` those of
    the group. The one with the outcome is at most 1.

    Parameters
    ----------
    treatment, outcome : array_like
        Partial R squared of the group with the treatment, given the other covariates; with the outcome, given these
        and the treatment. Below 1.
    times : array_like
        Above 0.

    Examples
    --------
    >>> strengths = benchmark(0.00908107, 0.10903, [1, 2, 3])
    >>> strengths.treatment.round(4).tolist(), strengths.outcome.round(3).tolist()
    ([0.0092, 0.0183, 0.0275], [0.125, 0.249, 0.374])
    """
    d, y, k = (np.asarray(v, dtype=np.float64) for v in (treatment, outcome, times))
    with_treatment = k * d / (1 - d)
    with np.errstate(divide="ignore", invalid="ignore"):
        beside = k * d**2 / ((1 - k * d) * (1 - d))
        with_outcome = ((np.sqrt(k) + np.sqrt(beside)) / np.sqrt(1 - beside)) ** 2 * (y / (1 - y))
    exists = (with_treatment < 1) & (k * d < 1) & (beside < 1)
    return Strengths(np.where(exists, with_treatment, np.nan), np.where(exists, np.minimum(with_outcome, 1.0), np.nan))


def regress(y: Floats, treatment: Floats, covariates: Floats, groups: NDArray[np.bool_]) -> Regression:
    """Return the coefficient of a treatment by least squares with an intercept, and what groups of covariates explain.

    Parameters
    ----------
    y, treatment : ndarray
        (n,).
    covariates : ndarray
        (n, p) columns of full rank with the intercept.
    groups : ndarray
        (g, p) which columns belong to each group.

    Raises
    ------
    DegenerateDataError
        IOM-E065 where the covariates tell the treatment, or nothing of the outcome is left over.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    >>> fit = regress(np.array([1.0, 0, 2, 4, 3]), np.array([0.0, 1, 0, 1, 1]), x, np.array([[True]]))
    >>> round(fit.estimate, 4), fit.df, fit.treatment.round(4).tolist()
    (-0.75, 2, [0.3333])
    """
    base = np.column_stack([np.ones(len(y)), covariates])
    d_left, y_left = (_left(base, column) for column in (treatment, y))
    if d_left @ d_left <= _PERFECT * (treatment @ treatment):
        raise DegenerateDataError("IOM-E065", "the covariates tell exactly who was managed; name fewer of them")
    estimate = float(d_left @ y_left / (d_left @ d_left))
    residual = y_left - estimate * d_left
    if residual @ residual <= _PERFECT * (y @ y):
        raise DegenerateDataError("IOM-E065", "the covariates and the contrast leave nothing of the outcome over")
    df = len(y) - base.shape[1] - 1
    error = float(np.sqrt(residual @ residual / df / (d_left @ d_left)))
    with_treatment, with_outcome = [], []
    for group in groups:
        others = np.column_stack([np.ones(len(y)), covariates[:, ~group]])
        without = _left(others, treatment)
        with_treatment.append(1 - (d_left @ d_left) / (without @ without))
        without = _left(np.column_stack([others, treatment]), y)
        with_outcome.append(1 - (residual @ residual) / (without @ without))
    r2 = (np.clip(np.array(values, dtype=np.float64), 0.0, 1.0) for values in (with_treatment, with_outcome))
    return Regression(estimate, error, df, *r2)


def _left(columns: Floats, y: Floats) -> Floats:
    basis = np.linalg.qr(columns)[0]
    left = y - basis @ (basis.T @ y)
    return np.asarray(left - basis @ (basis.T @ left))  # twice is enough
