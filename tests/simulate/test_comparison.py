"""Comparison cohorts: each is right and wrong in the way that theory gives."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.confounds import Detection, History
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

LOOSE = 4
THREE = (Window("earlier", -1096, -548), Window("before", -548, 0), Window("after", 0, 548, post=True))
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
POOL = sim.Careers(
    people=300, pool=1500, windows=THREE, rate=2.0, shape=1.4, enrolment=sim.Enrolment(selection=RULE), burn_in_months=0
)


def change(panel, managed):
    """Log of pooled after over before of one arm, a replicate at a time."""
    weight = np.ones(panel.outcome.shape[:-1]) if panel.weight is None else panel.weight
    arm = weight * (panel.group if managed else ~panel.group)
    post = np.array([w.post for w in panel.windows])
    before = panel.outcome[..., ~post][..., -1]
    return np.log((arm * panel.outcome[..., -1]).sum(-1) / (arm * before).sum(-1))


def difference(panel):
    return change(panel, managed=True) - change(panel, managed=False)


def near(values, truth):
    return abs(values.mean() - truth) < LOOSE * values.std(ddof=1) / np.sqrt(values.size)


STRATEGIES = {
    "next below": (sim.NextBelow(people=100), POOL),
    "historical": (sim.Historical(), POOL),
    "placebo": (sim.PlaceboDate(), POOL),
    "random half": (sim.RandomHalf(), POOL),
    "force": (sim.NeighbouringForce(), replace(POOL, forces=2)),
    "matched": (sim.MatchedOnHistory(caliper=3.0), replace(POOL, enrolment=sim.Enrolment(selection=RULE, noise=3.0))),
}


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_returns_the_same_kind_of_panel_with_and_without_replicates(name):
    strategy, spec = STRATEGIES[name]
    one, many = strategy(spec(1), rng=2), strategy(spec.batch(3, rng=1), rng=2)
    for panel, dims in ((one, 2), (many, 3)):
        assert isinstance(panel, Panel)
        assert panel.synthetic
        assert panel.outcome.ndim == dims
        assert panel.windows[-2:] == THREE[-2:] or name == "placebo"
        assert set(panel.covariates) == set(spec(1).covariates)
        managed = panel.group
        assert managed[: managed.sum()].all()  # managed people first
        assert bool((~managed).any()) == (name != "placebo")
    assert many.replicates == 3


def test_a_lottery_is_unbiased_and_covers():
    spec = replace(POOL, pool=None, people=200, windows=THREE[1:], programme=sim.Programme(ratio=0.8))
    panel = sim.RandomHalf()(spec.batch(2000, rng=1), rng=2)
    found = difference(panel)
    assert near(found, np.log(0.8))
    arms = [panel.outcome[:, g].astype(float) for g in (panel.group, ~panel.group)]
    errors = [
        ((a[..., 1] / a[..., 1].sum(1)[:, None] - a[..., 0] / a[..., 0].sum(1)[:, None]) ** 2).sum(1) for a in arms
    ]
    covers = (np.abs(found - np.log(0.8)) < stats.norm.ppf(0.975) * np.sqrt(sum(errors))).sum()
    assert stats.binom.ppf(5e-5, 2000, 0.94) <= covers <= stats.binom.isf(5e-5, 2000, 0.955)


def test_those_just_below_regress_less_than_the_picked():
    found = difference(sim.NextBelow()(POOL.batch(200, rng=1), rng=2))
    # Static gamma rates of shape 1.4 and mean 3: expected after given y is (1.4 + y) 3 / 4.4; people with 3 rise.
    picked = change(sim.BeforeAfter()(POOL.batch(200, rng=1)), managed=True)
    assert found.mean() < -0.1
    assert picked.mean() < 0


def test_matching_on_history_is_right_where_history_says_the_same_of_both():
    soft = replace(POOL, windows=THREE[1:], enrolment=sim.Enrolment(selection=RULE, noise=3.0), people=200)
    found = difference(sim.MatchedOnHistory(caliper=0.01)(soft.batch(150, rng=1), rng=2))
    assert near(found, 0.0)


def test_matching_on_history_brings_regression_back_where_history_lasts_less_for_the_picked():
    """Picked people read on one window of two: matched on both they were high by chance in the one that was read."""
    split = (THREE[0], Window("half", -548, -274), Window("later half", -274, 0), THREE[2])
    rule = Selection("arrests", ("later half",), "at_least", "at_boundary", threshold=3)
    spec = replace(
        POOL,
        windows=split[1:],
        shape=None,
        own_sd=0.3,
        drift_sd=0.9,
        return_rate=2.0,
        enrolment=sim.Enrolment(selection=rule, noise=1.0),
        people=200,
    )
    world = spec.batch(150, rng=1)
    panel = sim.MatchedOnHistory(caliper=0.01)(world, rng=2)
    weight = np.ones(panel.outcome.shape[:-1]) if panel.weight is None else panel.weight
    sums = [
        [np.log((weight * g * panel.outcome[..., k]).sum(-1)) for k in (0, 1, 2)] for g in (panel.group, ~panel.group)
    ]
    both = [np.logaddexp(s[0], s[1]) for s in sums]
    found = (sums[0][2] - both[0]) - (sums[1][2] - both[1])
    assert found.mean() > 0.05  # rates of the picked were rising when they were picked, and drift lasts beyond


def test_an_earlier_cohort_takes_regression_out_and_leaves_the_trend():
    world = POOL.batch(200, rng=1)
    assert near(difference(sim.Historical()(world, rng=2)), 0.0)
    trending = replace(POOL, confounds=(History(ratio=0.8),)).batch(200, rng=1)
    assert near(difference(sim.Historical()(trending, rng=2)), np.log(0.8))


def test_a_placebo_date_shows_the_regression_of_the_real_one():
    spec = replace(POOL, programme=sim.Programme(ratio=0.7))
    world = spec.batch(200, rng=1)
    placebo = change(sim.PlaceboDate()(world, rng=2), managed=True)
    real = change(sim.BeforeAfter()(replace(POOL).batch(200, rng=9)), managed=True)
    assert abs(placebo.mean() - real.mean()) < LOOSE * np.hypot(placebo.std(), real.std()) / np.sqrt(200)


def test_one_other_force_is_right_on_average_and_surer_than_it_should_be():
    spec = replace(POOL, people=200, pool=1000, forces=2, force_sd=0.15, programme=sim.Programme(ratio=0.8))
    panel = sim.NeighbouringForce()(spec.batch(300, rng=1))
    found = difference(panel)
    assert near(found, np.log(0.8))
    weight = np.ones(panel.outcome.shape[:-1]) if panel.weight is None else panel.weight
    within = 0.0
    for g in (panel.group, ~panel.group):
        y = panel.outcome[..., -2:] * (weight * g)[..., None]
        within = within + ((y[..., 1] / y[..., 1].sum(1)[:, None] - y[..., 0] / y[..., 0].sum(1)[:, None]) ** 2).sum(1)
    assert found.std() > 1.5 * np.sqrt(within.mean())  # two shocks of .15 that people do not show


def test_people_who_wait_show_the_course_without_the_programme():
    windows = (THREE[1], Window("first half", 0, 274, post=True), Window("second half", 274, 548, post=True))
    spec = sim.Careers(
        people=8000, windows=windows, rate=3.0, programme=sim.Programme(ratio=0.6),
        enrolment=sim.Enrolment(entry_months=(0, 9, 18)),
    )  # fmt: skip
    world = spec(5)
    panel = sim.SteppedWedge()(world)
    start = np.where(np.ma.getmaskarray(panel.start), 9, panel.start.data)
    assert sorted(set(start.tolist())) == [1, 2, 9]
    first, second, never = (panel.outcome[start == s].mean(0) for s in (1, 2, 9))
    assert first[1] / second[1] == pytest.approx(0.6, abs=0.1)
    assert second[2] / never[2] == pytest.approx(0.6, abs=0.1)
    waiting = replace(spec, enrolment=sim.Enrolment(entry_months=(0, 18)))(5)
    two = sim.WaitingList()(waiting)
    assert set(np.ma.getmaskarray(two.start).tolist()) == {True, False}
    with pytest.raises(SpecError, match="two months"):
        sim.WaitingList()(world)


def test_detection_stays_in_every_contrast_with_others():
    confounds = (Detection(ratio=0.8),)
    spec = replace(
        POOL, people=300, pool=None, windows=THREE[1:], confounds=confounds, programme=sim.Programme(ratio=0.9)
    )
    world = spec.batch(300, rng=1)
    found = difference(sim.RandomHalf()(world, rng=2))
    assert near(found, np.log(0.9 * 0.8))
    np.testing.assert_allclose(sim.att_ratio(world), 0.72)
    np.testing.assert_allclose(sim.att_ratio(world, of="offences"), 0.9)


def test_people_without_a_match_are_counted_and_named_covariates_agree():
    spec = replace(POOL, women=0.3, people=250, enrolment=sim.Enrolment(selection=RULE, noise=2.0))
    panel = sim.MatchedOnHistory(caliper=0.01, exact=("woman",))(spec(1), rng=2)
    woman = panel.covariates["woman"]
    assert woman[panel.group].sum() == woman[~panel.group].sum()
    left = 250 - int(panel.group.sum())
    assert any(f"{left} managed people" in note for note in panel.notes) == (left > 0)


@pytest.mark.parametrize(
    ("strategy", "spec", "what"),
    [
        (sim.NextBelow(), replace(POOL, pool=None), "pool"),
        (sim.MatchedOnHistory(), replace(POOL, pool=None), "pool"),
        (sim.Historical(earlier=2), POOL, "earlier"),
        (sim.Historical(), replace(POOL, enrolment=sim.Enrolment()), "rule"),
        (sim.NeighbouringForce(), POOL, "forces"),
        (sim.SteppedWedge(), POOL, "entry_months"),
    ],
)
def test_a_world_that_lacks_something_is_refused_with_what_to_give(strategy, spec, what):
    with pytest.raises((SpecError, DegenerateDataError), match=what):
        strategy(spec(1), rng=1)
