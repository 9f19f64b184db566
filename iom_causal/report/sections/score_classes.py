"""How many people changed by more than the error of a score, and how many error alone would show."""

from collections.abc import Iterator

import numpy as np

from iom_causal.analysis import score_classes
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.score_classes import AFTER, BEFORE, COLUMNS, RELIABLE, SMALLEST, Class, ScoreClassed
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import fixed, percent
from iom_causal.base.result import table
from iom_causal.data.release.disclosure import WITHHELD
from iom_causal.report import sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections import score_class_phrases as said
from iom_causal.report.sections.part import Part

HEADS = ("people", "share", "from measurement error alone (95% limits)")


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the classes of each score of which the study states something."""
    found = results.of(score_classes.run) or ()
    return tuple(_section(each, subject.release) for each in found)


def _section(each: ScoreClassed, release: Release) -> Section:
    name = each.stated.outcome
    return Section(
        title=said.TITLE.format(name.capitalize()),
        name=f"classes-{name}",
        finding=_finding(each, release) or said.SHOWN.format(name),
        paragraphs=(
            *map(sentences.not_computed, each.refusals),
            *_basis(each),
            *((said.NESTED.format(name),) if each.nested else ()),
        ),
        tables=tuple(_tables(each, release)),
    )


def _finding(each: ScoreClassed, release: Release) -> str:
    """Say how many are in the best class, beside how many error alone would put there."""
    of = each.of(RELIABLE)
    if not of:
        return ""
    n, shown = release.count(each.people), [(best.label, *_cells(best, each.people, release)) for best in of[:-2]]
    given = [cells for cells in shown if WITHHELD not in cells]
    label, count, share, expected = (given or shown)[0]
    who = said.WHO[label] if len(shown) == 1 or label == "recovered" else said.SHORT_OF_CUT
    if not given:
        return said.FINDING_WITHHELD.format(n, who, each.stated.outcome, expected)
    return said.FINDING.format(n, count, share, who, each.stated.outcome, expected)


def _basis(each: ScoreClassed) -> Iterator[str]:
    """Say what the classes rest on."""
    if each.error is not None and each.margin is not None:
        yield said.RELIABLE_IS.format(_points(each.error), _points(each.margin))
        yield said.REGRESSES[each.stated.population_mean is not None]
        cuts = {name: cut for name, cut in each.cuts._asdict().items() if not np.isnan(cut)}
        if cuts:
            told = ", ".join(f"{name} = {_points(cut)}" for name, cut in cuts.items())
            yield said.CUT_IS.format(_points(each.cuts.used), told)
    elif each.classes:
        yield said.NO_ERROR


def _points(value: float) -> str:
    return fixed(value, 1)


def _tables(each: ScoreClassed, release: Release) -> Iterator[Table]:
    name, least = each.stated.outcome, each.stated.smallest_change
    captions = {
        RELIABLE: said.BY_RELIABLE.format(name),
        SMALLEST: said.BY_SMALLEST.format(name, "" if least is None else f"{least:g}"),
        BEFORE: said.BANDS_BEFORE.format(name),
        AFTER: said.BANDS_AFTER.format(name),
    }
    for kind, caption in captions.items():
        rows: tuple[tuple[str, ...], ...] = tuple((of.label, *_cells(of, each.people, release)) for of in each.of(kind))
        if rows:
            heads: tuple[str, ...] = (kind, *HEADS)
            if kind == BEFORE:  # of which error alone gives nothing to expect
                heads, rows = heads[:-1], tuple(row[:-1] for row in rows)
            yield Table(caption, heads, rows, file="score_classes.csv")


def _cells(of: Class, n: int, release: Release) -> tuple[str, str, str]:
    count = release.count(of.people) if of.people or not release.guarded else WITHHELD
    share = WITHHELD if count == WITHHELD else release.percent_of(of.people, n)
    if of.expected is None or of.conf_low is None or of.conf_high is None:
        return count, share, said.NOT_KNOWN
    return count, share, f"{percent(of.expected)} ({percent(of.conf_low)} to {percent(of.conf_high)})"


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the classes as a table."""
    found = [of for each in results.of(score_classes.run) or () for of in each.classes]
    rows = [{name: getattr(of, name) for name in COLUMNS} for of in found]
    frame = table(rows, COLUMNS).astype(dict.fromkeys(("expected", "conf_low", "conf_high"), float))
    return {"score_classes.csv": subject.release.leaving(frame, Class)} if rows else {}


PART = Part(step=score_classes.run, section=section, files=files, only="people")
