"""Monte Carlo errors of what is read off draws: the reason of each tolerance where a chain is compared."""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

FIVE_ERRORS = 5.0
"""Of chains, whose draws differ from one processor to another."""


class MonteCarlo(NamedTuple):
    """Errors of a mean, a median and a standard deviation."""

    mean: float
    median: float
    sd: float


def of_independent(draws, size):
    """Return the errors of so many independent draws from what these draws are of."""
    mean = float(np.std(draws)) / math.sqrt(size)
    kurtosis = float(stats.kurtosis(draws, axis=None, fisher=False))
    return MonteCarlo(mean, 1.25 * mean, mean * math.sqrt((kurtosis - 1) / 4))  # a median's is that of normal draws


def of_chains(draws):
    """Return the errors of chains, (chains, draws), from their autocorrelation."""
    import arviz as az

    made = az.from_dict({"posterior": {"x": draws}})["posterior"].to_dataset()
    return MonteCarlo(*(float(az.mcse(made, method=of)["x"]) for of in MonteCarlo._fields))


def of_quantile(draws, at):
    """Return the error of a quantile of independent draws: half of what lies between those its level is uncertain by.

    It holds for any distribution, for how many draws lie below a value is binomial.
    """
    off = math.sqrt(at * (1 - at) / np.size(draws))
    low, high = np.quantile(draws, (at - off, at + off))
    return float(high - low) / 2


def of_kept(draws, found):
    """Return the errors of draws that are kept of importance sampling: of its weights, and of what was kept."""
    kept = found.held.posterior.flat.shape[0]
    return of_independent(draws, 1 / (1 / found.diagnostics["effective_draws"] + 1 / kept))


def both(one, other):
    """Return the errors of differences between two sets of draws."""
    return MonteCarlo(*(math.hypot(a, b) for a, b in zip(one, other, strict=True)))
