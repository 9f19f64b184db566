"""History: published national series, elasticity, dates, and what is refused."""

import datetime as dt
import itertools

import numpy as np
import pytest

from iom_causal.confounds import (
    History,
)
from iom_causal.confounds.history import _all_series
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Window
from tests.confounds.lines import DAY, EXACT, code_of, line, seed


def test_national_arrests_fell_to_85_per_cent_and_recorded_crime_to_92():
    assert np.exp(line(History(series="arrests-england-wales", index_date=DAY))) == pytest.approx(0.852, abs=0.001)
    crime = History(series="recorded-crime-england-wales", index_date=DAY)
    assert np.exp(line(crime)) == pytest.approx(0.919, abs=0.001)


def test_a_series_is_chained_from_the_changes_that_its_rows_name():
    for name in ("arrests-england-wales", "recorded-crime-england-wales"):
        for before, after in itertools.pairwise(_all_series()[name]):
            change = float(after.source.partition("%")[0]) / 100
            assert after.level == pytest.approx(before.level * (1 + change), abs=5e-5)


def test_every_row_of_a_series_names_its_source_and_joins_the_next():
    for name in ("arrests-england-wales", "recorded-crime-england-wales"):
        rows = _all_series()[name]
        assert all(row.source and row.level > 0 for row in rows)
        assert all(a.end == b.start for a, b in itertools.pairwise(rows))


def test_history_takes_its_date_from_the_panel_and_averages_over_people():
    series = "arrests-england-wales"
    ends = [dt.date(2011, 11, 1), dt.date(2012, 5, 1)]
    each = np.array(ends, dtype="datetime64[D]")
    short = (Window("before", -365, 0), Window("after", 0, 365, post=True))
    panel = Panel.from_arrays([[1, 1], [1, 1]], windows=short, index_date=each, weight=[1, 3])
    alone = [np.exp(line(History(series=series, index_date=d), Moments(n=2, windows=short))) for d in ends]
    expected = (alone[0] + 3 * alone[1]) / 4
    assert np.exp(line(History(series=series), panel)) == pytest.approx(expected, abs=EXACT)


def test_elasticity_scales_the_log_and_local_adds_to_it():
    assert line(History(ratio=0.85, elasticity=1.5)) == pytest.approx(1.5 * np.log(0.85), abs=EXACT)
    assert line(History(ratio=0.85, local=0.9)) == pytest.approx(np.log(0.85 * 0.9), abs=EXACT)


def test_the_cohort_is_taken_out_of_the_index():
    # The rest of the index: 90 before and 40 after; the cohort 10 before and 5 after.
    data = seed(windows=(Window("before"), Window("after", post=True)), mean_pre=10.0, mean_post=5.0)
    assert np.exp(line(History(ratio=0.45, contamination=0.1), data)) == pytest.approx(40 / 90, abs=EXACT)


def test_history_without_dates_or_outside_its_series_is_refused():
    spec = History(series="arrests-england-wales")
    assert code_of(lambda: line(spec)) == "IOM-E048"
    assert code_of(lambda: line(History(series="arrests-england-wales", index_date=dt.date(2001, 1, 1)))) == "IOM-E048"
    assert code_of(lambda: line(History(ratio=0.4, contamination=0.9))) == "IOM-E092"
