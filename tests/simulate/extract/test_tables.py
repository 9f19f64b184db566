"""The tables and files of a synthetic extract: the same from the same seed, whole, marked, and nobody's."""

import datetime as dt
import hashlib
import io
import json
import os
import pickle
import subprocess
import sys
from dataclasses import fields, replace

import pandas as pd
import pytest

from iom_causal import simulate as sim
from iom_causal.errors import InputError, SpecError
from tests.simulate.extract.force import CAREERS, MUCH, SPEC, TABLES
from tests.work import STATUS


@pytest.fixture(scope="module")
def made():
    return SPEC(7)


def test_more_people_leave_the_others_rows_as_they_are(made):
    more = replace(SPEC, careers=replace(CAREERS, people=450))(7)
    mine = {*made.people["urn"], *made.people["linked_urn"]}
    for name in (*TABLES, "truth"):
        table = getattr(more, name)
        rows = table[table["urn"].isin(mine)].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, getattr(made, name))


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


@pytest.mark.slow
@pytest.mark.skipif(not STATUS.exists(), reason="what a program held at most is read from /proc")
def test_a_million_arrests_come_without_a_loop_over_them_and_in_two_gigabytes():
    code = (
        "import pickle, sys; from tests.work import calls, most_resident; "
        "spec, small = pickle.loads(sys.stdin.buffer.read()); small(1).counts(); found = []; "
        "made = calls(lambda: found.append(len(spec(1).arrests)) or spec(1).counts()); "
        "print(*found, made, most_resident())"
    )
    spec = replace(SPEC, careers=replace(CAREERS, people=200_000, rate=2.4))
    ran = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps((spec, SPEC)), capture_output=True, check=True
    )
    arrests, made, gigabytes = map(float, ran.stdout.split())
    assert arrests > 1e6
    assert made < arrests / 2  # a loop over arrests makes a call each
    assert gigabytes < 2  # it takes 1.1, its columns of text in Arrow and one copy of a table on the way


def test_urns_are_text_of_eight_digits_and_nobody_shares_one(made):
    urns = [*made.people["urn"], *made.people["linked_urn"][made.people["linked_urn"] != ""]]
    assert len(set(urns)) == len(urns)
    assert all(len(u) == 8 and u.isdigit() for u in urns)
    assert any(u.startswith("0") for u in urns)


def test_nothing_is_recorded_before_it_was_and_nobody_is_arrested_in_custody():
    tables = replace(SPEC, fault_rates=replace(MUCH, attendances=0.0, bail_returns=0.0))(3)
    arrests, custody = tables.arrests, tables.custody
    assert (SPEC(3).arrests["recorded"] >= SPEC(3).arrests["arrested"]).all()
    assert (arrests["offence_date"] <= arrests["arrested"]).all()
    first = dict(zip(tables.people["linked_urn"], tables.people["urn"], strict=True))
    both = arrests.assign(urn=[first.get(u, u) for u in arrests["urn"]]).merge(custody, on="urn")
    inside = (both["arrested"] > both["received"] + pd.Timedelta(seconds=1)) & (both["arrested"] < both["released"])
    assert not inside.any()


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
    tables = replace(SPEC, fault_rates=MUCH)(7)
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
    with pytest.raises(InputError, match=r"stands? under a URN that no person has") as caught:
        lost.counts()
    for text in (repr(made), str(made), repr(made.spec), str(caught.value)):
        assert not any(s in text for s in secret)


@pytest.mark.parametrize("rate", [1.0, -0.1, float("nan"), "often", True])
def test_a_share_that_cannot_be_is_refused(rate):
    for f in fields(sim.FaultRates):
        with pytest.raises(SpecError, match=f.name) as caught:
            sim.FaultRates(**{f.name: rate})
        assert caught.value.code == "IOM-E092"


def test_what_cannot_be_is_refused():
    with pytest.raises(SpecError, match="less than 1"):
        sim.FaultRates(deaths=0.5, moves=0.5)
    with pytest.raises(SpecError, match="index_date"):
        sim.ForceExtract(careers=replace(CAREERS, index_date=dt.date(2015, 1, 1)), index_date=dt.date(2012, 5, 1))
    with pytest.raises(SpecError, match="FaultRates"):
        sim.ForceExtract(careers=CAREERS, fault_rates=0.1)
    with pytest.raises(SpecError, match="extracted_days"):
        sim.ForceExtract(careers=CAREERS, extracted_days=-1)
    with pytest.raises(SpecError, match="csv"):
        SPEC(1).files("xlsx")


def test_writing_an_extract_says_what_it_cleared(made, tmp_path):
    hidden, told = tmp_path / f".x-{2**22 + 1}-x", []  # of a process that is no more
    hidden.mkdir()
    made.write(tmp_path / "x", progress=told.append)
    assert not hidden.exists()
    assert told == ["note: what stopped runs of the same work had left beside it in hidden folders is cleared"]
