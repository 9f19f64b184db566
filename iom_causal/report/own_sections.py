"""The sections that only an evaluation of one's own people has, and the box of its first page."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from iom_causal.analysis.release import Source
from iom_causal.analysis.subject import StudyPeople
from iom_causal.base import wording
from iom_causal.base.formats import fixed, listed
from iom_causal.estimate import Estimate
from iom_causal.estimators import PairedT, RateRatio, RiskDifference
from iom_causal.null.result import NullCalibration
from iom_causal.numerics.adjustment.missing import MeanChange
from iom_causal.panel import Panel
from iom_causal.report import ledger_sections, phrases, sections, sentences
from iom_causal.report.ledger_sections import remainder_text
from iom_causal.report.null_section import first_page
from iom_causal.report.render.page import Section, Table
from iom_causal.report.steps import Ledgers
from iom_causal.sensitivity.regression_tipping import RegressionTipping

Z = 1.959964
HANDLED: Mapping[str, str] = {
    "complete": "like those with both scores",
    "mar": "as their first score predicts (a line)",
    "imputed": "as their first score predicts (imputed many times)",
    "weighted": "like others with a first score like theirs (weighted)",
    "unchanged": "where they were before",
}
"""What the missing are taken to be."""


def lead(people: StudyPeople, source: Source) -> tuple[str, ...]:
    """Return the first sentences of the page."""
    study = people.study
    rules = "" if source.rules is None else source.rules.note()
    smallest = (
        phrases.NO_SMALLEST if study.smallest_effect is None else sentences.smallest_stated(study.smallest_effect)
    )
    return (phrases.design(compared=people.compared), *((phrases.INVENTED,) if study.invented else ()), rules, smallest)


def subtitle(people: StudyPeople) -> str:
    """Return what was introduced, in the words of the study."""
    programme = people.study.programme
    return f"The programme, {phrases.IN_ITS_WORDS.format(wording.quote(programme))}" if programme else ""


def reading_section(people: StudyPeople, source: Source) -> Section:
    """Say what was read, what was set aside and why, and describe the people (Table 1)."""
    rows = tuple((fact.what, source.count(fact.people)) for fact in people.facts)
    tables = [Table("What was read, and what was set aside.", ("what", "people"), rows)]
    shown = [panel for panel in people.cohort.values() if source.enough(panel.n_complete)]
    if shown:
        described = tuple(row for panel in shown for row in _described(panel, source))
        tables.append(Table(phrases.TABLE_ONE, ("window", "people", "mean", "SD", "mean days at risk"), described))
        ages = _ages(shown[0], source)
        tables += [Table("Age at the index date.", ("", "people", "mean", "SD"), (ages,))] if ages else []
    return Section(title="The people, and what was read of them", tables=tuple(tables))


def _described(panel: Panel, source: Source) -> list[tuple[str, ...]]:
    """Return a row a window; of those with every window, where the others are too few to stand apart."""
    managed = panel.managed
    gaps = managed.n - managed.n_complete
    told = managed if source.enough(gaps) or not gaps else managed.where(managed.complete)
    return [_row(panel.name, row, source) for row in told.describe().to_dict("records")]


def _row(name: str, row: Mapping[Any, Any], source: Source) -> tuple[str, ...]:
    n = int(row["people"])
    days = "not known" if row["days"] is None or np.isnan(row["days"]) else _mean(row["days"] / n, n, source, 0)
    return (
        f"{name}, {row['window']}",
        source.count(n),
        _mean(row["mean"], n, source),
        _mean(row["sd"], n, source),
        days,
    )


def _mean(value: float, n: int, source: Source, digits: int = 2) -> str:
    return fixed(value, digits) if source.rules is None else source.rules.mean(value, n, digits)


def _ages(panel: Panel, source: Source) -> tuple[str, ...]:
    if panel.age is None:
        return ()
    known = panel.managed.age
    known = known[~np.isnan(known)] if known is not None else np.empty(0)
    if not source.enough(len(known)):
        return ()
    n = len(known)
    return (
        "age",
        source.count(n),
        _mean(float(known.mean()), n, source, 1),
        _mean(float(known.std(ddof=1)), n, source, 1),
    )


def missing_section(handled: Mapping[str, Mapping[str, MeanChange]], people: StudyPeople, source: Source) -> Section:
    """Show how far the mean change of a score depends on what those without a later one are taken to be."""
    rows = tuple(
        (f"{name}: {HANDLED[how]}", *_coarsely(e, ways, people.cohort[name].managed.n, source))
        for name, ways in handled.items()
        for how, e in ways.items()
    )
    caption = "Mean change among all people, in points, by what the missing are taken to be."
    return Section(
        title="People without a later score",
        paragraphs=(wording.MISSING,),
        tables=(Table(caption, ("the missing are taken to be", "mean change", "95% interval"), rows),),
    )


def _coarsely(e: MeanChange, ways: Mapping[str, MeanChange], n: int, source: Source) -> tuple[str, str]:
    largest = max(abs(way.estimate) for way in ways.values())
    half = Z * e.std_error
    at, low, high = (source.coarse(v, largest, n) for v in (e.estimate, e.estimate - half, e.estimate + half))
    return at, f"{low} to {high}"


def called(people: StudyPeople) -> str:
    """Return what the study calls its people, in quotation marks where this page would not."""
    return wording.quote(people.study.people) if wording.violations(people.study.people) else people.study.people


def ledger_parts(ledgers: Sequence[Ledgers], source: Source) -> tuple[Section, ...]:
    """Show the ledger of each outcome, with what its data cannot give; those without one together."""
    drawn = [
        ledger_sections.ledger_section(each.under, also=each.sentences, source=source) for each in ledgers if each.under
    ]
    why = tuple(sentence for each in ledgers if not each.under for sentence in each.sentences)
    if not why:
        return tuple(drawn)
    return (*drawn, ledger_sections.without_section(why, others=bool(drawn)))


def emmie_section(people: StudyPeople) -> Section:
    """Set out what there is under the headings of EMMIE (Johnson, Tilley & Bowers 2015)."""
    programme = people.study.programme
    also = {"implementation": phrases.IN_ITS_WORDS.format(wording.quote(programme)).rstrip(".") if programme else ""}
    return sections.emmie(people.themes, also, compared=people.compared, nothing=phrases.NOT_GIVEN)


def changed(people: StudyPeople, source: Source, estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Return what changed, whatever brought it about."""
    return tuple(sentence for e in estimates if (sentence := _changed(e, people, source)))


def can_say(
    people: StudyPeople,
    source: Source,
    estimates: Sequence[Estimate],
    null: Sequence[NullCalibration],
    regression: Sequence[RegressionTipping],
    ledgers: Sequence[Ledgers],
) -> tuple[str, ...]:
    """Return what can be said, in order."""
    said = []
    for e in estimates:
        sentence = _changed(e, people, source)
        said += [sentence] if sentence else []
        said += list(_settled(e, people)) if sentence else []
    said += sections.expected_anyway(regression)
    said += first_page(null)
    said += [] if said else [phrases.NOTHING_SAID]
    for each in ledgers:
        if each.under and each.whole:
            remains = phrases.REMAINS[each.under[0].evidence.kind].format(each.under[0].result.outcome)
            beliefs = {u.evidence.name: remainder_text(u.result) for u in each.under}
            said.append(f"{wording.beliefs_sentence(remains, beliefs)} {each.drift}".rstrip())
    return tuple(said)


def _changed(e: Estimate, people: StudyPeople, source: Source) -> str:
    kind = people.cohort[e.outcome].kind
    counted = isinstance(e.spec, RateRatio) and e.spec.se == "robust"
    if counted and e.estimate is not None and e.std_error is None and e.conf_low is None:
        alike = sentences.alike_sentence(e.outcome, source.ratio(e.estimate, e.n_used or 0), counted=kind == "count")
        return f"{alike} {phrases.NO_INTERVAL}"
    if e.estimate is None or e.conf_low is None or e.conf_high is None:
        return ""
    if counted:
        return sentences.change_sentence(
            e.outcome,
            *(source.ratio(value, e.n_used or 0) for value in (e.estimate, e.conf_low, e.conf_high)),
            level=e.conf_level,
            per=_per(people, e.outcome),
            counted=kind == "count",
            people=_some_of(e, source),
        )
    if (isinstance(e.spec, PairedT) and kind == "score") or isinstance(e.spec, RiskDifference):
        return sentences.mean_change_sentence(
            e.outcome,
            e.estimate,
            e.conf_low,
            e.conf_high,
            level=e.conf_level,
            people=source.count(e.n_used or 0),
            share=kind == "binary",
            decimals=source.decimals(e.n_used or 0, 2) if kind == "score" else 2,
        )
    return ""


def _some_of(e: Estimate, source: Source) -> str:
    used, given = source.count(e.n_used or 0), source.count(e.n_input or 0)
    return "" if used == given else f"{used} of {given}"


def _per(people: StudyPeople, outcome: str) -> str:
    """Return what a rate is per: days at risk where they were recorded, else those of the calendar, if known."""
    if people.cohort[outcome].exposure is None:
        return ""
    extract = people.study.extract
    return "day at risk" if extract.days_at_risk or extract.custody_days else "calendar day"


def _settled(e: Estimate, people: StudyPeople) -> tuple[str, ...]:
    share = people.study.smallest_effect
    if share is None or e.scale != "ratio" or e.conf_low is None or e.conf_high is None:
        return ()
    return (sentences.smallest_sentence(e.outcome, share, e.conf_low, e.conf_high, called(people)),)


def cannot_say(people: StudyPeople, source: Source) -> tuple[str, ...]:
    """Return what cannot be said."""
    counts = [o.name for o in people.outcomes if o.kind == "count"]
    return (
        wording.not_settled("how much of the change was the programme's share", f"help {called(people)}"),
        *((phrases.NOT_PICKED,) if people.study.selection is None and counts else ()),
        *_picked_on_other(people),
        *((phrases.NOT_OFFENCES.format(listed(counts)),) if counts and people.limitation("c03") else ()),
        phrases.NOT_ANY_PERSON if source.guarded else phrases.NOT_FOR_RELEASE,
    )


def _picked_on_other(people: StudyPeople) -> tuple[str, ...]:
    rule = people.study.selection
    if rule is None:
        return ()
    others = [o.name for o in people.outcomes if o.kind in {"count", "score"} and o.name != rule.variable]
    return (phrases.PICKED_ON_OTHER.format(listed(others), rule.variable, rule.variable),) if others else ()
