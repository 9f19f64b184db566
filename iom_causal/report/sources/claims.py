"""Claims card: each limitation of a study, the figures of its page that answer it, and what works these out again."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from iom_causal.analysis import ledgers, null, regression
from iom_causal.analysis import missing as missing_scores
from iom_causal.analysis.ledgers import OutcomeLedgers
from iom_causal.analysis.missing import Missing
from iom_causal.analysis.null import Null
from iom_causal.analysis.regression import Regression
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, listed
from iom_causal.base.setting_paths import label
from iom_causal.base.wording import quote, violations
from iom_causal.confounds import CONFOUNDS
from iom_causal.confounds.register import COUNTS, GAPS, INTERVIEWS, REGISTER, SCORES
from iom_causal.ledger import lines
from iom_causal.null.figures_in_words import chance_text, range_text
from iom_causal.published.statements import Account, Cited, Count, Limitation, Proportion, Subgroup
from iom_causal.report import estimate_cells
from iom_causal.report.ledger_cells import cell_of, tip_text
from iom_causal.report.sections import comparison, missing
from iom_causal.report.sections import ledgers as ledger_sections
from iom_causal.report.sources.trail import Trail

FILE = "claims.json"
NO_COMPARISON, REGRESSION, LOST = "c02", "u1", "u3"
"""Points that other steps than a ledger speak to."""
NEEDED = {
    COUNTS: "counts of events",
    SCORES: "a score",
    INTERVIEWS: "interviews",
    GAPS: "people without a follow-up",
}
"""What a point needs to arise, in words."""
LACKS = "It does not arise here: it takes {}, and this study states none."
NOT_LISTED = "The study does not list it."
OWN = "The study allows for it by a line of its own, and no ledger is drawn up that shows it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a page that speaks to a limitation.

    Parameters
    ----------
    what : str
        What it is.
    value : str
        As it stands on the page.
    where : str
        The file of the report, or the section of the page, that holds it.
    command : str
        What works it out again.
    """

    what: str
    value: str
    where: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationAnswer:
    """What a page has to say to one limitation.

    Parameters
    ----------
    id : str
        That of the register.
    point : str
        In the words of the study where it lists it, else in those of the register.
    named_by : {"authors", "design", "register"}
        Who raises it: the authors, the design of the study, or the register alone.
    figures : tuple of Figure
        Those that speak to it; empty where none does.
    not_answered : str
        Why none does; empty where one does.
    command : str
        What works the figures out again; where there is none, what simulates a world with this alone at work.
    """

    id: str
    point: str
    named_by: str
    figures: tuple[Figure, ...]
    not_answered: str
    command: str


def claims(trail: Trail) -> tuple[LimitationAnswer, ...]:
    """Return the answer to every limitation of a study, and to every other point of the register."""
    listed_ones = {item.id: item for item in trail.subject.limitations}
    others = (
        Limitation(id=p.id, text=p.point, named_by="register") for p in REGISTER.values() if p.id not in listed_ones
    )
    return tuple(_answer(item, trail) for item in (*listed_ones.values(), *others))


def as_json(answers: tuple[LimitationAnswer, ...], citation: str) -> str:
    """Return the card as a file: the study, and an object a limitation with the fields of `LimitationAnswer`."""
    card = {"study": citation, "claims": [asdict(answer) for answer in answers]}
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


def _answer(item: Limitation, trail: Trail) -> LimitationAnswer:
    figures = tuple(figure for of in (_lines, _tips, _findings, _others) for figure in of(item.id, trail))
    return LimitationAnswer(
        id=item.id,
        point=item.text,
        named_by=item.named_by,
        figures=figures,
        not_answered="" if figures else _why_not(item, trail),
        command=figures[0].command if figures else _simulated(item.id, trail),
    )


def _why_not(item: Limitation, trail: Trail) -> str:
    """Say why no figure speaks to a limitation: the data cannot give its line, it does not arise, or nothing can."""
    known = REGISTER.get(item.id)
    if known is None:
        return "No figure of this page speaks to it."
    if item.named_by == "register" and known.needs and not _holds(known.needs, trail.subject):
        return LACKS.format(NEEDED[known.needs])
    gone = [
        f"{omitted.line} is not in {listed(omitted.sets)}: {omitted.why.rstrip('.')}."
        for each in trail.results.of(ledgers.run) or ()
        for omitted in each.omitted
        if omitted.line in {c.line for c in CONFOUNDS if item.id in c.ids}
    ]
    own = (OWN if trail.subject.published is None else NOT_LISTED,) if item.named_by == "register" else ()
    return " ".join((*own, *gone, known.sentence))


def _holds(needed: str, subject: Subject) -> bool:
    """Whether a study holds what a point takes to arise, as far as it says so; people lost it lists itself."""
    kinds = {o.kind for o in subject.outcomes}
    held = {COUNTS: bool(kinds & {"count", "amount"}), SCORES: "score" in kinds, INTERVIEWS: bool(subject.themes)}
    return held.get(needed, False)


def _simulated(key: str, trail: Trail) -> str:
    """Return the command that simulates a world in which only this is at work, or that of the report without one."""
    scenario = REGISTER[key].scenario if key in REGISTER else ""
    name = scenario.rpartition("/")[2].removesuffix(".toml")
    return f"iom-causal simulate {name}" if scenario.endswith(".toml") else trail.command


def _drawn(trail: Trail) -> Iterator[OutcomeLedgers]:
    yield from (each for each in ledger_sections.given(trail.subject, trail.results) if each.under)


def _lines(key: str, trail: Trail) -> Iterator[Figure]:
    """Yield what the sets of evidence allow for it, line by line; sets that allow the same stand together."""
    for each in _drawn(trail):
        found: dict[tuple[str, str], list[str]] = {}
        for u in each.under:
            speaking = dict.fromkeys(g.confound.line for g in u.evidence.lines if key in g.confound.ids)
            for line in (name for name in speaking if name in lines(u.result)):
                found.setdefault((line, cell_of(u.result, line)), []).append(u.evidence.name)
        unit = "ratio after over before" if each.under[0].result.scale == "ratio" else "points"
        for (line, value), names in found.items():
            what = f"{each.outcome}, {line} under {listed(names)}: {unit}"
            yield Figure(what=what, value=value, where="ledger.csv", command=trail.command)


def _tips(key: str, trail: Trail) -> Iterator[Figure]:
    """Yield at which value of a setting that speaks to it nothing would remain."""
    speaks = {label(c) for c in CONFOUNDS if key in c.ids}
    for each in _drawn(trail):
        named = [(u.evidence.name, t) for u in each.under for t in u.tips]
        named += [("nothing else allowed for", t) for t in each.alone]
        for name, tip in named:
            if tip.field.partition(".")[0] in speaks:
                yield Figure(
                    what=f"{each.outcome}, {name}: nothing remains at this {tip.field}",
                    value=tip_text(tip),
                    where=f"{each.outcome.capitalize()}: expected without the programme, and what remains",
                    command=trail.command,
                )


def _findings(key: str, trail: Trail) -> Iterator[Figure]:
    """Yield what the audit recomputes of statements that a published study sets under it."""
    study = trail.subject.published
    if study is None:
        return
    stated: tuple[Subgroup | Count | Account | Proportion | Cited, ...]
    stated = (*study.subgroups, *study.counts, *study.accounts, *study.proportions, *study.cited)
    names = {s.name for s in stated if s.limitation == key}
    ids = {f"claim:{claim.id}" for claim in study.claims if claim.limitation == key}
    for f in trail.findings:
        own = f.id in ids if f.claim is not None else f.subject in names
        if own and f.computed:
            subject = quote(f.subject) if violations(f.subject) else f.subject
            yield Figure(what=f"{subject}, {f.check}", value=f.computed, where="findings.csv", command=trail.audited)


def _others(key: str, trail: Trail) -> Iterator[Figure]:
    """Yield what steps without a ledger say: a comparison, regression to the mean, the null calibration, bounds."""
    if key == NO_COMPARISON:
        yield from _compared(trail)
    elif key == REGRESSION:
        yield from _regressed(trail)
    elif key == LOST:
        yield from _lost(trail)


def _compared(trail: Trail) -> Iterator[Figure]:
    for e in comparison.quoted(trail.results):
        value, interval = estimate_cells.value_and_interval(e, trail.subject.release)
        yield Figure(
            what=f"{e.outcome}, {e.method}: managed people against the comparison ({e.scale})",
            value=f"{value} ({interval})",
            where="comparison.csv",
            command=trail.command,
        )


def _regressed(trail: Trail) -> Iterator[Figure]:
    for view in (trail.results.of(regression.run) or Regression()).views:
        if view.tipping_is_usable:
            yield Figure(
                what=f"{view.moments.name}: mean of everybody at which regression alone is the whole change",
                value=fixed(view.tipping.mean),
                where="regression_curve.csv",
                command=trail.command,
            )
    for c in (trail.results.of(null.run) or Null()).calibrations:
        chances = [model.chance for model in c.models]
        yield Figure(
            what=f"{c.outcome}: share of simulated cohorts without the programme that fall as far",
            value=range_text(chance_text(min(chances)), chance_text(max(chances))),
            where="null_calibration.csv",
            command=trail.command,
        )


def _lost(trail: Trail) -> Iterator[Figure]:
    """Yield what people without a later score leave open: bounds of a published table, ways of treating people."""
    from_print = (trail.results.of(missing_scores.run) or Missing()).lost
    if from_print is not None:
        low, high = from_print.bounds
        yield Figure(
            what=f"{from_print.outcome}: mean change of all, whatever those lost to follow-up have, in points",
            value=f"{fixed(low, 0)} to {fixed(high, 0)}",
            where=f"{from_print.outcome.capitalize()}: expected without the programme, and what remains",
            command=trail.command,
        )
    for section in missing.section(trail.subject, trail.results):
        for taken, change, interval in (row for table in section.tables for row in table.rows):
            yield Figure(
                what=f"mean change of all, the missing taken to be: {taken}",
                value=f"{change} ({interval})",
                where=section.title,
                command=trail.command,
            )
