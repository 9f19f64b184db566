"""Every setting of a reading, in every format that is read: obeyed, or refused by its name."""

import csv
import gzip
from dataclasses import fields, replace

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.files.heads import headed
from iom_causal.data.files.readers import FORMATS, read_sheet
from iom_causal.data.files.reading import DROP_ROWS, Reading
from iom_causal.data.files.sheet import Limits
from iom_causal.data.guesses.guess import guess
from iom_causal.data.reading.panels import read_extract
from iom_causal.errors import InputError, IomCausalError, SpecError

HEAD = ["id", "arrests before", "arrests after"]
ROWS = [[f"XQZü{k:03d}", k % 5 + 3, k % 4] for k in range(12)]
SUM = ["Total", sum(row[1] for row in ROWS), sum(row[2] for row in ROWS)]
OTHERS = [["XQZ999", 99, 99]]
TEXT, BOOK, APART = (".csv", ".csv.gz"), (".xlsx",), (".sav", ".dta", ".parquet")
HEADED = (*TEXT, *BOOK)
ENDINGS = (*TEXT, *BOOK, *APART)
SETTINGS = {
    "sheet": ({"sheet": "People"}, BOOK),
    "encoding": ({"encoding": "cp1252"}, TEXT),
    "separator": ({"separator": ";"}, TEXT),
    "skip_rows": ({"skip_rows": 2}, HEADED),
    "header_rows": ({"header_rows": 2}, HEADED),
    "no header": ({"header_rows": 0}, HEADED),
    "headings": ({"drop_rows": ("headings",)}, ENDINGS),
    "totals": ({"drop_rows": ("totals",)}, ENDINGS),
    "hidden": ({"drop_rows": ("hidden",)}, BOOK),
}
"""What is stated, and the formats that obey it."""


def with_more(stated):
    """Return the rows of a table in which a setting leaves out what is no person, and its head as it stands there."""
    body = [*ROWS]
    if stated in ("headings", "totals", "hidden"):
        body.insert(6, {"headings": ["South", None, None], "totals": SUM, "hidden": OTHERS[0]}[stated])
    head = {
        "skip_rows": [["Cohort review", None, None], [None, None, None], HEAD],
        "header_rows": [["id", "arrests", None], [None, "before", "after"]],
        "no header": [],
    }
    return head.get(stated, [HEAD]), body


def written(path, stated):
    """Write a table to which a setting belongs; where the format cannot have that, the plain one."""
    head, body = with_more(stated)
    if path.suffix in APART:
        frame = pd.DataFrame(body, columns=[name.replace(" ", "_") for name in HEAD])
        if path.suffix == ".parquet":
            duckdb.sql("SELECT * FROM frame").write_parquet(str(path))
        else:
            getattr(pyreadstat, f"write_{path.suffix[1:]}")(frame, str(path))
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in head + body:
            book.active.append(row)
        book.active.title = "People"
        book.active.row_dimensions[8].hidden = stated == "hidden"
        if stated == "sheet":
            book.create_sheet("Others").append(HEAD)
        book.save(path)
    else:
        packed = path.suffix == ".gz"
        coded = {"encoding": "cp1252" if stated == "encoding" else "utf-8", "newline": ""}
        with gzip.open(path, "wt", **coded) if packed else path.open("w", **coded) as file:
            csv.writer(file, delimiter=";" if stated == "separator" else ",").writerows(head + body)
    return path


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("stated", SETTINGS)
def test_a_setting_is_obeyed_or_refused(tmp_path, stated, ending):
    how, obeying = SETTINGS[stated]
    file = written(tmp_path / f"people{ending}", stated)
    if ending not in obeying:
        with pytest.raises(SpecError, match=rf"IOM-E092: {next(iter(how))}: .*{ending}.* take .*out") as refused:
            read_sheet(file, Reading(**how))
        assert "XQZ" not in str(refused.value)
        return
    sheet = read_sheet(file, Reading(**how))
    ids, before, after = sheet.columns.values()
    assert [[who, int(b), int(a)] for who, b, a in zip(ids, before, after, strict=True)] == ROWS
    assert shape_of(file) != (sheet.rows, *sheet.columns)  # it does something here


def shape_of(file):
    """Return the rows and columns of a file that is read as usual, or the code of its refusal."""
    try:
        sheet = read_sheet(file)
    except IomCausalError as error:
        return error.code
    return sheet.rows, *sheet.columns


def test_no_setting_and_no_format_is_left_out():
    stated = {key for how, _ in SETTINGS.values() for key in how}
    assert stated == {field.name for field in fields(Reading)}
    assert {kind for how, _ in SETTINGS.values() for kind in how.get("drop_rows", ())} == set(DROP_ROWS)
    assert set(ENDINGS) == {known.endings[0] for known in FORMATS if known.read}


@pytest.mark.parametrize("ending", ENDINGS)
def test_headings_count_as_nobody_in_any_format_and_a_draft_leaves_them_out(tmp_path, ending):
    file = written(tmp_path / f"people{ending}", "headings")
    with pytest.raises(InputError, match=r'IOM-E016: 1 row holds one cell.*\(row \d+\).*drop_rows = \["headings"\]'):
        read_sheet(file)
    assert guess(file).settings == {"drop_rows": ("headings",)}
    assert guess(written(file, "totals")).settings == {"drop_rows": ("totals",)}


def test_a_row_that_is_left_out_for_two_reasons_is_counted_once(tmp_path):
    file = written(tmp_path / "people.xlsx", "headings")
    book = openpyxl.load_workbook(file)
    book.active.row_dimensions[8].hidden = True
    book.save(file)
    assert dict(read_sheet(file, Reading(drop_rows=("hidden", "headings"))).dropped) == {"headings": 1, "hidden": 0}


def test_names_apart_from_rows_are_not_advised_of_rows_above_them():
    with pytest.raises(InputError, match="1 of 2 columns have no name; name every column") as refused:
        headed(["", "n"], Limits())
    assert "skip_rows" not in str(refused.value)


def extract(file, **more):
    return Extract(
        file=file,
        id="id",
        outcomes=(ExtractOutcome(name="arrests", kind="count", columns=("arrests before", "arrests after")),),
        windows=(ExtractWindow(label="one"), ExtractWindow(label="two", post=True)),
        equal_windows=True,
        **more,
    )


def test_settings_of_people_and_of_others_in_another_format_are_each_obeyed_by_one_of_the_two(tmp_path):
    written(tmp_path / "people.xlsx", "sheet")
    written(tmp_path / "others.csv", "encoding")
    (tmp_path / "others.csv").write_bytes((tmp_path / "others.csv").read_bytes().replace(b"XQZ", b"B"))
    both = extract("people.xlsx", others="others.csv", sheet="People", encoding="cp1252")
    assert next(iter(read_extract(both, tmp_path).cohort.values())).n == 24
    with pytest.raises(SpecError, match=r"separator: \.xlsx files have no mark"):
        read_extract(replace(both, others="", encoding="utf-8", separator=";"), tmp_path)
    with pytest.raises(SpecError, match="sheets are of a workbook"):
        extract("people.csv", sheets=("North", "South"))
