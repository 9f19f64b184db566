"""Scenarios: every file loads, runs and shows the points that it names; every point has its file."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from iom_causal import simulate as sim
from iom_causal.base.wording import violations
from iom_causal.cli import main
from iom_causal.confounds.register import REGISTER
from iom_causal.errors import DegenerateDataError, SpecError
from iom_causal.protocol.scenario import bundled_scenarios, load_scenario
from iom_causal.report.simulated import simulated
from iom_causal.windows import Selection


@pytest.fixture(scope="module", params=bundled_scenarios())
def scenario(request):
    return request.param, load_scenario(request.param)


def test_every_point_of_the_register_has_a_scenario_or_says_why_none_can_exist():
    for key, row in REGISTER.items():
        if row.scenario.startswith("none can exist: "):
            continue
        name = row.scenario.removeprefix("simulate/scenarios/").removesuffix(".toml")
        assert key in load_scenario(name).shows


def test_it_runs_and_its_sentences_keep_the_rules(scenario):
    _, found = scenario
    world = found.careers.batch(3, rng=1)
    assert world.managed.sum(-1).min() > 0
    for text in (found.title, found.about, *found.sources, *(line.reason for line in found.lines)):
        assert violations(text) == ()
    ratio = sim.att_ratio(world, of="offences")
    assert np.allclose(ratio, 1.0) == (found.careers.programme == sim.Programme(ratio=1.0))


SHOWS = {
    # scenario: (what a before/after comparison makes of it, how far it is off on the log scale, at least)
    "history": ("below", 0.1),
    "detection": ("below", 0.15),
    "ageing": ("below", 0.01),
    "desistance": ("below", 0.03),
    "regression-to-the-mean": ("below", 0.25),
    "sleath-brown-2017": ("below", 0.5),
    "custody": ("above", 0.03),
    "attrition": ("below", 0.03),
    "extract": ("below", 0.04),
    "breach": ("above", 0.1),
}


@pytest.mark.parametrize("name", SHOWS)
def test_a_before_after_comparison_misreads_it_as_the_scenario_says(name):
    careers = load_scenario(name).careers
    world = careers.batch(60, rng=2)
    panel = sim.BeforeAfter()(world)
    weight = np.ones(panel.outcome.shape[:2]) if panel.weight is None else panel.weight
    totals = (panel.outcome * weight[..., None]).sum((0, 1)) / [w.days for w in panel.windows]
    naive = np.log(totals[1] / totals[0])
    truth = np.log(sim.att_ratio(world, of="offences").mean())
    if name == "extract":  # everybody who was picked is the truth there, and the extract alone is seen
        truth = float(sim.untreated_change(world, before="expected").mean())
    side, least = SHOWS[name]
    off = naive - truth
    assert (off < -least) if side == "below" else (off > least)


def test_the_first_studys_scenario_prints_its_arrests():
    world = load_scenario("sleath-brown-2017").careers.batch(60, rng=3)
    counts = world.seen("events").astype(float)
    printed = {"mean": (6.84, 3.61), "sd": (4.75, 3.66)}
    error = counts.mean(1).std(0, ddof=1) / np.sqrt(60)
    assert (np.abs(counts.mean((0, 1)) - printed["mean"]) < 4 * error).all()
    assert counts.std(1, ddof=1).mean(0) == pytest.approx(printed["sd"], rel=0.05)
    r = np.mean([np.corrcoef(c.T)[0, 1] for c in counts])
    assert r == pytest.approx(0.536, abs=0.03)
    assert 1 - world.followed.mean() == pytest.approx(38 / 225, abs=0.02)


def test_people_with_a_later_score_look_better_than_all_in_the_scenario_of_attrition():
    world = load_scenario("attrition").careers.batch(60, rng=4)
    scores = sim.BeforeAfter(outcome="score")(world).outcome
    off = np.nanmean(scores[..., 1] - scores[..., 0], axis=1) - sim.untreated_score_change(world)
    assert -off.mean() > 2
    assert np.isnan(scores[..., 1]).mean() == pytest.approx(0.19, abs=0.02)


def test_a_risk_score_comes_down_by_itself_in_its_scenario():
    world = load_scenario("score-error").careers.batch(40, rng=4)
    before, after = world.seen("score").mean((0, 1))
    assert before > 320
    assert before - after > 15


def test_women_and_men_have_their_own_ratios_and_too_few_women_to_tell():
    world = load_scenario("women-and-men").careers.batch(100, rng=5)
    woman = world.covariates["woman"] == 1
    events = world.seen("events")
    logs = [[np.log(e[w, 1].sum() / e[w, 0].sum()) for w in (m, ~m)] for e, m in zip(events, woman, strict=True)]
    women, men = np.array(logs).T
    assert women.mean() == pytest.approx(np.log(0.95), abs=0.04)
    assert men.mean() == pytest.approx(np.log(0.8), abs=0.03)
    assert 1.96 * (women - men).std() > np.log(0.95 / 0.8)


def test_files_are_refused_in_words(tmp_path):
    file = tmp_path / "mine.toml"
    for text, what in (
        ('[published]\ntitle = "x"\n', r"\[scenario\]"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = []\n', "careers"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = ["u9"]\n[scenario.careers]\n', "u9"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = []\n[scenario.careers]\nrat = 2.0\n', "did you mean 'rate'"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = []\n[scenario.careers]\nrate = -2.0\n', "rate"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = []\n[scenario.careers]\nconfounds = []\n', "sources"),
        ('[scenario]\ntitle = 3\nabout = "y"\nshows = []\n[scenario.careers]\n', "title: expected text"),
        ('[scenario]\ntitle = "x"\nabout = ["y"]\nshows = []\n[scenario.careers]\n', "about: expected text"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = "c01"\n[scenario.careers]\n', "shows: expected a list"),
        ('[scenario]\ntitle = "x"\nabout = "y"\nshows = []\ncareers = 4\n', "careers: expected a table"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SpecError, match=what):
            load_scenario(file)
    with pytest.raises(SpecError, match="history"):
        load_scenario("histroy")


def test_a_file_of_ones_own_reads_beliefs_and_tables(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        '[scenario]\ntitle = "x"\nabout = "y"\nshows = ["c01"]\n[scenario.careers]\npeople = 10\n'
        "rate = { median = 2.0, sd = 0.1 }\ntrajectories = [{ share = 0.4 }, { share = 0.6, level = 2.0 }]\n",
        encoding="utf-8",
    )
    careers = load_scenario(file).careers
    assert careers.rate.median == 2.0
    assert careers.trajectories[1].level == 2.0
    assert careers(1).n == 10


def test_the_command_writes_marked_files_and_says_what_they_are(tmp_path):
    out = tmp_path / "world"
    ran = CliRunner().invoke(main, ["simulate", "score-error", "--out", str(out), "--replicates", "2", "--seed", "5"])
    assert ran.exit_code == 0
    assert "they are simulated" in ran.output
    names = {f.name for f in out.iterdir()}
    assert names == {"SYNTHETIC_arrests.csv", "SYNTHETIC_risk.csv", "SYNTHETIC_truth.csv", "manifest.json"}
    assert json.loads((out / "manifest.json").read_text())["synthetic"] is True
    assert "_synthetic" in (out / "SYNTHETIC_arrests.csv").read_text().splitlines()[0]
    again = CliRunner().invoke(main, ["simulate", "history", "--out", str(out)])
    assert again.exit_code == 2
    first = {f.name: f.read_bytes() for f in out.iterdir()}
    CliRunner().invoke(main, ["simulate", "score-error", "--out", str(out), "--replicates", "2", "--seed", "5"])
    assert {f.name: f.read_bytes() for f in out.iterdir()} == first


def test_places_that_a_pool_does_not_fill_are_said_and_kept(tmp_path):
    scenario = load_scenario("comparison-cohort")
    rule = replace(scenario.careers.enrolment.selection, rule="at_least", threshold=5)
    hard = replace(scenario.careers.enrolment, selection=rule)
    small = replace(scenario, careers=replace(scenario.careers, people=900, enrolment=hard))
    made = simulated(small, seed=3)
    filled = int(made.world.managed.sum())
    assert filled < 900
    assert f"Of 900 places {filled} were filled" in " ".join(made.sentences())
    assert violations(" ".join(made.sentences())) == ()
    made.write(tmp_path / "world")
    manifest = json.loads((tmp_path / "world" / "manifest.json").read_text())
    assert (manifest["places"], manifest["places_filled"]) == (900, [filled])
    assert "were filled" not in " ".join(simulated(scenario, seed=3).sentences())


def truths(name, out, replicates=2):
    ran = CliRunner().invoke(main, ["simulate", name, "--out", str(out), "--replicates", str(replicates)])
    assert ran.exit_code == 0
    return ran.output, pd.read_csv(out / "SYNTHETIC_truth.csv", dtype={"replicate": "Int64"})


@pytest.mark.parametrize(
    ("name", "confound", "log_bias"),
    [
        ("detection", "detection", np.log(0.8)),
        ("breach", "breach", np.log1p(0.33 / (2.0 * 0.85))),
        ("attrition", "attrition", np.log(0.95)),
        ("history", "history", np.log(0.85)),
    ],
)
def test_the_truth_says_how_much_of_the_bias_comes_from_each_confound(name, confound, log_bias, tmp_path):
    _, truth = truths(name, tmp_path / "world")
    parts = truth[truth["quantity"].str.startswith("log_bias_from_")].set_index("quantity")
    value, error = parts.loc[f"log_bias_from_{confound}", ["value", "std_error"]]
    assert value == pytest.approx(log_bias, abs=0.01 + 4 * error)
    assert "log_bias_from_picking_and_people" in parts.index


def test_what_is_said_is_of_the_first_world_and_scores_are_said_too(tmp_path):
    one, _ = truths("score-error", tmp_path / "one", 1)
    many, truth = truths("score-error", tmp_path / "many", 3)
    said = one.rsplit("\n\n", 1)[0].splitlines()
    assert set(said) < set(many.splitlines())  # the world of a number is the same in every block
    assert "of the first of 3 worlds (replicate 0); the files hold all of them" in many
    assert "replicate" not in one
    assert set(pd.read_csv(tmp_path / "many" / "SYNTHETIC_risk.csv")["replicate"]) == {0, 1, 2}
    change = truth[truth["quantity"] == "score_change_without_programme"].set_index("replicate")["value"]
    assert list(change.index) == [0, 1, 2]
    assert f"by {change[0]:.1f} points" in one
    assert violations(many.rsplit("\n\n", 1)[0]) == ()


def test_events_without_end_are_refused():
    for careers in (sim.Careers(rate=1e9), sim.Careers(rate=1e3, programme=sim.Programme(ratio=15.0))):
        with pytest.raises(SpecError, match="10,000 events a year"):
            careers(1)


def test_a_cut_above_the_highest_score_is_refused_with_the_highest_that_was_reached():
    rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=1200.0)
    score = sim.Score(base=300.0, lasting_sd=2000.0, low=20.0, high=1100.0)
    with pytest.raises(DegenerateDataError, match="asks for 1200 and 1,000 of them reach 1100"):
        sim.Careers(people=1, score=score, enrolment=sim.Enrolment(selection=rule, reads="score"))(1)


def test_the_impossible_is_refused_with_what_was_reached(tmp_path):
    file = tmp_path / "nobody.toml"
    rule = (
        '{ variable = "arrests", windows = ["before"], rule = "at_least", timing = "at_boundary", threshold = 400.0 }'
    )
    file.write_text(
        '[scenario]\ntitle = "x"\nabout = "y"\nshows = []\n[scenario.careers]\npeople = 1\n'
        f"[scenario.careers.enrolment]\nselection = {rule}\n",
        encoding="utf-8",
    )
    ran = CliRunner().invoke(main, ["simulate", str(file), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 2
    assert "20,000 people" in ran.output
    assert not (tmp_path / "out").exists()


def test_a_scenario_can_be_varied_by_replacing_its_settings():
    careers = load_scenario("regression-to-the-mean").careers
    planted = replace(careers, programme=sim.Programme(ratio=0.75))
    assert np.allclose(sim.att_ratio(planted.batch(2, rng=1)), 0.75)
