"""What the checks share: a result that marks, and the way to what they are made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from iom_causal.base.equality import same
from iom_causal.base.result import Result
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Check(Result):
    """What the checks share: the outcome and method of the result, and what a reader must know."""

    outcome: str
    method: str
    notes: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def passed(self) -> bool:
        """Whether nothing was marked."""
        return not self.notes

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.outcome!r}, {'nothing' if self.passed else len(self.notes)} marked)"

    def lines(self, rows: Iterable[str]) -> str:
        """Return the lines of a summary: what was checked, its rows, and what is marked."""
        return "\n".join([f"{self.outcome}: {self.method}", *rows, *(f"note: {note}" for note in self.notes)])


def held(result: Estimate) -> PosteriorTree:
    """Return what the native object of a Bayesian result is made of."""
    if not isinstance(result, Estimate) or not isinstance(result.held, PosteriorTree):
        raise SpecError("IOM-E092", "expected the result of a Bayesian model, as the call of one returns it")
    return result.held


def native(result: Estimate) -> Any:
    """Return the DataTree of a Bayesian result."""
    held(result)
    return result.native
