"""The paired t test and the two one-sided tests of equivalence, from moments."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.student_t import t_isf, t_sf
from iom_causal.numerics.inference.t_batch import two_sided_batch

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ALTERNATIVES = ("two-sided", "less", "greater")

TOO_FEW, NOBODY_CHANGED, ALL_ALIKE = 60, 62, 63


class PairedTest(NamedTuple):
    """A paired t test, each field an array over replicates.

    Attributes
    ----------
    estimate, std_error, statistic, df, p_value, conf_low, conf_high : ndarray
        The mean change (after minus before) and its test; NaN where `code` is not 0.
    code : ndarray
        0, or the number of the error: 60 too few people, 62 nobody changed, 63 all changed alike.
    """

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    code: IntArray


class Equivalence(NamedTuple):
    """Two one-sided tests, each field an array over replicates.

    Attributes
    ----------
    t_low, t_high : ndarray
        Statistics against the lower and the upper bound.
    p_value : ndarray
        The larger of the two one-sided p-values.
    """

    t_low: FloatArray
    t_high: FloatArray
    p_value: FloatArray


def degenerate(m: PairedMoments) -> IntArray:
    """Find the replicates whose paired t is undefined, as numbers of error codes, 0 for none."""
    code = np.where(m.n < 2, TOO_FEW, 0)
    still = np.where(m.mean_change == 0, NOBODY_CHANGED, ALL_ALIKE)
    return np.asarray(np.where((code == 0) & (m.sd_change == 0), still, code), np.int64)


def t_statistic(m: PairedMoments) -> FloatArray:
    """Compute the paired t, after minus before; NaN where it is undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = m.mean_change / (m.sd_change / np.sqrt(m.n))
    return np.asarray(np.where(degenerate(m) == 0, t, np.nan))


def paired_t(m: PairedMoments, *, level: float, alternative: str = "two-sided") -> PairedTest:
    """Test whether the mean change is zero; right for independent people and large n or normal changes.

    Parameters
    ----------
    m : PairedMoments
        Of any shape.
    level : float
        Confidence level, in (0, 1).
    alternative : {"two-sided", "less", "greater"}
        "less": after is less than before. One-sided tests have one-sided intervals.

    Returns
    -------
    PairedTest
        Arrays of the moments' shape.

    Raises
    ------
    InputError
        IOM-E092 for another alternative.

    Notes
    -----
    Student (1908).

    Examples
    --------
    >>> from iom_causal.numerics.inference.paired_moments import paired_moments
    >>> test = paired_t(paired_moments(np.array([[3, 1], [2, 2], [5, 0]])), level=0.95)
    >>> round(float(test.statistic), 4), round(float(test.p_value), 4)
    (-1.6059, 0.2495)
    """
    if alternative not in ALTERNATIVES:
        raise InputError("IOM-E092", f"alternative: expected one of {', '.join(ALTERNATIVES)}, got {alternative!r}")
    code = degenerate(m)
    df = m.n - 1
    se = np.where(code == 0, m.sd_change / np.sqrt(np.maximum(m.n, 1)), np.nan)
    t = np.asarray(m.mean_change / se)
    low, high = (m.mean_change + x * se for x in _ends(df, level, alternative))
    return PairedTest(m.mean_change, se, t, df, _p_value(t, df, alternative), low, high, code)


def equivalence(m: PairedMoments, *, low: float, high: float) -> Equivalence:
    """Test whether the mean change lies between two bounds, by two one-sided t tests (Schuirmann 1987).

    Parameters
    ----------
    m : PairedMoments
        Of any shape.
    low, high : float
        The bounds of what counts as no relevant change, after minus before.

    Returns
    -------
    Equivalence
        Statistics and the larger p-value; NaN where the t test is undefined.

    Examples
    --------
    >>> from iom_causal.numerics.inference.paired_moments import paired_moments
    >>> pairs = np.array([[4, 6], [7, 8], [8, 7], [6, 10], [3, 11], [2, 9]])
    >>> round(float(equivalence(paired_moments(pairs), low=-0.5, high=0.5).p_value), 6)
    0.954854
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.where(degenerate(m) == 0, m.sd_change / np.sqrt(m.n), np.nan)
    above, below = (m.mean_change - low) / se, (m.mean_change - high) / se
    df = np.maximum(m.n - 1, 1)
    return Equivalence(above, below, np.maximum(t_sf(above, df), t_sf(-below, df)))


def _ends(df: FloatArray, level: float, alternative: str) -> tuple[FloatArray, FloatArray]:
    q = t_isf((1 - level) / (2 if alternative == "two-sided" else 1), np.maximum(df, 1))
    low = np.full_like(q, -np.inf) if alternative == "less" else -q
    high = np.full_like(q, np.inf) if alternative == "greater" else q
    return low, high


def _p_value(t: FloatArray, df: FloatArray, alternative: str) -> FloatArray:
    if alternative == "two-sided":
        return two_sided_batch(t, df)
    return t_sf(t if alternative == "greater" else -t, np.maximum(df, 1))
