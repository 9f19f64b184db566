"""A synthetic extract: cleaning it by its rules gives back what was put in, which is what the world lived."""

import datetime as dt
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Attrition
from iom_causal.windows import Selection
from tests.simulate.extract.force import BAND, CAREERS, MUCH, SPEC, TABLES, UNEVEN

SECOND = 1 / 86_400


@pytest.fixture(scope="module")
def made():
    return SPEC(7)


def agree(tables):
    found = tables.counts().set_index("urn")
    truth = tables.truth[tables.truth["in_extract"]].set_index("urn")
    pd.testing.assert_frame_equal(found, truth[found.columns], check_exact=True, check_dtype=False)


@pytest.mark.parametrize("fault_rates", [None, sim.FaultRates(), MUCH], ids=["none", "usual", "much"])
@pytest.mark.parametrize("windows", [CAREERS.windows, UNEVEN], ids=["two windows", "four with gaps"])
def test_cleaning_gives_back_the_truth_exactly(fault_rates, windows):
    tables = replace(SPEC, careers=replace(CAREERS, windows=windows), fault_rates=fault_rates)(3)
    agree(tables)


@pytest.mark.parametrize("sort", [f.name for f in fields(sim.FaultRates)])
def test_each_sort_of_fault_is_cleaned_away(sort):
    agree(replace(SPEC, fault_rates=replace(sim.CLEAN, **{sort: 0.6}))(3))


@pytest.mark.parametrize("windows", [CAREERS.windows, UNEVEN], ids=["two windows", "four with gaps"])
def test_the_truth_is_that_of_the_world(windows):
    tables = replace(SPEC, careers=replace(CAREERS, windows=windows), fault_rates=None)(3)
    world, truth = tables.world, tables.truth
    spells = tables.custody.groupby("urn").size().max()
    for k, w in enumerate(windows):
        np.testing.assert_array_equal(truth[w.label], world.seen("events")[:, k])
        free = truth[f"{w.label}_days_free"] - world.seen("exposure")[:, k]
        assert abs(free).max() <= 2 * spells * SECOND  # each end of a spell is cut to the second
        np.testing.assert_array_equal(truth[f"{w.label}_expected_without"], world.untreated.expected[:, k])
        np.testing.assert_array_equal(truth[f"{w.label}_expected_with"], world.treated.expected[:, k])
    known = truth["after_score"].notna()
    np.testing.assert_array_equal(known, world.followed | (len(windows) > 2 and not world.post[2]))
    post = [w.label for w in windows].index("after")
    np.testing.assert_array_equal(truth["after_score"][known], world.seen("score")[known, post])


def test_custody_begins_with_an_arrest_or_goes_on_when_a_window_begins():
    tables = replace(SPEC, fault_rates=None)(3)
    starts = tables.arrests[["urn", "arrested"]].drop_duplicates()
    spells = tables.custody.merge(starts, how="left", left_on=["urn", "received"], right_on=["urn", "arrested"])
    arrested = spells["arrested"].notna()
    assert 0 < (~arrested).mean() < 0.3
    begins = [pd.Timestamp(2012, 5, 1) + pd.Timedelta(days=w.start) for w in CAREERS.windows]
    across = np.any([(spells["received"] <= b) & ~(spells["released"] <= b) for b in begins], axis=0)
    assert across[~arrested].all()


def test_without_dirt_nothing_is_wrong():
    tables = replace(SPEC, fault_rates=None)(3)
    assert tables.faults.empty
    assert (tables.arrests["type"] == "arrest").all()
    assert tables.arrests["custody_record"].is_unique
    assert (tables.people["linked_urn"] == "").all()
    assert tables.people["removed"].isna().all()
    assert len(tables.arrests) == tables.world.seen("events").sum()
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(tables, name), getattr(replace(SPEC, fault_rates=sim.CLEAN)(3), name))


def test_nothing_is_handed_over_about_people_after_they_left():
    tables = replace(SPEC, fault_rates=replace(sim.FaultRates(), deaths=0.2, moves=0.2, deselected=0.2))(3)
    left = tables.people.set_index("urn")["removed"].dropna()
    first = dict(zip(tables.people["linked_urn"], tables.people["urn"], strict=True))
    assert 0.5 < len(left) / 400 < 0.7
    for name, column in (
        ("arrests", "arrested"),
        ("custody", "received"),
        ("custody", "released"),
        ("scores", "scored"),
    ):
        table = getattr(tables, name)
        removed = left.reindex([first.get(u, u) for u in table["urn"]]).to_numpy()
        assert not (table[column].to_numpy() >= removed).any()
    assert (tables.people["removed"] > tables.people["adopted"]).sum() == len(left)
    assert (tables.truth["after"] < tables.truth["after_lived"]).any()


def test_what_was_recorded_after_the_extract_is_missing_and_counted():
    tables = replace(SPEC, extracted_days=0, fault_rates=replace(sim.FaultRates(), late=0.5, bail_returns=0.5))(3)
    found, truth = tables.counts(), tables.truth
    np.testing.assert_array_equal(found["after"] + truth["after_recorded_too_late"], truth["after"])
    np.testing.assert_array_equal(found["before"], truth["before"])
    lost = tables.faults[tables.faults["row"].isna() & (tables.faults["sort"] == "recorded_too_late")]
    assert len(lost) == truth["after_recorded_too_late"].sum() > 0
    assert tables.arrests["recorded"].max() <= pd.Timestamp("2013-11-01")


def test_spells_are_open_when_people_were_still_inside_on_the_day_of_the_extract():
    tables = replace(SPEC, extracted_days=0, fault_rates=None)(3)
    still = tables.custody["released"].isna()
    assert 0 < still.mean() < 0.2
    assert tables.custody["released"].max() <= pd.Timestamp("2013-11-01")
    np.testing.assert_array_equal(tables.counts()["after_days_free"], tables.truth["after_days_free"])


def test_people_outside_the_extract_or_not_looked_for_are_in_the_truth():
    confounds = (Attrition(absent=0.3, absent_ratio=1.5, untracked=0.2),)
    tables = sim.ForceExtract(careers=sim.Careers(people=400, rate=3.0, confounds=confounds))(2)
    truth = tables.truth
    assert abs(truth["in_extract"].mean() - 0.7) < 0.1
    assert set(tables.people["urn"]) == set(truth["urn"][truth["in_extract"]])
    assert abs(truth["tracked"].mean() - 0.8) < 0.1
    assert (truth["after"][~truth["tracked"]] == 0).all()
    assert truth["after_lived"][~truth["tracked"]].sum() > 0
    agree(tables)


def test_a_pool_has_people_who_were_never_adopted():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=5)
    steps = sim.Enrolment(selection=rule, entry_months=(0, 6))
    careers = replace(CAREERS, people=60, pool=600, enrolment=steps)
    tables = replace(SPEC, careers=careers)(4)
    adopted, managed = tables.people["adopted"].notna(), tables.truth["managed"]
    np.testing.assert_array_equal(adopted, managed)
    assert managed.sum() == 60
    assert (tables.truth["before_lived"][tables.truth["picked"]] >= 5).all()
    assert set(tables.people["adopted"].dropna().dt.date) == {dt.date(2012, 5, 1), dt.date(2012, 10, 30)}
    assert (tables.people["removed_reason"][~adopted] != "de-selected").all()
    assert (tables.people["rag"][~adopted] == "").all()
    agree(tables)


def test_arrests_that_supervision_created_say_so():
    tables = replace(SPEC, fault_rates=None)(3)
    created = tables.arrests["reason"] != "offence"
    after = tables.arrests["arrested"] >= pd.Timestamp("2012-05-01")
    assert not created[~after].any()
    expected = tables.world.seen("expected")[:, 1].sum() - tables.world.seen("offences")[:, 1].sum()
    assert abs(created.sum() - expected) < BAND * np.sqrt(expected)
    assert created.sum() == tables.truth["after_supervision"].sum()


def test_some_arrests_after_entry_are_for_offences_before_it(made):
    arrests = made.arrests
    assert ((arrests["arrested"] >= "2012-05-01") & (arrests["offence_date"] < "2012-05-01")).sum() > 10


def test_windows_are_counted_from_the_day_of_the_careers():
    tables = replace(SPEC, careers=replace(CAREERS, index_date=dt.date(2015, 3, 29)))(3)
    assert set(tables.people["adopted"].dt.date) == {dt.date(2015, 3, 29)}
    agree(tables)
