"""What the page says of figures to ask for, the table of the ranking, and the letter that asks for them."""

import datetime as dt
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from docx import Document

from iom_causal.analysis import comparison
from iom_causal.analysis.comparison import Compared
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.sensitivity import request as step
from iom_causal.analysis.sensitivity.request import Requests
from iom_causal.analysis.sensitivity.requested_result import RankedStatistic
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS
from iom_causal.analysis.sensitivity.what_to_ask import what_to_ask
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.estimators import DiffInDiff, designs_for
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.study import load_published
from iom_causal.report.render.table_guide import TABLES
from iom_causal.report.sections import PARTS
from iom_causal.report.sections.sensitivity import request
from iom_causal.report.sections.sensitivity.request import OF_LISTS
from iom_causal.report.sections.sensitivity.request_letter import LIST_ASKED, NOT_ASKED, OPEN, ROWS, letter
from iom_causal.windows import Window

QUICK = Effort(quick=True)
PAPER = PublishedTable(study=load_published("sleath-brown-2017"))
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
SPANS = (ExtractWindow(label="before", start=-547, end=0), ExtractWindow(label="after", start=0, end=549, post=True))
THREE = ExtractOutcome(name="arrests", kind="count", columns=("a", "b", "c"))
YEARS = tuple(ExtractWindow(label=f"{y}", start=dt.date(y, 1, 1), end=dt.date(y + 1, 1, 1)) for y in (2010, 2011, 2012))


def people(n=90, *, others=0, alike=False):
    rng = np.random.default_rng(3)
    pool = rng.poisson(rng.gamma(1.2, 2.0, 4_000)[:, None], (4_000, 2))
    counts = np.concatenate([pool[pool[:, 0] >= 6][:n], np.ones((others, 2), dtype=np.int64)])
    start = np.ma.MaskedArray(np.ones(n + others, dtype=np.int64), mask=np.arange(n + others) >= n) if others else None
    selected = np.ones(n + others, dtype=bool) if alike else None
    panel = Panel.from_arrays(counts, name="arrests", start=start, selected=selected)
    outcome = ExtractOutcome(name="arrests", kind="count", columns=("a", "b"))
    study = Study(title="Ours", extract=Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO))
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())


def ranking(name):
    return RankedStatistic(name, "it", 0.5, 0.4, 0.6, 0.5)


def guarded(subject):
    return replace(subject, study=replace(subject.study, disclosure=Disclosure()))


def said(section):
    cells = [c for t in section.tables for c in (t.caption, *t.columns, *(c for row in t.rows for c in row))]
    return [
        section.title,
        *section.said,
        *section.points,
        *cells,
        *(x for f in section.figures for x in (f.caption, f.alt)),
    ]


@pytest.fixture(scope="module")
def paper():
    return work(PAPER, QUICK, step.run)


def test_it_stands_before_what_would_settle_it():
    names = [part.step.__module__.rpartition(".")[2] for part in PARTS]
    assert names.index("request") == names.index("settling") - 1


def test_the_section_of_the_paper(paper):
    (section,) = request.section(PAPER, paper)
    assert section.finding == (
        "Of what is not known of arrests, how people were picked would narrow the answer most, and beside that the "
        "average of the same people in an earlier window."
    )
    assert section.paragraphs[0] == (
        "By all that is known of arrests, what may be left lies from 0.47 to 1.72 or more as a ratio, if nothing but "
        "picking and what is listed here acts beside the programme: a change in everybody’s rates meanwhile, the time "
        "people were at liberty, people who died or moved away and their ages at entry. In simulated worlds that have "
        "the same figures it lies in a range 22% as wide on average once all 8 figures are known."
    )
    assert section.tables[0].rows[0] == ("how people were picked", "32%", "16% to 46%", "68%")
    assert section.tables[0].rows[1][0] == "the average of the same people in an earlier window"
    assert OF_LISTS in section.paragraphs


def test_nothing_is_said_of_lists_where_none_is_asked_for():
    stated = PublishedTable(study=replace(load_published("template"), outcomes=load_published("template").outcomes[:1]))
    (section,) = request.section(stated, Results(found={step.run: step.run(stated, Effort())}))
    assert OF_LISTS not in section.paragraphs  # its rule is stated, and read one window


def test_sentences_keep_the_rules_of_wording(paper):
    pages = letter((paper.of(step.run) or Requests()).requests, PAPER)
    texts = [t for s in (*request.section(PAPER, paper), *pages.sections) for t in said(s)] + list(pages.lead)
    assert {text: wording.violations(text) for text in texts if wording.violations(text)} == {}


def test_a_score_says_nothing_and_its_refusal_is_kept(paper):
    found = paper.of(step.run)
    assert [each.outcome for each in found.requests] == ["arrests"]
    assert [each.outcome for each in found.refusals] == ["risk"]


@pytest.mark.parametrize("alike", [False, True])
def test_people_beside_others_are_asked_for_too_as_if_they_were_alone(alike):
    alone, beside = guarded(people()), guarded(people(others=60))
    if alike:
        beside = guarded(people(others=60, alike=True))
    of_alone, found = (work(each, QUICK, step.run).of(step.run).requests[0] for each in (alone, beside))
    assert (found.set_low, found.set_high, found.n) == (of_alone.set_low, of_alone.set_high, 90)
    known = set() if alike else set(LIST_ASKED)  # the rest of those who could have been picked are there
    assert {a.statistic for a in found.asked}.isdisjoint(known)
    (section,) = request.section(beside, work(beside, QUICK, step.run))
    assert section.finding.startswith("Of what is not known of arrests, ")
    assert request.letters(beside, work(beside, QUICK, step.run))


def test_where_a_comparison_is_offered_it_is_said_to_tell_more():
    pair = people(), people(others=60)
    estimates = [work(each, QUICK, step.run) for each in pair]
    offered = Compared(
        outcome="arrests",
        kind="count",
        options=designs_for(pair[1].cohort["arrests"]),
        estimates=(DiffInDiff()(pair[1].cohort["arrests"]),),
    )
    for subject, results, said_so in zip(pair, estimates, (False, True), strict=True):
        both = results.with_one(comparison.run, (offered,) if said_so else ())
        (section,) = request.section(subject, both)
        text = " ".join(section.paragraphs)
        assert (request.COMPARED.format("arrests") in text) is said_so
        assert (request.A_COMPARISON in text) is not said_so


def test_people_who_entered_at_different_times_are_told_why_nothing_is_asked_for():
    ours = people()
    windows = (Window("one"), Window("two", post=True), Window("three", post=True))
    start = np.where(np.arange(90) < 40, 1, 2)
    panel = Panel.from_arrays(np.ones((90, 3), dtype=np.int64), name="arrests", start=start, windows=windows)
    ours = replace(ours, cohort=Cohort({"arrests": panel}))
    (section,) = request.section(ours, work(ours, QUICK, step.run))
    assert section.finding == "What to ask for about arrests is not ranked: the reason stands below."
    assert section.paragraphs[0].startswith("For arrests, what to ask the force for is not computed: ")


def test_too_few_people_are_not_spoken_of():
    few = guarded(people(n=8))
    assert work(few, QUICK, step.run).of(step.run) == Requests()


def test_of_guarded_people_all_is_worked_out_from_figures_as_they_may_be_given():
    ours = guarded(people())
    (found,), exact = work(ours, QUICK, step.run).of(step.run).requests, what_to_ask(ours.cohort["arrests"])
    assert found.n == 90
    assert found.set_low != exact.set_low
    table = request.files(ours, work(ours, QUICK, step.run))["request.csv"].frame
    assert list(table["rank"]) == list(range(1, len(table) + 1))
    assert set(table.columns) == {"outcome", *TABLES["request.csv"].columns}
    assert table["statistic"].isin(list(STATISTICS)).all()


def document(subject, results):
    return Document(io.BytesIO(request.letters(subject, results)["request.docx"]))


def test_the_letter_names_nobody_and_gives_no_figure_of_the_study(paper):
    pages = letter(paper.of(step.run).requests, PAPER)
    texts = " ".join([pages.title, *pages.lead, *(t for s in pages.sections for t in said(s))])
    days = ["2010-11-01", "2012-04-30", "2012-05-01", "2013-10-31", "2009-05-03", "2010-10-31"]
    assert re.findall(r"[\d-]*\d", texts) == [*days, "5", "10", "10"]
    assert "Sleath" not in texts
    assert "Please send no names" in texts


def test_the_letter_asks_for_tables_that_are_empty(paper):
    tables = {t.rows[0].cells[0].text: t for t in document(PAPER, paper).tables}
    assert list(tables) == ["question", "figure", "who"]
    cells = [[c.text for c in row.cells] for row in tables["who"].rows]
    assert cells == [
        ["who", "people", "total arrests in the window before", "total arrests in the window after"],
        ["everybody on the list", OPEN, OPEN, NOT_ASKED],
        ["of these, not picked", OPEN, OPEN, OPEN],
    ]


def test_the_letter_says_how_small_numbers_and_what_is_not_held_are_given(paper):
    (rules,) = (s for s in letter(paper.of(step.run).requests, PAPER).sections if s.name == "rules")
    assert any("“<10”" in text for text in rules.points)
    assert any("“not held”" in text for text in rules.points)


def test_the_letter_gives_the_days_of_the_windows_first_and_last_included(paper):
    pages = letter(paper.of(step.run).requests, PAPER)
    assert pages.lead[1] == (
        "The window before runs from 2010-11-01 to 2012-04-30, the window after from 2012-05-01 to 2013-10-31; first "
        "and last day are in the window."
    )
    before = PAPER.study.windows[0]
    assert (before.end - before.start).days == (dt.date(2010, 10, 31) - dt.date(2009, 5, 3)).days + 1
    assert (
        "Total arrests in the window just before the window before (2009-05-03 to 2010-10-31)",
        OPEN,
        NOT_ASKED,
        NOT_ASKED,
    ) in [row for s in pages.sections if s.name == "people" for row in s.tables[0].rows]


@pytest.mark.parametrize(
    ("extract", "said", "earlier"),
    [
        ({}, None, ", as long as that"),
        ({"windows": SPANS, "entry": "in"}, "the window before is the 547 days up to that day", " (547 days)"),
        ({"windows": SPANS, "index_date": dt.date(2012, 5, 1)}, "from 2010-11-01 to 2012-04-30", " (2009-05-03 to "),
        (
            {"windows": YEARS, "index_date": dt.date(2012, 1, 1), "outcomes": (THREE,)},
            "from 2010-01-01 to 2011-12-31, the window after from 2012-01-01 to 2012-12-31",
            " (2008-01-02 to 2009-12-31)",
        ),
    ],
)
def test_windows_of_people_are_days_where_they_begin_for_everybody_on_one(extract, said, earlier):
    ours = people()
    kept = replace(ours.study.extract, **extract)
    subject = replace(ours, study=replace(ours.study, extract=kept))
    asking = replace(what_to_ask(load_published("template")), asked=(ranking("earlier_mean"),))
    pages = letter((asking,), subject)
    assert len(pages.lead) == (2 if said is None else 3)
    assert said is None or said in pages.lead[1]
    (row,) = (row for s in pages.sections if s.name == "people" for row in s.tables[0].rows if "Total" in row[0])
    assert earlier in row[0]


def test_a_total_comes_with_how_many_people_it_is_of(paper):
    (table,) = (s.tables[0] for s in letter(paper.of(step.run).requests, PAPER).sections if s.name == "people")
    assert table.rows[0] == ("People counted", OPEN, OPEN, OPEN)
    for column in range(1, 4):
        assert (table.rows[0][column] == OPEN) == any(row[column] == OPEN for row in table.rows[1:])


def test_the_letter_says_what_to_count_in_the_words_of_the_study(paper):
    (rules,) = (s for s in letter(paper.of(step.run).requests, PAPER).sections if s.name == "rules")
    assert rules.points[0] == "What to count as arrests: arrests per person and window, as the police list them."
    (ours,) = (s for s in letter(paper.of(step.run).requests, people()).sections if s.name == "rules")
    assert ours.points[0] == "Count arrests as the evaluation does."


@pytest.mark.parametrize("name", STATISTICS)
def test_every_statistic_has_its_place_in_the_letter(name):
    asking = replace(what_to_ask(load_published("template")), asked=(ranking(name),))
    sections = [s for s in letter((asking,), PAPER).sections if s.name != "rules"]
    assert len(sections) == 1
    assert sections[0].name == ("rule" if name == "rule" else "list" if name in LIST_ASKED else "people")
    assert OPEN in [cell for row in sections[0].tables[0].rows for cell in row]
    assert (name in ROWS) == (sections[0].name == "people")


def test_two_counts_ask_once_how_people_were_picked():
    one = what_to_ask(load_published("sleath-brown-2017"))
    both = letter((one, replace(one, outcome="charges")), PAPER)
    assert [s.name for s in both.sections].count("rule") == 1
    assert "Everybody on the list from which people were picked, the picked among them (charges)" in [
        s.title for s in both.sections
    ]


def test_where_nothing_is_to_be_asked_there_is_no_letter_and_no_table():
    nothing = replace(what_to_ask(load_published("sleath-brown-2017")), asked=())
    results = Results({step.run: Requests((nothing,))})
    (section,) = request.section(PAPER, results)
    assert section.finding == "Of what one desk could look up, nothing would narrow the answer on arrests."
    assert request.letters(PAPER, results) == {}
    assert request.files(PAPER, results) == {}
