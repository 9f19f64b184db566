"""Every example runs, is a notebook too, and says of real data what is printed of them."""

import ast
import json
import re
import runpy
import sys
from contextlib import redirect_stdout
from importlib import util
from io import StringIO
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln

from iom_causal.base.wording import violations
from iom_causal.cli.examples import typed

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples"
ALL = sorted(FOLDER.rglob("*.py"))
AUDIENCES = ("evaluator", "methodologist", "benchmark_author", "sensitivity")
EXAMPLES = [p for p in ALL if p.parent.name != AUDIENCES[-1]]
"""The others have tests of their own."""
TEMPLATE = ROOT / "iom_causal" / "published" / "studies" / "template.toml"
CELL = re.compile(r"^# %%( \[markdown\])?$", re.MULTILINE)


def called(stem):
    return next(p for p in ALL if p.stem == stem)


def load(path):
    """Return an example as a module: what stands below its `__main__` does not run."""
    spec = util.spec_from_file_location(f"example_{path.stem}", path)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ran():
    """Return what was run already, which several tests look at."""
    return {}


@pytest.fixture
def run(ran, monkeypatch):
    """Return what runs an example as a script: its names when it is through, and what it printed."""

    def run_once(stem, *typed):
        path, key = called(stem), (stem, *map(str, typed))
        if key not in ran:
            monkeypatch.setattr(sys, "argv", [str(path), *key[1:]])
            with redirect_stdout(StringIO()) as said:
                names = runpy.run_path(str(path), run_name="__main__")
            ran[key] = names, said.getvalue()
        return ran[key]

    return run_once


@pytest.mark.usefixtures("without_null_calibration")  # of an evaluation; an example about it calls it by itself
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_it_runs_and_ends_in_a_sentence(path, run):
    _, said = run(path.stem)
    *before, last = said.strip().splitlines()
    assert len(before) > 4
    assert re.match(r"[A-Z0-9]", last)
    assert last.endswith(".")
    assert violations(said) == ()


def test_each_lies_with_those_for_whom_it_is():
    assert {p.parent.name for p in ALL} == set(AUDIENCES)
    assert {p.parent.parent for p in ALL} == {FOLDER}
    assert len({p.stem for p in ALL}) == len(ALL)


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_it_is_a_notebook_that_begins_with_its_title(path):
    text = path.read_text(encoding="utf-8")
    before, *cells = CELL.split(text)
    assert before == ""
    marks, bodies = cells[::2], [body.strip() for body in cells[1::2]]
    assert marks[0] == " [markdown]"
    assert bodies[0].startswith('"""# ')
    assert not any(line.startswith("# %%") for body in bodies for line in body.splitlines())
    for mark, body in zip(marks, bodies, strict=True):
        parts = ast.parse(body).body  # every cell can be run by itself
        prose = [isinstance(p, ast.Expr) and isinstance(p.value, ast.Constant) for p in parts]
        assert prose == [True] if mark else not prose[0]
    assert f"``python examples/{path.relative_to(FOLDER).as_posix()}" in bodies[0]


def test_its_page_lists_it_with_its_seconds_of_which_there_are_few():
    from docs import make_examples

    seconds = json.loads(make_examples.SECONDS.read_text(encoding="utf-8"))
    assert set(seconds) == {p.relative_to(FOLDER).as_posix() for p in ALL}
    assert max(seconds.values()) < 10
    assert make_examples.PAGE.read_text(encoding="utf-8") == make_examples.page(), "python -m docs.make_examples"


def test_the_paper_comes_out_to_the_printed_digits(run):
    found, _ = run("the_paper_end_to_end")
    table = found["table"]
    assert len(table) == 18
    numbers = [text.removeprefix("0") for text in table["rebuilt"]]
    assert numbers == [text.removeprefix("0") for text in table["printed"]]
    assert f"{found['sizes']['arrests', 'r_squared']:.2f}" == "0.38"
    assert f"{found['sizes']['risk', 'r']:.2f}" == "-0.51"
    total = np.log([3.615 / 6.835, 3.605 / 6.845]) + np.log(547 / 549)  # the ends that the printed means leave
    for pinned in ("fixed effects", "gamma frailty"):
        assert (np.log(found["over"][pinned]) <= total[0]).all()
        assert (np.log(found["over"][pinned]) >= total[1]).all()


def test_an_estimator_of_ones_own_is_right_where_its_assumption_is_and_not_elsewhere(run):
    found, _ = run("your_own_estimator")
    alone, ledger, theirs = found["found"], found["in_ledger"], found["theirs"]
    assert alone.estimate == pytest.approx(theirs.estimate, rel=1e-9)
    assert ledger.estimate == pytest.approx(theirs.estimate, rel=1e-9)
    assert np.log(ledger.conf_high / ledger.conf_low) == pytest.approx(
        np.log(alone.conf_high / alone.conf_low), rel=0.03
    )
    assert 0.92 < found["coverage"]["above the cut, rates last"] < 0.98  # .95, with 300 studies
    assert found["coverage"]["above the cut, rates drift"] < 0.5


def test_job_training_gives_the_printed_differences_and_those_of_r(run):
    found, _ = run("job_training")
    assert round(found["beside"].estimate, 3) == found["PUBLISHED"]["grant"]
    assert round(found["others"], 3) == found["PUBLISHED"]["without a grant"]
    assert found["adjusted"].estimate == pytest.approx(-0.25397, abs=5e-6)  # lm(lscrap ~ grant + lscrap_1), 1988


def test_returns_to_prison_have_the_likelihood_of_a_gamma_frailty(run):
    found, _ = run("return_to_prison")
    returned = found["returned"] & (found["months"] <= 72)
    time = np.minimum(found["months"], 72) / 12
    shape = 1 / found["variance"]
    scale = shape / found["rate"]  # of a gamma law of rates a year
    frailty = (
        gammaln(shape + returned) - gammaln(shape) + shape * np.log(scale) - (shape + returned) * np.log(scale + time)
    ).sum()
    alike = returned.sum() * np.log(returned.sum() / time.sum()) - returned.sum()
    gained = found["log_lik"]["men differ, nobody changes"] - found["log_lik"]["neither"]
    assert gained == pytest.approx(frailty - alike, abs=1e-6)
    assert returned.sum() + (found["months"][found["returned"]] > 72).sum() == 552


def test_the_two_designs_differ_and_one_gives_false_alarms(run):
    found, _ = run("two_designs")
    coverage = found["table"]["coverage"].astype(float)
    assert coverage["before and after"] < 0.3
    assert coverage["people just below"] > 0.88
    assert found["alarms"].loc["before and after", "power"] > 0.7


@pytest.fixture
def study(tmp_path):
    """Return a study of sixty people of our own, and their file."""
    rng = np.random.default_rng(3)
    before = rng.poisson(6, 60)
    people = pd.DataFrame({"id": range(60), "before": before, "after": rng.binomial(before, 0.7)})
    people.to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path / "study.toml", people


STUDY = """[study]
title = "Ours"
[study.extract]
file = "people.csv"
id = "id"
windows = [ { label = "before", months = 12 }, { label = "after", months = 12, post = true } ]
outcomes = [ { name = "arrests", kind = "count", columns = ["before", "after"] } ]
"""


@pytest.mark.usefixtures("without_null_calibration")
def test_people_of_ones_own_are_given_as_the_page_gives_them(study, run):
    file, people = study
    exact = people["after"].sum() / people["before"].sum()
    told = {stem: run(stem, file)[1] for stem in ("reading_the_answer", "moving_a_belief")}
    for said in told.values():
        assert violations(said) == ()
        assert f"{100 * (1 - exact):.1f}%" not in said
    numbers = [float(n) for n in re.findall(r"0\.\d+", told["moving_a_belief"])]
    assert min(abs(n - exact / 0.9) for n in numbers) < 0.05  # it is said,
    assert not any(abs(n - m) < 1e-4 for n in numbers for m in (exact, exact / 0.9))  # and not to its last digit


def test_a_spreadsheet_of_ones_own_is_understood_and_what_it_lacks_is_asked(study, run):
    file, _ = study
    with pytest.raises(SystemExit) as done:
        run("from_a_spreadsheet", file.with_name("people.csv"))
    assert done.value.code is None


def test_in_a_notebook_nothing_was_typed_and_the_figure_of_a_point_is_shown(monkeypatch, capsys):
    shown = []
    display = SimpleNamespace(display=shown.append, Image=lambda data: data)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a notebook's has no file
    monkeypatch.setattr(sys, "argv", ["kernel", "-f", "kernel.json"])
    assert typed("the paper") == "the paper"
    load(called("c09_unknown_interventions")).main.run()
    assert capsys.readouterr().out.strip().endswith("that no figure here tells one intervention from another.")
    assert [data[:4] for data in shown] == [b"\x89PNG"]


@pytest.mark.slow
@pytest.mark.parametrize("stem", ["posterior_of_the_paper", "posterior_of_your_own"])
def test_pictures_of_posteriors_are_saved(stem, run, tmp_path):
    from matplotlib.image import imread

    run(stem, tmp_path)
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) >= 4
    assert all(imread(picture)[..., :3].std() > 0.05 for picture in pictures)  # none is blank
    assert list(tmp_path.glob("*.nc"))


def test_real_arrests_give_the_published_estimates(run):
    found, _ = run("arrests_1986")
    estimates = {name: round(float(found["poisson"][name]), 4) for name in found["PUBLISHED"]}
    assert estimates == found["PUBLISHED"]
    assert round(found["log_lik"]["pooled"], 2) == found["PUBLISHED_LOG_LIKELIHOOD"]
    assert round(found["log_lik"]["gamma"], 2) == -2157.63
    assert found["expected"][0] == pytest.approx(1, abs=1e-6)  # as the score of the intercept is nought at the maximum


def test_picking_alone_makes_the_fall_and_the_allowance_takes_it_back(run):
    found, _ = run("your_own_people")
    assert found["change"].conf_high < 0.95
    assert found["remains"].conf_low < 1 < found["remains"].conf_high


@pytest.mark.parametrize(
    ("stem", "said"),
    [
        ("would_this_fall_happen_anyway", "at least 3 contacts before was picked"),
        ("published_table_only", "Recorded contacts are"),
    ],
)
def test_a_table_of_ones_own_is_asked_too(stem, said, run):
    _, printed = run(stem, TEMPLATE)
    assert said in printed
    assert violations(printed) == ()


def test_cleaning_the_records_of_a_simulated_force_gives_the_truth(run, tmp_path):
    made, _ = run("synthetic_extract", tmp_path / "records")
    found, truth = (made["totals"].xs(where, level=1) for where in ("after cleaning", "in truth"))
    assert found.equals(truth)
    handed_over = made["totals"].xs("rows handed over", level=1).to_numpy()
    assert (handed_over > truth.loc[["arrests and attendances"]].to_numpy()).all()
    assert len(list((tmp_path / "records").iterdir())) > 4


def test_the_figures_that_their_page_gives_are_those_of_the_example(run):
    found, _ = run("comparison_cohort")
    ratios = [r for name, r in found["ratios"].items() if not name.startswith("placebo")]
    figures = [f"{value:.2f}".lstrip("0") for value in (found["truth"], *ratios)]
    page = (ROOT / "docs" / "howto" / "simulate_worlds.md").read_text(encoding="utf-8")
    sentence = page[page.index("`examples/benchmark_author/comparison_cohort.py` shows") :].partition("\n\n")[0]
    assert re.findall(r"\.\d\d\b", sentence) == figures


def test_a_file_in_the_columns_of_the_toronto_data_is_read(tmp_path):
    example = load(called("toronto_placebo"))
    people = example.invented(30)
    people.drop(columns="days").to_csv(tmp_path / "contacts.csv", index=False)
    assert example.read(str(tmp_path / "contacts.csv")).equals(people)
    panel = example.Cohort(people, at_risk=True).placebo(24, 3, example.HISTORY)
    assert [w.label for w in panel.windows] == [str(age) for age in range(18, 26)]
    assert (panel.group == (panel.outcome[:, 4:6].sum(1) >= 3)).all()
