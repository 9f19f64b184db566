"""Questions that a file leaves open: where the answer stands in a study file, and what to write there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from iom_causal.errors import SpecError

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


OF_WINDOWS = ("months", "windows")
"""Keys that are of how long people are followed, whatever stands inside them."""
WEIGHTS = (
    ("file", "sheet", "id", "period", "drop_rows", "group", "managed", "start", "events.id", "custody.id", "selection"),
    ("outcomes", "outcomes.columns"),
    ("index_date", "months", "windows", "equal_windows", "custody_days", "days_at_risk", "events.date"),
)
"""Keys by what they decide, that which weighs most first: who counts and how they got in, what counts, for how long.

Any other decides what a number means.
"""


def by_weight(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Return questions in order of what they decide: who counts, what is counted, for how long, what a number means.

    Examples
    --------
    >>> [q.key for q in by_weight([Question("missing", ""), Question("windows", ""), Question("managed", "")])]
    ['managed', 'windows', 'missing']
    """
    return tuple(sorted(questions, key=lambda question: weight(question.key)))


def weight(key: str) -> int:
    """Return the place of a key among `WEIGHTS`, the fewer the more it weighs."""
    root, *inside = key.split(".")
    names = {key, ".".join([root, *inside[-1:]])} | ({root} if root in OF_WINDOWS or not inside else set())
    return next((k for k, keys in enumerate(WEIGHTS) if names & set(keys)), len(WEIGHTS))


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


def unanswered(asked: Sequence[Question], name: str) -> SpecError:
    """Return the refusal of a study in which these questions stand, those that decide most first.

    Examples
    --------
    >>> unanswered([Question("id", "which column")], "study.toml").message
    'study.toml: fill in the lines that still say EDIT: id (which column)'
    """
    lines = [f"{each.key} ({each.ask})" if each.ask else each.key for each in by_weight(asked)]
    return SpecError("IOM-E096", f"{name}: fill in the lines that still say {EDIT}: {'; '.join(lines)}")


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
