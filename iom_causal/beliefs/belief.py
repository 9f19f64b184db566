"""Beliefs about a parameter: a number (known), a `Range` (a set) or a `Distribution` (draws).

A range gives bounds and is never averaged; a distribution gives draws. Which of them a field holds decides whether a
result is an interval of confidence or of bounds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeGuard

import numpy as np
from numpy.typing import NDArray

from iom_causal.beliefs.distributions import DISTRIBUTIONS, END, Distribution, check_finite
from iom_causal.errors import SpecError, echo
from iom_causal.numerics.plain import plain_number, plain_numbers


@dataclass(frozen=True, slots=True)
class Range:
    """A set of values, none of them more likely than another.

    Parameters
    ----------
    low, high : float
        The ends, both in the set.

    Examples
    --------
    >>> Range(0.7, 1.0).high
    1.0
    """

    low: float
    high: float

    form: ClassVar[Mapping[str, str]] = {"low": END, "high": END}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("Range", self.low, self.high)
        if self.low > self.high:
            raise SpecError("IOM-E092", f"Range: expected low <= high, got {self.low} and {self.high}")

    @property
    def support(self) -> tuple[float, float]:
        """The ends."""
        return self.low, self.high


type Belief = float | Range | Distribution

_KINDS: tuple[type[Range | Distribution], ...] = (Range, *DISTRIBUTIONS)
_FORMS: Mapping[frozenset[str], type[Range | Distribution]] = {frozenset(kind.form): kind for kind in _KINDS}


def is_belief(value: object) -> TypeGuard[Belief]:
    """Whether a value is a number, a `Range` or a distribution; True is no number.

    Examples
    --------
    >>> is_belief(Range(0.7, 1.0)), is_belief(True), is_belief("0.7")
    (True, False, False)
    """
    return isinstance(value, (int, float, Range, Distribution)) and not isinstance(value, bool)


def parse(value: Any, where: str = "belief") -> Belief:
    """Read a belief as TOML writes it.

    Parameters
    ----------
    value : number, table or belief
        ``0.8`` is known; ``{low = .7, high = 1}`` a range; ``{mean = 0, sd = 1}`` normal;
        ``{median = .9, sd = .1}`` lognormal; ``{uniform_low = .7, uniform_high = 1}`` uniform;
        ``{half_normal_sd = .5}`` half-normal; ``{mean = .9, sd = .2, low = 0, high = 1}`` a normal one that is cut at
        both ends (``high = inf``: at the lower one only); ``{alpha = 2, beta = 8}`` a beta distribution.
    where : str
        What to call the field in an error.

    Examples
    --------
    >>> parse({"low": 0.7, "high": 1})
    Range(low=0.7, high=1)
    """
    value = plain_number(value)
    if isinstance(value, dict) and (kind := _FORMS.get(frozenset(value))):
        belief: Belief = kind(*(value[key] for key in kind.form))
        return belief
    if is_belief(value) and not (isinstance(value, float) and not math.isfinite(value)):
        return value
    *forms, last = ("{" + ", ".join(kind.form) + "}" for kind in _FORMS.values())
    raise SpecError("IOM-E092", f"{where}: expected a number, {', '.join(forms)} or {last}")


def as_table(belief: Range | Distribution) -> dict[str, float]:
    """Return a belief as the table that `parse` reads.

    Examples
    --------
    >>> from iom_causal.beliefs import Uniform
    >>> as_table(Uniform(0.7, 1.0))
    {'uniform_low': 0.7, 'uniform_high': 1.0}
    """
    return dict(zip(belief.form, stated(belief), strict=True))


def stated(belief: Belief) -> tuple[float, ...]:
    """Return the parameters that a belief states, in the order of its `form`; a number is its own."""
    if isinstance(belief, (int, float)):
        return (belief,)
    return tuple(getattr(belief, field.name) for field in fields(belief))


def draws(belief: Belief, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Draw from a belief; a number repeats itself, and a range is refused because it has no probability."""
    if isinstance(belief, Range):
        raise SpecError("IOM-E092", "a Range has no probability: take its ends, or state a distribution")
    if isinstance(belief, (int, float)):
        return np.full(size, float(belief))
    return belief.sample(rng, size)


def ends(belief: Belief) -> tuple[float, float]:
    """Return the ends of a range, a number twice, and the median of a distribution twice."""
    if isinstance(belief, Range):
        return belief.low, belief.high
    value = float(belief) if isinstance(belief, (int, float)) else belief.centre
    return value, value


def at_score(belief: Range | Distribution, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values so far from the middle of a belief: normal scores of a distribution, half widths of a range.

    Examples
    --------
    >>> at_score(Range(0.7, 1.0), np.array([-1.0, 0.0, 1.0])).round(3).tolist()
    [0.7, 0.85, 1.0]
    """
    if isinstance(belief, Range):
        low, high = belief.support
        return np.clip(low + (high - low) * (1 + np.asarray(z)) / 2, low, high)
    return belief.at_score(z)


def support(belief: Any, where: str) -> tuple[float, float]:
    """Return the ends of what a belief holds possible.

    Raises
    ------
    SpecError
        IOM-E092 for what is no belief.
    """
    if isinstance(belief, (Range, Distribution)):
        return belief.support
    if isinstance(belief, (int, float)) and not isinstance(belief, bool) and math.isfinite(belief):
        return float(belief), float(belief)
    raise SpecError("IOM-E092", f"{where}: expected a number, a Range or a distribution, got {echo(belief)}")
