"""What is guessed from a file with faults in it: faults are named when it is read, and change no guess in silence."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.guess import guess
from iom_causal.data.guesses.starts import months_of
from iom_causal.data.reading.panels import read_extract
from iom_causal.errors import InputError, IomCausalError
from iom_causal.protocol.study import load_study
from tests.data.alike import alike, drafted

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
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "people.csv").file))
    with pytest.raises(IomCausalError, match=said) as refused:
        read_extract(study.extract, tmp_path / "study")
    assert "row 2" in str(refused.value)


def test_commas_of_thousands_are_not_taken_for_decimals(tmp_path):
    cells = "".join(f'c{k},"7,{400 + k}","4,{500 + k}"\n' for k in range(30))
    found = guessed(tmp_path, "urn,cost before,cost after\n" + cells)
    assert found.outcomes[0][0] == "cost"
    assert [question.key for question in found.questions] == ["equal_windows", "decimal"]
    decimals = "".join(f'c{k},"7,{k}","4,{k}"\n' for k in range(30))
    assert guessed(tmp_path, "urn,cost before,cost after\n" + decimals).settings["decimal"] == ","


def test_a_row_of_sums_is_no_person_without_a_value(tmp_path):
    found = guessed(tmp_path, HEAD + rows() + "Total,300,\n")
    assert found.outcomes[0][3] == "refuse"


def test_one_date_in_another_form_does_not_change_the_form(tmp_path):
    birth = "".join(f"a{k},{1 + k % 28}/{1 + k % 12}/19{60 + k},1,1\n" for k in range(30))
    text = "urn,dob,Arrests before,Arrests after\n" + birth + "z,1985-02-03,1,1\n"
    assert guessed(tmp_path, text).settings["dates"] == "dd/mm/yyyy"


def test_a_row_for_each_event_is_a_log_whose_people_are_asked_for(tmp_path):
    events = "".join(f"a{k % 9},{1 + k % 28:02}/03/2019,theft\n" for k in range(90))
    file = tmp_path / "events.csv"
    file.write_text("urn,date,what\n" + events, encoding="utf-8")
    begun = drafted(tmp_path / "study", source=file)
    assert any("log of events" in step for step in begun.steps)
    assert {"file", "id"} <= set(begun.to_edit)


@pytest.mark.parametrize("word", ["TOTALS:", "Column total", "All", "Sum of arrests", "(blank)", "Gesamt", "n = 30"])
def test_rows_of_sums_are_known_by_what_stands_for_an_id(word, tmp_path):
    text = HEAD + rows() + f"{word},300,200\n"
    guessed(tmp_path, text)
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "people.csv").file))
    read = read_extract(study.extract, tmp_path / "study")
    assert ("rows of sums, left out", 1) in read.facts
    assert read.cohort.n == rows().count("\n")
    with pytest.raises(IomCausalError, match="IOM-E022"):
        read_extract(replace(study.extract, drop_rows=()), tmp_path / "study")


def test_a_row_of_sums_under_an_id_is_known_by_its_figures(tmp_path):
    text = HEAD + rows()
    sums = [sum(int(line.split(",")[k]) for line in text.splitlines()[1:]) for k in (1, 2)]
    guessed(tmp_path, text + f"99999,{sums[0]},{sums[1]}\n")
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "people.csv").file))
    assert read_extract(study.extract, tmp_path / "study").cohort.n == rows().count("\n")
    with pytest.raises(IomCausalError, match="sums of all others") as refused:
        read_extract(replace(study.extract, drop_rows=()), tmp_path / "study")
    assert "99999" not in str(refused.value)


@pytest.mark.parametrize("cell", ['"1,{}.50"', '"1.{},5"', "1 {}.5", "£1'{}.50"])
def test_money_with_marks_of_thousands_is_read(cell, tmp_path):
    text = "urn,harm before,harm after\n" + "".join(
        f"c{k},{cell.format(200 + k)},{cell.format(100 + k)}\n" for k in range(30)
    )
    assert [o[0] for o in guessed(tmp_path, text).outcomes] == ["harm"]
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "people.csv").file))
    panel = read_extract(study.extract, tmp_path / "study").cohort["harm"]
    assert panel.outcome[7].tolist() == [1207.5, 1107.5]


def test_simulated_people_stay_simulated(tmp_path):
    text = HEAD.replace("\n", ",_synthetic\n") + rows().replace("\n", ",True\n")
    assert guessed(tmp_path, text).invented
    study = load_study(alike(drafted(tmp_path / "study", source=tmp_path / "people.csv").file))
    assert study.invented


def test_a_dash_may_be_a_nought(tmp_path):
    guessed(tmp_path, HEAD + rows(("-", "1"), ("2", "-")))
    begun = alike(drafted(tmp_path / "study", source=tmp_path / "people.csv").file)
    asked = begun.read_text(encoding="utf-8")
    line = re.search(r"missing = 'EDIT: 2 cells are empty, or a dash: write .*?\)'", asked)
    for answer, known in (("zero", 32), ("keep", 30)):
        begun.write_text(asked.replace(line[0], f'missing = "{answer}"'), encoding="utf-8")
        panel = read_extract(load_study(begun).extract, tmp_path / "study").cohort["arrests"]
        assert (panel.n, panel.n_complete) == (32, known)


def test_counts_without_a_name_are_events(tmp_path):
    assert guessed(tmp_path, "urn,before,after\n" + rows()).outcomes[0][0] == "events"


def people(folder, columns, n=30):
    """People with counts before and after, and the cells of further columns in turn; with a draft of their study."""
    head = f"urn,{','.join(columns)},arrests_12m_before,arrests_12m_after\n"
    cells = [[c[k % len(c)] for c in columns.values()] for k in range(n)]
    body = "".join(f"u{k},{','.join(cells[k])},{k % 7},{k % 4}\n" for k in range(n))
    (folder / "a.csv").write_text(head + body, encoding="utf-8")
    return drafted(folder / "study", source=folder / "a.csv")


@pytest.mark.parametrize(
    ("column", "cells", "managed"),
    [
        ("iom", ["1", "0", "0"], "1"),
        ("Scheme", ["IOM", "none", "none"], "IOM"),
        ("group", ["Comparison", "IOM", "IOM"], "IOM"),
        ("comparison", ["1", "0", "1"], "0"),
        ("control", ["yes", "no"], "no"),
        ("status", ["managed", "waiting list"], "managed"),
        ("status", ["active", "waiting list"], "active"),
        ("status", ["managed", "waiting list", "comparison"], "managed"),
        ("Status", ["Adopted", "Not adopted"], "Adopted"),
        ("Type", ["IOM", "Non-IOM"], "IOM"),
        ("Arm", ["treatment as usual", "treatment"], "treatment"),
        ("grp", ["Treated", "Matched"], "Treated"),
        ("was he managed?", ["yes", "not managed"], "yes"),
        ("list", ["not managed", "managed"], "managed"),
    ],
)
def test_people_who_were_not_managed_are_set_apart_by_the_column_that_tells(column, cells, managed, tmp_path):
    begun = people(tmp_path, {column: cells})
    assert {"group", "managed"} <= set(begun.guessed)
    assert begun.to_edit == ()
    assert any("picked as the managed were" in step for step in begun.steps)
    study = load_study(begun.file)
    assert (study.extract.group, study.extract.managed) == (column, (managed,))
    panel = read_extract(study.extract, study.folder).cohort["arrests"]
    assert panel.group.tolist() == [cells[k % len(cells)] == managed for k in range(30)]


@pytest.mark.parametrize(
    ("column", "cells"),
    [("cohort", ["A", "B", "B"]), ("group", ["1", "2"]), ("status", ["north", "south", "control"])],
)
def test_where_no_cell_says_who_was_managed_a_study_waits_for_the_answer(column, cells, tmp_path):
    begun = people(tmp_path, {column: cells})
    assert "group" in begun.guessed
    assert begun.to_edit == ("managed",)
    with pytest.raises(IomCausalError, match="fill in the lines that still say EDIT: managed"):
        load_study(begun.file)
    assert load_study(begun.file, planned=True).extract.group == column


def test_an_empty_cell_in_the_column_of_managed_people_is_not_passed_over(tmp_path):
    begun = people(tmp_path, {"managed": ["1", "0", ""]})
    study = load_study(begun.file)
    assert study.extract.group == "managed"
    with pytest.raises(IomCausalError, match=r"IOM-E036: column 'managed': 10 cells are empty.*such as 0, or leave"):
        read_extract(study.extract, study.folder)


@pytest.mark.parametrize(
    ("column", "cells"),
    [("age_group", ["under 25", "older"]), ("team", ["North", "South"]), ("joined", ["2020-01-01", "2020-02-01"])],
)
def test_columns_of_other_groups_and_days_of_everybody_set_nobody_apart(column, cells, tmp_path):
    begun = people(tmp_path, {column: cells})
    extract = load_study(begun.file).extract
    assert (extract.group, extract.start) == ("", "")


def test_days_of_entry_of_some_tell_who_was_managed_if_that_is_confirmed(tmp_path):
    begun = people(tmp_path, {"joined": ["2020-01-01", "2020-02-01", ""]})
    assert begun.to_edit == ("managed",)
    assert begun.understood[0] == "30 people, a row each: managed 20, not managed 10."
    with pytest.raises(IomCausalError, match=r"EDIT: managed .10 people have no day in .joined.* managed = .."):
        load_study(begun.file)
    begun.file.unlink()
    both = people(tmp_path, {"joined": ["2020-01-01", "2020-02-01", ""], "managed": ["1", "1", "0"]})
    assert both.to_edit == ()
    assert load_study(both.file).extract.group == "managed"


def test_a_column_of_three_values_that_say_nothing_is_no_column_of_groups(tmp_path):
    people(tmp_path, {"age_group": ["a", "b", "c"]})
    assert guess(tmp_path / "a.csv").who.group == ""


def test_ids_that_two_areas_share_are_asked_about_and_not_taken_for_several_rows_a_person(tmp_path):
    lines = [f"{k},{force},{k % 4},{k % 3}\n" for force in ("North", "South") for k in range(20)]
    found = guessed(tmp_path, "id,force,arrests 12m before,arrests 12m after\n" + "".join(lines))
    assert (found.layout, found.outcomes[0][0]) == ("wide", "arrests")
    assert [q.key for q in found.questions] == ["id"]
    assert 'differ in "force"' in found.questions[0].ask


def test_two_financial_years_named_by_one_number_leave_open_which_lies_after(tmp_path):
    lines = [f"p{k},{k % 4},{k % 3}\n" for k in range(20)]
    asked = [
        [q.key for q in guessed(tmp_path, f"id,{first},{last}\n" + "".join(lines)).questions]
        for first, last in (("arrests FY21", "arrests FY22"), ("arrests before", "arrests after"))
    ]
    assert asked == [["windows"], ["equal_windows"]]


def test_months_counted_from_1904_are_months_of_the_right_years():
    days = np.array([42004.0, 42035.0] * 6, dtype=object)  # from 1904-01-01
    sheet = Sheet(columns={"month": days}, rows=12, epoch=dt.date(1904, 1, 1))
    assert months_of(sheet, "month", "excel")[:2] == ["2019-01", "2019-02"]


def test_text_under_the_name_of_a_workbook_is_called_what_it_is(tmp_path):
    file = tmp_path / "people.xlsx"
    file.write_text("urn,arrests before,arrests after\na,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"IOM-E015: the file is called \.xlsx but is text, as \.csv files are"):
        drafted(tmp_path / "s", source=file)
