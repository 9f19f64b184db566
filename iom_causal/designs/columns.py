"""Columns over simulated replicates: what one block of them leaves, checked, joined and digested."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError, echo

type Column = NDArray[Any]
type Columns = dict[str, Column]
"""Name -> one value a replicate, `"replicate"` first."""

REPLICATE = "replicate"
KINDS = ("float64", "int64", "int16", "bool")


def checked(columns: Columns, numbers: NDArray[np.int64] | None = None) -> Columns:
    """Check the columns of a block, and write every value that is not a number as the same bytes.

    Parameters
    ----------
    columns : dict of str to array
        As a block leaves them.
    numbers : (R,) int64, optional
        The replicates that were asked for, ascending.

    Raises
    ------
    InputError
        IOM-E037 where arrays are of other lengths, kinds or replicates; IOM-E039 for two names alike.

    Examples
    --------
    >>> checked({"replicate": np.arange(2), "truth/ATT": np.array([0.5, -np.nan])})["truth/ATT"]
    array([0.5, nan])
    """
    if next(iter(columns), None) != REPLICATE or columns[REPLICATE].dtype != np.int64:
        raise InputError("IOM-E037", "columns of a block: expected 'replicate' first, in whole numbers of 64 bits")
    rows = columns[REPLICATE]
    if len({name.casefold() for name in columns}) < len(columns):
        raise InputError("IOM-E039", "columns of a block: two have one name, capitals aside; rename an answer")
    for name, column in columns.items():
        if column.shape != (rows.size,) or column.dtype.name not in KINDS:
            raise InputError(
                "IOM-E037",
                f"column {echo(name)}: expected {rows.size} values of {', '.join(KINDS)}, got {column.shape} of "
                f"{column.dtype}",
            )
    if np.any(np.diff(rows) <= 0) or (numbers is not None and not np.array_equal(rows, numbers)):
        raise InputError("IOM-E037", "columns of a block: expected the replicates asked for, each once, in order")
    return {name: _canonical(column) for name, column in columns.items()}


def joined(blocks: Iterable[Columns]) -> Columns:
    """Concatenate blocks in the order in which they come.

    Raises
    ------
    InputError
        IOM-E037 where there are none, or names or kinds differ.

    Examples
    --------
    >>> joined([{"replicate": np.array([0, 1])}, {"replicate": np.array([2])}])
    {'replicate': array([0, 1, 2])}
    """
    parts = list(blocks)
    if not parts:
        raise InputError("IOM-E037", "blocks of columns: expected one at least, got none")
    for part in parts[1:]:
        check_alike(part, parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def check_alike(columns: Columns, first: Columns) -> None:
    """Refuse a block whose names, in their order, or kinds are not those of the first one.

    Raises
    ------
    InputError
        IOM-E037, naming what differs.

    Examples
    --------
    >>> check_alike({"replicate": np.array([1])}, {"replicate": np.array([0])})
    """
    kinds, expected = ({name: column.dtype for name, column in c.items()} for c in (columns, first))
    if list(kinds.items()) != list(expected.items()):
        strange = sorted(name for name, _ in kinds.items() ^ expected.items()) or ["their order"]
        raise InputError("IOM-E037", f"blocks of columns that differ in {echo(', '.join(strange))} cannot be joined")


def chosen(columns: Columns, numbers: NDArray[np.int64]) -> Columns:
    """Select the rows of some replicates, in the order asked for.

    Raises
    ------
    InputError
        IOM-E037 where one is not there.

    Examples
    --------
    >>> chosen({"replicate": np.array([2, 0, 1]), "seen": np.array([5.0, 3.0, 4.0])}, np.array([0, 2]))["seen"]
    array([3., 5.])
    """
    there = columns[REPLICATE]
    order = np.argsort(there, kind="stable")
    place = np.minimum(np.searchsorted(there, numbers, sorter=order), max(there.size - 1, 0))
    if numbers.size and (not there.size or np.any(there[order[place]] != numbers)):
        raise InputError("IOM-E037", "rows of columns: a replicate that was asked for is not there")
    return {name: column[order[place]] for name, column in columns.items()}


def digest(columns: Columns) -> str:
    """SHA-256 of columns: names, kinds and bytes in order of replicate, whatever file they came from.

    Examples
    --------
    >>> one = {"replicate": np.array([0, 1]), "seen": np.array([3.0, 4.0])}
    >>> digest(one) == digest({name: column[::-1] for name, column in one.items()})
    True
    """
    order = np.argsort(columns[REPLICATE], kind="stable")
    total = hashlib.sha256()
    for name in sorted(columns):
        column = _canonical(columns[name][order])
        total.update(f"{len(name.encode())} {name} {column.dtype.name} {column.size}\n".encode())
        total.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).tobytes())
    return total.hexdigest()


def _canonical(column: Column) -> Column:
    """Give all that is not a number one sign and payload, in which processors differ."""
    if column.dtype != np.float64 or not (unknown := np.isnan(column)).any():
        return column
    return np.where(unknown, np.nan, column)
