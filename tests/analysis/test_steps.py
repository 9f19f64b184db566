"""A step of an analysis stands alone: it is run without the others, on a published table as on people."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import audit, change, ledgers, missing, null, people, regression
from iom_causal.analysis.published_table import PublishedTable
from iom_causal.analysis.results import Why
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.cohort import Cohort
from iom_causal.data.extracts import Extract, ExtractOutcome, ExtractWindow
from iom_causal.errors import SpecError
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.study import load_published
from iom_causal.report.sections import PARTS
from iom_causal.report.sections.change import section as change_section
from iom_causal.windows import Selection, Window

QUICK = Effort(quick=True)
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
ON_RISK = Selection("risk", ("before",), "at_least", "at_boundary", threshold=10)


def of_people(kinds, n=40, rule=None):
    """A study of so many people, with figures that fall from 5 to 8 before to 0 to 2 after."""
    before, after = 5 + np.arange(n) % 4, np.arange(n) % 3
    panels = {
        name: Panel.from_arrays(np.column_stack([before, after]), name=name, kind=kind, selection=rule)
        for name, kind in kinds.items()
    }
    outcomes = tuple(ExtractOutcome(name=name, kind=kind, columns=("a", "b")) for name, kind in kinds.items())
    study = Study(
        title="Ours",
        extract=Extract(file="a.csv", id="id", outcomes=outcomes, windows=TWO, covariates=("risk",)),
        selection=rule,
    )
    return StudyPeople(study=study, cohort=Cohort(panels), facts=(), notes=(), digest="")


@pytest.fixture(scope="module")
def paper():
    return PublishedTable(study=load_published("sleath-brown-2017"))


def test_fewer_than_three_sets_for_a_kind_of_outcome_are_refused_and_counted():
    (found,) = ledgers.run(of_people({"risk": "score"}), QUICK)
    (refusal,) = found.refusals
    assert (refusal.why, refusal.kind, refusal.given) == (Why.FEW_SETS_STATED, "score", 0)
    assert found.under == ()


def test_sets_of_a_published_study_that_are_too_few_are_a_fault_of_its_file(paper):
    few = PublishedTable(study=replace(paper.study, evidence=paper.study.evidence[:2]))
    with pytest.raises(SpecError, match=r"IOM-E096: published\.evidence"):
        ledgers.run(few, QUICK)


def test_a_score_has_no_linear_regression_and_the_step_does_not_say_it_in_words(paper):
    for subject in (paper, of_people({"risk": "score", "arrests": "count"})):
        found = regression.run(subject, QUICK)
        assert [v.moments.name for v in found.views] == ["arrests"]
        (refusal,) = found.refusals
        assert (refusal.outcome, refusal.why, refusal.error) == ("risk", Why.OTHER_KIND, None)


def test_selection_on_something_else_is_no_regression_of_this_count():
    (refusal,) = regression.run(of_people({"arrests": "count"}, rule=ON_RISK), QUICK).refusals
    assert refusal.why is Why.SELECTED_ON_OTHER


def test_too_few_people_have_no_change_and_no_other_step():
    few = of_people({"arrests": "count"}, n=9)
    assert [r.why for r in change.run(few, QUICK).refusals] == [Why.TOO_FEW]
    assert regression.run(few, QUICK) == regression.Regression()
    assert null.run(few, QUICK) == null.Null()
    assert ledgers.run(few, QUICK) == ()
    assert people.run(few, QUICK) == people.People((), None)


def test_the_people_who_count_for_the_release_rules_are_those_who_were_managed():
    study = of_people({"arrests": "count"}).study
    y = np.column_stack([5 + np.arange(40) % 4, np.arange(40) % 3])
    start = np.ma.MaskedArray(np.ones(40, dtype=int), mask=np.arange(40) >= 9)
    both = Cohort({"arrests": Panel.from_arrays(y, name="arrests", start=start)})
    few = StudyPeople(study=study, cohort=both, facts=(), notes=(), digest="")
    assert [r.why for r in change.run(few, QUICK).refusals] == [Why.TOO_FEW]
    assert regression.run(few, QUICK) == regression.Regression()
    assert people.run(few, QUICK) == people.People((), None)


def test_what_people_lost_could_do_is_worked_out_from_a_published_table(paper):
    lost = missing.run(paper, QUICK).lost
    assert (lost.outcome, lost.n, lost.n_followed) == ("risk", 225, 187)
    assert round(lost.tipping_mean) == 773
    assert tuple(round(end) for end in lost.bounds) == (-127, 55)


def test_what_only_one_kind_of_subject_has_is_none_of_the_other(paper):
    own = of_people({"arrests": "count"})
    assert audit.run(own, QUICK) is None
    assert people.run(paper, QUICK) is None
    assert missing.run(own, QUICK) == missing.Missing()


def test_results_are_found_by_their_step_and_those_not_run_are_none(paper):
    results = work(paper, QUICK, missing.run)
    assert results.of(missing.run) == missing.run(paper, QUICK)
    assert results.of(null.run) is None
    assert Results().with_one(null.run, null.Null()).of(null.run) == null.Null()


def test_every_part_of_a_report_bears_the_name_of_its_step():
    for part in PARTS:
        step, section = part.step.__module__, part.section.__module__
        assert step.rpartition(".")[2] == section.rpartition(".")[2]
        assert step.startswith("iom_causal.analysis.")
        assert section.startswith("iom_causal.report.sections.")


def test_a_part_has_nothing_to_say_of_a_step_that_was_not_run(paper):
    for part in PARTS:
        for subject in (paper, of_people({"arrests": "count"})):
            assert part.headline(subject, Results()) == ()
            assert part.files(subject, Results()) == {}


def test_over_unlike_time_what_compares_counts_is_not_given_and_rates_are():
    subject, windows = of_people({"arrests": "count"}), (("a", -730, -365), ("b", -365, 0), ("c", 0, 365))
    values = np.random.default_rng(2).poisson(5.0, (40, 3))
    dated = tuple(Window(label, start, end, post=start == 0) for label, start, end in windows)
    two_years = replace(subject, cohort=Cohort({"arrests": Panel.from_arrays(values, name="arrests", windows=dated)}))
    alike, unlike = change.run(subject, QUICK), change.run(two_years, QUICK)
    of_counts = {"paired t test", "effect size dz", "effect size r", "effect size rank biserial"}
    assert of_counts < {e.method for e in alike.estimates}
    (refused,) = (r for r in unlike.refusals if r.why is Why.UNLIKE_TIME)
    assert refused.what == "paired t test, effect size dz, effect size r and effect size rank biserial"
    assert all(e.scale == "ratio" for e in unlike.estimates)
    (shown,) = change_section(two_years, Results({change.run: unlike}))
    assert shown.paragraphs[0] == "Here and in what remains, before is “a” and “b” together, and after is “c”."
    assert shown.paragraphs[1].startswith("For arrests these are not given, since they compare counts and not rates")
