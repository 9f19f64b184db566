"""Cells to numbers, dates and ids: recognised, or refused with the key to set.

Messages name columns and numbers of cells; they never hold a cell.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.sheet import Cells, Sheet
from iom_causal.errors import InputError, SpecError
from iom_causal.specs import check_choice

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
BOOLEANS = {"true": 1, "false": 0}
LARGEST = 2**53
"""The last whole number before a float skips some."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
EPOCH = dt.date(1899, 12, 30)
"""Day 0 of spreadsheets, with their leap year 1900."""

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]([0-9:.]+)(Z|[+-][0-9:]+)?)?", re.ASCII)
_DIGITS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", re.ASCII)
_NAMED = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3})[a-z]*[ -]([0-9]{4})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_THROUGH_FLOAT = re.compile(r"[0-9]+\.0+|[0-9](\.[0-9]+)?[eE]\+?[0-9]+", re.ASCII)

DATES = ("yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mon-yyyy", "excel")
"""The forms of dates; the separator of the second and third may also be a dot or a hyphen."""

type Missing = Sequence[str | float]


class Numbers(NamedTuple):
    """A column of numbers.

    Attributes
    ----------
    values : ndarray
        int64 when nothing is missing and all are whole, else float64 with NaN.
    coded : int
        How many cells held a code for missing.
    notes : tuple of str
        What a reader should know.
    """

    values: NDArray[Any]
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
    Numbers(values=array([ 3., nan, nan]), coded=1, notes=())
    """
    cells = sheet[name]
    if cells.dtype.kind == "b":
        return Numbers(cells.astype(np.int64), 0, (_boolean(name),))
    codes = _codes(missing)
    spans = sheet.missing.get(name, ())
    if cells.dtype.kind in "iuf" and not codes and not spans:
        return Numbers(_plain_numbers(cells, name), 0)
    read = _Reader(decimal)
    kinds = {cell: read(cell) for cell in set(cells.tolist())}
    gone = {cell for cell in kinds if _is_code(cell, codes, spans)}
    _refuse_unread(cells, {c: k for c, k in kinds.items() if c not in gone}, name, decimal)
    values = [None if c is None or c in gone else kinds[c] for c in cells.tolist()]
    coded = sum(c in gone for c in cells.tolist())
    logical = [c for c in kinds if c is not None and c not in gone and _is_boolean(c)]
    return Numbers(_array(values, name), coded, (_boolean(name),) if logical else ())


def dates(sheet: Sheet, name: str, *, form: str = DATES[0], missing: Missing = ()) -> NDArray[np.datetime64]:
    """Return a column as days; an empty cell is not a time.

    Raises
    ------
    InputError
        IOM-E050 to E053, with the number of cells and the key to set.
    """
    check_choice(form, DATES, "dates")
    cells, codes, spans = sheet[name], _codes(missing), sheet.missing.get(name, ())
    if cells.dtype != object:
        cells = cells.astype(object)
    kinds = {c: _day(c, form) for c in set(cells.tolist()) if c is not None and not _is_code(c, codes, spans)}
    read = [kinds.get(cell) for cell in cells.tolist()]
    for code, why in _FAULTS.items():
        count = sum(day == code for day in read)
        if count:
            raise InputError(code, f"column {name!r}: {count} of {len(read)} cells {why.format(form=form)}")
    zoned = {_is_zoned(c) for c in kinds if _has_time(c)}
    if len(zoned) > 1:
        raise InputError("IOM-E052", f"column {name!r}: some times carry a time zone and others do not; leave it out")
    return np.array([np.datetime64("NaT") if day is None else np.datetime64(day) for day in read], dtype="M8[D]")


_FAULTS = {
    "IOM-E050": 'are not dates of the form "{form}"; set dates = one of ' + ", ".join(f'"{d}"' for d in DATES),
    "IOM-E051": 'are dates that do not exist in the form "{form}"; look at dates = ... and at the file',
    "IOM-E053": f"are dates before {FIRST_YEAR} or after {LAST_YEAR}; list codes such as 9999-12-31 in missing = [...]",
}


def ids(sheet: Sheet, name: str) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    """Return ids as text, as they stand in the file: "001" is not "1".

    Raises
    ------
    InputError
        IOM-E021 where one is missing, IOM-E022 where they have been through decimals.
    """
    cells = sheet[name].tolist()
    absent = sum(cell is None for cell in cells)
    if absent:
        raise InputError("IOM-E021", f"id column {name!r}: {absent} ids are missing")
    broken = sum(not _is_id(cell) for cell in cells)
    if broken:
        raise InputError(
            "IOM-E022",
            f"id column {name!r}: {broken} ids are decimals, dates or in exponents; a spreadsheet has changed them, so "
            "export the column again as text",
        )
    text = np.array([cell if isinstance(cell, str) else str(int(cell)) for cell in cells], dtype=np.str_)
    distinct = np.unique(text).tolist()
    alike = len(distinct) - len({unicodedata.normalize("NFC", one) for one in distinct})
    note = f"IOM-W120: column {name!r}: {alike} ids look like others and differ in how accents are stored"
    return text, (note,) if alike else ()


def is_value(sheet: Sheet, name: str, wanted: Any) -> NDArray[np.bool_]:
    """Return which cells of a column are a value: as it stands, as the number it is, or by its label."""
    labels = sheet.labels.get(name, {})
    accepted = {code for code, label in labels.items() if label == wanted}

    def same(cell: Any) -> bool:
        if cell is None:
            return False
        number = _number_or_none(cell)
        return bool(str(cell) == str(wanted) or cell in accepted or (number is not None and number == as_number))

    as_number = _number_or_none(wanted)
    known = {cell: same(cell) for cell in set(sheet[name].tolist())}
    return np.array([known[cell] for cell in sheet[name].tolist()], dtype=np.bool_)


def texts(sheet: Sheet, name: str) -> NDArray[Any]:
    """Return a column as words, its labels where it has them; what is missing is None."""
    labels = sheet.labels.get(name, {})

    def word(cell: Any) -> str | None:
        if cell is None:
            return None
        number = _number_or_none(cell)
        return labels.get(cell) or (f"{number:g}" if number is not None and not isinstance(cell, str) else str(cell))

    return np.array([word(cell) for cell in sheet[name].tolist()], dtype=object)


class _Reader:
    """Reads one cell as a number; a code of the error tree where it is none."""

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


def _refuse_unread(cells: Cells, kinds: dict[Any, Any], name: str, decimal: str) -> None:
    strange = {cell: kind for cell, kind in kinds.items() if isinstance(kind, str)}
    if not strange:
        return
    count = sum(cell in strange for cell in cells.tolist())
    codes = set(strange.values())
    if codes == {"IOM-E033"}:
        raise InputError("IOM-E033", f"column {name!r}: {count} infinite values; expected finite numbers")
    if codes == {"IOM-E032"}:
        raise InputError("IOM-E032", f"column {name!r}: {count} numbers are too large to hold")
    other = "." if decimal == "," else ","
    if codes == {"IOM-E031"} and all(isinstance(c, str) and c.count(other) == 1 for c in strange):
        hint = f"they hold {'commas' if other == ',' else 'points'}: set decimal = \"{other}\" if these mark decimals"
    else:
        hint = "if these are codes for missing, list them in missing = [...]"
    code = "IOM-E031" if "IOM-E031" in codes else "IOM-E035"
    raise InputError(code, f"column {name!r}: {count} of {len(cells)} cells are not plain numbers; {hint}")


def _plain_numbers(cells: Cells, name: str) -> NDArray[Any]:
    if cells.dtype.kind == "f":
        infinite = int(np.isinf(cells).sum())
        if infinite:
            raise InputError("IOM-E033", f"column {name!r}: {infinite} infinite values; expected finite numbers")
        return cells.astype(np.float64)
    if cells.size and int(cells.max()) > LARGEST:
        raise InputError("IOM-E032", f"column {name!r}: a number is too large to hold")
    return cells.astype(np.int64)


def _array(values: list[Any], name: str) -> NDArray[Any]:
    if any(value is not None and abs(value) > LARGEST for value in values):
        raise InputError("IOM-E032", f"column {name!r}: a number is too large to hold")
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else float(value) for value in values])


def _codes(missing: Missing) -> tuple[frozenset[str], frozenset[float]]:
    texts = frozenset(str(code).strip() for code in missing)
    found = (_number_or_none(code) for code in missing)
    return texts, frozenset(value for value in found if value is not None)


def _is_code(
    cell: Any, codes: tuple[frozenset[str], frozenset[float]], spans: Iterable[tuple[float, float]]
) -> bool:
    if cell is None:
        return False
    if str(cell) in codes[0]:
        return True
    number = _number_or_none(cell)
    return number is not None and (number in codes[1] or any(low <= number <= high for low, high in spans))


def _number_or_none(cell: Any) -> float | None:
    if isinstance(cell, str):
        return float(cell) if NUMBER.fullmatch(cell) else None
    return None if cell is None or isinstance(cell, (dt.date, bool)) else float(cell)


def _is_boolean(cell: Any) -> bool:
    return isinstance(cell, (bool, np.bool_)) or (isinstance(cell, str) and cell.lower() in BOOLEANS)


def _boolean(name: str) -> str:
    return f"IOM-W131: column {name!r} holds true and false, read as 1 and 0"


def _is_id(cell: Any) -> bool:
    if isinstance(cell, str):
        return not _THROUGH_FLOAT.fullmatch(cell)
    if isinstance(cell, (bool, dt.date)):
        return False
    return float(cell).is_integer() and abs(cell) <= LARGEST


def _day(cell: Any, form: str) -> dt.date | str:
    if isinstance(cell, dt.datetime):
        return _in_range(cell.date())
    if isinstance(cell, dt.date):
        return _in_range(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _serial(float(cell)) if form == "excel" else "IOM-E050"
    return _FORMS[form](str(cell)) if form in _FORMS else "IOM-E050"


def _serial(days: float) -> dt.date | str:
    if not 1 <= days <= (dt.date(LAST_YEAR, 12, 31) - EPOCH).days:
        return "IOM-E053"
    return EPOCH + dt.timedelta(days=int(days))


def _iso(cell: str) -> dt.date | str:
    match = _ISO.fullmatch(cell)
    return _made(match[1], match[2], match[3]) if match else "IOM-E050"


def _day_first(cell: str) -> dt.date | str:
    match = _DIGITS.fullmatch(cell)
    return _made(match[3], match[2], match[1]) if match else "IOM-E050"


def _month_first(cell: str) -> dt.date | str:
    match = _DIGITS.fullmatch(cell)
    return _made(match[3], match[1], match[2]) if match else "IOM-E050"


def _month_named(cell: str) -> dt.date | str:
    match = _NAMED.fullmatch(cell)
    if not match or match[2].lower() not in _MONTHS:
        return "IOM-E050"
    return _made(match[3], _MONTHS.index(match[2].lower()) + 1, match[1])


def _excel_text(cell: str) -> dt.date | str:
    return _serial(float(cell)) if NUMBER.fullmatch(cell) else "IOM-E050"


_FORMS: dict[str, Callable[[str], dt.date | str]] = dict(
    zip(DATES, (_iso, _day_first, _month_first, _month_named, _excel_text), strict=True)
)


@cache
def _made(year: str | int, month: str | int, day: str | int) -> dt.date | str:
    try:
        return _in_range(dt.date(int(year), int(month), int(day)))
    except ValueError:
        return "IOM-E053" if int(year) == 0 else "IOM-E051"


def _in_range(day: dt.date) -> dt.date | str:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else "IOM-E053"


def _has_time(cell: Any) -> bool:
    match = _ISO.fullmatch(cell) if isinstance(cell, str) else None
    return isinstance(cell, dt.datetime) or bool(match and match[4])


def _is_zoned(cell: Any) -> bool:
    if isinstance(cell, dt.datetime):
        return cell.tzinfo is not None
    match = _ISO.fullmatch(cell)
    return bool(match and match[5])


def check_codes(missing: Missing) -> None:
    """Refuse codes for missing that are neither text nor numbers."""
    if any(isinstance(code, bool) or not isinstance(code, (str, int, float)) for code in missing):
        raise SpecError("IOM-E092", 'missing: expected a list of text and numbers, such as ["NA", -99]')
