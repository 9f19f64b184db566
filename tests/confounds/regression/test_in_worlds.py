"""Methods of regression to the mean through a Ledger, in worlds that share no code with the package."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.regression_to_mean import Cell, run
from tests.oracles.selection_worlds import BENEATH, WORLDS, all_reached, few_places

RARE = 1e-4
NEAR = 0.03
"""Of the log ratio: the bias that a method may have where it is said to be right."""

LONG = 60
MOST = stats.binom.isf(RARE, LONG, 0.07)
"""Of so many cohorts without a programme, those whose interval may exclude 1: by chance once in 10,000."""


def assert_right(figures):
    """Refuse a bias beyond NEAR and too few intervals that cover, each by chance once in 10,000."""
    used = figures["used"]
    assert used == figures["replicates"], figures["refused"]
    assert abs(figures["bias"]) < NEAR + stats.norm.isf(RARE) * figures["sd"] / np.sqrt(used)
    assert round(figures["covers"] * used) >= stats.binom.ppf(RARE, used, 0.95)


@pytest.mark.parametrize(
    ("world", "method", "layout"),
    [
        ("drifting and stopping", "pool", "places"),
        ("soft cut", "pool", "places"),
        ("drifting lognormal", "pool", "cut"),
        ("static lognormal", "robbins_zhang", "places"),
    ],
)
def test_a_method_is_right_in_its_world(world, method, layout):
    assert_right(run(Cell(world, method, layout, ratio=0.7), 25))


def test_a_method_is_refuted_in_a_world_that_it_does_not_allow_for():
    with pytest.raises(AssertionError):
        assert_right(run(Cell("drifting and stopping", "robbins_zhang"), 25))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "layout", "ratio"),
    [
        ("drifting lognormal", "places", 1.0),
        ("picked on the rate", "places", 0.7),
        ("everything", "places", 1.0),
        ("drifting and stopping", "cut", 0.7),
        ("ageing and trend", "cut", 1.0),
    ],
)
def test_a_pool_is_right_in_every_world(world, layout, ratio):
    figures = run(Cell(world, "pool", layout, ratio=ratio), LONG)
    assert_right(figures)
    if ratio == 1:
        assert round(figures["excludes"] * LONG) <= MOST
    else:
        assert round(figures["finds"] * LONG) >= stats.binom.ppf(RARE, LONG, 0.8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "layout"),
    [("static gamma", "alone"), ("drifting and stopping", "alone"), ("drifting and stopping", "places")],
)
def test_the_default_alone_seldom_excludes_no_effect(world, layout):
    figures = run(Cell(world, "auto", layout), LONG)
    assert figures["used"] == LONG
    assert round(figures["excludes"] * LONG) <= MOST


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_has_its_mean_and_its_programme(name):
    world, ratio = WORLDS[name], 0.5
    rng = np.random.default_rng(1)
    expected = world.rates(rng, 20_000, 1.5, 3)
    assert expected[:, 0].mean() > expected[:, 2].mean() - 0.1
    assert 2.3 < expected[:, 1].mean() < 3.1
    drawn = [few_places(world, np.random.default_rng(2), n=2000, pool=100, ratio=r) for r in (1.0, ratio)]
    untreated, treated = (d.counts[d.managed, -1].mean() - world.created * 1.5 for d in drawn)
    assert treated / untreated == pytest.approx(ratio, abs=0.04)


@pytest.mark.parametrize("name", [name for name, world in BENEATH.items() if world.rule == "cut"])
def test_beneath_a_cut_nobody_stands_as_high(name):
    cohort = all_reached(BENEATH[name], np.random.default_rng(3), n=50)
    assert cohort.managed.sum() == 50
    assert cohort.counts[cohort.managed, -2].min() >= 6 > cohort.counts[~cohort.managed, -2].max()
