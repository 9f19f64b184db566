"""What other choices would have given, on the page and in its file, of the paper and of people."""

import io

import pandas as pd
import pytest

from iom_causal.analysis.sensitivity import curves
from iom_causal.analysis.sensitivity.specifications import specification_curve
from iom_causal.base import wording
from iom_causal.evaluation import evaluate
from iom_causal.report.render.table_guide import TABLES
from tests.analysis.sensitivity.test_specifications import people
from tests.analysis.sensitivity.test_strengths import of

NAME, FILE = "specifications", "specifications.csv"


@pytest.fixture(scope="module")
def listed():
    return evaluate(of(people(300, days=False)), quick=True)


def section_of(evaluation, name=NAME):
    (found,) = (s for s in evaluation.page.sections if s.name == name)
    return found


def file_of(evaluation):
    return pd.read_csv(io.StringIO(evaluation.files()[FILE]), keep_default_na=False, na_values=[""])


def test_the_page_says_from_where_to_where_choices_move_what_remains_and_which_moves_it_most(paper):
    said = section_of(paper).finding
    curve = specification_curve("sleath-brown-2017")
    ends = [row.estimate for row in curve.rows]
    assert (
        f"over 48 combinations of them, each right if its allowances are, the ratio goes from {min(ends):.2f}" in said
    )
    assert f"to {max(ends):.2f}. What moves it most is how people were picked." in said
    assert "it goes from -112 to 103. What moves it most is how much of a score is chance." in said
    first, second = section_of(paper).tables
    assert [row[0] for row in first.rows] == ["how people were picked", "trend", "age curve"]
    assert first.rows[0][1:3] == ("84%", "0.61, on their rate")
    assert second.rows[0][0] == "how much of a score is chance"


def test_all_combinations_are_on_file_and_every_column_is_described(paper, listed):
    curve = specification_curve("sleath-brown-2017")
    rows = file_of(paper)
    arrests = rows[rows["outcome"] == "arrests"]
    assert arrests["estimate"].tolist() == pytest.approx(curve.tidy()["estimate"].tolist(), rel=1e-12)
    assert len(rows) == len(curve.rows) + 21
    for evaluation in (paper, listed):
        table = file_of(evaluation)
        assert [c for c in table.columns if not TABLES[FILE].holds(c)] == []


def test_both_outcomes_have_their_pictures_with_words_for_those_who_do_not_see_them(paper):
    figures = {f.name: f for name in (NAME, "sensitivity") for f in section_of(paper, name).figures}
    assert set(figures) == {f"{kind}-{o}" for kind in ("specifications", "frontier") for o in ("arrests", "risk")}
    for figure in figures.values():
        assert figure.form == "svg"
        assert figure.caption.count(". ") == 0
        assert figure.alt.endswith(".")
        assert "_" not in figure.caption + figure.alt
        assert wording.violations(figure.caption) == wording.violations(figure.alt) == ()
    assert "what the pool averages: 2.05, believed 2.2" in figures["frontier-arrests"].alt


def test_of_people_it_says_which_were_refused_and_nothing_is_finer_than_a_step(listed):
    shown = section_of(listed)
    (found,) = listed.results.of(curves.run).curves
    refused = sum(bool(row.code) for row in found.rows)
    assert refused
    assert any(text.startswith(f"{refused} combinations on arrests were refused") for text in shown.paragraphs)
    assert [f.form for f in shown.figures] == ["png"]
    for text in (shown.finding, *shown.paragraphs, *(c for t in shown.tables for r in t.rows for c in r)):
        assert wording.violations(text) == (), text
    answered = file_of(listed).dropna(subset=["estimate"])
    plain = answered[(answered["age_curve"] == "not allowed for") & (answered["trend"] == "not allowed for")]
    assert len(plain)
    assert (plain[["estimate"]].round(2) == plain[["estimate"]]).all().all()
