"""Description of the people: the flow from their files, every outcome window by window, and ages (Table 1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.subject import Subject, enough
from iom_causal.base.specs import EMPTY
from iom_causal.cohort import Cohort
from iom_causal.data.events.flow import TABLES, Flow, Step
from iom_causal.data.events.quality import Check, DataQuality
from iom_causal.data.reading.events import OWN_FILTER, WHY
from iom_causal.data.release.frequencies import Frequencies
from iom_causal.estimators.shared.requirements import from_start, starts_of
from iom_causal.panel import Panel

MOST_WINDOWS = 12
"""Windows up to which each has a row."""
PARTS = ("excluded", "used")
"""Roles of the steps that add up to the whole of their table."""
OF_ANOTHER = "for the reasons given of {}"


@dataclass(frozen=True, slots=True)
class FlowOf:
    """Flow chart of one outcome.

    Parameters
    ----------
    outcome : str
        Its name.
    flow : Flow
        Its steps, 0 in the place of each number that may not be given.
    """

    outcome: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class Described:
    """A variable of the people in one window.

    Parameters
    ----------
    name : str
        The variable, or the outcome and its window.
    n : int
        People with a value.
    mean, sd, furthest : float
        Of their values, and how far from the mean the furthest of them lies, which is not given.
    days, days_furthest : float or None, float
        Mean days at risk, where they are known, and how far from it the furthest are.
    share : bool
        Whether the values are 0 and 1.
    """

    name: str
    n: int
    mean: float
    sd: float
    furthest: float = 0.0
    days: float | None = None
    days_furthest: float = 0.0
    share: bool = False

    def as_given(self, release: Release, digits: int) -> tuple[str, str]:
        """Return the mean and the SD as they may be given."""
        return release.mean_and_sd(self.mean, self.sd, self.n, digits, self.furthest)


@dataclass(frozen=True, slots=True)
class People:
    """The people as they are described.

    Parameters
    ----------
    outcomes : tuple of Described
        One an outcome and window.
    age : Described or None
        At the index date.
    together : tuple of str
        Outcomes of which the windows before are put together, and those after: there are many of them.
    flows : tuple of FlowOf
        Of every outcome that is counted from a log of events.
    quality : DataQuality or None
        What is odd in the log and the spells, 0 in the place of each number that may not be given.
    """

    outcomes: tuple[Described, ...]
    age: Described | None
    together: tuple[str, ...] = ()
    flows: tuple[FlowOf, ...] = ()
    quality: DataQuality | None = None


def run(subject: Subject, _effort: Effort) -> People | None:
    """Describe the people whose data are at hand."""
    if subject.cohort is None:
        return None
    shown = _shown(subject, subject.cohort)
    described = tuple(row for panel in shown for row in _windows(panel, subject))
    together = tuple(panel.name for panel in shown if _many(panel))
    age = _age(shown[0], subject) if shown else None
    return People(described, age, together, _flows(subject), _quality(subject))


def _quality(subject: Subject) -> DataQuality | None:
    """Return the checks of a log without events by month, and with no number of few, or of all but few."""
    quality, release = subject.quality, subject.release
    if quality is None or not release.guarded:
        return quality
    most = next(iter(subject.flows.values())).most if subject.flows else EMPTY

    def given(check: Check) -> Check:
        rows, rest = most.get(check.table, 1), check.of - check.number
        enough = release.enough(check.number) and (not rest or release.enough(rest))
        number = release.of_rows(check.number, rows) if enough else 0
        return check._replace(number=number, of=release.of_rows(check.of, rows))

    return DataQuality(checks=tuple(map(given, quality.checks)))


def _flows(subject: Subject) -> tuple[FlowOf, ...]:
    """Return the flow of the first outcome in full, and of others what is their own."""
    first = next(iter(subject.flows), "")
    own = ((name, flow if name == first else _own(flow, name, first)) for name, flow in subject.flows.items())
    return tuple(FlowOf(name, guarded(flow, subject.release)) for name, flow in own)


def _shown(subject: Subject, cohort: Cohort) -> tuple[Panel, ...]:
    return tuple(panel for panel in cohort.values() if enough(subject, panel))


def _many(panel: Panel) -> bool:
    """Whether a panel has so many windows that a row each is no table to read, and sides that can be put together."""
    starts, windows = starts_of(panel), len(panel.windows)
    known = panel.exposure is not None or panel.kind == "score"
    return windows > MOST_WINDOWS and len(starts) == 1 and starts[0] > 0 and (known or windows == 2 * starts[0])


def _windows(panel: Panel, subject: Subject) -> tuple[Described, ...]:
    """Return a row a window, or a side; of those with every window, where others beside them in one are too few."""
    managed = from_start(panel.managed).prepost() if _many(panel) else panel.managed
    known = (~np.isnan(managed.outcome.astype(np.float64))).sum(axis=0) - managed.n_complete
    few = any(gaps and not subject.release.enough(int(gaps)) for gaps in (managed.n - managed.n_complete, *known))
    described = managed.where(managed.complete) if few else managed
    return tuple(
        Described(
            name=f"{panel.name}, {row['window']}",
            n=int(row["people"]),
            mean=float(row["mean"]),
            sd=float(row["sd"]),
            furthest=furthest(described.outcome[:, t].astype(np.float64)),
            days=None if row["days"] is None or np.isnan(row["days"]) else float(row["days"] / int(row["people"])),
            days_furthest=_days_furthest(described, t),
            share=panel.kind == "binary",
        )
        for t, row in enumerate(described.describe().to_dict("records"))
    )


def furthest(values: NDArray[np.float64]) -> float:
    """Return how far from the mean the furthest of known values lies.

    Examples
    --------
    >>> furthest(np.array([1.0, 2.0, 9.0, np.nan]))
    5.0
    """
    known = values[~np.isnan(values)]
    return float(np.abs(known - known.mean()).max()) if known.size else 0.0


def _days_furthest(panel: Panel, window: int) -> float:
    if panel.exposure is None:
        return 0.0
    return furthest(np.broadcast_to(panel.exposure, panel.outcome.shape)[:, window].astype(np.float64))


def _age(panel: Panel, subject: Subject) -> Described | None:
    ages = panel.managed.age
    known = np.empty(0) if ages is None else ages[~np.isnan(ages)]
    if panel.age is None or not subject.release.enough(len(known)):
        return None
    return Described("age", len(known), float(known.mean()), float(known.std(ddof=1)), furthest(known))


def guarded(flow: Flow, release: Release) -> Flow:
    """Return a flow in which the number of every step that may not be given is 0.

    The steps of a table that add up to its whole are suppressed jointly, so that none is solved for from the others, as
    are the reasons of a step; what is notable among those used is given where neither it nor the rest are few. Numbers
    of events and spells are rounded as far as one person adds to them: two flows without one person tell no more.

    Examples
    --------
    >>> from iom_causal.data.release.disclosure import Disclosure
    >>> numbers = {"rows in the log": ("all", 900), "without a date": ("excluded", 3), "counted": ("used", 897)}
    >>> steps = tuple(Step("events", what, role, n) for what, (role, n) in numbers.items())
    >>> [step.number for step in guarded(Flow(steps), Release(Disclosure())).steps]
    [900, 0, 0]
    """
    if not release.guarded:
        return flow
    shown = {id(step) for name in dict.fromkeys(s.table for s in flow.steps) for step in _given(flow, name, release)}
    rows = {name: flow.most.get(name, 1) for name in TABLES}
    numbers = (release.of_rows(s.number, rows[s.table]) if id(s) in shown else 0 for s in flow.steps)
    return replace(flow, steps=tuple(s._replace(number=n) for s, n in zip(flow.steps, numbers, strict=True)))


def _given(flow: Flow, name: str, release: Release) -> Iterator[Step]:
    """Yield the steps of a table that may be given."""
    steps = [step for step in flow.steps if step.table == name]
    yield from (step for step in steps if step.role == "all")
    yield from _jointly([step for step in steps if step.role in PARTS], release)
    used = sum(step.number for step in steps if step.role == "used")
    for step in (s for s in steps if s.role == "of which" and not any(_is_reason(s, of) for of in steps)):
        if release.enough(step.number) and release.enough(used - step.number):
            yield step
            reasons = [s for s in steps if _is_reason(s, step)]
            rest = step._replace(number=step.number - sum(s.number for s in reasons))
            yield from _jointly([*reasons, *([rest] if rest.number else [])], release)


def _is_reason(step: Step, of: Step) -> bool:
    return step.what.startswith(f"{of.what}{WHY}")


def _jointly(parts: Sequence[Step], release: Release) -> Iterator[Step]:
    """Yield those of the steps that add up to a number which may be given beside it."""
    if release.rules is None or len(parts) < 2:
        yield from parts
        return
    counts = np.array([step.number for step in parts], dtype=np.int64)
    levels = tuple(f"{k} {step.what}" for k, step in enumerate(parts))
    given = release.rules.table(Frequencies((parts[0].table,), (levels,), counts)).shown[:-1, 0]
    yield from (step for step, fine in zip(parts, given, strict=True) if fine)


def _own(flow: Flow, name: str, first: str) -> Flow:
    """Return the steps of a further outcome that are its own: whole flows side by side would tell their differences."""
    events = [step for step in flow.steps if step.table == "events" and step.role in {"all", *PARTS}]
    mine = [s for s in events if s.role != "excluded" or s.what.startswith(OWN_FILTER.format(name))]
    others = sum(step.number for step in events if step not in mine)
    of_another = Step("events", OF_ANOTHER.format(first), "excluded", others)
    return replace(flow, steps=(*mine[:-1], of_another, mine[-1]))
