"""What is said of a specification curve, on the page and by the command: where answers go, and what moves them."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from iom_causal.base.decimals import decimals_of
from iom_causal.base.formats import counted, fixed, number, percent
from iom_causal.sensitivity.specification_curve import Specification, SpecificationCurve

FINDING: Mapping[str, str] = {
    "ratio": (
        "What remains of {outcome} rests on choices that figures do not make: over {many} of them, each right if its "
        "allowances are, the ratio goes from {least} to {most}."
    ),
    "points": (
        "What remains of {outcome}, in points, rests on choices that figures do not make: over {many} of them, each "
        "right if its allowances are, it goes from {least} to {most}."
    ),
}
MOST = "What moves it most is {}."
NO_CHOICE = "None of these choices moves it."
SIDES = (
    "Of these answers on {outcome} {below} lie below {nothing}, where nothing remains, and {above} above{others}; of "
    "their {level} intervals {under} lie wholly below it and {over} wholly above."
)
HOLD = ", while the others hold it"
"""What sets do that reach to both sides."""
ROUNDING = 1e-9
"""Shares whose sum is nearer to one are of all answers."""
NO_DRAWS = (
    "Combinations are choices and no draws: how many of them lie on one side says nothing of how likely that side is, "
    "and what no choice here holds is in none of them."
)
ALLOWING: Mapping[str, str] = {
    "all": "All answers on {outcome} allow for a fall that comes by itself to people who were picked.",
    "none": (
        "None of the answers on {outcome} allows for a fall that comes by itself to people who were picked because of "
        "high numbers: it is in every one of them."
    ),
    "some": (
        "{some} of {all} answers on {outcome} allow for a fall that comes by itself to people who were picked because "
        "of high numbers; these go from {least} to {most}. The others suppose that nobody was picked so."
    ),
}
"""How many answers allow for regression to the mean, where that is known."""
REFUSED = (
    "[combination|combinations] on {} [was|were] refused and [stays|stay] in the table with the reason, most "
    "often: {}. Averages are over the others, which are not alike at every level."
)
RANKED = "What moves {} most, by the part of the spread of all answers that lies between the levels of a choice:"
RANK = "  {}, {}: on average from {} ({}) to {} ({})"
NO_RANK = "  {}: does not move it"
ONE_LEVEL = "  {}: one of its levels alone has answers, so that it could not move them"


def many_of(curve: SpecificationCurve) -> str:
    """Say of how many combinations the answers are."""
    return counted(len(curve.answered), "[combination|combinations]")


def finding(curve: SpecificationCurve) -> str:
    """Say from where to where the answers go, and which choice moves them most."""
    least, most = reach_of(curve, curve.answered)
    start = FINDING[curve.scale].format(outcome=curve.outcome, many=many_of(curve), least=least, most=most)
    first = curve.ranked[0]
    return f"{start} {MOST.format(first) if curve.effects[first].share else NO_CHOICE}"


def reach_of(curve: SpecificationCurve, rows: tuple[Specification, ...]) -> tuple[str, str]:
    """Return the least and the greatest of some answers, as they are said."""
    least, most = (_text(curve, end) for end in curve.reach(rows))
    return least, most


def _text(curve: SpecificationCurve, value: float) -> str:
    return fixed(value, decimals_of(curve.scale, curve.reach(curve.answered)))


def said_of(curve: SpecificationCurve) -> Iterator[str]:
    """Say how many answers lie on each side, how many allow for regression to the mean, and what was refused."""
    shares = {name: percent(share) for name, share in curve.shares.items()}
    held = curve.shares["below"] + curve.shares["above"] < 1 - ROUNDING
    yield SIDES.format(
        outcome=curve.outcome,
        others=HOLD if held else "",
        nothing=number(curve.nothing),
        level=percent(curve.level),
        under=shares["interval_below"],
        over=shares["interval_above"],
        **shares,
    )
    allowing = curve.allowing
    if allowing is not None:
        kind = "all" if len(allowing) == len(curve.answered) else "some" if allowing else "none"
        least, most = reach_of(curve, allowing or curve.answered)
        yield ALLOWING[kind].format(
            outcome=curve.outcome, some=len(allowing), all=len(curve.answered), least=least, most=most
        )
    why = Counter(row.refused for row in curve.rows if row.code)
    if why:
        reason = why.most_common(1)[0][0].removeprefix(f"{curve.outcome}: ").rstrip(".")
        yield counted(sum(why.values()), REFUSED.format(curve.outcome, reason))


def ranked(curve: SpecificationCurve) -> Iterator[str]:
    """Name the choices in order, each with its part of the spread and its levels of the lowest and highest answers."""
    yield RANKED.format(curve.outcome)
    for choice in curve.ranked:
        effect = curve.effects[choice]
        if not effect.share:
            yield (ONE_LEVEL if np.isfinite(effect.means).sum() == 1 else NO_RANK).format(choice)
            continue
        share, ends = percent(effect.share), ends_of(curve, choice)
        yield RANK.format(choice, share, *(part for end in ends for part in end))


def ends_of(curve: SpecificationCurve, choice: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the lowest answer of a choice on average and the highest, as they are said, each with its level."""
    (lowest, low), (highest, high) = curve.ends_of(choice)
    return (_text(curve, low), lowest), (_text(curve, high), highest)
