"""Words of column names, and the distinct cells of a column."""

import re
from typing import Any

from iom_causal.data.files.sheet import Sheet


def split(name: str) -> list[str]:
    """Return the words of a name, in order.

    Examples
    --------
    >>> split("ArrestsBefore (n)")
    ['arrests', 'before', 'n']
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return [t for t in re.split(r"[^a-z0-9]+", spaced) if t]


def tokens(name: str) -> set[str]:
    """Return the words of a name."""
    return set(split(name))


def varies(sheet: Sheet, person: str, name: str) -> bool:
    """Whether a column holds more than one value of some person."""
    pairs = set(zip(sheet[person].tolist(), map(str, sheet[name].tolist()), strict=True))
    return len(pairs) > len(set(sheet[person].tolist()))


def held(sheet: Sheet, name: str, *, blank: bool = False) -> list[Any]:
    """Return the distinct cells of a column in order, the empty one among them on request."""
    return [cell for cell in dict.fromkeys(sheet[name].tolist()) if blank or cell is not None]
