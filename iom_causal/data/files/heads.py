"""Names of columns from the rows above a table, and whether such a row holds names or a person's cells."""

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from iom_causal.data.files.sheet import Limits
from iom_causal.errors import InputError
from iom_causal.panel.columns import check_once

_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,15})?")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([ T][0-9:.]+)?|\d\d?[/.-]\d\d?[/.-]\d{2,4}")
_UNNAMED = re.compile(r"(Unnamed: ?\d+)?")
"""The head of a column without one, as pandas writes it again."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
ALIKE = 0.75
"""The share of a column's cells that are of one kind where the others are faults."""

PEOPLE_ON_TOP = (
    "the first row holds numbers, dates or ids where the names of the columns are expected; if the file has no names, "
    "put a row of them on top or set header_rows = 0, and if they stand further down, set skip_rows = the number of "
    "rows above them"
)


def named_columns(heads: Sequence[Sequence[str]], sample: Sequence[Sequence[Any]], limits: Limits) -> tuple[str, ...]:
    """Return the names of columns from the rows of a header; a column of row numbers has an empty one.

    Parameters
    ----------
    heads : sequence of rows
        The header, of no, one or two rows.
    sample : sequence of rows
        The first rows below it.
    limits : Limits
        What a file may hold.

    Raises
    ------
    InputError
        IOM-E001 where a name is empty or the row is a person's, IOM-E008 where one occurs twice, IOM-E011 with too
        many.

    Examples
    --------
    >>> named_columns([["", "arrests", ""], ["id", "before", "after"]], [["a1", 3, 2]], Limits())
    ('id', 'arrests before', 'arrests after')
    """
    if not heads:
        width = max((len(row) for row in sample), default=0)
        return headed([f"column {k + 1}" for k in range(width)], limits, FURTHER_DOWN)
    names = joined(*heads) if len(heads) > 1 else list(heads[0])
    if is_person(heads[-1], [row for row in sample if [_text(cell) for cell in row] != list(heads[-1])]):
        raise InputError("IOM-E001", PEOPLE_ON_TOP)
    if names and _UNNAMED.fullmatch(names[0]) and _counts_rows([row[:1] for row in sample]):
        return ("", *headed(names[1:], limits, FURTHER_DOWN))
    return headed(names, limits, FURTHER_DOWN)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return one name a column from a header of two rows: the upper goes on until the next.

    Raises
    ------
    InputError
        IOM-E001 where the upper row is a title.
    """
    if len({cell for cell in upper if cell}) == 1 and upper[0]:
        raise InputError("IOM-E001", "the upper row of the header is a title; set skip_rows = the rows of titles")
    names, group = [], ""
    merged = any(a and a == b for a, b in pairwise(upper))  # then each cell has its own
    for k in range(max(len(upper), len(lower))):
        above = upper[k] if k < len(upper) else ""
        group = above if above or merged else group
        below = lower[k] if k < len(lower) else ""
        names.append(f"{group} {below}".strip() if below or above else "")
    return names


class HeadAdvice(NamedTuple):
    """What to do about names of columns that are empty, or that occur twice."""

    empty: str
    twice: str


FURTHER_DOWN = HeadAdvice(
    "if the header is further down, set skip_rows = the number of rows above it; if it has two rows, set "
    "header_rows = 2",
    "for a head of two rows set header_rows = 2",
)
"""Advice where the names stand in rows of the file."""
APART = HeadAdvice("name every column in the program that wrote the file", "")
"""Advice where a file holds the names of its columns apart from its rows."""


def headed(names: Sequence[str], limits: Limits, advice: HeadAdvice = APART) -> tuple[str, ...]:
    """Check a row of column names.

    Raises
    ------
    InputError
        IOM-E001 where a head is empty, IOM-E008 where one occurs twice, IOM-E011 with too many.
    """
    names = list(names)
    while names and not names[-1]:
        names.pop()
    if not names:
        raise InputError("IOM-E001", "the file has no header; expected the names of the columns in its first row")
    empty = sum(not name for name in names)
    if empty:
        raise InputError(
            "IOM-E001",
            f"{empty} of {len(names)} columns have no name; {advice.empty}",
        )
    limits.check_shape(0, len(names))
    check_once(names, advice.twice)
    return tuple(names)


def is_person(head: Sequence[str], sample: Sequence[Sequence[Any]]) -> bool:
    """Return whether a row in the place of a header is a person's: its cells are such as stand below them.

    Years, dates alone, and numbers that count on as those of months do, may be names of columns.

    Examples
    --------
    >>> is_person(["P000", "5", "3"], [["P001", "4", "2"]]), is_person(["urn", "2019"], [["P001", "4"]])
    (True, False)
    """
    numbers = [float(cell.replace(",", ".")) for cell in head if _NUMBER.fullmatch(cell)]
    outside = [x for x in numbers if not FIRST_YEAR <= x <= LAST_YEAR]
    counts_on = len(outside) > 2 and all(b - a == 1 for a, b in pairwise(outside))
    dated = sum(bool(_DATE.fullmatch(cell)) for cell in head)
    if outside and 2 * (len(outside) + dated) >= sum(map(bool, head)) and not counts_on:
        return True
    named = not outside or counts_on
    fits = [_fits(cell, [row[k] for row in sample if k < len(row)], named=named) for k, cell in enumerate(head)]
    return 0 < fits.count(True) >= fits.count(False)


def _fits(head: str, cells: Sequence[Any], *, named: bool) -> bool | None:
    """Whether a head is one of the cells below it; None where nothing tells. Numbers may be `named` columns."""
    held = [cell for cell in cells if cell is not None]
    kind, kinds = shape(head), [shape(cell) for cell in held]
    if not head or not held or (kind == "9" and named):
        return None
    alike = kinds.count(kind) / len(held)
    if re.search(r"[a-z]", kind) and not re.search(r"\d", kind):  # words may stand over words
        again = 2 * len(set(map(str, held))) <= len(held) and head.casefold() in {str(c).casefold() for c in held}
        return True if again else False if alike < 1 - ALIKE else None
    return alike >= ALIKE if alike >= ALIKE or alike <= 1 - ALIKE else None


def shape(cell: Any) -> str:
    """Return what a cell looks like: letters as one a, digits as one 9; numbers and dates of any form alike.

    Examples
    --------
    >>> [shape(cell) for cell in ("P0012", "South area", 3.5, "-12", "01/04/2019")]
    ['a9', 'a a', '9', '9', 'date']
    """
    if isinstance(cell, dt.date):
        return "date"
    text = str(cell)
    if _NUMBER.fullmatch(text):
        return "9"
    if _DATE.fullmatch(text):
        return "date"
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", text))


def _counts_rows(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether cells count rows from 0 or 1."""
    cells = [str(row[0]).removesuffix(".0") if row and row[0] is not None else "" for row in rows]
    return bool(cells) and any(cells == [str(k + first) for k in range(len(cells))] for first in (0, 1))
