"""A study whose people who were never managed are in a file of their own, read and checked as its own people are."""

import tomllib
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from iom_causal.analysis import ledgers
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.study_people import read_people
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.pool_file import OF_THE_POOL, PoolFile
from iom_causal.data.reading.columns import Fact
from iom_causal.data.reading.pool_file import A_PERSON_EACH, HISTORIES, IN_THE_POOL, NOT_READ, SELECTED, read_pool
from iom_causal.data.reading.source_population import AS_HIGH, PERHAPS_AGAIN
from iom_causal.errors import InputError, SpecError
from iom_causal.estimators import DiffInDiff
from iom_causal.inputs.pool import SourcePopulation
from iom_causal.protocol.draft.start import start
from iom_causal.protocol.draft.start import written as written_draft
from iom_causal.protocol.study import Study, load_study

STUDY = """[study]
title = "Ours"
evidence = ["picked-on-rate", "picked-on-count", "picked-on-count-and-stopping"]
selection = {{ variable = "arrests", windows = ["before"], rule = "top", threshold = 60, timing = "at_boundary" }}
[study.extract]
file = "people.csv"
id = "urn"
{group}
windows = [
    {{ label = "before", start = -365, end = 0 }},
    {{ label = "after", start = 0, end = 365, post = true }},
]
outcomes = [
    {{ name = "arrests", kind = "count", columns = ["y1", "y2"] }},
    {{ name = "risk", kind = "score", columns = ["x1", "x2"] }},
]
{pool}
"""
POOL = """[study.pool]
file = "others.csv"
columns = ["pre", "post"]
people = "how many"
"""


def people(n=600):
    rate = np.random.default_rng(3).gamma(1.2, 2.5, n)
    before, after = np.random.default_rng(4).poisson(rate, (2, n))
    frame = pd.DataFrame({"urn": [f"p{k}" for k in range(n)], "y1": before, "y2": after, "x1": 300, "x2": before})
    managed = np.isin(np.arange(n), np.lexsort((np.arange(n), -before))[:60])
    return frame.assign(iom=managed.astype(int))


def histories(frame):
    rows = frame.groupby(["y1", "y2"]).size().reset_index(name="how many")
    return rows.rename(columns={"y1": "pre", "y2": "post"})


def written(folder, *, pool=POOL, others=None):
    frame = people()
    frame[frame.iom == 1].to_csv(folder / "people.csv", index=False)
    others = histories(frame[frame.iom == 0]) if others is None else others
    others.to_csv(folder / "others.csv", index=False)
    study = folder / "study.toml"
    study.write_text(STUDY.format(group="", pool=pool), encoding="utf-8")
    return study


def together(folder):
    people().to_csv(folder / "people.csv", index=False)
    study = folder / "together.toml"
    study.write_text(STUDY.format(group='group = "iom"', pool=""), encoding="utf-8")
    return study


def test_a_study_of_undated_windows_of_unlike_number_is_refused_before_anything_is_worked_out(tmp_path):
    people().assign(y0=4).to_csv(tmp_path / "people.csv", index=False)
    text = STUDY.format(group='group = "iom"', pool="").replace(", start = -365, end = 0", "")
    text = text.replace(", start = 0, end = 365", "").replace(
        "windows = [\n", 'windows = [\n    { label = "earlier" },\n'
    )
    text = text.replace('["y1", "y2"]', '["y0", "y1", "y2"]').replace(
        "windows = [\n", "equal_windows = true\nwindows = [\n"
    )
    text = "\n".join(line for line in text.splitlines() if '"risk"' not in line)
    study = tmp_path / "three.toml"
    study.write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError, match=r"IOM-E048: arrests: expected as many windows .* got 2 and 1; give every window"
    ):
        read_people(study)


@pytest.mark.parametrize("names", [("pre 1", "post 1"), ("pre 2", "pre 1", "post 1")])
def test_a_draft_asks_for_the_lengths_of_windows_that_differ_in_number(tmp_path, names):
    rows = [f"p{k},{name},{k * len(name) % 5}" for k in range(30) for name in names]
    (tmp_path / "long.csv").write_text("\n".join(["urn,period,arrests", *rows]), encoding="utf-8")
    started = start(tmp_path / "study", source=tmp_path / "long.csv")
    assert "equal_windows" in started.to_edit
    text = started.file.read_text(encoding="utf-8")
    assert ("more windows on one side than on the other" in text) == (len(names) == 3)


def test_people_in_a_file_of_their_own_serve_as_those_in_the_file_of_the_managed(tmp_path):
    apart = read_people(written(tmp_path))
    (tmp_path / "one").mkdir()
    one = read_people(together(tmp_path / "one"))
    pool = SourcePopulation.of(apart.data("arrests"))
    assert float(pool.people) == 540
    assert pool.moments.mean_pre == SourcePopulation.of(one.data("arrests")).moments.mean_pre
    assert apart.data("risk").n == apart.cohort.n == 60
    assert apart.compared
    assert Fact(IN_THE_POOL, 540) in apart.facts
    (ours, *_), (theirs, *_) = (ledgers.run(subject, Effort(quick=True)) for subject in (apart, one))
    found = {under.evidence.name: under.result for under in ours.under}
    for under in theirs.under:
        assert found[under.evidence.name].estimate == pytest.approx(under.result.estimate, rel=1e-9)
        assert found[under.evidence.name].std_error == pytest.approx(under.result.std_error, rel=0.05)


def test_the_lines_on_a_pool_in_a_first_draft_are_those_that_a_study_takes():
    draft = written_draft(Guesses(), "people.csv").split("# [study.pool]\n")[1].split("\n\n")[0]
    table = tomllib.loads("\n".join(line.removeprefix("# ") for line in draft.splitlines()))
    assert PoolFile(**table | {"columns": tuple(table["columns"])}).people == "how many"


def test_a_study_with_a_pool_reads_back_from_what_it_writes(tmp_path):
    study = load_study(written(tmp_path))
    (tmp_path / "again.toml").write_text(study.to_toml(), encoding="utf-8")
    assert load_study(tmp_path / "again.toml") == study


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"pre": -1},
            r"IOM-E030.*others.csv': column 'pre': \d+ values are negative \(rows 2, 3, 4, 5, 6 and \d+ more\)",
        ),
        ({"post": "17 (?)"}, r"IOM-E031.*others.csv.*column 'post'"),
        (
            {"how many": 2.5},
            r"IOM-E076.*others.csv': column 'how many': \d+ numbers of people are not whole \(rows 2",
        ),
        ({"how many": None}, r"IOM-E076.*others.csv': column 'how many': \d+ numbers of people are missing \(rows"),
    ],
)
def test_a_fault_of_the_file_is_named_by_row_and_column_and_never_by_its_cell(tmp_path, change, said):
    frame = people()
    study = written(tmp_path, others=histories(frame[frame.iom == 0]).assign(**change))
    with pytest.raises(InputError, match=said) as refused:
        read_people(study)
    assert "17" not in str(refused.value)
    assert "2.5" not in str(refused.value)


def test_a_column_that_the_pool_lacks_is_looked_for_in_its_own_file(tmp_path):
    with pytest.raises(InputError, match=r"IOM-E009: .*not managed, 'others.csv': no column 'before'"):
        read_people(written(tmp_path, pool=POOL.replace('"pre"', '"before"')))


def test_a_column_of_groups_without_the_value_for_managed_says_which_was_looked_for(tmp_path):
    study = together(tmp_path)
    people().replace({"iom": {1: "IOM", 0: "none"}}).to_csv(tmp_path / "people.csv", index=False)
    with pytest.raises(InputError, match=r"column 'iom': no row has a 1, which stands for managed where managed"):
        read_people(study)
    study.write_text(study.read_text().replace('group = "iom"', 'group = "iom"\nmanaged = ["iom"]'), encoding="utf-8")
    with pytest.raises(InputError, match=r"column 'iom': no row has a value listed in managed"):
        read_people(study)


def test_numbers_of_people_that_are_not_read_are_said(tmp_path):
    rows = len(histories(people().query("iom == 0")))
    whole = read_people(written(tmp_path)).facts
    assert {Fact(IN_THE_POOL, 540), Fact(HISTORIES, rows)} <= set(whole)
    assert "'how many'" not in str(whole)
    apart = read_people(written(tmp_path, pool=POOL.replace('people = "how many"\n', ""))).facts
    assert {Fact(IN_THE_POOL, rows), Fact(A_PERSON_EACH, rows), Fact(NOT_READ.format("how many"), 540)} <= set(apart)


def test_people_below_the_cut_may_be_those_who_were_not_managed(tmp_path):
    people().to_csv(tmp_path / "people.csv", index=False)
    study = tmp_path / "study.toml"
    text = STUDY.format(group="", pool="").replace('rule = "top", threshold = 60', 'rule = "at_least", threshold = 3')
    study.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"IOM-E068.*if these were not managed, name the column") as refused:
        read_people(study)
    assert refused.value.message.index("group = ") < refused.value.message.index("filter")


def test_every_setting_of_the_file_is_that_with_which_it_is_read(tmp_path):
    beside, usual = load_study(written(tmp_path)).extract, PoolFile(file="b.csv", columns=("pre", "post"))
    pool = PoolFile(
        file="others.csv",
        columns=("pre", "post"),
        people="how many",
        days_at_risk=("free", "free after"),
        sheet="all",
        encoding="cp1252",
        separator=";",
        skip_rows=1,
        header_rows=2,
        drop_rows=("totals",),
        decimal=",",
        missing=(-9.0,),
    )
    extract = pool.extract(beside, "arrests")
    for name in (f.name for f in fields(PoolFile) if f.name not in (*OF_THE_POOL, *PoolFile.unread)):
        assert getattr(extract, name) == getattr(pool, name) != getattr(usual, name), name
    assert (extract.outcomes[0].columns, extract.windows) == (pool.columns, beside.windows)


@pytest.mark.parametrize("words", [(0, 1), ("no", "Yes")])
def test_people_marked_as_selected_are_left_out_of_a_file_of_everybody(tmp_path, words):
    frame = people().rename(columns={"y1": "pre", "y2": "post", "iom": "got in"})
    pool = POOL.replace('people = "how many"', 'selected = "got in"')
    everybody = frame.assign(**{"got in": [words[k] for k in frame["got in"]]})
    read = read_people(load_study(written(tmp_path, pool=pool, others=everybody)))
    assert dict(read.pool.facts)[SELECTED] == 60
    apart = read_people(load_study(written(tmp_path, pool=pool, others=everybody[frame["got in"] == 0])))
    assert np.array_equal(read.pool.population.counts, apart.pool.population.counts)
    for marks, said in ((words[1], "everybody was selected"), (None, r"E034: .*600 cells are empty \(rows 2, ")):
        with pytest.raises(InputError, match=said):
            read_people(load_study(written(tmp_path, pool=pool, others=everybody.assign(**{"got in": marks}))))


def test_days_marks_and_codes_of_the_file_are_read_as_it_says(tmp_path):
    beside = load_study(written(tmp_path)).extract
    table = "x;pre;post;d1;d2\n1;3;{};180,5;365,0\n2;1;0;365,0;90,25\n"
    (tmp_path / "others.csv").write_text(table.format(2), encoding="utf-8")
    days = {"days_at_risk": ("d1", "d2"), "separator": ";", "decimal": ",", "missing": (-9.0,)}
    pool = PoolFile(file="others.csv", columns=("pre", "post"), **days)
    read = read_pool(pool, beside, "arrests", tmp_path).population
    assert read.exposure.tolist() == [[180.5, 365.0], [365.0, 90.25]]
    (tmp_path / "others.csv").write_text(table.format(-9), encoding="utf-8")
    with pytest.raises(InputError, match=r"IOM-E034: .*column 'post': 1 cell is empty \(row 2\)") as refused:
        read_pool(pool, beside, "arrests", tmp_path)
    assert str(refused.value).endswith("write the counts, or take these rows out of the file")
    (tmp_path / "others.csv").write_text(table.format(2).replace("90,25", ""), encoding="utf-8")
    with pytest.raises(InputError, match=r"IOM-E043.*write the days, or take these rows out of the file"):
        read_pool(pool, beside, "arrests", tmp_path)


def test_a_row_of_totals_is_no_person(tmp_path):
    others = people().query("iom == 0")[["y1", "y2"]].rename(columns={"y1": "pre", "y2": "post"})
    study = written(tmp_path, pool=POOL.replace('people = "how many"\n', ""), others=others)
    read = read_people(study)
    assert float(read.pool.population.people) == 540
    assert Fact(A_PERSON_EACH, 540) in read.facts
    totals = pd.concat([others, others.sum().to_frame().T])
    with pytest.raises(InputError, match=r"IOM-E022.*others.csv': column 'pre': 1 row holds the sums of all others"):
        read_people(written(tmp_path, pool=POOL.replace('people = "how many"\n', ""), others=totals))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('columns = ["pre", "post"]', 'columns = ["pre"]', "IOM-E096.*not managed.*expected 2 columns"),
        ('people = "how many"', 'people = "pre"', "IOM-E092.*each column once"),
        ('people = "how many"', 'peopel = "how many"', "IOM-E093.*did you mean 'people'"),
        ('variable = "arrests"', 'variable = "risk"', "IOM-E096.*a count of the extract"),
    ],
)
def test_a_pool_that_does_not_fit_its_study_is_refused_before_a_file_is_opened(tmp_path, old, new, said):
    study = tmp_path / "study.toml"
    study.write_text(STUDY.format(group="", pool=POOL).replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError, match=said):
        load_study(study)


def test_a_pool_needs_the_rule_that_its_counts_are_for(tmp_path):
    study = load_study(written(tmp_path))
    with pytest.raises(SpecError, match="IOM-E096: study: pool"):
        Study(title="Ours", extract=study.extract, pool=study.pool)


def test_days_at_risk_of_one_file_alone_are_refused(tmp_path):
    study = written(tmp_path)
    text = study.read_text().replace(", start = -365, end = 0", "").replace(", start = 0, end = 365", "")
    study.write_text(text.replace('id = "urn"', 'id = "urn"\ndays_at_risk = ["x1", "x1"]'), encoding="utf-8")
    with pytest.raises(InputError, match=r"IOM-E043.*known of the panel and not of the source population"):
        read_people(study)


def by_cut(folder, *, apart, again=(), managed=lambda frame: frame.y1 >= 6):
    """A study of people picked at a cut, with the others and some of the managed again in a file or beside them."""
    frame = people().assign(iom=lambda f: managed(f).astype(int))
    others = pd.concat([frame[frame.iom == 0], frame.iloc[list(again)].assign(iom=0)])
    others["urn"] = [f"q{k}" for k in range(len(others))]
    held = frame[frame.iom == 1] if apart else pd.concat([frame[frame.iom == 1], others])
    held.to_csv(folder / "people.csv", index=False)
    histories(others).to_csv(folder / "others.csv", index=False)
    text = STUDY.format(group="" if apart else 'group = "iom"', pool=POOL if apart else "")
    study = folder / "study.toml"
    study.write_text(text.replace('rule = "top", threshold = 60', 'rule = "at_least", threshold = 6'), encoding="utf-8")
    return study


@pytest.mark.parametrize("apart", [True, False])
def test_a_pool_that_holds_the_managed_again_is_refused(tmp_path, apart):
    again = np.flatnonzero(people().y1 >= 6)
    with pytest.raises(InputError, match="IOM-E020: arrests: for every managed person there is one") as refused:
        read_people(by_cut(tmp_path, apart=apart, again=again))
    assert "p3" not in str(refused.value)
    facts = read_people(by_cut(tmp_path, apart=apart, again=again[3:])).facts
    assert [f.people for f in facts if f.what == AS_HIGH] == [len(again) - 3]
    assert not {AS_HIGH, PERHAPS_AGAIN} & {f.what for f in read_people(by_cut(tmp_path, apart=apart)).facts}


def test_a_few_managed_whose_counts_others_have_too_are_said_and_not_refused(tmp_path):
    few = people().sort_values("y1").urn.iloc[[-1, -2, -3, -4]]
    at_top = np.flatnonzero(people().urn.isin(few))
    study = by_cut(tmp_path, apart=True, again=at_top, managed=lambda frame: frame.urn.isin(few))
    assert Fact(PERHAPS_AGAIN, 4) in read_people(study).facts


@pytest.mark.parametrize("stated", ["true", "false", '"alike"'])
def test_a_study_says_of_comparison_people_whether_they_were_selected_alike(tmp_path, stated):
    frame = people().assign(alike=lambda f: np.where(f.iom == 1, "", (f.y1 > 4).astype(int).astype(str)))
    frame.to_csv(tmp_path / "people.csv", index=False)
    study = tmp_path / "study.toml"
    study.write_text(STUDY.format(group=f'group = "iom"\nselected = {stated}', pool=""), encoding="utf-8")
    read = read_people(study).data("arrests")
    others = frame.iom == 0
    wanted = {"true": others, "false": others & False, '"alike"': others & (frame.y1 > 4)}[stated]
    assert read.alike.tolist() == wanted.tolist()
    assert read.rest.tolist() == (others & ~wanted).tolist()
    again = tmp_path / "again.toml"
    again.write_text(load_study(study).to_toml(), encoding="utf-8")
    assert load_study(again).extract.selected == load_study(study).extract.selected


def test_a_study_that_says_so_without_a_column_of_the_managed_is_refused(tmp_path):
    study = written(tmp_path)
    study.write_text(study.read_text("utf-8").replace('id = "urn"', 'id = "urn"\nselected = true'), encoding="utf-8")
    with pytest.raises(SpecError, match="IOM-E096: extract: selected says of people who were not managed"):
        load_study(study)


def test_a_ledger_of_a_study_takes_the_change_of_comparison_people_selected_alike(tmp_path):
    frame = people()
    frame.assign(iom=np.tile([1, 0, 0], 200)).to_csv(tmp_path / "people.csv", index=False)
    text = STUDY.format(group='group = "iom"\nselected = true', pool="").replace(
        'rule = "top", threshold = 60', 'rule = "soft", threshold = 3, softness = 2.0'
    )
    study = tmp_path / "study.toml"
    own = """[[study.confounds]]
confound = "RegressionToMean"
settings = { method = "comparison" }
source = "the waiting list"
date = "2024"
reason = "they were picked as the managed were"
"""
    study.write_text(text + own, encoding="utf-8")
    read = read_people(study)
    under = {u.evidence.name: u.result for found in ledgers.run(read, Effort(quick=True)) for u in found.under}
    stated = next(result for name, result in under.items() if name.startswith("stated"))
    assert stated.estimate == pytest.approx(DiffInDiff()(read.data("arrests")).estimate, rel=1e-9)
