"""Largest group difference consistent with a report of "no significant difference"."""

from math import sqrt

from scipy.special import nctdtr, ndtri, stdtrit

from iom_causal.errors import InputError

_HALVINGS = 60  # to the last digit of a double


def largest_undetected(n1: int, n2: int, *, level: float) -> float:
    """Return the largest standardised difference at which a two-sample t test says p > 1 - level.

    Parameters
    ----------
    n1, n2 : int
        People in each group.
    level : float
        One minus the level of the test.

    Returns
    -------
    float
        Difference in units of the common SD within groups: ``t* sqrt(1/n1 + 1/n2)``.

    Examples
    --------
    >>> round(largest_undetected(189, 36, level=0.95), 3)
    0.358
    """
    _check(n1, n2)
    return float(stdtrit(n1 + n2 - 2, (1 + level) / 2)) * sqrt(1 / n1 + 1 / n2)


def difference_with_power(n1: int, n2: int, *, level: float, power: float) -> float:
    """Return the standardised difference that a two-sided two-sample t test finds with a given power.

    Examples
    --------
    >>> round(difference_with_power(189, 36, level=0.95, power=0.8), 2)
    0.51
    """
    _check(n1, n2)
    if not 1 - level < power < 1:
        raise InputError("IOM-E092", f"expected a power between {1 - level:.2g} and 1, got {power}; choose one inside")
    df, critical = n1 + n2 - 2, float(stdtrit(n1 + n2 - 2, (1 + level) / 2))

    low, high = 0.0, critical + float(ndtri(power)) + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = 1 - nctdtr(df, middle, critical) + nctdtr(df, middle, -critical)
        low, high = (middle, high) if reached < power else (low, middle)
    return low * sqrt(1 / n1 + 1 / n2)


def sd_within(sd: float, n1: int, n2: int, *, level: float) -> float:
    """Return the SD within two groups when their means are as far apart as p > 1 - level allows.

    The total sum of squares splits into that within and that between the groups, so that
    ``(n - 1) sd**2 = (n - 2 + t*^2) sd_within**2``.

    Examples
    --------
    >>> round(sd_within(4.75, 189, 36, level=0.95), 2)
    4.72
    """
    _check(n1, n2)
    n = n1 + n2
    critical = float(stdtrit(n - 2, (1 + level) / 2))
    return sd * sqrt((n - 1) / (n - 2 + critical**2))


def _check(n1: int, n2: int) -> None:
    if min(n1, n2) < 1 or n1 + n2 < 3:
        raise InputError("IOM-E101", f"expected at least 3 people in two groups, got {n1} and {n2}; check the print")
