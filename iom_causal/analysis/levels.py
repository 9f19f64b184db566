"""Levels before and after of managed and of comparison people, with their intervals."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from iom_causal.analysis.comparison import before_of
from iom_causal.analysis.jobs import Job, done
from iom_causal.analysis.people import furthest
from iom_causal.analysis.release import Release, arm
from iom_causal.analysis.results import Refusal
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough, staggered
from iom_causal.base.specs import FrozenMap
from iom_causal.data.release.disclosure import nearest, outward
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate
from iom_causal.estimators import LevelDifference
from iom_causal.inputs.comparison import compared
from iom_causal.panel import Panel

GROUPS = ("managed", "comparison")
WINDOWS = ("before", "after")
COLUMNS = ("outcome", "group", "window", "people", "mean", "conf_low", "conf_high")
WHAT = "levels before and after by group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Mean of one group of people in the windows of one side, with its t interval.

    Parameters
    ----------
    outcome, group, window : str
        Of what, of whom (`GROUPS`), and when (`WINDOWS`).
    people : int
        With every window.
    mean, conf_low, conf_high : float
        A person, at the mean days at risk of all where people differ in theirs.
    furthest : float
        How far the furthest person of both groups lies from the mean of the own.
    """

    outcome: str
    group: str
    window: str
    people: int
    mean: float
    conf_low: float
    conf_high: float
    furthest: float = 0.0

    people_columns: ClassVar[tuple[str, ...]] = ("people",)
    free_columns: ClassVar[tuple[str, ...]] = ()
    solving_columns: ClassVar[tuple[str, ...]] = ()
    telling_columns: ClassVar[tuple[str, ...]] = ()
    figure_columns: ClassVar[Mapping[str, str]] = FrozenMap(
        {"mean": "a mean, in steps", "conf_low": "a mean, in steps", "conf_high": "a mean, in steps"}
    )

    def step(self, release: Release) -> float:
        """Return the step in which the mean and its limits are given."""
        half = arm(self.mean, self.conf_low, self.conf_high)
        return release.level_step(self.mean, half, self.people, self.furthest, self.outcome)

    def given(self, release: Release) -> tuple[float, float, float]:
        """Return the mean and its limits as they may be given."""
        step = self.step(release)
        return nearest(self.mean, step), *outward(self.conf_low, self.conf_high, step)

    def row(self, release: Release) -> dict[str, str | int | float]:
        """Return a row of `COLUMNS`, with the mean and its limits as they may be given."""
        row: dict[str, str | int | float] = {name: getattr(self, name) for name in COLUMNS}
        if not release.guarded:
            return row
        return row | dict(zip(self.figure_columns, self.given(release), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Levels of one outcome.

    Parameters
    ----------
    outcome : str
        Its name.
    levels : tuple of Level
        By group, before and after; none where refused.
    refusals : tuple of Refusal
        Why.
    """

    outcome: str
    levels: tuple[Level, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def run(subject: Subject, _effort: Effort) -> tuple[Levels, ...]:
    """Work out the levels of each outcome that comparison people have too; of one group Table 1 says it all."""
    if subject.cohort is None:
        return ()
    panels = (p for o in subject.outcomes if isinstance(p := subject.data(o.name), Panel) and enough(subject, p))
    return tuple(found for panel in panels for found in _of(subject, compared(panel)))


def _of(subject: Subject, panel: Panel) -> Iterator[Levels]:
    """Yield the levels of people with every window; of shares people's numbers are solved for, so that none leaves."""
    before = before_of(subject, panel)
    shares = subject.release.guarded and panel.kind == "binary"
    if before is None or shares or staggered(subject, panel.name):
        return
    whole = panel.where(panel.complete)
    sizes = {"managed": whole.managed.n, "comparison": whole.n - whole.managed.n}
    if not all(map(subject.release.enough, sizes.values())):
        return
    try:
        _check_nested(subject.release, (before.n, sizes["managed"]), (before.n_others, sizes["comparison"]))
    except InputError as error:
        refusal = Refusal(panel.name, WHAT, InputError(error.code, f"{panel.name}: {error.message}"))
        yield Levels(outcome=panel.name, refusals=(refusal,))
        return
    jobs = [
        Job(panel.name, WHAT, partial(LevelDifference(by="managed", window=window, scale="difference"), whole))
        for window in WINDOWS
    ]
    estimates, refusals = done(jobs)
    two = whole.prepost() if not refusals else whole
    levels = [_level(e, k, group, two) for group in GROUPS for k, e in enumerate(estimates)] if not refusals else []
    yield Levels(outcome=panel.name, levels=tuple(levels), refusals=refusals[:1])


def _check_nested(release: Release, *pairs: tuple[int, int]) -> None:
    """Refuse means of a few people fewer than those whose means before stand on the page."""
    if release.rules is not None:
        for whole, part in pairs:
            release.rules.check_nested(whole, part)


def _level(e: Estimate, window: int, group: str, two: Panel) -> Level:
    part = next(p for p in e.parts if p.term == f"managed={group}")
    return Level(
        outcome=e.outcome,
        group=group,
        window=WINDOWS[window],
        people=int(e.diagnostics[f"people: {group}"]),
        mean=part.estimate,
        conf_low=math.nan if part.conf_low is None else part.conf_low,
        conf_high=math.nan if part.conf_high is None else part.conf_high,
        furthest=max(furthest(two.outcome[who, window].astype(float)) for who in (two.group, ~two.group)),
    )
