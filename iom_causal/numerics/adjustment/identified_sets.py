"""Imbens-Manski intervals for a partially identified quantity."""

from scipy.optimize import brentq
from scipy.special import ndtr

from iom_causal.errors import InputError
from iom_causal.numerics import LEVEL

_WIDEST = 40.0


def imbens_manski_critical(length: float, level: float = LEVEL) -> float:
    """Return the critical value ``c`` that solves ``Phi(c + length) - Phi(-c) = level``.

    It falls from the two-sided value, where the set is a point, to the one-sided value, where the set
    is long. `length` is the length of the set over the larger standard error of its ends.

    Examples
    --------
    >>> round(imbens_manski_critical(0.0), 4), round(imbens_manski_critical(50.0), 4)
    (1.96, 1.6449)
    """
    return float(brentq(lambda c: ndtr(c + length) - ndtr(-c) - level, 0.0, _WIDEST, xtol=1e-13))


def imbens_manski(
    low: float, high: float, se_low: float, se_high: float, *, level: float = LEVEL
) -> tuple[float, float]:
    """Return an interval that holds the quantity at `level`, wherever in [`low`, `high`] it is.

    Imbens & Manski (2004), Econometrica 72, 1845-1857. It is shorter than the interval that holds the
    whole set at that level.

    Parameters
    ----------
    low, high : float
        Estimates of the ends of the set.
    se_low, se_high : float
        Their standard errors.
    level : float
        Of the interval.

    Examples
    --------
    >>> [round(v, 3) for v in imbens_manski(-1.0, 1.0, 0.1, 0.1)]
    [-1.164, 1.164]
    """
    if not (low <= high and se_low >= 0 and se_high >= 0):
        raise InputError("IOM-E067", "expected low <= high and standard errors of 0 or more")
    largest = max(se_low, se_high)
    if largest == 0:
        return low, high
    critical = imbens_manski_critical((high - low) / largest, level)
    return low - critical * se_low, high + critical * se_high
