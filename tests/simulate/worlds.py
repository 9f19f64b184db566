"""Worlds of simulated careers, and whether their means lie near a truth."""

import numpy as np

from iom_causal import simulate as sim
from iom_causal.windows import YEAR, Selection

LOOSE = 4  # Monte Carlo standard errors; one wrong alarm in sixteen thousand
YEARS = (547 / YEAR, 549 / YEAR)
AT_LEAST_4 = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
STEADY = sim.Careers(rate=2.0, own_sd=0.0)


def mean_and_error(values):
    """Mean over replicates, with its Monte Carlo error; the last axis is windows."""
    by_replicate = values.mean(1)
    return by_replicate.mean(0), by_replicate.std(0, ddof=1) / np.sqrt(len(by_replicate))


def close(value, truth):
    mean, error = mean_and_error(value)
    return bool((np.abs(mean - truth) < LOOSE * np.maximum(error, 1e-12)).all())


def worlds(careers, n=300, seed=1):
    return careers.batch(n, rng=seed)
