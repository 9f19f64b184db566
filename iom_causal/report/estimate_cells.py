"""Cells of tables of estimates, as release rules let them be given: value, interval and people."""

import math
from typing import Any, NamedTuple

from iom_causal.analysis.release import Release, arm
from iom_causal.base.formats import fixed
from iom_causal.data.release.disclosure import nearest, outward
from iom_causal.estimate import Estimate

LARGE, HUGE = 100, 10_000
"""Ratios from which on digits tell nothing: of the one three are given, of the other none."""


class Given(NamedTuple):
    """An estimate with its limits, or the ends of its set, as they may be given.

    Attributes
    ----------
    estimate, set_low, set_high, conf_low, conf_high : float or None
        Multiples of the step.
    decimals : int
        Those of the step; below 0 are tens.
    """

    estimate: float | None
    set_low: float | None
    set_high: float | None
    conf_low: float | None
    conf_high: float | None
    decimals: int


def given(e: Estimate, release: Release, most: int = 3) -> Given:
    """Return an estimate and its limits as they may be given."""
    half = arm(e.estimate, e.conf_low, e.conf_high)
    step = release.step(e.estimate, e.scale, e.n_used or 0, half, e.outcome, most=most)

    decimals = -math.floor(math.log10(step))
    if not release.guarded:
        return Given(e.estimate, e.set_low, e.set_high, e.conf_low, e.conf_high, decimals)
    value = None if e.estimate is None else nearest(e.estimate, step)
    of_set, limits = outward(e.set_low, e.set_high, step), outward(e.conf_low, e.conf_high, step)
    return Given(value, *of_set, *limits, decimals)


def part(value: float, n: int, e: Estimate, release: Release) -> float:
    """Return a ratio of `n` of the people of a ratio as it may be given: in proportion as certain as the whole."""
    half = arm(e.estimate, e.conf_low, e.conf_high) * value / (e.estimate or 1.0)
    return nearest(value, release.step(value, "ratio", n, half, e.outcome))


def as_drawn(e: Estimate, release: Release) -> dict[str, Any]:
    """Return a row of an estimate for a drawing: of people no pixel tells more than the page."""
    row = e.row()
    if not release.guarded:
        return row
    shown = given(e, release)._asdict()
    return row | {name: shown[name] for name in row.keys() & shown.keys()}


def value_and_interval(e: Estimate, release: Release) -> tuple[str, str]:
    """Return an estimate, or the ends of its set, and the interval around it."""
    shown = given(e, release)

    ratio = e.scale == "ratio"

    def ends(low: float | None, high: float | None) -> str:
        if low is None or high is None:
            return ""
        texts = _ratios(low, high, shown.decimals) if ratio else (_text(v, shown.decimals) for v in (low, high))
        return " to ".join(texts)

    if shown.estimate is None:
        return ends(shown.set_low, shown.set_high), ends(shown.conf_low, shown.conf_high)
    value = _ratio(shown.estimate, shown.decimals) if ratio else _text(shown.estimate, shown.decimals)
    return value, ends(shown.conf_low, shown.conf_high)


def _text(value: float, decimals: int) -> str:
    return fixed(round(value, decimals) if math.isfinite(value) else value, max(0, decimals))


def _ratio(value: float, decimals: int) -> str:
    """Return a ratio, of which a large one has three digits and a huge one none.

    Examples
    --------
    >>> _ratio(0.8, 3), _ratio(2016.07, 3), _ratio(968376948.051, 3)
    ('0.800', '2,020', 'over 10,000')
    """
    return _text(value, _places(value, decimals)) if value < HUGE else f"over {HUGE:,}"


def _ratios(low: float, high: float, decimals: int) -> tuple[str, str]:
    """Return the ends of ratios: large ones are rounded outward, and of a small lower one no more than 0 is told.

    Examples
    --------
    >>> _ratios(2016.07, 2016.07, 3), _ratios(0.0004, 0.52, 3), _ratios(0.0, 0.52, 2)
    (('2,010', '2,020'), ('under 0.001', '0.520'), ('0.00', '0.52'))
    """
    texts = [
        _ratio(end if not LARGE <= end < HUGE else outward(end, end, 10.0 ** -_places(end, decimals))[k], decimals)
        for k, end in enumerate((low, high))
    ]
    under = 0 < low < 0.5 * 10.0**-decimals
    return f"under {fixed(10.0**-decimals, decimals)}" if under else texts[0], texts[1]


def _places(value: float, decimals: int) -> int:
    return decimals if value < LARGE else min(decimals, 2 - math.floor(math.log10(value)))


def people(e: Estimate, release: Release) -> str:
    """Return how many people an estimate is of, out of how many."""
    used, everybody = release.count(e.n_used or 0), release.count(e.n_input or 0)
    return used if release.rules is not None and used == everybody else f"{used} of {everybody}"
