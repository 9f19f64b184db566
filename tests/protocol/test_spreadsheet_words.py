"""What people with a spreadsheet read: refusals in its words, with the column, the row and the key to set."""

import re

import numpy as np
import pytest
from click.testing import CliRunner

from iom_causal.analysis.study_people import read_people
from iom_causal.cli import main
from iom_causal.errors import IomCausalError
from iom_causal.evaluation import evaluate
from iom_causal.protocol.study import load_study

PYTHON = re.compile(r"\w+\(|\w\.\w+\(|\b(?:Panel|Window|Selection|Moments|RegressionToMean|from_wide|ndarray|kwargs)\b")
"""What no spreadsheet holds: calls and classes."""

STUDY = """[study]
title = "Ours"
{head}
[study.extract]
file = "people.csv"
id = "urn"
windows = [
  {{ label = "before", start = 2021-01-01, end = 2022-01-01 }},
  {{ label = "after", start = 2022-01-01, end = 2023-01-01, post = true }},
]
outcomes = [ {{ name = "arrests", kind = "count", columns = ["arrests pre", "arrests post"] }} ]
{tail}
"""
HEAD = "urn,arrests pre,arrests post,prison pre,prison post,born"
ROWS = [f"a{k},{3 + k % 4},{k % 3},{k % 5},{k % 7},1990-01-0{1 + k % 9}" for k in range(40)]
CUSTODY = 'custody_days = ["prison pre", "prison post"]'


def written(folder, rows=ROWS, *, head="", tail=""):
    (folder / "people.csv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY.format(head=head, tail=tail), encoding="utf-8")
    return study


def with_cell(row, column, value):
    """Change one cell: row as a spreadsheet counts them, with the header as row 1."""
    rows = [line.split(",") for line in ROWS]
    rows[row - 2][HEAD.split(",").index(column)] = value
    return [",".join(cells) for cells in rows]


FAULTS = [
    ("prison post", "", CUSTODY, "'prison post': 1 cell is empty (row 7); write 0"),
    ("prison post", "400", CUSTODY, "'prison post'"),
    ("arrests post", "", "", 'set missing = "keep" in outcome \'arrests\''),
    ("arrests post", "-1", "", "column 'arrests post': 1 value is negative (row 7)"),
    ("arrests pre", "1.5", "", 'weights that add up are kind = "amount"'),
    ("arrests pre", "many", "", "1 of 40 cells is not a plain number (row 7); if"),
    ("urn", "a0", "", "(rows 2 and 7)"),
    ("urn", "", "", "'urn': 1 id is missing (row 7)"),
    ("born", "2/3/90", 'date_of_birth = "born"', '1 of 40 cells (row 7) is not a date of the form "yyyy-mm-dd"; set'),
    ("born", "2030-01-01", 'date_of_birth = "born"', "'born': 1 date of birth lies after the index date (row 7)"),
    ("prison post", "", 'days_at_risk = ["prison pre", "prison post"]', "'prison post': 1 cell is empty (row 7)"),
    ("prison post", "400", 'days_at_risk = ["prison pre", "prison post"]', "1 row has more days than its window (row"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "tail", "said"), FAULTS)
def test_a_refusal_names_the_column_the_row_and_the_key(tmp_path, column, value, tail, said):
    study = load_study(written(tmp_path, with_cell(7, column, value), tail=tail))
    with pytest.raises(IomCausalError) as caught:
        read_people(study, tmp_path)
    assert said in str(caught.value)
    assert "row" in str(caught.value)
    assert not PYTHON.search(caught.value.message)


def test_rows_are_those_of_the_file_after_a_title_empty_rows_and_filters(tmp_path):
    rows = with_cell(31, "arrests post", "")
    rows.insert(3, ",,,,,")
    tail = 'skip_rows = 1\n[[study.extract.filters]]\ncolumn = "arrests pre"\nlow = 4\nreason = "r"'
    study = written(tmp_path, rows, tail=tail)
    people = tmp_path / "people.csv"
    people.write_text("A title\n" + people.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(IomCausalError, match=r"\(row 33\)"):
        read_people(load_study(study), tmp_path)


def test_long_tables_name_rows_that_are_double_and_say_when_rows_are_absent(tmp_path):
    tail = 'layout = "long"\nperiod = "when"\nmissing = ["x"]'
    rows = [f"a{k},{when},{k % 4}" for k in range(30) for when in ("before", "after")]
    for table, said in (([*rows, "a0,after,1"], "(rows 3 and 62)"), (rows[:-1], "1 row is not there")):
        study = written(tmp_path, tail=tail)
        study.write_text(study.read_text(encoding="utf-8").replace('"arrests pre", "arrests post"', '"n"'), "utf-8")
        (tmp_path / "people.csv").write_text("\n".join(["urn,when,n", *table]) + "\n", encoding="utf-8")
        with pytest.raises(IomCausalError) as caught:
            read_people(load_study(study), tmp_path)
        assert said in str(caught.value)


def test_no_row_and_no_word_of_python_is_on_the_page(tmp_path):
    rule = (
        'selection = { variable = "arrests", windows = ["before"], rule = "at_least", threshold = 3, '
        'timing = "at_boundary" }'
    )
    for head in ("", rule):
        page = evaluate(written(tmp_path, head=head), quick=True).page
        for text in page.texts():
            assert not PYTHON.search(re.sub(r"\bt\(", "", text)), text
            assert not re.search(r"\brow \d", text), text


def test_the_figures_of_people_are_observed_and_not_printed(tmp_path):
    rng = np.random.default_rng(4)
    rate = rng.lognormal(0.2, 0.9, 6_000)
    before, after = rng.poisson(rate), rng.poisson(rate)
    some = np.flatnonzero(rng.random(len(rate)) < 1 / (1 + np.exp(4 - before)))[:250]  # the more, the likelier
    rows = [f"a{k},{before[k]},{after[k]},0,0,1990-01-01" for k in some]
    page = evaluate(written(tmp_path, rows), quick=True).page
    assert any("With the programme switched off" in text for text in page.can_say)
    for text in page.texts():
        assert not re.search(r"\bprint(s|ed)?\b", text), text


def test_lines_that_nobody_filled_in_are_named(tmp_path):
    (tmp_path / "notes.csv").write_text("urn,colour\n" + "".join(f"{k},red\n" for k in range(20)), encoding="utf-8")
    run = CliRunner()
    begun = run.invoke(main, ["init", str(tmp_path / "s"), "--from", str(tmp_path / "notes.csv")])
    assert begun.exit_code == 0
    done = run.invoke(main, ["evaluate", str(tmp_path / "s" / "study.toml")])
    assert done.exit_code == 2
    assert "fill in the lines that still say EDIT: selection (how" in done.stderr
    assert "; outcomes" in done.stderr


def test_a_rule_on_a_column_that_is_not_there_is_told_how_to_state_it(tmp_path):
    rule = 'selection = { variable = "risk", windows = ["before"], rule = "rate", timing = "at_boundary" }'
    with pytest.raises(IomCausalError, match=r"IOM-E093: .*'risk' is not known.*\(covariates, in the extract\).*leave"):
        load_study(written(tmp_path, head=rule))


def test_a_yes_in_place_of_a_column_is_told_what_may_stand_there(tmp_path):
    study = written(tmp_path)
    stated = '[study.extract]\ngroup = "prison pre"\nselected = "yes"'
    study.write_text(study.read_text(encoding="utf-8").replace("[study.extract]", stated), encoding="utf-8")
    with pytest.raises(IomCausalError, match="IOM-E009: extract: selected: no column 'yes'; write true or false"):
        read_people(load_study(study), tmp_path)
