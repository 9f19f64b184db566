"""Cells of tables of estimates, as release rules let them be given: value, interval and people."""

import math

from iom_causal.analysis.release import Release
from iom_causal.base.formats import fixed
from iom_causal.estimate import Estimate


def digits(e: Estimate, release: Release, most: int = 3) -> int:
    """Return the decimals of an estimate; below 0 are tens."""
    return release.digits(e.estimate, e.scale, e.n_used or 0, _half(e), most=most)


def given(value: float, decimals: int) -> str:
    """Return a figure to so many decimals."""
    return fixed(round(value, decimals) if math.isfinite(value) else value, max(0, decimals))


def value_and_interval(e: Estimate, release: Release) -> tuple[str, str]:
    """Return an estimate, or the ends of its set, and the interval around it."""
    decimals = digits(e, release)

    def ends(low: float | None, high: float | None) -> str:
        return "" if low is None or high is None else f"{given(low, decimals)} to {given(high, decimals)}"

    if e.estimate is None:
        return ends(e.set_low, e.set_high), ends(e.conf_low, e.conf_high)
    return given(e.estimate, decimals), ends(e.conf_low, e.conf_high)


def people(e: Estimate, release: Release) -> str:
    """Return how many people an estimate is of, out of how many."""
    used, everybody = release.count(e.n_used or 0), release.count(e.n_input or 0)
    return used if release.rules is not None and used == everybody else f"{used} of {everybody}"


def _half(e: Estimate) -> float:
    return math.nan if e.conf_low is None or e.conf_high is None else (e.conf_high - e.conf_low) / 2
