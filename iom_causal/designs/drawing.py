"""One step of a design each: worlds of a model, the panel of a data strategy, the result of an estimator."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import got
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.estimate import Estimate
from iom_causal.panel import Panel
from iom_causal.roles import batch
from iom_causal.simulate.replicates import one_of
from iom_causal.streams import BlockGenerator, Streams
from iom_causal.world import World

MODEL, DATA, ANSWERS = "worlds", "data", "answers"
"""The studies of the streams from which worlds, data strategies and estimators draw."""


@runtime_checkable
class ReplicatedStrategy(Protocol):
    """A data strategy that observes worlds along an axis of replicates, each as it would observe it alone."""

    @property
    def replicated(self) -> bool:
        """Whether it does."""
        ...


@runtime_checkable
class BatchedModel(Protocol):
    """A model with a kernel that draws many worlds at once."""

    def batch(self, replicates: Sequence[int], *, rng: Streams) -> World:
        """Return the worlds of these numbers along a leading axis; each is the same in every block."""
        ...


def worlds(model: Any, seed: int, numbers: NDArray[np.int64], *, single: bool) -> World:
    """Return the worlds of these numbers; without an axis of replicates where there is to be a single one."""
    streams = Streams(seed, MODEL)
    if isinstance(model, BatchedModel):
        world = model.batch(cast("Any", numbers), rng=streams)
        return one_of(world) if single else world
    if not single:
        raise SpecError("IOM-E092", f"Design: {type(model).__name__} draws one world at a time; give cell=1")
    world = model(streams.generator("world", int(numbers[0])))
    if not isinstance(world, World):
        raise SpecError("IOM-E092", f"Design model: expected it to return a World, got {got(world)}")
    return replace(world, numbers=int(numbers[0]))


def one_world(model: Any, seed: int, number: int) -> World:
    """Return one world without an axis of replicates."""
    return worlds(model, seed, np.array([number]), single=True)


def panel_of(strategy: Callable[..., Any], world: World, seed: int, number: int) -> Panel:
    """Return what a data strategy observes of a world; `number` is the first of its cell, and names what it draws."""
    panel = strategy(world, rng=BlockGenerator(Streams(seed, DATA), "data", number))
    if not isinstance(panel, Panel):
        raise SpecError("IOM-E092", f"Design data: expected a strategy that returns a Panel, got {got(panel)}")
    return panel


def result_of(estimator: Any, panel: Panel, seed: int, number: int) -> Estimate | IomCausalError:
    """Return what an estimator makes of one panel, or why it refuses."""
    result = batch(estimator, panel, rng=Streams(seed, ANSWERS), numbers=[number])
    try:
        return result[0]
    except IomCausalError as error:
        return error
