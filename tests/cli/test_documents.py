"""What commands print for other programs, and how they end."""

import json
import shutil
from pathlib import Path
from signal import SIGINT, SIGTERM, default_int_handler, getsignal, raise_signal, signal

import pandas as pd
import pytest
from click.testing import CliRunner

from iom_causal import evaluation
from iom_causal.cli import main
from iom_causal.confounds.register import REGISTER
from iom_causal.protocol.draft import started


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def document(done, command):
    """Return the document of a command, which is all that it prints, in UTF-8."""
    assert done.exit_code == 0
    found = json.loads(done.stdout_bytes.decode("utf-8"))
    assert list(found)[:4] == ["schema", "made_by", "version", "command"]
    assert (found["schema"], found["made_by"], found["command"]) == (1, "iom-causal", command)
    return found


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    out = tmp_path_factory.mktemp("evaluated") / "out"
    return evaluation.evaluate("template", quick=True, out=out), out


@pytest.fixture
def again(evaluated, monkeypatch):
    """Let `evaluate` find what was evaluated before."""
    result, made = evaluated

    def evaluate(*_, out, **__):
        shutil.copytree(made, out)
        return result

    monkeypatch.setattr(evaluation, "evaluate", evaluate)
    return result


def test_an_evaluation_as_a_document(again, tmp_path):
    out = tmp_path / "out"
    found = document(run("evaluate", "template", "--quick", "--format", "json", "--out", out), "evaluate")
    page, first = again.page, again.page.first
    assert (found["can_say"], found["cannot_say"]) == (list(page.can_say), list(page.cannot_say))
    assert found["first"]["question"] == first.question
    assert [(s["heading"], s["text"]) for s in found["first"]["sentences"]] == list(first.sentences)
    assert (found["first"]["next"], found["first"]["level"]) == (list(first.then), first.level)
    assert sorted(found["files"]) == sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    estimates = pd.DataFrame(found["estimates"])
    pd.testing.assert_frame_equal(estimates, again.tidy(), check_dtype=False, rtol=1e-14)


def test_an_evaluation_as_a_table_is_its_estimates(again, tmp_path):
    done = run("evaluate", "template", "--format", "csv", "--out", tmp_path / "out")
    head, *rows = done.stdout.splitlines()
    assert head.split(",") == list(again.tidy().columns)
    assert len(rows) == len(again.tidy())


def test_every_command_has_a_document(tmp_path):
    audited = document(run("audit", "--format", "json"), "audit")
    assert {"verdict", "sentence", "source_version"} <= set(audited["findings"][0])
    drafted = document(run("init", tmp_path / "own", "--format", "json"), "init")
    assert Path(drafted["file"]) == tmp_path / "own" / "study.toml"
    assert {q["key"].split(".")[0] for q in drafted["questions"]} == set(drafted["to_edit"])
    rebuilt = document(run("reconstruct", "template", "--out", tmp_path / "c", "--format", "json"), "reconstruct")
    assert sorted(rebuilt["files"]) == sorted(p.name for p in (tmp_path / "c").iterdir())
    made = document(run("simulate", "regression-to-the-mean", "--out", tmp_path / "w", "--format", "json"), "simulate")
    assert made["sentences"]
    listed = document(run("examples", "--copy", tmp_path / "e", "--format", "json"), "examples")
    there = sorted(p.relative_to(tmp_path / "e").as_posix() for p in (tmp_path / "e").rglob("*") if p.is_file())
    assert sorted(listed["files"]) == there == sorted([*(e["file"] for e in listed["examples"]), "manifest.json"])
    assert {e["point"] for e in listed["examples"]} - {None} == set(REGISTER)
    assert (
        str(tmp_path / "e" / "sensitivity" / "u1_regression_to_the_mean.py")
        in run("examples", "--copy", tmp_path / "e").stdout
    )
    papers = document(
        run("audit", Path(started.__file__).parents[2] / "published" / "studies", "--format", "json"), "audit"
    )
    assert len(papers["papers"]) == 2


@pytest.mark.parametrize("asked_by", [SIGINT, SIGTERM])
def test_what_is_stopped_leaves_nothing_and_says_so(tmp_path, monkeypatch, asked_by):
    as_started, before = signal(SIGINT, default_int_handler), getsignal(SIGTERM)
    monkeypatch.setattr(evaluation, "PARTS", ())
    monkeypatch.setattr(evaluation, "_page", lambda *_: raise_signal(asked_by))
    done = run("evaluate", "template", "--quick", "--out", tmp_path / "out")
    signal(SIGINT, as_started)
    assert getsignal(SIGTERM) == before
    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr == "iom-causal: stopped; what was not finished is not written\n"
    assert list(tmp_path.iterdir()) == []


def test_a_draft_that_is_stopped_is_not_there_in_part(tmp_path, monkeypatch):
    original = Path.open

    class Stopping:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, content):
            self.file.write(content[: len(content) // 2])
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "open", lambda path, *args: Stopping(original(path, *args)))
    done = run("init", tmp_path / "own")
    assert (done.exit_code, list((tmp_path / "own").iterdir())) == (130, [])
