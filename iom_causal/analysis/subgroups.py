"""Groups of managed people by a covariate: levels before, changes, and their differences."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.jobs import Job, done
from iom_causal.analysis.results import Refusal, Why
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough, readable
from iom_causal.estimate import Estimate
from iom_causal.estimators import Heterogeneity, LevelDifference
from iom_causal.numerics.kernels.decimals import settled
from iom_causal.panel import Panel

MOST_LEVELS = 6
"""Of a covariate that is taken to put people into groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups:
    """Levels before of one outcome by one covariate, the changes, and how both differ.

    Parameters
    ----------
    outcome, kind, by : str
        The outcome with its kind, and the covariate.
    people : mapping of str to int
        By level, as a pair each.
    before, change : Estimate or None
        Contrast of levels before and of changes, or their spread where there are more than two; None where refused.
    refusals : tuple of Refusal
        Why.
    """

    outcome: str
    kind: str
    by: str
    people: tuple[tuple[str, int], ...] = ()
    before: Estimate | None = None
    change: Estimate | None = None
    refusals: tuple[Refusal, ...] = ()


def run(subject: Subject, _effort: Effort) -> tuple[Subgroups, ...]:
    """Compare groups of managed people by every covariate of few levels; of a published table there is none."""
    if subject.cohort is None:
        return ()
    panels = [p for o in subject.outcomes if isinstance(p := readable(subject, o.name), Panel) and enough(subject, p)]
    return tuple(found for panel in panels for found in _of(subject, panel.managed))


def _of(subject: Subject, panel: Panel) -> Iterator[Subgroups]:
    release = subject.release
    if release.guarded and panel.kind == "binary":
        return  # from differences of shares the numbers of people are solved for
    for by, values in panel.covariates.items():
        people = _levels(values[panel.complete])
        if not people:
            continue
        found = Subgroups(outcome=panel.name, kind=panel.kind, by=by, people=people)
        if not all(release.enough(n) for _, n in people):
            few = Refusal(panel.name, f"a comparison by {by}", why=Why.TOO_FEW)
            yield Subgroups(outcome=panel.name, kind=panel.kind, by=by, refusals=(few,))
            continue
        yield _compared(panel, found)


def _levels(values: NDArray[np.generic]) -> tuple[tuple[str, int], ...]:
    """Return the levels of a covariate with their people, those with most first; none of one that groups nobody."""
    labels = [str(value) for value in settled(values).tolist()]
    names, people = np.unique(labels, return_counts=True)
    if not 2 <= len(names) <= MOST_LEVELS:
        return ()
    return tuple(sorted(zip(names.tolist(), people.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0])))


def _compared(panel: Panel, found: Subgroups) -> Subgroups:
    scale = "difference" if panel.kind in {"score", "binary"} else "ratio"
    methods: tuple[Any, ...] = (LevelDifference(by=found.by, scale=scale), Heterogeneity(by=found.by, scale=scale))
    (before, no_before), (change, no_change) = (
        done([Job(panel.name, f"{what} by {found.by}", partial(method, panel))])
        for what, method in zip(("a difference before", "a difference of changes"), methods, strict=True)
    )
    return Subgroups(
        outcome=found.outcome,
        kind=found.kind,
        by=found.by,
        people=found.people,
        before=before[0] if before else None,
        change=change[0] if change else None,
        refusals=(*no_before, *no_change),
    )
