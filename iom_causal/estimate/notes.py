"""Notes and assumptions that say of which kind they are, and are plain text otherwise."""

from collections.abc import Iterable
from typing import Self

ALLOWANCE = "allowance"
"""An assumption that an adjustment line is right."""
LEFT_OUT = "left out"
"""An assumption made by leaving an adjustment line out."""
TOO_NARROW = "too narrow"
"""A note that the interval allows for less variance than there is."""
COMPLETENESS = "completeness"
"""A note on how many people have the windows that are used."""
UNLIKE_TIME = "unlike time"
"""A note that counts over unlike lengths of time are compared, and not rates."""
DAYS_UNUSED = "days unused"
"""A note that days at risk were given and are not used."""
DAYS_DIFFER = "days differ"
"""A note that pooled rates weight people by days at risk that differ between them."""
KINDS = (DAYS_DIFFER, DAYS_UNUSED, ALLOWANCE, LEFT_OUT, TOO_NARROW, COMPLETENESS, UNLIKE_TIME)


class Note(str):
    """A note or an assumption of an estimate with its kind, for what reads results without reading prose.

    It equals its text, and prints, pickles and sorts as that.

    Parameters
    ----------
    text : str
        The sentence.
    kind : str
        One of `KINDS`.

    Examples
    --------
    >>> note = Note("the allowance for ageing is right", ALLOWANCE)
    >>> note == "the allowance for ageing is right", note.kind
    (True, 'allowance')
    """

    __slots__ = ("kind",)

    kind: str

    def __new__(cls, text: str, kind: str) -> Self:
        """Make the text a note of a kind."""
        note = super().__new__(cls, text)
        note.kind = kind
        return note

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.kind


def of_kind(notes: Iterable[str], kind: str) -> tuple[str, ...]:
    """Return the notes of one kind; plain text is of none.

    Examples
    --------
    >>> of_kind((Note("a", TOO_NARROW), Note("b", COMPLETENESS), "c"), TOO_NARROW)
    ('a',)
    """
    return tuple(note for note in notes if isinstance(note, Note) and note.kind == kind)


def without_kind(notes: Iterable[str], kind: str) -> tuple[str, ...]:
    """Return the notes that are not of one kind.

    Examples
    --------
    >>> without_kind((Note("a", TOO_NARROW), Note("b", COMPLETENESS), "c"), TOO_NARROW)
    ('b', 'c')
    """
    return tuple(note for note in notes if not (isinstance(note, Note) and note.kind == kind))
