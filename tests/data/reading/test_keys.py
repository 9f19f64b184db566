"""Every key of a study's files: read, so that another value gives another result, or refused."""

import csv
import datetime as dt
from dataclasses import fields, replace

import numpy as np
import pytest

from iom_causal.data.event_files import CustodyFile, EventsFile
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow, Filter, Monthly
from iom_causal.data.extracts import Extract
from iom_causal.data.files.reading import Conversion
from iom_causal.data.pool_file import PoolFile
from iom_causal.data.reading.panels import read_extract
from iom_causal.data.reading.pool_file import read_pool
from iom_causal.data.severity import WeightsFile
from iom_causal.errors import IomCausalError

LAUNCH = dt.date(2019, 1, 1)
N = 24


def day(offset):
    return (LAUNCH + dt.timedelta(days=offset)).isoformat()


PEOPLE = [
    {
        "urn": f"P{k:03}",
        "other urn": f"Q{k:03}",
        "arrests pre": 3 + k % 3,
        "arrests post": 1 + k % 2,
        "charges pre": k % 2,
        "charges post": 1,
        "days pre": 300 + k,
        "days post": 290,
        "prison pre": k,
        "prison post": 2,
        "harm theft pre": k % 4,
        "harm theft post": 1,
        "risk": f"{k + 20}.5",
        "age": 30 + k,
        "born": day(-12000 - k),
        "joined": day(k),
        "began": "after" if k < 6 else "",
        "managed": int(k < 6),
        "kind": "a" if k < 6 else "b",
        "alike": k % 2,
        "left": day(200) if k < 12 else "",
        "why": "moved",
        "team": "NS"[k % 2],
    }
    for k in range(N)
]
LOG = [
    {
        "urn": f"P{k % N:03}",
        "alias": f"Q{(k + 1) % N:03}" if k else "P000",
        "day": day(-100 + 7 * k),
        "recorded": day(-99 + 9 * k),
        "record": f"C{k % N}",
        "harm": f"{k}.5",
        "reason": "recall" if k % 3 else "theft",
    }
    for k in range(30)
]
SPELLS = [
    {"urn": f"P{k:03}", "alias": f"P{k + 1:03}", "in": day(60), "seen": day(62), "out": day(80), "freed": day(99)}
    for k in range(4)
]
WEIGHTS = [{"code": "theft", "named": "fraud", "weight": 2.5, "days": 3}]
POOL = [
    {
        "pre": f"{k % 5}.0",
        "post": 1,
        "other": 2,
        "n": 1 + k % 2,
        "got in": k % 2,
        "days pre": 365,
        "days post": 300 + k,
        "days": 200,
    }
    for k in range(20)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    tables = {"people": PEOPLE, "log": LOG, "spells": SPELLS, "weights": WEIGHTS, "pool": POOL}
    others = {name + "2": rows[:-1] or [WEIGHTS[0] | {"weight": 5}] for name, rows in tables.items()}
    others["people3"] = [row | {"urn": "R" + row["urn"]} for row in PEOPLE]
    for name, rows in (tables | others).items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            out = csv.DictWriter(file, list(rows[0]))
            out.writeheader()
            out.writerows(rows)
    return folder


ARRESTS = ExtractOutcome(name="arrests", kind="count", columns=("arrests pre", "arrests post"))
WINDOWS = (
    ExtractWindow(label="before", start=-365, end=0),
    ExtractWindow(label="after", start=0, end=365, post=True),
)
PLAIN = Extract(file="people.csv", id="urn", outcomes=(ARRESTS,), windows=WINDOWS, index_date=LAUNCH)
EVENTS = EventsFile(file="log.csv", id="urn", date="day")
CUSTODY = CustodyFile(file="spells.csv", id="urn", start="in", end="out")
LOGGED = replace(PLAIN, outcomes=(ExtractOutcome(name="arrests", kind="count"),), events=EVENTS, custody=CUSTODY)
HARM = ExtractOutcome(
    name="harm",
    kind="amount",
    columns=("harm {code} pre", "harm {code} post"),
    weights=WeightsFile(file="weights.csv", name="W"),
)
COMPARED = replace(PLAIN, group="managed")
FILTERED = replace(PLAIN, filters=(Filter(column="team", keep=("N",)),))
LONGER = (ExtractWindow(label="before", months=12), ExtractWindow(label="after", months=12, post=True))
STARTED = replace(PLAIN, start="began")
OWN = PoolFile(file="pool.csv", columns=("pre", "post"))

HOW = {"sheet": "S", "encoding": "utf-16", "separator": ";", "skip_rows": 1, "header_rows": 2, "drop_rows": ("hidden",)}
READ = HOW | {"decimal": ",", "dates": "dd/mm/yyyy", "missing": ("3", day(80))}
"""A value of each key of the reading of a file."""
KEYS = {
    Extract: {
        **{key: (replace(PLAIN, covariates=("age",)), {key: value}) for key, value in HOW.items()},
        "decimal": (replace(PLAIN, filters=(Filter(column="risk", low=1),)), {"decimal": ","}),
        "dates": (replace(PLAIN, date_of_birth="born"), {"dates": "dd/mm/yyyy"}),
        "missing": (PLAIN, {"missing": (3,)}),
        "file": (PLAIN, {"file": "people2.csv"}),
        "id": (PLAIN, {"id": "other urn"}),
        "outcomes": (PLAIN, {"outcomes": (replace(ARRESTS, columns=("charges pre", "charges post")),)}),
        "windows": (PLAIN, {"windows": (replace(WINDOWS[0], start=-200), WINDOWS[1])}),
        "months": (
            PLAIN,
            {"windows": (), "months": Monthly(first=LAUNCH, after=dt.date(2019, 2, 1), last=dt.date(2019, 2, 1))},
        ),
        "equal_windows": (PLAIN, {"equal_windows": True}),
        "layout": (PLAIN, {"layout": "long"}),
        "sheets": (PLAIN, {"sheets": ("N", "S")}),
        "period": (PLAIN, {"period": "team"}),
        "days_at_risk": (PLAIN, {"days_at_risk": ("days pre", "days post")}),
        "custody_days": (PLAIN, {"custody_days": ("prison pre", "prison post")}),
        "age": (PLAIN, {"age": "age"}),
        "date_of_birth": (PLAIN, {"date_of_birth": "born"}),
        "entry": (replace(PLAIN, index_date=None), {"entry": "joined"}),
        "index_date": (replace(PLAIN, date_of_birth="born"), {"index_date": dt.date(2018, 1, 1)}),
        "extracted": (PLAIN, {"extracted": LAUNCH}),
        "group": (PLAIN, {"group": "managed"}),
        "managed": (COMPARED, {"managed": (0.0,)}),
        "start": (PLAIN, {"start": "began"}),
        "others": (PLAIN, {"others": "people3.csv"}),
        "selected": (COMPARED, {"selected": "alike"}),
        "events": (LOGGED, {"events": None}),
        "custody": (LOGGED, {"custody": None}),
        "until": (LOGGED, {"until": "left"}),
        "until_reason": (replace(LOGGED, until="left"), {"until_reason": "why"}),
        "other_ids": (replace(LOGGED, events=replace(EVENTS, id="alias")), {"other_ids": ("other urn",)}),
        "covariates": (PLAIN, {"covariates": ("team",)}),
        "filters": (PLAIN, {"filters": FILTERED.filters}),
        "guessed": None,
    },
    EventsFile: {
        **{key: (EVENTS, {key: value}) for key, value in HOW.items()},
        "decimal": (replace(EVENTS, filters=(Filter(column="harm", low=1),)), {"decimal": ","}),
        "dates": (EVENTS, {"dates": "dd/mm/yyyy"}),
        "missing": (EVENTS, {"missing": (day(-100),)}),
        "file": (EVENTS, {"file": "log2.csv"}),
        "id": (EVENTS, {"id": "alias"}),
        "date": (EVENTS, {"date": "recorded"}),
        "record": (EVENTS, {"record": "record"}),
        "filters": (EVENTS, {"filters": (Filter(column="reason", drop=("recall",)),)}),
        "index_event": (replace(EVENTS, date="recorded"), {"index_event": "exclude"}),
        "in_custody": (EVENTS, {"in_custody": "keep"}),
    },
    CustodyFile: {
        **{key: (CUSTODY, {key: value}) for key, value in READ.items()},
        "missing": (CUSTODY, {"missing": (day(80),)}),
        "file": (CUSTODY, {"file": "spells2.csv"}),
        "id": (CUSTODY, {"id": "alias"}),
        "start": (CUSTODY, {"start": "seen"}),
        "end": (CUSTODY, {"end": "freed"}),
    },
    PoolFile: {
        **{key: (OWN, {key: value}) for key, value in READ.items()},
        "decimal": (OWN, {"decimal": ","}),
        "file": (OWN, {"file": "pool2.csv"}),
        "columns": (OWN, {"columns": ("pre", "other")}),
        "people": (OWN, {"people": "n"}),
        "days_at_risk": (OWN, {"days_at_risk": ("days pre", "days")}),
        "selected": (OWN, {"selected": "got in"}),
    },
    WeightsFile: {
        **{key: (HARM.weights, {key: value}) for key, value in READ.items()},
        "decimal": (HARM.weights, {"decimal": ","}),
        "file": (HARM.weights, {"file": "weights2.csv"}),
        "name": (HARM.weights, {"name": "V"}),
        "version": (HARM.weights, {"version": "2"}),
        "code": (HARM.weights, {"code": "named"}),
        "weight": (HARM.weights, {"weight": "days"}),
    },
    ExtractOutcome: {
        "name": (ARRESTS, {"name": "charges"}),
        "kind": (ARRESTS, {"kind": "score"}),
        "columns": (ARRESTS, {"columns": ("charges pre", "charges post")}),
        "only": (ARRESTS, {"only": FILTERED.filters}),
        "missing": (ARRESTS, {"missing": "keep"}),
        "weights": (
            replace(HARM, weights=None, columns=("harm theft pre", "harm theft post")),
            {"weights": HARM.weights},
        ),
    },
    ExtractWindow: {
        "label": (WINDOWS[1], {"label": "later"}),
        "start": (WINDOWS[1], {"start": 10}),
        "end": (WINDOWS[1], {"end": 300}),
        "post": (WINDOWS[1], {"post": False}),
        "period": (WINDOWS[1], {"period": "2"}),
        "months": (LONGER[1], {"months": 6}),
        "days": (LONGER[1], {"months": None, "days": 30}),
    },
    Filter: {
        "column": (FILTERED.filters[0], {"column": "reason"}),
        "keep": (FILTERED.filters[0], {"keep": ("S",)}),
        "drop": (FILTERED.filters[0], {"drop": ("N",)}),
        "low": (Filter(column="age", low=1), {"low": 35}),
        "high": (Filter(column="age", low=1), {"high": 35}),
        "reason": (FILTERED.filters[0], {"reason": "r"}),
    },
}
"""For each class and key what it is stated of, and what is stated."""
CASES = [(kind, key, *case) for kind, keys in KEYS.items() for key, case in keys.items() if case is not None]


def extract_of(spec):
    """Return an extract that reads by a part."""
    before = LONGER[0] if getattr(spec, "length", None) else WINDOWS[0]
    places = {
        EventsFile: (LOGGED, "events", spec),
        CustodyFile: (LOGGED, "custody", spec),
        WeightsFile: (PLAIN, "outcomes", (replace(HARM, weights=spec),)),
        ExtractOutcome: (PLAIN, "outcomes", (spec,)),
        ExtractWindow: (PLAIN, "windows", (before, spec)),
        Filter: (PLAIN, "filters", (spec,)),
        Extract: (spec, "file", spec.file if isinstance(spec, Extract) else ""),
    }
    extract, key, value = places[type(spec)]
    return replace(extract, **{key: value})


def result(spec, folder):
    """Return all that reading gives, in a form that is compared."""
    if isinstance(spec, PoolFile):
        read = read_pool(spec, PLAIN, "arrests", folder)
        return str([read.facts, read.notes, *(np.asarray(v).tolist() for v in vars(read.population).values())])
    read = read_extract(extract_of(spec), folder)
    panels = [
        (
            name,
            p.kind,
            p.windows,
            *(np.asarray(getattr(p, f.name)).tolist() for f in fields(p) if f.name != "covariates"),
        )
        for name, p in read.cohort.items()
    ]
    covariates = [sorted(p.covariates) for p in read.cohort.values()]
    return str([panels, covariates, read.facts, read.notes, read.flows, read.severity])


@pytest.mark.parametrize(("kind", "key", "spec", "change"), CASES, ids=[f"{k.__name__}.{key}" for k, key, *_ in CASES])
def test_a_key_is_read_or_refused(folder, kind, key, spec, change):
    assert isinstance(spec, kind)
    assert key in change
    usual = result(spec, folder)
    try:
        changed = result(replace(spec, **change), folder)
    except IomCausalError as error:
        changed = str(error)
    assert changed != usual


def test_no_key_is_without_a_case():
    for kind, keys in KEYS.items():
        assert set(keys) == {field.name for field in fields(kind)}, kind
    assert set(READ) == {field.name for field in fields(Conversion)}
