"""Designs with something to compare with: which of them the data of each outcome carry, and their estimates."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum, auto
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.disclosed import at_one_level, at_one_size, by_rates, unlike_days
from iom_causal.analysis.jobs import Job, done
from iom_causal.analysis.people import furthest
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate
from iom_causal.estimators import (
    DiffInDiff,
    Discontinuity,
    EventStudy,
    HonestTrends,
    InterruptedTimeSeries,
    Matched,
    SteppedWedge,
    designs_for,
)
from iom_causal.estimators.quasi_experiments.designs_for import DesignOptions
from iom_causal.estimators.quasi_experiments.discontinuity import SHOWN
from iom_causal.estimators.shared.requirements import QuasiExperiment, starts_of
from iom_causal.inputs.alikeness import Alikeness, alikeness
from iom_causal.inputs.comparison import compared
from iom_causal.inputs.selected import reached
from iom_causal.panel import Panel
from iom_causal.streams import Streams

FAR = 0.25
"""Standardised mean difference of the outcome before beyond which groups are too unlike to lean on a model (Rubin 2001,
Health Services and Outcomes Research Methodology 2, 169-188)."""

AGAINST, CHANCE = 0.5, 3.0
"""Standardised mean difference before, and its size in standard errors, beyond both of which people stated to be
selected alike were not: means of two samples that one rule selects differ by chance."""

TOO_WIDE = 8.0
"""Width of the interval for unlike trends, over that for parallel ones, beyond which a page leaves it out unless asked:
over many short windows the largest step before is chance, and the windows after multiply it."""
MOST_LEVELS = 6
"""Of a covariate on which people are matched exactly without being asked for."""

LONGEST_MONTH = 31
"""Days."""

SEVERAL = 3
"""Windows before the first start from which on short ones are put together as a base."""


class Basis(StrEnum):
    """With what a design compares managed people."""

    OTHERS = auto()
    COURSE = auto()
    RULE = auto()


class Unlike(StrEnum):
    """Why a contrast is not offered as the programme's share."""

    FEW = auto()
    SELECTED = auto()
    APART = auto()
    SERIES = auto()
    UNSTATED = auto()
    STATED_BELOW = auto()
    STATED_APART = auto()
    CUT_APART = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Outcome of managed and of comparison people before anybody was managed.

    Parameters
    ----------
    managed, others : float
        Means a person over all windows before together; of a score, means of windows.
    n, n_others : int
        People with every window before.
    apart : float
        Standardised mean difference, managed less others, in pooled SDs.
    known : Alikeness
        What is known of how the others were selected, as the study states or a stated cut shows.
    errors : float
        The same difference in its standard errors.
    furthest : float
        How far from the mean of their group the furthest of all lies.
    """

    managed: float
    others: float
    n: int
    n_others: int
    apart: float
    known: Alikeness
    errors: float = 0.0
    furthest: float = 0.0

    @property
    def alike(self) -> bool:
        """Whether the others are known to have been selected as the managed were."""
        return self.known.alike

    @property
    def contradicts(self) -> bool:
        """Whether groups are further apart than samples that one rule selects."""
        return abs(self.apart) > AGAINST and abs(self.errors) > CHANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Designs for one outcome, and the estimates of those that its data carry.

    Parameters
    ----------
    outcome, kind : str
        Its name and kind.
    options : DesignOptions
        Every design, with what it needs and lacks.
    before : Before or None
        How far groups were apart; None without comparison people, or where too few may be spoken of.
    unlike : mapping of Basis to Unlike
        Of each basis on which designs stand that are not offered, why; a pair each.
    estimates : tuple of Estimate
        Of the designs that are offered, those that the study asks for first, and of those asked for that are not.
    pictures : tuple of Estimate
        Those whose own pictures may leave: no group in them has few people.
    refusals : tuple of Refusal
        Designs that refused these people.
    starts : int
        Windows at which managed people start.
    """

    outcome: str
    kind: str
    options: DesignOptions
    before: Before | None = None
    unlike: tuple[tuple[Basis, Unlike], ...] = ()
    estimates: tuple[Estimate, ...] = ()
    pictures: tuple[Estimate, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    starts: int = 1

    @property
    def carried(self) -> tuple[QuasiExperiment, ...]:
        """The designs of which the data hold all that they need."""
        return self.options.carried

    @property
    def may_be_offered(self) -> tuple[QuasiExperiment, ...]:
        """Those among them of which nothing that is known speaks against offering what they give."""
        return tuple(design for design in self.carried if self.why_not(design) is None)

    def why_not(self, design: Any) -> Unlike | None:
        """Return why what a design gives is not offered as the programme's share; None where it is."""
        return dict(self.unlike).get(basis_of(design))

    @property
    def why_not_others(self) -> Unlike | None:
        """Why no contrast with people who were never managed is offered; None where one may be."""
        return dict(self.unlike).get(Basis.OTHERS)

    @property
    def offered(self) -> tuple[Estimate, ...]:
        """The estimates that are offered, with an interval, the first of which the first page quotes."""
        return tuple(e for e in self.estimates if self.why_not(e.spec) is None and e.conf_low is not None)


def basis_of(design: Any) -> Basis:
    """Return with what a design compares managed people."""
    if isinstance(design, InterruptedTimeSeries):
        return Basis.OTHERS if design.controlled else Basis.COURSE
    return Basis.RULE if isinstance(design, (Discontinuity, SteppedWedge)) else Basis.OTHERS


def run(subject: Subject, effort: Effort) -> tuple[Compared, ...]:
    """Find the designs that the data of each outcome carry, and estimate with those that may be offered."""
    if subject.cohort is None:
        return ()
    panels = (subject.data(outcome.name) for outcome in subject.outcomes)
    return tuple(_compared(subject, p, effort) for p in panels if isinstance(p, Panel) and enough(subject, p))


def designs_of(subject: Subject, everybody: Panel) -> Compared:
    """Find the designs that people carry, and why what they give is not offered where it is not; estimate nothing."""
    people = compared(everybody)
    before = before_of(subject, people)
    panel = _stating(people, before)
    options = _options(panel, _asked(subject, panel))
    carried = {basis_of(o.design) for o in options.options if o.carried}
    if not panel.group.all():
        carried.add(Basis.OTHERS)
    unlike = tuple(pair for pair in _unlike(subject, people, before) if pair[0] in carried)
    return Compared(
        outcome=panel.name,
        kind=panel.kind,
        options=options,
        before=before,
        unlike=unlike,
        starts=len(starts_of(panel)),
    )


def _asked(subject: Subject, panel: Panel) -> tuple[QuasiExperiment, ...]:
    return tuple(spec for spec in subject.asked(panel.name) if isinstance(spec, QuasiExperiment))


def _compared(subject: Subject, everybody: Panel, effort: Effort) -> Compared:
    found = designs_of(subject, everybody)
    panel = _stating(compared(everybody), found.before)
    asked = _asked(subject, panel)
    shown = {basis for basis in Basis if dict(found.unlike).get(basis) in {None, Unlike.UNSTATED}}
    options = found.options.options
    wanted = [o.design for o in options if o.design in asked or (o.carried and basis_of(o.design) in shown)]
    if found.why_not_others is Unlike.FEW:
        wanted = [design for design in wanted if basis_of(design) is not Basis.OTHERS]
    estimates, refusals = done(_job(subject, panel, design, effort) for design in wanted)
    estimates, wide = _of_use(estimates, asked)
    estimates, of_counts = by_rates(estimates, {panel.name} if unlike_days(panel) else ())
    estimates, other_level = at_one_level(estimates, subject.release)
    estimates, other_size = at_one_size(estimates, subject.release)
    return replace(
        found,
        estimates=estimates,
        pictures=tuple(e for e in estimates if _may_be_drawn(subject, panel, e.spec)),
        refusals=(*refusals, *wide, *of_counts, *other_level, *other_size),
    )


def _of_use(
    estimates: tuple[Estimate, ...], asked: tuple[QuasiExperiment, ...]
) -> tuple[tuple[Estimate, ...], tuple[Refusal, ...]]:
    """Split estimates into those to show, and refusals of bounds that nobody asked for and that tell nothing."""
    useless = [
        e for e in estimates if isinstance(e.spec, HonestTrends) and e.spec not in asked and e.spec.wider(e) > TOO_WIDE
    ]
    refusals = (Refusal(e.outcome, type(e.spec).__name__, why=Why.TOO_WIDE) for e in useless)
    return tuple(e for e in estimates if e not in useless), tuple(refusals)


def _may_be_drawn(subject: Subject, panel: Panel, design: Any) -> bool:
    """Whether every group that a picture could show has enough people: those of each start, of each named covariate.

    People with every window count, by their weights. A discontinuity draws bins of values, each of `SHOWN` people.
    """
    settings = {f.name: getattr(design, f.name) for f in fields(design)}
    if isinstance(design, Discontinuity) and subject.release.enough(SHOWN):
        del settings["running"]
    named = (value for value in settings.values() if isinstance(value, str))
    groups = [panel.covariates[name] for name in named if name in panel.covariates]
    starts = np.full(panel.n, 0) if panel.start is None else panel.start.filled(-1)
    weight = np.ones(panel.n) if panel.weight is None else panel.weight.astype(np.float64)
    there = weight * panel.complete
    sizes = (np.bincount(np.unique(group, return_inverse=True)[1], there).min() for group in (starts, *groups))
    return all(subject.release.enough(round(float(size))) for size in sizes)


def _options(panel: Panel, asked: tuple[QuasiExperiment, ...]) -> DesignOptions:
    """Return every design, those that the study asks for first and in place of the same one without settings."""
    usual = tuple(d for o in designs_for(panel).options for d in _with_settings(o.design, panel))
    kinds = {type(design) for design in asked}
    return designs_for(panel, (*asked, *(design for design in usual if type(design) not in kinds)))


def _with_settings(design: QuasiExperiment, panel: Panel) -> tuple[QuasiExperiment, ...]:
    """Return a design with settings that need no choice.

    Both scales of counts; matches on age and on groups; all windows before as base where they are months.
    """
    if isinstance(design, DiffInDiff) and design.contrast == "ratio":
        return design, replace(design, contrast="difference")
    if isinstance(design, EventStudy) and len(panel.windows) == 2:
        return ()  # of two windows it is the difference in differences
    if isinstance(design, EventStudy):
        return (replace(design, base="every"),) if _months_before(panel) else (design,)
    if not isinstance(design, Matched):
        return (design,)
    age = panel.age is not None and not np.isnan(panel.age).any()
    shared = tuple(name for name, labels in panel.covariates.items() if _shared_levels(labels, panel.group))
    return (replace(design, exact=shared, covariates="age" if age else ""),)


def _months_before(panel: Panel) -> bool:
    """Whether windows are months or shorter, each of few events, with several before the first start."""
    days = [w.days for w in panel.windows]
    return _first_start(panel) >= SEVERAL and all(d is not None and d <= LONGEST_MONTH for d in days)


def _shared_levels(labels: NDArray[Any], managed: NDArray[np.bool_]) -> bool:
    """Whether a covariate has a few levels, and comparison people of each that managed people have."""
    if labels.dtype.kind not in "US" or not 2 <= len(np.unique(labels)) <= MOST_LEVELS:
        return False
    return set(labels[managed].tolist()) <= set(labels[~managed].tolist())


def _job(subject: Subject, panel: Panel, design: QuasiExperiment, effort: Effort) -> Job:
    rng = Streams(effort.seed, subject.citation).generator(f"{panel.name}: {design}")
    return Job(panel.name, type(design).__name__, partial(_estimate, subject, panel, design, rng))


def _estimate(subject: Subject, panel: Panel, design: QuasiExperiment, rng: np.random.Generator) -> Estimate:
    if subject.release.guarded and panel.kind == "binary":
        raise InputError("IOM-E120", f"{panel.name}: from differences of shares the numbers of people are solved for")
    return design(panel, rng=rng)


def _unlike(subject: Subject, panel: Panel, before: Before | None) -> Iterator[tuple[Basis, Unlike]]:
    """Yield the bases on which nothing is offered, each with the reason."""
    rule = subject.rule
    on_this = rule is not None and rule.rule != "rate" and rule.variable == panel.name
    course = Unlike.SERIES if on_this else Unlike.UNSTATED if rule is None else None
    others = course if panel.group.all() else _others_unlike(subject, panel, before)
    yield from ((basis, why) for basis, why in ((Basis.OTHERS, others), (Basis.COURSE, course)) if why is not None)


def _others_unlike(subject: Subject, panel: Panel, before: Before | None) -> Unlike | None:
    """Return why comparison people are none; a statement that they were selected alike is held against the data."""
    if not _first_start(panel):
        return None
    if before is None:
        return Unlike.FEW
    if before.alike:
        return _contradicted(subject, panel, before)
    if before.known.stated:
        return Unlike.SELECTED
    return Unlike.APART if abs(before.apart) > FAR else None


def _contradicted(subject: Subject, panel: Panel, before: Before) -> Unlike | None:
    """Return by what the data contradict that comparison people were selected alike; None where nothing does."""
    read = _rule_reads(subject, panel)
    by_cut = reached(read)
    if by_cut is not None and 2 * by_cut.selected < by_cut.people:
        return Unlike.STATED_BELOW
    of_rule = before if read is panel else before_of(subject, read)
    if before.contradicts or (of_rule is not None and of_rule.contradicts):
        return Unlike.STATED_APART if before.known is Alikeness.ALIKE else Unlike.CUT_APART
    return None


def before_of(subject: Subject, panel: Panel) -> Before | None:
    """Return how far groups were apart before anybody was managed; None where one of them has too few people.

    Those managed from the first window on have no window before, and are none of them.
    """
    first_start = _first_start(panel)
    if panel.group.all() or not first_start:
        return None
    values = panel.outcome[:, :first_start].astype(np.float64)
    level = values.mean(-1) if panel.kind == "score" else values.sum(-1)
    first = np.zeros(panel.n, dtype=bool) if panel.start is None else panel.start.filled(-1) == 0
    managed, others = (_summary(level, panel.weight, of) for of in (panel.group & ~first, ~panel.group))
    if not (subject.release.enough(managed[2]) and subject.release.enough(others[2])):
        return None
    spread = np.sqrt((managed[1] + others[1]) / 2)
    error = np.sqrt(managed[1] / managed[2] + others[1] / others[2])
    return Before(
        managed=managed[0],
        others=others[0],
        n=managed[2],
        n_others=others[2],
        apart=float((managed[0] - others[0]) / spread) if spread > 0 else 0.0,
        known=_known(subject, panel),
        errors=float((managed[0] - others[0]) / error) if error > 0 else 0.0,
        furthest=max(furthest(level[who]) for who in (panel.group & ~first, ~panel.group)),
    )


def _first_start(panel: Panel) -> int:
    """Return the first window at which somebody starts who has a window before; 0 where nobody has."""
    return min((start for start in starts_of(panel) if start), default=0)


def _rule_reads(subject: Subject, panel: Panel) -> Panel:
    """Return the outcome that the rule reads, of those whom designs compare, where it is at hand; else this one."""
    rule, cohort = subject.rule, subject.cohort
    other = rule is not None and cohort is not None and rule.variable in cohort and rule.variable != panel.name
    return compared(cohort[rule.variable]) if other and rule is not None and cohort is not None else panel


def _known(subject: Subject, panel: Panel) -> Alikeness:
    """Return what is known of how comparison people were selected, as is stated or as a cut on one outcome shows."""
    return alikeness(replace(_rule_reads(subject, panel), selection=subject.rule))


def _stating(panel: Panel, before: Before | None) -> Panel:
    """Return a panel that knows of all comparison people that they were selected alike, where a cut shows it."""
    if before is None or before.known is not Alikeness.CUT:
        return panel
    return replace(panel, selected=np.ma.MaskedArray(np.ones(panel.n, dtype=np.bool_)))


def _summary(
    values: NDArray[np.float64], weight: NDArray[Any] | None, who: NDArray[np.bool_]
) -> tuple[float, float, int]:
    """Return the mean, the variance and the number of people with a value."""
    there = who & ~np.isnan(values)
    w = np.ones(len(values)) if weight is None else weight.astype(np.float64)
    n = round(float(w[there].sum()))
    if n < 2:
        return float("nan"), float("nan"), n
    mean = float(np.average(values[there], weights=w[there]))
    return mean, float((w[there] * (values[there] - mean) ** 2).sum() / (n - 1)), n
