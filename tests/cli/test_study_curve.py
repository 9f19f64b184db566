"""The command that tries every combination of choices: the report's own curve, as coarse as the report gives it."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

import iom_causal as iom
from iom_causal.analysis.sensitivity import curves
from iom_causal.analysis.steps import Effort, Results
from iom_causal.base import wording
from iom_causal.base.output import csv_text
from iom_causal.cli import main
from iom_causal.evaluation import read_subject
from iom_causal.report.sections.sensitivity.curves import FILE, files
from tests.analysis.sensitivity.two_windows import STUDY, written
from tests.cli.test_study_sensitivity import BARE

ROUNDED = "[study.disclosure]\nresearch = true\nreason = "


def run(*arguments):
    return CliRunner().invoke(main, ["sensitivity", *map(str, arguments), "--curve"], catch_exceptions=False)


@pytest.fixture
def own(tmp_path):
    return written(tmp_path)


def of_report(study):
    """The table that an evaluation writes of a study."""
    subject = read_subject(study)
    return csv_text(files(subject, Results().with_one(curves.run, curves.run(subject, Effort())))[FILE].frame)


def test_it_says_the_range_the_sides_and_the_choices_in_their_order():
    said = run("--outcome", "arrests").stdout
    curve = iom.specification_curve("sleath-brown-2017")
    ends = [row.estimate for row in curve.rows]
    assert (
        f"over 48 combinations of them, each right if its allowances are, the ratio goes from {min(ends):.2f}" in said
    )
    assert f"{sum(end < 1 for end in ends) / 48:.0%} lie below 1" in said
    ranked = [line.split(",")[0].strip() for line in said.splitlines() if line.startswith("  ")]
    assert ranked == list(curve.ranked)
    assert "how people were picked, 84%: on average from 0.61 (on their rate) to 1.00 (on the count, whole list" in said
    assert "risk" not in said
    assert wording.violations(said) == ()


def test_sets_that_reach_to_both_sides_are_said():
    said = run("--outcome", "risk").stdout
    assert "48% lie below 0, where nothing remains, and 10% above, while the others hold it; of their 95%" in said
    assert "while the others hold it" not in run("--outcome", "arrests").stdout


@pytest.mark.parametrize("study", ["sleath-brown-2017", "template"])
def test_of_a_print_the_table_is_that_of_the_report(study, tmp_path):
    done = run(study, "--format", "csv", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout == of_report(study) == (tmp_path / "out" / FILE).read_text()
    drawn = sorted(p.name for p in (tmp_path / "out" / "figures").iterdir())
    outcomes = [o.name for o in read_subject(study).outcomes if o.kind in {"count", "score"}]
    assert drawn == [f"specifications-{name}.png" for name in outcomes]


def test_of_people_it_is_that_of_the_report_and_no_finer(own, tmp_path):
    done = run(own, "--format", "csv", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == of_report(own) == (tmp_path / "out" / FILE).read_text()
    shown = pd.read_csv(tmp_path / "out" / FILE)[["estimate", "conf_low", "conf_high"]].dropna()
    pd.testing.assert_frame_equal(shown, shown.round(2))
    assert "n_used" not in done.stdout
    research = own.with_name("research.toml")
    research.write_text(STUDY + ROUNDED + '"invented"\n')
    finer = pd.read_csv(pd.io.common.StringIO(run(research, "--format", "csv").stdout))["estimate"].dropna()
    assert (finer.round(2) != finer).all()


def test_the_document_has_the_order_of_the_choices(tmp_path):
    found = json.loads(run("--format", "json", "--out", tmp_path / "out").stdout)
    curve = iom.specification_curve("sleath-brown-2017")
    mine = [each for each in found["choices"] if each["outcome"] == "arrests"]
    assert [each["choice"] for each in mine] == list(curve.ranked)
    assert [each["share"] for each in mine] == pytest.approx([curve.effects[name].share for name in curve.ranked])
    assert (mine[0]["lowest"], mine[0]["lowest_mean"]) == ("on their rate", pytest.approx(0.606, abs=0.001))
    assert len(found["rows"]) == 48 + 21
    assert found["text"] + "\n" == (tmp_path / "out" / "specifications.txt").read_text()
    assert sorted(found["files"]) == sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()
    )


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (("--set", "detection.ratio=0.9"), "--set"),
        (("--sweep", "not read"), "--sweep"),
        (("--surface", ""), "--surface"),
        (("--evidence", "x", "--set", "y"), "--set and --evidence"),
        (("nowhere.toml", "--sweep", "detection.ratio=0.5:1"), "--sweep"),
    ],
)
def test_what_does_not_go_with_it_is_refused_before_anything_is_read(typed, named, tmp_path):
    done = run(*typed, "--out", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"iom-causal: IOM-E092: --curve stands alone, and got {named} beside it: ")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_an_outcome_without_a_change_is_left_out_and_said(tmp_path):
    (tmp_path / "paper.toml").write_text(BARE)
    done = run(tmp_path / "paper.toml")
    assert done.stdout.startswith("What remains of arrests")
    assert "risk is left out: no mean before and after of the same people is known of it." in done.stdout
    alone = run(tmp_path / "paper.toml", "--outcome", "risk")
    assert alone.exit_code == 2
    assert "with the mean of the same people before and after, got risk" in alone.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [("arests", "did you mean 'arrests'"), ("harm", "people were picked on 'arrests', not on 'harm'")],
)
def test_an_outcome_of_which_there_is_no_curve_is_refused_with_the_reason(own, name, words):
    own.write_text(
        STUDY.replace(
            'columns = ["before", "after"] }',
            'columns = ["before", "after"] }, { name = "harm", kind = "amount", columns = ["before", "after"] }',
        )
    )
    done = run(own, "--outcome", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_open_question_is_refused(own):
    own.write_text(STUDY.replace('"urn"', '"EDIT: which column"'))
    done = run(own)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_choice_of_which_one_level_has_answers_is_said_to_tell_nothing(tmp_path):
    run_init = CliRunner().invoke(main, ["init", str(tmp_path / "paper"), "--published"])
    assert run_init.exit_code == 0
    said = run(tmp_path / "paper" / "published.toml").stdout
    assert "were refused and stay in the table with the reason, most often: the series does not cover" in said
    assert "  trend: one of its levels alone has answers, so that it could not move them" in said


def test_same_study_same_bytes(tmp_path):
    for name in ("one", "two"):
        assert run("template", "--out", tmp_path / name).exit_code == 0
    for file in (p for p in (tmp_path / "one").rglob("*") if p.is_file()):
        assert file.read_bytes() == (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes()
