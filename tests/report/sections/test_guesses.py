"""Guesses that nobody has confirmed are listed directly below the first page, until their words are taken out."""

import datetime as dt
from dataclasses import fields, replace

import pytest

from iom_causal.analysis import guesses
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import read_people
from iom_causal.base import wording
from iom_causal.data.extract_parts import ExtractWindow, Monthly
from iom_causal.data.extracts import DESCRIBING, Extract
from iom_causal.evaluation import evaluate
from iom_causal.report import short_report
from iom_causal.report.render import html
from iom_causal.report.sections.guesses import LINES, TITLE, WORDS, section

STUDY = """[study]
title = "Ours"
[study.extract]
file = "people.csv"
guessed = {guessed}
id = "urn"
equal_windows = true
missing = [99, "n/k"]
windows = [{{ label = "before" }}, {{ label = "after", post = true }}]
outcomes = [
  {{ name = "arrests", kind = "count", columns = ["before", "after"], missing = "keep" }},
  {{ name = "risk", kind = "score", columns = ["risk 1", "risk 2"] }},
]
"""


def study(folder, *guessed, codes=12):
    people = [f"p{k},{k % 5},{99 if k < codes else k % 3},{40 + k},{30 + k}" for k in range(40)]
    (folder / "people.csv").write_text("\n".join(["urn,before,after,risk 1,risk 2", *people]) + "\n", encoding="utf-8")
    file = folder / "study.toml"
    file.write_text(STUDY.format(guessed=str(list(guessed)).replace("'", '"')), encoding="utf-8")
    return file


def listed(people):
    return section(people, work(people, Effort(quick=True), guesses.run))


@pytest.mark.usefixtures("without_null_calibration")
def test_they_stand_first_below_the_box_and_go_with_their_words(tmp_path):
    page = evaluate(study(tmp_path, "missing", "outcomes"), quick=True).page
    assert page.sections[0].title == TITLE
    rows = page.sections[0].tables[0].rows
    assert rows == (
        ("what is counted, and where", "arrests, a count, from columns “before” and “after”", "outcomes"),
        ("what is counted, and where", "risk, a score, from columns “risk 1” and “risk 2”", "outcomes"),
        ("taken as missing", "99 and “n/k” (in 10 cells)", "missing"),
    )
    source = html.render(page)
    assert source.index("What you cannot say") < source.index(TITLE) < source.index("The people, and what was read")
    note = short_report.compose(page)
    assert note.sections[-2].tables == page.sections[0].tables
    assert not [text for text in page.sections[0].tables[0].caption.split(". ") if wording.violations(text)]
    assert TITLE not in html.render(evaluate(study(tmp_path), quick=True).page)


def test_numbers_of_few_cells_are_not_given(tmp_path):
    people = read_people(study(tmp_path, "missing", codes=3))
    assert listed(people)[0].tables[0].rows[0][1] == "99 and “n/k” (in few cells)"
    assert listed(read_people(study(tmp_path, "missing", codes=0)))[0].tables[0].rows[0][1].endswith("(in no cell)")


def test_every_key_has_words():
    decided = {field.name for field in fields(Extract) if field.name not in DESCRIBING}
    assert decided == LINES.keys()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dates": "dd/mm/yyyy"}, "“dd/mm/yyyy”"),
        ({"skip_rows": 3}, "3"),
        ({"index_date": dt.date(2020, 1, 1)}, "2020-01-01"),
        ({"windows": ()}, "“before” (before) and “after” (after)"),
    ],
)
def test_values_are_said_in_words(tmp_path, settings, said):
    people = read_people(study(tmp_path, next(iter(settings))))
    extract = replace(people.study.extract, **{k: v for k, v in settings.items() if v != ()})
    (found,) = listed(replace(people, study=replace(people.study, extract=extract)))
    assert found.tables[0].rows[0][1] == said


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"months": 24.0}, "“before” (before, 24 months)"),
        ({"days": 1}, "“before” (before, 1 day)"),
        ({"start": dt.date(2019, 1, 1), "end": dt.date(2020, 1, 1)}, "“before” (before, 2019-01-01 to 2019-12-31)"),
        ({"start": -365, "end": 0}, "“before” (before)"),
    ],
)
def test_a_window_is_said_with_its_length(ends, said):
    assert WORDS[ExtractWindow](ExtractWindow(label="before", **ends)) == said


def test_many_months_are_said_by_the_first_and_the_last(tmp_path):
    columns = tuple(f"arrests {year}-{month:02d}" for year in (2020, 2021) for month in range(1, 13))
    people = read_people(study(tmp_path))
    (arrests, _), months = (
        people.study.extract.outcomes,
        Monthly(first=dt.date(2020, 1, 1), after=dt.date(2021, 1, 1), last=dt.date(2021, 12, 1)),
    )
    extract = replace(
        people.study.extract,
        windows=(),
        equal_windows=False,
        months=months,
        outcomes=(replace(arrests, columns=columns),),
        guessed=("months", "outcomes"),
    )
    rows = listed(replace(people, study=replace(people.study, extract=extract)))[0].tables[0].rows
    assert [row[1] for row in rows] == [
        "arrests, a count, from columns “arrests 2020-01” to “arrests 2021-12” (24 of them)",
        "2020-01 to 2021-12, of which 2021-01 is the first one after",
    ]
