"""What is odd in a log and in spells, planted and found."""

import datetime as dt

import numpy as np
import pandas as pd

import iom_causal as iom

PEOPLE = pd.DataFrame({"id": [f"{k:02d}" for k in range(40)], "born": ["1990-05-01"] * 39 + [None]})
TAKEN = dt.date(2020, 1, 1)
RECORDED = "custody records with rows of several"


def even(rows=2_000, seed=1):
    """A log without fault: days spread evenly over four years, a record each."""
    rng = np.random.default_rng(seed)
    of_each = np.stack([rng.choice(1_400, rows // 40, replace=False) for _ in range(40)], axis=1)
    day = np.datetime64("2016-01-02") + of_each.ravel()
    return pd.DataFrame(
        {"id": np.tile(PEOPLE["id"], rows // 40), "date": day, "record": [f"C{k}" for k in range(rows)]}
    )


def checked(events, custody=None):
    return iom.check_events(PEOPLE, events, custody, record="record", extracted=TAKEN, date_of_birth="born")


def odd(quality):
    return {(c.table, c.what) for c in quality.checks if c.odd}


def test_a_log_without_fault_has_nothing_odd():
    quality = checked(even())
    assert odd(quality) == set()
    assert sum(n for _, n in quality.months) == 2_000


def test_an_event_on_the_day_of_birth_is_not_before_it():
    log = even()
    log.loc[6, "date"] = pd.Timestamp("1990-05-01")
    assert checked(log).number("events", "before the person's birth") == 0


def test_each_fault_is_counted_and_odd_and_nothing_else_is():
    log, plain = even(), even()
    log.loc[0, "id"] = None
    log.loc[1:3, "date"] = pd.NaT
    log.loc[4:5, "date"] = pd.Timestamp("2020-01-02")
    log.loc[6, "date"] = pd.Timestamp("1990-04-30")
    log.loc[7, "record"] = log.loc[8, "record"]
    quality = checked(log)
    found = {
        "without an id": 1,
        "without a date": 3,
        "after the day on which the data were taken": 2,
        "before the person's birth": 1,
        f"{RECORDED} people": 1,
    }
    assert {what: quality.number("events", what) for what in found} == found
    assert odd(quality) - {("events", "months without an event, from the first to the last")} == {
        ("events", what) for what in found
    }
    strangers = plain.assign(id=np.where(np.arange(len(plain)) < 200, "no", plain["id"]))
    assert odd(checked(strangers)) == {("events", "of nobody on the list")}
    some = plain[plain["id"] < "15"]
    assert odd(checked(some)) == {("people", "without any event in the log")}


def test_heaped_days_and_months_without_events_are_found():
    log = even()
    heaped = log.assign(date=log["date"].where(np.arange(len(log)) % 10 > 0, np.datetime64("2018-01-01")))
    assert odd(checked(heaped)) == {("events", "on 1 January"), ("events", "on the first day of a month")}
    gap = log[(log["date"] < "2017-03-01") | (log["date"] >= "2017-06-01")]
    quality = checked(gap)
    assert odd(quality) == {("events", "months without an event, from the first to the last")}
    assert dict(quality.months)["2017-04"] == 0


def test_rows_of_one_day_and_out_of_order_are_counted():
    rows = [("00", "2019-02-01", "A"), ("00", "2019-02-01", "A"), ("00", "2019-01-01", "A"), ("01", "2018-01-01", None)]
    quality = checked(pd.DataFrame(rows, columns=["id", "date", "record"]))
    assert quality.number("events", "on the same day as an earlier row of the same person") == 1
    assert quality.number("events", "dated before the row above it of the same person") == 1
    assert quality.number("events", f"{RECORDED} days") == 1
    assert quality.number("events", "without a custody record") == 1


def test_spells_are_checked_and_none_is_refused():
    rows = [("00", "2019-01-01", "2019-02-01"), ("00", "2019-01-15", None), ("01", "2019-02-02", "2019-02-01")]
    rows += [("no", "2019-01-01", "2019-01-02"), ("02", None, "2019-01-02"), ("02", "2020-02-01", None)]
    quality = checked(even(), pd.DataFrame(rows, columns=["id", "start", "end"]))
    found = {
        "of nobody on the list": 1,
        "without a date": 1,
        "after the day on which the data were taken": 1,
        "ended before they start": 1,
        "overlapping or touching another of the same person": 1,
    }
    assert {what: quality.number("custody", what) for what in found} == found
    assert quality.number("custody", "without a day of release") == 2
    assert odd(quality) == {("custody", what) for what in found}
    assert "2019" not in str(quality)
