"""Worlds without a programme in which one bias is planted: it has its tipping value, so that nothing remains."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.base.setting_paths import label, replace_path
from iom_causal.confounds import (
    CONFOUNDS,
    Ageing,
    Attrition,
    Breach,
    Custody,
    Desistance,
    Detection,
    Engagement,
    FollowUp,
    History,
    PartExposure,
    RegressionToMean,
    Remission,
    ScoreError,
    ScoreRegression,
    Season,
)
from iom_causal.ledger import Ledger
from iom_causal.sensitivity.tipping import tipping
from iom_causal.windows import YEAR, Selection, Window

pytestmark = pytest.mark.slow

LOOSE = 4.0  # standard errors of a mean over worlds
DAY = dt.date(2012, 5, 1)
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
MONTHS = 0.004  # worlds go by months of equal length, lines by days
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
CUT = Selection("risk", ("before",), "at_least", "at_boundary", threshold=340.0)
CAREERS = sim.Careers(rate=2.0, own_sd=0.5, windows=WINDOWS)
EXACT = sim.Score(base=300, per_log_rate=60, lasting_sd=60, grid=0.0, low=-1e9, high=1e9)
SCORED = replace(CAREERS, score=replace(EXACT, error_sd=30.0))
SELECTED = sim.Careers(rate=3.0, shape=1.4, windows=WINDOWS, enrolment=sim.Enrolment(selection=RULE), burn_in_months=0)
GAMMA = RegressionToMean(method="gamma_poisson", comparable_mean=3.0 * 547 / YEAR, shape=1.4, selection=RULE)
AT_CUT = ScoreRegression(sem=45.0, selection=CUT, bin_width=10.0)
LOST = replace(SCORED, drop_out=sim.DropOut(share=0.2))
PICKED = replace(CAREERS, score=EXACT, enrolment=sim.Enrolment(selection=CUT, reads="score"))

# The line as planted, its setting that is searched, from where, the world, and how far apart the two may be by design.
PLANTED = (
    (History(ratio=0.85), "ratio", 1.0, CAREERS, 0.0),
    (Season(amplitude=0.2, index_date=DAY), "amplitude", 0.05, CAREERS, MONTHS),
    (Ageing(), "strength", 0.5, CAREERS, MONTHS),
    (Desistance(hazard=0.08), "hazard", 0.02, CAREERS, MONTHS),
    (Detection(ratio=0.8), "ratio", 1.0, CAREERS, 0.0),
    (Breach(after=0.3, unit="per_year"), "after", 0.1, CAREERS, MONTHS),
    (Custody(custody_per_arrest=0.2, stay_years=0.4), "stay_years", 0.1, replace(CAREERS, own_sd=0.0), 0.01),
    (Attrition(untracked=0.1), "untracked", 0.02, CAREERS, 0.0),
    (GAMMA, "comparable_mean", 3.0, SELECTED, 0.005),  # logs of ratios of sums
    (ScoreError(drift_per_year=-20.0), "drift_per_year", -5.0, SCORED, 0.2),  # scores are read at ends of windows
    (Remission(per_month=2.0), "per_month", 0.5, SCORED, 0.2),
    (AT_CUT, "sem", 20.0, PICKED, 0.0),
)
NEUTRAL = {PartExposure, FollowUp, Engagement}
"""They act on what a programme does: without one they move nothing, and have no tipping value."""


@pytest.mark.parametrize(("line", "name", "start", "world", "near"), PLANTED, ids=[label(p[0]) for p in PLANTED])
def test_a_bias_planted_at_the_tipping_value_leaves_nothing(line, name, start, world, near):
    field, ledger = f"{label(line)}.{name}", Ledger((line,), draws=400)
    spec = replace(world, people=10_000, confounds=() if line is GAMMA else (line,))
    seen = {"outcome": "score"} if world in (SCORED, PICKED) else {}
    people = sim.BeforeAfter(**seen)(spec.batch(1, rng=7)).replicate(0)
    error = ledger(people, rng=1).std_error
    assert abs(ledger.central(people)) < near + LOOSE * error
    tip = tipping(replace_path(ledger, field, start), people, field)
    assert replace_path(ledger, field, tip.value).central(people) == pytest.approx(0.0, abs=1e-8)
    planted = getattr(line, name)
    near_it = ledger.central_at(people, field)(planted * np.array([0.95, 1.05]))
    slope = abs(near_it[1] - near_it[0]) / abs(0.1 * planted)
    assert abs(tip.value - planted) < (near + LOOSE * error) / slope
    assert abs(tip.value - planted) < abs(start - planted)  # found, and not only not excluded


def test_the_missing_who_lie_off_the_line_leave_what_all_changed_by():
    """A delta is no bias of nothing: it says where the missing are, so that the change of all is to remain."""
    world = replace(LOST, people=10_000, confounds=(Attrition(delta=60.0),)).batch(1, rng=7)
    people, scores = sim.BeforeAfter(outcome="score")(world).replicate(0), world.seen("score")[0]
    truth = float((scores[:, 1] - scores[:, 0]).mean())
    ledger = Ledger((Attrition(delta=10.0),), draws=400)
    tip = tipping(ledger, people, "attrition.delta", until=truth)
    error = ledger(people, rng=1).std_error
    assert truth == pytest.approx(60 * 0.2, abs=1.5)
    assert abs(tip.value - 60.0) < LOOSE * error / 0.2  # of a fifth who are missing


def test_every_confound_that_makes_a_bias_is_planted():
    assert {type(line) for line, *_ in PLANTED} == set(CONFOUNDS) - NEUTRAL
