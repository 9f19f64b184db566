"""Groups of managed people by a covariate: levels before and after, changes, and their differences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.jobs import Job, done
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough, staggered
from iom_causal.estimate import Estimate
from iom_causal.estimators import Heterogeneity, LevelDifference
from iom_causal.inputs.clusters import unknown
from iom_causal.numerics.kernels.decimals import settled
from iom_causal.panel import Panel

MOST_LEVELS = 6
"""Of a covariate that is taken to put people into groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups:
    """Levels of one outcome by one covariate, the changes, and how levels before and changes differ.

    Parameters
    ----------
    outcome, kind, by : str
        The outcome with its kind, and the covariate.
    people : mapping of str to int
        By level, as a pair each.
    before, change : Estimate or None
        Contrast of levels before and of changes, or their spread where there are more than two; None where refused.
    after : Estimate or None
        The same of levels after, of which the levels alone are given.
    refusals : tuple of Refusal
        Why.
    left_out : bool
        Whether levels of few people, and those from which they could be worked out, are left out.
    gaps : bool
        Whether people of whom the covariate is not known are left out.
    """

    outcome: str
    kind: str
    by: str
    people: tuple[tuple[str, int], ...] = ()
    before: Estimate | None = None
    change: Estimate | None = None
    after: Estimate | None = None
    refusals: tuple[Refusal, ...] = ()
    left_out: bool = False
    gaps: bool = False


def run(subject: Subject, _effort: Effort) -> tuple[Subgroups, ...]:
    """Compare groups of managed people by every covariate of few levels; of a published table there is none."""
    if subject.cohort is None:
        return ()
    panels = [p for o in subject.outcomes if isinstance(p := subject.data(o.name), Panel) and enough(subject, p)]
    return tuple(found for panel in panels for found in _of(subject, panel.managed))


def _of(subject: Subject, panel: Panel) -> Iterator[Subgroups]:
    release = subject.release
    if release.guarded and panel.kind == "binary":
        return  # from differences of shares the numbers of people are solved for
    for by, values in panel.covariates.items():
        people = _levels(values[panel.complete])
        if not people:
            continue
        released = _given(people, subject)
        given = tuple(pair for pair, gap in zip(released, _unknown(released), strict=True) if not gap)
        why = Why.STARTS_DIFFER if staggered(subject, panel.name) else Why.TOO_FEW if len(given) < 2 else None
        if why is not None:
            refusal = Refusal(panel.name, f"a comparison by {by}", why=why)
            yield Subgroups(outcome=panel.name, kind=panel.kind, by=by, refusals=(refusal,))
            continue
        whole = len(given) == len(people)
        few = len(released) < len(people)
        shown = panel if whole else panel.where(np.isin(_labels(values), [level for level, _ in given]))
        found = Subgroups(
            outcome=panel.name, kind=panel.kind, by=by, people=given, left_out=few, gaps=len(given) < len(released)
        )
        yield _compared(shown, found)


def _given(people: tuple[tuple[str, int], ...], subject: Subject) -> tuple[tuple[str, int], ...]:
    """Return the levels that may be spoken of, those with most people first.

    With a level of few people the next smallest is left out too, and more until all of them together are enough: one
    alone would be what everybody leaves beside the others.
    """
    enough_people = subject.release.enough
    if all(enough_people(n) for _, n in people):
        return people
    least = next(
        (k for k in range(2, len(people)) if enough_people(people[-k][1]) and enough_people(_people_of(people[-k:]))),
        len(people),
    )
    return people[:-least]


def _unknown(levels: tuple[tuple[str, int], ...]) -> list[bool]:
    """Return which levels are of people of whom the covariate is not known: those of whom it is are compared."""
    return [bool(gap) for gap in unknown(np.array([level for level, _ in levels], dtype=np.str_))]


def _people_of(levels: tuple[tuple[str, int], ...]) -> int:
    return sum(n for _, n in levels)


def _levels(values: NDArray[np.generic]) -> tuple[tuple[str, int], ...]:
    """Return the levels of a covariate with their people, those with most first; none of one that groups nobody."""
    names, people = np.unique(_labels(values), return_counts=True)
    if not 2 <= int((~unknown(names)).sum()) <= MOST_LEVELS:
        return ()
    return tuple(sorted(zip(names.tolist(), people.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])))


def _labels(values: NDArray[np.generic]) -> list[str]:
    return [str(value) for value in settled(values).tolist()]


def _compared(panel: Panel, found: Subgroups) -> Subgroups:
    scale = "difference" if panel.kind in {"score", "binary"} else "ratio"
    level, change_of = LevelDifference(by=found.by, scale=scale), Heterogeneity(by=found.by, scale=scale)
    methods: tuple[Any, ...] = (level, change_of)
    (before, no_before), (change, no_change) = (
        done([Job(panel.name, f"{what} by {found.by}", partial(method, panel))])
        for what, method in zip(("a difference before", "a difference of changes"), methods, strict=True)
    )
    after, _ = done([Job(panel.name, "", partial(replace(level, window="after"), panel))])
    return replace(
        found,
        before=before[0] if before else None,
        change=change[0] if change else None,
        after=after[0] if after else None,
        refusals=(*no_before, *no_change),
    )
