"""Order, dates and lengths of windows, by what columns and cells call them."""

import datetime as dt

import pytest

from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow, spans_of
from iom_causal.data.extracts import Extract
from iom_causal.data.guesses.guess import guess
from iom_causal.data.guesses.period_columns import in_columns
from iom_causal.data.guesses.period_rows import in_cells, is_period
from iom_causal.data.guesses.periods import EITHER_END, LENGTHS
from iom_causal.data.reading.panels import read_extract
from iom_causal.errors import SpecError
from iom_causal.estimators import RateRatio
from iom_causal.protocol.draft.start import start
from tests.data.walk import walk


def arrests(*names):
    return tuple(f"Arrests {name}" for name in names)


IN_ORDER = [
    arrests("24 months before", "6 months after"),
    ("arr_pre12m", "arr_post12m"),
    ("Arrests year before", "Arrests year after"),
    arrests("12m pre", "6m pre", "6m post"),
    ("Arr 21/22", "Arr 22/23", "Arr 23/24"),
    arrests("2021-22", "2022-23"),
    arrests("FY20", "FY21", "FY22"),
    arrests("Q3 2023", "Q4 2023", "Q1 2024"),
    arrests("2023Q4", "2024Q1"),
    arrests("15/16 Q4", "16/17 Q1"),
    arrests("pre Q1", "pre Q2", "pre Q3", "post Q1", "post Q2", "post Q3", "post Q4"),
    arrests("Dec-23", "Jan-24", "Feb-24"),
    arrests("Nov", "Dec", "Jan"),
    arrests("wk 1", "wk 2", "wk 10"),
    arrests("wave 2", "wave 10"),
    arrests("t-2", "t-1", "t0", "t+1"),
    arrests("-12 months", "-6 months", "+6 months"),
    arrests("baseline", "6 months", "12 months"),
    arrests("second year before", "first year before", "first year after", "second year after"),
    arrests("autumn 2015", "winter 2015/16", "spring 2016"),
    arrests("12 months to March 2016", "12 months to March 2017"),
    arrests("H1 2016", "H2 2016"),
    arrests("2023-W04", "2023-W05"),
    arrests("Jan-Jun 2021", "Jul-Dec 2021", "Jan-Jun 2022"),
    arrests("Apr 2021 - Mar 2022", "Apr 2022 - Mar 2023"),
    arrests("98/99", "99/00", "00/01"),
    arrests("6-12m before", "0-6m before", "0-6m after", "6-12m after"),
]


@pytest.mark.parametrize("names", IN_ORDER, ids=lambda names: names[0])
def test_columns_stand_in_order_of_time_however_they_are_typed(names):
    found = in_columns(tuple(sorted(names, reverse=True)))
    assert list(found.columns.values()) == [names]


@pytest.mark.parametrize("names", IN_ORDER, ids=lambda names: names[0])
def test_cells_stand_in_order_of_time_however_they_are_typed(names):
    cells = [name.removeprefix("Arrests ").removeprefix("Arr ").removeprefix("arr_") for name in names]
    found = in_cells([(cell, cell) for cell in sorted(cells, reverse=True)])
    assert [window.label for window in found.windows] == cells


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (arrests("24 months before", "6 months after"), [{"months": 24}, {"months": 6}]),
        (arrests("548 days pre", "183 days post"), [{"days": 548}, {"days": 183}]),
        (arrests("one year before", "first year after"), [{"months": 12}, {"months": 12}]),
        (arrests("pre Q1", "pre Q2", "post Q1"), [{"months": 3}] * 3),
        (("Arr 22/23", "Arr 23/24"), [{"start": dt.date(2022, 4, 1), "end": dt.date(2023, 4, 1)}] * 1),
        (arrests("Q4 2023", "Q1 2024"), [{"start": dt.date(2023, 10, 1), "end": dt.date(2024, 1, 1)}]),
        (arrests("12 months to March 2016", "12 months to March 2017"), [{"start": dt.date(2015, 4, 1)}]),
        (arrests("per month before", "per month after"), [{}, {}]),
        (arrests("month 6", "month 12"), [{}, {}]),
        (arrests("before 2016", "after 2016"), [{}, {}]),
    ],
)
def test_names_say_how_long_windows_are_and_when(names, keys):
    for window, expected in zip(in_columns(names).grid.windows, keys, strict=False):
        held = {key: value for key, value in window.keys.items() if key in ("start", "end", "months", "days")}
        assert expected.items() <= held.items()
        assert bool(expected) == bool(held)


def asked(*names, introduced=None):
    return [question.key for question in in_columns(arrests(*names), introduced).grid.questions]


def test_what_names_leave_open_is_asked():
    assert asked("before", "after") == ["equal_windows"]
    assert asked("12m pre", "6m pre", "6m post") == ["equal_windows"]  # the longer may hold the shorter
    assert asked("2014", "2015", "2016") == ["index_date"]
    assert asked("2014", "2015", "2016", introduced=dt.date(2016, 1, 1)) == []
    assert asked("2014", "2015", "2016", introduced=dt.date(2015, 7, 1)) == ["windows"]  # inside a window
    assert asked("wave 1", "wave 2", "wave 3") == ["windows", "equal_windows"]
    assert asked("24 months before", "6 months after") == []


@pytest.mark.parametrize(
    "cells",
    [["Summer", "Winter"], ["winter 2016", "spring 2016"], ["t-1", "t-2"], ["A", "B"], ["pre 1", "pre 2", "post"]],
)
def test_an_order_that_cannot_be_told_is_not_made_up(cells):
    assert in_cells([(cell, cell) for cell in cells]) is None


def wide(folder, names, rows, *more):
    file = folder / "people.csv"
    head = ",".join(["urn", *names, *more])
    file.write_text("\n".join([head, *(f"u{k:03},{row}" for k, row in enumerate(rows))]), encoding="utf-8")
    return file


def test_24_months_are_compared_with_6_by_the_day(tmp_path):
    rows = [f"{8 + k % 9},{k % 3}" for k in range(60)]  # 12.0 in 24 months before, 1.0 in 6 months after
    file = wide(tmp_path, arrests("24 months before", "6 months after"), rows)
    panel = walk(tmp_path, file).people.cohort["arrests"]
    before, after = panel.before.mean(), panel.after.mean()
    ratio = RateRatio()(panel).estimate
    assert ratio == pytest.approx(after / before * 730 / 183)
    assert ratio > 2 * after / before


def long(folder, periods, more=""):
    tail = f",{more}" if more else ""
    rows = [f"u{k:03},{name},{at + 1}{tail.format(at + 1)}" for k in range(30) for at, name in periods]
    file = folder / "people.csv"
    file.write_text("\n".join(["urn,quarter,arrests" + (",taken" if more else ""), *rows]), encoding="utf-8")
    return file


def test_quarters_are_not_sorted_as_words(tmp_path):
    names = ["Q3 2015", "Q4 2015", "Q1 2016", "Q2 2016"]
    typed = sorted(enumerate(names), key=lambda pair: pair[1])
    file = long(tmp_path, typed)
    assert walk(tmp_path, file).asked == ("index_date",)
    (tmp_path / "study" / "study.toml").unlink()
    people = walk(tmp_path, file, {"index_date": "index_date = 2016-01-01"}).people
    panel = people.cohort["arrests"]
    assert panel.outcome[0].tolist() == [1, 2, 3, 4]
    assert [w.post for w in panel.windows] == [False, False, True, True]
    assert panel.windows[0].start == -184


def test_names_that_the_dates_in_the_file_contradict_are_asked_about(tmp_path):
    order = list(enumerate(["wave 1", "wave 2", "wave 3"]))
    assert "different orders" not in walk(tmp_path / "a", long(tmp_path, order, more="2016-0{}-01")).text
    file = long(tmp_path, [(2 - at, name) for at, name in order], more="2016-0{}-01")
    assert "different orders" in walk(tmp_path / "b", file).text


def test_dates_in_the_file_tell_the_order_that_names_do_not(tmp_path):
    names = list(enumerate(["intake", "review", "exit"]))[::-1]
    file = tmp_path / "people.csv"
    rows = [f"u{k:03},{name},{at + k % 2},2016-0{at + 1}-01" for k in range(30) for at, name in names]
    file.write_text("\n".join(["urn,phase,arrests,taken", *rows]), encoding="utf-8")
    assert [w.label for w in guess(file).windows] == ["intake", "review", "exit"]


def extract(windows, kind="count", **more):
    outcome = ExtractOutcome(name="arrests", kind=kind, columns=tuple(w.label for w in windows))
    return Extract(file="people.csv", id="urn", outcomes=(outcome,), windows=tuple(windows), **more)


PLAIN = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))


def test_totals_over_windows_of_unknown_length_are_refused_with_the_lines_to_write(tmp_path):
    file = wide(tmp_path, ("before", "after"), [f"{k % 5},{k % 3}" for k in range(30)])

    with pytest.raises(SpecError, match=r"IOM-E096.*label = 'before', months = 12.*equal_windows = true"):
        read_extract(extract(PLAIN), file.parent)
    assert read_extract(extract(PLAIN, equal_windows=True), file.parent).cohort["arrests"].n == 30
    assert read_extract(extract(PLAIN, kind="score"), file.parent).cohort["arrests"].n == 30


def test_windows_of_a_length_follow_on_one_another_from_the_introduction():
    months = (("y1", 12, False), ("y2", 6, False), ("after", 6, True))
    windows = tuple(ExtractWindow(label=label, months=n, post=post) for label, n, post in months)
    assert [(w.start, w.end) for w in spans_of(windows, None)] == [(-548, -183), (-183, 0), (0, 183)]
    dated = Extract(
        file="people.csv", id="urn", windows=windows, index_date=dt.date(2016, 1, 1),
        outcomes=(ExtractOutcome(name="a", kind="count", columns=("a", "b", "c")),),
    )  # fmt: skip
    assert dated.day_zero == dt.date(2016, 1, 1)


@pytest.mark.parametrize(
    ("windows", "more", "said"),
    [
        ((ExtractWindow(label="a", months=12), ExtractWindow(label="b", post=True)), {}, "a length for each"),
        ((ExtractWindow(label="a", months=12), PLAIN[1]), {"equal_windows": True}, "none has dates or a length"),
    ],
)
def test_windows_of_which_one_has_no_length_are_refused(windows, more, said):
    with pytest.raises(SpecError, match=said):
        extract(windows, **more)


def test_a_window_has_one_length_of_at_least_a_day():
    for lengths in ({"months": 12, "days": 365}, {"months": 12, "start": 0, "end": 5}, {"days": 0}):
        with pytest.raises(SpecError, match="IOM-E092"):
            ExtractWindow(label="before", **lengths)


def test_a_day_of_introduction_says_which_windows_with_dates_lie_after():
    years = tuple(ExtractWindow(label=str(y), start=dt.date(y, 1, 1), end=dt.date(y + 1, 1, 1)) for y in (2014, 2015))
    assert [w.post for w in extract(years, index_date=dt.date(2015, 1, 1)).windows] == [False, True]
    with pytest.raises(SpecError, match="inside a window"):
        extract(years, index_date=dt.date(2015, 6, 1))


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (["arr pre 1", "arr pre 2", "arr post 1", "arr post 2"], True),
        (["arr pre 2", "arr pre 1", "arr post 1", "arr post 2"], False),
        (["arr summer 2016", "arr winter 2016", "arr summer 2017"], True),
        (["arr winter 2016", "arr winter 2017"], False),
        (["arr winter 2015/16", "arr summer 2016", "arr winter 2016/17"], False),
    ],
)
def test_an_order_that_names_tell_in_two_ways_is_asked(names, asked):
    found = in_columns(names)
    assert found.columns == {"arr": tuple(names)}
    assert (EITHER_END in found.grid.questions) is asked
    assert all(w.start is None for w in found.grid.windows)  # a winter is no year


@pytest.mark.parametrize(("text", "period"), [("16/17", True), ("16/16", False), ("16/18", False), ("99/00", True)])
def test_a_financial_year_is_of_two_years_that_follow(text, period):
    assert is_period(text) == period


@pytest.mark.parametrize(
    ("names", "order", "either"),
    [
        (("pre 2", "pre 1", "post 1", "post 2"), (0, 1, 2, 3), False),  # the file counts them back
        (("1st year before", "2nd year before", "1st year after", "2nd year after"), (1, 0, 2, 3), False),
        (("pre 1", "pre 2", "post 1", "post 2"), (0, 1, 2, 3), True),
    ],
)
def test_numbers_before_are_counted_back_where_the_file_counts_down(names, order, either):
    found = in_columns(arrests(*names))
    assert found.columns == {"arrests": tuple(arrests(*names)[k] for k in order)}
    assert (EITHER_END in found.grid.questions) == either


@pytest.mark.parametrize(
    ("names", "months"),
    [
        (("1-12 months before", "1-12 months after"), 12),  # the first month to the twelfth
        (("0-12 months before", "0-12 months after"), 12),
        (("before, months 1 to 12", "after, months 1 to 12"), 12),
        (("6-12 months before", "6-12 months after"), None),  # six of them, or seven
    ],
)
def test_a_stretch_from_one_month_to_another_has_its_length_where_it_begins_with_the_first(names, months):
    found = in_columns(arrests(*names))
    assert found.columns == {"arrests": arrests(*names)}
    assert [w.months for w in found.grid.windows] == [months, months]
    assert (LENGTHS in found.grid.questions) == (months is None)


@pytest.mark.parametrize(
    ("names", "months"),
    [
        (("Q3 FY21", "Q4 FY21", "Q1 FY22"), 3),  # quarters that follow one another, across a year too
        (("Q1 FY21", "Q3 FY21"), None),
        (("FY21", "FY22"), 12),
        (("FY21", "FY23"), None),
        (("Q3", "Q4", "Q1"), 3),  # names that come round
        (("Q4", "Q2"), None),
    ],
)
def test_windows_are_as_long_as_their_names_say_where_one_follows_the_other(names, months):
    assert {w.months for w in in_columns(arrests(*names)).grid.windows} == {months}


def test_days_in_the_place_of_counts_are_named(tmp_path):
    rows = "".join(f"u{k},2019-01-{k % 28 + 1:02d},2020-01-{k % 28 + 1:02d}\n" for k in range(30))
    (tmp_path / "people.csv").write_text("urn,arrests before,arrests after\n" + rows, encoding="utf-8")
    begun = start(tmp_path / "study", source=tmp_path / "people.csv")
    assert begun.to_edit[-1] == "outcomes"
    assert "hold days and no numbers: give the columns the format of numbers" in begun.file.read_text("utf-8")


def test_half_years_by_their_months_have_dates():
    found = in_columns(arrests("Oct-Mar 2022", "Apr-Sep 2022"))
    assert [(w.start, w.end) for w in found.grid.windows] == [
        (dt.date(2021, 10, 1), dt.date(2022, 4, 1)),
        (dt.date(2022, 4, 1), dt.date(2022, 10, 1)),
    ]


def test_up_to_some_months_is_no_length():
    found = in_columns(["Arrests before (up to 24 months)", "Arrests after (up to 24 months)"])
    assert [w.months for w in found.grid.windows] == [None, None]
    assert found.grid.questions == (LENGTHS,)


def written(tmp_path, *names):
    rows = "".join(f"u{k}," + ",".join(str((k + t) % 4) for t in range(len(names))) + "\n" for k in range(40))
    (tmp_path / "people.csv").write_text("urn," + ",".join(names) + "\n" + rows, encoding="utf-8")
    return tmp_path / "people.csv"


@pytest.mark.parametrize(
    ("more", "asked"),
    [("Arrests during", True), ("Arrests 2019", True), ("Arrests for theft", False), ("Visits during", False)],
)
def test_a_column_of_another_period_than_those_that_are_read_is_asked_about(more, asked, tmp_path):
    found = guess(written(tmp_path, "Arrests before", more, "Arrests after"))
    assert any("not read: give it a window" in q.ask for q in found.questions) is asked


UNLIKE_LENGTHS = ("Arrests 24 months before", "Arrests 6 months after", "Convictions 12m pre", "Convictions 12m post")


def test_outcomes_over_unlike_lengths_are_asked_about(tmp_path):
    found = guess(written(tmp_path, *UNLIKE_LENGTHS))
    assert [q.key for q in found.questions] == ["windows"]
    assert "second study file" in found.questions[0].ask
    assert guess(written(tmp_path, *UNLIKE_LENGTHS[:2])).questions == ()


def stated(lengths, *names, **more):
    windows = tuple(
        ExtractWindow(label=label, months=months, post=label == "after")
        for label, months in zip(("before", "after"), lengths, strict=True)
    )
    outcomes = (ExtractOutcome(name="arrests", kind="count", columns=names),)
    return Extract(file="people.csv", id="urn", layout="wide", windows=windows, outcomes=outcomes, **more)


def test_windows_of_other_lengths_than_their_columns_state_are_refused(tmp_path):
    written(tmp_path, *UNLIKE_LENGTHS)
    arrested, convicted = UNLIKE_LENGTHS[:2], UNLIKE_LENGTHS[2:]
    for study in (stated((24, 6), *arrested), stated((12, 12), *convicted)):
        read_extract(study, tmp_path)
    read_extract(stated((None, None), *convicted, equal_windows=True), tmp_path)
    wrong = [stated((24, 6), *convicted), stated((12, 12), *arrested)]
    for study in (*wrong, stated((None, None), *arrested, equal_windows=True)):
        with pytest.raises(SpecError, match=r"is of .* months by its name"):
            read_extract(study, tmp_path)
