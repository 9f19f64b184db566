"""Bias of each design where people were selected on a count: that of gamma rates which last, in closed form.

Given y events in a window with mean m, a gamma rate of shape k brings (k + y) m / (k + m) in the next; nothing else
happens in these worlds, so that what a design is off by is what selection and its comparison do.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.designs.design import Design
from iom_causal.designs.library.worlds import spans
from iom_causal.designs.replicates import Replicates
from iom_causal.designs.scoring import Target
from iom_causal.estimators import (
    Ancova,
    DiffInDiff,
    Discontinuity,
    EventStudy,
    InterruptedTimeSeries,
    Matched,
    RateRatio,
    SteppedWedge,
    SyntheticControl,
)
from iom_causal.windows import YEAR, Selection, Window

LOOSE = 4
"""Monte Carlo standard errors; one wrong alarm in sixteen thousand."""
SIMS, RATIO, SHAPE, RATE, CUT = 200, 0.8, 1.4, 2.0, 4
DAYS = 548
MEAN = RATE * DAYS / YEAR
WINDOWS = (Window("before", -DAYS, 0), Window("after", 0, DAYS, post=True))
EARLIER = (Window("earlier", -2 * DAYS, -DAYS), *WINDOWS)
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=float(CUT))
WORLD = sim.Careers(
    people=400,
    pool=1200,
    windows=WINDOWS,
    rate=RATE,
    shape=SHAPE,
    programme=sim.Programme(ratio=RATIO),
    enrolment=sim.Enrolment(selection=RULE),
    burn_in_months=0,
)
HALF_YEARS = spans(2, 3, months=6)
WEDGE = replace(
    WORLD,
    pool=None,
    windows=HALF_YEARS,
    enrolment=sim.Enrolment(
        selection=Selection(
            "arrests", tuple(w.label for w in HALF_YEARS[:2]), "at_least", "at_boundary", threshold=3.0
        ),
        entry_months=(0, 6, 12, 18),
    ),
)
MONTHS = spans(36, 18)
SERIES = replace(
    WORLD,
    pool=None,
    windows=MONTHS,
    enrolment=sim.Enrolment(selection=replace(RULE, windows=tuple(w.label for w in MONTHS[24:36]))),
)
QUARTERS = spans(8, 4, months=3)
YEAR_BEFORE = replace(RULE, windows=tuple(w.label for w in QUARTERS[4:8]))

Y = np.arange(400)
AFTER = (SHAPE + Y) * MEAN / (SHAPE + MEAN)
CHANCE = stats.nbinom.pmf(Y, SHAPE, SHAPE / (SHAPE + MEAN))


def regression(who):
    """Log of expected events after over before, without a programme, of the people with such counts before."""
    return np.log((CHANCE * who) @ AFTER / ((CHANCE * who) @ Y))


SELECTED, LEFT_OUT, JUST_BELOW = (regression(who) for who in (Y >= CUT, Y < CUT, Y == CUT - 1))


def run_up():
    """Log of expected events after over a trend through the months before, of people selected on the last twelve."""
    days = np.array([w.days for w in MONTHS], dtype=float)
    post = np.array([w.post for w in MONTHS])
    read = ~post & (np.arange(days.size) >= 24)
    mean = RATE * days[read].sum() / YEAR
    chance = stats.nbinom.pmf(Y, SHAPE, SHAPE / (SHAPE + mean)) * (Y >= CUT)
    own = chance @ ((SHAPE + Y) * mean / (SHAPE + mean)) / chance.sum()
    expected = np.where(read, chance @ Y / chance.sum(), own) * days / days[read].sum()
    time = np.cumsum(days) - days / 2
    x = np.column_stack([np.ones(days.size), time / 365])
    fit = sm.GLM(expected[~post], x[~post], family=sm.families.Poisson(), exposure=days[~post]).fit()
    return np.log(expected[post].sum() / fit.predict(x[post], exposure=days[post]).sum())


class Case(NamedTuple):
    """A data strategy and an estimator in a world, and the bias of the log ratio."""

    world: sim.Careers
    data: object
    estimator: object
    bias: float
    sims: int = SIMS
    truth: object = Target(sim.att_ratio_since_entry, estimand="att_ratio")


CASES = {
    "one group": Case(replace(WORLD, pool=None, people=300), sim.BeforeAfter(), RateRatio(), SELECTED),
    "not selected": Case(WORLD, sim.NotSelected(), DiffInDiff(), SELECTED - LEFT_OUT),
    "next below": Case(WORLD, sim.NextBelow(people=90), DiffInDiff(), SELECTED - JUST_BELOW),
    "historical": Case(replace(WORLD, windows=EARLIER), sim.Historical(), DiffInDiff(), 0.0),
    "placebo date": Case(
        replace(WORLD, windows=EARLIER), sim.PlaceboDate(), RateRatio(), SELECTED - np.log(RATIO)
    ),  # against a programme that does nothing
    "another force": Case(replace(WORLD, forces=2), sim.NeighbouringForce(), DiffInDiff(), 0.0),
    "other forces": Case(replace(WORLD, forces=3), sim.OtherForces(), DiffInDiff(), 0.0),
    "lottery": Case(replace(WORLD, pool=None), sim.RandomHalf(), DiffInDiff(), 0.0),
    "lottery, adjusted": Case(replace(WORLD, pool=None), sim.RandomHalf(), Ancova(family="poisson"), 0.0),
    "waiting list": Case(
        replace(WORLD, pool=None, enrolment=sim.Enrolment(selection=RULE, entry_months=(0, 18))),
        sim.WaitingList(),
        DiffInDiff(),
        0.0,
    ),
    # Whoever enters when, all were selected alike: in an order by lot all come down by the same.
    "staggered entry": Case(WEDGE, sim.SteppedWedge(), EventStudy(bands="pointwise"), 0.0),
    "staggered entry, never": Case(WEDGE, sim.SteppedWedge(), EventStudy(comparison="never", bands="pointwise"), 0.0),
    "staggered entry, all before": Case(WEDGE, sim.SteppedWedge(), EventStudy(base="every", bands="pointwise"), 0.0),
    "monthly series": Case(SERIES, sim.BeforeAfter(), InterruptedTimeSeries(season=0), run_up()),
    "monthly series, another force": Case(
        replace(SERIES, pool=1500, forces=2),
        sim.NeighbouringForce(),
        InterruptedTimeSeries(season=0, controlled=True),
        0.0,
        40,
    ),
    "stepped wedge": Case(WEDGE, sim.SteppedWedge(), SteppedWedge(by_lot=True, draws=999), 0.0, 40),
    "several forces": Case(
        replace(
            WORLD, people=60, pool=150, forces=12, windows=QUARTERS, enrolment=sim.Enrolment(selection=YEAR_BEFORE)
        ),
        sim.OtherForces(),
        SyntheticControl(unit="force"),
        0.0,
        60,
    ),
    # What is expected after is a line in the count that was read, on either side of the cut.
    "at the cut": Case(
        WORLD,
        sim.NotSelected(value="read"),
        Discontinuity(running="read", cutoff=float(CUT), bandwidth=10.0, curvature=0.01),
        0.0,
        40,
        sim.late_cutoff,
    ),
    # Age says nothing of rates here: matching on it leaves some of those who were not selected, as they are.
    "matched on age": Case(WORLD, sim.NotSelected(), Matched(covariates="age"), SELECTED - LEFT_OUT, 40),
    # Chance beside the count takes in who is matched exactly on it: the same count says the same of both groups' rates.
    "matched on the count that was read": Case(
        replace(WORLD, enrolment=sim.Enrolment(selection=RULE, noise=2.0)),
        sim.MatchedOnHistory(caliper=0.0),
        DiffInDiff(),
        0.0,
    ),
    "matched by its propensity": Case(
        replace(WORLD, enrolment=sim.Enrolment(selection=RULE, noise=2.0)),
        sim.NotSelected(),
        Matched(on_outcome_before=True, caliper=0.01),
        0.0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_bias_of_a_design_is_that_of_its_closed_form(name):
    case = CASES[name]
    design = Design(case.world, {"truth": case.truth}, {"d": case.data}, {"e": case.estimator}, cell=case.sims)
    columns = Replicates({"d": design}, 5)(np.arange(case.sims))
    off = np.log(columns["d/answer/d/e/estimate"] / columns["d/truth/truth"])
    assert (columns["d/answer/d/e/code"] == 0).all()
    assert abs(off.mean() - case.bias) < LOOSE * off.std(ddof=1) / np.sqrt(case.sims), (off.mean(), case.bias)
