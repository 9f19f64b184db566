"""Parameters with their priors, and both on the scale on which they are unbounded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.shared.variables import variable
from iom_causal.beliefs import Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.errors import SpecError, echo

type Floats = NDArray[np.float64]

SPREAD_DRAWS = 20_000
"""From how many draws the spread of a prior on another scale is worked out."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a model: its name and its prior; its support says how it is made unbounded.

    Parameters
    ----------
    name : str
        As PyMC's variable is called.
    prior : Distribution
        Of the parameter itself.

    Examples
    --------
    >>> from iom_causal.beliefs import HalfNormal
    >>> spread = Parameter("spread", HalfNormal(1.0))
    >>> spread.unbounded, spread.natural(np.array([0.0])).tolist()
    ('log_spread', [1.0])
    """

    name: str
    prior: Distribution

    @property
    def _bounded(self) -> tuple[bool, bool]:
        low, high = self.prior.support
        return math.isfinite(low), math.isfinite(high)

    @property
    def unbounded(self) -> str:
        """Its name on the unbounded scale."""
        below, above = self._bounded
        return f"{('logit_' if below and above else 'log_' if below or above else '')}{self.name}"

    def natural(self, z: Floats) -> Floats:
        """Return the parameter from the unbounded scale."""
        (low, high), (below, above) = self.prior.support, self._bounded
        if below and above:
            return np.asarray(low + (high - low) * expit(z))
        if below:
            return low + np.exp(z)
        return high - np.exp(z) if above else z

    def free(self, x: Floats) -> Floats:
        """Return the parameter on the unbounded scale."""
        (low, high), (below, above) = self.prior.support, self._bounded
        if below and above:
            return np.asarray(logit((x - low) / (high - low)))
        if below:
            return np.log(x - low)
        return np.log(high - x) if above else x

    def inside(self, x: Floats) -> Floats:
        """Return values moved to where the prior has a density, as starts of a search."""
        low, high = self.prior.support
        if low < self.prior.centre < high and not (low < x < high):
            return np.asarray(self.prior.centre)
        return x

    def log_density(self, z: Floats) -> Floats:
        """Return the log density of the prior on the unbounded scale."""
        low, high = self.prior.support
        below, above = self._bounded
        density = self.prior.log_density(self.natural(z))
        if below and above:
            return np.asarray(density + math.log(high - low) + log_expit(z) + log_expit(-z))
        return density + z if below or above else density

    def sample(self, rng: np.random.Generator, size: int) -> Floats:
        """Draw from the prior, on the unbounded scale."""
        return self.free(self.prior.sample(rng, size))

    @property
    def sd(self) -> float:
        """SD of the prior on the unbounded scale."""
        if isinstance(self.prior, Normal):
            return self.prior.sd
        return float(self.sample(np.random.default_rng(0), SPREAD_DRAWS).std())

    def variable(self, **settings: Any) -> Any:
        """Return its variable in the PyMC model that is open."""
        return variable(self.name, self.prior, **settings)


def check_priors(spec: object, real: Sequence[str], positive: Sequence[str]) -> None:
    """Refuse fields that hold no prior: of real numbers, and of numbers that are not negative.

    Raises
    ------
    SpecError
        IOM-E092, naming the class and the field.
    """
    kind = type(spec).__name__
    for name in (*real, *positive):
        prior = getattr(spec, name)
        if not isinstance(prior, Distribution) or prior.support[0] == prior.support[1]:
            raise SpecError("IOM-E092", f"{kind} {name}: expected a distribution with a spread, got {echo(prior)}")
        if name in positive and prior.support[0] < 0:
            raise SpecError("IOM-E092", f"{kind} {name}: expected a distribution of positive numbers, got {prior}")


def check_log_ratios(spec: object, *names: str, no_change: bool = True) -> None:
    """Refuse a prior of a log ratio that holds a fall, or no change, impossible: it is on another scale.

    Parameters
    ----------
    spec : object
        Whose fields hold the priors.
    *names : str
        The fields.
    no_change : bool
        Whether a prior that holds no change impossible, but not a fall, is refused too.

    Raises
    ------
    SpecError
        IOM-E092, naming the class and the field.
    """
    for name in names:
        low, high = (prior := getattr(spec, name)).support
        if low >= 0 or (no_change and high < 0):
            raise SpecError(
                "IOM-E092",
                f"{type(spec).__name__} {name}: expected a prior of the log of a ratio, below 0 for a fall and 0 "
                f"for no change, got {prior}; write Normal.between(log of the lowest ratio, log of the highest)",
            )


def names_of(parameters: Sequence[Parameter]) -> tuple[str, ...]:
    """Return the names on the unbounded scale."""
    return tuple(p.unbounded for p in parameters)


def log_prior(parameters: Sequence[Parameter], points: Floats) -> Floats:
    """Return the log density of independent priors at points (S, d) of the unbounded scale, (S,).

    Examples
    --------
    >>> two = (Parameter("a", Normal(0.0, 1.0)), Parameter("b", Normal(0.0, 1.0)))
    >>> log_prior(two, np.zeros((1, 2))).round(4).tolist()
    [-1.8379]
    """
    columns = [p.log_density(points[:, k]) for k, p in enumerate(parameters)]
    return np.asarray(np.sum(columns, axis=0))


def prior_draws(parameters: Sequence[Parameter], rng: np.random.Generator, size: int) -> Floats:
    """Draw from independent priors, (size, d) on the unbounded scale."""
    return np.column_stack([p.sample(rng, size) for p in parameters])


def prior_spread(parameters: Sequence[Parameter]) -> FrozenMap[str, float]:
    """Return the SD of every prior on the unbounded scale, by name."""
    return FrozenMap({p.unbounded: p.sd for p in parameters})


def natural(parameters: Sequence[Parameter], draws: Floats) -> Mapping[str, Floats]:
    """Return draws (..., d) of the unbounded scale as parameters by PyMC's names, (...) each."""
    return {p.name: p.natural(draws[..., k]) for k, p in enumerate(parameters)}


def unbounded(parameters: Sequence[Parameter], values: Mapping[str, Floats]) -> Floats:
    """Return parameters by PyMC's names, (...) each, as points (..., d) of the unbounded scale."""
    return np.stack([p.free(np.asarray(values[p.name], dtype=np.float64)) for p in parameters], axis=-1)


def centres(parameters: Sequence[Parameter]) -> dict[str, Floats]:
    """Return the centre of every prior, by PyMC's names."""
    return {p.name: np.array(p.prior.centre, dtype=np.float64) for p in parameters}
