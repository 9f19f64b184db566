"""What is still to be filled in: where a draft asks, what evaluate refuses, and what a plan may leave open."""

import subprocess
import sys
import tomllib
from dataclasses import replace

import pytest

from iom_causal.analysis.study_people import read_people
from iom_causal.base.specs import digest
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.guesses.questions import Question, open_questions
from iom_causal.errors import SpecError
from iom_causal.protocol.draft.text import written
from iom_causal.protocol.study import load_study
from iom_causal.report.rehearsed import rehearse
from tests.data.alike import unpicked

CODES = Question("missing", "is 99 a code for no value? Write [99], or [] if it is a count")
GUESSED = Guesses(
    id="urn",
    settings={"missing": ["n/k", "99"], "skip_rows": 1},
    outcomes=(("arrests", "count", ("pre", "post"), "refuse"),),
)


def text(*questions):
    return unpicked(written(replace(GUESSED, questions=questions), "people.csv"))


def asking(*questions):
    return tomllib.loads(text(*questions))["study"]["extract"]


def drafted(folder, *questions):
    study = folder / "study.toml"
    study.write_text(text(*questions), encoding="utf-8")
    return study


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("missing", lambda extract: extract["missing"]),
        ("group", lambda extract: extract["group"]),
        ("days_at_risk", lambda extract: extract["days_at_risk"]),
        ("windows", lambda extract: extract["windows"][0]),
        ("windows.before.end", lambda extract: extract["windows"][0]["end"]),
        ("outcomes.arrests.kind", lambda extract: extract["outcomes"][0]["kind"]),
        ("outcomes.nothing of the kind.kind", lambda extract: extract["outcomes"][0]),
    ],
)
def test_a_question_stands_at_its_key_whatever_was_guessed(key, place):
    extract = asking(Question(key, "say what"))
    assert place(extract) == "EDIT: say what"
    assert len(open_questions(extract)) == 1
    assert [row["columns"] for row in extract["outcomes"] if isinstance(row, dict)] == [["pre", "post"]]


def test_an_answered_list_is_the_list_without_its_question():
    rows = asking(Question("windows", "delete this line if that is their order"))["windows"]
    assert rows[1:] == asking()["windows"]


def test_what_was_guessed_stands_beside_the_question_on_it():
    line = next(line for line in text(CODES).splitlines() if "99" in line)
    assert line.endswith('# it looks like ["n/k", "99"]')


def test_guesses_that_decide_a_number_are_listed_until_they_are_asked_about():
    assert asking()["guessed"] == ["missing", "skip_rows", "id", "outcomes"]
    assert asking(CODES)["guessed"] == ["skip_rows", "id", "outcomes"]
    assert asking(Question("outcomes.arrests.kind", "count?"))["guessed"] == asking()["guessed"]
    assert "outcomes" not in asking(Question("outcomes", "delete this line"))["guessed"]
    assert "guessed" not in tomllib.loads(written(Guesses(), "people.csv"))["study"]["extract"]


def test_evaluate_names_every_open_key_with_its_question(tmp_path):
    kind = Question("outcomes.arrests.kind", "count, or score")
    study = drafted(tmp_path, CODES, kind)
    wanted = (
        f"study.toml: fill in the lines that still say EDIT: missing ({CODES.ask}); outcomes.arrests.kind ({kind.ask})"
    )
    with pytest.raises(SpecError) as refused:
        load_study(study)
    assert str(refused.value) == f"IOM-E096: {wanted}"
    with pytest.raises(SpecError, match=r"outcomes\.arrests\.kind"):
        rehearse(study)


def test_a_plan_with_open_lines_is_rehearsed_and_its_people_are_not_read(tmp_path):
    (tmp_path / "people.csv").write_text("nobody\n", encoding="utf-8")
    asked = (CODES, Question("windows", "delete this line"), Question("dates", "day or month first?"))
    study = load_study(drafted(tmp_path, *asked), planned=True)
    assert {question.key for question in study.unanswered} == {"missing", "windows", "dates"}
    assert [w.label for w in study.extract.windows] == ["before", "after"]
    with pytest.raises(SpecError, match=r"E096.*missing \(is 99"):
        read_people(study)
    found = rehearse(tmp_path / "study.toml", kinds=("trend",), people=40, worlds=4)
    assert found.data is None


def test_a_question_in_a_study_made_in_python_is_refused_before_anything_is_read(tmp_path):
    study = load_study(drafted(tmp_path))
    with pytest.raises(SpecError, match=r"E096.*EDIT: id \(the column\)"):
        read_people(replace(study, extract=replace(study.extract, id="EDIT: the column")))


def test_guessed_names_keys_of_the_extract_is_written_back_and_decides_nothing(tmp_path):
    study = load_study(drafted(tmp_path))
    assert study.extract.guessed == ("missing", "skip_rows", "id", "outcomes")
    (tmp_path / "again.toml").write_text(study.to_toml(), encoding="utf-8")
    assert load_study(tmp_path / "again.toml") == study
    confirmed = replace(study, extract=replace(study.extract, guessed=()))
    assert digest(confirmed) == digest(study)
    with pytest.raises(SpecError, match=r"E093.*extract: guessed: 'mising'.*did you mean 'missing'"):
        replace(study.extract, guessed=("mising",))
    with pytest.raises(SpecError, match="E093"):
        replace(study.extract, guessed=("layout",))


def test_an_open_question_is_answered_before_anything_heavy_is_loaded(tmp_path):
    code = (
        "import sys; from iom_causal.cli import main\n"
        f"try: main(['evaluate', {str(drafted(tmp_path, CODES))!r}])\n"
        "except SystemExit as end: print(end.code, [m for m in ('numba', 'scipy', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "2 []"
    assert "EDIT: missing (is 99" in out.stderr
