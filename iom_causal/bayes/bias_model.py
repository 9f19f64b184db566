"""The ledger with a prior on the programme: which share of a change the programme had, if the beliefs are right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from iom_causal.base.formats import number
from iom_causal.base.specs import FrozenMap, check_level, refuse_data
from iom_causal.bayes.shared.bias_posterior import (
    TENTH,
    Case,
    UnderPrior,
    decomposition,
    middle,
    spread,
    under_prior,
    variance,
)
from iom_causal.bayes.shared.bias_tree import BiasTree, decomposition_model
from iom_causal.bayes.shared.parameters import check_log_ratios
from iom_causal.bayes.shared.posterior import IMPORTANCE, arviz_call
from iom_causal.beliefs import Normal
from iom_causal.beliefs.distributions import Distribution
from iom_causal.confounds.evidence import load_evidence
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate, Part
from iom_causal.inputs.lines import REMAINDER, JointDraws, completions
from iom_causal.inputs.resampling import spread_before
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.posterior.reweighting import Reweighted
from iom_causal.panel import Panel
from iom_causal.roles import Rng

SCEPTICAL, STATED, FLAT = "sceptical", "stated", "flat"
"""The priors of the programme that a result shows side by side."""
OPEN, DOUBTFUL = Normal(0.0, 0.35), Normal(0.0, 0.15)
"""The stated and the sceptical one by default: 95% from half to twice, and from three quarters to four thirds."""


@dataclass(frozen=True)
class BiasModel:
    """Bayesian bias analysis: the ledger's joint draws, reweighted by a prior on the programme.

    The observed change is the sum of the ledger's lines and of the programme's log ratio (for a score, in points); only
    the sum is in the data. The lines' beliefs are their priors, as the ledger draws them, and a prior on the programme
    tells how the change is shared among what could have made it. Right where the beliefs hold, nothing is left out and
    the prior says what is known of such programmes; where the data cannot tell lines apart, each line's posterior is
    its prior but for the sum, which the contraction of each shows.

    A draw of the ledger is one of observed change and lines together, so that lines estimated from the same people
    move with it; its weight is the prior's density at the remainder. Under a flat prior the interval is the ledger's
    to the last digit; the middle is the median of the draws, and the ledger's that at central beliefs. What remains is
    shown under three priors side by side, never one: a sceptical one, the stated and a flat one. Where weights
    degenerate (fewer than 100 effective draws, or Pareto k above 0.7) the sampling part of every draw is first moved
    to where it meets the prior; where they still do, there are no figures under that prior, and a note says so.

    A `Range` has no probability: the result is then the set of the posterior medians over its ends, with an interval
    around it. So it is where a published table leaves the mean before of completers open.

    Parameters
    ----------
    confounds : sequence of confounds
        One a line, as in `Ledger`; their beliefs are the priors of the lines.
    programme : Distribution
        Prior of the programme's log ratio; for a score of its difference in units of `unit`.
    sceptical : Distribution
        Prior of somebody who doubts that such programmes change much.
    unit : float or None
        Points that 1 of these priors stands for; by default the SD before of people with both scores, and of everybody
        where a published table leaves that of completers open. Not used for counts.
    level : float
        Of the interval, which has equal tails.
    draws : int
        How many joint draws.

    Examples
    --------
    >>> from iom_causal.beliefs import LogNormal
    >>> from iom_causal.confounds import Detection
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> result = BiasModel((Detection(ratio=LogNormal(0.8, 0.2)),), draws=2000)(m, rng=1)
    >>> round(result.estimate, 1), result.interval
    (0.7, 'credible-eti')
    >>> {name: round(prior["median_low"], 1) for name, prior in result.diagnostics["priors"].items()}
    {'sceptical': 0.9, 'stated': 0.7, 'flat': 0.7}
    """

    confounds: Sequence[Any] = ()
    programme: Distribution = OPEN
    sceptical: Distribution = DOUBTFUL
    unit: float | None = None
    level: float = LEVEL
    draws: int = 20_000

    reference: ClassVar[str] = (
        "Greenland (2005), JRSS A 168, 267-306; Lash, Fox & Fink (2009), Applying Quantitative Bias Analysis; "
        "Ang (2004), Energy Policy 32, 1131-1139"
    )
    symmetric: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if isinstance(self.confounds, list):
            object.__setattr__(self, "confounds", tuple(self.confounds))
        refuse_data(self)
        check_level(self.level)
        for name, prior in ((STATED, self.programme), (SCEPTICAL, self.sceptical)):
            if not isinstance(prior, Distribution):
                raise SpecError("IOM-E092", f"{name} prior: expected a distribution, such as Normal(0, 0.35)")
            prior.log_density(np.array([prior.centre]))
        if self.unit is not None and not (isinstance(self.unit, (int, float)) and 0 < self.unit < np.inf):
            raise SpecError("IOM-E092", "unit: expected a number of points above 0, or None")
        self.ledger  # noqa: B018 it checks the other settings

    @classmethod
    def from_evidence(cls, name: str | Path, **settings: Any) -> Self:
        """Return the model of a set of evidence: its beliefs are the priors of the lines.

        Parameters
        ----------
        name : str or Path
            As for `Ledger.from_evidence`.
        **settings
            As in `BiasModel`.

        Examples
        --------
        >>> [c.line for c in BiasModel.from_evidence("england-wales-2012").confounds]
        ['regression to the mean', 'ageing', 'history']
        """
        return cls(load_evidence(name).confounds, **settings)

    @property
    def ledger(self) -> Ledger:
        """The ledger whose draws are reweighted."""
        return Ledger(self.confounds, level=self.level, draws=self.draws)

    @property
    def priors(self) -> Mapping[str, Distribution | None]:
        """The priors of the programme that are shown side by side; None is flat."""
        return {SCEPTICAL: self.sceptical, STATED: self.programme, FLAT: None}

    def __call__(self, data: Panel | Moments, *, rng: Rng = None) -> Estimate:
        """Return the programme's posterior as an estimate, its lines as parts.

        Raises
        ------
        InputError, DegenerateDataError
            As for `Ledger`.
        SpecError
            IOM-E092 where a prior of the log ratio of counts holds a fall impossible: it is on another scale.
        ConvergenceError
            IOM-E080 where a prior of the programme holds impossible all that the ledger leaves.
        """
        self._check_scale(score=data.kind == "score")
        ledger, drawn = self.ledger.with_draws(data, rng=rng)
        result = self.reweighted(ledger, drawn, unit=self.points(data))
        if len(drawn) > 1 or result.interval == "none":
            return result
        case = Case.of(drawn[0], score=result.scale == "points", unit=result.diagnostics["unit"])
        tree = BiasTree.of(case, case.under(self.programme), self.programme)
        call = arviz_call("change" if case.score else "ratio", self.level)
        return replace(result, notes=(*result.notes, call), held=tree)

    def build(self, data: Panel | Moments, *, rng: Rng = None) -> Any:
        """Return a PyMC model of the same decomposition, in which the ledger's draws are taken as jointly normal.

        Its posterior is that of a call but for what is not normal in the ledger: skewed beliefs, and the t of its
        sampling. Where a `Range` or an open baseline makes a set it is the first of its cases. The variables are
        ``programme`` (in the unit of its prior), ``log_ratio`` and ``ratio``, or ``change`` in points, and ``lines``.

        Parameters
        ----------
        data, rng
            As for a call.
        """
        self._check_scale(score=data.kind == "score")
        _, drawn = self.ledger.with_draws(data, rng=rng)
        case = Case.of(drawn[0], score=data.kind == "score", unit=self.points(data))
        return decomposition_model(case, self.programme)

    def points(self, data: Panel | Moments) -> float:
        """Return what 1 of the priors stands for: 1 on the log scale, for a score so many points.

        Examples
        --------
        >>> m = Moments.from_summary(n=40, mean_pre=300.0, sd_pre=90.0, mean_post=250.0, kind="score")
        >>> BiasModel().points(m), BiasModel(unit=1.0).points(m)
        (90.0, 1.0)
        """
        if data.kind != "score":
            return 1.0
        if self.unit is not None:
            return float(self.unit)
        if isinstance(data, Moments) and data.sd_pre_input is not None and of_everybody(data):
            return float(data.sd_pre_input)
        return spread_before(completions(data, "BiasModel")[0])

    def reweighted(self, ledger: Estimate, drawn: Sequence[JointDraws], *, unit: float = 1.0) -> Estimate:
        """Return the posterior from a ledger that was worked out already.

        Parameters
        ----------
        ledger, drawn
            As `Ledger.with_draws` returns them, of the same confounds.
        unit : float
            What `points` returns of its data.
        """
        score = ledger.scale == "points"
        self._check_scale(score=score)
        single = len(drawn) == 1
        cases = [Case.of(d, score=score, unit=unit) for d in drawn]
        shown: dict[str, UnderPrior] = {}
        under: dict[str, tuple[Reweighted, ...]] = {}
        for name, prior in self.priors.items():
            shown[name], under[name] = under_prior(cases, prior, self.level)
        mine, figures = under[STATED], shown[STATED]
        result = replace(
            ledger,
            method="bias model",
            estimate=None,
            std_error=None,
            conf_low=figures.conf_low,
            conf_high=figures.conf_high,
            interval="none" if figures.degenerate else "credible-eti" if single else "bounds",
            set_low=None if single else figures.median_low,
            set_high=None if single else figures.median_high,
            notes=(*ledger.notes, *_notes(shown, score=score)),
            assumptions=(*ledger.assumptions, self._stated(score=score, unit=unit)),
            diagnostics=FrozenMap(
                {
                    "sampler": IMPORTANCE,
                    "effective_draws": figures.effective,
                    "pareto_k": figures.pareto_k,
                    "contraction": FrozenMap({}),
                    "probability_below": _below(figures, score=score),
                    "unit": unit,
                    "priors": FrozenMap({name: FrozenMap(each._asdict()) for name, each in shown.items()}),
                    "before": cases[0].before,
                    "after": cases[0].drawn.after,
                    "decomposition": FrozenMap({}),
                }
            ),
            parts=(),
            cov=None,
            coefficient=REMAINDER,
            law=None,
            spec=self,
        )
        return result if figures.degenerate else self._decomposed(result, cases, mine)

    def _decomposed(self, result: Estimate, cases: Sequence[Case], mine: Sequence[Reweighted]) -> Estimate:
        """Return the result with the components of the observed change; of one case with its moments too."""
        unit = result.diagnostics["unit"]
        medians = [middle(case.remainder(d)) for case, d in zip(cases, mine, strict=True)]
        prior_variance = variance(self.programme) * unit**2
        ends = int(np.argmin(medians)), int(np.argmax(medians))
        shared = {k: decomposition(cases[k], mine[k], self.level, prior_variance) for k in set(ends)}
        low, high = (shared[k] for k in ends)
        contraction = FrozenMap({name: c["contraction"] for name, c in low["decomposition"].items()})
        diagnostics = {**result.diagnostics, "contraction": contraction, **low}
        if len(cases) > 1:
            return replace(result, diagnostics=FrozenMap(diagnostics | {"other_end": FrozenMap(high)}))
        cov = spread(mine[0].values, mine[0].weight)
        return replace(
            result,
            estimate=medians[0],
            std_error=float(np.sqrt(cov[-1, -1])),
            diagnostics=FrozenMap(diagnostics),
            parts=_parts(low["decomposition"], np.sqrt(np.diag(cov))),
            cov=cov,
            law=cases[0].remainder(mine[0]),
        )

    def _check_scale(self, *, score: bool) -> None:
        """Refuse a prior of the log ratio of counts that is on another scale; a score may be held to rise alone."""
        if not score:
            check_log_ratios(self, "programme", "sceptical", no_change=False)

    def _stated(self, *, score: bool, unit: float) -> str:
        what = f"difference in units of {number(unit)} points" if score else "log ratio"
        return f"before the data, the programme's {what} is {self.programme}"


def of_everybody(data: Panel | Moments) -> bool:
    """Return whether the SD before by default is that of everybody: a table has it, and leaves that of completers open.

    Examples
    --------
    >>> from iom_causal.published.study import load_published
    >>> of_everybody(load_published("sleath-brown-2017")["risk"])
    True
    """
    return isinstance(data, Moments) and data.sd_pre is None and data.sd_pre_input is not None


def _below(figures: UnderPrior, *, score: bool) -> FrozenMap[str, float]:
    """Return the probability of a smaller remainder than some values; of a set the lowest over its cases."""
    if figures.fall_low is None or figures.tenth_low is None:
        return FrozenMap({})
    none = {"0.0" if score else "1.0": figures.fall_low}
    return FrozenMap(none if score else {str(1 - TENTH): figures.tenth_low} | none)


def _notes(shown: Mapping[str, UnderPrior], *, score: bool) -> tuple[str, ...]:
    """Say what each prior leaves, and under which of them too few draws are left for figures."""
    return tuple(f"{_named(name, each)}: {_left(each, score=score)}" for name, each in shown.items())


def _named(name: str, each: UnderPrior) -> str:
    return f"under the {name} prior" + ("" if name == FLAT else f", {each.prior}")


def _left(each: UnderPrior, *, score: bool) -> str:
    """Return median, interval and probability of a fall under one prior, in words; why not where there are none."""
    u = each.figures
    if not u:
        return (
            f"no figures, as the prior and the ledger hardly overlap ({number(each.effective, 2)} of the draws are "
            "left); take more draws, or a wider prior"
        )
    what = f"{_span(u, 'median')} [{number(u['conf_low'])}, {number(u['conf_high'])}]"
    fall = f"below {0 if score else 1} with probability {_span(u, 'fall')}"
    tenth = "by a tenth of the level before or more" if score else "0.9 or less"
    return f"{what}; {fall}, {tenth} with {_span(u, 'tenth')}"


def _span(figures: Mapping[str, float], name: str) -> str:
    ends = [number(figures[f"{name}_{end}"], 3) for end in ("low", "high")]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def _parts(components: Mapping[str, Mapping[str, float]], errors: Any) -> tuple[Part, ...]:
    return tuple(
        Part(name, c["value"], float(error), conf_low=c["low"], conf_high=c["high"])
        for (name, c), error in zip(components.items(), errors, strict=True)
    )
