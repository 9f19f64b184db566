"""Designs of the library that could settle it: one group of people like a study's, and each comparison cohort."""

from dataclasses import replace
from typing import Any

from iom_causal.designs.design import CELL, Design
from iom_causal.designs.library.cohorts import AFTER_ALL, CALIPER
from iom_causal.designs.library.worlds import FORCE_SD, PEOPLE_IN_A_CELL, WINDOWS
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
    Programme,
    RandomHalf,
    WaitingList,
    att_ratio,
    att_ratio_since_entry,
)


def settling_designs(careers: Careers, *, people: int, ratio: float, pool: int) -> dict[str, Design]:
    """Designs with so many managed people like those of a study: one group, and each comparison cohort there could be.

    As in `comparison_designs`, but people are selected by the rule of the study, and each design simulates no more
    people than it needs: those who were not selected, another force and an earlier window only where it looks for its
    comparison there. The lottery and the waiting list select twice as many.

    Parameters
    ----------
    careers : Careers
        People like the study's, with its rule and its two windows.
    people : int
        Places; where the rule selects fewer of the pool, all of them.
    ratio : float
        The programme's; with 1 it does nothing.
    pool : int
        The source population of each force. Of these people about a tenth more than `people` should be selected.

    Examples
    --------
    >>> from iom_causal import load_scenario
    >>> careers = replace(load_scenario("sleath-brown-2017").careers, score=None, drop_out=None)
    >>> designs = settling_designs(careers, people=60, ratio=1.0, pool=6600)
    >>> list(designs)[:3], designs["lottery"].model.people
    (['one group', 'next below', 'matched on history'], 120)
    """
    managed = replace(careers, people=people, pool=None, programme=Programme(ratio=ratio))
    forces = replace(managed, pool=pool, forces=2, force_sd=FORCE_SD)
    earlier = replace(managed, pool=pool, windows=WINDOWS)
    twice = replace(managed, people=2 * people)
    waiting = replace(twice, enrolment=replace(twice.enrolment, entry_months=(0, AFTER_ALL)))
    entered = {"att_ratio": Target(att_ratio_since_entry, estimand="att_ratio")}
    kinds: dict[str, tuple[Careers, Any, DataStrategy, Estimator]] = {
        "one group": (managed, att_ratio, BeforeAfter(), RateRatio()),
        "next below": (forces, att_ratio, NextBelow(), DiffInDiff()),
        "matched on history": (forces, att_ratio, MatchedOnHistory(caliper=CALIPER), DiffInDiff()),
        "historical": (earlier, att_ratio, Historical(), DiffInDiff()),
        "neighbouring force": (forces, att_ratio, NeighbouringForce(), DiffInDiff()),
        "lottery": (twice, att_ratio, RandomHalf(), DiffInDiff()),
        "waiting list": (waiting, entered, WaitingList(), DiffInDiff()),
    }
    cell = min(CELL, max(1, PEOPLE_IN_A_CELL // (2 * pool)))
    return {
        name: Design(model, estimands, {"people": data}, {type(estimator).__name__: estimator}, cell=cell)
        for name, (model, estimands, data, estimator) in kinds.items()
    }
