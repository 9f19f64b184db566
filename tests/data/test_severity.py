"""Harm-weighted outcomes: the user's table of weights, from frames and files into panels, reports and manifests."""

import json
import tomllib

import numpy as np
import pandas as pd
import pytest

import iom_causal as iom
from iom_causal.analysis.study_people import read_people
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.reading.columns import Fact
from iom_causal.data.severity import SeverityTable, WeightsFile, offences_in
from iom_causal.errors import InputError, IomCausalError, SpecError
from iom_causal.panel import Panel
from iom_causal.protocol.draft.start import written as written_draft
from iom_causal.protocol.study import load_study
from iom_causal.windows import Window

WEIGHTS = {"theft": 2.0, "assault": 30.5, "caution": 0.0}
TABLE = SeverityTable(name="Invented harm", version="2024-04", weights=WEIGHTS)
HIDDEN = "a code that nobody may see"
WEIGHTS_FILE = '{ file = "weights.csv", name = "Invented harm", version = "2024-04" }'
STUDY = """[study]
title = "Ours"
invented = true
[study.extract]
file = "people.csv"
id = "urn"
windows = [
    {{ label = "before", start = -365, end = 0 }},
    {{ label = "after", start = 0, end = 365, post = true }},
]
{layout}
outcomes = [
    {{ name = "arrests", kind = "count", columns = {arrests} }},
    {{ name = "harm", kind = "amount", columns = {columns}, weights = {weights} }},
]
"""


def counts(n=40, rng=1):
    generator = np.random.default_rng(rng)
    return {code: generator.poisson(mean, (n, 2)) for code, mean in zip(WEIGHTS, (3.0, 0.5, 1.0), strict=True)}


def by_hand(y):
    return sum(WEIGHTS[code] * values for code, values in y.items())


def wide(y):
    columns = {
        f"{code} {side}": values[:, k] for code, values in y.items() for k, side in enumerate(("before", "after"))
    }
    total = {f"arrests {side}": sum(y.values())[:, k] for k, side in enumerate(("before", "after"))}
    return pd.DataFrame({"urn": [f"p{k}" for k in range(len(y["theft"]))]} | total | columns)


def written(folder, frame=None, weights=None, *, columns='["{code} before", "{code} after"]'):
    (wide(counts()) if frame is None else frame).to_csv(folder / "people.csv", index=False)
    table = pd.DataFrame({"code": list(WEIGHTS), "weight": list(WEIGHTS.values())}) if weights is None else weights
    table.to_csv(folder / "weights.csv", index=False)
    arrests = '["arrests before", "arrests after"]'
    (folder / "study.toml").write_text(
        STUDY.format(layout="", arrests=arrests, columns=columns, weights=WEIGHTS_FILE), encoding="utf-8"
    )
    return folder / "study.toml"


def test_an_amount_is_the_weighted_sum_of_counts_and_says_by_which_table():
    y = counts()
    made = TABLE.panel({code: Panel.from_arrays(values, name=code) for code, values in y.items()})
    assert made.outcome.tolist() == by_hand(y).tolist()
    assert (made.kind, made.name) == ("amount", "harm")
    assert made.notes[-1] == (
        "each event counts by its weight in Invented harm (2024-04), 3 kinds of offence, 1 of them of weight 0"
    )
    assert TABLE.note in iom.RateRatio()(made).notes
    total = by_hand(y).sum(0)
    assert iom.RateRatio()(made).estimate == pytest.approx(total[1] / total[0])


def test_an_offence_that_happened_to_nobody_is_left_out_and_one_that_is_missing_is_missing():
    y = counts()
    gone = y["theft"].astype(float)
    gone[3, 1] = np.nan
    theft = Panel.from_arrays(gone, name="theft", missing="keep")
    assault = Panel.from_arrays(y["assault"].astype(float), name="assault", missing="keep")
    made = TABLE.panel({"theft": theft, "assault": assault}, name="weighed harm")
    assert np.isnan(made.outcome).nonzero()[0].tolist() == [3]
    assert made.outcome[0].tolist() == (2 * y["theft"] + 30.5 * y["assault"])[0].tolist()


def test_events_are_weighed_row_by_row():
    events = pd.DataFrame({"offence": ["theft", "assault", "caution"]})
    assert TABLE.weights_of(events["offence"]).tolist() == [2.0, 30.5, 0.0]
    numbered = SeverityTable(name="numbered", weights={"101": 1.0, "102": 2.0})
    for codes in ([101, 102], [101.0, 102.0], ["101", " 102 "], pd.Series([101, 102])):
        assert numbered.weights_of(codes).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (["theft", HIDDEN, HIDDEN], "2 rows have codes that are not in 'Invented harm' (positions 1 and 2)"),
        (["theft", None], "1 row has no code (position 1)"),
        (["theft", float("nan")], "1 row has no code (position 1)"),
    ],
)
def test_an_unknown_code_is_refused_without_showing_it(codes, message):
    with pytest.raises(InputError) as refused:
        TABLE.weights_of(codes)
    assert message in str(refused.value)
    assert HIDDEN not in str(refused.value)


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ({}, "IOM-E092"),
        ({"theft": -1.0}, "IOM-E076"),
        ({"theft": float("nan")}, "IOM-E076"),
        ({"theft": float("inf")}, "IOM-E076"),
        ({"theft": 0.0}, "IOM-E076"),
    ],
)
def test_weights_that_are_none(weights, code):
    with pytest.raises(IomCausalError, match=code):
        SeverityTable(name="Invented harm", weights=weights)
    with pytest.raises(SpecError, match="IOM-E092"):
        SeverityTable(name=" ", weights=WEIGHTS)


OTHER = Panel.from_arrays(np.ones((40, 2), dtype=int), name="assault")
WINDOWS = (Window("earlier"), Window("later", post=True))


@pytest.mark.parametrize(
    ("panels", "code"),
    [
        ({}, "IOM-E061"),
        ({"fraud": OTHER}, "IOM-E093"),
        ({"theft": OTHER, "assault": OTHER.where(np.arange(40) > 0)}, "IOM-E037"),
        ({"theft": OTHER, "assault": Panel.from_arrays(OTHER.outcome, windows=WINDOWS)}, "IOM-E047"),
        ({"theft": Panel.from_arrays(OTHER.outcome, kind="score")}, "IOM-E066"),
        (
            {"theft": Panel.from_arrays(OTHER.outcome, ids=np.arange(40)),
             "assault": Panel.from_arrays(OTHER.outcome, ids=np.arange(40)[::-1])},
            "IOM-E037",
        ),
    ],
)  # fmt: skip
def test_counts_that_do_not_fit_are_refused(panels, code):
    with pytest.raises(InputError, match=code):
        TABLE.panel(panels)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"code": ["a", "a"], "weight": [1.0, 2.0]}, "IOM-E039"),
        ({"code": ["a", None], "weight": [1.0, 2.0]}, "IOM-E034"),
        ({"code": ["a", "b"], "weight": [1.0, -2.0]}, "IOM-E076"),
        ({"code": ["a", "b"], "weight": [1.0, None]}, "IOM-E076"),
        ({"code": ["a", "b"]}, "IOM-E009"),
    ],
)
def test_a_table_with_faults_is_refused(frame, code, tmp_path):
    with pytest.raises(InputError, match=code):
        SeverityTable.from_frame(pd.DataFrame(frame), code="code", weight="weight", name="x")
    pd.DataFrame(frame).to_csv(tmp_path / "w.csv", index=False)
    with pytest.raises(InputError, match=code):
        WeightsFile(file="w.csv", name="x").read(tmp_path)


def test_a_file_and_a_frame_give_the_same_table(tmp_path):
    frame = pd.DataFrame({"offence": [101, 102], "days": [1.5, 0]})
    frame.to_csv(tmp_path / "w.csv", index=False)
    read = WeightsFile(file="w.csv", name="x", version="1", code="offence", weight="days").read(tmp_path)
    assert read == SeverityTable.from_frame(frame, code="offence", weight="days", name="x", version="1")
    assert dict(read.weights) == {"101": 1.5, "102": 0.0}


def test_a_study_reads_counts_by_offence_as_harm(tmp_path):
    study = written(tmp_path)
    people = read_people(study)
    assert people.cohort["harm"].outcome.tolist() == by_hand(counts()).tolist()
    assert TABLE.note in people.cohort["harm"].notes
    assert TABLE.note in people.notes
    assert Fact("harm: counts by offence, each weighted by Invented harm (2024-04)", 40) in people.facts
    assert people.record()["severity_tables"] == {"harm": TABLE.record()}
    again = tmp_path / "again.toml"
    again.write_text(load_study(study).to_toml(), encoding="utf-8")
    assert load_study(again) == load_study(study)


def test_a_long_table_holds_a_column_for_each_offence(tmp_path):
    y = counts()
    sides = [
        pd.DataFrame(
            {"urn": [f"p{i:02}" for i in range(40)], "when": side, "arrests": sum(y.values())[:, k]}
            | {f"n {c}": v[:, k] for c, v in y.items()}
        )
        for k, side in enumerate(("before", "after"))
    ]
    study = written(tmp_path, pd.concat(sides))
    text = STUDY.format(
        layout='layout = "long"\nperiod = "when"', arrests='["arrests"]', columns='["n {code}"]', weights=WEIGHTS_FILE
    )
    study.write_text(text, encoding="utf-8")
    assert read_people(study).cohort["harm"].outcome.tolist() == by_hand(y).tolist()


def test_columns_of_offences_without_a_weight_are_refused_and_others_are_not_taken_for_them(tmp_path):
    with pytest.raises(InputError, match="IOM-E093: harm: 1 offence is not in the table 'Invented harm': '"):
        read_people(written(tmp_path, wide(counts()).assign(**{"fraud before": 1, "fraud after": 0})))
    with pytest.raises(InputError, match="IOM-E009"):
        read_people(written(tmp_path, wide(counts()).drop(columns="theft after")))
    with pytest.raises(InputError, match="IOM-E009: outcome 'harm': no column is named"):
        read_people(written(tmp_path, columns='["{code} pre", "{code} post"]'))
    with pytest.raises(SpecError, match="once in the name of each column"):
        load_study(written(tmp_path, columns='["before", "after"]'))


def test_offences_are_those_of_any_window_in_order_of_columns():
    names = ["b after", "a before", "b before", "before", "c.x before"]
    assert offences_in(names, ["{code} before", "{code} after"]) == ("b", "a", "c.x")


@pytest.mark.slow
def test_an_evaluation_names_the_table_on_its_page_and_in_its_manifest(tmp_path):
    result = iom.evaluate(written(tmp_path), quick=True)
    folder = tmp_path / "out"
    result.write(folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["severity_tables"]["harm"]["name"] == "Invented harm"
    page = (folder / "report.html").read_text("utf-8")
    assert "harm: counts by offence, each weighted by Invented harm (2024-04)" in page


def test_the_lines_on_weights_in_a_first_draft_are_those_that_a_study_takes():
    draft = written_draft(Guesses(), "people.csv")
    lines = [
        line.removeprefix("# ") for line in draft.splitlines() if "weights = {" in line or '"{code} before"' in line
    ]
    text = "outcomes = [\n" + "\n".join(lines) + "\n]"
    entry = tomllib.loads(text)["outcomes"][0]
    assert entry["weights"]["file"] == "weights.csv"
