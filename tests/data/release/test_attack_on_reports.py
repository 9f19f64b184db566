"""An adversary with every file of a report, and of one without a planted person, solves for nobody."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from iom_causal.data.release.disclosure import WITHHELD, Disclosure
from iom_causal.evaluation import evaluate

RULES = Disclosure()
COHORTS = 100
DECOYS = (-9, -8, -6, -4, -3, 3, 4, 6, 8, 9)
"""How far from the number of people the numbers are that a report says as often, where it says them all by chance."""
CHANCE = 0.001
MOST = 80
FEWEST = 5
LEVEL = "Quillfeather"
STUDY = """[study]
title = "Ours"
[study.extract]
file = "people.csv"
layout = "wide"
id = "urn"
age = "age"
covariates = ["team"]
windows = [
  {{ label = "before", start = 2015-01-01, end = 2016-01-01 }},
  {{ label = "after", start = 2016-01-01, end = 2017-01-01, post = true }},
]
index_date = 2016-01-01
outcomes = [
  {{ name = "arrests", kind = "count", columns = ["pre", "post"] }},
  {{ name = "risk", kind = "score", columns = ["risk1", "risk2"], missing = "keep" }},
]
"""


def cohort(seed):
    """People by lines of a file, none of their number a multiple of five; the first is planted and like nobody else."""
    rng = np.random.default_rng(seed)
    n = 5 * int(rng.integers(8, 60)) + 3
    rate = rng.gamma(1.5, 3, n)
    before, after = rng.poisson(rate) + 1, rng.poisson(0.6 * rate)
    risk = np.clip(rng.normal(55, 14, n), 1, 99).round()
    later = np.clip(risk + rng.normal(-4, 9, n), 1, 99).round()
    lines = [
        f"p{k},{rng.integers(18, 50)},{'north' if k % 3 else 'south'},{before[k]},{after[k]},{risk[k]:.0f},"
        + ("" if k % 60 == 7 else f"{later[k]:.0f}")
        for k in range(n - 1)
    ]
    return [f"x,87,{LEVEL},{rng.integers(12, 30)},{rng.integers(8, 25)},97,3", *lines]


def released(folder, lines):
    """Write a report, and return all its text and Table 1 as it was given."""
    folder.mkdir()
    (folder / "people.csv").write_text("\n".join(["urn,age,team,pre,post,risk1,risk2", *lines]), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY.format(), encoding="utf-8")
    out = folder / "report"
    evaluate(folder / "study.toml", out=out, quick=True)
    record = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return "\n".join(map(text_of, sorted(out.rglob("*")))), record["people_as_given"]


def text_of(path: Path):
    if path.suffix == ".docx":
        return re.sub(r"<[^>]*>", " ", zipfile.ZipFile(path).read("word/document.xml").decode())
    if path.suffix == ".html":
        page = re.sub(r"<style>.*?</style>|data:[^\"]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        return re.sub(r"<[^>]*>", " ", page)
    return path.read_text(encoding="utf-8") if path.suffix in {".csv", ".json"} else ""


def says(text, number):
    return re.search(rf"(?<![\w.,:-]){number:,}(?![\w.,:-]*\d)", text) is not None


def number(cell):
    return float(cell.replace(",", ""))


def solved(table, less, values):
    """Return the values of the planted person that both tables leave possible; how many people there are is known."""
    (n, mean, sd, unit, sd_unit), (m, mean2, sd2, unit2, sd_unit2) = given(table, values), given(less, values[1:])
    found = set()
    total = np.arange(np.ceil(n * (mean - unit / 2) - 1e-9), n * (mean + unit / 2) + 1e-9)
    low, high = ends(total, n, sd, sd_unit)
    for x in range(MOST):
        least, most = ends(total - x, m, sd2, sd_unit2)
        fits = np.abs((total - x) / m - mean2) <= unit2 / 2 + 1e-9
        if np.any(fits & (np.maximum(low, least + x * x) <= np.minimum(high, most + x * x))):
            found.add(x)
    return found


def given(row, values):
    """Return how many people there are, their mean and SD as given, and the units of both, which are known as well."""
    n, far, sd = values.size, abs(values - values.mean()).max(), values.std(ddof=1)
    units = (max(RULES.unit(n, moved), 0.01) for moved in (far, max(far, far**2 / (2 * sd))))
    return n, number(row[1]), number(row[2]), *units


def ends(total, n, sd, unit):
    """The least and the largest whole sums of squares that an SD to a unit allows."""
    around = (np.maximum(0, sd + end) ** 2 * (n - 1) + total**2 / n for end in (-unit / 2, unit / 2))
    low, high = around
    return np.ceil(low - 1e-9), np.floor(high + 1e-9)


def attacked(folder, seed):
    """Return what an adversary got of the planted person and of totals, and what was said of the numbers of people."""
    folder.mkdir()
    lines = cohort(seed)
    (text, table), (without, less) = (released(folder / k, v) for k, v in (("all", lines), ("less", lines[1:])))
    cells = np.array([line.split(",")[3:5] for line in lines], dtype=int)
    both = zip(("arrests, before", "arrests, after"), cells.T, strict=True)
    got = [name for name, values in both if len(solved(table[name], less[name], values)) < FEWEST]
    got += [LEVEL] if LEVEL in text + without else []
    totals = [int(v) for v in cells.sum(0)]
    reports = (len(lines), text), (len(lines) - 1, without)
    heard = np.array([[says(said, m + by) for by in (0, *DECOYS)] for m, said in reports])
    got += [f"total {m}" for m in totals if m > 100 and m % 5 and says(text, m)]
    moved = [name for name in table if WITHHELD not in (table[name][0], less[name][0])]
    got += [f"{k} moved" for k in moved if abs(number(table[k][0]) - number(less[k][0])) > RULES.rounding]
    for name, values in zip(("arrests, before", "arrests, after"), cells.T, strict=True):
        (*_, mean, sd, unit, sd_unit), (*_, mean2, sd2, _, _) = (
            given(table[name], values),
            given(less[name], values[1:]),
        )
        got += [f"{name}: mean"] if abs(mean - mean2) > 2 * unit + 1e-9 else []
        got += [f"{name}: SD"] if abs(sd - sd2) > 2 * sd_unit + 1e-9 else []
    return got, heard.sum(axis=0)


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
def test_nobody_is_solved_for_from_two_reports(tmp_path):
    found = {seed: attacked(tmp_path / str(seed), seed) for seed in range(COHORTS)}
    assert {seed: got for seed, (got, _) in found.items() if got} == {}
    said, *decoys = sum(heard for _, heard in found.values())
    assert stats.poisson.sf(said - 1, max(np.mean(decoys), 1)) > CHANCE
