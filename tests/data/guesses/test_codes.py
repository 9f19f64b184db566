"""Codes for missing, marks of decimals and withheld numbers: what a draft guesses, and what it asks."""

import numpy as np
import pytest

from iom_causal.data.guesses.codes import coded
from tests.data.walk import walk

NUMBERS = [0, 1, 2, 0, 3, 1, 0, 2, 5, 0, 1, 4, 0, 2, 1, 0, 3, 0, 1, 6]
SCORES = [45 + 3 * k % 20 for k in range(20)]


def people(folder, before, after=NUMBERS, name="arrests"):
    rows = "".join(f'u{k:02},"{a}",{b}\n' for k, (a, b) in enumerate(zip(before, after, strict=True)))
    file = folder / "people.csv"
    file.write_text(f"urn,{name} before,{name} after\n{rows}", encoding="utf-8")
    return file


def answer(name="arrests", kind="count", missing=""):
    more = f', missing = "{missing}"' if missing else ""
    return f'  {{ name = "{name}", kind = "{kind}", columns = ["{name} before", "{name} after"]{more} }},'


def mean(walked, name="arrests"):
    panel = walked.people.cohort[name]
    return panel.n_complete, float(panel.before[~(panel.before != panel.before)].mean())


@pytest.mark.parametrize(
    ("codes", "listed"),
    [
        (["N/A", 99, 99], '["N/A", 99]'),
        ([99, 99], "[99]"),
        ([999], "[999]"),
        ([88, 99], "[88, 99]"),
        ([97, 98, 99], "[97, 98, 99]"),
    ],
)
def test_isolated_codes_are_asked_about_and_left_out_when_they_are_confirmed(codes, listed, tmp_path):
    file = people(tmp_path, [*codes, *NUMBERS[len(codes) :]])
    begun = walk(tmp_path, file)
    assert begun.asked == ("missing",)
    assert f"Write missing = {listed}" in begun.text
    assert begun.code == "IOM-E096"
    (tmp_path / "study" / "study.toml").unlink()
    known = NUMBERS[len(codes) :]
    assert mean(walk(tmp_path, file, {"missing = ": f"missing = {listed}"})) == (len(known), sum(known) / len(known))


@pytest.mark.parametrize("codes", [[-9, -9, -8], [-1], [-99]])
def test_numbers_below_0_among_counts_are_guessed_as_codes(codes, tmp_path):
    found = walk(tmp_path, people(tmp_path, [*codes, *NUMBERS[len(codes) :]]))
    assert found.asked == ()
    assert found.people.cohort["arrests"].n_complete == 20 - len(codes)
    assert 'guessed = ["missing"' in found.text


@pytest.mark.parametrize(
    ("below", "of_score", "of_count"),
    [
        ([-1], [], [-1]),  # a score may well fall to -1
        ([-9, -1], [], [-9, -1]),
        ([-9], [-9], [-9]),
        ([-2], [], []),
        ([-99, -88, -9, -8], [-99, -88, -9, -8], [-99, -88, -9, -8]),
        ([-99, -88, -9, -8, -7], [], []),  # more than four are values
    ],
)
def test_numbers_below_0_are_codes_where_no_value_is_like_them(below, of_score, of_count):
    values = np.array([*SCORES, *below], dtype=np.float64)
    for plainly_score, expected in ((True, of_score), (False, of_count)):
        assert list(coded(values, plainly_score=plainly_score).certain) == expected


def test_two_kinds_of_codes_in_a_score_are_no_scores(tmp_path):
    found = walk(tmp_path, people(tmp_path, SCORES, [-9, -9, -8, -8, *SCORES[4:]], "score"))
    assert found.people.cohort["score"].n_complete == 16
    assert found.facts()["score after: a code for missing"] == 4


@pytest.mark.parametrize(
    "before",
    [[k % 10 for k in range(20)], [*NUMBERS[:-1], 9], [*NUMBERS[:-1], 14]],  # 9 among 0 to 8; the tail
)
def test_a_number_that_the_others_lead_up_to_is_a_count(before, tmp_path):
    found = walk(tmp_path, people(tmp_path, before))
    assert found.asked == ()
    assert mean(found) == (20, sum(before) / 20)


def test_a_code_that_is_a_value_elsewhere_is_not_to_be_listed(tmp_path):
    before = [9, 9, 9, *[k % 2 for k in range(17)]]
    found = walk(tmp_path, people(tmp_path, before, [k % 10 for k in range(20)]))
    assert "another column has 9 among its values" in found.told


def test_a_study_written_by_hand_is_told_of_values_far_from_the_rest(tmp_path):
    file = people(tmp_path, [99, 99, *NUMBERS[2:]])
    found = walk(tmp_path, file, {"missing = ": ""})
    note = next(n for n in found.people.notes if "IOM-W130" in n)
    assert "2 values lie far outside the rest, 2 of them" in note
    assert not any("IOM-W130" in n for n in walk(tmp_path / "b", people(tmp_path, NUMBERS)).people.notes)


@pytest.mark.parametrize(("mark", "value"), [(".", 1203.0), (",", 1.203)])
def test_commas_that_may_be_either_are_asked_about(mark, value, tmp_path):
    file = people(tmp_path, [f"1,2{k:02}" for k in range(20)], [f"{k}" for k in range(20)], "cost")
    begun = walk(tmp_path, file)
    assert begun.asked == ("decimal",)
    (tmp_path / "study" / "study.toml").unlink()
    found = walk(tmp_path, file, {"decimal = ": f'decimal = "{mark}"'})
    assert found.outcome("cost")[3] == [value, 3]


def test_withheld_numbers_are_a_question_of_their_own(tmp_path):
    file = people(tmp_path, ["<5", "<5", *[5 + k % 4 for k in range(18)]])
    assert '2 cells say "fewer than"' in walk(tmp_path, file).told
    (tmp_path / "study" / "study.toml").unlink()
    found = walk(tmp_path, file, {"missing = ": 'missing = ["<5"]'})
    assert found.people.cohort["arrests"].n_complete == 18


BLANK = ["", "", "", *[1 + k % 4 for k in range(17)]]


@pytest.mark.parametrize(("says", "n", "total"), [("zero", 20, sum(BLANK[3:])), ("keep", 17, sum(BLANK[3:]))])
def test_what_an_empty_cell_means_is_asked(says, n, total, tmp_path):
    file = people(tmp_path, BLANK, [1] * 20)
    begun = walk(tmp_path, file)
    assert begun.asked == ("outcomes",)
    assert "3 cells are empty" in begun.told
    assert "no cell holds a 0" in begun.told
    (tmp_path / "study" / "study.toml").unlink()
    found = walk(tmp_path, file, {"  { name": answer(missing=says)})
    assert mean(found) == (n, total / n)
    if says == "zero":
        assert found.facts()["arrests before: an empty cell, read as 0"] == 3


def test_where_noughts_are_written_an_empty_cell_is_likelier_not_known(tmp_path):
    assert "likelier not known" in walk(tmp_path, people(tmp_path, [*BLANK[:-1], 0], [1] * 20)).told


def test_a_code_is_never_a_nought_and_stands_beside_empty_cells_that_are(tmp_path):
    file = people(tmp_path, ["n/k", *BLANK[1:]], [1] * 20)
    found = walk(tmp_path, file, {"  { name": answer(missing="zero")})
    assert mean(found) == (19, sum(BLANK[3:]) / 19)
    facts = found.facts()
    assert facts["arrests before: an empty cell, read as 0"] == 2
    assert facts["arrests, before: no value"] == 1


def test_an_empty_score_is_not_known(tmp_path):
    found = walk(tmp_path, people(tmp_path, ["", *SCORES[1:]], SCORES, "score"))
    assert found.asked == ()
    assert found.people.cohort["score"].n_complete == 19


def test_a_code_among_groups_is_no_group(tmp_path):
    rows = "".join(
        f"u{k:02},{('north', 'south', 'n/k')[k % 3]},{k % 5},{'n/k' if k < 2 else k % 3}\n" for k in range(21)
    )
    (tmp_path / "people.csv").write_text(f"urn,team,arrests before,arrests after\n{rows}", encoding="utf-8")
    found = walk(tmp_path, tmp_path / "people.csv")
    teams = found.people.cohort["arrests"].covariates["team"].tolist()
    assert sorted(set(teams)) == ["missing", "north", "south"]
    assert found.facts()["team: a code for missing"] == 7
