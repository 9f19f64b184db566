"""Heuristic draft of how a file of person-level data is read, for its user to review."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iom_causal.data.files.dates import DATES, readable
from iom_causal.data.files.delimited import best_separator, decoded, raw_bytes
from iom_causal.data.files.readers import format_of, read_sheet
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.data.guesses.codes import cell_settings
from iom_causal.data.guesses.columns import BIRTHS, PERIODS, Guesses, guessed
from iom_causal.data.guesses.kinds import MANY
from iom_causal.data.guesses.managed import GROUPS, STARTS
from iom_causal.data.guesses.names import tokens
from iom_causal.errors import IomCausalError, SpecError

DAYS = {*BIRTHS, *PERIODS, *STARTS, *GROUPS, "date", "month", "day"}
"""Words in the names of columns that may hold days."""
TRIES = 6


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
    return guessed(settings, cells, others, cell_settings(cells).questions)


def read_by_trial(path: Path, sheet: str = "") -> tuple[dict[str, Any], Sheet]:
    """Return the settings by which a file can be read, those of its cells among them, and the table.

    Raises
    ------
    InputError, SpecError
        As `guess`.
    """
    settings, cells = _readable(path, {"sheet": sheet} if sheet else {})
    return _with_cells(settings, cells), cells


def _readable(path: Path, stated: Mapping[str, Any]) -> tuple[dict[str, Any], Sheet]:
    """Read by trial: set what each refusal asks for; where no row serves as header, the first refusal is raised."""
    settings: dict[str, Any] = dict(stated)
    first: IomCausalError | None = None
    while True:
        try:
            return settings, read_sheet(path, **settings)
        except IomCausalError as error:
            about = _about_the_head(error)
            first = first or (error if about else None)
            more = _asked_for(error, path, settings)
            if not more:
                raise (first if first and about else error) from None
            settings |= more


def _asked_for(error: IomCausalError, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    if error.code == "IOM-E003" and "encoding" not in settings:
        return {"encoding": "utf-16" if "UTF-16" in error.message else "cp1252"}
    if error.code == "IOM-E003" and settings["encoding"] == "cp1252":
        return {"encoding": "latin-1"}
    if error.code == "IOM-E007" and "separator" not in settings:
        lines = decoded(raw_bytes(path, Limits()), settings.get("encoding", "utf-8")).splitlines()
        return {"separator": best_separator(lines[settings.get("skip_rows", 0)])}
    if error.code == "IOM-E096" and path.is_file() and _sheets(path) and "sheet" not in settings:
        return {"sheet": _likely_sheet(path)}
    if _about_the_head(error) and settings.get("skip_rows", 0) < TRIES - 1:
        return {"skip_rows": settings.get("skip_rows", 0) + 1}
    return {}


def _about_the_head(error: IomCausalError) -> bool:
    """Whether a refusal may come of a header further down: that of a row far below may not."""
    row = re.match(r"row (\d+) ", error.message)
    return error.code == "IOM-E001" or (error.code == "IOM-E005" and row is not None and int(row[1]) <= TRIES)


def _sheets(path: Path) -> tuple[str, ...]:
    """Return the names of the sheets of a file; none where its format has none."""
    known = format_of(path)
    return () if known is None or known.sheets is None else known.sheets(path)


def _likely_sheet(path: Path) -> str:
    """Return the sheet with most outcomes measured before and after; of two alike the longer one."""
    names = _sheets(path)
    promise = {name: _promise(path, name) for name in names}
    best = max(names, key=lambda name: promise[name])
    if not promise[best][0]:
        raise SpecError(
            "IOM-E096",
            f"the workbook has {len(names)} sheets ({', '.join(names)}) and none of them shows what was measured "
            "before and after; say which holds the people with --sheet NAME",
        ) from None
    return best


def _promise(path: Path, sheet: str) -> tuple[int, int]:
    try:
        settings, cells = _readable(path, {"sheet": sheet})
        return len(guessed(_with_cells(settings, cells), cells, ()).outcomes), cells.rows
    except IomCausalError:
        return 0, 0


def _dates(sheet: Sheet) -> dict[str, Any]:
    """Guess the form of dates."""
    form = next((f for name in sheet.columns if tokens(name) & DAYS and (f := _form(sheet, name))), "")
    return {"dates": form} if form and form != DATES[0] else {}


def _with_cells(settings: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Return the settings by which a file was read, and those of its cells."""
    return {**settings, **cell_settings(sheet).settings, **_dates(sheet)}


def _form(sheet: Sheet, name: str) -> str:
    """Return the date form of most cells; the others are refused by row when the file is read."""
    share, form = max(((readable(sheet, name, form), form) for form in DATES), key=lambda pair: pair[0])
    return form if share >= MANY else ""
