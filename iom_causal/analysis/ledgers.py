"""Ledgers of the first count and of the first score, each under every set of evidence for its kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from iom_causal.analysis.bias import posterior_under
from iom_causal.analysis.disclosed import under_as_given
from iom_causal.analysis.release import Release
from iom_causal.analysis.results import LedgerUnder, Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import LEAST_SETS, Named, Subject, enough, readable
from iom_causal.base.formats import listed
from iom_causal.base.setting_paths import get_path, label, paths_of
from iom_causal.confounds import CONFOUNDS
from iom_causal.confounds.custody import Custody
from iom_causal.confounds.evidence import KINDS, Evidence, EvidenceLine
from iom_causal.confounds.own_lines import SELECTION, STATED
from iom_causal.confounds.regression.pool import Pool
from iom_causal.confounds.regression.to_mean import RegressionToMean
from iom_causal.confounds.score_error import ScoreError
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.inputs.lines import JointDraws
from iom_causal.inputs.selected import selected_by_count
from iom_causal.inputs.weighting import own_days_differ
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.sensitivity.frontier import Frontier, frontier
from iom_causal.sensitivity.tipping import Tipping, tipping

type Data = Panel | Moments

FASTEST = 365.25
"""Points a year up to which drift is searched: one a day."""
REBUILT, REBUILT_DRAWS = 6, 2000
"""How many rebuilt cohorts a ledger is drawn up on, spread over the base measures, and with how many draws each."""
DRAWS, QUICK_DRAWS = 20_000, 500
"""Joint draws of a ledger."""
HELD = "it is in that for {}"
"""Why a line is not in a set: another one holds it already."""
LACKING = " without "
"""What stands in a name before the lines that its set lacks."""
WHAT = "the ledger"
TOGETHER = "what would overturn it with all beliefs moved together"
AT_LIBERTY = EvidenceLine(
    confound=Custody(),
    source="each person's days at risk, from the study's own records",
    date="the study's own",
    reason="Who is at liberty changes where days in custody follow from events, and the pooled rate with them; people "
    "compared with themselves show by how much. No belief enters.",
)
"""The line of a set of counts for people whose own days at liberty are known."""


class OmittedLine(NamedTuple):
    """A line that the data cannot give.

    Attributes
    ----------
    line : str
        Its name.
    sets : tuple of str
        The sets of evidence that lack it.
    why : str
        The reason.
    """

    line: str
    sets: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class OutcomeLedgers:
    """The ledgers of one outcome.

    Parameters
    ----------
    outcome, kind : str
        Its name and kind.
    under : tuple of LedgerUnder
        One a set of evidence; empty where there are too few.
    refusals : tuple of Refusal
        Why there are none.
    omitted : tuple of OmittedLine
        Lines that the data cannot give.
    failed : tuple of Refusal
        Sets under which no ledger could be drawn up.
    alone : tuple of Tipping
        Settings that no set of evidence has, with nothing else adjusted for.
    """

    outcome: str
    kind: str
    under: tuple[LedgerUnder, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    omitted: tuple[OmittedLine, ...] = ()
    failed: tuple[Refusal, ...] = ()
    alone: tuple[Tipping, ...] = ()

    def as_given(self, release: Release) -> "OutcomeLedgers":
        """Return the ledgers with all that is said of them as it may be given."""
        return replace(self, under=tuple(under_as_given(u, release) for u in self.under))


def run(subject: Subject, effort: Effort) -> tuple[OutcomeLedgers, ...]:
    """Draw up the ledgers of the first count and of the first score.

    Raises
    ------
    SpecError
        IOM-E093 for an unknown set, IOM-E096 where a published study names fewer than three for a kind of outcome.
    """
    first = (next((o for o in subject.outcomes if o.kind == kind), None) for kind in KINDS)
    return tuple(each for outcome in first if outcome is not None for each in of_outcome(subject, outcome, effort))


def of_outcome(subject: Subject, outcome: Named, effort: Effort) -> Iterator[OutcomeLedgers]:
    """Yield the ledgers of one outcome; nothing where it does not show a change."""
    data = readable(subject, outcome.name)
    if data is None or not enough(subject, data) or not shows_change(data):
        return
    sets = subject.sets(outcome)
    none = OutcomeLedgers(outcome.name, outcome.kind)
    if len(sets) < LEAST_SETS:
        why = Refusal(outcome.name, WHAT, why=Why.FEW_SETS_STATED, kind=outcome.kind, given=len(sets))
        yield replace(none, refusals=(why,))
        return
    sets, contradicted = _admitted(_with_days_at_liberty(sets, data), data)
    mine = [_usable(evidence, data, whole=subject.sets_whole) for evidence in sets]
    omitted = tuple(_omitted(mine))
    if not (subject.sets_whole or any(line.confound.adjusts for each in mine for line in each.lines)):
        yield replace(none, refusals=tuple(_nothing_adjusted(outcome, data)), omitted=omitted)
        return
    few = Refusal(outcome.name, WHAT, why=Why.FEW_SETS_FIT if subject.sets_whole else Why.FEW_READ_SELECTION)
    usable, superseded = _observed(_whole(mine, sets), data)
    aside = (*contradicted, *superseded)
    if len(usable) < LEAST_SETS:
        yield replace(none, refusals=(few,), omitted=omitted, failed=aside)
        return
    under, failed = _drawn(subject, usable, data, effort)
    failed = (*aside, *failed)
    if len(under) < LEAST_SETS:
        yield replace(none, refusals=(few,), omitted=omitted, failed=failed)
        return
    omitted = tuple(_omitted(list(_of_columns(mine, sets, under))))
    yield replace(none, under=under, omitted=omitted, failed=failed, alone=tuple(_alone(data)))


def _with_days_at_liberty(sets: Sequence[Evidence], data: Data) -> tuple[Evidence, ...]:
    """Add the adjustment for custody to evidence sets where each person's days at liberty are known and differ.

    A set whose line on selection reads never-managed people stays: it weighs what they did by the managed people's own
    days after, so that the change in who is at liberty is in it. So does one that states custody itself.
    """
    if not own_days_differ(data):
        return tuple(sets)
    stated = (Custody.line in {c.line for c in e.confounds} or reads_pool(e) for e in sets)
    return tuple(e if own else replace(e, lines=(*e.lines, AT_LIBERTY)) for e, own in zip(sets, stated, strict=True))


def shows_change(data: Data) -> bool:
    """Whether a change of the same people is known: of a print, their mean before and after with its test."""
    return isinstance(data, Panel) or (data.t is not None and data.completions()[0].mean_change is not None)


def _whole(mine: Sequence["_Usable"], sets: Sequence[Evidence]) -> list[Evidence]:
    """Return the sets that keep their line on selection: without it a set would bear a name that it does not keep."""
    named = _lines_named(sets)
    return [
        replace(each.evidence, lines=each.lines, **_renamed(each, named))
        for each, stated in zip(mine, sets, strict=True)
        if each.lines and _reads_selection(each.lines) == _reads_selection(stated.lines)
    ]


def _lines_named(sets: Sequence[Evidence]) -> Counter[str]:
    return Counter(line.confound.line for evidence in sets for line in evidence.lines)


def _admitted(sets: Sequence[Evidence], data: Data) -> tuple[tuple[Evidence, ...], tuple[Refusal, ...]]:
    """Set aside sets that contradict a kept selection on the count, or read a source population that is not there."""
    if not isinstance(data, Panel):
        return tuple(sets), ()
    by_count, nobody_else = selected_by_count(data), bool(data.group.all())
    admitted, aside = [], []
    for evidence in sets:
        contradicted = by_count and _selected_on_rate(evidence)
        if contradicted or (nobody_else and reads_pool(evidence)):
            why = _stated(data) if contradicted else Why.NOBODY_ELSE
            aside.append(Refusal(data.name, f"{WHAT} under {evidence.name}", why=why))
        else:
            admitted.append(evidence)
    return tuple(admitted), tuple(aside)


def _stated(data: Panel) -> Why:
    places = data.selection is not None and data.selection.rule == "top"
    return Why.PLACES_ARE_STATED if places else Why.CUT_IS_STATED


def _selected_on_rate(evidence: Evidence) -> bool:
    return any(line.confound.line == SELECTION and not line.confound.adjusts for line in evidence.lines)


def _observed(sets: Sequence[Evidence], data: Data) -> tuple[list[Evidence], tuple[Refusal, ...]]:
    """Set aside stated beliefs about how far rates last where a source population shows it, and enough sets stay.

    A belief of the study's own stays: whoever states it knows of the people who were not managed.
    """
    stated = [e for e in sets if _on_selection(e).persistence is not None and not e.name.startswith(STATED)]
    aside = stated if any(map(reads_pool, sets)) else []
    observed = [e for e in sets if e not in aside]
    if len(observed) < LEAST_SETS:
        return list(sets), ()
    why = (Refusal(data.name, f"{WHAT} under {e.name}", why=Why.POOL_SHOWS) for e in aside)
    return observed, tuple(why)


def reads_pool(evidence: Evidence) -> bool:
    """Whether a set reads from never-managed people what would have become of the selected."""
    return _on_selection(evidence).method == Pool.name


def _on_selection(evidence: Evidence) -> RegressionToMean:
    """Return a set's line on selection for a count; that nothing regresses where it has none."""
    lines = (line.confound for line in evidence.lines if isinstance(line.confound, RegressionToMean))
    return next(lines, RegressionToMean(method="none"))


def _drawn(
    subject: Subject, sets: Sequence[Evidence], data: Data, effort: Effort
) -> tuple[tuple[LedgerUnder, ...], tuple[Refusal, ...]]:
    rebuilt = () if subject.rebuilt is None else tuple(_spread(subject.rebuilt[data.name]))
    draws = QUICK_DRAWS if effort.quick else DRAWS
    under, failed = [], []
    for evidence in sets:
        try:
            under.append(ledger_under(evidence, data, rebuilt, seed=effort.seed, draws=draws, bare=effort.remainder))
        except IomCausalError as error:
            failed.append(Refusal(data.name, f"{WHAT} under {evidence.name}", error))
    return tuple(under), tuple(failed)


def _spread(panel: Panel) -> Iterator[Panel]:
    replicates = panel.replicates or 1
    yield from (panel.replicate(k) for k in range(0, replicates, max(1, replicates // REBUILT)))


def ledger_under(
    evidence: Evidence, data: Data, rebuilt: tuple[Panel, ...] = (), *, seed: int, draws: int, bare: bool = False
) -> LedgerUnder:
    """Return the ledger of one outcome under one set of evidence, with its posterior and tipping values unless bare."""
    ledger = Ledger(evidence.confounds, draws=draws)
    there = {c.line for c in ledger.confounds}
    neutral = tuple(c() for c in CONFOUNDS if c.in_ledger(data.kind).tried and c.line not in there)
    tried = replace(ledger, confounds=(*ledger.confounds, *neutral))
    fewer = replace(ledger, draws=min(draws, REBUILT_DRAWS))
    under, drawn = drawn_up(evidence, ledger, tried, data, seed=seed)
    under = replace(under, rebuilt=tuple(fewer(panel, rng=seed) for panel in rebuilt))
    if bare:
        return under
    return replace(
        under,
        posterior=posterior_under(evidence, data, under.result, drawn),
        tips=tuple(tipping(tried, data, field) for field in movable(tried, data.kind)),
        frontier=frontier_of(ledger, data),
    )


def drawn_up(
    evidence: Evidence, ledger: Ledger, tried: Ledger, data: Data, *, seed: int
) -> tuple[LedgerUnder, tuple[JointDraws, ...]]:
    """Return a set of evidence with its ledger drawn up and nothing moved, and the joint draws.

    Parameters
    ----------
    evidence : Evidence
        The set.
    ledger, tried : Ledger
        What is drawn up, and the same with lines that allow for nothing yet, whose settings are moved.
    data : Panel or Moments
        Of one outcome.
    seed : int
        Of the draws.
    """
    result, drawn = ledger.with_draws(data, rng=seed)
    under = LedgerUnder(
        evidence=evidence,
        result=result,
        posterior=Refusal(data.name, WHAT),
        rebuilt=(),
        tried=tried,
        tips=(),
        frontier=None,
        conditions=ledger.conditions(data),
    )
    return under, drawn


def movable(ledger: Ledger, kind: str) -> tuple[str, ...]:
    """Return the settings of a ledger that are moved one at a time, those of lines that are tried first."""
    ordered = sorted(CONFOUNDS, key=lambda c: not c.in_ledger(kind).tried)
    fields = (f"{label(confound)}.{name}" for confound in ordered for name in confound.in_ledger(kind).tipped)
    return tuple(field for field in fields if _moves(ledger, field))


def frontier_of(ledger: Ledger, data: Data) -> Frontier | Refusal | None:
    """Return where nothing remains with all beliefs moved together; None where every setting is a number."""
    if all(isinstance(get_path(ledger, path), (int, float)) for path in paths_of(ledger)):
        return None
    try:
        return frontier(ledger, data)
    except IomCausalError as error:
        return Refusal(data.name, TOGETHER, error)


def _moves(ledger: Ledger, field: str) -> bool:
    try:
        return get_path(ledger, field) is not None
    except SpecError:
        return False


def _alone(data: Data) -> Iterator[Tipping]:
    """Yield which drift of a published score alone would leave nothing."""
    if isinstance(data, Moments) and data.kind == "score" and data.exposure:
        ledger = Ledger((ScoreError(),))
        yield tipping(ledger, data, "score_error.drift_per_year", low=-FASTEST, high=FASTEST)


class _Usable(NamedTuple):
    """A set of evidence, the lines of it that these data can give, and of each of the others its name and why."""

    evidence: Evidence
    lines: tuple[EvidenceLine, ...]
    omitted: tuple[tuple[str, str], ...]


def _usable(evidence: Evidence, data: Data, *, whole: bool) -> _Usable:
    if whole:
        return _Usable(evidence, evidence.lines, ())
    lines, omitted = [], []
    held = {name: line.confound.line for line in evidence.lines for name in line.confound.also_holds}
    for line in evidence.lines:
        name = line.confound.line
        if name in held:
            omitted.append((name, HELD.format(held[name])))
            continue
        try:
            Ledger((line.confound,)).central(data)
            lines.append(line)
        except IomCausalError as error:
            omitted.append((name, error.plain))
    return _Usable(evidence, tuple(lines), tuple(omitted))


def _renamed(each: _Usable, named: Mapping[str, int]) -> dict[str, str]:
    """Return a name of the set that says that it lacks what it alone had."""
    lost = [line for line, _ in each.omitted if named[line] == 1]
    tail = f"{LACKING}{listed(lost)}" if lost else ""
    return {"name": f"{each.evidence.name}{tail}", "title": f"{each.evidence.title},{tail}".rstrip(",")}


def _reads_selection(lines: Sequence[EvidenceLine]) -> bool:
    return any(line.confound.line == SELECTION for line in lines)


def _nothing_adjusted(outcome: Named, data: Data) -> Iterator[Refusal]:
    """Say why nothing is adjusted for: no rule is stated for this outcome, or it cannot be read."""
    rule = data.selection if isinstance(data, Panel) else None
    if rule is None or rule.variable != outcome.name:
        yield Refusal(outcome.name, WHAT, why=Why.NOTHING_ADJUSTED)
        return
    yield Refusal(outcome.name, WHAT, why=Why.SELECTION_NOT_READ)
    if rule.rule == "top" and isinstance(data, Panel) and data.managed.n == data.n:
        yield Refusal(outcome.name, WHAT, why=Why.COMPETITORS_ABSENT)


def _of_columns(mine: Sequence[_Usable], sets: Sequence[Evidence], under: Sequence[LedgerUnder]) -> Iterator[_Usable]:
    """Yield the sets that have a ledger, and of those that lack their line on selection that line, which is why not."""
    named, drawn = _lines_named(sets), {u.evidence.name for u in under}
    for each, stated in zip(mine, sets, strict=True):
        if _renamed(each, named).get("name") in drawn:
            yield each
        elif _reads_selection(stated.lines) and not _reads_selection(each.lines):
            yield each._replace(omitted=tuple(o for o in each.omitted if o[0] == SELECTION))


def _omitted(sets: Sequence[_Usable]) -> Iterator[OmittedLine]:
    """Yield once every line that is omitted for one reason, with the sets that lack it."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for one in sets:
        for each in dict.fromkeys(one.omitted):
            lacking.setdefault(each, []).append(one.evidence.name)
    yield from (OmittedLine(line, tuple(names), why) for (line, why), names in lacking.items())
