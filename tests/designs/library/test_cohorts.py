"""Designs with a comparison cohort: one world for all, a truth of each design's own, and every confound."""

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.designs.library.cohorts import comparison_designs
from iom_causal.designs.library.worlds import CONFOUNDS, comparison_world
from iom_causal.designs.replicates import Replicates
from iom_causal.errors import IomCausalError, SpecError

SIZES = {"people": 40, "pool": 400}
DESIGNS = comparison_designs(**SIZES, ratio=0.7)
LOOSE = 4


@pytest.fixture(scope="module")
def columns():
    return Replicates(DESIGNS, 11)(np.arange(100))


def errors(columns, name):
    (estimate,) = (key for key in columns if key.startswith(f"{name}/answer/") and key.endswith("/estimate"))
    return np.log(columns[estimate] / columns[f"{name}/truth/att_ratio"])


def test_all_but_the_waiting_list_meet_the_same_worlds():
    models = [design.model for name, design in DESIGNS.items() if name != "waiting list"]
    assert all(model == models[0] for model in models)
    assert DESIGNS["waiting list"].model != models[0]


def test_each_is_scored_against_its_own_truth(columns):
    truths = {name: columns[f"{name}/truth/att_ratio"].mean() for name in DESIGNS}
    assert truths.pop("placebo date") == 1.0
    assert list(truths.values()) == pytest.approx([0.7] * len(truths), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "side"), [("lottery", 0), ("waiting list", 0), ("one group", -1), ("placebo date", -1)]
)
def test_random_allocation_has_no_bias_and_one_group_has_its_regression(columns, name, side):
    found = errors(columns, name)
    centre = found.mean() / (found.std(ddof=1) / np.sqrt(found.size))
    assert abs(centre) < LOOSE if side == 0 else centre < -LOOSE


@pytest.mark.parametrize("name", CONFOUNDS)
def test_every_design_answers_in_a_world_with_each_confound(name):
    for label, design in comparison_designs(**SIZES, confounds=[name]).items():
        drawn = design.draw(1)
        assert not isinstance(next(iter(drawn.answers.values())), IomCausalError), label


def test_confounds_work_together_and_change_the_world():
    world = comparison_world(**SIZES, confounds=list(CONFOUNDS))
    assert len(world.confounds) == len(CONFOUNDS)
    plain = sim.untreated_change(comparison_world(**SIZES)(1))
    assert sim.untreated_change(world(1)) < plain


@pytest.mark.parametrize(("confounds", "words"), [(["ageinng"], "ageing"), ("history", r"a list of names.*history")])
def test_a_confound_that_is_none_is_refused(confounds, words):
    with pytest.raises(SpecError, match=words):
        comparison_designs(confounds=confounds)


def test_worlds_of_many_people_are_worked_out_fewer_at_a_time():
    assert comparison_designs(pool=600)["one group"].cell == 500
    assert comparison_designs(pool=30_000)["one group"].cell == 10
