import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from iom_causal.confounds import RegressionToMean
from iom_causal.errors import InputError
from iom_causal.estimators import RateRatio
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.inputs.resampling import jackknife
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.windows import Selection, Window

ROUNDED = 1e-12  # sums in another order
WINDOWS = (
    Window("early", -730, -365),
    Window("late", -365, 0),
    Window("after", 0, 365, post=True),
)
N = 40
NEVER = np.arange(N) % 4 > 0
START = np.ma.MaskedArray(np.full(N, 2), mask=NEVER)


def counts(replicates=None):
    shape = (N, 3) if replicates is None else (replicates, N, 3)
    return np.random.default_rng(8).poisson(3.0, shape)


def panel(outcome, **settings):
    return Panel.from_arrays(outcome, name="arrests", windows=WINDOWS, start=START, missing="keep", **settings)


def test_it_holds_the_people_who_were_never_managed():
    y = counts()
    pool = SourcePopulation.of(panel(y))
    assert pool.counts.tolist() == y[NEVER].tolist()
    assert pool.pairs.tolist() == np.stack([y[NEVER, :2].sum(1), y[NEVER, 2]], axis=-1).tolist()
    assert (float(pool.people), pool.days.tolist(), pool.notes) == (NEVER.sum(), [730.0, 365.0], ())
    assert float(pool.rate_ratio) == pytest.approx(2 * y[NEVER, 2].sum() / y[NEVER, :2].sum(), rel=ROUNDED)
    assert float(pool.moments.mean_pre) == pytest.approx(y[NEVER, :2].sum(1).mean(), rel=ROUNDED)
    with pytest.raises(ValueError, match="read-only"):
        pool.counts[0] = 1


def test_replicates_and_their_weights_are_taken_one_by_one():
    y, weight = counts(3), np.random.default_rng(9).integers(0, 3, (3, N))
    share = np.random.default_rng(10).uniform(0.5, 1.0, (3, N, 3)) * 365
    together = SourcePopulation.of(panel(y, weight=weight, exposure=share))
    for r in range(3):
        alone = SourcePopulation.of(panel(y[r], weight=weight[r], exposure=share[r]))
        assert float(together.people[r]) == float(alone.people) == weight[r, NEVER].sum()
        assert float(together.rate_ratio[r]) == pytest.approx(float(alone.rate_ratio), rel=ROUNDED)
        for ours, theirs in zip(together.moments, alone.moments, strict=True):
            assert float(np.asarray(ours)[r]) == pytest.approx(float(theirs), rel=ROUNDED)


def test_people_who_lack_a_window_do_not_count_and_are_said():
    y = counts().astype(float)
    y[1, 0] = np.nan
    pool = SourcePopulation.of(panel(y))
    assert float(pool.people) == NEVER.sum() - 1
    assert pool.notes == (f"{NEVER.sum() - 1} of {NEVER.sum()} people have every window; 1 left out",)
    rest = NEVER & (np.arange(N) != 1)
    assert float(pool.rate_ratio) == pytest.approx(2 * y[rest, 2].sum() / y[rest, :2].sum(), rel=ROUNDED)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_a_table_of_histories_counts_as_the_people_themselves(frame):
    y = counts()[NEVER]
    rows, people = np.unique(y, axis=0, return_counts=True)
    columns = {"y1": rows[:, 0], "y2": rows[:, 1], "y3": rows[:, 2], "people": people}
    table = SourcePopulation.from_table(
        frame(columns), pre=["y1", "y2"], post="y3", people="people", windows=WINDOWS, name="arrests"
    )
    pool = SourcePopulation.of(panel(counts()))
    assert float(table.people) == float(pool.people)
    assert float(table.rate_ratio) == pytest.approx(float(pool.rate_ratio), rel=ROUNDED)
    assert np.array(table.moments) == pytest.approx(np.array(pool.moments), rel=ROUNDED)


def test_days_of_a_table_turn_counts_into_rates():
    df = pd.DataFrame({"before": [2, 4], "after": [1, 2], "days": [365.0, 300.0]})
    pool = SourcePopulation.from_table(df, pre="before", post="after", exposure_pre=730, exposure_post="days")
    assert pool.days.tolist() == [[730.0, 365.0], [730.0, 300.0]]
    assert float(pool.rate_ratio) == pytest.approx(3 / 6 / (665 / 1460), rel=ROUNDED)


def test_what_cannot_serve_is_refused():
    df = pd.DataFrame({"y1": [2, 4], "y2": [1, 2], "people": [10, -1]})
    with pytest.raises(InputError, match="IOM-E076"):
        SourcePopulation.from_table(df, pre="y1", post="y2", people="people")
    with pytest.raises(InputError, match="IOM-E009"):
        SourcePopulation.from_table(df, pre="y1", post="y9")
    with pytest.raises(InputError, match="IOM-E030"):
        SourcePopulation.from_table(df.assign(y1=[-1, 2]), pre="y1", post="y2")
    with pytest.raises(InputError, match="IOM-E048"):
        SourcePopulation.of(panel(counts()).managed)
    with pytest.raises(InputError, match="IOM-E066"):
        SourcePopulation.of(panel(counts() + 0.5, kind="score"))
    with pytest.raises(InputError, match="IOM-E035"):
        SourcePopulation.of(df)
    with pytest.raises(InputError, match="IOM-E060"):
        SourcePopulation.of(panel(counts(), weight=np.where(NEVER, 0.0, 1.0) + (np.arange(N) == 1)))


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([2.5, 3.0], r"1 number of people is not whole \(position 0\)"),
        ([-1, -2], r"2 numbers of people are negative \(positions 0 and 1\)"),
        ([2.0, np.nan], r"1 number of people is missing \(position 1\)"),
        ([0, 0], "got 0 in every row"),
    ],
)
def test_numbers_of_people_that_are_none_are_refused_with_the_name_of_their_column(people, said):
    df = pd.DataFrame({"y1": [2, 4], "y2": [1, 2], "how many": people})
    with pytest.raises(InputError, match=rf"IOM-E076: column 'how many': .*{said}"):
        SourcePopulation.from_table(df, pre="y1", post="y2", people="how many")


def test_a_missing_count_is_told_what_this_table_takes():
    df = pd.DataFrame({"y1": [2, np.nan], "y2": [1, 2]})
    with pytest.raises(InputError, match="IOM-E034: y1: 1 value is missing") as refused:
        SourcePopulation.from_table(df, pre="y1", post="y2")
    assert "keep" not in str(refused.value)
    assert str(refused.value).endswith("leave out the rows that lack a window")


@pytest.mark.parametrize("column", ["y1", "y2", "days"])
def test_the_column_of_people_is_one_of_its_own(column):
    df = pd.DataFrame({"y1": [2, 4], "y2": [1, 2], "days": [300, 365]})
    with pytest.raises(InputError, match=f"IOM-E039: people: '{column}'"):
        SourcePopulation.from_table(df, pre="y1", post="y2", exposure_pre="days", exposure_post="days", people=column)


def test_it_is_a_frozen_value():
    pool = SourcePopulation.of(panel(counts(), exposure=np.full((N, 3), 365.0)))
    again = pickle.loads(pickle.dumps(pool))  # noqa: S301 our own bytes
    assert again == pool
    assert hash(again) == hash(pool)
    assert pool != SourcePopulation.of(panel(counts() + 1, exposure=np.full((N, 3), 365.0)))
    assert not any(array.flags.writeable for array in (again.counts, again.weight, again.exposure))


TWO = (Window("before", -365, 0), Window("after", 0, 365, post=True))
RULE = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=5)


def everybody(n=2000):
    rates = np.random.default_rng(11).gamma(0.8, 1.5 / 0.8, n)
    return np.random.default_rng(12).poisson(rates[:, None], (n, 2))


def selected(y, **settings):
    return Panel.from_arrays(y[y[:, 0] >= 5], name="arrests", windows=TWO, selection=RULE, **settings)


def histories(y, **settings):
    rows, people = np.unique(y, axis=0, return_counts=True)
    frame = pd.DataFrame({"y1": rows[:, 0], "y2": rows[:, 1], "people": people})
    return SourcePopulation.from_table(
        frame, pre="y1", post="y2", people="people", windows=TWO, name="a table", **settings
    )


def one_by_one(y):
    managed = y[:, 0] >= 5
    start = np.ma.MaskedArray(np.ones(len(y), dtype=int), mask=~managed)
    return Panel.from_arrays(y, name="arrests", windows=TWO, selection=RULE, start=start)


def test_a_ledger_beside_a_table_of_histories_is_that_of_the_people_one_by_one():
    y = everybody()
    both = histories(y[y[:, 0] < 5]).beside(selected(y))
    assert both.weight.dtype.kind == "i"
    top = replace(RULE, rule="top", threshold=int((y[:, 0] >= 5).sum()))
    ledger = Ledger([RegressionToMean(method="robbins_zhang", selection=top)], draws=4000)
    ours, theirs = ledger(both, rng=1), ledger(one_by_one(y), rng=1)
    assert ours.estimate == pytest.approx(theirs.estimate, rel=ROUNDED)
    assert ours.std_error == pytest.approx(theirs.std_error, rel=0.05)  # people one by one are cut in groups
    assert SourcePopulation.of(both).people == SourcePopulation.of(one_by_one(y)).people


def test_the_jackknife_of_many_people_whose_weight_is_one_takes_them_in_groups():
    y = everybody()
    alone = one_by_one(y)
    weighted = replace(alone, weight=np.ones(alone.n, dtype=np.int64))
    ledger = Ledger(draws=500)
    assert ledger(weighted, rng=1).conf_low == pytest.approx(ledger(alone, rng=1).conf_low, rel=ROUNDED)
    groups = []
    jackknife(weighted, lambda p: groups.append(p.replicates) or np.zeros((p.replicates, 1)), np.random.default_rng(1))
    assert sum(groups) < len(y)


def test_what_is_known_of_the_people_stays_and_is_missing_for_those_of_the_table():
    y = everybody(60)
    managed = Panel.from_arrays(
        y,
        name="arrests",
        windows=TWO,
        age=np.full(60, 30.0),
        ids=np.arange(60),
        covariates={"force": np.arange(60), "sex": np.array(["m", "w"] * 30)},
        index_date=np.full(60, np.datetime64("2020-01-01")),
    )
    one = SourcePopulation.from_table(pd.DataFrame({"y1": [0, 1], "y2": [0, 0]}), pre="y1", post="y2", windows=TWO)
    both = one.beside(managed)
    assert (both.name, both.weight, both.ids, both.n) == ("arrests", None, None, 62)
    assert both.managed.outcome.tolist() == y.tolist()
    assert np.isnan(both.age[60:]).all()
    assert np.isnan(both.covariates["force"][60:]).all()
    assert both.covariates["sex"][60:].tolist() == ["missing", "missing"]
    assert np.isnat(both.index_date[60:]).all()
    assert both.selected.tolist() == [True] * 60 + [False] * 2
    same = {"start": both.managed.start, "covariates": both.managed.covariates, "selected": both.managed.selected}
    assert both.managed.equals(replace(managed, ids=None, **same))


def test_rows_that_stand_for_nobody_and_what_is_said_of_the_table_stay_beside_people():
    y = everybody(60).astype(float)
    managed = Panel.from_arrays(y[:20], name="arrests", windows=TWO)
    y[21, 0] = np.nan
    others = Panel.from_arrays(y[20:], windows=TWO, start=np.ma.masked_all(40, dtype=int), missing="keep")
    pool = SourcePopulation.of(others)
    both = pool.beside(managed)
    assert both.weight.tolist() == [1] * 21 + [0] + [1] * 38
    assert SourcePopulation.of(both).people == 39
    assert both.notes == (*managed.notes, "39 of 40 people have every window; 1 left out")


def test_days_at_risk_of_both_sides_stand_beside_one_another():
    y = everybody(60)
    free = histories(y, exposure_pre=300, exposure_post=200).beside(selected(y))
    assert free.exposure[0].tolist() == [365.0, 365.0]
    assert free.exposure[-1].tolist() == [300.0, 200.0]
    assert histories(y).beside(selected(y)).exposure.tolist() == [365.0, 365.0]


def test_replicates_of_the_people_all_have_the_same_table_or_each_their_own():
    y = everybody(200)
    managed = y[y[:, 0] >= 5]
    drawn = np.stack([managed, managed + 1])
    pool = histories(y[y[:, 0] < 5])
    together = pool.beside(Panel.from_arrays(drawn, name="arrests", windows=TWO))
    for r in range(2):
        alone = pool.beside(Panel.from_arrays(drawn[r], name="arrests", windows=TWO))
        assert together.replicate(r).equals(alone)
    assert SourcePopulation.of(together).beside(together.managed).outcome.tolist() == together.outcome.tolist()


def test_people_left_aside_are_counted_by_how_many_a_row_stands_for():
    y = everybody()
    both = histories(y[y[:, 0] < 5]).beside(selected(y))
    assert RateRatio()(both).notes[0] == f"{(y[:, 0] < 5).sum()} comparison people set aside"


def test_what_does_not_fit_beside_people_is_refused():
    y = everybody(60)
    pool = histories(y)
    with pytest.raises(InputError, match="IOM-E035"):
        pool.beside(y)
    with pytest.raises(InputError, match="IOM-E066"):
        pool.beside(Panel.from_arrays(y + 0.5, kind="score", windows=TWO))
    with pytest.raises(InputError, match="IOM-E047"):
        pool.beside(Panel.from_arrays(y, windows=(Window("before", -730, 0), TWO[1])))
    unknown = (Window("before"), Window("after", post=True))
    with pytest.raises(InputError, match=r"IOM-E043.*known of the source population and not of the panel"):
        replace(pool, windows=unknown).beside(Panel.from_arrays(y, windows=unknown))
    with pytest.raises(InputError, match="IOM-E037"):
        SourcePopulation.of(
            Panel.from_arrays(np.stack([y, y]), windows=TWO, start=np.ma.masked_all(60, dtype=int))
        ).beside(selected(y))


def test_a_row_of_several_people_leaves_the_others_in_groups():
    y = everybody(1400)
    weight = np.ones(len(y), dtype=np.int64)
    weight[:5] = 3
    repeated = one_by_one(np.concatenate([y, *[y[:5]] * 2]))
    weighted = replace(one_by_one(y), weight=weight)
    rows = []
    ours = jackknife(weighted, lambda p: rows.append(p.replicates) or _change(p), np.random.default_rng(1))
    theirs = jackknife(repeated, _change, np.random.default_rng(1))
    assert sum(rows) < len(y)
    assert (ours**2).sum() == pytest.approx((theirs**2).sum(), rel=0.05)


def _change(p):
    totals = (p.weight * p.group) @ p.outcome[0]
    return np.log(totals[:, 1:] / totals[:, :1])
