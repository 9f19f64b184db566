"""Steps of an analysis: functions of the subject, and what those that were run have returned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from iom_causal.analysis.subject import Subject


@dataclass(frozen=True, slots=True)
class Effort:
    """What every step is run with beside the subject.

    Parameters
    ----------
    seed : int
        Of every random step.
    quick : bool
        Whether to draw less often, for a first look.
    remainder : bool
        Whether only what the identified set of the remainder reads is worked out: ledgers without posteriors and
        tipping values, and of the null models those at the ends.
    """

    seed: int = 1
    quick: bool = False
    remainder: bool = False


type Step[T] = Callable[[Subject, Effort], T]
"""A step: of any subject, the result; None or an empty one where there is nothing to work out."""


@dataclass(frozen=True, slots=True)
class Results:
    """Results of the steps that were run, each found by its step.

    Examples
    --------
    >>> def count(subject: Subject, effort: Effort) -> int:
    ...     return effort.seed
    >>> Results({count: 3}).of(count)
    3
    """

    found: Mapping[Step[Any], Any] = field(default_factory=dict)

    def of[T](self, step: Step[T]) -> T | None:
        """Return the result of a step, or None if it was not run."""
        return cast("T | None", self.found.get(step))

    def with_one(self, step: Step[Any], result: Any) -> "Results":
        """Return these results with that of one more step."""
        return Results({**self.found, step: result})


def work(subject: Subject, effort: Effort, *steps: Step[Any]) -> Results:
    """Run some steps on one subject."""
    return Results({step: step(subject, effort) for step in steps})
