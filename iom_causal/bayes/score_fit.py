"""A sampling model of scores with its priors and the data that it is fitted to: the density of the posterior."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.score_data import ScoreData
from iom_causal.bayes.score_models import ScoreModel
from iom_causal.bayes.shared.parameters import Parameter, log_prior, names_of, natural
from iom_causal.bayes.shared.posterior import Posterior, from_importance
from iom_causal.intervals import Draws, Tabulated
from iom_causal.numerics.posterior.importance import Weighted, adapted, laplace
from iom_causal.numerics.posterior.marginal import cumulated

type Floats = NDArray[np.float64]

POINTS = 4096
"""Of importance sampling, a power of two."""
MEAN_CHANGE, EFFECT = "mean_change", "change"
"""The parameter, people lost being as others predict, and the result: with `delta`, and net of regression at a cut."""
REGRESSION = "regression"
RESULTS = (MEAN_CHANGE, EFFECT, REGRESSION)
"""What is tabulated with its weights, in points whatever the support of a prior."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A sampling model with its parameters and the data that it is fitted to.

    Parameters
    ----------
    model : ScoreModel
        The sampling model.
    delta : float
        Where it is known.
    lost : float
        Share of the selected without a score after.
    own : tuple of Parameter
        delta, where it is not known.
    scores : ScoreData or None
        The data.
    """

    model: ScoreModel
    delta: float
    lost: float
    own: tuple[Parameter, ...] = ()
    scores: ScoreData | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All parameters."""
        return (*self.model.parameters, *self.own)

    @property
    def data(self) -> ScoreData:
        """The data."""
        return cast("ScoreData", self.scores)

    def log_likelihood(self, z: Floats) -> Floats:
        """Return log likelihoods at parameters (S, d)."""
        return self.model.log_likelihood(self.data, natural(self.parameters, z))

    def log_density(self, z: Floats) -> Floats:
        """Return the log density of the posterior, without a constant, at points (S, d)."""
        with np.errstate(all="ignore"):  # far from the mode a spread may be beyond all numbers
            found = log_prior(self.parameters, z) + self.log_likelihood(z)
        return np.where(np.isnan(found), -np.inf, found)

    def follows(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what follows from the parameters: the mean change of all, and what the sampling model adds."""
        regression = self.model.regression(values)
        change = values[MEAN_CHANGE] + self.lost * values.get("delta", self.delta)
        held = {} if regression is None else {REGRESSION: regression}
        return {EFFECT: change - (0.0 if regression is None else regression), **held, **self.model.follows(values)}

    @property
    def nets(self) -> bool:
        """Whether the result is net of regression to the mean."""
        return self.model.regression({p.name: p.prior.centre for p in self.parameters}) is not None

    def weighted(self, rng: np.random.Generator) -> Weighted:
        """Return weighted points of the posterior."""
        at, spread = _start(self)
        return adapted(self.log_density, laplace(self.log_density, at, spread), rng, points=POINTS)

    def of_weighted(self, weighted: Weighted, rng: np.random.Generator) -> Posterior:
        """Return the posterior of weighted points, with the marginals of the results."""
        found = from_importance(names_of(self.parameters), weighted, rng)
        values = natural(self.parameters, weighted.points)
        held = {**values, **self.follows(values)}
        tables = {name: cumulated(held[name], weighted.weight) for name in RESULTS if name in held}
        laws = {name: Tabulated(table.values, table.share) for name, table in tables.items()}
        return replace(found, exact=FrozenMap({**found.exact, **laws}))

    @staticmethod
    def of_chain(found: Posterior) -> Posterior:
        """Return the posterior of a chain, with the marginals of the results."""
        drawn = found.tree["posterior"]
        return replace(found, exact=FrozenMap({n: Draws(drawn[n].to_numpy().ravel()) for n in RESULTS if n in drawn}))


def _start(fit: Fit) -> tuple[Floats, Floats]:
    """Return where the search for the mode begins, and about how far each parameter ranges, both unbounded."""
    found = fit.model.start(fit.data)
    places, spreads = [], []
    for p in fit.parameters:
        middle = p.prior.centre
        value, error = found.get(p.name, (middle, math.nan))
        z, sd = _inside(p, value), p.sd
        steps = [_inside(p, value + s * error) for s in (1, -1)] if math.isfinite(error) else [z + sd, z - sd]
        spread = abs(steps[0] - steps[1]) / 2
        places.append(z)
        spreads.append(min(max(spread, 1e-6 * sd), sd))
    return np.array(places), np.array(spreads)


def _inside(p: Parameter, value: float) -> float:
    """Return a value on the unbounded scale, moved inside the support of its prior."""
    low, high = p.prior.support
    if math.isfinite(low):
        value = max(value, low + 1e-3 * abs(p.prior.centre - low))
    if math.isfinite(high):
        value = min(value, high - 1e-3 * abs(high - p.prior.centre))
    return float(p.free(np.asarray(value)))
