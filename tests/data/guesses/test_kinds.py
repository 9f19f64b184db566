"""Kinds of outcomes: what names and cells say, and what is asked where they do not."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from tests.data.walk import walk

COUNTS = [0, 1, 2, 0, 3, 1, 0, 2, 5, 0, 1, 4, 0, 2, 1, 0, 3, 0, 1, 6]


def people(folder, before, after=None, name="arrests"):
    pairs = enumerate(zip(before, before[::-1] if after is None else after, strict=True))
    file = folder / "people.csv"
    file.write_text(f"urn,{name} before,{name} after\n" + "".join(f"u{k:02},{a},{b}\n" for k, (a, b) in pairs), "utf-8")
    return file


KINDS = [
    ("arrests", COUNTS, "count"),
    ("burglaries", COUNTS, "count"),
    ("arrests", [0, 1] * 10, "binary"),
    ("employed", ["Y", "N"] * 10, "binary"),
    ("employed", ["yes", "No"] * 10, "binary"),
    ("employed", ["TRUE", "FALSE"] * 10, "binary"),
    ("harm index", [0, 10, 365, 5.5] * 5, "amount"),
    ("crime severity", [0, 10, 365, 1825] * 5, "amount"),
    ("CHI days", [0, 10, 365, 1825] * 5, "amount"),
    ("cost", ["£300", "£20", "£0", "£1200"] * 5, "amount"),
    ("OGRS score", [45, 50, 61, 72] * 5, "score"),
    ("harm score", [1, 5, 7, 10] * 5, "score"),
    ("wellbeing", [40 + k % 9 for k in range(20)], "score"),
    ("wellbeing", [40.5 + k % 9 for k in range(20)], "score"),
]


@pytest.mark.parametrize(("name", "cells", "kind"), KINDS)
def test_names_and_cells_say_the_kind(name, cells, kind, tmp_path):
    found = walk(tmp_path, people(tmp_path, cells, name=name))
    assert (found.asked, found.code) == ((), "")
    assert [found.people.cohort[o].kind for o in found.people.cohort] == [kind]


def test_yes_is_1(tmp_path):
    found = walk(tmp_path, people(tmp_path, ["Y", "N", "N", "N"] * 5, ["N"] * 20, "employed"))
    assert found.people.cohort["employed"].before.tolist() == [1, 0, 0, 0] * 5


ASKED = [
    ("arrests per month", [round(k / 12, 2) for k in COUNTS], "whole number over 12"),
    ("arrests", [round(k / 18, 3) for k in COUNTS], "whole number over 18"),
    ("offending rate", [0.11, 0.2, 0.37, 0.48] * 5, "it looks like a rate:"),
    ("employed", [1, 2] * 10, "1 and 2 only"),
    ("drinks a day", [0, 0.7, 1.3, 80.2] * 5, "if it adds up"),
]


@pytest.mark.parametrize(("name", "cells", "said"), ASKED)
def test_what_names_and_cells_leave_open_is_asked(name, cells, said, tmp_path):
    found = walk(tmp_path, people(tmp_path, cells, name=name))
    assert found.asked == ("outcomes",)
    assert said in found.told


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ([40.25, 41.75, 41] * 7, False),  # two fractions are whole numbers over something by chance
        ([40.25, 41.75, 42.5] * 7, True),
        ([40.25, 41.75, 42.51] * 7, False),
    ],
)
def test_three_fractions_that_are_whole_numbers_over_months_are_a_rate(cells, asked, tmp_path):
    found = walk(tmp_path, people(tmp_path, cells, name="wellbeing"))
    assert ("outcomes" in found.asked, "whole number over 12" in found.told) == (asked, asked)


def test_a_rate_is_confirmed_with_one_word(tmp_path):
    name, cells, _ = ASKED[0]
    line = f'  {{ name = "rate", kind = "score", columns = ["{name} before", "{name} after"] }},'
    found = walk(tmp_path, people(tmp_path, cells, name=name), {"  { name": line})
    assert found.people.cohort["rate"].before.tolist() == cells


def test_days_in_a_cell_are_no_group(tmp_path):
    days = "".join(f"u{k:02},{('2019-01-01', '2019-07-01')[k % 2]},{k % 5},{k % 3}\n" for k in range(20))
    (tmp_path / "people.csv").write_text("urn,cohort,arrests before,arrests after\n" + days, encoding="utf-8")
    assert "group" not in walk(tmp_path, tmp_path / "people.csv").asked
    assert "\ngroup = " not in walk(tmp_path / "again", tmp_path / "people.csv").text


def survey(folder, before, labels, name="arrests", end="sav"):
    """A file of a statistics package whose values have labels."""
    file = folder / f"people.{end}"
    columns = {f"{name}_pre": np.array(before, dtype=float), f"{name}_post": np.array(before[::-1], dtype=float)}
    frame = pd.DataFrame({"caseid": [f"P{k:03}" for k in range(len(before))], **columns})
    write = pyreadstat.write_sav if end == "sav" else pyreadstat.write_dta
    write(frame, str(file), variable_value_labels=dict.fromkeys(columns, labels))
    return file


@pytest.mark.parametrize("end", ["sav", "dta"])
def test_bands_are_no_count(end, tmp_path):
    bands = {0: "None", 1: "1-2", 2: "3-5", 3: "6 or more"}
    file = survey(tmp_path, [0, 1, 2, 3] * 5, bands, end=end)
    assert "bands or categories" in walk(tmp_path, file).told
    (tmp_path / "study" / "study.toml").unlink()
    by_hand = '  { name = "arrests", kind = "count", columns = ["arrests_pre", "arrests_post"] },'
    found = walk(tmp_path, file, {"  { name": by_hand})
    assert found.code == "IOM-E031"
    assert "value labels" in found.told


@pytest.mark.parametrize("end", ["sav", "dta"])
def test_a_label_that_says_refused_is_no_number_of_arrests(end, tmp_path):
    file = survey(tmp_path, [88, 88, 88, *COUNTS], {77: "Don't know", 88: "Refused"}, end=end)
    found = walk(tmp_path, file)
    assert (found.asked, found.code) == ((), "")
    assert np.nansum(found.people.cohort["arrests"].before) == sum(COUNTS)
    assert found.people.cohort["arrests"].kind == "count"


@pytest.mark.parametrize("end", ["sav", "dta"])
def test_labels_of_yes_and_no_make_a_share(end, tmp_path):
    file = survey(tmp_path, [1, 2, 2, 2] * 5, {1: "Yes", 2: "No"}, "employed", end)
    found = walk(tmp_path, file)
    assert found.people.cohort["employed"].kind == "binary"
    assert found.people.cohort["employed"].before.tolist() == [1, 0, 0, 0] * 5
    by_hand = '  { name = "employed", kind = "count", columns = ["employed_pre", "employed_post"] },'
    (tmp_path / "study" / "study.toml").unlink()
    assert 'kind = "binary"' in walk(tmp_path, file, {"  { name": by_hand}).told


def test_days_in_custody_are_asked_about_and_taken_from_the_windows(tmp_path):
    rows = "".join(f"u{k:02},{k % 5},{k % 3},{10 * k % 90},{k % 30}\n" for k in range(20))
    file = tmp_path / "people.csv"
    file.write_text(f"urn,arrests before,arrests after,days in prison before,days in prison after\n{rows}", "utf-8")
    begun = walk(tmp_path, file)
    assert "custody_days" in begun.asked
    assert 'custody_days = ["days in prison before", "days in prison after"]' in begun.told
    assert "days in prison" not in str([line for line in begun.text.splitlines() if "{ name" in line])
