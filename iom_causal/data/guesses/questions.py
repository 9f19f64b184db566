"""Questions that a file of people leaves open: where the answer stands in a study file, and what to write there."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

EDIT = "EDIT"
"""Stands in a study file where somebody must still say what holds."""


class Question(NamedTuple):
    """Open question about a file of people: the key of the study file that answers it, and what to write there.

    Attributes
    ----------
    key : str
        Of `Extract`, such as ``missing``; inside a row of a list ``outcomes.<name>.<field>`` or
        ``windows.<label>.<field>``.
    ask : str
        What to write, with two examples at most.

    Examples
    --------
    >>> Question("missing", 'is 99 a code for no value? Write ["99"], or [] if it is a count').text
    'EDIT: is 99 a code for no value? Write ["99"], or [] if it is a count'
    """

    key: str
    ask: str

    @property
    def text(self) -> str:
        """What stands in the study file until it is answered."""
        return f"{EDIT}: {self.ask}"


def is_open(value: Any) -> bool:
    """Whether a value of a study file is a question that nobody has answered."""
    return isinstance(value, str) and value.startswith(EDIT)


def open_questions(table: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return the questions that stand in a table as it was read, one a key, in its order.

    Examples
    --------
    >>> open_questions({"id": "urn", "outcomes": [{"name": "arrests", "kind": "EDIT: count or score"}]})
    (Question(key='outcomes.arrests.kind', ask='count or score'),)
    """
    asked: dict[str, list[str]] = {}
    for key, text in _standing(table, ()):
        asked.setdefault(key, []).append(text.removeprefix(EDIT).removeprefix(":").strip())
    return tuple(Question(key, "; ".join(dict.fromkeys(filter(None, asks)))) for key, asks in asked.items())


def _standing(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _standing(item, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for item in value:
            named = [item[key] for key in ("name", "label") if key in item] if isinstance(item, Mapping) else []
            yield from _standing(item, (*path, *(str(name) for name in named if not is_open(name))))
    elif is_open(value):
        yield ".".join(path), value
