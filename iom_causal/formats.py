"""Numbers as text."""

import math
import re


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
    """Return a number with so many decimals and a proper minus zero: never ``-0.00``.

    Examples
    --------
    >>> fixed(-0.001), fixed(11.638)
    ('0.00', '11.64')
    """
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


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
