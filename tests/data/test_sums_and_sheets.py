"""What spreadsheets of people hold besides people."""

from dataclasses import replace

import openpyxl
import pytest
from click.testing import CliRunner

from iom_causal.analysis.study_people import read_people
from iom_causal.cli import main
from iom_causal.data.guesses.guess import guess
from iom_causal.data.guesses.period_columns import in_columns
from iom_causal.errors import IomCausalError
from iom_causal.protocol.study import load_study
from tests.data.alike import alike, drafted


def test_a_row_of_sums_is_no_person(tmp_path):
    rows = "\n".join(f"{k:03d},{k % 5 + 3},{k % 4}" for k in range(40))
    (tmp_path / "a.csv").write_text(f"urn,arrests_before,arrests_after\n{rows}\nTotal,200,60\n", encoding="utf-8")
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "a.csv").file))
    assert study.extract.drop_rows == ("totals",)
    assert read_people(study, tmp_path / "study").cohort.n == 40
    kept = replace(study, extract=replace(study.extract, drop_rows=()))
    with pytest.raises(IomCausalError, match=r"1 row is a sum and no person.*totals"):
        read_people(kept, tmp_path / "study")


def test_a_sheet_with_a_header_alone_is_empty_and_not_damaged(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["urn", "arrests_before", "arrests_after"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(IomCausalError) as caught:
        guess(tmp_path / "a.xlsx")
    assert caught.value.code in ("IOM-E001", "IOM-E002")


def test_words_for_counting_are_no_part_of_what_was_counted(tmp_path):
    rows = "\n".join(f"{k:03d},{k % 5 + 3},{k % 4}" for k in range(40))
    (tmp_path / "a.csv").write_text(f"urn,No. Arrests PRE,No. Arrests POST\n{rows}\n", encoding="utf-8")
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "a.csv").file))
    assert study.extract.outcomes[0].name == "arrests"


def test_arrests_in_custody_records_are_no_days_in_custody(tmp_path):
    heads = "urn,custody record arrests before,custody record arrests after,days in prison before,days in prison after"
    rows = "\n".join(f"{k:03d},{k % 5 + 3},{k % 4},{k % 9},{k % 7}" for k in range(40))
    (tmp_path / "a.csv").write_text(f"{heads}\n{rows}\n", encoding="utf-8")
    found = guess(tmp_path / "a.csv")
    assert [o[0] for o in found.outcomes] == ["custody record arrests"]
    assert found.custody_days == ("days in prison before", "days in prison after")


PEOPLE = [["urn", "arrests before", "arrests after"], *([f"{k:03d}", k % 5 + 3, k % 4] for k in range(40))]
NOTES = [["Extracted for the evaluation"], ["Contact the analyst"], [None], ["Counts are of custody records"]]
PIVOT = [["status", "n"], ["current", 30], ["left", 10]]


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_the_sheet_that_holds_people_is_taken_wherever_it_is_and_the_others_are_named(tmp_path):
    file = workbook(tmp_path / "a.xlsx", Read_me=NOTES, Cohort=PEOPLE, Pivot=PIVOT, Blank=[])
    done = drafted(tmp_path / "study", source=file)
    text = done.file.read_text(encoding="utf-8")
    assert 'guessed: it holds arrests; not read: "Read me", "Pivot", "Blank"' in text
    study = load_study(alike(done.file))
    assert study.extract.sheet == "Cohort"
    assert read_people(study, tmp_path / "study").cohort.n == 40
    assert "sheet" in done.guessed


def test_of_two_sheets_of_people_the_longer_is_taken_unless_one_is_named(tmp_path):
    file = workbook(tmp_path / "a.xlsx", Removed=PEOPLE[:15], Current=PEOPLE)
    assert guess(file).settings["sheet"] == "Current"
    assert guess(file, "Removed").settings["sheet"] == "Removed"
    assert guess(file, "Removed").other_sheets == ("Current",)


def test_where_no_sheet_shows_people_the_sheets_are_named_and_how_to_say_which(tmp_path):
    file = workbook(tmp_path / "a.xlsx", Read_me=NOTES, Pivot=PIVOT)
    done = CliRunner().invoke(main, ["init", str(tmp_path / "s"), "--from", str(file)])
    assert done.exit_code == 2
    assert "Read me, Pivot" in done.stderr
    assert "--sheet NAME" in done.stderr
    assert not (tmp_path / "s").exists()
    named = CliRunner().invoke(main, ["init", str(tmp_path / "s"), "--from", str(file), "--sheet", "Pivot"])
    assert named.exit_code == 0
    assert "\n  2. outcomes.arrests.columns: " in named.output


def test_the_name_of_a_sheet_cannot_write_into_the_study_file(tmp_path):
    name = 'x"] # y'
    file = workbook(tmp_path / "a.xlsx", **{"Cohort": PEOPLE, name.replace("]", ")"): NOTES})
    assert load_study(alike(drafted(tmp_path / "study", source=file).file)).extract.sheet == "Cohort"


NAMED = [
    ("arrests recorded before the start date", "arrests recorded after the start date", "arrests recorded"),
    ("days pre iom in custody", "days post iom in custody", "days in custody"),
    ("pre start", "post start", "start"),
    ("arrests_12m_before", "arrests_12m_after", "arrests"),
    ("No of arrests before", "No of arrests after", "arrests"),
    ("number of arrests 1", "number of arrests 2", "arrests"),
]


@pytest.mark.parametrize(("before", "after", "name"), NAMED)
def test_what_was_measured_is_named_without_the_day_that_it_is_counted_from(before, after, name):
    assert in_columns([before, after]).columns == {name: (before, after)}


def test_a_score_is_no_group_of_people_whatever_its_name(tmp_path):
    rows = "".join(f"a{k},{k % 2},{200 + 7 * k},{190 + 5 * k}\n" for k in range(30))
    head = "urn,IOM,offender group score before,offender group score after\n"
    (tmp_path / "a.csv").write_text(head + rows, encoding="utf-8")
    assert guess(tmp_path / "a.csv").who.group == "IOM"
