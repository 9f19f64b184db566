"""Estimates of people do not tell how many people they are of, nor how many changed."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import iom_causal as iom
from iom_causal.analysis.disclosed import (
    FROM_ROUNDED,
    as_finely,
    as_given,
    at_one_level,
    at_one_size,
    by_rates,
    frontier_as_given,
    ledger_as_given,
    of_rounded,
    tip_as_given,
    unlike_days,
)
from iom_causal.analysis.people import Described
from iom_causal.analysis.release import Release
from iom_causal.base.specs import FrozenMap
from iom_causal.beliefs import Range
from iom_causal.confounds import History
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import InputError
from iom_causal.estimate import Estimate, Line
from iom_causal.estimate.notes import UNLIKE_TIME, Note
from iom_causal.estimators import LinearMixed, Matched, McNemar, PairedT, RateRatio, RiskDifference, SignTest
from iom_causal.panel import Panel
from iom_causal.report.ledger_cells import cell_of
from iom_causal.report.sections import change, live, people
from iom_causal.sensitivity.frontier import Frontier
from iom_causal.sensitivity.tipping import Tipping

GUARDED, RESEARCH = Release(Disclosure()), Release(Disclosure(research=True, reason="secure setting"))
SUBJECT = SimpleNamespace(outcomes=(SimpleNamespace(name="harm", kind="binary"),), release=GUARDED)


def of_cells(*cells):
    pairs = [(1, 1)] * cells[0] + [(1, 0)] * cells[1] + [(0, 1)] * cells[2] + [(0, 0)] * cells[3]
    return Panel.from_arrays(pairs, kind="binary", name="harm")


def scores(n, seed):
    rng = np.random.default_rng(seed)
    before = 2000 + rng.normal(0, 500, n)
    return Panel.from_arrays(
        np.column_stack([before, 0.7 * before + rng.normal(500, 330, n)]), kind="score", name="harm"
    )


@pytest.mark.parametrize(
    "spec", [McNemar(), McNemar("mid_p"), RiskDifference(), RiskDifference("newcombe"), SignTest()]
)
def test_neighbouring_tables_of_a_binary_outcome_give_the_same_row(spec):
    rows = [of_rounded(spec, of_cells(*cells), GUARDED).row() for cells in ((13, 9, 4, 11), (14, 8, 3, 11))]
    numbers = {"n_input": 0, "n_used": 0}  # which leave by `Release.count`
    assert rows[0] | numbers == rows[1] | numbers
    assert FROM_ROUNDED in rows[0]["note"]
    assert of_rounded(spec, of_cells(13, 9, 4, 11), RESEARCH) == spec(of_cells(13, 9, 4, 11))


def test_few_people_with_the_event_are_told_of_by_no_estimate():
    with pytest.raises(InputError, match="fewer than 10 people") as told:
        of_rounded(McNemar(), of_cells(2, 5, 4, 60), GUARDED)
    assert told.value.code == "IOM-E120"


def test_a_sign_test_of_counts_is_refused():
    with pytest.raises(InputError, match="numbers of people alone"):
        of_rounded(SignTest(), scores(23, 1), GUARDED)
    assert of_rounded(SignTest(), scores(23, 1), RESEARCH).estimate is not None


def test_one_level_of_an_outcome_is_given():
    both = tuple(PairedT(level=level)(scores(23, 1)) for level in (0.95, 0.5))
    given, refused = at_one_level(both, GUARDED)
    assert given == both[:1]
    assert [r.error.code for r in refused] == ["IOM-E120"]
    assert at_one_level(both, RESEARCH) == (both, ())


@pytest.mark.parametrize("n", [13, 17, 22, 23, 29])
def test_a_t_and_a_normal_interval_of_one_mean_do_not_give_the_number_of_people(n):
    by_t = PairedT()(scores(n, n))
    half = 1.96 * by_t.std_error
    by_z = replace(by_t, conf_low=by_t.estimate - half, conf_high=by_t.estimate + half)
    out = GUARDED.released(pd.DataFrame([by_t.row(), by_z.row()]), Estimate)
    unit = GUARDED.step(by_t.estimate, by_t.scale, n, half)
    assert len(_solved(out, unit, n)) > 1
    assert _solved(pd.DataFrame([by_t.row(), by_z.row()]).round({"conf_low": 1, "conf_high": 1}), 0.1, n) == [n]


def _solved(rows, unit, n):
    t_half, z_half = (rows["conf_high"] - rows["conf_low"]) / 2
    return [m for m in range(n - 2, n + 3) if _possible(t_half, z_half, unit, student.ppf(0.975, m - 1) / 1.96)]


def _possible(t_half, z_half, unit, ratio):
    """Whether half the widths, each of which outward rounding makes larger by less than a step, have this ratio."""
    return (t_half - unit) / z_half <= ratio <= t_half / max(z_half - unit, 1e-12)


def test_the_first_page_gives_a_share_by_the_digits_of_the_table():
    e = of_rounded(RiskDifference(), of_cells(13, 9, 4, 11), GUARDED)
    row = GUARDED.released(e.tidy(), Estimate).iloc[0]
    assert row["estimate"] == -0.1
    said = "fell by 10 percentage points (95% interval from a fall of 40 to a rise of 10)"
    assert said in change.of_estimate(e, SUBJECT)


def test_table_one_gives_a_share_from_rounded_numbers_of_people():
    rows = {people._row(Described("harm", n, k / n, 0.5, share=True), GUARDED) for n, k in ((37, 22), (35, 18))}
    assert len(rows) == 1
    assert people._row(Described("harm", 100, 0.03, 0.17, share=True), GUARDED)[2:4] == ("withheld", "withheld")


def test_estimates_of_a_few_people_more_are_not_given_beside_one_another():
    some = scores(180, 1).outcome.astype(float)
    some[:3, 1] = np.nan
    panel = Panel.from_arrays(some, kind="score", name="harm", missing="keep")
    both = PairedT()(panel), LinearMixed()(panel)
    assert [e.n_used for e in both] == [177, 180]
    given, refused = at_one_size(both, GUARDED)
    assert given == both[:1]
    assert [(r.what, r.error.code) for r in refused] == [(both[1].method, "IOM-E120")]
    assert at_one_size(both, RESEARCH) == (both, ())


def counts(n=60):
    rng = np.random.default_rng(1)
    return Panel.from_arrays(rng.poisson([[5.0, 3.0]], (n, 2)), name="harm")


def multiple(value, step):
    """Whether a figure is a multiple of a step, to what binary fractions leave of one."""
    return math.isclose(value / step, round(value / step), abs_tol=1e-9)


def ledger_of(history, **how):
    return iom.Ledger([History(ratio=history)])(counts(), rng=1, **how)


def under(e, release, *, around=None):
    """What a ledger gave, with an interval of its remainder that reaches so far either way, and how it is released."""
    if around is not None:
        line = e.diagnostics["lines"]["remainder"]
        wide = Line(line.low, line.high, line.low - around, line.high + around)
        lines = FrozenMap({**e.diagnostics["lines"], "remainder": wide})
        e = replace(e, diagnostics=FrozenMap({**e.diagnostics, "lines": lines}))
    return e, release


def test_an_estimate_of_people_is_given_in_steps_with_its_limits():
    e = RateRatio()(counts())
    shown = as_given(e, GUARDED)
    for name in ("estimate", "conf_low", "conf_high"):
        assert getattr(shown, name) != getattr(e, name)
        assert multiple(getattr(shown, name), 0.01)
    assert abs(shown.estimate - e.estimate) <= 0.005
    assert e.conf_low - 0.01 < shown.conf_low <= e.conf_low
    assert e.conf_high <= shown.conf_high < e.conf_high + 0.01
    assert as_given(e, RESEARCH) == e
    of_set = replace(e, estimate=None, set_low=0.51234, set_high=0.61234)
    assert (as_given(of_set, GUARDED).set_low, as_given(of_set, GUARDED).set_high) == (0.51, 0.62)


@pytest.mark.parametrize("history", [0.9, Range(0.8, 0.9)])
def test_every_figure_of_a_ledger_of_people_is_given_in_steps(history):
    """Of 60 people a ratio has two decimals, and what is in events one, or fewer where one person moves it further."""
    e = ledger_of(history)
    shown = ledger_as_given(e, GUARDED)
    for name, line in shown.diagnostics["lines"].items():
        exact = e.diagnostics["lines"][name]
        assert all(multiple(math.exp(v), 0.01) for v in line)
        assert name == "history" or line != exact  # a belief is nobody's figure, and round as it is
        assert all(abs(math.exp(a) - math.exp(b)) < 0.01 for a, b in zip(line, exact, strict=True))
        assert line.conf_low <= exact.conf_low + 1e-12
        assert line.conf_high >= exact.conf_high - 1e-12
        assert exact.low == exact.high or (line.low <= exact.low + 1e-12 and line.high >= exact.high - 1e-12)
    ends = [shown.diagnostics, *([shown.diagnostics["other_end"]] if "other_end" in shown.diagnostics else [])]
    assert len(ends) == (1 if shown.estimate is not None else 2)
    for end in ends:
        figures = [end[k] for k in ("before", "expected_after", "after")]
        figures += [v for key in ("attribution", "steps") for v in end[key].values()]
        assert all(multiple(value, 0.1) for value in figures)
    given = [shown.estimate, shown.set_low, shown.set_high, shown.conf_low, shown.conf_high]
    assert all(value is None or multiple(value, 0.01) for value in given)
    assert shown.estimate == (0.57 if e.estimate is not None else None)
    assert ledger_as_given(e, RESEARCH) == e


def test_an_end_of_a_ratio_below_one_step_is_given_as_0_and_one_value_as_a_step_at_least():
    e = ledger_of(0.9)
    lines = e.diagnostics["lines"]
    small = Line(math.log(0.004), math.log(0.004), math.log(0.001), math.log(0.3))
    e = replace(e, diagnostics=FrozenMap({**e.diagnostics, "lines": FrozenMap({**lines, "remainder": small})}))
    shown = ledger_as_given(e, GUARDED)
    line = shown.diagnostics["lines"]["remainder"]
    assert line.low == line.high == pytest.approx(math.log(0.01))
    assert (line.conf_low, shown.conf_low) == (-math.inf, 0.0)
    assert shown.conf_high == pytest.approx(0.3)
    assert cell_of(shown, "remainder") == "0.01 (0.00 to 0.30)"
    slider = live._knob("remainder", line, (line.conf_low, line.conf_high))
    assert (slider.low, slider.start) == (slider.start, pytest.approx(math.log(0.01), abs=1e-4))
    assert slider.high == pytest.approx(math.log(0.3), abs=1e-4)


@pytest.mark.parametrize(("around", "given"), [(0.1, 0.84), (1.0, 0.85), (2.0, 0.8), (40.0, 1.0)])
def test_a_setting_of_people_is_as_fine_in_proportion_as_what_remains(around, given):
    """One of 60 people moves a remainder by half its interval over 1.96 times the root of 60: .0329 of it.

    So steps of .0084 (a hundredth of the value, which is more than .0028), .027, .055 and .84 are the least, each taken
    up to a round one.
    """
    e = ledger_of(0.9)
    assert as_finely(0.83617, *under(e, GUARDED, around=around)) == pytest.approx(given, abs=1e-12)
    assert as_finely(0.83617, *under(e, RESEARCH, around=around)) == 0.83617
    assert as_finely(0.0, *under(e, GUARDED, around=around)) == 0.0


def test_a_setting_of_a_score_is_as_fine_in_proportion_as_the_points_that_remain():
    e = replace(ledger_of(0.9), scale="points")
    e = replace(e, diagnostics=FrozenMap({**e.diagnostics, "lines": FrozenMap({"remainder": Line(-8, -8, -8, -8)})}))
    assert as_finely(0.83217, *under(e, GUARDED, around=20.0)) == pytest.approx(0.8)  # .66 points of 8, of .83


@pytest.mark.parametrize("ends", [{"value": 0.83217}, {"value": 0.7, "set_low": 0.71234, "set_high": 0.83217}])
def test_where_nothing_remains_is_given_by_its_one_value_or_both_ends_and_as_finely(ends):
    tip = Tipping("history.ratio", now=0.9, searched=(0.1, 1.0), remainder=0.6, **ends)
    exact = (ends["value"],) if len(ends) == 1 else (ends["set_low"], ends["set_high"])
    e = ledger_of(0.9)
    assert tip_as_given(tip, *under(e, RESEARCH)).ends == exact
    given = [0.83] if len(ends) == 1 else [0.71, 0.84]  # the ends of a set outward
    assert tip_as_given(tip, *under(e, GUARDED, around=0.1)).ends == pytest.approx(given, abs=1e-12)
    assert tip_as_given(replace(tip, value=None, set_low=None, set_high=None), *under(e, GUARDED)).ends == ()


@pytest.mark.parametrize("around", [0.1, 1.0])
def test_a_setting_that_leaves_nothing_at_the_remainder_itself_is_given_as_the_remainder_is(around):
    e, release = under(ledger_of(0.9), GUARDED, around=around)
    shown = ledger_as_given(e, release)
    tip = Tipping("detection.ratio", e.estimate, 1.0, (0.02, 50.0), e.estimate)
    assert tip_as_given(tip, e, release).ends == pytest.approx((shown.estimate,), rel=1e-9)
    other = tip_as_given(replace(tip, value=1.003 * e.estimate), e, release)
    assert other.ends[0] == as_finely(1.003 * e.estimate, e, release)
    both = Line(*np.log([0.713, 0.877, 0.61, 0.99]))
    e = replace(e, estimate=None, diagnostics=FrozenMap({**e.diagnostics, "lines": FrozenMap({"remainder": both})}))
    tip = replace(tip, value=None, set_low=0.713, set_high=0.877)
    assert tip_as_given(tip, e, release).ends == (0.71, 0.88)  # outward, as the ends of the remainder


def test_a_combination_of_people_is_given_as_finely_and_nothing_of_it_is_exact():
    found = Frontier(
        fields=("history.ratio",),
        beliefs=(Range(0.8, 0.9),),
        middles=(0.85,),
        values=(0.83217,),
        scores=(-0.3566,),
        left=1.0000001,
        until=1.0,
        remainder=0.6,
        cases=1,
        scale="ratio",
        outcome="harm",
    )
    e = ledger_of(0.9)
    shown = frontier_as_given(found, *under(e, GUARDED, around=0.1))
    assert (shown.values, shown.scores, shown.left) == (pytest.approx((0.83,)), (-0.4,), None)  # noqa: PD011 no frame
    assert frontier_as_given(found, *under(e, RESEARCH)) == found
    nowhere = replace(found, values=None, scores=None, left=None)
    assert frontier_as_given(nowhere, *under(e, GUARDED)) == nowhere


def test_days_of_ones_own_that_differ_before_and_after_are_seen():
    days = np.full((60, 2), 365.0)
    even = Panel.from_arrays(counts().outcome, name="harm", exposure=days)
    less = Panel.from_arrays(counts().outcome, name="harm", exposure=days * [1.0, 0.7])
    assert (unlike_days(counts()), unlike_days(even), unlike_days(less)) == (False, False, True)
    of_others = np.where(np.arange(60)[:, None] < 40, 365.0, [[365.0, 200.0]])
    never = np.ma.masked_array(np.ones(60, dtype=int), mask=np.arange(60) >= 40)
    assert unlike_days(Panel.from_arrays(counts().outcome, name="harm", exposure=of_others, start=never))
    assert not unlike_days(scores(60, 1))


def test_counts_over_unlike_time_are_not_shown_as_a_change():
    less = Panel.from_arrays(counts().outcome, name="harm", exposure=np.array([[365.0, 200.0]] * 60))
    by_days, of_counts = RateRatio()(less), PairedT()(less)
    shown, refused = by_rates((by_days, of_counts), {"harm"})
    assert shown == (by_days,)
    assert [(r.outcome, r.what) for r in refused] == [("harm", of_counts.method)]
    noted = replace(by_days, notes=(Note("over windows of other lengths", UNLIKE_TIME),))
    assert [r.what for r in by_rates((noted, by_days), ())[1]] == [noted.method]


def test_people_who_are_matched_are_weighted_and_their_number_subtracts_from_none():
    some = PairedT()(scores(180, 1))
    matched = replace(some, n_used=some.n_used - 3, spec=Matched())
    assert at_one_size((some, matched), GUARDED) == ((some, matched), ())
