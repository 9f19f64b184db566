"""The people, what was read of them, and the flow from logs of events to the figures (Table 1)."""

from collections.abc import Iterator, Sequence

from iom_causal.analysis import people
from iom_causal.analysis.people import Described, FlowOf, People
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import listed
from iom_causal.base.result import table
from iom_causal.data.events.flow import COLUMNS, Flow, Step
from iom_causal.data.events.quality import DataQuality
from iom_causal.data.reading.panels import USED
from iom_causal.report import phrases
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part

FINDING = "{} people are used, of {} {}."
NO_FACTS = "What was read, and what is known of each outcome, window by window."
HEADS = {"people": "People", "events": "Events", "custody": "Spells in custody"}


def given(subject: Subject, results: Results) -> dict[str, list[str]]:
    """Return Table 1 by variable, as it is given."""
    found, release = results.of(people.run), subject.release
    described = () if found is None else (*found.outcomes, *((found.age,) if found.age is not None else ()))
    return {each.name: list(_row(each, release)[1:]) for each in described}


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Say what was read, what was set aside and why, and describe the people."""
    found, release = results.of(people.run), subject.release
    if found is None:
        return ()
    facts = tuple((fact.what, release.count(fact.people)) for fact in subject.facts)
    tables = [Table("What was read, and what was set aside.", ("what", "people"), facts)]
    if found.outcomes:
        rows = tuple(_row(each, release) for each in found.outcomes)
        together = phrases.TABLE_OF_SIDES.format(listed(found.together)) if found.together else ""
        rounded = phrases.TABLE_ONE_ROUNDED if release.guarded else ""
        tables.append(
            Table(
                f"{phrases.TABLE_ONE}{together}{rounded}", ("window", "people", "mean", "SD", "mean days at risk"), rows
            )
        )
    if found.age is not None:
        age = (found.age.name, release.count(found.age.n), *found.age.as_given(release, 1))
        tables.append(Table("Age at the index date.", ("", "people", "mean", "SD"), (age,)))
    shown = Section(
        title="The people, and what was read of them", name="people", finding=_finding(facts), tables=tuple(tables)
    )
    return (shown, *_flow(found, release))


def _finding(facts: Sequence[tuple[str, str]]) -> str:
    """Say how many people are used, of how many rows or people in the file."""
    if not facts:
        return NO_FACTS
    what, there = facts[0]
    return FINDING.format(dict(facts)[USED], there, what.removeprefix("people "))


def _flow(found: People, release: Release) -> tuple[Section, ...]:
    """Show how many people, events and spells there were, what was excluded and why, and what is odd in the files."""
    if not found.flows:
        return ()
    tables = (*(each for of in found.flows for each in _tables(of, release)), *_odd(found.quality, release))
    rounded = (phrases.ROWS_ROUNDED,) if release.guarded else ()
    rules = (phrases.ROWS_COUNTED, *rounded, *((phrases.AT_LIBERTY,) if _held(found.flows) else ()))
    figures = (_figure(found.flows[0], release),)
    shown = Section(
        title=phrases.FLOW_TITLE,
        name="flow",
        finding=phrases.EVERYBODY_COUNTS,
        paragraphs=rules,
        tables=tables,
        figures=figures,
        detail=True,
    )
    return (shown,)


def _figure(of: FlowOf, release: Release) -> Figure:
    caption = phrases.FLOW_CHART.format(of.outcome)
    told = (f"{_said(step)}: {release.count(step.number)}" for step in of.flow.steps)
    chart = of.flow.chart(lambda n: release.count(n) if n or not release.guarded else f"{release.count(n)}:")
    return Figure("flow", caption, f"{caption} {'; '.join(told)}.", release.image(chart))


def _held(found: tuple[FlowOf, ...]) -> bool:
    return any(step.table == "custody" for of in found for step in of.flow.steps)


def _tables(of: FlowOf, release: Release) -> Iterator[Table]:
    """Yield a table a kind of row, a line a step."""
    for name, head in HEADS.items():
        steps = [step for step in of.flow.steps if step.table == name]
        if steps:
            rows = tuple((_said(step), release.count(step.number)) for step in steps)
            yield Table(phrases.FLOW_OF.format(head, of.outcome), ("what", "how many"), rows)


def _odd(quality: DataQuality | None, release: Release) -> Iterator[Table]:
    """Yield the checks of the log and the spells that should be looked into."""
    odd = [] if quality is None else [check for check in quality.checks if check.odd]
    rows = tuple((f"{c.table}: {c.what}", release.count(c.number), release.count(c.of)) for c in odd)
    if rows:
        yield Table(phrases.ODD, ("what", "how many", "of"), rows)


def _said(step: Step) -> str:
    return {"excluded": f"left out: {step.what}", "of which": f"of these: {step.what}"}.get(step.role, step.what)


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the table of all steps of all outcomes, as it may leave."""
    read = results.of(people.run)
    found = () if read is None else read.flows
    rows = [
        {"outcome": of.outcome, **dict(zip(COLUMNS, (s.table, s.what, s.role, s.number), strict=True))}
        for of in found
        for s in of.flow.steps
    ]
    flows = {"flow.csv": subject.release.leaving(table(rows, ("outcome", *COLUMNS)), Flow)} if rows else {}
    if read is None or read.quality is None:
        return flows
    checks = read.quality.tidy().drop(columns="share")
    return {**flows, "data_quality.csv": subject.release.leaving(checks, DataQuality)}


def _row(d: Described, release: Release) -> tuple[str, ...]:
    days = "not known" if d.days is None else release.mean(d.days, d.n, 0, d.days_furthest)
    shown = release.share_and_sd(d.mean, d.n) if d.share else d.as_given(release, 2)
    return (d.name, release.count(d.n), *shown, days)


PART = Part(step=people.run, section=section, files=files, only="people")
