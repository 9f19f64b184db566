"""Workbooks with cells far from their table: what lies between is not looked at."""

import zipfile

import openpyxl
import pytest

from iom_causal.data.files import worksheet
from iom_causal.data.files.readers import read_sheet
from iom_causal.data.files.sheet import Limits
from iom_causal.errors import InputError


def workbook(path, *, at=(), rows=30, wide=0):
    book = openpyxl.Workbook(write_only=not at)
    sheet = book.create_sheet("people") if not at else book.active
    sheet.append(["id", "before", "after"])
    for k in range(rows):
        sheet.append([f"p{k}", k % 5, k % 3, *[None] * wide, *([""] if wide else [])])
    if at:
        sheet.cell(*at, value=7)
    book.save(path)
    return path


def test_a_cell_in_the_last_row_is_a_row_like_any_other(tmp_path):
    with pytest.raises(InputError, match=r"IOM-E016.*\(row 1048576\)"):
        read_sheet(workbook(tmp_path / "people.xlsx", at=(1_048_576, 1)))
    found = read_sheet(workbook(tmp_path / "people.xlsx", at=(600_000, 3)))
    assert (found.rows, found.blank) == (31, 599_968)


def test_empty_cells_in_the_last_column_are_no_columns(tmp_path):
    found = read_sheet(workbook(tmp_path / "people.xlsx", rows=100, wide=16_380))
    assert (tuple(found.columns), found.rows) == (("id", "before", "after"), 100)


def test_some_empty_rows_and_columns_are_no_fault(tmp_path):
    found = read_sheet(workbook(tmp_path / "wide.xlsx", wide=100))
    assert found.rows == 30
    last = openpyxl.load_workbook(workbook(tmp_path / "people.xlsx"))
    for k, cell in enumerate(("p30", 1, 1), start=1):
        last.active.cell(2_000, k, cell)
    last.save(tmp_path / "people.xlsx")
    found = read_sheet(tmp_path / "people.xlsx")
    assert (found.rows, found.blank) == (31, 1_968)


def with_rows(path, row):
    """Put further rows into the XML of a workbook, as other programs write them."""
    plain, other = workbook(path.with_name("plain.xlsx")), path
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            if "sheet1.xml" in entry.filename:
                rows = b"".join(row.replace(b"#", b"%d" % k) for k in range(40, 2_000))
                data = data.replace(b"</sheetData>", rows + b"</sheetData>")
            new.writestr(entry, data)
    return other


@pytest.mark.parametrize("row", [b'<row r="#" s="1"><c r="A#" s="0"/><c r="XFD#" s="0"/></row>', b'<row r="#" s="1"/>'])
def test_cells_and_rows_of_formats_alone_are_not_looked_at(tmp_path, monkeypatch, row):
    seen, real = [], worksheet._Parser.parse_row
    monkeypatch.setattr(worksheet._Parser, "parse_row", lambda self, it: seen.append(it) or real(self, it))
    assert read_sheet(with_rows(tmp_path / "styled.xlsx", row)).rows == 30
    assert len(seen) < 40


def test_a_sheet_of_empty_cells_is_refused_before_all_are_looked_at(tmp_path):
    file = with_rows(tmp_path / "empty.xlsx", b'<row r="#"><c r="A#"><v></v></c></row>')
    assert read_sheet(file).rows == 30
    with pytest.raises(InputError, match=r"IOM-E012.*without a value"):
        read_sheet(file, limits=Limits(empty=1_000))
