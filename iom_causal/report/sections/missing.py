"""People without a later score: how far the mean change depends on what they are taken to have."""

from collections.abc import Mapping, Sequence

from iom_causal.analysis import missing
from iom_causal.analysis.missing import Missing
from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject, readable
from iom_causal.base import wording
from iom_causal.base.formats import number
from iom_causal.numerics.adjustment.missing import MeanChange, unchanged_change
from iom_causal.panel import Panel
from iom_causal.report import sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part

Z = 1.959964
FINDING = (
    "The mean change of everybody is not known: it goes from {} to {} points with what people without a later score "
    "are taken to have."
)
HANDLED: Mapping[str, str] = {
    "complete": "like those with both scores",
    "mar": "as their first score predicts (a line)",
    "imputed": "as their first score predicts (imputed many times)",
    "weighted": "like others with a first score like theirs (weighted)",
    "unchanged": "where they were before",
}
"""What the missing are taken to be."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the mean change of people under each way of treating the missing."""
    found = results.of(missing.run) or Missing()
    rows = tuple(
        (f"{name}: {HANDLED[how]}", *_coarsely(e, ways, _followed(subject, name)[1], subject.release))
        for name, given in found.by_method.items()
        for ways in (as_released(given, *_followed(subject, name), subject.release),)
        for how, e in ways.items()
    )
    caption = "Mean change among all people, in points, by what the missing are taken to be."
    shown = Section(
        title="People without a later score",
        name="lost",
        finding=_finding(rows),
        paragraphs=(wording.MISSING,),
        tables=(Table(caption, ("the missing are taken to be", "mean change", "95% interval"), rows),),
    )
    return (shown,) if rows else ()


def _finding(rows: Sequence[tuple[str, ...]]) -> str:
    """Say how far the mean change depends on what the missing are taken to be."""
    means = [float(mean.replace(",", "")) for _, mean, _ in rows]
    return FINDING.format(number(min(means, default=0.0)), number(max(means, default=0.0)))


def _followed(subject: Subject, name: str) -> tuple[int, int]:
    """Return how many people have both scores, of how many."""
    data = readable(subject, name)
    two = data.managed.prepost() if isinstance(data, Panel) else None
    return (0, 0) if two is None else (two.n_complete, two.n)


def as_released(ways: Mapping[str, MeanChange], kept: int, n: int, release: Release) -> Mapping[str, MeanChange]:
    """Return the ways of treating the missing, none of which gives their number away beside the others.

    Where people lost are taken to be unchanged, the mean change is that of the others times the share that stayed: of
    people it is worked out from the share that may be given, and nothing is shown where none may be.
    """
    if not release.guarded or "unchanged" not in ways:
        return ways
    share = release.share_lost(kept, n)
    if not share:
        return {}
    return {**ways, "unchanged": unchanged_change(ways["complete"], 1 - share, release.rounded(n))}


def _coarsely(e: MeanChange, ways: Mapping[str, MeanChange], n: int, release: Release) -> tuple[str, str]:
    largest = max(abs(way.estimate) for way in ways.values())
    half = Z * e.std_error
    ends = release.coarse_ends(e.estimate - half, e.estimate + half, largest, n)
    return release.coarse(e.estimate, largest, n), " to ".join(ends)


def lost(name: str, results: Results) -> tuple[str, ...]:
    """Say of a published score what people lost to follow-up could do to the change of all."""
    found = results.of(missing.run) or Missing()
    if found.lost is None or found.lost.outcome != name:
        return ()
    of = found.lost
    return (sentences.lost_sentence(of.outcome, of.n, of.n_followed, of.tipping_mean, of.support, of.bounds),)


PART = Part(step=missing.run, section=section)
