"""Parsing of numbers as people write them: marks of decimals and thousands, money, percentages, brackets."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
"""Commas that may mark thousands."""
DECIMALS = ("", ".", ",")
"""The mark of decimals that a study states; without one, a number is read where it can be read in one way only."""
_COMMAS = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?", re.ASCII)
_SPACED = re.compile(r"[+-]?[0-9]{1,3}([ '’\u00a0\u2009\u202f][0-9]{3})+(?=\D|$)", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_SIGNS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " "})
_MONEY = r"(?:[£$€¥]|gbp|eur|euro|usd|chf|kr|sek|nok|dkk)"
_BEFORE = re.compile(rf"([+-]?)\s*({_MONEY})\s*(?=[\d.+-])(.*)", re.IGNORECASE)
_BEHIND = re.compile(rf"(.*\d[.,]?-?)\s*({_MONEY})", re.IGNORECASE)
_FEWER = re.compile(r"([<≤]|(under|below|fewer|less|up to|at most)\b)\D*\d[\d.,]*")
_MORE = re.compile(
    r"([>≥]|(over|above|more than|at least)\b)\D*\d[\d.,]*|\d[\d.,]*\s*(\+|(or|and) (more|over|above)\b.*)"
)
_RANGE = re.compile(r"\d+\s*(-|–|to|bis)\s*\d+")


class Numeral(NamedTuple):
    """One cell of text as a number.

    Attributes
    ----------
    value : int, float or None
        None where the text is no number.
    sign : str
        What else stands beside the number: a sign of money, ``%``, ``()`` for a negative number in brackets.
    fault : str
        Why it is none, a key of `FAULTS`.
    """

    value: float | None
    sign: str = ""
    fault: str = ""


_LIST = "or list these cells in missing = [...]"
_THREE_DIGITS = (
    'their commas have three digits behind them: take out commas of thousands, or set decimal = "." to have them '
    'read as such; decimal = "," if of decimals'
)
_FAULTS = (
    ("infinite", "expected finite numbers"),
    ("large", ""),
    ("mixed", "they hold commas where others hold points: write all of them in one way"),
    ("thousands", _THREE_DIGITS),
    ("commas", 'they hold commas: set decimal = "," if these mark decimals'),
    ("points", 'they hold points: set decimal = "." if these mark decimals'),
    ("fewer", f'they say "fewer than so many", such as "<5": ask for the numbers, {_LIST} as not known'),
    ("more", f'they say "so many or more", such as "5+": ask for the numbers, {_LIST} as not known'),
    ("range", f"they are bands, such as 3-5, and have no total: ask for the numbers, {_LIST} as not known"),
    ("currencies", "they are in more than one currency: write all of them in one"),
    ("percent", "some are percentages and others are not: write all of them in one way"),
    ("digits", "if these are codes for missing, list them in missing = [...]"),
    ("money", 'they are amounts of money: kind = "amount"'),
    ("share", 'they are percentages, and no counts: kind = "score"'),
    (
        "date",
        "they are dates or times: name the column of numbers, or format its cells as numbers and save again",
    ),
    ("answer", 'they say yes or no: kind = "binary" reads them as 1 and 0'),
    ("words", "if these are codes for missing, list them in missing = [...]"),
)
_CODES = {"infinite": "IOM-E033", "large": "IOM-E032", **dict.fromkeys(("date", "answer", "words"), "IOM-E035")}
FAULTS = {fault: (_CODES.get(fault, "IOM-E031"), todo) for fault, todo in _FAULTS}
"""Why a cell is no number: the code of the error and what to do, the first that holds of a column first."""
WITHHELD = frozenset({"fewer", "more", "range"})
"""Faults of cells that say something of a number and not the number."""
WORDS = {
    **dict.fromkeys(("yes", "y", "true", "ja", "oui", "si", "sí"), 1),
    **dict.fromkeys(("no", "n", "false", "nein", "non"), 0),
}
"""Words for yes and no, as 1 and 0."""


def parsed(cells: Iterable[str], decimal: str = "") -> dict[str, Numeral]:
    """Parse the texts of a column, whose neighbours settle what a comma means where the study does not say.

    Examples
    --------
    >>> [n.value for n in parsed(["1,234.5", "1,234", "£2 000", "(7)"]).values()]
    [1234.5, 1234, 2000, -7]
    >>> parsed(["1,234"])["1,234"].fault, parsed(["1.234,5"], ",")["1.234,5"].value
    ('thousands', 1234.5)
    """
    bare = {cell: _bare(cell) for cell in cells}
    mark = decimal or _settled([text for text, _ in bare.values()])
    read = {cell: _number(text, mark)._replace(sign=sign) for cell, (text, sign) in bare.items()}
    if any("." in text and NUMBER.fullmatch(text) for text, _ in bare.values()):
        read = {c: n._replace(fault="mixed") if n.fault == "commas" else n for c, n in read.items()}
    return _one_unit(read)


def _bare(cell: str) -> tuple[str, str]:
    """Return a cell without signs of money, percent and brackets, and what they were."""
    text, sign = cell.strip().translate(_SIGNS), ""
    if text[:1] == "(" and text[-1:] == ")" and re.search(r"\d", text) and not re.search(r"[-+]", text):
        text, sign = "-" + text[1:-1].strip(), "()"
    if (match := _BEFORE.fullmatch(text)) is not None:
        text, sign = match[1] + match[3].strip(), match[2].upper()
    elif (match := _BEHIND.fullmatch(text)) is not None:
        text, sign = match[1].strip(), match[2].upper()
    elif text.endswith("%"):
        text, sign = text[:-1].strip(), "%"
    return text, sign


def _settled(texts: list[str]) -> str:
    """Return the mark of decimals that some text shows beyond doubt by marks of thousands; empty where none does."""
    shown = any(THOUSANDS.fullmatch(t) and ("." in t or t.count(",") > 1) for t in texts)
    return "." if shown else ""


def _number(text: str, decimal: str) -> Numeral:
    spaced = _SPACED.match(text)
    if spaced:
        text = re.sub(r"[ '’]", "", spaced[0]) + text[spaced.end() :]
    if _INFINITE.fullmatch(text):
        return Numeral(None, fault="infinite")
    plain = _plain(text, decimal)
    if plain is None:
        return Numeral(None, fault=_fault(text, decimal))
    value = float(plain)
    if value in (float("inf"), float("-inf")):
        return Numeral(None, fault="large")
    return Numeral(int(plain) if plain.lstrip("+-").isdigit() else int(value) if value.is_integer() else value)


def _plain(text: str, decimal: str) -> str | None:
    """Return a number with a point of decimals and no other mark; None where it is none under this mark."""
    if decimal == ",":
        if "." in text:
            swapped = text.translate(str.maketrans(",.", ".,"))
            return swapped.replace(",", "") if THOUSANDS.fullmatch(swapped) else None
        text = text.replace(",", ".", 1)
    elif decimal == "." and THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return text if NUMBER.fullmatch(text) else None


def _fault(text: str, decimal: str) -> str:
    low = text.casefold()
    if not re.search(r"\d", text):
        return "answer" if low in WORDS else "words"
    swapped = text.translate(str.maketrans(",.", ".,"))
    seen = {
        "fewer": _FEWER.fullmatch(low),
        "more": _MORE.fullmatch(low),
        "range": _RANGE.fullmatch(low),
        "points": decimal == "," and NUMBER.fullmatch(text),
        "thousands": not decimal and THOUSANDS.fullmatch(text),
        "commas": decimal != "," and (_COMMAS.fullmatch(text) or ("," in text and THOUSANDS.fullmatch(swapped))),
    }
    return next((fault for fault, match in seen.items() if match), "digits")


def _one_unit(read: dict[str, Numeral]) -> dict[str, Numeral]:
    """Mark numbers of several currencies, and percentages among plain numbers, as faults."""
    numbers = {cell: n for cell, n in read.items() if n.value}
    money = {n.sign for n in numbers.values()} - {"", "%", "()"}
    shares = {n.sign == "%" for n in numbers.values()}
    if len(money) > 1:
        return {c: Numeral(None, n.sign, "currencies") if n.sign in money else n for c, n in read.items()}
    if len(shares) > 1:
        return {c: Numeral(None, n.sign, "percent") if n.sign == "%" else n for c, n in read.items()}
    return read


def unit_fault(sign: str, kind: str) -> str:
    """Return the fault of a number with this sign beside it in an outcome of a kind, empty where it is none."""
    if kind not in ("count", "binary") or sign in ("", "()"):
        return ""
    return "share" if sign == "%" else "money"


def other_fault(cell: Any) -> str:
    """Return the fault of a cell that is neither text nor a number."""
    return "date" if isinstance(cell, (dt.date, dt.time, dt.timedelta)) else "words"
