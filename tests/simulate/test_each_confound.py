"""With one confound at work, its own allowance takes its bias out, and no other does."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.beliefs import LogNormal
from iom_causal.beliefs.theta import central
from iom_causal.confounds import (
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
from iom_causal.confounds.regression.careers import CareerLaw
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.windows import YEAR, Selection, Window

LOOSE = 4
DAYS = np.array([547.0, 549.0])
WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))
PLANTED = sim.Programme(ratio=0.75)
BASE = sim.Careers(people=225, rate=2.0, own_sd=0.5, windows=WINDOWS)

COUNTS = {
    # name: (the confound alone, how near expectations come to its shift)
    "history": (History(ratio=0.85), 1e-9),
    "season": (Season(amplitude=0.1, index_date=dt.date(2012, 5, 1)), 0.004),  # months of equal length
    "ageing": (Ageing(), 0.004),  # months, and a table of ages in twelfths of a year
    "desistance": (Desistance(hazard=0.08), 0.004),
    "detection": (Detection(ratio=0.8), 1e-9),
    "breach": (Breach(after=0.3, unit="per_year"), 0.004),
    "custody": (Custody(custody_per_arrest=0.2, stay_years=0.4, free_at_start=1.0), 0.01),
}


def moments(values):
    """Moments of pooled expectations, as a print would have them."""
    before, after = values.mean((0, 1))
    return Moments.from_summary(
        n=225, mean_pre=before, mean_post=after, sd_pre=2.0, sd_post=2.0, r=0.5, windows=WINDOWS, name="arrests",
        index_date=dt.date(2012, 5, 1), age_mean=30.43, age_sd=8.09, age_range=(13.0, 60.0),
    )  # fmt: skip


def naive(values):
    before, after = values.mean((0, 1)) / DAYS
    return float(np.log(after / before))


def seen(confound, programme=None, n=400, base=BASE):
    spec = replace(base, confounds=(confound,))
    if isinstance(confound, Custody):  # its formula is that of people alike
        spec = replace(spec, own_sd=0.0)
    return (spec if programme is None else replace(spec, programme=programme)).batch(n, rng=7)


@pytest.mark.parametrize("name", COUNTS)
def test_a_confound_alone_biases_by_its_own_shift(name):
    confound, near = COUNTS[name]
    world = seen(confound)
    values = world.seen("expected")
    error = np.log(values[..., 1].mean(1) / values[..., 0].mean(1)).std(ddof=1) / 20
    shift = float(np.asarray(confound.shift(moments(values), central(confound))))
    assert abs(naive(values) - shift) < near + LOOSE * (error if name in ("ageing", "desistance", "custody") else 0.0)
    assert abs(shift) > 0.02


@pytest.mark.parametrize("name", COUNTS)
def test_a_planted_ratio_is_found_at_its_size(name):
    confound, near = COUNTS[name]
    world = seen(confound, PLANTED)
    values = world.seen("expected")
    shift = float(np.asarray(confound.shift(moments(values), central(confound))))
    truth = float(np.log(sim.att_ratio(world, of="offences").mean()))
    assert (
        abs(naive(values) - shift - truth) < near + 0.012
    )  # .012: the noise of desistance and custody at 90,000 people
    if name != "custody":  # fewer offences bring less custody, which gives part of them back
        assert truth == pytest.approx(np.log(0.75), abs=1e-6)


@pytest.mark.parametrize("name", COUNTS)
def test_no_other_allowance_takes_its_bias_out(name):
    confound, near = COUNTS[name]
    values = seen(confound).seen("expected")
    told = moments(values)
    for other, (line, _) in COUNTS.items():
        if other == name:
            continue
        left = naive(values) - float(np.asarray(line.shift(told, central(line))))
        own = naive(values) - float(np.asarray(confound.shift(told, central(confound))))
        assert abs(left) > abs(own) + 0.01 + near, other


@pytest.mark.parametrize("name", COUNTS)
def test_what_the_world_says_of_the_bias_is_the_shift(name):
    confound, near = COUNTS[name]
    world = seen(confound)
    bias = sim.before_after_bias(world)
    shift = float(np.asarray(confound.shift(moments(world.seen("expected")), central(confound))))
    assert abs(bias.mean() - shift) < near + LOOSE * bias.std(ddof=1) / 20


@pytest.mark.parametrize("programme", [None, PLANTED], ids=["nothing", "planted"])
def test_custody_has_two_answers_and_each_has_its_truth(programme):
    held = Custody(custody_per_arrest=0.2, stay_years=0.4, free_at_start=1.0)
    spec = replace(BASE, confounds=(held,), own_sd=0.0, rate=4.0)
    world = (spec if programme is None else replace(spec, programme=programme)).batch(200, rng=4)
    events, free = (world.seen(part).sum(1) for part in ("expected", "exposure"))
    a_day_free = np.log(events[:, 1] / free[:, 1] / (events[:, 0] / free[:, 0]))
    assert a_day_free == pytest.approx(np.log(sim.att_ratio_free(world)), abs=1e-6)
    assert a_day_free.mean() == pytest.approx(np.log(1.0 if programme is None else 0.75), abs=1e-6)
    # Asked for the total, the line gives back what days free took out: what is left is the change a day.
    panel, total = sim.BeforeAfter(custody_known=True)(world), Custody(target="total")
    back = [float(np.asarray(total.shift(panel.replicate(k), central(total)))) for k in range(200)]
    # Whoever was never free in a window is without an observation there, and in neither ratio.
    both = np.isfinite(panel.outcome).all(axis=-1, keepdims=True)
    events, free = ((world.seen(part) * both).sum(1) for part in ("expected", "exposure"))
    a_day_free = np.log(events[:, 1] / free[:, 1] / (events[:, 0] / free[:, 0]))
    a_day = np.log(events[:, 1] / DAYS[1] / (events[:, 0] / DAYS[0]))
    np.testing.assert_allclose(a_day_free - back, a_day, atol=1e-6)
    # Fewer offences bring less custody, so that the programme's ratio of totals is nearer to one than that of rates.
    if programme is not None:
        assert 0.76 < sim.att_ratio(world).mean() < 0.82


@pytest.mark.parametrize(
    ("confound", "programme"),
    [
        (History(ratio=0.85), None),
        (Detection(ratio=0.8), None),
        (History(ratio=0.85), PLANTED),
        (Season(amplitude=0.1, index_date=dt.date(2012, 5, 1)), None),
        (Ageing(), None),
        (Desistance(hazard=0.08), PLANTED),
        (Breach(after=0.3, unit="per_year"), PLANTED),
    ],
    ids=["history", "detection", "history planted", "season", "ageing", "desistance planted", "breach planted"],
)
def test_the_ledger_with_that_line_is_unbiased_and_covers(confound, programme):
    world = seen(confound, programme, n=120)
    panel = sim.BeforeAfter()(world)
    ledger = Ledger([confound], draws=400)
    truth = float(np.log(sim.att_ratio(world, of="offences").mean()))
    found = [ledger(panel.replicate(k), rng=k) for k in range(120)]
    logs = np.log([e.estimate for e in found])
    assert abs(logs.mean() - truth) < LOOSE * logs.std(ddof=1) / np.sqrt(120)
    covers = sum(e.conf_low <= np.exp(truth) <= e.conf_high for e in found)
    assert covers >= 103  # binomial: 120 at .95 fall below this once in ten thousand


def test_a_belief_around_the_truth_widens_the_interval_and_keeps_the_middle():
    panel = sim.BeforeAfter()(seen(History(ratio=0.85), n=1)).replicate(0)
    known, believed = (Ledger([History(ratio=r)], draws=4000)(panel, rng=1) for r in (0.85, LogNormal(0.85, 0.1)))
    assert believed.estimate == pytest.approx(known.estimate)
    assert believed.conf_high - believed.conf_low > 1.2 * (known.conf_high - known.conf_low)


def test_a_programme_of_part_exposure_and_one_that_fades_are_restated():
    for confound in (PartExposure(after=0.6), PartExposure(after=1.0, before=0.3)):
        world = seen(confound, PLANTED, n=60)
        told = naive(world.seen("expected"))
        assert float(confound.restate(np.exp(told), central(confound))) == pytest.approx(0.75, abs=0.004)
    fading = FollowUp(ramp_years=0.5, half_life_years=1.0)
    world = seen(fading, PLANTED, n=2)
    told = moments(world.seen("expected"))
    ratio = float(sim.att_ratio(world).mean())
    assert ratio > 0.8
    shorter = replace(
        BASE, confounds=(fading,), programme=PLANTED, windows=(WINDOWS[0], Window("after", 0, 183, post=True))
    )
    half_year = float(sim.att_ratio(shorter.batch(2, rng=1)).mean())
    restated = fading.restate(ratio, told, central(fading), horizons=(0.5,))[0.5]
    assert float(restated) == pytest.approx(half_year, abs=0.004)  # the middle of a month stands for it


def test_people_who_engage_mix_to_the_pooled_ratio():
    spec = replace(BASE, engaged=sim.Engaged(share=0.5, own_ratio=0.6))
    values = spec.batch(100, rng=3).seen("expected")
    mixture = Engagement(engaged_ratio=0.6, other_ratio=1.0)
    share = mixture.share_needed(float(np.exp(naive(values))), central(mixture))
    assert share == pytest.approx(0.5, abs=0.03)


RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)


@pytest.mark.parametrize(
    ("world", "line"),
    [
        (sim.Careers(rate=3.0, shape=1.4), RegressionToMean(method="robbins_zhang")),
        (sim.Careers(rate=3.0, own_sd=0.7), RegressionToMean(method="robbins_zhang")),
        (
            sim.Careers(rate=3.0, shape=1.4),
            RegressionToMean(method="gamma_poisson", comparable_mean=3.0 * 547 / YEAR, shape=1.4),
        ),
        (
            sim.Careers(rate=3.0, shape=1.4, persistence=0.6),
            RegressionToMean(method="robbins_zhang", comparable_mean=3.0 * 547 / YEAR, persistence=0.6),
        ),
    ],
    ids=["gamma", "lognormal", "stated population", "levels that last in part"],
)
@pytest.mark.parametrize("programme", [None, PLANTED], ids=["nothing", "planted"])
def test_regression_to_the_mean_is_taken_out_by_its_own_line(world, line, programme):
    spec = replace(world, people=225, windows=WINDOWS, enrolment=sim.Enrolment(selection=RULE), burn_in_months=0)
    if programme is not None:
        spec = replace(spec, programme=programme)
    made = spec.batch(200, rng=5)
    panel = sim.BeforeAfter()(made)
    logs = []
    for k in range(200):
        one = panel.replicate(k)
        totals = one.outcome.sum(0) / DAYS
        logs.append(np.log(totals[1] / totals[0]) - float(np.asarray(line.shift(one, central(line)))))
    logs = np.array(logs)
    truth = float(np.log(sim.att_ratio(made).mean()))
    assert abs(logs.mean() - truth) < LOOSE * logs.std(ddof=1) / np.sqrt(200) + 0.005  # .005: logs of ratios of sums


def test_careers_that_drift_and_end_are_taken_out_by_their_own_law():
    law = CareerLaw(rate=1.2, own_sd=0.7, drift_sd=0.6, return_rate=0.6, desistance=0.07)
    windows = (
        *(Window(f"year {k}", -365 * k, -365 * (k - 1)) for k in range(4, 0, -1)),
        Window("after", 0, 365, post=True),
    )
    rule = Selection("arrests", ("year 1",), "at_least", "at_boundary", threshold=3)
    line = RegressionToMean(method="desistance", drift="model", careers=law, selection=rule)
    spec = sim.Careers(people=225, windows=windows, confounds=(line,), enrolment=sim.Enrolment(selection=rule))
    panel = sim.BeforeAfter()(spec.batch(60, rng=5))
    logs = []
    for k in range(60):
        one = panel.replicate(k)
        before, after = one.outcome[:, :4].sum() / 4, one.outcome[:, 4].sum()
        logs.append(np.log(after / before) - float(np.asarray(line.shift(one, central(line)))))
    logs = np.array(logs)
    # The law's rates stand still within a year and the simulator's drift by the month: a few per cent.
    assert abs(logs.mean()) < LOOSE * logs.std(ddof=1) / np.sqrt(60) + 0.05
    raw = np.log(panel.outcome[..., 4].sum(1) / (panel.outcome[..., 3].sum(1)))
    assert raw.mean() < -0.3  # against the window that was read


SCORED = replace(
    BASE, score=sim.Score(base=300, per_log_rate=60, lasting_sd=60, grid=0.0, low=-1e9, high=1e9), own_sd=0.5
)


def test_a_score_that_drifts_and_holds_arrests_is_taken_out_by_its_own_line():
    line = ScoreError(drift_per_year=-20.0)
    world = replace(SCORED, confounds=(line,)).batch(60, rng=2)
    before, after = world.seen("score").mean((0, 1))
    # Scores are read at the ends of windows, a window's length apart; the line counts from middle to middle.
    assert after - before == pytest.approx(-20.0 * 549 / YEAR, abs=0.5)
    panel = sim.BeforeAfter(outcome="score")(world).replicate(0)
    assert float(np.asarray(line.shift(panel, central(line)))) == pytest.approx(-20.0 * 548 / YEAR, abs=0.1)


def test_a_high_that_passes_is_taken_out_by_its_own_line():
    line = Remission(per_month=2.0)
    world = replace(SCORED, confounds=(line,)).batch(60, rng=2)
    before, after = world.seen("score").mean((0, 1))
    assert after - before == pytest.approx(-24.0 * 549 / YEAR, abs=0.5)  # between the ends of the windows
    panel = sim.BeforeAfter(outcome="score")(world).replicate(0)
    assert float(np.asarray(line.shift(panel, central(line)))) == pytest.approx(-24.0 * 548 / YEAR, abs=0.1)


@pytest.mark.parametrize("half_life", [0.25, 1.0, 4.0])
def test_points_for_events_are_taken_out_by_their_own_line(half_life):
    fall = History(ratio=0.7)
    line = ScoreError(points_per_event=10.0, events_change=2.0 * (0.7 * 549 - 547) / YEAR)
    made = replace(SCORED.score, half_life_years=half_life, per_log_rate=0.0, lasting_sd=0.0)
    scores = replace(SCORED, confounds=(fall, line), score=made).batch(200, rng=3).seen("score").mean(1)
    change = scores[:, 1] - scores[:, 0]
    told = Moments.from_summary(n=225, mean_pre=300.0, mean_post=290.0, kind="score")
    shift = float(np.asarray(line.shift(told, central(line))))
    assert shift < -8
    assert abs(change.mean() - shift) < LOOSE * change.std(ddof=1) / np.sqrt(200)


@pytest.mark.parametrize(("half_life", "burn_in"), [(0.5, 0), (1.0, 36), (4.0, 36)])
def test_a_score_stands_still_where_nothing_happens(half_life, burn_in):
    made = replace(SCORED.score, per_event=10.0, half_life_years=half_life)
    spec = replace(SCORED, score=made, burn_in_months=burn_in)
    scores = spec.batch(200, rng=3).seen("score").mean(1)
    change = scores[:, 1] - scores[:, 0]
    assert abs(change.mean()) < LOOSE * change.std(ddof=1) / np.sqrt(200)
    held = 10.0 * 2.0 * half_life / np.log(2)
    assert scores[:, 0].mean() - replace(SCORED, burn_in_months=burn_in).batch(200, rng=3).seen("score")[
        ..., 0
    ].mean() == pytest.approx(held, rel=0.01)


def test_people_picked_on_a_noisy_score_come_down_by_what_the_density_at_the_cut_says():
    rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=340.0)
    line = ScoreRegression(sem=45.0, selection=rule, bin_width=10.0)
    spec = replace(SCORED, people=2000, confounds=(line,), enrolment=sim.Enrolment(selection=rule, reads="score"))
    panel = sim.BeforeAfter(outcome="score")(spec.batch(40, rng=2))
    falls, shifts = [], []
    for k in range(40):
        one = panel.replicate(k)
        falls.append(float((one.outcome[:, 1] - one.outcome[:, 0]).mean()))
        shifts.append(float(np.asarray(line.shift(one, central(line)))))
    left = np.array(falls) - np.array(shifts)
    assert np.mean(falls) < -10
    assert abs(left.mean()) < LOOSE * left.std(ddof=1) / np.sqrt(40)


def test_scores_missing_at_random_are_taken_out_by_the_line_through_the_others():
    made = replace(SCORED.score, error_sd=50.0)
    spec = replace(SCORED, people=1000, score=made, drop_out=sim.DropOut(share=0.2, on_score=0.6))
    world = spec.batch(60, rng=2)
    everybody = world.seen("score")
    truth = (everybody[..., 1] - everybody[..., 0]).mean(1)
    panel = sim.BeforeAfter(outcome="score")(world)
    left, bare = [], []
    for k in range(60):
        one = panel.replicate(k)
        kept = ~np.isnan(one.outcome[:, 1])
        change = float((one.outcome[kept, 1] - one.outcome[kept, 0]).mean())
        bare.append(change - truth[k])
        line = Attrition()
        left.append(change - float(np.asarray(line.shift(one, central(line)))) - truth[k])
    left, bare = np.array(left), np.array(bare)
    assert abs(left.mean()) < LOOSE * left.std(ddof=1) / np.sqrt(60)
    assert bare.mean() > 3  # those who were high by chance are missing, and would have come down


def test_scores_that_lie_off_the_line_are_taken_out_by_a_stated_delta():
    line = Attrition(delta=60.0)
    spec = replace(SCORED, people=1000, confounds=(line,), drop_out=sim.DropOut(share=0.2))
    world = spec.batch(60, rng=2)
    scores, panel = world.seen("score"), sim.BeforeAfter(outcome="score")(world)
    truth = (scores[..., 1] - scores[..., 0]).mean(1)
    assert truth.mean() == pytest.approx(60 * 0.2, abs=0.6)
    left = {0.0: [], 60.0: []}
    for k in range(60):
        one = panel.replicate(k)
        kept = ~np.isnan(one.outcome[:, 1])
        change = float((one.outcome[kept, 1] - one.outcome[kept, 0]).mean())
        for delta, found in left.items():
            allowance = Attrition(delta=delta)
            found.append(change - float(np.asarray(allowance.shift(one, central(allowance)))) - truth[k])
    own = np.array(left[60.0])
    assert abs(own.mean()) < LOOSE * own.std(ddof=1) / np.sqrt(60)
    assert np.mean(left[0.0]) == pytest.approx(-60 * 0.2, abs=0.6)


def test_people_nobody_looked_for_are_taken_out_by_their_share():
    line = Attrition(untracked=0.1)
    world = seen(line, n=100)
    panel = sim.BeforeAfter()(world)
    totals = panel.outcome.sum(1) / DAYS
    logs = np.log(totals[:, 1] / totals[:, 0])
    shift = float(np.asarray(line.shift(panel.replicate(0), central(line))))
    assert shift == pytest.approx(np.log(0.9))
    assert abs(logs.mean() - shift) < LOOSE * logs.std(ddof=1) / 10
