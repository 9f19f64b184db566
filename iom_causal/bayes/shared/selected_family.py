"""One family of rates of the selection model, on people laid out as a panel's: density, sampling, PyMC model, draws."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap
from iom_causal.bayes.shared.methods import DISTRUST, trusted_or_chain
from iom_causal.bayes.shared.nuts import Nuts, chains
from iom_causal.bayes.shared.parameters import (
    Parameter,
    centres,
    log_prior,
    names_of,
    natural,
    prior_draws,
    prior_spread,
    unbounded,
)
from iom_causal.bayes.shared.posterior import HIGHEST_K, Posterior, from_importance, posterior_estimate
from iom_causal.bayes.shared.seeds import seeded
from iom_causal.bayes.shared.selected_people import SelectedPeople, selected_people
from iom_causal.bayes.shared.simulated import draws_by_loop
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs.distributions import Distribution
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.numerics.posterior import selected_pairs as likelihood
from iom_causal.numerics.posterior.fit_of_counts import CountsFit, fit_of_counts
from iom_causal.numerics.posterior.importance import Weighted, adapted, laplace
from iom_causal.numerics.posterior.selected_draws import draw_rates, draw_selected, poisson
from iom_causal.panel import Panel
from iom_causal.roles import Rng

type Floats = NDArray[np.float64]
type OfPoints = Callable[[Floats], Floats]

GAMMA, LOGNORMAL, RATIO = "gamma", "lognormal", "log_ratio"
FAMILIES = (GAMMA, LOGNORMAL)
POINTS, MORE_POINTS = 1024, 4096
"""Of importance sampling with the pool, and without it, where the posterior is far from normal and a point cheap."""
GOOD_K, GOOD_SHARE, WIDER = 0.5, 0.1, 2.0
"""Of adaptive importance sampling: Pareto k and effective share at which it ends, and by how much it is widened."""
WIDEST = 0.25
"""Least curvature at the mode, in squared SDs of the prior: no posterior is taken to be twice as wide as its prior."""

UNEVEN = DISTRUST._replace(
    kept=f"importance weights are uneven (Pareto k {{k:.2f}}, above {HIGHEST_K}): take method='nuts'"
)


@dataclass(frozen=True)
class SelectedFamily:
    """Model of counts before and after in which people are selected on the count before, for one family of rates.

    Parameters
    ----------
    family : {"gamma", "lognormal"}
        Of the rates; gamma rates last, and lognormal ones are correlated between windows where the pool is there.
    pool : bool
        Whether never-managed people are on the panel.
    fitted : bool
        Whether the selection probability is a probit with parameters; else the panel's rule states it.
    parameters : tuple of Parameter
        With their priors.
    method : {"auto", "importance", "nuts"}
        How the posterior is worked out.
    nuts : Nuts
        How long to sample.
    """

    family: str
    pool: bool
    fitted: bool
    parameters: tuple[Parameter, ...]
    method: str = "auto"
    nuts: Nuts = field(default_factory=Nuts)

    @classmethod
    def of(
        cls, people: SelectedPeople, family: str, priors: Mapping[str, Distribution], method: str, nuts: Nuts
    ) -> "SelectedFamily":
        """Return the model of these people, with the parameters that it has for them."""
        fitted = people.probability is None
        named = [RATIO, "log_mean", "spread"]
        if people.pool:
            named += ["drift"] + (["spread_after", "atanh_correlation"] if family == LOGNORMAL else [])
        else:
            named += ["lasting"]
        named += ["selection_intercept", "selection_slope"] if fitted else []
        return cls(family, people.pool, fitted, tuple(Parameter(n, priors[n]) for n in named), method, nuts)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Return the posterior of the programme's ratio under this family alone; `SelectionModel` shows both."""
        people = self.read(panel)
        generator, seed = seeded(rng)
        found = self.posterior(people, panel, generator, seed)
        words = Estimate(
            outcome=panel.name,
            method=f"selection model, {self.family} rates alone",
            estimand="att_ratio",
            term="after / before",
            scale="ratio",
            n_input=people.n_input,
            n_used=people.n_used,
            exposure=people.exposure,
            notes=people.notes,
            spec=self,
        )
        return posterior_estimate(
            words,
            found,
            of=RATIO,
            priors={p.name: p.prior for p in self.parameters},
            prior_sd=self.prior_sd,
            held=PosteriorTree(self, panel, found, seed),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, on the unbounded scale."""
        return names_of(self.parameters)

    @property
    def drifts(self) -> bool:
        """Whether rates are correlated between the windows, rather than the same."""
        return self.pool and self.family == LOGNORMAL

    def prior_draws(self, size: int, rng: np.random.Generator) -> Floats:
        """Return draws from the prior, (size, parameters)."""
        return prior_draws(self.parameters, rng, size)

    @property
    def prior_sd(self) -> FrozenMap[str, float]:
        """Spread of the prior of every parameter, on the unbounded scale."""
        return prior_spread(self.parameters)

    def rates(self, z: Floats) -> likelihood.Rates:
        """Return the parameters of rates at points (S, d)."""
        at = natural(self.parameters, z)
        spread = at["spread"]
        after, correlation = spread, np.ones_like(spread)
        if self.drifts:
            after, correlation = at["spread_after"], np.tanh(at["atanh_correlation"])
        without = at["drift"] if self.pool else np.log(at["lasting"])
        return likelihood.Rates(at["log_mean"], spread, after, correlation, without, at["log_ratio"])

    def chance(self, z: Floats, count: Floats, stated: Floats | None) -> tuple[Floats, Floats]:
        """Return the log probability of being selected and not, by count before, (S, C) each."""
        if self.fitted:
            at = natural(self.parameters, z)
            return likelihood.probit(at["selection_intercept"], at["selection_slope"], count)
        known = np.zeros(1) if stated is None else stated
        with np.errstate(divide="ignore"):
            own = (np.log(known), np.log1p(-known))
        yes, no = (np.broadcast_to(v, (len(z), v.size)) for v in own)
        return yes, no

    def log_posterior(self, people: SelectedPeople) -> OfPoints:
        """Return the log posterior density of points (S, d), constants included."""
        of_people = self.log_likelihood_of(people)

        def density(z: Floats) -> Floats:
            with np.errstate(all="ignore"):
                return np.asarray(log_prior(self.parameters, z) + of_people(z) @ people.rows.weight)

        return density

    def log_likelihood_of(self, people: SelectedPeople) -> OfPoints:
        """Return the log likelihood of each row at points (S, d), (S, U).

        With the pool it is that of both counts and of being selected or not; without it of both counts given that one
        is selected.
        """
        rows, counts = people.rows, people.counts
        place = people.place_before
        pairs_of = self._pairs(rows)
        marginal = likelihood.gamma_counts if self.family == GAMMA else likelihood.lognormal_counts

        def of_rows(z: Floats) -> Floats:
            at = self.rates(z)
            pairs = pairs_of(at)
            yes, no = self.chance(z, counts, people.probability)
            if self.pool:
                return pairs + np.where(rows.managed > 0, yes[:, place], no[:, place])
            share = likelihood.log_share(yes, marginal(counts, people.in_window(at)))
            return np.asarray(pairs + yes[:, place] - share[:, None])

        return of_rows

    def _pairs(self, rows: likelihood.PairRows) -> Callable[[likelihood.Rates], Floats]:
        if self.drifts:
            return likelihood.LognormalPairs.of(rows).log_probability
        return partial(likelihood.gamma_pairs if self.family == GAMMA else likelihood.lasting_pairs, rows)

    def posterior(self, people: SelectedPeople, panel: Panel, rng: np.random.Generator, seed: int) -> Posterior:
        """Return the posterior of these people by importance sampling, and by Hamiltonian sampling where that fails."""

        def of_weighted(weighted: Weighted) -> Posterior:
            found = from_importance(self.names, weighted, rng)
            return replace(found, figures=FrozenMap({**found.figures, "log_evidence": float(weighted.log_evidence)}))

        return trusted_or_chain(
            self.method,
            lambda: self.weighted(people, rng),
            of_weighted,
            lambda: chains(self.build(panel), self.parameters, self.nuts, seed=seed),
            UNEVEN,
        )

    def fit(self, people: SelectedPeople, posterior: Posterior) -> CountsFit | None:
        """Return how well the counts before of everybody fit, at posterior medians; None where days are unlike."""
        rows = people.rows
        if not self.pool or np.ptp(rows.time_before) > 0:
            return None
        marginal = likelihood.gamma_counts if self.family == GAMMA else likelihood.lognormal_counts
        counts = np.arange(rows.before.max() + 1)
        at = people.in_window(self.rates(np.median(posterior.flat, axis=0)[None]))
        observed = np.bincount(rows.before.astype(np.int64), rows.weight)
        return fit_of_counts(observed, marginal(counts, at)[0], fitted=2)

    def weighted(self, people: SelectedPeople, rng: np.random.Generator) -> Weighted:
        """Return weighted points of the posterior."""
        density, spread = self.log_posterior(people), np.array(list(self.prior_sd.values()))
        around = laplace(density, self.start(people), spread, flattest=WIDEST)
        last = POINTS if self.pool else MORE_POINTS
        return adapted(density, around, rng, enough=GOOD_K, share=GOOD_SHARE, wider=WIDER, last=last)

    def start(self, people: SelectedPeople) -> Floats:
        """Return where the search for the mode begins: the priors' centres, with the pool at its mean before."""
        rows = people.rows
        start = centres(self.parameters)
        if self.pool:
            mean = (rows.weight @ rows.before + 0.5) / (rows.weight @ rows.time_before)
            start["log_mean"] = np.array(math.log(mean))
        return unbounded(self.parameters, start)

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the variables of `build`, (chains, draws) each."""
        own = natural(self.parameters, posterior.draws)
        return {**own, "ratio": np.exp(own["log_ratio"])}

    def posterior_draws(self, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
        """Return independent draws from the posterior of each replicate of a panel, (R, size, parameters)."""
        return draws_by_loop(lambda one: self.weighted(self.read(one), rng), panel, size, rng)

    def read(self, panel: Panel) -> SelectedPeople:
        """Return a panel's people as this model has them: with or without a pool and a stated rule."""
        people = selected_people(panel, "SelectionModel")
        return people._replace(pool=self.pool, probability=None if self.fitted else people.probability)

    def simulate(self, panel: Panel, z: Floats, rng: np.random.Generator) -> Panel:
        """Return people laid out as these, one replicate for each row of parameters.

        Who is managed is drawn with the counts where the pool is there, so that each person then is on the panel
        twice, managed and not, and the weight of one of the two is 0.
        """
        people = self.read(panel)
        rows, place = people.rows, np.maximum(people.place, 0)
        post = np.array([w.post for w in panel.windows])
        if (post.sum(), (~post).sum()) != (1, 1):
            raise SpecError("IOM-E092", "simulate: expected one window before and one after; use panel.prepost()")
        first, second = rows.time_before[place], rows.time_after[place]
        at, (yes, _) = self.rates(z), self.chance(z, people.counts, people.probability)
        if not self.pool:
            before, rate = draw_selected(self.family, people.in_window(at), np.exp(yes), panel.n, rng)
            after = poisson(rate * np.exp(at.ratio)[:, None] * second / people.time, rng)
            return replace(panel, outcome=_outcome(panel, before, after))
        rate, later = draw_rates(self.family, at, panel.n, rng)
        before = poisson(rate * first, rng)
        index = np.minimum(before.astype(np.int64), yes.shape[1] - 1)
        picked = rng.random(before.shape) < np.exp(np.take_along_axis(yes, index, axis=1))
        after = poisson(later * np.exp(at.ratio[:, None] * picked) * second, rng)
        return _twice(panel, _outcome(panel, before, after), picked)

    def build(self, panel: Panel) -> Any:
        """Return the PyMC model of a panel."""
        from iom_causal.bayes.shared.selected_graph import built  # noqa: PLC0415 PyMC is slow to load

        return built(self, self.read(panel))

    def by_person(self, tree: Any, panel: Panel) -> Any:
        """Return the tree with the log likelihood of every person used, instead of that of rows that repeat."""
        import xarray as xr  # noqa: PLC0415 slow to load

        people = self.read(panel)
        rows = tree["log_likelihood"]["counts"].to_numpy() / people.rows.weight
        place = people.place[people.place >= 0]
        weight = np.ones(panel.n) if panel.weight is None else panel.weight
        repeats = np.maximum(1, np.rint(weight[people.place >= 0]).astype(np.int64))
        values = rows[..., np.repeat(place, repeats)]
        tree["log_likelihood"] = xr.DataTree(xr.Dataset({"counts": (("chain", "draw", "person"), values)}))
        return tree


def _outcome(panel: Panel, before: Floats, after: Floats) -> Floats:
    pairs = np.stack([before, after], axis=-1)
    return np.where(np.isnan(panel.outcome.astype(np.float64)), np.nan, pairs)


def _twice(panel: Panel, outcome: Floats, picked: NDArray[np.bool_]) -> Panel:
    """Return every person as managed and as not, and by weights which of the two is there."""

    def doubled(value: Any) -> Any:
        return np.concatenate([value, value], axis=-1) if isinstance(value, np.ndarray) else value

    weight = np.ones(panel.n) if panel.weight is None else panel.weight
    days = panel.exposure
    mask = np.arange(2 * panel.n) >= panel.n
    first_after = next(t for t, w in enumerate(panel.windows) if w.post)
    return replace(
        panel,
        outcome=np.concatenate([outcome, outcome], axis=-2),
        exposure=days if days is None or days.ndim == 1 else np.concatenate([days, days], axis=-2),
        weight=np.concatenate([weight * picked, weight * ~picked], axis=-1).astype(np.int64),
        start=np.ma.MaskedArray(np.full(2 * panel.n, first_after), mask=mask),
        index_date=doubled(panel.index_date),
        age=doubled(panel.age),
        covariates={name: doubled(value) for name, value in panel.covariates.items()},
        ids=None,
    )
