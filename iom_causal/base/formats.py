"""Numbers as text."""

import math
import re
from collections.abc import Iterable


def number(value: float, digits: int = 4) -> str:
    """Return a number with so many significant digits, without an exponent where it can be helped.

    Examples
    --------
    >>> number(-3.2311111), number(224.0), number(1e-13), number(0.5257)
    ('-3.231', '224', '1e-13', '0.5257')
    """
    if math.isinf(value):
        return "-inf" if value < 0 else "inf"
    if value == round(value) and abs(value) < 1e15:
        return str(round(value))
    if abs(value) >= 10**digits:
        return str(round(value))
    text = f"{value:.{digits}g}"
    return text if "e" in text else text.rstrip("0").rstrip(".") if "." in text else text


def fixed(value: float, decimals: int = 2) -> str:
    """Return a number with so many decimals, thousands marked, and a proper minus zero: never ``-0.00``.

    Examples
    --------
    >>> fixed(-0.001), fixed(11.638), fixed(23106, 0), fixed(float("inf"))
    ('0.00', '11.64', '23,106', 'no upper limit')
    """
    if math.isinf(value):
        return "no upper limit" if value > 0 else "no lower limit"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def percent(value: float, decimals: int = 0) -> str:
    """Return a share as a percentage.

    Examples
    --------
    >>> percent(0.4724), percent(0.425, 1)
    ('47%', '42.5%')
    """
    return f"{fixed(100 * value, decimals)}%"


def counted(count: int, text: str) -> str:
    """Return a count with words that agree with it: of each ``[one|many]`` the one that fits.

    Examples
    --------
    >>> counted(1, "[cell is|cells are] empty"), counted(1200, "[cell is|cells are] empty")
    ('1 cell is empty', '1,200 cells are empty')
    """
    return f"{count:,} " + re.sub(r"\[([^|\]]*)\|([^|\]]*)\]", r"\1" if count == 1 else r"\2", text)


def sentences(*parts: str) -> str:
    """Join sentences, each ended by a stop unless it ends by itself.

    Examples
    --------
    >>> sentences("no such name; did you mean 'arrests'?", "Carry a column along")
    "no such name; did you mean 'arrests'? Carry a column along"
    >>> sentences("no such name; known: arrests", "Carry a column along")
    'no such name; known: arrests. Carry a column along'
    """
    *first, last = parts
    return " ".join([*(part if part.endswith((".", "?", "!")) else f"{part}." for part in first), last])


def bounded(value: float, decimals: int = 3) -> str:
    """Format a number that cannot exceed one, without its leading zero.

    Examples
    --------
    >>> bounded(0.6139), bounded(-0.5), bounded(1.0)
    ('.614', '-.500', '1.000')
    """
    return re.sub(r"^(-?)0\.", r"\1.", fixed(value, decimals))


def outward(low: float, high: float, decimals: int = 2, *, lead: bool = True) -> str:
    """Format an interval so that rounding only widens it.

    Examples
    --------
    >>> outward(0.53123, 0.54050, 3, lead=False), outward(280.577, 351.023, 0)
    ('.531 to .541', '280 to 352')
    """
    scale = 10**decimals
    ends = [
        end if math.isinf(end) else side(round(end * scale, 6)) / scale
        for side, end in ((math.floor, low), (math.ceil, high))
    ]
    style = fixed if lead else bounded
    return f"{style(ends[0], decimals)} to {style(ends[1], decimals)}"


def p_text(p: float) -> str:
    """Format a p-value as papers print it.

    Examples
    --------
    >>> p_text(0.0362), p_text(1e-9)
    ('p = .036', 'p < .001')
    """
    return "p < .001" if p < 0.001 else f"p = {bounded(p)}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Join items into running text.

    Examples
    --------
    >>> listed(["192", "21", "11"])
    '192, 21 and 11'
    """
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
