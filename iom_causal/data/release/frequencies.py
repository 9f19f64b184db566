"""Frequency tables of people by one variable or two, and the linear relations between their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError

Cell = frozenset[tuple[str, str]]
"""Cell of a frequency table: the level of each variable that it is restricted to; the total has none."""
TOTAL: Cell = frozenset()


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Frequency table of people by one or two variables.

    Tables of one report describe the same people. Those who are part of them, such as people followed up,
    are a level of a variable: then those left over are a cell as well, and guarded.

    Parameters
    ----------
    variables : tuple of str
        One name or two: of the rows, and of the columns.
    levels : tuple of tuple of str
        The categories of each.
    counts : ndarray of int
        People, (rows,) or (rows, columns).
    structural : ndarray of bool, optional
        Zeros that cannot be otherwise.

    Examples
    --------
    >>> Frequencies.of({"age": ["18-24", "25+", "25+"], "group": ["managed", "managed", "other"]}).counts.tolist()
    [[1, 0], [1, 1]]
    """

    variables: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    counts: NDArray[np.int64]
    structural: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        shape = np.shape(self.counts)
        if shape != tuple(len(names) for names in self.levels) or len(shape) != len(self.variables):
            raise InputError("IOM-E037", f"frequencies: counts of shape {shape} do not fit the levels given")
        if len(shape) not in (1, 2) or any(len(set(names)) < len(names) for names in (self.variables, *self.levels)):
            raise InputError("IOM-E039", "frequencies: expected one or two variables, and no level twice")
        for count in np.ravel(self.counts).tolist():
            check_count(count)
        if self.structural is not None and np.any(self.counts[self.structural]):
            raise InputError("IOM-E101", "frequencies: a cell that cannot hold anybody holds people")

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[str]]) -> "Frequencies":
        """Count people by the columns given, their levels in sorted order."""
        held = [[str(value) for value in column] for column in columns.values()]
        levels = tuple(tuple(sorted(set(column))) for column in held)
        counts = np.zeros([len(names) for names in levels], dtype=np.int64)
        for person in zip(*held, strict=True):
            counts[tuple(names.index(value) for names, value in zip(levels, person, strict=True))] += 1
        return cls(tuple(columns), levels, counts)

    def about(self, place: Sequence[int | None]) -> Cell:
        """Return the cell at a place in the table; None stands for all levels of a variable."""
        named = zip(self.variables, self.levels, place, strict=True)
        return frozenset((variable, names[i]) for variable, names, i in named if i is not None)

    def places(self) -> list[tuple[int | None, ...]]:
        """Return every place, the margins and the total last along each variable."""
        return list(product(*[[*range(size), None] for size in np.shape(self.counts)]))

    def cells(self) -> dict[Cell, int]:
        """Return every count by what it is about."""
        return {self.about(p): int(self.counts[_index(p)].sum()) for p in self.places()}

    def empty(self) -> set[Cell]:
        """Return cells that are structurally zero."""
        sure = self.structural
        return set() if sure is None else {self.about(p) for p in self.places() if np.all(sure[_index(p)])}

    def sums(self) -> list[tuple[Cell, tuple[Cell, ...]]]:
        """Return every whole with its parts."""
        shape = np.shape(self.counts)
        return [
            (self.about(p), tuple(self.about([*p[:axis], i, *p[axis + 1 :]]) for i in range(size)))
            for axis, size in enumerate(shape)
            for p in self.places()
            if p[axis] is None
        ]


def _index(place: Sequence[int | None]) -> tuple[int | slice, ...]:
    return tuple(slice(None) if i is None else i for i in place)


def merged(tables: Sequence[Frequencies]) -> dict[Cell, int]:
    """Merge the cells of several tables of the same people.

    Raises
    ------
    InputError
        IOM-E120 when two tables count the same people differently.
    """
    counts: dict[Cell, int] = {}
    for table in tables:
        for cell, n in table.cells().items():
            if counts.setdefault(cell, n) != n:
                raise InputError(
                    "IOM-E120",
                    "tables of one report count the same people differently; make the difference a level of a variable",
                )
    return counts


def relations(tables: Sequence[Frequencies], cells: Sequence[Cell]) -> NDArray[np.float64]:
    """Return the additivity constraints of all tables over the cells: 1 for a part, -1 for the whole."""
    sums = list(dict.fromkeys(pair for table in tables for pair in table.sums()))
    rows = np.zeros((len(sums), len(cells)))
    at = {cell: i for i, cell in enumerate(cells)}
    for row, (whole, parts) in zip(rows, sums, strict=True):
        row[at[whole]] = -1
        row[[at[part] for part in parts]] = 1
    return rows


def check_count(n: float) -> None:
    """Refuse what is not a number of people."""
    if isinstance(n, bool) or not float(n).is_integer():
        raise InputError("IOM-E031", "a number of people is not a whole number")
    if n < 0:
        raise InputError("IOM-E030", "a number of people is negative")
