"""A file without a header: the first person's cells are not taken for names, and not printed."""

import openpyxl
import pytest

from iom_causal.data.guess import guess
from iom_causal.data.readers import read_sheet
from iom_causal.errors import InputError
from iom_causal.starter import start

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
@pytest.mark.parametrize("do", [read_sheet, guess, lambda file: start(file.parent / "study", source=file)])
def test_the_first_person_is_no_header(tmp_path, make, do):
    with pytest.raises(InputError, match="IOM-E001") as caught:
        do(make(tmp_path, ROWS))
    assert PERSON not in str(caught.value)
    assert "918" not in str(caught.value)
    assert not (tmp_path / "study" / "study.toml").exists()


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
