"""A synthetic extract: cleaning it by its rules gives back what was put in."""

import datetime as dt
import hashlib
import io
import json
import os
import pickle
import re
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from iom_causal import simulate as sim
from iom_causal.confounds import Attrition, Breach, Custody
from iom_causal.errors import InputError, SpecError
from iom_causal.windows import Selection, Window

CAREERS = sim.Careers(
    people=400,
    rate=4.0,
    drift_sd=0.4,
    women=0.2,
    confounds=(Custody(custody_per_arrest=0.3, stay_years=0.3, free_at_start=0.8), Breach(after=0.4, unit="per_year")),
    score=sim.Score(per_event=10, error_sd=40),
    drop_out=sim.DropOut(share=0.2),
    programme=sim.Programme(ratio=0.8),
)
SPEC = sim.ForceExtract(careers=CAREERS)
MUCH = sim.Dirt(**{f.name: 0.3 for f in fields(sim.Dirt)})
UNEVEN = (
    Window("earlier", -700, -400),
    Window("before", -300, 0),
    Window("after", 30, 200, post=True),
    Window("later", 200, 549, post=True),
)
TABLES = ("people", "arrests", "custody", "scores")
SECOND = 1 / 86_400
BAND = 4.0
"""Standard errors: one figure in sixteen thousand lies outside by chance, and seeds are fixed."""


@pytest.fixture(scope="module")
def made():
    return SPEC(7)


def agree(tables):
    found = tables.counts().set_index("urn")
    truth = tables.truth[tables.truth["in_extract"]].set_index("urn")
    pd.testing.assert_frame_equal(found, truth[found.columns], check_exact=True, check_dtype=False)


@pytest.mark.parametrize("dirt", [None, sim.Dirt(), MUCH], ids=["none", "usual", "much"])
@pytest.mark.parametrize("windows", [CAREERS.windows, UNEVEN], ids=["two windows", "four with gaps"])
def test_cleaning_gives_back_the_truth_exactly(dirt, windows):
    tables = replace(SPEC, careers=replace(CAREERS, windows=windows), dirt=dirt)(3)
    agree(tables)


@pytest.mark.parametrize("sort", [f.name for f in fields(sim.Dirt)])
def test_each_sort_of_fault_is_cleaned_away(sort):
    agree(replace(SPEC, dirt=replace(sim.CLEAN, **{sort: 0.6}))(3))


@pytest.mark.parametrize("windows", [CAREERS.windows, UNEVEN], ids=["two windows", "four with gaps"])
def test_the_truth_is_that_of_the_world(windows):
    tables = replace(SPEC, careers=replace(CAREERS, windows=windows), dirt=None)(3)
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


def test_without_dirt_nothing_is_wrong():
    tables = replace(SPEC, dirt=None)(3)
    assert tables.faults.empty
    assert (tables.arrests["type"] == "arrest").all()
    assert tables.arrests["custody_record"].is_unique
    assert (tables.people["linked_urn"] == "").all()
    assert tables.people["removed"].isna().all()
    assert len(tables.arrests) == tables.world.seen("events").sum()
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(tables, name), getattr(replace(SPEC, dirt=sim.CLEAN)(3), name))


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
    share = getattr(tables.spec.dirt, sort)
    share += (sort == "january") * (1 - share) * 4 / 1461  # birthdays on that day
    assert abs(befell.mean() - share) < BAND * np.sqrt(share * (1 - share) / befell.size)


@pytest.mark.parametrize("sort", BEFALLS)
def test_each_sort_comes_at_its_rate_and_no_other_with_it(sort):
    careers = replace(CAREERS, drop_out=None)
    tables = replace(SPEC, careers=careers, dirt=replace(sim.CLEAN, **{sort: 0.2}))(5)
    comes_at_its_rate(tables, sort)
    assert set(tables.faults["sort"]) == {sort}


@pytest.fixture(scope="module")
def usual():
    careers = replace(CAREERS, people=20_000, drop_out=None)
    return replace(SPEC, careers=careers, dirt=sim.Dirt(mixed_dates=0.1))(6)


@pytest.mark.parametrize("sort", BEFALLS)
def test_each_sort_comes_at_its_usual_rate_among_all_others(usual, sort):
    comes_at_its_rate(usual, sort)


def test_every_sort_has_its_rate_tested():
    assert set(BEFALLS) == {f.name for f in fields(sim.Dirt)}


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


def test_more_people_leave_the_others_rows_as_they_are(made):
    more = replace(SPEC, careers=replace(CAREERS, people=450))(7)
    mine = {*made.people["urn"], *made.people["linked_urn"]}
    for name in (*TABLES, "truth"):
        table = getattr(more, name)
        rows = table[table["urn"].isin(mine)].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, getattr(made, name))


def test_one_sort_of_fault_leaves_the_others_where_they_are(made):
    without = replace(SPEC, dirt=replace(sim.Dirt(), late=0.0, duplicates=0.0))(7)
    pd.testing.assert_frame_equal(without.custody, made.custody)
    pd.testing.assert_frame_equal(without.people, made.people)
    columns = ["custody_record", "arrested", "offence_code", "disposal", "reason", "type", "urn"]
    once = made.arrests[~made.arrests.duplicated()]
    mine, others = (t.sort_values(columns)[columns].reset_index(drop=True) for t in (once, without.arrests))
    pd.testing.assert_frame_equal(mine, others)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(made):
    for form in ("csv", "parquet"):
        assert made.files(form) == SPEC(7).files(form)
    assert made.files() != SPEC(8).files()


def test_another_process_writes_the_same_bytes(made):
    code = (
        "import hashlib, pickle, sys; spec = pickle.loads(sys.stdin.buffer.read()); "
        "print(*(hashlib.sha256(body).hexdigest() for body in spec(7).files().values()))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "NUMBA_NUM_THREADS": "1"}
    again = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(SPEC), capture_output=True, check=True, env=environment
    )
    assert again.stdout.decode().split() == [hashlib.sha256(body).hexdigest() for body in made.files().values()]


def test_urns_are_text_of_eight_digits_and_nobody_shares_one(made):
    urns = [*made.people["urn"], *made.people["linked_urn"][made.people["linked_urn"] != ""]]
    assert len(set(urns)) == len(urns)
    assert all(len(u) == 8 and u.isdigit() for u in urns)
    assert any(u.startswith("0") for u in urns)


def test_nothing_is_recorded_before_it_was_and_nobody_is_arrested_in_custody():
    tables = replace(SPEC, dirt=replace(MUCH, attendances=0.0, bail_returns=0.0))(3)
    arrests, custody = tables.arrests, tables.custody
    assert (SPEC(3).arrests["recorded"] >= SPEC(3).arrests["arrested"]).all()
    assert (arrests["offence_date"] <= arrests["arrested"]).all()
    first = dict(zip(tables.people["linked_urn"], tables.people["urn"], strict=True))
    both = arrests.assign(urn=[first.get(u, u) for u in arrests["urn"]]).merge(custody, on="urn")
    inside = (both["arrested"] > both["received"] + pd.Timedelta(seconds=1)) & (both["arrested"] < both["released"])
    assert not inside.any()


def test_nothing_is_handed_over_about_people_after_they_left():
    tables = replace(SPEC, dirt=replace(sim.Dirt(), deaths=0.2, moves=0.2, deselected=0.2))(3)
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
    tables = replace(SPEC, extracted_days=0, dirt=replace(sim.Dirt(), late=0.5, bail_returns=0.5))(3)
    found, truth = tables.counts(), tables.truth
    np.testing.assert_array_equal(found["after"] + truth["after_recorded_too_late"], truth["after"])
    np.testing.assert_array_equal(found["before"], truth["before"])
    lost = tables.faults[tables.faults["row"].isna() & (tables.faults["sort"] == "recorded_too_late")]
    assert len(lost) == truth["after_recorded_too_late"].sum() > 0
    assert tables.arrests["recorded"].max() <= pd.Timestamp("2013-11-01")


def test_spells_are_open_when_people_were_still_inside_on_the_day_of_the_extract():
    tables = replace(SPEC, extracted_days=0, dirt=None)(3)
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
    tables = replace(SPEC, dirt=None)(3)
    created = tables.arrests["reason"] != "offence"
    after = tables.arrests["arrested"] >= pd.Timestamp("2012-05-01")
    assert not created[~after].any()
    expected = tables.world.seen("expected")[:, 1].sum() - tables.world.seen("offences")[:, 1].sum()
    assert abs(created.sum() - expected) < BAND * np.sqrt(expected)
    assert created.sum() == tables.truth["after_supervision"].sum()


def test_some_arrests_after_entry_are_for_offences_before_it(made):
    arrests = made.arrests
    assert ((arrests["arrested"] >= "2012-05-01") & (arrests["offence_date"] < "2012-05-01")).sum() > 10


TEXT = {"urn": str, "linked_urn": str, "custody_record": str, "ethnicity_6_1": str, "column": str}
TIMES = ("date_of_birth", "adopted", "de_adopted", "removed", "arrested", "offence_date", "recorded", "received")


def read_csv(body):
    kept = {"keep_default_na": False, "na_values": {}}
    table = pd.read_csv(io.BytesIO(body), dtype=str, **kept)
    for column in table:
        if column in (*TIMES, "released", "scored"):
            text = table[column].where(table[column] != "")
            other = text.str.fullmatch(r"\d\d/\d\d/\d{4}", na=False)
            day_first = pd.to_datetime(text.where(other), format="%d/%m/%Y")
            table[column] = pd.to_datetime(text.where(~other), format="ISO8601").fillna(day_first).astype("M8[s]")
        elif column in ("version", "score"):
            table[column] = pd.to_numeric(table[column])
        elif column == "synthetic":
            table[column] = table[column] == "true"
    return table


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_files_read_back_as_the_tables_even_where_dates_are_mixed(form):
    tables = replace(SPEC, dirt=MUCH)(7)
    files = tables.files(form)
    assert sorted(files) == sorted(f"SYNTHETIC_{n}.{form}" for n in (*TABLES, "truth", "faults"))
    read = {"csv": read_csv, "parquet": lambda body: pd.read_parquet(io.BytesIO(body))}[form]
    back = {name: read(files[f"SYNTHETIC_{name}.{form}"]) for name in TABLES}
    for name in TABLES:
        table = getattr(tables, name).drop(columns=["force"], errors="ignore")
        assert back[name]["synthetic"].all()
        pd.testing.assert_frame_equal(
            back[name][table.columns].astype(table.dtypes), table, check_dtype=False, check_exact=True
        )
    found = replace_tables(tables, back).counts()
    pd.testing.assert_frame_equal(found, tables.counts())


def replace_tables(tables, back):
    return replace(tables, **back)


def test_parquet_says_in_its_metadata_that_it_is_synthetic(made, tmp_path):
    import duckdb

    for name, body in made.files("parquet").items():
        path = tmp_path / name
        path.write_bytes(body)
        with duckdb.connect() as db:
            said = db.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(path)]).fetchall()
        assert (b"synthetic", b"true") in said


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_it_is_written_whole_with_a_manifest_and_never_over_other_files(made, tmp_path, form):
    out = tmp_path / "extract"
    made.write(out, form)
    record = json.loads((out / "manifest.json").read_text())
    assert record["seed"] == 7
    assert record["synthetic"] is True
    assert {"iom-causal", "numpy", "duckdb", "python"} <= set(record["versions"])
    assert set(record["files"]) == {p.name for p in out.iterdir()} - {"manifest.json"}
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    made.write(out, form)
    assert before == {p.name: p.read_bytes() for p in out.iterdir()}
    (out / "mine.txt").write_text("mine")
    with pytest.raises(SpecError, match="did not write") as caught:
        made.write(out, form)
    assert caught.value.code == "IOM-E090"


def test_nothing_of_a_person_shows_in_its_repr_or_in_a_refusal(made):
    secret = {*made.people["urn"], *made.people["date_of_birth"].dt.strftime("%Y-%m-%d")}
    lost = replace(made, people=made.people.iloc[1:])
    with pytest.raises(InputError, match="stand under a URN that no person has") as caught:
        lost.counts()
    for text in (repr(made), str(made), repr(made.spec), str(caught.value)):
        assert not any(s in text for s in secret)


@pytest.mark.parametrize("rate", [1.0, -0.1, float("nan"), "often", True])
def test_a_share_that_cannot_be_is_refused(rate):
    for f in fields(sim.Dirt):
        with pytest.raises(SpecError, match=f.name) as caught:
            sim.Dirt(**{f.name: rate})
        assert caught.value.code == "IOM-E092"


def test_what_cannot_be_is_refused():
    with pytest.raises(SpecError, match="less than 1"):
        sim.Dirt(deaths=0.5, moves=0.5)
    with pytest.raises(SpecError, match="index_date"):
        sim.ForceExtract(careers=replace(CAREERS, index_date=dt.date(2015, 1, 1)), index_date=dt.date(2012, 5, 1))
    with pytest.raises(SpecError, match="Dirt"):
        sim.ForceExtract(careers=CAREERS, dirt=0.1)
    with pytest.raises(SpecError, match="extracted_days"):
        sim.ForceExtract(careers=CAREERS, extracted_days=-1)
    with pytest.raises(SpecError, match="csv"):
        SPEC(1).files("xlsx")


def test_windows_are_counted_from_the_day_of_the_careers():
    tables = replace(SPEC, careers=replace(CAREERS, index_date=dt.date(2015, 3, 29)))(3)
    assert set(tables.people["adopted"].dt.date) == {dt.date(2015, 3, 29)}
    agree(tables)
