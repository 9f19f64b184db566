"""Groups within a study: levels before, changes, how both differ, and what must not leave."""

import re
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import subgroups
from iom_causal.analysis.results import Why
from iom_causal.analysis.steps import Effort, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.estimators import Heterogeneity, LevelDifference
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.report.sections import subgroups as section
from iom_causal.windows import Window

QUICK = Effort(quick=True)
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))


def subject(labels, *, kind="count", factor=1.0, **settings):
    rng = np.random.default_rng(7)
    labels = np.asarray(labels)
    rate = rng.gamma(3.0, 2.0, len(labels))
    changed = np.where(labels == np.unique(labels)[0], factor, 1.0)
    counts = np.column_stack([rng.poisson(rate), rng.poisson(rate * changed)])
    if kind == "binary":
        counts = (counts > 5).astype(int)
    panel = Panel.from_arrays(counts, name="arrests", kind=kind, covariates={"sex": labels})
    outcome = ExtractOutcome(name="arrests", kind=kind, columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO, covariates=("sex",))
    study = Study(title="Ours", extract=extract, **settings)
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())


def shown(people):
    results = work(people, QUICK, subgroups.run)
    return results, section.section(people, results)


WOMEN = np.where(np.arange(300) % 4, "m", "f")


@pytest.mark.parametrize("factor", [0.4, 1.0])
def test_two_groups_are_compared_before_and_in_their_change(factor):
    people = subject(WOMEN, factor=factor)
    results, (page,) = shown(people)
    (found,) = results.of(subgroups.run)
    panel = people.cohort["arrests"]
    assert (found.before, found.change) == (LevelDifference(by="sex")(panel), Heterogeneity(by="sex")(panel))
    before, change, chance = page.said
    assert before.startswith("Before, arrests of “f” (sex) were ")
    assert change.startswith("The ratio after over before of arrests of “f” was ")
    assert ("nothing shows that they differ" in change) is (found.change.conf_low < 1 < found.change.conf_high)
    assert ("nothing shows that they differ" in change) is (factor == 1.0)
    assert "2 comparisons" in chance
    (table,) = page.tables
    assert [row[0] for row in table.rows] == ["m", "f"]
    assert not any(wording.violations(text) for text in (*page.said, table.caption))


def test_levels_of_groups_are_coarse_for_exact_ones_would_tell_their_people():
    people = subject(WOMEN)
    _, (guarded,) = shown(people)
    open_ = replace(people, study=replace(people.study, disclosure=Disclosure(research=True, reason="a test")))
    _, (free,) = shown(open_)
    largest, n = max(float(row[2].split(" ")[0]) for row in free.tables[0].rows), 300
    unit = 5 * largest / n
    for row, exact in zip(guarded.tables[0].rows, free.tables[0].rows, strict=True):
        value, close = (float(cells[2].split(" ")[0]) for cells in (row, exact))
        step = 0.2 if unit > 0.1 else 0.1
        assert abs(value / step - round(value / step)) < 1e-6
        assert abs(value - close) <= step / 2 + 0.01
    assert re.fullmatch(r"\d+", guarded.tables[0].rows[0][1])


def test_a_group_of_few_withholds_the_whole_comparison():
    people = subject(np.where(np.arange(300) < 9, "f", "m"))
    results, (page,) = shown(people)
    (found,) = results.of(subgroups.run)
    assert (found.people, found.before, found.change) == ((), None, None)
    assert [r.why for r in found.refusals] == [Why.TOO_FEW]
    assert page.said == ("For arrests, a comparison by sex is not given: a group has too few people.",)
    assert section.files(people, results) == {}


def test_more_groups_are_told_by_their_spread():
    people = subject(np.array(["a", "b", "c"])[np.arange(300) % 3])
    _, (page,) = shown(people)
    assert page.said[0].startswith("Over the groups by sex, levels of arrests before differ")
    assert len(page.tables[0].rows) == 3


@pytest.mark.parametrize("labels", [np.arange(300) % 50, np.zeros(300, dtype=int)])
def test_a_covariate_that_groups_nobody_is_passed_over(labels):
    results, sections = shown(subject(labels))
    assert (results.of(subgroups.run), sections) == ((), ())


def test_shares_are_not_compared_under_the_rules():
    assert subgroups.run(subject(WOMEN, kind="binary"), QUICK) == ()
    people = subject(WOMEN, kind="binary", disclosure=Disclosure(research=True, reason="a test"))
    (found,) = subgroups.run(people, QUICK)
    assert found.before.scale == "difference"


@pytest.mark.parametrize("last", [4, 40])
def test_a_level_of_few_people_is_left_out_with_one_that_would_give_it_away(last):
    labels = np.repeat(["north", "south", "east", "west"], [120, 90, 60, last])
    results, (page,) = shown(subject(labels))
    (found,) = results.of(subgroups.run)
    few = last < 10
    assert [level for level, _ in found.people] == ["north", "south"] + ["east", "west"] * (not few)
    assert any("the smallest groups are left out" in text for text in page.said) is few
    assert [row[0] for row in page.tables[0].rows] == [level for level, _ in found.people]
    alone = np.repeat(["north", "south", "west"], [120, 90, 4])
    (refused,) = subgroups.run(subject(alone), QUICK)
    assert [r.why for r in refused.refusals] == [Why.TOO_FEW]


@pytest.mark.parametrize(("gaps", "compared"), [(40, ["north", "south"]), (4, [])])
def test_people_of_whom_the_group_is_not_known_are_not_compared(gaps, compared):
    people = subject(np.repeat(["north", "south", "missing"], [120, 90, gaps]))
    results, (page,) = shown(people)
    (found,) = results.of(subgroups.run)
    assert [level for level, _ in found.people] == compared
    said = "For arrests by sex, people of whom sex is not known are not compared."
    assert (said in page.said) is bool(compared)
    assert subgroups.run(subject(np.repeat(["north", "missing"], [120, 90])), QUICK) == ()


def test_groups_of_people_of_several_starts_are_not_compared_and_it_is_said():
    people = subject(WOMEN)
    panel = people.cohort["arrests"]
    windows = (Window("a", -365, 0), Window("b", 0, 365, post=True), Window("c", 365, 730, post=True))
    start = np.ma.MaskedArray(1 + np.arange(panel.n) % 2)
    counts = np.column_stack([panel.outcome, panel.outcome[:, 1]])
    several = replace(panel, outcome=counts, windows=windows, start=start)
    _, (page,) = shown(replace(people, cohort=Cohort({"arrests": several})))
    (text,) = page.said
    assert "people entered at different times" in text
    assert page.tables == ()


def test_levels_after_follow_from_what_is_given_before_and_of_the_change():
    people = subject(WOMEN, factor=0.4)
    results, (page,) = shown(people)
    (found,) = results.of(subgroups.run)
    after = {p.term.partition("=")[2]: p for p in found.after.parts}
    for label, _, before, last, change in page.tables[0].rows:
        first, level, ratio = (float(cell.split(" ")[0]) for cell in (before, last, change))
        assert abs(level - first * ratio) < 0.11
        assert abs(level - after[label].estimate) < 0.6
    open_ = replace(people, study=replace(people.study, disclosure=Disclosure(research=True, reason="a test")))
    for row in shown(open_)[1][0].tables[0].rows:
        assert float(row[3].split(" ")[0]) == pytest.approx(after[row[0]].estimate, abs=0.005)
