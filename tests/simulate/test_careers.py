"""The simulator against closed forms that share none of its code."""

import datetime as dt
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.beliefs import LogNormal, Range
from iom_causal.beliefs.theta import central
from iom_causal.confounds import (
    Ageing,
    Breach,
    Custody,
    Desistance,
    Detection,
    FollowUp,
    History,
    PartExposure,
    RegressionToMean,
    Season,
)
from iom_causal.confounds.regression.careers import CareerLaw
from iom_causal.errors import InputError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.exposure import mean_ratio
from iom_causal.roles import batch
from iom_causal.windows import YEAR, Selection, Window
from tests.oracles.window_moments import window_covariance, window_variance
from tests.simulate.worlds import AT_LEAST_4, LOOSE, STEADY, YEARS, close, mean_and_error, worlds


def test_counts_of_people_alike_are_poisson():
    world = worlds(STEADY)
    counts = world.untreated.events.reshape(-1, 2)
    for w, years in enumerate(YEARS):
        observed = np.bincount(counts[:, w], minlength=13)[:13]
        chance = stats.poisson.pmf(np.arange(12), 2 * years)
        expected = np.append(chance, 1 - chance.sum()) * len(counts)
        observed[12] = len(counts) - observed[:12].sum()
        assert stats.chisquare(observed, expected).pvalue > 1e-4
    np.testing.assert_allclose(
        world.untreated.expected, np.broadcast_to(2 * np.array(YEARS), world.treated.expected.shape)
    )


def test_gamma_levels_picked_at_four_follow_the_negative_binomial():
    # METHODS Appendix A: gamma-Poisson with shape 1.4 and mean 5, picked at 4 or more.
    spec = sim.Careers(rate=5 / YEARS[0], shape=1.4, enrolment=sim.Enrolment(selection=AT_LEAST_4))
    world = worlds(spec, 400)
    assert close(world.untreated.events, [8.2655243, 7.5511909 * 549 / 547])
    share = world.managed.sum() / world.drawn.sum()
    chance = stats.nbinom.sf(3, 1.4, 1.4 / 6.4)
    assert abs(share - chance) < LOOSE * np.sqrt(chance * (1 - chance) / world.drawn.sum())


def test_levels_that_last_in_part_regress_in_a_straight_line():
    spec = sim.Careers(rate=5 / YEARS[0], shape=1.4, persistence=0.6, enrolment=sim.Enrolment(selection=AT_LEAST_4))
    assert close(worlds(spec, 400).untreated.events, [8.2655243, 6.5307145 * 549 / 547])


def test_custody_follows_the_renewal_formula():
    windows = (Window("before", -548, 0), Window("after", 0, 548, post=True))
    held = Custody(custody_per_arrest=0.4, stay_years=0.5)
    spec = replace(STEADY, rate=4.0, windows=windows, confounds=(held,))
    world = worlds(spec, 400)
    scale = 548 / YEAR / 1.5
    assert close(world.untreated.events, np.array([3.3333, 3.8249]) * scale + [0, 0.00])
    free = world.untreated.exposure.sum((0, 1)) / YEAR
    np.testing.assert_allclose(world.untreated.events.sum((0, 1)) / free, 4.0, rtol=0.01)  # events per time at liberty


def test_the_drifting_rate_has_the_covariance_of_its_process():
    # Log rates of SD .3: window means on the log scale, from expected counts, in the small-variance limit.
    sd, back = 0.3, 1.2
    world = worlds(sim.Careers(people=2000, rate=1.0, own_sd=0.0, drift_sd=sd, return_rate=back), 20)
    logs = np.log(world.untreated.expected.reshape(-1, 2) / np.array(YEARS))
    covariance = np.cov(logs.T) / sd**2
    truth = window_variance(back, 1.5), window_covariance(back, 1.5)
    # 2% for months instead of moments and for the curvature of the exponential.
    assert covariance[0, 0] == pytest.approx(float(truth[0]), rel=0.04)
    assert covariance[1, 1] == pytest.approx(float(truth[0]), rel=0.04)
    assert covariance[0, 1] == pytest.approx(float(truth[1]), rel=0.05)


def test_window_counts_of_a_drifting_rate_have_exact_moments():
    sd, back = 0.8, 1.2
    world = worlds(sim.Careers(people=2000, rate=1.0, own_sd=0.0, drift_sd=sd, return_rate=back, burn_in_months=0), 40)
    times = np.concatenate([np.arange(18) * 547 / 18, 547 + np.arange(18) * 549 / 18]) / YEAR
    lengths = np.repeat(np.array(YEARS) / 18, 18)
    kernel = np.exp(sd**2 * np.exp(-back * np.abs(times[:, None] - times))) - 1
    mass = np.stack([np.where(np.arange(36) < 18, lengths, 0), np.where(np.arange(36) >= 18, lengths, 0)])
    truth = mass @ kernel @ mass.T
    got = np.cov(world.untreated.expected.reshape(-1, 2).T)
    np.testing.assert_allclose(got, truth, rtol=0.04)  # 80,000 people: 1.5% on a heavy-tailed variance


@pytest.mark.parametrize(
    ("confound", "before", "after", "treated"),
    [
        (History(ratio=0.85), 1, 0.85, 0.85),
        (Detection(ratio=0.8), 1, 1, 0.8),
        (Desistance(hazard=0.06), 1, 0.956312, 0.956312),
        (Breach(after=0.3, unit="per_year"), 1, 1, 1.15),
        (Season(amplitude=0.12, index_date=dt.date(2012, 5, 1)), 0.96, 1.04, 1.04),
    ],
    ids=lambda v: type(v).__name__ if hasattr(v, "ids") else "",
)
def test_each_mechanism_does_what_its_confound_says(confound, before, after, treated):
    world = worlds(replace(STEADY, confounds=(confound,)), 100)
    rate = 2 * np.array(YEARS)
    # Months of a simulator are cut evenly, so that a season can be off by days: .5%.
    assert world.untreated.expected.mean((0, 1)) / rate == pytest.approx([before, after], rel=0.005)
    assert (world.treated.expected.mean((0, 1)) / rate)[1] == pytest.approx(treated, rel=0.005)
    assert close(world.treated.events, world.treated.expected.mean((0, 1)))


def test_offences_leave_out_detection_and_what_supervision_creates():
    confounds = (Detection(ratio=0.8), Breach(after=0.3, unit="per_year"))
    world = worlds(replace(STEADY, confounds=confounds, programme=sim.Programme(ratio=0.7)), 20)
    np.testing.assert_allclose(sim.att_ratio(world, of="offences"), 0.7)
    np.testing.assert_allclose(sim.att_ratio(world), 0.7 * 0.8 + 0.15, rtol=1e-12)


def test_ageing_follows_its_curve_for_each_person():
    ages = sim.Ages(mean=30, sd=0, low=30, high=30)
    ageing = Ageing()
    world = worlds(replace(STEADY, ages=ages, confounds=(ageing,)), 5)
    printed = Moments.from_summary(
        n=225, mean_pre=3.0, mean_post=3.0, windows=STEADY.windows, age_mean=30.0, age_sd=0.01, age_range=(29.9, 30.1)
    )
    line = float(ageing.shift(printed, central(ageing)))
    log_ratio = np.log(world.untreated.expected[0, 0, 1] / 549) - np.log(world.untreated.expected[0, 0, 0] / 547)
    assert log_ratio == pytest.approx(line, abs=0.002)


def test_part_exposure_is_a_share_of_time():
    programme = sim.Programme(ratio=0.6)
    share = worlds(replace(STEADY, programme=programme, confounds=(PartExposure(after=0.5),)), 5)
    np.testing.assert_allclose(sim.att_ratio(share), 0.8)
    entry = sim.Enrolment(entry_months=tuple(range(18)))
    rolling = worlds(replace(STEADY, programme=programme, enrolment=entry), 200)
    # People enter at the start of each of 18 months: 19/36 of the time is managed.
    assert float(sim.att_ratio(rolling).mean()) == pytest.approx(1 - 0.4 * 19 / 36, rel=0.01)


def test_an_effect_that_builds_up_and_fades_gives_its_mean_ratio():
    world = worlds(replace(STEADY, programme=sim.Programme(ratio=0.6, ramp_years=0.5, half_life_years=1.0)), 3)
    truth = float(mean_ratio(np.log(0.6), 0.5, 1.0, 1.5))
    np.testing.assert_allclose(sim.att_ratio(world), truth, rtol=2e-3)  # the middle of a month stands for it
    by_confound = worlds(
        replace(STEADY, programme=sim.Programme(ratio=0.6), confounds=(FollowUp(ramp_years=0.5, half_life_years=1.0),)),
        3,
    )
    np.testing.assert_allclose(sim.att_ratio(by_confound), truth, rtol=2e-3)


def test_tags_that_end_bring_a_rebound():
    programme = sim.Programme(ratio=0.5, tags_end_years=0.5, rebound=1.0)
    world = worlds(replace(STEADY, programme=programme), 2)
    np.testing.assert_allclose(sim.att_ratio(world), (6 * 0.5 + 12 * 2.0) / 18)


def test_classes_have_their_own_ratios():
    engaged = sim.Engaged(share=0.5, own_ratio=0.8, ratio=0.5)
    spec = replace(STEADY, engaged=engaged, women=0.2, programme=sim.Programme(ratio=0.9, women_ratio=1.1))
    world = worlds(spec, 20)
    ratio = world.treated.expected[..., 1] / world.untreated.expected[..., 1]
    woman, keen = world.covariates["woman"] == 1, world.covariates["engaged"] == 1
    assert np.unique(ratio[woman].round(9)).tolist() == [1.1]
    assert np.unique(ratio[~woman & keen].round(9)).tolist() == [0.5]
    assert np.unique(ratio[~woman & ~keen].round(9)).tolist() == [0.9]
    np.testing.assert_allclose(world.untreated.expected[keen][:, 1], 0.8 * 2 * YEARS[1])
    assert woman.mean() == pytest.approx(0.2, abs=0.03)


def test_a_mixture_of_trajectories_moves_as_its_classes_do():
    classes = (sim.Trajectory(share=0.3, level=3.0, trend=-0.5), sim.Trajectory(share=0.7, level=0.5, trend=0.2))
    world = worlds(replace(STEADY, trajectories=classes), 50)
    level = np.array([3.0, 0.5]) / (0.3 * 3 + 0.7 * 0.5)
    for k, (path, trend) in enumerate(zip(level, (-0.5, 0.2), strict=True)):
        mine = world.untreated.expected[world.covariates["trajectory"] == k]
        truth = path * 2 * (np.exp(trend * YEARS[1]) - 1) / trend
        np.testing.assert_allclose(mine[:, 1], truth, rtol=1e-3)  # the middle of a month stands for it
    assert world.covariates["trajectory"].mean() == pytest.approx(0.7, abs=0.02)


def test_pauses_alone_bring_people_back_from_nothing():
    """What no lasting or drifting rate gives: nothing in one window, and as much as ever in the next."""
    paused = worlds(replace(STEADY, rate=8.0, pauses=sim.Pauses(off_years=2.0, on_years=2.0)), 100).untreated.events
    mean = paused.reshape(-1, 2).mean(0)
    assert mean == pytest.approx(8 * 0.5 * np.array(YEARS), rel=0.03)
    steady = worlds(replace(STEADY, rate=4.0, own_sd=0.75), 100).untreated.events

    def back(counts):
        flat = counts.reshape(-1, 2)
        return float((flat[flat[:, 0] == 0][:, 1] >= 6).mean())

    assert back(paused) > 5 * back(steady)


def test_excitation_alone_brings_runs_of_events():
    """A steady rate with excitation: more events by 1 / (1 - branching), and gaps that are short too often."""
    excited = replace(STEADY, excitation=sim.Excitation(branching=0.5, memory_years=0.15))
    assert close(worlds(excited, 300).untreated.events, 4 * np.array(YEARS))

    def short(careers):
        _, events = sim.histories(replace(careers, people=4000), rng=3)
        gaps = np.diff(events.day)[np.diff(events.row) == 0]
        return float((gaps < 14).mean())

    steady = short(replace(STEADY, rate=4.0))
    # In a steady life of 4 a year, gaps inside windows are short with about 1 - exp(-4 * 14 / 365).
    assert steady == pytest.approx(1 - np.exp(-4 * 14 / 365), abs=0.03)
    assert short(excited) > 1.6 * steady


def test_everything_before_the_index_date_is_the_same_to_the_bit():
    rich = sim.Careers(
        rate=3.0,
        drift_sd=0.5,
        desistance=0.05,
        confounds=(Custody(custody_per_arrest=0.3, stay_years=0.4, free_at_start=0.8), Ageing(), Detection(ratio=0.9)),
        score=sim.Score(per_event=20, error_sd=30),
        programme=sim.Programme(ratio=0.6),
        enrolment=sim.Enrolment(selection=AT_LEAST_4),
    )
    world, null = worlds(rich, 3), worlds(replace(rich, programme=sim.Programme()), 3)
    for part in ("events", "expected", "exposure", "score"):
        both = getattr(world.untreated, part), getattr(world.treated, part)
        assert (both[0][..., 0] == both[1][..., 0]).all()
        np.testing.assert_array_equal(both[0], getattr(null.untreated, part))
    assert (world.untreated.events[..., 1] != world.treated.events[..., 1]).any()


def test_the_coupling_does_not_move_the_average_effect():
    spec = sim.Careers(
        rate=3.0,
        confounds=(Custody(custody_per_arrest=0.3, stay_years=0.4),),
        programme=sim.Programme(ratio=0.6),
    )
    coupled, apart = worlds(spec, 300, seed=1), worlds(spec, 300, seed=2)
    ratio = coupled.treated.events[..., 1].sum(1) / coupled.untreated.events[..., 1].sum(1)
    crossed = apart.treated.events[..., 1].sum(1) / coupled.untreated.events[..., 1].sum(1)
    error = np.hypot(ratio.std(), crossed.std()) / np.sqrt(300)
    assert abs(ratio.mean() - crossed.mean()) < LOOSE * error
    assert ratio.std() < crossed.std()  # common numbers are there to cut the noise


def test_worlds_do_not_depend_on_threads_or_blocks():
    spec = sim.Careers(people=40, rate=2.0, drift_sd=0.4, enrolment=sim.Enrolment(selection=AT_LEAST_4))
    whole = spec.batch(7, rng=5)
    threaded = spec.batch(7, rng=5, threads=3)
    parts = list(spec.blocks(7, rng=5, size=3))
    picked = spec.batch([4, 2], rng=5)
    for name in ("events", "expected"):
        a = getattr(whole.untreated, name)
        np.testing.assert_array_equal(a, getattr(threaded.untreated, name))
        np.testing.assert_array_equal(a, np.concatenate([getattr(p.untreated, name) for p in parts]))
        np.testing.assert_array_equal(a[[4, 2]], getattr(picked.untreated, name))


def test_people_stop_within_a_month_and_not_at_its_end():
    world, hazard = worlds(replace(STEADY, desistance=0.9, burn_in_months=0)), -np.log(0.1)
    reached = np.exp(-hazard * np.cumsum([0.0, *YEARS]))
    truth = 2.0 * -np.diff(reached) / hazard
    assert close(world.untreated.events, truth)
    assert close(world.untreated.expected, truth)
    assert close(world.untreated.offences, truth)


def test_who_would_enter_after_the_last_window_never_does():
    helped = replace(STEADY, programme=sim.Programme(ratio=0.2), confounds=(Detection(ratio=0.5),))
    world = worlds(replace(helped, enrolment=sim.Enrolment(entry_months=(9_000,))), n=5)
    np.testing.assert_array_equal(world.treated.events, world.untreated.events)
    np.testing.assert_array_equal(world.treated.expected, world.untreated.expected)


def test_a_life_does_not_depend_on_who_lives_beside_it():
    rich = replace(STEADY, own_sd=0.6, drift_sd=0.5, desistance=0.1, pauses=sim.Pauses(off_years=1.0, on_years=2.0))
    alone, few, many = (replace(rich, people=n).batch(3, rng=5) for n in (1, 70, 300))
    for world, n in ((alone, 1), (few, 70)):
        np.testing.assert_array_equal(world.untreated.events, many.untreated.events[:, :n])
        # Vectors may round a product and a sum at once where single numbers do not.
        np.testing.assert_allclose(world.untreated.expected, many.untreated.expected[:, :n], rtol=1e-12)
    # Every offence is recorded here, person by person.
    np.testing.assert_allclose(many.untreated.offences, many.untreated.expected, rtol=1e-9)
    np.testing.assert_allclose(many.treated.offences, many.treated.expected, rtol=1e-9)


def test_stationary_rates_dip_the_same_on_both_sides_of_the_window_that_was_read():
    windows = (Window("earlier", -1096, -548), Window("read", -548, 0), Window("after", 0, 548, post=True))
    rule = Selection("arrests", ("read",), "at_least", "at_boundary", threshold=4)
    spec = sim.Careers(
        windows=windows,
        rate=2 / 1.5,
        own_sd=0.0,
        drift_sd=0.7,
        return_rate=1.0,
        enrolment=sim.Enrolment(selection=rule),
    )
    mean, error = mean_and_error(worlds(spec, 300).untreated.events)
    assert abs(mean[0] - mean[2]) < LOOSE * np.hypot(error[0], error[2])
    assert mean[1] > 2 * mean[0]


def test_beliefs_are_drawn_once_a_replicate_and_kept():
    spec = replace(STEADY, people=30, confounds=(History(ratio=LogNormal(0.8, 0.1)),))
    world = worlds(spec, 6)
    drawn = world.theta["history.ratio"]
    assert np.unique(drawn).size == 6
    np.testing.assert_allclose(world.untreated.expected[:, 0, 1] / (2 * YEARS[1]), drawn)
    np.testing.assert_allclose(spec.batch([3], rng=1).theta["history.ratio"], drawn[3])
    with pytest.raises(SpecError, match="Range"):
        worlds(replace(spec, confounds=(History(ratio=Range(0.8, 0.9)),)), 2)


def test_a_law_of_careers_reaches_the_kernel():
    law = CareerLaw(rate=1.2, own_sd=0.8, drift_sd=0.6, return_rate=0.5, desistance=0.07, trend=-0.1)
    rule = replace(AT_LEAST_4, threshold=0)
    spec = sim.Careers(
        people=1500,
        windows=(Window("before", -365, 0), Window("after", 0, 365, post=True)),
        confounds=(RegressionToMean(method="desistance", selection=rule, careers=law, drift="model"),),
    )
    mean, error = mean_and_error(worlds(spec, 60).untreated.expected)
    level = 1.2 * np.exp((0.8**2 + 0.6**2) / 2)
    t = np.linspace(-1, 1, 4001)[1::2]
    rate = level * np.exp(-0.1 * t) * (1 - 0.07) ** (t + 1)
    year = 365 / YEAR
    truth = np.array([rate[t < 0].mean(), rate[t > 0].mean()]) * year
    assert (np.abs(mean - truth) < LOOSE * error + 0.002).all()  # .002: a year of 365 days


def test_scores_hold_their_parts():
    score = sim.Score(
        base=300, per_event=15, half_life_years=1.0, lasting_sd=40, error_sd=30, grid=0, low=-1e9, high=1e9
    )
    world = worlds(replace(STEADY, score=score), 100)
    before, after = world.untreated.score.reshape(-1, 2).T
    points = 15 * 2 / np.log(2)  # events at 2 a year, each worth its points for 1 / log(2) years on average
    assert before.mean() == pytest.approx(300 + points, rel=0.02)
    shot = 15**2 * 2 / (2 * np.log(2))  # Campbell: the variance of points that decay
    assert before.var() == pytest.approx(40**2 + 30**2 + shot, rel=0.05)
    kept = 2.0 ** -YEARS[1]
    assert np.cov(before, after)[0, 1] == pytest.approx(40**2 + shot * kept, rel=0.08)
    rounded = worlds(replace(STEADY, score=replace(score, grid=20, low=20, high=1100)), 5).untreated.score
    assert (rounded % 20 == 0).all()


def test_follow_up_drops_out_as_stated():
    lost = sim.DropOut(share=0.2, on_events=0.3)
    world = worlds(replace(STEADY, score=sim.Score(), drop_out=lost, programme=sim.Programme(ratio=0.5)), 100)
    events = world.treated.events[..., 1]
    for k in (0, 2, 4):
        here = world.followed[events == k]
        odds = 0.25 * np.exp(0.3 * k)
        chance = 1 / (1 + odds)
        assert abs(here.mean() - chance) < LOOSE * np.sqrt(chance * (1 - chance) / here.size)
    panel = sim.BeforeAfter(outcome="score")(world)
    assert np.isnan(panel.outcome[..., 1]).mean() == pytest.approx(1 - world.followed.mean())


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: sim.Careers(rate=-1.0), "rate"),
        (lambda: sim.Careers(people=0), "people"),
        (lambda: sim.Careers(pool=10), "pool"),
        (lambda: sim.Careers(women=1.5), "women"),
        (lambda: sim.Careers(desistance=1.0), "desistance"),
        (lambda: sim.Careers(drop_out=sim.DropOut(share=0.1)), "score"),
        (lambda: sim.Careers(trajectories=(sim.Trajectory(share=0.5),)), "shares"),
        (lambda: sim.Careers(confounds=(History(ratio=0.9), History(ratio=0.8))), "once"),
        (lambda: sim.Careers(confounds=(3,)), "confounds"),
        (lambda: sim.Careers(windows=(Window("after", 0, 100, post=True),)), "before"),
        (lambda: sim.Programme(ratio=0.0), "ratio"),
        (lambda: sim.Excitation(branching=1.0, memory_years=1.0), "branching"),
        (lambda: sim.Enrolment(reads="gossip"), "reads"),
        (lambda: sim.Enrolment(entry_months=()), "entry_months"),
        (lambda: sim.Careers(windows=(Window("before", -10, 0), Window("after", 0, 90, post=True)))(1), "month"),
        (lambda: sim.Careers(windows=(Window("before"), Window("after", post=True)))(1), "dates"),
    ],
)
def test_what_cannot_be_is_refused_in_words(make, what):
    with pytest.raises((SpecError, InputError), match=what):
        make()


def test_without_any_mechanism_estimators_are_unbiased_and_cover():
    panel = sim.BeforeAfter()(worlds(sim.Careers(people=100, rate=2.0, own_sd=0.75), 2000))
    for spec, truth, scale in ((RateRatio(), 1.0, np.log), (PairedT(), 2 * (YEARS[1] - YEARS[0]), lambda x: x)):
        many = batch(spec, panel)
        estimate = scale(many.estimate)
        assert abs(estimate.mean() - scale(truth)) < LOOSE * estimate.std() / np.sqrt(2000)
        covers = ((many.conf_low <= truth) & (truth <= many.conf_high)).sum()
        low, high = stats.binom.ppf(5e-5, 2000, 0.95), stats.binom.isf(5e-5, 2000, 0.95)
        assert low <= covers <= high


def test_dates_are_those_of_the_counts_and_custody_keeps_people_from_events():
    held = Custody(custody_per_arrest=0.5, stay_years=0.2, free_at_start=0.9)
    spec = sim.Careers(people=200, rate=4.0, drift_sd=0.3, confounds=(held,), programme=sim.Programme(ratio=0.7))
    world, events = sim.histories(spec, rng=9)
    np.testing.assert_array_equal(world.untreated.events, spec(9).untreated.events)
    counts = np.zeros_like(world.seen("events"))
    np.add.at(counts, (events.row, (events.day >= 0).astype(int)), 1)
    np.testing.assert_array_equal(counts, world.seen("events"))
    assert events.day.min() >= -547
    assert events.day.max() <= 549
    same = np.diff(events.row) == 0
    assert (np.diff(events.day)[same] >= 0).all()
    across = same & (events.day[:-1] < 0) & (events.day[1:] >= 0)  # at the index date liberty is drawn anew
    assert (events.day[1:] >= events.day[:-1] + events.custody_days[:-1])[same & ~across].all()


def test_memory_is_bounded_by_the_block_and_not_by_how_many_worlds_there_are():
    spec = sim.Careers(people=225, rate=2.0, burn_in_months=0)

    def peak(sims):
        tracemalloc.start()
        total = sum(int(world.untreated.events.sum()) for world in spec.blocks(sims, rng=1, size=100))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total > 0
        return most

    assert peak(1000) < 1.2 * peak(200)
    assert peak(200) < 40e6  # a hundred worlds of 225 people; the default block of 500 stays under 200 MB


def test_whether_custody_follows_says_nothing_of_the_next_event():
    held = Custody(custody_per_arrest=0.5, stay_years=1e-4)
    _, events = sim.histories(replace(STEADY, people=6000, rate=4.0, confounds=(held,)), rng=3)
    same = np.diff(events.row) == 0
    gap = (np.diff(events.day) - events.custody_days[:-1])[same]
    custody = (events.custody_days[:-1] > 0)[same]
    error = gap.std() * np.sqrt(1 / custody.sum() + 1 / (~custody).sum())
    assert abs(gap[custody].mean() - gap[~custody].mean()) < LOOSE * error


def test_detection_changes_no_mean_of_offences_where_offences_excite():
    spec = sim.Careers(people=2000, rate=2.0, own_sd=0.0, excitation=sim.Excitation(branching=0.4, memory_years=0.3))
    plain, seen = worlds(spec, 60), worlds(replace(spec, confounds=(Detection(ratio=0.5),)), 60)
    ratio = seen.treated.offences[..., 1].mean(1) / plain.treated.offences[..., 1].mean(1)
    assert abs(ratio.mean() - 1) < LOOSE * ratio.std(ddof=1) / np.sqrt(60)
    assert ratio.std(ddof=1) / np.sqrt(60) < 0.002
    recorded = seen.treated.expected[..., 1].sum() / seen.treated.offences[..., 1].sum()
    assert recorded == pytest.approx(0.5, abs=1e-9)


def test_months_looked_at_one_by_one_hold_the_same_events_as_whole_windows():
    """Excitation needs single months, all else takes windows at once: the two cuts of time must tell the same lives."""
    spec = sim.Careers(
        people=300,
        rate=3.0,
        drift_sd=0.5,
        desistance=0.2,
        confounds=(
            Custody(custody_per_arrest=0.4, stay_years=0.3),
            Breach(after=0.3, unit="per_year"),
            Detection(ratio=0.8),
        ),
        score=sim.Score(per_event=20, grid=0),
        programme=sim.Programme(ratio=0.6),
        enrolment=sim.Enrolment(entry_months=(0, 5)),
    )
    whole = spec(4)
    barely = replace(spec, excitation=sim.Excitation(branching=1e-15, memory_years=0.2))(4)
    for arm in ("untreated", "treated"):
        one, other = getattr(whole, arm), getattr(barely, arm)
        np.testing.assert_array_equal(one.events, other.events)
        for part in ("expected", "offences", "exposure", "score"):
            # Sums in another order, and an excitation of 1e-15.
            np.testing.assert_allclose(getattr(one, part), getattr(other, part), rtol=1e-9, atol=1e-9)


def test_days_at_liberty_are_whole_windows_where_nobody_was_held():
    days = np.array([547.0, 549.0])
    world = worlds(replace(STEADY, desistance=0.3, drift_sd=0.4), 20)
    assert (world.treated.exposure == days).all()
    held = worlds(replace(STEADY, confounds=(Custody(custody_per_arrest=0.5, stay_years=40.0),)), 20).untreated.exposure
    assert (held >= 0).all()
    assert (held == 0).any()
    assert (held <= days).all()
