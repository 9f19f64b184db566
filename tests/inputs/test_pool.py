import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest

from iom_causal.errors import InputError
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.panel import Panel
from iom_causal.windows import Window

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
