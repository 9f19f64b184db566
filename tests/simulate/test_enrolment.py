"""Enrolment: who is selected, on what and when, places, volunteers and custody."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import (
    Ageing,
    Custody,
    RegressionToMean,
)
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.windows import Selection, Window
from tests.simulate.worlds import AT_LEAST_4, LOOSE, STEADY, YEARS, close, worlds


def test_picking_on_the_rate_itself_regresses_by_the_drift_alone():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0)
    spec = sim.Careers(rate=1.5, own_sd=0.8, enrolment=sim.Enrolment(selection=rule, reads="rate"))
    assert abs(float(sim.untreated_change(worlds(spec, 20), before="expected").mean())) < 1e-9


def test_a_pool_keeps_everybody_and_fills_places_in_order():
    rule = Selection("arrests", ("before",), "top", "at_boundary", threshold=30)
    spec = sim.Careers(people=20, pool=200, rate=2.0, enrolment=sim.Enrolment(selection=rule))
    world = spec(3)
    assert world.n == 200
    assert int(world.selected.sum()) == 30
    assert int(world.managed.sum()) == 20
    lowest = world.untreated.events[world.selected, 0].min()
    assert lowest >= world.untreated.events[~world.selected, 0].max() - 0
    forces = replace(spec, forces=2, force_sd=0.2)(3)
    assert int(forces.managed.sum()) == 20
    assert (forces.covariates["force"][forces.managed] == 0).all()
    assert int(forces.selected.sum()) == 60


def test_picking_on_what_comes_after_is_picking_late():
    rule = Selection("arrests", ("after",), "at_least", "within_post", threshold=4)
    spec = sim.Careers(rate=5 / YEARS[0], shape=1.4, enrolment=sim.Enrolment(selection=rule))
    assert close(worlds(spec, 200).untreated.events, [7.5534, 8.2785])


def test_nobody_picked_is_refused_with_how_many_were_tried():
    rule = replace(AT_LEAST_4, threshold=500)
    with pytest.raises(DegenerateDataError, match="20,000 people"):
        sim.Careers(people=1, rate=1.0, enrolment=sim.Enrolment(selection=rule))(1)


def test_people_taken_at_liberty_were_freer_just_before_than_people_taken_as_they_are():
    held = Custody(custody_per_arrest=0.4, stay_years=0.5)
    months = (Window("earlier", -548, -91), Window("just before", -91, 0), Window("after", 0, 548, post=True))
    spec = replace(STEADY, rate=4.0, windows=months, confounds=(held,))
    free = worlds(replace(spec, enrolment=sim.Enrolment(at_liberty=True)), 60)
    everybody = worlds(spec, 60)
    share = [w.untreated.exposure.sum((0, 1)) / w.untreated.exposure[..., 0].size for w in (free, everybody)]
    assert share[0][1] / 91 > 1.15 * share[1][1] / 91
    stationary = 1 / (1 + 4.0 * 0.4 * 0.5)
    assert share[1][1] / 91 == pytest.approx(stationary, abs=0.02)
    # Of those drawn the stationary share is at liberty, and only these get in.
    assert free.managed.sum() / free.drawn.sum() == pytest.approx(stationary, abs=0.02)


def test_volunteers_are_engaged_more_often_and_change_by_themselves():
    eager = sim.Engaged(share=0.3, own_ratio=0.7, others_join=0.25)
    world = worlds(replace(STEADY, engaged=eager), 100)
    joined = 0.3 / (0.3 + 0.7 * 0.25)
    assert world.covariates["engaged"].mean() == pytest.approx(joined, abs=0.02)
    change = float(sim.untreated_change(world, before="expected").mean())
    assert change == pytest.approx(np.log(1 - 0.3 * joined), abs=0.01)


def test_people_picked_on_the_rate_of_the_index_date_are_mirrors_before_and_after():
    equal = (Window("before", -548, 0), Window("after", 0, 548, post=True))
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=6.0)
    spec = sim.Careers(
        people=2000,
        windows=equal,
        rate=2.0,
        own_sd=0.5,
        drift_sd=0.8,
        return_rate=1.5,
        enrolment=sim.Enrolment(selection=rule, reads="rate"),
    )
    world = worlds(spec, 60)
    change = sim.untreated_change(world, before="expected")
    assert abs(change.mean()) < LOOSE * change.std(ddof=1) / np.sqrt(60)
    assert change.std(ddof=1) / np.sqrt(60) < 0.003  # the drift of the month after would make it .05


def test_a_panel_of_people_selected_on_their_rate_says_so():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3.0)
    spec = sim.Careers(people=40, rate=2.0, own_sd=0.8, enrolment=sim.Enrolment(selection=rule, reads="rate"))
    world = spec(1)
    assert (world.reads, world.selection) == ("rate", rule)
    panel = sim.BeforeAfter()(world)
    assert panel.selection == Selection("arrests", ("before",), "rate", "at_boundary")
    assert RegressionToMean().resolved(panel).method == "none"
    on_count = replace(spec, enrolment=sim.Enrolment(selection=rule))
    assert sim.BeforeAfter()(on_count(1)).selection == rule
    with pytest.raises(SpecError, match="IOM-E092: Enrolment: for people selected on the rate"):
        sim.Enrolment(selection=replace(rule, rule="rate"))


def test_the_top_of_every_force_has_its_places_and_nobody_else():
    top = Selection("arrests", ("before",), "top", "at_boundary", threshold=20)
    shy = sim.Engaged(share=0.05, others_join=0.1)  # about 22 of 150 would join, and fewer than 20 in many a force
    picks = sim.Enrolment(selection=top)
    world = sim.Careers(people=20, pool=150, forces=3, rate=2.0, engaged=shy, enrolment=picks).batch(40, rng=2)
    taken = np.stack([(world.selected & (world.covariates["force"] == f)).sum(1) for f in range(3)])
    assert (taken <= 20).all()
    assert (taken == 20).any()
    assert (taken < 20).any()


def test_places_that_cannot_be_filled_are_refused_with_how_many_could():
    rare = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=12)
    spec = sim.Careers(people=3, rate=1.25, own_sd=0.0, burn_in_months=0, enrolment=sim.Enrolment(selection=rare))
    # One in 7 million is picked, so that three are next to never found among 60,000.
    with pytest.raises(DegenerateDataError, match=r"nobody was picked|of 3 places could be filled"):
        spec.batch(20, rng=1)
    less = replace(spec, rate=1.9)  # one in thirty-six thousand: most worlds find one or two
    with pytest.raises(DegenerateDataError, match=r"[12] of 3 places"):
        less.batch(20, rng=1)


def test_free_people_alone_and_a_share_in_custody_contradict_one_another():
    held = Custody(custody_per_arrest=0.4, stay_years=0.5, free_at_start=0.5)
    with pytest.raises(SpecError, match="free_at_start has to be 1"):
        sim.Careers(confounds=(held,), enrolment=sim.Enrolment(at_liberty=True))(1)


def test_a_rule_on_the_rate_reads_trajectory_and_age():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=2.0)
    never, some = sim.Trajectory(share=0.5, level=0.0), sim.Trajectory(share=0.5, level=1.0)
    picks = sim.Enrolment(selection=rule, reads="rate")
    spec = sim.Careers(people=300, rate=1.0, own_sd=0.5, trajectories=(never, some), enrolment=picks)
    assert (spec(1).covariates["trajectory"] == 1).all()
    aged = replace(spec, trajectories=(), confounds=(Ageing(),), ages=sim.Ages(mean=35.0, sd=12.0, low=15.0, high=60.0))
    everybody = replace(aged, enrolment=sim.Enrolment())
    assert aged.batch(5, rng=1).age.mean() < everybody.batch(5, rng=1).age.mean() - 3
