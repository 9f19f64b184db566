"""A rule that a print states is what the null selects by: brute-force pools with a cut, through a study's file."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.evaluation import evaluate
from iom_causal.null.calibrate import null_calibration
from iom_causal.null.observed import FEWER_THAN_THE_CUT, PART, PLACES, SOFT, WHEN_UNKNOWN, by_rule, observe
from iom_causal.published.study import load_published

POOL, CUT, N = 1_000_000, 5, 225
STUDY = """
[published]
title = "An invented study"
citation = "Nobody (2020). An invented study"
source_version = "invented"
invented = true
{rule}
[published.sample]
n = "225"

[[published.outcomes]]
name = "arrests"
kind = "count"
before = {{ n = "225", mean = "{before:.3f}", sd = "{sd_before:.3f}" }}
after = {{ n = "225", mean = "{after:.3f}", sd = "{sd_after:.3f}" }}
test = {{ statistic = "t", value = "{t:.3f}", df = ["224"] }}
"""
RULE = """
[published.rule]
variable = "arrests"
windows = ["before"]
rule = "at_least"
threshold = 5.0
timing = "at_boundary"
"""


@pytest.fixture(scope="module")
def world():
    """Counts before and after of everybody with five or more before, of a pool whose rates drift; no programme."""
    rng = np.random.default_rng(5)
    scores = rng.normal(size=(2, POOL))
    scores[1] = 0.75 * scores[0] + np.sqrt(1 - 0.75**2) * scores[1]
    counts = rng.poisson(1.5 * np.exp(0.8 * scores - 0.32))
    return counts[:, counts[0] >= CUT].T


@pytest.fixture(scope="module")
def figures(world):
    before, after = world.T
    apart = before - after
    return {
        "before": before.mean(),
        "sd_before": before.std(),
        "after": after.mean(),
        "sd_after": after.std(),
        "t": apart.mean() / apart.std() * np.sqrt(N),
    }


def falls(world, sims=2000):
    drawn = world[np.random.default_rng(6).integers(len(world), size=(sims, N))].sum(1)
    return 1 - drawn[:, 1] / drawn[:, 0]


def test_the_null_of_a_study_file_selects_by_its_cut_and_finds_the_world_that_it_was_made_in(tmp_path, world, figures):
    rows, report_of = {}, {}
    for name, rule in (("stated", RULE), ("unstated", "")):
        path = tmp_path / f"{name}.toml"
        path.write_text(STUDY.format(rule=rule, **figures), encoding="utf-8")
        report_of[name] = evaluate(path, quick=True)
        text = report_of[name].files()["null_calibration.csv"]
        rows[name] = [r for r in csv.DictReader(text.splitlines()) if r["background_ratio"] == "1.0"]
    assert {r["picked_on"] for r in rows["stated"]} == {"count before, hard cut"}
    assert {float(r["cut"]) for r in rows["stated"]} == {CUT}
    ratios = {name: [float(r["ratio"]) for r in own if r["ratio"]] for name, own in rows.items()}
    # Softly chosen people with such figures come from other worlds, and their ratios end where fits do.
    assert min(ratios["stated"]) < 0.82
    assert 1.3 < max(ratios["stated"]) < 1.4
    assert min(ratios["unstated"]) > 0.93
    assert max(ratios["unstated"]) == pytest.approx(1.3)
    truth = np.mean(falls(world) >= 1 - figures["after"] / figures["before"])
    own = (r for r in rows["stated"] if r["rates"] == "lognormal")
    nearest = min(own, key=lambda r: abs(float(r["ratio"]) - 1))
    assert float(nearest["pool_mean"]) == pytest.approx(1.5, rel=0.03)
    assert float(nearest["chance"]) == pytest.approx(truth, abs=0.06)
    said = " ".join(report_of["stated"].page.texts())
    assert "everybody with at least 5 arrests before was picked, and nobody else" in said
    assert "[study.pool]" not in said  # a print has no such key


def stated(**rule):
    study = load_published("template")
    return replace(study, rule=replace(study.rule, **rule))


def test_places_are_filled_from_the_fewest_that_somebody_is_printed_to_have():
    found = observe(stated(rule="top", threshold=40.0), "contacts")
    assert found.cut == 3.0
    assert found.read_as == (PLACES,)
    calibration = null_calibration(stated(rule="top", threshold=40.0), rng=1, sims=100, ends=True)
    assert calibration.sentences()[0].startswith("People are those with the most events")
    assert calibration.models[0].cut == 3.0


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"threshold": 4.0}, FEWER_THAN_THE_CUT),  # 3 is the fewest that is printed
        ({"timing": "unknown"}, WHEN_UNKNOWN),
        ({"rule": "soft", "softness": 1.0}, SOFT),
    ],
)
def test_where_a_stated_rule_cannot_be_selected_by_that_is_said(rule, told):
    found = observe(stated(**rule), "contacts")
    assert found.cut is None
    assert told in found.notes


def test_a_rule_that_reads_a_part_of_the_time_before_is_read_on_the_whole_of_it():
    study = stated()
    first, last = study.windows
    middle = first.start + (first.end - first.start) / 2
    study = replace(study, windows=(replace(first, label="earlier", end=middle), replace(first, start=middle), last))
    assert by_rule(observe(study["contacts"]), study).read_as == (PART,)


def test_a_rule_that_read_something_else_has_no_null():
    with pytest.raises(InputError, match="IOM-E048"):
        null_calibration(stated(variable="risk"), rng=1)
