"""The default specification curve: each combination is the ledger of its choices, on people, tables and scores."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis.sensitivity.default_choices import Only, default_choices, windows_days
from iom_causal.analysis.sensitivity.specifications import specification_curve
from iom_causal.base.wording import violations
from iom_causal.beliefs import Range
from iom_causal.confounds import Ageing, Detection, History, RegressionToMean
from iom_causal.errors import DegenerateDataError, InputError, SpecError
from iom_causal.estimators import PairedT, PoissonFixedEffects, RateRatio
from iom_causal.ledger import Ledger
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.published.study import load_published
from iom_causal.windows import Selection, Window

EXACT = 1e-9
NOISE = 0.04
"""Ends of an interval from 20,000 draws are about 1% of its width off, and linearised ones by order 1 / n."""
WINDOWS = (
    Window("y1", -730, -365),
    Window("y2", -365, 0),
    Window("a1", 0, 365, post=True),
    Window("a2", 365, 730, post=True),
)
RULE = Selection("arrests", ("y2",), "at_least", "at_boundary", threshold=4)


def people(n=300, *, others=True, days=True, seed=1, selection=RULE):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(1.2, 2.0, (n, 1)) * [1.0, 1.0, 0.9, 0.85])
    managed = (counts[:, 1] >= 4) & (rng.random(n) < 0.7)
    own = np.column_stack([np.full((n, 3), 365.0), rng.uniform(150, 365, n)])
    panel = Panel.from_arrays(
        counts,
        windows=WINDOWS,
        name="arrests",
        index_date=dt.date(2011, 5, 1),
        age=rng.uniform(18, 45, n),
        start=np.ma.MaskedArray(np.full(n, 2), mask=~managed),
        exposure=own if days else None,
        selection=selection,
    )
    return panel if others else panel.managed


def by(curve, **chosen):
    """The one row with these choices, all others at their first label."""
    wanted = tuple(chosen.get(name.replace(" ", "_"), labels[0]) for name, labels in curve.levels.items())
    (row,) = [row for row in curve.rows if row.chosen == wanted]
    return row


def test_each_combination_is_the_ledger_of_its_choices():
    panel = people()
    choices = default_choices(panel)
    curve = specification_curve(panel)
    assert len(curve.rows) == math.prod(map(len, choices.values()))
    checked = 0
    for row in curve.rows[:: len(curve.rows) // 60]:
        values = [choices[name][label] for name, label in zip(choices, row.chosen, strict=True)]
        if row.code or any(isinstance(v, PoissonFixedEffects) for v in values):
            continue
        data = panel
        for change in (v for v in values if isinstance(v, Only) or v is windows_days):
            data = change(data)
        lines = tuple(v for v in values if isinstance(v, (Ageing, History, RegressionToMean)))
        ledger = Ledger(lines)(data, rng=1)
        assert row.estimate == pytest.approx(ledger.estimate, rel=EXACT)
        wide = math.log(ledger.conf_high / ledger.conf_low)
        assert math.log(row.conf_low) == pytest.approx(math.log(ledger.conf_low), abs=NOISE * wide)
        assert math.log(row.conf_high) == pytest.approx(math.log(ledger.conf_high), abs=NOISE * wide)
        checked += 1
    assert checked > 10


def test_what_the_data_refuse_stays_with_its_code():
    curve = specification_curve(people(1500, days=False))
    pool = {"how_people_were_picked": "as the never-managed show", "windows_before": "the last"}
    assert by(curve, **pool, trend="arrests, England and Wales").code == "IOM-E092"
    assert by(curve, **pool).code == ""
    no_rule = specification_curve(people(selection=None))
    refused = {row.chosen[-1]: row.code for row in no_rule.rows if row.code == "IOM-E048"}
    assert "on the count, rates last" in refused
    assert by(no_rule).code == ""


def test_the_estimator_and_the_days_are_choices_where_people_have_days_of_their_own():
    panel = people(others=False, selection=None)
    curve = specification_curve(panel)
    within = by(curve, estimator="within person")
    plain = PoissonFixedEffects()(panel)
    assert within.estimate == pytest.approx(plain.estimate, rel=1e-6)
    assert math.log(within.conf_high / within.conf_low) == pytest.approx(
        math.log(plain.conf_high / plain.conf_low), rel=0.05
    )
    windows = by(curve, days_at_risk="the windows'")
    assert windows.estimate == pytest.approx(RateRatio()(windows_days(panel)).estimate, rel=EXACT)
    assert by(curve).estimate == pytest.approx(RateRatio()(panel).estimate, rel=EXACT)
    assert "estimator" not in specification_curve(people(days=False)).levels


def test_picked_people_whose_rule_is_not_stated_are_told_that_no_answer_allows_for_it():
    """Nothing was done to anybody; whoever had five or more is picked, and the rule may be stated or not."""
    rng = np.random.default_rng(11)
    counts = rng.poisson(rng.gamma(1.0, 1.5, (2000, 1)), (2000, 4))
    picked = counts[counts[:, 1] >= 5]
    rule = replace(RULE, threshold=5)
    unstated, stated = (
        specification_curve(Panel.from_arrays(picked, windows=WINDOWS, name="arrests", selection=s))
        for s in (None, rule)
    )
    assert unstated.shares["below"] == 1.0  # a fall in every answer
    assert "None of these answers allows for regression to the mean (u1)" in unstated.summary()
    assert "u1" in unstated.silent_on
    assert "u1" not in unstated.speaks_to
    assert "on their rate" not in stated.levels["how people were picked"]  # the rule says otherwise
    assert "u1" in stated.speaks_to
    assert "None of these" not in stated.summary()
    assert not violations(unstated.summary())
    both = specification_curve("sleath-brown-2017")
    assert "36 of 48 answers allow for regression to the mean (u1); of these the ratio is from" in both.summary()
    assert not violations(both.summary())


def test_windows_are_choices():
    panel = people(others=False, days=False, selection=None)
    curve = specification_curve(panel)
    last = Panel.from_arrays(panel.outcome[:, 1:3], windows=WINDOWS[1:3])
    row = by(curve, windows_before="the last", windows_after="the first")
    assert row.estimate == pytest.approx(RateRatio()(last).estimate, rel=EXACT)


def test_a_published_table_has_a_curve_and_so_has_its_score():
    paper = load_published("sleath-brown-2017")
    curve = specification_curve("sleath-brown-2017")
    assert curve.tidy().equals(specification_curve(paper).tidy())
    assert curve.tidy().equals(specification_curve(paper["arrests"]).tidy())
    assert not any(row.code for row in curve.rows)
    moments = paper["arrests"]
    rule = Selection("arrests", (moments.windows[0].label,), "soft", "at_boundary")
    lines = (
        Ageing(curve="scotland-1990"),
        History(series="arrests-england-wales"),
        RegressionToMean(method="linear", comparable_mean=0.25 * moments.mean_pre, selection=rule),
    )
    ledger = Ledger(lines)(moments, rng=1)
    row = by(
        curve,
        age_curve="Scotland, 1990",
        trend="arrests, England and Wales",
        how_people_were_picked="on the count, whole list averages 25%",
    )
    assert row.estimate == pytest.approx(ledger.estimate, rel=EXACT)
    wide = math.log(ledger.conf_high / ledger.conf_low)
    assert math.log(row.conf_high) == pytest.approx(math.log(ledger.conf_high), abs=NOISE * wide)
    assert curve.ranked[0] == "how people were picked"
    assert violations(curve.summary()) == ()
    score = specification_curve(paper, outcome="risk")
    first = by(score)
    assert first.set_low < first.set_high  # the print leaves the mean before of those followed up open
    assert first.estimate is None
    assert {row.code for row in score.rows} == {""}
    # by hand: the square of the standard error of a score that is .9 reliable, over the mean excess above the lowest
    sd, excess = paper["risk"].sd_pre_input, paper["risk"].mean_pre_input - paper["risk"].range_pre[0]
    chance = by(score, how_much_of_a_score_is_chance="reliability 0.9")
    assert chance.set_low - first.set_low == pytest.approx(0.1 * sd**2 / excess, rel=EXACT)
    assert violations(score.summary()) == ()


def scores(*, rule=True, lost=True):
    rng = np.random.default_rng(3)
    true = rng.normal(200, 60, 900)
    pair = true[:, None] + rng.normal(0, 25, (900, 2)) - [0.0, 10.0]
    pair = pair[pair[:, 0] >= 220]
    if lost:
        pair[::9, 1] = np.nan
    selection = Selection("risk", ("before",), "at_least", "at_boundary", threshold=220) if rule else None
    return Panel.from_arrays(pair, kind="score", name="risk", selection=selection, missing="keep")


def test_a_score_has_a_curve_in_points_with_what_people_lost_and_chance_do():
    panel = scores()
    curve = specification_curve(panel)
    assert list(curve.levels) == ["people without a follow-up", "how much of a score is chance"]
    assert curve.scale == "points"
    assert not any(row.code for row in curve.rows)
    plain = PairedT()(panel)
    row = by(curve)
    assert (row.estimate, row.conf_low, row.conf_high) == pytest.approx(
        (plain.estimate, plain.conf_low, plain.conf_high), rel=1e-4
    )
    picked = by(curve, how_much_of_a_score_is_chance="reliability 0.8")
    assert picked.estimate > row.estimate  # part of the fall comes by itself
    assert {row.code for row in specification_curve(scores(rule=False)).rows} == {"", "IOM-E048"}
    assert list(specification_curve(scores(lost=False)).levels) == ["how much of a score is chance"]


def test_others_picked_alike_are_a_choice_with_their_own_sampling():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.gamma(2, 2, (80, 1)) * [1.0, 0.7])
    start = np.ma.MaskedArray(np.ones(80, int), mask=np.arange(80) >= 50)
    panel = Panel.from_arrays(counts, name="arrests", start=start, selected=True)
    curve = specification_curve(panel)
    row = by(curve, how_people_were_picked="as others picked alike show")
    ledger = Ledger((RegressionToMean(method="comparison"),))(panel, rng=1)
    assert row.estimate == pytest.approx(ledger.estimate, rel=EXACT)
    wide = math.log(ledger.conf_high / ledger.conf_low)
    assert math.log(row.conf_low) == pytest.approx(math.log(ledger.conf_low), abs=NOISE * wide)


def test_ones_own_choices_are_lines_estimators_and_functions_of_the_data():
    panel = people(others=False, days=False)
    choices = {
        "detection": {"as before": None, "less": Detection(ratio=0.9), "open": Detection(ratio=Range(0.8, 1.0))},
        "both": {"none": None, "two": (History(ratio=0.9), Ageing(curve="scotland-2011"))},
        "people": {"all": None, "the young": lambda data: data.where(data.age < 30)},
    }
    curve = specification_curve(panel, choices=choices)
    assert len(curve.rows) == 12
    soft = by(curve, detection="open")
    assert (soft.set_low, soft.set_high) == pytest.approx(
        sorted(RateRatio()(panel).estimate / d for d in (0.8, 1.0)), rel=EXACT
    )
    young = by(curve, people="the young")
    assert young.estimate == pytest.approx(RateRatio()(panel.where(panel.age < 30)).estimate, rel=EXACT)
    assert {"c01", "c04", "c05"} <= set(curve.speaks_to)
    two = {"one": {"a": RateRatio()}, "other": {"b": PoissonFixedEffects()}, "line": {"none": None}}
    with pytest.raises(SpecError, match="two estimators"):
        specification_curve(panel, choices=two)


def test_a_run_of_ones_own_goes_through_the_engine():
    panel = people(others=False, days=False)
    curve = specification_curve(panel, choices={"level": {"wide": 0.99, "narrow": 0.8}}, run=RateRatio())
    assert [row.estimate for row in curve.rows] == [RateRatio()(panel).estimate] * 2
    assert curve.outcome == "arrests"


def test_where_everybody_changed_alike_there_is_no_interval_to_show():
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        specification_curve(Panel.from_arrays([[4, 2], [6, 3], [8, 4]]), choices={"d": {"none": None}})


def test_what_it_cannot_use_is_refused():
    panel = people(others=False)
    for data, settings, error, code in (
        (panel.outcome, {}, InputError, "E035"),
        (panel, {"choices": {"a": {"b": 3}}}, SpecError, "E092"),
        (panel, {"choices": {"a": {"b": Detection}}}, SpecError, "E092"),
        (panel, {"run": RateRatio()}, SpecError, "E096"),
        (panel, {"outcome": "theft"}, SpecError, "E093"),
        (panel, {"level": 2.0}, SpecError, "E092"),
        ("no-such-study", {}, SpecError, "E093"),
        (Panel.from_arrays(panel.prepost().outcome[None]), {}, InputError, "E047"),
        (Moments.from_summary(n=20, mean_pre=3.0), {}, InputError, "E067"),
    ):
        with pytest.raises(error, match=f"IOM-{code}"):
            specification_curve(data, **settings)
    alone = Panel.from_arrays([[3, 1]])
    with pytest.raises(InputError, match="IOM-E060"):
        specification_curve(alone)
