"""What other choices would have given: the answer under every combination of them, and which moves it most."""

from collections import Counter
from collections.abc import Iterator, Mapping

from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.remainder_set import decimals_of
from iom_causal.analysis.sensitivity import curves
from iom_causal.analysis.sensitivity.curves import Curves
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import counted, fixed, number, percent
from iom_causal.report import sentences
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part
from iom_causal.sensitivity.specification_curve import Specification, SpecificationCurve

TITLE = "What other choices would have given"
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
    "Of these answers on {outcome} {below} lie below {nothing}, where nothing remains, and {above} above; of their "
    "{level} intervals {under} lie wholly below it and {over} wholly above."
)
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
CAPTION = (
    "Which choices move what remains of {}, the most first: the part of the spread of all answers that lies between "
    "the levels of the choice, and the level at which the answer is lowest on average and the one at which it is "
    "highest."
)
HEADS = ("choice", "part of the spread", "lowest", "highest")
FIGURE = (
    "Each upright line is one of {many}, with its {level} interval, in the order of what remains of {outcome}; the "
    "marks under it say with which choices it was made, and at the dashed line nothing remains."
)
ALT = (
    "{many} in order: what remains of {outcome} rises from {least} to {most}; {below} lie below {nothing}. Rows of "
    "marks below, by choice: {choices}."
)
FILE = "specifications.csv"


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the answers under every combination of choices, and the choices by how far they move them."""
    found = results.of(curves.run) or Curves()
    if not found.curves:
        return ()
    said = [text for curve in found.curves for text in _said(curve)]
    shown = Section(
        title=TITLE,
        name="specifications",
        finding=" ".join(map(_finding, found.curves)),
        paragraphs=(*said, NO_DRAWS, *(sentences.not_computed(one) for one in found.refusals)),
        tables=tuple(map(_table, found.curves)),
        figures=tuple(_figure(curve, subject.release) for curve in found.curves),
        detail=True,
    )
    return (shown,)


def _many(curve: SpecificationCurve) -> str:
    return counted(len(curve.answered), "[combination|combinations]")


def _finding(curve: SpecificationCurve) -> str:
    least, most = _reach(curve, curve.answered)
    start = FINDING[curve.scale].format(outcome=curve.outcome, many=_many(curve), least=least, most=most)
    first = curve.ranked[0]
    return f"{start} {MOST.format(first) if curve.effects[first].share else NO_CHOICE}"


def _reach(curve: SpecificationCurve, rows: tuple[Specification, ...]) -> tuple[str, str]:
    least, most = (_text(curve, end) for end in curve.reach(rows))
    return least, most


def _text(curve: SpecificationCurve, value: float) -> str:
    return fixed(value, decimals_of(curve.scale, curve.reach(curve.answered)))


def _said(curve: SpecificationCurve) -> Iterator[str]:
    shares = {name: percent(share) for name, share in curve.shares.items()}
    yield SIDES.format(
        outcome=curve.outcome,
        nothing=number(curve.nothing),
        level=percent(curve.level),
        under=shares["interval_below"],
        over=shares["interval_above"],
        **shares,
    )
    allowing = curve.allowing
    if allowing is not None:
        kind = "all" if len(allowing) == len(curve.answered) else "some" if allowing else "none"
        least, most = _reach(curve, allowing or curve.answered)
        yield ALLOWING[kind].format(
            outcome=curve.outcome, some=len(allowing), all=len(curve.answered), least=least, most=most
        )
    why = Counter(row.refused for row in curve.rows if row.code)
    if why:
        reason = why.most_common(1)[0][0].removeprefix(f"{curve.outcome}: ").rstrip(".")
        yield counted(sum(why.values()), REFUSED.format(curve.outcome, reason))


def _table(curve: SpecificationCurve) -> Table:
    return Table(CAPTION.format(curve.outcome), HEADS, tuple(_row(curve, name) for name in curve.ranked), FILE)


def _row(curve: SpecificationCurve, choice: str) -> tuple[str, ...]:
    ends = (f"{_text(curve, value)}, {label}" for label, value in curve.ends_of(choice))
    return (choice, percent(curve.effects[choice].share), *ends)


def _figure(curve: SpecificationCurve, release: Release) -> Figure:
    least, most = _reach(curve, curve.answered)
    many, level = _many(curve), percent(curve.level)
    choices = "; ".join(f"{name}: {' / '.join(labels)}" for name, labels in curve.levels.items())
    return Figure(
        f"specifications-{curve.outcome}",
        FIGURE.format(many=many, level=level, outcome=curve.outcome),
        ALT.format(
            many=many,
            outcome=curve.outcome,
            least=least,
            most=most,
            below=percent(curve.shares["below"]),
            nothing=number(curve.nothing),
            choices=choices,
        ),
        release.image(curve.plot()),
    )


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return every combination as one table; a choice that an outcome does not have is empty in its rows."""
    found = results.of(curves.run) or Curves()
    return {FILE: subject.release.leaving(found.table(), SpecificationCurve)} if found.curves else {}


PART = Part(step=curves.run, section=section, files=files)
