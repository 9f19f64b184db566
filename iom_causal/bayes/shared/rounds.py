"""Rounds of importance sampling that begin at the prior, for few parameters and any shape of posterior."""

import math
from collections.abc import Sequence

import numpy as np

from iom_causal.bayes.shared.parameters import Parameter, log_prior, prior_draws
from iom_causal.numerics.posterior.importance import LogDensity, Weighted, refined, weighted

FIRST = 512
"""Points of the first two rounds; a power of two."""


def from_prior(
    parameters: Sequence[Parameter], log_density: LogDensity, rng: np.random.Generator, *, points: int
) -> Weighted:
    """Self-normalised importance sampling in three rounds, from the prior to the posterior.

    Right for posteriors of up to three or four parameters that are not many times narrower than their priors. A quarter
    of every later round is drawn from the prior again, which bounds the weights.

    Parameters
    ----------
    parameters : sequence of Parameter
        With independent priors.
    log_density : callable
        Points (S, d) of the unbounded scale to the log of prior times likelihood, (S,).
    rng : Generator
        The draws.
    points : int
        Of the last round; a power of two.

    Examples
    --------
    >>> from iom_causal.beliefs import HalfNormal
    >>> spread = (Parameter("spread", HalfNormal(1.0)),)
    >>> found = from_prior(spread, lambda z: log_prior(spread, z), np.random.default_rng(1), points=1024)
    >>> bool(abs(found.log_evidence) < 0.01), found.pareto_k < 0.5
    (True, True)
    """
    if not parameters:  # one and the same point
        evidence = float(log_density(np.zeros((1, 0)))[0])
        return Weighted(np.zeros((points, 0)), np.full(points, -math.log(points)), 0.0, float(points), evidence)
    prior = prior_draws(parameters, rng, FIRST)
    found = weighted(prior, log_density(prior) - log_prior(parameters, prior) - math.log(FIRST))
    for size in (FIRST, points):
        again = prior_draws(parameters, rng, size // 4)
        broad = (again, lambda z: log_prior(parameters, z))
        found = refined(log_density, found, rng, broad=broad, points=size)
    return found
