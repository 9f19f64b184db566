"""Each rule from events to a panel by itself, with the numbers worked out by hand; frames of any make."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest

import iom_causal as iom
from iom_causal.data.extract_parts import Monthly
from iom_causal.errors import InputError, SpecError
from iom_causal.windows import Window

INDEX = dt.date(2019, 1, 1)
YEARS = (Window("before", -365, 0), Window("after", 0, 365, post=True))
PEOPLE = pd.DataFrame({"id": ["a", "b"]})
INSIDE = "on a day in custody, after that of reception"
OUTSIDE = "wholly outside the windows in which the person was followed"


def log(*rows):
    return pd.DataFrame(rows, columns=["id", "date"])


def spells(*rows):
    return pd.DataFrame(rows, columns=["id", "start", "end"])


SOME = log(("a", "2018-06-01"), ("b", "2019-06-01"))


def read(events=SOME, custody=None, people=PEOPLE, **settings):
    return iom.read_events(people, events, custody, **{"windows": YEARS, "index_date": INDEX} | settings)


def code(note):
    return note.split(":")[0].removeprefix("IOM-")


def test_people_without_an_event_count_0_and_events_of_others_are_left_out():
    made = read(log(("a", "2018-06-01"), ("z", "2018-06-01"), ("z", "2018-06-02")))
    assert made.panel.outcome.tolist() == [[1, 0], [0, 0]]
    assert made.flow.number("events", "of nobody on the list") == 2
    assert made.flow.number("people", "without an event in any window") == 1
    assert made.panel.exposure.tolist() == [365, 365]


def test_one_arrest_with_many_offences_counts_once_on_its_first_day():
    rows = [("a", "2019-01-02", "C1"), ("a", "2018-12-31", "C1"), ("a", "2019-01-02", "C1"), ("b", "2019-01-02", "C2")]
    rows += [("b", "2019-01-02", None), ("b", "2019-01-02", None)]
    made = read(pd.DataFrame(rows, columns=["id", "date", "record"]), record="record")
    assert made.panel.outcome.tolist() == [[1, 0], [0, 3]]
    assert made.flow.number("events", "further rows of a custody record that is counted once") == 2


def recorded(*rows):
    return pd.DataFrame(rows, columns=["id", "date", "record"])


@pytest.mark.parametrize("word", ["N/K", "-", "0", 0, "unknown", "Not recorded"])
def test_words_for_no_record_are_no_record(word):
    made = read(
        recorded(("a", "2019-01-02", word), ("a", "2019-06-02", word), ("a", "2019-06-02", word)), record="record"
    )
    assert made.panel.outcome.tolist() == [[0, 3], [0, 0]]
    assert [code(note) for note in made.panel.notes] == ["W146"]


def test_a_record_of_several_people_or_of_many_days_is_one_event_a_day_and_is_said():
    own = [("a", "2019-01-02", "C1"), ("a", "2019-03-02", "C1"), ("a", "2019-03-02", "C1")]
    assert read(recorded(*own), record="record").panel.outcome.tolist() == [[0, 1], [0, 0]]
    for more in (("b", "2019-01-02", "C1"), ("a", "2019-12-02", "C1")):
        made = read(recorded(*own, more), record="record")
        assert made.panel.outcome.sum() == 3
        assert [code(note) for note in made.panel.notes] == ["W145"]


def test_the_column_of_days_as_record_makes_one_event_a_day(tmp_path):
    rows = log(("a", "2019-01-02"), ("a", "2019-01-02"), ("a", "2019-01-03"), ("b", "2019-01-02"))
    rows.to_csv(tmp_path / "log.csv", index=False)
    for source in (rows, tmp_path / "log.csv"):
        assert read(source, record="date").panel.outcome.tolist() == [[0, 2], [0, 1]]


def test_events_on_the_index_date_of_many_are_said_unless_the_study_says_whether_they_count():
    people = pd.DataFrame({"id": [f"p{k}" for k in range(40)]})
    events = log(*[(f"p{k}", "2019-01-01" if k < 5 else "2019-01-02") for k in range(40)])
    assert [code(note) for note in read(events, people=people).panel.notes] == ["W147"]
    assert not read(events[1:], people=people).panel.notes
    for said, total in (("keep", 40), ("exclude", 35)):
        made = read(events, people=people, index_event=said)
        assert not made.panel.notes
        assert made.panel.outcome.sum() == total


def test_a_record_counts_where_a_filter_leaves_one_of_its_rows():
    rows = [
        ("a", "2019-01-02", "C1", "breach"),
        ("a", "2019-01-02", "C1", "theft"),
        ("b", "2019-01-02", "C2", "breach"),
    ]
    table = pd.DataFrame(rows, columns=["id", "date", "record", "reason"])
    without = iom.Filter(column="reason", drop=("breach",), reason="supervision makes them")
    made = read(table, record="record", filters=[without])
    assert made.panel.outcome.tolist() == [[0, 1], [0, 0]]
    assert made.flow.number("events", "set aside by the filter on reason: supervision makes them") == 2
    assert read(table, record="record").panel.outcome.tolist() == [[0, 1], [0, 1]]


def test_windows_are_half_open_and_a_gap_counts_in_neither():
    windows = (Window("before", -30, -10), Window("after", 0, 30, post=True))
    days = [-31, -30, -11, -10, -1, 0, 29, 30]
    made = read(log(*(("a", INDEX + dt.timedelta(days=d)) for d in days)), windows=windows)
    assert made.panel.outcome.tolist() == [[2, 2], [0, 0]]
    steps = ("before the first window", "between the windows", "after the last window")
    assert [made.flow.number("events", s) for s in steps] == [1, 2, 1]


def test_the_arrest_by_which_somebody_got_in_can_be_left_out():
    people = pd.DataFrame({"id": ["a", "b"], "entry": ["2019-01-01", "2019-03-01"]})
    events = log(("a", "2019-01-01"), ("b", "2019-03-01"), ("b", "2019-01-01"))
    assert read(events, people=people, index_date="entry").panel.outcome.tolist() == [[0, 1], [1, 1]]
    made = read(events, people=people, index_date="entry", index_event="exclude")
    assert made.panel.outcome.tolist() == [[0, 0], [1, 0]]
    assert made.flow.number("events", "on the person's index date") == 2
    assert made.panel.index_date.tolist() == [dt.date(2019, 1, 1), dt.date(2019, 3, 1)]


def test_overlapping_spells_count_each_day_once_and_half_open():
    held = spells(
        ("a", "2019-02-01", "2019-02-11"), ("a", "2019-02-06", "2019-02-16"), ("b", "2019-02-01", "2019-02-01")
    )
    made = read(custody=held)
    assert made.panel.exposure.tolist() == [[365, 350], [365, 365]]
    assert [code(n) for n in made.panel.notes] == ["W140"]
    assert made.flow.number("custody", "begun and ended on one day, without a night inside") == 1


def test_an_arrest_on_the_day_of_reception_is_at_liberty_and_one_on_a_later_day_inside_is_told():
    held = spells(("a", "2019-02-01", "2019-02-11"))
    days = ("2019-02-01", "2019-02-02", "2019-02-11")
    made = read(log(*(("a", day) for day in days)), held)
    assert made.panel.outcome.tolist() == [[0, 2], [0, 0]]
    assert made.flow.number("events", INSIDE) == 1
    assert [code(n) for n in made.panel.notes] == ["W143"]
    kept = read(log(*(("a", day) for day in days)), held, in_custody="keep")
    assert kept.panel.outcome.tolist() == [[0, 3], [0, 0]]
    assert kept.flow.number("events", INSIDE) == 1
    assert kept.panel.exposure.tolist() == made.panel.exposure.tolist()


def test_an_arrest_on_the_day_of_release_by_which_somebody_is_held_again_is_at_liberty():
    held = spells(("a", "2019-02-01", "2019-02-11"), ("a", "2019-02-11", "2019-02-21"))
    made = read(log(("a", "2019-02-11"), ("a", "2019-02-12")), held)
    assert made.panel.outcome.tolist() == [[0, 1], [0, 0]]
    assert made.panel.exposure.tolist() == [[365, 345], [365, 365]]
    assert made.flow.number("custody", "overlapping or touching another of the same person, each day counted once") == 1


def test_a_constant_rate_at_liberty_comes_out_the_same_in_windows_with_unlike_custody():
    rng = np.random.default_rng(5)
    n, rate, inside_rate = 400, 0.02, 0.01
    start = dt.date(2018, 1, 1)
    arrests, held = [], []
    for who in range(n):
        received = 365 + rng.integers(0, 150)
        released = received + rng.integers(60, 200)
        held.append((str(who), start + dt.timedelta(int(received)), start + dt.timedelta(int(released))))
        chance = np.where((np.arange(730) >= received) & (np.arange(730) < released), inside_rate, rate)
        arrests += [(str(who), str(start + dt.timedelta(int(d)))) for d in np.flatnonzero(rng.random(730) < chance)]
    people = pd.DataFrame({"id": [str(who) for who in range(n)]})

    def ratio(in_custody):
        panel = read(log(*arrests), spells(*held), people=people, in_custody=in_custody).panel
        before, after = panel.outcome.sum(axis=0) / panel.exposure.sum(axis=0)
        return after / before

    share = 0.5 * 130 / 235  # of events inside, for the mean days inside and at liberty
    assert ratio("exclude") == pytest.approx(1, abs=0.05)
    assert ratio("keep") == pytest.approx(1 + share, abs=0.06)


def test_a_spell_without_a_release_runs_to_the_day_of_the_extract_or_the_last_window():
    held = spells(("a", "2019-12-01", None))
    for extracted in (None, dt.date(2020, 1, 1)):
        made = read(custody=held, extracted=extracted)
        assert made.panel.exposure.tolist() == [[365, 334], [365, 365]]
        assert [code(n) for n in made.panel.notes] == ["W142"]


def test_a_window_in_custody_throughout_is_no_time_at_risk_and_no_event_of_it_counts():
    held = spells(("a", "2018-12-01", "2020-02-01"))
    for in_custody, step in (
        ("exclude", INSIDE),
        ("keep", "in a window that the person spent in custody throughout"),
    ):
        made = read(log(("a", "2019-05-01"), ("b", "2019-05-01")), held, in_custody=in_custody)
        assert made.panel.exposure.tolist() == [[334, 0], [365, 365]]
        np.testing.assert_array_equal(made.panel.outcome, [[0, np.nan], [0, 1]])
        assert made.flow.number("events", step) == 1
        assert "W141" in [code(n) for n in made.panel.notes]
    both = spells(*((who, "2018-12-01", "2020-02-01") for who in "ab"))
    with pytest.raises(InputError, match="IOM-E046"):
        read(custody=both)


def test_spells_that_end_before_they_start_are_refused_and_those_elsewhere_left_out():
    with pytest.raises(InputError, match=r"IOM-E045: .* 1 spell in custody ends before it starts") as caught:
        read(custody=spells(("a", "2019-02-02", "2019-02-01")))
    assert "2019" not in str(caught.value)
    held = spells(("a", "2010-01-01", "2011-01-01"), ("b", "2021-01-01", None), ("z", "2019-02-02", "2019-02-01"))
    made = read(custody=held)
    assert made.panel.exposure.tolist() == [365, 365]
    assert made.flow.number("custody", OUTSIDE) == 2
    assert made.flow.number("custody", "of nobody on the list") == 1


@pytest.mark.parametrize(
    ("first", "release", "nights"),
    [
        ("2017-06-01", "2018-01-01", 0),  # released on the first day of the first window: no night in it
        ("2017-06-01", "2018-01-02", 1),
        ("2019-12-31", None, 1),
        ("2020-01-01", None, 0),  # received on the day on which the last window has ended
    ],
)
def test_a_spell_without_a_night_in_a_window_is_outside(first, release, nights):
    made = read(custody=spells(("a", first, release)))
    assert made.panel.exposure.sum() == (4 * 365 - nights if nights else 2 * 365)
    assert made.flow.number("custody", "counted") == bool(nights)
    assert made.flow.number("custody", OUTSIDE) == (not nights)


@pytest.mark.parametrize(("first", "outside"), [("2019-01-31", 0), ("2019-02-01", 1)])
def test_a_spell_from_the_day_on_which_nobody_follows_is_outside(first, outside):
    people = pd.DataFrame({"id": ["a", "b"], "died": ["2019-02-01", None]})
    made = read(custody=spells(("a", first, None)), people=people, until="died")
    assert made.flow.number("custody", OUTSIDE) == outside


@pytest.mark.parametrize(("died", "lost"), [("2019-12-31", 1), ("2020-01-01", 0)])
def test_who_is_followed_to_the_end_of_the_last_window_is_not_lost(died, lost):
    people = pd.DataFrame({"id": ["a", "b"], "died": [died, None]})
    made = read(people=people, until="died")
    assert made.flow.number("people", "no longer followed before the last window ends") == lost


def test_nobody_is_followed_from_death_or_a_move_on():
    people = pd.DataFrame({"id": ["a", "b"], "died": ["2019-02-01", None]})
    events = log(("a", "2019-01-21"), ("a", "2019-02-01"), ("b", "2019-02-01"))
    made = read(events, spells(("a", "2019-01-21", "2019-06-01")), people, until="died")
    assert made.panel.outcome.tolist() == [[0, 1], [0, 1]]
    assert made.panel.exposure.tolist() == [[365, 20], [365, 365]]
    assert made.flow.number("events", "from the day on which the person was no longer followed") == 1
    assert made.flow.number("people", "no longer followed before the last window ends") == 1


def test_personal_follow_up_ends_with_the_data_and_a_common_window_beyond_them_is_refused():
    people = pd.DataFrame({"id": ["a", "b"], "entry": ["2019-01-01", "2019-07-01"]})
    made = read(
        log(("b", "2019-12-31"), ("b", "2020-01-01")), people=people, index_date="entry", extracted=dt.date(2020, 1, 1)
    )
    assert made.panel.exposure.tolist() == [[365, 365], [365, 184]]
    assert made.panel.outcome.tolist() == [[0, 0], [0, 1]]
    assert made.flow.number("events", "on or after the day on which the data were taken") == 1
    assert made.flow.number("people", "with data that end before the last window does") == 1
    with pytest.raises(InputError, match="IOM-E044"):
        read(extracted=dt.date(2019, 12, 31))


def test_clocks_and_leap_days_move_no_day():
    spring = spells(("a", "2019-03-30 23:30", "2019-04-01 00:30"))  # clocks went forward on the 31st
    assert read(custody=spring).panel.exposure.tolist() == [[365, 363], [365, 365]]
    leap = dt.date(2020, 2, 29)
    made = read(log(("a", "2019-03-01"), ("a", "2021-02-27"), ("a", "2021-02-28")), index_date=leap)
    assert made.panel.outcome.tolist() == [[1, 1], [0, 0]]  # a year of 365 days from 29 February ends on 27 February


def test_months_are_those_of_the_calendar_or_a_twelfth_of_a_year_from_each_index_date():
    calendar = Monthly(first=dt.date(2018, 11, 1), after=INDEX, last=dt.date(2019, 2, 1))
    made = read(log(("a", "2018-11-30"), ("a", "2019-02-28"), ("a", "2019-03-01")), windows=None, months=calendar)
    assert made.panel.outcome.tolist() == [[1, 0, 0, 1], [0, 0, 0, 0]]
    assert made.panel.exposure.tolist() == [30, 31, 31, 28]
    made = read(windows=None, months=(2, 1))
    assert [(w.label, w.start, w.end) for w in made.panel.windows] == [
        ("month -2", -61, -30),
        ("month -1", -30, 0),
        ("month 1", 0, 30),
    ]


@pytest.mark.parametrize("given", [{}, {"windows": YEARS, "months": (1, 1)}])
def test_windows_or_months_are_given(given):
    with pytest.raises(SpecError, match="IOM-E096"):
        iom.panel_from_events(PEOPLE, SOME, index_date=INDEX, **given)


def test_a_day_in_quotation_marks_is_no_column():
    with pytest.raises(SpecError, match=r"IOM-E092.*datetime.date"):
        iom.panel_from_events(PEOPLE, SOME, index_date="2019-01-01", windows=YEARS)


def test_ids_that_have_nothing_in_common_and_ids_twice_are_refused():
    with pytest.raises(InputError, match="IOM-E023"):
        read(log(("7", "2018-06-01")))
    with pytest.raises(InputError, match="IOM-E023"):
        read(custody=spells(("7", "2018-06-01", "2018-06-02")))
    with pytest.raises(InputError, match="IOM-E020"):
        read(people=pd.DataFrame({"id": ["a", "a"]}))


def test_missing_dates_are_counted_and_told():
    made = read(log(("a", None), ("a", "2018-06-01")), spells(("a", None, "2018-06-02"), ("b", None, None)))
    assert made.flow.number("events", "without a date") == 1
    assert made.flow.number("custody", "without a first day") == 2
    assert [code(n) for n in made.panel.notes] == ["W144", "W144"]


@pytest.mark.parametrize("bad", ["31/12/2018", "2018-02-30", "9998-12-31"])
def test_dates_of_another_form_or_century_are_refused_without_the_cell(bad):
    with pytest.raises(InputError, match=r"IOM-E05[013]") as caught:
        read(log(("a", bad)))
    assert bad not in str(caught.value)
    assert read(log(("a", "31/12/2018")), dates="dd/mm/yyyy").panel.outcome.tolist() == [[1, 0], [0, 0]]


def test_no_log_at_all_is_a_log_without_events():
    everything = iom.Filter(column="id", drop=("a",))
    assert read(log(), spells(), filters=[everything]).panel.outcome.tolist() == [[0, 0], [0, 0]]
    assert read(log(("a", "2018-06-01")), filters=[everything]).panel.outcome.tolist() == [[0, 0], [0, 0]]


NUMBERED = pd.DataFrame({"id": [7, 10**12, 8]})


@pytest.mark.parametrize("ids", [NUMBERED, pd.DataFrame({"id": [7, 9, 8]}), pd.DataFrame({"id": ["7", "x", "8"]})])
@pytest.mark.parametrize("events", [[8, 8, 7, 3], ["8", "8", "7", None]])
def test_numbers_and_text_are_the_same_ids(ids, events):
    table = pd.DataFrame({"id": events, "date": pd.to_datetime(["2018-05-01"] * 4)})
    assert read(table, people=ids).panel.outcome.tolist() == [[1, 0], [0, 0], [2, 0]]


def test_frames_of_other_makes_and_units_of_time_give_the_same():
    events, held = log(("a", "2018-06-01"), ("b", "2019-06-01")), spells(("a", "2019-02-01", "2019-02-11"))
    expected = read(events, held).panel
    for unit in ("s", "ms", "us", "ns"):
        days = [t.assign(**{c: t[c].astype(f"M8[{unit}]") for c in t if c != "id"}) for t in (events, held)]
        assert read(*days).panel.equals(expected)
        assert read(*(pl.from_pandas(t) for t in days), people=pl.from_pandas(PEOPLE)).panel.equals(expected)
    dated = [pl.from_pandas(t).with_columns(pl.exclude("id").str.to_date()) for t in (events, held)]
    assert read(*dated).panel.equals(expected)
    zoned = events.assign(date=pd.to_datetime(events["date"]).dt.tz_localize("Europe/London"))
    assert read(zoned, held).panel.equals(expected)


def test_what_the_list_says_of_people_goes_along():
    people = pd.DataFrame(
        {"id": ["a", "b"], "group": [1, 0], "alike": [1, 1], "born": ["1989-01-01", None], "team": ["n", "s"]}
    )
    panel = read(
        people=people, group="group", selected="alike", date_of_birth="born", covariates=["team"], name="arrests"
    ).panel
    assert panel.group.tolist() == [True, False]
    assert panel.alike.tolist() == [False, True]
    assert round(panel.age[0], 2) == 30
    assert np.isnan(panel.age[1])
    assert panel.covariates["team"].tolist() == ["n", "s"]
    assert panel.name == "arrests"


def test_the_flow_is_drawn_and_tells_no_id_and_no_day():
    made = read(custody=spells(("a", "2019-02-01", "2019-02-11")))
    assert list(made.flow.tidy().columns) == ["table", "step", "role", "n"]
    drawn = " ".join(t.get_text() for t in made.flow.plot().texts)
    assert "on the list: 2" in drawn
    assert "2019" not in drawn + str(made.flow)


def test_index_dates_that_are_releases_of_most_people_are_said():
    held = spells(("a", "2018-12-01", "2019-01-01"))
    assert read(custody=held).flow.number("people", "released from custody on their own index date") == 0
    both = spells(*((who, "2018-12-01", "2019-01-01") for who in "ab"))
    made = read(custody=both)
    assert made.flow.number("people", "released from custody on their own index date") == 2
    assert [code(n) for n in made.panel.notes] == ["W148"]


def test_an_arrest_by_which_somebody_is_held_throughout_a_window_counts_on_a_day_at_risk():
    held = spells(("a", "2019-01-01", "2020-02-01"))
    made = read(log(("a", "2019-01-01"), ("a", "2019-05-01"), ("b", "2019-05-01")), held)
    assert made.panel.outcome.tolist() == [[0, 1], [0, 1]]
    assert made.panel.exposure.tolist() == [[365, 1], [365, 365]]
    assert made.flow.number("people", "in custody throughout a window") == 0


def test_the_index_date_goes_with_its_events():
    rows = log(("a", "2019-01-01"), ("a", "2019-05-01"))
    assert read(rows, index_event="keep").panel.exposure.tolist() == [365, 365]
    made = read(rows, index_event="exclude")
    assert made.panel.outcome.tolist() == [[0, 1], [0, 0]]
    assert made.panel.exposure.tolist() == [[365, 364], [365, 364]]
    inside = spells(("a", "2018-12-30", "2019-01-11"))
    assert read(rows, inside, index_event="exclude").panel.exposure.tolist() == [[363, 355], [365, 364]]
