"""Rows of a worksheet, one by one from its XML: values, merged cells, and what is hidden."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import iterparse

from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import COL_TAG, FORMULA_TAG, ROW_TAG, WorkSheetParser

from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import Limits
from iom_causal.data.files.table import UNWORKED, Row

SHOWN_NOT = ("1", "true")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
CHUNK = 2**20
NOTHING = re.compile(rb'<(?:c|row) r="[A-Z0-9]+"[^<>]*/>')
NO_CELL = re.compile(rb'<row r="[0-9]+"[^<>]*></row>')
"""Cells and rows that say where they are and hold nothing: of formats alone, and often a million of them."""


class _Filled:
    """XML of a worksheet, without cells and rows that hold nothing."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.tail = source, b""

    def read(self, _size: int = -1) -> bytes:
        """Return the next part, which is empty at the end alone."""
        while chunk := self.source.read(CHUNK):
            held = self.tail + chunk
            end = max(held.rfind(b"<"), 0)
            self.tail = held[end:]
            if left := NO_CELL.sub(b"", NOTHING.sub(b"", held[:end])):
                return left
        left, self.tail = self.tail, b""
        return left


class _Span(NamedTuple):
    """A merged cell: its first and last column and row, from 1."""

    left: int
    top: int
    right: int
    bottom: int


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """The parser of cells of openpyxl, which tells formulas without values apart and counts cells without any."""

    def __init__(self, *args: Any, limits: Limits, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.limits, self.empty = limits, 0

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """Return a cell's column and value."""
        if len(element) == 0 and element.get("r") is None:
            self.col_counter += 1
            return {"column": self.col_counter, "value": None}
        found: dict[str, Any] = super().parse_cell(element)
        if found["value"] is None:
            self.empty += 1
            self.limits.check_empty(self.empty)
            if element.find(FORMULA_TAG) is not None:
                found["value"] = UNWORKED
        return found


class _Merged:
    """Merged cells that go on below, each with its value."""

    def __init__(self) -> None:
        self.open: list[tuple[_Span, Any]] = []

    def fill(self, number: int, values: dict[int, Any], starting: list[_Span], way: str) -> list[int]:
        """Fill the cells of a row from those that they are merged with; return the columns that were filled."""
        filled = []
        for span, value in self.open if values else ():
            if values.get(span.left) is None:
                values[span.left] = value
                filled.append(span.left)
        for span in starting:
            value = values.get(span.left)
            if way == "right" and value is not None:
                values |= dict.fromkeys(range(span.left, span.right + 1), value)
            elif way == "down" and value is not None:
                self.open.append((span, value))
        self.open = [(span, value) for span, value in self.open if span.bottom > number]
        return filled


class Worksheet:
    """Rows of a worksheet; its hidden columns, from 0, are known once the first row is.

    Parameters
    ----------
    book : openpyxl workbook
        Opened for reading only.
    name : str
        Of the sheet.
    how : Reading
        Which rows are the header: of two, merged cells of the upper name all columns below them.
    limits : Limits
        What the file may hold.
    """

    def __init__(self, book: Any, name: str, how: Reading, limits: Limits) -> None:
        self.book, self.name, self.how, self.limits = book, name, how, limits
        self.hidden_columns: set[int] = set()

    def rows(self) -> Iterator[Row]:
        """Read row by row; rows that the file does not hold are absent."""
        spans, book, last, held = self._spans(), self.book, 0, _Merged()
        with self._source() as source:
            parser = _Parser(
                source,
                book[self.name]._shared_strings,  # noqa: SLF001 nothing else holds them
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,  # noqa: SLF001
                timedelta_formats=book._timedelta_formats,  # noqa: SLF001
                limits=self.limits,
            )
            for _, element in iterparse(_Filled(source)):  # noqa: S314 expat limits what entities expand to
                if element.tag == COL_TAG:
                    self._look_at(element.attrib)
                elif element.tag == ROW_TAG:
                    number, cells = parser.parse_row(element)
                    if number <= last:
                        raise ValueError("rows out of order")
                    flat = float(element.get("ht", 1)) == 0
                    last, hidden = number, flat or element.get("hidden") in SHOWN_NOT
                    element.clear()
                    values = {cell["column"]: cell["value"] for cell in cells if cell["value"] is not None}
                    merged = held.fill(number, values, spans[number], self._below(number))
                    row = [values.get(k) for k in range(1, max(values, default=0) + 1)]
                    yield Row(number, row, hidden, tuple(k - 1 for k in merged))

    def _source(self) -> Any:
        return self.book[self.name]._get_source()  # noqa: SLF001

    def _below(self, number: int) -> str:
        """Return where merged cells that begin in a row go on: to the right in the upper of two rows of a header."""
        if self.how.header_rows == 2 and number == self.how.skip_rows + 1:
            return "right"
        return "down" if number > self.how.skip_rows + self.how.header_rows else ""

    def _look_at(self, column: Any) -> None:
        if column.get("hidden") in SHOWN_NOT:
            self.hidden_columns.update(range(int(column["min"]) - 1, int(column["max"])))

    def _spans(self) -> dict[int, list[_Span]]:
        """Return merged cells by their first row: they stand behind all rows."""
        found: dict[int, list[_Span]] = defaultdict(list)
        tail = b""
        with self._source() as source:
            while chunk := source.read(CHUNK):
                held, end = tail + chunk, 0
                for match in MERGED.finditer(held):
                    span, end = _Span(*range_boundaries(match[1].decode())), match.end()
                    found[span.top].append(span)
                tail = held[max(held.rfind(b"<"), end) :]
        return found
