"""Rows of a file to a table: its header, the rows that are people, and those that are not."""

import itertools
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed
from iom_causal.data.files.cell_types import plain
from iom_causal.data.files.heads import named_columns
from iom_causal.data.files.no_people import headings, without
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import CellArray, Limits, Sheet
from iom_causal.errors import InputError, echo
from iom_causal.panel.where import named

SAMPLE = 60
"""Rows that are looked at to tell a header from a person."""
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that take no room on a page."""
UNWORKED = object()
"""A cell that holds a formula, and no value saved with it."""


class Row(NamedTuple):
    """A row of a file: its number there, its cells, whether it is hidden, and which cells are parts of merged ones."""

    number: int
    cells: Sequence[Any]
    hidden: bool = False
    merged: tuple[int, ...] = ()


def table(
    rows: Iterable[Row],
    how: Reading,
    limits: Limits,
    *,
    ragged: bool = False,
    hidden_columns: Container[int] = (),
    notes: tuple[str, ...] = (),
    **rest: Any,
) -> Sheet:
    """Return the table that rows of a file hold.

    Parameters
    ----------
    rows : iterable of Row
        In order; empty ones may be absent.
    how : Reading
        Which rows name the columns, and which are left out.
    limits : Limits
        What the file may hold.
    ragged : bool
        Whether a row may end before the last column.
    hidden_columns : container of int
        Columns from 0 that are not shown, asked for once rows are read.
    notes : tuple of str
        Of the reader.
    **rest
        Fields of the sheet that its format tells.

    Raises
    ------
    InputError
        IOM-E001 to E011 for what is wrong with the header or the shape, IOM-E016 for rows that are no people, IOM-E017
        for formulas without values.

    Examples
    --------
    >>> rows = [Row(1, ["id", "n"]), Row(2, ["South", None]), Row(3, ["a1", "5"])]
    >>> found = table(rows, Reading(drop_rows=("headings",)), Limits())
    >>> found, dict(found.dropped)
    (Sheet(1 rows, 2 columns), {'headings': 1})
    """
    body = _Body(rows, how, limits)
    first = 0 if not body.names or body.names[0] else 1
    people = [cells[first:] for cells in body.cells] if first else body.cells
    one_cell = headings(people, body.names[first:])
    body.check_lengths()
    body.check_shape(one_cell, ragged=ragged)
    body.check_worked_out()
    hidden = np.array(body.hidden, dtype=np.bool_)
    left, dropped = without(people, how, one_cell, hidden, body.at)
    columns = body.columns
    return Sheet(
        columns=columns if left.all() else {name: cells[left] for name, cells in columns.items()},
        rows=int(left.sum()),
        blank=body.blank,
        dropped=dropped,
        hidden=int((hidden & left).sum()),
        notes=(*body.notes(hidden & left, hidden_columns), *notes),
        lines=np.array(body.lines, dtype=np.int64)[left],
        **rest,
    )


class _Body:
    """Rows below a header, as they are gathered."""

    def __init__(self, rows: Iterable[Row], how: Reading, limits: Limits) -> None:
        self.cells: list[tuple[Any, ...]] = []
        self.lines: list[int] = []
        self.hidden: list[bool] = []
        self.held: list[int] = []
        self.merged: Counter[int] = Counter()
        self.unworked: Counter[int] = Counter()
        self.limits = limits
        self.top = self.last = how.skip_rows + how.header_rows
        heads, below = self._split(iter(rows), how)
        sample = list(itertools.islice(below, SAMPLE))
        self.names = named_columns(heads, [_worked_out(cells) for _, cells in sample], limits)
        for row, cells in itertools.chain(sample, below):
            self._add(row, cells)

    def _split(self, rows: Iterator[Row], how: Reading) -> tuple[list[list[str]], Iterator[tuple[Row, list[Any]]]]:
        """Return the rows of the header, and the filled ones below it."""
        heads: list[list[str]] = [[] for _ in range(how.header_rows)]
        after: list[Row] = []
        for row in rows:
            if row.number > self.top:
                after = [row]
                break
            if row.number > how.skip_rows:
                heads[row.number - how.skip_rows - 1] = [_head(cell) for cell in row.cells]
        return heads, self._filled(itertools.chain(after, rows))

    def _filled(self, rows: Iterator[Row]) -> Iterator[tuple[Row, list[Any]]]:
        """Yield the rows that hold something, and their cells as plain ones."""
        for row in rows:
            self.last = row.number
            cells = [(c.strip() or None) if c.__class__ is str else _plain(c) for c in row.cells]
            if cells.count(None) < len(cells):
                yield row, cells

    def _add(self, row: Row, cells: list[Any]) -> None:
        width = len(self.names)
        if UNWORKED in cells:
            self.unworked.update(k for k, cell in enumerate(cells) if cell is UNWORKED)
            cells = _worked_out(cells)
        if len(cells) > width and any(cell is not None for cell in cells[width:]):
            raise InputError(
                "IOM-E005", f"row {row.number} has {counted(len(cells), '[cell|cells]')}, expected {width}"
            )
        self.held.append(len(cells))
        if len(cells) != width:
            cells = [*cells[:width], *[None] * (width - len(cells))]
        self.cells.append(tuple(cells))  # which, unlike a list, is not gone through again for garbage
        self.lines.append(row.number)
        self.hidden.append(row.hidden)
        if row.merged:
            self.merged.update(row.merged)
        if len(self.cells) > self.limits.rows:
            self.limits.check_shape(len(self.cells), width)

    @property
    def blank(self) -> int:
        """How many rows hold nothing."""
        return self.last - self.top - len(self.cells)

    @cached_property
    def by_column(self) -> list[tuple[Any, ...]]:
        """Cells of each column."""
        return list(zip(*self.cells, strict=True)) or [()] * len(self.names)

    @cached_property
    def texts(self) -> list[set[str]]:
        """Different texts of each column."""
        columns = list(map(set, self.by_column))
        for cells in columns:
            cells -= {cell for cell in cells if not isinstance(cell, str)}
        return columns

    @property
    def columns(self) -> dict[str, CellArray]:
        """Columns by name, without that of row numbers."""
        columns = {}
        for name, cells in zip(self.names, self.by_column, strict=True):
            if name:
                columns[name] = np.empty(len(cells), dtype=object)
                columns[name][:] = cells
        return columns

    def at(self, mask: NDArray[np.bool_]) -> str:
        """Return the numbers of the first rows of a mask."""
        return named(np.array(self.lines)[mask].tolist(), "row")

    def check_lengths(self) -> None:
        """Refuse cells that are too long."""
        longest = self.limits.cell
        if max((len(max(texts, key=len, default="")) for texts in self.texts), default=0) > longest:
            long = {text for texts in self.texts for text in texts if len(text) > longest}
            row = next(line for line, cells in zip(self.lines, self.cells, strict=True) if not long.isdisjoint(cells))
            raise InputError("IOM-E010", f"row {row}: a cell is longer than {longest:,} characters")

    def check_shape(self, one_cell: NDArray[np.bool_], *, ragged: bool) -> None:
        """Refuse rows that end early, but for those of one cell that are no people."""
        width = len(self.names)
        if ragged or min(self.held, default=width) >= width:
            return
        for line, held, alone in zip(self.lines, self.held, one_cell, strict=True):
            if held < width and not alone:
                raise _uneven(line, held, width)

    def check_worked_out(self) -> None:
        """Refuse formulas that no program has worked out."""
        names = [echo(name) for k, name in enumerate(self.names) if name and k in self.unworked]
        if names:
            what = counted(sum(self.unworked.values()), "[cell holds a formula|cells hold formulas]")
            raise InputError(
                "IOM-E017",
                f"{'columns' if len(names) > 1 else 'column'} {listed(names)}: {what} that no program has worked out, "
                "so that there is no value; open the workbook in its own program and save it",
            )

    def notes(self, hidden: NDArray[np.bool_], hidden_columns: Container[int]) -> Iterator[str]:
        """Say what the user may not have seen; `hidden` are rows that are read though the workbook hides them."""
        if self.names and not self.names[0]:
            yield "IOM-W121: the first column has no name and numbers the rows; it is left out"
        if hidden.any():
            what = counted(int(hidden.sum()), "[row is hidden and is|rows are hidden and are]")
            yield (
                f"IOM-W122: {what} read like the others{self.at(hidden)}; "
                'set drop_rows = ["hidden"] to leave hidden rows out'
            )
        unseen = [echo(name) for k, name in enumerate(self.names) if name and k in hidden_columns]
        if unseen:
            what = f"{'columns' if len(unseen) > 1 else 'column'} {listed(unseen)}"
            yield f"IOM-W125: {what}: hidden in the workbook, and read like the others"
        for k, count in sorted(self.merged.items()):
            if k < len(self.names) and self.names[k]:
                what = counted(count, "[cell is part of a merged one and has|cells are parts of merged ones and have]")
                yield f"IOM-W123: column {echo(self.names[k])}: {what} the value of the first"
        heads = sum(bool(INVISIBLE.search(name)) for name in self.names)
        if heads:
            what = "[name of a column holds|names of columns hold] characters that cannot be seen"
            yield f"IOM-W124: {counted(heads, what)}"
        for name, cells, texts in zip(self.names, self.by_column, self.texts, strict=True):
            odd = () if all(map(str.isascii, texts)) else {text for text in texts if INVISIBLE.search(text)}
            if name and odd:
                what = counted(sum(cell in odd for cell in cells), "[cell holds|cells hold]")
                yield f"IOM-W124: column {echo(name)}: {what} characters that cannot be seen"


def _uneven(row: int, cells: int, width: int) -> InputError:
    return InputError("IOM-E005", f"row {row} has {counted(cells, '[cell|cells]')}, expected {width}")


def _plain(cell: Any) -> Any:
    return cell if cell is UNWORKED else plain(cell)


def _worked_out(cells: Sequence[Any]) -> list[Any]:
    """Return cells with nothing in the place of a formula without its value."""
    return [None if cell is UNWORKED else cell for cell in cells]


def _head(cell: Any) -> str:
    return "" if cell is None or cell is UNWORKED else str(cell).strip()
