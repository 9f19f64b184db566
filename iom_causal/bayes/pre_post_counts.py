"""Bayesian mixed models of counts before and after, with the frailties integrated out."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.bayes.shared.count_likelihoods import (
    MOST,
    BivariateLognormal,
    CountLikelihood,
    GammaPoisson,
    NegativeBinomial,
)
from iom_causal.bayes.shared.count_rows import CountRows, count_rows, expanded
from iom_causal.bayes.shared.nuts import Nuts, gate, sampled
from iom_causal.bayes.shared.parameters import (
    Parameter,
    check_priors,
    log_prior,
    names_of,
    natural,
    prior_draws,
    prior_spread,
)
from iom_causal.bayes.shared.posterior import (
    DRAWS,
    GRID,
    HIGHEST_K,
    IMPORTANCE,
    METHODS,
    Posterior,
    arviz_call,
    from_importance,
    of_log,
    posterior_estimate,
    stated,
)
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs import HalfNormal, Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.beliefs.theta import central
from iom_causal.confounds.ageing import Ageing
from iom_causal.errors import ConvergenceError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimate.notes import TOO_NARROW, Note
from iom_causal.inputs.counts import REFERENCE_LEVEL, CountData, count_data
from iom_causal.inputs.covariates import check_formula
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import LEAST_PEOPLE, UNKNOWN
from iom_causal.intervals import Draws, SamplingDistribution, Tabulated
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.ratios import robust_from_people
from iom_causal.numerics.posterior import gamma_poisson as kernel
from iom_causal.numerics.posterior.importance import (
    ENOUGH_K,
    POINTS,
    ROUNDS,
    Weighted,
    importance,
    laplace,
    refined,
    resampled,
)
from iom_causal.numerics.posterior.marginal import cumulated, moments, quantiles
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one
from iom_causal.streams import Seed, as_generator

type Floats = NDArray[np.float64]

MIXING = ("gamma", "bivariate")
FAMILIES = ("poisson", "negative_binomial")
RATIOS = ("population", "conditional")
UNIT = 548.0
"""The days for which the prior states a mean; where days are not known it is a window's."""
LOG_RATIO = Normal(0.0, 0.35)
"""A ratio of .50 to 1.99 with probability .95."""
LOG_MEAN = Normal(math.log(6.0), 1.5)
"""A mean of .3 to 114 with probability .95."""
SPREAD = HalfNormal(1.0)
"""Of frailties and of dispersion: a twentieth is above 2."""
CORRELATION_Z = Normal(0.5, 0.75)
"""A correlation of -.75 to .96 with probability .95."""
COEFFICIENT = Normal(0.0, 1.0)
"""A factor of .14 to 7 for a unit of a covariate with probability .95."""
SAMPLING = Nuts()
RATIO, CONDITIONAL, COUNTS = "log_ratio", "conditional_log_ratio", "counts"
STEPS = 0.1
"""How far a parameter ranges, roughly, where the search for the mode begins."""
PREDICTED = 20121101
"""The seed of predicted counts of people."""
DISPERSED = 1.2
"""A variance this many times that of the model is said."""
NO_EVENTS = "no events at all: the ratio is what the prior says"
_BY = {GRID: "on a grid", IMPORTANCE: "by importance sampling"}
_COMMON = ("outcome", "method", "estimand", "term", "scale", "std_error_scale", "conf_level")


@dataclass(frozen=True)
class PrePostCounts:
    """Bayesian mixed model of counts: the posterior of the rate ratio where people differ by random frailties.

    With ``"gamma"`` one frailty holds for all windows, and everybody's rate changes by one factor: where people change
    by unlike factors its interval is too narrow, as that of maximum likelihood, and the result says by how much: on
    worlds like the published cohort one at 95% holds the truth in 83%, that of ``"bivariate"`` in 95%. With the latter
    frailties before and after are correlated lognormals. Frailties have mean 1, so that the ratio is that of mean
    rates, whose log has the prior; that of one and the same person differs for ``"bivariate"`` only.

    Parameters
    ----------
    mixing : {"gamma", "bivariate"}
        The mixing distribution.
    family : {"poisson", "negative_binomial"}
        Of counts given the person; the negative binomial takes a lognormal frailty in place of the gamma.
    covariates : str
        A right-hand side over the panel's covariates, `age`, `post` and `time`, added to the log rate.
    ageing : str, Ageing or None
        A curve of rates by age, by which each person's rate is expected to change; the ratio is beside that.
    ratio : {"population", "conditional"}
        Of mean rates, or for one and the same person.
    method : {"auto", "grid", "importance", "nuts"}
        A grid where the model is the plain gamma-Poisson one, else importance sampling, else, where its Pareto k is
        above 0.7, a Hamiltonian chain.
    log_ratio, log_mean : Distribution
        Priors of the log of the ratio of mean rates, and of the log of the mean number before, per 548 days at risk
        (per window where days are not known) and at the means of the covariates.
    frailty_variance, frailty_sd : Distribution
        Priors of the variance of gamma frailties, and of the standard deviation of the logs of lognormal ones.
    correlation_z, dispersion, coefficient : Distribution
        Priors of atanh of the correlation of the log frailties, of the variance of the negative binomial's own factor,
        and of every coefficient.
    nuts : Nuts
        How long a chain is.
    level : float
        Probability of the interval.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]])
    >>> round(PrePostCounts()(panel).estimate, 3)
    0.675
    """

    mixing: str = "gamma"
    family: str = "poisson"
    covariates: str = ""
    ageing: str | Ageing | None = None
    ratio: str = "population"
    method: str = "auto"
    log_ratio: Distribution = LOG_RATIO
    log_mean: Distribution = LOG_MEAN
    frailty_variance: Distribution = SPREAD
    frailty_sd: Distribution = SPREAD
    correlation_z: Distribution = CORRELATION_Z
    dispersion: Distribution = SPREAD
    coefficient: Distribution = COEFFICIENT
    nuts: Nuts = SAMPLING
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Hausman, Hall & Griliches (1984), Econometrica 52, 909-938; Aitchison & Ho (1989), Biometrika 76, 643-653; "
        "Trefethen & Weideman (2014), SIAM Review 56, 385-458; Vehtari et al. (2024), JMLR 25(72)"
    )
    symmetric: ClassVar[bool] = False
    uses_incomplete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.mixing, MIXING, "mixing")
        check_choice(self.family, FAMILIES, "family")
        check_choice(self.ratio, RATIOS, "ratio")
        check_choice(self.method, METHODS, "method")
        check_formula(self.covariates)
        check_level(self.level)
        if self.mixing == "bivariate" and self.family != "poisson":
            raise SpecError("IOM-E092", "PrePostCounts: expected family='poisson' with mixing='bivariate'")
        real = ("log_ratio", "log_mean", "correlation_z", "coefficient")
        check_priors(self, real, positive=("frailty_variance", "frailty_sd", "dispersion"))
        if self.ageing is not None and set(central(self._curve)) != {"strength", "age_offset", "between"}:
            raise SpecError("IOM-E092", "PrePostCounts ageing: expected a curve without a Range")
        if self.method == GRID and not self._plain:
            raise SpecError("IOM-E092", f"PrePostCounts: a grid serves {_SERVED}; write method='auto'")

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, on the scale on which they are unbounded."""
        return names_of(self._parameters())

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; with no events the ratio is what the prior says.

        Raises
        ------
        InputError
            IOM-E060 for fewer than two people; IOM-E048 without the ages or dates that `ageing` needs.
        """
        refuse_replicates(panel, self)
        data = self._data(panel)
        generator, seed = as_generator(rng)
        seed = int(generator.integers(2**32)) if seed is None else seed
        if self._served(data):
            return self._by_grid(panel, data, generator, seed)
        posterior = self._posterior(panel, data, generator, seed)
        return self._estimate(panel, data, posterior, seed)

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate each replicate: on grids all at once, else one after the other."""
        data = self._data(panel)
        enough = data.people >= LEAST_PEOPLE
        if not (self._served(data) and enough.any()):
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        served = _replaced(data, enough)
        marginal = self._grid(served).marginal()
        shares = np.array([0.5, (1 - self.level) / 2, (1 + self.level) / 2])
        middle, low, high = quantiles(marginal, np.broadcast_to(shares, (len(enough), 3))).T
        spread = moments(marginal)[1]
        none, base = np.full(len(enough), np.nan), self._words(panel, data, GRID)
        many = Estimates(
            **{name: getattr(base, name) for name in _COMMON},
            numbers=numbers,
            estimate=np.exp(middle),
            std_error=spread,
            conf_low=np.exp(low),
            conf_high=np.exp(high),
            interval="credible-eti",
            n_input=data.sample.everyone,
            n_used=data.people.round().astype(np.int64),
            parts=FrozenMap({RATIO: PartColumns(middle, spread, none, none, low, high)}),
            cov=(spread**2)[:, None, None],
            notes=tuple((*own, *base.notes[len(data.sample.notes) :]) for own in data.sample.each),
            base=base,
        )
        call = arviz_call("ratio", self.level)
        many = many.noted([(*notes, call) for notes in _doubts(served).notes])
        return many.overlaid(one_by_one(self, panel, np.flatnonzero(~enough)))

    def prior_draws(self, size: int, rng: np.random.Generator) -> Floats:
        """Return draws from the prior, (size, parameters)."""
        return prior_draws(self._parameters(), rng, size)

    def simulate(self, panel: Panel, z: Floats, rng: np.random.Generator) -> Panel:
        """Return people laid out as these, one replicate for each row of parameters."""
        data = count_data(panel, self, self.covariates, collapse=False)
        rows = self._rows(panel, data)
        exposure, x = rows.exposure[rows.place], rows.x[rows.place]
        coefficients, own = self._split(data, z)
        factors = self._likelihood.factors(rng, own, exposure.shape, rows.after)
        mean = exposure * np.exp(np.einsum("rp,ncp->rnc", coefficients, x)) * factors
        return _with_counts(panel, rng.poisson(np.minimum(mean, MOST)))

    def posterior_draws(self, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
        """Return independent draws from the posterior of each replicate, (R, size, parameters)."""
        data = self._data(panel)
        if self._served(data):
            return self._draws(self._grid(data), rng.random((len(data.y), size, 3)), data)
        return np.stack([resampled(self._weighted(one, self._data(one), rng), rng, size) for one in _each(panel)])

    def log_likelihood(self, panel: Panel, z: Floats) -> Floats:
        """Return the log likelihood of each replicate at its own parameters (R, S, parameters), as (R, S)."""
        data = self._data(panel)
        if not self._served(data):
            return np.stack([self._at(one, self._data(one), p) for one, p in zip(_each(panel), z, strict=True)])
        days = _days(data)
        log_days = math.log(days[1] / days[0])
        mean = z[..., 0] + math.log(days[0]) + np.logaddexp(0.0, z[..., 1] + log_days)
        return np.asarray(kernel.log_likelihood(*_totals(data), log_days, z[..., 1], mean, np.exp(z[..., 2])))

    def build(self, panel: Panel) -> Any:
        """Return the PyMC model of these people: its likelihood on distinct rows of counts, times how often each is."""
        import pymc as pm  # noqa: PLC0415 slow to load

        data = self._data(panel)
        rows, parameters = self._rows(panel, data), self._parameters(data)
        with pm.Model() as model:
            drawn = {p.name: p.variable() for p in parameters}
            for name, value in self._ratios(drawn, pm.math.exp).items():
                pm.Deterministic(name, value)
            every = list(drawn.values())
            log_rate = sum(every[k] * rows.x[..., k] for k in range(rows.x.shape[-1]))
            self._likelihood.variable(COUNTS, rows, log_rate, every[rows.x.shape[-1] :])
        return model

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the PyMC model's variables."""
        more = tuple(Parameter(name, self.coefficient) for name in posterior.names[2 : -len(self._own)])
        found = dict(natural(self._named(more), posterior.draws))
        return {**found, **self._ratios(found, np.exp)}

    def by_person(self, tree: Any, panel: Panel) -> Any:
        """Return the tree with the log likelihood and the predicted counts of every person instead of those of rows."""
        data, rng = self._data(panel), np.random.default_rng(PREDICTED)
        parameters = self._parameters(data)

        def predicted(source: Any) -> NDArray[np.int64]:
            z = np.stack([p.free(np.ravel(source[p.name].to_numpy())) for p in parameters], axis=-1)
            return self._data(self.simulate(panel, z, rng)).y

        return expanded(tree, self._rows(panel, data), COUNTS, predicted)

    @property
    def _likelihood(self) -> CountLikelihood:
        if self.mixing == "bivariate":
            before, after = (Parameter(f"frailty_sd_{side}", self.frailty_sd) for side in ("before", "after"))
            return BivariateLognormal(before, after, Parameter("correlation_z", self.correlation_z))
        if self.family == "negative_binomial":
            return NegativeBinomial(Parameter("frailty_sd", self.frailty_sd), Parameter("dispersion", self.dispersion))
        return GammaPoisson(Parameter("frailty_variance", self.frailty_variance))

    @property
    def _own(self) -> tuple[Parameter, ...]:
        return self._likelihood.parameters

    def _named(self, coefficients: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        rates = (Parameter("log_mean", self.log_mean), Parameter(RATIO, self.log_ratio))
        return (*rates, *coefficients, *self._own)

    def _parameters(self, data: CountData | None = None) -> tuple[Parameter, ...]:
        if data is None and self.covariates:
            raise SpecError("IOM-E092", "PrePostCounts: which coefficients covariates have depends on the people")
        return self._named(tuple(Parameter(name, self.coefficient) for name in (data.names[2:] if data else ())))

    def _split(self, data: CountData, z: Floats) -> tuple[Floats, Floats]:
        """Return coefficients of log rates and the likelihood's own parameters, from the unbounded scale (S, d)."""
        columns = np.column_stack([p.natural(z[:, k]) for k, p in enumerate(self._parameters(data))])
        return columns[:, : -len(self._own)], columns[:, -len(self._own) :]

    def _ratios(self, drawn: Mapping[str, Any], exp: Any) -> dict[str, Any]:
        """Return the ratios as functions of the model's variables."""
        if self.mixing != "bivariate":
            return {"ratio": exp(drawn[RATIO])}
        conditional = drawn[RATIO] + (drawn["frailty_sd_before"] ** 2 - drawn["frailty_sd_after"] ** 2) / 2
        both = {"population_ratio": exp(drawn[RATIO]), "conditional_ratio": exp(conditional)}
        return {**both, "ratio": exp(conditional if self.ratio == "conditional" else drawn[RATIO])}

    @property
    def _curve(self) -> Ageing:
        return self.ageing if isinstance(self.ageing, Ageing) else Ageing(curve=str(self.ageing))

    @property
    def _plain(self) -> bool:
        """Whether the model is one that a grid serves."""
        open_ended = all(math.isinf(end) for prior in (self.log_ratio, self.log_mean) for end in prior.support)
        simple = (self.mixing, self.family, self.covariates.strip(), self.ageing) == ("gamma", "poisson", "", None)
        return simple and open_ended and self.frailty_variance.support == (0.0, math.inf)

    def _data(self, panel: Panel) -> CountData:
        return count_data(panel, self, self.covariates, collapse=not self.covariates)

    def _served(self, data: CountData) -> bool:
        on_grid = data.plain and data.y.shape[-1] == 2
        if self.method == GRID and not on_grid:
            raise SpecError("IOM-E092", f"PrePostCounts: a grid serves {_SERVED}; write method='auto'")
        return on_grid and self._plain and self.method in ("auto", GRID)

    def _rows(self, panel: Panel, data: CountData) -> CountRows:
        offset = None if self.ageing is None else self._curve.by_person(panel)
        return count_rows(data, _unit(data), offset if offset is None or offset.ndim == 1 else offset[0])

    def _at(self, panel: Panel, data: CountData, z: Floats) -> Floats:
        """Return log likelihoods at parameters (S, d)."""
        return self._likelihood.log_likelihood(self._rows(panel, data), *self._split(data, z))

    def _weighted(self, panel: Panel, data: CountData, rng: np.random.Generator) -> Weighted:
        rows, parameters, likelihood = self._rows(panel, data), self._parameters(data), self._likelihood

        def log_density(z: Floats) -> Floats:
            with np.errstate(all="ignore"):
                found = likelihood.log_likelihood(rows, *self._split(data, z)) + log_prior(parameters, z)
            return np.where(np.isfinite(found), found, -np.inf)

        start = np.array([float(p.free(np.array(p.prior.centre))) for p in parameters])
        events, time = ((part * rows.weight[:, None]).sum(0) for part in (rows.y, rows.exposure))
        sides = [(float(events @ side) + 0.5) / max(float(time @ side), 1e-12) for side in (1 - rows.after, rows.after)]
        rates = (math.log(sides[0]), math.log(sides[1] / sides[0]))
        start[:2] = [p.free(p.inside(np.array(v))) for p, v in zip(parameters, rates, strict=False)]
        best = found = importance(log_density, laplace(log_density, start, np.full(len(parameters), STEPS)), rng)
        for _ in range(ROUNDS):  # a spread that may be 0 has a tail on the log scale that a t about the mode misses
            if best.pareto_k <= ENOUGH_K:
                break
            broad = prior_draws(parameters, rng, POINTS // 4)
            found = refined(log_density, found, rng, broad=(broad, lambda z: log_prior(parameters, z)))
            best = min(best, found, key=lambda drawn: drawn.pareto_k)
        return best

    def _posterior(self, panel: Panel, data: CountData, rng: np.random.Generator, seed: int) -> Posterior:
        notes: tuple[str, ...] = ()
        if self.method != "nuts":
            try:
                weighted = self._weighted(panel, data, rng)
            except ConvergenceError:
                if self.method == IMPORTANCE:
                    raise
                notes = ("the posterior has no mode to sample about, and a chain was drawn",)
            else:
                k = weighted.pareto_k
                if k <= HIGHEST_K:
                    return self._from_importance(data, weighted, rng)
                if self.method == IMPORTANCE:
                    found = self._from_importance(data, weighted, rng)
                    return replace(found, notes=(f"{_UNTRUSTED.format(k)}: write method='nuts'",))
                notes = (f"{_UNTRUSTED.format(k)}, and a chain was drawn",)
        found = self._by_chain(panel, data, seed)
        return replace(found, notes=(*notes, *found.notes))

    def _from_importance(self, data: CountData, weighted: Weighted, rng: np.random.Generator) -> Posterior:
        found = from_importance(names_of(self._parameters(data)), weighted, rng)
        tables = {n: cumulated(v, weighted.weight) for n, v in self._log_ratios(data, weighted.points).items()}
        laws = {name: Tabulated(table.values, table.share) for name, table in tables.items()}
        return replace(found, exact=FrozenMap({**found.exact, **laws}))

    def _log_ratios(self, data: CountData, z: Floats) -> dict[str, Floats]:
        """Return the log ratios of mean rates, and for one person where it differs, at parameters (S, d)."""
        coefficients, own = self._split(data, z)
        found = {RATIO: coefficients[:, 1]}
        if self.mixing == "bivariate":
            found[CONDITIONAL] = found[RATIO] + (own[:, 0] ** 2 - own[:, 1] ** 2) / 2
        return found

    def _by_chain(self, panel: Panel, data: CountData, seed: int) -> Posterior:
        parameters = self._parameters(data)
        tree = sampled(self.build(panel), self.nuts, seed=seed)
        figures, notes = gate(tree, [p.name for p in parameters])
        draws = np.stack([p.free(tree["posterior"][p.name].to_numpy()) for p in parameters], axis=-1)
        ratios = self._log_ratios(data, draws.reshape(-1, len(parameters)))
        return Posterior(
            names=names_of(parameters),
            draws=draws,
            sampler=self.nuts.named,
            exact=FrozenMap({name: Draws(values) for name, values in ratios.items()}),
            figures=figures,
            notes=notes,
            tree=tree,
        )

    def _grid(self, data: CountData) -> kernel.Grid:
        days = _days(data)
        return kernel.grid(_totals(data), math.log(days[1] / days[0]), self._priors(days[0]))

    def _priors(self, before: float) -> kernel.Priors:
        shift = math.log(before)
        mean, ratio, variance = self._parameters()
        return kernel.Priors(
            ratio.prior.log_density,
            lambda x: mean.prior.log_density(x - shift),
            variance.prior.log_density,
            (ratio.prior.centre, mean.prior.centre + shift, math.log(variance.prior.centre)),
            (ratio.sd, mean.sd, variance.sd),
        )

    def _draws(self, grid: kernel.Grid, uniform: Floats, data: CountData) -> Floats:
        found = kernel.draws(grid, uniform)
        found[..., 0] -= math.log(_days(data)[0])
        return found

    def _by_grid(self, panel: Panel, data: CountData, rng: np.random.Generator, seed: int) -> Estimate:
        grid = self._grid(data)
        table = grid.marginal()
        density = None if table.density is None else table.density[0]
        posterior = Posterior(
            names=self.names,
            draws=self._draws(grid, _strata(rng, DRAWS, 3)[None], data),
            sampler=GRID,
            exact=FrozenMap({RATIO: Tabulated(table.values[0], table.share[0], density=density)}),
        )
        made = self._estimate(panel, data, posterior, seed)
        ratio = next(part for part in made.parts if part.term == RATIO)
        others = {part.term: part.estimate for part in made.parts if part.term != RATIO}
        return replace(  # the others are known by draws alone, which a block of replicates does without
            made,
            parts=(ratio,),
            cov=np.array([[float(made.std_error or 0.0) ** 2]]),
            diagnostics=FrozenMap({**made.diagnostics, **others}),
        )

    def _estimate(self, panel: Panel, data: CountData, posterior: Posterior, seed: int) -> Estimate:
        words, doubts = self._words(panel, data, posterior.sampler), _doubts(data)
        shared = self.mixing == "gamma" and self.family == "poisson"
        notes = doubts.notes[0] if shared or not any(data.totals()) else ()
        law: SamplingDistribution | None = None
        wanted = CONDITIONAL if self.mixing == "bivariate" and self.ratio == "conditional" else RATIO
        if wanted not in posterior.names:
            law = of_log(posterior.exact[wanted])
        return posterior_estimate(
            replace(
                words,
                notes=words.notes + notes,
                n_used=round(float(data.people[0])),
                diagnostics=FrozenMap({**doubts.figures(0), **self._both(posterior)}),
            ),
            posterior,
            of=RATIO,
            law=law,
            priors={},
            prior_sd=prior_spread(self._parameters(data)),
            held=PosteriorTree(self, panel, posterior, seed),
        )

    def _both(self, posterior: Posterior) -> dict[str, Any]:
        """Return median and interval of both ratios, where they differ."""
        if self.mixing != "bivariate":
            return {}
        laws = {"population_ratio": posterior.marginal(RATIO), "conditional_ratio": posterior.exact[CONDITIONAL]}

        def figures(law: SamplingDistribution) -> FrozenMap[str, float]:
            (low, high), (middle, _) = law.interval(self.level), law.interval(1e-9)
            return FrozenMap({"estimate": middle, "conf_low": low, "conf_high": high})

        return {name: figures(of_log(law)) for name, law in laws.items()}

    def _words(self, panel: Panel, data: CountData, sampler: str) -> Estimate:
        per = "per window" if data.exposure_words == UNKNOWN else f"per {UNIT:g} days"
        priors = {f"the log of the mean number before, {per},": self.log_mean, "the log of the ratio": self.log_ratio}
        if len(data.names) > 2:
            priors["each coefficient"] = self.coefficient
        likelihood = self._likelihood
        priors |= {what: p.prior for what, p in zip(likelihood.stated, likelihood.parameters, strict=True)}
        notes, aged = data.sample.notes, list[str]()
        if any("post" in name.split(":") for name in data.names[2:]):
            notes += (REFERENCE_LEVEL,)
        if self.ageing is not None:
            mean = math.exp(np.average(self._curve.by_person(panel)))
            notes += (f"the ratio is beside the change expected with age, a factor of {mean:.3f} on average",)
            aged.append("people would have changed with age as the stated curve says")
        conditional = self.ratio == "conditional"
        return Estimate(
            outcome=data.sample.outcome,
            method=f"{likelihood.words}, posterior {_BY.get(sampler, f'by {sampler}')}",
            estimand="conditional_ratio" if conditional else "descriptive_change",
            term="after / before",
            scale="ratio",
            std_error_scale="log",
            conf_level=self.level,
            n_input=data.sample.n_input,
            exposure=data.exposure_words,
            notes=notes,
            assumptions=("people are independent of one another", *likelihood.assumptions, *aged, *stated(priors)),
            coefficient=RATIO,
            spec=self,
            pinned=data.sample.pinned(),
        )


_SERVED = (
    "mixing='gamma' and family='poisson' with exposure common to all, no covariates, no ageing and priors that hold "
    "every value possible"
)
_UNTRUSTED = "the weights of importance sampling are not to be trusted (Pareto k {:.2f})"


class _Doubts(NamedTuple):
    """Standard errors of the log ratio of totals, (R,) each: of Poisson events with one factor, and whatever holds."""

    notes: list[tuple[str, ...]]
    poisson: Floats
    robust: Floats

    def figures(self, k: int) -> dict[str, float]:
        """Return those of one replicate that are defined."""
        pair = {"std_error_poisson": float(self.poisson[k]), "std_error_robust": float(self.robust[k])}
        return pair if all(math.isfinite(v) for v in pair.values()) else {}


def _doubts(data: CountData) -> _Doubts:
    """Return what a reader should know of each replicate: whether people changed by factors more unlike than chance."""
    before, after = data.totals()
    days = np.broadcast_to(data.exposure, data.y.shape)
    y1, y2, t1, t2 = (part[..., data.treated == side].sum(-1) for part in (data.y, days) for side in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        robust = robust_from_people(y1, y2, t1, t2, weight=data.weight).std_error
        poisson = np.sqrt(1 / before + 1 / after)
        dispersion = (robust / poisson) ** 2
    notes: list[tuple[str, ...]] = [()] * len(data.y)
    for k in np.flatnonzero((before + after == 0) | (dispersion > DISPERSED)):
        notes[k] = (NO_EVENTS,) if before[k] + after[k] == 0 else (_too_narrow(dispersion[k]),)
    return _Doubts(notes, poisson, robust)


def _too_narrow(dispersion: float) -> Note:
    return Note(
        f"too narrow: people changed by unlike factors, and the variance is {dispersion:.2f} times what this interval "
        "allows; mixing='bivariate' lets factors differ",
        TOO_NARROW,
    )


def _each(panel: Panel) -> list[Panel]:
    return [panel] if panel.replicates is None else [panel.replicate(k) for k in range(panel.replicates)]


def _unit(data: CountData) -> float:
    return 1.0 if data.exposure_words == UNKNOWN else UNIT


def _days(data: CountData) -> Floats:
    """Return exposure before and after that is common to all, in units of the prior's mean."""
    return np.asarray(data.exposure[np.argsort(data.treated)] / _unit(data))


def _totals(data: CountData) -> kernel.Totals:
    y = data.y if data.treated[0] == 0 else np.ascontiguousarray(data.y[..., ::-1])
    return kernel.Totals(*kernel.totals(y, data.weight))


def _replaced(data: CountData, enough: NDArray[np.bool_]) -> CountData:
    """Return the same with the first replicate of enough people in place of those that have fewer."""
    if enough.all():
        return data
    place = np.where(enough, np.arange(len(data.y)), int(np.argmax(enough)))
    weight = data.weight[place] if len(data.weight) > 1 else data.weight
    return replace(data, y=np.ascontiguousarray(data.y[place]), weight=weight)


def _with_counts(panel: Panel, counts: NDArray[np.int64]) -> Panel:
    """Return a panel with counts (R, n, T) of its managed people; what is missing stays so."""
    known = ~np.isnan(panel.outcome)
    known = known if known.ndim == 2 else known[0]
    outcome = np.broadcast_to(np.where(known, 0, np.nan) if not known.all() else 0, (len(counts), *known.shape))
    outcome = np.array(outcome, dtype=np.float64 if not known.all() else np.int64)
    outcome[:, panel.group] = np.where(known[panel.group], counts, outcome[:, panel.group])
    return replace(panel, outcome=outcome)


def _strata(rng: np.random.Generator, size: int, columns: int) -> Floats:
    """Return the middles of equally many strata, each column in an order of its own, (size, columns)."""
    return np.column_stack([(rng.permutation(size) + 0.5) / size for _ in range(columns)])
