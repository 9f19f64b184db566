"""Curves of rates by age: parametric families, and curves fitted to Scottish convictions by name."""

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, nearest
from iom_causal.errors import SpecError
from iom_causal.numerics.adjustment import age_curves as ac

__all__ = [
    "AgeCurve",
    "Exponential",
    "Flat",
    "Gamma",
    "LogNormalCurve",
    "LogQuadratic",
    "ParticipationFrequency",
    "Piecewise",
    "Weibull",
    "named",
    "names",
]

type Floats = NDArray[np.float64]

FAMILIES = ("empirical", "gamma", "lognormal", "weibull", "log-quadratic")
SMOOTHED_OVER = 2
"""Years either side over which single-year rates are averaged."""
YOUNGEST, OLDEST = 16, 65
ORIGIN = 8.0
MODES = ("aggregate", "frequency_only", "participation_only")


@runtime_checkable
class AgeCurve(Protocol):
    """A relative rate by age; only ratios of it are used."""

    @property
    def support(self) -> tuple[float, float]:
        """The ages in years between which the curve speaks."""
        ...

    def log_rate(self, age: Floats) -> Floats:
        """Return the log rate at each age, up to a constant."""
        ...

    def __hash__(self) -> int:
        """Return a hash: a curve is a value."""
        ...


@dataclass(frozen=True)
class Flat:
    """The same rate at every age: frequency is constant while a career lasts (Blumstein & Cohen 1987)."""

    support = (0.0, 130.0)

    def log_rate(self, age: Floats) -> Floats:
        """Return zeros."""
        return np.zeros_like(age)


@dataclass(frozen=True)
class Exponential:
    """A rate that falls by the share ``1 - exp(-decline)`` with every year of age, as when careers end at one hazard.

    Over windows whose middles lie delta years apart the log change is exactly ``-decline * delta`` where
    both windows have the same length.
    """

    decline: float
    support = (0.0, 130.0)

    def log_rate(self, age: Floats) -> Floats:
        """Return ``-decline * age``."""
        return np.asarray(-self.decline * age)


@dataclass(frozen=True)
class Gamma:
    """``z**(shape - 1) exp(-z / scale)`` in years since `origin` (Britt 1992)."""

    shape: float
    scale: float
    origin: float = ORIGIN
    support: tuple[float, float] = (YOUNGEST, OLDEST)

    def log_rate(self, age: Floats) -> Floats:
        """Return the log of the curve."""
        return ac.log_gamma_curve(age, self.shape, self.scale, self.origin)


@dataclass(frozen=True)
class LogNormalCurve:
    """A lognormal density in years since `origin` (Britt 1992)."""

    mean: float
    sd: float
    origin: float = 0.0
    support: tuple[float, float] = (YOUNGEST, OLDEST)

    def log_rate(self, age: Floats) -> Floats:
        """Return the log of the curve."""
        return ac.log_lognormal_curve(age, self.mean, self.sd, self.origin)


@dataclass(frozen=True)
class Weibull:
    """A Weibull density in years since `origin`."""

    shape: float
    scale: float
    origin: float = ORIGIN
    support: tuple[float, float] = (YOUNGEST, OLDEST)

    def log_rate(self, age: Floats) -> Floats:
        """Return the log of the curve."""
        return ac.log_weibull_curve(age, self.shape, self.scale, self.origin)


@dataclass(frozen=True)
class LogQuadratic:
    """``exp(slope x + bend x**2)`` in years from 30."""

    slope: float
    bend: float
    support: tuple[float, float] = (YOUNGEST, OLDEST)

    def log_rate(self, age: Floats) -> Floats:
        """Return the log of the curve."""
        return ac.log_quadratic_curve(age, self.slope, self.bend)


@dataclass(frozen=True)
class Piecewise:
    """A shape-preserving cubic through the logs of one's own table of rates.

    Parameters
    ----------
    points : tuple of (age, rate)
        In order of age, rates above 0; the curve speaks from the first age to the last.

    Examples
    --------
    >>> Piecewise(((16.0, 40.0), (30.0, 40.0), (60.0, 4.0))).support
    (16.0, 60.0)
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        ages = [age for age, _ in self.points]
        if len(ages) < 2 or ages != sorted(set(ages)) or not all(rate > 0 for _, rate in self.points):
            raise SpecError("IOM-E092", "Piecewise points: expected two or more rising ages, each with a rate above 0")

    @property
    def support(self) -> tuple[float, float]:
        """The first and the last age of the table."""
        return self.points[0][0], self.points[-1][0]

    def log_rate(self, age: Floats) -> Floats:
        """Return the log of the curve."""
        ages, rates = np.array(self.points, dtype=np.float64).T
        return ac.log_piecewise_curve(age, ages, np.log(rates))


@dataclass(frozen=True)
class ParticipationFrequency:
    """The share of people who offend at an age times the frequency of those who do.

    An aggregate curve falls mostly because fewer people take part (Farrington 1986; Blumstein, Cohen &
    Farrington 1988). People selected for recent arrests took part by construction, so for them the truth
    lies between the aggregate and the frequency alone.

    Parameters
    ----------
    participation, frequency : curve
        By age.
    mode : {"aggregate", "frequency_only", "participation_only"}
        Which of the two is used.
    """

    participation: AgeCurve
    frequency: AgeCurve
    mode: str = "aggregate"

    def __post_init__(self) -> None:
        check_choice(self.mode, MODES, "ParticipationFrequency mode")

    @property
    def support(self) -> tuple[float, float]:
        """The ages that both curves cover."""
        low, high = zip(self.participation.support, self.frequency.support, strict=True)
        return max(low), min(high)

    def log_rate(self, age: Floats) -> Floats:
        """Return the log of the product, or of the one that `mode` names."""
        if self.mode == "frequency_only":
            return self.frequency.log_rate(age)
        if self.mode == "participation_only":
            return self.participation.log_rate(age)
        return self.participation.log_rate(age) + self.frequency.log_rate(age)


@dataclass(frozen=True)
class _Empirical:
    knots: tuple[float, ...]
    log_rates: tuple[float, ...]

    @property
    def support(self) -> tuple[float, float]:
        return float(math.floor(self.knots[0])), float(math.ceil(self.knots[-1]))

    def log_rate(self, age: Floats) -> Floats:
        return ac.log_piecewise_curve(age, self.knots, self.log_rates)


def names() -> tuple[str, ...]:
    """Return the names of the curves that ship.

    Examples
    --------
    >>> [name for name in names() if "2011" in name][:2]
    ['scotland-2011', 'scotland-2011-dishonesty']
    """
    return ("flat", *sorted(_short(column) for column in _rates()[1]))


def named(name: str, family: str = "empirical") -> AgeCurve:
    """Return the curve of that name and family.

    ``scotland-2011`` are men, all crimes, mean of 2010 to 2012; other eras are 1990, 2000 and 2018, and
    ``-female``, ``-dishonesty`` and ``-shoplifting`` follow the era in that order.

    Raises
    ------
    SpecError
        IOM-E093 for a name or family that does not exist.

    Examples
    --------
    >>> named("scotland-2011", "gamma")
    Gamma(shape=3.46932, scale=6.14628, origin=8.0, support=(16, 65))
    """
    check_choice(family, FAMILIES, "age curve family")
    if name == "flat":
        return Flat()
    columns = {_short(column): column for column in _rates()[1]}
    if name not in columns:
        raise SpecError("IOM-E093", f"age curve: {name!r} is not known; {nearest(name, names())}")
    if family == "empirical":
        return _empirical(columns[name])
    first, second = _parameters()[columns[name], family]
    if family == "gamma":
        return Gamma(first, second)
    if family == "lognormal":
        return LogNormalCurve(first, second)
    return Weibull(first, second) if family == "weibull" else LogQuadratic(first, second)


def _short(column: str) -> str:
    parts = [part for part in column.split("-") if part not in ("male", "all")]
    return "-".join(["scotland", *parts])


@cache
def _empirical(column: str) -> AgeCurve:
    ages, rates = _rates()
    keep = (ages >= YOUNGEST) & (ages < OLDEST)
    logs = ac.smoothed_log_rates(rates[column][keep], SMOOTHED_OVER)
    return _Empirical(tuple(map(float, ages[keep] + 0.5)), tuple(map(float, logs)))


@cache
def _rates() -> tuple[NDArray[np.int64], dict[str, Floats]]:
    rows = _table("scotland_convictions_by_age.csv")
    columns = [name for name in rows[0] if name != "age"]
    return np.array([int(r["age"]) for r in rows]), {c: np.array([float(r[c]) for r in rows]) for c in columns}


@cache
def _parameters() -> dict[tuple[str, str], tuple[float, float]]:
    rows = _table("age_curve_parameters.csv")
    return {(r["curve"], r["family"]): (float(r["first"]), float(r["second"])) for r in rows}


def _table(name: str) -> list[dict[str, str]]:
    # The first line of every table says where its figures come from.
    text = (files("iom_causal.confounds") / "tables" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()[1:]))
