"""Directly below the first page: lines of the study file that were guessed and that nobody has confirmed."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iom_causal.analysis import guesses
from iom_causal.analysis.guesses import Guess
from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import wording
from iom_causal.base.formats import counted, listed
from iom_causal.data.event_files import CustodyFile, EventsFile
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow, Monthly
from iom_causal.report.render.page import Section, Short, Table
from iom_causal.report.sections.part import Part

TITLE = "Guessed from the file, and confirmed by nobody"
FINDING = (
    "[line of the study file was|lines of the study file were] guessed, and nobody has confirmed [it|them]: everything "
    "below rests on [it|them]."
)
CAPTION = (
    "What follows rests on these lines of the study file, which iom-causal init guessed. Once they are looked at, and "
    "right, take their words out of guessed = [...] there: this table is then gone."
)
LINES: Mapping[str, str] = {
    "id": "the column that tells people apart",
    "period": "the column that tells the window of a row",
    "sheet": "the sheet that is read",
    "sheets": "the sheets that are read as one",
    "skip_rows": "rows above the names of the columns",
    "header_rows": "rows of names of columns",
    "drop_rows": "rows that are left out",
    "decimal": "the mark of decimals",
    "dates": "how dates are written",
    "missing": "taken as missing",
    "windows": "windows, in order of time",
    "months": "months",
    "equal_windows": "whether all windows are equally long",
    "outcomes": "what is counted, and where",
    "days_at_risk": "columns of days at risk",
    "custody_days": "columns of days in custody",
    "age": "the column of ages",
    "date_of_birth": "the column of dates of birth",
    "entry": "the column of each person’s first day",
    "index_date": "the day of introduction",
    "extracted": "the day on which the data were taken",
    "group": "the column that tells who was managed",
    "managed": "what stands there for managed people",
    "others": "the sheet or file of people who were not managed",
    "start": "the column that tells from when",
    "selected": "whether the others were picked alike",
    "events": "the log of events",
    "custody": "the spells in custody",
    "until": "the column of days until which people are followed",
    "until_reason": "the column that says why no longer",
    "other_ids": "columns of further ids",
    "covariates": "columns that are carried along, and groups to compare",
    "filters": "who is left out",
}
"""What a line states, in words; of a key that is not here its own name stands."""
MOST = 4
"""How many values of one line are listed one by one."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """List the guesses that still stand."""
    found = results.of(guesses.run)
    if not found:
        return ()
    rows = tuple(
        (LINES.get(g.key, g.key), f"{_said(value)}{_cells(g, subject.release)}", g.key)
        for g in found
        for value in (g.value if g.key == "outcomes" else [g.value])
    )
    table = Table(CAPTION, ("line", "as it was guessed", "its word"), rows)
    return (
        Section(
            title=TITLE,
            name="guessed",
            finding=counted(len(found), FINDING),
            tables=(table,),
            short=(Short("guessed", tables=slice(None)),),
        ),
    )


def _cells(guess: Guess, release: Release) -> str:
    if guess.cells is None:
        return ""
    few = "in no cell" if not guess.cells else "in few cells"
    return f" ({f'in {release.count(guess.cells)} cells' if release.enough(guess.cells) else few})"


def _said(value: Any) -> str:
    """Return what a line states, in words."""
    return next((say(value) for kind, say in WORDS.items() if isinstance(value, kind)), "as it stands there")


def _listed(values: Sequence[Any]) -> str:
    said = [_said(value) for value in values]
    return listed(said) if len(said) <= MOST else f"{said[0]} to {said[-1]} ({len(said)} of them)"


def _columns(names: tuple[str, ...]) -> str:
    if not names:
        return "the log of events"
    return f"{'column' if len(names) == 1 else 'columns'} {_listed(names)}"


def _length(window: ExtractWindow) -> str:
    """Return the length of a window as it is stated; nothing where it has none."""
    if isinstance(window.start, dt.date) and isinstance(window.end, dt.date):
        return f", {window.start.isoformat()} to {(window.end - dt.timedelta(days=1)).isoformat()}"
    stated = ((window.months, "month"), (window.days, "day"))
    return next((f", {n:g} {unit}{'' if n == 1 else 's'}" for n, unit in stated if n is not None), "")


WORDS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda flag: "yes" if flag else "no",
    int: str,
    float: "{:g}".format,
    dt.date: dt.date.isoformat,
    str: wording.quote,
    tuple: _listed,
    EventsFile: lambda log: wording.quote(log.file),
    CustodyFile: lambda spells: wording.quote(spells.file),
    ExtractWindow: lambda w: f"{wording.quote(w.label)} ({'after' if w.post else 'before'}{_length(w)})",
    ExtractOutcome: lambda o: f"{o.name}, a {o.kind}, from {_columns(o.columns)}",
    Monthly: lambda m: f"{m.first:%Y-%m} to {m.last:%Y-%m}, of which {m.after:%Y-%m} is the first one after",
}
"""How a value is said, by its type."""

PART = Part(step=guesses.run, section=section, only="people")
