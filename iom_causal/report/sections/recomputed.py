"""The printed table beside the recomputed one."""

from iom_causal.analysis.published import recomputed
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import wording
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part

FINDING = "{} of the {} printed statistics come out the same in a cohort that was rebuilt from them."


def section(_subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the paper's table beside the recomputed one."""
    found = results.of(recomputed.run)
    if found is None:
        return ()
    rows = tuple((f"{r.outcome}: {r.statistic}", r.printed, r.rebuilt, "yes" if r.agrees else "no") for r in found.rows)
    direction = "before minus after" if found.contrast == "before_minus_after" else "after minus before"
    agree = sum(r.agrees for r in found.rows)
    shown = Section(
        title="The printed table, recomputed",
        name="recomputed",
        finding=FINDING.format(agree, len(found.rows)),
        paragraphs=(
            f"The rebuilt cohort is {wording.REBUILT}. Its t is in the paper's contrast, {direction}.",
            "Everywhere else on this page a change is after minus before, so a fall is negative.",
        ),
        tables=(Table("Printed and recomputed statistics.", ("statistic", "printed", "rebuilt", "the same"), rows),),
    )
    return (shown,) if rows else ()


PART = Part(step=recomputed.run, section=section, only="print")
