"""Of which outcomes sensitivity is asked, and why nothing is told of one."""

from collections.abc import Iterable, Sequence

from iom_causal.analysis.ledgers import shows_change
from iom_causal.analysis.subject import Named, Subject, enough, readable
from iom_causal.base.specs import check_choice
from iom_causal.errors import InputError

COUNTED, SCORED = ("count", "amount"), ("score",)
"""Kinds of outcome whose change is a ratio, and in points."""


def asked_outcomes(
    subject: Subject, name: str = "", first: Sequence[Sequence[str]] = (COUNTED, SCORED)
) -> tuple[Named, ...]:
    """Return the outcome that is named, or of each of several kinds the first.

    Parameters
    ----------
    subject : Subject
        The study.
    name : str
        Of an outcome; empty for the first ones.
    first : sequence of sequence of str
        Kinds that count as one: the first outcome of any of them is taken.

    Raises
    ------
    SpecError
        IOM-E093 for an outcome that there is none of, with the nearest.
    """
    usual = [o for o in subject.outcomes if o.kind in (*COUNTED, *SCORED)]
    if name:
        check_choice(name, [o.name for o in usual], "outcome")
        return tuple(o for o in usual if o.name == name)
    found = (next((o for o in usual if o.kind in kinds), None) for kinds in first)
    return tuple(outcome for outcome in found if outcome is not None)


def untold(subject: Subject, name: str) -> str:
    """Return why nothing is told of how an outcome changed: "unread", "few" or "no change"; empty where it is told."""
    data = readable(subject, name)
    if data is None:
        return "unread"
    if not enough(subject, data):
        return "few"
    return "" if shows_change(data) else "no change"


def nothing_told(subject: Subject, outcomes: Iterable[Named]) -> InputError:
    """Return the error that says that nothing is told of any of these outcomes, and how many people it takes."""
    rules = subject.release.rules
    people = "" if rules is None or rules.research else f" of at least {rules.threshold} managed people"
    names = ", ".join(o.name for o in outcomes) or "none"
    return InputError(
        "IOM-E066",
        f"sensitivity: expected a count or a score{people}, with the mean of the same people before and after, "
        f"got {names}",
    )
