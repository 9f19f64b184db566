"""What is guessed from a file with faults in it: faults are named when it is read, and change no guess in silence."""

import tomllib

import pytest

from iom_causal.data.guess import guess
from iom_causal.data.panels import read_extract
from iom_causal.errors import IomCausalError
from iom_causal.protocol.draft import start, written
from iom_causal.protocol.study import load_study

HEAD = "urn,Arrests before,Arrests after\n"


def rows(*cells):
    """Thirty people, the first of them with these cells."""
    first = "".join(f"a{k},{a},{b}\n" for k, (a, b) in enumerate(cells))
    return first + "".join(f"b{k},{k % 7},{k % 4}\n" for k in range(30))


def guessed(folder, text):
    file = folder / "people.csv"
    file.write_text(text, encoding="utf-8")
    return guess(file)


@pytest.mark.parametrize(
    ("cells", "said"),
    [(("-3", "1"), "negative"), (("3.5", "1"), "not whole|fraction|whole"), (("about 7", "1"), "not a plain number")],
)
def test_one_fault_among_counts_leaves_them_counts_and_is_named(cells, said, tmp_path):
    text = HEAD + rows(cells)
    assert guessed(tmp_path, text).outcomes == (("arrests", "count", ("Arrests before", "Arrests after"), "refuse"),)
    study = load_study(start(tmp_path / "study", source=tmp_path / "people.csv").file)
    with pytest.raises(IomCausalError, match=said) as refused:
        read_extract(study.extract, tmp_path / "study")
    assert "row 2" in str(refused.value)


def test_commas_of_thousands_are_not_taken_for_decimals(tmp_path):
    cells = "".join(f'c{k},"7,{400 + k}","4,{500 + k}"\n' for k in range(30))
    found = guessed(tmp_path, "urn,cost before,cost after\n" + cells)
    assert "decimal" not in found.settings
    assert found.outcomes[0][0] == "cost"
    study = load_study(start(tmp_path / "study", source=tmp_path / "people.csv").file)
    with pytest.raises(IomCausalError, match="take out commas of thousands"):
        read_extract(study.extract, tmp_path / "study")
    decimals = "".join(f'c{k},"7,{k}","4,{k}"\n' for k in range(30))
    assert guessed(tmp_path, "urn,cost before,cost after\n" + decimals).settings["decimal"] == ","


def test_a_row_of_sums_is_no_person_without_a_value(tmp_path):
    found = guessed(tmp_path, HEAD + rows() + "Total,300,\n")
    assert found.outcomes[0][3] == "refuse"


def test_one_date_in_another_form_does_not_change_the_form(tmp_path):
    birth = "".join(f"a{k},{1 + k % 28}/{1 + k % 12}/19{60 + k},1,1\n" for k in range(30))
    text = "urn,dob,Arrests before,Arrests after\n" + birth + "z,1985-02-03,1,1\n"
    assert guessed(tmp_path, text).settings["dates"] == "dd/mm/yyyy"


def test_a_row_for_each_event_is_told_what_to_do(tmp_path):
    events = "".join(f"a{k % 9},{1 + k % 28:02}/03/2019,theft\n" for k in range(90))
    file = tmp_path / "events.csv"
    file.write_text("urn,date,what\n" + events, encoding="utf-8")
    begun = start(tmp_path / "study", source=file)
    assert any("count the events first" in step for step in begun.steps)
    assert {"period", "outcomes"} <= set(begun.to_edit)


@pytest.mark.parametrize("word", ["TOTALS:", "Column total", "All", "Sum of arrests", "(blank)", "Gesamt", "n = 30"])
def test_rows_of_sums_are_known_by_what_stands_for_an_id(word, tmp_path):
    text = HEAD + rows() + f"{word},300,200\n"
    guessed(tmp_path, text)
    study = load_study(start(tmp_path / "study", source=tmp_path / "people.csv").file)
    with pytest.raises(IomCausalError, match="IOM-E022"):
        read_extract(study.extract, tmp_path / "study")


def test_a_row_of_sums_under_an_id_is_known_by_its_figures(tmp_path):
    text = HEAD + rows()
    sums = [sum(int(line.split(",")[k]) for line in text.splitlines()[1:]) for k in (1, 2)]
    guessed(tmp_path, text + f"99999,{sums[0]},{sums[1]}\n")
    study = load_study(start(tmp_path / "study", source=tmp_path / "people.csv").file)
    with pytest.raises(IomCausalError, match="sums of all others") as refused:
        read_extract(study.extract, tmp_path / "study")
    assert "99999" not in str(refused.value)


@pytest.mark.parametrize("cell", ['"1,{}.50"', '"1.{},5"'])
def test_money_with_marks_of_thousands_is_taken_for_an_outcome_and_its_cells_named(cell, tmp_path):
    text = "urn,harm before,harm after\n" + "".join(
        f"c{k},{cell.format(200 + k)},{cell.format(100 + k)}\n" for k in range(30)
    )
    assert [o[0] for o in guessed(tmp_path, text).outcomes] == ["harm"]
    study = load_study(start(tmp_path / "study", source=tmp_path / "people.csv").file)
    with pytest.raises(IomCausalError, match="IOM-E031"):
        read_extract(study.extract, tmp_path / "study")


def test_simulated_people_stay_simulated(tmp_path):
    text = HEAD.replace("\n", ",_synthetic\n") + rows().replace("\n", ",True\n")
    assert guessed(tmp_path, text).invented
    study = load_study(start(tmp_path / "study", source=tmp_path / "people.csv").file)
    assert study.invented


def test_a_dash_may_be_a_nought(tmp_path):
    guessed(tmp_path, HEAD + rows(("-", "1"), ("2", "-")))
    begun = start(tmp_path / "study", source=tmp_path / "people.csv").file
    assert "if these are 0, put 0 into the file" in begun.read_text(encoding="utf-8")


def test_counts_without_a_name_are_events(tmp_path):
    assert guessed(tmp_path, "urn,before,after\n" + rows()).outcomes[0][0] == "events"


@pytest.mark.parametrize(
    ("column", "cells", "managed"),
    [
        ("iom", ["1", "0", "0"], "1"),
        ("Scheme", ["IOM", "none", "none"], "IOM"),
        ("group", ["Comparison", "IOM", "IOM"], "IOM"),
        ("comparison", ["1", "0", "1"], "0"),
        ("cohort", ["A", "B", "B"], None),
    ],
)
def test_a_column_that_looks_like_groups_is_named_in_a_line_that_can_be_used(column, cells, managed, tmp_path):
    rows = "".join(f"u{k},{cell},{k + 3},{k}\n" for k, cell in enumerate(cells))
    (tmp_path / "a.csv").write_text(f"urn,{column},arrests_before,arrests_after\n{rows}", encoding="utf-8")
    found = guess(tmp_path / "a.csv")
    assert (found.group, found.managed) == ((column,), () if managed is None else (managed,))
    assert column not in found.unread
    lines = [line.removeprefix("# ") for line in written(found, "a.csv").split("windows = [\n")[0].splitlines()]
    keys = tomllib.loads("\n".join(line for line in lines if line.startswith(("group = ", "managed = "))))
    assert keys == {"group": column, "managed": [managed or "1"]}


def test_a_column_of_more_than_two_values_is_no_column_of_groups(tmp_path):
    text = "urn,age_group,arrests_before,arrests_after\nu1,a,3,1\nu2,b,4,1\nu3,c,5,2\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert guess(tmp_path / "a.csv").group == ()
