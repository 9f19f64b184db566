"""The steps of an evaluation of one's own people, each a function of the study with its people."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from iom_causal.analysis.release import Source
from iom_causal.analysis.results import LedgerUnder
from iom_causal.analysis.subject import StudyPeople
from iom_causal.base.formats import listed
from iom_causal.confounds.attrition import Attrition
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.confounds.regression.to_mean import RegressionToMean
from iom_causal.errors import IomCausalError
from iom_causal.estimators import EffectSize, LinearMixed, McNemar, PairedT, RateRatio, RiskDifference
from iom_causal.inputs.sample import time_at_risk
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.null.calibrate import SIMS, null_calibration
from iom_causal.null.observed import Told, what_is_told
from iom_causal.null.result import NullCalibration
from iom_causal.null.sentences import NOT_COMPUTED
from iom_causal.numerics.adjustment.missing import MeanChange
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.panel import Panel
from iom_causal.report import phrases, sentences
from iom_causal.report.steps import (
    BACKGROUND,
    LEAST_SETS,
    MODELS,
    NEUTRAL,
    QUICK_SIMS,
    TIPPED,
    Found,
    Ledgers,
    _moves,
    gathered,
    in_words,
    not_computed,
    reason,
)
from iom_causal.sensitivity.regression_tipping import RegressionTipping, regression_tipping
from iom_causal.sensitivity.tipping import tipping
from iom_causal.streams import Streams

SIZES = (EffectSize("dz"), EffectSize("r"), EffectSize("rank_biserial"))
USUAL: dict[str, tuple[Any, ...]] = {
    "count": (RateRatio(), PairedT(), *SIZES, *MODELS),
    "amount": (RateRatio(), PairedT(), *SIZES),
    "score": (PairedT(), *SIZES, LinearMixed()),
    "binary": (RiskDifference(), McNemar()),
}
"""The estimators of each kind of outcome, where the study names none."""
DRAWS, QUICK_DRAWS = 20_000, 500
"""Joint draws of a ledger."""


def changes(people: StudyPeople, source: Source, seed: int) -> Found:
    """Estimate the change of every outcome with every estimator; what refuses says why."""
    given = {name: panel for name, panel in people.cohort.items() if source.enough(panel.n_complete)}
    found = gathered(
        (name, in_words(spec), partial(spec, panel, rng=Streams(seed, people.study.title).generator(f"{name}: {spec}")))
        for name, panel in given.items()
        for spec in _estimators(people, name, panel.kind)
    )
    few = tuple(phrases.TOO_FEW.format(name) for name in people.cohort if name not in given)
    return Found(found.estimates, (*few, *found.sentences))


def _estimators(people: StudyPeople, name: str, kind: str) -> tuple[Any, ...]:
    asked = tuple(line.estimator for line in people.study.estimators if name in line.outcomes)
    return asked or USUAL[kind]


def missing(people: StudyPeople, source: Source, seed: int) -> dict[str, dict[str, MeanChange]]:
    """Return, for every score that some lack, the mean change among all under each way of treating the missing."""
    found = {}
    for name, panel in people.cohort.items():
        two = panel.managed.prepost()
        lost = two.n - two.n_complete
        if two.kind == "score" and lost and source.enough(lost) and source.enough(two.n_complete):
            rng = Streams(seed, people.study.title).generator(f"{name}: missing")
            found[name] = Attrition().by_method(two, rng=rng)
    return found


def regression(people: StudyPeople, source: Source) -> tuple[tuple[RegressionTipping, ...], tuple[str, ...]]:
    """Work out what regression to the mean alone could do to every count, or why it cannot be told."""
    views, unread = [], []
    for name, panel in people.cohort.items():
        if panel.kind != "count" or not source.enough(panel.n_complete):
            continue
        rule = panel.selection
        if rule is not None and rule.variable != name:
            unread.append(phrases.PICKED_ON_OTHER.format(name, rule.variable, rule.variable))
            continue
        try:
            if _cut(panel) is not None:
                unread.append(phrases.CUT_TELLS.format(name))
                continue
            view = regression_tipping(_as_given(_at_equal_length(panel.managed.prepost()), source))
            if view.observed > 1 and rule is not None and rule.timing == "at_boundary":
                unread.append(phrases.ROSE_ALL_THE_SAME.format(name))
                continue
            views.append(view)
        except IomCausalError as error:
            unread.append(not_computed(name, "regression to the mean", error))
    return tuple(views), tuple(unread)


def _cut(panel: Panel) -> float | None:
    """Return the hard cut that was kept, where the null calibration and the ledger read it."""
    try:
        return what_is_told(panel).cut
    except IomCausalError:
        return None


def _at_equal_length(two: Panel) -> Moments:
    """Return moments with the window after brought to the days at risk of the one before."""
    found = two.moments()
    if two.exposure is None:
        return found
    before, after = time_at_risk(two.exposure, two.complete.astype(np.float64))
    scale = float(before / after)
    return replace(found, mean_post=scale * (found.mean_post or 0.0), sd_post=scale * (found.sd_post or 0.0))


def _as_given(m: Moments, source: Source) -> Moments:
    """Return the moments as they may be given: a curve of the exact ones would give the exact ones away."""
    if not source.guarded:
        return m
    own = PairMoments(*m.require(*PairMoments._fields, purpose="regression to the mean"))
    given = source.moments(own, m.n)._asdict()
    return Moments.from_summary(n=source.rounded(m.n), name=m.name, kind=m.kind, **given)


def _told_as_given(told: Told, source: Source) -> Told:
    n, m = source.rounded(told.n), source.moments(told.moments, told.n, told.length)
    t = Moments.from_summary(n=n, **m._asdict()).require("t", purpose="the null calibration")[0]
    return told._replace(n=n, n_input=n, moments=m, t=t, smallest_before=None, largest_before=None, largest_after=None)


def null_calibrations(
    people: StudyPeople, source: Source, seed: int, *, quick: bool
) -> tuple[tuple[NullCalibration, ...], tuple[str, ...]]:
    """Calibrate the fall of every count with the programme switched off, or say why that cannot be.

    No extremes leave about people, and their number and moments leave rounded; the calibration is made for those.
    """
    found, absent = [], []
    for name, panel in people.cohort.items():
        if panel.kind != "count" or not source.enough(panel.n_complete):
            continue
        try:
            told = what_is_told(panel)
            absent += [] if panel.selection is not None else [phrases.PICKING_ASSUMED.format(name)]
            if source.guarded:
                told = _told_as_given(told, source)
            sims = QUICK_SIMS if quick else SIMS
            found.append(null_calibration(told, background_ratio=BACKGROUND, rng=seed, sims=sims))
        except IomCausalError as error:
            rule = panel.selection
            top = phrases.PICKED_TOP if rule is not None and rule.rule == "top" else ""
            absent.append(NOT_COMPUTED.format(name, reason(name, error)) + top)
    return tuple(found), tuple(absent)


def ledgers(people: StudyPeople, source: Source, seed: int, *, quick: bool) -> tuple[Ledgers, ...]:
    """Draw up the ledger of the first count and of the first score, each under every set of evidence for its kind."""
    kinds: Sequence[str] = tuple(TIPPED)
    return tuple(_ledgers(people, panel, seed, quick=quick) for k in kinds for panel in _first(people, source, k))


def beside(ledgers: Sequence[Ledgers], null: Sequence[NullCalibration]) -> tuple[Ledgers, ...]:
    """Put beside sets of evidence in which rates stay what worlds leave in which they move by themselves."""
    ridges = {c.outcome: c.ridge() for c in null}

    def told(each: Ledgers) -> Ledgers:
        name = each.under[0].result.outcome if each.under else ""
        if name not in ridges or not any(_stays(u.evidence) for u in each.under):
            return each
        drift = sentences.drift_sentence(name, ridges[name][0].ratio, ridges[name][-1].ratio)
        return each._replace(drift=drift, sentences=(drift, *each.sentences))

    return tuple(map(told, ledgers))


def _stays(evidence: Evidence) -> bool:
    confounds = (line.confound for line in evidence.lines)
    return any(isinstance(c, RegressionToMean) and c.method == "robbins_zhang" for c in confounds)


def _first(people: StudyPeople, source: Source, kind: str) -> Iterator[Panel]:
    panel = next((p for p in people.cohort.values() if p.kind == kind), None)
    if panel is not None and source.enough(panel.n_complete):
        yield panel


def _ledgers(people: StudyPeople, panel: Panel, seed: int, *, quick: bool) -> Ledgers:
    sets = [evidence for evidence in people.study.sets if evidence.kind == panel.kind]
    if len(sets) < LEAST_SETS:
        return Ledgers((), (sentences.no_ledger(panel.name, panel.kind, len(sets), LEAST_SETS),))
    mine = [_usable(_with_own(evidence, people.study.confounds), panel) for evidence in sets]
    told = _left_out(mine)
    named = Counter(line.confound.line for evidence in sets for line in evidence.lines)
    whole = [
        replace(each.evidence, lines=each.lines, **_renamed(each, named))
        for each, whole_set in zip(mine, sets, strict=True)
        if each.lines and _picking(each.lines) == _picking(whole_set.lines)
    ]
    if not any(_allows(line.confound) for each in mine for line in each.lines):
        return Ledgers((), (*_nothing_allowed(panel), *told))
    if len(whole) < LEAST_SETS:  # a set without its line on picking would bear a name that it does not keep
        return Ledgers((), (phrases.NO_PICKING.format(panel.name, LEAST_SETS), *told))
    draws = QUICK_DRAWS if quick else DRAWS
    under, failed = [], []
    for usable in whole:
        try:
            under.append(_ledger(usable, panel, seed, draws))
        except IomCausalError as error:
            failed.append(not_computed(panel.name, f"the ledger under {usable.name}", error))
    if len(under) < LEAST_SETS:
        return Ledgers((), (phrases.NO_PICKING.format(panel.name, LEAST_SETS), *told, *failed))
    return Ledgers(tuple(under), (*told, *failed), whole=True)


def _nothing_allowed(panel: Panel) -> tuple[str, ...]:
    rule = panel.selection
    if rule is None or rule.variable != panel.name:
        return (phrases.NOTHING_ALLOWED.format(panel.name),)
    lacks = rule.rule == "top" and panel.managed.n == panel.n
    return (phrases.PICKING_NOT_READ.format(panel.name), *((phrases.COMPETED_LACK,) if lacks else ()))


class _Usable(NamedTuple):
    """A set of evidence, the lines of it that these data can give, and of each of the others its name and why."""

    evidence: Evidence
    lines: tuple[EvidenceLine, ...]
    gone: tuple[tuple[str, str], ...]


def _renamed(each: _Usable, named: Mapping[str, int]) -> dict[str, str]:
    """Say in the name of a set that it lacks what it alone had."""
    lost = [line for line, _ in each.gone if named[line] == 1]
    tail = f" without {listed(lost)}" if lost else ""
    return {"name": f"{each.evidence.name}{tail}", "title": f"{each.evidence.title},{tail}".rstrip(",")}


def _picking(lines: Sequence[EvidenceLine]) -> bool:
    return any(line.confound.line == "regression to the mean" for line in lines)


def _allows(confound: Any) -> bool:
    """Whether an allowance is more than the statement that nothing needs one."""
    return not (isinstance(confound, RegressionToMean) and confound.method == "none")


def _with_own(evidence: Evidence, own: tuple[EvidenceLine, ...]) -> Evidence:
    """Return the set with the study's own lines in place of those of their kind."""
    mine = {line.confound.line for line in own}
    return replace(evidence, lines=(*(line for line in evidence.lines if line.confound.line not in mine), *own))


def _usable(evidence: Evidence, panel: Panel) -> _Usable:
    kept, gone = [], []
    for line in evidence.lines:
        try:
            Ledger((line.confound,)).central(panel)
            kept.append(line)
        except IomCausalError as error:
            gone.append((line.confound.line, error.message))
    return _Usable(evidence, tuple(kept), tuple(gone))


def _left_out(sets: Sequence[_Usable]) -> tuple[str, ...]:
    """Say once of every line that is left out for one reason in which sets it is absent."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for one in sets:
        for each in dict.fromkeys(one.gone):
            lacking.setdefault(each, []).append(one.evidence.name)
    return tuple(sentences.line_left_out(line, names, why) for (line, why), names in lacking.items())


def _ledger(evidence: Evidence, panel: Panel, seed: int, draws: int) -> LedgerUnder:
    ledger = Ledger(evidence.confounds, draws=draws)
    there = {c.line for c in ledger.confounds}
    neutral = tuple(c for c in NEUTRAL[panel.kind] if c.line not in there)
    tried = replace(ledger, confounds=(*ledger.confounds, *neutral))
    return LedgerUnder(
        evidence=evidence,
        result=ledger(panel, rng=seed),
        rebuilt=(),
        tried=tried,
        tips=tuple(tipping(tried, panel, f) for f in TIPPED[panel.kind] if _moves(tried, f)),
    )
