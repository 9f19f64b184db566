"""Files of Stata: labels, its many missing codes, its dates, and damage."""

import datetime as dt

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from iom_causal.analysis.study_people import read_people
from iom_causal.data.files.readers import read_sheet
from iom_causal.data.files.reading import Reading
from iom_causal.data.files.sheet import Limits
from iom_causal.data.files.spss_stata import read_dta
from iom_causal.data.guesses.guess import guess
from iom_causal.errors import IomCausalError
from iom_causal.protocol.draft.start import start
from iom_causal.protocol.study import load_study
from tests.data.alike import alike
from tests.data.walk import walk

PEOPLE = 40
URNS = [f"{k:03d}" for k in range(PEOPLE)]
BEFORE = [k % 5 + 3 for k in range(PEOPLE)]
AFTER = [k % 4 for k in range(PEOPLE)]


def wide(file, version=118, **more):
    columns = {"urn": URNS, "arrests_pre": np.int8(BEFORE), "arrests_post": np.int8(AFTER), **more}
    pd.DataFrame(columns).to_stata(file, write_index=False, version=version)
    return file


def people_of(file, folder, **replaced):
    study = alike(start(folder / "study", source=file).file)
    text = study.read_text(encoding="utf-8")
    for old, new in replaced.values():
        assert old in text
        text = text.replace(old, new)
    study.write_text(text, encoding="utf-8")
    return read_people(load_study(study), study.parent)


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_every_age_of_the_format_gives_the_same_people(tmp_path, version):
    panel = people_of(wide(tmp_path / "people.dta", version), tmp_path).cohort["arrests"]
    np.testing.assert_array_equal(panel.outcome, np.column_stack([BEFORE, AFTER]))
    assert panel.outcome.dtype == np.int64
    assert panel.ids.tolist() == URNS


def long(file, codes=()):
    rows = [(urn, p, (BEFORE, AFTER)[p - 1][k]) for k, urn in enumerate(URNS) for p in (1, 2)]
    frame = pd.DataFrame(rows, columns=["urn", "wave", "arrests"])
    frame["arrests"] = frame["arrests"].astype(object)
    for row, code in codes:
        frame.loc[row, "arrests"] = code
    pyreadstat.write_dta(
        frame,
        str(file),
        version=15,
        variable_value_labels={"wave": {1: "in the year before", 2: "after", "a": "not asked"},
                               "arrests": {"a": "refused", "b": "moved away"}},
        missing_user_values={"wave": ["a"], "arrests": ["a", "b"]},
    )  # fmt: skip
    return file


def test_labels_name_the_windows_in_the_order_of_their_codes_and_labels_of_missing_codes_do_not_count(tmp_path):
    found = guess(long(tmp_path / "people.dta"))
    assert [(w.label, bool(w.post)) for w in found.windows] == [("in the year before", False), ("after", True)]
    assert read_sheet(tmp_path / "people.dta").labels["wave"] == {1: "in the year before", 2: "after"}


def test_missing_codes_from_a_to_z_are_people_without_a_value(tmp_path):
    file = long(tmp_path / "people.dta", [(1, "a"), (3, "b"), (5, None)])
    keep = '  { name = "arrests", kind = "count", columns = ["arrests"], missing = "keep" },'
    found = walk(tmp_path, file, {"  { name": keep})
    assert found.asked == ("outcomes",)
    panel = found.people.cohort["arrests"]
    assert panel.n_complete == PEOPLE - 3
    np.testing.assert_array_equal(
        np.isnan(panel.outcome[:4]), [[False, True], [False, True], [False, True], [False] * 2]
    )


def test_days_and_moments_are_days(tmp_path):
    born = pd.to_datetime(["1990-02-01"] * (PEOPLE - 1) + [None])
    frame = pd.DataFrame({"urn": URNS, "arrests_pre": BEFORE, "arrests_post": AFTER, "dob": born})
    for form in ("td", "tc"):
        file = tmp_path / f"{form}.dta"
        frame.to_stata(file, write_index=False, convert_dates={"dob": form})
        held = read_sheet(file)["dob"].tolist()
        assert held[-1] is None
        assert {dt.date(cell.year, cell.month, cell.day) for cell in held[:-1]} == {dt.date(1990, 2, 1)}


def test_months_since_1960_are_no_days_whatever_is_set(tmp_path):
    frame = pd.DataFrame({"urn": URNS, "arrests_pre": BEFORE, "arrests_post": AFTER})
    frame["dob"] = pd.Timestamp("1990-02-01")
    file = tmp_path / "people.dta"
    frame.to_stata(file, write_index=False, convert_dates={"dob": "tm"})
    assert "dates" not in guess(file).settings
    for form in ("yyyy-mm-dd", "excel"):
        text = {"dob": ('# date_of_birth = "dob"', f'index_date = 2020-01-01\ndates = "{form}"\ndate_of_birth = "dob"')}
        with pytest.raises(IomCausalError, match=r"IOM-E050.*'dob'"):
            people_of(file, tmp_path / form, **text)


def test_text_of_any_length_is_text(tmp_path):
    frame = pd.DataFrame({"urn": URNS, "arrests_pre": BEFORE, "arrests_post": AFTER, "note": ["x" * 3000] * PEOPLE})
    frame.to_stata(tmp_path / "people.dta", write_index=False, version=117, convert_strl=["note"])
    assert people_of(tmp_path / "people.dta", tmp_path).cohort.n == PEOPLE


def test_a_file_of_stata_under_another_name_is_named(tmp_path):
    wide(tmp_path / "people.dta").rename(tmp_path / "people.csv")
    with pytest.raises(IomCausalError, match=r"IOM-E015.*\.dta file"):
        read_sheet(tmp_path / "people.csv")


def test_damaged_files_are_refused(tmp_path):
    data, file = wide(tmp_path / "people.dta").read_bytes(), tmp_path / "damaged.dta"
    codes = set()
    for part in range(5):
        file.write_bytes(data[: len(data) * part // 5])
        with pytest.raises(IomCausalError) as caught:
            read_dta(file, Reading(), Limits())
        codes.add(caught.value.code)
    assert codes == {"IOM-E014"}
