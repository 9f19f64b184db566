"""A synthetic extract: cleaning it by its rules gives back what was put in."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Attrition, Breach, Custody
from iom_causal.errors import SpecError

CAREERS = sim.Careers(
    people=400,
    rate=4.0,
    drift_sd=0.4,
    women=0.2,
    confounds=(Custody(custody_per_arrest=0.3, stay_years=0.3), Breach(after=0.4, unit="per_year")),
    score=sim.Score(per_event=10, error_sd=40),
    drop_out=sim.DropOut(share=0.2),
    programme=sim.Programme(ratio=0.8),
)
SPEC = sim.ForceExtract(careers=CAREERS)


@pytest.fixture(scope="module")
def made():
    return SPEC(7)


@pytest.mark.parametrize("dirt", [sim.CLEAN, sim.Dirt(), sim.Dirt(aliases=0.4, duplicates=0.5, overlaps=0.6, late=0.5)])
def test_cleaning_gives_back_counts_and_days(dirt):
    tables = replace(SPEC, dirt=dirt)(3)
    found, truth = tables.counts(), tables.truth
    for label in ("before", "after"):
        np.testing.assert_array_equal(found[label], truth[label])
        # Times stand to the second, so that a day at liberty is right to a few seconds a spell.
        np.testing.assert_allclose(found[f"{label}_days_free"], truth[f"{label}_days_free"], atol=1e-3)
    np.testing.assert_array_equal(truth["after"], tables.world.seen("events")[:, 1])


def test_clean_records_hold_no_fault():
    tables = replace(SPEC, dirt=sim.CLEAN)(3)
    assert (tables.arrests["type"] == "arrest").all()
    assert tables.arrests["custody_record"].is_unique
    assert (tables.people["linked_urn"] == "").all()
    assert len(tables.arrests) == tables.world.seen("events").sum()


@pytest.mark.parametrize(
    ("share", "of"),
    [
        ("aliases", lambda t: (t.people["linked_urn"] != "").mean()),
        ("duplicates", lambda t: t.arrests[t.arrests["type"] == "arrest"]["custody_record"].duplicated().mean()),
        ("odd_codes", lambda t: t.arrests["offence_code"].isin(["N/K", "-99", ""]).mean()),
        ("unknown", lambda t: (t.people["sex"] == "U").mean()),
        ("january", lambda t: (t.people["date_of_birth"].dt.strftime("%m%d") == "0101").mean()),
    ],
)
def test_dirt_comes_at_its_rate(share, of):
    tables = replace(SPEC, dirt=replace(sim.CLEAN, **{share: 0.2}))(5)
    n = 400 if share in ("aliases", "unknown", "january") else 3000
    expected = 0.2 / 1.2 if share == "duplicates" else 0.2
    assert abs(of(tables) - expected) < 4 * np.sqrt(0.2 * 0.8 / n) + 0.003


def test_more_people_leave_the_others_rows_as_they_are(made):
    more = replace(SPEC, careers=replace(CAREERS, people=450))(7)
    pd.testing.assert_frame_equal(more.people.iloc[:400], made.people)
    mine = set(made.people["urn"]) | set(made.people["linked_urn"])
    rows = more.arrests[more.arrests["urn"].isin(mine)].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, made.arrests)


def test_urns_are_text_of_eight_digits_and_nobody_shares_one(made):
    urns = [*made.people["urn"], *made.people["linked_urn"][made.people["linked_urn"] != ""]]
    assert len(set(urns)) == len(urns)
    assert all(len(u) == 8 and u.isdigit() for u in urns)


def test_what_was_recorded_after_the_extract_is_missing_and_counted():
    tables = replace(SPEC, extracted_days=0, dirt=replace(sim.CLEAN, late=0.5))(3)
    missing = tables.truth["after"].sum() - tables.counts()["after"].sum()
    assert missing > 0
    assert missing == tables.truth["recorded_too_late"].sum()


def test_people_outside_the_extract_are_in_the_truth_alone():
    confounds = (Attrition(absent=0.3, absent_ratio=1.5),)
    tables = sim.ForceExtract(careers=sim.Careers(people=200, rate=3.0, confounds=confounds))(2)
    inside = tables.truth["in_extract"]
    assert 0.55 < inside.mean() < 0.85
    assert set(tables.people["urn"]) == set(tables.truth["urn"][inside])
    np.testing.assert_array_equal(tables.counts()["after"], tables.truth["after"][inside])


def test_arrests_that_supervision_created_say_so():
    tables = replace(SPEC, dirt=sim.CLEAN)(3)
    created = tables.arrests["reason"].isin(["breach of bail", "recall"])
    after = tables.arrests["arrested"] >= pd.Timestamp("2012-05-01")
    assert not created[~after].any()
    expected = tables.world.seen("expected")[:, 1].sum() - tables.world.seen("offences")[:, 1].sum()
    assert abs(created.sum() - expected) < 4 * np.sqrt(expected)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_files_are_marked_and_read_back(made, form):
    files = made.files(form)
    assert all(name.startswith("SYNTHETIC_") for name in files)
    read = {"csv": lambda b: pd.read_csv(b, dtype={"urn": str}), "parquet": pd.read_parquet}[form]
    people = read(io.BytesIO(files[f"SYNTHETIC_people.{form}"]))
    assert people["urn"].tolist() == made.people["urn"].tolist()
    assert people["synthetic"].all()
    assert made.files("csv") == SPEC(7).files("csv")


def test_nothing_of_a_person_shows_in_its_repr(made):
    assert made.people["urn"][0] not in repr(made)


def test_what_cannot_be_is_refused():
    with pytest.raises(SpecError, match="aliases"):
        sim.Dirt(aliases=1.0)
    with pytest.raises(SpecError, match="pool"):
        sim.ForceExtract(careers=replace(CAREERS, pool=1000))
    with pytest.raises(SpecError, match="csv"):
        SPEC(1).files("xlsx")
