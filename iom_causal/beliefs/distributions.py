"""Prior distributions of a parameter; a new one is a class here and a place in `DISTRIBUTIONS`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, betaln, log_ndtr, ndtr, ndtri, ndtri_exp, xlog1py, xlogy

from iom_causal.errors import SpecError, echo
from iom_causal.numerics import LEVEL
from iom_causal.numerics.plain import plain_numbers

PLACE, END, SPREAD, LOG_SPREAD, SHAPE = "place", "end", "spread", "log spread", "shape"
"""What a parameter of a distribution is: a value of the quantity itself, the first or last that it can take, a spread
in its unit, a spread of its log, or a number without a unit."""
FLAT = 1e-8
"""By which share a normal density may differ within the ends between which it is drawn as uniform: by inversion, as
few digits of their distance would be left."""


HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


@runtime_checkable
class Distribution(Protocol):
    """A prior, as a frozen dataclass of its parameters: draws, possible values, median and its form in TOML."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    form: ClassVar[Mapping[str, str]]
    """The keys of its TOML table, in the order of its fields, and what each of these is."""

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        ...

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`, minus infinity outside the support; of a fixed value there is none."""
        ...

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores: the values with probability ``Phi(z)`` below them."""
        ...

    @property
    def support(self) -> tuple[float, float]:
        """The ends of the values that it holds possible; infinite where there is none."""
        ...

    @property
    def centre(self) -> float:
        """The median."""
        ...


def check_finite(name: str, *values: float) -> None:
    """Refuse what is no finite number as a parameter."""
    for value in values:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            raise SpecError("IOM-E092", f"{name}: expected finite numbers, got {echo(value)}")


def _spread_out(distribution: Any, spread: float) -> None:
    if spread == 0:
        raise SpecError("IOM-E092", f"{distribution}: a fixed value has no density; state a spread above 0")


def _log_normal_density(z: NDArray[np.float64], sd: float) -> NDArray[np.float64]:
    return np.asarray(-0.5 * z * z - math.log(sd) - HALF_LOG_2PI)


def _within(x: NDArray[np.float64], support: tuple[float, float], value: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = support
    return np.where((x >= low) & (x <= high), value, -np.inf)


def between(low: float, high: float, level: float) -> tuple[float, float]:
    """Return centre and SD of the normal distribution that holds ``low`` to ``high`` with probability `level`.

    Raises
    ------
    SpecError
        IOM-E092 unless ``low < high`` and `level` lies between 0 and 1.
    """
    check_finite("between", low, high, level)
    if not (low < high and 0 < level < 1):
        raise SpecError("IOM-E092", f"between: expected low < high and a level between 0 and 1, got {low} and {high}")
    return (low + high) / 2, (high - low) / 2 / float(ndtri((1 + level) / 2))


def _inside(values: NDArray[np.float64], support: tuple[float, float]) -> NDArray[np.float64]:
    """Move draws that rounding puts on an end of a continuous support, or beyond, to the nearest number inside."""
    low, high = support
    return values if low == high else np.clip(values, math.nextafter(low, high), math.nextafter(high, low))


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution with the given mean and standard deviation.

    Examples
    --------
    >>> Normal.between(-1.0, 1.0).centre
    0.0
    """

    mean: float
    sd: float

    form: ClassVar[Mapping[str, str]] = {"mean": PLACE, "sd": SPREAD}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("Normal", self.mean, self.sd)
        if self.sd < 0:
            raise SpecError("IOM-E092", f"Normal: expected sd >= 0, got {self.sd}")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return rng.normal(self.mean, self.sd, size)

    @classmethod
    def between(cls, low: float, high: float, level: float = LEVEL) -> Self:
        """Return the one that holds `low` to `high`, its central interval, with probability `level`.

        Examples
        --------
        >>> print(round(Normal.between(-0.5, 0.5).sd, 3))
        0.255
        """
        return cls(*between(low, high, level))

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`."""
        _spread_out(self, self.sd)
        return _log_normal_density((x - self.mean) / self.sd, self.sd)

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores `z`."""
        return np.asarray(self.mean + self.sd * np.asarray(z))

    @property
    def support(self) -> tuple[float, float]:
        """Every number, or the mean alone without spread."""
        return (-math.inf, math.inf) if self.sd > 0 else (self.mean, self.mean)

    @property
    def centre(self) -> float:
        """The median."""
        return self.mean


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A positive quantity whose log is normal: `median`, and `sd` of the log.

    Examples
    --------
    >>> LogNormal(0.85, 0.05).centre
    0.85
    >>> low, high = LogNormal.between(0.7, 1.0).at_score([-1.96, 1.96])
    >>> round(float(low), 2), round(float(high), 2)
    (0.7, 1.0)
    """

    median: float
    sd: float

    form: ClassVar[Mapping[str, str]] = {"median": PLACE, "sd": LOG_SPREAD}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("LogNormal", self.median, self.sd)
        if self.median <= 0 or self.sd < 0:
            raise SpecError("IOM-E092", "LogNormal: expected median > 0 and sd >= 0")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        with np.errstate(over="ignore"):
            return _inside(self.median * np.exp(rng.normal(0.0, self.sd, size)), self.support)

    @classmethod
    def between(cls, low: float, high: float, level: float = LEVEL) -> Self:
        """Return the one that holds `low` to `high`, its central interval, with probability `level`.

        Examples
        --------
        >>> print(round(LogNormal.between(0.5, 2.0).median, 3), round(LogNormal.between(0.5, 2.0).sd, 3))
        1.0 0.354
        """
        check_finite("between", low, high)
        if low <= 0:
            raise SpecError("IOM-E092", f"between: expected low > 0 for a positive quantity, got {low}")
        centre, sd = between(math.log(low), math.log(high), level)
        return cls(math.exp(centre), sd)

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`."""
        _spread_out(self, self.sd)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(x)
            return np.where(
                x > 0, _log_normal_density((logs - math.log(self.median)) / self.sd, self.sd) - logs, -np.inf
            )

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores `z`."""
        return np.asarray(self.median * np.exp(self.sd * np.asarray(z)))

    @property
    def support(self) -> tuple[float, float]:
        """Every number above 0, or the median alone without spread."""
        return (0.0, math.inf) if self.sd > 0 else (self.median, self.median)

    @property
    def centre(self) -> float:
        """The median."""
        return self.median


@dataclass(frozen=True, slots=True)
class Uniform:
    """A distribution that holds every value between the ends equally likely.

    This is a claim about probability; where only the ends are believed, use `Range`.

    Examples
    --------
    >>> Uniform(0.9, 1.1).support
    (0.9, 1.1)
    """

    low: float
    high: float

    form: ClassVar[Mapping[str, str]] = {"uniform_low": END, "uniform_high": END}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("Uniform", self.low, self.high)
        if self.low > self.high:
            raise SpecError("IOM-E092", f"Uniform: expected low <= high, got {self.low} and {self.high}")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return _inside(rng.uniform(self.low, self.high, size), self.support)

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`."""
        _spread_out(self, self.high - self.low)
        return _within(x, self.support, np.full(np.shape(x), -math.log(self.high - self.low)))

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores `z`."""
        return np.asarray(self.low + (self.high - self.low) * ndtr(z))

    @property
    def support(self) -> tuple[float, float]:
        """The ends."""
        return self.low, self.high

    @property
    def centre(self) -> float:
        """The median."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """The absolute value of a normal quantity with mean 0: most likely near 0, and never below it.

    Parameters
    ----------
    sd : float
        Standard deviation of that normal quantity; the median is 0.674 of it.

    References
    ----------
    Gelman (2006), Bayesian Analysis 1, 515-534, on priors of spreads.

    Examples
    --------
    >>> round(HalfNormal(1.0).centre, 3)
    0.674
    """

    sd: float

    form: ClassVar[Mapping[str, str]] = {"half_normal_sd": PLACE}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("HalfNormal", self.sd)
        if self.sd < 0:
            raise SpecError("IOM-E092", f"HalfNormal: expected sd >= 0, got {self.sd}")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return _inside(np.abs(rng.normal(0.0, self.sd, size)), self.support)

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`."""
        _spread_out(self, self.sd)
        return _within(x, self.support, _log_normal_density(np.asarray(x) / self.sd, self.sd) + math.log(2))

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores `z`."""
        return np.asarray(-self.sd * ndtri_exp(log_ndtr(-np.asarray(z)) - math.log(2)))

    @property
    def support(self) -> tuple[float, float]:
        """Every number from 0 on, or 0 alone without spread."""
        return (0.0, math.inf) if self.sd > 0 else (0.0, 0.0)

    @property
    def centre(self) -> float:
        """The median."""
        return self.sd * float(ndtri(0.75))


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """A normal distribution of which only the values from `low` to `high` are possible.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation before it is cut; those of what is left differ.
    low, high : float
        The ends; infinite where it is cut on one side only.

    References
    ----------
    Robert (1995), Statistics and Computing 5, 121-125; drawn here by inversion, on the log scale of probabilities, so
    that an interval far from the mean is drawn as well as one around it.

    Examples
    --------
    >>> round(TruncatedNormal(0.9, 0.2, 0.0, 1.0).centre, 3)
    0.821
    """

    mean: float
    sd: float
    low: float
    high: float

    form: ClassVar[Mapping[str, str]] = {"mean": PLACE, "sd": SPREAD, "low": END, "high": END}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("TruncatedNormal", self.mean, self.sd, *(0.0 if _open(end) else end for end in self.support))
        if self.sd <= 0 or not self.low < self.high:
            raise SpecError(
                "IOM-E092",
                f"TruncatedNormal: expected sd > 0 and low < high, got {self.sd}, {self.low} and {self.high}",
            )

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return _inside(self._quantile(rng.uniform(size=size)), self.support)

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`."""
        turned = self.low > self.mean  # the upper tail is turned round, where probabilities keep their digits
        a, b = sorted((end - self.mean) / self.sd * (-1 if turned else 1) for end in self.support)
        below, above = float(log_ndtr(a)), float(log_ndtr(b))
        inside = above + math.log1p(-math.exp(below - above))
        return _within(x, self.support, _log_normal_density((x - self.mean) / self.sd, self.sd) - inside)

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores `z`."""
        return self._quantile(ndtr(z))

    @property
    def support(self) -> tuple[float, float]:
        """The ends."""
        return self.low, self.high

    @property
    def centre(self) -> float:
        """The median."""
        return float(self._quantile(np.array([0.5]))[0])

    def _quantile(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        # In the upper tail probabilities are 1 to the last digit: the distribution is turned round, with its quantiles.
        turned = self.low > self.mean
        a, b = sorted((end - self.mean) / self.sd * (-1 if turned else 1) for end in self.support)
        if (b - a) * max(abs(a), abs(b)) < FLAT:
            return np.asarray(self.low + share * (self.high - self.low))
        below, above = log_ndtr(a), log_ndtr(b)
        if above == -math.inf:  # so far from the mean that all of it is at the nearer end, to the last digit
            return np.full(share.shape, self.low if turned else self.high)
        share = 1 - share if turned else share
        z = ndtri_exp(above + np.log1p((1 - share) * np.expm1(below - above)))
        return np.asarray(np.clip(self.mean + self.sd * (-z if turned else z), self.low, self.high))


def _open(end: object) -> bool:
    return isinstance(end, float) and math.isinf(end)


@dataclass(frozen=True, slots=True)
class Beta:
    """A distribution of a share between 0 and 1, as if `alpha` of ``alpha + beta`` cases had been seen.

    Parameters
    ----------
    alpha, beta : float
        Above 0; the mean is ``alpha / (alpha + beta)``, and the larger they are the narrower it is. Far below 1 much
        of it is nearer to an end than any number between; draws are then that nearest number.

    Examples
    --------
    >>> round(Beta(2.0, 8.0).centre, 3)
    0.18
    """

    alpha: float
    beta: float

    form: ClassVar[Mapping[str, str]] = {"alpha": SHAPE, "beta": SHAPE}

    def __post_init__(self) -> None:
        plain_numbers(self)
        check_finite("Beta", self.alpha, self.beta)
        if self.alpha <= 0 or self.beta <= 0:
            raise SpecError("IOM-E092", f"Beta: expected alpha > 0 and beta > 0, got {self.alpha} and {self.beta}")

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values."""
        return _inside(rng.beta(self.alpha, self.beta, size), self.support)

    def log_density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log density at `x`."""
        inside = xlogy(self.alpha - 1, x) + xlog1py(self.beta - 1, -np.asarray(x)) - betaln(self.alpha, self.beta)
        return _within(x, self.support, np.asarray(inside))

    def at_score(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at normal scores `z`."""
        above = np.asarray(z) > 0  # the upper tail is turned round, where probabilities keep their digits
        lower = betaincinv(self.alpha, self.beta, ndtr(np.where(above, 0.0, z)))
        upper = 1 - betaincinv(self.beta, self.alpha, ndtr(np.where(above, -np.asarray(z), 0.0)))
        return np.where(above, upper, lower)

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to 1."""
        return 0.0, 1.0

    @property
    def centre(self) -> float:
        """The median."""
        return float(betaincinv(self.alpha, self.beta, 0.5))


DISTRIBUTIONS: tuple[type[Distribution], ...] = (Normal, LogNormal, Uniform, HalfNormal, TruncatedNormal, Beta)
"""Every distribution that a file can state, each by the keys of its `form`."""
