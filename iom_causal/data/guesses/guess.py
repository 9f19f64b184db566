"""Heuristic draft of how a file of person-level data is read, for its user to review."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from iom_causal.data.files.cells import number_or_none
from iom_causal.data.files.dates import DATES, readable
from iom_causal.data.files.delimited import best_separator, decoded, raw_bytes
from iom_causal.data.files.numerals import NUMBER, THOUSANDS
from iom_causal.data.files.readers import format_of, read_sheet
from iom_causal.data.files.sheet import Limits, Sheet
from iom_causal.data.guesses.columns import BIRTHS, MANY, PERIODS, Guesses, guessed
from iom_causal.data.guesses.managed import GROUPS, STARTS
from iom_causal.data.guesses.names import tokens
from iom_causal.errors import IomCausalError, SpecError

BLANKS = {"na", "n/a", "n/k", "nk", ".", "-", "?", "null", "none", "missing", "unknown", "not known", "#n/a", "nan"}
SENTINELS = {-9.0, -88.0, -99.0, -999.0}
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
    return guessed(settings, cells, others)


def read_by_trial(path: Path, sheet: str = "") -> tuple[dict[str, Any], Sheet]:
    """Return the settings by which a file can be read, those of its cells among them, and the table.

    Raises
    ------
    InputError, SpecError
        As `guess`.
    """
    settings, cells = _readable(path, {"sheet": sheet} if sheet else {})
    return settings | _cell_settings(cells), cells


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
        return len(guessed(settings | _cell_settings(cells), cells, ()).outcomes), cells.rows
    except IomCausalError:
        return 0, 0


def _cell_settings(sheet: Sheet) -> dict[str, Any]:
    """Guess the mark of decimals, the codes for missing and the form of dates."""
    texts = {name: _texts(sheet, name) for name in sheet.columns}
    commas = any(map(_decimal_commas, texts.values()))
    settings: dict[str, Any] = {"decimal": ","} if commas else {}
    codes = {code for name in sheet.columns for code in _codes(sheet, name, "," if commas else ".")}
    if codes:
        settings["missing"] = sorted(codes, key=str)
    form = next((f for name in sheet.columns if tokens(name) & DAYS and (f := _form(sheet, name))), "")
    return settings | ({"dates": form} if form and form != DATES[0] else {})


def _decimal_commas(cells: set[str]) -> bool:
    """Whether commas mark decimals, not thousands: with three digits behind every comma they may be either."""
    held = {c for c in cells if c.lower() not in BLANKS}
    with_comma = {c for c in held if "," in c}
    plain = all(re.fullmatch(r"[+-]?\d+(,\d+)?", c) for c in held)
    return plain and any(not THOUSANDS.fullmatch(c) for c in with_comma)


def _texts(sheet: Sheet, name: str) -> set[str]:
    return {cell for cell in sheet[name].tolist() if isinstance(cell, str)}


def _codes(sheet: Sheet, name: str, decimal: str) -> Iterable[Any]:
    """Return probable missing-value codes of a column that is otherwise numeric."""
    cells = [c for c in sheet[name].tolist() if c is not None and not (isinstance(c, float) and np.isnan(c))]
    texts = {
        c for c in cells if isinstance(c, str) and not NUMBER.fullmatch(c.replace(",", ".") if decimal == "," else c)
    }
    if 2 * sum(c in texts for c in cells) < len(cells) and texts and all(t.lower() in BLANKS for t in texts):
        yield from texts
    values = {v for c in cells if c not in texts and (v := number_or_none(c)) is not None}
    if values & SENTINELS and all(v >= 0 for v in values - SENTINELS):
        yield from (int(v) for v in values & SENTINELS)


def _form(sheet: Sheet, name: str) -> str:
    """Return the date form of most cells; the others are refused by row when the file is read."""
    share, form = max(((readable(sheet, name, form), form) for form in DATES), key=lambda pair: pair[0])
    return form if share >= MANY else ""
