"""Who was managed: found in columns and sheets, asked about where not sure, and read."""

import numpy as np
import pandas as pd
import pytest

from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.managed import of_others
from iom_causal.errors import InputError, SpecError
from tests.data.walk import walk

N = 60
IOM = np.arange(N) % 2 == 0


def frame(**columns):
    """People with two counts, and further columns: a list of cells is repeated."""
    k = np.arange(N)
    data = {"urn": [f"u{i}" for i in k], "arrests 24m before": k % 7, "arrests 24m after": np.where(IOM, k % 3, k % 6)}
    more = {n: [v[i % len(v)] for i in k] if isinstance(v, list) else v for n, v in columns.items()}
    return pd.DataFrame(data | more)


def walked(folder, table, edits=()):
    file = folder / "people.csv"
    table.to_csv(file, index=False)
    return walk(folder, file, dict(edits))


def group(found):
    return found.people.cohort["arrests"].group.tolist()


@pytest.mark.parametrize(
    ("columns", "key", "said", "edits"),
    [
        (
            {"IOM": ["Yes", "No"], "Scheme": ["Yes", "No", "No"]},
            "group",
            '"IOM" or "Scheme"',
            {"group": 'group = "IOM"'},
        ),
        (
            {"IOM": ["Yes", "No"], "Cohort": ["Treated", "Control", "Control"]},
            "group",
            '"IOM" or "Cohort"',
            {"group": 'group = "IOM"', "managed": 'managed = ["Yes"]'},
        ),
        (
            {"Group": ["a", "b"], "Cohort": ["x", "y"]},
            "group",
            '"Group" or "Cohort"',
            {"group": 'group = "Group"', "managed": 'managed = ["a"]'},
        ),
        (
            {"Arm": ["IOM", "none", "IOM", "Other scheme"]},
            "managed",
            "who is neither",
            {"managed": 'managed = ["IOM"]'},
        ),
        ({"Site": ["IOM pilot", *"bcdefghi"]}, "managed", "who is neither", {"managed": 'managed = ["IOM pilot"]'}),
        ({"Drug treatment": ["y", "n"]}, "managed", "what stands in", {"managed": 'managed = ["y"]'}),
        ({"group": ["IOM", "IOM refused"]}, "managed", "what stands", {"managed": 'managed = ["IOM"]'}),
        ({"PPO": ["PPO", "non-PPO"]}, "managed", "what stands in", {"managed": 'managed = ["PPO"]'}),
        ({"Area": ["pilot", "rest of force"]}, "managed", "what stands in", {"managed": 'managed = ["pilot"]'}),
        ({"waitlist": ["no", "yes"]}, "managed", "what stands in", {"managed": 'managed = ["no"]'}),
        ({"selected": [1, 0]}, "managed", "what stands in", {"managed": 'managed = ["1"]'}),
        ({"in_programme": ["1", None]}, "managed", "30 cells are empty in", {"managed": "managed = []"}),
        ({"IOM": ["Yes", None]}, "managed", "30 cells are empty in", {"managed": "managed = []"}),
        ({"On IOM?": ["x", None]}, "managed", "30 cells are empty in", {"managed": "managed = []"}),
        (
            {"date adopted": ["2019-03-01", None, "2019-06-01", None]},
            "managed",
            "30 people",
            {"managed": "managed = []"},
        ),
    ],
    ids=str,
)
def test_what_is_not_sure_is_asked_and_its_answer_is_read(columns, key, said, edits, tmp_path):
    table = frame(**columns)
    found = walked(tmp_path, table, edits)
    assert found.asked[0] == key
    assert found.asked == tuple(edits)
    (tmp_path / "study" / "study.toml").unlink()
    assert said in walked(tmp_path, table).told.replace('\\"', '"')
    want = IOM if "Site" not in columns else np.arange(N) % 9 == 0
    assert group(found) == want.tolist()


@pytest.mark.parametrize(
    "columns",
    [
        {"Team": ["IOM North", "IOM South"]},
        {"Force": [f"Force {c}" for c in "ABCDEFGHI"]},
        {"RAG": ["Red", "Amber", "Green"]},
        {"Drug misuse (Y/N)": ["Y", "N", "N/K"]},
        {"Employed": ["yes", "no", "none"]},
        {"First 6 months on IOM: arrests": [0, 1, 2, 3]},
        {"Status": ["Adopted", "De-adopted"]},
        {"Sentence start": ["2019-03-01", "2019-06-01", "2019-07-01"]},
    ],
    ids=str,
)
def test_other_columns_set_nobody_apart_and_ask_nothing(columns, tmp_path):
    found = walked(tmp_path, frame(**columns))
    assert found.asked == ()
    assert all(group(found))
    assert "\nentry =" not in found.text


def test_our_force_beside_a_neighbour_is_the_managed_one(tmp_path):
    found = walked(tmp_path, frame(Force=["Ours", "Neighbour"]))
    assert found.asked == ()
    assert group(found) == IOM.tolist()


def test_columns_that_tell_the_same_people_apart_are_one(tmp_path):
    found = walked(tmp_path, frame(Group=["IOM", "Comparison"], Managed=["1", "0"]))
    assert found.asked == ()
    assert group(found) == IOM.tolist()


def test_nine_forces_are_carried_along(tmp_path):
    assert 'covariates = ["Force"]' in walked(tmp_path, frame(Force=[f"Force {c}" for c in "ABCDEFGHI"])).text


def test_everybodys_own_day_is_the_index_date_where_windows_are_counted_from_it(tmp_path):
    days = [f"2019-0{m}-1{d}" for m in range(1, 10) for d in range(3)]
    found = walked(tmp_path, frame(**{"Date adopted": days, "Date de-adopted": ["2020-01-01", None]}))
    assert found.asked == ()
    assert "'Date de-adopted'" in " ".join(found.started.steps)
    panel = found.people.cohort["arrests"]
    assert panel.index_date.astype(str).tolist() == [days[k % len(days)] for k in range(N)]
    assert [w.days for w in panel.windows] == [730, 730]


@pytest.mark.parametrize(
    ("names", "asked", "edits"),
    [
        (("IOM", "Comparison"), (), {}),
        (("Control group", "Cohort"), (), {}),
        (("Comparators", "IOM 2021"), (), {}),
        (("North", "South"), ("sheet",), {"sheet": 'sheet = "North"', "# others": 'others = "South"'}),
    ],
    ids=str,
)
def test_two_sheets_alike_are_one_table(names, asked, edits, tmp_path):
    table = frame()
    managed = table[IOM] if not of_others(names[0]) else table[~IOM]
    with pd.ExcelWriter(tmp_path / "people.xlsx") as book:
        managed.to_excel(book, sheet_name=names[0], index=False)
        table.drop(managed.index).to_excel(book, sheet_name=names[1], index=False)
    found = walk(tmp_path, tmp_path / "people.xlsx", edits)
    assert found.asked == asked
    panel = found.people.cohort["arrests"]
    assert panel.group.tolist() == [True] * 30 + [False] * 30
    order = [*table[IOM].index, *table[~IOM].index]
    assert panel.outcome.tolist() == table.loc[order].iloc[:, 1:3].to_numpy().tolist()
    told = dict(found.people.facts)
    assert told["people in the file"] == N
    assert next(n for what, n in told.items() if what.startswith("people who were not managed")) == N / 2


def test_the_larger_sheet_is_not_the_managed_one_where_its_name_says_otherwise(tmp_path):
    table = frame()
    with pd.ExcelWriter(tmp_path / "people.xlsx") as book:
        table[IOM].iloc[:20].to_excel(book, sheet_name="IOM 2021", index=False)
        table[~IOM].assign(**{"Thefts before": 1, "Thefts after": 0}).to_excel(book, sheet_name="Waiting", index=False)
    assert 'sheet = "IOM 2021"' in walk(tmp_path, tmp_path / "people.xlsx", {}).text


def test_sheets_of_teams_are_asked_about_and_read_as_one_table(tmp_path):
    table = frame()
    with pd.ExcelWriter(tmp_path / "people.xlsx") as book:
        for k, team in enumerate(("North", "East", "West")):
            table[k::3].to_excel(book, sheet_name=team, index=False)
    three = {"sheet": 'sheets = ["North", "East", "West"]', "# covariates": 'covariates = ["sheet"]'}
    found = walk(tmp_path, tmp_path / "people.xlsx", three)
    assert found.asked == ("sheet",)
    panel = found.people.cohort["arrests"]
    assert panel.n == N
    assert np.unique(panel.covariates["sheet"], return_counts=True)[1].tolist() == [N / 3] * 3


def test_a_file_of_others_is_read_beside_that_of_the_managed(tmp_path):
    table = frame()
    table[~IOM].to_csv(tmp_path / "others.csv", index=False)
    found = walked(tmp_path, table[IOM], {"# others": 'others = "../others.csv"'})
    assert group(found) == [True] * 30 + [False] * 30
    table[~IOM].rename(columns={"urn": "id"}).to_csv(tmp_path / "others.csv", index=False)
    (tmp_path / "study" / "study.toml").unlink()
    found = walked(tmp_path, table[IOM], {"# others": 'others = "../others.csv"'})
    assert found.code == "IOM-E009"
    assert "people who were not managed, 'others.csv': expected the same columns" in found.told
    assert "1 is in one of them only: 'urn'" in found.told


def test_a_column_that_is_not_read_may_be_in_one_sheet_alone(tmp_path):
    table = frame()
    with pd.ExcelWriter(tmp_path / "people.xlsx") as book:
        table[IOM].assign(**{"Risk band": "high"}).to_excel(book, sheet_name="IOM", index=False)
        table[~IOM].to_excel(book, sheet_name="Non IOM", index=False)
    found = walk(tmp_path, tmp_path / "people.xlsx", {})
    assert 'others = "Non IOM"' in found.text
    assert group(found) == [True] * 30 + [False] * 30


def test_rows_of_the_others_are_named_as_theirs():
    first = Sheet(columns={"n": np.array(["1", "2"], dtype=object)}, rows=2)
    both = first.beside(Sheet(columns={"n": np.array([3.0, np.nan])}, rows=2), "managed")
    assert both["n"].tolist() == ["1", "2", 3.0, None]
    assert both.at(both["managed"] == False) == " (rows 1 of the others and 2 of the others)"  # noqa: E712
    with pytest.raises(InputError, match="2 are in one of them only"):
        first.beside(Sheet(columns={"m": np.array([3.0])}, rows=1), "managed")


def test_others_and_a_column_of_groups_are_given_once():
    two = (ExtractWindow(label="before", months=12), ExtractWindow(label="after", months=12, post=True))
    what = (ExtractOutcome(name="arrests", kind="count", columns=("a", "b")),)
    with pytest.raises(SpecError, match="give it, or the column"):
        Extract(file="a.csv", id="urn", outcomes=what, windows=two, others="b.csv", group="iom")
    ours = Extract(file="a.csv", id="urn", outcomes=what, windows=two, others="b.csv", selected=True)
    assert ours.files == ("a.csv", "b.csv")
    assert Extract(file="a.xlsx", id="urn", outcomes=what, windows=two, others="B").files == ("a.xlsx",)
