"""Placebo dates: what they read, what they refuse, and their size and power in pools whose truth is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import iom_causal as iom
from iom_causal.base.formats import fixed
from iom_causal.base.wording import violations
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError
from iom_causal.numerics.sensitivity.placebo_dates import predict_change, shared_time
from iom_causal.panel import Panel
from iom_causal.sensitivity import placebo_dates as module
from iom_causal.sensitivity.placebo_dates import placebo_dates
from iom_causal.windows import Selection, Window

SAME = 1e-9
BOOTSTRAP = 0.15  # of variances from 1,000 resamples of 400 people, and what is not linear
KINDS = ("lasting", "drifting", "stopping")
MONTHS = 12


def calendar(rng, windows, sd, span):
    """Multiples of everybody's rate by year, 1 in the last year before.

    Its log gains by month, such that the changes at dates differ with this SD.
    """
    path = np.cumsum(rng.normal(0, sd * np.sqrt(3 / span / MONTHS), windows * MONTHS))
    level = np.exp(path).reshape(windows, MONTHS).mean(1)
    return level / level[-2]


def rates(kind, rng, n, windows):
    if kind == "lasting":
        return np.repeat(rng.gamma(0.8, 2.0, (n, 1)), windows, axis=1)
    if kind == "drifting":
        keep, z = np.exp(-0.3), rng.standard_normal((n, windows))
        for t in range(1, windows):
            z[:, t] = keep * z[:, t - 1] + np.sqrt(1 - keep**2) * z[:, t]
        return 1.2 * np.exp(0.9 * z - 0.405)
    few = rng.random(n) < 0.85
    rate = np.where(few, rng.gamma(2.0, 0.4, n), rng.gamma(3.0, 2.0, n))
    return rate[:, None] * np.clip(rng.exponential(1 / 0.08, (n, 1)) - np.arange(windows), 0, 1)


def windows_of(before, after=1, days=365):
    return [Window(f"w{k}", days * k, days * (k + 1), post=k >= 0) for k in range(-before, after)]


def panel_of(counts, *, threshold=4, reads=1, after=1, rule="at_least", **settings):
    before = counts.shape[1] - after
    windows = settings.pop("windows", windows_of(before, after))
    read = counts[:, before - reads : before].sum(1)
    managed = settings.pop("managed", read >= threshold)
    labels = tuple(w.label for w in windows[before - reads : before])
    selection = Selection("arrests", labels, rule, "at_boundary", threshold=threshold)
    return Panel.from_arrays(
        counts,
        windows=windows,
        start=np.ma.MaskedArray(np.full(len(counts), before), mask=~managed),
        selection=selection,
        name="arrests",
        **settings,
    )


def pool(kind, rng, *, n=1200, windows=8, sd=0.0, ratio=1.0, threshold=4):
    counts = rng.poisson(rates(kind, rng, n, windows) * calendar(rng, windows, sd, 2))
    managed = counts[:, -2] >= threshold
    counts[managed, -1] = rng.binomial(counts[managed, -1], ratio)
    return panel_of(counts, threshold=threshold)


def lasting(n=400, windows=7, seed=1):
    rng = np.random.default_rng(seed)
    return rng.poisson(rates("lasting", rng, n, windows))


def test_each_date_is_the_change_of_those_whom_the_rule_selects_then():
    y = lasting()
    found = placebo_dates(panel_of(y))
    assert [d.label for d in found.dates] == ["w-5", "w-4", "w-3", "w-2", "w-1"]
    assert [d.days for d in found.dates] == [-1825, -1460, -1095, -730, -365]
    for k, date in enumerate(found.dates, 1):
        picked = y[:, k - 1] >= 4
        assert date.people == picked.sum()
        assert date.ratio == pytest.approx(y[picked, k].sum() / y[picked, k - 1].sum())
    assert found.real.ratio == pytest.approx(y[y[:, 5] >= 4, 6].sum() / y[y[:, 5] >= 4, 5].sum())
    assert found.remainder == pytest.approx(found.real.ratio / found.expected)


def test_the_rule_reads_as_many_windows_and_as_many_follow():
    y = lasting(windows=9)
    found = placebo_dates(panel_of(y, reads=2, after=2, threshold=7))
    assert [d.label for d in found.dates] == ["w-5", "w-4", "w-3", "w-2"]
    picked = y[:, 1:3].sum(1) >= 7
    assert found.dates[1].ratio == pytest.approx(y[picked, 3:5].sum() / y[picked, 1:3].sum())


def test_sampling_covaries_between_dates_as_in_resamples_of_people():
    y, rng = lasting(), np.random.default_rng(3)
    panel = panel_of(y)
    read = module._read(panel, None, whole=False)
    influence = np.stack([c.influence for c in read.changes], axis=-1)
    sampling = influence.T @ influence

    def changes(counts):
        pairs = ((counts[:, k], counts[:, k + 1]) for k in range(6))
        return [np.log(b[a >= 4].sum() / a[a >= 4].sum()) for a, b in pairs]

    resampled = np.cov([changes(y[rng.integers(0, 400, 400)]) for _ in range(1000)], rowvar=False)
    scale = np.sqrt(np.outer(np.diag(resampled), np.diag(resampled)))
    assert sampling / scale == pytest.approx(resampled / scale, abs=BOOTSTRAP)
    assert np.abs(resampled / scale - np.eye(6)).max() > 1.5 * BOOTSTRAP  # dates taken as independent would not do


def test_dates_and_their_covariance_enter_the_prediction_as_they_are():
    y = lasting()
    found, shares = placebo_dates(panel_of(y)), [y[:, k] >= 4 for k in range(6)]
    change, moves = [], []
    for k, picked in enumerate(shares):
        a, b, n = y[:, k] * picked, y[:, k + 1] * picked, picked.sum()
        change.append(np.log(b.sum() / a.sum()))
        moves.append((b / b.sum() - a / a.sum()) * np.sqrt(n / (n - 1)))
    sampling, shape = np.array(moves) @ np.array(moves).T, shared_time(np.arange(6.0), 1.0, 1.0)
    level = np.log(y[:, :6].sum(0))
    above = level - level[-1]
    there = np.array(change) - 0.25 * above, sampling + 0.25**2 * np.outer(above, above)
    predicted = predict_change(there[0][:-1], there[1], shape, between=0.1)
    assert found.low == pytest.approx(np.exp(predicted.quantile(0.025)), rel=SAME)
    assert found.high == pytest.approx(np.exp(predicted.quantile(0.975)), rel=SAME)
    assert found.p_lower == pytest.approx(float(predicted.below(change[-1])), rel=SAME)
    assert found.p_value == pytest.approx(2 * min(found.p_lower, 1 - found.p_lower), rel=SAME)


def test_the_real_change_is_that_of_the_managed_where_the_rule_would_have_picked_more():
    y = lasting()
    managed = (y[:, 5] >= 4) & (np.arange(400) % 3 > 0)
    found = placebo_dates(panel_of(y, managed=managed))
    assert found.real.people == managed.sum()
    assert found.real.ratio == pytest.approx(y[managed, 6].sum() / y[managed, 5].sum())
    assert found.dates[0].people == (y[:, 0] >= 4).sum()


def test_the_order_of_people_is_nothing_and_a_row_may_stand_for_several():
    y = lasting()
    found = placebo_dates(panel_of(y))
    assert placebo_dates(panel_of(y[::-1])).p_value == pytest.approx(found.p_value, rel=SAME)
    times = 1 + np.arange(400) % 3
    each, together = placebo_dates(panel_of(np.repeat(y, times, axis=0))), placebo_dates(panel_of(y, weight=times))
    assert together.p_value == pytest.approx(each.p_value, rel=SAME)
    assert [d.std_error for d in together.dates] == pytest.approx([d.std_error for d in each.dates], rel=SAME)


def test_a_table_of_histories_beside_the_managed_is_the_same_people():
    import pandas as pd

    y = lasting()
    panel = panel_of(y)
    rows, times = np.unique(y[~panel.group], axis=0, return_counts=True)
    names = [f"y{k}" for k in range(7)]
    table = pd.DataFrame(rows, columns=names).assign(people=times)
    others = iom.SourcePopulation.from_table(
        table, pre=names[:6], post=names[6:], people="people", windows=panel.windows, name="arrests"
    )
    found = placebo_dates(others.beside(panel.managed))
    assert found.p_value == pytest.approx(placebo_dates(panel).p_value, rel=SAME)


def test_days_at_risk_turn_counts_into_rates_and_cancel_where_all_are_alike():
    y = lasting()
    plain = placebo_dates(panel_of(y))
    assert placebo_dates(panel_of(y, exposure=np.full(7, 300.0))).p_value == pytest.approx(plain.p_value, rel=SAME)
    rng = np.random.default_rng(2)
    days = rng.integers(200, 366, y.shape).astype(float)
    found = placebo_dates(panel_of(y, exposure=days))
    picked = y[:, 2] >= 4
    rate = [y[picked, k].sum() / days[picked, k].sum() for k in (2, 3)]
    assert found.dates[2].ratio == pytest.approx(rate[1] / rate[0])


def test_who_lacks_a_window_is_left_out_at_the_dates_that_read_it():
    y = lasting().astype(float)
    y[:10, 0], y[:10, 1] = 5.0, np.nan
    found = placebo_dates(panel_of(y, missing="keep"))
    picked = y[10:, 0] >= 4
    assert found.dates[0].people == picked.sum()
    assert found.dates[1].people == (y[10:, 1] >= 4).sum()
    assert found.dates[2].people == (y[:, 2] >= 4).sum()
    assert found.real.people == (y[:, 5] >= 4).sum()
    first = placebo_dates(panel_of(y[10:], missing="keep")).dates[0]
    assert found.dates[0].std_error == pytest.approx(first.std_error, rel=SAME)
    managed = np.flatnonzero(y[:, 5] >= 4)
    y[managed[:3], 6] = np.nan
    lost = placebo_dates(panel_of(y, missing="keep"))
    assert lost.real.people == len(managed) - 3
    assert any("3 left out" in note for note in lost.notes)


def test_places_and_soft_rules_are_applied_at_every_date():
    y = lasting()
    order = np.argsort(-y[:, 5], kind="stable")
    managed = np.isin(np.arange(400), order[:60])
    places = placebo_dates(panel_of(y, rule="top", threshold=60, managed=managed))
    assert [d.people for d in places.dates] == pytest.approx([60.0] * 5)
    soft = panel_of(y, managed=y[:, 5] >= 5)
    soft = replace(soft, selection=replace(soft.selection, rule="soft", softness=1.0))
    chance = soft.selection.probability(y[:, 0])
    found = placebo_dates(soft)
    assert found.dates[0].people == pytest.approx(chance.sum())
    assert found.dates[0].ratio == pytest.approx((chance * y[:, 1]).sum() / (chance * y[:, 0]).sum())


def test_people_selected_alike_are_not_part_of_the_source_population():
    y = lasting()
    panel = panel_of(y)
    alike = ~panel.group & (np.arange(400) % 7 == 0)
    selected = np.ma.MaskedArray(panel.group | alike)
    found = placebo_dates(replace(panel, selected=selected))
    assert found.dates[0].people == (y[~alike, 0] >= 4).sum()


def test_a_planted_fall_stands_out_and_the_allowance_takes_out_what_picking_does():
    rng = np.random.default_rng(11)
    found = placebo_dates(pool("lasting", rng, n=3000, ratio=0.6))
    assert found.outside
    assert found.p_lower < 0.001
    low, high = found.remainder_interval
    assert low < 0.6 < high
    assert "remainder" in found.sentence
    assert "0.5" in found.sentence or "0.6" in found.sentence


def test_amounts_are_read_as_counts_are():
    y = lasting()
    panel = panel_of(y.astype(float) * 2.5, kind="amount", threshold=10, managed=y[:, 5] >= 4)
    assert placebo_dates(panel).p_value == pytest.approx(placebo_dates(panel_of(y)).p_value, rel=SAME)


def test_a_whole_needs_no_rule():
    y = lasting()
    panel = replace(panel_of(y, managed=np.ones(400, dtype=bool)), selection=None)
    found = placebo_dates(panel, whole=True)
    assert found.of == "people"
    assert found.dates[0].ratio == pytest.approx(y[:, 1].sum() / y[:, 0].sum())
    series = Panel.from_arrays(y.sum(0)[None], windows=panel.windows, name="arrests")
    one = placebo_dates(series)
    assert one.of == "series"
    assert one.dates[0].ratio == pytest.approx(found.dates[0].ratio)
    assert one.dates[0].std_error == pytest.approx(np.sqrt(1 / y[:, 0].sum() + 1 / y[:, 1].sum()))
    assert one.real.people == 1


def test_without_days_windows_are_taken_in_order():
    y = lasting()
    plain = [Window(f"w{k}", post=k == 6) for k in range(7)]
    found = placebo_dates(panel_of(y, windows=plain))
    assert found.dates[0].days is None
    assert found.p_value == pytest.approx(placebo_dates(panel_of(y)).p_value, rel=SAME)
    assert found.plot().get_xticklabels()


def test_a_selected_group_alone_is_refused():
    y = lasting()
    alone = panel_of(y).managed
    for panel in (alone, replace(alone, selection=None)):
        with pytest.raises(NotIdentifiedError, match="their own earlier dates show the rise") as refusal:
            placebo_dates(panel)
        assert refusal.value.code == "IOM-E068"
    with pytest.raises(NotIdentifiedError, match="as those of people do who are picked"):
        placebo_dates(replace(alone, selection=None), whole=True)
    with pytest.raises(SpecError, match="no whole"):
        placebo_dates(alone, whole=True)


def test_a_part_of_those_from_whom_people_were_picked_is_noticed():
    rng = np.random.default_rng(3)
    everybody = pool("drifting", rng, n=3000)
    few = everybody.where(everybody.group | (rng.random(3000) < 0.05))
    with pytest.raises(NotIdentifiedError, match="only a part of those"):
        placebo_dates(few)
    half = everybody.where(everybody.group | (rng.random(3000) < 0.5))
    assert any("only a part" in note for note in placebo_dates(half).notes)
    assert not placebo_dates(everybody).notes


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"rule": "rate"}, "IOM-E068", "the rate behind"),
        ({"timing": "within_post"}, "IOM-E068", "read the window after"),
        ({"timing": "unknown"}, "IOM-E068", "read the window after"),
        ({"variable": "convictions"}, "IOM-E048", "picked on 'convictions'"),
        ({"threshold": None}, "IOM-E096", "threshold"),
        ({"rule": "top", "threshold": None}, "IOM-E096", "threshold"),
        ({"windows": ("w-4",)}, "IOM-E048", "read the last windows before"),
        ({"windows": ("nowhere",)}, "IOM-E039", "the rule reads"),
    ],
)
def test_rules_that_cannot_be_applied_earlier_are_refused(change, code, words):
    panel = panel_of(lasting())
    with pytest.raises(iom.errors.IomCausalError, match=words) as refusal:
        placebo_dates(panel, selection=replace(panel.selection, **change))
    assert refusal.value.code == code


def test_fewer_than_three_dates_are_refused_and_it_says_why():
    with pytest.raises(InputError, match="got 2: fewer do not tell how much dates vary"):
        placebo_dates(panel_of(lasting(windows=4)))
    assert len(placebo_dates(panel_of(lasting(windows=5))).dates) == 3


def test_dates_at_which_the_rule_picks_few_are_left_out_and_it_says_so():
    y = lasting()
    y[:, 0] = np.minimum(y[:, 0], 3)
    found = placebo_dates(panel_of(y))
    assert len(found.dates) == 4
    assert "At 1 earlier date fewer than 10 people are picked: left out." in found.notes


def test_other_data_are_refused():
    y = lasting()
    with pytest.raises(InputError, match="expected a count or an amount") as refusal:
        placebo_dates(panel_of(y.astype(float), kind="score"))
    assert refusal.value.code == "IOM-E066"
    with pytest.raises(InputError, match="replicates"):
        placebo_dates(replace(panel_of(y), outcome=np.stack([y, y])))
    with pytest.raises(InputError, match="expected a Panel"):
        placebo_dates(iom.load_published("sleath-brown-2017"))
    y[:, 6] = 0
    with pytest.raises(DegenerateDataError, match="nothing was recorded") as refusal:
        placebo_dates(panel_of(y))
    assert refusal.value.code == "IOM-E064"
    series = Panel.from_arrays([[3.0, 4, 5, np.nan, 2, 3]], windows=windows_of(5), missing="keep", name="arrests")
    with pytest.raises(InputError, match="a window of the series is missing"):
        placebo_dates(series)
    amount = Panel.from_arrays([[3.0, 4, 5, 1, 2, 3]], windows=windows_of(5), kind="amount", name="harm")
    with pytest.raises(InputError, match="of one series expected counts"):
        placebo_dates(amount)
    nobody = panel_of(lasting(), threshold=40, managed=np.arange(400) < 1)
    with pytest.raises(InputError):
        placebo_dates(nobody)


@pytest.mark.parametrize("setting", [{"level": 1.0}, {"power": 0.01}, {"between": 0.0}, {"between": np.inf}])
def test_settings_outside_their_bounds_are_refused(setting):
    with pytest.raises(SpecError, match=next(iter(setting))) as refusal:
        placebo_dates(panel_of(lasting()), **setting)
    assert refusal.value.code == "IOM-E092"


def test_windows_of_other_lengths_have_no_dates_of_their_own():
    y = lasting()
    uneven = [Window(f"w{k}", 200 * k if k else 0, 200 * (k + 1), post=False) for k in range(-6, 0)]
    with pytest.raises(InputError, match="at least 3 earlier dates"):
        placebo_dates(panel_of(y, windows=[*uneven, Window("w0", 0, 730, post=True)]))


def test_seasons_are_spoken_of_where_windows_are_no_years():
    y = lasting()
    assert not placebo_dates(panel_of(y)).notes
    found = placebo_dates(panel_of(y, windows=windows_of(6, days=180)))
    assert any("differ in their seasons" in note for note in found.notes)


def test_more_variation_between_dates_widens_the_interval_and_what_can_be_seen():
    panel = panel_of(lasting())
    widths = [placebo_dates(panel, between=b) for b in (0.02, 0.1, 0.3)]
    assert [w.high / w.low for w in widths] == sorted(w.high / w.low for w in widths)
    assert [w.detectable for w in widths] == sorted((w.detectable for w in widths), reverse=True)
    assert widths[0].between < widths[2].between


def test_it_names_points_of_the_register_on_both_sides_and_no_sentence_breaks_the_rules():
    y = lasting()
    rng = np.random.default_rng(11)
    whole = replace(panel_of(y, managed=np.ones(400, dtype=bool)), selection=None)
    results = [
        placebo_dates(panel_of(y)),
        placebo_dates(pool("lasting", rng, n=3000, ratio=0.6)),
        placebo_dates(whole, whole=True),
        placebo_dates(Panel.from_arrays(y.sum(0)[None], windows=whole.windows, name="arrests")),
    ]
    for found in results:
        assert set(found.speaks_to) | set(found.silent_on) <= set(REGISTER)
        assert not set(found.speaks_to) & set(found.silent_on)
        assert violations(found.summary()) == ()
        assert found.tidy()["role"].tolist() == ["placebo"] * len(found.dates) + ["real"]
    assert "u1" in results[0].speaks_to
    assert "u1" not in results[2].speaks_to
    assert all("c01" in found.silent_on for found in results)
    assert "a probability of about 80%" in results[0].summary()
    assert ["71%, where 80% had been said" in found.summary() for found in results] == [True, True, False, False]


def test_what_is_seen_less_often_than_not_is_a_smaller_fall_than_one_that_is_seen_as_often_as_not():
    """In 113 to 118 pools of each kind falls to this ratio were flagged in 38 to 43%."""
    panel = panel_of(lasting())
    found, even = placebo_dates(panel), placebo_dates(panel, power=0.5)
    assert f"one to {fixed(found.low / found.expected)} less often than not" in found.summary()
    assert found.detectable < found.low / found.expected
    assert even.detectable == pytest.approx(found.low / found.expected, abs=0.02)


STUDY = """[study]
title = "Ours"
invented = true
selection = { variable = "arrests", windows = ["2019"], rule = "at_least", threshold = 4, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
group = "managed"
managed = ["1"]
index_date = 2020-01-01
windows = [
  { label = "2014", start = 2014-01-01, end = 2015-01-01 },
  { label = "2015", start = 2015-01-01, end = 2016-01-01 },
  { label = "2016", start = 2016-01-01, end = 2017-01-01 },
  { label = "2017", start = 2017-01-01, end = 2018-01-01 },
  { label = "2018", start = 2018-01-01, end = 2019-01-01 },
  { label = "2019", start = 2019-01-01, end = 2020-01-01 },
  { label = "2020", start = 2020-01-01, end = 2021-01-01, post = true },
]
outcomes = [
  { name = "arrests", kind = "count", columns = ["y2014", "y2015", "y2016", "y2017", "y2018", "y2019", "y2020"] },
]
"""
NOT_MANAGED = """
[study.pool]
file = "others.csv"
columns = ["y2014", "y2015", "y2016", "y2017", "y2018", "y2019", "y2020"]
people = "people"
"""


def written(folder, *, apart):
    """Write people in seven years to a study, those not managed in the same file or in a table of histories."""
    import pandas as pd

    years = [f"y{year}" for year in range(2014, 2021)]
    table = pd.DataFrame(lasting(), columns=years)
    managed = table["y2019"] >= 4
    people = table.assign(urn=[f"P{k}" for k in range(len(table))], managed=managed.astype(int))
    (people[managed] if apart else people).to_csv(folder / "people.csv", index=False)
    others = table[~managed].groupby(years, as_index=False).size().rename(columns={"size": "people"})
    others.to_csv(folder / "others.csv", index=False)
    text = STUDY.replace('group = "managed"\nmanaged = ["1"]\n', "") + NOT_MANAGED if apart else STUDY
    (folder / "study.toml").write_text(text)
    return iom.read_people(folder / "study.toml").data("arrests")


@pytest.mark.parametrize("apart", [False, True])
def test_a_study_file_with_years_before_and_those_who_were_not_managed_leads_to_it(apart, tmp_path):
    found = iom.placebo_dates(written(tmp_path, apart=apart))
    assert [d.label for d in found.dates] == ["2015", "2016", "2017", "2018", "2019"]
    assert found.real.ratio == pytest.approx(placebo_dates(panel_of(lasting())).real.ratio, rel=0.01)  # a leap year
    assert found.p_value == pytest.approx(placebo_dates(panel_of(lasting())).p_value, rel=0.05)


def test_national_arrests_vary_between_years_as_the_docstring_says():
    import pandas as pd

    from iom_causal import confounds

    table = pd.read_csv(Path(confounds.__file__).parent / "tables" / "national_series.csv", comment="#")
    level = table[table["series"] == "arrests-england-wales"]["level"]
    assert np.log(level).diff().std() == pytest.approx(0.05, abs=0.005)


def outside(panel):
    """Whether it flags the panel; one that it refuses, because everybody's events rose steeply, is not flagged."""
    try:
        return placebo_dates(panel).outside
    except NotIdentifiedError:
        return False


def flagged(kind, pools, *, seed, sd=0.1):
    """How many of so many pools without a programme are flagged, whose calendars wander as the prior says."""
    rng = np.random.default_rng(seed)
    return sum(outside(pool(kind, rng, sd=abs(rng.normal(0, sd)))) for _ in range(pools))


def test_its_size_is_no_more_than_stated():
    found = sum(flagged(kind, 80, seed=4) for kind in KINDS)
    assert found <= stats.binom.isf(1e-4, 240, 0.05)


@pytest.mark.parametrize("trend", [-0.1, 0.1])
@pytest.mark.parametrize("rule", ["at_least", "top"])
def test_a_steady_trend_of_everybody_moves_who_is_picked_and_is_allowed_for(trend, rule):
    """A cut that stands still picks people further out as the level falls: by .11 of the log ratio in these pools."""
    rng, found = np.random.default_rng(9), []
    for _ in range(60):
        counts = rng.poisson(rng.gamma(0.8, 2.4, (1200, 1)) * np.exp(trend * (np.arange(9) - 4)))
        order = counts[:, -2] + rng.random(1200)
        managed = counts[:, -2] >= 6 if rule == "at_least" else order >= np.sort(order)[-120]
        found.append(
            placebo_dates(panel_of(counts, rule=rule, threshold=6 if rule == "at_least" else 120, managed=managed))
        )
    left = np.log([f.remainder for f in found])
    assert abs(left.mean()) < 0.03 + 4 * left.std() / np.sqrt(60)
    assert sum(f.outside for f in found) <= stats.binom.isf(1e-4, 60, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_its_size_in_a_thousand_pools(kind):
    found = flagged(kind, 1000, seed=5)
    assert stats.binom.ppf(5e-5, 1000, 0.05) <= found <= stats.binom.isf(5e-5, 1000, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_moves_all_it_flags_fewer(kind):
    assert flagged(kind, 1000, seed=6, sd=0.0) <= stats.binom.isf(1e-4, 1000, 0.05)


POWER = {"stopping": 0.71}
"""Where people stop, the allowance for everybody's level is .03 of the log ratio off, as the docstring says."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_fall_that_it_calls_detectable_is_flagged_as_often_as_it_says(kind):
    rng, seen, tried = np.random.default_rng(8), 0, 0
    for _ in range(400):
        sd, begin = abs(rng.normal(0, 0.1)), int(rng.integers(2**32))
        try:
            size = placebo_dates(pool(kind, np.random.default_rng(begin), sd=sd)).detectable
        except NotIdentifiedError:
            continue
        tried += 1
        seen += outside(pool(kind, np.random.default_rng(begin), sd=sd, ratio=size))
    power = POWER.get(kind, 0.8)
    assert stats.binom.ppf(5e-5, tried, power) <= seen <= stats.binom.isf(5e-5, tried, power)
