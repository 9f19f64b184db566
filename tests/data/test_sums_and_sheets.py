"""What spreadsheets of people hold besides people."""

import openpyxl
import pytest

from iom_causal.data.guess import guess
from iom_causal.errors import IomCausalError
from iom_causal.starter import start
from iom_causal.study import load_study, read_people


def test_a_row_of_sums_is_no_person(tmp_path):
    rows = "\n".join(f"{k:03d},{k % 5 + 3},{k % 4}" for k in range(40))
    (tmp_path / "a.csv").write_text(f"urn,arrests_before,arrests_after\n{rows}\nTotal,200,60\n", encoding="utf-8")
    study = load_study(start(tmp_path / "study", source=tmp_path / "a.csv").file)
    with pytest.raises(IomCausalError, match="1 rows are sums"):
        read_people(study, tmp_path / "study")


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
    study = load_study(start(tmp_path / "study", source=tmp_path / "a.csv").file)
    assert study.extract.outcomes[0].name == "arrests"


def test_arrests_in_custody_records_are_no_days_in_custody(tmp_path):
    heads = "urn,custody record arrests before,custody record arrests after,days in prison before,days in prison after"
    rows = "\n".join(f"{k:03d},{k % 5 + 3},{k % 4},{k % 9},{k % 7}" for k in range(40))
    (tmp_path / "a.csv").write_text(f"{heads}\n{rows}\n", encoding="utf-8")
    found = guess(tmp_path / "a.csv")
    assert [o[0] for o in found.outcomes] == ["custody record arrests"]
    assert found.custody_days == ("days in prison before", "days in prison after")
