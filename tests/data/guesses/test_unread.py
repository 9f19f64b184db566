"""Days of leaving and of entry in every form that people keep them: read, or asked about, and never left out unsaid."""

import pytest

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
