"""Heuristic draft of how a file of person-level data is read, for its user to review."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from iom_causal.base.formats import counted, listed
from iom_causal.data.files.dates import DATES
from iom_causal.data.files.delimited import best_separator, decoded, raw_bytes
from iom_causal.data.files.heads import PEOPLE_ON_TOP
from iom_causal.data.files.no_people import totals
from iom_causal.data.files.readers import ReadTable, format_of, read_sheet
from iom_causal.data.files.reading import Reading, reading_of
from iom_causal.data.files.sheet import EPOCH, Limits, Sheet
from iom_causal.data.files.sheet_words import told
from iom_causal.data.guesses.codes import cell_settings
from iom_causal.data.guesses.columns import BIRTHS, PERIODS, Guesses, guessed
from iom_causal.data.guesses.kinds import UNNAMED, common_form
from iom_causal.data.guesses.managed import in_sheets, of_managed, of_others
from iom_causal.data.guesses.names import tokens
from iom_causal.data.guesses.questions import Question
from iom_causal.data.guesses.starts import ENDS, GROUPS, LOST, STARTS
from iom_causal.errors import IomCausalError, SpecError, echo

DAYS = {*BIRTHS, *PERIODS, *STARTS, *GROUPS, *ENDS, *LOST, "date", "month", "day"}
"""Words in the names of columns that may hold days."""
TRIES = 6
LEFT_OUT = {
    "headings": "[row with one cell, such as a heading, is|rows with one cell, such as headings, are] left out",
    "totals": "[row of sums is|rows of sums are] left out",
    "hidden": "[hidden row is|hidden rows are] left out",
}
"""What is told of rows that are no people."""


def guess(path: Path, sheet: str = "") -> Guesses:
    """Guess the reading settings, layout, windows and outcomes of a file.

    Parameters
    ----------
    path : Path
        The file.
    sheet : str
        Of a workbook with several; by default the one that looks most like a table of people.

    Raises
    ------
    InputError, SpecError
        Where the file cannot be read whatever is set, and IOM-E096 where no sheet of several looks like a table of
        people.
    """
    settings, cells = read_by_trial(path, sheet)
    taken = settings.get("sheet", sheet)
    others = tuple(name for name in _sheets(path) if name != taken) if taken else ()
    found = guessed(settings, cells, others, cell_settings(cells).questions)
    found, alike = _with_alike(found, path, others)
    who = in_sheets(found.who, taken, alike)
    asked = (*_questions(cells, settings), *(q for q in who.questions if q not in found.who.questions))
    return replace(
        found,
        who=who,
        questions=(*asked, *found.questions),
        notes=(*_notes(cells), *found.notes),
        tables=(ReadTable(path, reading_of(settings), cells),),
    )


def read_by_trial(path: Path, sheet: str = "") -> tuple[dict[str, Any], Sheet]:
    """Return the settings by which a file can be read, those of its cells among them, and the table.

    Raises
    ------
    InputError, SpecError
        As `guess`.
    """
    settings, cells = opened_by_trial(path, {"sheet": sheet} if sheet else {})
    return _with_cells(settings, cells), cells


def _questions(sheet: Sheet, settings: Mapping[str, Any]) -> Iterator[Question]:
    """Ask what the rows of the file do not tell: which column is what, and whether rows that nobody sees count."""
    if settings.get("header_rows") == 0:
        yield Question("id", 'no row names the columns; write id = "column 1" if the first of them tells people apart')
    if sheet.hidden:
        others = [repr(kind).replace("'", '"') for kind in settings.get("drop_rows", ())]
        without, with_them = f"[{', '.join([*others, '"hidden"'])}]", f"[{', '.join(others)}]"
        what = counted(sheet.hidden, "[row is|rows are]")
        yield Question(
            "drop_rows",
            f"{what} hidden in the workbook; write drop_rows = {without} to leave hidden rows out, or drop_rows = "
            f"{with_them} to count them",
        )


def _notes(sheet: Sheet) -> Iterator[str]:
    """Say what was left out, and what the user may not have seen."""
    for kind, rows in sheet.dropped.items():
        yield f"{counted(rows, LEFT_OUT[kind])}."
    timed = [echo(name) for name, held in sheet.columns.items() if any(_is_small_day(cell) for cell in held.tolist())]
    if timed:
        yield f"Formatted as dates or times though they look like small numbers: {listed(timed)}."
    yield from (f"{note.partition(': ')[2][0].upper()}{note.partition(': ')[2][1:]}." for note in sheet.notes)


HEADERS = tuple(
    {"skip_rows": skip, "header_rows": rows} for last in range(1, TRIES) for skip, rows in ((last, 1), (last - 1, 2))
)
"""Places of a header that are tried after the first row, in this order."""


def _is_small_day(cell: Any) -> bool:
    """Whether a cell is one of the first days that spreadsheets count: a small number under the format of dates."""
    return isinstance(cell, dt.date) and cell.year <= EPOCH.year + 1


def opened_by_trial(path: Path, stated: Mapping[str, Any]) -> tuple[dict[str, Any], Sheet]:
    """Read by trial: set what each refusal asks for; where no row serves as header, the first refusal is raised."""
    settings: dict[str, Any] = dict(stated)
    first: IomCausalError | None = None
    headers = iter(HEADERS)
    while True:
        try:
            sheet = read_sheet(path, Reading(**settings))
        except IomCausalError as error:
            more = _asked_for(error, path, settings)
            if not more and _about_the_head(error) and _has_header(path):
                first = first or error
                more = next(headers, {})
            if not more:
                raise (first if first and _about_the_head(error) else error) from None
        else:
            more = _sums(sheet, settings)
            if not more:
                usual = {f.name: f.default for f in fields(Reading)}
                return _with_upper_heads(
                    path, {key: value for key, value in settings.items() if value != usual[key]}, sheet
                )
        settings |= more


def _with_upper_heads(path: Path, settings: dict[str, Any], sheet: Sheet) -> tuple[dict[str, Any], Sheet]:
    """Read the row above the header too, where it says what several columns below it measure."""
    skip = settings.get("skip_rows", 0)
    if not skip or "header_rows" in settings:
        return settings, sheet
    both = {**settings, "skip_rows": skip - 1, "header_rows": 2}
    both = {key: value for key, value in both.items() if key != "skip_rows" or value}
    try:
        wider = read_sheet(path, Reading(**both))
    except IomCausalError:
        return settings, sheet
    alone, more = _measures(settings, sheet), _measures(both, wider)
    says_more = len(more) > len(alone) or any(name in UNNAMED.values() or name[:1].isdigit() for name in alone)
    return (both, wider) if says_more and len(more) >= max(1, len(alone)) else (settings, sheet)


def _measures(settings: Mapping[str, Any], sheet: Sheet) -> list[str]:
    """Return the names of what a table shows before and after."""
    return [name for name, *_ in guessed(_with_cells(settings, sheet), sheet, ()).outcomes]


def _asked_for(error: IomCausalError, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    if error.code == "IOM-E003" and settings.get("encoding") in (None, "cp1252"):
        return {"encoding": _next_encoding(error, settings)}
    if error.code == "IOM-E007" and "separator" not in settings:
        lines = decoded(raw_bytes(path, Limits()), settings.get("encoding", "utf-8")).splitlines()
        return {"separator": best_separator(lines[settings.get("skip_rows", 0)])}
    if error.code == "IOM-E096" and path.is_file() and _sheets(path) and "sheet" not in settings:
        return {"sheet": _likely_sheet(path)}
    if error.code == "IOM-E016":
        return {"drop_rows": (*settings.get("drop_rows", ()), "headings")}
    if error.message == PEOPLE_ON_TOP and not {"skip_rows", "header_rows"} & set(settings):
        return {"header_rows": 0}
    return {}


def _next_encoding(error: IomCausalError, settings: Mapping[str, Any]) -> str:
    if "encoding" in settings:
        return "latin-1"
    return "utf-16" if "UTF-16" in error.message else "cp1252"


def _sums(sheet: Sheet, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out rows of sums, where there are any."""
    dropped = settings.get("drop_rows", ())
    if "totals" in dropped or not totals([cells.tolist() for cells in sheet.columns.values()]).any():
        return {}
    return {"drop_rows": (*dropped, "totals")}


def _about_the_head(error: IomCausalError) -> bool:
    """Whether a refusal may come of a header further down: that of a row far below may not."""
    row = re.match(r"row (\d+) ", error.message)
    return error.code in ("IOM-E001", "IOM-E008") or (
        error.code == "IOM-E005" and row is not None and int(row[1]) <= TRIES
    )


def _has_header(path: Path) -> bool:
    """Whether the names of columns stand in rows of a file, of which others may lie above them."""
    known = format_of(path)
    return known is not None and "skip_rows" in known.settings


def _sheets(path: Path) -> tuple[str, ...]:
    """Return the names of the sheets of a file; none where its format has none."""
    known = format_of(path)
    return () if known is None or known.sheets is None else known.sheets(path)


def _with_alike(found: Guesses, path: Path, others: Sequence[str]) -> tuple[Guesses, tuple[str, ...]]:
    """Return the other sheets with the columns that are read, and what is guessed without groups that they lack."""
    measured = {column for _, _, columns, _ in found.outcomes for column in columns}
    read = {found.id, found.period, *measured, *found.days_at_risk, *found.custody_days} - {""}
    held = {name: columns for name in others if measured and (columns := _columns(path, name)) >= read}
    lacking = {level for level in found.levels for columns in held.values() if level not in columns}
    levels = tuple(level for level in found.levels if level not in lacking)
    age, born = (n if all(n in c for c in held.values()) else "" for n in (found.age, found.date_of_birth))
    left = (*found.unread, *(name for name in found.levels if name in lacking))
    return replace(found, levels=levels, age=age, date_of_birth=born, unread=left), tuple(held)


def _columns(path: Path, sheet: str) -> set[str]:
    try:
        return set(opened_by_trial(path, {"sheet": sheet})[1].columns)
    except IomCausalError:
        return set()


def _likely_sheet(path: Path) -> str:
    """Return the sheet with most outcomes before and after, of two alike that of the managed, or the longer one.

    One whose name says that its people were not managed is taken only where there is no other.
    """
    names = _sheets(path)
    promise = {name: _promise(path, name) for name in names}
    best = max(names, key=lambda name: promise[name])
    if not promise[best][0]:
        raise SpecError(
            "IOM-E096",
            f"the workbook has {len(names)} sheets ({told(names)}) and none of them shows what was measured "
            "before and after; say which holds the people with --sheet NAME",
        ) from None
    return best


def _promise(path: Path, sheet: str) -> tuple[bool, bool, int, bool, int]:
    try:
        settings, cells = opened_by_trial(path, {"sheet": sheet})
        found = len(_measures(settings, cells))
        return bool(found), not of_others(sheet), found, of_managed(sheet), cells.rows
    except IomCausalError:
        return False, False, 0, False, 0


def _dates(sheet: Sheet) -> dict[str, Any]:
    """Guess the form of dates."""
    form = common_form(sheet, [name for name in sheet.columns if tokens(name) & DAYS])
    return {"dates": form} if form and form != DATES[0] else {}


def _with_cells(settings: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Return the settings by which a file was read, and those of its cells."""
    return {**settings, **cell_settings(sheet).settings, **_dates(sheet)}
