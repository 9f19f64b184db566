"""What closes a report: limitations, the headings of EMMIE, research, and how it was made."""

from collections.abc import Iterator, Mapping, Sequence

from iom_causal.analysis import change
from iom_causal.analysis.change import Change
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject, staggered
from iom_causal.base import wording
from iom_causal.base.formats import counted, listed
from iom_causal.confounds.register import REGISTER
from iom_causal.estimate import Estimate
from iom_causal.report import phrases
from iom_causal.report.render.page import Section, Short, Table
from iom_causal.report.sections import comparison
from iom_causal.report.voices import words
from iom_causal.windows import Window

DAYS_A_YEAR = 365.25
NOT_ALLOWED = "[point weighs|points weigh] on any reading of these figures, whatever is said above."
HEADINGS = "There is something to say under {} of {} headings."
SUGGESTED = "[suggestion|suggestions] for research by the authors."
AGAIN = "The same seed and versions give the same files, byte for byte."
NO_COMPARISON = "c02"
"""The point of the register that there is no comparison group."""


def closing(subject: Subject, results: Results, record: Mapping[str, object]) -> tuple[Section, ...]:
    """Return the last sections; `record` is what the manifest holds."""
    return (
        limitations(subject, results),
        emmie(subject, results),
        *((research(subject),) if subject.research else ()),
        _making(record),
    )


def limitations(subject: Subject, results: Results) -> Section:
    """List what is not allowed for, with the themes that speak to it, and which way each works on these changes."""
    themes = {
        item.id: "; ".join(
            f"{wording.quote(t.name)} ({listed(t.voiced_by)})" for t in subject.themes if item.id in t.bears_on
        )
        for item in subject.limitations
    }
    heard = any(themes.values())
    rows = tuple(
        (p.id, p.text, "the authors" if p.named_by == "authors" else "the design", themes[p.id])[: 3 + heard]
        for p in subject.limitations
        if p.id != NO_COMPARISON or not comparison.level(results)
    )
    columns = ("id", "point", "from", "themes")[: 3 + heard]
    return Section(
        title="What has not been allowed for",
        name="limitations",
        finding=counted(len(rows), NOT_ALLOWED),
        paragraphs=(
            *_both_ways(subject, (results.of(change.run) or Change()).estimates),
            *((phrases.THEMES_ARE,) if heard else ()),
        ),
        tables=(Table("Points that any reading of these figures carries.", columns, rows),),
        detail=True,
    )


def _both_ways(subject: Subject, estimates: Sequence[Estimate]) -> Iterator[str]:
    """Say of a fall, and of a rise, what makes it look larger or smaller than the programme's share."""
    ids = {item.id for item in subject.limitations}

    points = [p for key, p in REGISTER.items() if key in ids]
    down, up = [p.lowers for p in points if p.lowers], [p.raises for p in points if p.raises]
    weak, either = [p.weakens for p in points if p.weakens], [p.either_way for p in points if p.either_way]
    either += [phrases.SEASONS] if "c01" in ids and not _whole_years(subject.spans) else []
    moved = {e.estimate > (1 if e.scale == "ratio" else 0) for e in estimates if e.estimate is not None}
    for rose in sorted(moved) or [False]:
        larger, smaller = (up, down + weak) if rose else (down, up + weak)
        moves = ("rise" if rose else "fall") if moved else "change"
        if larger and smaller:
            yield wording.both_directions(larger, smaller, either, change=moves)


def _whole_years(spans: Sequence[Window]) -> bool:
    """Whether every window is known to hold each season alike: whole years, to a day or two."""
    years = [(w.days or 0) / DAYS_A_YEAR for w in spans]
    return bool(years) and all(y > 0.5 and abs(y - round(y)) * DAYS_A_YEAR < 2 for y in years)


def emmie(subject: Subject, results: Results) -> Section:
    """Set out what there is under the headings of EMMIE (Johnson, Tilley & Bowers 2015)."""
    voice, moderators = words(subject), listed(wording.quote(text) for text in subject.moderators)
    also = {
        "moderators": f"{moderators}; see the audit" if moderators else "",
        "implementation": voice.implementation(subject),
    }
    entered = all(staggered(subject, outcome.name) for outcome in subject.outcomes)
    offered = bool(comparison.level(results))
    rows = [("“Effect”", phrases.change_only(compared=subject.compared, comparison=offered, staggered=entered))]
    for heading in ("mechanism", "moderators", "implementation", "economics"):
        views = [f"{wording.quote(t.name)} ({listed(t.voiced_by)})" for t in subject.themes if t.emmie == heading]
        there = [also.get(heading, ""), f"views voiced: {listed(views)}" if views else ""]
        text = "; ".join(part for part in there if part)
        rows.append((wording.quote(heading.capitalize()), f"{text}." if text else voice.nothing))
    return Section(
        title="Under the headings of EMMIE",
        name="emmie",
        finding=HEADINGS.format(sum(text != voice.nothing for _, text in rows), len(rows)),
        tables=(Table("What there is under each heading.", ("heading", "what there is"), tuple(rows)),),
        detail=True,
    )


def research(subject: Subject) -> Section:
    """List what the authors suggest for research."""
    return Section(
        title="What the authors suggest for research",
        name="research",
        finding=counted(len(subject.research), SUGGESTED),
        points=tuple(f"{text[:1].upper()}{text[1:]}." for text in subject.research),
        detail=True,
    )


def _making(record: Mapping[str, object]) -> Section:
    """Say how the report was made, so that it can be made again."""
    versions = record["versions"]
    listed = versions.items() if isinstance(versions, dict) else ()
    return Section(
        title="How this was made",
        name="made",
        finding=AGAIN,
        paragraphs=(
            f"Seed {record['seed']}; digest of the study as read: {record['study_digest']}.",
            *phrases.of_protocol(str(record.get("protocol", "")), str(record.get("protocol_noted_before", ""))),
            *((phrases.FIRST_LOOK,) if record.get("quick") else ()),
            AGAIN,
            "Versions: " + ", ".join(f"{name} {number}" for name, number in listed) + ".",
        ),
        detail=True,
        short=(Short("making", paragraphs=slice(None)),),
    )
