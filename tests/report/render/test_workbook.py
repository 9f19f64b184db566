import csv
import io
import math
import zipfile

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from iom_causal.analysis.release import PRINT
from iom_causal.base import wording
from iom_causal.data.events import flow, quality
from iom_causal.estimate import COLUMNS
from iom_causal.evaluation import evaluate
from iom_causal.report.render import workbook
from iom_causal.report.render.table_guide import COLUMNS as SHARED
from iom_causal.report.render.table_guide import TABLES
from tests.report.render.kinds import study_of

FILE = "report-tables.xlsx"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    return evaluate(study_of("comparison", tmp_path_factory.mktemp("comparison")), quick=True)


@pytest.fixture(scope="module", params=["template", "comparison"])
def files(request):
    return request.getfixturevalue(request.param).files()


@pytest.fixture(scope="module")
def book(files):
    return load_workbook(io.BytesIO(files[FILE]))


def cells(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def made(frame):
    return load_workbook(io.BytesIO(workbook.render("T", {"made.csv": PRINT.published(frame)})))["made"]


def test_every_table_of_the_report_has_a_sheet_and_a_line_in_the_contents(files, book):
    tables = {name: list(csv.reader(io.StringIO(text))) for name, text in files.items() if name.endswith(".csv")}
    first, second, *sheets = book.sheetnames
    assert (first, second) == ("Contents", "Columns")
    assert [f"{sheet}.csv" for sheet in sheets] == list(tables)
    head, *lines = cells(book[first])
    assert head == ["sheet", "what it shows", "rows", "columns", "file with the same content"]
    assert [(line[0], *line[2:]) for line in lines] == [
        (name.removesuffix(".csv"), len(rows) - 1, len(rows[0]), name) for name, rows in tables.items()
    ]


def test_sheets_hold_what_the_files_hold(files, book):
    for sheet in book.worksheets[2:]:
        frame = pd.read_csv(io.StringIO(files[f"{sheet.title}.csv"]), keep_default_na=False, na_values=[""])
        head, *rows = cells(sheet)
        assert head == list(frame.columns)
        for given, held in zip(frame.itertuples(index=False), rows, strict=True):
            for a, b in zip(given, held, strict=True):
                if b is None:
                    assert a is None or a != a  # noqa: PLR0124 no figure
                else:
                    assert str(a).removeprefix("'") == str(b) or math.isclose(float(a), float(b), rel_tol=1e-15)


def test_every_column_is_described(book):
    _, *lines = cells(book["Columns"])
    assert [line[:2] for line in lines] == [
        [sheet.title, head] for sheet in book.worksheets[2:] for head in cells(sheet)[0]
    ]
    assert all(line[2] for line in lines)
    assert all(line[1] for line in cells(book["Contents"]))


def test_columns_of_tables_that_few_studies_have_are_described_too():
    of = {"flow.csv": ("outcome", *flow.COLUMNS), "subgroups.csv": COLUMNS}
    of["data_quality.csv"] = tuple(c for c in quality.COLUMNS if c != "share")
    assert all(TABLES[file].holds(column) for file, columns in of.items() for column in columns)


def test_the_words_keep_the_rules():
    own = [text for guide in TABLES.values() for text in (guide.shows, *guide.columns.values())]
    for text in (*own, *SHARED.values(), *(head for heads in workbook.HEADS.values() for head in heads)):
        assert wording.violations(text) == (), text


def test_names_of_sheets_are_those_of_files_and_differ():
    sheets = [file.removesuffix(".csv") for file in TABLES]
    assert all(len(name) <= 31 for name in sheets)
    assert len({name.casefold() for name in (*sheets, *workbook.HEADS, "History")}) == len(sheets) + 3


def test_heads_stay_in_sight(book):
    assert {sheet.freeze_panes for sheet in book} == {"A2"}


@pytest.mark.parametrize("payload", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "arrests"])
def test_text_is_never_a_formula(payload):
    sheet = made(pd.DataFrame({payload: [payload]}))
    for cell in (sheet["A1"], sheet["A2"]):
        assert (cell.value, cell.data_type) == (payload, "s")


def test_numbers_are_numbers_and_what_is_none_is_empty():
    values = [1, np.int64(2), 0.1, np.float64(0.2), True, np.bool_(0), None, math.nan, math.inf, "withheld"]
    column = [row[0] for row in cells(made(pd.DataFrame({"x": pd.Series(values, dtype=object)})))[1:]]
    assert column == [1, 2, 0.1, 0.2, True, False, None, None, "inf", "withheld"]


def test_what_xml_cannot_hold_is_left_out():
    sheet = made(pd.DataFrame({"x": ["a\x00b\x1bc\ufffe", "y" * 40_000]}))
    assert sheet["A2"].value == "a b c "
    assert len(sheet["A3"].value) == 32_767


def test_two_builds_are_the_same_bytes_and_nobody_is_named(request):
    result = request.getfixturevalue("template")
    first, second = (result.files()[FILE] for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2
    assert "openpyxl" not in core
    known = load_workbook(io.BytesIO(first)).properties
    assert (known.title, known.creator or "", known.lastModifiedBy or "") == (result.page.title, "", "")


def test_of_people_no_sheet_tells_more_than_the_rules_let_out(comparison):
    sheet = load_workbook(io.BytesIO(comparison.files()[FILE]))["estimates"]
    head, *rows = cells(sheet)
    assert {row[head.index("n_used")] for row in rows} == {60}
    assert all(row[head.index("std_error")] is None for row in rows)


def test_ends_are_those_of_a_set_or_an_interval_but_of_people_and_of_lines():
    named = {name for name, guide in TABLES.items() if {"low", "high"} & set(guide.columns)}
    assert named == {"people.csv", "ledger.csv"}
