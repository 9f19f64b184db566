"""Random-effects heterogeneity of groups: REML variance, shrinkage, Cochran's Q and equivalence."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from iom_causal.numerics.inference.student_t import t_isf, t_sf

FloatArray = NDArray[np.float64]


class Pooled(NamedTuple):
    """Group values drawn towards their mean.

    Attributes
    ----------
    mean, mean_se : float
        The mean over groups and its standard error.
    values, std_errors : ndarray
        (K,) values drawn together, with the uncertainty of the mean in their standard errors.
    """

    mean: float
    mean_se: float
    values: FloatArray
    std_errors: FloatArray


class Equivalent(NamedTuple):
    """Two one-sided tests of whether a difference lies within a margin of 0.

    Attributes
    ----------
    p_value : float
        The larger of the two.
    smallest_margin : float
        The smallest margin that the tests would support at level alpha.
    """

    p_value: float
    smallest_margin: float


def reml_variance(values: FloatArray, variances: FloatArray) -> float:
    """Estimate the variance between groups by restricted maximum likelihood, 0 where it ends at the boundary.

    Parameters
    ----------
    values, variances : ndarray
        (K,) group estimates and their squared standard errors, taken as known.

    Notes
    -----
    The root of the restricted score (Viechtbauer 2005, J. Educ. Behav. Stat. 30, 261-293). With equal variances it is
    the sample variance less that variance.

    Examples
    --------
    >>> round(reml_variance(np.array([1.0, 2.0, 4.0]), np.full(3, 0.5)), 6)
    1.833333
    """

    def score(tau2: float) -> float:
        w = 1 / (variances + tau2)
        left = values - (w @ values) / w.sum()
        return float(((w * left) ** 2).sum() - w.sum() + (w**2).sum() / w.sum())

    return _root_from_zero(score, float(np.ptp(values)) ** 2)


def heterogeneity_q(values: FloatArray, variances: FloatArray) -> tuple[float, float]:
    """Compute Cochran's Q and its p-value under equal groups, by chi-squared with K - 1 degrees of freedom.

    Examples
    --------
    >>> [round(x, 4) for x in heterogeneity_q(np.array([1.0, 2.0, 4.0]), np.full(3, 0.5))]
    [9.3333, 0.0094]
    """
    q = _generalised_q(values, variances, 0.0)
    return q, float(special.chdtrc(len(values) - 1, q))


def q_profile(values: FloatArray, variances: FloatArray, level: float) -> tuple[float, float]:
    """Find limits of the variance between groups by inverting the generalised Q statistic.

    Parameters
    ----------
    values, variances : ndarray
        (K,).
    level : float
        Confidence level; the lower limit is 0 where the data leave no other.

    Notes
    -----
    Viechtbauer (2007), Stat. Med. 26, 37-52: exact where the groups' variances are known.

    Examples
    --------
    >>> [round(x, 4) for x in q_profile(np.array([1.0, 2.0, 4.0]), np.full(3, 0.5), 0.95)]
    [0.1325, 91.6617]
    """
    df = len(values) - 1

    def limit(q: float) -> float:
        return _root_from_zero(lambda tau2: _generalised_q(values, variances, tau2) - q, float(np.ptp(values)) ** 2)

    return limit(float(special.chdtri(df, (1 - level) / 2))), limit(float(special.chdtri(df, (1 + level) / 2)))


def draw_together(values: FloatArray, variances: FloatArray, between: float) -> Pooled:
    """Draw group values towards their mean by how little is known of each (empirical Bayes).

    Parameters
    ----------
    values, variances : ndarray
        (K,).
    between : float
        The variance between groups.

    Notes
    -----
    The posterior of a normal model at the given variance, with a flat prior for the mean (Morris 1983, JASA 78, 47-55).

    Examples
    --------
    >>> draw_together(np.array([1.0, 3.0]), np.array([1.0, 1.0]), 1.0).values.tolist()
    [1.5, 2.5]
    """
    w = 1 / (variances + between)
    mean, mean_variance = float(w @ values / w.sum()), 1 / float(w.sum())
    pull = variances * w
    spread = variances * (1 - pull) + pull**2 * mean_variance
    return Pooled(mean, mean_variance**0.5, values + pull * (mean - values), np.sqrt(spread))


def equivalence_of(difference: float, std_error: float, df: float, *, margin: float, alpha: float = 0.05) -> Equivalent:
    """Test whether a difference lies within a margin of 0, by two one-sided t tests.

    Parameters
    ----------
    difference, std_error, df : float
        The estimate with its t distribution.
    margin : float
        The largest difference that does not matter.
    alpha : float
        The level for the smallest margin.

    Notes
    -----
    Schuirmann (1987), J. Pharmacokin. Biopharm. 15, 657-680.

    Examples
    --------
    >>> e = equivalence_of(0.1, 0.05, 50, margin=0.25)
    >>> round(e.p_value, 6), round(e.smallest_margin, 4)
    (0.002101, 0.1838)
    """
    below, above = t_sf((difference + margin) / std_error, df), t_sf((margin - difference) / std_error, df)
    reach = abs(difference) + float(t_isf(alpha, df)) * std_error
    return Equivalent(float(max(below, above)), reach)


def _generalised_q(values: FloatArray, variances: FloatArray, tau2: float) -> float:
    w = 1 / (variances + tau2)
    return float(w @ (values - (w @ values) / w.sum()) ** 2)


def _root_from_zero(falling: Callable[[float], float], reach: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load

    if falling(0.0) <= 0:
        return 0.0
    while falling(reach) > 0:
        reach *= 4
    return float(brentq(falling, 0.0, reach, xtol=1e-14 * reach))
