"""The verdict of a first answer in words: one line under the question, and the words at the line of its picture."""

from collections.abc import Mapping
from typing import NamedTuple

from iom_causal.analysis.comparison import Basis, basis_of
from iom_causal.analysis.first_answer import FirstAnswer, Side


class Verdict(NamedTuple):
    """A verdict.

    Attributes
    ----------
    text : str
        The line under the question.
    drawn : str
        What stands at the level after in the picture.
    """

    text: str
    drawn: str


NOT_KNOWN = Verdict(
    "Cannot tell: anything from none to all of it might have come anyway.",
    "what was to be expected is not known",
)
INSIDE = Verdict("Cannot tell: all of it might have come anyway.", "inside what was to be expected")
BY_COMPARISON = Verdict(
    "{Side} what was to be expected, if {holds}, which no figure shows.", "{side} what was to be expected, if {holds}"
)
BY_ASSUMPTIONS = Verdict(
    "{Side} what was to be expected; that does not show that the programme {moved} it.",
    "{side} what was to be expected, if the assumptions hold",
)
DAYS_DIFFER = Verdict(
    "Cannot tell: {side} what the assumptions lead to, but days at risk differ between people.",
    "{side} what was to be expected, unless by days at risk",
)
TWO_ANSWERS = Verdict(
    "Cannot tell: {side} what was to be expected by the comparison, {other} it by the assumptions.",
    "{side} by the comparison, {other} by the assumptions",
)
HOLDS: Mapping[Basis, str] = {
    Basis.OTHERS: "the comparison holds",
    Basis.COURSE: "their own course would have gone on",
    Basis.RULE: "the comparison holds",
}
"""What must hold, by with what a design compares."""
MOVED: Mapping[Side, str] = {Side.BELOW: "lowered", Side.ABOVE: "raised"}


def verdict(answer: FirstAnswer) -> Verdict:
    """Return the verdict of an answer, by where the level after lies against what was to be expected."""
    standing = answer.standing
    if standing.side is Side.NOT_KNOWN:
        said = NOT_KNOWN
    elif standing.side is Side.INSIDE:
        said = INSIDE
    elif not standing.agreed:
        said = TWO_ANSWERS
    elif standing.compared:
        said = BY_COMPARISON
    else:
        said = DAYS_DIFFER if standing.days_differ else BY_ASSUMPTIONS
    side = str(standing.side)
    words = {
        "side": side,
        "Side": side.capitalize(),
        "other": str(standing.other),
        "moved": MOVED.get(standing.side, ""),
        "holds": HOLDS[basis_of(answer.contrast.spec)] if standing.compared and answer.contrast is not None else "",
    }
    return Verdict(*(text.format(**words) for text in said))
