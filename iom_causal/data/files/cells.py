"""Conversion of cells to numbers, ids and text: recognised, or refused with the key to set.

Messages name columns and numbers of cells; they never hold a cell.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import check_choice
from iom_causal.data.files.sheet import Sheet
from iom_causal.errors import InputError, SpecError, echo

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
"""Commas that may mark thousands."""
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
BOOLEANS = {"true": 1, "false": 0}
LARGEST = 2**53
"""The last whole number before a float skips some."""
_THROUGH_FLOAT = re.compile(r"[0-9]+\.0+|[0-9](\.[0-9]+)?[eE]\+?[0-9]+", re.ASCII)

type Missing = Sequence[str | float]


class Numbers(NamedTuple):
    """A column of numbers.

    Attributes
    ----------
    array : ndarray
        int64 when nothing is missing and all are whole, else float64 with NaN.
    coded : int
        How many cells held a code for missing.
    notes : tuple of str
        What a reader should know.
    """

    array: NDArray[Any]
    coded: int
    notes: tuple[str, ...] = ()


def numbers(sheet: Sheet, name: str, *, decimal: str = ".", missing: Missing = ()) -> Numbers:
    """Return a column as numbers.

    Parameters
    ----------
    sheet : Sheet
        The table.
    name : str
        Of the column.
    decimal : {".", ","}
        The mark of decimals in text.
    missing : sequence
        Codes that stand for no value, beside the empty cell and what the file itself declares.

    Raises
    ------
    InputError
        IOM-E031, E032, E033 or E035, with the number of cells and the key to set.

    Examples
    --------
    >>> sheet = Sheet(columns={"n": np.array(["3", "NA", None], dtype=object)}, rows=3)
    >>> numbers(sheet, "n", missing=["NA"])
    Numbers(array=array([ 3., nan, nan]), coded=1, notes=())
    """
    cells, codes = sheet[name], Codes(missing, sheet.missing.get(name, ()))
    if cells.dtype.kind == "b":
        return Numbers(cells.astype(np.int64), 0, (_boolean(name),))
    if cells.dtype.kind in "iuf" and not codes:
        return Numbers(_plain_numbers(sheet, name), 0)
    held, read = cells.tolist(), _Reader(decimal)
    kinds = {cell: None if cell in codes else read(cell) for cell in set(held)}
    _refuse_unread(sheet, name, kinds, decimal)
    missing_cells = {cell for cell in kinds if cell in codes}
    logical = any(_is_boolean(cell) for cell in kinds if cell not in missing_cells)
    coded = sum(cell in missing_cells for cell in held)
    return Numbers(_array([kinds[cell] for cell in held], name), coded, (_boolean(name),) if logical else ())


_SUMS = re.compile(r"((grand|column|row|sub)? ?(total|sum)s?( of .*)?|overall|all|mean|average|gesamt|summe|blank|n)")


def is_sum(cell: Any) -> bool:
    """Return whether a cell in the place of an id marks a row of totals.

    Examples
    --------
    >>> [is_sum(cell) for cell in ("Grand Total:", "Sum of arrests", "total7", "Alan", 7)]
    [True, True, False, False, False]
    """
    if not isinstance(cell, str) or re.search(r"\d", cell.partition("=")[0]):
        return False
    words = re.sub(r"[^a-z ]", "", cell.partition("=")[0].casefold()).split()
    return bool(_SUMS.fullmatch(" ".join(words)))


def ids(sheet: Sheet, name: str) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    """Return ids as text, as they stand in the file: "001" is not "1".

    Raises
    ------
    InputError
        IOM-E021 where one is missing, IOM-E022 where they have been through decimals, or a row is a sum.
    """
    cells = sheet[name].tolist()
    absent = [cell is None for cell in cells]
    if any(absent):
        raise InputError(
            "IOM-E021", f"id column {echo(name)}: {counted(sum(absent), '[id is|ids are] missing')}{sheet.at(absent)}"
        )
    broken = [not _is_id(cell) for cell in cells]
    if any(broken):
        what = counted(sum(broken), "[id is a decimal, a date|ids are decimals, dates] or in exponents")
        raise InputError(
            "IOM-E022",
            f"id column {echo(name)}: {what}{sheet.at(broken)}; a spreadsheet does that to ids, so export the "
            "column again as text",
        )
    totals = [is_sum(cell) for cell in cells]
    if any(totals):
        what = counted(sum(totals), "[row is a sum and no person|rows are sums and not people]")
        raise InputError("IOM-E022", f"id column {echo(name)}: {what}{sheet.at(totals)}; leave only people in the file")
    text = np.array([cell if isinstance(cell, str) else str(int(cell)) for cell in cells], dtype=np.str_)
    distinct = np.unique(text).tolist()
    alike = len(distinct) - len({unicodedata.normalize("NFC", one) for one in distinct})
    what = counted(alike, "[id looks like another and differs|ids look like others and differ]")
    note = f"IOM-W120: column {echo(name)}: {what} in how accents are stored"
    return text, (note,) if alike else ()


def is_value(sheet: Sheet, name: str, wanted: Any) -> NDArray[np.bool_]:
    """Match the cells of a column to a value: as text, as a number, or by its label."""
    labels = sheet.labels.get(name, {})
    accepted = {code for code, label in labels.items() if label == wanted}

    def same(cell: Any) -> bool:
        if cell is None:
            return False
        number = number_or_none(cell)
        return bool(str(cell) == str(wanted) or cell in accepted or (number is not None and number == as_number))

    as_number = number_or_none(wanted)
    known = {cell: same(cell) for cell in set(sheet[name].tolist())}
    return np.array([known[cell] for cell in sheet[name].tolist()], dtype=np.bool_)


def texts(sheet: Sheet, name: str) -> NDArray[Any]:
    """Return a column as text, value labels in place of codes; missing cells are None."""
    labels = sheet.labels.get(name, {})

    def word(cell: Any) -> str | None:
        if cell is None:
            return None
        number = number_or_none(cell)
        return labels.get(cell) or (f"{number:g}" if number is not None and not isinstance(cell, str) else str(cell))

    return np.array([word(cell) for cell in sheet[name].tolist()], dtype=object)


class Codes:
    """Codes for missing values: those that the study lists, and those that the file declares."""

    def __init__(self, missing: Missing, spans: Sequence[tuple[float, float]] = ()) -> None:
        if any(isinstance(code, bool) or not isinstance(code, (str, int, float)) for code in missing):
            raise SpecError("IOM-E092", 'missing: expected a list of text and numbers, such as ["NA", -99]')
        self.texts = {str(code).strip() for code in missing}
        self.spans = (*spans, *((n, n) for n in map(number_or_none, missing) if n is not None))

    def __bool__(self) -> bool:
        return bool(self.texts or self.spans)

    def __contains__(self, cell: Any) -> bool:
        if cell is None:
            return False
        number = number_or_none(cell)
        return str(cell) in self.texts or (number is not None and any(a <= number <= b for a, b in self.spans))


class _Reader:
    """Conversion of one cell to a number, or to the code of the error for a cell that is none."""

    def __init__(self, decimal: str) -> None:
        check_choice(decimal, (".", ","), "decimal")
        self.decimal = decimal

    def __call__(self, cell: Any) -> Any:
        if cell is None:
            return None
        if isinstance(cell, str):
            return self._text(cell)
        if isinstance(cell, (dt.date, dt.datetime)):
            return "IOM-E035"
        if isinstance(cell, float) and np.isinf(cell):
            return "IOM-E033"
        return int(cell) if float(cell).is_integer() else float(cell)

    def _text(self, cell: str) -> Any:
        if cell.lower() in BOOLEANS:
            return BOOLEANS[cell.lower()]
        if INFINITE.fullmatch(cell):
            return "IOM-E033"
        plain = cell if self.decimal == "." else cell.replace(".", "?").replace(",", ".")
        if not NUMBER.fullmatch(plain):
            return "IOM-E031" if re.search(r"\d", cell) else "IOM-E035"
        value = float(plain)
        if np.isinf(value):
            return "IOM-E032"
        return int(plain) if plain.lstrip("+-").isdigit() else int(value) if value.is_integer() else value


def _refuse_unread(sheet: Sheet, name: str, kinds: dict[Any, Any], decimal: str) -> None:
    strange = {cell: kind for cell, kind in kinds.items() if isinstance(kind, str)}
    if not strange:
        return
    faulty = [cell in strange for cell in sheet[name].tolist()]
    count, where, codes = sum(faulty), sheet.at(faulty), set(strange.values())
    if codes == {"IOM-E033"}:
        raise InputError(
            "IOM-E033",
            f"column {echo(name)}: {counted(count, '[value is|values are] infinite')}{where}; expected finite numbers",
        )
    if codes == {"IOM-E032"}:
        raise InputError(
            "IOM-E032", f"column {echo(name)}: {counted(count, '[number is|numbers are] too large to hold')}{where}"
        )
    other = "." if decimal == "," else ","
    if codes == {"IOM-E031"} and all(isinstance(c, str) and THOUSANDS.fullmatch(c) for c in strange):
        hint = 'their commas have three digits behind them: take out commas of thousands; decimal = "," if of decimals'
    elif codes == {"IOM-E031"} and all(isinstance(c, str) and c.count(other) == 1 for c in strange):
        hint = f'they hold {"commas" if other == "," else "points"}: set decimal = "{other}" if these mark decimals'
    else:
        hint = "if these are codes for missing, list them in missing = [...]"
    code = "IOM-E031" if "IOM-E031" in codes else "IOM-E035"
    what = f"of {sheet.rows:,} cells [is not a plain number|are not plain numbers]"
    raise InputError(code, f"column {echo(name)}: {counted(count, what)}{where}; {hint}")


def _plain_numbers(sheet: Sheet, name: str) -> NDArray[Any]:
    cells = sheet[name]
    if cells.dtype.kind == "f":
        endless = np.isinf(cells)
        if endless.any():
            what = counted(int(endless.sum()), "[value is|values are] infinite")
            raise InputError("IOM-E033", f"column {echo(name)}: {what}{sheet.at(endless)}; expected finite numbers")
        return cells.astype(np.float64)
    if cells.size and int(cells.max()) > LARGEST:
        raise InputError("IOM-E032", f"column {echo(name)}: a number is too large to hold")
    return cells.astype(np.int64)


def _array(values: list[Any], name: str) -> NDArray[Any]:
    if any(value is not None and abs(value) > LARGEST for value in values):
        raise InputError("IOM-E032", f"column {echo(name)}: a number is too large to hold")
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else float(value) for value in values])


def number_or_none(cell: Any) -> float | None:
    """Return a cell as a number, or None where it is none."""
    if isinstance(cell, str):
        return float(cell) if NUMBER.fullmatch(cell) else None
    return None if cell is None or isinstance(cell, (dt.date, bool)) else float(cell)


def _is_boolean(cell: Any) -> bool:
    return isinstance(cell, (bool, np.bool_)) or (isinstance(cell, str) and cell.lower() in BOOLEANS)


def _boolean(name: str) -> str:
    return f"IOM-W131: column {echo(name)} holds true and false, read as 1 and 0"


def _is_id(cell: Any) -> bool:
    if isinstance(cell, str):
        return not _THROUGH_FLOAT.fullmatch(cell)
    if isinstance(cell, (bool, dt.date)):
        return False
    return float(cell).is_integer() and abs(cell) <= LARGEST
