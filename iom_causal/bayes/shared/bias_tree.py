"""The bias model as a PyMC model with jointly normal lines, and its posterior as an ArviZ DataTree."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.shared.bias_posterior import Case
from iom_causal.bayes.shared.posterior import DRAWS, IMPORTANCE
from iom_causal.bayes.shared.variables import variable
from iom_causal.beliefs.distributions import HALF_LOG_2PI, Distribution
from iom_causal.numerics.posterior.importance import Weighted, resampled
from iom_causal.numerics.posterior.reweighting import Reweighted

type Floats = NDArray[np.float64]

NEGLIGIBLE = 1e-12
"""Share of the largest variance below which a direction of the lines has none."""


class Names(NamedTuple):
    """Names of the variables: of the remainder as a log ratio or in points, and of the lines."""

    remainder: str
    lines: tuple[str, ...]


def names_of(case: Case) -> Names:
    """Return the names of the variables of a case."""
    return Names("change" if case.score else "log_ratio", case.names[1:-1])


def decomposition_model(case: Case, programme: Distribution) -> Any:
    """Return the PyMC model of one case, its lines taken as jointly normal with the remainder.

    The remainder that the ledger leaves is an observation of the programme, with the standard deviation of its draws;
    the lines follow by their regression on it, with what is left of their covariance. That is the density of jointly
    normal draws times the prior at the remainder, also where a line is a function of the observed change.
    """
    import pymc as pm  # noqa: PLC0415 slow to load

    named = names_of(case)
    mean, cov = case.values.mean(axis=0), np.atleast_2d(np.cov(case.values.T))
    centre, spread = float(mean[-1]), float(np.sqrt(cov[-1, -1]))
    slope = cov[1:-1, -1] / cov[-1, -1]
    factor = _factor(cov[1:-1, 1:-1] - np.outer(slope, cov[-1, 1:-1]))
    with pm.Model(coords={"line": list(named.lines)}) as model:
        stated = variable("programme", programme)
        tau = pm.Deterministic(named.remainder, stated * case.unit)
        if not case.score:
            pm.Deterministic("ratio", pm.math.exp(tau))
        if named.lines:
            apart = pm.Normal("apart", 0.0, 1.0, shape=factor.shape[1])
            pm.Deterministic("lines", mean[1:-1] + slope * (tau - centre) + pm.math.dot(factor, apart), dims="line")
        pm.Normal("remainder", tau, spread, observed=centre)
    return model


def _factor(cov: Floats) -> Floats:
    """Return a matrix whose product with its transpose is a covariance; at least one column."""
    if not len(cov):
        return np.zeros((0, 1))
    roots, vectors = np.linalg.eigh(cov)
    kept = roots > NEGLIGIBLE * max(float(roots.max()), np.finfo(float).tiny)
    return np.asarray(vectors[:, kept] * np.sqrt(roots[kept])) if kept.any() else np.zeros((len(cov), 1))


@dataclass(frozen=True, slots=True, eq=False)
class BiasTree:
    """What `Estimate.native` of a bias model is made of: an `iom_causal.estimate.fields.Deferred`.

    The groups are posterior (equally weighted draws), prior (the ledger's lines under no prior of the programme, and
    the programme's own prior), log_prior (of the programme), observed_data and log_likelihood (of the remainder as a
    normal observation).

    Parameters
    ----------
    names : Names
        Of the variables.
    posterior, prior : ndarray
        (S, lines + 1), the remainder last.
    programme : Distribution
        The prior of the programme, in units of `unit`.
    unit, centre, spread : float
        Of the prior; of the remainder under a flat one.
    """

    names: Names
    posterior: Floats
    prior: Floats
    programme: Distribution
    unit: float
    centre: float
    spread: float

    @classmethod
    def of(cls, case: Case, found: Reweighted, programme: Distribution) -> Self:
        """Return the tree of one case and its draws under the prior of the programme."""
        rng = np.random.default_rng(0)
        with np.errstate(divide="ignore"):
            weighted = Weighted(found.values[:, 1:], np.log(found.weight), np.nan, found.effective, np.nan)
        flat = case.values[rng.choice(len(case.values), DRAWS), 1:]
        flat[:, -1] = programme.sample(rng, DRAWS) * case.unit
        last = case.values[:, -1]
        return cls(
            names_of(case),
            resampled(weighted, rng, DRAWS),
            flat,
            programme,
            case.unit,
            float(last.mean()),
            float(last.std()),
        )

    def made(self) -> Any:
        """Return the tree."""
        import arviz as az  # noqa: PLC0415 slow to load

        tau = self.posterior[None, :, -1]
        off = (self.centre - tau) / self.spread
        tree = az.from_dict(
            {
                "posterior": self._variables(self.posterior),
                "prior": self._variables(self.prior),
                "log_prior": {"programme": self.programme.log_density(tau / self.unit)},
                "log_likelihood": {"remainder": -0.5 * off**2 - np.log(self.spread) - HALF_LOG_2PI},
                "observed_data": {"remainder": np.array(self.centre)},
            },
            coords={"line": list(self.names.lines)},
            dims={"lines": ["line"]},
        )
        tree["posterior"].attrs["sampler"] = IMPORTANCE
        return tree

    def _variables(self, draws: Floats) -> FrozenMap[str, Floats]:
        """Return variables as the PyMC model names them, (1, S, ...)."""
        tau = draws[None, :, -1]
        found = {"programme": tau / self.unit, self.names.remainder: tau}
        if self.names.remainder == "log_ratio":
            found["ratio"] = np.exp(tau)
        if self.names.lines:
            found["lines"] = draws[None, :, :-1]
        return FrozenMap(found)
