"""Counts and days at liberty of logs of events, against days ticked off one by one."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from iom_causal.data.events.panels import read_events
from iom_causal.data.extract_parts import Filter
from iom_causal.errors import InputError
from iom_causal.windows import Window
from tests.data.events.extracts import extract
from tests.oracles import days_ticked_off

SOME = 8
INSIDE = "on a day in custody, after that of reception"


def frames(people, events, spells):
    return (
        pd.DataFrame(people, columns=["id", "entry", "until"]),
        pd.DataFrame(events, columns=["id", "date", "record", "reason"]),
        pd.DataFrame(spells, columns=["id", "start", "end"]),
    )


def as_windows(spans):
    return [Window(f"w{k}", start, end, post=start >= 0) for k, (start, end) in enumerate(spans)]


def stored(tables, folder, ending):
    """The log and the spells in files."""
    paths = [folder / f"{name}.{ending}" for name in ("events", "spells")]
    for table, path in zip(tables, paths, strict=True):
        with duckdb.connect() as db:
            db.register("made", table.map(lambda cell: None if pd.isna(cell) else str(cell)))
            db.execute(f"COPY made TO '{path}'")
    return [str(path) for path in paths]


def observed(counts, free, after):
    """The counts, but for people with no day at risk in any window of a side: what is not observed is no 0."""
    rows = zip(counts, free, strict=True)
    return [
        [
            y if any(d for d, other in zip(days, after, strict=True) if other == side) else np.nan
            for y, side in zip(row, after, strict=True)
        ]
        for row, days in rows
    ]


def check(seed, folder=None, ending=""):
    """Read one random extract and compare it with the brute force; return what became of it."""
    rng = np.random.default_rng(seed)
    people, events, spells, spans, extracted, personal = extract(rng)
    rules = {"extracted": extracted, "index_event": ("keep", "exclude")[rng.integers(2)]}
    rules["in_custody"] = ("exclude", "keep")[seed % 2]
    only = None if rng.random() < 0.5 else ("offence", "recall")
    counts, free, why = days_ticked_off.counts(people, events, spells, windows=spans, only=only, **rules)
    inside = why.pop("inside", 0)
    filters = () if only is None else (Filter(column="reason", keep=only),)
    listed, *tables = frames(people, events, spells)
    try:
        read = read_events(
            listed,
            *(tables if folder is None else stored(tables, folder, ending)),
            windows=as_windows(spans),
            index_date="entry" if personal else people[0][1],
            record="record",
            until="until",
            filters=filters,
            **rules,
        )
    except InputError as error:
        if error.code == "IOM-E046":
            assert (np.sum(free, axis=0) == 0).any()
        elif error.code == "IOM-E023":
            listed = {who for who, *_ in people}
            assert not listed & {e[0] for e in events if only is None or e[3] in only}
        else:
            raise
        return error.code
    days = np.broadcast_to(read.panel.exposure, read.panel.outcome.shape)
    np.testing.assert_array_equal(read.panel.outcome, observed(counts, free, [start >= 0 for start, _ in spans]))
    assert days.tolist() == free
    of_events = [s for s in read.flow.steps if s.table == "events"]
    excluded = {s.what: s.number for s in of_events if s.role == "excluded" and "filter" not in s.what}
    assert excluded == why
    assert read.flow.number("events", INSIDE) == inside + why[INSIDE]
    assert read.flow.number("events", "counted") == np.sum(counts)
    for name in ("people", "events", "custody"):
        of = {
            role: sum(s.number for s in read.flow.steps if (s.table, s.role) == (name, role))
            for role in ("all", "excluded", "used")
        }
        assert of["all"] == of["excluded"] + of["used"]
    return "read"


@pytest.mark.parametrize("block", range(4))
def test_random_extracts_are_counted_as_ticking_off_days_counts_them(block):
    became = [check(seed) for seed in range(50 * block, 50 * block + 50)]
    assert became.count("read") >= 40


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_read_in_parts_give_the_same(ending, tmp_path, monkeypatch):
    monkeypatch.setattr("iom_causal.data.events.stored.VECTORS", 1)
    became = [check(seed, tmp_path, ending) for seed in range(SOME)]
    assert became.count("read") >= 0.8 * SOME


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_many_files_read_in_parts_give_the_same(ending, tmp_path):
    assert [check(seed, tmp_path, ending) for seed in range(SOME, 100)].count("read") >= 75
