"""Lines of a study file that were guessed and that nobody has confirmed, with what they state."""

from dataclasses import dataclass
from typing import Any

from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject
from iom_causal.data.guesses.questions import weight
from iom_causal.data.reading.columns import CODED


@dataclass(frozen=True, slots=True)
class Guess:
    """A line that was guessed.

    Parameters
    ----------
    key : str
        Of `Extract`.
    value : object
        What it states.
    cells : int, optional
        How many cells it concerns, where they are counted.
    """

    key: str
    value: Any
    cells: int | None = None


def run(subject: Subject, _effort: Effort) -> tuple[Guess, ...]:
    """Return the guesses that still stand, in the order of the study file."""
    coded = sum(fact.people for fact in subject.facts if fact.what.endswith(CODED.format("")))
    counts = {"missing": coded}
    guessed = sorted(subject.guessed.items(), key=lambda item: weight(item[0]))
    return tuple(Guess(key, value, counts.get(key)) for key, value in guessed)
