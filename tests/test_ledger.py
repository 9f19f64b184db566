"""The ledger: its lines, intervals and remainder, what it assumes, and what it refuses."""

import re

import numpy as np
import pytest

from iom_causal.beliefs import LogNormal, Normal, Range
from iom_causal.confounds import (
    CONFOUNDS,
    Ageing,
    Attrition,
    Detection,
    History,
    RegressionToMean,
    Remission,
    ScoreError,
    ScoreRegression,
)
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimators import PairedT, RateRatio
from iom_causal.ledger import Ledger, all_expected
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.protocol.scenario import load_scenario
from iom_causal.published.study import load_published
from iom_causal.roles import batch
from iom_causal.sensitivity.tipping import tipping
from iom_causal.simulate import NextBelow
from iom_causal.windows import Selection, Window
from tests.work import calls

STATIC = RegressionToMean(method="robbins_zhang")
PAPER = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64, name="arrests")


def cohort(n=225, seed=3, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 3.4, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(0.53 * rate)], axis=-1)
    return Panel.from_arrays(pairs, name="arrests", **settings)


def test_with_no_line_it_is_the_change_itself():
    panel = cohort(exposure=[547.0, 549.0])
    ledger, ratio = Ledger()(panel, rng=1), RateRatio()(panel)
    assert ledger.estimate == pytest.approx(ratio.estimate, rel=1e-12)
    assert ledger.estimand == "descriptive_change"
    # 20,000 draws put the end of an interval within about 1% of the standard error's width.
    width, robust = np.log([ledger.conf_high / ledger.conf_low, ratio.conf_high / ratio.conf_low])
    assert width == pytest.approx(robust, rel=0.04)


def test_from_print_the_interval_is_that_of_the_robust_ratio():
    ledger, ratio = Ledger()(PAPER, rng=1), RateRatio()(PAPER)
    assert ledger.estimate == pytest.approx(ratio.estimate, rel=1e-12)
    assert ledger.std_error == pytest.approx(ratio.std_error, rel=0.03)  # 20,000 draws: 0.5% each way, four times


def test_a_known_line_divides_the_ratio_exactly():
    panel = cohort()
    plain, allowed = Ledger()(panel, rng=1), Ledger((Detection(ratio=0.8),))(panel, rng=1)
    assert allowed.estimate == pytest.approx(plain.estimate / 0.8, rel=1e-12)
    assert (allowed.conf_low, allowed.conf_high) == pytest.approx((plain.conf_low / 0.8, plain.conf_high / 0.8))
    assert allowed.estimand == "att_ratio"


@pytest.mark.parametrize(
    ("ratio", "all_of_it"), [(0.8, False), (0.4, True), (Range(0.4, 0.8), False), (Range(0.3, 0.45), True)]
)
def test_all_of_a_change_was_to_be_expected_where_every_case_leaves_nothing_or_less(ratio, all_of_it):
    fall = cohort()
    assert all_expected(Ledger((Detection(ratio=ratio),))(fall, rng=1)) is all_of_it
    rise = Panel.from_arrays(fall.outcome[:, ::-1], name="arrests")
    turned = Range(1 / ratio.high, 1 / ratio.low) if isinstance(ratio, Range) else 1 / ratio
    assert all_expected(Ledger((Detection(ratio=turned),))(rise, rng=1)) is all_of_it


def test_beliefs_and_sampling_add_in_variance():
    belief = LogNormal(0.9, 0.2)
    plain = Ledger()(cohort(), rng=1)
    allowed = Ledger((Detection(ratio=belief),))(cohort(), rng=1)
    assert allowed.std_error == pytest.approx(np.hypot(plain.std_error, 0.2), rel=0.03)


def test_a_range_gives_bounds_and_no_point():
    result = Ledger((Detection(ratio=Range(0.7, 1.0)),))(cohort(), rng=1)
    plain = Ledger()(cohort(), rng=1)
    assert result.estimate is None
    assert result.interval == "bounds"
    told = rf"set \[[\d., ]+\], 95% interval around it \[{result.conf_low:.4g}, {result.conf_high:.4g}\]"
    for shown in (result.summary(), repr(result), result.plot().get_title()):
        assert re.search(told, shown)
    assert (result.set_low, result.set_high) == pytest.approx((plain.estimate, plain.estimate / 0.7))
    assert result.conf_low == pytest.approx(plain.conf_low)
    assert result.conf_high == pytest.approx(plain.conf_high / 0.7)


def test_lines_and_remainder_add_up_in_logs_and_in_arrests():
    result = Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(), rng=1)
    parts = {p.term: p.estimate for p in result.parts}
    assert parts["observed"] == pytest.approx(parts["detection"] + parts["remainder"], abs=1e-12)
    shares = result.diagnostics["attribution"]
    change = result.diagnostics["after"] - result.diagnostics["before"]
    assert sum(shares.values()) == pytest.approx(change, abs=1e-10)
    assert sum(result.diagnostics["steps"].values()) == pytest.approx(change, abs=1e-10)
    assert result.cov.shape == (3, 3)


def test_the_waterfall_expects_what_the_lines_give_one_after_the_other():
    result = Ledger((Detection(ratio=0.8), History(ratio=0.9)))(cohort(), rng=1)
    before, after = (result.diagnostics[side] for side in ("before", "after"))
    bars = [patch.get_x() + patch.get_width() for patch in result.plot().patches]
    assert bars == pytest.approx([before, 0.8 * before, 0.72 * before, 0.72 * before, after, after])
    assert result.diagnostics["expected_after"] == pytest.approx(0.72 * before)


def test_the_same_seed_gives_the_same_result_and_another_line_leaves_the_draws_alone():
    a = Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(), rng=1)
    assert a.to_dict() == Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(), rng=1).to_dict()
    plain = Ledger()(cohort(), rng=1)
    observed = {p.term: p for p in a.parts}["observed"]
    assert observed.std_error == plain.std_error


def test_what_is_left_out_is_assumed_and_said():
    result = Ledger((Detection(ratio=0.8),))(cohort(), rng=1)
    assert any(text.startswith("the allowance for detection is right: the chance ") for text in result.assumptions)
    assert any("ageing" in text or "age" in text for text in result.assumptions)
    assert not any("share of offences" in text for text in result.assumptions)


def test_a_score_adds_in_points():
    panel = Panel.from_arrays([[300.0, 240.0], [280.0, 260.0], [420.0, 300.0]], kind="score", name="risk")
    result = Ledger()(panel, rng=1)
    assert result.scale == "points"
    assert result.estimate == pytest.approx(PairedT()(panel).estimate)


def test_weights_repeat_people():
    panel = cohort(60)
    unique, counts = np.unique(panel.outcome, axis=0, return_counts=True)
    collapsed = Ledger()(Panel.from_arrays(unique, weight=counts, name="arrests"), rng=1)
    assert collapsed.estimate == pytest.approx(Ledger()(panel, rng=1).estimate, rel=1e-12)
    assert collapsed.std_error == pytest.approx(Ledger()(panel, rng=1).std_error, rel=0.03)


@pytest.mark.parametrize("kind", ["count", "score"])
def test_a_ledger_of_nothing_assumes_every_line_away_in_the_words_of_its_confound(kind):
    panel = Panel.from_arrays([[5.0, 2], [3, 1], [4, np.nan], [6, 1]], kind=kind, missing="keep", name="arrests")
    expected = [c.assumption_left_out for c in CONFOUNDS if c.in_ledger(kind).assumed]
    assert list(Ledger(draws=100)(panel, rng=1).assumptions) == expected
    assert len({c.line for c in CONFOUNDS if c.in_ledger(kind).assumed}) == len(expected) >= 5


def test_missing_follow_up_is_left_out_and_counted():
    outcome = cohort(60).outcome.astype(float)
    outcome[:5, 1] = np.nan
    result = Ledger()(Panel.from_arrays(outcome, name="arrests", missing="keep"), rng=1)
    assert (result.n_input, result.n_used) == (60, 55)
    assert result.estimate == pytest.approx(outcome[5:, 1].sum() / outcome[5:, 0].sum())


@pytest.mark.parametrize(
    "bad",
    [
        lambda: Ledger((3,)),
        lambda: Ledger((Detection(), Detection())),
        lambda: Ledger(draws=1),
        lambda: Ledger(cohort()),
    ],
)
def test_what_is_no_ledger(bad):
    with pytest.raises(SpecError):
        bad()


def test_replicates_go_through_batch():
    with pytest.raises(InputError, match="IOM-E047"):
        Ledger()(Panel.from_arrays(np.ones((2, 3, 2), dtype=int)))


def test_the_waterfall_has_a_bar_a_line():
    result = Ledger((Detection(ratio=Normal(0.9, 0.0)),))(cohort(), rng=1)
    labels = [t.get_text() for t in result.plot().get_yticklabels()]
    assert labels == ["before", "detection", "expected without the programme", "remainder", "observed after"]


def test_a_hundred_thousand_draws_keep_their_memory():
    ledger = Ledger((Detection(ratio=LogNormal(0.9, 0.1)),), draws=100_000)
    assert calls(lambda: ledger(cohort(), rng=1)) < 50_000  # about 8,000; a loop over draws would make a call each


RULE = Selection("arrests", ("before",), "at_least", "unknown", threshold=3)


def test_unknown_timing_of_the_picking_gives_bounds():
    rng = np.random.default_rng(4)
    rate = rng.gamma(1.2, 2.0, 4000)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    panel = Panel.from_arrays(pairs[pairs[:, 0] >= 3], name="arrests", selection=RULE)
    result = Ledger((RegressionToMean(method="linear", comparable_mean=4.5),), draws=2000)(panel, rng=1)
    assert result.interval == "bounds"
    assert result.set_low < result.set_high


def test_nothing_is_allowed_for_twice():
    careers = RegressionToMean(method="desistance", drift="own", selection=RULE)
    with pytest.raises(SpecError, match="already holds ageing"):
        Ledger((careers, Ageing()))


def test_a_high_that_passes_is_not_allowed_for_twice_nor_assumed_away():
    with pytest.raises(SpecError, match="remission as set already holds regression to the mean"):
        Ledger((Remission(per_month=1.0), ScoreRegression(sem=30.0, bin_width=20.0)))
    panel = Panel.from_arrays([[300.0, 240.0], [280.0, 260.0], [420.0, 300.0]], kind="score", name="risk")
    result = Ledger((Remission(share=0.5, population_mean=250.0),))(panel, rng=1)
    assert result.estimate == pytest.approx((-60 - 20 - 120) / 3 + 0.5 * (1000 / 3 - 250))
    assert not any("picked" in text for text in result.assumptions)


def test_what_acts_in_proportion_is_points_of_a_score_and_what_acts_on_events_is_refused():
    rng = np.random.default_rng(3)
    panel = Panel.from_arrays(298 + 20 * rng.standard_normal((60, 2)), kind="score", name="risk")
    result = Ledger((History(ratio=0.8),))(panel, rng=1)
    assert {p.term: p.estimate for p in result.parts}["history"] == pytest.approx(-0.2 * panel.before.mean())
    for line in (Detection(ratio=0.8), Ageing()):
        with pytest.raises(InputError, match=f"IOM-E066.*{type(line).__name__}"):
            Ledger((line,))(panel, rng=1)


def test_allowing_for_detection_makes_it_about_offences():
    assert "offences" in Ledger((Detection(ratio=0.9),))(cohort(), rng=1).note


def test_its_error_is_that_of_the_closed_form_for_picked_counts():
    rng = np.random.default_rng(11)
    rate = rng.gamma(1.2, 2.0, 6000)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    picked = pairs[pairs[:, 0] >= 3]
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
    result = Ledger((STATIC,))(Panel.from_arrays(picked, name="arrests", selection=rule), rng=1)
    before, after = picked.T
    expected = before * (before > 3)  # Robbins and Zhang: what people picked at 3 or more do again
    ratio = after.sum() / expected.sum()
    error = np.sqrt(((after - ratio * expected) ** 2).sum()) / after.sum()
    assert result.estimate == pytest.approx(ratio, rel=1e-12)
    assert result.std_error == pytest.approx(error, rel=0.03)  # 20,000 draws: 0.5%, four times


OPEN = load_published("sleath-brown-2017")["risk"]


def test_a_baseline_that_is_not_printed_makes_the_change_a_set():
    result = Ledger()(OPEN, rng=1)
    assert result.estimate is None
    assert result.interval == "bounds"
    assert (round(result.set_low, 1), round(result.set_high, 1)) == (-112.4, -42.0)
    # Whatever the fall is, its standard error is the fall over the printed t of 8.10, on 186 degrees of freedom.
    assert result.conf_low == pytest.approx(-112.4 - 112.4 / 8.10 * 1.96, rel=0.005)
    assert result.conf_high == pytest.approx(-42.0 + 42.0 / 8.10 * 1.96, rel=0.02)
    assert "leaves the mean before open" in result.note
    lines = result.diagnostics["lines"]
    assert lines["remainder"] == lines["observed"]


def test_the_set_over_print_and_ranges_is_that_of_its_cases_one_by_one():
    ledger = Ledger((ScoreError(points_per_event=Range(0.0, 30.0), events_change=-3.23), Attrition(handling="mar")))
    cases = ledger.cases(OPEN)
    assert len(cases) == 2 * len(OPEN.baselines)
    alone = [case(subject, rng=1) for case, subject in cases]
    result = ledger(OPEN, rng=1)
    assert result.set_low == min(e.estimate for e in alone)
    assert result.set_high == max(e.estimate for e in alone)
    assert result.conf_low == min(e.conf_low for e in alone)
    assert result.conf_high == max(e.conf_high for e in alone)
    ends = [result.diagnostics, result.diagnostics["other_end"]]
    assert [round(end["attribution"]["remainder"], 6) for end in ends] == [
        round(result.set_low, 6),
        round(result.set_high, 6),
    ]


@pytest.mark.parametrize("handling", ["mar", "unchanged"])
def test_the_mean_before_of_people_lost_varies_as_theirs_does(handling):
    rng = np.random.default_rng(12)
    before = np.round(rng.gamma(4.0, 80.0, 400))
    after = np.round(0.6 * before + rng.normal(50, 60, 400))
    lost = np.arange(400) >= 250
    before[lost] += 60
    seen_before, seen_after, lost_before = before[~lost], after[~lost], before[lost]
    m = Moments.from_summary(
        n=250,
        n_input=400,
        mean_pre=seen_before.mean(),
        sd_pre=seen_before.std(ddof=1),
        mean_post=seen_after.mean(),
        sd_post=seen_after.std(ddof=1),
        r=np.corrcoef(seen_before, seen_after)[0, 1],
        mean_pre_input=before.mean(),
        sd_pre_input=before.std(ddof=1),
        kind="score",
        name="risk",
    )

    def change(x, y, gone):
        slope, level = np.polyfit(x, y, 1) if handling == "mar" else (1.0, 0.0)
        everybody = np.concatenate([x, gone])
        return (y.sum() + (level + slope * gone).sum()) / everybody.size - everybody.mean()

    draws = []
    for _ in range(2000):
        k, g = rng.integers(0, 250, 250), rng.integers(0, 150, 150)
        draws.append(change(seen_before[k], seen_after[k], lost_before[g]))
    result = Ledger((Attrition(handling=handling),))(m, rng=1)
    assert result.estimate == pytest.approx(change(seen_before, seen_after, lost_before), rel=1e-9)
    # 2,000 resamplings: 1.6% each way, four times; and normal moments of people who are not normal.
    assert result.std_error == pytest.approx(np.std(draws), rel=0.08)


def test_the_waterfall_of_a_set_has_both_ends_and_adds_up():
    result = Ledger((Attrition(handling="unchanged"),))(OPEN, rng=1)
    ax = result.plot()
    assert len(ax.patches) == 2 * 5
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches[:5]]
    assert ends[2][1] == pytest.approx(ends[1][1])  # expected ends where its last line does
    assert ends[4][1] == pytest.approx(ends[3][1])  # and what was observed where the remainder does


# 20,000 draws: the ends of an interval lie within 1% of its width, four times; and the jackknife is wider than the
# linear standard error by about a half over n.
DRAWN = 0.02


@pytest.mark.parametrize("n", [20, 60, 225])
def test_with_no_line_its_interval_is_that_of_the_ratio_or_a_little_wider(n):
    panel = cohort(n)
    ledger, ratio = Ledger()(panel, rng=1), RateRatio()(panel)
    widths = [np.log(e.conf_high / e.conf_low) for e in (ledger, ratio)]
    assert (1 - DRAWN) < widths[0] / widths[1] < 1 + DRAWN + 1 / n


@pytest.mark.parametrize("n", [5, 20])
def test_with_no_line_its_interval_for_a_score_is_that_of_the_paired_t(n):
    rng = np.random.default_rng(6)
    panel = Panel.from_arrays(300 + 60 * rng.standard_normal((n, 2)), kind="score", name="risk")
    ledger, paired = Ledger()(panel, rng=1), PairedT()(panel)
    assert ledger.std_error == pytest.approx(paired.std_error, rel=DRAWN)
    for end in ("conf_low", "conf_high"):
        off = getattr(ledger, end) - getattr(paired, end)
        assert abs(off) < DRAWN * (paired.conf_high - paired.conf_low)


def test_a_belief_is_not_widened_because_people_are_few():
    scores = np.full((4, 2), 1000.0) + 1e-6 * np.arange(8).reshape(4, 2) ** 2
    sharp = Panel.from_arrays(scores, kind="score", name="risk")
    line = ScoreError(drift_per_year=0.0, points_per_event=Normal(10.0, 2.0), events_change=-1.0)
    result = Ledger((line,))(sharp, rng=1)
    assert result.std_error == pytest.approx(2.0, rel=DRAWN)
    assert result.conf_high - result.conf_low == pytest.approx(2 * 1.96 * 2.0, rel=DRAWN)


def test_its_law_its_parts_and_its_interval_agree():
    result = Ledger((Detection(ratio=LogNormal(0.9, 0.1)),))(cohort(20), rng=1)
    assert result.law.interval() == (result.conf_low, result.conf_high)
    remainder = {p.term: p for p in result.parts}["remainder"]
    assert np.exp([remainder.conf_low, remainder.conf_high]) == pytest.approx([result.conf_low, result.conf_high])
    assert remainder.std_error == result.std_error
    assert np.sqrt(np.diag(result.cov)) == pytest.approx([p.std_error for p in result.parts])


@pytest.mark.parametrize("windows", [2, 3])
def test_one_unit_has_no_interval(windows):
    with pytest.raises(InputError, match="IOM-E060"):
        Ledger()(Panel.from_arrays([[5, 2]], name="arrests"), rng=1)
    others = np.ma.MaskedArray([1, 1, 1], mask=[False, True, True])
    with pytest.raises(InputError, match="IOM-E060"):
        Ledger()(Panel.from_arrays([[5, 2]] * 3, name="arrests", start=others), rng=1)
    with pytest.raises(InputError, match="IOM-E060"):
        Ledger()(Moments.from_summary(n=windows - 1, mean_pre=3.0, sd_pre=1.0, mean_post=2.0, sd_post=1.0, r=0.5))


DECIMALS = np.array([300.1, 310.3, 290.7, 280.9])


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        ([[4, 2], [8, 4], [2, 1]], "count"),
        ([[4, 2], [0, 0], [0, 0]], "count"),
        ([[2, 1], [4, 2], [6, 3], [8, 4]], "count"),
        (np.stack([DECIMALS, DECIMALS - 20.3], -1), "score"),
        (np.stack([DECIMALS, DECIMALS * 0.3], -1), "amount"),
        (np.stack([DECIMALS, DECIMALS * 3], -1) * 1e-8, "amount"),
    ],
)
def test_people_who_all_changed_alike_have_no_interval(pairs, kind):
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        Ledger()(Panel.from_arrays(pairs, name="arrests", kind=kind), rng=1)


@pytest.mark.parametrize(("kind", "after"), [("score", (7.0, 3.0)), ("count", (6.0, 2.0))])
def test_nor_have_they_in_print(kind, after):
    m = Moments.from_summary(
        n=40, mean_pre=9.0, mean_post=after[0], sd_pre=3.0, sd_post=after[1], r=1.0, kind=kind, name="y"
    )
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        Ledger()(m, rng=1)


def test_one_person_who_holds_every_event_after_still_has_an_interval():
    pairs = np.array([[3, 0]] * 19 + [[5, 4]])
    result = Ledger()(Panel.from_arrays(pairs, name="arrests"), rng=1)
    assert result.conf_low < RateRatio()(Panel.from_arrays(pairs, name="arrests")).conf_low
    assert np.isfinite(result.conf_high)


def both_groups(n=300, managed=60, seed=8, **settings):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 2.0, n)
    pairs = np.stack([rng.poisson(rate), rng.poisson(rate)], axis=-1)
    start = np.ma.MaskedArray(np.ones(n, dtype=int), mask=np.arange(n) >= managed)
    return Panel.from_arrays(pairs, name="arrests", start=start, age=np.full(n, 30.0), **settings)


def test_lines_about_the_managed_do_not_change_with_the_others_in_the_file():
    panel = both_groups()
    ledger = Ledger((Detection(ratio=LogNormal(0.9, 0.1)), Attrition()))
    together, alone = ledger(panel, rng=1), ledger(panel.managed, rng=1)
    assert (together.n_input, together.n_used) == (60, 60)
    assert together.estimate == pytest.approx(alone.estimate, rel=1e-12)
    assert together.std_error == pytest.approx(alone.std_error, rel=DRAWN)


TOP = Selection("arrests", ("before",), "top", "at_boundary", threshold=60)


def highest():
    panel = both_groups()
    order = np.argsort(-panel.before, kind="stable")
    start = np.ma.MaskedArray(np.ones(panel.n, dtype=int), mask=~np.isin(np.arange(panel.n), order[:60]))
    return Panel.from_arrays(panel.outcome, name="arrests", start=start, selection=TOP)


def test_the_highest_are_allowed_for_by_those_who_were_not_among_them():
    panel = highest()
    before, after = panel.managed.before, panel.managed.after
    last = before.min()
    share = (before == last).sum() / (panel.before == last).sum()
    expected = np.where(before > last + 1, before, np.where(before == last + 1, before * share, 0.0)).sum()
    result = Ledger((STATIC,))(panel, rng=1)
    assert result.estimate == pytest.approx(after.sum() / expected, rel=1e-12)
    with pytest.raises(InputError, match="IOM-E048"):
        Ledger((STATIC,))(panel.managed, rng=1)


def test_the_whole_panel_goes_through_tipping_and_batch_too():
    panel = highest()
    ledger = Ledger((STATIC, Detection(ratio=0.9)), draws=200)
    tip = tipping(ledger, panel, "detection.ratio")
    assert tip.remainder == pytest.approx(ledger(panel, rng=1).estimate, rel=1e-12)
    twice = Panel.from_arrays(np.stack([panel.outcome] * 2), name="arrests", start=panel.start, selection=TOP)
    assert batch(ledger, twice, rng=1).estimate == pytest.approx([tip.remainder] * 2, rel=1e-12)


def test_the_bundled_comparison_cohort_has_a_ledger_for_its_highest_sixty():
    world = load_scenario("comparison-cohort").careers.batch(2, rng=1)
    found = batch(Ledger((STATIC,), draws=200), NextBelow(people=500)(world, rng=1), rng=1)
    assert found.code.tolist() == [0, 0]


def worlds(n, rng):
    """People whose true ratio is .6: gamma rates, heavy-tailed ones, and rates that two fifths do not have."""
    gamma = rng.gamma(2.0, 3.4, n)
    heavy = np.exp(rng.normal(-0.72, 1.2, n))
    none = (rng.random(n) < 0.6) * rng.gamma(1.0, 5.0, n)
    for rate in (gamma, 5 * heavy, none):
        yield np.stack([rng.poisson(rate), rng.poisson(0.6 * rate)], axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "least"), [(20, 0.93), (60, 0.935), (225, 0.94)])
def test_it_covers_and_never_less_than_the_ratio_does(n, least):
    rng, times = np.random.default_rng(n), 2000
    held, alike = np.zeros((2, 3)), 0
    for _ in range(times):
        for k, pairs in enumerate(worlds(n, rng)):
            panel = Panel.from_arrays(pairs, name="arrests")
            try:
                ledger = Ledger(draws=1000)(panel, rng=rng)
            except DegenerateDataError:
                alike += 1
                continue
            for j, e in enumerate((ledger, RateRatio()(panel))):
                held[j, k] += e.conf_low <= 0.6 <= e.conf_high
    assert alike < 0.005 * times  # few people with few events each
    # Four standard errors of a share of .95 are .02; of the difference of two intervals that are nearly one, .005.
    assert (held[0] / times > least - 0.02).all()
    assert (held[0] >= held[1] - 0.005 * times).all()


@pytest.mark.parametrize(("share", "advised"), [(0.0, False), (0.06, True)])
def test_attrition_is_advised_where_people_are_lost_by_their_count(share, advised):
    rng = np.random.default_rng(4)
    rates = rng.gamma(1.2, 2.5, 3000)
    y = rng.poisson(np.stack([rates, rates], axis=-1)).astype(float)
    y[rng.random(3000) < np.clip(0.1 + share * y[:, 0], 0, 0.8), 1] = np.nan
    panel = Panel.from_arrays(y, name="arrests", missing="keep")
    note = (
        "people lost to follow-up stood higher before than the others, beyond chance; with Attrition() the observed "
        "change is that of all"
    )
    assert (note in Ledger(draws=200)(panel, rng=1).notes) == advised
    assert note not in Ledger([Attrition()], draws=200)(panel, rng=1).notes


def test_the_waterfall_is_of_a_time_as_long_as_all_windows_before():
    windows = (Window("a", -730, -365), Window("b", -365, 0), Window("c", 0, 365, post=True))
    estimate = Ledger(draws=200)(Panel.from_arrays([[2, 3, 2], [4, 1, 3], [3, 3, 1]], windows=windows), rng=1)
    assert (estimate.diagnostics["before"], estimate.diagnostics["after"]) == pytest.approx((16 / 3, 4))
    assert estimate.plot().get_xlabel() == "outcome, per person in a time as long as that observed before"
