"""P-value implied by a reported statistic, with the rounding of the statistic carried through.

The comparison of a reported with a recomputed p-value follows statcheck (Nuijten et al. 2016): both
are intervals, and they agree when they have a value in common.
"""

from math import sqrt

from scipy.special import chdtrc, fdtrc, ndtr, stdtr, stdtrit

from iom_causal.errors import InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval

STATISTICS = {"t": 1, "r": 1, "z": 0, "F": 2, "chi2": 1}
"""The statistics whose p-value can be recomputed, and how many degrees of freedom each has."""

TWO_SIDED = frozenset({"t", "r", "z"})
"""The statistics that have a sign, so that one- and two-sided p-values differ."""


def p_value(statistic: str, value: float, df: tuple[float, ...] = (), *, tails: int = 2) -> float:
    """Return the p-value of a test statistic.

    Parameters
    ----------
    statistic : {"t", "r", "z", "F", "chi2"}
        Which statistic.
    value : float
        Its value; the sign is ignored.
    df : tuple of float
        Its degrees of freedom: one for t, r (n - 2) and chi2, two for F, none for z.
    tails : {1, 2}
        Sides of the test; F and chi2 have one p-value whatever is given.

    Raises
    ------
    InputError
        IOM-E101 for an unknown statistic, a wrong number of degrees of freedom or an impossible value.

    Examples
    --------
    >>> round(p_value("t", 2.20, (28,)), 6)
    0.036225
    >>> round(p_value("F", 2.20, (2, 28)), 6)
    0.129593
    """
    _check(statistic, value, df, tails)
    size = abs(float(value))
    if statistic == "F":
        return float(fdtrc(df[0], df[1], size))
    if statistic == "chi2":
        return float(chdtrc(df[0], size))
    if statistic == "z":
        return tails * float(ndtr(-size))
    if statistic == "r":
        size = size * sqrt(df[0]) / sqrt((1 - size) * (1 + size)) if size < 1 else float("inf")
    return tails * float(stdtr(df[0], -size))


def p_interval(statistic: str, value: Interval, df: tuple[float, ...] = (), *, tails: int = 2) -> Interval:
    """Return the p-values of every statistic inside a rounding interval.

    Examples
    --------
    >>> p = p_interval("t", Interval(2.195, 2.205), (28,))
    >>> round(p.low, 6), round(p.high, 6)
    (0.035836, 0.036619)
    """
    size = abs(value)
    top = min(size.high, 1.0) if statistic == "r" else size.high
    return Interval(p_value(statistic, top, df, tails=tails), p_value(statistic, size.low, df, tails=tails))


def statistic_for_p(statistic: str, p: float, df: tuple[float, ...]) -> float | None:
    """Return the t statistic whose two-sided p-value is p, or None for another statistic.

    Examples
    --------
    >>> round(statistic_for_p("t", 0.05, (224,)), 4)
    1.9706
    """
    if statistic != "t" or not 0 < p < 1:
        return None
    return float(-stdtrit(df[0], p / 2))


def _check(statistic: str, value: float, df: tuple[float, ...], tails: int) -> None:
    if statistic not in STATISTICS:
        raise InputError("IOM-E101", f"expected a statistic among {', '.join(STATISTICS)}, got {statistic!r}")
    if len(df) != STATISTICS[statistic] or any(d <= 0 for d in df):
        needed = STATISTICS[statistic]
        raise InputError(
            "IOM-E101", f"{statistic} needs {needed} degrees of freedom above 0, got {df}; check the print"
        )
    if tails not in {1, 2}:
        raise InputError("IOM-E101", f"expected 1 or 2 tails, got {tails}")
    if (statistic == "r" and abs(value) > 1) or (statistic not in TWO_SIDED and value < 0):
        raise InputError("IOM-E101", f"{statistic} = {value} is impossible; check the printed value")
