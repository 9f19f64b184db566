"""Records of what a text says of a study: an answer a key where one reading is left, else a question, and places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple


class Found(NamedTuple):
    """Figures as they stand in the text, and where."""

    place: str
    text: str


class Answer(NamedTuple):
    """What a key of a study file holds.

    Attributes
    ----------
    value : str or tuple of str
        As reported; empty where the text leaves several readings, or none.
    ask : str
        What somebody has to say, where it is empty.
    why : str
        How it was found, where that is not plain from the figures beside it.
    """

    value: str | tuple[str, ...] = ""
    ask: str = ""
    why: str = ""


type Answers = Mapping[str, Answer]


def agreed(values: Iterable[str], ask: str, why: str = "") -> Answer:
    """Return the one value that all give, or the question with those that differ.

    Examples
    --------
    >>> agreed(["225", "225"], "how many").value, agreed(["225", "187"], "how many").ask
    ('225', 'how many: 225 or 187?')
    """
    distinct = tuple(dict.fromkeys(filter(None, values)))
    if len(distinct) == 1:
        return Answer(distinct[0], why=why)
    return Answer(ask=f"{ask}: {' or '.join(distinct)}?" if distinct else ask)


@dataclass(frozen=True, slots=True)
class OutcomeReading:
    """What the text says of one outcome.

    Parameters
    ----------
    name, kind : Answer
        As in `Outcome`.
    before, after, test, effect, change : mapping of str to Answer
        Keys of the tables of the outcome; none where nothing was found.
    seen : tuple of Found
        The figures from which it was read.
    """

    name: Answer
    kind: Answer
    before: Answers = field(default_factory=dict)
    after: Answers = field(default_factory=dict)
    test: Answers = field(default_factory=dict)
    effect: Answers = field(default_factory=dict)
    change: Answers = field(default_factory=dict)
    seen: tuple[Found, ...] = ()

    def figure(self, side: str, key: str) -> str:
        """Return a figure of a window, empty where it is not known."""
        value = (self.before if side == "before" else self.after).get(key, Answer()).value
        return value if isinstance(value, str) else ""

    def with_gaps_filled(self, other: "OutcomeReading") -> "OutcomeReading":
        """Return it with what another reading of the same outcome adds; where the two differ, a question."""
        merged = {
            part: _merged(mine, theirs)
            for part, mine, theirs in (
                ("before", self.before, other.before),
                ("after", self.after, other.after),
                ("test", self.test, other.test),
                ("effect", self.effect, other.effect),
                ("change", self.change, other.change),
            )
        }
        return replace(
            self,
            name=self.name if self.name.value else other.name,
            kind=self.kind if self.kind.value else other.kind,
            seen=(*self.seen, *(found for found in other.seen if found not in self.seen)),
            **merged,
        )


def _merged(mine: Answers, theirs: Answers) -> Answers:
    keys = dict.fromkeys((*mine, *theirs))
    return {key: _one_of(key, mine.get(key), theirs.get(key)) for key in keys}


def _one_of(key: str, mine: Answer | None, theirs: Answer | None) -> Answer:
    if mine is None or theirs is None or not mine.value or not theirs.value:
        known = [answer for answer in (mine, theirs) if answer is not None]
        return next((answer for answer in known if answer.value), known[0])
    if isinstance(mine.value, str) and isinstance(theirs.value, str):
        return agreed((mine.value, theirs.value), f"which {key} holds", mine.why)
    return mine


class Section(NamedTuple):
    """Table of a study file: its head, its keys, and above it what was found for it.

    Attributes
    ----------
    head : str
        Such as ``[published.sample]``.
    keys : mapping of str to Answer
        In order; with none the head is a comment too.
    seen : tuple of Found
        Candidates, of which some may stand in the keys.
    note : str
        What is to be done with the candidates.
    """

    head: str
    keys: Answers = MappingProxyType({})
    seen: tuple[Found, ...] = ()
    note: str = ""
