"""Designs of the library with a comparison cohort: one group before and after, and the same people beside others."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal import confounds as room
from iom_causal.base.specs import check_choice
from iom_causal.designs.design import CELL, Design
from iom_causal.designs.scoring import Target
from iom_causal.errors import SpecError
from iom_causal.estimators import DiffInDiff, RateRatio
from iom_causal.roles import Confound, DataStrategy, Estimator
from iom_causal.simulate import (
    Ages,
    BeforeAfter,
    Careers,
    Engaged,
    Enrolment,
    Historical,
    MatchedOnHistory,
    NeighbouringForce,
    NextBelow,
    PlaceboDate,
    Programme,
    RandomHalf,
    WaitingList,
    att_ratio,
    att_ratio_since_entry,
)
from iom_causal.windows import Selection, Window
from iom_causal.world import World

type Floats = NDArray[np.float64]

WINDOWS = (Window("earlier", -1094, -547), Window("before", -547, 0), Window("after", 0, 549, post=True))
"""The rule reads the second; the first is what an earlier cohort and a placebo date need."""
CALIPER = 0.5
"""SDs of events before; within a fifth of one, half the selected people of these worlds have no match."""
AFTER_ALL = 18
"""Months: who enters then was never managed in the window after, which is 18 months long."""
PEOPLE_IN_A_CELL = 600_000
"""People of all forces in the worlds that are worked out together: about 300 MB of them."""


class _Added(NamedTuple):
    """What a confound of a plausible size adds to a world: lines, and settings of the careers."""

    lines: tuple[Confound, ...]
    settings: Mapping[str, Any] = {}


CONFOUNDS: Mapping[str, _Added] = {
    "ageing": _Added((room.Ageing(curve="scotland-2011"),), {"ages": Ages(mean=30.0, sd=8.57, low=13.0, high=60.0)}),
    "attrition": _Added((room.Attrition(untracked=0.05),)),
    "breach": _Added((room.Breach(after=0.33, unit="per_year"),)),
    "custody": _Added((room.Custody(custody_per_arrest=0.2, stay_years=0.33, free_at_start=1.0),)),
    "desistance": _Added((room.Desistance(hazard=0.06),)),
    "detection": _Added((room.Detection(ratio=0.8),)),
    "engagement": _Added(
        (room.Engagement(engaged_ratio=0.6, other_ratio=1.1),), {"engaged": Engaged(share=0.5, own_ratio=0.6)}
    ),
    "follow-up": _Added((room.FollowUp(ramp_years=0.5, half_life_years=1.0),)),
    "history": _Added((room.History(ratio=0.85),)),
    "part exposure": _Added((room.PartExposure(after=1.0, before=0.2),)),
    "season": _Added((room.Season(amplitude=0.05, index_date=dt.date(2012, 5, 1)),)),
}
"""Confounds of counts by name, each of the size that it has in a bundled scenario."""


def comparison_world(
    *, people: int = 225, pool: int = 3000, ratio: float = 0.8, confounds: Sequence[str] = ()
) -> Careers:
    """Careers in two forces, of which one manages those with the most events in the window before.

    Parameters
    ----------
    people : int
        Places, filled from the top.
    pool : int
        The source population of each force.
    ratio : float
        The programme's.
    confounds : sequence of str
        Keys of `CONFOUNDS`, all at work together.

    Examples
    --------
    >>> [type(line).__name__ for line in comparison_world(confounds=["history", "custody"]).confounds]
    ['History', 'Custody']
    """
    if isinstance(confounds, str):
        raise SpecError("IOM-E092", f"confounds: expected a list of names, such as [{confounds!r}]")
    for name in confounds:
        check_choice(name, CONFOUNDS, "confounds")
    added = [CONFOUNDS[name] for name in confounds]
    settings: dict[str, Any] = {key: value for one in added for key, value in one.settings.items()}
    rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=float(people))
    return Careers(
        people=people,
        pool=pool,
        forces=2,
        force_sd=0.05,
        windows=WINDOWS,
        rate=1.2,
        own_sd=0.7,
        drift_sd=0.4,
        return_rate=0.7,
        programme=Programme(ratio=ratio),
        enrolment=Enrolment(selection=rule, noise=2.0),
        confounds=tuple(line for one in added for line in one.lines),
        **settings,
    )


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
