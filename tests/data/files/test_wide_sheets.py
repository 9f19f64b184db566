"""Workbooks with cells far from their table are refused before all between them is looked at."""

import openpyxl
import pytest

from iom_causal.data.files import binary
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
        sheet.cell(*at, value=1)
    book.save(path)
    return path


def counted(monkeypatch):
    """Count the rows that are looked at."""
    seen, real = [], binary._worksheet

    def spied(sheet, *rest):
        rows = sheet.iter_rows

        def every(**settings):
            for row in rows(**settings):
                seen.append(len(row))
                yield row

        sheet.iter_rows = every
        return real(sheet, *rest)

    monkeypatch.setattr(binary, "_worksheet", spied)
    return seen


@pytest.mark.parametrize("at", [(1_048_576, 1), (600_000, 3)])
def test_a_cell_in_the_last_row_is_refused_after_few_rows(tmp_path, monkeypatch, at):
    seen = counted(monkeypatch)
    with pytest.raises(InputError, match=r"IOM-E012.*empty rows"):
        read_sheet(workbook(tmp_path / "people.xlsx", at=at))
    assert len(seen) < 60_000


def test_empty_cells_in_the_last_column_are_refused_after_few_rows(tmp_path, monkeypatch):
    seen = counted(monkeypatch)
    with pytest.raises(InputError, match=r"IOM-E012.*beside the table"):
        read_sheet(workbook(tmp_path / "people.xlsx", rows=100, wide=16_380))
    assert len(seen) < 70


def test_some_empty_rows_and_columns_are_no_fault(tmp_path):
    found = read_sheet(workbook(tmp_path / "people.xlsx", at=(2_000, 1), rows=30))
    assert (found.rows, found.blank) == (31, 1_968)
    assert read_sheet(workbook(tmp_path / "wide.xlsx", wide=100)).rows == 30
    with pytest.raises(InputError, match="IOM-E012"):
        read_sheet(tmp_path / "people.xlsx", limits=Limits(empty=1_000))
