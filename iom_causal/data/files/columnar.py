"""Columns of a file that has types and names of its own to a table, without the rows that are no people."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.files.no_people import Mask, headings, without
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import CellArray, Sheet
from iom_causal.panel.where import named


def sheet_of(columns: Mapping[str, CellArray], how: Reading, **rest: Any) -> Sheet:
    """Return a table without the rows in which every cell is empty, and those that the reading leaves out.

    Raises
    ------
    InputError
        IOM-E016 for rows that are no people, and not said to be.

    Examples
    --------
    >>> sheet_of({"id": np.array(["a", None], dtype=object), "n": np.array([1, np.nan])}, Reading()).rows
    1
    """
    filled = np.sum([_filled(cells) for cells in columns.values()], axis=0, dtype=np.int64)
    lines = 1 + np.flatnonzero(filled)
    held = _where(columns, filled > 0)
    rows = _rows(held) if how.drop_rows or (filled == 1).any() or _are_repeated(held) else []
    one_cell = headings(rows, tuple(held)) if rows else np.zeros(len(lines), dtype=np.bool_)
    left, dropped = without(
        rows, how, one_cell, np.zeros_like(one_cell), lambda mask: named(lines[mask].tolist(), "row")
    )
    return Sheet(
        columns=_where(held, left),
        rows=int(left.sum()),
        blank=len(filled) - len(lines),
        dropped=dropped,
        lines=lines[left],
        **rest,
    )


def _filled(cells: CellArray) -> Mask:
    return np.array([cell is not None for cell in cells], dtype=np.bool_) if cells.dtype == object else ~np.isnan(cells)


def _where(columns: Mapping[str, CellArray], keep: NDArray[np.bool_]) -> Mapping[str, CellArray]:
    return columns if keep.all() else {name: cells[keep] for name, cells in columns.items()}


def _rows(columns: Mapping[str, CellArray]) -> list[list[Any]]:
    """Return rows of cells, None where nothing stands."""
    cells = (
        [cell if filled else None for cell, filled in zip(held.tolist(), _filled(held), strict=True)]
        for held in columns.values()
    )
    return [list(row) for row in zip(*cells, strict=True)]


def _are_repeated(columns: Mapping[str, CellArray]) -> bool:
    """Whether the name of the first column stands in it again."""
    return any(cell == name for name, cells in list(columns.items())[:1] for cell in cells.tolist())
