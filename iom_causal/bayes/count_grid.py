"""Grid of the gamma-Poisson model of counts with exposure common to all: its priors, marginals and draws."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.count_fit import RATIO
from iom_causal.bayes.shared.exposure import unit_of
from iom_causal.bayes.shared.parameters import Parameter, names_of
from iom_causal.bayes.shared.posterior import DRAWS, GRID, Posterior
from iom_causal.inputs.counts import CountData
from iom_causal.intervals import Tabulated
from iom_causal.numerics.posterior import gamma_poisson as kernel

type Floats = NDArray[np.float64]
type Three = tuple[Parameter, ...]
"""log_mean, log_ratio and frailty_variance."""


def grid_of(data: CountData, parameters: Three) -> kernel.Grid:
    """Return the posteriors of all replicates on grids."""
    days = _days(data)
    return kernel.grid(_totals(data), math.log(days[1] / days[0]), _priors(parameters, days[0]))


def grid_posterior(data: CountData, parameters: Three, rng: np.random.Generator) -> Posterior:
    """Return the posterior of one replicate, its draws from equally many strata."""
    grid = grid_of(data, parameters)
    table = grid.marginal()
    density = None if table.density is None else table.density[0]
    return Posterior(
        names=names_of(parameters),
        draws=grid_draws(grid, _strata(rng, DRAWS, 3)[None], data),
        sampler=GRID,
        exact=FrozenMap({RATIO: Tabulated(table.values[0], table.share[0], density=density)}),
    )


def grid_draws(grid: kernel.Grid, uniform: Floats, data: CountData) -> Floats:
    """Return draws at uniform numbers, (R, size, 3), with means for the unit of the prior."""
    found = kernel.draws(grid, uniform)
    found[..., 0] -= math.log(_days(data)[0])
    return found


def grid_log_likelihood(data: CountData, z: Floats) -> Floats:
    """Return the log likelihood of each replicate at its own parameters (R, S, 3), as (R, S)."""
    days = _days(data)
    log_days = math.log(days[1] / days[0])
    mean = z[..., 0] + math.log(days[0]) + np.logaddexp(0.0, z[..., 1] + log_days)
    return np.asarray(kernel.log_likelihood(*_totals(data), log_days, z[..., 1], mean, np.exp(z[..., 2])))


def with_enough(data: CountData, enough: NDArray[np.bool_]) -> CountData:
    """Return the same with the first replicate of enough people in place of those that have fewer."""
    if enough.all():
        return data
    place = np.where(enough, np.arange(len(data.y)), int(np.argmax(enough)))
    weight = data.weight[place] if len(data.weight) > 1 else data.weight
    return replace(data, y=np.ascontiguousarray(data.y[place]), weight=weight)


def _priors(parameters: Three, before: float) -> kernel.Priors:
    shift = math.log(before)
    mean, ratio, variance = parameters
    return kernel.Priors(
        ratio.prior.log_density,
        lambda x: mean.prior.log_density(x - shift),
        variance.prior.log_density,
        (ratio.prior.centre, mean.prior.centre + shift, math.log(variance.prior.centre)),
        (ratio.sd, mean.sd, variance.sd),
    )


def _days(data: CountData) -> Floats:
    """Return exposure before and after that is common to all, in units of the prior's mean."""
    return np.asarray(data.exposure[np.argsort(data.treated)] / unit_of(data.exposure_words))


def _totals(data: CountData) -> kernel.Totals:
    y = data.y if data.treated[0] == 0 else np.ascontiguousarray(data.y[..., ::-1])
    return kernel.Totals(*kernel.totals(y, data.weight))


def _strata(rng: np.random.Generator, size: int, columns: int) -> Floats:
    """Return the middles of equally many strata, each column in an order of its own, (size, columns)."""
    return np.column_stack([(rng.permutation(size) + 0.5) / size for _ in range(columns)])
