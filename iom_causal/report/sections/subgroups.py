"""Groups of managed people: how they stood before, how each changed, and how far both differ."""

from collections.abc import Iterator
from itertools import starmap
from typing import Any

from iom_causal.analysis import subgroups
from iom_causal.analysis.release import Leaving, Release, arm
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Results
from iom_causal.analysis.subgroups import Subgroups
from iom_causal.analysis.subject import Subject
from iom_causal.base.formats import percent
from iom_causal.base.wording import quote
from iom_causal.data.release.disclosure import in_units, nearest, outward
from iom_causal.estimate import COLUMNS, Estimate, Part
from iom_causal.report import comparison_phrases as said
from iom_causal.report import estimate_cells, sentences
from iom_causal.report.render.page import Section, Table
from iom_causal.report.sections.part import Part as SectionPart

ENDS = ("conf_low", "estimate", "conf_high")
"""Of a level: itself between its limits."""


def section(subject: Subject, results: Results) -> tuple[Section, ...]:
    """Show the groups by every covariate that has some, and say how far they differ."""
    found = results.of(subgroups.run) or ()
    if not found:
        return ()
    release = subject.release
    texts = [
        text for each in found for text in (*_differ(each, release), *_left_out(each), *map(_refused, each.refusals))
    ]
    compared = sum((each.before is not None) + (each.change is not None) for each in found)
    return (
        Section(
            title="Groups of people within the study",
            name="groups",
            finding=texts[0] if texts else said.GROUPS_SHOWN,
            paragraphs=(*texts[1:], *((said.BY_CHANCE.format(compared),) if compared > 1 else ())),
            tables=tuple(_table(each, release) for each in found if each.before is not None or each.change is not None),
        ),
    )


def _left_out(each: Subgroups) -> tuple[str, ...]:
    few = (said.GROUPS_LEFT_OUT.format(each.outcome, each.by),) if each.left_out else ()
    return (*few, *((said.GROUPS_NOT_KNOWN.format(each.outcome, each.by),) if each.gaps else ()))


def _refused(refusal: Refusal) -> str:
    if refusal.why is Why.STARTS_DIFFER:
        return said.GROUPS_OF_STARTS.format(refusal.outcome, refusal.what)
    if refusal.why is Why.TOO_FEW:
        return said.GROUP_TOO_FEW.format(refusal.outcome, refusal.what)
    return sentences.not_computed(refusal)


def _table(each: Subgroups, release: Release) -> Table:
    before, after, change = (_levels(e, each) for e in (each.before, each.after, each.change))
    means = each.kind in {"score", "binary"}
    everybody, largest = sum(n for _, n in each.people), max((abs(p.estimate) for p in before.values()), default=0.0)
    coarse = release.coarse_step(largest, everybody)

    def row(label: str, n: int) -> tuple[str, ...]:
        first, last, changed = before.get(label), after.get(label), change.get(label)
        level = _cell(first, coarse)
        if changed is None:
            return label, release.count(n), level, said.NOT_GIVEN, said.NOT_GIVEN
        half = arm(changed.estimate, changed.conf_low, changed.conf_high)
        step = release.step(changed.estimate, "difference" if means else "ratio", n, half, each.outcome)
        if release.guarded:
            last = None if first is None or last is None else _after(last, first, step, coarse, ratio=not means)
        return label, release.count(n), level, _cell(last, coarse), _cell(changed, step)

    heads = (
        each.by,
        "people",
        "mean before (95% interval)",
        "mean after (95% interval)",
        f"{said.CHANGED[means]} (95% interval)",
    )
    return Table(said.GROUPS.format(each.outcome.capitalize(), each.by), heads, tuple(starmap(row, each.people)))


def _after(last: Part, first: Part, step: float, coarse: float, *, ratio: bool) -> Part:
    """Return the level after as it follows from the level before and the change, both as they are given.

    A second level of each group, rounded by itself, would tell more of its people than the first does alone. Its limits
    are further out by as much as the rounding of both may have moved the level, so that they hold its own.
    """
    before = nearest(first.estimate, coarse)
    if ratio:
        moved = nearest(last.estimate / first.estimate, step)
        off = (before * step + coarse * (moved + step / 2)) / 2
        low, value, high = (before * moved / last.estimate * (getattr(last, name) or 0.0) for name in ENDS)
        above = off * (last.conf_high or 0.0) / last.estimate
        return last._replace(estimate=value, conf_low=max(low - off, 0.0), conf_high=high + above)
    moved = nearest(last.estimate - first.estimate, step)
    low, value, high = (before + moved - last.estimate + (getattr(last, name) or 0.0) for name in ENDS)
    off = (coarse + step) / 2
    return last._replace(estimate=value, conf_low=low - off, conf_high=high + off)


def _levels(e: Estimate | None, each: Subgroups) -> dict[str, Part]:
    parts = {p.term: p for p in (() if e is None else e.parts)}
    return {label: parts[term] for label, _ in each.people if (term := f"{each.by}={label}") in parts}


def _cell(part: Part | None, step: float) -> str:
    """Return a level with its interval: means of groups are coarse, for from exact ones their people are solved for."""
    if part is None or part.conf_low is None or part.conf_high is None:
        return said.NOT_GIVEN
    value, *limits = (in_units(v, step) for v in (part.estimate, *outward(part.conf_low, part.conf_high, step)))
    return f"{value} ({' to '.join(limits)})"


def _differ(each: Subgroups, release: Release) -> Iterator[str]:
    for e, phrase in ((each.before, said.LEVELS_DIFFER), (each.change, said.CHANGES_DIFFER)):
        if e is not None and len(each.people) == 2:
            yield _contrast(each, e, phrase[e.scale], release)
        elif e is not None and e.p_value is not None:
            what = said.BEFORE if e is each.before else said.CHANGE
            yield said.SPREAD.format(what.format(each.outcome), each.by, release.p_text(e.p_value))


def _contrast(each: Subgroups, e: Estimate, phrase: str, release: Release) -> str:
    """Say how two groups differ: the second, with fewer people, against the first."""
    value, interval = estimate_cells.value_and_interval(e, release)
    first, second = (quote(f"{label}") for label in _order(e))
    ends = f"{percent(e.conf_level)} interval {interval}, {release.p_text(e.p_value or 0.0)}"
    none = 1.0 if e.scale == "ratio" else 0.0
    open_ = e.conf_low is not None and e.conf_high is not None and e.conf_low <= none <= e.conf_high
    told = phrase.format(outcome=each.outcome, by=each.by, first=first, second=second, value=value, ends=ends)
    return f"{told}{said.NOTHING_SHOWS if open_ else '.'}"


def _order(e: Estimate) -> tuple[str, str]:
    """Return the labels of the two levels, the reference first."""
    first, second = (p.term.split("=", 1)[1] for p in e.parts[:2])
    return first, second


def files(subject: Subject, results: Results) -> dict[str, Leaving]:
    """Return the contrasts of groups as a table."""
    import pandas as pd  # noqa: PLC0415 slow to load

    found = results.of(subgroups.run) or ()
    rows: list[dict[str, Any]] = [e.row() for each in found for e in (each.before, each.change) if e is not None]
    if not rows:
        return {}
    return {"subgroups.csv": subject.release.leaving(pd.DataFrame(rows, columns=list(COLUMNS)), Estimate)}


PART = SectionPart(step=subgroups.run, section=section, files=files, only="people")
