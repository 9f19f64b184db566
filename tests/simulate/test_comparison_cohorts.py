"""Comparison cohorts: each is right and wrong in the way that theory gives."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal import simulate as sim
from iom_causal.confounds import Attrition, Detection, History
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.panel import Panel
from iom_causal.streams import Streams
from iom_causal.windows import YEAR, Selection, Window

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
    "forces": (sim.OtherForces(), replace(POOL, forces=3)),
    "not selected": (sim.NotSelected(), POOL),
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


def people_in(panel):
    """How often each row counts."""
    return np.ones(panel.outcome.shape[:-1]) if panel.weight is None else panel.weight


def totals(panel, managed):
    """Events by window of one arm, (R, T)."""
    marks = people_in(panel) * (panel.group if managed else ~panel.group)
    return (marks[..., None] * panel.outcome).sum(-2)


def near_ratio(above, below, truth):
    """Whether a ratio of sums over replicates is near its truth; it has no bias of small samples."""
    residual = above - truth * below
    return abs(residual.sum()) < LOOSE * residual.std() * np.sqrt(residual.size)


def test_those_just_below_do_not_regress_where_the_picked_do():
    panel = sim.NextBelow(people=100)(POOL.batch(200, rng=1), rng=2)
    mean = 2.0 * 548 / YEAR
    y = np.arange(400)
    after = (1.4 + y) * mean / (1.4 + mean)  # gamma rates of shape 1.4, given y events before
    chance = stats.nbinom.pmf(y, 1.4, 1.4 / (1.4 + mean)) * (y >= 4)
    # More than a hundred people have exactly 3, so that those just below are among them.
    below, own = totals(panel, managed=False), totals(panel, managed=True)
    assert (below[:, 1] == 300).all()
    assert near_ratio(below[:, 2], below[:, 1], after[3] / 3)
    assert near_ratio(own[:, 2], own[:, 1], (chance @ after) / (chance @ y))
    assert near_ratio(below[:, 0], below[:, 1], after[3] / 3)  # the same on both sides of what the rule read


@pytest.mark.parametrize(("rule", "cut"), [("at_least", 4), ("top", 60)])
def test_people_above_the_cut_who_did_not_join_are_not_below_it(rule, cut):
    picks = sim.Enrolment(selection=replace(RULE, rule=rule, threshold=cut))
    joining = sim.Engaged(share=0.3, others_join=0.4)
    world = replace(POOL, people=60, engaged=joining, enrolment=picks).batch(20, rng=3)
    lowest = np.where(world.selected, world.value, np.inf).min(-1)
    assert (~world.selected & (world.value > lowest[:, None])).any()  # somebody above it refused
    panel = sim.NextBelow(people=60)(world, rng=1)
    read = panel.outcome[..., [w.label for w in panel.windows].index("before")]
    highest = np.where(panel.group, -1, read).max(-1)
    assert (highest < lowest if rule == "at_least" else highest <= lowest).all()


@pytest.mark.parametrize(("threshold", "softness"), [(6.0, 1.5), (12.5, 4.0)])
def test_below_a_soft_rule_are_people_with_less_than_the_picked(threshold, softness):
    picks = sim.Enrolment(selection=replace(RULE, rule="soft", threshold=threshold, softness=softness))
    world = replace(POOL, engaged=sim.Engaged(share=0.3, others_join=0.4), enrolment=picks).batch(20, rng=3)
    panel = sim.NextBelow(people=40)(world, rng=1)
    weight = np.ones(panel.outcome.shape[:-1]) if panel.weight is None else panel.weight
    read = panel.outcome[..., [w.label for w in panel.windows].index("before")]
    managed, others = weight * panel.group, weight * ~panel.group
    assert (others.sum(-1) == 40).all()
    assert (others * read).max() < threshold
    assert ((others * read).sum(-1) / 40 < (managed * read).sum(-1) / managed.sum(-1)).all()


def test_a_pool_that_is_too_small_says_how_many_places_it_filled():
    careers = replace(POOL, people=225, pool=400, enrolment=sim.Enrolment(selection=replace(RULE, threshold=7)))
    world = careers.batch(5, rng=4)
    assert world.places == 225
    assert world.filled.tolist() == world.managed.sum(-1).tolist()
    assert world.filled.max() < 225
    told = f"{world.filled.min()} to {world.filled.max()} of 225 places were filled"
    for strategy in (sim.BeforeAfter(), sim.NextBelow(people=10), sim.RandomHalf()):
        assert any(note.startswith(told) for note in strategy(world, rng=1).notes)
    assert not any("places" in note for note in sim.BeforeAfter()(POOL.batch(2, rng=1)).notes)
    assert replace(careers, pool=None)(1).places is None


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


def test_matching_brings_regression_back_where_the_rule_knows_more_than_events():
    """Picked by their rates, people do not regress; those with as many events by luck do, by as much as theory says."""
    cut, shape, years = 3.0, 1.4, 548 / YEAR
    rule = Selection("rate", ("before",), "at_least", "at_boundary", threshold=cut)
    enrolment = sim.Enrolment(selection=rule, reads="rate")
    world = replace(POOL, windows=THREE[1:], people=150, enrolment=enrolment).batch(100, rng=1)
    panel = sim.MatchedOnHistory(caliper=0.01)(world, rng=2)
    before, after = panel.outcome[..., 0], panel.outcome[..., 1]
    size, pace = before + shape, shape / 2.0 + years  # of the gamma law of a rate given events before
    one, more = (stats.gamma(size + k, scale=1 / pace) for k in (0, 1))
    cut_off = np.where(panel.group, more.sf(cut) / one.sf(cut), more.cdf(cut) / one.cdf(cut))
    expected = size / pace * years * cut_off
    sums = {
        managed: [(people_in(panel) * marks * value).sum(-1) for value in (before, after, expected)]
        for managed, marks in ((True, panel.group), (False, ~panel.group))
    }
    np.testing.assert_array_equal(sums[True][0], sums[False][0])
    assert all(near_ratio(lived, told, 1.0) for _, lived, told in sums.values())
    # With no programme at all, the managed look worse.
    assert np.log(sums[True][2].sum() / sums[False][2].sum()) > 0.4


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


def test_a_placebo_date_and_the_window_before_that_the_rule_read_show_the_same_dip():
    """Rates that drift alike in both directions of time (Ashenfelter's dip is symmetric)."""
    spec = replace(POOL, shape=None, own_sd=0.5, drift_sd=0.7, return_rate=1.0, programme=sim.Programme(ratio=0.7))
    world = spec.batch(300, rng=1)
    placebo = totals(sim.PlaceboDate()(world, rng=2), managed=True)
    real = np.where(world.managed[..., None], world.untreated.events, 0).sum(1)
    dip = real[:, 2].sum() / real[:, 1].sum()
    assert dip < 0.8
    assert near_ratio(real[:, 0] - real[:, 2], real[:, 1], 0.0)
    assert near_ratio(placebo[:, 1], placebo[:, 0], dip)


def test_an_earlier_group_keeps_the_days_and_the_date_of_then():
    windows = (Window("earlier", -1096, -547), Window("before", -547, 0), Window("after", 0, 549, post=True))
    day, then = dt.date(2012, 5, 1), dt.date(2010, 11, 1)
    world = replace(POOL, windows=windows, index_date=day)(1)
    placebo = sim.PlaceboDate()(world, rng=2)
    assert placebo.index_date == then
    assert placebo.windows == (Window("before", -549, 0), Window("after", 0, 547, post=True))
    assert placebo.exposure.tolist() == [549, 547]
    panel = sim.Historical()(world, rng=2)
    managed = panel.group
    assert (panel.exposure[managed] == [547, 549]).all()
    assert (panel.exposure[~managed] == [549, 547]).all()
    assert set(panel.index_date[managed].tolist()) == {day}
    assert set(panel.index_date[~managed].tolist()) == {then}
    assert panel.windows == (Window("before"), Window("after", post=True))  # no dates that would hold for both
    assert panel.notes == ("the rule reads 547 days before the index date, and 549 days before the earlier date",)


@pytest.mark.parametrize(("reads", "cut"), [("events", 4), ("score", 420)])
def test_an_earlier_group_is_picked_by_what_the_rule_reads(reads, cut):
    rule = Selection(reads, ("before",), "at_least", "at_boundary", threshold=cut)
    enrolment = sim.Enrolment(selection=rule, reads=reads)
    world = replace(POOL, score=sim.Score(per_event=50, error_sd=20), enrolment=enrolment)(1)
    panel = sim.Historical(outcome=reads)(world, rng=2)
    read = (world.untreated.events if reads == "events" else world.untreated.score)[:, 0]
    np.testing.assert_array_equal(panel.outcome[~panel.group, 0], read[read >= cut])
    assert (panel.outcome[panel.group, 0] >= cut).all()


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


def test_until_entry_people_live_without_the_programme_and_windows_cut_by_entry_are_told():
    half = (Window("first half", 0, 274, post=True), Window("second half", 274, 548, post=True))
    spec = sim.Careers(
        people=40, windows=(THREE[1], *half), rate=3.0, programme=sim.Programme(ratio=0.6),
        enrolment=sim.Enrolment(entry_months=(0, 9, 12)),
    )  # fmt: skip
    for world in (spec(5), replace(spec, people=3).batch(60, rng=5)):  # with three people, some steps are empty
        panel = sim.SteppedWedge()(world)
        for start in (1, 2):
            shown = panel.outcome[(people_in(panel) > 0) & (panel.start == start)][:, :start]
            lived = world.untreated.events[world.start == start][:, :start]
            np.testing.assert_array_equal(shown, lived)
        inside = int((world.covariates["entry_months"] == 12).sum())
        assert panel.notes[0].startswith(f"{inside} of {world.managed.sum()} managed people")
        assert ("60 replicates" in panel.notes[0]) == (world.replicates is not None)
    assert sim.SteppedWedge()(replace(spec, enrolment=sim.Enrolment(entry_months=(0, 9)))(5)).notes == ()


def test_people_outside_the_extract_are_in_neither_arm():
    away, programme = Attrition(absent=0.3, absent_ratio=3.0), sim.Programme(ratio=0.8)
    world = replace(POOL, pool=None, windows=THREE[1:], confounds=(away,), programme=programme).batch(300, rng=1)
    panel = sim.RandomHalf()(world, rng=2)
    assert people_in(panel).sum() == (world.managed & world.in_extract).sum()
    assert near(difference(panel), np.log(0.8))
    below = sim.NextBelow(people=50)(replace(POOL, confounds=(away,))(1), rng=2)
    assert (~below.group).sum() == 50


def test_scores_are_lost_by_what_happened_on_the_course_that_is_shown():
    score, drop_out = sim.Score(per_event=40), sim.DropOut(share=0.1, on_events=0.8)
    spec = sim.Careers(people=4000, rate=3.0, score=score, drop_out=drop_out, programme=sim.Programme(ratio=0.2))
    world = spec(1)
    panel = sim.RandomHalf(outcome="score")(world, rng=2)
    missing = np.isnan(panel.outcome[:, 1])
    truth = [1 - course.followed.mean() for course in (world.treated, world.untreated)]
    assert truth[1] > truth[0] + 0.15
    for arm, share in zip((panel.group, ~panel.group), truth, strict=True):
        assert abs(missing[arm].mean() - share) < LOOSE * np.sqrt(0.25 / 2000)


def test_a_lottery_answers_for_everybody_eligible_though_the_programme_differs_between_people():
    programme = sim.Programme(ratio=0.9, women_ratio=0.5)
    spec = replace(POOL, pool=None, people=200, windows=THREE[1:], women=0.5, programme=programme)
    world = spec.batch(400, rng=1)
    eligible = sim.ate_eligible(world)
    assert near(eligible, 0.7)  # women and men have the same rates
    assert near(difference(sim.RandomHalf()(world, rng=2)), np.log(0.7))
    np.testing.assert_allclose(sim.att_ratio(world), eligible)


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
    assert left > 0
    assert panel.notes == (f"{left} of 250 managed people without a match are left out",)


def test_bands_of_age_agree():
    spec = replace(POOL, enrolment=sim.Enrolment(selection=RULE, noise=3.0))
    panel = sim.MatchedOnHistory(caliper=0.5, age_band=5.0)(spec(1), rng=2)
    bands = np.floor(panel.age / 5)
    np.testing.assert_array_equal(np.sort(bands[panel.group]), np.sort(bands[~panel.group]))


@pytest.mark.parametrize(
    ("strategy", "spec", "what"),
    [
        (sim.NextBelow(), replace(POOL, pool=None), "pool"),
        (sim.MatchedOnHistory(), replace(POOL, pool=None), "pool"),
        (sim.Historical(earlier=2), POOL, "earlier"),
        (sim.Historical(), replace(POOL, enrolment=sim.Enrolment()), "rule"),
        (sim.NeighbouringForce(), POOL, "forces"),
        (sim.SteppedWedge(), POOL, "entry_months"),
        (sim.WaitingList(), POOL, "two months"),
        (sim.NeighbouringForce(force=2), replace(POOL, forces=2), "forces=3"),
        (sim.NextBelow(people=5000), POOL, "larger pool"),
        (sim.MatchedOnHistory(caliper=0.0), replace(POOL, windows=THREE[1:]), "no managed person has a match"),
        (sim.Historical(), replace(POOL, enrolment=sim.Enrolment(selection=RULE, reads="rate")), "windows decide"),
        (sim.PlaceboDate(), replace(POOL, enrolment=sim.Enrolment(selection=RULE, at_liberty=True)), "at_liberty"),
        (sim.Historical(), replace(POOL, engaged=sim.Engaged(share=0.5, others_join=0.5)), "volunteer"),
    ],
)
def test_a_world_that_lacks_something_is_refused_with_what_to_give(strategy, spec, what):
    with pytest.raises((SpecError, DegenerateDataError), match=what):
        strategy(spec(1), rng=1)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: sim.NextBelow(people=0), "people"),
        (lambda: sim.MatchedOnHistory(caliper=-0.1), "caliper"),
        (lambda: sim.MatchedOnHistory(age_band=0.0), "age_band"),
        (lambda: sim.Historical(earlier=0), "earlier"),
        (lambda: sim.PlaceboDate(earlier=0), "earlier"),
        (lambda: sim.NeighbouringForce(force=0), "force"),
        (lambda: sim.RandomHalf(share=1.0), "share"),
    ],
)
def test_settings_outside_their_bounds_are_refused(make, what):
    with pytest.raises(SpecError, match=what):
        make()


def there(panel):
    """Return outcomes without the rows that nobody fills; how many there are is up to the fullest of a block."""
    return panel.outcome if panel.weight is None else panel.outcome[panel.weight > 0]


@pytest.mark.parametrize("name", STRATEGIES)
def test_lots_are_those_of_a_replicate_whatever_block_it_is_in(name):
    strategy, spec = STRATEGIES[name]
    streams = Streams(4, "worlds")
    whole = strategy(spec.batch(range(5), rng=streams), rng=2)
    parts = [strategy(spec.batch(block, rng=streams), rng=2) for block in ([0, 1], [2, 3, 4])]
    seen = [there(p.replicate(k)) for p in parts for k in range(p.replicates)]
    for k, own in enumerate(seen):
        assert np.array_equal(there(whole.replicate(k)), own)
    other = strategy(spec.batch(range(5), rng=streams), rng=3)
    by_lot = name in ("random half", "next below", "matched")
    assert by_lot != np.array_equal(there(other.replicate(0)), seen[0])


def test_every_other_force_is_there_and_none_has_the_programme():
    spec = replace(POOL, forces=4, programme=sim.Programme(ratio=0.5))
    world = spec.batch(20, rng=1)
    panel = sim.OtherForces()(world)
    force = world.covariates["force"]
    for k in (1, 2, 3):
        there = people_in(panel) * (panel.covariates["force"] == k) * ~panel.group
        wanted = world.untreated.events * (world.selected & (force == k))[..., None]
        np.testing.assert_array_equal((there[..., None] * panel.outcome).sum(-2), wanted.sum(-2))
    assert (panel.covariates["force"][..., panel.group] == 0).all()
    with pytest.raises(SpecError, match="one force"):
        sim.OtherForces()(POOL(1))


def test_all_who_were_left_out_are_there_with_what_the_rule_read():
    world = replace(POOL, forces=2).batch(5, rng=1)
    panel = sim.NotSelected(value="read")(world)
    left_out = (~world.selected & (world.covariates["force"] == 0)).sum(-1)
    assert (people_in(panel)[..., ~panel.group].sum(-1) == left_out).all()
    read = panel.covariates["read"]
    there = people_in(panel) > 0
    assert (read[..., panel.group][there[..., panel.group]] >= 4).all()
    assert (read[..., ~panel.group][there[..., ~panel.group]] < 4).all()
    np.testing.assert_array_equal(read[there], panel.outcome[..., 1][there])  # the rule read the second window
    assert "read" not in sim.NotSelected()(world).covariates
    with pytest.raises(SpecError, match="give Careers a pool"):
        sim.NotSelected()(replace(POOL, pool=None)(1))


def test_those_left_out_do_not_fall_and_their_contrast_holds_what_chance_lent_the_others():
    # Gamma-Poisson with equal windows: given y before, (shape + y) / (1 + shape / mean) are expected after.
    panel = sim.NotSelected()(POOL.batch(200, rng=1))
    shape, mean, y = 1.4, 2.0 * 548 / YEAR, np.arange(400)
    chance, after = stats.nbinom.pmf(y, shape, shape / (shape + mean)), (shape + y) * mean / (shape + mean)
    for managed, who in ((True, y >= 4), (False, y < 4)):
        seen = totals(panel, managed=managed)
        assert near_ratio(seen[:, 2], seen[:, 1], (chance * who) @ after / ((chance * who) @ y))
