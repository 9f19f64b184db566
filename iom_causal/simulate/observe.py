"""What an evaluator would see of a world: groups of people, put together as a panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.cohort import Cohort
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.specs import check_choice, refuse_data
from iom_causal.windows import YEAR, Window
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
    """

    who: NDArray[np.bool_]
    start: int | None
    treated: bool
    earlier: int = 0


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """The managed people before and after: what a one-group evaluation has.

    Right as a picture of a study that has no comparison group: people outside the extract are not in it, those whom
    nobody looked for show no events after, and scores after that are not known are missing.

    Parameters
    ----------
    outcome : {"events", "score", "both"}
        A panel of either, or a cohort of both.
    custody_known : bool
        Whether days at liberty are each person's own; else they are those of the windows.

    Examples
    --------
    >>> from iom_causal.simulate import Careers
    >>> BeforeAfter()(Careers(people=20, rate=2.0)(1))
    Panel('arrests', count, 20 people, 2 windows, synthetic)
    """

    outcome: str = "events"
    custody_known: bool = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.outcome, OUTCOMES, "BeforeAfter outcome")

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
        return seen(world, managed_groups(world), outcome=self.outcome, custody_known=self.custody_known)


def managed_groups(world: World) -> list[Group]:
    """Return the managed people whom the extract holds, one group for each window of entry."""
    who = world.managed if world.in_extract is None else world.managed & world.in_extract
    starts = [int(s) for s in np.unique(world.start[who])]
    return [Group(who & (world.start == s), s if s < len(world.windows) else None, treated=True) for s in starts]


def seen(
    world: World, groups: Sequence[Group], *, outcome: str = "events", custody_known: bool = False
) -> Panel | Cohort:
    """Return groups of people one after the other, as a panel of events or scores or a cohort of both.

    Parameters
    ----------
    world : World
        Where they live.
    groups : sequence of Group
        Those who are looked at earlier lend their earlier windows to the later ones; the first windows, which they
        lack, are left out for all.
    outcome, custody_known
        As in `BeforeAfter`.

    Raises
    ------
    DegenerateDataError
        IOM-E061 when a group holds nobody in some replicate.
    """
    blocks = [_Block(world, group, *_rows(group.who)) for group in groups]
    drop = max(group.earlier for group in groups)
    windows = world.windows[drop:]
    if not any(not w.post for w in windows):
        raise SpecError("IOM-E092", "people who are looked at earlier need windows that lie earlier; give Careers more")
    there = [block.weight for block in blocks]
    people = 0 if world.replicates is None else 1
    shared: dict[str, Any] = {
        "windows": windows,
        "weight": None if all(w.all() for w in there) else np.concatenate(there, axis=-1).astype(np.int64),
        "index_date": world.index_date,
        "start": _starts(blocks, drop, windows),
        "age": _joined([block.age() for block in blocks], people),
        "covariates": {name: _joined([b.take(v) for b in blocks], people) for name, v in world.covariates.items()},
        "selection": world.selection,
        "synthetic": True,
    }
    panels = {}
    if outcome in ("events", "both"):
        days = np.array([float(w.days or 0) for w in windows])
        if custody_known:
            days = _joined([b.course("exposure", drop) for b in blocks], people)
        events = _joined([b.events(drop) for b in blocks], people)
        panels[world.name] = Panel(outcome=events, kind="count", name=world.name, exposure=days, **shared)
    if outcome in ("score", "both"):
        scores = _joined([b.scores(drop) for b in blocks], people)
        panels[world.score_name] = Panel(outcome=scores, kind="score", name=world.score_name, **shared)
    return Cohort(panels) if outcome == "both" else next(iter(panels.values()))


class _Block(NamedTuple):
    """The rows of one group, (m,) or (R, m), and whether somebody is in each."""

    world: World
    group: Group
    rows: NDArray[np.int64]
    weight: NDArray[np.bool_]

    def take(self, values: NDArray[Any]) -> NDArray[Any]:
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
        if self.world.followed is None:
            return scores
        return np.where(self._after(drop) & ~self.take(self.world.followed)[..., None], np.nan, scores)

    def age(self) -> NDArray[np.float64]:
        earlier, windows = self.group.earlier, self.world.windows
        back = (windows[earlier].start or 0) - (windows[0].start or 0) if earlier else 0
        return np.asarray(self.take(self.world.age) - back / YEAR)

    def _columns(self, drop: int) -> NDArray[np.int64]:
        return np.arange(drop, len(self.world.windows)) - self.group.earlier

    def _after(self, drop: int) -> NDArray[np.bool_]:
        return np.asarray(self.world.post[self._columns(drop)])


def _rows(who: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return which rows to take, and whether somebody is in each, where replicates have fewer than the fullest."""
    if not who.any(-1).all():
        raise DegenerateDataError("IOM-E061", "nobody is left to be seen in one of the groups")
    if who.ndim == 1:
        rows = np.flatnonzero(who)
        return rows, np.ones(rows.size, dtype=np.bool_)
    count = who.sum(-1)
    rows = np.argsort(~who, axis=-1, kind="stable")[:, : count.max()]
    return rows, np.arange(count.max()) < count[:, None]


def _joined(parts: list[NDArray[Any]], people: int) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=people)


def _starts(blocks: list[_Block], drop: int, windows: tuple[Window, ...]) -> "np.ma.MaskedArray[Any, Any] | None":
    """Return the first managed window of each row, masked for never; None where all begin with the first after."""
    first = next(k for k, w in enumerate(windows) if w.post)
    starts = [None if b.group.start is None else b.group.start - drop + b.group.earlier for b in blocks]
    if all(s == first for s in starts):
        return None
    size = [b.rows.shape[-1] for b in blocks]
    values = np.concatenate([np.full(n, first if s is None else s) for n, s in zip(size, starts, strict=True)])
    never = np.concatenate([np.full(n, s is None) for n, s in zip(size, starts, strict=True)])
    return np.ma.MaskedArray(values, mask=never)
