"""A dress rehearsal: a study's own evaluation in worlds whose truth is known, before and after its data exist."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from iom_causal.analysis.rehearsal.rehearsal import rehearsal, simulation_error
from iom_causal.analysis.rehearsal.verdict import FALL, NOTHING, REFUSED, WORDS, Verdict
from iom_causal.analysis.rehearsal.worlds import KINDS, Plan
from iom_causal.analysis.study_people import read_people
from iom_causal.base import wording
from iom_causal.base.formats import number
from iom_causal.cli import main
from iom_causal.confounds import ScoreRegression
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.errors import InputError, SpecError
from iom_causal.protocol.study import Study, load_study
from iom_causal.report.rehearsed import REACH, DressRehearsal, rehearse
from iom_causal.windows import Selection

BY_CUT = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)
ON_RATE = Selection("arrests", ("before",), "rate", "at_boundary")
"""The rule whose verdicts take least: there is no null calibration."""
FEW = {"people": 60, "worlds": 2}
ARRESTS = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
RISK = ExtractOutcome(name="risk", kind="score", columns=("c", "d"), missing="keep")


def planned(selection=ON_RATE, *, outcomes=(ARRESTS,), windows=None, extract=None, **settings):
    two = windows or (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
    more = {"equal_windows": windows is None} | (extract or {})
    held = Extract(file="people.csv", id="urn", outcomes=outcomes, windows=two, **more)
    return Study(title="Ours", extract=held, selection=selection, **settings)


def test_the_worlds_are_the_study_s_own():
    days = (ExtractWindow(label="y1", start=-730, end=-365), ExtractWindow(label="y2", start=-365, end=0))
    after = ExtractWindow(label="after", start=0, end=365, post=True)
    three = ExtractOutcome(name="stops", kind="count", columns=("a", "b", "c"))
    rule = Selection("stops", ("y2",), "at_least", "at_boundary", threshold=4)
    study = planned(rule, outcomes=(three,), windows=(*days, after))
    plan = Plan(study, 30)
    world = plan.careers(KINDS["picking alone"]).batch(2, rng=1)
    (panel,) = plan.seen(world).values()
    assert (panel.name, panel.n, panel.selection) == ("stops", 30, rule)
    assert [w.label for w in panel.windows] == ["y1", "y2", "after"]
    assert panel.outcome[..., 1].min() >= 4  # who was picked has as many in the window that the rule reads
    assert panel.outcome[..., 0].min() < 4
    assert plan.rate == pytest.approx(2.0, rel=0.01)  # so that twice what everybody has in that year is the cut
    assert panel.age is None
    assert panel.exposure.tolist() == [365, 365, 365]


@pytest.mark.parametrize(
    ("selection", "settings", "others"),
    [
        (Selection("arrests", ("before",), "soft", "at_boundary", threshold=4, softness=2), {}, False),
        (Selection("arrests", ("before",), "top", "at_boundary", threshold=25), {}, True),
        (ON_RATE, {}, False),
        (BY_CUT, {"group": "managed"}, True),
        (BY_CUT, {"days_at_risk": ("da", "db"), "age": "age"}, False),
        (None, {}, False),
    ],
)
def test_every_rule_and_every_file_has_its_worlds(selection, settings, others):
    plan = Plan(planned(selection, extract=settings), 40)
    panels = [plan.seen(plan.careers(kind).batch(1, rng=3))["arrests"].replicate(0) for kind in KINDS.values()]
    for panel in panels:
        assert bool((~panel.group).any()) == others
        weight = np.ones(panel.n) if panel.weight is None else panel.weight
        assert weight[panel.group].sum() == (25 if selection is not None and selection.rule == "top" else 40)
        assert (panel.age is not None) == ("age" in settings)
        assert (panel.exposure is not None and panel.exposure.ndim == 2) == ("days_at_risk" in settings)
        if selection is BY_CUT:
            below = panel.outcome[:, 0] < 4
            assert not (below & panel.group & (weight > 0)).any()
            assert below[~panel.group].all()
    assert ("rule" in plan.assumed) == (selection is None)


def test_the_page_of_a_world_is_that_of_its_people():
    study = planned()
    found = rehearsal(study, kinds=("half off", "recording"), **FEW)
    assert [(row.world, row.worlds, sum(row.said.values())) for row in found.rows] == [
        ("half off", 2, 2), ("recording", 2, 2)
    ]  # fmt: skip
    assert [round(row.truth, 2) for row in found.rows] == [0.5, 1.0]  # what people did, and not what is recorded
    assert found.rows[0].observed < found.rows[1].observed
    again = rehearsal(study, kinds=("recording",), **FEW)
    assert again.rows[0] == found.rows[1]  # a kind of world is the same whichever others are there
    assert rehearsal(study, kinds=("recording",), seed=8, **FEW).rows[0] != found.rows[1]
    quiet = rehearsal(planned(None), kinds=("half off",), **FEW).rows[0]
    assert (dict(quiet.said), quiet.reasons) == ({REFUSED: 2}, ("no rule is stated by which people were picked",))


def test_a_score_is_rehearsed_where_the_study_states_sets_for_it():
    rule = Selection("risk", ("before",), "at_least", "at_boundary", threshold=340)
    lines = [
        EvidenceLine(
            confound=ScoreRegression(sem=sem, bin_width=20.0, selection=rule), source="s", date="2020", reason="r"
        )
        for sem in (30.0, 40.0, 50.0)
    ]
    sets = tuple(Evidence(name=f"s{k}", title="t", about="a", kind="score", lines=(v,)) for k, v in enumerate(lines))
    study = planned(rule, outcomes=(ARRESTS, RISK), own_evidence=sets)
    found = rehearsal(study, kinds=("picking alone",), **FEW)
    assert [(row.outcome, row.scale) for row in found.rows] == [("arrests", "ratio"), ("risk", "points")]
    assert found.rows[1].truth == 0
    assert found.rows[1].observed < 0
    assert found.rows[1].said.keys() <= set(WORDS) - {REFUSED}


def test_what_cannot_be_rehearsed_is_refused():
    amount = ExtractOutcome(name="harm", kind="amount", columns=("a", "b"))
    with pytest.raises(SpecError, match=r"E096.*with a count"):
        rehearsal(planned(None, outcomes=(amount,)))
    for settings in ({"worlds": 1}, {"people": 9}, {"kinds": ("heaven",)}):
        with pytest.raises(SpecError, match=r"E09[23]"):
            rehearsal(planned(), **settings)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A study without data, then the same study with people who live in one of its worlds."""
    folder = tmp_path_factory.mktemp("plan")
    study = replace(planned(), folder=folder)
    (folder / "study.toml").write_text(study.to_toml(), encoding="utf-8")
    command = ["rehearse", str(folder / "study.toml"), "--worlds", "2", "--people", "40", "--seed", "3"]
    told = CliRunner().invoke(main, [*command, "--out", str(folder / "one")])
    plan = Plan(study, 60)
    people = plan.seen(plan.careers(KINDS["half off"]).batch([77], rng=5))["arrests"].replicate(0).outcome
    rows = [f"p{k},{a},{b}" for k, (a, b) in enumerate(people.tolist())]
    (folder / "people.csv").write_text("\n".join(["urn,a,b", *rows]), encoding="utf-8")
    return folder, told


def test_the_command_writes_table_page_and_manifest(written):
    folder, told = written
    assert told.exit_code == 0, told.output
    assert {p.name for p in (folder / "one").iterdir()} == {"manifest.json", "rehearsal.csv", "rehearsal.html"}
    record = json.loads((folder / "one" / "manifest.json").read_text())
    assert (record["people"], record["worlds"], record["seed"], record["kinds"]) == (40, 2, 3, list(KINDS))
    rows = (folder / "one" / "rehearsal.csv").read_text().splitlines()
    assert len(rows) == 1 + len(KINDS) * len(WORDS)
    assert "Of 10 worlds in which the programme does nothing" in " ".join(told.output.split())
    assert "people of the file" not in told.output
    page = (folder / "one" / "rehearsal.html").read_text()
    assert "The study gives its windows no dates: each is taken as a year." in page


def test_with_data_it_says_near_which_worlds_they_lie(written):
    folder, _ = written
    made = rehearse(folder / "study.toml", worlds=3, kinds=("picking alone", "half off"))
    assert made.found.people == 60  # those there, rounded as a number of people leaves
    (near,) = made.found.near
    assert list(near.distances) == ["half off", "picking alone"]
    (said,) = next(s for s in made.page().sections if "file lie" in s.title).paragraphs
    assert "lie nearest to the worlds “half off” and “picking alone”" in said
    assert "says of none that it is theirs" in said
    assert ("They lie where cohorts of “half off” lie." in said) == (near.distances["picking alone"] > REACH)
    assert near.distances["half off"] < REACH
    assert near.before == pytest.approx(near.there, rel=0.3)
    slower = rehearse(folder / "study.toml", rate=0.5, worlds=2, kinds=("picking alone",))
    assert slower.found.near[0].before == near.before
    assert slower.found.near[0].there == pytest.approx(near.there / 4, rel=0.3)  # .5 a year in place of 2
    (said,) = next(s for s in slower.page().sections if "file lie" in s.title).paragraphs
    assert said.endswith(f"managed people of these worlds have {slower.found.near[0].there:.2g}.")
    far = DressRehearsal(found=replace(made.found, near=(replace(near, distances={"half off": 9.0}),)))
    assert any("farther from every kind" in text for s in far.page().sections for text in s.paragraphs)
    m = read_people(load_study(folder / "study.toml")).cohort["arrests"].moments()
    written_down = made.summary() + str(made.files())
    assert f"Before, they have {number(near.before, 2)} arrests on average" in made.summary().replace("\n", " ")
    assert not [value for value in (m.mean_post, m.sd_pre, m.r) if f"{value:.5g}" in written_down]


def test_a_rule_that_fills_places_says_how_many_people_there_are(tmp_path):
    study = planned(Selection("arrests", ("before",), "top", "at_boundary", threshold=50))
    (tmp_path / "study.toml").write_text(study.to_toml(), encoding="utf-8")
    command = ["rehearse", str(tmp_path / "study.toml"), "--worlds", "2", "--people"]
    refused = CliRunner().invoke(main, [*command, "100"])
    assert refused.exit_code == 2
    assert "expected 50, as the study's rule fills 50 places (rule top), got 100" in " ".join(refused.output.split())
    assert "leave people out" in refused.output
    assert not (tmp_path / "iom-rehearsal").exists()
    assert rehearsal(study, people=50, worlds=2, kinds=("trend",)).people == 50
    assert rehearsal(study, worlds=2, kinds=("trend",)).people == 50


def test_the_table_counts_worlds_and_says_its_simulation_error():
    made = rehearse(planned(), kinds=("picking alone", "half off"), people=60, worlds=4)
    (section,) = (s for s in made.page().sections if s.tables)
    (table,) = section.tables
    assert [row[3] for row in table.rows] == [f"{row.fell} of 4" for row in made.found.rows]
    for shown, row in zip(table.rows, made.found.rows, strict=True):
        assert shown[4:] == tuple(f"{row.said.get(word.lower(), 0)} of 4" for word in table.columns[4:])
    shares = [n for row in made.found.rows for n in (row.fell, *row.said.values())]
    most = max(simulation_error(n, 4) for n in shares)
    assert (
        f"Simulation error: in as many other worlds no share here would move by more than {100 * most:.0f} of 100"
        in (table.caption)
    )
    assert "simulation error" in made.page().can_say[0]
    assert "Monte Carlo" not in made.summary()


@pytest.mark.parametrize(
    ("selection", "rate", "assumed", "said"),
    [
        (BY_CUT, None, "twice", "Everybody who could be picked has 2 events a year"),
        (BY_CUT, 1.25, None, "has 1.25 events a year on average"),
        (None, None, "rate", "has 2 events a year on average"),
        (None, 3.0, None, "has 3 events a year on average"),
        (ON_RATE, 3.0, "twice", "has 3 events a year on average"),
    ],
)
def test_the_rate_of_the_worlds_can_be_set(selection, rate, assumed, said):
    plan = Plan(planned(selection), 40, rate)
    assert {"twice", "rate"} & set(plan.assumed) == ({assumed} if assumed else set())
    assert plan.rate == pytest.approx(rate or 2.0, rel=0.01)
    found = rehearsal(planned(None), kinds=("trend",), rate=rate, **FEW)
    made = DressRehearsal(found=replace(found, rate=plan.rate, assumed=plan.assumed))
    text = next(p for s in made.page().sections for p in s.paragraphs if "events a year" in p)
    assert said in text
    assert ("events was set" in text) == (assumed is None)
    assert ("--rate" in text) == (assumed is not None)
    assert not wording.violations(text)


def test_the_command_sets_the_rate(tmp_path):
    (tmp_path / "study.toml").write_text(planned(None).to_toml(), encoding="utf-8")
    command = ["rehearse", str(tmp_path / "study.toml"), "--worlds", "2", "--people", "20", "--rate", "1.5"]
    told = CliRunner().invoke(main, command)
    assert "has 1.5 events a year on average" in " ".join(told.output.split())
    assert json.loads((tmp_path / "iom-rehearsal" / "manifest.json").read_text())["rate"] == 1.5
    with pytest.raises(SpecError, match=r"E092.*rate: expected events a year from 0.01 to 1000"):
        rehearsal(planned(None), rate=0.001)


def test_nothing_is_said_of_where_too_few_people_lie(written):
    folder, _ = written
    few = (folder / "people.csv").read_text().splitlines()[:9]
    (folder / "few").mkdir()
    (folder / "few" / "people.csv").write_text("\n".join(few), encoding="utf-8")
    made = rehearse(replace(planned(), folder=folder / "few"), kinds=("half off",), worlds=2)
    assert made.found.near == ()
    assert made.found.people == 200


def test_every_sentence_keeps_the_rules_of_wording(written):
    folder, _ = written
    study = load_study(folder / "study.toml")
    pages = [
        rehearse(study, kinds=("picking alone", "half off"), **FEW).page(),
        rehearse(planned(None), kinds=("half off",), **FEW).page(),
    ]
    for page in pages:
        assert not [(text, wording.violations(text)) for text in page.texts() if wording.violations(text)]
    assert "no rule is stated by which people were picked" in pages[1].can_say[0]


def test_a_study_may_be_planned_with_windows_to_come_and_lines_to_fill_in(tmp_path):
    year = dt.date.today().year  # noqa: DTZ011 years are enough
    days = [dt.date(year + k, 1, 1) for k in (0, 1, 2)]
    windows = (
        ExtractWindow(label="before", start=days[0], end=days[1]),
        ExtractWindow(label="after", start=days[1], end=days[2], post=True),
    )
    study = planned(windows=windows)
    text = study.to_toml().replace('id = "urn"', 'id = "EDIT: the column of ids"')
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=r"E096.*fill in"):
        load_study(tmp_path / "study.toml")
    made = rehearse(tmp_path / "study.toml", kinds=("trend",), **FEW)
    assert made.found.assumed == ("twice",)
    (tmp_path / "people.csv").write_text("urn,a,b\np1,4,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"E044.*future"):
        read_people(replace(study, folder=tmp_path))


LEAST_TOLD = 30
"""Of 40 worlds in which half is taken off, 200 people picked at a cut."""
MOST_UNTRUE = 12
"""Of 200 worlds without a programme, five kinds of 40: a share of 2.5% gives more in 1 of 500 cases."""


@pytest.mark.slow
def test_the_default_table_tells_half_off_from_nothing():
    found = rehearsal(planned(BY_CUT))
    rows = {row.world: row for row in found.rows}
    idle = [row for row in found.rows if KINDS[row.world].nothing]
    assert sum(row.said.get(FALL, 0) for row in idle) <= MOST_UNTRUE
    assert all(row.fell > row.worlds / 2 for row in idle)  # the change alone says otherwise
    assert rows["half off"].said[FALL] >= LEAST_TOLD
    assert rows["picking alone"].said[NOTHING] >= LEAST_TOLD
    assert Verdict.of(planned(BY_CUT)) == Verdict()
