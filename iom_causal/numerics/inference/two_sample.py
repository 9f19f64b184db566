"""Two-sample tests: Student's t with a pooled variance, and Welch's contrast of two independent estimates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.inference.student_t import t_isf, t_two_sided

Floats = NDArray[np.float64]


def pooled_t(values: Floats, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Floats:
    """Compute Student's two-sample t with a pooled variance; NaN values are left out.

    Parameters
    ----------
    values : ndarray, (R, n)
        One row a replicate.
    first, second : ndarray of bool, (R, n)
        Who belongs to each group; at least two people with a value in one, and one in the other.

    Returns
    -------
    ndarray, (R,)
        Mean of the first minus mean of the second over its standard error, with ``n1 + n2 - 2`` degrees
        of freedom (Student 1908).

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 3.0, 5.0, 7.0]])
    >>> women = np.array([[True, True, False, False, False]])
    >>> pooled_t(values, women, ~women).round(4).tolist()
    [-2.2778]
    """
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    n, mean, squares = zip(*(_group(filled, known & group) for group in (first, second)), strict=True)
    variance = (squares[0] + squares[1]) / (n[0] + n[1] - 2)
    return np.asarray((mean[0] - mean[1]) / np.sqrt(variance * (1 / n[0] + 1 / n[1])))


class Contrast(NamedTuple):
    """Difference of two independent estimates, each field an array over replicates; NaN where it has no error."""

    difference: Floats
    std_error: Floats
    statistic: Floats
    df: Floats
    p_value: Floats
    low: Floats
    high: Floats


def welch_contrast(
    estimates: tuple[Floats, Floats], variances: tuple[Floats, Floats], dfs: tuple[Floats, Floats], level: float
) -> Contrast:
    """Compute Welch's t interval and p-value of the first of two independent estimates minus the second.

    Parameters
    ----------
    estimates, variances, dfs : tuple of ndarray
        (R,) each: the estimates, their squared standard errors, and the degrees of freedom of these.
    level : float
        Confidence level, in (0, 1).

    Examples
    --------
    >>> both = welch_contrast((np.array(-0.5), np.array(-0.1)), (np.array(0.01), np.array(0.03)), (9, 9), 0.95)
    >>> round(float(both.difference), 2), round(float(both.std_error), 2), round(float(both.df), 2)
    (-0.4, 0.2, 14.4)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.asarray(estimates[0] - estimates[1])
        total = variances[0] + variances[1]
        se = np.where(np.isfinite(difference) & np.isfinite(total) & (total > 0), np.sqrt(total), np.nan)
        df = np.where(np.isnan(se), np.nan, welch_df(variances[0], dfs[0], variances[1], dfs[1]))
        t = difference / se
        half = t_isf((1 - level) / 2, df) * se
    return Contrast(difference, se, t, df, t_two_sided(t, df), difference - half, difference + half)


def welch_df(first: ArrayLike, first_df: ArrayLike, second: ArrayLike, second_df: ArrayLike) -> Floats:
    """Compute Welch's degrees of freedom of a difference of two independent estimates.

    Parameters
    ----------
    first, second : array_like
        Squared standard errors.
    first_df, second_df : array_like
        Their degrees of freedom.

    Examples
    --------
    >>> float(welch_df(1.0, 10, 1.0, 10))
    20.0
    """
    one, other = np.asarray(first, float), np.asarray(second, float)
    return np.asarray((one + other) ** 2 / (one**2 / first_df + other**2 / second_df))


def _group(values: Floats, members: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    n = members.sum(axis=-1).astype(float)
    mean = (values * members).sum(axis=-1) / n
    return n, mean, (members * (values - mean[..., None]) ** 2).sum(axis=-1)
