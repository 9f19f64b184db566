"""Design files: what they say is what is simulated, and what they say amiss is refused with what would do."""

import dataclasses
import re
from importlib.resources import files

import pytest

import iom_causal as iom
from iom_causal import simulate as sim
from iom_causal.confounds.evidence import evidence_sets
from iom_causal.designs.scoring import Target
from iom_causal.errors import SpecError
from iom_causal.protocol.design import ESTIMANDS, STRATEGIES, load_design

PLAIN = """
[design]
title = "Ours"
sims = 200
seed = 3
estimands = ["att_ratio", "att_difference"]
[design.model.two_windows]
people = 40
cut = 3.0
[[design.studies]]
name = "one group"
data = "BeforeAfter"
estimators = ["RateRatio", "PairedT"]
"""


def read(tmp_path, text=PLAIN, **known):
    path = tmp_path / "design.toml"
    path.write_text(text, encoding="utf-8")
    return load_design(path, known=known)


def only(file):
    (design,) = file.designs.values()
    return design


def test_a_file_is_the_design_that_it_declares(tmp_path):
    file = read(tmp_path)
    assert (file.title, file.sims, file.seed, list(file.designs)) == ("Ours", 200, 3, ["one group"])
    assert only(file) == iom.designs.Design(
        sim.TwoWindowCounts(people=40, cut=3.0),
        {"att_ratio": sim.att_ratio, "att_difference": sim.att_difference},
        sim.BeforeAfter(),
        [iom.RateRatio(), iom.PairedT()],
    )


def test_parts_may_have_labels_and_settings(tmp_path):
    text = PLAIN.replace(
        'data = "BeforeAfter"', 'data = { known = { strategy = "BeforeAfter", settings = { custody_known = true } } }'
    ).replace(
        '["RateRatio", "PairedT"]', '{ a = "RateRatio", b = { estimator = "RateRatio", settings = { level = 0.9 } } }'
    )
    design = only(read(tmp_path, text))
    assert design.data["known"] == sim.BeforeAfter(custody_known=True)
    assert design.estimators == {"a": iom.RateRatio(), "b": iom.RateRatio(level=0.9)}
    one = PLAIN.replace('["RateRatio", "PairedT"]', '{ estimator = "RateRatio", settings = { level = 0.9 } }')
    assert only(read(tmp_path, one)).estimators == {"RateRatio": iom.RateRatio(level=0.9)}


def test_what_is_varied_makes_a_design_of_each_study_for_each_combination(tmp_path):
    study = '[[design.studies]]\nname = "other"\ndata = "BeforeAfter"\nestimators = "RateRatio"\n'
    varied = "[design.vary]\nmodel.people = [20, 50]\n'model.ratio' = [1.0, 0.8]\n"
    file = read(tmp_path, PLAIN + study + varied)
    assert list(file.designs)[:2] == ["one group, people=20, ratio=1", "one group, people=20, ratio=0.8"]
    assert len(file.designs) == 8
    assert file.varied == ("model.people", "model.ratio")
    assert file.designs["other, people=50, ratio=0.8"].model == sim.TwoWindowCounts(people=50, cut=3.0, ratio=0.8)
    alone = read(tmp_path, PLAIN + varied)
    assert next(iter(alone.designs)) == "people=20, ratio=1"


def with_model(table, text=PLAIN):
    return re.sub(r"\[design.model.two_windows\]\npeople = 40\ncut = 3.0\n", f"[design.model]\n{table}\n", text)


def test_a_bundled_scenario_is_a_model_whose_settings_can_be_changed(tmp_path):
    lines = 'scenario = "history"\nsettings = { people = 30, programme.ratio = 0.9, "enrolment.noise" = 1.0 }'
    model = only(read(tmp_path, with_model(lines))).model
    plain = iom.load_scenario("history").careers
    assert model == dataclasses.replace(
        plain,
        people=30,
        programme=dataclasses.replace(plain.programme, ratio=0.9),
        enrolment=dataclasses.replace(plain.enrolment, noise=1.0),
    )
    assert model.confounds == plain.confounds


def test_a_setting_of_a_scenario_may_be_a_belief(tmp_path):
    model = only(
        read(tmp_path, with_model('scenario = "history"\nsettings = { rate = { median = 2.0, sd = 0.1 } }'))
    ).model
    assert model.rate == iom.LogNormal(2.0, 0.1)


def test_files_lie_beside_the_design_and_not_where_the_program_runs(tmp_path, monkeypatch):
    scenario = files("iom_causal.simulate") / "scenarios" / "template.toml"
    (tmp_path / "world.toml").write_text(scenario.read_text(encoding="utf-8"), encoding="utf-8")
    evidence = files("iom_causal.confounds") / "evidence_sets" / "england-wales-2012.toml"
    (tmp_path / "ours.toml").write_text(evidence.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir("/")
    ledger = '{ estimator = "Ledger", settings = { evidence = "ours.toml", draws = 300 } }'
    text = with_model('scenario = "world.toml"').replace('["RateRatio", "PairedT"]', ledger)
    design = only(read(tmp_path, text))
    assert design.model == iom.load_scenario(tmp_path / "world.toml").careers
    assert design.estimators["Ledger"].confounds == iom.Ledger.from_evidence("england-wales-2012").confounds
    assert design.estimators["Ledger"].draws == 300


@pytest.mark.parametrize("named", ["Ledger", "BiasModel"])
@pytest.mark.parametrize(
    "entry", ['"{}"', '{{ estimator = "{}" }}', '{{ estimator = "{}", settings = {{ draws = 300 }} }}']
)
def test_a_ledger_without_evidence_is_refused_with_the_sets_that_there_are(tmp_path, entry, named):
    with pytest.raises(SpecError, match="expected a set of evidence, got none") as refused:
        read(tmp_path, PLAIN.replace('["RateRatio", "PairedT"]', entry.format(named)))
    assert all(name in refused.value.message for name in evidence_sets())


def test_a_published_table_is_a_model(tmp_path):
    model = only(read(tmp_path, with_model('published = "sleath-brown-2017"\nratio = 0.9'))).model
    paper = iom.load_published("sleath-brown-2017")
    assert model == sim.TwoWindowCounts.from_moments(paper["arrests"], ratio=0.9)


def test_windows_of_counts_may_be_ones_own(tmp_path):
    before, after = (
        '{ label = "before", start = -100, end = 0 }',
        '{ label = "after", start = 0, end = 90, post = true }',
    )
    windows = f"windows = [{before}, {after}]\n"
    model = only(read(tmp_path, PLAIN.replace("cut = 3.0\n", "cut = 3.0\nrates = 'gamma'\n" + windows))).model
    assert [w.days for w in model.windows] == [100, 90]
    assert model.rates == "gamma"


def test_classes_of_ones_own_are_named_like_those_of_the_package(tmp_path):
    @dataclasses.dataclass(frozen=True)
    class Ours:
        share: float = 0.5

        def __call__(self, panel, *, rng=None):
            raise NotImplementedError

    text = PLAIN.replace('["RateRatio", "PairedT"]', '{ estimator = "Ours", settings = { share = 0.2 } }')
    assert only(read(tmp_path, text, Ours=Ours)).estimators["Ours"] == Ours(0.2)
    with pytest.raises(SpecError, match="'Ours' is not known"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        ("sims = 200", "simms = 200", "did you mean 'sims'"),
        ("sims = 200", "sims = 0", "sims: expected a whole number of at least 1"),
        ("sims = 200", "sims = 1.5", "sims: expected a whole number"),
        ("seed = 3", "seed = -3", "seed: expected a whole number from 0"),
        ('title = "Ours"\n', "", "required but absent: title"),
        ('"att_difference"', '"att_diference"', "did you mean 'att_difference'"),
        ("people = 40", "peple = 40", r"design\.model\.two_windows.*did you mean 'people'"),
        ("people = 40", "people = 0", "at least 1 person"),
        ("people = 40", "people = 'many'", "people: expected a whole number"),
        ("[design.model.two_windows]", "[design.model.two_window]", "did you mean 'two_windows'"),
        ("cut = 3.0\n", "cut = 3.0\nwindows = 3\n", "windows: expected a list of two tables"),
        ('"BeforeAfter"', '"BeforAfter"', "did you mean 'BeforeAfter'"),
        ('"BeforeAfter"', "3", "data: expected a table"),
        ('"RateRatio"', '"RateRation"', r"estimators\[1\]: 'RateRation' is not known; did you mean 'RateRatio'"),
        ('"RateRatio"', '{ estimator = "RateRatio", settings = { levl = 0.9 } }', "did you mean 'level'"),
        (
            '"RateRatio"',
            '{ estimator = "RateRatio", settings = { level = "high" } }',
            "level: expected a finite number",
        ),
        ('"RateRatio"', '{ estimater = "RateRatio" }', "did you mean 'estimator'"),
        ('"RateRatio"', '{ estimator = "Ledger", settings = { evidence = "england" } }', "unknown set 'england'"),
        ('"RateRatio"', '{ estimator = "Ledger", settings = { confounds = [] } }', "unknown key 'confounds'"),
        ('name = "one group"', 'nam = "one group"', "did you mean 'name'"),
        ('name = "one group"', 'name = "one/group"', "without '/'"),
        ("[[design.studies]]", "[design.studies]", r"expected \[\[design.studies\]\] tables"),
    ],
)
def test_what_is_amiss_is_refused_with_what_would_do(tmp_path, found, instead, said):
    assert found in PLAIN
    with pytest.raises(SpecError, match=said):
        read(tmp_path, PLAIN.replace(found, instead, 1))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "expected one of scenario, two_windows, published, got 0"),
        ('scenario = "history"\npublished = "sleath-brown-2017"', "got 2 of them"),
        ('scenario = "histry"', "did you mean 'history'"),
        ('scenario = "history"\nratio = 1.0', "ratio belongs to published"),
        ('scenario = "history"\nsettings = { peple = 3 }', r"design\.model\.settings: peple.+ did you mean 'people'"),
        (
            'scenario = "history"\nsettings = { programme.ratoi = 3 }',
            r"design\.model\.settings: programme\.ratoi: .+'ratio'",
        ),
        ('scenario = "history"\nsettings = { people = 0 }', r"design\.model\.settings: Careers: expected people"),
        ('scenario = "history"\npeeple = 3', r"design\.model.*'peeple'"),
        ('published = "sleath-brown-2017"\noutcome = "arests"', "did you mean 'arrests'"),
        ("scenario = 3", "expected text in quotation marks"),
    ],
)
def test_a_model_is_one_of_three_kinds(tmp_path, lines, said):
    with pytest.raises(SpecError, match=said):
        read(tmp_path, with_model(lines))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('"model.peple" = [1, 2]', r"design\.vary: model\.peple: .+did you mean 'people'"),
        ("model.people = 30", "expected a list of values"),
        ("model.people = []", "expected at least one value"),
        ('"data.BeforAfter.custody_known" = [true]', "did you mean 'BeforeAfter'"),
        ("model.people = [0]", "design.vary: .*at least 1 person"),
    ],
)
def test_what_is_varied_leads_somewhere(tmp_path, lines, said):
    with pytest.raises(SpecError, match=said):
        read(tmp_path, f"{PLAIN}[design.vary]\n{lines}\n")


def test_two_studies_of_one_name_are_refused(tmp_path):
    study = PLAIN[PLAIN.index("[[design.studies]]") :]
    with pytest.raises(SpecError, match="'one group' twice"):
        read(tmp_path, PLAIN + study)


def test_a_file_of_another_kind_is_named(tmp_path):
    with pytest.raises(SpecError, match=r"expected a \[design\] file, this is a \[scenario\] file"):
        read(tmp_path, "[scenario]\n")
    with pytest.raises(SpecError, match="did you mean 'template'"):
        load_design("templat")


def test_every_estimand_and_strategy_of_the_simulator_has_its_name_in_a_file():
    assert all(
        Target.of(function).estimand == name.removesuffix("_offences").removesuffix("_since_entry")
        for name, function in ESTIMANDS.items()
    )
    modules = ("data_strategies", "comparison_cohorts", "steps_of_entry")
    homes = {f"iom_causal.simulate.{m}" for m in modules}
    found = {name for name in sim.__all__ if getattr(getattr(sim, name), "__module__", "") in homes}
    assert set(STRATEGIES) == found


def test_the_template_compares_two_studies_with_a_programme_and_without():
    file = load_design("template")
    assert len(file.designs) == 4
    assert {d.model.programme.ratio for d in file.designs.values()} == {1.0, 0.8}
    assert all(d.cell == 500 for d in file.designs.values())
