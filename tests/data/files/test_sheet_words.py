"""Sheets of a workbook are named where their names are words of tables; sheets named after people are counted."""

import openpyxl
import pytest

from iom_causal.data.files.readers import read_sheet
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet_words import spoken
from iom_causal.errors import SpecError
from iom_causal.protocol.draft.start import start
from tests.canary import WORDS, found


@pytest.mark.parametrize(
    "name", ["Read me", "Cohort (2)", "Sheet1", "IOM cohort 2019", "Arrests_pre", "Apr 23", "FY 2021"]
)
def test_words_of_tables_are_told(name):
    assert spoken(name)


@pytest.mark.parametrize(
    "name", ["J. Smith", "April", "1994-02-11", "19940211", "data 12 34", "P017", "x\u200b", "=A1", ""]
)
def test_what_may_be_a_person_is_not(name):
    assert not spoken(name)


@pytest.fixture
def workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for name in WORDS[:2]:
        book.create_sheet(name).append(["a note"])
    book.save(tmp_path / "people.xlsx")
    return tmp_path / "people.xlsx"


@pytest.mark.parametrize("wanted", ["", WORDS[0][:-2], "other"])
def test_a_refusal_counts_sheets_named_after_people(workbook, wanted):
    with pytest.raises(SpecError, match="Data") as refused:
        read_sheet(workbook, Reading(sheet=wanted))
    assert not found(str(refused.value))


def test_init_counts_them_whatever_it_finds(workbook, tmp_path):
    with pytest.raises(SpecError, match=r"3 sheets \(Data, 2 whose names are not repeated here\)"):
        start(tmp_path / "s", source=workbook)
    book = openpyxl.load_workbook(workbook)
    for row in [["id", "arrests before", "arrests after"], *([f"a{k}", k % 5, k % 3] for k in range(40))]:
        book["Data"].append(row)
    book.save(workbook)
    text = start(tmp_path / "s", source=workbook).file.read_text(encoding="utf-8")
    assert "not read: 2 whose names are not repeated here" in text
    assert not found(text)
