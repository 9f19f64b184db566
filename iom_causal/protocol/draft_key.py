"""Key of the first draft of a study file: its value, how it was guessed, and what is asked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from iom_causal.data.guesses.questions import Question, open_questions

GUESSED = "guessed from the column's name"
"""How the comment of a guessed key begins; each begins with its first word."""


class Row(NamedTuple):
    """Row of a list of tables, with its comment."""

    table: Mapping[str, Any]
    why: str = ""


class Key(NamedTuple):
    """Key of the draft.

    Attributes
    ----------
    name : str
        Of `Extract`.
    value : object
        What stands there; of a list of tables, its rows.
    why : str
        The comment behind it.
    above : tuple of str
        The comments above it.
    live : bool
        Whether it is read, or stands as a comment to be used.
    """

    name: str
    value: Any
    why: str = ""
    above: tuple[str, ...] = ()
    live: bool = True

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of a list of tables; none of any other key."""
        return tuple(row for row in self.value if isinstance(row, Row)) if isinstance(self.value, tuple) else ()

    @property
    def guessed(self) -> bool:
        """Whether it stands as it was guessed."""
        said = (self.why, *(row.why for row in self.rows))
        return self.live and not self.questions and any(why.startswith("guessed") for why in said)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it leaves to be answered."""
        value = self.value if not self.rows else [row.table if isinstance(row, Row) else row for row in self.value]
        return open_questions({self.name: value}) if self.live else ()
