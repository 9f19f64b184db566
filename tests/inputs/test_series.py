"""Totals of windows: exposure, missing windows, calendars and refusals."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError
from iom_causal.inputs.series import UNIT, window_series
from iom_causal.panel import Panel
from iom_causal.windows import Window


def months(before=2, after=2, days=30, gap=0):
    shift = [0 if k < 0 else gap for k in range(-before, after)]
    return [
        Window(f"{k}", days * k + g, days * (k + 1) + g, post=k >= 0)
        for k, g in zip(range(-before, after), shift, strict=True)
    ]


def people(**settings):
    y = np.array([[1, 0, 2, 1], [3, 1, 0, 0], [0, 2, 1, 4]])
    return Panel.from_arrays(y, windows=months(), name="arrests", **settings)


def test_totals_are_over_managed_people_and_those_observed():
    series = window_series(people(), None)
    assert series.events.tolist() == [4, 3, 3, 5]
    assert series.exposure * UNIT == pytest.approx(90)
    assert series.post.tolist() == [False, False, True, True]
    assert series.middle * 365.25 == pytest.approx([-45, -15, 15, 45])
    start = np.ma.MaskedArray([2, 2, 0], mask=[False, False, True])
    assert window_series(people(start=start), None).events.tolist() == [4, 1, 2, 1]
    y = people().outcome.astype(float)
    y[0, 3] = np.nan
    part = window_series(Panel.from_arrays(y, windows=months(), missing="keep", name="arrests"), None)
    assert part.events.tolist() == [4, 3, 3, 4]
    assert part.exposure * UNIT == pytest.approx([90, 90, 90, 60])
    assert "2 of 3 people have every window" in " ".join(part.sample.notes)


def test_weights_repeat_people():
    one = window_series(people(weight=np.array([2, 1, 1])), None)
    outcome = people().outcome
    two = window_series(Panel.from_arrays(np.vstack([outcome[:1], outcome]), windows=months()), None)
    assert one.events.tolist() == two.events.tolist()
    assert one.exposure == pytest.approx(two.exposure)
    with pytest.raises(InputError, match="IOM-E076"):
        window_series(people(weight=np.array([0.5, 1, 1])), None)


def test_the_share_of_the_year_is_that_of_the_calendar():
    first = window_series(people(index_date=dt.date(2013, 1, 1)), None).phase()
    assert first * 365.25 == pytest.approx([366 - 45 + 0.5, 366 - 15 + 0.5, 15.5, 45.5])  # of a leap year first
    with pytest.raises(InputError, match=r"IOM-E048.*index_date"):
        window_series(people(), None).phase()


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        ([Window("a"), Window("b"), Window("c", post=True), Window("d", post=True)], "IOM-E048"),
        ([*months(1), Window("long", 60, 120, post=True)], "IOM-E047"),
    ],
)
def test_windows_need_dates_and_one_length(windows, code):
    y = np.ones((3, len(windows)), dtype=int)
    with pytest.raises(InputError, match=code):
        window_series(Panel.from_arrays(y, windows=windows), None)


def test_no_events_before_is_refused_and_a_window_of_nobody():
    outcome = people().outcome.copy()
    outcome[:, :2] = 0
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        window_series(replace(people(), outcome=outcome), None)
    y = people().outcome.astype(float)
    y[:, 2] = np.nan
    with pytest.raises(InputError, match="IOM-E046"):
        window_series(Panel.from_arrays(y, windows=months(), missing="keep"), None)


def test_gaps_are_seen():
    assert window_series(people(), None).contiguous
    apart = Panel.from_arrays(people().outcome, windows=months(gap=30))
    assert not window_series(apart, None).contiguous


def test_seasons_need_a_year_and_short_windows():
    y = np.ones((2, 24), dtype=int)
    dated = Panel.from_arrays(y, windows=months(12, 12), index_date=dt.date(2012, 5, 1))
    window_series(dated, None).check_season(5)
    with pytest.raises(NotIdentifiedError, match="IOM-E068"):
        window_series(dated, None).check_season(6)
    short = Panel.from_arrays(y, windows=months(18, 6), index_date=dt.date(2012, 5, 1))
    with pytest.raises(NotIdentifiedError, match="and one after"):
        window_series(short, None).check_season(1)
    window_series(short, None).before.check_season(1)
