"""Sample sizes: the formula's where it is known, checked by simulation, and infinite where bias is too large."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.designs.design import Design
from iom_causal.designs.figures import Figure
from iom_causal.designs.sizes import Checked, _no_size, _scaled, sample_size
from iom_causal.errors import SpecError

CAREERS = sim.Careers(people=60, rate=2.0, own_sd=0.6, programme=sim.Programme(ratio=0.8))
TWO = sim.TwoWindowCounts(people=60, rate=2.0, ratio=0.8)
SELECTED = sim.Enrolment(selection=iom.Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4))


def a_design(model=CAREERS):
    return Design(model, [sim.att_ratio, sim.att_difference], sim.BeforeAfter(), [iom.RateRatio(), iom.PairedT()])


def test_the_size_for_a_power_is_the_formula_s_and_simulation_bears_it_out():
    found = sample_size(a_design(), power=0.8, sims=1000)
    assert found.by == "the formula"
    assert found.n == pytest.approx(found.first, rel=0.2)
    there = {c.n: c for c in found.checked}
    # Three simulation errors, and what the normal formula leaves out against a t interval at such sizes.
    assert abs(there[found.n].value - 0.8) < 3 * there[found.n].mcse + 0.01
    assert there[found.n // 2].value < 0.7
    assert there[2 * found.n].value > 0.9


def test_an_error_falls_with_the_root_of_the_size():
    found = sample_size(a_design(), rmse=0.08, sims=1000)
    points = {c.n: c.value for c in found.checked}
    assert points[found.n] == pytest.approx(0.08, rel=0.05)
    assert points[found.n // 2] / points[2 * found.n] == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("target", [{"power": 0.8}, {"rmse": 0.1}, {"width": 0.2}])
def test_no_size_is_enough_where_bias_exceeds_the_target(target):
    selected = sim.Careers(people=60, rate=2.0, own_sd=0.6, programme=CAREERS.programme, enrolment=SELECTED)
    found = sample_size(a_design(selected), sims=200, **target)
    assert math.isinf(found.n)
    assert "simulated at 60, 480 and 3,840, its mean estimate stays away from" in found.summary()
    assert found.checked == ()


def test_a_wide_target_is_met_in_spite_of_bias():
    selected = sim.Careers(people=60, rate=2.0, own_sd=0.6, programme=CAREERS.programme, enrolment=SELECTED)
    assert sample_size(a_design(selected), rmse=0.5, sims=200).n < 20


def test_where_there_is_no_effect_no_size_finds_it():
    found = sample_size(a_design(sim.Careers(people=60, rate=2.0)), power=0.9, sims=200, seed=4)
    assert math.isinf(found.n)
    assert "nothing to find" in found.summary()


def test_scaling_a_power_finds_the_size_of_a_normal_test():
    wanted = _scaled(Checked(100, 0.516, 0.01), "power", 0.8, 0.05)
    assert wanted == pytest.approx(100 * (2.8016 / 2.0) ** 2, rel=0.01)
    assert _scaled(Checked(100, 0.02, 0.01), "power", 0.8, 0.05) == 200


def test_it_is_drawn():
    found = sample_size(a_design(), width=0.4, sims=50)
    ax = found.plot()
    assert ax.get_ylabel() == "width"
    assert np.isfinite(found.tidy().value).all()
    assert "takes" in found.summary()


@pytest.mark.parametrize("settings", [{}, {"power": 0.8, "rmse": 0.1}, {"power": 1.0}, {"rmse": -1}])
def test_there_is_one_target_within_its_bounds(settings):
    with pytest.raises(SpecError, match="expected"):
        sample_size(a_design(), **settings)


def test_a_size_is_a_whole_number_in_the_design():
    with pytest.raises(SpecError, match="whole number"):
        sample_size(a_design(), power=0.8, path="model.rate")


POOL = iom.load_scenario("comparison-cohort").careers


def test_a_size_that_changes_nobody_is_refused():
    """Of a larger pool one group before and after has as many people."""
    design = Design(POOL, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio())
    with pytest.raises(SpecError, match="as many people are seen with 1502 as with 1500"):
        sample_size(design, power=0.8, path="model.pool")


@pytest.mark.parametrize("data", [sim.BeforeAfter(), sim.NextBelow(), sim.RandomHalf()])
def test_a_rule_that_takes_the_top_takes_as_many_as_there_are_places_and_no_fewer(data):
    design = Design(POOL, sim.att_ratio, data, iom.DiffInDiff())
    managed = [int(next(iter(d.draw(1).panels.values())).group.sum()) for d in design.vary(SIZES).values()]
    assert managed == ([15, 25] if isinstance(data, sim.RandomHalf) else [30, 50])
    fixed = replace(POOL.enrolment, selection=replace(POOL.enrolment.selection, threshold=60.0))
    capped = replace(design, model=replace(POOL, enrolment=fixed))
    with pytest.raises(SpecError, match=r"people of at most 60, .* leave enrolment\.selection\.threshold out"):
        capped.vary({"model.people": [60, 62]})
    with pytest.raises(SpecError, match="people of at most 60"):
        sample_size(capped, power=0.8)


SIZES = {"model.people": [30, 50]}


def floored(panel):
    """Estimate with a standard error that no number of people brings below a floor."""
    found = iom.RateRatio()(panel)
    return found.estimate, math.hypot(found.std_error, 0.15)


def test_a_size_is_never_given_that_was_not_seen_to_meet_the_target():
    answer = iom.answer(floored, estimand="att_ratio", scale="ratio")
    design = Design(TWO, sim.att_ratio, sim.BeforeAfter(), answer)
    found = sample_size(design, width=0.4, sims=50)
    assert math.isinf(found.n)
    assert "does not fall as the root of the size" in found.summary()
    assert all(c.value > 0.5 for c in found.checked)


def test_a_bias_of_small_cohorts_is_not_held_against_large_ones():
    few = sim.TwoWindowCounts(people=3, rate=0.6, spread=0.75, reliability=0.8, ratio=0.8)
    found = sample_size(Design(few, sim.att_ratio, sim.BeforeAfter(), iom.RateRatio()), rmse=0.05, sims=1000)
    assert 800 < found.n < 1600
    assert {c.n: c.value for c in found.checked}[found.n] == pytest.approx(0.05, rel=0.06)


NONE = np.zeros(0)


def missing_by(distance, mcse, *, estimate=-0.2):
    """What `_no_size` reads of a pilot whose mean estimate is this far from the truth, with this simulation error."""
    figures = {"distance": Figure(distance, mcse, NONE, 100), "mean_estimate": Figure(estimate, 0.001, NONE, 100)}
    return SimpleNamespace(figures=figures, target="att_ratio")


@pytest.mark.parametrize(("measure", "bound"), [("rmse", 0.1), ("width", 0.2)])
def test_only_what_simulation_error_cannot_explain_is_held_against_a_size(measure, bound):
    for distance, mcse, refused in (
        (0.15, 0.024, True),
        (0.15, 0.026, False),
        (-0.15, 0.024, True),
        (0.09, 0.0, False),
    ):
        reason = _no_size(missing_by(distance, mcse), measure, bound, 1.0, 100, 0.05, [60])
        assert bool(reason) is refused, (distance, mcse)


def test_a_bias_within_simulation_error_does_not_make_a_test_find_it():
    # Beyond two errors there is .1, which is 2 standard errors of 400 people and one of 100: 52% and 17% of tests.
    for n, refused in ((400, True), (100, True), (4, False)):
        reason = _no_size(missing_by(0.15, 0.025), "power", 0.8, 1.0, n, 0.05, [60])
        assert bool(reason) is refused, n
    assert "in 52% of studies" in _no_size(missing_by(0.15, 0.025), "power", 0.8, 1.0, 400, 0.05, [60])
    assert _no_size(missing_by(0.15, 0.08), "power", 0.8, 1.0, 10_000_000, 0.05, [60]) == ""
