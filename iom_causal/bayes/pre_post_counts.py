"""Bayesian mixed Poisson models of counts before and after, with the frailty integrated out."""

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.specs import FrozenMap, check_level, refuse_data
from iom_causal.bayes.shared.count_rows import count_rows, expanded, gamma_poisson
from iom_causal.bayes.shared.parameters import Parameter, names_of, prior_draws, prior_spread
from iom_causal.bayes.shared.posterior import (
    DRAWS,
    GRID,
    Posterior,
    arviz_call,
    posterior_estimate,
    stated,
)
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs import HalfNormal, Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate
from iom_causal.estimate.estimates import Estimates, PartColumns
from iom_causal.estimate.notes import TOO_NARROW, Note
from iom_causal.inputs.counts import CountData, count_data
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.sample import LEAST_PEOPLE, UNKNOWN
from iom_causal.intervals import Tabulated
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.ratios import robust_from_people
from iom_causal.numerics.posterior import gamma_poisson as kernel
from iom_causal.numerics.posterior.marginal import moments, quantiles
from iom_causal.panel import Panel
from iom_causal.roles import Rng, batch_by_loop, one_by_one
from iom_causal.streams import Seed, as_generator

type Floats = NDArray[np.float64]

UNIT = 548.0
"""The days for which the prior states a mean; where days are not known it is a window's."""
LOG_RATIO = Normal(0.0, 0.35)
"""A ratio of .50 to 1.99 with probability .95."""
LOG_MEAN = Normal(math.log(6.0), 1.5)
"""A mean of .3 to 114 with probability .95."""
FRAILTY_VARIANCE = HalfNormal(1.0)
"""Of which nothing is left out, and above 2 a twentieth."""
RATIO, COUNTS = "log_ratio", "counts"
PREDICTED = 20121101
"""The seed of predicted counts of people."""
DISPERSED = 1.2
"""A variance this many times that of the model is said."""
NO_EVENTS = "no events at all: the ratio is what the prior says"
_COMMON = ("outcome", "method", "estimand", "term", "scale", "std_error_scale", "conf_level")
_ASSUMPTIONS = (
    "people are independent of one another",
    "events are Poisson given the person",
    "a person's frailty is the same in every window",
    "every person's rate changed by the same factor",
)


@dataclass(frozen=True)
class PrePostCounts:
    """Bayesian gamma-Poisson model: the posterior of the rate ratio where people differ by a random frailty.

    Parameters
    ----------
    log_ratio : Distribution
        Prior of the log of the ratio of rates, after over before.
    log_mean : Distribution
        Prior of the log of the mean number before, per 548 days at risk; per window where days are not known.
    frailty_variance : Distribution
        Prior of the variance of people's gamma frailties, whose mean is 1.
    level : float
        Probability of the interval.

    Examples
    --------
    >>> panel = Panel.from_arrays([[3, 1], [4, 2], [9, 3], [0, 2], [5, 1]])
    >>> round(PrePostCounts()(panel).estimate, 3)
    0.675
    """

    log_ratio: Distribution = LOG_RATIO
    log_mean: Distribution = LOG_MEAN
    frailty_variance: Distribution = FRAILTY_VARIANCE
    level: float = LEVEL

    reference: ClassVar[str] = (
        "Hausman, Hall & Griliches (1984), Econometrica 52, 909-938; Trefethen & Weideman (2014), SIAM Review 56, "
        "385-458"
    )
    symmetric: ClassVar[bool] = False
    uses_incomplete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_level(self.level)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters with their priors."""
        return (
            Parameter("log_mean", self.log_mean),
            Parameter(RATIO, self.log_ratio),
            Parameter("frailty_variance", self.frailty_variance),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, on the scale on which they are unbounded."""
        return names_of(self.parameters)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from people; with no events the ratio is what the prior says.

        Raises
        ------
        InputError
            IOM-E060 for fewer than two people.
        """
        refuse_replicates(panel, self)
        data = count_data(panel, self, "")
        if not _on_grid(data):
            raise InputError(
                "IOM-E048", f"{panel.name}: PrePostCounts needs days at risk that are common to all people"
            )
        generator, seed = as_generator(rng)
        seed = int(generator.integers(2**32)) if seed is None else seed
        return self._by_grid(panel, data, generator, seed)

    def batch(self, panel: Panel, *, rng: Seed = None, numbers: ArrayLike | None = None) -> Estimates:
        """Estimate each replicate, all on grids at once."""
        data = count_data(panel, self, "")
        enough = data.people >= LEAST_PEOPLE
        if not (_on_grid(data) and enough.any()):
            return batch_by_loop(self, panel, rng=rng, numbers=numbers)
        served = _served(data, enough)
        marginal = self._grid(served).marginal()
        shares = np.array([0.5, (1 - self.level) / 2, (1 + self.level) / 2])
        found = quantiles(marginal, np.broadcast_to(shares, (len(enough), 3)))
        middle, low, high = found.T
        spread = moments(marginal)[1]
        none, base = np.full(len(enough), np.nan), self._words(data)
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
        return prior_draws(self.parameters, rng, size)

    def simulate(self, panel: Panel, z: Floats, rng: np.random.Generator) -> Panel:
        """Return people laid out as these, one replicate for each row of parameters."""
        data = count_data(panel, self, "", collapse=False)
        mean = np.exp(z[:, 0, None, None] + z[:, 1, None, None] * data.treated) * (data.exposure / _unit(data))
        variance = np.exp(np.maximum(z[:, 2, None], -100.0))
        frailty = rng.gamma(1 / variance, variance, (len(z), data.y.shape[1]))
        return _with_counts(panel, rng.poisson(mean * frailty[..., None]))

    def posterior_draws(self, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
        """Return independent draws from the posterior of each replicate, (R, size, parameters)."""
        data = count_data(panel, self, "")
        return self._draws(self._grid(data), rng.random((len(data.y), size, 3)), data)

    def log_likelihood(self, panel: Panel, z: Floats) -> Floats:
        """Return the log likelihood of each replicate at its own parameters (R, S, parameters), as (R, S)."""
        data = count_data(panel, self, "")
        days = _days(data)
        log_days = math.log(days[1] / days[0])
        mean = z[..., 0] + math.log(days[0]) + np.logaddexp(0.0, z[..., 1] + log_days)
        return np.asarray(kernel.log_likelihood(*_totals(data), log_days, z[..., 1], mean, np.exp(z[..., 2])))

    def build(self, panel: Panel) -> Any:
        """Return the PyMC model of these people: its likelihood on distinct rows of counts, times how often each is."""
        import pymc as pm  # noqa: PLC0415 slow to load

        data = count_data(panel, self, "")
        rows = count_rows(data, _unit(data))
        with pm.Model() as model:
            log_mean, log_ratio, variance = (p.variable() for p in self.parameters)
            pm.Deterministic("ratio", pm.math.exp(log_ratio))
            gamma_poisson(COUNTS, rows, log_mean + log_ratio * rows.x[..., 1], variance)
        return model

    def by_person(self, tree: Any, panel: Panel) -> Any:
        """Return the tree with the log likelihood and the predicted counts of every person instead of those of rows."""
        data = count_data(panel, self, "")
        rng = np.random.default_rng(PREDICTED)
        return expanded(tree, count_rows(data, _unit(data)), COUNTS, lambda source: self._predicted(panel, source, rng))

    def _predicted(self, panel: Panel, source: Any, rng: np.random.Generator) -> NDArray[np.int64]:
        z = np.stack([p.free(np.ravel(source[p.name].to_numpy())) for p in self.parameters], axis=-1)
        return count_data(self.simulate(panel, z, rng), self, "").y

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the PyMC model's variables."""
        found = {p.name: p.natural(posterior.of(p.unbounded)) for p in self.parameters}
        return {**found, "ratio": np.exp(found[RATIO])}

    def _grid(self, data: CountData) -> kernel.Grid:
        days = _days(data)
        return kernel.grid(_totals(data), math.log(days[1] / days[0]), self._priors(days[0]))

    def _priors(self, before: float) -> kernel.Priors:
        shift = math.log(before)
        mean, ratio, variance = self.parameters
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
        law = Tabulated(table.values[0], table.share[0], density=_first(table.density))
        posterior = Posterior(
            names=self.names,
            draws=self._draws(grid, _strata(rng, DRAWS, 3)[None], data),
            sampler=GRID,
            exact=FrozenMap({RATIO: law}),
        )
        doubts = _doubts(data)
        words = self._words(data)
        words = replace(
            words,
            notes=words.notes + doubts.notes[0],
            n_used=round(float(data.people[0])),
            diagnostics=FrozenMap(doubts.figures(0)),
        )
        made = posterior_estimate(
            words,
            posterior,
            of=RATIO,
            priors={},
            prior_sd=prior_spread(self.parameters),
            held=PosteriorTree(self, panel, posterior, seed),
        )
        ratio = next(part for part in made.parts if part.term == RATIO)
        others = {part.term: part.estimate for part in made.parts if part.term != RATIO}
        return replace(
            made,
            parts=(ratio,),
            cov=np.array([[law.sd**2]]),
            diagnostics=FrozenMap({**made.diagnostics, **others}),
        )

    def _words(self, data: CountData) -> Estimate:
        per = "per window" if data.exposure_words == UNKNOWN else f"per {UNIT:g} days"
        priors = {
            f"the log of the mean number before, {per},": self.log_mean,
            "the log of the ratio": self.log_ratio,
            "the variance of the frailties": self.frailty_variance,
        }
        return Estimate(
            outcome=data.sample.outcome,
            method="Poisson model with gamma frailties, posterior on a grid",
            estimand="descriptive_change",
            term="after / before",
            scale="ratio",
            std_error_scale="log",
            conf_level=self.level,
            n_input=data.sample.n_input,
            exposure=data.exposure_words,
            notes=data.sample.notes,
            assumptions=(*_ASSUMPTIONS, *stated(priors)),
            coefficient=RATIO,
            spec=self,
            pinned=data.sample.pinned(),
        )


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
    y = _ordered(data.y, data)
    days = np.broadcast_to(data.exposure, y.shape)
    sides = [(y[..., k], days[..., k]) for k in (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        robust = robust_from_people(sides[0][0], sides[1][0], sides[0][1], sides[1][1], weight=data.weight).std_error
        poisson = np.sqrt(1 / before + 1 / after)
        dispersion = (robust / poisson) ** 2
    notes: list[tuple[str, ...]] = [()] * len(y)
    for k in np.flatnonzero((before + after == 0) | (dispersion > DISPERSED)):
        notes[k] = (NO_EVENTS,) if before[k] + after[k] == 0 else (_too_narrow(dispersion[k]),)
    return _Doubts(notes, poisson, robust)


def _too_narrow(dispersion: float) -> Note:
    return Note(
        f"too narrow: people changed by unlike factors, and the variance is {dispersion:.2f} times what counts that "
        "change by one factor allow",
        TOO_NARROW,
    )


def _first(column: Floats | None) -> Floats | None:
    return None if column is None else column[0]


def _on_grid(data: CountData) -> bool:
    return data.plain and data.y.shape[-1] == 2


def _ordered(y: NDArray[np.int64], data: CountData) -> NDArray[np.int64]:
    """Return counts with the window before first."""
    return y if data.treated[0] == 0 else np.ascontiguousarray(y[..., ::-1])


def _unit(data: CountData) -> float:
    return 1.0 if data.exposure_words == UNKNOWN else UNIT


def _days(data: CountData) -> Floats:
    """Return exposure before and after that is common to all, in units of the prior's mean."""
    return np.asarray(data.exposure[np.argsort(data.treated)] / _unit(data))


def _totals(data: CountData) -> kernel.Totals:
    return kernel.Totals(*kernel.totals(_ordered(data.y, data), data.weight))


def _served(data: CountData, enough: NDArray[np.bool_]) -> CountData:
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
