"""How strong something that no line of a ledger holds would have to be, from people."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from iom_causal.analysis.results import Refusal
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough, readable, staggered
from iom_causal.errors import IomCausalError
from iom_causal.panel import Panel
from iom_causal.sensitivity.placebo_dates import placebo_dates
from iom_causal.sensitivity.placebo_result import PlaceboDates
from iom_causal.sensitivity.rosenbaum import RosenbaumBounds, rosenbaum_bounds

EVENTS = ("count", "amount")
"""Kinds of outcome of which earlier dates tell."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """What is worked out of one outcome of people.

    Parameters
    ----------
    outcome : str
        Its name.
    rosenbaum : RosenbaumBounds, Refusal or None
        How strong hidden bias in the order of windows would have to be; None where people were selected on the outcome,
        so that a larger value before is so by construction.
    placebo : PlaceboDates, Refusal or None
        The same rule at earlier dates; None where the data have no earlier windows of people who were not managed.
    """

    outcome: str
    rosenbaum: RosenbaumBounds | Refusal | None
    placebo: PlaceboDates | Refusal | None


def run(subject: Subject, _effort: Effort) -> tuple[Strengths, ...]:
    """Work out bounds of every outcome but shares; none of a published table, which has no people to order."""
    return tuple(_strengths(subject))


def _strengths(subject: Subject) -> Iterator[Strengths]:
    for outcome in subject.outcomes:
        data = readable(subject, outcome.name)
        if not isinstance(data, Panel) or outcome.kind == "binary" or staggered(subject, outcome.name):
            continue
        on_it = data.selection is not None and data.selection.variable == outcome.name
        if enough(subject, data):
            yield Strengths(
                outcome.name,
                None if on_it else _tried(outcome.name, "Rosenbaum bounds", partial(rosenbaum_bounds, data)),
                _earlier(outcome.name, data) if outcome.kind in EVENTS else None,
            )


def _earlier(name: str, panel: Panel) -> PlaceboDates | Refusal | None:
    """Return what earlier dates show, where there are windows for one of people who were not managed."""
    if panel.group.all() or sum(not window.post for window in panel.windows) < 2:
        return None
    return _tried(name, "placebo dates", partial(placebo_dates, panel))


def _tried[T](name: str, what: str, work: Callable[[], T]) -> T | Refusal:
    try:
        return work()
    except IomCausalError as error:
        return Refusal(name, what, error)
