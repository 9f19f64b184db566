"""What the checks share: a result that marks, and the way to what they are made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from iom_causal.base.equality import same
from iom_causal.base.result import Result
from iom_causal.bayes.shared.tree import PosteriorTree
from iom_causal.errors import SpecError
from iom_causal.estimate import Estimate
from iom_causal.estimate.fields import Deferred


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


def native(result: Estimate) -> Any:
    """Return the DataTree of a Bayesian result.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind, and for a set, which has several posteriors or keeps none.
    """
    sampler_of(result)
    tree = result.held.made() if isinstance(result.held, Deferred) else None
    if tree is None or "posterior" not in tree.children:
        raise SpecError("IOM-E092", f"{result.method}: this result has no one posterior; check each of its cases alone")
    return tree


def held(result: Estimate) -> PosteriorTree:
    """Return model, people and posterior of a Bayesian result.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind, or without them.
    """
    sampler_of(result)
    if not isinstance(result.held, PosteriorTree):
        raise SpecError("IOM-E092", f"{result.method}: this result has no model of people to draw from")
    return result.held


def sampler_of(result: Estimate) -> str:
    """Return how the posterior of a Bayesian result was worked out.

    Raises
    ------
    SpecError
        IOM-E092 for a result of another kind.
    """
    sampler = result.diagnostics.get("sampler") if isinstance(result, Estimate) else None
    if sampler is None:
        raise SpecError("IOM-E092", "expected the result of a Bayesian model, as the call of one returns it")
    return str(sampler)
