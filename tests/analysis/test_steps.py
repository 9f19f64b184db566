"""A step of an analysis stands alone: it is run without the others, on a published table as on people."""

from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import change, ledgers, missing, null, people, regression, settling
from iom_causal.analysis.published import audit
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.results import Why
from iom_causal.analysis.sensitivity import score_posterior
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.cohort import Cohort
from iom_causal.confounds import ScoreRegression
from iom_causal.confounds.evidence import Evidence, EvidenceLine
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
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
    return StudyPeople(study=study, cohort=Cohort(panels), facts=(), notes=())


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


def test_only_the_study_whose_people_are_simulated_has_a_stored_diagnosis(paper):
    found = settling.run(paper, QUICK)
    assert (found.stored.study, found.people, [s.outcome for s in found.sizes]) == (
        "sleath-brown-2017",
        225,
        ["arrests"],
    )
    ours = settling.run(of_people({"risk": "score", "arrests": "count"}), QUICK)
    assert (ours.stored, ours.people, [s.outcome for s in ours.sizes]) == (None, None, ["arrests"])


def test_the_people_who_count_for_the_release_rules_are_those_who_were_managed():
    study = of_people({"arrests": "count"}).study
    y = np.column_stack([5 + np.arange(40) % 4, np.arange(40) % 3])
    start = np.ma.MaskedArray(np.ones(40, dtype=int), mask=np.arange(40) >= 9)
    both = Cohort({"arrests": Panel.from_arrays(y, name="arrests", start=start)})
    few = StudyPeople(study=study, cohort=both, facts=(), notes=())
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


def with_scores(lost, n=120, cut=None, sems=()):
    """People with a score, so many of them without a later one, selected at a cut where one is given."""
    rng = np.random.default_rng(3)
    before = (cut or 30) + (10 * rng.exponential(size=n) if cut else 9 * rng.standard_normal(n))
    y = np.stack([before, 0.6 * before + 8 + 6 * rng.standard_normal(n)], axis=-1)
    y[:lost, 1] = np.nan
    rule = None if cut is None else Selection("risk", ("before",), "at_least", "at_boundary", threshold=cut)
    panel = Panel.from_arrays(y, name="risk", kind="score", selection=rule, missing="keep")
    subject = of_people({"risk": "score"}, rule=rule)
    line = {"source": "invented", "date": "2017", "reason": "a test"}
    lines = [EvidenceLine(confound=ScoreRegression(sem=sem, bin_width=4.0), **line) for sem in sems]
    own = tuple(
        Evidence(name=f"off-{k}", title="a", about="b", kind="score", lines=(each,)) for k, each in enumerate(lines)
    )
    return StudyPeople(
        study=replace(subject.study, own_evidence=own), cohort=Cohort({"risk": panel}), facts=(), notes=()
    )


def test_the_change_of_everybody_is_worked_out_where_people_are_lost(paper):
    (found,) = score_posterior.run(paper, QUICK).found
    assert found.result.interval == "bounds"
    assert found.lost == pytest.approx(38 / 225)
    assert found.sd == pytest.approx(142.71)
    middle = next(c for c in found.cases if c.sds == 0)
    assert (middle.set_low, middle.set_high) == (found.result.set_low, found.result.set_high)
    half = next(c for c in found.cases if c.sds == 0.5)
    assert half.set_low - middle.set_low == pytest.approx(142.71 / 2 * 38 / 225)
    assert found.tipping is None


def test_where_nobody_is_lost_and_nobody_entered_at_a_cut_there_is_nothing_to_say():
    assert score_posterior.run(with_scores(0), QUICK) == score_posterior.ScorePosteriors()
    assert score_posterior.run(with_scores(3), QUICK) == score_posterior.ScorePosteriors()  # too few to be spoken of


def test_the_tipping_point_is_where_the_interval_reaches_no_change():
    (found,) = score_posterior.run(with_scores(30), QUICK).found
    at = found.tipping * found.sd * found.lost
    middle = next(c for c in found.cases if c.sds == 0)
    assert min(abs(middle.conf_low + at), abs(middle.conf_high + at)) < 1e-9


def test_entry_at_a_cut_takes_three_sets_to_be_shown_net():
    (two,) = score_posterior.run(with_scores(0, cut=40.0, sems=(2.0, 4.0)), QUICK).found
    (three,) = score_posterior.run(with_scores(0, cut=40.0, sems=(2.0, 4.0, 6.0)), QUICK).found
    assert (two.net, two.cases) == ((), ())
    assert [e.spec.sem for e in three.net] == [2.0, 4.0, 6.0]
    assert [e.estimand for e in three.net] == ["att_score"] * 3
    assert sorted(e.estimate for e in three.net) == [e.estimate for e in three.net]
    assert three.result.estimate < three.net[0].estimate


def test_what_cannot_be_worked_out_of_a_score_says_why():
    below = with_scores(0, cut=40.0)
    panel = below.cohort["risk"]
    low = replace(panel, outcome=np.where(np.arange(panel.n)[:, None] == 0, 1.0, panel.outcome))
    (refusal,) = score_posterior.run(replace(below, cohort=Cohort({"risk": low})), QUICK).refusals
    assert "below the cut" in refusal.error.plain
    assert not any(c.isdigit() for c in refusal.error.plain)
