"""Months as windows, and a column of starts, as a study file states them and a file holds them."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from iom_causal.base.specs import toml_value
from iom_causal.data.extract_parts import ExtractOutcome, Monthly
from iom_causal.data.extracts import Extract
from iom_causal.data.guesses.guess import guess
from iom_causal.data.guesses.questions import Question
from iom_causal.data.reading.panels import read_extract
from iom_causal.errors import InputError, SpecError
from iom_causal.panel import Panel
from iom_causal.protocol.draft.extract_keys import AFTER_MONTH
from iom_causal.protocol.study import load_study
from tests.data.alike import alike, drafted

MONTHS = Monthly(first=dt.date(2011, 11, 30), after=dt.date(2012, 1, 15), last=dt.date(2012, 3, 1))
LABELS = [w.label for w in MONTHS.windows]
COUNTS = [[1, 2, 0, 1, 3], [0, 2, 2, 1, 1], [4, 0, 1, 0, 0]]
WIDE = Extract(
    file="people.csv",
    id="urn",
    start="entered",
    months=MONTHS,
    outcomes=(ExtractOutcome(name="arrests", kind="count", columns=tuple(LABELS)),),
)
LONG = replace(
    WIDE, layout="long", period="month", outcomes=(ExtractOutcome(name="arrests", kind="count", columns=("arrests",)),)
)


def asked_after(day):
    """What stands at the month in which the introduction is, before anybody filled it in."""
    return toml_value(Question("months.after", AFTER_MONTH.format(day)).text)


def panel(folder, entered, extract=WIDE):
    frame = pd.DataFrame(COUNTS, columns=LABELS).assign(urn=["a", "b", "c"], entered=entered)
    if extract.layout == "long":
        frame = frame.melt(id_vars=["urn", "entered"], var_name="month", value_name="arrests")
    frame.to_csv(folder / "people.csv", index=False)
    return read_extract(extract, folder).cohort["arrests"]


def test_months_are_whole_calendar_months_in_order():
    spans = WIDE.spans
    assert [w.days for w in spans] == [30, 31, 31, 29, 31]
    assert [w.post for w in spans] == [False, False, True, True, True]
    assert [later.start for later in spans[1:]] == [w.end for w in spans[:-1]]
    assert WIDE.day_zero == dt.date(2012, 1, 1)


@pytest.mark.parametrize("extract", [WIDE, LONG], ids=["wide", "long"])
@pytest.mark.parametrize(
    "entered", [["2012-02", "", "2012-01"], ["2012-02-29", "", "2012-01-01"], [np.nan, "2012-03-31", "2012-03-01"]]
)
def test_a_start_is_a_window_or_a_day_in_it(tmp_path, extract, entered):
    read = panel(tmp_path, entered, extract)
    wanted = [LABELS.index(str(e)[:7]) if isinstance(e, str) and e else None for e in entered]
    assert read.start.tolist() == wanted
    assert read.group.tolist() == [k is not None for k in wanted]
    assert read.outcome.tolist() == COUNTS


@pytest.mark.parametrize("extract", [WIDE, LONG], ids=["wide", "long"])
@pytest.mark.parametrize(
    ("entered", "said"),
    [
        (["2012-05-01", "", ""], "IOM-E047: column 'entered': "),
        (["2011-10-31", "", ""], "lies in none of the windows|lie in none of the windows"),
        (["", "", ""], "IOM-E061: column 'entered': it is empty"),
        (["soon", "", ""], "IOM-E05"),
    ],
)
def test_a_start_outside_the_windows_is_refused(tmp_path, extract, entered, said):
    with pytest.raises(InputError, match=said) as error:
        panel(tmp_path, entered, extract)
    assert "soon" not in str(error.value)


def test_windows_and_starts_are_stated_once():
    with pytest.raises(SpecError, match="windows or months"):
        replace(WIDE, months=replace(MONTHS, last=dt.date(2012, 4, 1)))
    with pytest.raises(SpecError, match="give windows, in order of time, or months"):
        replace(WIDE, windows=(), months=None)
    with pytest.raises(SpecError, match="start or group"):
        replace(WIDE, group="iom")
    with pytest.raises(SpecError, match="first after the introduction"):
        Monthly(first=dt.date(2012, 1, 1), after=dt.date(2012, 1, 1), last=dt.date(2012, 2, 1))


def test_a_frame_states_starts_by_label_or_period():
    frame = pd.DataFrame({"id": [1, 2], "y1": [4, 2], "y2": [1, 2], "y3": [0, 1], "first": ["y3", None]})
    settings = {"unit": "id", "pre": "y1", "post": ["y2", "y3"], "kind": "count"}
    assert Panel.from_wide(frame, start="first", **settings).start.tolist() == [2, None]
    long = pd.DataFrame(
        {"id": [1, 1, 2, 2], "year": [2015, 2016] * 2, "y": 1, "first": [2016.0, 2016.0] + [np.nan] * 2}
    )
    given = {"unit": "id", "period": "year", "outcome": "y", "kind": "count", "post": 2016}
    assert Panel.from_long(long, start="first", **given).start.tolist() == [1, None]
    with pytest.raises(InputError, match="1 value is none of the windows"):
        Panel.from_wide(frame.assign(first=["y4", None]), start="first", **settings)
    with pytest.raises(InputError, match="not both"):
        Panel.from_wide(frame.assign(g=1), start="first", group="g", **settings)


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_a_draft_knows_months_and_groups_of_people(tmp_path, layout):
    labels = [
        w.label for w in Monthly(first=dt.date(2011, 8, 1), after=dt.date(2012, 1, 1), last=dt.date(2012, 4, 1)).windows
    ]
    counts = np.arange(40 * len(labels)).reshape(40, -1) % 7
    frame = pd.DataFrame(counts, columns=[f"arrests {m}" if layout == "wide" else m for m in labels])
    frame = frame.assign(urn=[f"p{k}" for k in range(40)], sex=["f", "m"] * 20)
    if layout == "long":
        frame = frame.melt(id_vars=["urn", "sex"], var_name="month", value_name="arrests")
    frame.to_csv(tmp_path / "people.csv", index=False)
    found = guess(tmp_path / "people.csv")
    assert (found.months, found.levels) == (("2011-08", "2012-04"), ("sex",))
    started = drafted(tmp_path / "out", source=tmp_path / "people.csv")
    assert started.to_edit == ("months",)
    text = started.file.read_text(encoding="utf-8").replace(asked_after("2012-04-01"), "2012-01-01")
    started.file.write_text(text, encoding="utf-8")
    study = load_study(alike(started.file))
    read = read_extract(study.extract, study.folder).cohort["arrests"]
    assert [w.label for w in read.windows] == labels
    assert read.n == 40
    assert set(read.covariates["sex"].tolist()) == {"f", "m"}


def test_months_with_a_gap_are_no_months(tmp_path):
    names = [f"arrests 2011-{k:02d}" for k in (1, 2, 3, 4, 5, 7, 8)]
    pd.DataFrame([[1, 2, 3, 4, 5, 6, 7]] * 3, columns=names).assign(urn=["a", "b", "c"]).to_csv(
        tmp_path / "people.csv", index=False
    )
    assert guess(tmp_path / "people.csv").months == ()


def monthly(folder, *, form="%Y-%m-%d", joined=("2012-01-01", "2012-03-01", ""), managed=(), layout="long", days=1):
    """Forty people over nine months, in turn with these days of entry."""
    months = pd.date_range("2011-08-01", periods=9, freq="MS")
    counts = np.arange(40 * len(months)).reshape(40, -1) % 7
    told = {"urn": [f"p{k}" for k in range(40)], "joined": [spelt(joined[k % len(joined)], form) for k in range(40)]}
    told |= {"managed": [managed[k % len(managed)] for k in range(40)]} if managed else {}
    if layout == "wide":
        frame = pd.DataFrame(counts, columns=[f"arrests {m:%Y-%m}" for m in months]).assign(**told)
    else:
        shown = [(m + pd.Timedelta(days=days - 1)).strftime(form) for m in months]
        frame = pd.DataFrame(counts, columns=shown).assign(**told)
        frame = frame.melt(id_vars=list(told), var_name="month", value_name="arrests")
    frame.to_csv(folder / "people.csv", index=False)
    return drafted(folder / "out", source=folder / "people.csv")


def spelt(day, form):
    return pd.Timestamp(day).strftime(form) if day[:1] == "2" else day


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"layout": "wide"},
        {"form": "%d/%m/%Y"},
        {"days": 28},
        {"joined": ("2012-01-15", "2012-03-31", "")},
        {"joined": ("2012-01", "2012-03", "")},
        {"joined": ("2012-01-01", "2012-03-01", "never")},
        {"managed": ("1", "1", "0")},
    ],
    ids=str,
)
def test_months_that_are_days_and_days_of_entry_go_through_a_draft(tmp_path, settings):
    begun = monthly(tmp_path, **settings)
    assert begun.to_edit == ()
    assert {"start", "months"} <= set(begun.guessed)
    study = load_study(alike(begun.file))
    read = read_extract(study.extract, study.folder).cohort["arrests"]
    assert [w.label for w in read.windows][:2] == ["2011-08", "2011-09"]
    assert [w.post for w in read.windows] == [False] * 5 + [True] * 4
    wanted = [(5, 7, None)[k % 3] for k in range(40)]
    assert sorted(read.start.tolist(), key=str) == sorted(wanted, key=str)
    assert read.outcome.sum() == (np.arange(360) % 7).sum()


def test_a_day_of_those_who_were_not_managed_does_not_make_them_managed(tmp_path):
    begun = monthly(tmp_path, joined=("2012-01-01", "2012-02-01"), managed=("1", "0"))
    assert begun.to_edit == ("months",)
    begun.file.write_text(
        begun.file.read_text(encoding="utf-8").replace(asked_after("2012-04-01"), "2012-01-01"),
        encoding="utf-8",
    )
    extract = load_study(alike(begun.file)).extract
    assert (extract.group, extract.start) == ("managed", "")


def test_a_column_of_treatment_by_window_is_asked_about_and_no_outcome(tmp_path):
    months = [f"2011-{k:02d}" for k in range(1, 9)]
    frame = pd.DataFrame(
        [(p, m, int(m > "2011-04" and p < 20), (p + k) % 3) for p in range(40) for k, m in enumerate(months)]
    )
    frame.columns = ["urn", "month", "treated", "arrests"]
    frame.to_csv(tmp_path / "people.csv", index=False)
    begun = drafted(tmp_path / "out", source=tmp_path / "people.csv")
    assert set(begun.to_edit) == {"start", "months"}
    text = begun.file.read_text(encoding="utf-8").replace(asked_after("2011-08-01"), "2011-05-01")
    begun.file.write_text(text, encoding="utf-8")
    assert [o.name for o in load_study(alike(begun.file), planned=True).extract.outcomes] == ["arrests"]


def test_a_period_outside_the_months_is_told_how_periods_are_spelt(tmp_path):
    fewer = replace(LONG, windows=(), months=replace(MONTHS, last=dt.date(2012, 2, 1)))
    said = r'IOM-E047.*such as 2011-11, or as a day in it of the form dates = "yyyy-mm-dd"'
    with pytest.raises(InputError, match=said):
        panel(tmp_path, ["2012-02", "", "2012-01"], fewer)


def test_a_column_of_yes_and_no_says_who_was_selected_alike(tmp_path):
    rows = "".join(f"u{k},{int(k < 20)},{'' if k < 20 else ('yes', 'no')[k % 2]},{k % 5},{k % 3}\n" for k in range(60))
    (tmp_path / "people.csv").write_text("urn,iom,alike,arrests 12m before,arrests 12m after\n" + rows, "utf-8")
    begun = drafted(tmp_path / "out", source=tmp_path / "people.csv")
    begun.file.write_text(
        begun.file.read_text(encoding="utf-8").replace("# selected = true", 'selected = "alike"'), encoding="utf-8"
    )
    study = load_study(begun.file)
    panel = read_extract(study.extract, study.folder).cohort["arrests"]
    assert panel.selected[20:].tolist() == [k % 2 == 0 for k in range(20, 60)]
