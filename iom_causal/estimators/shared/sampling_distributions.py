"""Sampling distributions of estimates that are not Student's t: exact inversions and the bootstrap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from iom_causal.base.equality import same
from iom_causal.base.specs import check_level
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.bootstrap import bca_interval
from iom_causal.numerics.inference.effect_sizes import effect_size
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.ratios import conditional_limits

_KNOTS = 257
_REACH = 6.0


@dataclass(frozen=True, slots=True)
class Standardised:
    """Confidence distribution of an effect size that paired moments determine.

    Parameters
    ----------
    kind : str
        A key of `iom_causal.numerics.inference.effect_sizes.KINDS`.
    moments : tuple of float
        The fields of `PairedMoments`.
    """

    kind: str
    moments: tuple[float, ...]

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the ends of the interval."""
        check_level(level)
        m = PairedMoments(*(np.asarray(x) for x in self.moments))
        size = effect_size(m, self.kind, level=level)
        return float(size.conf_low), float(size.conf_high)

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the confidence distribution, between the median and the ends at 257 levels."""
        z = np.linspace(0.0, _REACH, _KNOTS // 2 + 1)[1:]
        ends = np.array([self.interval(float(1 - 2 * special.ndtr(-x))) for x in z])
        scores = np.concatenate([-z[::-1], z])
        values = np.concatenate([ends[::-1, 0], ends[:, 1]])
        return np.asarray(np.interp(rng.standard_normal(size), scores, values), float)


@dataclass(frozen=True, slots=True)
class Conditional:
    """Exact conditional distribution of a ratio of Poisson rates, given their total.

    Parameters
    ----------
    before, after : float
        Events.
    days : float
        Days at risk after over days before.
    """

    before: float
    after: float
    days: float = 1.0

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the exact limits; 0 and infinity where a total is zero."""
        check_level(level)
        low, high = conditional_limits(self.before, self.after, level, days=self.days)
        return float(low), float(high)

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the confidence distribution halfway between those of the two limits."""
        return rng.gamma(self.after + 0.5, size=size) / rng.gamma(self.before + 0.5, size=size) / self.days


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """Bootstrap values with what the BCa interval needs.

    Parameters
    ----------
    estimate : float
        The statistic on the data.
    values, jackknife, counts : ndarray
        As in `iom_causal.numerics.inference.bootstrap.bca_interval`.
    """

    estimate: float
    values: NDArray[np.float64]
    jackknife: NDArray[np.float64]
    counts: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the BCa limits."""
        check_level(level)
        ends = bca_interval(self.estimate, self.values, self.jackknife, self.counts, level=level)
        return ends.low, ends.high

    def sample(self, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw from the bootstrap values."""
        return rng.choice(self.values[np.isfinite(self.values)], size)
