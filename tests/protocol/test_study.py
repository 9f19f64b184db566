"""A study of one's own people: the file, its start, and from five habits of files to a report."""

import base64
import io
import json
import re
import shutil
import tomllib
import zipfile
from dataclasses import replace
from decimal import Decimal
from itertools import product

import html5lib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from examples.evaluator import five_habits as example
from iom_causal.analysis import comparison, ledgers, null
from iom_causal.analysis import people as steps_people
from iom_causal.analysis.people import furthest
from iom_causal.analysis.release import Release
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.study_people import read_people
from iom_causal.base import wording
from iom_causal.base.specs import digest
from iom_causal.cli import main
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import IomCausalError
from iom_causal.evaluation import evaluate
from iom_causal.null.observed import observe
from iom_causal.protocol.scenario import load_scenario
from iom_causal.protocol.study import load_study
from iom_causal.report import phrases
from tests.data.alike import alike

MOST_EDITS = 3


def run(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


@pytest.fixture(autouse=True)
def refused_unless_asked_for(request):
    """Leave the null calibration out of tests that look at something else."""
    if request.node.get_closest_marker("calibrated") is None:
        request.getfixturevalue("without_null_calibration")


def remembered(calibration):
    """Return a calibration that is made once for the same figures."""
    made = {}

    def once(told, **settings):
        key = repr((told, settings))
        if key not in made:
            made[key] = calibration(told, **settings)
        return made[key]

    return once


@pytest.fixture(scope="module", params=example.FILES, ids=lambda make: make.__name__)
def done(request, tmp_path_factory):
    """A file started by `init`, edited as an analyst would, and evaluated by the command and by the function."""
    folder = tmp_path_factory.mktemp(request.param.__name__)
    file, edits = request.param(folder)
    begun = run("init", folder / "study", "--from", file)
    assert begun.exit_code == 0, begun.stderr
    study = folder / "study" / "study.toml"
    before = study.read_text(encoding="utf-8")
    study.write_text(example.edited(before, edits), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(null, "null_calibration", remembered(null.null_calibration))
        ended = run("evaluate", study, "--quick")
        assert ended.exit_code == 0, ended.stderr
        return evaluate(study, quick=True), study, edits, ended, begun


def test_at_most_three_lines_are_edited(done):
    _, _, edits, ended, begun = done
    assert len(edits) <= MOST_EDITS
    assert "Guessed, please look at" in begun.output
    assert "WHAT YOU CANNOT SAY" in ended.output


def test_the_page_keeps_the_rules_of_wording(done):
    page = done[0].page
    for text in page.texts():
        assert wording.violations(text) == (), text
    compared = any(found.offered for found in done[0].results.of(comparison.run) or ())
    assert f"level {3 if compared else 2} of 5" in page.lead[0]
    assert any("do not settle" in sentence for sentence in page.cannot_say)
    assert any("EMMIE" in section.title for section in page.sections)


def test_every_number_of_people_is_rounded_or_withheld(done):
    _, study, *_ = done
    report = study.parent / "iom-report"
    rows = pd.read_csv(report / "estimates.csv")
    for column in ("n_input", "n_used"):
        assert (rows[column] % 5 == 0).all()
    assert rows["df"].isna().all()
    page = html5lib.parse((report / "report.html").read_text(encoding="utf-8"), namespaceHTMLElements=False)
    for table in page.iter("table"):
        heads = ["".join(th.itertext()) for th in table.find("thead").iter("th")]
        if "people" in heads[1:]:
            at = heads.index("people")
            for row in table.find("tbody").iter("tr"):
                cell = "".join(list(row)[at].itertext())
                assert all(n == "withheld" or int(n.replace(",", "")) % 5 == 0 for n in cell.split(" of "))


def test_figures_are_png_and_nothing_else(done):
    _, study, *_ = done
    figures = list((study.parent / "iom-report" / "figures").glob("*"))
    assert all(f.suffix == ".png" for f in figures)
    assert "image/svg" not in (study.parent / "iom-report" / "report.html").read_text(encoding="utf-8")


def test_the_digest_of_the_study_is_in_the_report_and_the_manifest(done):
    _, study, *_ = done
    report = study.parent / "iom-report"
    record = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    assert record["study_digest"] == digest(load_study(study))
    assert record["study_digest"] in (report / "report.html").read_text(encoding="utf-8")


def test_a_study_reads_back_from_what_it_writes(done, tmp_path):
    study = load_study(done[1])
    again = tmp_path / "again.toml"
    again.write_text(study.to_toml(), encoding="utf-8")
    assert load_study(again) == study
    assert digest(load_study(again)) == digest(study)


def test_the_same_seed_gives_the_same_files(done):
    found, study, *_ = done
    written = {
        p.relative_to(study.parent / "iom-report").as_posix(): p.read_bytes()
        for p in (study.parent / "iom-report").rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }
    made = found.files()
    assert {name: data.encode() if isinstance(data, str) else data for name, data in made.items()} == written
    assert made == found.files()


def started(make, folder):
    file, edits = make(folder)
    run("init", folder / "s", "--from", file)
    study = folder / "s" / "study.toml"
    study.write_text(example.edited(study.read_text(encoding="utf-8"), edits), encoding="utf-8")
    return study


def test_the_panels_hold_what_was_put_into_the_files(tmp_path):
    before, after, _ = example.selected(3)
    people = read_people(load_study(started(example.labels_sav, tmp_path)), tmp_path / "s")
    panel = people.cohort["arrests"]
    np.testing.assert_array_equal(panel.outcome, np.column_stack([before, after]))
    assert panel.managed.n == example.PEOPLE * 3 // 4
    assert np.isnan(panel.age).sum() == pytest.approx(0.08 * example.PEOPLE, abs=12)  # the declared code, not -99
    assert np.nanmin(panel.age) >= 18


def test_days_in_custody_are_taken_from_the_days_at_risk(tmp_path):
    study = started(example.custody_csv, tmp_path)
    raw = pd.read_csv(tmp_path / "arrests.csv", dtype={"urn": str})
    panel = read_people(load_study(study), study.parent).cohort["arrests"]
    np.testing.assert_array_equal(panel.ids, raw["urn"])
    for t, side in enumerate(("before", "after")):
        np.testing.assert_array_equal(panel.exposure[:, t], raw[f"days_at_risk_{side}"] - raw[f"custody_days_{side}"])


def test_three_windows_are_in_order_of_time(tmp_path):
    people = read_people(load_study(started(example.windows_parquet, tmp_path)), tmp_path / "s")
    windows = people.cohort["arrests"].windows
    assert [w.label for w in windows] == ["year before", "first year after", "second year after"]
    assert [w.post for w in windows] == [False, True, True]


def test_semicolons_and_commas_are_numbers(tmp_path):
    people = read_people(load_study(started(example.semicolons_csv, tmp_path)), tmp_path / "s")
    panel = people.cohort["harm"]
    assert panel.kind == "amount"
    assert not np.array_equal(panel.outcome, np.floor(panel.outcome))


def test_init_never_overwrites(tmp_path):
    file, _ = example.custody_csv(tmp_path)
    assert run("init", tmp_path / "s", "--from", file).exit_code == 0
    again = run("init", tmp_path / "s", "--from", file)
    assert again.exit_code == 2
    assert "IOM-E090" in again.stderr


FOURTH = "Then fill in 1 more line of that kind"


def test_init_without_a_file_says_what_to_fill_in(tmp_path):
    done = run("init", tmp_path / "s")
    assert done.exit_code == 0
    said = [line.partition(":")[0] for line in done.output.splitlines() if not line.startswith("   ")]
    assert said[2:] == ["  1. file", "  2. id", "  3. selection", FOURTH, "  4. outcomes.arrests.columns", "Then run"]
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    assert "Fill in the lines marked EDIT" in text.splitlines()[0]
    tomllib.loads(text)
    assert run("evaluate", tmp_path / "s" / "study.toml").exit_code == 2


def test_init_published_copies_the_form(tmp_path):
    assert run("init", tmp_path / "p", "--published").exit_code == 0
    assert run("audit", tmp_path / "p" / "published.toml").exit_code == 0


def without_marks(text):
    """A form with every line of settings that it comments out in use."""
    setting = re.compile(r"^# (\[\[.+\]\]|[a-z_]+ = .+)$")
    return "\n".join(setting.sub(r"\1", line) for line in text.splitlines())


def test_init_scenario_writes_a_world_that_runs_unedited_and_whose_people_can_be_evaluated(tmp_path):
    done = run("init", tmp_path / "the plan", "--scenario")
    file = tmp_path / "the plan" / "scenario.toml"
    assert done.exit_code == 0
    assert f'iom-causal simulate "{file}" --out' in done.output
    assert "one world at a time; --replicates" in done.output
    world = tmp_path / "world"
    ran = run("simulate", file, "--out", world)
    assert ran.exit_code == 0
    assert "150 people are in the programme" in ran.output
    begun = run("init", tmp_path / "trial", "--from", world / "SYNTHETIC_arrests.csv")
    assert "2. " not in begun.output  # nothing is asked but how they were picked
    assert "unknown" not in begun.output  # heads of simulated files say how long their windows are
    trial = load_study(alike(tmp_path / "trial" / "study.toml"))
    assert read_people(trial, tmp_path / "trial").cohort["arrests"].n == 150


def test_the_form_of_a_scenario_runs_with_every_line_that_it_comments_out(tmp_path):
    run("init", tmp_path / "p", "--scenario")
    form = (tmp_path / "p" / "scenario.toml").read_text(encoding="utf-8")
    full = tmp_path / "full.toml"
    full.write_text(without_marks(form), encoding="utf-8")
    scenario, plain = load_scenario(full), load_scenario(tmp_path / "p" / "scenario.toml")
    assert len(scenario.lines) > len(plain.lines)
    assert scenario.careers.score is not None
    assert run("simulate", full, "--out", tmp_path / "w", "--replicates", 2).exit_code == 0
    assert all(wording.violations(line.reason) == () for line in scenario.lines)


def test_init_refuses_a_file_of_people_for_a_form(tmp_path):
    of_a_paper = run("init", tmp_path / "s", "--from", tmp_path / "people.csv", "--published")
    assert of_a_paper.exit_code == 2
    assert "a paper is read as txt, md, html, htm, docx" in of_a_paper.stderr
    for form in ("--design", "--scenario"):
        refused = run("init", tmp_path / "s", "--from", tmp_path / "people.csv", form)
        assert refused.exit_code == 2
        assert f"{form} reads no file of people" in refused.stderr


STUDY = """[study]
title = "Ours"
{head}
[study.extract]
file = "people.csv"
id = "urn"
windows = [ {{ label = "before" }}, {{ label = "after", post = true }} ]
equal_windows = true
outcomes = [ {{ name = "arrests", kind = "count", columns = ["pre", "post"] }} ]
{tail}
"""
PEOPLE = "urn,pre,post\n" + "".join(f"a{k},{3 + k % 4},{k % 3}\n" for k in range(40))


def written(folder, *, head="", tail="", people=PEOPLE):
    (folder / "people.csv").write_text(people, encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY.format(head=head, tail=tail), encoding="utf-8")
    return study


FAULTS = [
    ("titel = 'x'", "", "did you mean 'title'"),
    ("smallest_effect = 10", "", "a share above 0 and below 1"),
    ("evidence = ['picked-on-rates']", "", "did you mean 'picked-on-rate'"),
    ("selection = { variable = 'arests', windows = ['before'], rule = 'top', timing = 'unknown' }", "", "arrests"),
    ("selection = { variable = 'arrests', windows = ['befor'], rule = 'top', timing = 'unknown' }", "", "before"),
    ("", "[[study.confounds]]\nconfound = 'Histry'\nsettings = {}\nsource = 's'\ndate = 'd'\nreason = 'r'", "History"),
    ("", "[[study.confounds]]\nconfound = 'History'\nsettings = {ratio = 0.9}\nsource = 's'\ndate = 'd'", "reason"),
    ("", "[[study.confounds]]\nconfound='History'\nsettings={rati = 0.9}\nsource='s'\ndate='d'\nreason='r'", "ratio"),
    ("", "[[study.confounds]]\nconfound='History'\nsettings={ratio = 'x'}\nsource='s'\ndate='d'\nreason='r'", "E092"),
    ("", "[[study.estimators]]\nestimator = 'RateRati'\noutcomes = ['arrests']", "did you mean 'RateRatio'"),
    ("", "[[study.estimators]]\nestimator = 'RateRatio'\noutcomes = ['risk']", "arrests"),
    ("", "[[study.themes]]\ngroup='g'\nname='n'\nvoiced_by=['m']\nbears_on=['c99']", "c"),
    ("", "[study.disclosure]\nresearch = true", "reason"),
    ("seed = 'one'", "", "a whole number"),
    ("people = 3", "", "text in quotation marks"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "tail", "said"), FAULTS)
def test_a_fault_in_a_study_file_is_one_sentence_and_status_2(tmp_path, head, tail, said):
    done = run("evaluate", written(tmp_path, head=head, tail=tail), "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("verb", "kind", "said"),
    [
        ("evaluate", "scenario", "expected a [study] or a [published] file"),
        ("audit", "study", "this is a [study] file"),
    ],
)
def test_the_wrong_kind_of_file_is_named(tmp_path, verb, kind, said):
    path = tmp_path / "x.toml"
    path.write_text(f"[{kind}]\ntitle = 'x'\n", encoding="utf-8")
    done = run(verb, path)
    assert done.exit_code == 2
    assert said in done.stderr


def test_no_verdict_without_a_smallest_change(tmp_path):
    silent = evaluate(written(tmp_path), quick=True)
    told = evaluate(written(tmp_path, head="smallest_effect = 0.1"), quick=True)
    assert not any("smallest change that matters" in s for s in silent.page.can_say)
    assert any("lies beyond the smallest change that matters (10%)" in s for s in told.page.can_say)


def test_an_own_allowance_takes_its_place_in_every_set_and_is_printed_with_its_grounds(tmp_path):
    tail = (
        "[[study.confounds]]\nconfound = 'History'\nsettings = { ratio = { median = 0.9, sd = 0.05 } }\n"
        "source = 'force statistics'\ndate = '2024'\nreason = 'arrests fell everywhere'"
    )
    rule = (
        'selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 3, '
        'timing = "at_boundary" }'
    )
    found = evaluate(written(tmp_path, head=rule, tail=tail), quick=True)
    (under,) = found.ledgers
    assert len(under) == 3
    for each in under:
        assert round(float(np.exp(each.result.diagnostics["lines"]["history"].low)), 6) == 0.9
    assert "force statistics" in " ".join(found.page.texts())


def test_a_line_that_every_set_lacks_is_said_once_with_the_sets(tmp_path):
    rule = (
        'selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 3, '
        'timing = "at_boundary" }'
    )
    page = evaluate(written(tmp_path, head=rule), quick=True).page
    (said,) = {text for text in page.texts() if "allowance for ageing is not in" in text}
    assert "in the sets “picked on the count, rates last”, “picked on the count, some stop anyway” and “picked" in said


def test_the_estimators_of_the_study_take_the_place_of_the_usual_ones(tmp_path):
    tail = (
        "[[study.estimators]]\nestimator = 'PoissonMixed'\nsettings = { mixing = 'lognormal' }\noutcomes = ['arrests']"
    )
    found = evaluate(written(tmp_path, tail=tail), quick=True)
    assert [e.spec.mixing for e in found.estimates] == ["lognormal"]


def test_themes_are_printed_beside_the_points_that_they_speak_to(tmp_path):
    tail = "[[study.themes]]\ngroup = 'g'\nname = 'closer watching'\nvoiced_by = ['managers']\nbears_on = ['c04']"
    page = evaluate(written(tmp_path, tail=tail), quick=True).page
    rows = [row for s in page.sections for t in s.tables for row in t.rows]
    assert any(row[0] == "c04" and "“closer watching” (managers)" in row[-1] for row in rows)
    assert any(row[0] == "“Mechanism”" and "closer watching" in row[1] for row in rows)


def test_nothing_is_given_about_fewer_than_ten_people(tmp_path):
    few = "\n".join(PEOPLE.splitlines()[:10]) + "\n"
    found = evaluate(written(tmp_path, people=few), quick=True)
    assert found.estimates == ()
    assert found.ledgers == ()
    assert any("too few people" in text for text in found.page.texts())
    tail = '[study.disclosure]\nresearch = true\nreason = "secure setting"'
    open_page = evaluate(written(tmp_path, people=few, tail=tail), quick=True)
    assert open_page.estimates
    assert any("secure setting" in text for text in open_page.page.lead)
    assert phrases.NOT_FOR_RELEASE in open_page.page.cannot_say


@pytest.mark.calibrated
@pytest.mark.parametrize(
    ("pre", "post"), [(0, 0), (3, 3), (3, 2), (2, 0), (0, 2)], ids=["zeros", "same", "all one down", "to 0", "from 0"]
)
def test_degenerate_tables_get_a_report_and_no_nan(tmp_path, pre, post):
    people = "urn,pre,post\n" + "".join(f"a{k},{pre},{post}\n" for k in range(30))
    found = evaluate(written(tmp_path, people=people), quick=True)
    text = " ".join(found.page.texts())
    assert not re.search(r"\bnan\b", text, flags=re.IGNORECASE)
    assert all(e.estimate is None or np.isfinite(e.estimate) for e in found.estimates)
    found.files()


@pytest.mark.calibrated
def test_thousands_of_people_are_read_as_thousands(tmp_path):
    rng = np.random.default_rng(11)
    rate = rng.gamma(1.2, 2.0, 20_000)
    before, after = rng.poisson(rate), rng.poisson(rate)
    some = np.flatnonzero(before >= 3)[:1203]
    rows = "".join(f"a{k},{before[k]},{after[k]}\n" for k in some)
    found = evaluate(written(tmp_path, people="urn,pre,post\n" + rows), quick=True)
    texts = " ".join(found.page.texts())
    assert "1,205" in texts
    assert "1203" not in texts
    assert "1,203" not in texts
    assert "nobody has more than" not in texts
    for data in found.files().values():
        text = re.sub('base64,[^"]*', "", data) if isinstance(data, str) else ""  # pictures hold any four digits
        assert re.search(r"(?<![\d.])1203(?!\d)", text) is None  # 0.1203 is another figure


CANARIES = {
    "urn": [f"ZQ{k:03d}XJ" for k in range(40)],
    "surname": ["Kwyjibowicz"] * 40,
    "dob": ["1987-03-19"] * 39 + ["1911-11-07"],
    "note": ["seen at 14 Elderberry Row"] * 40,
    "pre": ["4"] * 39 + ["918273"],
    "post": ["1"] * 40,
}
MARKS = ["ZQ007XJ", "ZQ031XJ", "Kwyjibowicz", "1987-03-19", "1911-11-07", "Elderberry", "918273"]


def leaks(data):
    spoken = [data.lower(), data.replace(b"\0", b"").lower()]
    codes = [f(m.encode()) for m in MARKS for f in (bytes, base64.b64encode, lambda b: b.hex().encode())]
    return [c for c in codes if any(c.lower().rstrip(b"=") in s for s in spoken)]


def contents(path):
    """The bytes of a file; of a packed one, of all that is in it."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


BROKEN = [
    ("post", "A17 Kwyjibowicz"),
    ("pre", "9.5"),
    ("dob", "Kwyjibowicz"),
    ("dob", "19/03/1987"),
    ("urn", "ZQ001XJ"),
    ("pre", "-918273"),
    ("post", ""),
]


def table(**changes):
    columns = {name: list(cells) for name, cells in CANARIES.items()}
    for name, value in changes.items():
        columns[name][7] = value
    return pd.DataFrame(columns).to_csv(index=False)


BIRTHS = 'date_of_birth = "dob"\nindex_date = 2020-01-01\ncovariates = ["note"]'


@pytest.mark.parametrize(("column", "value"), BROKEN)
def test_no_message_holds_a_cell(tmp_path, column, value):
    study = written(tmp_path, people=table(**{column: value}))
    text = study.read_text(encoding="utf-8").replace('id = "urn"', f'id = "urn"\n{BIRTHS}')
    study.write_text(text, encoding="utf-8")
    done = run("evaluate", study, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert leaks((done.stderr + done.stdout).encode()) == []
    with pytest.raises(IomCausalError) as caught:
        read_people(load_study(study), tmp_path)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.calibrated
def test_no_file_of_a_report_holds_a_cell(tmp_path):
    study = written(tmp_path, people=table())
    text = study.read_text(encoding="utf-8").replace('id = "urn"', f'id = "urn"\n{BIRTHS}')
    study.write_text(text, encoding="utf-8")
    done = run("evaluate", study, "--quick", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert leaks((done.stderr + done.stdout).encode()) == []
    for path in (p for p in (tmp_path / "out").rglob("*") if p.is_file()):
        assert leaks(contents(path)) == [], path.name
    begun = run("init", tmp_path / "s", "--from", tmp_path / "people.csv")
    assert leaks((begun.stderr + begun.stdout).encode()) == []
    assert leaks((tmp_path / "s" / "study.toml").read_bytes()) == []


TEXTS = ['=HYPERLINK("http://x")', "@SUM", "<script>alert(1)</script>", "{{7*7}}", "</style>"]
NAMES = ["=1+1", "@SUM", "{{7-7}}", "-2+3", "&lt;b&gt;"]  # names of files hold none of the marks of HTML


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """The null calibration of the study that most tests change."""
    (found,) = evaluate(written(tmp_path_factory.mktemp("calibrated")), quick=True).null
    return found


@pytest.mark.calibrated
@pytest.mark.parametrize(("name", "title"), list(zip(NAMES, TEXTS, strict=True)))
def test_names_and_titles_are_inert_in_every_file(tmp_path, name, title, calibrated, monkeypatch):
    monkeypatch.setattr(null, "null_calibration", lambda told, **_: replace(calibrated, outcome=told.name))
    study = written(tmp_path)
    text = study.read_text(encoding="utf-8").replace('name = "arrests"', f"name = {json.dumps(name)}")
    text = re.sub(r"(?m)^title = .*$", lambda _: f"title = {json.dumps(title)}", text, count=1)
    study.write_text(text, encoding="utf-8")
    found = evaluate(study, quick=True, out=tmp_path / "out")
    page = html5lib.parse((tmp_path / "out" / "report.html").read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert not list(page.iter("script"))
    assert name in found.summary()
    assert title in found.summary()
    table = (tmp_path / "out" / "estimates.csv").read_text(encoding="utf-8")
    assert not re.search(r'^"?[=@]', table, flags=re.MULTILINE)
    shutil.rmtree(tmp_path / "out")


SCORES = """[study]
title = "Ours"
selection = { variable = "risk", windows = ["before"], rule = "at_least", threshold = 250, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
windows = [ { label = "before" }, { label = "after", post = true } ]
equal_windows = true
outcomes = [ { name = "risk", kind = "score", columns = ["pre", "post"], missing = "keep" } ]
"""
OWN_SET = """
[[study.own_evidence]]
name = "{name}"
title = "Set {name}"
about = "What {name} does to a score."
kind = "score"
[[study.own_evidence.lines]]
confound = "{confound}"
settings = {settings}
source = "our own repeat scores"
date = "2024"
reason = "scored twice"
"""
OWN = [
    ("chance", "ScoreRegression", "{ sem = 30.0, bin_width = 20.0 }"),
    ("arrests", "ScoreError", "{ points_per_event = 5.0, events_change = -2.0 }"),
    ("lost", "Attrition", '{ handling = "unchanged", delta = 10.0 }'),
]


def scored(folder, sets, n=900):
    rng = np.random.default_rng(5)
    true = rng.normal(250, 60, n)
    before, after = (np.round(true + rng.normal(0, 30, n)) for _ in range(2))
    picked = np.flatnonzero(before >= 250)
    rows = [f"a{k},{before[k]:.0f},{'' if k % 9 == 0 else format(after[k], '.0f')}" for k in picked]
    (folder / "people.csv").write_text("\n".join(["urn,pre,post", *rows]) + "\n", encoding="utf-8")
    study = folder / "study.toml"
    tail = "".join(OWN_SET.format(name=n, confound=c, settings=s) for n, c, s in sets)
    study.write_text(SCORES + tail, encoding="utf-8")
    return study


def test_three_sets_of_ones_own_draw_up_the_ledger_of_a_score(tmp_path):
    study = scored(tmp_path, OWN, n=12_000)
    found = evaluate(study, quick=True)
    (under,) = found.ledgers
    assert [u.evidence.name for u in under] == ["chance", "arrests", "lost"]
    lines = [u.result.diagnostics["lines"] for u in under]
    assert lines[1]["score"].low == pytest.approx(5.0 * -2.0)
    for each in lines:
        expected = sum(v.low for k, v in each.items() if k not in ("observed", "remainder"))
        assert each["remainder"].low == pytest.approx(each["observed"].low - expected, abs=1e-6)
    # nothing but chance is at work: 4 standard errors of a mean change (42 points over 6,000 people) and of the density
    assert lines[0]["regression to the mean"].low == pytest.approx(lines[0]["observed"].low, abs=3)
    texts = " ".join(found.page.texts())
    assert "our own repeat scores" in texts
    assert "no ledger is drawn up" not in texts
    assert not re.search(r"\bprint(s|ed)?\b", texts)
    again = tmp_path / "again.toml"
    again.write_text(load_study(study).to_toml(), encoding="utf-8")
    assert load_study(again) == load_study(study)


@pytest.mark.parametrize(("given", "there"), [(0, "there is none"), (1, "there is 1"), (2, "there are 2")])
def test_fewer_than_three_sets_for_a_score_say_which_beliefs_somebody_would_have_to_state(tmp_path, given, there):
    study = scored(tmp_path, OWN[:given])
    found = evaluate(study, quick=True)
    assert found.ledgers == ()
    (said,) = {text for text in found.page.texts() if "no ledger is drawn up" in text}
    assert there in said
    assert "reliability" in said
    assert "none is made up here" in said
    assert wording.violations(said) == ()


def test_sets_of_ones_own_are_checked(tmp_path):
    for sets, said in (
        ([OWN[0], OWN[0]], "own_evidence, .*chance. twice"),
        ([("picked-on-rate", *OWN[0][1:])], "beside the bundled: .*picked-on-rate. twice"),
        ([("chance", "ScoreRegression", '{ sem = "EDIT: points" }')], "still say EDIT: own_evidence"),
    ):
        study = scored(tmp_path, sets)
        with pytest.raises(IomCausalError, match=said):
            load_study(study)
    study.write_text(study.read_text(encoding="utf-8").replace('kind = "score"\n[[', 'kind = "amount"\n[['), "utf-8")
    study.write_text(study.read_text(encoding="utf-8").replace('"EDIT: points"', "30.0"), "utf-8")
    with pytest.raises(IomCausalError, match="evidence chance: kind"):
        load_study(study)


CUT = (
    'selection = {{ variable = "arrests", windows = ["before"], rule = "at_least", threshold = {}, '
    'timing = "at_boundary" }}'
)


def test_a_threshold_that_was_not_the_rule_allows_for_nothing_and_says_so(tmp_path):
    found = evaluate(written(tmp_path, head=CUT.format(2)), quick=True)
    assert found.ledgers == ()
    assert "nobody stands at the cut" in " ".join(found.page.texts())
    assert not any("remains" in s for s in found.page.can_say)


def test_people_below_the_threshold_were_not_picked_by_it(tmp_path):
    with pytest.raises(IomCausalError, match=r"IOM-E068.*10 people have fewer arrests.*threshold of 4"):
        evaluate(written(tmp_path, head=CUT.format(4)), quick=True)


def test_a_refusal_counts_no_fewer_people_than_may_leave(tmp_path):
    with pytest.raises(IomCausalError, match=r"IOM-E068: study: selection: fewer than 11 people have fewer arrests"):
        evaluate(written(tmp_path, head=CUT.format(4), tail="[study.disclosure]\nthreshold = 11\n"), quick=True)


def test_a_study_in_its_own_words_is_quoted(tmp_path):
    study = written(tmp_path, head='programme = "It worked"\npeople = "offenders"\n')
    study.write_text(
        re.sub('title = "[^"]*"', 'title = "Our programme cut crime by 47%"', study.read_text("utf-8")), "utf-8"
    )
    page = evaluate(study, quick=True).page
    assert "“Our programme cut crime by 47%”" in page.title
    assert page.subtitle == "The programme, as the study describes it: “It worked”."
    for text in (page.title, page.subtitle, *page.texts()):
        assert wording.violations(text) == (), text


def test_means_of_few_people_are_given_no_finer_than_their_number(tmp_path):
    people = "urn,pre,post\n" + "".join(f"a{k},{3 + k % 4},{k * 7 % 5}\n" for k in range(58))
    found = evaluate(written(tmp_path, people=people), quick=True)
    rows = pd.read_csv(io.StringIO(found.files()["estimates.csv"])).set_index("method")
    change = rows.loc["paired t test", "estimate"]
    assert change == round(change, 1)
    assert f"{change:.1f}" in " ".join(
        cell for s in found.page.sections for t in s.tables for r in t.rows for cell in r
    )


def test_where_the_cut_is_stated_the_linear_form_that_does_not_read_it_is_left_out(tmp_path):
    page = evaluate(written(tmp_path, head=CUT.format(3)), quick=True).page
    text = " ".join(page.texts())
    assert "the cut by which people were picked is stated" in text
    assert "depends on the mean of everybody" not in text
    assert not any("If people were picked because of many" in s for s in page.can_say)


def numbers_left(candidates, before, after, ratio, units):
    """Return the numbers of people of whom two whole totals have these means, by their units, and this ratio."""
    mean, late, over = (Decimal(text) for text in (before, after, ratio))
    step = [*(Decimal(str(unit)) / 2 for unit in units), Decimal(1).scaleb(int(over.as_tuple().exponent)) / 2]

    def some(n):
        totals = (
            [k for k in range(10 * n) if abs(Decimal(k) / n - v) <= d] for v, d in ((mean, step[0]), (late, step[1]))
        )
        return any(abs(Decimal(b) / a - over) <= step[2] for a, b in product(*totals) if a)

    return [n for n in candidates if some(n)]


@pytest.mark.parametrize("n", [37, 43, 58])
def test_the_number_of_people_cannot_be_solved_for(tmp_path, n):
    people = "urn,pre,post\n" + "".join(f"a{k},{k * 3 % 10},{(k * 3 % 10 * (k % 4) + k % 7) // 4}\n" for k in range(n))
    found = evaluate(written(tmp_path, people=people), quick=True)
    rows = pd.read_csv(io.StringIO(found.files()["estimates.csv"]), dtype=str).set_index("method")
    # Any two of these, or one and the interval, are solved for the degrees of freedom.
    assert rows[["statistic", "df", "p_value", "std_error"]].isna().all(axis=None)
    near = [k for k in range(10, 99) if Disclosure().count(k) == Disclosure().count(n)]
    table = next(t.rows for s in found.page.sections for t in s.tables if "Table 1" in t.caption)
    means, ratio = (table[0][2], table[1][2]), rows.loc["ratio of totals, robust", "estimate"]
    cells = np.array([line.split(",")[1:] for line in people.splitlines()[1:]], dtype=float)
    units = [max(Disclosure().unit(n, furthest(each)), 0.01) for each in cells.T]
    assert n in numbers_left(near, *means, ratio, units)
    assert len(numbers_left(near, *means, ratio, units)) >= 4
    curve = pd.read_csv(io.StringIO(found.files()["regression_curve.csv"]), dtype=str)["comparable_mean"]
    assert float(curve.iloc[-1]) == float(means[0])  # the curve ends at the mean before, as it is given
    # An interval of dz is 3.92 sqrt((1 + dz^2 / 2) / n) wide; a unit of its last decimal hides more than two people.
    dz = rows.loc["effect size dz"]
    unit = 10.0 ** Decimal(dz["estimate"]).as_tuple().exponent
    assert 2 * unit / (float(dz["conf_high"]) - float(dz["conf_low"])) * n > 2


def test_the_null_calibration_is_made_for_figures_as_they_are_given(tmp_path):
    people = "urn,pre,post\n" + "".join(f"a{k},{k * 3 % 10},{k * 3 % 10 * (k % 4) // 3}\n" for k in range(58))
    read = read_people(load_study(written(tmp_path, people=people)), tmp_path)
    told = null.as_released(observe(read.cohort["arrests"]), Release(Disclosure()))
    m = told.moments
    release, described = Release(Disclosure()), steps_people.run(read, Effort()).outcomes[0]
    assert (told.n, (m.mean_pre, m.sd_pre)) == (60, tuple(map(float, described.as_given(release, 2))))
    assert told.ratio == pytest.approx(round(told.ratio, 2), abs=1e-12)
    spread = m.sd_pre**2 + m.sd_post**2 - 2 * m.r * m.sd_pre * m.sd_post
    assert told.t == pytest.approx((m.mean_post - m.mean_pre) / (spread / 60) ** 0.5)
    assert told.largest_before is None


def test_days_at_liberty_that_are_known_are_no_assumption(tmp_path):
    days = "urn,pre,post,in1,in2\n" + "".join(f"a{k},{3 + k % 4},{k % 3},{k % 9},{k % 30}\n" for k in range(40))
    study = written(tmp_path, head=CUT.format(3), people=days)
    text = study.read_text(encoding="utf-8")
    windows = (
        '{ label = "before", start = 2015-01-01, end = 2016-01-01 }, '
        '{ label = "after", start = 2016-01-01, end = 2017-01-01, post = true }'
    )
    text = text.replace('{ label = "before" }, { label = "after", post = true }', windows)
    text = text.replace("equal_windows = true\n", "")
    text = text.replace('id = "urn"\n', 'id = "urn"\ncustody_days = ["in1", "in2"]\n')
    study.write_text(text, encoding="utf-8")
    shown = " ".join(evaluate(study, quick=True).page.texts())
    assert "time at liberty did not change" not in shown
    assert "supervision itself created none of what is counted" in shown


def test_one_id_twice_does_not_make_a_table_of_several_rows_a_person(tmp_path):
    rows = [f"N{k:03d},{3 + k % 5},{k * 7 % 6}" for k in range(90)]
    rows[40] = rows[20]
    (tmp_path / "people.csv").write_text("Ref,Arrests before,Arrests after\n" + "\n".join(rows), encoding="utf-8")
    assert run("init", tmp_path / "s", "--from", tmp_path / "people.csv").exit_code == 0
    assert 'layout = "wide"' in alike(tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    ran = run("evaluate", tmp_path / "s" / "study.toml", "--out", tmp_path / "r")
    assert ran.exit_code == 2
    assert "IOM-E020" in ran.output


def test_a_first_look_says_that_it_is_one(tmp_path):
    quick, full = (evaluate(written(tmp_path), quick=q) for q in (True, False))
    assert phrases.FIRST_LOOK in quick.page.texts()
    assert phrases.FIRST_LOOK not in full.page.texts()
    quick.write(tmp_path / "report")
    assert json.loads((tmp_path / "report" / "manifest.json").read_text(encoding="utf-8"))["quick"] is True


def test_a_soft_rule_is_asked_for_all_that_it_lacks_at_once_and_the_start_shows_every_rule(tmp_path):
    rule = 'selection = { variable = "arrests", windows = ["before"], rule = "soft", timing = "at_boundary" }'
    with pytest.raises(IomCausalError, match=r"E096.*threshold \(where half.*softness \(the scale"):
        load_study(written(tmp_path, head=rule))
    run("init", tmp_path / "s", "--from", tmp_path / "people.csv")
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    line = re.search(r"Write (selection = \{.*\}) with", text)[1]
    shown = re.findall(r'\("(\w+)", (threshold = \d+(?:,\s(?:# )?softness = \d+)?)\)', text)
    assert [rule for rule, _ in shown] == ["at_least", "top", "soft"]
    for rule, keys in shown:
        own = line.replace("events", "arrests").replace("at_least", rule).replace("threshold = 3", keys)
        assert load_study(written(tmp_path, head=own)).selection.rule == rule


def test_people_who_were_picked_on_something_else_are_not_told_what_picking_on_the_count_does(tmp_path):
    people = "urn,pre,post,r1\n" + "".join(f"a{k},{3 + k % 4},{k % 3},{500 + k}\n" for k in range(40))
    rule = CUT.format(500).replace("arrests", "r1")
    study = written(tmp_path, head=rule, people=people)
    text = study.read_text(encoding="utf-8").replace('id = "urn"', 'id = "urn"\ncovariates = ["r1"]')
    study.write_text(text, encoding="utf-8")
    page = evaluate(study, quick=True).page
    said = phrases.PICKED_ON_OTHER.format("arrests", "r1", "r1")
    assert said in page.cannot_say
    assert not any("picked because of many" in s for s in page.can_say)
    assert "regression is linear" not in " ".join(page.texts())
    same = evaluate(written(tmp_path, head=CUT.format(3)), quick=True).page
    assert not any("were picked on" in s for s in same.cannot_say)


def test_how_people_were_picked_is_asked_for_where_it_is_not_stated(tmp_path):
    silent, told = (evaluate(written(tmp_path, head=head), quick=True).page for head in ("", CUT.format(3)))
    assert phrases.PICKING_ASSUMED.format("arrests") in silent.texts()
    assert phrases.PICKING_ASSUMED.format("arrests") not in told.texts()


def test_points_that_a_study_cannot_have_are_not_held_against_it(tmp_path):
    page = evaluate(written(tmp_path), quick=True).page
    (table,) = (t for s in page.sections for t in s.tables if t.columns[0] == "id")
    assert not {"c07", "c12", "u3"} & {row[0] for row in table.rows}
    assert {"c03", "u1", "u2"} <= {row[0] for row in table.rows}
    assert table.columns == ("id", "point", "from")
    assert phrases.THEMES_ARE not in page.texts()
    scores = written(tmp_path)
    text = scores.read_text(encoding="utf-8").replace('kind = "count"', 'kind = "score", missing = "keep"')
    scores.write_text(text, encoding="utf-8")
    ids = {row[0] for s in evaluate(scores, quick=True).page.sections for t in s.tables for row in t.rows}
    assert {"c07", "u3"} <= ids
    assert not {"c03", "u2"} & ids


def test_one_set_of_evidence_that_fails_does_not_take_the_others_with_it(tmp_path, monkeypatch):
    whole = ledgers.ledger_under

    def but_one(evidence, *rest, **settings):
        if evidence.name == "picked-on-count":
            raise IomCausalError("IOM-E068", "it cannot be told")
        return whole(evidence, *rest, **settings)

    monkeypatch.setattr(ledgers, "ledger_under", but_one)
    assert evaluate(written(tmp_path, head=CUT.format(3)), quick=True).ledgers == ()
    own = (
        "[[study.own_evidence]]\nname = 'ours'\ntitle = 't'\nabout = 'a'\nkind = 'count'\n"
        "[[study.own_evidence.lines]]\nconfound = 'RegressionToMean'\n"
        "settings = { method = 'linear', comparable_mean = 2 }\nsource = 's'\ndate = 'd'\nreason = 'r'"
    )
    found = evaluate(written(tmp_path, head=CUT.format(3), tail=own), quick=True)
    assert [u.evidence.name for u in found.ledgers[0]] == [
        "picked-on-count-and-stopping without desistance",
        "picked-on-count-drifting",
        "ours",
    ]
    failed = "the ledger under “picked on the count, rates last” is not computed: it cannot"
    assert [t for t in found.page.texts() if failed in t]


def test_who_dealt_with_people_is_no_window(tmp_path):
    rows = [f"P{k // 3},{['Ada', 'Bob', 'Cy'][k % 3]},{k % 5}" for k in range(90)]
    (tmp_path / "people.csv").write_text("urn,officer,arrests\n" + "\n".join(rows), encoding="utf-8")
    begun = run("init", tmp_path / "s", "--from", tmp_path / "people.csv")
    text = (tmp_path / "s" / "study.toml").read_text(encoding="utf-8")
    assert "Ada" not in text + begun.output
    assert "Columns that are not read: officer, arrests." in begun.output
    years = [f"P{k // 3},{2014 + k % 3},{k % 5}" for k in range(90)]
    (tmp_path / "people.csv").write_text("urn,fiscal,arrests\n" + "\n".join(years), encoding="utf-8")
    run("init", tmp_path / "t", "--from", tmp_path / "people.csv")
    assert 'period = "fiscal"' in (tmp_path / "t" / "study.toml").read_text(encoding="utf-8")


def test_means_by_what_the_missing_are_do_not_give_their_number(tmp_path):
    rng = np.random.default_rng(6)
    for _ in range(200):
        n, change = int(rng.integers(40, 2000)), float(rng.normal(-60, 40))
        there = n - int(rng.integers(10, n // 3))
        # Where those who lack a later score stand still, the mean of all is that share of the change of the others.
        told = Release(Disclosure()).coarse(change * there / n, change, n)
        same = [k for k in range(n + 1) if Release(Disclosure()).coarse(change * k / n, change, n) == told]
        assert len(same) >= 5
        assert there in same
    rows = "".join(f"a{k},{600 + 7 * k % 90},{'' if k < 18 else 540 + 11 * k % 80}\n" for k in range(240))
    study = written(tmp_path, people="urn,pre,post\n" + rows)
    text = study.read_text(encoding="utf-8").replace('kind = "count"', 'kind = "score", missing = "keep"')
    study.write_text(text, encoding="utf-8")
    shown = [
        r for s in evaluate(study, quick=True).page.sections for t in s.tables for r in t.rows if "were before" in r[0]
    ]
    assert len(shown) == 1
    assert float(shown[0][1]) % 2 == 0


def test_the_folder_of_a_study_is_not_its_file(tmp_path):
    written(tmp_path)
    ran = CliRunner().invoke(main, ["evaluate", str(tmp_path)])
    assert ran.exit_code != 0
    assert "study.toml" in ran.output


def drifting():
    """Ninety of those who had 5 or more, from rates half of which are drawn anew."""
    rng = np.random.default_rng(5)
    first = rng.gamma(1.2, 1.8, 4_000)
    second = np.where(rng.random(4_000) < 0.5, first, rng.gamma(1.2, 1.8, 4_000))
    pairs = rng.poisson(np.stack([first, second], axis=1))
    picked = pairs[pairs[:, 0] >= 5][:90]
    return "urn,pre,post\n" + "".join(f"a{k},{a},{b}\n" for k, (a, b) in enumerate(picked))


DRIFTING = drifting()


@pytest.fixture(scope="module")
def of_drifting(tmp_path_factory):
    return evaluate(written(tmp_path_factory.mktemp("drifting"), head=CUT.format(5), people=DRIFTING), quick=True).page


def test_sets_in_which_rates_stay_stand_beside_worlds_in_which_they_move(of_drifting):
    page = of_drifting
    (boxed,) = (text for text in page.can_say if "rests on beliefs" in text)
    assert "worlds with the programme switched off, in which rates come and go" in boxed
    assert any(boxed in section.paragraphs for section in page.sections)


def test_a_set_that_lacks_a_line_of_its_own_is_called_so(of_drifting):
    columns = {c for s in of_drifting.sections for t in s.tables for c in t.columns}
    assert "picked on the count, some stop anyway without desistance" in columns  # there are no dates


BESIDE = """[study]
title = "Ours"
selection = { variable = "arrests", windows = ["recent"], rule = "top", threshold = 150, timing = "at_boundary" }
[study.extract]
file = "people.csv"
id = "urn"
group = "iom"
managed = [1]
windows = [
    { label = "earlier", start = -730, end = -365 },
    { label = "recent", start = -365, end = 0 },
    { label = "after", start = 0, end = 365, post = true },
]
outcomes = [ { name = "arrests", kind = "count", columns = ["y1", "y2", "y3"] } ]
"""
BELIEVED = """
[[study.own_evidence]]
name = "one-span-earlier"
title = "The same rule one span earlier"
about = "What the same rule met one span earlier."
kind = "count"
[[study.own_evidence.lines]]
confound = "RegressionToMean"
settings = { method = "earlier_rule" }
source = "the same file"
date = "2024"
reason = "the same people"
"""


def test_the_highest_of_a_file_with_others_in_it_have_a_ledger_that_reads_the_others(tmp_path):
    rng = np.random.default_rng(3)
    rate = rng.gamma(1.2, 2.5, 600)
    before = rng.poisson(np.repeat(rate[:, None], 2, axis=1))
    managed = np.isin(np.arange(600), np.lexsort((rng.random(600), -before[:, 1]))[:150])
    after = rng.poisson(rate * np.where(managed, 0.8, 1.0))
    frame = pd.DataFrame({"urn": [f"p{k}" for k in range(600)], "y1": before[:, 0], "y2": before[:, 1], "y3": after})
    frame.assign(iom=managed.astype(int)).to_csv(tmp_path / "people.csv", index=False)
    study = tmp_path / "study.toml"
    study.write_text(BESIDE + BELIEVED, encoding="utf-8")
    people = read_people(load_study(study))
    (found,) = ledgers.run(people, Effort(quick=True))
    results = {under.evidence.name: under.result for under in found.under}
    for name in ("picked-on-count", "one-span-earlier"):
        assert abs(np.log(results[name].estimate / 0.8)) < 3 * results[name].std_error
        assert results[name].n_input == 150
