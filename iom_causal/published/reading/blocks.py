"""Blocks of a paper's text, paragraphs and tables, in plain characters and with their places in the file."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from iom_causal.published.reading.characters import plain


class Paragraph(NamedTuple):
    """Running text, in which every stretch knows where it stands.

    Attributes
    ----------
    text : str
        In plain characters.
    starts : tuple of int
        Where in the text each stretch begins.
    places : tuple of str
        Where each stretch stands in the file, such as "line 212".
    heading : bool
        Whether the file marks it as a heading.
    """

    text: str
    starts: tuple[int, ...]
    places: tuple[str, ...]
    heading: bool = False

    def place(self, at: int) -> str:
        """Return where a character stands in the file."""
        return self.places[bisect_right(self.starts, at) - 1]


class Row(NamedTuple):
    """Row of a table, its cells in plain characters."""

    place: str
    cells: tuple[str, ...]


class Table(NamedTuple):
    """Table with the text that stands over it."""

    rows: tuple[Row, ...]
    caption: str = ""


_DIVIDED = re.compile(r"(?<=[a-z])- ?$")


def joined(stretches: Sequence[tuple[str, str]], *, heading: bool = False) -> Paragraph:
    """Put stretches of text together, words that the end of a line divides joined again."""
    text, starts, places = "", [], []
    for place, raw in stretches:
        piece = plain(raw).strip()
        if text and _DIVIDED.search(text) and piece[:1].islower():
            text = _DIVIDED.sub("", text)
        elif text:
            text += " "
        starts.append(len(text))
        places.append(place)
        text += piece
    return Paragraph(text, tuple(starts), tuple(places), heading)


def over(blocks: Sequence[Paragraph | Table]) -> str:
    """Return the text that stands over a table and names it, where the paragraph before does."""
    last = blocks[-1] if blocks else None
    return last.text if isinstance(last, Paragraph) and re.match(r"Table\b", last.text) else ""
