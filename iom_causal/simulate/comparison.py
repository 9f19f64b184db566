"""Comparison cohorts from the same world: people who had no programme, chosen in the ways that evaluators choose them.

Every strategy returns the same kind of panel: managed people first, then the others with their start masked, the same
windows and the same covariates. What each gets wrong is said in its docstring. Detection and events that supervision
creates belong to management, so that every contrast with others holds them.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from iom_causal.cohort import Cohort
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.numerics.matching import nearest_within
from iom_causal.panel import Panel
from iom_causal.roles import Rng
from iom_causal.simulate.observe import OUTCOMES, Group, managed_groups, seen
from iom_causal.simulate.people import check
from iom_causal.specs import check_choice, refuse_data
from iom_causal.streams import as_generator
from iom_causal.world import World

type Marks = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """What the strategies share: which outcome is seen, and whether days in custody are known.

    Parameters
    ----------
    outcome : {"events", "score", "both"}
        A panel of either, or a cohort of both.
    custody_known : bool
        Whether days at liberty are each person's own.
    """

    outcome: str = "events"
    custody_known: bool = False

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.outcome, OUTCOMES, f"{type(self).__name__} outcome")

    def _seen(self, world: World, groups: list[Group]) -> Panel | Cohort:
        return seen(world, groups, outcome=self.outcome, custody_known=self.custody_known)


@dataclass(frozen=True, kw_only=True)
class NextBelow(_Chosen):
    """The people just below: not picked, and highest in what the rule read.

    What it gets wrong: they were high by chance less often than the picked, so that they regress less.

    Parameters
    ----------
    people : int, optional
        How many; by default as many as are managed.
    """

    people: int | None = None

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people and those just below; ties are broken at random."""
        _needs_pool(world, "NextBelow")
        generator, _ = as_generator(rng)
        others = _own_force(world) & ~world.picked
        size = int(world.managed.sum(-1).max()) if self.people is None else self.people
        if int(others.sum(-1).min()) < size:
            raise DegenerateDataError(
                "IOM-E061", f"NextBelow: expected {size} people below the rule; the pool is too small"
            )
        value = np.where(others, world.value, -np.inf)
        chosen = _top(value, generator.random(value.shape), size)
        return self._seen(world, [*managed_groups(world), Group(chosen, None, treated=False)])


@dataclass(frozen=True, kw_only=True)
class MatchedOnHistory(_Chosen):
    """For each managed person, somebody who was not picked and had about as many events before.

    Right when events before say of both groups' rates the same. What it gets wrong: where the two groups' events
    last to different degrees, matching on them re-creates regression to the mean in the difference. People without
    a match are left out; the panel's notes say how many.

    Parameters
    ----------
    caliper : float
        The farthest apart, in SDs of the managed people's events before.
    exact : tuple of str
        Covariates that must agree.
    """

    caliper: float = 0.2
    exact: tuple[str, ...] = ()

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return matched managed people and their matches."""
        _needs_pool(world, "MatchedOnHistory")
        for name in self.exact:
            check_choice(name, world.covariates, "MatchedOnHistory exact")
        generator, _ = as_generator(rng)
        before = world.untreated.events[..., ~world.post].sum(-1).astype(np.float64)
        strata = np.zeros(before.shape, dtype=np.int64)
        for name in self.exact:
            strata = strata * 1000 + world.covariates[name].astype(np.int64)
        offered = _own_force(world) & ~world.picked
        kept, matches = np.zeros_like(world.managed), np.zeros_like(world.managed)
        for own, theirs, value, kind, mine, free in zip(
            *(_by_replicate(a) for a in (kept, matches, before, strata, world.managed, offered)), strict=True
        ):
            pair = nearest_within(value, kind, mine, free, self.caliper * float(value[mine].std()), generator)
            own[:] = pair >= 0
            theirs[pair[pair >= 0]] = True
        lost = int((world.managed & ~kept).sum())
        groups = [*managed_groups(replace(world, managed=kept)), Group(matches, None, treated=False)]
        return _noted(self._seen(world, groups), f"{lost} managed people without a match are left out" if lost else "")


@dataclass(frozen=True, kw_only=True)
class Historical(_Chosen):
    """The people whom the same rule would have picked some windows earlier, and what followed for them.

    Right for regression to the mean, which was the same then. What it gets wrong: trend, season and whatever else
    differs between the two dates stays in the difference.

    Parameters
    ----------
    earlier : int
        How many windows earlier.
    """

    earlier: int = 1

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people, and the earlier ones in the same columns."""
        then = _picked_earlier(world, self.earlier, as_generator(rng)[0])
        return self._seen(world, [*managed_groups(world), Group(then, None, treated=False, earlier=self.earlier)])


@dataclass(frozen=True, kw_only=True)
class PlaceboDate(_Chosen):
    """The programme's rule at an earlier date, when there was no programme: an honest answer is nothing.

    Parameters
    ----------
    earlier : int
        How many windows earlier.
    """

    earlier: int = 1

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return the people whom the rule would have picked then, as if they had been managed."""
        then = _picked_earlier(world, self.earlier, as_generator(rng)[0])
        first = int(np.flatnonzero(world.post)[0])
        return self._seen(world, [Group(then, first - self.earlier, treated=False, earlier=self.earlier)])


@dataclass(frozen=True, kw_only=True)
class NeighbouringForce(_Chosen):
    """The people whom the same rule picks in another force, which has no programme.

    Right when both forces share trend and season. What it gets wrong: what happened to one force alone is taken for
    the programme, and no standard error over people knows of it.

    Parameters
    ----------
    force : int
        Which; the programme's own is 0.
    """

    force: int = 1

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return managed people and those picked in the other force."""
        del rng
        if "force" not in world.covariates:
            raise SpecError("IOM-E096", "NeighbouringForce: this world has one force; give Careers forces=2 and a pool")
        there = world.picked & (world.covariates["force"] == self.force)
        return self._seen(world, [*managed_groups(world), Group(there, None, treated=False)])


@dataclass(frozen=True, kw_only=True)
class SteppedWedge(_Chosen):
    """Picked people who enter at different times: those who have not yet entered are the comparison.

    Right when the order of entry is by lot. A window in which somebody enters counts as managed, although part of it
    was not. Without replicates, because each person has their own start.
    """

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return everybody by window of entry; those who enter after the last window were never managed in it."""
        del rng
        if "entry_months" not in world.covariates:
            raise SpecError("IOM-E096", f"{type(self).__name__}: expected people who enter at different times; give "
                            "Careers an Enrolment with entry_months=(0, 6, 12)")  # fmt: skip
        return self._seen(world, managed_groups(world))


@dataclass(frozen=True, kw_only=True)
class WaitingList(SteppedWedge):
    """Picked people of whom some enter at once and others later, by lot: a stepped wedge of two steps."""

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return those who enter at once and those who wait."""
        steps = np.unique(world.covariates.get("entry_months", np.zeros(1)))
        if steps.size != 2:
            raise SpecError("IOM-E096", "WaitingList: expected two months of entry; give entry_months=(0, 18)")
        return super().__call__(world, rng=rng)


@dataclass(frozen=True, kw_only=True)
class RandomHalf(_Chosen):
    """A lottery among the picked: some are managed and the others are not. Right for the average among the picked.

    Parameters
    ----------
    share : float
        Of the picked people that the programme takes in.
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        check(self, 0 < self.share < 1, "a share inside 0 to 1")

    def __call__(self, world: World, *, rng: Rng = None) -> Panel | Cohort:
        """Return the winners with the programme and the others without."""
        generator, _ = as_generator(rng)
        size = np.maximum(1, (self.share * world.managed.sum(-1)).astype(np.int64))
        order = np.where(world.managed, generator.random(world.managed.shape), np.inf)
        rank = np.argsort(np.argsort(order, axis=-1), axis=-1)
        won = world.managed & (rank < size[..., None])
        groups = managed_groups(replace(world, managed=won))
        return self._seen(world, [*groups, Group(world.managed & ~won, None, treated=False)])


def _needs_pool(world: World, name: str) -> None:
    if not (~world.picked & _own_force(world)).any():
        raise SpecError("IOM-E096", f"{name}: this world holds the picked people alone; give Careers a pool")


def _own_force(world: World) -> Marks:
    force = world.covariates.get("force")
    there = np.ones(world.picked.shape, dtype=np.bool_) if world.weight is None else world.weight > 0
    return there if force is None else there & (force == 0)


def _top(value: NDArray[np.float64], lot: NDArray[np.float64], size: int) -> Marks:
    order = np.lexsort((lot, -value), axis=-1)[..., :size]
    chosen = np.zeros(value.shape, dtype=np.bool_)
    np.put_along_axis(chosen, order, values=True, axis=-1)
    return chosen & np.isfinite(value)


def _picked_earlier(world: World, earlier: int, rng: np.random.Generator) -> Marks:
    """Ask the rule of the world about the windows that lie `earlier` before those that it read."""
    rule = world.selection
    if rule is None:
        raise SpecError("IOM-E096", "an earlier date needs a rule: give Careers an Enrolment with a selection")
    labels = [w.label for w in world.windows]
    read = [labels.index(name) - earlier for name in rule.windows]
    if earlier < 1 or min(read) < 0:
        raise SpecError("IOM-E092", "an earlier date needs windows that lie earlier; give Careers one more before")
    if not (~world.picked).any():
        raise SpecError("IOM-E096", "an earlier date needs everybody, picked or not: give Careers a pool")
    value = world.untreated.events[..., read].sum(-1) + world.noise * rng.standard_normal(world.picked.shape)
    mine = _own_force(world)
    if rule.rule == "top":
        return _top(np.where(mine, value, -np.inf), rng.random(value.shape), int(rule.threshold or 0))
    return mine & (rng.random(value.shape) < rule.probability(value))


def _by_replicate(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return values if values.ndim == 2 else values[None]


def _noted(found: Panel | Cohort, note: str) -> Panel | Cohort:
    if not note:
        return found
    if isinstance(found, Cohort):
        return replace(found, panels={name: replace(p, notes=(*p.notes, note)) for name, p in found.items()})
    return replace(found, notes=(*found.notes, note))
