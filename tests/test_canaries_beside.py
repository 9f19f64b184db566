"""Canaries in logs of events, spells, comparison people and old cases, and in files given to every command."""

import csv
import datetime as dt
import re

import numpy as np
import pytest

from tests.canary import DATES, IDS, NUMBERS, TEXTS, WORDS, found, found_in
from tests.data import test_cases as cases
from tests.data.alike import unpicked
from tests.test_canaries import PEOPLE, PLAIN, READ, run, with_column, workbook

LAUNCH = dt.date(2017, 6, 1)
LONG_AGO = "1966-11-23"
LISTED = [*IDS, *(f"P{k:03d}" for k in range(len(IDS), PEOPLE))]


def day(offset):
    return (LAUNCH + dt.timedelta(days=int(offset))).isoformat()


def people():
    return [
        {
            "urn": urn,
            "surname": WORDS[k % 12] if k < 12 else f"n{k}",
            "dob": DATES[k % 3] if k < 4 else f"19{60 + k % 30}-0{1 + k % 9}-1{k % 9}",
            "joined": day(0),
            "removed": DATES[3] if k == 2 else day(400) if k < 14 else "",
            "removed reason": TEXTS[0] if k == 2 else "moved" if k < 14 else "",
            "sex": "FM"[k % 2],
        }
        for k, urn in enumerate(LISTED)
    ]


def log():
    rng = np.random.default_rng(5)
    rows = [
        {
            "urn": LISTED[k % PEOPLE] if k % 9 else "Z900",
            "arrested": day(rng.integers(-300, 300)),
            "reason": TEXTS[k] if k < len(TEXTS) else "recall" if k % 8 == 0 else "theft",
            "custody record": NUMBERS[k % 2] if k < 4 else f"C{k}",
            "officer": WORDS[k % 12],
        }
        for k in range(300)
    ]
    rows[7]["arrested"] = DATES[3]
    return rows


def spells():
    return [
        {
            "urn": LISTED[k % PEOPLE],
            "received": day(-90 + 3 * k),
            "released": day(-60 + 3 * k) if k != 7 else "",
            "prison": WORDS[k % 12],
        }
        for k in range(60)
    ]


def changed(rows, column, cell, *where):
    for k in where:
        rows[k][column] = cell
    return rows


LINKED = {
    "as they are": (people(), log(), spells()),
    "a day in words": (people(), changed(log(), "arrested", WORDS[0], 5, 6), spells()),
    "a day long ago": (
        people(),
        changed(log(), "arrested", LONG_AGO, 5, 6),
        changed(spells(), "received", LONG_AGO, 3),
    ),
    "an id twice": (changed(people(), "urn", IDS[3], 30), log(), spells()),
    "no ids": (people(), changed(log(), "urn", "", *range(40)), changed(spells(), "urn", "", 3)),
    "a release before": (people(), log(), changed(spells(), "released", LONG_AGO, 4)),
    "spells in words": (people(), log(), changed(spells(), "received", TEXTS[0], *range(9))),
    "other people": (people(), [row | {"urn": WORDS[k % 12]} for k, row in enumerate(log())], spells()),
    "no days": (people(), [{"urn": r["urn"], "officer": r["officer"]} for r in log()], spells()),
    "a log of texts": (people(), [row | {"reason": TEXTS[k % 4]} for k, row in enumerate(log())], spells()),
}  # fmt: skip
ALWAYS = ("as they are", "a day in words")


def written(file, rows):
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return file


def linked(folder, name):
    tables = dict(zip(("people", "log", "spells"), LINKED[name], strict=True))
    files = {table: written(folder / f"{table}.csv", rows) for table, rows in tables.items()}
    return "--from", files["log"], "--people", files["people"], "--custody", files["spells"]


def check_drafted(folder, *source):
    """Draft a study, evaluate it as it is and with what it asks answered, and look for traces in all of it."""
    said = [run("init", folder / "study", *source)]
    study = folder / "study" / "study.toml"
    if study.exists():
        text = unpicked(study.read_text(encoding="utf-8"))
        study.write_text(text, encoding="utf-8")
        said.append(run("evaluate", study, "--quick", "--out", folder / "study" / "first"))
        answered = re.sub(r'equal_windows = "EDIT[^"]*"', "equal_windows = true", text)
        if answered != text:
            study.write_text(answered, encoding="utf-8")
            said.append(run("evaluate", study, "--quick", "--out", folder / "study" / "second"))
        assert found_in(folder / "study") == {}
    assert found("\n".join(said)) == set()
    return "\n".join(said)


@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize(
    "name", [*ALWAYS, *(pytest.param(n, marks=pytest.mark.slow) for n in LINKED if n not in ALWAYS)]
)
def test_nothing_is_told_of_a_person_in_a_log(tmp_path, name):
    said = check_drafted(tmp_path, *linked(tmp_path, name))
    report = tmp_path / "study" / "first"
    if name == "as they are":
        assert {"flow.csv", "data_quality.csv"} <= {p.name for p in report.iterdir()}, said


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize("name", cases.CASES)
def test_nothing_is_told_of_a_person_in_files_that_were_once_misread(tmp_path, monkeypatch, name):
    ids = [*IDS, *(f"P{k:03d}" for k in range(len(IDS), cases.PEOPLE))]
    monkeypatch.setattr(cases, "IDS", ids)
    monkeypatch.setattr(cases, "ROWS", [[urn, *row[1:]] for urn, row in zip(ids, cases.ROWS, strict=True)])
    check_drafted(tmp_path, "--from", cases.CASES[name].make(tmp_path))


COMPARED = 'group = "kind"\nmanaged = ["IOM"]\n'


def study_of(folder, data=PLAIN, compared=""):
    (folder / "people.csv").write_bytes(data)
    run("init", folder / "study", "--from", folder / "people.csv")
    file = folder / "study" / "study.toml"
    text = re.sub(r'"EDIT[^"]*"', "true", unpicked(file.read_text(encoding="utf-8")))
    lines = [
        line for line in text.splitlines() if not line.startswith(("covariates", "group", "managed", "comparison"))
    ]
    read = "\n".join(lines).replace('layout = "wide"', f'layout = "wide"\n{compared}{READ}', 1)
    file.write_text(read, encoding="utf-8")
    return file


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
def test_nothing_is_told_of_comparison_people(tmp_path):
    study = study_of(tmp_path, with_column("kind", lambda k: ["IOM", "Comparison"][k % 2]), COMPARED)
    said = run("evaluate", study, "--quick", "--out", tmp_path / "study" / "report")
    assert found(said) == set()
    assert (tmp_path / "study" / "report" / "report.html").exists(), said
    assert found_in(tmp_path / "study") == {}


@pytest.mark.slow
def test_a_dress_rehearsal_with_data_tells_of_nobody(tmp_path):
    study = study_of(tmp_path)
    said = run("rehearse", study, "--worlds", "2", "--out", tmp_path / "study" / "rehearsal")
    assert found(said) == set()
    assert (tmp_path / "study" / "rehearsal" / "rehearsal.html").exists(), said
    assert found_in(tmp_path / "study") == {}


GIVEN = {
    "people.csv": PLAIN,
    "people.toml": PLAIN,
    "people.xlsx": workbook(),
    "kind.toml": b"[published]\n" + PLAIN,
    "value.toml": f"[study]\ntitle = {WORDS[0]}\n".encode(),
}
COMMANDS = {
    "evaluate": ("--out", "out"), "audit": (), "reconstruct": ("--out", "out"), "diagnose": ("--out", "out"),
    "simulate": ("--out", "out"), "rehearse": ("--out", "out"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["people.csv", "people.toml", "people.xlsx", "kind.toml", "value.toml"])
def test_a_file_of_people_given_to_any_command_is_refused_without_a_word_of_it(tmp_path, monkeypatch, command, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(GIVEN[name])
    assert found(run(command, name, *COMMANDS[command])) == set()
    assert found_in(tmp_path).keys() <= {name}
