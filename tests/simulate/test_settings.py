"""Settings of a simulated world: whatever is given for any of them, it is taken or refused in words."""

import dataclasses
import math

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Ageing, ScoreRegression
from iom_causal.data.reading.panels import read_extract
from iom_causal.errors import DegenerateDataError, IomCausalError, SpecError
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.windows import Selection

KINDS = {
    sim.Careers: {},
    sim.Trajectory: {"share": 0.5},
    sim.Pauses: {"off_years": 1.0, "on_years": 1.0},
    sim.Excitation: {"branching": 0.2, "memory_years": 0.1},
    sim.Ages: {},
    sim.Engaged: {"share": 0.5},
    sim.Programme: {},
    sim.Score: {},
    sim.DropOut: {"share": 0.1},
    sim.Enrolment: {},
}
NOTHING_OF_THE_KIND = (None, "x", math.nan, math.inf, object(), {}, True, (3, "x"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_that_is_no_setting_is_taken_or_dies_without_a_word(kind):
    for field in dataclasses.fields(kind):
        for value in NOTHING_OF_THE_KIND:
            if (value is None and field.default is None) or (value is True and isinstance(field.default, bool)):
                continue
            with pytest.raises(IomCausalError, match=r"IOM-E0\d\d: .{10}") as refused:
                kind(**(KINDS[kind] | {field.name: value}))
            assert field.name.split("_")[0] in str(refused.value)


SIGNED = {"trend", "base", "per_event", "per_log_rate", "drift_per_year", "low", "on_score", "on_events"}
"""What may be below 0: changes, points and log odds."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_below_zero_is_what_moves_either_way_and_nothing_else(kind):
    for field in dataclasses.fields(kind):
        if field.name in SIGNED and kind is not sim.Ages:
            assert getattr(kind(**(KINDS[kind] | {field.name: -0.5})), field.name) == -0.5
            continue
        for value in (-0.5, -1):
            with pytest.raises(SpecError, match=r"IOM-E09\d: .{10}"):
                kind(**(KINDS[kind] | {field.name: value}))


def test_ages_that_no_table_holds_and_that_nobody_would_be_drawn_at_are_refused():
    with pytest.raises(SpecError, match=r"IOM-E092: Ages: expected high of at most 120"):
        sim.Ages(mean=300.0, high=400.0)
    for low, high in ((30.0, 30.0), (30.0, 30.0 + 1e-9)):
        with pytest.raises(SpecError, match=r"IOM-E092: Ages: expected low below high"):
            sim.Ages(low=low, mean=30.0, high=high)
    assert sim.Careers(people=3, ages=sim.Ages(mean=120.0, sd=0.0, high=120.0))(1).age.tolist() == [120.0] * 3


@pytest.mark.parametrize("places", [0, -1, 2.5, math.nan, math.inf])
def test_the_top_is_a_whole_number_of_places(places):
    with pytest.raises(
        SpecError, match=r"IOM-E092: (Enrolment: expected a selection|Selection threshold: expected a finite)"
    ):
        sim.Enrolment(selection=Selection("arrests", ("before",), "top", "at_boundary", threshold=places))


@pytest.mark.parametrize("numbers", [[-1], [1.5], [[1, 2], [3, 4]], [], 0, np.int64(0)])
def test_numbers_of_replicates_are_whole(numbers):
    with pytest.raises(SpecError, match=r"IOM-E092: Careers: expected .*replicate"):
        sim.Careers(people=2).batch(numbers)


def test_a_number_of_replicates_is_one_whatever_type_it_has():
    assert sim.Careers(people=2).batch(np.int64(3), rng=1).numbers.tolist() == [0, 1, 2]
    with pytest.raises(SpecError, match=r"IOM-E092: Careers: expected blocks with a size"):
        next(sim.Careers(people=2).blocks(3, size=0))


def test_a_level_of_nothing_has_a_score():
    scores = sim.Careers(people=2000, rate=2.0, shape=1e-3, score=sim.Score())(1).untreated.score
    assert np.isfinite(scores).all()


def test_places_that_only_other_forces_could_fill_are_none():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
    careers = sim.Careers(people=1, pool=2, forces=20, rate=0.8, enrolment=sim.Enrolment(selection=rule))
    refused = 0
    for seed in range(20):
        try:
            assert careers(seed).managed.any()
        except DegenerateDataError as e:
            refused += "IOM-E061: Careers: nobody was picked" in str(e)
    assert 0 < refused < 20


@pytest.mark.parametrize("change", [sim.untreated_change, sim.before_after_bias])
def test_a_world_without_events_has_no_change(change):
    world = sim.Careers(people=5, rate=1e-9)(1)
    with pytest.raises(DegenerateDataError, match=r"IOM-E064: nothing was seen before"):
        change(world)


def test_the_field_and_what_it_takes_are_named():
    with pytest.raises(SpecError, match=r"Careers people: expected a whole number, got nan"):
        sim.Careers(people=math.nan)
    with pytest.raises(SpecError, match=r"Careers programme: expected a Programme, got nothing"):
        sim.Careers(programme=None)
    with pytest.raises(
        SpecError, match=r"Careers trajectories: expected a tuple, of which each is a Trajectory, got str"
    ):
        sim.Careers(trajectories="many")
    with pytest.raises(SpecError, match=r"Careers rate: expected a number or a belief, got nothing"):
        sim.Careers(rate=None)


def test_other_doors_say_what_they_take():
    with pytest.raises(SpecError, match=r"Ledger: expected a tuple of confounds"):
        Ledger(Ageing())
    with pytest.raises(SpecError, match=r"read_extract: expected an Extract"):
        read_extract("people.csv")


@pytest.mark.parametrize(
    "made",
    [
        lambda: sim.Pauses(off_years=1e-12, on_years=1.0),
        lambda: sim.Score(half_life_years=1e12),
        lambda: sim.Careers(burn_in_months=10**7),
    ],
)
def test_what_would_take_for_ever_is_refused(made):
    with pytest.raises(SpecError, match="IOM-E092"):
        made()


def test_the_error_of_a_score_that_is_fitted_is_not_stated_as_well():
    risk = Moments.from_summary(n=187, mean_pre=329, sd_pre=143, mean_post=239, sd_post=174, t=-8.1, name="risk")
    arrests = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    careers = sim.Careers(confounds=(ScoreRegression(sem=30.0),), score=sim.Score())
    with pytest.raises(SpecError, match="leave ScoreRegression out"):
        sim.calibrate(arrests, careers, score=risk)
