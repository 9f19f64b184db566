"""Designs that could settle a study: as many people as asked for, and one truth for all."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.designs.library.settling import settling_designs
from iom_causal.designs.replicates import Replicates
from iom_causal.protocol.scenario import load_scenario

PEOPLE, RATIO, ENOUGH = 20, 0.7, 4000
CAREERS = replace(load_scenario("sleath-brown-2017").careers, score=None, drop_out=None, burn_in_months=0)
DESIGNS = settling_designs(CAREERS, people=PEOPLE, ratio=RATIO, pool=ENOUGH)

LOOSE = {"waiting list": 10, "matched on history": 4}
"""Lots may give each half more or fewer, and the highest may have no match."""


@pytest.fixture(scope="module")
def columns():
    return Replicates(DESIGNS, 3)(np.arange(20))


def test_each_design_manages_as_many_people_where_the_rule_selects_enough():
    for name, design in DESIGNS.items():
        managed = int(design.draw(5).panels["people"].group.sum())
        assert managed == pytest.approx(PEOPLE, abs=LOOSE.get(name, 0)), name


def test_each_is_of_one_programme(columns):
    for name in DESIGNS:
        assert columns[f"{name}/truth/att_ratio"] == pytest.approx(RATIO, abs=1e-9)


def test_one_group_has_the_windows_of_the_study_and_only_the_earlier_cohort_more():
    windows = {name: design.model.windows for name, design in DESIGNS.items()}
    assert len(windows.pop("historical")) == 3
    assert set(windows.values()) == {CAREERS.windows}


def test_designs_that_look_among_the_same_people_meet_the_same_worlds():
    below, matched, force = (DESIGNS[n].model for n in ("next below", "matched on history", "neighbouring force"))
    assert below == matched == force
    assert DESIGNS["one group"].model.pool is None
