"""A likelihood of counts with its priors and the rows that it is fitted to: density, importance sampling, posterior."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.shared.count_likelihoods import CountLikelihood
from iom_causal.bayes.shared.count_rows import CountRows
from iom_causal.bayes.shared.parameters import (
    Parameter,
    centres,
    log_prior,
    names_of,
    natural,
    prior_draws,
    unbounded,
)
from iom_causal.bayes.shared.posterior import Posterior, from_importance
from iom_causal.intervals import Draws, Tabulated
from iom_causal.numerics.posterior.importance import (
    ENOUGH_K,
    POINTS,
    ROUNDS,
    Weighted,
    importance,
    laplace,
    refined,
)
from iom_causal.numerics.posterior.marginal import cumulated

type Floats = NDArray[np.float64]

RATIO, CONDITIONAL = "log_ratio", "conditional_log_ratio"
STEPS = 0.1
"""How far a parameter ranges, roughly, where the search for the mode begins."""


@dataclass(frozen=True, eq=False, slots=True)
class CountFit:
    """A likelihood with its parameters and the rows that it is fitted to.

    Parameters
    ----------
    likelihood : CountLikelihood
        Of counts given mean rates.
    parameters : tuple of Parameter
        log_mean, log_ratio, coefficients, and the likelihood's own.
    rows : CountRows
        The data.
    """

    likelihood: CountLikelihood
    parameters: tuple[Parameter, ...]
    rows: CountRows

    def split(self, z: Floats) -> tuple[Floats, Floats]:
        """Return coefficients of log rates and the likelihood's own parameters, from the unbounded scale (S, d)."""
        columns = np.column_stack(list(natural(self.parameters, z).values()))
        own = len(self.likelihood.parameters)
        return columns[:, :-own], columns[:, -own:]

    def log_likelihood(self, z: Floats) -> Floats:
        """Return log likelihoods at parameters (S, d)."""
        return self.likelihood.log_likelihood(self.rows, *self.split(z))

    def log_density(self, z: Floats) -> Floats:
        """Return the log density of the posterior, without a constant, at points (S, d)."""
        with np.errstate(all="ignore"):
            found = self.log_likelihood(z) + log_prior(self.parameters, z)
        return np.where(np.isfinite(found), found, -np.inf)

    def weighted(self, rng: np.random.Generator) -> Weighted:
        """Return weighted points of the posterior."""
        around = laplace(self.log_density, self._start(), np.full(len(self.parameters), STEPS))
        best = found = importance(self.log_density, around, rng)
        for _ in range(ROUNDS):  # a spread that may be 0 has a tail on the log scale that a t about the mode misses
            if best.pareto_k <= ENOUGH_K:
                break
            broad = prior_draws(self.parameters, rng, POINTS // 4)
            found = refined(self.log_density, found, rng, broad=(broad, lambda z: log_prior(self.parameters, z)))
            best = min(best, found, key=lambda drawn: drawn.pareto_k)
        return best

    def of_weighted(self, weighted: Weighted, rng: np.random.Generator) -> Posterior:
        """Return the posterior of weighted points, with the marginals of the ratios."""
        found = from_importance(names_of(self.parameters), weighted, rng)
        tables = {n: cumulated(v, weighted.weight) for n, v in self._log_ratios(weighted.points).items()}
        laws = {name: Tabulated(table.values, table.share) for name, table in tables.items()}
        return replace(found, exact=FrozenMap({**found.exact, **laws}))

    def of_chain(self, found: Posterior) -> Posterior:
        """Return the posterior of a chain, with the marginals of the ratios."""
        ratios = self._log_ratios(found.flat)
        return replace(found, exact=FrozenMap({name: Draws(values) for name, values in ratios.items()}))

    def _start(self) -> Floats:
        """Return where the search for the mode begins: at the rates of totals, and else the priors' centres."""
        rows, start = self.rows, centres(self.parameters)
        events, time = ((part * rows.weight[:, None]).sum(0) for part in (rows.y, rows.exposure))
        sides = [(float(events @ side) + 0.5) / max(float(time @ side), 1e-12) for side in (1 - rows.after, rows.after)]
        rates = (math.log(sides[0]), math.log(sides[1] / sides[0]))
        start |= {p.name: p.inside(np.array(v)) for p, v in zip(self.parameters, rates, strict=False)}
        return unbounded(self.parameters, start)

    def _log_ratios(self, z: Floats) -> dict[str, Floats]:
        return log_ratios(natural(self.parameters, z))


def log_ratios(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the log ratios of mean rates, and for one person where it differs, at arrays or PyMC's variables."""
    ratio, before, after = (values.get(name) for name in (RATIO, "frailty_sd_before", "frailty_sd_after"))
    if before is None or after is None:
        return {RATIO: ratio}
    return {RATIO: ratio, CONDITIONAL: ratio + (before**2 - after**2) / 2}
