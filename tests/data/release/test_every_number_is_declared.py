"""Every number that a report of people writes into a table is of a kind that its release declares."""

import json

import numpy as np
import pytest

from iom_causal.analysis.release import Release
from iom_causal.evaluation import evaluate

HEAD = '[study]\ntitle = "Ours"\n'
EXTRACT = """[study.extract]
file = "people.csv"
layout = "wide"
id = "urn"
age = "age"
covariates = ["team"]
windows = [
  { label = "2014", start = 2014-01-01, end = 2015-01-01 },
  { label = "2015", start = 2015-01-01, end = 2016-01-01 },
  { label = "2016", start = 2016-01-01, end = 2017-01-01, post = true },
]
index_date = 2016-01-01
"""
COUNT = '{ name = "arrests", kind = "count", columns = ["y14", "y15", "y16"] }'
SCORE = '{ name = "risk", kind = "score", columns = ["r14", "r15", "r16"], missing = "keep" }'
HARM = '{ name = "harm", kind = "binary", columns = ["h14", "h15", "h16"] }'
OTHERS = 'group = "kind"\nmanaged = ["IOM"]\n'
STUDIES = {
    "a count": f"{HEAD}{EXTRACT}outcomes = [{COUNT}]\n",
    "a score and a yes or no": f"{HEAD}{EXTRACT}outcomes = [{SCORE}, {HARM}]\n",
    "beside others": f"{HEAD}{EXTRACT}{OTHERS}outcomes = [{COUNT}]\n",
}
RESEARCH = 'disclosure = { research = true, reason = "in the secure room" }\n'


def people(n=140, others=160):
    """People by lines of a file, some without a later score."""
    rng = np.random.default_rng(11)
    lines = ["urn,kind,age,team,y14,y15,y16,r14,r15,r16,h14,h15,h16"]
    for k in range(n + others):
        rate = rng.gamma(2.0, 2.0)
        counts = rng.poisson((rate, rate + 2, 0.7 * rate))
        scores = [*rng.normal(50, 10, 2).round().tolist(), "" if k % 9 == 0 else round(rng.normal(47, 10))]
        shares = rng.random(3) < (0.5, 0.5, 0.35)
        cells = [f"p{k}", "IOM" if k < n else "other", rng.integers(18, 50), "ns"[k % 2], *counts, *scores, *shares * 1]
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines)


def report(folder, study, monkeypatch):
    """Evaluate a study, and return its tables by name with what is declared of their columns, and its folder."""
    declared, leaving = {}, Release.leaving

    def noted(self, frame, of):
        left = leaving(self, frame, of)
        declared[id(left.frame)] = (frame, of)
        held.append(left)
        return left

    held = []
    monkeypatch.setattr(Release, "leaving", noted)
    (folder / "people.csv").write_text(people(), encoding="utf-8")
    (folder / "study.toml").write_text(study, encoding="utf-8")
    evaluate(folder / "study.toml", out=folder / "report", quick=True)
    return [(left.frame, *declared[id(left.frame)]) for left in held], folder / "report"


def kind_of(column, of):
    """Return the kind that a type declares of a column of numbers; empty where it declares none."""
    names = {
        "count of people": of.people_columns,
        "whole number": of.free_columns,
        "left out": of.solving_columns,
        "estimate": of.telling_columns,
        "band": ("p_value",),
        **{kind: (name,) for name, kind in of.figure_columns.items() if name == column},
    }
    return next((kind for kind, columns in names.items() if column in columns), "")


@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize("name", [n if n == "a count" else pytest.param(n, marks=pytest.mark.slow) for n in STUDIES])
def test_every_column_of_numbers_is_declared(tmp_path, monkeypatch, name):
    tables, out = report(tmp_path, STUDIES[name], monkeypatch)
    assert {p.suffix for p in out.iterdir() if p.is_file()} >= {".csv", ".json"}
    assert len(tables) >= len(list(out.glob("*.csv")))
    undeclared = {
        column
        for _, frame, of in tables
        for column in frame.columns
        if frame[column].dtype.kind in "iuf" and not kind_of(column, of)
    }
    assert undeclared == set()


@pytest.mark.usefixtures("without_null_calibration")
def test_a_manifest_holds_no_number_but_settings_and_text_as_it_is_given(tmp_path, monkeypatch):
    _, out = report(tmp_path, STUDIES["a count"], monkeypatch)
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    numbers = {key for key, value in record.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}
    assert numbers == {"seed"}
    assert not [cell for row in record["people_as_given"].values() for cell in row if not isinstance(cell, str)]


def test_worlds_of_the_null_calibration_are_declared():
    from iom_causal.null.models import Checks, Falls
    from iom_causal.null.result import _OWN, NullCalibration

    named = {f"fall_{name}" for name in Falls._fields[:4]} | set(Falls._fields[4:]) | set(Checks._fields) | set(_OWN)
    named |= {"background_ratio", "fall_observed", "t_observed", "n", "conf_level"}
    assert {name for name in named - {"rates"} if not kind_of(name, NullCalibration)} == set()


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
def test_research_use_is_recorded_and_leaves_figures_as_they_are(tmp_path, monkeypatch):
    study = STUDIES["a count"].replace(HEAD, f"{HEAD}{RESEARCH}")
    tables, out = report(tmp_path, study, monkeypatch)
    assert all(left is frame for left, frame, _ in tables)
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert record["research"] is True
    assert "in the secure room" in record["disclosure"]
