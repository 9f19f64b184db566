"""Cells of tables of estimates, as release rules let them be given: value, interval and people."""

import math

from iom_causal.analysis.release import Release
from iom_causal.base.formats import fixed
from iom_causal.estimate import Estimate

LARGE, HUGE = 100, 10_000
"""Ratios from which on digits tell nothing: of the one three are given, of the other none."""


def digits(e: Estimate, release: Release, most: int = 3) -> int:
    """Return the decimals of an estimate; below 0 are tens."""
    return release.digits(e.estimate, e.scale, e.n_used or 0, _half(e), most=most)


def given(value: float, decimals: int) -> str:
    """Return a figure to so many decimals."""
    return fixed(round(value, decimals) if math.isfinite(value) else value, max(0, decimals))


def value_and_interval(e: Estimate, release: Release) -> tuple[str, str]:
    """Return an estimate, or the ends of its set, and the interval around it."""
    decimals = digits(e, release)

    def shown(value: float) -> str:
        return _ratio(value, decimals) if e.scale == "ratio" else given(value, decimals)

    def ends(low: float | None, high: float | None) -> str:
        return "" if low is None or high is None else f"{shown(low)} to {shown(high)}"

    if e.estimate is None:
        return ends(e.set_low, e.set_high), ends(e.conf_low, e.conf_high)
    return shown(e.estimate), ends(e.conf_low, e.conf_high)


def _ratio(value: float, decimals: int) -> str:
    """Return a ratio, of which a large one has three digits and a huge one none.

    Examples
    --------
    >>> _ratio(0.8, 3), _ratio(2016.07, 3), _ratio(968376948.051, 3)
    ('0.800', '2,020', 'over 10,000')
    """
    if not value < HUGE:
        return f"over {HUGE:,}"
    return given(value, decimals) if value < LARGE else given(value, min(decimals, 2 - math.floor(math.log10(value))))


def people(e: Estimate, release: Release) -> str:
    """Return how many people an estimate is of, out of how many."""
    used, everybody = release.count(e.n_used or 0), release.count(e.n_input or 0)
    return used if release.rules is not None and used == everybody else f"{used} of {everybody}"


def _half(e: Estimate) -> float:
    return math.nan if e.conf_low is None or e.conf_high is None else (e.conf_high - e.conf_low) / 2
