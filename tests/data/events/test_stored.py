"""Files read in parts: dates, ids and filters as in memory, and what is refused."""

import datetime as dt
import inspect

import duckdb
import numpy as np
import pandas as pd
import pytest

import iom_causal as iom
from iom_causal.errors import InputError
from iom_causal.windows import Window

INDEX = dt.date(2019, 1, 1)
YEARS = (Window("before", -365, 0), Window("after", 0, 365, post=True))
PEOPLE = pd.DataFrame({"id": ["a", "b"]})


def written(tmp_path, text, name="log.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def counts(log, people=PEOPLE, **settings):
    return iom.panel_from_events(people, log, windows=YEARS, index_date=INDEX, **settings).outcome.tolist()


@pytest.mark.parametrize(
    ("form", "day"),
    [
        ("dd/mm/yyyy", "03.04.2019"),
        ("mm/dd/yyyy", "04/03/2019"),
        ("dd-mon-yyyy", "03-Apr-2019"),
        ("yyyy-mm-dd", "2019-4-3"),
        ("excel", "43558"),
    ],
)
def test_every_form_of_dates_is_read(tmp_path, form, day):
    assert counts(written(tmp_path, f"id,date\na,{day}\n"), dates=form) == [[0, 1], [0, 0]]


def test_the_local_day_of_a_time_counts(tmp_path):
    for zone in ("", "+01:00"):
        text = f"id,date\na,2018-12-31 23:59:59{zone}\nb,2018-12-31T23:30:00{zone}\n"
        assert counts(written(tmp_path, text)) == [[1, 0], [1, 0]]


def test_a_row_that_two_filters_drop_is_of_the_first(tmp_path):
    log = written(
        tmp_path, "id,date,code,points\na,2019-02-01,1,2\na,2019-02-02,1,5\nb,2019-02-01,2,2\nb,2019-02-02,2,5\n"
    )
    rules = [iom.Filter(column="code", drop=("1",)), iom.Filter(column="points", low=4.0)]
    for source in (log, pd.read_csv(log, dtype=str)):
        read = iom.read_events(PEOPLE, source, windows=YEARS, index_date=INDEX, filters=rules)
        aside = [step.number for step in read.flow.steps if "filter" in step.what]
        assert (aside, read.panel.outcome.tolist()) == ([2, 1], [[0, 0], [0, 1]])


def test_whole_numbers_are_ids_and_filters_read_text_numbers_and_bounds(tmp_path):
    log = written(
        tmp_path,
        'id,date,"a ""code""",points\n7,2019-02-01,1,5\n7,2019-02-01,2,\n8,2019-02-01,x,9.5\n8,2019-02-01,,3\n',
    )
    people = pd.DataFrame({"id": [7, 8]})
    rules = {
        iom.Filter(column='a "code"', keep=(1.0, "x")): [1, 1],
        iom.Filter(column='a "code"', drop=("1",)): [1, 2],
        iom.Filter(column="points", low=4.0): [1, 1],
    }
    frame = pd.read_csv(log, dtype={"id": "int64"}).astype({'a "code"': object})
    for rule, expected in rules.items():
        for source in (log, frame):
            assert [after for _, after in counts(source, people, filters=[rule])] == expected


def test_codes_and_the_mark_of_decimals_are_those_of_files_that_are_read_whole(tmp_path):
    log = written(tmp_path, 'id,date,points\na,2019-02-01,"1,5"\na,n/k,"2,5"\nb,9999-12-31,-9\nb,2019-02-01,3\n')
    spells = written(tmp_path, "id,start,end\na,2019-03-01,9999-12-31\n", "spells.csv")
    how = {"missing": ("n/k", "9999-12-31", -9), "filters": [iom.Filter(column="points", low=1)], "decimal": ","}
    frames = pd.read_csv(log, keep_default_na=False), pd.read_csv(spells)
    panels = [
        iom.panel_from_events(PEOPLE, events, custody, windows=YEARS, index_date=INDEX, **how)
        for events, custody in ((log, spells), frames)
    ]
    assert [p.outcome.tolist() for p in panels] == 2 * [[[0, 1], [0, 1]]]
    assert panels[0].exposure.tolist() == panels[1].exposure.tolist() == [[365, 59], [365, 365]]
    for source in (log, frames[0]):
        refused("IOM-E050", source, missing=("9999-12-31",))
        refused("IOM-E031", source, **(how | {"decimal": "."}))
    days = frames[0].assign(date=np.array(["2019-02-01", "NaT", "9999-12-31", "2019-02-01"], dtype="M8[s]"))
    refused("IOM-E053", days)
    assert counts(days, missing=("9999-12-31",)) == [[0, 1], [0, 1]]


def test_both_readings_take_the_same():
    one, both = inspect.signature(iom.panel_from_events), inspect.signature(iom.read_events)
    assert one.parameters == both.parameters
    assert one.return_annotation is iom.Panel
    assert iom.panel_from_events.__doc__ == iom.read_events.__doc__


def refused(code, log, **settings):
    with pytest.raises(InputError, match=code) as caught:
        counts(log, **settings)
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None


def test_what_cannot_be_read_is_refused_by_code_without_a_cell(tmp_path):
    refused("IOM-E050", written(tmp_path, "id,date\na,canary\n"))
    refused("IOM-E053", written(tmp_path, "id,date\na,9999-12-31\n"))
    refused("IOM-E009", written(tmp_path, "id,when\na,2019-01-01\n"))
    refused("IOM-E009", tmp_path / "absent.csv")
    refused("IOM-E015", written(tmp_path, "id,date\n", "log.txt"))
    refused("IOM-E014", written(tmp_path, "canary", "log.parquet"))
    refused("IOM-E014", written(tmp_path, "id,date\na,2019-01-01,canary,x\na,2019-01-01\n"))
    some = written(tmp_path, "id,date,points\na,2019-01-01,canary\n")
    refused("IOM-E035", some, filters=[iom.Filter(column="points", high=4.0)])
    refused("IOM-E050", some, dates="excel")


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("IOM-E022", "SELECT 1.5 AS id, DATE '2019-01-01' AS date"),
        ("IOM-E052", "SELECT 'a' AS id, TIMESTAMPTZ '2019-01-01 00:00:00+00' AS date"),
    ],
)
def test_ids_that_are_decimals_and_times_with_a_zone_are_refused(tmp_path, code, made):
    path = tmp_path / "log.parquet"
    with duckdb.connect() as db:
        db.execute(f"COPY ({made}) TO '{path}'")
    refused(code, path)


def outcome(log, **settings):
    """Counts, or the code of what is refused."""
    try:
        return counts(log, **settings)
    except InputError as error:
        return error.code


BEFORE = [[1, 0], [0, 0]]
KEPT = iom.Filter(column="points", low=4.0)
HABITS = [
    ("2018-11-05", "yyyy-mm-dd", BEFORE),
    (" 2018-11-05 ", "yyyy-mm-dd", BEFORE),
    ("2018-11-05 14:30:59.123", "yyyy-mm-dd", BEFORE),
    ("05/11/2018 14:30", "dd/mm/yyyy", BEFORE),
    ("05/11/2018 14:30:00:99", "dd/mm/yyyy", "IOM-E050"),
    ("5-January-2018", "dd-mon-yyyy", BEFORE),
    ("5 Sept 2018", "dd-mon-yyyy", BEFORE),
    ("31/02/2018", "dd/mm/yyyy", "IOM-E051"),
    ("01/01/1018", "dd/mm/yyyy", "IOM-E053"),
    ("43409", "yyyy-mm-dd", "IOM-E050"),
]
AMOUNTS = [("5", BEFORE), (" 5", BEFORE), ("£5", BEFORE), ("3", [[0, 0], [0, 0]]), ("", [[0, 0], [0, 0]])]
AMOUNTS += [("inf", "IOM-E033"), ("1;5", "IOM-E031")]


@pytest.fixture(params=["memory", "parts"])
def source(request, tmp_path):
    """A log of one text, in memory or in a file."""

    def made(text):
        path = written(tmp_path, text)
        return path if request.param == "parts" else pd.read_csv(path, dtype=str, keep_default_na=False)

    return made


@pytest.mark.parametrize(("day", "form", "expected"), HABITS)
def test_both_readers_read_the_same_dates(source, day, form, expected):
    assert outcome(source(f"id,date\na,{day}\n"), dates=form) == expected


def test_times_of_which_some_name_a_zone_are_refused_by_both(source):
    assert outcome(source("id,date\na,2018-12-31 23:59:59\nb,2018-12-31T23:30:00+01:00\n")) == "IOM-E052"


@pytest.mark.parametrize(("cell", "expected"), AMOUNTS)
def test_both_readers_read_the_same_numbers_in_filters(source, cell, expected):
    assert outcome(source(f"id,date,points\na,2018-11-05,{cell}\n"), filters=[KEPT]) == expected


def test_both_readers_match_words_without_the_spaces_around_them(source):
    text = "id,date,code\na,2018-11-05, 1\na,2018-11-06,2\nb,2018-11-07,\n"
    assert outcome(source(text), filters=[iom.Filter(column="code", keep=("1",))]) == BEFORE
    assert outcome(source(text), filters=[iom.Filter(column="code", drop=("1",))]) == [[1, 0], [1, 0]]


def test_what_is_refused_says_of_how_many_rows(source):
    with pytest.raises(InputError, match="2 of 3 cells"):
        counts(source("id,date\na,soon\na,soon\na,2018-11-05\n"))


def test_a_log_of_nobody_on_the_list_is_refused_by_the_name_of_its_column(source):
    with pytest.raises(InputError, match=r"IOM-E023.*'urn'"):
        counts(source("urn,date\nz,2018-11-05\n"), PEOPLE.rename(columns={"id": "urn"}), id="urn")


def test_more_events_of_a_person_than_can_be_counted_are_refused(source):
    assert outcome(source("id,date\n" + "a,2018-11-05\n" * 65_534)) == [[65_534, 0], [0, 0]]
    assert outcome(source("id,date\n" + "a,2018-11-05\n" * 65_535)) == "IOM-E032"
