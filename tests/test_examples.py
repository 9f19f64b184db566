"""Every example runs, is a notebook too, and says of real data what is printed of them."""

import ast
import json
import re
import runpy
import sys
from importlib import util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

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


@pytest.fixture
def run(monkeypatch, capsys):
    """Return what runs an example as a script: its names when it is through, and what it printed."""

    def ran(stem, *typed):
        path = called(stem)
        monkeypatch.setattr(sys, "argv", [str(path), *map(str, typed)])
        return runpy.run_path(str(path), run_name="__main__"), capsys.readouterr().out

    return ran


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
        ("would_this_fall_happen_anyway", "because of many contacts before"),
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
