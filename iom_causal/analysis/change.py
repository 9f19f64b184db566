"""Estimates of the change of every outcome, from people or from published moments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from iom_causal.analysis.disclosed import at_one_level, at_one_size, by_rates, of_rounded, unlike_days
from iom_causal.analysis.jobs import Job, done, in_words
from iom_causal.analysis.models import MODELS
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Named, Subject, enough, readable, staggered
from iom_causal.cohort import Cohort
from iom_causal.estimate import Estimate
from iom_causal.estimators import EffectSize, LinearMixed, McNemar, PairedT, RateRatio, RiskDifference
from iom_causal.estimators.shared.requirements import QuasiExperiment
from iom_causal.inputs.sample import unlike_time
from iom_causal.moments import Moments
from iom_causal.numerics.inference.ranks import rank_biserial
from iom_causal.numerics.printed.completers import completer_bounds
from iom_causal.panel import Panel
from iom_causal.published.completers import completers_test
from iom_causal.published.rebuild.ranges import range_over
from iom_causal.published.study import PublishedStudy
from iom_causal.streams import Streams

SIZES = (EffectSize("dz"), EffectSize("r"), EffectSize("rank_biserial"))
USUAL: Mapping[str, tuple[Any, ...]] = {
    "count": (RateRatio(), PairedT(), *SIZES, *MODELS),
    "amount": (RateRatio(), PairedT(), *SIZES),
    "score": (PairedT(), *SIZES, LinearMixed()),
    "binary": (RiskDifference(), McNemar()),
}
"""The estimators of people by kind of outcome, where the study names none."""


@dataclass(frozen=True, slots=True)
class BareMeans:
    """Published means before and after that allow no estimate.

    Parameters
    ----------
    outcome, kind : str
        Its name and kind.
    before, after : float
        The means.
    """

    outcome: str
    kind: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Completers:
    """Bounds of the mean change of the people followed up, whose own mean before is not published.

    Parameters
    ----------
    outcome, kind : str
        Its name and kind.
    low, high : float
        The bounds.
    n : int
        People followed up.
    """

    outcome: str
    kind: str
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Change:
    """The change of every outcome.

    Parameters
    ----------
    estimates : tuple of Estimate
        By outcome, the robust one first.
    refusals : tuple of Refusal
        What was not estimated.
    bare : tuple of BareMeans
        Published means without an estimate.
    completers : tuple of Completers
        Changes that a published table bounds.
    """

    estimates: tuple[Estimate, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    bare: tuple[BareMeans, ...] = ()
    completers: tuple[Completers, ...] = ()


def run(subject: Subject, effort: Effort) -> Change:
    """Estimate the change of every outcome with every estimator."""
    given = [(outcome, data) for outcome in subject.outcomes if (data := readable(subject, outcome.name)) is not None]
    few = tuple(Refusal(o.name, "the change", why=Why.TOO_FEW) for o, data in given if not enough(subject, data))
    estimates, refused = done(
        job for outcome, data in given if enough(subject, data) for job in _jobs(subject, outcome, data, effort)
    )
    own_days = frozenset(o.name for o, data in given if unlike_days(data))
    estimates, of_counts = by_rates(estimates, own_days)
    estimates, other_level = at_one_level(estimates, subject.release)
    estimates, other_size = at_one_size(estimates, subject.release)
    study = subject.published
    apart = tuple(
        Refusal(o.name, "the change", why=Why.STARTS_DIFFER) for o in subject.outcomes if staggered(subject, o.name)
    )
    return Change(
        estimates,
        (*apart, *few, *refused, *of_counts, *other_level, *other_size),
        () if study is None else tuple(_bare(study, {e.outcome for e in estimates})),
        () if study is None else tuple(_completers(study)),
    )


def _jobs(subject: Subject, outcome: Named, data: Panel | Moments, effort: Effort) -> Iterator[Job]:
    name, streams = outcome.name, Streams(effort.seed, subject.citation)
    if isinstance(data, Moments) and data.t is None:
        return
    usual = _of_moments(data) if isinstance(data, Moments) else USUAL[data.kind]
    asked = tuple(spec for spec in subject.asked(name) if not isinstance(spec, QuasiExperiment))
    for spec in asked or usual:
        rng = streams.generator(f"{name}: {spec}")
        if isinstance(data, Panel):
            yield Job(name, in_words(spec), partial(of_rounded, spec, data, subject.release, rng))
        else:
            yield Job(name, in_words(spec), partial(spec, data, rng=rng))
    if subject.rebuilt is not None:
        yield Job(name, "rank-biserial correlation", partial(_rank_biserial, subject.rebuilt, name))


def _of_moments(m: Moments) -> tuple[Any, ...]:
    """Return the estimators that published moments carry."""
    counted = m.kind == "count" and m.mean_pre
    return (
        *((RateRatio(), RateRatio(se="conditional")) if counted else ()),
        *((PairedT(),) if m.mean_change is not None and m.sd_change else ()),
        EffectSize("dz"),
        EffectSize("r"),
    )


def _rank_biserial(cohorts: Cohort, name: str) -> Estimate:
    panel = cohorts[name]
    changes = (panel.after - panel.before).astype(float)
    low, high = range_over(cohorts, [float(rank_biserial(c[~np.isnan(c)])) for c in changes])["all"]
    return Estimate(
        outcome=name,
        method="rank-biserial correlation",
        scale="correlation",
        set_low=low,
        set_high=high,
        interval="none",
        n_input=panel.n,
        n_used=panel.n_complete,
        notes=(
            f"middle 95% of {len(changes)} cohorts that print the same; no finding about the study",
            *unlike_time(panel.exposure, panel.kind),
        ),
        pinned=False,
    )


def _bare(study: PublishedStudy, estimated: set[str]) -> Iterator[BareMeans]:
    for o in study.outcomes:
        if o.name not in estimated and o.before.mean and o.after.mean and completers_test(o, study.contrast) is None:
            yield BareMeans(o.name, o.kind, o.before.mean.value, o.after.mean.value)


def _completers(study: PublishedStudy) -> Iterator[Completers]:
    for o in study.outcomes:
        partly = completers_test(o, study.contrast)
        if partly is not None:
            change = completer_bounds(partly).change
            yield Completers(o.name, o.kind, change.low, change.high, partly.n)
