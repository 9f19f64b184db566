"""Days of leaving and of entry in every form that people keep them: read, or asked about, and never left out unsaid."""

import pytest

from iom_causal.data.guesses.guess import guess
from iom_causal.data.guesses.linked import guess_linked

ROWS = 40


def drafted(folder, died, adopted="01/10/2021", head="Date of death"):
    rows = [f"p{k:03},{died(k)},{adopted}" for k in range(ROWS)]
    people, log = folder / "people.csv", folder / "log.csv"
    people.write_text("\n".join([f"URN,{head},Date of adoption", *rows]) + "\n", encoding="utf-8")
    events = [f"p{k % ROWS:03},{k % 27 + 1:02}/03/2021" for k in range(3 * ROWS)]
    log.write_text("\n".join(["URN,Arrest date", *events]) + "\n", encoding="utf-8")
    return guess_linked(log, people=people)


@pytest.mark.parametrize("none", ["", "n/a", "-"])
def test_a_column_of_deaths_is_read_whatever_says_that_there_is_none(tmp_path, none):
    found = drafted(tmp_path, lambda k: none if k % 8 else "12/03/2022")
    assert found.linked.until == ("Date of death",)
    assert found.settings.get("missing", []) == ([none] if none else [])


@pytest.mark.parametrize(("died", "adopted", "form"), [("12/03/22", "01/10/21", "dd/mm/yy"),
                                                       ("12-Mar-22", "01-Oct-21", "dd-mon-yy")])  # fmt: skip
def test_years_of_two_digits_are_read(tmp_path, died, adopted, form):
    found = drafted(tmp_path, lambda k: "" if k % 8 else died, adopted)
    assert found.settings["dates"] == form
    assert (found.linked.until, found.linked.launch.isoformat()) == (("Date of death",), "2021-10-01")


def test_a_column_of_deaths_that_cannot_be_read_is_asked_about_without_its_cells(tmp_path):
    found = drafted(tmp_path, lambda k: "Alive and well" if k % 8 else "12/03/2022")
    (asked,) = [question for question in found.questions if question.key == "until"]
    assert "40 filled cells 35 do not read (35 as words or marks)" in asked.ask
    assert "Alive" not in asked.ask


def test_a_column_of_entry_that_cannot_be_read_is_named_at_the_index_date(tmp_path):
    found = drafted(tmp_path, lambda _: "", "autumn 21")
    assert '"Date of adoption" looks like the day on which people entered' in found.linked.entry_ask


def test_days_on_which_people_left_an_area_put_nobody_into_a_group(tmp_path):
    found = drafted(tmp_path, lambda k: "" if k % 8 else f"{k // 8 + 10}/03/2022", head="Died / left area")
    assert (found.linked.until, found.levels) == (("Died / left area",), ())


def with_custody(folder, heads, cells):
    """A row a person with arrests in two windows or three, and further columns."""
    rows = [f"p{k:03},{k % 5},{k % 4},{cells(k)}" for k in range(ROWS)]
    file = folder / "people.csv"
    file.write_text("\n".join([",".join(["urn", *heads]), *rows]) + "\n", encoding="utf-8")
    return guess(file)


TWO, YEARS = ["arrests before", "arrests after"], ["arrests_2018", "arrests_2019", "arrests_2020"]


def asked_of_custody(found):
    return [question.ask for question in found.questions if question.key == "custody_days"]


@pytest.mark.parametrize(
    ("heads", "cells", "said"),
    [
        (
            [*TWO, "custody days"],
            lambda k: str(7 * k),
            '"custody days" looks like days in custody, and is not read: of',
        ),
        ([*TWO, "custody days after"], lambda k: str(7 * k), "of which window is it (before or after)?"),
        ([*YEARS, "custody_2018", "custody_2020"], lambda k: f"{k % 3},{7 * k},{k}", "windows are they (2018, 2019 or"),
    ],
)
def test_days_in_custody_of_fewer_windows_than_there_are_are_asked_about(tmp_path, heads, cells, said):
    (ask,) = asked_of_custody(with_custody(tmp_path, heads, cells))
    assert said in ask
    assert "write custody_days = [] to leave days in custody out" in ask


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        ([*TWO, "in custody"], lambda k: str(k % 2)),
        ([*TWO, "custody records"], lambda k: str(7 * k)),
        ([*TWO, "days at risk before", "days at risk after", "custody days"], lambda k: f"365,{365 - k},{7 * k}"),
    ],
)
def test_what_is_no_number_of_days_and_what_nothing_would_be_taken_from_is_not_asked_about(tmp_path, heads, cells):
    assert asked_of_custody(with_custody(tmp_path, heads, cells)) == []


def test_of_days_in_custody_of_each_window_it_is_asked_only_what_they_are(tmp_path):
    found = with_custody(tmp_path, [*TWO, "custody days before", "custody days after"], lambda k: f"{7 * k},{k}")
    (ask,) = asked_of_custody(found)
    assert ask.startswith("are these days in custody")
