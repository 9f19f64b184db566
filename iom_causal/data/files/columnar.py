"""Columns of a file that has types and names of its own to a table, without the rows that are no people."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from iom_causal.data.files.no_people import headings, totals
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import CellArray, Sheet


def sheet_of(columns: Mapping[str, CellArray], how: Reading, **rest: Any) -> Sheet:
    """Return a table without the rows in which every cell is empty, and those that the reading leaves out.

    Examples
    --------
    >>> sheet_of({"id": np.array(["a", None], dtype=object), "n": np.array([1, np.nan])}, Reading()).rows
    1
    """
    rows = len(next(iter(columns.values()), ()))
    left = np.zeros(rows, dtype=np.bool_)
    for cells in columns.values():
        left |= [cell is not None for cell in cells] if cells.dtype == object else ~np.isnan(cells)
    blank, dropped = int((~left).sum()), {}
    if how.drop_rows:
        people = [list(row) for row in zip(*(cells.tolist() for cells in columns.values()), strict=True)]
        kinds = {"headings": headings(people, tuple(columns)), "totals": totals(people)}
        for kind in (kind for kind in how.drop_rows if kind in kinds):
            dropped[kind] = int((kinds[kind] & left).sum())
            left &= ~kinds[kind]
    return Sheet(
        columns=columns if left.all() else {name: cells[left] for name, cells in columns.items()},
        rows=int(left.sum()),
        blank=blank,
        dropped=dropped,
        lines=1 + np.flatnonzero(left),
        **rest,
    )
