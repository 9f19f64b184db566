"""All tables of a report as a workbook: its contents, what the columns hold, and a sheet a table."""

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from iom_causal.analysis.release import Leaving
from iom_causal.base.word_files import LONG_AGO, plain, timeless
from iom_causal.numerics.plain import plain_number
from iom_causal.report.render.table_guide import TABLES, UNKNOWN

CONTENTS, COLUMNS = "Contents", "Columns"
HEADS: Mapping[str, tuple[str, ...]] = {
    CONTENTS: ("sheet", "what it shows", "rows", "columns", "file with the same content"),
    COLUMNS: ("sheet", "column", "what it holds"),
}
LONGEST, WIDEST, NARROWEST = 31, 90, 8
"""Characters of a sheet's name, and of a column's width."""
MOST_TEXT = 32_767
"""Characters that a cell holds."""
LOOKED_AT = 40
"""Rows by which a column's width is set."""


def render(title: str, tables: Mapping[str, Leaving]) -> bytes:
    """Return tables, by the names of their files, as a workbook: only what release rules let out comes this way."""
    from openpyxl import Workbook  # noqa: PLC0415 slow to load

    book = Workbook()
    book.remove(book.worksheets[0])
    frames = {_sheet(file): (file, leaving.frame) for file, leaving in tables.items()}
    shown = {sheet: (file, TABLES.get(file, UNKNOWN), frame) for sheet, (file, frame) in frames.items()}
    contents = [(s, g.shows, len(f), len(f.columns), file) for s, (file, g, f) in shown.items()]
    columns = [(s, str(c), g.holds(str(c))) for s, (_, g, f) in shown.items() for c in f.columns]
    _fill(book.create_sheet(CONTENTS), HEADS[CONTENTS], contents)
    _fill(book.create_sheet(COLUMNS), HEADS[COLUMNS], columns)
    for sheet, (_, frame) in frames.items():
        rows = zip(*(frame[column].tolist() for column in frame.columns), strict=True)
        _fill(book.create_sheet(sheet), [str(c) for c in frame.columns], list(rows))
    known = book.properties
    known.title, known.creator, known.lastModifiedBy = plain(title), "", ""
    known.created = known.modified = LONG_AGO.replace(tzinfo=None)
    buffer = io.BytesIO()
    book.save(buffer)
    return timeless(buffer.getvalue())


def _sheet(file: str) -> str:
    return file.removesuffix(".csv")[:LONGEST]


def _fill(sheet: Any, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a table under a head that stays in sight, wide enough to be read."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 slow to load
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 slow to load

    top, bold = Alignment(vertical="top", wrap_text=True), Font(bold=True)
    for i, row in enumerate((heads, *rows), start=1):
        for j, value in enumerate(row, start=1):
            if (given := _value(value)) is not None:
                _write(sheet.cell(i, j), given)
                sheet.cell(i, j).alignment = top
                if i == 1:
                    sheet.cell(i, j).font = bold
    for j, head in enumerate(heads, start=1):
        longest = max(len(str(head)), *(len(str(row[j - 1])) for row in rows[:LOOKED_AT]), NARROWEST)
        sheet.column_dimensions[get_column_letter(j)].width = min(longest + 2, WIDEST)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"


def _write(cell: Any, value: Any) -> None:
    """Write a value; text stays text, also where it begins as a formula does."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type, cell.quotePrefix = "s", True


def _value(value: Any) -> Any:
    """Return a cell as a workbook holds it: numbers as numbers, nothing where there is none, the rest as text."""
    value = plain_number(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    return plain(str(value))[:MOST_TEXT] or None
