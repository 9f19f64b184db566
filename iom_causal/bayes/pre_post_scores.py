"""Bayesian change of a score: measurement error, missing follow-up and entry at a cut in one likelihood."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, refuse_data
from iom_causal.bayes.score_data import (
    ScoreData,
    check_kind,
    check_scores,
    check_span,
    gaps_of,
    read_people,
    read_reported,
)
from iom_causal.bayes.score_fit import EFFECT, MEAN_CHANGE, Fit
from iom_causal.bayes.score_models import WORDS, CutEntry, NormalPairs
from iom_causal.bayes.score_priors import Scale, rounded, scale_of_scores, scale_of_span
from iom_causal.bayes.score_words import score_words
from iom_causal.bayes.shared.methods import UNTRUSTED, Distrust, check_sampling, trusted_or_chain
from iom_causal.bayes.shared.nuts import Nuts, chains
from iom_causal.bayes.shared.parameters import Parameter, check_priors, names_of, natural, prior_draws, prior_spread
from iom_causal.bayes.shared.posterior import Posterior, posterior_estimate, set_over
from iom_causal.bayes.shared.simulated import draws_by_loop, each_replicate
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.beliefs import Belief, HalfNormal, Normal, Range, TruncatedNormal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.beliefs.theta import ANY, AT_LEAST_ZERO, check_beliefs, corners
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.inputs.lines import completions
from iom_causal.inputs.observations import refuse_replicates
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.panel import Panel
from iom_causal.roles import Rng, require_panel
from iom_causal.streams import as_generator

type Floats = NDArray[np.float64]

CORRELATION, SLOPE = Normal(0.5, 0.75), Normal(0.5, 0.5)
"""95%: a correlation from -0.75 to 0.96; from half a point down to one and a half up by point before."""
SHAPE = TruncatedNormal(0.0, 0.25, -0.5, 0.5)
SAMPLING = Nuts()
FIELDS: Mapping[str, str] = {MEAN_CHANGE: "change", "atanh_correlation": "correlation"}
"""Parameters whose prior is a field of another name."""
SPREADS = ("sd_before", "sd_after", "mean_excess", "residual_sd")
IN_POINTS, IN_POINTS_AT_A_CUT = ("mean_before", "sd_before", "sd_after"), ("mean_excess", "residual_sd")
DISTRUST = Distrust(
    kept=UNTRUSTED,
    replaced=f"by Hamiltonian sampling: {UNTRUSTED}",
    no_mode="by Hamiltonian sampling: {error}",
)
AHEAD = ("at_boundary", "within_pre")
"""The timings of selection with which the score before is what a rule read."""


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
    as it is. With `sem` the result is the change net of the regression to the mean that measurement error brings
    about, ``sem^2`` times the density at the cut; without it is the change itself, and a note says what it holds. It
    is right where scores thin out from the cut on. In simulated worlds the regression was within 3% for exponential
    scores, to 7% too small for Lomax ones and to 7% too large for lognormal ones. Normal scores, and any cut near the
    mode, under-cover as people grow many: 65% at 1,000 people with t scores cut 1.3 SD above their mean. Of normal
    scores, which have a shoulder, it came out 8% too large at a cut one SD above their mean, 26% at the mean and twice
    as large one SD below: near or below the mode take `ScoreRegression`, which reads the density from people next to
    the cut alone. A note says where too few stand there.

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
        check_sampling(self)
        check_beliefs(self, {"sem": AT_LEAST_ZERO, "delta": ANY})
        if self.grid < 0:
            raise SpecError("IOM-E092", "grid: expected 0 or more")
        if self.span is not None and not self.span[0] < self.span[1]:
            raise SpecError("IOM-E092", f"span: expected the lower end first, got {self.span}")
        stated = {name: getattr(self, name) for name in ("mean_before", "change", *SPREADS)}
        given = [name for name, prior in stated.items() if prior is not None]
        real = ("correlation", "shape", "slope", *(name for name in given if name not in SPREADS))
        check_priors(self, real, positive=[name for name in given if name in SPREADS])
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
            entered at a cut; IOM-E066 for what is no score; IOM-E067 where a published table lacks moments; IOM-E092
            for scores below the cut or outside the span.
        DegenerateDataError
            IOM-E063 or IOM-E065 where everybody has the same score or changed alike.
        """
        if not isinstance(panel, Moments):
            require_panel(panel, type(self).__name__, or_moments=True)
            refuse_replicates(panel, self)
        check_kind(panel, type(self).__name__)
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
        if self.span is None and not self._stated(self.cut):
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
        return draws_by_loop(lambda one: self.fitted(one).weighted(rng), panel, size, rng)

    def log_likelihood(self, panel: Panel, z: Floats) -> Floats:
        """Return the log likelihood of each replicate at its own parameters (R, S, parameters), as (R, S)."""
        fits = (self.fitted(one) for one in each_replicate(panel))
        return np.stack([fit.log_likelihood(at) for fit, at in zip(fits, z, strict=True)])

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

    def _stated(self, cut: float | None) -> bool:
        """Whether every prior in points is stated."""
        names = ("change", *(IN_POINTS if cut is None else IN_POINTS_AT_A_CUT))
        return all(getattr(self, name) is not None for name in names)

    def _of(self, scale: Scale, cut: float | None, lost: float = 0.0, data: ScoreData | None = None) -> Fit:
        """Return the sampling model, its default priors on a scale."""
        own = (Parameter("delta", self.delta),) if isinstance(self.delta, Distribution) else ()
        delta = 0.0 if own else float(cast("float", self.delta))
        return Fit(self._pairs(scale) if cut is None else self._at_cut(scale, cut), delta, lost, own, data)

    def _pairs(self, scale: Scale) -> NormalPairs:
        place, spread = Normal(scale.middle, rounded(scale.width / 2)), HalfNormal(rounded(scale.width / 4))
        parameters = (
            Parameter("mean_before", self.mean_before or place),
            self._change(scale),
            Parameter("sd_before", self.sd_before or spread),
            Parameter("sd_after", self.sd_after or spread),
            Parameter("atanh_correlation", self.correlation),
        )
        return NormalPairs((*parameters, *self._error), self._known_error or 0.0)

    def _at_cut(self, scale: Scale, cut: float) -> CutEntry:
        spread = HalfNormal(rounded(scale.width / 4))
        parameters = (
            Parameter("mean_excess", self.mean_excess or spread),
            Parameter("shape", self.shape),
            self._change(scale),
            Parameter("slope", self.slope),
            Parameter("residual_sd", self.residual_sd or spread),
        )
        return CutEntry((*parameters, *self._error), cut, self.grid, self._known_error)

    def _change(self, scale: Scale) -> Parameter:
        return Parameter(MEAN_CHANGE, self.change or Normal(0.0, rounded(scale.width / 4)))

    @property
    def _error(self) -> tuple[Parameter, ...]:
        """The standard error of measurement, where it is not known."""
        return (Parameter("sem", self.sem),) if isinstance(self.sem, Distribution) else ()

    @property
    def _known_error(self) -> float | None:
        return self.sem if isinstance(self.sem, (int, float)) else None

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
        check_scores(data, cut=cut, grid=self.grid, error=bool(self.sem))
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
        rng = np.random.default_rng(seed)
        found = trusted_or_chain(
            self.method,
            lambda: fit.weighted(rng),
            lambda weighted: fit.of_weighted(weighted, rng),
            lambda: fit.of_chain(chains(self.build(panel), fit.parameters, self.nuts, seed=seed)),
            DISTRUST,
        )
        return replace(found, figures=FrozenMap({**found.figures, "lost_share": fit.lost, "cut": fit.model.cut}))

    def of_case(self, panel: Panel | Moments, seed: int) -> Estimate:
        """Return the result of settings without a `Range` and of moments that leave nothing open."""
        fit = self.fitted(panel)
        check_span(fit.data, self.span)
        posterior = self._posterior(fit, panel, seed)
        plain = MEAN_CHANGE in posterior.names  # a prior with ends renames it
        same = plain and not fit.nets and not fit.own and not fit.delta * fit.lost
        return posterior_estimate(
            score_words(
                fit,
                panel,
                posterior,
                spec=self,
                level=self.level,
                on_the_scores=self.span is None and not self._stated(fit.model.cut),
                span=self.span,
            ),
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
