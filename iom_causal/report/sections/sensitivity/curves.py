"""What other choices would have given: the answer under every combination of them, and which moves it most."""

from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.sensitivity import curves
from iom_causal.analysis.sensitivity.curves import Curves
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import number, percent
from iom_causal.report import sentences
from iom_causal.report.curve_sentences import NO_DRAWS, ends_of, finding, many_of, reach_of, said_of
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part
from iom_causal.sensitivity.specification_curve import SpecificationCurve

TITLE = "What other choices would have given"
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
    said = [text for curve in found.curves for text in said_of(curve)]
    shown = Section(
        title=TITLE,
        name="specifications",
        finding=" ".join(map(finding, found.curves)),
        paragraphs=(*said, NO_DRAWS, *(sentences.not_computed(one) for one in found.refusals)),
        tables=tuple(map(_table, found.curves)),
        figures=tuple(_figure(curve, subject.release) for curve in found.curves),
        detail=True,
    )
    return (shown,)


def _table(curve: SpecificationCurve) -> Table:
    return Table(CAPTION.format(curve.outcome), HEADS, tuple(_row(curve, name) for name in curve.ranked), FILE)


def _row(curve: SpecificationCurve, choice: str) -> tuple[str, ...]:
    ends = (f"{value}, {label}" for value, label in ends_of(curve, choice))
    return (choice, percent(curve.effects[choice].share), *ends)


def _figure(curve: SpecificationCurve, release: Release) -> Figure:
    least, most = reach_of(curve, curve.answered)
    many, level = many_of(curve), percent(curve.level)
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
