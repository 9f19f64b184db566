"""Row references and advice in error messages about a table, in the terms of whoever gave it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.formats import counted, listed
from iom_causal.errors import InputError

SHOWN = 5
"""The most rows that a message names."""


def named(rows: Sequence[int], noun: str) -> str:
    """Return row numbers for a message: the first few, and how many more.

    Examples
    --------
    >>> named([4], "row"), named(range(8), "position")
    (' (row 4)', ' (positions 0, 1, 2, 3, 4 and 3 more)')
    """
    texts = [str(row) for row in rows[:SHOWN]]
    more = [f"{len(rows) - SHOWN:,} more"] if len(rows) > SHOWN else []
    return f" ({noun}{'s' if len(rows) > 1 else ''} {listed([*texts, *more])})" if len(rows) else ""


def positions(faulty: ArrayLike) -> str:
    """Return the positions of faulty rows, counted from 0 as by ``iloc``: labels of an index may be ids.

    Examples
    --------
    >>> positions([False, True])
    ' (position 1)'
    """
    return named(np.flatnonzero(faulty).tolist(), "position")


def nowhere(_faulty: NDArray[np.bool_]) -> str:
    """Return no row reference, as for a block of values whose rows have no number."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Wording of errors about a table, its rows, columns and advice; never a value or an id.

    Parameters
    ----------
    rows : callable
        From a mask of faulty rows to words such as ``" (row 4)"``; by default their positions.
    column : callable
        From the name of an outcome's column to the subject of the message.
    empty : str
        The predicate of cells without a value, in singular and plural.
    keep : str
        What to do about people without a value.
    once : str
        What to do about people with several rows in a wide table.

    Examples
    --------
    >>> import numpy as np
    >>> lines = np.array([2, 3, 7])  # the rows of a file
    >>> where = Where(rows=lambda faulty: named(lines[faulty].tolist(), "row"))
    >>> where.refuse("IOM-E030", "arrests", np.array([False, False, True]), "[value is|values are] negative")
    Traceback (most recent call last):
        ...
    iom_causal.errors.InputError: IOM-E030: arrests: 1 value is negative (row 7)
    """

    rows: Callable[[NDArray[np.bool_]], str] = positions
    column: Callable[[str], str] = str
    empty: str = "[value is|values are] missing"
    keep: str = 'missing = "keep" keeps these people and says so'
    once: str = "expected one row each"

    def refuse(self, code: str, about: str, faulty: NDArray[np.bool_], what: str, todo: str = "") -> None:
        """Refuse a table for some of its rows, if any: about what, how many, which, and what to do.

        Raises
        ------
        InputError
            With the code given.
        """
        if faulty.any():
            advice = f"; {todo}" if todo else ""
            raise InputError(code, f"{about}: {counted(int(faulty.sum()), what)}{self.rows(faulty)}{advice}")


AT_POSITIONS, NOWHERE = Where(), Where(rows=nowhere)
