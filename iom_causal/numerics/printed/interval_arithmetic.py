"""Interval arithmetic with outward rounding."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import inf, nextafter, sqrt
from typing import Self

from iom_causal.errors import InputError


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval, as the rounding of a reported number leaves it.

    Parameters
    ----------
    low, high : float
        The ends; both are inside.

    Raises
    ------
    InputError
        IOM-E101 if low exceeds high, or an operation is undefined on the interval.

    Notes
    -----
    Arithmetic encloses: the result holds every value that the operands can give, and is wider than
    the exact answer by at most one unit in the last place at each end (Moore 1966).

    Examples
    --------
    >>> change = Interval(3.605, 3.615) - Interval(6.835, 6.845)
    >>> round(change.low, 4), round(change.high, 4)
    (-3.24, -3.22)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InputError(
                "IOM-E101", f"expected low <= high, got {self.low} and {self.high}; give the ends in order"
            )

    @classmethod
    def of(cls, low: Fraction | float, high: Fraction | float) -> Self:
        """Enclose the interval between two exact numbers in floats."""
        return cls(_down(low), _up(high))

    def __add__(self, other: Self) -> "Interval":
        return _outward(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Self) -> "Interval":
        return _outward(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Self) -> "Interval":
        return over_corners(lambda a, b: a * b, self, other)

    def __truediv__(self, other: Self) -> "Interval":
        if other.low <= 0 <= other.high:
            raise InputError(
                "IOM-E101", "expected a divisor away from 0, got an interval that holds 0; give more decimals"
            )
        return over_corners(lambda a, b: a / b, self, other)

    def __abs__(self) -> "Interval":
        if self.low >= 0:
            return Interval(self.low, self.high)
        if self.high <= 0:
            return Interval(-self.high, -self.low)
        return Interval(0.0, max(-self.low, self.high))

    def sqrt(self) -> "Interval":
        """Return the square roots; the part below 0 is left out, and must not be all of it."""
        if self.high < 0:
            raise InputError("IOM-E101", "expected values of 0 or more under the root, got an interval below 0")
        low = nextafter(sqrt(max(self.low, 0.0)), 0.0)
        return Interval(low, nextafter(sqrt(self.high), inf))

    def meets(self, other: Self) -> bool:
        """Whether the two intervals have a value in common."""
        return self.low <= other.high and other.low <= self.high

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high

    def map(self, function: Callable[[float], float]) -> "Interval":
        """Return the image under a function that only rises, or only falls, on the interval."""
        return over_corners(function, self)


def over_corners(function: Callable[..., float], *intervals: Interval) -> Interval:
    """Enclose a function that is monotone in each argument by its values at all corners.

    Examples
    --------
    >>> box = over_corners(lambda a, b: a / b, Interval(1.0, 2.0), Interval(4.0, 5.0))
    >>> round(box.low, 6), round(box.high, 6)
    (0.2, 0.5)
    """
    values = [function(*corner) for corner in product(*((i.low, i.high) for i in intervals))]
    return _outward(min(values), max(values))


def _outward(low: float, high: float) -> Interval:
    return Interval(nextafter(low, -inf), nextafter(high, inf))


def _down(value: Fraction | float) -> float:
    nearest = float(value)
    return nearest if nearest <= value else nextafter(nearest, -inf)


def _up(value: Fraction | float) -> float:
    nearest = float(value)
    return nearest if nearest >= value else nextafter(nearest, inf)
