"""The verdict of a first answer in words: one line under the question, and the words at the line of its picture."""

from collections.abc import Mapping
from typing import NamedTuple

from iom_causal.analysis.comparison import Basis, basis_of
from iom_causal.analysis.first_answer import FirstAnswer, Side
from iom_causal.report.answer_words import capital


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
    "{Fewer} than was to be expected if {holds}; these data cannot show whether that is so.",
    "{fewer} than was to be expected, if {holds}",
)
BY_ASSUMPTIONS = Verdict(
    "{Fewer} than was to be expected; that does not show that the programme did it.",
    "{fewer} than was to be expected, if the assumptions hold",
)
DAYS_DIFFER = Verdict(
    "Cannot tell: {fewer} than the assumptions lead to, but days at risk differ between people.",
    "{fewer} than was to be expected, unless by days at risk",
)
TWO_ANSWERS = Verdict(
    "Cannot tell: {fewer} than was to be expected by the comparison, {other} by the assumptions.",
    "{fewer} than by the comparison, {other} by the assumptions",
)
HOLDS: Mapping[Basis, str] = {
    Basis.OTHERS: "the comparison holds",
    Basis.COURSE: "their own course would have gone on",
    Basis.RULE: "the comparison holds",
}
"""What must hold, by with what a design compares."""
FEWER: Mapping[Side, Mapping[str, str]] = {
    Side.BELOW: {"count": "fewer {0}", "amount": "less {0}", "score": "a lower {0}", "binary": "a smaller share"},
    Side.ABOVE: {"count": "more {0}", "amount": "more {0}", "score": "a higher {0}", "binary": "a larger share"},
}
"""What there was, by where it lies and by kind."""
OTHER: Mapping[Side, str] = {Side.INSIDE: "as many as expected", Side.BELOW: "fewer", Side.ABOVE: "more"}
"""Where it lies by assumptions, in few words."""


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
    fewer = FEWER[standing.side][answer.kind].format(answer.outcome) if standing.side in FEWER else ""
    words = {
        "fewer": fewer,
        "Fewer": capital(fewer),
        "other": "" if standing.other is None else OTHER.get(standing.other, ""),
        "holds": HOLDS[basis_of(answer.contrast.spec)] if standing.compared and answer.contrast is not None else "",
    }
    return Verdict(*(text.format(**words) for text in said))
