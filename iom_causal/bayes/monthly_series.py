"""Interrupted time series of monthly totals, jointly fitted or forecast from the windows before and then compared."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.bayes.shared.methods import DISTRUST, trusted_or_chain
from iom_causal.bayes.shared.nuts import Nuts, gate, sampled
from iom_causal.bayes.shared.parameters import Parameter, names_of, natural, prior_draws, prior_spread
from iom_causal.bayes.shared.posterior import (
    DRAWS,
    Posterior,
    from_importance,
    posterior_estimate,
)
from iom_causal.bayes.shared.series_model import SeriesModel
from iom_causal.bayes.shared.series_words import AR1, FORECAST, JOINT, NONE, PRIOR_OF, RANDOM_WALK, words
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs import Beta, HalfNormal, Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.series import LEAST_BEFORE, UNIT, Series, window_series
from iom_causal.intervals import Draws, SamplingDistribution, Tabulated
from iom_causal.numerics import LEVEL
from iom_causal.numerics.posterior import series as numbers
from iom_causal.numerics.posterior.importance import (
    Weighted,
    resampled,
)
from iom_causal.numerics.posterior.marginal import cumulated
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.streams import as_generator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = np.ndarray[Any, np.dtype[np.float64]]

FAMILIES = ("poisson", "negative_binomial")
METHODS = ("auto", "importance", "nuts")


@dataclass(frozen=True)
class MonthlySeries:
    """Bayesian interrupted time series: what was observed after over what the series' own trend gives.

    Totals over people in equal windows, with person-time as exposure, follow a log-linear trend. ``joint`` fits all
    windows, with a change of level (and slope) at the index date; the ratio is of the totals expected after, with the
    change over without. ``forecast`` fits the windows before alone and sets what was observed after against what the
    fit forecasts: a random walk cannot take up the change there, and the interval is predictive. Right only where,
    without the programme, the trend before would have gone on: where people were selected at a high count it does not.

    Parameters
    ----------
    compare : {"joint", "forecast"}
        As above.
    family : {"negative_binomial", "poisson"}
        Of a window's total.
    autocorrelation : {"none", "ar1", "random_walk"}
        Of the log rate about the trend, from window to window. A random walk is 0 in the last window before the index
        date and goes from there both ways, so that the trend is the level at the index date.
    season : int
        How many harmonics of the calendar year; 0 is none.
    method : {"auto", "importance", "nuts"}
        Importance sampling draws the spreads, and given them what is linear in the log rate, the path included.
    level : float
        Of the credible interval.
    baseline, trend, change, slope_change : Normal
        Priors: log of the events a person in 548 days at the index date; log change a year (or a number, which fixes
        it); log ratio at the index date; log change of the trend a year (None for a change of level alone).
    seasonal : Normal
        Prior of each cosine and sine of the log rate.
    spread, innovation, persistence : Distribution
        Priors: SD of a window's rate about what is expected, as a share of it; SD of a step of
        the log rate; share of the distance from the trend that lasts a window (``ar1``).
    nuts : Nuts
        How long to sample.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> rng = np.random.default_rng(1)
    >>> windows = [Window(f"{k}", 30 * k, 30 * k + 30, post=k >= 0) for k in range(-24, 12)]
    >>> rates = np.where([w.post for w in windows], 0.25, 0.4)
    >>> panel = Panel.from_arrays(rng.poisson(rates, (200, 36)), windows=windows, name="arrests")
    >>> e = MonthlySeries()(panel, rng=1)
    >>> 0.5 < e.conf_low < e.estimate < e.conf_high < 0.8
    True
    """

    compare: str = JOINT
    family: str = "negative_binomial"
    autocorrelation: str = NONE
    season: int = 0
    method: str = "auto"
    level: float = LEVEL
    baseline: Normal = Normal(math.log(6.0), 1.5)  # noqa: RUF009 a frozen value
    trend: Normal | float = Normal(0.0, 0.35)  # noqa: RUF009
    change: Normal = Normal(0.0, 0.35)  # noqa: RUF009
    slope_change: Normal | None = Normal(0.0, 0.35)  # noqa: RUF009
    seasonal: Normal = Normal(0.0, 0.1)  # noqa: RUF009
    spread: Distribution = HalfNormal(0.2)  # noqa: RUF009
    innovation: Distribution = HalfNormal(0.1)  # noqa: RUF009
    persistence: Distribution = Beta(2.0, 2.0)  # noqa: RUF009
    nuts: Nuts = Nuts(target_accept=0.95)  # noqa: RUF009

    reference: ClassVar[str] = (
        "Wagner et al. (2002), J. Clin. Pharm. Ther. 27, 299-309; Bernal, Cummins & Gasparrini (2017), Int. J. "
        "Epidemiol. 46, 348-355; Brodersen et al. (2015), Ann. Appl. Stat. 9, 247-274, for the forecast"
    )
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.compare, (JOINT, FORECAST), "MonthlySeries compare")
        check_choice(self.family, FAMILIES, "MonthlySeries family")
        check_choice(self.autocorrelation, (NONE, AR1, RANDOM_WALK), "MonthlySeries autocorrelation")
        check_choice(self.method, METHODS, "MonthlySeries method")
        check_level(self.level)
        if self.season < 0:
            raise SpecError("IOM-E092", "MonthlySeries season: expected 0 or more harmonics")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters with their priors, without those of the paths of the log rate."""
        joint = self.compare == JOINT
        found: dict[str, Distribution | float | None] = {"baseline": self.baseline, "trend": self.trend}
        found |= {"change": self.change, "slope_change": self.slope_change} if joint else {}
        found |= {f"{wave}_{k}": self.seasonal for k in range(1, self.season + 1) for wave in ("cosine", "sine")}
        found |= {"spread": self.spread} if self.family == "negative_binomial" else {}
        found |= {"innovation": self.innovation} if (self.autocorrelation != NONE) else {}
        found |= {"persistence": self.persistence} if self.autocorrelation == AR1 else {}
        return tuple(Parameter(k, v) for k, v in found.items() if v is not None and not isinstance(v, (int, float)))

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, on the scale on which they are unbounded."""
        return names_of(self.parameters)

    def __call__(self, panel: Panel, *, rng: Rng = None) -> Estimate:
        """Estimate from a panel of equal windows; `native` is an ArviZ DataTree, whose log likelihood is by window.

        Raises
        ------
        InputError
            IOM-E066 for what are no counts; IOM-E048 for windows without dates, and for seasons without one index
            date; IOM-E047 for windows of unlike length, with gaps where a rate wanders, or fewer than 12 before;
            IOM-E060 with fewer than two people.
        NotIdentifiedError
            IOM-E068 for seasons with less than a year of windows, or more harmonics than windows can tell apart.
        DegenerateDataError
            IOM-E064 without events before, or where a forecast has none to compare with.
        ConvergenceError
            IOM-E080.
        """
        model = self._model(panel)
        series = model.series
        generator, _ = as_generator(rng)
        seed = int(generator.integers(2**32))
        posterior, law = self._posterior(model, generator)
        single = self.compare == JOINT and self.slope_change is None
        held = PosteriorTree(self, panel, posterior, seed)
        return posterior_estimate(
            words(self, panel, series, posterior.sampler, self._figures(model, posterior)),
            posterior,
            of="change" if self.compare == JOINT else "baseline",
            law=None if single else law,
            priors=self._stated(),
            prior_sd=prior_spread(self.parameters),
            held=held,
        )

    def build(self, panel: Panel) -> Any:
        """Return the PyMC model of the totals: of all windows, or for a forecast of those before."""
        return self._model(panel).build()

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the PyMC model's variables, and of the ratio, (chains, draws) each."""
        return {**natural(self.parameters, posterior.draws), **posterior.derived}

    def by_person(self, tree: Any, panel: Panel) -> Any:
        """Return the tree with the log likelihood by window: totals hold nothing of single people."""
        del panel
        tree["log_likelihood"].attrs["of"] = "windows"
        return tree

    def prior_draws(self, size: int, rng: np.random.Generator) -> Floats:
        """Return draws from the prior, (size, parameters)."""
        return prior_draws(self.parameters, rng, size)

    def simulate(self, panel: Panel, z: Floats, rng: np.random.Generator) -> Panel:
        """Return people laid out as these, one replicate for each row of parameters; a path is drawn.

        Raises
        ------
        InputError
            IOM-E076 for people who count more than once.
        """
        if panel.weight is not None and (panel.weight != 1).any():
            raise InputError("IOM-E076", "MonthlySeries.simulate: expected people who count once each")
        model = self._model(panel)
        log_rate = model.log_mean(model.series, z) - np.log(model.series.exposure)
        values = model.values(z)
        if model.wanders:
            path = model.path_design(values, log_rate.shape[1])
            log_rate = log_rate + np.einsum("stg,sg->st", path, rng.standard_normal(path[:, 0].shape))
        spread = values.get("spread")
        if spread is not None:  # what a window shares
            size = np.broadcast_to(spread[:, None] ** -2.0, log_rate.shape)
            log_rate = log_rate + np.log(rng.gamma(size) / size)
        days = np.ones(len(panel.windows)) if panel.exposure is None else panel.exposure
        mean = np.exp(np.minimum(log_rate, math.log(numbers.LARGEST)))[:, None] * np.broadcast_to(
            days / UNIT, panel.outcome.shape[-2:]
        )
        drawn = rng.poisson(np.minimum(mean, numbers.LARGEST)).astype(panel.outcome.dtype)
        if drawn.dtype.kind == "f":
            drawn = np.where(np.isnan(panel.outcome), np.nan, drawn)
        return replace(panel, outcome=drawn)

    def posterior_draws(self, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
        """Return independent draws from the posterior of each replicate, (R, size, parameters)."""
        each = [panel] if panel.replicates is None else [panel.replicate(k) for k in range(panel.replicates)]
        d = len(self.parameters)
        return np.stack([resampled(self._model(p).weighted(rng), rng, size)[:, :d] for p in each])

    def log_likelihood(self, panel: Panel, z: Floats) -> Floats:
        """Return the log likelihood of each replicate at its own parameters (R, S, parameters), as (R, S)."""
        each = [panel] if panel.replicates is None else [panel.replicate(k) for k in range(panel.replicates)]
        return np.stack([self._model(p).log_likelihood(at) for p, at in zip(each, z, strict=True)])

    def draw(self, estimate: Estimate, ax: "Axes | None" = None) -> "Axes":
        """Draw what was observed in each window, and what is expected without a change, with its predictive band.

        Raises
        ------
        InputError
            IOM-E048 for a result that was read from a file, and holds no draws.
        """
        from iom_causal.base.axes_of_lines import counterfactual  # noqa: PLC0415 matplotlib is slow to load

        held = estimate.held
        if not isinstance(held, PosteriorTree):
            raise InputError("IOM-E048", "MonthlySeries: this result holds no draws; estimate anew to draw it")
        model, rng = self._model(held.panel), np.random.default_rng(held.seed)
        series, spread = model.series, model.values(held.posterior.flat).get("spread")
        draws = numbers.counts(model.without(held.posterior, rng), spread, rng)
        ends = [(1 - estimate.conf_level) / 2, 0.5, (1 + estimate.conf_level) / 2]
        low, middle, high = np.quantile(draws, ends, axis=0)
        return counterfactual(
            series.middle,
            series.events,
            np.column_stack([low, middle, high]),
            what=f"without a change, {estimate.conf_level:.0%} predictive",
            unit=f"{estimate.outcome}, all people, each window",
            ax=ax,
        )

    def _model(self, panel: Panel) -> SeriesModel:
        return SeriesModel(
            parameters=self.parameters,
            trend=self.trend if isinstance(self.trend, (int, float)) else None,
            compare=self.compare,
            autocorrelation=self.autocorrelation,
            season=self.season,
            series=self._series(panel),
        )

    def _series(self, panel: Panel) -> Series:
        refuse_replicates(panel, self)
        series = window_series(panel, self)
        before = int((~series.post).sum())
        if before < LEAST_BEFORE:
            raise InputError(
                "IOM-E047", f"MonthlySeries: expected at least {LEAST_BEFORE} windows before, got {before}"
            )
        if self.autocorrelation != NONE and not series.contiguous:
            raise InputError("IOM-E047", "MonthlySeries: expected each window to start where the one before it ends")
        if self.season:
            (series if self.compare == JOINT else series.before).check_season(self.season)
        if self.compare == FORECAST and not series.events[series.post].any():
            raise DegenerateDataError(
                "IOM-E064", f"{panel.name}: no events after, so there is no ratio to a forecast", "take compare='joint'"
            )
        return series

    def _posterior(self, model: SeriesModel, rng: np.random.Generator) -> tuple[Posterior, SamplingDistribution]:
        laws: list[SamplingDistribution] = []

        def kept(found: tuple[Posterior, SamplingDistribution]) -> Posterior:
            laws.append(found[1])
            return found[0]

        posterior = trusted_or_chain(
            self.method,
            lambda: model.weighted(rng),
            lambda found: kept(self._by_importance(model, found, rng)),
            lambda: kept(self._by_nuts(model, rng)),
            DISTRUST,
        )
        return posterior, laws[-1]

    def _by_importance(
        self, model: SeriesModel, found: Weighted, rng: np.random.Generator
    ) -> tuple[Posterior, SamplingDistribution]:
        d = len(self.parameters)
        kept = resampled(found, rng, DRAWS)
        posterior = from_importance(self.names, found._replace(points=found.points[:, :d]), rng)
        steps = kept[:, d:]
        posterior = replace(posterior, draws=kept[None, :, :d], derived=model.paths(kept[:, :d], steps))
        if self.compare == FORECAST:
            return self._compared(model, posterior, rng)
        path = model.paths(found.points[:, :d], found.points[:, d:]).get("wander", np.zeros(1))
        table = cumulated(model.log_ratio(found.points[:, :d], path[0]), found.weight)
        law = Tabulated(table.values, table.share, log=True)
        path = posterior.derived.get("wander", np.zeros(1))
        ratio = np.exp(model.log_ratio(posterior.flat, path[0]))[None]
        return replace(posterior, derived=FrozenMap({**posterior.derived, "ratio": ratio})), law

    def _by_nuts(self, model: SeriesModel, rng: np.random.Generator) -> tuple[Posterior, SamplingDistribution]:
        tree = sampled(model.build(), self.nuts, seed=int(rng.integers(2**32)))
        figures, notes = gate(tree, [p.name for p in self.parameters])
        group = tree["posterior"]
        draws = np.stack([p.free(group[p.name].to_numpy()) for p in self.parameters], axis=-1)
        derived = {name: group[name].to_numpy() for name in ("steps", "wander", "ratio") if name in group}
        posterior = Posterior(
            names=self.names,
            draws=draws,
            sampler=self.nuts.named,
            figures=figures,
            notes=notes,
            tree=tree,
            derived=FrozenMap(derived),
        )
        if self.compare == FORECAST:
            return self._compared(model, posterior, rng)
        return posterior, Draws(derived["ratio"].ravel())

    def _compared(
        self, model: SeriesModel, posterior: Posterior, rng: np.random.Generator
    ) -> tuple[Posterior, SamplingDistribution]:
        """Set what was observed after against draws of what the windows before forecast."""
        events, post = model.series.events, model.series.post
        log_mean = model.without(posterior, rng)[:, post]
        forecast = numbers.counts(log_mean, model.values(posterior.flat).get("spread"), rng).sum(-1)
        if not forecast.all():
            raise DegenerateDataError("IOM-E064", "MonthlySeries: so few events before that a forecast may have none")
        ratio = events[post].sum() / forecast
        derived = {"ratio": ratio, "forecast": forecast}
        shaped = {k: v.reshape(posterior.draws.shape[:2]) for k, v in derived.items()}
        if posterior.tree is not None:
            group = posterior.tree["posterior"].to_dataset()
            posterior.tree["posterior"] = group.assign({k: (("chain", "draw"), v) for k, v in shaped.items()})
        return replace(posterior, derived=FrozenMap({**posterior.derived, **shaped})), Draws(ratio)

    def _figures(self, model: SeriesModel, posterior: Posterior) -> dict[str, Any]:
        """Return what says how the fit stands to the series."""
        series = model.series
        before = int((~series.post).sum())
        figures: dict[str, Any] = {"compare": self.compare, "windows": (before, series.post.size - before)}
        draws = {p.name: posterior.flat[:, k] for k, p in enumerate(self.parameters)}
        if self.compare == JOINT:
            figures["change_sd"] = (float(draws["change"].std()), self.change.sd)
            if "trend" in draws:
                figures["trend_correlation"] = float(np.corrcoef(draws["change"], draws["trend"])[0, 1])
        else:
            ends = [(1 - self.level) / 2, 0.5, (1 + self.level) / 2]
            figures["observed"] = float(series.events[series.post].sum())
            figures["forecast"] = tuple(float(v) for v in np.quantile(posterior.derived["forecast"], ends))
        return figures if model.wanders else figures | self._residuals(model, posterior)

    def _residuals(self, model: SeriesModel, posterior: Posterior) -> dict[str, float]:
        """Return lag-1 autocorrelation and Pearson dispersion of the fitted totals at the parameters' medians."""
        fitted, at = model.fitted, np.median(posterior.flat, axis=0)[None]
        mean = np.exp(model.log_mean(fitted, at))[0]
        spread = float(model.values(at).get("spread", np.zeros(1))[0])
        away = fitted.events - mean
        freedom = max(mean.size - sum(p.name != "spread" for p in self.parameters), 1)
        return {
            "autocorrelation": numbers.autocorrelation(away / np.sqrt(mean + (spread * mean) ** 2)),
            "dispersion": float((away**2 / mean).sum()) / freedom,
        }

    def _stated(self) -> dict[str, Distribution]:
        """Return the priors by what each is of, in words."""
        of = {p.name: p.prior for p in self.parameters}
        return {what: of[name] for name, what in PRIOR_OF.items() if name in of}
