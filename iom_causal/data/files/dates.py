"""Conversion of cells to dates in the form that is stated; all others are refused with the key to set."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import check_choice, toml_value
from iom_causal.data.files.blanks import ABSENT
from iom_causal.data.files.cells import Codes, Missing
from iom_causal.data.files.numerals import NUMBER
from iom_causal.data.files.sheet import EPOCH, Sheet
from iom_causal.errors import InputError, echo

FIRST_YEAR, LAST_YEAR = 1900, 2100
_DAY_ZERO, _NO_DAY = dt.date(1970, 1, 1).toordinal(), np.iinfo(np.int64).min
FIRST_SERIAL = 7306
"""1 January 1920: a smaller number is a year, or the months or weeks that Stata counts from 1960."""

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]([0-9:.]+)(Z|[+-][0-9:]+)?)?", re.ASCII)
_TIME = r"(?:,? [0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AaPp][Mm])?)?"
"""A time of day behind a date, as logs of events have it."""
_DIGITS = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})" + _TIME, re.ASCII)
_NAMED = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3})[a-z]*[ -]([0-9]{4})" + _TIME, re.ASCII)
_SHORT_DIGITS = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4}|[0-9]{2})" + _TIME, re.ASCII)
"""Years of two digits or four; between hyphens two digits may be of a year in front, and are not read."""
_SHORT_NAMED = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3})[a-z]*[ -]([0-9]{4}|[0-9]{2})" + _TIME, re.ASCII)
_SHORT_HYPHENS = re.compile(r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{1,2}" + _TIME, re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

LONG = ("yyyy-mm-dd", "dd/mm/yyyy", "mm/dd/yyyy", "dd-mon-yyyy")
"""Forms with years of four digits; the separator of the second and third may also be a dot or a hyphen."""
SHORT = ("dd/mm/yy", "mm/dd/yy", "dd-mon-yy")
"""Forms with years of two digits among them; the separator of the first and second may also be a dot."""
THIS_CENTURY = 69
"""The last year of two digits that is taken as of this century, unless somebody was born in it."""
CENTURY_DAYS = 36_525

DATES = (*LONG, *SHORT, "excel")
"""The forms of dates."""
WRITTEN = DATES[:-1]
"""Forms in which a day is not a plain number."""


def dates(sheet: Sheet, name: str, *, form: str = DATES[0], missing: Missing = ()) -> NDArray[np.datetime64]:
    """Return a column as days; an empty cell is not a time.

    Raises
    ------
    InputError
        IOM-E050 to E053, with the number of cells and the key to set.
    """
    check_choice(form, DATES, "dates")
    held, codes = sheet[name].tolist(), Codes(missing, sheet.missing.get(name, ()))
    distinct = set(held) - {None}
    coded = {cell for cell in distinct if cell in codes} if codes else set()
    plain = _at_midnight(distinct - coded)
    read = {cell: _day(cell, form, sheet.epoch) for cell in set(plain.values())}
    faults = {day for day in read.values() if isinstance(day, str)}
    for code, why in _FAULTS.items():
        if code in faults:
            faulty = [cell in plain and read[plain[cell]] == code for cell in held]
            what = counted(sum(faulty), f"of {len(held):,} cells{sheet.at(faulty)} {why.format(form=form)}")
            todo = _about({cell for cell, bad in zip(held, faulty, strict=True) if bad}) if code == "IOM-E050" else ""
            raise InputError(code, f"column {echo(name)}: {what}{todo}")
    zoned = {zone for zone in map(_is_zoned, read) if zone is not None}
    if len(zoned) > 1:
        raise InputError(
            "IOM-E052", f"column {echo(name)}: some times carry a time zone and others do not; leave it out"
        )
    since = {cell: day.toordinal() - _DAY_ZERO for cell, day in read.items() if isinstance(day, dt.date)}
    numbers = {cell: since[other] for cell, other in plain.items()}
    return np.array([numbers.get(cell, _NO_DAY) for cell in held], dtype=np.int64).view("M8[D]")


FEW_TEXTS = 3
"""Different texts that are no days, up to which they are taken for words and not for days of another form."""


def _about(cells: set[Any]) -> str:
    """Say what else may be done about cells that are no days of the form: words for no day are listed as missing."""
    absent = sorted(cell for cell in cells if is_absent(cell))
    if absent:
        return f"; where a cell says that there is no such day, list what it says: missing = {toml_value(absent)}"
    if any(isinstance(cell, str) and _SHORT_HYPHENS.fullmatch(cell) for cell in cells):
        return "; years of two digits between hyphens may stand first or last: write four digits"
    if len(cells) <= FEW_TEXTS and not any(isinstance(c, str) and any(map(str.isdigit, c)) for c in cells):
        what = counted(len(cells), "different [text|texts]")
        return f"; they hold {what}: if that stands for no day, list it in missing = [...]"
    return ""


def days(cells: Iterable[Any], form: str, epoch: dt.date = EPOCH) -> dict[Any, dt.date | None]:
    """Return different cells as days of a form, as `day` reads each.

    Examples
    --------
    >>> read = days(["2019-04-01 23:50", "soon"], "yyyy-mm-dd")
    >>> read["2019-04-01 23:50"], read["soon"]
    (datetime.date(2019, 4, 1), None)
    """
    plain = _at_midnight(set(cells) - {None})
    read = {cell: day(cell, form, epoch) for cell in set(plain.values())}
    return {cell: read[other] for cell, other in plain.items()}


def births(born: NDArray[np.datetime64], last: Any, form: str) -> NDArray[np.datetime64]:
    """Return days of birth: where years have two digits, those after a last day as of a century before.

    Parameters
    ----------
    born : ndarray of days
        As `dates` returns them.
    last : day or ndarray of days
        The last on which each may have been born, such as the index date.
    form : str
        The form in which they stand.

    Examples
    --------
    >>> births(np.array(["2055-03-01", "2001-03-01"], "M8[D]"), np.datetime64("2021-10-01"), "dd/mm/yy").tolist()
    [datetime.date(1955, 3, 1), datetime.date(2001, 3, 1)]
    """
    if form not in SHORT:
        return born
    return np.where(born > last, born - np.timedelta64(CENTURY_DAYS, "D"), born)


DAY = 10
"""Characters of a day in full, behind which a time of day may stand."""
_CLOCK = re.compile(r"([T ])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?", re.ASCII)


def _at_midnight(cells: set[Any]) -> dict[Any, Any]:
    """Return cells, and what is read in their place: of those that differ in their time of day alone, one."""
    clocks: dict[str, str] = {}
    read: dict[Any, Any] = {}
    for cell in cells:
        read[cell] = cell
        if isinstance(cell, str) and len(cell) > DAY:
            behind = cell[DAY:]
            if behind not in clocks:
                match = _CLOCK.fullmatch(behind)
                clocks[behind] = f"{match[1]}0:00" if match else ""
            if clocks[behind]:
                read[cell] = cell[:DAY] + clocks[behind]
    return read


def day(cell: Any, form: str, epoch: dt.date = EPOCH) -> dt.date | None:
    """Return a cell as a day of a form, or None where it is none; a number counts days from the epoch.

    Examples
    --------
    >>> day("01/04/2019 23:50", "dd/mm/yyyy"), day("soon", "dd/mm/yyyy")
    (datetime.date(2019, 4, 1), None)
    """
    read = _day(cell, form, epoch)
    return read if isinstance(read, dt.date) else None


def readable(sheet: Sheet, name: str, form: str) -> float:
    """Return the share of filled cells that are dates in a form; those that say that there is none are not filled."""
    held = Counter(cell for cell in sheet[name].tolist() if cell is not None and not is_absent(cell))
    read = sum(number for cell, number in held.items() if isinstance(_day(cell, form, sheet.epoch), dt.date))
    return read / max(held.total(), 1)


def is_absent(cell: Any) -> bool:
    """Whether a cell says that there is no such day."""
    return isinstance(cell, str) and cell.lower() in ABSENT


def absent_in(sheet: Sheet, name: str) -> tuple[str, ...]:
    """Return the different texts of a column that say that there is no such day, in order."""
    return tuple(cell for cell in dict.fromkeys(sheet[name].tolist()) if is_absent(cell))


_FAULTS = {
    "IOM-E050": '[is not a date|are not dates] of the form "{form}"; set dates = one of '
    + ", ".join(f'"{d}"' for d in DATES),
    "IOM-E051": '[is a date that does|are dates that do] not exist in the form "{form}"; '
    "look at dates = ... and at the file",
    "IOM-E053": f"[is a date|are dates] before {FIRST_YEAR} or after {LAST_YEAR}; list codes "
    'such as "9999-12-31" in missing = [...]',
}


def _day(cell: Any, form: str, epoch: dt.date) -> dt.date | str:
    if isinstance(cell, dt.datetime):
        return _in_range(cell.date())
    if isinstance(cell, dt.date):
        return _in_range(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _serial(float(cell), epoch) if form == "excel" else "IOM-E050"
    return _FORMS[form](str(cell)) if form in _FORMS else "IOM-E050"


def _serial(held: float, epoch: dt.date = EPOCH) -> dt.date | str:
    days = held + (epoch - EPOCH).days
    if 0 <= days < FIRST_SERIAL:
        return "IOM-E050"
    if not FIRST_SERIAL <= days <= (dt.date(LAST_YEAR, 12, 31) - EPOCH).days:
        return "IOM-E053"
    return EPOCH + dt.timedelta(days=int(days))


def _iso(cell: str) -> dt.date | str:
    match = _ISO.fullmatch(cell)
    return _made(match[1], match[2], match[3]) if match else "IOM-E050"


def _day_first(cell: str, pattern: re.Pattern[str] = _DIGITS) -> dt.date | str:
    match = pattern.fullmatch(cell)
    return _made(match[3], match[2], match[1]) if match else "IOM-E050"


def _month_first(cell: str, pattern: re.Pattern[str] = _DIGITS) -> dt.date | str:
    match = pattern.fullmatch(cell)
    return _made(match[3], match[1], match[2]) if match else "IOM-E050"


def _month_named(cell: str, pattern: re.Pattern[str] = _NAMED) -> dt.date | str:
    match = pattern.fullmatch(cell)
    if not match or match[2].lower() not in _MONTHS:
        return "IOM-E050"
    return _made(match[3], _MONTHS.index(match[2].lower()) + 1, match[1])


def _excel_text(cell: str) -> dt.date | str:
    return _serial(float(cell)) if NUMBER.fullmatch(cell) else "IOM-E050"


_FORMS: dict[str, Callable[[str], dt.date | str]] = {
    **dict(zip(LONG, (_iso, _day_first, _month_first, _month_named), strict=True)),
    "dd/mm/yy": partial(_day_first, pattern=_SHORT_DIGITS),
    "mm/dd/yy": partial(_month_first, pattern=_SHORT_DIGITS),
    "dd-mon-yy": partial(_month_named, pattern=_SHORT_NAMED),
    "excel": _excel_text,
}


@cache
def _made(year: str, month: str | int, day: str | int) -> dt.date | str:
    full = int(year)
    if len(year) == 2:
        full += 2000 if full <= THIS_CENTURY else 1900
    try:
        return _in_range(dt.date(full, int(month), int(day)))
    except ValueError:
        return "IOM-E053" if full == 0 else "IOM-E051"


def _in_range(day: dt.date) -> dt.date | str:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else "IOM-E053"


def _is_zoned(cell: Any) -> bool | None:
    """Return whether a time names its zone; None of a cell that holds no time of day in the form of ISO 8601."""
    if isinstance(cell, dt.datetime):
        return cell.tzinfo is not None
    match = _ISO.fullmatch(cell) if isinstance(cell, str) else None
    return bool(match[5]) if match and match[4] else None
