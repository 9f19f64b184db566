"""Beliefs about a parameter: a number (known), a `Range` (a set) or a distribution (draws).

A range gives bounds and is never averaged; a distribution gives draws. Which of them a field holds
decides whether a result is an interval of confidence or of bounds.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import SpecError, echo
from iom_causal.numerics.plain import plain_number, plain_numbers


def _check_finite(name: str, *values: float) -> None:
    for value in values:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            raise SpecError("IOM-E092", f"{name}: expected finite numbers, got {echo(value)}")


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

    def __post_init__(self) -> None:
        plain_numbers(self)
        _check_finite("Range", self.low, self.high)
        if self.low > self.high:
            raise SpecError("IOM-E092", f"Range: expected low <= high, got {self.low} and {self.high}")


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution with the given mean and standard deviation."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        plain_numbers(self)
        _check_finite("Normal", self.mean, self.sd)
        if self.sd < 0:
            raise SpecError("IOM-E092", f"Normal: expected sd >= 0, got {self.sd}")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return rng.normal(self.mean, self.sd, size)

    @property
    def centre(self) -> float:
        """The median."""
        return self.mean


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A positive quantity whose log is normal: `median`, and `sd` of the log."""

    median: float
    sd: float

    def __post_init__(self) -> None:
        plain_numbers(self)
        _check_finite("LogNormal", self.median, self.sd)
        if self.median <= 0 or self.sd < 0:
            raise SpecError("IOM-E092", "LogNormal: expected median > 0 and sd >= 0")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return self.median * np.exp(rng.normal(0.0, self.sd, size))

    @property
    def centre(self) -> float:
        """The median."""
        return self.median


@dataclass(frozen=True, slots=True)
class Uniform:
    """A distribution that holds every value between the ends equally likely.

    This is a claim about probability; where only the ends are believed, use `Range`.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        plain_numbers(self)
        _check_finite("Uniform", self.low, self.high)
        if self.low > self.high:
            raise SpecError("IOM-E092", f"Uniform: expected low <= high, got {self.low} and {self.high}")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return rng.uniform(self.low, self.high, size)

    @property
    def centre(self) -> float:
        """The median."""
        return (self.low + self.high) / 2


type Distribution = Normal | LogNormal | Uniform
type Belief = float | Range | Distribution


def _uniform(uniform_low: float, uniform_high: float) -> Uniform:
    return Uniform(uniform_low, uniform_high)


_FORMS: dict[frozenset[str], Any] = {
    frozenset({"low", "high"}): Range,
    frozenset({"mean", "sd"}): Normal,
    frozenset({"median", "sd"}): LogNormal,
    frozenset({"uniform_low", "uniform_high"}): _uniform,
}


def parse(value: Any, where: str = "belief") -> Belief:
    """Read a belief as TOML writes it.

    Parameters
    ----------
    value : number, table or belief
        ``0.8`` is known; ``{low = .7, high = 1}`` a range; ``{mean = 0, sd = 1}`` normal;
        ``{median = .9, sd = .1}`` lognormal; ``{uniform_low = .7, uniform_high = 1}`` uniform.
    where : str
        What to call the field in an error.

    Examples
    --------
    >>> parse({"low": 0.7, "high": 1})
    Range(low=0.7, high=1)
    """
    value = plain_number(value)
    if isinstance(value, (Range, Normal, LogNormal, Uniform)):
        return value
    if isinstance(value, dict) and (form := _FORMS.get(frozenset(value))):
        belief: Belief = form(**value)
        return belief
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise SpecError(
        "IOM-E092",
        f"{where}: expected a number, {{low, high}}, {{mean, sd}}, {{median, sd}} or {{uniform_low, uniform_high}}",
    )


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
