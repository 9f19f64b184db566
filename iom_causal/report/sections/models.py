"""Count models on rebuilt cohorts: what the print pins, what varies over cohorts that print the same, what lacks."""

from iom_causal.analysis import models
from iom_causal.analysis.models import Models
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed
from iom_causal.report import phrases, sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part

FINDING = (
    "{} of {} models give the same ratio whatever people print this table; what the others give turns on what is not "
    "printed."
)


def section(_subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show count models side by side."""
    found = results.of(models.run) or Models()
    if not (found.estimates or found.refusals):
        return ()
    rows = tuple(
        (
            f"{e.outcome}: {e.method}",
            f"{fixed(e.set_low or 0, 3)} to {fixed(e.set_high or 0, 3)}",
            "yes, to the rounding" if e.pinned else "no",
        )
        for e in found.estimates
    )
    pinned = sum(bool(e.pinned) for e in found.estimates)
    shown = Section(
        title="Count models on the rebuilt cohorts",
        name="models",
        finding=FINDING.format(pinned, len(found.estimates)),
        paragraphs=(phrases.MODELS, *map(sentences.not_computed, found.refusals)),
        tables=(Table(phrases.MODEL_RANGES, ("model", "ratio", "pinned by the print"), rows),) if rows else (),
    )
    return (shown,)


PART = Part(step=models.run, section=section, only="print")
