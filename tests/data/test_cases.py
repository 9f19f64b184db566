"""Inputs on which this or other software once went wrong without a word: each is read right, asked about or refused."""

import csv
import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import iom_causal as iom
from iom_causal.errors import IomCausalError
from iom_causal.published.audit.audit import audit
from iom_causal.published.study import load_published
from tests.data.walk import Walked, walk

PEOPLE = 30
BEFORE = [(7 * k + k * k) % 9 for k in range(PEOPLE)]
AFTER = [(5 * k + 2 * k * k) % 6 for k in range(PEOPLE)]
IDS = [f"P{k:03d}" for k in range(PEOPLE)]
SUMS = [sum(BEFORE), sum(AFTER)]
HEAD = ("id", "arrests before", "arrests after")
ROWS = [list(row) for row in zip(IDS, BEFORE, AFTER, strict=True)]


def comma_separated(folder, *rows):
    file = folder / "people.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return file


def spss(folder, columns, **settings):
    file = folder / "people.sav"
    pyreadstat.write_sav(pd.DataFrame({"id": IDS} | columns), str(file), **settings)
    return file


def workbook(folder, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book, folder / "people.xlsx"


def codes_two_kinds(folder):
    after = [(-9, -8)[k % 2] if k < 4 else 45 + k % 11 for k in range(PEOPLE)]
    rows = zip(IDS, [50 + k % 15 for k in range(PEOPLE)], after, strict=True)
    return comma_separated(folder, ("id", "score_before", "score_after"), *rows)


def declared_missing_words(folder):
    team = ["ZZ" if k < 8 else ("north", "south")[k % 2] for k in range(PEOPLE)]
    columns = {"team": team, "arrests_pre": BEFORE, "arrests_post": AFTER}
    return spss(folder, columns, missing_ranges={"team": ["ZZ"]})


def ids_look_the_same(folder):
    return comma_separated(folder, HEAD, *ROWS, *([f"{urn}\u200b", 4, 3] for urn in IDS[:6]))


def labels_bands(folder):
    words = {0: "None", 1: "1-2", 2: "3-5", 3: "6 or more"}
    columns = {"arrests_pre": [k % 4 for k in BEFORE], "arrests_post": [k % 4 for k in AFTER]}
    return spss(folder, columns, variable_value_labels=dict.fromkeys(columns, words))


def labels_refused(folder):
    columns = {"arrests_pre": [88] * 4 + BEFORE[4:], "arrests_post": AFTER}
    words = {77: "Don't know", 88: "Refused"}
    return spss(folder, columns, variable_value_labels=dict.fromkeys(columns, words))


def labels_yes_no(folder):
    columns = {"employed_pre": [1 + (k > 4) for k in BEFORE], "employed_post": [1 + (k > 2) for k in AFTER]}
    return spss(folder, columns, variable_value_labels={key: {1: "Yes", 2: "No"} for key in columns})


def parquet_uuid_ids(folder):
    file = folder / "people.parquet"
    frame = pd.DataFrame({"n": range(PEOPLE), "before": BEFORE, "after": AFTER})
    urn = "CAST('00000000-0000-0000-0000-' || lpad(CAST(n AS VARCHAR), 12, '0') AS UUID)"
    with duckdb.connect() as db:
        db.register("people", frame)
        rows = db.sql("FROM people ORDER BY n").project(
            f"{urn} AS id, before AS arrests_before, after AS arrests_after"
        )
        rows.write_parquet(str(file))
    return file


def periods_as_words(folder):
    quarters = ("Q3 2015", "Q4 2015", "Q1 2016", "Q2 2016")
    rows = ((urn, q, (k + j) % 5) for k, urn in enumerate(IDS) for j, q in enumerate(quarters))
    return comma_separated(folder, ("id", "period", "arrests"), *rows)


def row_numbers(folder):
    return comma_separated(folder, ("", *HEAD), *([k, *row] for k, row in enumerate(ROWS)))


def stray_quotes(folder):
    names = [f"n{k}" for k in range(PEOPLE)]
    names[4], names[11] = '"Mo', 'Jo"'
    file = folder / "people.csv"
    lines = [f"{urn},{name},{a},{b}" for (urn, a, b), name in zip(ROWS, names, strict=True)]
    file.write_text("\n".join(["id,name,arrests before,arrests after", *lines, ""]), encoding="utf-8")
    return file


def from_1904(folder):
    born = [27_759 + 97 * k for k in range(PEOPLE)]
    book, file = workbook(folder, (*HEAD, "DOB"), *([*row, day] for row, day in zip(ROWS, born, strict=True)))
    book.epoch = CALENDAR_MAC_1904
    book.save(file)
    return file


def never_worked_out(folder):
    rows = ([urn, a, f"={b}+0" if k < 10 else b] for k, (urn, a, b) in enumerate(ROWS))
    book, file = workbook(folder, HEAD, *rows)
    book.save(file)
    return file


def hidden_sheet(folder):
    book, file = workbook(folder, HEAD, *ROWS)
    old = book.create_sheet("Old pull")
    for row in (HEAD, *([f"Q{k}", 9, 1] for k in range(2 * PEOPLE))):
        old.append(row)
    old.sheet_state = "hidden"
    book.save(file)
    return file


def merged_cells(folder):
    rows = [[urn, ("north", "south")[k // 15] if k % 15 == 0 else None, a, b] for k, (urn, a, b) in enumerate(ROWS)]
    book, file = workbook(folder, ("id", "team", *HEAD[1:]), *rows)
    book.active.merge_cells("B2:B16")
    book.active.merge_cells("B17:B31")
    book.save(file)
    return file


def nought_in_a_date_cell(folder):
    days = [dt.time(0) if n == 0 else dt.datetime(1899, 12, 31) + dt.timedelta(days=n) for n in AFTER]  # noqa: DTZ001
    book, file = workbook(folder, HEAD, *([urn, a, day] for (urn, a, _), day in zip(ROWS, days, strict=True)))
    book.save(file)
    return file


def sums(walked: Walked, name: str = "arrests") -> list[float]:
    return np.nansum(walked.outcome(name), axis=0).tolist()


def complete(walked: Walked, name: str) -> int:
    return walked.people.cohort[name].n_complete


def teams(walked: Walked) -> list[str]:
    return [str(team) for team in walked.people.cohort["arrests"].covariates["team"].tolist()]


def ages_from_1904(walked: Walked) -> bool:
    born = dt.date(1904, 1, 1) + dt.timedelta(days=27_759)
    return walked.people.cohort["arrests"].age[0] == (dt.date(2020, 1, 1) - born).days / 365.25


STATED = {
    '  { name = "arrests"': '  { name = "arrests", kind = "count", columns = ["arrests before", "arrests after"] },'
}
DATED = {
    "# date_of_birth = ": 'date_of_birth = "DOB"',
    '  { label = "before"': '  { label = "before", start = 2019-01-01, end = 2020-01-01 },',
    '  { label = "after"': '  { label = "after", start = 2020-01-01, end = 2021-01-01, post = true },',
}


class Case(NamedTuple):
    """A file, what a user changes in its draft, and what is right: any of questions, codes and people."""

    make: Callable
    asks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    right: Callable[[Walked], bool] | None = None
    edits: dict[str, str] = {}  # noqa: RUF012 never changed


CASES = {
    "codes of two kinds": Case(codes_two_kinds, right=lambda w: complete(w, "score") == 26),
    "words declared as missing": Case(declared_missing_words, right=lambda w: teams(w).count("missing") == 8),
    "ids that look the same": Case(ids_look_the_same, codes=("IOM-E020",)),
    "bands as a count": Case(labels_bands, asks=("outcomes",)),
    "a labelled code in a count": Case(labels_refused, right=lambda w: sums(w) == [sum(BEFORE[4:]), sum(AFTER)]),
    "yes and no as a count": Case(
        labels_yes_no, right=lambda w: sums(w, "employed") == [sum(k <= 4 for k in BEFORE), sum(k <= 2 for k in AFTER)]
    ),
    "ids of Parquet's own type": Case(parquet_uuid_ids, right=lambda w: sums(w) == SUMS),
    "quarters": Case(periods_as_words, asks=("index_date",)),
    "row numbers without a head": Case(row_numbers, right=lambda w: sums(w) == SUMS),
    "a stray quotation mark": Case(stray_quotes, codes=("IOM-E006",)),
    "days counted from 1904": Case(from_1904, right=ages_from_1904, edits=DATED),
    "formulas never worked out": Case(never_worked_out, codes=("IOM-E017",)),
    "a hidden sheet": Case(hidden_sheet, right=lambda w: sums(w) == SUMS),
    "merged cells": Case(merged_cells, right=lambda w: teams(w).count("north") == 15),
    "nought in a date cell": Case(nought_in_a_date_cell, codes=("IOM-E035",), edits=STATED),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_was_once_misread_is_read_right_asked_about_or_refused(tmp_path, name):
    case = CASES[name]
    walked = walk(tmp_path, case.make(tmp_path), case.edits)
    if case.asks:
        assert set(case.asks) <= set(walked.asked), walked.text
        assert walked.code == "IOM-E096"
    elif case.codes:
        assert walked.code in case.codes, walked.told or walked.text
    else:
        assert not walked.code, walked.told
        assert case.right(walked), walked.text
    told = " ".join([walked.told, walked.text, *(walked.started.steps if walked.started else ())])
    assert not any(urn in told for urn in IDS)  # whatever is said, nobody is named


NUMBERS = """
[published]
title = "An invented table"
citation = "Nobody (2020). Invented"
source_version = "invented"
invented = true
programme = "Mentoring"
people = "mentored people"
index_date = 2018-01-01
contrast = "before_minus_after"
windows = [
  { label = "before", start = 2017-01-01, end = 2018-01-01, post = false },
  { label = "after", start = 2018-01-01, end = 2019-01-01, post = true },
]
sample = { n = "%s" }
"""
FROM_0_TO_4 = (
    NUMBERS % 7
    + """
[[published.outcomes]]
name = "contacts"
kind = "count"
before = { n = "7", mean = "1.00", sd = "1.63", low = "0", high = "4" }
after = { n = "7", mean = "0.86", sd = "0.69" }
"""
)
OTHER_TAIL = (
    NUMBERS % 19
    + """
[[published.outcomes]]
name = "score"
kind = "score"
before = { n = "19", mean = "50.0", sd = "10.0" }
after = { n = "19", mean = "54.0", sd = "11.0" }
[[published.tests]]
name = "the other way round"
statistic = "t"
value = "-1.86"
df = ["18"]
p = "p = .960"
tails = "1"
"""
)


def found(folder, text):
    file = folder / "table.toml"
    file.write_text(text, encoding="utf-8")
    return audit(load_published(file)).tidy()


def test_whole_numbers_that_mean_sd_and_range_rule_out_together_are_not_called_possible(tmp_path):
    told = found(tmp_path, FROM_0_TO_4)
    about = told[told["subject"].eq("contacts, before") & told["sentence"].str.contains("SD that prints as 1.63")]
    assert about["verdict"].tolist() == ["inconsistent"]


def test_a_one_sided_p_of_the_other_tail_agrees(tmp_path):
    told = found(tmp_path, OTHER_TAIL)
    assert told[told["sentence"].str.contains("one-sided p")]["verdict"].tolist() == ["consistent"]


def test_two_mixed_counts_with_few_events_are_not_refused_for_covariates_that_nobody_gave():
    before = np.r_[np.zeros(90, int), [5, 6, 1, 9, 2, 3, 1, 1, 2, 4]]
    after = np.r_[np.zeros(88, int), [1, 0], [2, 3, 0, 4, 1, 1, 0, 0, 0, 9]]
    panel = iom.Panel.from_arrays(np.column_stack([before, after]), kind="count", name="arrests")
    with pytest.raises(IomCausalError, match=r"IOM-E068.*log_sd_before, log_sd_after") as refused:
        iom.PoissonMixed(mixing="bivariate")(panel)
    assert "covariate" not in str(refused.value)


@pytest.mark.parametrize(("low", "high"), [(0.9, 0.7), (1.1, 1.4)])
def test_limits_that_do_not_hold_their_ratio_have_no_e_value(low, high):
    assert iom.e_value(0.8, low=0.7, high=0.9).interval == pytest.approx(1.46, abs=0.005)
    with pytest.raises(IomCausalError, match="IOM-E092"):
        iom.e_value(0.8, low=low, high=high)


@pytest.mark.parametrize("make", [iom.PairedT(), iom.EffectSize("dz"), iom.PanelOLS()])
def test_everybody_up_by_the_same_decimal_is_a_constant_change(make):
    before = np.array([0.1, 0.2, 0.3, 0.4, 0.7])
    panel = iom.Panel.from_arrays(np.column_stack([before, before + 0.1]), kind="score", name="score")
    with pytest.raises(IomCausalError, match="IOM-E063"):
        make(panel)


def test_decimals_that_differ_by_rounding_are_unchanged_people():
    before = np.array([0.3] * 10 + [1.0, 2.0, 3.0])
    after = np.array([0.1 + 0.2] * 10 + [2.0, 3.0, 5.0])
    panel = iom.Panel.from_arrays(np.column_stack([before, after]), kind="amount", name="harm")
    for method in (iom.SignTest(), iom.Wilcoxon()):
        assert method(panel).p_value == pytest.approx(0.25)
