"""A diagnosis on the command line: a draft that runs, what is written, an interruption, and what is refused."""

import json
import re
from signal import SIGINT, SIGTERM, default_int_handler, getsignal, raise_signal, signal

import pytest
from click.testing import CliRunner

from iom_causal.analysis.rehearsal.verdict import Verdict
from iom_causal.base.wording import violations
from iom_causal.cli import main
from iom_causal.designs import execution
from iom_causal.protocol.design import load_design
from iom_causal.report import diagnosed

QUICK = """
[design]
title = "Ours"
sims = 60
[design.model.two_windows]
people = 40
cut = 3.0
[[design.studies]]
name = "one group"
data = "BeforeAfter"
estimators = ["RateRatio", "PoissonFixedEffects"]
[design.vary]
model.people = [20, 40]
"""


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "design.toml"
    path.write_text(QUICK, encoding="utf-8")
    return path


def diagnose(file, *more, out="out"):
    return run("diagnose", file, "--out", file.parent / out, *more)


def test_the_draft_of_a_design_runs_as_it_is_with_the_command_that_it_says(tmp_path):
    done = run("init", tmp_path / "plan", "--design")
    assert done.exit_code == 0
    command = re.search(r"iom-causal (diagnose .+)", done.output).group(1)
    file = tmp_path / "plan" / "design.toml"
    assert command == f"diagnose {file} --out {tmp_path / 'plan' / 'diagnosis'}"
    ran = run(*command.split(), "--sims", 30)
    assert ran.exit_code == 0
    assert "Where ratio=0.8, nearest to the programme’s ratio" in ran.output.replace("\n", " ")


def test_the_draft_runs_with_the_study_that_it_comments_out(tmp_path):
    run("init", tmp_path, "--design")
    text = (tmp_path / "design.toml").read_text(encoding="utf-8")
    block = re.search(r"^# \[\[design.studies\]\]\n(?:# .+\n)+", text, flags=re.MULTILINE).group(0)
    (tmp_path / "more.toml").write_text(
        text.replace(block, re.sub("^# ", "", block, flags=re.MULTILINE)), encoding="utf-8"
    )
    more = load_design(tmp_path / "more.toml")
    assert len(more.designs) == len(load_design(tmp_path / "design.toml").designs) + 2
    quick = re.sub(r"scenario = .+\nsettings = .+\n", "", text).replace("# two_windows", "two_windows", 1)
    (tmp_path / "quick.toml").write_text(quick.split("[design.vary]")[0], encoding="utf-8")
    assert len(load_design(tmp_path / "quick.toml").designs) == 2


def test_a_diagnosis_is_written_with_words_table_pictures_and_what_made_it(file):
    done = diagnose(file)
    assert done.exit_code == 0
    assert done.stderr == ""
    out = file.parent / "out"
    page = (out / "diagnosis.html").read_text(encoding="utf-8")
    assert "would report a fall of 20% or more in" in page
    assert page.count("<figure>") == 3
    assert 'name="synthetic" content="true"' in page
    figures = {p.name for p in (out / "figures").iterdir()}
    assert figures == {"forest-ratio.svg", "panels-ratio.svg", "over-model-people-ratio.svg"}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["sims"], manifest["seed"], manifest["synthetic"]) == (60, 1, True)
    assert (out / "diagnosis.csv").read_text(encoding="utf-8").startswith("design,data,estimator,")
    assert (file.parent / "out-study" / "manifest.json").exists()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_figures_are_printed_for_programs(file, form):
    done = diagnose(file, "--format", form)
    assert done.exit_code == 0
    assert "mcse" in done.output
    if form == "json":
        assert {"measure", "value", "mcse", "n", "reason"} <= set(json.loads(done.output)["answers"][0])


def test_a_second_run_says_what_to_type_and_with_it_goes_on(file, monkeypatch):
    first = diagnose(file)
    again = diagnose(file)
    assert again.exit_code == 2
    assert "'out-study' holds simulated studies of an earlier run; add --resume" in again.stderr
    monkeypatch.setattr(diagnosed, "diagnose", _counting(asked := []))
    resumed = diagnose(file, "--resume")
    assert (resumed.exit_code, resumed.stdout) == (0, first.stdout)
    assert asked == [(60, 60)]
    more = diagnose(file, "--resume", "--sims", 700)
    assert more.exit_code == 0
    assert "700 replicates" in more.stdout


def _counting(asked):
    """Diagnose, and note how many replicates were done before anything was worked out."""
    original = diagnosed.diagnose

    def counted(*args, tell, **settings):
        del tell
        told = []
        found = original(*args, tell=lambda *done: told.append(done), **settings)
        asked.append(told[0])
        return found

    return counted


def test_another_design_does_not_go_on_with_the_studies_of_this_one(file):
    diagnose(file)
    file.write_text(QUICK.replace("cut = 3.0", "cut = 4.0"), encoding="utf-8")
    done = diagnose(file, "--resume")
    assert done.exit_code == 2
    assert "cut" in done.stderr
    assert diagnose(file, "--store", file.parent / "other").exit_code == 0


@pytest.mark.parametrize("asked_by", [SIGINT, SIGTERM])
def test_an_interruption_says_how_to_go_on(file, monkeypatch, asked_by):
    as_started = signal(SIGINT, default_int_handler)  # which a process in the background ignores
    before = getsignal(SIGTERM)
    monkeypatch.setattr(diagnosed, "diagnose", lambda *_, **__: raise_signal(asked_by))
    done = diagnose(file)
    signal(SIGINT, as_started)
    assert getsignal(SIGTERM) == before
    assert done.exit_code == 130
    assert "out-study keeps what was done. Type the same again, with --resume." in done.stderr


def test_a_folder_that_holds_something_else_is_refused_before_anything_is_simulated(file, monkeypatch):
    (file.parent / "out").mkdir()
    (file.parent / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(diagnosed, "diagnose", lambda *_, **__: pytest.fail("simulated all the same"))
    done = diagnose(file)
    assert done.exit_code == 2
    assert "holds files that this tool did not write" in done.stderr


@pytest.mark.parametrize(
    ("estimator", "workers", "pool"), [("RateRatio", 2, False), ("Ledger", 2, True), ("Ledger", 1, False)]
)
def test_parts_without_kernels_get_processes_where_several_are_asked_for(file, monkeypatch, estimator, workers, pool):
    named = '{ estimator = "Ledger", settings = { evidence = "england-wales-2012" } }'
    named = named if estimator == "Ledger" else f'"{estimator}"'
    text = QUICK.replace('["RateRatio", "PoissonFixedEffects"]', named)
    file.write_text(text, encoding="utf-8")
    seen = {}

    def looked(*_, executor, **settings):
        seen.update(executor=executor, workers=settings["workers"])
        raise KeyboardInterrupt

    monkeypatch.setattr(diagnosed, "diagnose", looked)
    diagnose(file, "--workers", workers)
    assert (seen["executor"] is not None, seen["workers"]) == (pool, workers)
    assert seen["executor"] is None or seen["executor"].func is execution.processes(2).func


@pytest.mark.parametrize(("sims", "pool"), [(100, False), (101, True)])
def test_parts_without_kernels_get_processes_by_themselves_for_many_studies(file, monkeypatch, sims, pool):
    named = '{ estimator = "Ledger", settings = { evidence = "england-wales-2012" } }'
    file.write_text(QUICK.replace('["RateRatio", "PoissonFixedEffects"]', named), encoding="utf-8")
    seen = []
    monkeypatch.setattr(diagnosed, "usable", lambda: 2)
    monkeypatch.setattr(diagnosed, "diagnose", lambda *_, executor, **__: seen.append(executor))
    diagnosed.diagnosed(load_design(file), out=file.parent / "out", store=file.parent / "study", sims=sims)
    assert (seen[0] is not None) == pool


def test_all_that_a_page_says_keeps_the_rules(file):
    made = diagnosed.diagnosed(load_design(file), out=file.parent / "out", store=file.parent / "study")
    assert all(violations(text) == () for text in made.page.texts())
    assert made.page.can_say[0].startswith("Where people=20, ")
    assert len(made.page.sections[0].points) == len(made.diagnosis.answers) == 4
    assert all(len(row) == len(t.columns) for t in made.page.sections[1].tables for row in t.rows)


def test_what_refuses_every_study_is_said_to_on_the_first_page(file):
    file.write_text(QUICK.replace('"PoissonFixedEffects"', '"DiffInDiff"'), encoding="utf-8")
    made = diagnosed.diagnosed(load_design(file), out=file.parent / "out", store=file.parent / "study")
    silent = [text for text in made.page.can_say if text.startswith("DiffInDiff on BeforeAfter in ")]
    assert len(silent) == 2
    assert all(" gives no answer in any simulated study, mostly for “" in text for text in silent)
    only = '"DiffInDiff"'
    file.write_text(QUICK.replace('["RateRatio", "PoissonFixedEffects"]', only), encoding="utf-8")
    made = diagnosed.diagnosed(load_design(file), out=file.parent / "out", store=file.parent / "other")
    assert len(made.page.can_say) == 2
    assert made.page.figures == ()


def test_captions_name_the_scale_that_the_picture_is_on(file):
    made = diagnosed.diagnosed(load_design(file), out=file.parent / "out", store=file.parent / "study")
    forest, panels, over = made.page.figures
    assert "“ratio”" in forest.caption
    scale = made.diagnosis.answers[0].rows()[0]["scale"]
    assert all(f"“{scale}”" in figure.caption for figure in (panels, over))


def test_one_answer_alone_has_its_fall_on_the_first_page(file):
    file.write_text(QUICK.replace('["RateRatio", "PoissonFixedEffects"]', '"RateRatio"'), encoding="utf-8")
    made = diagnosed.diagnosed(load_design(file), out=file.parent / "out", store=file.parent / "study")
    assert made.page.can_say[0].startswith("With 20 people and this way of picking them it would report a fall")


def test_the_verdict_of_an_evaluation_can_be_named(file, monkeypatch):
    file.write_text(QUICK.replace('["RateRatio", "PoissonFixedEffects"]', '"Verdict"'), encoding="utf-8")
    asked = []

    def looked(designs, **_):
        asked.extend(designs.values())
        raise KeyboardInterrupt

    monkeypatch.setattr(diagnosed, "diagnose", looked)
    diagnose(file)
    assert asked[0].estimators["Verdict"] == Verdict()


@pytest.mark.parametrize(("out", "store"), [("there", "there"), ("there", "there/study"), ("there/page", "there")])
def test_results_and_what_was_simulated_lie_in_folders_of_their_own(file, out, store):
    there = file.parent / "there"
    made = run("diagnose", file, "--out", file.parent / out, "--store", file.parent / store)
    assert made.exit_code == 2
    assert "neither inside the other" in made.stderr
    assert not there.exists()
