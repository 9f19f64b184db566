"""Rows of a table that are no people: headings and notes in one cell, names of columns again, and sums."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.files.cells import is_sum, number_or_none
from iom_causal.data.files.heads import shape

CLOSE = 1e-9
"""Of sums of decimals."""
SUMMED = 10
"""Of fewer rows one that has an id may well have as many as all others together."""


def headings(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> NDArray[np.bool_]:
    """Return which rows hold one cell that is no id, or the names of the columns again.

    Examples
    --------
    >>> headings([["South", None], ["a1", 5], ["a2", None], ["id", "n"]], ["id", "n"]).tolist()
    [True, False, False, True]
    """
    if len(names) < 2:
        return np.zeros(len(rows), dtype=np.bool_)
    filled = [[k for k, cell in enumerate(cells) if cell is not None] for cells in rows]
    again = [_are_names(cells, names) for cells in rows]
    shapes = {
        k: {shape(cells[k]) for cells, at, head in zip(rows, filled, again, strict=True) if len(at) > 1 and not head}
        for k in {at[0] for at in filled if len(at) == 1}
    }
    found = [
        (len(at) == 1 and _is_no_id(cells[at[0]], shapes[at[0]], len(names))) or head
        for cells, at, head in zip(rows, filled, again, strict=True)
    ]
    return np.array(found, dtype=np.bool_)


def totals(rows: Sequence[Sequence[Any]]) -> NDArray[np.bool_]:
    """Return which rows are sums: the first cell says so, or all others are the sums of the rest of their columns.

    Examples
    --------
    >>> totals([["a1", 5, 2], ["a2", 1, 1], ["Total", 6, 3], [None, 12, 6]]).tolist()
    [False, False, True, True]
    """
    found, sums = np.zeros(len(rows), dtype=np.bool_), _Sums(rows)
    for r, cells in enumerate(rows):
        filled = [k for k, cell in enumerate(cells) if cell is not None]
        if filled and is_sum(cells[filled[0]]):
            found[r] = True
        elif filled and (filled[0] > 0 or len(rows) >= SUMMED):
            counts = filled if filled[0] > 0 else filled[1:]
            found[r] = len(counts) > 1 and all(sums.hold(k, cells[k]) for k in counts)
    return found


class _Sums:
    """Sums of the columns of a table, each worked out once."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = rows
        self.known: dict[int, float] = {}

    def hold(self, k: int, cell: Any) -> bool:
        """Whether a cell of a column is the sum of all others there."""
        total = number_or_none(cell)
        if not total:
            return False
        if k not in self.known:
            self.known[k] = sum(number_or_none(row[k]) or 0 for row in self.rows)
        return abs(self.known[k] - 2 * total) <= CLOSE * abs(total)


def _is_no_id(cell: Any, shapes: set[str], columns: int) -> bool:
    """Whether a cell alone in its row is of another shape than all others of its column, or words in a wider table."""
    return shape(cell) not in shapes or (columns > 2 and not re.search(r"\d", str(cell)))


def _are_names(cells: Sequence[Any], names: Sequence[str]) -> bool:
    return ["" if cell is None else str(cell).strip() for cell in cells] == list(names)
