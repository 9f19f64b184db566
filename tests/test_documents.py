"""What the documents promise is so."""

import ast
import json
import pkgutil
import re
import shlex
import tomllib
from dataclasses import fields, make_dataclass
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest

import iom_causal as iom
from benchmarks.regression_to_mean import TABLES, Cell, run
from docs import (
    facts,
    make_designs,
    make_keys,
    make_methods,
    make_pictures,
    make_readme,
    make_reference,
    make_register,
    notebooks,
    tables,
)
from docs.make_readme import demo, digest, with_demo
from iom_causal import estimators
from iom_causal.base.schema import build
from iom_causal.confounds import CONFOUNDS, RegressionToMean
from iom_causal.confounds.evidence import made
from iom_causal.confounds.register import REGISTER
from iom_causal.confounds.regression.to_mean import METHODS
from iom_causal.designs.diagnosands import DIAGNOSANDS
from iom_causal.errors import CODES, SpecError
from iom_causal.panel import Panel
from iom_causal.protocol.scenario import load_scenario
from iom_causal.protocol.study import EstimatorLine, load_study
from iom_causal.report.render.table_guide import TABLES as GUIDED

ROOT = Path(__file__).parents[1]


def test_the_page_of_errors_lists_every_code():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(IOM-E\d{3})` \| (.+?) \|$", page, flags=re.MULTILINE))
    assert rows == CODES


def test_the_names_of_the_glossary_exist():
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| (\w[\w ]*) \|", page.split("\n## ")[0], flags=re.MULTILINE)[1:]
    assert words == ["ledger", "remainder", "belief", "evidence set", "tipping value"]
    names = set(re.findall(r"`iom(?:_causal)?\.([\w.]+)`", page))
    assert len(names) > len(words)
    for name in names:
        pkgutil.resolve_name(f"iom_causal.{name}")


def test_the_places_where_a_new_line_goes_exist():
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    places = re.findall(r"`((?:iom_causal|tests)/[\w./<>]+|[A-Z]+\.md)`", page)
    assert len(places) > 20
    for place in places:
        new = re.search(r"<|\b(?:test_)?x\.", place)
        assert (ROOT / (place[: new.start()] if new else place)).exists(), place
    for listed, file in re.findall(r"\b([A-Z]{5,}) of `([\w./]+)`", page):
        assert re.search(rf"^{listed}\b", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE), listed


def test_one_version_everywhere():
    import iom_causal

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert iom_causal.__version__ == project["version"]
    assert f"version: {project['version']}" in citation


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-browser.lock", "requirements-docs.lock"])
def test_nothing_committed_names_a_registry(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "http" not in lock
    assert "--hash=sha256:" in lock


@pytest.mark.parametrize("name", ["build", "dist", "data"])
def test_git_ignores_only_anchored_paths(name):
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"{name}/" not in lines


@pytest.mark.parametrize("name", ["README.md", "docs/names.md"])
def test_the_code_of_the_readme_and_of_the_tour_runs(name):
    import pandas as pd

    code = "".join(python_of((ROOT / name).read_text(encoding="utf-8")))
    people = {"id": range(40), "arrests_before": [3, 4, 5, 8] * 10, "arrests_after": [1, 2, 6, 3] * 10}
    exec(compile(code, name, "exec"), {"df": pd.DataFrame(people)})  # noqa: S102 our own documents


def test_names_by_question_exist():
    page = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")
    cells = " ".join(re.findall(r"^\| (`.+?) \|", page, flags=re.MULTILINE))
    named = re.findall(r"`([\w.]+)(?:\(|`)", cells)
    assert len(named) > 100
    for name in named:
        pkgutil.resolve_name(f"iom_causal.{name}")


def test_the_frame_of_the_recipes_is_made_as_the_page_says():
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    made = {}
    exec(compile(python_of(page)[0], "recipes.md", "exec"), made)  # noqa: S102 our own page
    frame, panel = made["frame"], made["panel"]
    assert panel.group.sum() == 120
    assert len(frame) == 180 * 12
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.+?) \|", page, flags=re.MULTILINE))))
    assert named - {"exposure"} < set(frame.columns)
    for name in ("treated", "start", "arrests", "force", "unit", "position"):
        assert name in page.split("## pyfixest")[1]


def python_of(page):
    """Return the blocks of Python on a page."""
    return re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)


def test_the_page_of_bayesian_models_names_what_there_is():
    page = (ROOT / "docs" / "bayes.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`iom\.bayes\.(\w+)`", page))
    bayes = pkgutil.resolve_name("iom_causal.bayes")
    assert named == {name for name in bayes.__all__ if hasattr(getattr(bayes, name), "reference")}
    for check in re.findall(r"`checks\.(\w+)\(result\)`", page):
        assert check in bayes.checks.__all__
    code = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    panel = (
        bayes.PrePostCounts().simulate(invented(), np.array([[1.5, -0.3, 0.0]]), np.random.default_rng(1)).replicate(0)
    )
    for block in code:
        exec(compile(block, "bayes.md", "exec"), {"panel": panel})  # noqa: S102 our own page


def test_the_page_of_designs_names_every_measure_and_its_code_runs(tmp_path, monkeypatch):
    page = (ROOT / "docs" / "designs.md").read_text(encoding="utf-8")
    section = page.split("## What each figure means")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section, flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(cells))) == set(DIAGNOSANDS)
    for name in re.findall(r"`iom\.([\w.]+)", page):
        pkgutil.resolve_name(f"iom_causal.{name}")
    code = "".join(re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "designs.md", "exec"), {})  # noqa: S102 our own page


def test_what_is_said_of_people_just_below_is_what_their_table_has():
    table = (ROOT / "docs" / "comparison_cohorts.md").read_text(encoding="utf-8")
    ratio, coverage = (
        re.search(r"\| no confound \| [\d.]+%? \| ([\d.]+)", part).group(1) for part in table.split("\n## ")[1:3]
    )
    assert "the 150 people of 1,500 with the most events" in table
    scenario = load_scenario("comparison-cohort").careers
    assert (scenario.people, scenario.pool) == (60, 1500)
    for name in ("docs/howto/simulate_worlds.md", "docs/designs.md"):
        said = " ".join((ROOT / name).read_text(encoding="utf-8").split())
        assert f"{100 * (1 - float(ratio)):.0f}% low" in said
        assert re.search(rf"\b{float(coverage):.0f}%( coverage| of studies)", said)
        assert "60 of 1,500 people" in said


def test_commands_on_pages_are_there_with_their_options():
    from iom_causal.cli import main

    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    lines = {line for page in pages for line in COMMAND.findall(page.read_text(encoding="utf-8"))}
    assert len(lines) > 30
    for line in lines:
        name, *given = shlex.split(re.split(r" [|>] ", line)[0], comments=True)
        if name in ("--help", "--version"):
            continue
        command = main.commands[name]
        context = click.Context(command, info_name=name)
        command.make_parser(context).parse_args(given)  # refuses an option that is not there


COMMAND = re.compile(r"^!?(?:\.venv/bin/)?iom-causal ([a-z-][^\n]*)$", flags=re.MULTILINE)
"""A line of a page that is a command, typed or run."""
RUN_HERE = {"bayes", "designs", "names", "recipes", "your_comparison"}
"""Pages with Python that is no cell of a notebook: tests run it."""


def test_python_on_other_pages_is_a_cell_that_is_run_when_pages_are_built():
    pages = {page.stem for page in (ROOT / "docs").rglob("*.md") if "```python\n" in page.read_text(encoding="utf-8")}
    assert pages == RUN_HERE


def test_links_between_pages_say_where_they_go_and_get_there():
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        assert "[](" not in text, (
            f"{page.name} has a link without words, which is none where pages are read as they are"
        )
        for place in re.findall(r"\]\(([\w./]+\.(?:md|png))[)#]", text):
            assert (page.parent / place).exists(), f"{page.name} leads to {place}"


def test_examples_and_scripts_that_pages_name_exist():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for place in re.findall(r"\b((?:examples|benchmarks|docs)/[\w/]+\.py)\b", page.read_text(encoding="utf-8")):
            assert (ROOT / place).exists(), f"{page.name} names {place}"


MINIMAL = """
[study]
title = "Ours"
[study.extract]
file = "people.csv"
id = "urn"
windows = [{ label = "before", months = 12 }, { label = "after", months = 12, post = true }]
outcomes = [
  { name = "arrests", kind = "count", columns = ["a0", "a1"] },
  { name = "risk", kind = "score", columns = ["r0", "r1"] },
]
"""
"""A study that the parts of study files on pages are parts of."""


def test_what_pages_write_of_study_files_is_read(tmp_path):
    file, read = tmp_path / "study.toml", 0
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for stated in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
            whole = "[study]" in stated.splitlines()
            file.write_text(stated if whole else f"{MINIMAL}\n{stated}", encoding="utf-8")
            load_study(file)
            read += 1
    assert read > 5


def test_the_page_of_keys_is_what_the_records_say():
    assert make_keys.PAGE.read_text(encoding="utf-8") == make_keys.page(), "run: python -m docs.make_keys"


def known(read, *given):
    """Return the keys that a reader names when it is given one that it does not know."""
    with pytest.raises(SpecError, match="IOM-E093") as refused:
        read(*given)
    return set(re.fullmatch(r".*unknown key 'xqzj'; known: (.*)", refused.value.message)[1].split(", "))


STRANGER = {"xqzj": 1}


@pytest.mark.parametrize("place", make_keys.places().values(), ids=lambda place: place.heads[0])
def test_the_page_has_every_key_that_a_reader_accepts(place):
    record = place.record
    read = getattr(record, "from_toml", None)
    keys = known(read, STRANGER, "here") if read else known(build, record, STRANGER, "here")
    _, section = make_keys.PAGE.read_text(encoding="utf-8").split(f"# {place.heads[0]}\n", 1)
    shown = re.findall(r"^\| `(\w+)` \|", section.split("\n## ")[0].split("\n### ")[0], flags=re.MULTILINE)
    assert len(shown) == len(set(shown))
    assert set(shown) == keys - set(getattr(record, "unread", ()))


@pytest.mark.parametrize("kind", CONFOUNDS, ids=lambda kind: kind.__name__)
def test_the_page_has_every_setting_of_a_confound_that_a_file_can_hold(kind):
    _, section = make_keys.PAGE.read_text(encoding="utf-8").split(f"\n### {kind.__name__}\n")
    shown = re.findall(r"^\| `(\w+)` \|", section.split("\n#")[0], flags=re.MULTILINE)
    left_out = {"careers"} if kind is RegressionToMean else set()
    assert set(shown) == known(made, kind, STRANGER, "here") - left_out
    for key in left_out:
        with pytest.raises(SpecError):
            made(kind, {key: {}}, "here")


def test_every_key_without_a_telling_default_has_an_example_and_the_reader_takes_it():
    examples, places = make_keys.examples(), make_keys.places()
    for record in (*places, *CONFOUNDS):
        kinds = make_keys.hints(record)
        for row in make_keys.rows(record, places):
            if make_keys.shows(kinds[row.key], row.default):
                assert (record, row.key) in examples or "`" in row.takes, (record.__name__, row.key)
    for (record, key), value in examples.items():
        one = make_dataclass("One", [(key, make_keys.hints(record)[key])])
        build(one, tomllib.loads(f"{key} = {value}"), record.__name__)


def test_what_a_study_file_supposes_of_missing_people_is_what_python_does_on_the_same_page(tmp_path):
    page = (ROOT / "docs" / "howto" / "missing_followup.md").read_text(encoding="utf-8")
    stated, of_counts = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    (handlings, delta) = re.search(r"for handling in (\(.*?\)):\n.*delta=(iom\.Range\(.*?\))", page).groups()
    (tmp_path / "study.toml").write_text(f"{MINIMAL}\n{stated}", encoding="utf-8")
    supposed = [evidence.confounds for evidence in load_study(tmp_path / "study.toml").own_evidence]
    made_there = [
        (iom.Attrition(handling=handling, delta=eval(delta, {"iom": iom})),)  # noqa: S307 our own page
        for handling in ast.literal_eval(handlings)
    ]
    assert supposed == made_there
    (tmp_path / "study.toml").write_text(f"{MINIMAL}\n{of_counts}", encoding="utf-8")
    (line,) = load_study(tmp_path / "study.toml").confounds
    written = re.search(r"lost = (iom\.Attrition\(.*?\n\))", page, flags=re.DOTALL)[1]
    assert line.confound == eval(written, {"iom": iom})  # noqa: S307 our own page


def test_the_names_on_pages_exist():
    reserved = re.compile(r"\biom\.((?:\w+\.)?[A-Za-z_]\w*)")
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for name in set(reserved.findall(page.read_text(encoding="utf-8"))):
            try:
                pkgutil.resolve_name(f"iom_causal.{name}")
            except (ImportError, AttributeError):
                pytest.fail(f"{page.name} names iom.{name}, which is not there")


def test_the_estimators_that_peers_are_set_beside_are_made_as_they_stand():
    pages = " ".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "peers").glob("*.md"))
    written = re.findall(r"`(iom\.\w+\([^`]*?\))\(panel\)`", pages)
    assert len(written) > 20
    for line in written:
        eval(line, {"iom": iom, "bound": 1.0})  # noqa: S307 our own pages


def test_the_first_page_of_every_point_says_that_it_answers_it():
    for point, (first, *_) in make_register.PAGES.items():
        page = (make_register.FOLDER / make_register.place(first)).read_text(encoding="utf-8")
        assert f"[{point}](#{point})" in page, f"{first} does not lead back to {point}"


def test_the_page_of_every_point_names_what_there_is():
    assert make_register.PAGES.keys() == REGISTER.keys()
    assert make_register.OTHERS.keys() < REGISTER.keys()
    for name in {name for names in make_register.OTHERS.values() for name in names}:
        pkgutil.resolve_name(f"iom_causal.{name}")


def invented():

    return Panel.from_arrays(np.zeros((30, 2), dtype=int), name="arrests")


def test_the_page_of_the_register_is_the_register():
    assert (ROOT / "docs" / "register.md").read_text(encoding="utf-8") == make_register.page()


def test_every_public_name_has_its_place_in_the_reference():
    pages = {p.stem: p.read_text(encoding="utf-8") for p in make_reference.FOLDER.glob("*.md") if p.stem != "index"}
    assert pages == make_reference.pages(), "run: python -m docs.make_reference"


def test_pages_that_were_run_are_offered_as_notebooks_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "notebook", lambda text, suffix: f"{suffix} {len(text)}")
    folder, example = ROOT / "docs", ROOT / "examples" / "evaluator" / "five_habits.py"
    pages = {"peers/pandas": folder / "peers" / "pandas.md", "examples/evaluator/five_habits": example}
    pages |= {"peers/pingouin": folder / "peers" / "pingouin.md", "index": folder / "index.md"}
    pages |= {"reference/generated/iom_causal.Panel": folder / "reference" / "generated" / "iom_causal.Panel.rst"}
    app = SimpleNamespace(env=SimpleNamespace(doc2path=pages.__getitem__), outdir=tmp_path)
    said = {}
    for name in pages:
        notebooks.offer(app, name, "page.html", context := {}, doctree=object())
        said[name] = context.get("notebook")
    assert said == dict.fromkeys(pages) | {
        "peers/pandas": "pandas.ipynb",
        "examples/evaluator/five_habits": "five_habits.ipynb",
    }
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.ipynb")} == {
        "peers/pandas.ipynb",
        "examples/evaluator/five_habits.ipynb",
    }
    assert (tmp_path / "peers" / "pandas.ipynb").read_text(encoding="utf-8").startswith(".md ")


def test_the_page_of_a_class_leaves_out_what_only_ledgers_and_reports_ask_of_it():
    left_out = {name: said.split(", ") for name, said in facts.not_shown().items() if said}
    confound, result = left_out["iom_causal.Attrition"], left_out["iom_causal.Estimate"]
    assert {"in_ledger", "mechanism", "range_points"} <= set(confound)
    assert not {"shift", "bounds", "tipping_delta", "handling"} & set(confound)
    assert "people_columns" in result
    assert not {"tidy", "summary", "plot", "conf_int", "params"} & set(result)
    assert not facts.not_shown()["iom_causal.Panel"]
    for name, said in left_out.items():
        thing = pkgutil.resolve_name(name)
        assert not [each for each in said if not hasattr(thing, each)], name


def test_long_code_in_a_cell_may_go_on_behind_a_mark_and_nowhere_else():
    def cell(code):
        return f'<td><code><span class="pre">{code}</span></code></td>'

    broken = tables.breakable(cell("iom.RateRatio(se=&quot;conditional&quot;)(panel)") + "<p>a.b</p>")
    assert broken == cell("iom.<wbr>RateRatio(<wbr>se=<wbr>&quot;conditional&quot;)(<wbr>panel)") + "<p>a.b</p>"
    assert tables.breakable(cell("RateRatio()")) == cell("RateRatio()")
    aside = '<p><span class="pre">iom.RateRatio</span></p>'
    assert tables.breakable(aside) == aside


def test_the_page_of_designs_is_what_they_say_of_themselves():
    assert list(make_designs.WORDS) == sorted(make_designs.designs(), key=list(make_designs.WORDS).index)
    assert make_designs.PAGE.read_text(encoding="utf-8") == make_designs.page(), "run: python docs/make_designs.py"


def test_a_design_is_written_as_its_page_says():
    page = make_designs.PAGE.read_text(encoding="utf-8")
    line = r"\*\*Write:\*\* `iom\.(\w+\(.*?\))\(panel\)`; in a study file, under \[study\], `(.+?)`\.$"
    written = re.findall(line, page, flags=re.MULTILINE)
    assert len(written) == len(make_designs.WORDS)
    designs = {name: getattr(estimators, name) for name in make_designs.WORDS}
    for python, stated in written:
        (line,) = tomllib.loads(stated)["estimators"]
        assert EstimatorLine.from_toml(line, "here").estimator == eval(python, designs)  # noqa: S307 our own page


def test_the_page_of_methods_is_made_of_the_figures_on_file():
    page = make_methods.PAGE.read_text(encoding="utf-8")
    assert page == make_methods.page(make_methods.stored()), "run: python docs/make_methods.py"


def test_every_method_of_regression_to_the_mean_has_its_row():
    page = make_methods.PAGE.read_text(encoding="utf-8")
    assert list(METHODS) == re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)


def test_every_cell_of_the_benchmark_is_on_file():
    asked = {cell.key: number for cells in TABLES.values() for cell, number in cells()}
    held = {key: row["replicates"] for key, row in make_methods.stored().items()}
    assert held.keys() == asked.keys()
    assert all(held[key] >= number for key, number in asked.items())


ROUNDED = 2e-4
"""Figures on file have four decimals."""


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["pool | static gamma | pool 100 ", "mirror | static gamma"])
def test_the_figures_on_file_are_those_of_the_benchmark(asked):
    key = next(key for key in make_methods.stored() if key.startswith(asked))
    row = make_methods.stored()[key]
    cell = Cell(**{f.name: row[f.name] for f in fields(Cell)})
    again = run(cell, row["replicates"])
    assert again["refused"] == row["refused"]
    for figure in ("bias", "sd", "mean_se"):
        assert again[figure] == pytest.approx(row[figure], abs=ROUNDED)


QUOTED = (
    "  * The number of arrests per calendar day fell by 47.4% (95% interval 41.1% to 53.1%), whatever",
    "  * Between 86 and 224 of 225 people had fewer arrests after than before, in every set of numbers",
    "WHAT YOU CANNOT SAY",
)


@pytest.mark.parametrize("path", make_readme.SHOWN, ids=lambda path: path.stem)
def test_documents_show_what_the_demo_prints(path, paper):
    shown, marked = demo(path.read_text(encoding="utf-8"))
    printed = make_readme.SHOWN[path](paper.summary())
    assert digest(shown) == marked, f"the demo in {path.name} was edited by hand; run: make readme"
    assert digest(printed) == marked, f"the demo prints something else than {path.name} shows; run: make readme"


def test_what_is_shown_of_the_demo_is_its_first_screen_and_all_of_it(paper):
    first, whole = (part(paper.summary()) for part in make_readme.SHOWN.values())
    assert first.splitlines()[0] == paper.page.first.question
    assert " ".join(first.split()).endswith(paper.page.first.level)
    assert whole == paper.summary()
    for line in QUOTED:
        assert line in whole.splitlines()


def test_the_page_of_what_is_printed_names_every_file_of_a_report(paper):
    page = (ROOT / "docs" / "what_it_prints.md").read_text(encoding="utf-8").split("## The files of a report")[1]
    named = set(re.findall(r"`(?:iom-report/)?([\w.-]+\.(?:csv|json|docx|xlsx|html))`", page))
    written = {name for name in paper.files() if not name.startswith("figures/")}
    assert named == written | GUIDED.keys() | {"manifest.json"}


def test_a_document_is_rewritten_between_its_marks_alone():
    source = (ROOT / "README.md").read_text(encoding="utf-8")
    again = with_demo(source, "other\nlines")
    assert demo(again) == ("other\nlines", digest("other\nlines"))
    assert with_demo(again, demo(source)[0]) == source


def test_a_new_user_reads_the_readme_in_one_sitting():
    source = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(source.splitlines()) < MOST_LINES
    for place in re.findall(r"\]\(([^)]+)\)", source):
        assert (ROOT / place).exists(), place


MOST_LINES = 250
MOST_BYTES = 200_000
SEEN = 0.02
"""By how much a figure may be off in a picture before an eye would see it."""


def test_every_picture_is_shown_and_small():
    shown = re.findall(r"!\[[^\]]+\]\(docs/_static/([\w.]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(path.name for path in make_pictures.FOLDER.glob("*.png"))
    for name in shown:
        assert (make_pictures.FOLDER / name).stat().st_size < MOST_BYTES


def test_the_picture_of_the_first_screen_is_of_this_one(paper):
    said = make_pictures.shown_by("first_screen")
    assert said == make_readme.first_screen(paper.summary()), "run: make readme"


def test_the_picture_of_what_remains_is_of_these_figures():
    shown = json.loads(make_pictures.shown_by("what_remains"))
    assert make_pictures.seen_of_comparison(make_pictures.what_remains()) == pytest.approx(shown, abs=SEEN)


def test_the_picture_of_two_designs_is_of_these_figures():
    shown = json.loads(make_pictures.shown_by("two_designs"))
    assert make_pictures.seen_of_diagnosis(make_pictures.two_designs()) == pytest.approx(shown, abs=SEEN)
