"""Bayesian change of a score: measurement error, missing follow-up and entry at a cut in one likelihood."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import FrozenMap, check_choice, check_level, refuse_data
from iom_causal.bayes.score_data import ScoreData, gaps_of, read_people, read_reported
from iom_causal.bayes.score_fit import (
    EFFECT,
    MEAN_CHANGE,
    REGRESSION,
    RESULTS,
    Fit,
    Scale,
    rounded,
    scale_of_scores,
    scale_of_span,
)
from iom_causal.bayes.score_models import WORDS, CutEntry, NormalPairs, ScoreModel
from iom_causal.bayes.shared.nuts import Nuts, gate, sampled
from iom_causal.bayes.shared.parameters import Parameter, names_of, natural, prior_draws, prior_spread
from iom_causal.bayes.shared.posterior import (
    HIGHEST_K,
    IMPORTANCE,
    Posterior,
    from_importance,
    median,
    posterior_estimate,
    set_over,
)
from iom_causal.bayes.shared.simulated import as_replicates
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs import Belief, HalfNormal, Normal, Range, TruncatedNormal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.beliefs.theta import ANY, AT_LEAST_ZERO, check_beliefs, corners
from iom_causal.errors import ConvergenceError, DegenerateDataError, InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.lines import completions
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.inputs.pairs import MOMENTS
from iom_causal.intervals import Draws, Tabulated
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.kernels.decimals import NOISE
from iom_causal.numerics.posterior.importance import resampled
from iom_causal.numerics.posterior.marginal import cumulated
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel
from iom_causal.streams import as_generator

type Floats = NDArray[np.float64]

LEAST_PAIRS = 2
CORRELATION, SLOPE = Normal(0.5, 0.75), Normal(0.5, 0.5)
"""95%: a correlation from -0.75 to 0.96; from half a point down to one and a half up by point before."""
SHAPE = TruncatedNormal(0.0, 0.25, -0.5, 0.5)
SAMPLING = Nuts()
FIELDS: Mapping[str, str] = {MEAN_CHANGE: "change", "atanh_correlation": "correlation"}
"""Parameters whose prior is a field of another name."""
IN_POINTS, IN_POINTS_AT_A_CUT = ("mean_before", "sd_before", "sd_after"), ("mean_excess", "residual_sd")
METHODS = ("auto", IMPORTANCE, "nuts")
AHEAD = ("at_boundary", "within_pre")
"""The timings of selection with which the score before is what a rule read."""
IGNORES_SELECTION = (
    "people were picked by this very score, and the change holds what comes of that by itself; a rule 'at_least' with "
    "its threshold on the score before is allowed for"
)
CONTRADICTED = 0.05
"""Below this p-value so few people stand next to the cut that a generalised Pareto excess is said not to fit."""
NO_PARETO = (
    "fewer people stand next to the cut than a density that falls from there on has: the regression to the mean comes "
    "out too large; take ScoreRegression, which reads the density from people next to the cut alone"
)
HOLDS_REGRESSION = (
    "the change holds regression to the mean: people entered for a high score, part of which is chance; state sem, the "
    "standard error of measurement, to have that taken out"
)


@dataclass(frozen=True, kw_only=True)
class PrePostScores:
    """Posterior mean change of a score among all who were selected, lost to follow-up or not.

    True scores before and after are bivariate normal with a spread of their own in each window, and every observed
    score has an independent error of `sem`. People with one score alone inform the fit: what is missing is missing at
    random given the score that is there, and `delta` moves people lost off that prediction (pattern mixture). It
    describes the change, whatever brought it about.

    **Entry at a cut.** Where people were selected for a score before of at least `cut` (the panel's own rule
    ``at_least`` on this score, or the field), scores before are the cut and a generalised Pareto excess, whose heavy
    tail a truncated normal cannot have; scores after lie about a line on those before, which selection on these leaves
    as it is. With `sem` the result is the change net of the regression to the mean that measurement error brings about,
    ``sem^2`` times the density at the cut; without it is the change itself, and a note says what it holds. It is right
    where scores thin out from the cut on. In simulated worlds the regression was within 2% for exponential and Lomax
    scores and within 6% for lognormal ones. Of normal scores, which have a shoulder, it came out 8% too large at a cut
    one SD above their mean, 26% at the mean and twice as large one SD below: near or below the mode take
    `ScoreRegression`, which reads the density from people next to the cut alone. A note says where too few stand there.

    Priors that are not stated stand on `span`, in points: the mean before is normal about its middle with half its
    width as SD; the mean change is normal about 0 with a quarter of it (95% within half the span); spreads are
    half-normal with a quarter of it (no scores in a span have an SD above half of it). Without a span it is five SDs
    either side of the mean of the scores before: so the data set the scale of wide priors, and nothing else of them.

    Parameters
    ----------
    sem : belief, optional
        Standard error of measurement of one score, in points, from 0; a `Range` gives a set.
    delta : belief
        Points by which people without a later score are above what the others predict; a `Range` gives a set.
    cut : float, optional
        The lowest score before with which people were selected; by default what the panel's rule says.
    grid : float
        The step to which scores are rounded; used at the cut alone, where the first score is the middle of a step.
    span : tuple of float, optional
        Lowest and highest score that the instrument gives.
    mean_before, change, sd_before, sd_after : Distribution, optional
        Priors in points; spreads are those of true scores.
    correlation : Distribution
        Of Fisher's z of the correlation of true scores.
    mean_excess, residual_sd : Distribution, optional
        With a cut, in points: mean excess, and SD of scores after about the line.
    shape, slope : Distribution
        With a cut: the shape of the excess (0 is exponential; from a half on it has no variance), within -0.5 and
        0.5; and points after by point before.
    method : {"auto", "importance", "nuts"}
        ``auto`` takes importance sampling, and Hamiltonian sampling where its weights are not to be trusted.
    level : float
        Of the credible interval.
    nuts : Nuts
        How long to sample.

    Raises
    ------
    SpecError
        IOM-E092 for a setting outside its bounds.

    References
    ----------
    Little & Rubin (2019), Statistical Analysis with Missing Data; Das & Mulder (1983), Statistica Neerlandica 37,
    15-20; Pickands (1975), Ann. Statist. 3, 119-131.

    Examples
    --------
    >>> rows = [[10, 8.5], [12, 9], [15, 13], [11, 12], [18, 14.5], [14, 11], [20, float("nan")]]
    >>> panel = Panel.from_arrays(rows, kind="score", name="risk", missing="keep")
    >>> result = PrePostScores(span=(0, 40))(panel, rng=1)
    >>> round(result.estimate, 1), result.interval, result.n_used
    (-2.4, 'credible-eti', 7)
    """

    sem: Belief | None = None
    delta: Belief = 0.0
    cut: float | None = None
    grid: float = 0.0
    span: tuple[float, float] | None = None
    mean_before: Distribution | None = None
    change: Distribution | None = None
    sd_before: Distribution | None = None
    sd_after: Distribution | None = None
    correlation: Distribution = CORRELATION
    mean_excess: Distribution | None = None
    shape: Distribution = SHAPE
    slope: Distribution = SLOPE
    residual_sd: Distribution | None = None
    method: str = "auto"
    level: float = LEVEL
    nuts: Nuts = SAMPLING

    reference: ClassVar[str] = "Little & Rubin (2019), Statistical Analysis with Missing Data; Das & Mulder (1983)"
    symmetric: ClassVar[bool] = False
    uses_incomplete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_level(self.level)
        check_choice(self.method, METHODS, "method")
        check_beliefs(self, {"sem": AT_LEAST_ZERO, "delta": ANY})
        if self.grid < 0:
            raise SpecError("IOM-E092", "grid: expected 0 or more")
        if self.span is not None and not self.span[0] < self.span[1]:
            raise SpecError("IOM-E092", f"span: expected the lower end first, got {self.span}")
        low, high = self.shape.support
        if low < -0.5 or high > 0.5:
            raise SpecError("IOM-E092", f"shape: expected a distribution within -0.5 and 0.5, got {self.shape}")

    def __call__(self, panel: Panel | Moments, *, rng: Rng = None) -> Estimate:
        """Estimate from people, or from the moments of a published table.

        Where a `Range` is stated, or a published table leaves the mean before of completers open, the result is the
        set over their ends with an interval around it.

        Raises
        ------
        InputError
            IOM-E060 with fewer than two complete pairs; IOM-E047 for replicates; IOM-E048 for moments of people who
            entered at a cut; IOM-E067 where a published table lacks moments; IOM-E092 for scores below the cut.
        DegenerateDataError
            IOM-E063 or IOM-E065 where gaps_of has the same score or changed alike.
        """
        if not isinstance(panel, Moments):
            require_panel(panel, type(self).__name__, or_moments=True)
            refuse_replicates(panel, self)
        generator, _ = as_generator(rng)
        seed = int(generator.integers(2**63))
        tables = completions(panel, type(self).__name__)
        sharp = [replace(self, **cast("dict[str, Any]", corner)) for corner in corners(self)]
        return set_over([spec.of_case(table, seed) for table in tables for spec in sharp], spec=self)

    def posterior(self, panel: Panel | Moments, *, rng: Rng = None) -> Posterior:
        """Return the posterior of all parameters, of settings and moments that leave nothing open."""
        fit = self.fitted(panel)
        return self._posterior(fit, panel, int(as_generator(rng)[0].integers(2**63)))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters with their priors; all of these must be stated, or the span on which they stand."""
        scaled = ("change", *(IN_POINTS if self.cut is None else IN_POINTS_AT_A_CUT))
        if self.span is None and any(getattr(self, name) is None for name in scaled):
            raise SpecError("IOM-E096", "PrePostScores: state span, or every prior in points, to draw from the priors")
        return self._of(Scale(0.0, 1.0) if self.span is None else scale_of_span(self.span), self.cut).parameters

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters on the scale on which they are unbounded."""
        return names_of(self._of(Scale(0.0, 1.0), self.cut).parameters)

    def prior_draws(self, size: int, rng: np.random.Generator) -> Floats:
        """Return draws from the prior, (size, parameters)."""
        return prior_draws(self.parameters, rng, size)

    def simulate(self, panel: Panel, z: Floats, rng: np.random.Generator) -> Panel:
        """Return people laid out as these, one replicate for each row of parameters, with scores missing as here."""
        two = panel.managed.prepost()
        gaps = gaps_of(panel)
        fit = self._of(Scale(0.0, 1.0), self.cut)
        drawn = fit.model.scores(natural(fit.parameters, z), len(gaps), rng)
        return replace(two, outcome=np.where(gaps, np.nan, drawn))

    def posterior_draws(self, panel: Panel, size: int, rng: np.random.Generator) -> Floats:
        """Return independent draws from the posterior of each replicate, (R, size, parameters)."""
        several = as_replicates(panel)
        fits = (self.fitted(several.replicate(k)) for k in range(len(several.outcome)))
        return np.stack([resampled(fit.weighted(rng), rng, size) for fit in fits])

    def log_likelihood(self, panel: Panel, z: Floats) -> Floats:
        """Return the log likelihood of each replicate at its own parameters (R, S, parameters), as (R, S)."""
        several = as_replicates(panel)
        fits = [self.fitted(several.replicate(k)) for k in range(len(several.outcome))]
        return np.stack(
            [f.model.log_likelihood(f.data, natural(f.parameters, at)) for f, at in zip(fits, z, strict=True)]
        )

    def build(self, panel: Panel | Moments) -> Any:
        """Return the PyMC model, true scores integrated out; of moments, on rows that have them.

        Its likelihood has people with both scores, with that before alone and with that after alone as variables of
        their own; with a cut, scores before and after.
        """
        import pymc as pm  # noqa: PLC0415 slow to load

        fit = self.fitted(panel)
        with pm.Model() as model:
            variables = {p.name: p.variable() for p in fit.parameters}
            fit.model.observe(variables, fit.data)
            for name, value in fit.follows(variables).items():
                pm.Deterministic(name, value)
        return model

    def variables(self, posterior: Posterior) -> dict[str, Any]:
        """Return draws of the PyMC model's variables, (chains, draws) each."""
        fit = self._of(Scale(0.0, 1.0), posterior.figures["cut"], posterior.figures["lost_share"])
        values = dict(natural(fit.parameters, posterior.draws))
        return values | fit.follows(values)

    def by_person(self, tree: Any, panel: Panel) -> Any:
        """Return the tree with the log likelihood of every person in place of that of patterns, in their order."""
        import arviz as az  # noqa: PLC0415 slow to load

        fit = self.fitted(panel)
        persons = fit.model.by_person(tree["log_likelihood"], fit.data)
        del tree["log_likelihood"]
        if fit.data.outcome is not None:  # rows that stand for a published table are not people
            tree.update(az.from_dict({"log_likelihood": {"person": persons}}))
        return tree

    def _of(self, scale: Scale, cut: float | None, lost: float = 0.0, data: ScoreData | None = None) -> Fit:
        """Return the sampling model, its default priors on a scale."""
        error = (Parameter("sem", self.sem),) if isinstance(self.sem, Distribution) else ()
        own = (Parameter("delta", self.delta),) if isinstance(self.delta, Distribution) else ()
        known = self.sem if isinstance(self.sem, (int, float)) else None
        change = Parameter(MEAN_CHANGE, self.change or Normal(0.0, rounded(scale.width / 4)))
        spread = HalfNormal(rounded(scale.width / 4))
        model: ScoreModel
        if cut is None:
            place = Normal(scale.middle, rounded(scale.width / 2))
            parameters = (
                Parameter("mean_before", self.mean_before or place),
                change,
                Parameter("sd_before", self.sd_before or spread),
                Parameter("sd_after", self.sd_after or spread),
                Parameter("atanh_correlation", self.correlation),
            )
            model = NormalPairs((*parameters, *error), known or 0.0)
        else:
            parameters = (
                Parameter("mean_excess", self.mean_excess or spread),
                Parameter("shape", self.shape),
                change,
                Parameter("slope", self.slope),
                Parameter("residual_sd", self.residual_sd or spread),
            )
            model = CutEntry((*parameters, *error), cut, self.grid, known)
        delta = 0.0 if own else float(cast("float", self.delta))
        return Fit(model, delta, lost, own, data)

    def fitted(self, panel: Panel | Moments) -> Fit:
        """Return the sampling model of these data with its priors, whose log density is that of the posterior."""
        for belief in (self.sem, self.delta):
            if isinstance(belief, Range):
                raise SpecError("IOM-E092", f"PrePostScores: {belief} has no probability; take its ends")
        if isinstance(panel, Moments):
            if self.cut is not None:
                raise InputError(
                    "IOM-E048", f"{panel.name}: moments do not hold the density of scores at the cut; give the people"
                )
            data = read_reported(panel, type(self).__name__)
        else:
            data = read_people(panel)
        cut = self.cut if isinstance(panel, Moments) else self.cut_of(panel)
        _check_data(data, cut, self)
        scale = scale_of_span(self.span) if self.span is not None else scale_of_scores(data)
        return self._of(scale, cut, data.lost, data)

    def spread_before(self, panel: Panel | Moments) -> float:
        """Return the SD of the scores before of everybody, over the first that is possible where a table is open."""
        n, _, squares = (float(x) for x in self.fitted(completions(panel)[0]).data.moments.all_before)
        return math.sqrt(squares / (n - 1))

    def cut_of(self, panel: Panel) -> float | None:
        """Return the cut at which people entered: the stated one, else that of the panel's rule; None without."""
        rule, before = panel.selection, tuple(w.label for w in panel.windows if not w.post)
        if self.cut is not None or rule is None or rule.variable != panel.name:
            return self.cut
        hard = rule.rule == "at_least" and rule.windows == before and rule.timing in AHEAD
        return rule.threshold if hard else None

    def _posterior(self, fit: Fit, panel: Panel | Moments, seed: int) -> Posterior:
        """Return the posterior with the marginal of the result, and what a reader must know of the sampling."""
        figures = {"lost_share": fit.lost, "cut": fit.model.cut}
        notes: tuple[str, ...] = ()
        if self.method != "nuts":
            try:
                return self._by_importance(fit, seed, figures)
            except ConvergenceError as error:
                if self.method == IMPORTANCE:
                    raise
                notes = (f"by Hamiltonian sampling: {error.plain}",)
        tree = sampled(self.build(panel), self.nuts, seed=seed)
        drawn = [p.free(tree["posterior"][p.name].to_numpy()) for p in fit.parameters]
        quality, failed = gate(tree, [p.name for p in fit.parameters])
        kept = {n: Draws(tree["posterior"][n].to_numpy().ravel()) for n in RESULTS if n in tree["posterior"]}
        return Posterior(
            names=names_of(fit.parameters),
            draws=np.stack(drawn, axis=-1),
            sampler=self.nuts.named,
            exact=FrozenMap(kept),
            figures=FrozenMap({**quality, **figures}),
            notes=(*notes, *failed),
            tree=tree,
        )

    def _by_importance(self, fit: Fit, seed: int, figures: Mapping[str, Any]) -> Posterior:
        rng = np.random.default_rng(seed)
        weighted = fit.weighted(rng)
        trusted = weighted.pareto_k < HIGHEST_K
        said = f"the weights of importance sampling are not to be trusted (Pareto k {weighted.pareto_k:.2f})"
        if not trusted and self.method != IMPORTANCE:
            raise ConvergenceError("IOM-E080", said)
        found = from_importance(names_of(fit.parameters), weighted, rng)
        follows = fit.follows(natural(fit.parameters, weighted.points))
        kept = {name: Tabulated(*cumulated(follows[name], weighted.weight)[:2]) for name in RESULTS if name in follows}
        return replace(
            found,
            exact=FrozenMap({**found.exact, **kept}),
            figures=FrozenMap({**found.figures, **figures}),
            notes=() if trusted else (said,),
        )

    def of_case(self, panel: Panel | Moments, seed: int) -> Estimate:
        """Return the result of settings without a `Range` and of moments that leave nothing open."""
        fit = self.fitted(panel)
        posterior = self._posterior(fit, panel, seed)
        same = not fit.nets and not fit.own and not fit.delta * fit.lost
        return posterior_estimate(
            self._words(fit, panel, posterior),
            posterior,
            of=MEAN_CHANGE,
            law=None if same else posterior.exact[EFFECT],
            priors=FrozenMap({WORDS[p.name]: p.prior for p in fit.parameters}),
            prior_sd=prior_spread(fit.parameters),
            held=PosteriorTree(self._resolved(fit), cast("Panel", panel), posterior, seed),
        )

    def _resolved(self, fit: Fit) -> Self:
        """Return the same with the cut and the priors that the data filled in."""
        priors = {FIELDS.get(p.name, p.name): p.prior for p in fit.model.parameters}
        return replace(self, cut=fit.model.cut, **cast("dict[str, Any]", priors))

    def _words(self, fit: Fit, panel: Panel | Moments, posterior: Posterior) -> Estimate:
        data, net = fit.data, fit.nets
        whole = bool(data.moments.pairs == data.used) and fit.model.cut is None
        figures = _figures(fit, posterior, self.level)
        misfit = (NO_PARETO,) if figures.get("too_few_at_cut", 1.0) < CONTRADICTED else ()
        return Estimate(
            outcome=data.sample.outcome,
            method=f"Bayesian change of a score, {posterior.sampler}",
            estimand="att_score" if net else "descriptive_change",
            term="after - before, net of regression to the mean" if net else "after - before",
            scale="points",
            conf_level=self.level,
            n_input=data.sample.n_input,
            n_used=data.used,
            notes=(*data.sample.notes, *self._notes(fit, panel), *misfit),
            assumptions=self._assumptions(fit, net=net),
            diagnostics=FrozenMap(figures),
            spec=self,
            pinned=data.sample.pinned(*(MOMENTS if whole else ())),
        )

    def _notes(self, fit: Fit, panel: Panel | Moments) -> tuple[str, ...]:
        notes = []
        if self.span is None and not all(getattr(self, name) is not None for name in _scaled(fit.model.cut)):
            notes.append(
                "default priors stand on the SD of the scores before; state span to have them without the data"
            )
        if fit.model.cut is not None:
            notes += [] if fit.nets else [HOLDS_REGRESSION]
            lacking = int(np.isnan(fit.data.outcome[:, 0]).sum()) if fit.data.outcome is not None else 0
            notes += [counted(lacking, "[person|people] without a score before left out")] if lacking else []
        elif isinstance(panel, Panel) and panel.selection is not None and panel.selection.variable == panel.name:
            notes.append(IGNORES_SELECTION)
        return tuple(notes)

    def _assumptions(self, fit: Fit, *, net: bool) -> tuple[str, ...]:
        off = "" if fit.delta == 0 and not fit.own else "; they are off that prediction as stated"
        lost = f"people lost to follow-up changed as the scores that are there predict{off}" if fit.lost else ""
        if fit.model.cut is None:
            law = "true scores before and after are bivariate normal, and errors of measurement normal and independent"
        else:
            law = (
                "scores before over the cut are generalised Pareto, and those after lie about a line on them with "
                "normal deviations"
            )
        alone = (
            "nothing but the error of measurement of the score, normal and drawn anew, and the programme moved the "
            "mean of those selected"
        )
        return ("people are independent of one another", law, *([lost] if lost else []), *([alone] if net else []))


def _none(squares: Floats, mean: Floats) -> bool:
    return bool(squares <= (NOISE * np.abs(mean)) ** 2)


def _scaled(cut: float | None) -> tuple[str, ...]:
    return ("change", *(IN_POINTS if cut is None else IN_POINTS_AT_A_CUT))


def _figures(fit: Fit, posterior: Posterior, level: float) -> dict[str, Any]:
    """Return what people lost would have to be off by, and at a cut the change and the regression apart."""
    effect = posterior.marginal(EFFECT)
    figures: dict[str, Any] = {}
    if fit.lost > 0 and not fit.own:
        low, high = effect.interval(level)
        middle = median(effect)
        nearest = high if middle < 0 else low
        figures["tipping_delta"] = fit.delta - nearest / fit.lost
        figures["delta_of_no_change"] = fit.delta - middle / fit.lost
    if isinstance(fit.model, CutEntry):
        at = [_middle(fit, posterior, name) for name in ("mean_excess", "shape")]
        figures["too_few_at_cut"] = fit.model.too_few(fit.data, *at)
    if REGRESSION in posterior.exact:
        for name, of in (("change_with_regression", MEAN_CHANGE), (REGRESSION, REGRESSION)):
            law = posterior.marginal(of)
            figures[name] = (median(law), *law.interval(level))
    return figures


def _middle(fit: Fit, posterior: Posterior, name: str) -> float:
    parameter = next(p for p in fit.parameters if p.name == name)
    return float(parameter.natural(np.asarray(median(posterior.marginal(parameter.unbounded)))))


def _check_data(data: ScoreData, cut: float | None, spec: PrePostScores) -> None:
    m, name = data.moments, data.sample.outcome
    if m.pairs < LEAST_PAIRS:
        raise InputError(
            "IOM-E060", f"{name}: n={round(float(m.pairs))} people with both windows; expected at least {LEAST_PAIRS}"
        )
    if cut is not None and data.outcome is not None and (data.outcome[:, 0] < cut - spec.grid / 2).any():
        raise InputError(
            "IOM-E092", f"{name}: some people have a score before below the cut, so that it was not the rule"
        )
    if cut is None and spec.sem:
        return  # errors of measurement are a spread of their own
    if _none(m.all_before[2], m.before) or _none(m.after_ss, m.after):
        raise DegenerateDataError("IOM-E065", f"{name}: everybody has the same score in a window")
    if m.pairs > LEAST_PAIRS and data.outcome is not None:
        if m.before_ss + m.after_ss - 2 * m.cross <= NOISE * m.after_ss:
            raise DegenerateDataError("IOM-E063", f"{name}: everybody changed alike, so there is no spread of changes")
        if m.before_ss > 0 and m.after_ss - m.cross**2 / m.before_ss <= NOISE * m.after_ss:
            raise DegenerateDataError("IOM-E065", f"{name}: all scores after lie on a line over those before")
