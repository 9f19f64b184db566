"""The register: every point has an answer in every cell."""

from pathlib import Path

import pytest

import iom_causal.confounds as room
from iom_causal.base.wording import violations
from iom_causal.confounds.register import NEEDS, REGISTER, point
from iom_causal.errors import SpecError
from iom_causal.published.study import load_published

ROOT = Path(__file__).parents[2]
IDS = [f"c{k:02}" for k in range(1, 13)] + [f"u{k}" for k in range(1, 8)]


def test_every_id_is_there_once_and_in_order():
    assert list(REGISTER) == IDS


@pytest.mark.parametrize("key", IDS)
def test_it_says_what_may_be_at_work_where_and_whether_anything_here_can_inform_it(key):
    row = point(key)
    assert row.point
    assert row.needs in NEEDS
    assert row.confounds or "nothing here can inform this" in row.sentence


@pytest.mark.parametrize("name", [n for n in room.__all__ if hasattr(getattr(room, n), "ids")])
def test_every_confound_speaks_to_points_that_there_are(name):
    assert set(getattr(room, name).ids) == {key for key, row in REGISTER.items() if name in row.confounds}


def test_which_way_a_point_works_keeps_the_rules():
    told = [getattr(p, way) for p in REGISTER.values() for way in ("lowers", "raises", "weakens", "either_way")]
    assert sum(map(bool, told)) == 15
    assert [violations(text) for text in told if text] == [()] * 15


@pytest.mark.parametrize("key", IDS)
def test_its_scenario_can_be_opened_or_cannot_exist(key):
    scenario = point(key).scenario
    assert scenario.startswith("none can exist: ") or (ROOT / "iom_causal" / scenario).is_file()


def test_themes_of_a_study_bear_on_points_of_the_register():
    bears = {key for theme in load_published("sleath-brown-2017").themes for key in theme.bears_on}
    assert {"c01", "c03", "c04", "c06", "c09", "c10", "c11", "c12", "u3", "u4", "u5"} == bears


@pytest.mark.parametrize("key", IDS)
def test_its_sentence_keeps_the_rules(key):
    text = point(key).sentence
    assert violations(text) == ()
    assert text.endswith(".")


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(SpecError, match="u1"):
        point("u11")
