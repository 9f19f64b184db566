"""Words of column names, and the distinct cells of a column."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from iom_causal.data.files import dates
from iom_causal.data.files.cells import number_or_none
from iom_causal.data.files.sheet import Sheet

_JOINED_ID = re.compile(r"\b(case|person|people|client|offender|subject|nominal|participant|respondent)id\b")
"""Names of ids as packages that allow no space write them."""

_BORN = re.compile(r"\bD\.? ?[oO]\.? ?B\b\.?")
"""D.O.B. and DoB, which are one word."""


def split(name: str) -> list[str]:
    """Return the words of a name, in order.

    Examples
    --------
    >>> split("ArrestsBefore (n)"), split("caseid"), split("D.O.B."), split("DoB")
    (['arrests', 'before', 'n'], ['case', 'id'], ['dob'], ['dob'])
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _BORN.sub("dob", name))
    spaced = _JOINED_ID.sub(r"\1 id", apart.lower())
    return [t for t in re.split(r"[^a-z0-9]+", spaced) if t]


def tokens(name: str) -> set[str]:
    """Return the words of a name."""
    return set(split(name))


def like_a_cell(sheet: Sheet, name: str) -> bool:
    """Whether a name may be somebody's cell: a number, a day, a cell of its column, or spelt as most of these are."""
    text = name.strip()
    if number_or_none(text) is not None or any(dates.day(text, form) is not None for form in dates.DATES):
        return True
    cells = [str(cell).strip() for cell in sheet[name].tolist() if cell is not None]
    shape = _shape(text)
    return text in cells or ("9" in shape and 2 * sum(_shape(cell) == shape for cell in cells) > len(cells))


def _shape(text: str) -> str:
    """Return a text with its words and its numbers as one sign each."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d]+", "a", text))


def varies(sheet: Sheet, person: str, name: str) -> bool:
    """Whether a column holds more than one value of some person."""
    pairs = set(zip(sheet[person].tolist(), map(str, sheet[name].tolist()), strict=True))
    return len(pairs) > len(set(sheet[person].tolist()))


def held(sheet: Sheet, name: str, *, blank: bool = False) -> list[Any]:
    """Return the distinct cells of a column in order, the empty one among them on request."""
    return [cell for cell in dict.fromkeys(sheet[name].tolist()) if blank or cell is not None]


def spelt_alike(cell: Any) -> str:
    """Return an id but for capitals, spaces and leading zeros.

    Examples
    --------
    >>> spelt_alike("NOM 04417"), spelt_alike("00417"), spelt_alike(417)
    ('nom04417', '417', '417')
    """
    text = "".join(str(cell).split()).casefold()
    return text.lstrip("0") or text


SPELT_OTHERWISE = (
    "[row of {0} is|rows of {0} are] of nobody on the list, and would be of somebody but for capitals, spaces or "
    "leading zeros in the id; spell ids alike in all files"
)
"""What is said of rows that ids of another spelling cost."""


def rows_spelt_otherwise(listed: Collection[str], ids: Iterable[Any]) -> int:
    """Count the rows whose id is nobody's on a list, and one person's but for capitals, spaces and leading zeros.

    Examples
    --------
    >>> rows_spelt_otherwise({"00417", "00418"}, ["417", "417", "00418", "5", None])
    2
    """
    people = Counter(map(spelt_alike, listed))
    held = Counter(str(one) for one in ids if one is not None)
    return sum(rows for one, rows in held.items() if one not in listed and people[spelt_alike(one)] == 1)
