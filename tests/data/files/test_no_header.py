"""A file without a header: the first person's cells are not taken for names, and not printed."""

import datetime as dt

import openpyxl
import pytest

from iom_causal.data.files.readers import read_sheet
from iom_causal.data.files.reading import Reading
from iom_causal.data.guesses.guess import guess
from iom_causal.errors import InputError
from iom_causal.protocol.draft.start import start

PERSON = "XQZ7"
ROWS = [[f"{PERSON}{k}", str(918_273 + k), str(k % 5), str(k % 3)] for k in range(20)]


def as_csv(folder, rows):
    file = folder / "people.csv"
    file.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    return file


def as_xlsx(folder, rows):
    book, file = openpyxl.Workbook(), folder / "people.xlsx"
    for row in rows:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(file)
    return file


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_the_first_person_is_no_header(tmp_path, make):
    file = make(tmp_path, ROWS)
    with pytest.raises(InputError, match="IOM-E001") as caught:
        read_sheet(file)
    done = start(tmp_path / "study", source=file)
    told = [str(caught.value), done.file.read_text(encoding="utf-8"), *done.steps]
    assert not [text for text in told if PERSON in text or "918" in text]
    assert "header_rows = 0" in told[1]
    assert {"id", "outcomes"} <= set(done.to_edit)


@pytest.mark.parametrize(
    "head",
    [
        ["id", "2019", "2020", "2021"],
        ["id", "1", "2", "3"],
        ["id", "arrests 1", "arrests 2", "7"],
        ["urn", "a", "b", "c"],
    ],
)
def test_years_and_months_are_names_of_columns(tmp_path, head):
    assert tuple(read_sheet(as_csv(tmp_path, [head, *ROWS])).columns) == tuple(head)


def written(file, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file


HEAD = ["Ref", "Start", "arrests before", "arrests after"]
PEOPLE = [[f"{PERSON}{k}", dt.date(2018, 1, 1), 7173, 7173] for k in range(60)]
STRAY = [*[None] * 7, " "]


@pytest.mark.parametrize("place", [3, 60])
def test_cells_of_spaces_beside_and_below_the_table_are_empty(tmp_path, place):
    rows = [HEAD, *PEOPLE]
    rows[place] = [*rows[place], None, None, "  "]
    file = written(tmp_path / "a.xlsx", [*rows, [], STRAY])
    assert tuple(read_sheet(file).columns) == tuple(HEAD)
    assert read_sheet(file).rows == len(PEOPLE)
    assert "skip_rows" not in guess(file).settings


def test_cells_of_spaces_in_a_text_file_are_empty(tmp_path):
    (tmp_path / "a.csv").write_text("id,pre,post\na,1,2\nb,3,4,  \n  ,,\n   \n", encoding="utf-8")
    assert (read_sheet(tmp_path / "a.csv").rows, read_sheet(tmp_path / "a.csv").blank) == (2, 2)


@pytest.mark.parametrize("place", [3, 60])
def test_a_note_beside_a_person_is_told_as_such_and_nobody_becomes_the_head(tmp_path, place):
    rows = [HEAD, *PEOPLE]
    rows[place] = [*rows[place], "moved away"]
    with pytest.raises(InputError) as caught:
        guess(written(tmp_path / "a.xlsx", rows))
    assert str(caught.value) == f"IOM-E005: row {place + 1} has 5 cells, expected 4"


def test_no_message_lists_what_stands_in_a_head_that_may_be_a_person(tmp_path):
    names = [["Mo", "Leeds", "flat", "x"], ["Al", "York", "house", "y"], ["Jo", "Hull", "flat", "z"]]
    with pytest.raises(InputError, match="IOM-E009") as caught:  # words over words: nothing tells a head from a person
        read_sheet(written(tmp_path / "a.xlsx", [HEAD, *names]), Reading(skip_rows=1))["arrests before"]
    assert "Leeds" not in str(caught.value)
    for third in ("no", "Leeds"):
        people = [[f"{PERSON}{k}", "Leeds", third, 3] for k in range(20)]
        with pytest.raises(InputError, match=r"IOM-E001: the first row holds") as caught:
            read_sheet(written(tmp_path / "a.xlsx", [HEAD, *people]), Reading(skip_rows=1))
        assert not [cell for cell in (PERSON, "Leeds") if cell in str(caught.value)]
