"""Counts and days at liberty of logs of events, against days ticked off one by one."""

import numpy as np
import pandas as pd
import pytest

from iom_causal.data.events.panels import read_events
from iom_causal.data.extract_parts import Filter
from iom_causal.errors import InputError
from iom_causal.windows import Window
from tests.data.events.extracts import extract
from tests.oracles import days_ticked_off

NOT_EVENTS = {"rows in the log", "counted", "on a day in custody, after that of reception"}


def frames(people, events, spells):
    return (
        pd.DataFrame(people, columns=["id", "entry", "until"]),
        pd.DataFrame(events, columns=["id", "date", "record", "reason"]),
        pd.DataFrame(spells, columns=["id", "start", "end"]),
    )


def as_windows(spans):
    return [Window(f"w{k}", start, end, post=start >= 0) for k, (start, end) in enumerate(spans)]


def check(seed):
    """Read one random extract and compare it with the brute force; return what became of it."""
    rng = np.random.default_rng(seed)
    people, events, spells, spans, extracted, personal = extract(rng)
    rules = {"extracted": extracted, "index_event": ("keep", "exclude")[rng.integers(2)]}
    only = None if rng.random() < 0.5 else ("offence", "recall")
    counts, free, why = days_ticked_off.counts(people, events, spells, windows=spans, only=only, **rules)
    inside = why.pop("inside", 0)
    filters = () if only is None else (Filter(column="reason", keep=only),)
    try:
        read = read_events(
            *frames(people, events, spells),
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
    assert read.panel.outcome.tolist() == counts
    assert days.tolist() == free
    of_events = [s for s in read.flow.steps if s.table == "events"]
    excluded = {s.what: s.number for s in of_events if s.what not in NOT_EVENTS and "filter" not in s.what}
    assert excluded == why
    assert read.flow.number("events", "on a day in custody, after that of reception") == inside
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
