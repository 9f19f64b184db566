"""Small files with one habit each, and what is right: known by counting what was put into them."""

import datetime as dt
import uuid
import zipfile

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from openpyxl.styles import numbers as formats
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from iom_causal.data.files.cells import ids, numbers
from iom_causal.data.files.dates import dates
from iom_causal.data.files.readers import read_sheet
from iom_causal.data.files.reading import Reading
from iom_causal.data.guesses.guess import guess
from iom_causal.errors import IomCausalError, SpecError
from iom_causal.protocol.draft.start import start

HEAD = ["id", "arrests before", "arrests after"]
PEOPLE = [[f"XQZ{k:03d}", k % 5 + 3, k % 4] for k in range(12)]
SUMS = [sum(row[k] for row in PEOPLE) for k in (1, 2)]


def workbook(path, rows, change=lambda _book, _sheet: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book, book.active)
    book.save(path)
    return path


def text(path, rows):
    path.write_text("\n".join(",".join("" if c is None else str(c) for c in row) for row in rows), encoding="utf-8")
    return path


def both(folder, rows):
    return text(folder / "a.csv", rows), workbook(folder / "a.xlsx", rows)


def counts(sheet):
    return [[int(cell) for cell in row] for row in zip(sheet["arrests before"], sheet["arrests after"], strict=True)]


TWO = [["id", "arrests", None, "harm", None], [None, "before", "after", "before", "after"]]
GROUPED = [[*row, 10 * row[1], 10 * row[2]] for row in PEOPLE]
TITLED = [
    ["cohort review", None, None, None, None],
    ["person", "arrests", None, "risk score", None],
    ["id", "12m pre", "12m post", "pre", "post"],
]


def test_the_upper_row_is_read_too_where_the_lower_one_would_make_arrests_and_scores_one_outcome(tmp_path):
    scored = [[*row, 40 + k, 39 + k] for k, row in enumerate(PEOPLE)]
    for file in both(tmp_path, [*TITLED, *scored]):
        found = guess(file)
        assert (found.settings["skip_rows"], found.settings["header_rows"]) == (1, 2)
        assert [outcome[:2] for outcome in found.outcomes] == [("arrests", "count"), ("risk score", "score")]


def test_titles_in_two_cells_name_no_columns(tmp_path):
    titles = ["cohort review", None, "restricted"]
    for file in both(tmp_path, [titles, HEAD, *PEOPLE]):
        assert [outcome[0] for outcome in guess(file).outcomes] == ["arrests"]


def test_columns_that_say_how_long_are_no_outcome_with_those_of_their_side_that_do_not(tmp_path):
    scored = [[*row, 40 + k, 39 + k] for k, row in enumerate(PEOPLE)]
    found = guess(text(tmp_path / "a.csv", [TITLED[2], *scored]))
    assert [outcome[2] for outcome in found.outcomes] == [("pre", "post"), ("12m pre", "12m post")]
    assert "windows" in {question.key for question in found.questions}


def test_an_outcome_of_which_one_column_lies_far_above_another_is_asked_about(tmp_path):
    far = [[*row, 50 + k] for k, row in enumerate(PEOPLE)]
    found = guess(text(tmp_path / "a.csv", [["id", "year 1", "year 2", "year 3"], *far]))
    assert [q.key for q in found.questions if "far above" in q.ask] == [f"outcomes.{found.outcomes[0][0]}.kind"]


def test_of_a_head_of_two_rows_the_upper_names_all_columns_until_the_next(tmp_path):
    for file in both(tmp_path, [*TWO, *GROUPED]):
        found = guess(file)
        assert found.settings["header_rows"] == 2
        sheet = read_sheet(file, Reading(header_rows=2))
        assert tuple(sheet.columns) == (*HEAD, "harm before", "harm after")
        assert counts(sheet) == [row[1:] for row in PEOPLE]


def merged(_book, sheet):
    for span in ("A1:E1", "A2:A3", "B2:C2"):
        sheet.merge_cells(span)


def test_merged_cells_of_the_upper_row_name_the_columns_below_them_and_a_merged_title_names_none(tmp_path):
    rows = [["Cohort of 2016"], ["id", "arrests", None, None, "team"], [None, "before", "after", "age", None]]
    people = [[*row, 30, "north"] for row in PEOPLE]
    file = workbook(tmp_path / "a.xlsx", [*rows, *people], merged)
    assert {k: v for k, v in guess(file).settings.items() if k != "drop_rows"} == {"skip_rows": 1, "header_rows": 2}
    assert tuple(read_sheet(file, Reading(skip_rows=1, header_rows=2)).columns) == (*HEAD, "age", "team")


def test_a_file_without_a_head_is_asked_which_column_is_what_and_no_cell_is_told(tmp_path):
    people = [[f"{row[0]}", "Leeds" if k % 2 else "York", dt.date(1987, 1, 1 + k), *row[1:]]
              for k, row in enumerate(PEOPLE)]  # fmt: skip
    for file in both(tmp_path, people):
        done = start(tmp_path / f"study{file.suffix}", source=file)
        told = " ".join([done.file.read_text(encoding="utf-8"), *done.steps])
        assert not [cell for cell in ("XQZ", "Leeds", "York", "1987") if cell in told]
        assert {"id", "outcomes"} <= set(done.to_edit)
        assert tuple(read_sheet(file, Reading(header_rows=0)).columns) == tuple(f"column {k}" for k in range(1, 6))


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("head", ["", "Unnamed: 0"])
def test_row_numbers_without_a_head_are_left_out_and_told(tmp_path, first, head):
    rows = [[head, *HEAD], *([k + first, *row] for k, row in enumerate(PEOPLE))]
    for file in both(tmp_path, rows):
        sheet = read_sheet(file)
        assert (tuple(sheet.columns), counts(sheet)) == (tuple(HEAD), [row[1:] for row in PEOPLE])
        assert any("IOM-W121" in note for note in sheet.notes)
        assert any("numbers the rows" in note for note in guess(file).notes)


def test_other_columns_without_a_head_are_refused(tmp_path):
    with pytest.raises(IomCausalError, match="IOM-E001: 1 of 4 columns have no name"):
        read_sheet(text(tmp_path / "a.csv", [["", *HEAD], *([3 * k, *row] for k, row in enumerate(PEOPLE))]))


def test_headings_notes_and_heads_between_people_are_left_out_where_that_is_stated(tmp_path):
    rows = [HEAD, ["South", None, None], *PEOPLE[:6], HEAD, ["North", None, None], *PEOPLE[6:], ["Source: us"]]
    for file in both(tmp_path, rows):
        with pytest.raises(IomCausalError, match=r'IOM-E016: 4 rows.*\(rows 2, 9, 10 and 17\).*drop_rows = \["head'):
            read_sheet(file)
        found = guess(file)
        assert (found.settings["drop_rows"], found.notes[0][:27]) == (("headings",), "4 rows with one cell, such ")
        sheet = read_sheet(file, Reading(drop_rows=("headings",)))
        assert (counts(sheet), dict(sheet.dropped)) == ([row[1:] for row in PEOPLE], {"headings": 4})


def test_an_id_without_a_count_is_no_heading(tmp_path):
    for file in both(tmp_path, [HEAD, *PEOPLE, ["XQZ012", None, None]]):
        assert read_sheet(file).rows == 13


def test_a_word_alone_is_a_heading_where_ids_are_words_too_but_not_in_a_table_of_two_columns(tmp_path):
    names = ["Mo", "Al", "Jo", "Di", "Ed"]
    wide = text(tmp_path / "a.csv", [HEAD, ["South", None, None], *([name, 3, 1] for name in names)])
    assert read_sheet(wide, Reading(drop_rows=("headings",))).rows == 5
    assert read_sheet(text(tmp_path / "b.csv", [HEAD[:2], ["South", None], *([name, 3] for name in names)])).rows == 6


@pytest.mark.parametrize("label", ["Total", "South total", None])
def test_sums_are_left_out_where_that_is_stated(tmp_path, label):
    for file in both(tmp_path, [HEAD, *PEOPLE, [label, *SUMS]]):
        assert guess(file).settings["drop_rows"] == ("totals",)
        assert counts(read_sheet(file, Reading(drop_rows=("totals",)))) == [row[1:] for row in PEOPLE]


def test_a_row_that_is_not_shown_is_asked_about_and_told_and_so_is_a_column(tmp_path):
    def hide(_book, sheet):
        sheet.row_dimensions[3].hidden = sheet.row_dimensions[5].hidden = True
        sheet.column_dimensions["C"].hidden = True

    file = workbook(tmp_path / "a.xlsx", [HEAD, *PEOPLE], hide)
    assert next(q.key for q in guess(file).questions) == "drop_rows"
    notes = " ".join(read_sheet(file).notes)
    assert "IOM-W122: 2 rows are hidden" in notes
    assert "IOM-W125: column 'arrests after': hidden" in notes
    assert read_sheet(file, Reading(drop_rows=("hidden",))).rows == 10


def rewritten(old, new, *changes):
    """Return a copy of a workbook, of whose XML some parts are others: what openpyxl itself does not write."""
    with zipfile.ZipFile(old) as before, zipfile.ZipFile(new, "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            for was, becomes in changes:
                content = content.replace(was, becomes)
            after.writestr(entry, content)
    return new


@pytest.mark.parametrize("height", [b"0", b"0.0"])
def test_a_row_without_height_is_not_shown(tmp_path, height):
    flat, low = ((b'<row r="%d"' % k, b'<row r="%d" ht="%s"' % (k, ht)) for k, ht in ((3, height), (5, b"0.5")))
    file = rewritten(workbook(tmp_path / "a.xlsx", [HEAD, *PEOPLE]), tmp_path / "b.xlsx", flat, low)
    assert "IOM-W122: 1 row is hidden" in " ".join(read_sheet(file).notes)
    assert read_sheet(file, Reading(drop_rows=("hidden",))).rows == 11


def test_a_hidden_sheet_is_read_only_when_it_is_named(tmp_path):
    def hide(book, _sheet):
        old = book.create_sheet("Old")
        for row in [HEAD, *PEOPLE, *([f"y{k}", 9, 1] for k in range(30))]:
            old.append(row)
        old.sheet_state = "hidden"

    file = workbook(tmp_path / "a.xlsx", [HEAD, *PEOPLE], hide)
    assert (read_sheet(file).rows, "sheet" in guess(file).settings) == (12, False)
    assert any("hidden in the workbook and not read" in note for note in guess(file).notes)
    assert any("IOM-W126" in note for note in read_sheet(file, Reading(sheet="Old")).notes)


def test_characters_that_cannot_be_seen_are_told(tmp_path):
    file = text(tmp_path / "a.csv", [["id", "arrests\u200b before", "n"], *PEOPLE[:-1], ["XQZ\u200b01", 1, 1]])
    assert [note.partition(": ")[2] for note in read_sheet(file).notes] == [
        "1 name of a column holds characters that cannot be seen",
        "column 'id': 1 cell holds characters that cannot be seen",
    ]


def test_merged_cells_are_filled_downwards_and_told(tmp_path):
    rows = [[*HEAD, "team"], *([*row, "north" if k == 0 else "south" if k == 6 else None]
                               for k, row in enumerate(PEOPLE))]  # fmt: skip
    file = workbook(tmp_path / "a.xlsx", rows, lambda _, s: (s.merge_cells("D2:D7"), s.merge_cells("D8:D13")))
    assert read_sheet(file)["team"].tolist() == ["north"] * 6 + ["south"] * 6
    assert any("IOM-W123: column 'team': 10 cells" in note for note in read_sheet(file).notes)


def test_a_cell_under_a_merged_one_that_holds_a_value_of_its_own_keeps_it(tmp_path):
    rows = [
        [*HEAD, "team"],
        *([*row, ("north", "hid")[k == 3] if k in (0, 3) else None] for k, row in enumerate(PEOPLE)),
    ]
    merge = b'</sheetData><mergeCells count="1"><mergeCell ref="D2:D13"/></mergeCells>'
    file = rewritten(workbook(tmp_path / "a.xlsx", rows), tmp_path / "b.xlsx", (b"</sheetData>", merge))
    sheet = read_sheet(file)
    assert sheet["team"].tolist() == [*["north"] * 3, "hid", *["north"] * 8]
    assert any("IOM-W123: column 'team': 10 cells" in note for note in sheet.notes)


def test_formulas_that_nothing_has_worked_out_are_refused(tmp_path):
    rows = [HEAD, *([*row[:2], f"=B{k}-1"] for k, row in enumerate(PEOPLE, start=2))]
    with pytest.raises(IomCausalError, match=r"IOM-E017: column 'arrests after': 12 cells hold formulas"):
        read_sheet(workbook(tmp_path / "a.xlsx", rows))


@pytest.mark.parametrize(("mac", "first"), [(True, dt.date(1904, 1, 1)), (False, dt.date(1899, 12, 30))])
def test_days_that_are_plain_numbers_count_from_the_year_of_the_workbook(tmp_path, mac, first):
    def calendar(book, _sheet):
        book.epoch = CALENDAR_MAC_1904 if mac else book.epoch

    rows = [[*HEAD, "dob"], *([*row, 30_000 + k] for k, row in enumerate(PEOPLE))]
    sheet = read_sheet(workbook(tmp_path / "a.xlsx", rows, calendar))
    born = dates(sheet, "dob", form="excel").tolist()
    assert born == [first + dt.timedelta(days=30_000 + k) for k in range(12)]


def test_counts_under_a_format_of_dates_are_refused_and_named(tmp_path):
    def dated(_book, sheet):
        for (cell,) in sheet["C2:C13"]:
            cell.number_format = formats.FORMAT_DATE_DDMMYY

    file = workbook(tmp_path / "a.xlsx", [HEAD, *PEOPLE], dated)
    with pytest.raises(IomCausalError, match=r"IOM-E035: column 'arrests after'.*dates or times"):
        numbers(read_sheet(file), "arrests after")
    assert any("Formatted as dates or times" in note and "arrests after" in note for note in guess(file).notes)


SQL = {
    "uuid": ("uuid()", str),
    "time": ("TIME '10:00'", str),
    "time with zone": ("TIMETZ '10:00:00+02'", str),
    "interval": ("INTERVAL 3 DAY", str),
    "decimal": ("7::DECIMAL(9,2)", float),
    "huge": ("7::HUGEINT", float),
    "flag": ("TRUE", bool),
    "day": ("DATE '2020-01-01'", dt.date),
    "unsigned": ("7::UINTEGER", int),
    "enum": ("'x'::ENUM('x', 'y')", str),
}


@pytest.mark.parametrize("name", SQL)
def test_cells_of_every_type_of_parquet_are_read(tmp_path, name):
    expression, kind = SQL[name]
    file = tmp_path / "a.parquet"
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT {expression} AS cell FROM range(3)) TO '{file}'")  # noqa: S608 our own text
    assert all(isinstance(cell, kind) for cell in read_sheet(file)["cell"].tolist())


def test_uuids_are_ids(tmp_path):
    urns = [uuid.UUID(int=k) for k in range(3)]
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT unnest(?::UUID[]) AS id) TO '{tmp_path / 'a.parquet'}'", [list(map(str, urns))])
    assert ids(read_sheet(tmp_path / "a.parquet"), "id")[0].tolist() == list(map(str, urns))


def test_text_that_spss_declares_as_missing_is_no_cell(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b", "c"], "team": ["north", "ZZ", "south"], "n": np.arange(3.0)})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), missing_ranges={"team": ["ZZ"]})
    assert read_sheet(tmp_path / "a.sav")["team"].tolist() == ["north", None, "south"]


ROWS = ["a1,Al,3,2", "a2,{}Mo,1,1", "a3,Di,2,2", "a4,Jo{},5,1", "a5,Ed,1,0"]


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_quotation_mark_that_swallows_rows_is_refused_by_row_and_an_address_is_a_cell(tmp_path, separator):
    def put(rows):
        content = "\n".join(["id,name,before,after", *rows]).replace(",", separator)
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        return tmp_path / "a.csv"

    with pytest.raises(IomCausalError, match=r"IOM-E006: row 3: .*2 rows further down"):
        read_sheet(put([row.format('"') for row in ROWS]), Reading(separator=separator))
    assert read_sheet(put(['a1,"1 High St\nLeeds\nUK",3,2', "a2,York,1,1"]), Reading(separator=separator)).rows == 2


@pytest.mark.parametrize("settings", [{"header_rows": 3}, {"drop_rows": ("blank",)}])
def test_settings_that_do_not_exist_are_refused(settings):
    with pytest.raises(SpecError, match=r"extract: (header|drop)_rows"):
        Reading(**settings)


def test_rows_out_of_order_are_damage(tmp_path):
    out_of_order = (b'<row r="9"', b'<row r="4"')
    rewritten(workbook(tmp_path / "a.xlsx", [HEAD, *PEOPLE]), tmp_path / "b.xlsx", out_of_order)
    with pytest.raises(IomCausalError, match="IOM-E014"):
        read_sheet(tmp_path / "b.xlsx")
