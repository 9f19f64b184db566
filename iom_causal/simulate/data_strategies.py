"""Data strategies: what an evaluator observes of a world, as a panel."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, check_types, refuse_data
from iom_causal.cohort import Cohort
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.windows import MONTH, YEAR, Selection, Window
from iom_causal.world import World

OUTCOMES = ("events", "score", "both")


class Group(NamedTuple):
    """People who are seen in the same way.

    Attributes
    ----------
    who : ndarray
        (n,) or (R, n) marks.
    start : int or None
        The window from which they count as managed; None for never.
    treated : bool
        Whether they show the course with the programme.
    earlier : int
        How many windows earlier they are looked at, as if that were now.
    selected : bool, optional
        Whether the rule selected them; None where the evaluator does not say.
    """

    who: NDArray[np.bool_]
    start: int | None
    treated: bool
    earlier: int = 0
    selected: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Settings that all strategies share: which outcome is observed, and whether days in custody are known.

    Parameters
    ----------
    outcome : {"events", "score", "both"}
        A panel of either, or a cohort of both.
    custody_known : bool
        Whether days at liberty are each person's own; else they are those of the windows.
    """

    outcome: str = "events"
    custody_known: bool = False

    replicated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        refuse_data(self)
        check_types(self)
        check_choice(self.outcome, OUTCOMES, f"{type(self).__name__} outcome")

    def _seen(self, world: World, groups: list[Group], notes: tuple[str, ...] = ()) -> Panel | Cohort:
        return seen(world, groups, outcome=self.outcome, custody_known=self.custody_known, notes=notes)


@dataclass(frozen=True, kw_only=True)
class BeforeAfter(Observed):
    """The managed people before and after: what a one-group evaluation has.

    Right as a picture of a study that has no comparison group: people outside the extract are not in it, those whom
    nobody looked for show no events after, and scores after that are not known are missing. A window inside which
    people enter counts as managed for them; the notes say how many that are.

    Examples
    --------
    >>> from iom_causal.simulate import Careers
    >>> BeforeAfter()(Careers(people=20, rate=2.0)(1))
    Panel('arrests', count, 20 people, 2 windows, synthetic)
    """

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return what is seen.

        Raises
        ------
        SpecError
            IOM-E096 when the world has no score.
        DegenerateDataError
            IOM-E061 when the extract holds nobody.
        """
        del rng
        return self._seen(world, managed_groups(world))


def managed_groups(world: World) -> list[Group]:
    """Return the managed people, one group for each window of entry; who enters after the last is never managed."""
    last = len(world.windows)
    entered = {s: world.managed & (world.start == s) for s in range(int(world.start.min()), int(world.start.max()) + 1)}
    return [Group(who, s if s < last else None, treated=True, selected=True) for s, who in entered.items() if who.any()]


def seen(
    world: World,
    groups: Sequence[Group],
    *,
    outcome: str = "events",
    custody_known: bool = False,
    notes: tuple[str, ...] = (),
) -> Panel | Cohort:
    """Return groups of people one after the other, as a panel of events or scores or a cohort of both.

    Parameters
    ----------
    world : World
        Where they live.
    groups : sequence of Group
        Of whom those are seen whom the extract holds. Who is looked at earlier lends earlier windows to the later
        ones, with their days and the index date of then; the first windows, which they lack, are left out for all.
        A window has dates where they are the same for the whole population, each counted from their own index date.
    outcome, custody_known
        As in `BeforeAfter`.
    notes : tuple of str
        What to say of how the groups were put together.

    Raises
    ------
    DegenerateDataError
        IOM-E061 when nobody on a course is seen in some replicate.
    """
    blocks = [_Block(world, group, *_rows(group.who)) for group in _in_extract(world, groups)]
    drop = max(group.earlier for group in groups)
    windows = _windows(blocks, drop)
    if not any(not w.post for w in windows):
        raise SpecError("IOM-E092", "people who are looked at earlier need windows that lie earlier; give Careers more")
    there = [block.weight for block in blocks]
    people = 0 if world.replicates is None else 1
    shared: dict[str, Any] = {
        "windows": windows,
        "weight": None if all(w.all() for w in there) else np.concatenate(there, axis=-1).astype(np.int64),
        "index_date": _index_dates(blocks),
        "start": _starts(blocks, drop, windows),
        "age": None if world.age is None else _joined([block.age() for block in blocks], people),
        "covariates": {name: _joined([b.take(v) for b in blocks], people) for name, v in world.covariates.items()},
        "selected": _selected(blocks),
        "selection": _stated(world),
        "synthetic": True,
        "notes": notes + _notes(blocks),
    }
    panels = {}
    if outcome in ("events", "both"):
        own = [b.course("exposure", drop) for b in blocks] if custody_known else []
        days = _joined(own, people) if custody_known else _days(blocks, drop)
        events = _joined([b.events(drop) for b in blocks], people)
        panels[world.name] = Panel(outcome=events, kind="count", name=world.name, exposure=days, **shared)
    if outcome in ("score", "both"):
        scores = _joined([b.scores(drop) for b in blocks], people)
        panels[world.score_name] = Panel(outcome=scores, kind="score", name=world.score_name, **shared)
    return Cohort(panels) if outcome == "both" else next(iter(panels.values()))


def in_all(world: World) -> str:
    """Return the words behind a number of people that was counted over replicates."""
    return "" if world.replicates is None else f" (in {world.replicates:,} replicates together)"


class _Block(NamedTuple):
    """The rows of one group, (m,) or (R, m), None for everybody in order; and whether somebody is in each."""

    world: World
    group: Group
    rows: NDArray[np.int64] | None
    weight: NDArray[np.bool_]

    def take(self, values: NDArray[Any]) -> NDArray[Any]:
        if self.rows is None:
            return values
        if self.rows.ndim == 1:
            return values[self.rows]
        return np.take_along_axis(values, self.rows[..., None] if values.ndim == 3 else self.rows, axis=1)

    def course(self, part: str, drop: int) -> NDArray[Any]:
        course = self.world.treated if self.group.treated else self.world.untreated
        values = getattr(course, part)
        if values is None:
            raise SpecError("IOM-E096", "this world has no score: give Careers a score=Score(...)")
        return self.take(values)[..., self._columns(drop)]

    def events(self, drop: int) -> NDArray[Any]:
        events = self.course("events", drop)
        if self.world.recorded is None:
            return events
        return np.where(self._after(drop) & ~self.take(self.world.recorded)[..., None], 0, events)

    def scores(self, drop: int) -> NDArray[np.float64]:
        scores = self.course("score", drop)
        followed = (self.world.treated if self.group.treated else self.world.untreated).followed
        if followed is None:
            return scores
        return np.where(self._after(drop) & ~self.take(followed)[..., None], np.nan, scores)

    def age(self) -> NDArray[np.float64]:
        return np.asarray(self.take(self.world.ages()) - self.back / YEAR)

    @property
    def back(self) -> int:
        """Days before the index date of the date from which this group is observed."""
        windows, first = self.world.windows, int(np.flatnonzero(self.world.post)[0])
        return (windows[first].start or 0) - (windows[first - self.group.earlier].start or 0)

    def windows(self, drop: int) -> list[Window]:
        """Return the windows that this group lives, counted from its own date, by the names that they stand for."""
        lived, named = self.world.windows[self._columns(drop)], self.world.windows[drop:]
        return [
            Window(name.label, (w.start or 0) + self.back, (w.end or 0) + self.back, post=name.post)
            for w, name in zip(lived, named, strict=True)
        ]

    def inside(self) -> int:
        """Count the people who enter inside a window: after its beginning and before its end."""
        start, months = self.group.start, self.world.covariates.get("entry_months")
        if start is None or months is None or not self.group.treated:
            return 0
        begins = round((self.world.windows[start].start or 0) / MONTH)
        return int(((self.take(months) > begins) & self.weight).sum())

    def _columns(self, drop: int) -> slice:
        return slice(drop - self.group.earlier, len(self.world.windows) - self.group.earlier)

    def _after(self, drop: int) -> NDArray[np.bool_]:
        return np.asarray(self.world.post[self._columns(drop)])


def _stated(world: World) -> Selection | None:
    """Return the rule as an evaluator is told it.

    Of people selected on their rate no count was read; a cut whose value had noise added is a soft one. The number of
    places of a rule ``top`` is known whatever else had a part.
    """
    rule = world.selection
    if rule is None:
        return None
    if world.reads != "rate":
        return rule if world.noise == 0 or rule.rule == "top" else _softened(rule, world.noise)
    before = tuple(w.label for w in world.windows if not w.post)
    return Selection(rule.variable, before, "rate", rule.timing)


def _softened(rule: Selection, noise: float) -> Selection:
    """Return a cut with normal noise in what it reads, a probit, as the logistic rule of equal spread."""
    softness = noise * math.sqrt(3) / math.pi
    if rule.softness is not None:
        softness = math.hypot(softness, rule.softness)
    return replace(rule, rule="soft", softness=softness)


def _in_extract(world: World, groups: Sequence[Group]) -> list[Group]:
    held = world.in_extract
    found = list(groups) if held is None else [group._replace(who=group.who & held) for group in groups]
    for course in (True, False):
        marks = [group.who for group in found if group.treated == course]
        if marks and not np.any(marks, axis=0).any(-1).all():
            kind = "managed" if course else "comparison"
            raise DegenerateDataError("IOM-E061", f"no {kind} people are left to be seen; draw more of them")
    return found


def _rows(who: NDArray[np.bool_]) -> tuple[NDArray[np.int64] | None, NDArray[np.bool_]]:
    """Return the rows to take, and whether somebody is in each, where replicates have fewer than the fullest."""
    if who.all():
        return None, who
    if who.ndim == 1:
        rows = np.flatnonzero(who)
        return rows, np.ones(rows.size, dtype=np.bool_)
    count = who.sum(-1)
    rows = np.argsort(~who, axis=-1, kind="stable")[:, : count.max()]
    return rows, np.arange(count.max()) < count[:, None]


def _joined(parts: list[NDArray[Any]], people: int) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=people)


def _windows(blocks: list[_Block], drop: int) -> tuple[Window, ...]:
    columns = zip(*(b.windows(drop) for b in blocks), strict=True)
    return tuple(w[0] if len(set(w)) == 1 else Window(w[0].label, post=w[0].post) for w in columns)


def _days(blocks: list[_Block], drop: int) -> NDArray[np.float64]:
    """Return the days of the windows, (T,) where they are the same for all, else for each person."""
    days = [np.array([float(w.days or 0) for w in b.windows(drop)]) for b in blocks]
    if all((d == days[0]).all() for d in days):
        return days[0]
    spread = [np.broadcast_to(d, (*b.weight.shape, d.size)) for d, b in zip(days, blocks, strict=True)]
    return np.concatenate(spread, axis=-2)


def _index_dates(blocks: list[_Block]) -> dt.date | NDArray[Any] | None:
    """Return the date from which people are looked at, one each where they differ."""
    today = blocks[0].world.index_date
    if today is None:
        return None
    dates = [today - dt.timedelta(days=b.back) for b in blocks]
    if len(set(dates)) == 1:
        return dates[0]
    size = [b.weight.shape[-1] for b in blocks]
    return np.repeat(np.array(dates, dtype="datetime64[D]"), size)


def _notes(blocks: list[_Block]) -> tuple[str, ...]:
    return _unfilled(blocks[0].world) + _entering(blocks)


def _unfilled(world: World) -> tuple[str, ...]:
    """Note the places of a programme that its pool could not fill."""
    filled = np.asarray(world.filled)
    if world.places is None or (filled >= world.places).all():
        return ()
    ends = sorted({int(filled.min()), int(filled.max())})
    return (f"{' to '.join(f'{v:,}' for v in ends)} of {world.places:,} places were filled; a larger pool fills more",)


def _entering(blocks: list[_Block]) -> tuple[str, ...]:
    inside = sum(b.inside() for b in blocks)
    if not inside:
        return ()
    people = sum(int(b.weight.sum()) for b in blocks if b.group.treated)
    entering = f"{inside:,} of {people:,} managed people{in_all(blocks[0].world)} enter inside a window"
    return (f"{entering}, which counts as managed for them though part of it was not",)


def _selected(blocks: list[_Block]) -> "np.ma.MaskedArray[Any, Any] | None":
    """Return whether the rule selected each row, masked where that is not said; None where all are managed."""
    others = [b.group.selected for b in blocks if b.group.start is None]
    if not any(given is not None for given in others):
        return None
    given = [np.full(b.weight.shape[-1], np.nan if b.group.selected is None else b.group.selected) for b in blocks]
    flags = np.concatenate(given).astype(np.float64)
    return np.ma.MaskedArray(flags == 1, mask=np.isnan(flags))


def _starts(blocks: list[_Block], drop: int, windows: tuple[Window, ...]) -> "np.ma.MaskedArray[Any, Any] | None":
    """Return the first managed window of each row, masked for never; None where all begin with the first after."""
    first = next(k for k, w in enumerate(windows) if w.post)
    starts = [None if b.group.start is None else b.group.start - drop + b.group.earlier for b in blocks]
    if all(s == first for s in starts):
        return None
    size = [b.weight.shape[-1] for b in blocks]
    values = np.concatenate([np.full(n, first if s is None else s) for n, s in zip(size, starts, strict=True)])
    never = np.concatenate([np.full(n, s is None) for n, s in zip(size, starts, strict=True)])
    return np.ma.MaskedArray(values, mask=never)
