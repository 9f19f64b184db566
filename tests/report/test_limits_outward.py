"""Every interval of people that leaves, on the page and in files, holds the one that is not rounded."""

import re

import numpy as np
import pandas as pd
import pytest

from iom_causal.evaluation import evaluate

MANAGED, OTHERS = 63, 240
EXACT = 1e-9  # what binary fractions leave
HEAD = """[study]
title = "Ours"
{rule}
[study.extract]
file = "people.csv"
layout = "wide"
id = "urn"
age = "age"
group = "kind"
managed = ["IOM"]
covariates = ["team"]
index_date = 2016-01-01
windows = [
{windows}
  {{ label = "after", start = 2016-01-01, end = 2017-01-01, post = true }},
]
outcomes = [
{outcomes}
]
"""
WINDOW = '  {{ label = "{0}", start = {0}-01-01, end = {1}-01-01 }},'
CLASSES = """[[study.score_classes]]
outcome = "risk"
standard_error = 6.0
smallest_change = 10
bands = [50, 70]
population_mean = 50
population_sd = 15
"""
OPEN = '[study.disclosure]\nresearch = true\nreason = "a test"\n'
RULE = (
    'selection = {{ variable = "arrests", windows = ["2015"], rule = "at_least", threshold = {}, '
    'timing = "at_boundary" }}'
)
NUMBER = r"(-?\d[\d,]*\.?\d*)"
PAIR = re.compile(rf"(?<![\d.]){NUMBER}%? to {NUMBER}")
OF_ROUNDED = {"regression_curve.csv", "regression.csv", "null.csv", "specifications.csv", "table.csv"}
SECTIONS_OF_ROUNDED = {"null", "regression", "request"}
"""Worked out from moments or answers that are rounded already: simulated or tipped from these, they are nobody's."""

FROM_SHARE = "where they were before"
"""Row of a mean change that follows from that of people followed up and the share lost as it may be given."""


def scores_and_counts(folder):
    """Two windows, counts and scores, of which some are lost, beside people who were not managed."""
    rng = np.random.default_rng(1)
    group = np.arange(MANAGED + OTHERS) < MANAGED
    rate = rng.gamma(1.5, 3, group.size) * np.where(group, 1.6, 1)
    before, after = rng.poisson(rate) + group, rng.poisson(rate * np.where(group, 0.6, 1))
    risk = np.clip(rng.normal(55, 14, group.size), 1, 99).round()
    later = np.clip(risk + rng.normal(-4, 9, group.size), 1, 99).round()
    cells = [
        f"{before[k]},{after[k]},{risk[k]:.0f},{'' if k % 4 == 3 and group[k] else f'{later[k]:.0f}'}"
        for k in range(group.size)
    ]
    outcomes = (
        '  { name = "arrests", kind = "count", columns = ["a1", "a2"] },\n'
        '  { name = "risk", kind = "score", columns = ["r1", "r2"], missing = "keep" },'
    )
    form = HEAD.format(rule="", windows=WINDOW.format(2015, 2016), outcomes=outcomes)
    return written(folder, "a1,a2,r1,r2", cells, group, form + CLASSES)


def earlier_windows(folder):
    """Three windows before, of which the last was read by a rule, beside people who were not managed."""
    rng = np.random.default_rng(2)
    counts = rng.poisson(rng.gamma(1.5, 3, MANAGED + OTHERS)[:, None], (MANAGED + OTHERS, 4))
    cut = np.sort(counts[:, 2])[-MANAGED]
    group = counts[:, 2] >= cut
    counts[:, 3] = np.where(group, rng.binomial(counts[:, 3], 0.6), counts[:, 3])
    windows = "\n".join(WINDOW.format(year, year + 1) for year in (2013, 2014, 2015))
    outcomes = '  { name = "arrests", kind = "count", columns = ["a", "b", "c", "d"] },'
    form = HEAD.format(rule=RULE.format(cut), windows=windows, outcomes=outcomes)
    return written(folder, "a,b,c,d", [",".join(map(str, row)) for row in counts], group, form)


def written(folder, heads, cells, group, form):
    rng = np.random.default_rng(3)
    rows = [
        f"p{k},{'IOM' if managed else 'none'},{rng.integers(18, 50)},{'north' if k % 2 else 'south'},{cell}"
        for k, (managed, cell) in enumerate(zip(group, cells, strict=True))
    ]
    studies = []
    for name, tail in (("rounded", ""), ("exact", OPEN)):
        (folder / name).mkdir()
        (folder / name / "people.csv").write_text("\n".join([f"urn,kind,age,team,{heads}", *rows]), encoding="utf-8")
        studies.append(folder / name / "study.toml")
        studies[-1].write_text(form + tail, encoding="utf-8")
    return studies


def ends_of(name):
    """Return which end of an interval a column holds, and the column of the other."""
    stem, _, end = name.rpartition("_")
    other = {"low": "high", "high": "low"}.get(end)
    return end, f"{stem}_{other}".removeprefix("_") if other else None


def left_out_by_files(rounded, exact):
    """Yield the cells of files that lie inside of the exact end, and how many were compared."""
    for file in sorted(rounded.glob("*.csv")):
        if file.name in OF_ROUNDED:
            continue
        given, true = pd.read_csv(file), pd.read_csv(exact / file.name)
        if len(given) != len(true):  # rows are withheld
            continue
        for name in given.columns:
            end, other = ends_of(name)
            if other not in given.columns or given[name].dtype.kind != "f" or true[name].dtype.kind != "f":
                continue
            shown, is_ = given[name].to_numpy(), true[name].to_numpy()
            alone = is_ == true[other].to_numpy()
            assert (shown == given[other].to_numpy())[alone & ~np.isnan(shown)].all(), (file.name, name)
            compared = ~alone & np.isfinite(is_) & ~np.isnan(shown)
            inside = shown > is_ + EXACT if end == "low" else shown < is_ - EXACT
            yield file.name, name, compared.sum(), np.flatnonzero(inside & compared).tolist()


def cells_of(page):
    return {
        (section.name, table.caption, i, j): cell
        for section in page.sections
        for table in section.tables
        for i, row in enumerate(table.rows)
        for j, cell in enumerate(row)
    }


def left_out_by_page(rounded, exact):
    """Yield the cells of tables whose intervals leave out an end that the same cell has without rules."""
    known, shown = cells_of(exact), cells_of(rounded)
    for at, text in shown.items():
        pairs, others = PAIR.findall(text), PAIR.findall(known.get(at, ""))
        if at[0] in SECTIONS_OF_ROUNDED or len(pairs) != len(others) or FROM_SHARE in shown[*at[:3], 0]:
            continue
        for pair, other in zip(pairs, others, strict=True):
            (low, high), (least, most) = ([float(v.replace(",", "")) for v in both] for both in (pair, other))
            half = 0.5 * 10.0 ** -max(len(v.partition(".")[2]) for v in other)  # to which these are printed
            yield at, text, known[at], low > least + half + EXACT or high < most - half - EXACT


@pytest.mark.slow
@pytest.mark.usefixtures("without_null_calibration")
@pytest.mark.parametrize("make", [scores_and_counts, earlier_windows])
def test_every_interval_that_leaves_holds_the_one_that_is_not_rounded(make, tmp_path):
    rounded, exact = (evaluate(study, out=study.parent / "report", quick=True) for study in make(tmp_path))
    files = list(left_out_by_files(tmp_path / "rounded" / "report", tmp_path / "exact" / "report"))
    cells = list(left_out_by_page(rounded.page, exact.page))
    assert sum(n for *_, n, _ in files) > 20
    assert len(cells) > 10
    assert [(file, name, rows) for file, name, _, rows in files if rows] == []
    assert [(*at, text, true) for at, text, true, out in cells if out] == []
