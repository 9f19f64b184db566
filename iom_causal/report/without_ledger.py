"""Why no ledger is drawn up of an outcome, and which sets and lines are left out of ledgers: alike by every door."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from iom_causal.analysis.comparison import designs_of
from iom_causal.analysis.ledgers import OutcomeLedgers, of_outcome
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import LEAST_SETS, Subject
from iom_causal.base import wording
from iom_causal.base.formats import listed
from iom_causal.errors import InputError
from iom_causal.panel import Panel
from iom_causal.report import ledger_phrases, sentences
from iom_causal.report.set_names import set_names
from iom_causal.report.voices import words

type Called = Callable[[str], str]
"""The words for a set of evidence by its code name."""
UNDER = " under "
"""Before the name of a set in what is not computed."""
CANNOT_USE = "sensitivity: expected a set of evidence that these data can use, got {}. {}"


def reasons(subject: Subject, name: str) -> tuple[str, ...]:
    """Say of an outcome why no ledger of it is drawn up, or which sets and lines are left out of those that are."""
    outcome = next(o for o in subject.outcomes if o.name == name)
    found = of_outcome(subject, outcome, Effort(quick=True, remainder=True))
    return tuple(text for each in found for text in reasons_of(each, subject))


def reasons_of(each: OutcomeLedgers, subject: Subject) -> tuple[str, ...]:
    """Say the same of ledgers that are at hand."""
    return left_out(each, set_names(subject)) if each.under else why_none(each, subject)


def cannot_use(subject: Subject, evidence: Iterable[str]) -> InputError:
    """Return the error that says why none of these sets of evidence can be used, of the outcomes that they are for."""
    asked = set(evidence)
    outcomes = [o for o in subject.outcomes if asked & {e.name for e in subject.sets(o)}]
    why = [text for o in outcomes for text in reasons(subject, o.name)]
    return InputError("IOM-E066", CANNOT_USE.format(listed(sorted(asked)), " ".join(why)).strip())


def why_none(each: OutcomeLedgers, subject: Subject) -> tuple[str, ...]:
    """Say why no ledger of an outcome is drawn up."""
    said = (_refused(refusal, subject) for refusal in each.refusals)
    return (*(text for text in said if text), *left_out(each, set_names(subject)))


def left_out(each: OutcomeLedgers, called: Called) -> tuple[str, ...]:
    """Say which lines the data cannot give, and under which sets there is no ledger."""
    lines = (
        sentences.line_left_out(gone.line, [wording.quote(called(s)) for s in gone.sets], gone.why)
        for gone in each.omitted
    )
    return (*lines, *(_not_drawn(refusal, called) for refusal in each.failed))


def _not_drawn(refusal: Refusal, called: Called) -> str:
    ledger, under, name = refusal.what.partition(UNDER)
    refusal = replace(refusal, what=f"{ledger}{under}{wording.quote(called(name))}")
    said = ASIDE.get(refusal.why)
    return sentences.not_computed(refusal) if said is None else said.format(refusal.outcome, refusal.what)


def _refused(refusal: Refusal, subject: Subject) -> str:
    if refusal.why is Why.FEW_SETS_STATED:
        asked = words(subject).asks_for_sets
        return sentences.no_ledger(refusal.outcome, refusal.kind, refusal.given, LEAST_SETS) if asked else ""
    tail = _would_help(subject, refusal.outcome) if refusal.why is Why.FEW_READ_SELECTION else ""
    return NO_LEDGER[refusal.why].format(refusal.outcome, LEAST_SETS) + tail


def _would_help(subject: Subject, outcome: str) -> str:
    """Say what would let more sets tell what selection alone does; of people selected on something else, nothing.

    People selected alike are compared with, and are none of those who would.
    """
    if subject.rule is None:
        return ledger_phrases.PICKING_TELLS
    others = ledger_phrases.REST_TELL if _beside_alike(subject, outcome) else ledger_phrases.OTHERS_TELL
    return others if subject.rule.variable == outcome else ""


def _beside_alike(subject: Subject, outcome: str) -> bool:
    """Whether people are compared with others who were selected alike."""
    data = subject.data(outcome)
    found = designs_of(subject, data) if isinstance(data, Panel) else None
    return found is not None and found.before is not None and found.before.alike and found.why_not_others is None


NO_LEDGER: Mapping[Why, str] = {
    Why.FEW_SETS_FIT: ledger_phrases.FEW_SETS,
    Why.FEW_READ_SELECTION: ledger_phrases.NO_PICKING,
    Why.NOTHING_ADJUSTED: ledger_phrases.NOTHING_ALLOWED,
    Why.SELECTION_NOT_READ: ledger_phrases.PICKING_NOT_READ,
    Why.COMPETITORS_ABSENT: ledger_phrases.COMPETED_LACK,
}
"""Why no ledger is drawn up, of an outcome and the least number of sets."""
ASIDE: Mapping[Why, str] = {
    Why.CUT_IS_STATED: ledger_phrases.CUT_IS_STATED,
    Why.PLACES_ARE_STATED: ledger_phrases.PLACES_ARE_STATED,
    Why.POOL_SHOWS: ledger_phrases.POOL_SHOWS,
    Why.NOBODY_ELSE: ledger_phrases.NOBODY_ELSE,
}
"""Why a set of evidence is set aside, of an outcome and its ledger under that set."""
