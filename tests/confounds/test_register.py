"""The register: every point has an answer in every cell."""

from dataclasses import fields
from pathlib import Path

import pytest

import iom_causal.confounds as room
from iom_causal.base.wording import violations
from iom_causal.confounds.register import DOES, NO_EXAMPLE, REGISTER, point, table
from iom_causal.errors import SpecError
from iom_causal.published.study import load_published

ROOT = Path(__file__).parents[2]
IDS = [f"c{k:02}" for k in range(1, 13)] + [f"u{k}" for k in range(1, 8)]


def test_every_id_is_there_once_and_in_order():
    assert list(REGISTER) == IDS


@pytest.mark.parametrize("key", IDS)
def test_no_cell_is_empty(key):
    row = point(key)
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name == "confounds":
            assert value or "nothing here can inform this" in row.sentence
        else:
            assert value
    assert row.does in DOES
    assert row.does == "state" or row.confounds


@pytest.mark.parametrize("name", [n for n in room.__all__ if hasattr(getattr(room, n), "ids")])
def test_every_confound_is_in_the_register_under_each_of_its_ids_and_no_other(name):
    assert set(getattr(room, name).ids) == {key for key, row in REGISTER.items() if name in row.confounds}


@pytest.mark.parametrize("key", IDS)
def test_its_example_can_be_opened_or_is_said_to_be_absent(key):
    row = point(key)
    if row.example == NO_EXAMPLE:
        return
    source = (ROOT / row.example).read_text(encoding="utf-8")
    assert compile(source, row.example, "exec").co_name == "<module>"
    assert row.example.startswith("examples/")


@pytest.mark.parametrize("key", IDS)
def test_its_scenario_can_be_opened_or_cannot_exist(key):
    scenario = point(key).scenario
    assert scenario.startswith("none can exist: ") or (ROOT / "iom_causal" / scenario).is_file()


def test_themes_are_told_of_points_in_one_place():
    assert "themes" not in {f.name for f in fields(point("c01"))}  # what was heard belongs to the study that heard it
    bears = {key for theme in load_published("sleath-brown-2017").themes for key in theme.bears_on}
    assert {"c01", "c03", "c04", "c06", "c09", "c10", "c11", "c12", "u3", "u4", "u5"} == bears


@pytest.mark.parametrize("key", IDS)
def test_its_sentence_keeps_the_rules(key):
    text = point(key).sentence
    assert violations(text) == ()
    assert text.endswith(".")


def test_the_table_has_a_row_a_point_and_nothing_missing():
    frame = table()
    assert frame["id"].tolist() == IDS
    assert not frame.isna().any().any()
    assert (frame.map(len) > 0).all().all()


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(SpecError, match="u1"):
        point("u11")
