"""The faults of a synthetic extract: each comes at its rate and stands where the list says."""

import re
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from iom_causal import simulate as sim
from tests.simulate.extract.force import BAND, CAREERS, SPEC, TABLES


@pytest.fixture(scope="module")
def made():
    return SPEC(7)


def records_of(t):
    """The first row of each custody record."""
    return t.arrests.sort_values("arrested", kind="stable").drop_duplicates("custody_record")


def offences_of(t):
    return records_of(t)[lambda rows: rows["reason"] == "offence"]


def could_be_attendances(t):
    after = offences_of(t)[lambda rows: rows["arrested"] >= "2012-11-12"]
    return after[~after["arrested"].isin(t.custody["received"])]


def one_is(rows, which):
    """For each custody record, whether one of its rows is such."""
    records = rows["custody_record"]
    return records.drop_duplicates().isin(records[which(rows)])


def split(t):
    ordered = t.custody.sort_values(["urn", "received"], kind="stable")
    again = ordered["urn"].eq(ordered["urn"].shift()) & (ordered["received"] < ordered["released"].shift())
    return again.shift(-1, fill_value=False)[~again]


def without_score(t):
    last = t.scores["scored"].max()
    due = t.people["urn"][~(t.people["removed"] <= last)]
    return ~due.isin(t.scores["urn"][t.scores["scored"] == last])


def day_first(t):
    bodies = [body for name, body in t.files("csv").items() if name.split(".")[0][10:] in TABLES]
    other, days = (sum(len(re.findall(form, body)) for body in bodies) for form in (OTHER_FORM, ISO_DAY))
    return np.repeat([True, False], [other, days])


OTHER_FORM, ISO_DAY = rb"\b\d\d/\d\d/\d{4}\b", rb"\b\d{4}-\d\d-\d\d(?=,|\n)"


UNKNOWN = {"sex": "U", "ethnicity_16_1": "NS", "ethnicity_6_1": "0"}
BEFALLS = {
    "aliases": lambda t: t.people["linked_urn"] != "",
    "january": lambda t: t.people["date_of_birth"].dt.strftime("%m%d") == "0101",
    "unknown": lambda t: t.people[list(UNKNOWN)] == list(UNKNOWN.values()),
    "deaths": lambda t: t.people["removed_reason"] == "died",
    "moves": lambda t: t.people["removed_reason"] == "moved",
    "deselected": lambda t: t.people["removed_reason"] == "de-selected",
    "earlier_offences": lambda t: offences_of(t).eval("offence_date < arrested.dt.floor('D')"),
    "duplicates": lambda t: one_is(t.arrests, pd.DataFrame.duplicated),
    "bail_returns": lambda t: one_is(
        t.arrests.query("type == 'arrest'"), lambda r: r["disposal"] == "bailed to return"
    ),
    "attendances": lambda t: could_be_attendances(t)["type"] == "voluntary attendance",
    "late": lambda t: records_of(t)["recorded"] - records_of(t)["arrested"] > pd.Timedelta(days=29),
    "odd_codes": lambda t: records_of(t)[["offence_code", "disposal"]].isin(["N/K", "-99", ""]),
    "overlaps": split,
    "missing_scores": without_score,
    "repeated_scores": lambda t: t.scores.groupby(["urn", "scored"])["version"].max() == 2,
    "mixed_dates": day_first,
}
"""Of the tables: what each sort can befall, and whether it did."""


def comes_at_its_rate(tables, sort):
    befell = np.asarray(BEFALLS[sort](tables))
    share = getattr(tables.spec.fault_rates, sort)
    share += (sort == "january") * (1 - share) * 4 / 1461  # birthdays on that day
    assert abs(befell.mean() - share) < BAND * np.sqrt(share * (1 - share) / befell.size)


@pytest.mark.parametrize("sort", BEFALLS)
def test_each_sort_comes_at_its_rate_and_no_other_with_it(sort):
    careers = replace(CAREERS, drop_out=None)
    tables = replace(SPEC, careers=careers, fault_rates=replace(sim.CLEAN, **{sort: 0.2}))(5)
    comes_at_its_rate(tables, sort)
    assert set(tables.faults["sort"]) == {sort}


@pytest.fixture(scope="module")
def usual():
    careers = replace(CAREERS, people=20_000, drop_out=None)
    return replace(SPEC, careers=careers, fault_rates=sim.FaultRates(mixed_dates=0.1))(6)


@pytest.mark.parametrize("sort", BEFALLS)
def test_each_sort_comes_at_its_usual_rate_among_all_others(usual, sort):
    comes_at_its_rate(usual, sort)


def test_every_sort_has_its_rate_tested():
    assert set(BEFALLS) == {f.name for f in fields(sim.FaultRates)}


def test_no_sort_befalls_what_it_cannot():
    shares = dict.fromkeys(("attendances", "earlier_offences", "missing_scores"), 0.6)
    tables = replace(SPEC, careers=replace(CAREERS, drop_out=None), fault_rates=replace(sim.CLEAN, **shares))(5)
    created = tables.arrests["reason"] != "offence"
    attended = tables.arrests["type"] == "voluntary attendance"
    assert attended.any()
    assert not (attended & (created | (tables.arrests["arrested"] < "2012-11-12"))).any()
    held = tables.arrests.merge(tables.custody, left_on=["urn", "arrested"], right_on=["urn", "received"])
    assert set(held["type"]) == {"arrest"}
    assert (tables.arrests["offence_date"] == tables.arrests["arrested"].dt.floor("D"))[created].all()
    assert set(tables.people["urn"]) == set(tables.scores["urn"][tables.scores["scored"] < "2012-05-01"])


def test_faults_say_which_rows_and_cells_they_are(made):
    here = made.faults[made.faults["row"].notna()]
    for (name, column), part in here.groupby(["table", "column"]):
        table = getattr(made, name)
        assert part["row"].between(0, len(table) - 1).all()
        assert not column or column in table
    codes = here[here["column"] == "offence_code"]
    odd = np.flatnonzero(made.arrests["offence_code"].isin(["N/K", "-99", ""]))
    np.testing.assert_array_equal(codes["row"].to_numpy(dtype=int), odd)
    late = here[here["sort"] == "late"]["row"].to_numpy(dtype=int)
    assert (made.arrests["recorded"] - made.arrests["arrested"]).iloc[late].min() >= pd.Timedelta(days=9)
    unsaid = here[here["column"] == "sex"]["row"].to_numpy(dtype=int)
    np.testing.assert_array_equal(unsaid, np.flatnonzero(made.people["sex"] == "U"))


def test_one_sort_of_fault_leaves_the_others_where_they_are(made):
    without = replace(SPEC, fault_rates=replace(sim.FaultRates(), late=0.0, duplicates=0.0))(7)
    pd.testing.assert_frame_equal(without.custody, made.custody)
    pd.testing.assert_frame_equal(without.people, made.people)
    columns = ["custody_record", "arrested", "offence_code", "disposal", "reason", "type", "urn"]
    once = made.arrests[~made.arrests.duplicated()]
    mine, others = (t.sort_values(columns)[columns].reset_index(drop=True) for t in (once, without.arrests))
    pd.testing.assert_frame_equal(mine, others)
