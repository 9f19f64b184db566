"""Rows of a table that are no people: headings and notes in one cell, names of columns again, and sums."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.data.files.cells import is_sum, number_or_none
from iom_causal.data.files.heads import shape
from iom_causal.data.files.reading import DROP_ROWS, Reading
from iom_causal.errors import InputError

type Mask = NDArray[np.bool_]

CLOSE = 1e-9
"""Of sums of decimals."""
SUMMED = 10
"""Of fewer rows one that has an id may well have as many as all others together."""


class Retained(NamedTuple):
    """Rows of a table that are retained, and how many were excluded as no people, by the first reason that applies."""

    rows: Mask
    dropped: dict[str, int]


def without(
    rows: Sequence[Sequence[Any]], how: Reading, one_cell: Mask, hidden: Mask, at: Callable[[Mask], str]
) -> Retained:
    """Exclude the rows that a reading leaves out, and refuse those of one cell where it says nothing of them.

    Parameters
    ----------
    rows : sequence of rows
        Below the header.
    how : Reading
        Which rows are left out.
    one_cell, hidden : ndarray
        Which rows are headings or notes, as `headings` has them, and which the file does not show.
    at : callable
        From a mask to the numbers of its rows, for the message.

    Raises
    ------
    InputError
        IOM-E016 for rows of one cell.
    """
    if one_cell.any() and "headings" not in how.drop_rows:
        raise InputError("IOM-E016", _no_people(at(one_cell), int(one_cell.sum())))
    kinds = {"headings": one_cell, "hidden": hidden}
    if "totals" in how.drop_rows:
        kinds["totals"] = totals(rows)
    left, dropped = np.ones(len(one_cell), dtype=np.bool_), {}
    for kind in (kind for kind in DROP_ROWS if kind in how.drop_rows):
        dropped[kind] = int((left & kinds[kind]).sum())
        left &= ~kinds[kind]
    return Retained(left, dropped)


def _no_people(where: str, rows: int) -> str:
    what = counted(rows, "[row holds one cell and is|rows hold one cell each and are] no people")
    return (
        f"{what}{where}, such as headings between groups or notes below the table; "
        'set drop_rows = ["headings"] to leave them out'
    )


def headings(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> Mask:
    """Return which rows hold one cell that is no id, or the names of the columns again.

    Examples
    --------
    >>> headings([["South", None], ["a1", 5], ["a2", None], ["id", "n"]], ["id", "n"]).tolist()
    [True, False, False, True]
    """
    if len(names) < 2:
        return np.zeros(len(rows), dtype=np.bool_)
    filled = [len(cells) - cells.count(None) for cells in rows]
    again = [_are_names(cells, names) for cells in rows]
    found = np.array(again, dtype=np.bool_)
    alone = {r: k for r, number in enumerate(filled) if number == 1 and (k := _first(rows[r])) is not None}
    shapes = {
        k: {shape(cells[k]) for cells, n, head in zip(rows, filled, again, strict=True) if n > 1 and not head}
        for k in set(alone.values())
    }
    for r, k in alone.items():
        found[r] |= _is_no_id(rows[r][k], shapes[k], len(names))
    return found


def totals(rows: Sequence[Sequence[Any]]) -> Mask:
    """Return which rows are sums: the first cell says so, or all others are the sums of the rest of their columns.

    Examples
    --------
    >>> totals([["a1", 5, 2], ["a2", 1, 1], ["Total", 6, 3], [None, 12, 6]]).tolist()
    [False, False, True, True]
    """
    found, sums = np.zeros(len(rows), dtype=np.bool_), _Sums(rows)
    firsts = [_first(cells) for cells in rows]
    said = {cell for cell in {cells[k] for k, cells in zip(firsts, rows, strict=True) if k is not None} if is_sum(cell)}
    for r, (cells, first) in enumerate(zip(rows, firsts, strict=True)):
        if first is None:
            continue
        if cells[first] in said:
            found[r] = True
        elif first > 0 or len(rows) >= SUMMED:
            later = range(max(first, 1), len(cells))
            counts = [k for k in later if cells[k] is not None]
            found[r] = len(counts) > 1 and all(sums.hold(k, cells[k]) for k in counts)
    return found


def _first(cells: Sequence[Any]) -> int | None:
    """Return where the first cell of a row stands that holds something."""
    return next((k for k, cell in enumerate(cells) if cell is not None), None)


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
    """Whether cells are the names of their columns, as a row of a table seldom begins to be."""
    if len(cells) != len(names):
        return False
    return all(("" if cell is None else str(cell).strip()) == name for cell, name in zip(cells, names, strict=True))
