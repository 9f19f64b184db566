"""What the page says of designs that would settle a study: from its own simulated people, or without figures."""

import re
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import settling as step
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.settling import Precision, Settling
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.base.formats import fixed, percent
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.designs.library.stored_settling import stored_settling
from iom_causal.designs.library.worlds import FORCE_SD
from iom_causal.numerics.inference.power import ratio_sample_size
from iom_causal.panel import Panel
from iom_causal.protocol.scenario import load_scenario
from iom_causal.protocol.study import Study
from iom_causal.published.study import load_published
from iom_causal.report.sections import PARTS, settling

QUICK = Effort(quick=True)
TABLE = stored_settling()
PAPER = PublishedTable(study=load_published("sleath-brown-2017"))
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))


def said(subject, found=None):
    results = work(subject, QUICK, step.run) if found is None else Results({step.run: found})
    (section,) = settling.section(subject, results)
    return section


def texts(section):
    cells = [c for t in section.tables for c in (t.caption, *t.columns, *(c for row in t.rows for c in row))]
    return [*section.paragraphs, *section.points, *cells, *(x for f in section.figures for x in (f.caption, f.alt))]


def people(n=40, kind="count", **settings):
    counts = np.column_stack([5 + np.arange(n) % 4, np.arange(n) % 3])
    outcome = ExtractOutcome(name="arrests", kind=kind, columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO)
    panel = Panel.from_arrays(counts, name="arrests", kind=kind)
    study = Study(title="Ours", extract=extract, **settings)
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())


@pytest.fixture(scope="module")
def paper():
    return said(PAPER)


def test_it_is_the_last_part():
    assert PARTS[-1] is settling.PART


def test_every_sentence_keeps_the_rules(paper):
    for section in (paper, said(people())):
        for text in texts(section):
            assert wording.violations(text) == (), text


def test_the_page_quotes_the_stored_table(paper):
    (table,) = paper.tables
    assert len(table.rows) == len(TABLE.designs) * len(TABLE.sizes)
    for (name, managed, *shown, reported), (design, size) in zip(
        table.rows, ((d, n) for d in TABLE.designs for n in TABLE.sizes), strict=True
    ):
        nothing, effect = TABLE.row(design, size, 1.0), TABLE.row(design, size, 0.8)
        assert (name, managed, reported) == (settling.NAMES[design], str(size), fixed(effect.reported))
        counts = (nothing.falls, nothing.found, effect.held, effect.found)
        for text, count in zip(shown, counts, strict=True):
            near = {"under 1%": count < 0.01 * TABLE.replicates, "over 99%": count > 0.99 * TABLE.replicates}
            assert near.get(text, text == percent(count / TABLE.replicates))
    for name, version in TABLE.versions.items():
        assert f"{name} {version}" in table.caption
    assert f"Seed {TABLE.seed}, {TABLE.replicates:,} studies" in table.caption


def test_what_the_own_design_reports_of_a_programme_that_does_nothing(paper):
    row = TABLE.row("one group", 225, 1.0)
    (text,) = (t for t in paper.paragraphs if t.startswith("With 225 people, a design like this one"))
    shares = re.findall(r"in (\d+%|under 1%|over 99%) of", text)
    assert shares == [percent(row.falls / row.answered), percent(row.held / row.answered)]
    assert fixed(TABLE.row("one group", 225, 0.8).reported) in text


def moved(held):
    """The stored table with so many intervals of a design that hold the ratio."""
    every = tuple(r._replace(held=round(held[r.design] * r.answered)) if r.design in held else r for r in TABLE.every)
    return replace(TABLE, every=every)


def test_a_design_holds_the_truth_where_its_intervals_do_at_every_size():
    table = moved(dict.fromkeys(TABLE.designs, 0.95) | {"historical": 0.91, "next below": 0.5, "one group": 0.0})
    text = " ".join(said(PAPER, Settling(table, 225)).paragraphs)
    good, short = re.findall(r"least often: (.*?)\. Less often: (.*?)\. ", text)[0]
    assert "a lottery for the places (95%)" in good
    assert "the same rule in another force (95%)" in good
    assert "the same rule at an earlier date (91% with 60 people)" in short
    assert "those just below the rule (50% with 60 people)" in short
    assert "earlier" not in good
    assert "lottery" not in short
    assert "one group" not in short + good


def test_where_no_design_holds_the_truth_none_is_said_to():
    text = " ".join(said(PAPER, Settling(moved(dict.fromkeys(TABLE.designs, 0.5)), 225)).paragraphs)
    assert "With no design simulated do 95% intervals hold" in text
    assert "The designs that hold it" not in text


def test_finding_is_said_of_the_designs_that_hold_the_truth(paper):
    good = [d for d in TABLE.designs if settling._holds(TABLE, d)]
    assert {"lottery", "waiting list", "matched on history"} <= set(good)
    shares = sorted(TABLE.row(d, 60, 0.8).found / TABLE.replicates for d in good)
    ends = " to ".join(dict.fromkeys(map(percent, (shares[0], shares[-1]))))
    assert f"in {ends} of studies with 60 managed people" in " ".join(paper.paragraphs)


def test_the_worlds_are_said_as_they_are(paper):
    (history,) = load_scenario(TABLE.study).careers.confounds
    first = paper.paragraphs[0]
    assert f"take {percent(1 - history.ratio)} from everybody" in first
    assert f"varies by about {percent(FORCE_SD)}" in first
    assert "not from them" in first


def test_another_study_has_no_figures_of_these_people():
    other = replace(PAPER.study, title="Another")
    for subject in (PublishedTable(study=load_published("template")), PublishedTable(study=other), people()):
        section = said(subject)
        assert not section.tables
        assert not section.figures
        assert "simulated people" not in " ".join(section.paragraphs)
        assert "iom-causal diagnose" in " ".join(section.paragraphs)
        assert section.paragraphs[0].startswith("How often each design would find a programme is not tabled here: ")
        assert len(section.points) == len(TABLE.designs) - 1


def test_a_size_for_precision_is_that_of_the_formula_and_is_said_as_such(paper):
    m = PAPER.data("arrests")
    exact = ratio_sample_size(0.8, cv_pre=m.sd_pre / m.mean_pre, cv_post=m.sd_post / m.mean_post, r=m.r)
    assert work(PAPER, QUICK, step.run).of(step.run).sizes == (Precision("arrests", 0.2, 10 * -(-exact // 10)),)
    (text,) = (t for t in paper.paragraphs if "formula" in t)
    assert f"about {10 * -(-exact // 10)} people tell a fall of 20% in arrests" in text
    assert "not for knowing" in text


def test_the_size_is_for_the_smallest_change_that_matters():
    usual, small = (work(s, QUICK, step.run).of(step.run).sizes[0] for s in (people(), people(smallest_effect=0.1)))
    assert (usual.change, small.change) == (0.2, 0.1)
    assert small.people > 3 * usual.people


def test_of_people_the_size_rests_on_moments_as_they_leave_and_too_few_have_none():
    few = people(n=9)
    assert work(few, QUICK, step.run).of(step.run).sizes == ()
    assert "formula" not in " ".join(said(few).paragraphs)
    open_, guarded = people(disclosure=Disclosure(research=True, reason="a test")), people()
    released = [step._precision(s, "arrests", "count") for s in (open_, guarded)]
    assert all(released)
    m = step.as_released(step.observe(guarded.data("arrests")), guarded.release).moments
    exact = ratio_sample_size(0.8, cv_pre=m.sd_pre / m.mean_pre, cv_post=m.sd_post / m.mean_post, r=m.r)
    assert released[1].people == step._rounded_up(exact)


def test_scores_have_no_such_size():
    assert work(people(kind="score"), QUICK, step.run).of(step.run).sizes == ()
