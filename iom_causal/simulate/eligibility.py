"""Eligibility for a comparison cohort: people not selected now, or selected by the same rule earlier."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import SpecError
from iom_causal.simulate.random_draws import RandomDraws
from iom_causal.world import World

type Marks = NDArray[np.bool_]
type Floats = NDArray[np.float64]


def own_force(world: World) -> Marks:
    """Mark the people of the programme's own force; places that nobody fills are not people."""
    there = np.ones(world.selected.shape, dtype=np.bool_) if world.weight is None else world.weight > 0
    force = world.covariates.get("force")
    return there if force is None else there & (force == 0)


def not_selected(world: World, strategy: str) -> Marks:
    """Mark the people whom the rule did not select, among those whom the extract holds.

    Raises
    ------
    SpecError
        IOM-E096 when the world holds the selected people alone.
    """
    others = own_force(world) & ~world.selected
    if not others.any():
        raise SpecError("IOM-E096", f"{strategy}: this world holds the picked people alone; give Careers a pool")
    return others if world.in_extract is None else others & world.in_extract


def below(world: World, others: Marks) -> Marks:
    """Return the others who are too low for the rule; all of them without one.

    Below a soft rule are those whose chance is less than half and who have less than the selected have on average: the
    highest whom chance or they themselves left out would have more than the people they are compared with.
    """
    rule = world.selection
    if rule is None:
        return others
    if rule.rule == "soft":
        own = world.selected & own_force(world)
        mean = np.where(own, world.value, 0.0).sum(-1, keepdims=True) / np.maximum(own.sum(-1, keepdims=True), 1)
        return np.asarray(others & (world.value < np.minimum(mean, float(rule.threshold or 0.0))))
    if rule.rule == "at_least":
        return others & (world.value < float(rule.threshold or 0.0))
    lowest = np.where(world.selected & own_force(world), world.value, np.inf).min(-1, keepdims=True)
    return np.asarray(others & (world.value <= lowest))


def highest(value: Floats, places: int, among: Marks, draws: RandomDraws) -> Marks:
    """Return the people with the highest values, ties by lot; fewer where there are fewer."""
    ordered, lots = np.where(among, value, -np.inf), draws.uniform()
    if places >= ordered.shape[-1]:
        return among
    lowest = np.partition(ordered, -places, axis=-1)[..., [-places]]
    above, level = ordered > lowest, ordered == lowest
    spare = places - above.sum(-1, keepdims=True)
    return among & (above | first_by_lot(lots, level, spare))


def first_by_lot(lots: Floats, among: Marks, places: NDArray[np.int64]) -> Marks:
    """Return those of some people, of whom there are enough, with the smallest numbers; as many as (..., 1) places."""
    ordered = np.sort(np.where(among, lots, np.inf), axis=-1)
    return np.asarray(among & (lots <= np.take_along_axis(ordered, places - 1, axis=-1)))


def selected_earlier(world: World, earlier: int, strategy: str, draws: RandomDraws) -> tuple[Marks, tuple[str, ...]]:
    """Mark whom the rule would have selected some windows earlier, with noise of the same kind, and note it.

    Raises
    ------
    SpecError
        IOM-E096 when the rule takes more than windows to apply, or the world holds the selected people alone; IOM-E092
        when the windows that it would have read are not there.
    """
    rule = world.selection
    if rule is None or world.reads not in ("events", "score"):
        raise SpecError(
            "IOM-E096",
            f"{strategy}: an earlier date needs a rule that windows decide; give Careers an Enrolment with a selection "
            "that reads events or a score, without at_liberty, and nobody who must volunteer",
        )
    labels = [w.label for w in world.windows]
    now = sorted(labels.index(name) for name in rule.windows)
    then = [k - earlier for k in now]
    if then[0] < 0:
        raise SpecError("IOM-E092", f"{strategy}: the rule would read windows that lie earlier; give Careers them")
    not_selected(world, strategy)
    value = _read(world, then) + world.noise * draws.normal()
    notes = _unlike(world, now, then) if world.reads == "events" else ()
    if rule.rule == "top":
        return highest(value, int(rule.threshold or 0), own_force(world), draws), notes
    return own_force(world) & (draws.uniform() < rule.probability(value)), notes


def _read(world: World, windows: list[int]) -> Floats:
    """Return the history that the rule reads: events in its windows, or the last score in them."""
    course = world.untreated
    if world.reads == "score" and course.score is not None:
        return np.asarray(course.score[..., windows[-1]])
    return np.asarray(course.events[..., windows].sum(-1), dtype=np.float64)


def _unlike(world: World, now: list[int], then: list[int]) -> tuple[str, ...]:
    days, earlier = (sum(world.windows[k].days or 0 for k in read) for read in (now, then))
    if days == earlier:
        return ()
    return (f"the rule reads {days:,} days before the index date, and {earlier:,} days before the earlier date",)
