import json
import os

import pytest
from click.testing import CliRunner

from iom_causal.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def test_evaluate_prints_and_writes(tmp_path):
    done = run("evaluate", "template", "--quick", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "WHAT YOU CANNOT SAY" in done.output
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_audit_in_three_forms(form):
    done = run("audit", "--format", form)
    assert done.exit_code == 0
    assert "11.64" in done.output
    if form == "json":
        assert {"verdict", "sentence", "source_version"} <= set(json.loads(done.output)["findings"][0])


def test_rebuilt_cohorts_are_marked_in_name_and_content(tmp_path):
    out = tmp_path / "cohorts"
    done = run("reconstruct", "template", "--draws", "3", "--out", out)
    assert done.exit_code == 0
    files = sorted(p.name for p in out.iterdir())
    assert all(name.startswith("SYNTHETIC_") for name in files if name != "manifest.json")
    table = (out / "SYNTHETIC_contacts.csv").read_text()
    assert table.splitlines()[0].endswith("_synthetic")
    assert json.loads((out / "manifest.json").read_text())["synthetic"] is True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[published]\ntitel = 'x'\n", "did you mean 'title'"),
        ("[scenario]\n", "[published]"),
        ("not toml", "IOM-E094"),
        ("[published]\ntitle = 'x'\n", "IOM-E096"),
    ],
)
def test_a_file_that_is_not_right_gets_one_message_and_status_2(tmp_path, content, words):
    path = tmp_path / "study.toml"
    path.write_text(content, encoding="utf-8")
    for verb in ("evaluate", "audit", "reconstruct"):
        extra = () if verb == "audit" else ("--out", tmp_path / "out")
        done = run(verb, path, *extra)
        assert done.exit_code == 2, verb
        assert words in done.stderr
        assert "Traceback" not in done.output
        assert len(done.stderr.strip().splitlines()) == 1
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("evaluate stdy.toml", ("IOM-E096", "did you mean 'study.toml'?")),
        ("evaluate folder", ("IOM-E093", "'folder' is a folder; name the file in it")),
        ("evaluate folder.toml", ("IOM-E096", "'folder.toml' is a folder; name the file in it")),
        ("audit far/study.toml", ("IOM-E096", "there is no folder 'far'")),
        ("diagnose study.toml", ("IOM-E095", "expected a [design] file, this is a [study] file")),
        ("init new --from poeple.csv", ("IOM-E096", "did you mean 'people.csv'?")),
        ("init new --published --from papr.txt", ("IOM-E096", "did you mean 'paper.txt'?")),
    ],
)
def test_a_file_that_is_not_there_or_is_another_gets_a_code_and_what_to_do(tmp_path, monkeypatch, command, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text("[study]\n")
    (tmp_path / "people.csv").write_text("id,pre,post\n")
    (tmp_path / "paper.txt").write_text("")
    for name in ("folder", "folder.toml"):
        (tmp_path / name).mkdir()
    done = run(*command.split())
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert all(word in done.stderr for word in words)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *("folder", "folder.toml", "paper.txt", "people.csv", "study.toml")
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything may be read here")
def test_a_file_that_may_not_be_read_says_so(tmp_path):
    (tmp_path / "study.toml").write_text("[study]\n")
    (tmp_path / "study.toml").chmod(0)
    done = run("evaluate", tmp_path / "study.toml")
    assert (done.exit_code, "'study.toml' may not be read" in done.stderr) == (2, True)


def test_a_name_that_is_not_bundled_lists_those_that_are():
    done = run("audit", "sleath-brown")
    assert done.exit_code == 2
    assert "sleath-brown-2017" in done.stderr


def test_an_existing_folder_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    done = run("evaluate", "template", "--out", tmp_path)
    assert done.exit_code == 2
    assert "IOM-E090" in done.stderr


def test_an_unknown_option_is_status_2():
    assert run("evaluate", "--nope").exit_code == 2


def test_the_version_is_printed():
    assert "0.1.0" in run("--version").output
