"""Selection model: counts before and after of people who were selected on the count before."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iom_causal.base.formats import number
from iom_causal.base.specs import FrozenMap, check_choice, check_types, refuse_data
from iom_causal.bayes.shared.exposure import per_unit
from iom_causal.bayes.shared.methods import check_sampling
from iom_causal.bayes.shared.nuts import Nuts
from iom_causal.bayes.shared.parameters import Parameter, check_log_ratios, check_priors
from iom_causal.bayes.shared.posterior import Posterior, arviz_call, of_log, posterior_estimate, stated
from iom_causal.bayes.shared.seeds import seeded
from iom_causal.bayes.shared.selected_family import FAMILIES, GAMMA, LOGNORMAL, RATIO, SelectedFamily
from iom_causal.bayes.shared.selected_people import SelectedPeople, selected_people
from iom_causal.bayes.shared.tree import PosteriorTree, PosteriorTrees
from iom_causal.beliefs import HalfNormal, LogNormal, Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.errors import NotIdentifiedError, SpecError
from iom_causal.estimate import Estimate, Part
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.numerics import LEVEL
from iom_causal.numerics.posterior.fit_of_counts import CountsFit
from iom_causal.panel import Panel
from iom_causal.roles import Rng

if TYPE_CHECKING:
    import pandas as pd

RATES = {GAMMA: "gamma rates", LOGNORMAL: "lognormal rates"}
LEARNED = ("family", "parameter", "prior_mean", "prior_sd", "mean", "sd", "contraction")
"""The columns of `SelectionModel.learned`."""
OPEN, POSITIVE = (RATIO, "log_mean"), ("spread", "spread_after", "lasting")
"""Priors of logs, which have to hold every number possible, and priors of numbers above 0."""
LOG_RATIO, LOG_MEAN, SPREAD = Normal(0.0, 0.35), Normal(math.log(2.0), 1.5), HalfNormal(1.0)
DRIFT, CORRELATION, LASTING = Normal(0.0, 0.5), Normal(1.0, 0.5), LogNormal(0.775, 0.223)
INTERCEPT, SLOPE = Normal(-2.0, 1.0), Normal(1.0, 1.0)

ON_THE_COUNT = (
    "people were picked on their count before and on chance, so that of two people with the same count the one who was "
    "picked differs from the other in nothing that bears on later events"
)
ALL_HERE = (
    "everybody from whom people were picked is here, or of those who were picked and those who were not the same share"
)
ONE_RATIO = "events are Poisson given a person's rates, and the programme multiplies everybody's rate by one ratio"
SAME_CHANGE = "without the programme the mean rate of managed people would have changed as that of the others"
CORRELATED = "rates are lognormal, and how far they last is what it is for the others"
LAST = "rates are gamma and last, but for one change of everybody's"
EITHER = "rates are gamma and last, or lognormal, and last as far as the others' do"
LAST_OF_BOTH = (
    "rates are gamma or lognormal, and without the programme there would have come a share of the events that lasting "
    "rates give, which nothing here tells: its prior does"
)
TWO_FAMILIES = (
    "nobody who was not picked is here: what these people say of the rest they say through the tail of the family of "
    "rates, so that the set spans two families and the interval covers both"
)
FEW_AS_HIGH = (
    "many of the people picked stand higher than nearly all the others, so that what would have followed counts as "
    "high is read off the family of rates: the set spans two families and the interval covers both"
)
LEAST_FIT, FURTHEST = 1e-3, 0.025
"""Rates do not fit where the chi-square's p is below the one and the total variation above the other: right families
of 4,000 people had .014 to .020, wrong ones .037 to .125."""
UNFIT = "{} do not give the counts before of everybody here, managed or not"
NEITHER = (
    (
        "neither gamma nor lognormal rates give the counts before of everybody here, so that what would have come of "
        "high counts cannot be read off them"
    ),
    "take RegressionToMean(method='pool'), which needs no such law",
)
BEYOND = 0.35
"""Share of managed people above nearly all others from which the result is of both families, as without a pool."""
NOT_TOLD = (
    "the share that would have come without the programme and the programme's ratio are seen as a product alone: each "
    "is as its prior and that of the other have it"
)
RULE_ALONE = (
    "being picked is taken to depend on the count before alone: that part of the likelihood tells of the rule and of "
    "nothing else"
)


@dataclass(frozen=True, kw_only=True)
class SelectionModel:
    """Bayesian selection model for the programme's ratio: counts of people who were selected on the count before.

    Counts before and after are Poisson given a person's rates; rates come from a gamma or a lognormal distribution;
    managed people's rates after are multiplied by the programme's ratio. Who is managed depends on the count before,
    ``P(S | y1)``: as the panel's rule states it (``at_least``, ``soft``), else a probit ``b0 + b1 log(1 + y1)``.

    **With the source population on the panel** (people who were never managed, see `SourcePopulation.beside`) the
    likelihood is that of everybody's counts and of who was selected. With theta the parameters of rates, it is
    ``prod P(y1, y2 | theta, S) P(S | y1, b)``, a product of a factor in theta and a factor in b: with independent
    priors the two are independent a posteriori, selection is ignorable given the count before, and the selection part
    informs b alone. Lognormal rates have spreads and a correlation between the windows, so that how far rates last,
    and by how much everybody's changed, are learned from the others. Gamma rates last.

    Where more than a third of the managed stand higher than the 20 highest of the others, as above a cut, the others
    do not show what follows counts as high, and the result is of both families, as it is without others.

    **Without it** the likelihood is that of the counts given that one is selected, ``P(y1, y2) P(S | y1) / P(S)``, in
    which theta and b are tied: what the selected tell of the others they tell through the assumed tail. The result is
    then a set between the medians under gamma and lognormal rates that last, and an interval that covers both, never
    one of them; `learned` shows prior beside posterior. That rates do not last is a prior (`lasting`): with the
    programme it makes a product, of which alone the counts speak.

    Right where people were selected on the count before and on chance, and rates are of the family. In Toronto, where
    there was no programme, at 45 dates and cuts, the interval holds 1 at 42 with the pool and at all without it, where
    it is wide; with the pool gamma rates that last alone hold it at 28, and lognormal ones alone at 39: above a cut the
    others show little, and careers end.

    Parameters
    ----------
    family : {"lognormal", "gamma"}
        Of the result with a source population; without one the result is of both, and `build` is of this.
    method : {"auto", "importance", "nuts"}
        Importance sampling about the mode; Hamiltonian sampling (nutpie where it is installed) where its Pareto k
        exceeds 0.7, or always.
    level : float
        Of the interval.
    log_ratio : Distribution
        Prior of the log of the programme's ratio; by default 95% from 0.5 to 2.
    log_mean : Distribution
        Of the log of everybody's mean count before, per 548 days at risk; per window where days are not known. By
        default 95% from 0.1 to 38: lower than that of managed people, who were picked for high counts.
    spread, spread_after : Distribution
        Lognormal: SD of the log rate, before and after. Gamma: variance of rates over their squared mean.
    drift : Distribution
        With the pool: log change of everybody's mean rate.
    correlation : Distribution
        With the pool: Fisher's z (the inverse hyperbolic tangent) of the correlation of log rates.
    lasting : Distribution
        Without the pool: share of the events that lasting rates give which would come without a programme. By default
        95% from 0.5 to 1.2: over two years in Toronto it was .7 on average, and .55 to 1 at single dates.
    intercept, slope : Distribution
        b0 and b1, where no rule states the selection probability.
    nuts : Nuts
        How long to sample.

    References
    ----------
    Heckman (1979), Econometrica 47, 153-161, and Little & Rubin (2002), Statistical Analysis with Missing Data, ch. 15,
    for selection that can and cannot be ignored.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rate = rng.gamma(1.0, 2.0, 1000)
    >>> before = rng.poisson(rate)
    >>> start = np.ma.MaskedArray(np.ones(1000, dtype=int), mask=before < rng.integers(2, 15, 1000))
    >>> after = rng.poisson(rate * np.where(start.mask, 1.0, 0.7))
    >>> panel = Panel.from_arrays(np.stack([before, after], axis=-1), name="arrests", start=start)
    >>> found = SelectionModel(family="gamma")(panel, rng=1)
    >>> found.interval, 0.5 < found.estimate < 0.9
    ('credible-eti', True)
    """

    family: str = LOGNORMAL
    method: str = "auto"
    level: float = LEVEL
    log_ratio: Distribution = LOG_RATIO
    log_mean: Distribution = LOG_MEAN
    spread: Distribution = SPREAD
    spread_after: Distribution = SPREAD
    drift: Distribution = DRIFT
    correlation: Distribution = CORRELATION
    lasting: Distribution = LASTING
    intercept: Distribution = INTERCEPT
    slope: Distribution = SLOPE
    nuts: Nuts = field(default_factory=Nuts)

    reference: ClassVar[str] = "Heckman (1979), Econometrica 47, 153-161; Little & Rubin (2002), ch. 15"
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.family, FAMILIES, "family")
        check_sampling(self)
        check_priors(self, OPEN, POSITIVE)
        check_log_ratios(self, RATIO)
        for name in OPEN:
            if np.isfinite(getattr(self, name).support).any():
                raise SpecError("IOM-E092", f"{name}: expected a prior that holds every number possible")

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Return the posterior of the programme's ratio, or without a source population the set over two families.

        Raises
        ------
        InputError
            IOM-E035, IOM-E047 or IOM-E066 for what is no panel of counts or has replicates, IOM-E048 for a rule that
            reads another outcome, or places without those who competed, IOM-E061 with nobody managed.
        NotIdentifiedError
            IOM-E068 for a rule that does not read the count before, or that the counts contradict; and where neither
            family of rates gives the counts before of everybody.
        ConvergenceError
            IOM-E080 where importance sampling was asked for and finds no mode.
        """
        refuse_replicates(panel, self)
        people = selected_people(panel, type(self).__name__)
        generator, seed = seeded(rng)
        models = {family: self._family(people, family) for family in FAMILIES}
        found = {f: m.posterior(people, panel, generator, seed) for f, m in models.items()}
        fits = {f: m.fit(people, found[f]) for f, m in models.items()}
        unfit = tuple(f for f, fit in fits.items() if fit is not None and _unfit(fit))
        if len(unfit) == len(FAMILIES):
            raise NotIdentifiedError("IOM-E068", f"{panel.name}: {NEITHER[0]}", NEITHER[1])
        trees = {f: PosteriorTree(models[f], panel, found[f], seed) for f in FAMILIES}
        learned = FrozenMap({f: FrozenMap(_learned(models[f], found[f])) for f in FAMILIES})
        figures = {"parameters": learned, "never_managed": people.others}
        figures |= {"fit": FrozenMap({f: FrozenMap(v._asdict()) for f, v in fits.items() if v is not None})}
        words = self._words(people, panel, figures)
        words = replace(words, notes=(*words.notes, *(UNFIT.format(RATES[f]) for f in unfit)))
        shown = people.pool and people.beyond <= BEYOND and self.family not in unfit
        return (self._of_one if shown else self._of_both)(words, models, found, trees)

    def of(self, panel: Panel, family: str | None = None) -> SelectedFamily:
        """Return the model for people laid out as these, of one family: for calibration, and for its parameters."""
        return self._family(selected_people(panel, type(self).__name__), family or self.family)

    def build(self, panel: Panel) -> Any:
        """Return the PyMC model of a panel, of `family`."""
        return self.of(panel).build(panel)

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the variables of `build`, (chains, draws) each."""
        known = {p.unbounded: p for p in (Parameter(name, prior) for name, prior in self.priors.items())}
        own = {known[n].name: known[n].natural(posterior.of(n)) for n in posterior.names}
        return {**own, "ratio": np.exp(own[RATIO])}

    def by_person(self, tree: Any, panel: Panel) -> Any:
        """Return the tree with the log likelihood of every person instead of that of rows that repeat."""
        return self.of(panel).by_person(tree, panel)

    def learned(self, estimate: Estimate) -> "pd.DataFrame":
        """Return prior beside posterior of every parameter under both families, and by how much it was contracted.

        Means and SDs are on the unbounded scale; the contraction is ``1 - var(posterior) / var(prior)``, about 0 for
        what the data do not tell.
        """
        import pandas as pd  # noqa: PLC0415 slow to load

        table = estimate.diagnostics["parameters"]
        rows = [
            {"family": family, "parameter": name, **figures}
            for family, parameters in table.items()
            for name, figures in parameters.items()
        ]
        return pd.DataFrame(rows, columns=list(LEARNED))

    @property
    def priors(self) -> Mapping[str, Distribution]:
        """The prior of every variable of `build`, by its name."""
        return {
            RATIO: self.log_ratio,
            "log_mean": self.log_mean,
            "spread": self.spread,
            "drift": self.drift,
            "spread_after": self.spread_after,
            "atanh_correlation": self.correlation,
            "lasting": self.lasting,
            "selection_intercept": self.intercept,
            "selection_slope": self.slope,
        }

    def _family(self, people: SelectedPeople, family: str) -> SelectedFamily:
        return SelectedFamily.of(people, family, self.priors, self.method, self.nuts)

    def _words(self, people: SelectedPeople, panel: Panel, figures: Mapping[str, Any]) -> Estimate:
        assumed = (ON_THE_COUNT, ALL_HERE, SAME_CHANGE) if people.pool else (ON_THE_COUNT,)
        return Estimate(
            outcome=panel.name,
            method="selection model",
            estimand="att_ratio",
            term="after / before",
            scale="ratio",
            conf_level=self.level,
            n_input=people.n_input,
            n_used=people.n_used,
            exposure=people.exposure,
            notes=people.notes,
            assumptions=(*assumed, ONE_RATIO),
            diagnostics=FrozenMap(figures),
            spec=self,
        )

    def _of_one(
        self,
        words: Estimate,
        models: Mapping[str, SelectedFamily],
        found: Mapping[str, Posterior],
        trees: Mapping[str, PosteriorTree],
    ) -> Estimate:
        """Return the posterior of the stated family, with that of the other as a note."""
        mine, posterior = models[self.family], found[self.family]
        (other,) = (f for f in FAMILIES if f != self.family)
        at = _summary(found[other], self.level)
        notes = (f"{RATES[other]} give {_range(at)}", *((RULE_ALONE,) if mine.fitted else ()))
        words = replace(
            words,
            method=f"selection model, {RATES[self.family]}, {posterior.sampler}",
            notes=(*words.notes, *notes),
            assumptions=(*words.assumptions, CORRELATED if mine.drifts else LAST),
        )
        return posterior_estimate(
            words,
            posterior,
            of=RATIO,
            priors=_priors([mine], words.exposure),
            prior_sd=mine.prior_sd,
            held=trees[self.family],
        )

    def _of_both(
        self,
        words: Estimate,
        models: Mapping[str, SelectedFamily],
        found: Mapping[str, Posterior],
        trees: Mapping[str, PosteriorTree],
    ) -> Estimate:
        """Return the set between the medians under both families, and the interval that covers both."""
        by_family = {f: _summary(found[f], self.level) for f in FAMILIES}
        medians, lows, highs = (np.array(v) for v in zip(*by_family.values(), strict=True))
        samplers = {f: found[f].sampler for f in FAMILIES}
        figures = {
            "sampler": FrozenMap(samplers),
            **{name: FrozenMap({f: found[f].figures.get(name) for f in FAMILIES}) for name in _FIGURES},
        }
        worked = " and ".join(f"{RATES[f]} by {samplers[f]}" for f in FAMILIES)
        shown = " and ".join(f"{RATES[f]} give {_range(by_family[f])}" for f in FAMILIES)
        pool = models[self.family].pool
        notes = (shown, FEW_AS_HIGH) if pool else (shown, TWO_FAMILIES, NOT_TOLD)
        calls = tuple(
            arviz_call("ratio", self.level).replace("result.native", f"result.native[{f!r}]") for f in FAMILIES
        )
        return replace(
            words,
            method=f"selection model, {worked}",
            std_error_scale="log",
            set_low=float(medians.min()),
            set_high=float(medians.max()),
            conf_low=float(lows.min()),
            conf_high=float(highs.max()),
            interval="bounds",
            notes=(*words.notes, *notes, *(n for f in FAMILIES for n in found[f].notes), *calls),
            assumptions=(
                *words.assumptions,
                EITHER if pool else LAST_OF_BOTH,
                *stated(_priors(list(models.values()), words.exposure)),
            ),
            diagnostics=FrozenMap({**words.diagnostics, **figures}),
            parts=tuple(
                Part(f"ratio, {RATES[f]}", m, found[f].of(RATIO).std(), None, None, low, high)
                for f, (m, low, high) in by_family.items()
            ),
            held=PosteriorTrees(trees),
        )


_FIGURES = ("pareto_k", "effective_draws", "log_evidence")
_WHAT = {
    RATIO: "the log of the programme's ratio",
    "log_mean": "the log of everybody's mean count before",
    "spread": "the spread of rates before (SD of their log; gamma: variance over squared mean)",
    "drift": "the log change of everybody's mean rate",
    "spread_after": "the spread of rates after",
    "atanh_correlation": "Fisher's z of the correlation of log rates",
    "lasting": "the share of the events that lasting rates give which would come without the programme",
    "selection_intercept": "the intercept of the probit of being picked",
    "selection_slope": "its slope in log(1 + count before)",
}


def _priors(models: list[SelectedFamily], exposure: str) -> dict[str, Distribution]:
    """Return the priors by what each is of."""
    words = {**_WHAT, "log_mean": f"{_WHAT['log_mean']}, {per_unit(exposure)},"}
    return {words[p.name]: p.prior for model in models for p in model.parameters}


def _learned(model: SelectedFamily, posterior: Posterior) -> dict[str, FrozenMap[str, float]]:
    prior = model.prior_draws(_DRAWS, np.random.default_rng(0))
    mean, sd = posterior.flat.mean(0), posterior.flat.std(0)
    spread = model.prior_sd
    return {
        name: FrozenMap(
            {
                "prior_mean": float(prior[:, k].mean()),
                "prior_sd": spread[name],
                "mean": float(mean[k]),
                "sd": float(sd[k]),
                "contraction": float(1 - (sd[k] / spread[name]) ** 2),
            }
        )
        for k, name in enumerate(model.names)
    }


_DRAWS = 20_000


def _unfit(fit: CountsFit) -> bool:
    return fit.p_value < LEAST_FIT and fit.distance > FURTHEST


def _summary(posterior: Posterior, level: float) -> tuple[float, float, float]:
    law = of_log(posterior.marginal(RATIO))
    middle = law.interval(1e-9)
    return (middle[0] + middle[1]) / 2, *law.interval(level)


def _range(at: tuple[float, float, float]) -> str:
    middle, low, high = (number(v, 3) for v in at)
    return f"{middle} ({low} to {high})"
