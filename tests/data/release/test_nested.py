"""From the numbers of people that stand in a report it is never certain that few lack an outcome, or a window."""

import itertools
import json
import re
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from iom_causal.analysis.release import Release
from iom_causal.analysis.study_people import sizes_of
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.data.release.nested import apart, whole_of
from iom_causal.evaluation import evaluate
from iom_causal.panel import Panel
from iom_causal.windows import Window

RULES = [Disclosure(), Disclosure(threshold=12), Disclosure(threshold=10, rounding=10)]
STUDY = """[study]
title = "Ours"
[study.extract]
file = "people.csv"
layout = "wide"
id = "urn"
windows = [
  { label = "before", start = 2015-01-01, end = 2016-01-01 },
  { label = "after", start = 2016-01-01, end = 2017-01-01, post = true },
]
index_date = 2016-01-01
outcomes = [
  { name = "arrests", kind = "count", columns = ["pre", "post"] },
  { name = "risk", kind = "score", columns = ["risk1", "risk2"], missing = "keep" },
  { name = "need", kind = "score", columns = ["need1", "need2"], missing = "keep" },
  { name = "work", kind = "binary", columns = ["work1", "work2"], missing = "keep" },
]
"""


def nested(sizes, rules):
    """Numbers of people as a report gives them."""
    release = Release(rules, sizes=apart(sizes, rules))
    return tuple(release.count(n) for n in sizes)


def rounded(sizes, rules):
    """The same, each alone."""
    return tuple(rules.count(n) for n in sizes)


def certain(given, rules, most=64):
    """What is given of three numbers, each part of the one before, of which two differ by few for certain."""
    told = defaultdict(set)
    for sizes in itertools.combinations_with_replacement(range(most, -1, -1), 3):
        if sizes[0] >= rules.threshold:
            told[given(sizes, rules)].add(sizes)
    pairs = [(0, 1), (1, 2), (0, 2)]
    return {
        shown
        for shown, alike in told.items()
        for i, j in pairs
        if "withheld" not in (shown[i], shown[j]) and all(0 < each[i] - each[j] < rules.threshold for each in alike)
    }


@pytest.mark.parametrize("rules", RULES)
def test_no_numbers_given_make_it_certain_that_few_are_in_one_alone(rules):
    assert certain(nested, rules) == set()


def test_the_attack_succeeds_where_each_number_is_rounded_alone():
    assert ("60", "55", "55") in certain(rounded, RULES[0])


@pytest.mark.parametrize("rules", RULES)
def test_a_number_is_never_given_as_more_than_the_threshold_and_rounding_allow(rules):
    for sizes in itertools.combinations(range(10, 80, 3), 3):
        for n, shown in zip(sizes, nested(sizes, rules), strict=True):
            if shown != "withheld":
                assert -rules.rounding / 2 <= int(shown) - n < rules.threshold + rules.rounding / 2


def test_sizes_are_far_apart_and_none_is_far_from_all():
    sizes = np.random.default_rng(3).integers(0, 300, 40).tolist()
    kept = apart(sizes, RULES[0])
    assert all(a - b >= 10 for a, b in itertools.pairwise(kept))
    assert all(whole_of(n, kept, RULES[0]) in kept for n in sizes if n >= 10)
    research = Disclosure(research=True, reason="in a secure room")
    assert Release(research, sizes=(203,)).count(200) == "200"


def test_the_numbers_of_a_panel_are_those_of_every_window_and_side():
    lost = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [0, 0, 1], [0, 0, 1]])
    windows = [Window("a"), Window("b"), Window("c", post=True)]
    panel = Panel.from_arrays(np.where(lost, np.nan, 5.0), kind="score", windows=windows, missing="keep")
    assert set(sizes_of(panel)) == {6, 3, 5, 1, 0}  # all, a or c or both before, b, with every window, others


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_report_gives_numbers_that_few_tell_apart_alike(tmp_path, seed):
    rng = np.random.default_rng(seed)
    n = 103
    before = rng.poisson(5, n) + 1
    columns = [before, rng.poisson(3, n), *(rng.integers(20, 80, n) for _ in range(4)), *rng.integers(0, 2, (2, n))]
    rows = [[str(c[k]) for c in columns] for k in range(n)]
    for column, lost in ((3, 4), (5, 7), (7, 9)):
        for k in rng.choice(n, lost, replace=False):
            rows[k][column] = ""
    lines = [f"p{k}," + ",".join(row) for k, row in enumerate(rows)]
    head = "urn,pre,post,risk1,risk2,need1,need2,work1,work2"
    (tmp_path / "people.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    out = tmp_path / "report"
    evaluate(tmp_path / "study.toml", out=out, quick=True)
    given = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["people_as_given"]
    assert {row[0] for row in given.values()} == {"105"}
    page = re.sub(r"<[^>]*>", " ", (out / "report.html").read_text(encoding="utf-8"))
    assert not re.search(r"\b(9[0-9]|100) (people|of 1)", page)
    for path in out.glob("*.csv"):
        table = pd.read_csv(path)
        for column in set(table.columns) & {"n_used", "n_input", "people", "n"}:
            assert not {"95", "100"} & set(table[column].astype(str))
