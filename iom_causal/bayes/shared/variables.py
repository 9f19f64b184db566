"""Priors as variables of PyMC."""

import math
from typing import Any

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
            return pm.Normal(name, mean, sd, **settings)
        case LogNormal(median, sd):
            return pm.LogNormal(name, math.log(median), sd, **settings)
        case Uniform(low, high):
            return pm.Uniform(name, low, high, **settings)
        case HalfNormal(sd):
            return pm.HalfNormal(name, sd, **settings)
        case TruncatedNormal(mean, sd, low, high):
            return pm.TruncatedNormal(name, mu=mean, sigma=sd, lower=low, upper=high, **settings)
        case Beta(alpha, beta):
            return pm.Beta(name, alpha, beta, **settings)
    raise SpecError("IOM-E092", f"{name}: no variable of PyMC is known for {type(prior).__name__}")
