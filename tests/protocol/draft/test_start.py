"""The first draft of a study: what it asks, in which order, of people and of logs of events."""

import re
import tomllib

import pytest
from click.testing import CliRunner

from iom_causal.cli import main
from iom_causal.errors import SpecError
from iom_causal.protocol.draft.start import start
from iom_causal.protocol.draft.started import FIRST, WIDTH
from iom_causal.protocol.study import load_study

PICKED = "selection"


def put(file, head, rows):
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def asked(started):
    """Return the keys of what is asked, but for how people were picked, which every draft asks once."""
    keys = [question.key for question in started.questions]
    assert keys.count(PICKED) == 1
    return [key for key in keys if key != PICKED]


def log(folder, head="urn,arrested,charged"):
    days = (f"2020-0{k % 9 + 1}-1{j}" for k in range(30) for j in range(k % 3))
    people = (f"p{k}" for k in range(30) for _ in range(k % 3))
    return put(folder / "arrests.csv", head, [f"{who},{day},{day}" for who, day in zip(people, days, strict=True)])


def people(folder, head="urn,joined"):
    return put(folder / "people.csv", head, [f"p{k},2020-0{k % 5 + 3}-01" for k in range(30)])


def test_what_decides_who_counts_is_asked_first_then_for_how_long_then_what_a_number_means(tmp_path):
    rows = [f"p{k},{'ABC'[k % 3]},{k % 4},{'' if k < 3 else k % 3},99" for k in range(40)]
    rows += [f"q{k},control,{99 if k < 3 else k % 4},1,99" for k in range(20)]
    started = start(tmp_path / "s", source=put(tmp_path / "people.csv", "urn,group,arrests_b,arrests_a,x", rows))
    assert asked(started)[0] == "managed"
    rows = [row.replace("99", "1") if row.startswith("q") else row for row in rows]
    head = "urn,group,arrests before,arrests after,x"
    started = start(tmp_path / "t", source=put(tmp_path / "people.csv", head, rows))
    assert asked(started) == ["managed", "equal_windows", "outcomes.arrests.missing"]


def test_lengths_are_not_asked_before_anybody_knows_what_is_counted(tmp_path):
    rows = [f"p{k},red,{k}" for k in range(20)]
    started = start(tmp_path / "s", source=put(tmp_path / "people.csv", "urn,colour,shoe", rows))
    assert asked(started) == ["outcomes.arrests.columns"]


def test_a_log_alone_asks_for_the_people_then_for_the_days_and_three_questions_stand_at_the_top(tmp_path):
    file = log(tmp_path)
    done = CliRunner().invoke(main, ["init", str(tmp_path / "s"), "--from", str(file)])
    lines = [line for line in done.output.splitlines() if not line.startswith("     ")]
    at = next(k for k, line in enumerate(lines) if line.startswith("First fill in"))
    told = [line.partition(":")[0] for line in lines[at + 1 :]]
    assert told == [
        "  1. file",
        "  2. id",
        f"  3. {PICKED}",
        "Then fill in 2 more lines of that kind",
        "  4. index_date",
        "  5. events.date",
        "Then run",
    ]
    assert told.index("Then fill in 2 more lines of that kind") == FIRST
    assert max(map(len, [line for line in lines if line[:2] == "  "])) <= WIDTH
    assert "--people PEOPLE" in done.output


def test_a_log_beside_its_people_asks_for_one_day_or_everybody_s_own(tmp_path):
    started = start(tmp_path / "s", source=log(tmp_path), people=people(tmp_path))
    assert asked(started) == ["index_date", "events.date"]
    text = started.file.read_text(encoding="utf-8")
    extract = tomllib.loads(text)["study"]["extract"]
    assert (extract["file"], extract["id"]) == ("../people.csv", "urn")
    assert extract["events"]["file"] == "../arrests.csv"
    assert extract["events"]["id"] == "urn"
    assert '\n# entry = "joined"\n' in text


def test_people_beside_a_log_are_shown(tmp_path):
    listed = put(tmp_path / "people.csv", "urn,joined", [f"p{k},2020-05-01" for k in range(30)])
    started = start(tmp_path / "s", source=log(tmp_path, "urn,arrested,recorded"), people=listed)
    assert asked(started) == []
    assert started.understood[0] == "30 people, a row each."


def test_a_question_is_written_so_that_its_answer_can_be_copied(tmp_path):
    rows = [f"p{k},{k % 4},{'' if k < 3 else k % 3}" for k in range(40)]
    started = start(tmp_path / "s", source=put(tmp_path / "people.csv", "urn,arrests before,arrests after", rows))
    assert 'write missing = "zero" if' in started.file.read_text(encoding="utf-8")


def suggested(folder, head, cells):
    """Return the rule that a draft suggests in its question, and the windows that it would read."""
    rows = [f"p{k},{','.join(str((k + j) % 5) for j in range(cells))}" for k in range(30)]
    started = start(folder / "s", source=put(folder / "people.csv", head, rows))
    text = started.file.read_text(encoding="utf-8")
    asked_for = tomllib.loads(text)["study"]["selection"]
    answer = re.search(r"Write (selection = \{.*\}) with", asked_for)[1]
    return text, answer, tomllib.loads(answer)["selection"]["windows"]


def test_the_rule_that_a_draft_suggests_names_the_one_window_before_and_asks_which_of_several(tmp_path):
    assert suggested(tmp_path / "a", "urn,arrests before,arrests after", 2)[2] == ["before"]
    text, answer, (asked_for,) = suggested(tmp_path / "b", "urn,arrests_2018,arrests_2019,arrests_2020", 3)
    assert asked_for == "EDIT: the windows before that the rule read, such as 2019"
    taken = re.sub("^selection = .*$", answer, text, flags=re.MULTILINE)
    file = put(tmp_path / "b" / "s" / "study.toml", taken, [])
    done = CliRunner().invoke(main, ["evaluate", str(file)])
    assert done.exit_code == 2
    assert "selection.windows (the windows before that the rule read" in done.output


def test_how_people_were_picked_is_asked_of_every_file_and_its_answer_or_its_absence_goes(tmp_path):
    rows = [f"p{k},{k % 4 + 3},{k % 3},{20 + k}" for k in range(40)]
    file = put(tmp_path / "people.csv", "urn,arrests 12m before,arrests 12m after,age", rows)
    for answer, rule in (("", None), ("written", "at_least")):
        started = start(tmp_path / f"s{answer}", source=file)
        assert started.questions[0].key == PICKED
        assert PICKED in started.to_edit
        text = started.file.read_text(encoding="utf-8")
        with pytest.raises(SpecError, match=r"E096.*selection \(how were these people picked"):
            load_study(started.file)
        with pytest.raises(SpecError, match=r"E096.*selection"):
            load_study(started.file, planned=True)
        line = re.search(r"Write (selection = \{.*\}) with", text)[1] if answer else ""
        started.file.write_text(re.sub("^selection = .*$", line, text, flags=re.MULTILINE), encoding="utf-8")
        selection = load_study(started.file).selection
        assert (selection and selection.rule) == rule


def test_columns_that_are_carried_along_are_listed_with_the_other_guesses(tmp_path):
    rows = [f"p{k},{'FM'[k % 2]},{k % 4},{k % 3}" for k in range(40)]
    started = start(tmp_path / "s", source=put(tmp_path / "people.csv", "urn,sex,arrests before,arrests after", rows))
    assert "covariates" in started.guessed
    extract = tomllib.loads(started.file.read_text(encoding="utf-8"))["study"]["extract"]
    assert "covariates" in extract["guessed"]
    assert set(started.guessed) >= set(extract["guessed"])
