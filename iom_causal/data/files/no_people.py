"""Rows of a table that are no people: headings and notes in one cell, names of columns again, and sums."""

import re
from collections.abc import Callable, Iterator, Sequence
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
        kinds["totals"] = totals(list(zip(*rows, strict=True)))
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
    firsts = {cell for cell in {cells[0] for cells in rows if cells} if _is_name(cell, names[0])}
    again = [bool(cells) and cells[0] in firsts and _are_names(cells, names) for cells in rows]
    found = np.array(again, dtype=np.bool_)
    alone = {r: k for r, number in enumerate(filled) if number == 1 and (k := _first(rows[r])) is not None}
    shapes = {
        k: {shape(cells[k]) for cells, n, head in zip(rows, filled, again, strict=True) if n > 1 and not head}
        for k in set(alone.values())
    }
    for r, k in alone.items():
        found[r] |= _is_no_id(rows[r][k], shapes[k], len(names))
    return found


def totals(columns: Sequence[Sequence[Any]]) -> Mask:
    """Return which rows are sums: the first cell says so, or all others are the sums of the rest of their columns.

    Examples
    --------
    >>> totals([["a1", "a2", "Total", None], [5, 1, 6, 12], [2, 1, 3, 6]]).tolist()
    [False, False, True, True]
    """
    names, *others = columns or [()]
    rows = len(names)
    firsts = list(names)
    for k in [r for r in range(rows) if firsts[r] is None]:
        firsts[k] = next((cells[k] for cells in others if cells[k] is not None), None)
    said = {cell for cell in set(firsts) if is_sum(cell)}
    found = np.array([cell in said for cell in firsts], dtype=np.bool_)
    left = [r for r in range(rows) if rows >= SUMMED or names[r] is None]
    held = dict.fromkeys(left, 0)
    for cells in others:
        sums = set(_sums(cells, {cells[r] for r in left}))
        left = [r for r in left if cells[r] is None or cells[r] in sums]
        for r in left:
            held[r] += cells[r] is not None
    found[[r for r in left if held[r] > 1]] = True
    return found


def _sums(column: Sequence[Any], cells: set[Any]) -> Iterator[Any]:
    """Yield the cells that are the sum of all others of their column."""
    numbers = {cell: number for cell in cells if (number := number_or_none(cell))}
    whole = sum(number_or_none(cell) or 0 for cell in column) if numbers else 0
    yield from (cell for cell, number in numbers.items() if abs(whole - 2 * number) <= CLOSE * abs(number))


def _first(cells: Sequence[Any]) -> int | None:
    """Return where the first cell of a row stands that holds something."""
    return next((k for k, cell in enumerate(cells) if cell is not None), None)


def _is_no_id(cell: Any, shapes: set[str], columns: int) -> bool:
    """Whether a cell alone in its row is of another shape than all others of its column, or words in a wider table."""
    return shape(cell) not in shapes or (columns > 2 and not re.search(r"\d", str(cell)))


def _are_names(cells: Sequence[Any], names: Sequence[str]) -> bool:
    """Whether cells are the names of their columns, as a row of a table seldom begins to be."""
    if len(cells) != len(names):
        return False
    return all(map(_is_name, cells, names))


def _is_name(cell: Any, name: str) -> bool:
    return ("" if cell is None else str(cell).strip()) == name
