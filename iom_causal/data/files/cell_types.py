"""Types of cells: whatever a file holds becomes text, a number, a flag, a day or nothing."""

import datetime as dt
import math
from typing import Any

from iom_causal.data.files.sheet import EPOCH
from iom_causal.errors import InputError

_DAY_ZERO = dt.datetime.combine(EPOCH, dt.time())


def plain(cell: Any) -> Any:
    """Return a cell as text, a number, a flag, a day or None.

    A time of day and a length of time are moments of day 0, as spreadsheets count them: no number and no day.

    Raises
    ------
    InputError
        IOM-E013 for a cell of another type, such as a list.

    Examples
    --------
    >>> plain("  north "), plain(float("nan")), plain(dt.time(8, 30))
    ('north', None, datetime.datetime(1899, 12, 30, 8, 30))
    """
    match cell:
        case str():
            return cell.strip() or None
        case float():
            return None if math.isnan(cell) else cell
        case None | bool() | int() | dt.date():
            return cell
        case dt.time():
            return dt.datetime.combine(EPOCH, cell)
        case dt.timedelta():
            return _DAY_ZERO + min(max(cell, -dt.timedelta(days=1)), dt.timedelta(days=1))
    raise InputError("IOM-E013", f"a cell holds a {type(cell).__name__}; expected text, a number or a date")
