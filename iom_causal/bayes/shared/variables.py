"""Priors as variables of PyMC."""

import math
from typing import Any

import numpy as np

from iom_causal.beliefs import Beta, HalfNormal, LogNormal, Normal, TruncatedNormal, Uniform
from iom_causal.beliefs.distributions import Distribution
from iom_causal.errors import SpecError


def variable(name: str, prior: Distribution, **settings: Any) -> Any:
    """Return a variable with this prior in the PyMC model that is open.

    Raises
    ------
    SpecError
        IOM-E092 for a distribution that PyMC is not told of here.
    """
    import pymc as pm  # noqa: PLC0415 slow to load

    match prior:
        case Normal(mean, sd):
            return pm.Normal(name, wide(mean), wide(sd), **settings)
        case LogNormal(median, sd):
            return pm.LogNormal(name, wide(math.log(median)), wide(sd), **settings)
        case Uniform(low, high):
            return pm.Uniform(name, wide(low), wide(high), **settings)
        case HalfNormal(sd):
            return pm.HalfNormal(name, wide(sd), **settings)
        case TruncatedNormal(mean, sd, low, high):
            return pm.TruncatedNormal(
                name, mu=wide(mean), sigma=wide(sd), lower=_end(low), upper=_end(high), **settings
            )
        case Beta(alpha, beta):
            return pm.Beta(name, wide(alpha), wide(beta), **settings)
    raise SpecError("IOM-E092", f"{name}: no variable of PyMC is known for {type(prior).__name__}")


def wide(number: float) -> Any:
    """Return a number as an array of doubles: PyTensor takes the log of a plain 2.0 in single precision."""
    return np.asarray(number, dtype=np.float64)


def _end(number: float) -> Any:
    return wide(number) if math.isfinite(number) else None
