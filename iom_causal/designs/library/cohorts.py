"""Designs of the library with a comparison cohort: one group before and after, and the same people beside others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.designs.design import CELL, Design
from iom_causal.designs.library.worlds import PEOPLE_IN_A_CELL, comparison_world
from iom_causal.designs.scoring import Target
from iom_causal.estimators import DiffInDiff, RateRatio
from iom_causal.roles import DataStrategy, Estimator
from iom_causal.simulate import (
    BeforeAfter,
    Careers,
    Historical,
    MatchedOnHistory,
    NeighbouringForce,
    NextBelow,
    PlaceboDate,
    RandomHalf,
    WaitingList,
    att_ratio,
    att_ratio_since_entry,
)
from iom_causal.world import World

type Floats = NDArray[np.float64]

CALIPER = 0.5
"""SDs of events before; within a fifth of one, half the selected people of these worlds have no match."""
AFTER_ALL = 18
"""Months: who enters then was never managed in the window after, which is 18 months long."""


def comparison_designs(
    *, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()
) -> dict[str, Design]:
    """One group before and after, and difference in differences with each kind of comparison cohort.

    All designs but the waiting list meet the same worlds, so that they can be compared in pairs. The ratio of one
    group, a descriptive change, is read as the programme's; at a placebo date as that of no programme, 1. The lottery
    and the waiting list manage half as many people, and the latter is scored against the ratio of those who entered.
    People who enter at many times (`SteppedWedge`) have no common before and after, and are not among these designs.

    Parameters
    ----------
    people, pool, ratio, confounds
        As in `comparison_world`.

    Examples
    --------
    >>> designs = comparison_designs(people=60, pool=600, confounds=["detection"])
    >>> list(designs)[:3]
    ['one group', 'next below', 'matched on history']
    >>> "att_ratio" in designs["one group"].draw(1).truths
    True
    """
    world = comparison_world(people=people, pool=pool, ratio=ratio, confounds=confounds)
    waiting = replace(world, enrolment=replace(world.enrolment, entry_months=(0, AFTER_ALL)))
    nothing = Target(no_programme, estimand="att_ratio")
    entered = Target(att_ratio_since_entry, estimand="att_ratio")
    kinds: dict[str, tuple[Careers, Any, DataStrategy, Estimator]] = {
        "one group": (world, att_ratio, BeforeAfter(), RateRatio()),
        "next below": (world, att_ratio, NextBelow(), DiffInDiff()),
        "matched on history": (world, att_ratio, MatchedOnHistory(caliper=CALIPER), DiffInDiff()),
        "historical": (world, att_ratio, Historical(), DiffInDiff()),
        "neighbouring force": (world, att_ratio, NeighbouringForce(), DiffInDiff()),
        "lottery": (world, att_ratio, RandomHalf(), DiffInDiff()),
        "waiting list": (waiting, {"att_ratio": entered}, WaitingList(), DiffInDiff()),
        "placebo date": (world, {"att_ratio": nothing}, PlaceboDate(), RateRatio()),
    }
    cell = min(CELL, max(1, PEOPLE_IN_A_CELL // (pool * world.forces)))
    return {
        name: Design(model, estimands, {"people": data}, {type(estimator).__name__: estimator}, cell=cell)
        for name, (model, estimands, data, estimator) in kinds.items()
    }


def no_programme(world: World) -> Floats:
    """Return a ratio of 1 for each world: the programme's, before there was one."""
    return np.ones(np.shape(world.numbers))
