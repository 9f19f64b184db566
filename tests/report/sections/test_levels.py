"""Levels of managed and of comparison people: what is shown, in what steps, and what must not leave."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from iom_causal.analysis import levels
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.report.comparison_phrases import NO_LEVELS
from iom_causal.report.sections import levels as section

QUICK = Effort(quick=True)
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
OPEN = Disclosure(research=True, reason="a test")


def subject(managed=80, others=150, *, missing=0, kind="count", **settings):
    rng = np.random.default_rng(5)
    group = np.arange(managed + others) < managed
    rate = rng.gamma(3.0, 1.5, group.size) * np.where(group, 2.0, 1.0)
    counts = np.column_stack([rng.poisson(rate), rng.poisson(rate * np.where(group, 0.6, 1.0))]).astype(float)
    if kind == "binary":
        counts = (counts > 4).astype(float)
    counts[managed : managed + missing, 1] = np.nan
    counts[managed + missing : managed + 2 * missing, 0] = np.nan
    start = np.ma.MaskedArray(np.ones(group.size, dtype=int), mask=~group)
    panel = Panel.from_arrays(counts, name="arrests", kind=kind, start=start, missing="keep")
    outcome = ExtractOutcome(name="arrests", kind=kind, columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO)
    study = Study(title="Ours", extract=extract, **settings)
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())


def shown(people):
    results = work(people, QUICK, levels.run)
    return section.section(people, results), section.files(people, results)


def test_levels_are_means_with_the_t_interval_of_each_group():
    people = subject(disclosure=OPEN)
    _, files = shown(people)
    panel, frame = people.cohort["arrests"], files["levels.csv"].frame.set_index(["group", "window"])
    for name, who in (("managed", panel.group), ("comparison", ~panel.group)):
        for k, window in enumerate(("before", "after")):
            values = panel.outcome[who, k]
            low, high = stats.t.interval(0.95, values.size - 1, values.mean(), stats.sem(values))
            row = frame.loc[(name, window)]
            assert row["people"] == values.size
            assert (row["mean"], row["conf_low"], row["conf_high"]) == pytest.approx((values.mean(), low, high))


@pytest.mark.parametrize("size", [(80, 150), (25, 25), (400, 900)])
def test_limits_of_levels_are_rounded_outward_and_no_further_than_a_step(size):
    people = subject(*size)
    (_, files), (_, exact) = shown(people), shown(replace(people, study=subject(*size, disclosure=OPEN).study))
    given, true = files["levels.csv"].frame, exact["levels.csv"].frame
    steps = [level.step(people.release) for level in work(people, QUICK, levels.run).of(levels.run)[0].levels]
    for out in (true["conf_low"] - given["conf_low"], given["conf_high"] - true["conf_high"]):
        assert (out >= 0).all()
        assert (out < steps).all()


def test_levels_leave_in_steps_on_the_page_and_in_the_file_alike():
    people = subject()
    ((page,), files), (_, exact) = shown(people), shown(replace(people, study=subject(disclosure=OPEN).study))
    given, frame = files["levels.csv"].frame, exact["levels.csv"].frame
    step = 0.05  # two in forty people, of the larger group
    assert not np.allclose(given["mean"], frame["mean"], atol=1e-4)
    for column in ("mean", "conf_low", "conf_high"):
        assert np.allclose(given[column] / step, np.round(given[column] / step), atol=1e-6)
    assert given["people"].tolist() == [80, 80, 150, 150]
    (table,) = page.tables
    assert [row[:2] for row in table.rows] == [("managed", "80"), ("comparison", "150")]
    cells = [cell for row in table.rows for cell in row[2:]]
    assert [float(cell.split(" ")[0]) for cell in cells] == pytest.approx(given["mean"].tolist())
    assert page.finding.startswith("Mean arrests of managed people went from ")
    assert not any(wording.violations(text) for text in (page.finding, *page.paragraphs, table.caption, *table.columns))


@pytest.mark.parametrize("people", [subject(others=9), subject(managed=9), subject(kind="binary"), subject(others=0)])
def test_groups_of_few_people_and_shares_have_no_levels(people):
    assert shown(people) == ((), {})


def test_levels_of_a_few_people_fewer_than_were_there_before_are_refused():
    (page,), files = shown(subject(missing=6))
    assert (page.tables, files, page.finding) == ((), {}, NO_LEVELS)
    assert "one inside the other, differ by fewer than 10 people" in page.paragraphs[0]
    assert shown(subject(missing=20))[1]
