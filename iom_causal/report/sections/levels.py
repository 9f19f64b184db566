"""Levels before and after of managed and of comparison people, side by side."""

from iom_causal.analysis import levels
from iom_causal.analysis.levels import COLUMNS, GROUPS, Level, Levels
from iom_causal.analysis.release import Leaving, Release
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subject import Subject
from iom_causal.base.result import table
from iom_causal.data.release.disclosure import in_units
from iom_causal.report import comparison_phrases as said
from iom_causal.report import sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show a table an outcome, a row a group."""
    found = results.of(levels.run) or ()
    if not found:
        return ()
    shown, release = [each for each in found if each.levels], subject.release
    return (
        Section(
            title="Levels before and after, of managed people and of the others",
            name="levels",
            finding=" ".join(_finding(each, release) for each in shown) or said.NO_LEVELS,
            paragraphs=(
                *(sentences.not_computed(refusal) for each in found for refusal in each.refusals),
                *((said.LEVELS_ALONE,) if shown else ()),
            ),
            tables=tuple(_table(each, release) for each in shown),
        ),
    )


def _finding(each: Levels, release: Release) -> str:
    means = (_shown(level, release)[0] for level in each.levels)
    return said.LEVELS_WENT.format(each.outcome, *means)


def _table(each: Levels, release: Release) -> Table:
    by_group = {name: [level for level in each.levels if level.group == name] for name in GROUPS}
    rows = tuple(
        (name, release.count(own[0].people), *(_cell(level, release) for level in own))
        for name, own in by_group.items()
    )
    heads = ("group", "people", "mean before (95% interval)", "mean after (95% interval)")
    return Table(said.LEVELS.format(each.outcome.capitalize()), heads, rows, file="levels.csv")


def _cell(level: Level, release: Release) -> str:
    mean, low, high = _shown(level, release)
    return f"{mean} ({low} to {high})"


def _shown(level: Level, release: Release) -> tuple[str, str, str]:
    mean, low, high = (in_units(value, level.step(release)) for value in level.given(release))
    return mean, low, high


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the levels as a table."""
    found = [level for each in results.of(levels.run) or () for level in each.levels]
    rows = [level.row(subject.release) for level in found]
    return {"levels.csv": subject.release.leaving(table(rows, COLUMNS), Level)} if rows else {}


PART = Part(step=levels.run, section=section, files=files, only="people")
