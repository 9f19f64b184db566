"""One validation behind frames, files and plain columns: what is refused, and how rows are named."""

import numpy as np
import pandas as pd
import pytest

from iom_causal.errors import InputError
from iom_causal.panel import Long, Panel, Where, Wide
from iom_causal.panel.where import named
from iom_causal.windows import Window

PEOPLE = {"id": np.array(["a", "b", "c"]), "y1": np.array([3, 2, 5]), "y2": np.array([1, 2, 0])}
WIDE = Wide(unit="id", before=("y1",), after=("y2",))
ROWS = {
    "id": np.array(["a", "a", "b", "b"]),
    "when": np.array([0, 1, 0, 1]),
    "y": np.array([3, 1, 2, 2]),
    "entered": np.array(["2020-01-05", "2020-01-05", "2021-03-01", "2021-03-01"], dtype="M8[D]"),
}
LONG = Long(unit="id", period="when", outcome="y", after=(1,))
LINES = np.array([2, 3, 9, 12])


def refusal(columns, layout, **settings):
    with pytest.raises(InputError) as caught:
        Panel.from_columns(columns, layout, **({"kind": "count"} | settings))
    return str(caught.value)


def test_columns_and_frames_give_the_same_panel():
    wide = Panel.from_wide(pd.DataFrame(PEOPLE), unit="id", pre="y1", post="y2", kind="count")
    assert Panel.from_columns(PEOPLE, WIDE, kind="count").equals(wide)
    long = Panel.from_long(pd.DataFrame(ROWS), unit="id", period="when", outcome="y", post=1, kind="count")
    assert Panel.from_columns(ROWS, LONG, kind="count").equals(long)


@pytest.mark.parametrize(
    ("changes", "code", "rows"),
    [
        ({"id": np.array(["a", "c", "c"])}, "IOM-E020", "(positions 1 and 2)"),
        ({"id": np.array(["a", None, "c"], dtype=object)}, "IOM-E021", "(position 1)"),
        ({"y1": np.array([3, -2, 5])}, "IOM-E030", "(position 1)"),
        ({"y1": np.array([3, 2.5, 5])}, "IOM-E031", "(position 1)"),
        ({"y2": np.array([np.nan, 2, np.nan])}, "IOM-E034", "(positions 0 and 2)"),
    ],
)
def test_a_frame_names_positions_of_rows_and_never_its_index(changes, code, rows):
    frame = pd.DataFrame(PEOPLE | changes, index=["urn7", "urn8", "urn9"])
    with pytest.raises(InputError) as caught:
        Panel.from_wide(frame, unit="id", pre="y1", post="y2", kind="count")
    assert str(caught.value).startswith(code)
    assert rows in str(caught.value)
    assert "urn" not in str(caught.value)
    assert rows in refusal(PEOPLE | changes, WIDE)


def test_rows_are_named_and_advice_is_given_as_the_caller_says():
    where = Where(
        rows=lambda faulty: named(LINES[faulty].tolist(), "row"), column="field {}".format, empty="blank", keep="ask"
    )
    gaps = ROWS | {"y": np.array([3, 1, np.nan, 2])}
    assert refusal(gaps, LONG, where=where) == "IOM-E034: field y: 1 blank (row 9); ask"
    shared = ROWS | {"when": np.array([0, 1, 1, 1])}
    assert "2 rows share their person and 'when' with another (rows 9 and 12)" in refusal(shared, LONG, where=where)


def test_a_person_without_a_row_for_a_period_is_refused_or_kept():
    short = {name: column[:3] for name, column in ROWS.items()}
    assert "IOM-E034: column 'when': 1 row is not there, a person and window each" in refusal(short, LONG)
    assert Panel.from_columns(short, LONG, kind="count", missing="keep").n_complete == 1


def test_everybody_may_have_an_index_date_of_ones_own():
    layout = Long(unit="id", period="when", outcome="y", after=(1,), entry="entered")
    assert Panel.from_columns(ROWS, layout, kind="count").index_date.astype(str).tolist() == [
        "2020-01-05",
        "2021-03-01",
    ]
    moved = ROWS | {"entered": ROWS["entered"] + np.arange(4)}
    assert "IOM-E039: column 'entered': differs between rows of the same person for 2 people" in refusal(moved, layout)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": PEOPLE["id"], "y1": PEOPLE["y1"]}, "IOM-E009: no column 'y2'"),
        (PEOPLE | {"y2": np.array([1, 2])}, "IOM-E037: columns: expected all of one length, got 3 and 2 rows"),
        ({name: column[:0] for name, column in PEOPLE.items()}, "IOM-E002"),
    ],
)
def test_columns_that_are_no_table(columns, message):
    assert message in refusal(columns, WIDE)


def test_exposure_is_a_number_or_a_column_of_each_window():
    layout = Wide(unit="id", before=("y1",), after=("y2",), exposure=("days", 365))
    panel = Panel.from_columns(PEOPLE | {"days": np.array([10, 20, 30])}, layout, kind="count")
    assert panel.exposure.tolist() == [[10, 365], [20, 365], [30, 365]]


def test_a_note_on_age_is_made_once_however_often_the_panel_is_cut():
    windows = [Window("a"), Window("b"), Window("c", post=True)]
    panel = Panel.from_arrays([[1, 2, 3], [4, 1, 3]], age=[105, 40], windows=windows, exposure=365)
    assert len(panel.where([True, True]).prepost().notes) == len(panel.notes) == 1
