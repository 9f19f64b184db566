"""Draws, central values, range corners and bounds of the beliefs of a specification, by field name (theta).

Fields annotated as `Belief` are the ones that vary. A distribution is drawn, a number repeats itself,
and a `Range` is neither drawn nor averaged: it is visited at its ends, because a set has no middle.
"""

import math
from collections.abc import Mapping
from dataclasses import fields
from itertools import product
from typing import Any, NamedTuple, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs.belief import Belief, Range, draws, stated, support
from iom_causal.beliefs.distributions import END, LOG_SPREAD, PLACE, SPREAD, Distribution
from iom_causal.errors import SpecError
from iom_causal.numerics.plain import plain_numbers

type Floats = NDArray[np.float64]
type Theta = Mapping[str, Any]


@runtime_checkable
class Ranged(Protocol):
    """Protocol of settings with beliefs whose result may turn inside a range of them."""

    range_points: int
    """At how many evenly spaced values a range is visited, ends included."""


class Bounds(NamedTuple):
    """The values that a field may take: from `low` to `high`, the ends included or not.

    What is stated at `percent_from` or above looks like a percentage, and is asked about.
    """

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False
    percent_from: float = math.inf

    def holds(self, value: float) -> bool:
        """Whether the value is inside."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below

    def __str__(self) -> str:
        if self.low == -math.inf:
            return "a finite number"
        start = f"above {self.low:g}" if self.open_low else f"{self.low:g} or more"
        if self.high == math.inf:
            return f"a number {start}"
        return f"a number {start} and {'below' if self.open_high else 'at most'} {self.high:g}"


ANY = Bounds(-math.inf, math.inf)
POSITIVE = Bounds(0.0, math.inf, open_low=True)
AT_LEAST_ZERO = Bounds(0.0, math.inf)
PERCENT_RATIO = 20.0
"""A ratio from here on is taken for a percentage: nothing that such a belief is about becomes twentyfold."""
PERCENT_SHARE = 2.0
"""A share from here on is taken for a percentage; between 1 and this it is only too large."""
WIDEST_LOG_SD = 3.0
"""An SD of a ratio's log from here on, a factor of 20 either way, is taken for per cent."""
RATIO = POSITIVE._replace(percent_from=PERCENT_RATIO)
RATIO_OR_ZERO = AT_LEAST_ZERO._replace(percent_from=PERCENT_RATIO)
EXPONENT = ANY._replace(percent_from=PERCENT_RATIO)
SHARE = Bounds(0.0, 1.0, percent_from=PERCENT_SHARE)
SHARE_ABOVE_ZERO = SHARE._replace(open_low=True)
SHARE_BELOW_ONE = SHARE._replace(open_high=True)
SHARE_INSIDE = SHARE_ABOVE_ZERO._replace(open_high=True)


def belief_fields(confound: Any) -> tuple[str, ...]:
    """Return the names of the fields that hold a belief, in order; a field that is None is left out.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> belief_fields(Detection(ratio=0.8))
    ('ratio', 'false_pre', 'false_post')
    """
    return tuple(
        f.name
        for f in fields(confound)
        if (f.type is Belief or Belief in get_args(f.type)) and getattr(confound, f.name) is not None
    )


def central(confound: Any) -> dict[str, float]:
    """Return each known number and the median of each distribution; a `Range` has neither and is left out.

    Examples
    --------
    >>> from iom_causal.beliefs import LogNormal
    >>> from iom_causal.confounds.detection import Detection
    >>> central(Detection(ratio=LogNormal(0.9, 0.1)))
    {'ratio': 0.9, 'false_pre': 0.0, 'false_post': 0.0}
    """
    values = {}
    for name in belief_fields(confound):
        belief = getattr(confound, name)
        if not isinstance(belief, Range):
            values[name] = float(belief) if isinstance(belief, (int, float)) else belief.centre
    return values


def draw(confound: Any, rng: np.random.Generator, size: int) -> dict[str, Floats]:
    """Draw `size` values of every field but the ranges; a number repeats itself.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> draw(Detection(ratio=Range(0.7, 1.0)), np.random.default_rng(1), 2)
    {'false_pre': array([0., 0.]), 'false_post': array([0., 0.])}
    """
    named = {name: getattr(confound, name) for name in belief_fields(confound)}
    return {name: draws(belief, rng, size) for name, belief in named.items() if not isinstance(belief, Range)}


def distributed(confound: Any) -> bool:
    """Return whether any field holds a distribution.

    Examples
    --------
    >>> from iom_causal.beliefs import LogNormal
    >>> from iom_causal.confounds.detection import Detection
    >>> distributed(Detection(ratio=LogNormal(0.9, 0.1))), distributed(Detection(ratio=0.9))
    (True, False)
    """
    held = (getattr(confound, name) for name in belief_fields(confound))
    return any(isinstance(belief, Distribution) for belief in held)


def corners(confound: Any) -> tuple[dict[str, float], ...]:
    """Return every combination of the ends of the ranges; one empty mapping when there are none.

    Each range is visited at its ends, or at the evenly spaced values that a `Ranged` confound asks for.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> corners(Detection(ratio=Range(0.7, 1.0)))
    ({'ratio': 0.7}, {'ratio': 1.0})
    """
    named = {name: getattr(confound, name) for name in belief_fields(confound)}
    ranges = {name: belief for name, belief in named.items() if isinstance(belief, Range)}
    points = confound.range_points if isinstance(confound, Ranged) else 2
    values = [[float(v) for v in np.linspace(r.low, r.high, points)] for r in ranges.values()]
    return tuple(dict(zip(ranges, combination, strict=True)) for combination in product(*values))


def extent(confound: Any, data: Any, theta: Theta) -> tuple[float, float]:
    """Return the lowest and the highest shift over the ranges that `theta` leaves open.

    Examples
    --------
    >>> from iom_causal.confounds.detection import Detection
    >>> [round(v, 3) for v in extent(Detection(ratio=Range(0.7, 1.0)), None, {"false_pre": 0, "false_post": 0})]
    [-0.357, 0.0]
    """
    shifts = [float(np.asarray(confound.shift(data, {**corner, **theta}))) for corner in corners(confound)]
    return min(shifts), max(shifts)


def check_beliefs(confound: Any, bounds: Mapping[str, Bounds]) -> None:
    """Refuse a belief that is not one, or that reaches outside what its field can mean.

    Raises
    ------
    SpecError
        IOM-E092, naming the class and the field; also where half of a distribution is, to the last digit, an end that
        its field does not include.
    """
    plain_numbers(confound)
    for name, allowed in bounds.items():
        belief = getattr(confound, name)
        if belief is None:
            continue
        where = f"{type(confound).__name__} {name}"
        low, high = support(belief, where)
        _ask_about_percent(belief, allowed, where)
        if not (allowed.holds(low) or low == allowed.low) or not (allowed.holds(high) or high == allowed.high):
            reaching = isinstance(belief, Distribution) and END not in belief.form.values()
            hint = "; a distribution must lie inside altogether" if reaching else ""
            raise SpecError("IOM-E092", f"{where}: expected {allowed}, got {belief}{hint}")
        if isinstance(belief, (int, float, Range)) and not (allowed.holds(low) and allowed.holds(high)):
            raise SpecError("IOM-E092", f"{where}: expected {allowed}, got {belief}")
        if isinstance(belief, Distribution) and not allowed.holds(belief.centre):
            raise SpecError(
                "IOM-E092",
                f"{where}: expected {allowed}, got {belief}, of which half is {belief.centre:g} in all digits",
            )


def _ask_about_percent(belief: Belief, allowed: Bounds, where: str) -> None:
    """Refuse what looks like a percentage where a ratio or a share belongs, showing how it is written."""
    if math.isinf(allowed.percent_from):
        return
    parts = (PLACE,) if isinstance(belief, (int, float)) else tuple(belief.form.values())
    asked = {PLACE: allowed.percent_from, END: allowed.percent_from, LOG_SPREAD: WIDEST_LOG_SD}
    limits, values = [asked.get(part, math.inf) for part in parts], stated(belief)
    over = [limit <= value < math.inf for value, limit in zip(values, limits, strict=True)]
    if not any(over):
        return
    if any(itself and part != LOG_SPREAD for itself, part in zip(over, parts, strict=True)):
        over = [itself or part in (PLACE, END, SPREAD) for itself, part in zip(over, parts, strict=True)]
    below = "" if math.isfinite(allowed.high) else f", below {allowed.percent_from:g}"
    raise SpecError(
        "IOM-E092", f"{where}: expected {allowed}{below}, got {belief}{_meant(belief, values, over, limits)}"
    )


def _meant(belief: Belief, values: tuple[float, ...], over: list[bool], limits: list[float]) -> str:
    shares = [v / 100 if percent else v for v, percent in zip(values, over, strict=True)]
    if any(limit <= share < math.inf for share, limit in zip(shares, limits, strict=True)):
        return ""
    meant = ", ".join(f"{share:.12g}" for share in shares)
    meant = meant if isinstance(belief, (int, float)) else f"{type(belief).__name__}({meant})"
    return f", which looks like a percentage; did you mean {meant}?"
