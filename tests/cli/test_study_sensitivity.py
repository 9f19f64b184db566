"""The command that moves a study's settings: what it refuses, what it prints, and what it writes."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from iom_causal.cli import main
from tests.analysis.sensitivity.two_windows import STUDY, written


def run(*arguments):
    return CliRunner().invoke(main, ["sensitivity", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def own(tmp_path):
    return written(tmp_path)


def test_a_set_that_the_data_cannot_use_is_said(own):
    own.write_text(
        STUDY.replace("[study.extract]", 'evidence = ["people-not-managed", "picked-on-count"]\n[study.extract]')
    )
    done = run(own, "--evidence", "people-not-managed")
    assert done.exit_code == 2
    assert "expected a set of evidence that these data can use, got people-not-managed. For arrests no" in done.stderr
    assert "it takes at least 3 sets of evidence for a count, and there are 2" in done.stderr


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("--sweep", "detection.ratio"), "expected PATH=..., such as"),
        (("--sweep", "detection.ratio=0.8"), "expected a range LOW:HIGH"),
        (("--sweep", "detection.ratio=1:0.8"), "first end is the lower"),
        (("--sweep", "detection.ratio=0.5:inf"), "expected a range of two finite numbers, got '0.5:inf'"),
        (("--evidence", "pickd"), "did you mean 'picked-"),
        (("--set", "detection.ratio=low"), "expected a number, got 'low'"),
        (("--set", "a.b=1", "--set", "a.b=2"), "it is there twice"),
        (("--surface", "a.b=1:2,a.b=1:2"), "it is there twice"),
        (("nowhere.toml",), "found none called 'nowhere.toml'"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_message(typed, words, tmp_path):
    done = run(*typed, "--out", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_an_open_question_is_refused(own):
    own.write_text(STUDY.replace('"urn"', '"EDIT: which column"'))
    done = run(own)
    assert done.exit_code == 2
    assert "EDIT" in done.stderr or "which column" in done.stderr


def test_a_table_of_people_without_what_moves_along_a_setting_says_so(own):
    done = run(own, "--sweep", "detection.ratio=0.7:1.3", "--format", "csv")
    assert done.exit_code == 0
    assert "sweep" not in done.stdout
    assert "figures of people are drawn (--out) and not listed" in done.stderr
    plain = run(own, "--format", "csv")
    assert "not listed" not in plain.stderr


def test_the_set_that_allows_for_nothing_can_be_asked_for_by_the_name_it_has_in_the_table(own):
    for study in ("template", own):
        done = run(study, "--evidence", "nothing-else", "--format", "csv")
        assert done.exit_code == 0
        assert set(pd.read_csv(io.StringIO(done.stdout))["evidence"]) == {"nothing-else"}


def test_a_print_without_sets_of_evidence_is_moved_from_nothing(tmp_path):
    done = run("template", "--sweep", "custody.ratio=0.7:1.3", "--format", "csv", "--out", tmp_path / "out")
    assert done.exit_code == 0
    table = pd.read_csv(tmp_path / "out" / "sensitivity.csv")
    assert done.stdout == (tmp_path / "out" / "sensitivity.csv").read_text()
    tip = table.query("asked == 'tipping' and field == 'custody.ratio'")
    assert tip["value_low"].to_list() == pytest.approx([3.13 / 4.25])
    assert sorted(p.name for p in (tmp_path / "out" / "figures").iterdir()) == [
        "remainder-contacts.png",
        "sweep-contacts-custody.ratio.png",
    ]
    again = run("template", "--out", tmp_path / "out")
    assert again.exit_code == 0  # its own folder is replaced
    (tmp_path / "out" / "sensitivity.txt").write_text("changed")
    assert "was changed since it was written" in run("template", "--out", tmp_path / "out").stderr


def test_of_people_no_curve_is_written_and_no_value_is_finer_than_the_report_gives(own, tmp_path):
    typed = (own, "--sweep", "detection.ratio=0.5:1.5", "--surface", "detection.ratio=0.5:1.5,custody.ratio=0.9:1.1")
    done = run(*typed, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    table = pd.read_csv(tmp_path / "out" / "sensitivity.csv")
    assert set(table["asked"]) <= {"remainder", "tipping", "frontier"}
    shown = table[["value_low", "value_high", "set_low", "set_high", "conf_low", "conf_high"]].to_numpy()
    np.testing.assert_array_equal(shown, shown.round(2))
    assert len(list((tmp_path / "out" / "figures").glob("s*.png"))) == 4  # a curve, and a surface a set
    research = own.with_name("research.toml")
    research.write_text(STUDY + '[study.disclosure]\nresearch = true\nreason = "invented"\n')
    finer = pd.read_csv(pd.io.common.StringIO(run(*typed[1:], research, "--format", "csv").stdout))
    assert {"sweep", "surface"} <= set(finer["asked"])


def test_the_document(tmp_path):
    done = run("template", "--format", "json", "--out", tmp_path / "out")
    found = json.loads(done.stdout)
    assert (found["command"], found["seed"]) == ("sensitivity", 1)
    assert found["text"].startswith("The ratio of contacts that remains")
    assert sorted(found["files"]) == sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()
    )


def test_same_seed_same_bytes(tmp_path):
    for name in ("one", "two"):
        assert run("template", "--sweep", "detection.ratio=0.5:1", "--out", tmp_path / name).exit_code == 0
    for file in (p for p in (tmp_path / "one").rglob("*") if p.is_file()):
        assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()


BARE = """[published]
title = "A print that lacks a mean"
citation = "Nobody (2021)"
source_version = "invented"
invented = true
programme = "visits"
people = "visited people"
index_date = 2019-04-01
contrast = "before_minus_after"
comparison_group = false
[[published.windows]]
label = "before"
start = 2018-04-01
end = 2019-04-01
post = false
[[published.windows]]
label = "after"
start = 2019-04-01
end = 2020-04-01
post = true
[published.sample]
n = "96"
[[published.outcomes]]
name = "arrests"
kind = "count"
before = { n = "96", mean = "7.90", sd = "2.85" }
after = { n = "96", mean = "5.10", sd = "3.90" }
test = { statistic = "t", value = "7.05", df = ["95"] }
[[published.outcomes]]
name = "risk"
kind = "score"
before = { n = "96", mean = "61.2", sd = "12.0" }
after = { n = "80", mean = "55.1", sd = "14.2" }
test = { statistic = "t", value = "4.1", df = ["79"] }
"""


def test_an_outcome_without_a_change_is_left_out_and_said(tmp_path):
    (tmp_path / "paper.toml").write_text(BARE)
    done = run(tmp_path / "paper.toml")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("The ratio of arrests that remains")
    assert "risk is left out: no mean before and after of the same people is known of it." in done.stdout
    alone = run(tmp_path / "paper.toml", "--outcome", "risk")
    assert alone.exit_code == 2
    assert "with the mean of the same people before and after, got risk" in alone.stderr


def test_a_setting_that_cannot_be_moved_is_said(tmp_path):
    rng = np.random.default_rng(2)
    scores = rng.normal(60, 10, (90, 2)).round()
    pd.DataFrame({"urn": range(90), "a": scores[:, 0], "b": scores[:, 1]}).to_csv(tmp_path / "s.csv", index=False)
    head, _, _ = STUDY.partition("selection")
    (tmp_path / "study.toml").write_text(
        head + '[study.extract]\nfile = "s.csv"\nid = "urn"\n'
        'windows = [ { label = "before" }, { label = "after", post = true } ]\n'
        'outcomes = [ { name = "risk", kind = "score", columns = ["a", "b"] } ]\n'
    )
    said = run(tmp_path / "study.toml").stdout
    assert "score_error.drift_per_year: these data do not let it be moved" in said
    assert "nowhere" not in said


def test_it_says_that_curves_of_people_are_drawn_alone(own):
    assert "are drawn (--out) and not listed" in run(own, "--sweep", "detection.ratio=0.5:1.5").stdout
    assert "are drawn (--out) and not listed" not in run(own).stdout
