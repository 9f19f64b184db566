"""Counts in two windows against closed forms, sums over their joint distribution, and the world that they stand in."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.moments import Moments
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.inference.power import paired_power
from iom_causal.numerics.pairs.joint_pmf import pmf_moments
from iom_causal.roles import batch
from iom_causal.simulate import TwoWindowCounts
from iom_causal.simulate.two_windows import SHORT_OF_SPREAD
from iom_causal.streams import Streams
from iom_causal.windows import Selection, Window
from iom_causal.world import World

PAPER = Moments(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
EQUAL = (Window("before", -365, 0), Window("after", 0, 365, post=True))
LOOSE = 4
"""Monte Carlo standard errors; one wrong alarm in sixteen thousand."""
BAND = 1e-4
TRIMMED = 1e-5
"""Relative: a joint distribution leaves out one draw in a billion, all of them large."""
MODELS = {
    "hard cut": TwoWindowCounts(people=80, rate=2.0, spread=0.8, reliability=0.7, cut=4),
    "soft cut": TwoWindowCounts(people=80, rate=1.0, reliability=0.8, cut=9, softness=3.0, ratio=0.8),
    "no cut": TwoWindowCounts(people=80, rate=2.0, background_ratio=0.9, ratio=1.2, windows=EQUAL),
    "gamma": TwoWindowCounts(people=80, rate=2.0, spread=0.8, rates="gamma", reliability=0.6, cut=4, ratio=0.7),
    "renewed": TwoWindowCounts(people=80, rate=2.0, spread=0.8, rates="renewed", reliability=0.6, cut=4, ratio=1.3),
}


@pytest.fixture(params=MODELS, scope="module")
def model(request):
    return MODELS[request.param]


@pytest.fixture(scope="module")
def world(model):
    return model.batch(2000, rng=11)


def test_closed_forms_are_sums_over_the_joint_distribution(model):
    for known, joint in ((model.untreated, model.joint_pmf()), (model.treated, model.joint_pmf(model.ratio))):
        np.testing.assert_allclose(known, pmf_moments(joint)[0], rtol=TRIMMED)
        assert model.share == pytest.approx(joint.share, rel=1e-7)
    after, before = (np.arange(k) for k in model.joint_pmf().pmf.shape[::-1])
    joint = model.joint_pmf().pmf
    days = [w.days for w in model.windows]
    observed = (joint.sum(0) @ after / days[1]) / (joint.sum(1) @ before / days[0])
    assert model.untreated_ratio == pytest.approx(observed, rel=TRIMMED)


def test_cohorts_have_the_closed_moments(model, world):
    for course, known in ((world.untreated, model.untreated), (world.treated, model.treated)):
        m = paired_moments(course.events)
        for seen, truth in (
            (m.mean_pre, known.mean_pre),
            (m.mean_post, known.mean_post),
            (m.sd_pre**2, known.sd_pre**2),
            (m.sd_post**2, known.sd_post**2),
            (m.r * m.sd_pre * m.sd_post, known.r * known.sd_pre * known.sd_post),
        ):
            assert seen.mean() == pytest.approx(truth, abs=LOOSE * seen.std() / len(seen) ** 0.5)


def test_each_course_has_the_cells_of_its_own_distribution(model, world):
    for course, ratio in ((world.untreated, 1.0), (world.treated, model.ratio)):
        pmf = model.joint_pmf(ratio).pmf
        pairs = course.events.reshape(-1, 2)
        keep = (pairs < pmf.shape).all(-1)
        seen = np.zeros(pmf.shape)
        np.add.at(seen, tuple(pairs[keep].T), 1)
        expected = len(pairs) * pmf
        common = expected >= 10
        e = np.append(expected[common], len(pairs) - expected[common].sum())
        o = np.append(seen[common], len(pairs) - seen[common].sum())
        assert stats.chi2.sf(((o - e) ** 2 / e).sum(), len(e) - 1) > BAND


def test_expectations_are_the_mean_rates_of_the_selected_people(model, world):
    """By Robbins (1956): the mean rate behind a count of y is (y + 1) p(y + 1) / p(y), whatever the rates are."""
    whole = replace(model, cut=None, softness=0.0).joint_pmf().pmf.sum(1)
    y, cut = np.arange(whole.size), model.cut or 0
    chance = stats.norm.cdf((y - cut) / model.softness) if model.softness else 1.0 * (y >= cut)
    rates = y[1:] * whole[1:] * chance[:-1]
    assert model.rate_before == pytest.approx(rates.sum() / (whole * chance).sum(), rel=TRIMMED)
    assert np.unique(world.untreated.expected[..., 0]).tolist() == [model.rate_before]
    assert np.unique(world.untreated.expected[..., 1]).tolist() == [model.untreated.mean_post]


def test_the_programme_changes_what_comes_after_and_nothing_else(model, world):
    np.testing.assert_array_equal(world.untreated.events[..., 0], world.treated.events[..., 0])
    np.testing.assert_allclose(sim.att_ratio(world), model.ratio, rtol=1e-12)
    after = [c.events[..., 1].astype(int) for c in (world.untreated, world.treated)]
    difference = after[1] - after[0]
    assert (difference * np.sign(model.ratio - 1) >= 0).all()
    if model.ratio == 1:
        assert not difference.any()
    known = model.treated.mean_post - model.untreated.mean_post
    np.testing.assert_allclose(sim.att_difference(world), known, rtol=1e-9, atol=1e-12)


def test_what_a_programme_prevents_has_nothing_to_do_with_what_was_drawn():
    model = replace(MODELS["gamma"], ratio=0.5)
    world = model.batch(4000, rng=Streams(4))
    before, after = world.untreated.events.sum(1).T.astype(float)
    kept = world.treated.events[..., 1].sum(1)
    z = (kept - after / 2) / np.sqrt(after / 4)
    assert BAND / 2 < stats.chi2.cdf((z**2).sum(), len(z)) < 1 - BAND / 2
    for drawn in (before, after):
        assert abs(np.corrcoef(z, drawn)[0, 1]) < LOOSE / len(z) ** 0.5


def test_a_world_of_a_number_is_the_same_in_every_block_and_thread(model):
    whole = model.batch(40, rng=Streams(3))
    parts = [model.batch(range(a, b), rng=Streams(3)) for a, b in ((0, 13), (13, 40))]
    threads = model.batch(40, rng=Streams(3), threads=3)
    scattered = model.batch([39, 5], rng=Streams(3))
    for course in ("untreated", "treated"):
        events = getattr(whole, course).events
        np.testing.assert_array_equal(np.concatenate([getattr(p, course).events for p in parts]), events)
        np.testing.assert_array_equal(getattr(threads, course).events, events)
        np.testing.assert_array_equal(getattr(scattered, course).events, events[[39, 5]])
    assert scattered.numbers.tolist() == [39, 5]


def test_more_people_begin_with_the_same_ones():
    few, many = (TwoWindowCounts(people=n, cut=3, ratio=0.8).batch(5, rng=Streams(3)) for n in (40, 90))
    np.testing.assert_array_equal(few.treated.events, many.treated.events[:, :40])


def test_the_same_people_lose_more_events_to_a_stronger_programme():
    weak, strong = (TwoWindowCounts(cut=3, ratio=r).batch(20, rng=Streams(3)) for r in (0.9, 0.7))
    np.testing.assert_array_equal(weak.untreated.events, strong.untreated.events)
    assert (strong.treated.events <= weak.treated.events).all()


@pytest.mark.parametrize("rates", ["lognormal", "gamma"])
@pytest.mark.parametrize("ratio", [1.0, 0.8])
def test_a_published_table_is_what_cohorts_have_whatever_the_programme_did(rates, ratio):
    model = TwoWindowCounts.from_moments(PAPER, ratio=ratio, rates=rates)
    assert model.people == 225
    known = [PAPER.mean_pre, PAPER.sd_pre, PAPER.mean_post, PAPER.sd_post, PAPER.r]
    np.testing.assert_allclose(model.treated, known, rtol=1e-6)
    assert model.untreated_ratio == pytest.approx(PAPER.mean_post / PAPER.mean_pre / ratio * 547 / 549, rel=1e-6)


def test_a_table_that_no_such_people_have_is_refused():
    odd = Moments(n=50, mean_pre=5.0, sd_pre=1.0, mean_post=4.0, sd_post=1.0, r=0.9)
    with pytest.raises(NotIdentifiedError, match="has these moments"):
        TwoWindowCounts.from_moments(odd)


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": 0},
        {"rate": 0.0},
        {"spread": -1.0},
        {"reliability": 1.0},
        {"reliability": -0.1},
        {"ratio": 0.0},
        {"softness": 1.0},
        {"rates": "normal"},
        {"windows": (Window("before"), Window("after", post=True))},
        {"cut": float("inf")},
    ],
)
def test_settings_outside_their_bounds_are_refused(wrong):
    with pytest.raises(SpecError):
        TwoWindowCounts(**wrong)
    with pytest.raises(SpecError):
        TwoWindowCounts().batch([-1])


def test_one_world_has_no_replicate_axis():
    world = MODELS["hard cut"](1)
    assert isinstance(world, World)
    assert world.replicates is None
    assert (world.treated.events[:, 0] >= 4).all()


def test_an_evaluator_is_told_of_a_rule_as_in_any_other_world():
    panels = {name: sim.BeforeAfter()(MODELS[name].batch(2, rng=1)) for name in ("hard cut", "soft cut", "no cut")}
    assert panels["hard cut"].selection.threshold == 4
    assert panels["no cut"].selection is None
    cut = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=9)
    noisy = sim.Careers(people=80, rate=4.0, enrolment=sim.Enrolment(selection=cut, noise=3.0)).batch(2, rng=1)
    assert panels["soft cut"].selection == sim.BeforeAfter()(noisy).selection
    assert panels["soft cut"].selection.rule == "soft"
    assert panels["hard cut"].age is None
    with pytest.raises(SpecError, match="no ages"):
        MODELS["hard cut"](1).ages()


def test_the_paired_t_has_its_size_and_its_power_where_counts_are_many():
    """The normal limit: large counts of people who keep their rates, whom nothing selects."""
    still = TwoWindowCounts(people=60, rate=40.0, spread=0.3, reliability=0.9, windows=EQUAL)
    found = {}
    for ratio in (1.0, 0.93):
        model = replace(still, ratio=ratio)
        p = batch(PairedT(), sim.BeforeAfter()(model.batch(20_000, rng=Streams(1))), rng=Streams(1)).p_value
        m = model.treated
        sd = (m.sd_pre**2 + m.sd_post**2 - 2 * m.r * m.sd_pre * m.sd_post) ** 0.5
        found[ratio] = int((p < 0.05).sum()), float(paired_power(60, (m.mean_post - m.mean_pre) / sd))
    rejected, size = found[1.0]
    assert size == pytest.approx(0.05)
    assert stats.binom.ppf(BAND / 2, 20_000, size) <= rejected <= stats.binom.isf(BAND / 2, 20_000, size)
    rejected, power = found[0.93]
    assert 0.5 < power < 0.9
    # Changes are near to normal and not quite: what that leaves is a third of a point.
    assert abs(rejected / 20_000 - power) < 0.012


def test_a_ratio_before_to_after_is_biased_by_the_closed_form():
    model = replace(MODELS["hard cut"], people=225)
    found = batch(RateRatio(), sim.BeforeAfter()(model.batch(4000, rng=Streams(2))), rng=Streams(2)).estimate
    # The mean of a ratio of means is that of the ratio of expectations to 1 / people.
    m, n = model.untreated, model.people
    cv1, cv2 = m.sd_pre / m.mean_pre, m.sd_post / m.mean_post
    expected = model.untreated_ratio * (1 + (cv1**2 - m.r * cv1 * cv2) / n)
    assert found.mean() == pytest.approx(expected, abs=LOOSE * found.std() / 4000**0.5)
    assert expected < 0.8


def test_what_the_largest_counts_hold_of_the_spread_is_not_left_out_in_silence():
    close = TwoWindowCounts(people=1, spread=1.4)
    assert 0 < 1 - pmf_moments(close.joint_pmf())[0].sd_pre / close.untreated.sd_pre < SHORT_OF_SPREAD
    assert close(1).n == 1
    wide = replace(close, spread=1.5)
    with pytest.raises(InputError, match=r"IOM-E092.*counts above 1,023.*1\.0% of the SD"):
        wide(1)
