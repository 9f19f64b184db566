"""Sampling distributions of estimates: small values that give an interval at any level, and draws.

An `Estimate` holds its distribution in `law`, so that an interval at another level, a ledger or a model of bias can be
made from it without the data.
"""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from iom_causal.base.equality import same
from iom_causal.base.specs import check_level
from iom_causal.numerics import LEVEL
from iom_causal.numerics.posterior.marginal import Cumulated, moments, probability, quantiles


@runtime_checkable
class SamplingDistribution(Protocol):
    """Sampling distribution, confidence distribution or posterior of one estimand."""

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the ends of the central interval."""
        ...

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the distribution."""
        ...


@dataclass(frozen=True, slots=True)
class StudentT:
    """Student's t distribution with `df` degrees of freedom (infinite: normal), on the identity or the log scale.

    Parameters
    ----------
    centre, scale : float
        Estimate and standard error, of the log where `log` is true.
    df : float
        Degrees of freedom, above 0.
    log : bool
        Whether the quantity is the exponential of what is t distributed.

    Examples
    --------
    >>> low, high = StudentT(0.0, 1.0, math.inf).interval()
    >>> round(high, 4)
    1.96
    """

    centre: float
    scale: float
    df: float
    log: bool = False

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the ends of the central interval."""
        check_level(level)
        half = -float(stdtrit(self.df, (1 - level) / 2)) * self.scale
        low, high = self.centre - half, self.centre + half
        return (math.exp(low), math.exp(high)) if self.log else (low, high)

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the distribution."""
        z = rng.standard_normal(size) if math.isinf(self.df) else rng.standard_t(self.df, size)
        values = self.centre + self.scale * z
        return np.exp(values) if self.log else values


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Empirical distribution of draws, as of a bootstrap or a posterior; the interval takes equal tails.

    Parameters
    ----------
    values : ndarray
        Draws, without NaN.

    Examples
    --------
    >>> Draws(np.arange(101.0)).interval(0.5)
    (25.0, 75.0)
    """

    values: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the ends of the central interval."""
        check_level(level)
        shares = [(1 - level) / 2, (1 + level) / 2]
        with np.errstate(invalid="ignore"):
            ends = np.quantile(self.values, shares)
        if np.isnan(ends).any():  # between two draws that are infinite
            ends = np.where(np.isnan(ends), np.quantile(self.values, shares, method="nearest"), ends)
        return float(ends[0]), float(ends[1])

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw again from the draws, with replacement."""
        return rng.choice(self.values, size)


@dataclass(frozen=True, slots=True)
class Fieller:
    """Fieller's limits of a ratio of two estimates that are jointly normal, or t with `df` degrees of freedom.

    Parameters
    ----------
    numerator, denominator : float
        The estimates; the denominator above 0.
    variances : tuple of float
        Their variances, the numerator's first.
    covariance : float
        Of the two.
    df : float
        Degrees of freedom, above 0.

    Examples
    --------
    >>> low, high = Fieller(8.0, 10.0, (1.0, 1.0), 0.5, math.inf).interval()
    >>> round(low, 3), round(high, 3)
    (0.628, 0.996)
    """

    numerator: float
    denominator: float
    variances: tuple[float, float]
    covariance: float
    df: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the limits; both infinite where the denominator cannot be told from 0."""
        check_level(level)
        square = float(stdtrit(self.df, (1 - level) / 2)) ** 2
        a = self.denominator**2 - square * self.variances[1]
        if a <= 0:
            return -math.inf, math.inf
        b = self.numerator * self.denominator - square * self.covariance
        c = self.numerator**2 - square * self.variances[0]
        root = math.sqrt(max(b * b - a * c, 0.0))
        return (b - root) / a, (b + root) / a

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw ratios of both, whose quantiles are the limits as long as the denominator is far from 0."""
        top, bottom = self.variances
        slope = self.covariance / bottom if bottom > 0 else 0.0
        rest = math.sqrt(max(top - slope * self.covariance, 0.0))
        z = rng.standard_normal((2, size))
        wide = 1.0 if math.isinf(self.df) else np.sqrt(self.df / rng.chisquare(self.df, size))
        under = wide * math.sqrt(bottom) * z[0]
        return np.asarray((self.numerator + slope * under + wide * rest * z[1]) / (self.denominator + under))


@dataclass(frozen=True, slots=True, eq=False)
class Tabulated:
    """Posterior of a number, as a table of values and the probability up to each; the interval takes equal tails.

    Parameters
    ----------
    values : ndarray
        In rising order.
    share : ndarray
        The probability up to each, rising; between them it is interpolated.
    log : bool
        Whether the quantity is the exponential of the tabulated one.
    density : ndarray, optional
        At each value; between them it is then interpolated by cubics, else by straight lines.

    Examples
    --------
    >>> Tabulated(np.array([0.0, 1.0]), np.array([0.0, 1.0])).interval(0.5)
    (0.25, 0.75)
    """

    values: NDArray[np.float64]
    share: NDArray[np.float64]
    log: bool = False
    density: NDArray[np.float64] | None = None

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def quantile(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantiles at each share."""
        found = quantiles(self._table, share)
        return np.exp(found) if self.log else found

    def probability(self, below: float) -> float:
        """Return the probability of a smaller value."""
        at = (math.log(below) if below > 0 else -math.inf) if self.log else below
        return probability(self._table, at)

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the ends of the central interval."""
        check_level(level)
        low, high = self.quantile(np.array([(1 - level) / 2, (1 + level) / 2]))
        return float(low), float(high)

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the distribution."""
        return self.quantile(rng.random(size))

    @property
    def sd(self) -> float:
        """Standard deviation of the tabulated quantity: of the log, where the quantity is its exponential."""
        return float(moments(self._table)[1])

    @property
    def _table(self) -> Cumulated:
        return Cumulated(self.values, self.share, self.density)
