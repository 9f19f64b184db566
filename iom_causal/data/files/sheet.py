"""Unvalidated table of cells, as it was read from a file, and the limits within which files are read."""

import datetime as dt
import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import EMPTY, nearest
from iom_causal.errors import InputError, echo
from iom_causal.panel.where import named

type CellArray = NDArray[Any]
EPOCH = dt.date(1899, 12, 30)
"""Day 0 of spreadsheets, with their leap year 1900."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper limits on a file's rows, columns, bytes and cells, checked before anything is unpacked.

    Parameters
    ----------
    rows, columns : int
        Of the table.
    size : int
        Bytes, unpacked.
    ratio : int
        Bytes unpacked over bytes packed.
    cell : int
        Characters of one cell.
    empty : int
        Cells without a value that are looked at in empty rows and beside the table.
    """

    rows: int = 5_000_000
    columns: int = 2_000
    size: int = 2 * 2**30
    ratio: int = 200
    cell: int = 64 * 2**10
    empty: int = 10**6

    def check_shape(self, rows: int, columns: int) -> None:
        """Refuse a table of more rows or columns."""
        if columns > self.columns:
            raise InputError("IOM-E011", f"expected at most {self.columns:,} columns, got {columns:,}")
        if rows > self.rows:
            raise InputError("IOM-E012", f"expected at most {self.rows:,} rows, got {rows:,}")

    def check_empty(self, cells: int) -> None:
        """Refuse a sheet of which far more cells are empty than hold the table."""
        if cells > self.empty:
            raise InputError(
                "IOM-E012",
                f"the sheet has more than {self.empty:,} cells without a value in empty rows or beside the table; "
                "delete the rows below it and the columns to its right, or save it as .csv",
            )

    def check_size(self, packed: int, unpacked: int) -> None:
        """Refuse a file that unpacks to more bytes, or to far more than it holds."""
        if unpacked > self.size or (unpacked > 2**24 and unpacked > self.ratio * max(packed, 1)):
            raise InputError(
                "IOM-E012",
                f"the file unpacks to more than {self.size // 2**30} GiB or {self.ratio} times its size; "
                "save only the columns that are needed",
            )


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sheet:
    """Columns of unconverted cells, with value labels, declared missing ranges and row numbers.

    Parameters
    ----------
    columns : mapping of str to ndarray
        Numbers, or objects that are text, numbers, dates or None.
    rows : int
        How many there are.
    labels : mapping
        For a column, the words that stand for its codes.
    missing : mapping
        For a column, the ranges of values that the file itself declares as missing.
    blank : int
        Empty rows that were left out.
    dropped : mapping of str to int
        Rows that were left out as no people, by what they are.
    hidden : int
        Rows that are read though the workbook does not show them.
    notes : tuple of str
        What the user may not have seen on opening the file, or is not read as it stands there.
    epoch : date
        Day 0 of dates that are plain numbers.
    lines : ndarray, optional
        Which row of the file each is, as its own program counts them; by default from 1.

    Examples
    --------
    >>> Sheet(columns={"id": np.array(["a", "b"], dtype=object)}, rows=2)
    Sheet(2 rows, 1 columns)
    """

    columns: Mapping[str, CellArray]
    rows: int
    labels: Mapping[str, Mapping[Any, str]] = EMPTY
    missing: Mapping[str, tuple[tuple[float, float], ...]] = EMPTY
    blank: int = 0
    dropped: Mapping[str, int] = EMPTY
    hidden: int = 0
    notes: tuple[str, ...] = ()
    epoch: dt.date = EPOCH
    lines: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            raise InputError("IOM-E001", "the file has no header")
        if self.rows == 0:
            raise InputError("IOM-E002", "the file has a header and 0 rows")

    def __getitem__(self, name: str) -> CellArray:
        if name in self.columns:
            return self.columns[name]
        if any(_visible(name) == _visible(other) for other in self.columns):
            raise InputError(
                "IOM-E009",
                f"no column {echo(name)}; one that looks the same holds an invisible character: retype its head",
            )
        raise InputError("IOM-E009", f"no column {echo(name)}; {_like(name, self.columns)}")

    def where(self, keep: NDArray[np.bool_]) -> "Sheet":
        """Return some of the rows.

        Raises
        ------
        InputError
            IOM-E061 when none is left.
        """
        if not keep.any():
            raise InputError("IOM-E061", "no rows are left after the filters; look at [[study.extract.filters]]")
        return replace(
            self,
            columns={name: cells[keep] for name, cells in self.columns.items()},
            rows=int(keep.sum()),
            lines=self.row_numbers[keep],
        )

    def beside(self, other: "Sheet", mark: str) -> "Sheet":
        """Return the rows of two tables with the same columns, those of the second after a column that marks the first.

        Raises
        ------
        InputError
            IOM-E009 for a column that only one of them has.

        Examples
        --------
        >>> first, second = (Sheet(columns={"n": np.array([k])}, rows=1) for k in (1, 2))
        >>> both = first.beside(second, "managed")
        >>> both["n"].tolist(), both["managed"].tolist()
        ([1, 2], [True, False])
        """
        both = self.above(other, "the others")
        return replace(both, columns={**both.columns, mark: np.arange(both.rows) < self.rows})

    def above(self, other: "Sheet", name: str) -> "Sheet":
        """Return the rows of two tables with the same columns, those of the second numbered as of its name.

        Raises
        ------
        InputError
            IOM-E009 for a column that only one of them has.

        Examples
        --------
        >>> first, second = (Sheet(columns={"n": np.array([k])}, rows=1) for k in (1, 2))
        >>> both = first.above(second, "'East'")
        >>> both["n"].tolist(), both.at([False, True])
        ([1, 2], " (row 1 of 'East')")
        """
        alone = [name for name in self.columns if name not in other.columns]
        alone += [name for name in other.columns if name not in self.columns]
        if alone:
            raise InputError(
                "IOM-E009",
                f"expected the same columns in both tables; {counted(len(alone), '[is|are]')} in one of them only",
            )
        return replace(
            self,
            columns={name: _end_to_end(cells, other.columns[name]) for name, cells in self.columns.items()},
            rows=self.rows + other.rows,
            labels={**other.labels, **self.labels},
            missing={**other.missing, **self.missing},
            blank=self.blank + other.blank,
            dropped={k: self.dropped.get(k, 0) + other.dropped.get(k, 0) for k in {**self.dropped, **other.dropped}},
            hidden=self.hidden + other.hidden,
            notes=tuple(dict.fromkeys([*self.notes, *other.notes])),
            lines=np.array([*self.row_numbers, *(f"{row} of {name}" for row in other.row_numbers)], dtype=object),
        )

    def with_column(self, name: str, text: str) -> "Sheet":
        """Return the table with a column of one text in every row, where it has none of that name."""
        return replace(self, columns={name: np.full(self.rows, text, dtype=object), **self.columns})

    @property
    def row_numbers(self) -> NDArray[Any]:
        """Which row of the file each is, for messages."""
        return np.arange(1, self.rows + 1) if self.lines is None else self.lines

    def at(self, where: ArrayLike) -> str:
        """Return row numbers of the file for a message: the first few rows of a mask, and how many more.

        Examples
        --------
        >>> sheet = Sheet(columns={"n": np.arange(9)}, rows=9)
        >>> sheet.at(sheet["n"] == 3), sheet.at(sheet["n"] < 8)
        (' (row 4)', ' (rows 1, 2, 3, 4, 5 and 3 more)')
        """
        return named(self.row_numbers[np.asarray(where, dtype=np.bool_)].tolist(), "row")

    def __repr__(self) -> str:
        return f"Sheet({self.rows} rows, {len(self.columns)} columns)"


def _like(name: str, heads: Mapping[str, CellArray]) -> str:
    """Return the header nearest to a name, or how many there are: not all, for they may be a person's cells."""
    if difflib.get_close_matches(name, heads, n=1):
        return nearest(name, heads)
    return (
        f"none of the {len(heads)} names in its head is like it; look at its first row, and at skip_rows where other "
        "rows stand above that"
    )


def _end_to_end(first: CellArray, second: CellArray) -> CellArray:
    """Return cells of two columns, as they stand where one holds numbers and the other does not."""
    if first.dtype.kind == second.dtype.kind:
        return np.concatenate([first, second])
    cells = [None if cell != cell else cell for cell in (*first.tolist(), *second.tolist())]  # noqa: PLR0124 not a number
    return np.array(cells, dtype=object)


def _visible(name: str) -> str:
    """Return a name without what cannot be seen, spaces as one space."""
    plain = "".join(" " if c.isspace() else c for c in name if unicodedata.category(c) not in ("Cf", "Cc"))
    return " ".join(plain.split()).casefold()
