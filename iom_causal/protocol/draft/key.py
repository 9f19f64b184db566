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
        """Whether it stands as it was guessed; a question inside one row leaves the other rows and fields guessed."""
        said = (self.why, *(row.why for row in self.rows))
        asked = len(self.rows) < len(self.value) if self.rows else bool(self.questions)
        return self.live and not asked and any(why.startswith("guessed") for why in said)

    @property
    def plain(self) -> Any:
        """What stands there, as a file is read."""
        if not isinstance(self.value, tuple):
            return self.value
        return [row.table if isinstance(row, Row) else row for row in self.value]

    @property
    def questions(self) -> tuple[Question, ...]:
        """What it leaves to be answered."""
        return open_questions({self.name: self.plain}) if self.live else ()
