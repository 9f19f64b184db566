"""How many people changed, over every cohort that prints the same."""

from iom_causal.analysis.published import people_changed
from iom_causal.analysis.published.people_changed import PeopleChanged
from iom_causal.analysis.release import Leaving
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base import axes, axes_of_rows
from iom_causal.report import phrases, sentences
from iom_causal.report.render.page import Figure, Section, Table
from iom_causal.report.sections.part import Part

NOT_FROM_MEANS = "Means do not say how many people changed."
MIXED = 1.1
"""R-hat above which sampled ranges are called examples."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the bounds, and where sampled cohorts lie."""
    found = results.of(people_changed.run) or PeopleChanged()
    if not found.ranges:
        return ()
    rows = tuple(
        (
            f"{r.outcome}: {r.feature}",
            f"{r.low} to {r.high}" + ("" if r.exact else " (outer)"),
            f"{r.sampled_low} to {r.sampled_high}",
        )
        for r in found.ranges
    )
    shown = Section(
        title="How many people changed",
        name="people-changed",
        finding=" ".join(headline(subject, results)) or NOT_FROM_MEANS,
        paragraphs=(
            NOT_FROM_MEANS,
            "The bounds hold for every set of numbers that prints this table.",
            (
                f"Sampled: where the middle 95% of {found.cohorts} sampled cohorts lie, over base measures that the "
                f"print cannot tell apart. {_mixing(found)}"
            ),
        ),
        tables=(Table("People, over all cohorts that print the same.", ("people", "logical bounds", "sampled"), rows),),
        figures=(_bars(found),),
    )
    return (shown,)


def _mixing(found: PeopleChanged) -> str:
    """Say how well the chains behind the rebuilt cohorts have mixed."""
    if found.r_hat is None or found.ess is None:
        return phrases.UNMIXED
    mixed = f"R-hat at most {found.r_hat:.2f}, effective size at least {found.ess:.0f}."
    return mixed if found.r_hat <= MIXED else f"{mixed} {phrases.UNMIXED}"


def _bars(found: PeopleChanged) -> Figure:
    ax = axes_of_rows.intervals(
        [f"{r.outcome}: {r.feature}" for r in found.ranges],
        [(r.low, r.high) for r in found.ranges],
        inner=[(r.sampled_low, r.sampled_high) for r in found.ranges],
    )
    ax.set_xlabel("people")
    return Figure(
        "people",
        "How many people changed: logical bounds (pale) and where sampled cohorts lie (dark).",
        "Bars from the lowest to the highest possible number of people: "
        + "; ".join(f"{r.outcome} {r.feature} {r.low} to {r.high}" for r in found.ranges),
        axes.to_svg(ax),
    )


def headline(_subject: Subject, results: Results) -> tuple[str, ...]:
    """Say how many people went the way of the mean."""
    found = results.of(people_changed.run) or PeopleChanged()
    return tuple(
        sentences.people_sentence(r.outcome, r.low, r.high, found.n, up=r.feature == "went up")
        for r in found.as_the_mean
    )


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the table of bounds."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found = results.of(people_changed.run) or PeopleChanged()
    return {"people.csv": subject.release.published(pd.DataFrame(found.ranges))} if found.ranges else {}


PART = Part(
    step=people_changed.run,
    section=section,
    headline=headline,
    files=files,
    doing="bounding how many people changed",
    only="print",
)
