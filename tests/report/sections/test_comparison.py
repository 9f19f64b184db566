"""The page on people with others beside them: what is offered as the programme's share, and what must not be."""

import re
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis import change, comparison, ledgers, regression
from iom_causal.analysis import people as described
from iom_causal.analysis.comparison import Basis, Unlike
from iom_causal.analysis.release import PRINT
from iom_causal.analysis.results import Why
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.estimators import (
    Ancova,
    DiffInDiff,
    Discontinuity,
    EventStudy,
    HonestTrends,
    Matched,
    SteppedWedge,
)
from iom_causal.panel import Panel
from iom_causal.protocol.study import EstimatorLine, Study
from iom_causal.report import phrases
from iom_causal.report.sections import change as of_change
from iom_causal.report.sections import closing, first_page
from iom_causal.report.sections import comparison as section
from iom_causal.report.sections import ledgers as of_ledgers
from iom_causal.report.sections import people as people_section
from iom_causal.windows import Selection, Window

QUICK = Effort(quick=True)
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))
CUT = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4)


def subject(counts, managed, *, kind="count", rule=None, selected=None, days=None, before=365, **settings):
    start = np.ma.MaskedArray(np.ones(len(counts), dtype=int), mask=~managed)
    windows = (Window("before", -before, 0), Window("after", 0, 365, post=True))
    panel = Panel.from_arrays(
        counts,
        name="arrests",
        kind=kind,
        start=start,
        selection=rule,
        windows=windows,
        selected=selected,
        exposure=days,
    )
    outcome = ExtractOutcome(name="arrests", kind=kind, columns=("a", "b"))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO, group="g")
    study = Study(title="Ours", extract=extract, selection=rule, **settings)
    return StudyPeople(study=study, cohort=Cohort({"arrests": panel}), facts=(), notes=())


def lots(n=400, ratio=0.6, seed=3):
    """People of whom lots decided who was managed."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 2.0, n)
    managed = np.arange(n) % 2 == 0
    return np.column_stack([rng.poisson(rate), rng.poisson(rate * np.where(managed, ratio, 1.0))]), managed


def by_cut(n=1200, seed=2):
    """People of whom those with four or more before were managed, to no avail."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 2.0, n)
    counts = rng.poisson(rate[:, None] * [1.0, 1.0])
    return counts, counts[:, 0] >= 4


def page(people, *steps):
    results = work(people, QUICK, comparison.run, change.run, *steps)
    texts = [*first_page.lead(people, results), *first_page.can_say(people, results)]
    texts += first_page.cannot_say(people, results)
    for s in (*section.section(people, results), closing.emmie(people, results)):
        texts += [s.title, *s.paragraphs, *s.points]
        texts += [cell for t in s.tables for row in (t.columns, *t.rows) for cell in row]
        texts += [text for f in s.figures for text in (f.caption, f.alt)]
    return results, texts


def test_a_comparison_of_people_alike_comes_first_with_what_must_hold():
    people = subject(*lots())
    results, texts = page(people)
    first, then, *_ = first_page.can_say(people, results)
    e = DiffInDiff()(people.cohort["arrests"])
    assert first.startswith("Beside people who were not managed, arrests of managed people came to ")
    assert f"{e.estimate:.2f}"[1:] in first
    assert first.endswith(f"the programme’s share, if {DiffInDiff.identification}.")
    assert then.startswith("The number of arrests per calendar day fell by ")
    assert "level 3 of 5" in first_page.lead(people, results)[0]
    assert any(DiffInDiff.identification in text for text in first_page.cannot_say(people, results))
    assert [text for text in texts if wording.violations(text)] == []


@pytest.mark.parametrize(("rule", "why"), [(CUT, Unlike.SELECTED), (None, Unlike.APART)])
def test_the_rest_of_those_from_whom_people_were_picked_are_no_comparison(rule, why):
    people = subject(*by_cut(), rule=rule)
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    shown = DiffInDiff()(people.cohort["arrests"])
    assert shown.conf_high < 0.8  # of a programme that does nothing
    assert (found.why_not_others, found.offered, found.estimates) == (why, (), ())
    assert not any(f"{shown.estimate:.2f}"[1:] in text for text in texts)
    said = first_page.can_say(people, results)
    assert said[0].startswith("The number of arrests per calendar day fell by ")
    assert said[1].startswith("People who were not managed are no comparison for arrests")
    assert "standard deviations apart" in said[1]
    assert "level 2 of 5" in first_page.lead(people, results)[0]
    assert [text for text in texts if wording.violations(text)] == []


def test_the_ledger_that_reads_them_is_named():
    counts, high = by_cut()
    people = subject(counts, high & (np.arange(len(counts)) % 3 > 0), rule=CUT)  # places were few
    results = work(people, QUICK, comparison.run, ledgers.run)
    (shown, _) = section.section(people, results)
    assert any("the ledger below (“as others, not managed, fared”)" in text for text in shown.paragraphs)
    (alone, _) = section.section(people, Results({comparison.run: results.of(comparison.run)}))
    assert not any("ledger below" in text for text in alone.paragraphs)


def no_change(days, n=3000):
    """People of two groups, the managed at a rate a tenth above that of the others, whose rates do not change."""
    rng = np.random.default_rng(8)
    managed = np.arange(n) < n // 2
    rate = rng.gamma(2.0, np.where(managed, 3.3, 3.0) / 2.0)
    return rng.poisson(rate[:, None] * np.asarray(days) / 365), managed


def shorter_after(n=3000):
    return np.column_stack([np.full(n, 365.0), np.where(np.arange(n) < n // 2, 180.0, 365.0)])


@pytest.mark.parametrize(("before", "days"), [(1095, None), (365, shorter_after())])
def test_over_unlike_time_differences_on_the_page_are_of_rates_or_not_given(before, days):
    counts, managed = no_change([before, 365] if days is None else days)
    asked = tuple(
        EstimatorLine(estimator=design, outcomes=("arrests",))
        for design in (DiffInDiff(contrast="difference"), Ancova())
    )
    people = subject(counts, managed, days=days, before=before, estimators=asked)
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    of_counts = counts[managed].mean(0) - counts[~managed].mean(0)
    assert found.offered
    for e in found.offered:
        nothing = 1.0 if e.scale == "ratio" else 0.0
        assert e.conf_low < nothing < e.conf_high, e.method
        assert not e.conf_low < (of_counts[1] - of_counts[0]) < e.conf_high  # what counts would show
    assert any("a person and 18 months" in text for text in first_page.can_say(people, results))
    assert [r.what for r in found.refusals if r.why is Why.UNLIKE_TIME] == [
        "analysis of covariance, gaussian, robust standard error"
    ]
    assert any("they compare counts and not rates" in text for text in texts)
    assert [text for text in texts if wording.violations(text)] == []


def test_what_a_study_asks_for_is_given_and_not_offered():
    line = EstimatorLine(estimator=DiffInDiff(contrast="difference"), outcomes=("arrests",))
    people = subject(*by_cut(), rule=CUT, estimators=(line,))
    results, _ = page(people)
    (found,) = results.of(comparison.run)
    assert [e.spec for e in found.estimates] == [line.estimator]
    assert found.offered == ()
    (shown, _) = section.section(people, results)
    assert [row[-1] for row in shown.tables[0].rows] == ["not the programme’s share: see above"]
    assert len(results.of(change.run).estimates) > 1  # the usual ones of the change: it names none of its own


def test_few_others_are_not_spoken_of():
    counts, managed = lots()
    managed = np.arange(len(counts)) >= 9
    counts[:9, 0] = [1, 2, 3, 4, 5, 6, 3, 5, 6]
    people = subject(counts, managed)
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    assert (found.before, found.unlike, found.estimates) == (None, ((Basis.OTHERS, Unlike.FEW),), ())
    assert not any("standard deviations apart" in text for text in texts)
    assert first_page.can_say(people, results)[0].startswith("The number of arrests")
    open_ = replace(people, study=replace(people.study, disclosure=Disclosure(research=True, reason="a test")))
    (found,) = comparison.run(open_, QUICK)
    assert len(found.offered) > 0


def test_people_alone_have_no_comparison_and_are_told_what_each_design_lacks():
    counts, _ = lots()
    people = subject(counts, np.ones(len(counts), dtype=bool))
    results, texts = page(people)
    (only,) = section.section(people, results)
    assert only.detail
    lacks = [row[3] for row in only.tables[0].rows if row[0].startswith("Difference in differences, ")]
    assert lacks
    assert all("there are no comparison people" in text for text in lacks)
    assert not any("=" in row[3] for row in only.tables[0].rows)  # names of settings have a column of their own
    assert section.headline(people, results) == ()
    assert [text for text in texts if wording.violations(text)] == []


def test_figures_of_people_leave_by_the_rules():
    people = subject(*lots())
    results, _ = page(people)
    files = section.files(people, results)
    assert set(files) == {"comparison.csv", "designs.csv"}
    frame = files["comparison.csv"].frame
    assert frame["std_error"].isna().all()
    assert set(frame["n_used"]) == {400}
    few = subject(*lots(n=46, seed=7))
    (shown, _) = section.section(few, work(few, QUICK, comparison.run))
    numbers = [n for row in shown.tables[0].rows for n in re.findall(r"\d+", row[3])]
    assert set(numbers) == {"45"}


def test_shares_of_people_are_not_compared_where_few_could_be_solved_for():
    counts, managed = lots()
    people = subject((counts > 3).astype(int), managed, kind="binary")
    (found,) = comparison.run(people, QUICK)
    assert found.estimates == ()
    assert {r.error.code for r in found.refusals} == {"IOM-E120"}


def picked(n=1500, seed=4):
    """People of two forces who had four or more before, of whom those of one were managed."""
    counts, high = by_cut(n, seed)
    return counts[high], np.arange(high.sum()) % 2 == 0


@pytest.mark.parametrize(("rule", "selected"), [(CUT, True), (CUT, None), (None, True)])
def test_people_picked_alike_are_a_comparison_by_statement_or_by_a_stated_cut(rule, selected):
    people = subject(*picked(), rule=rule, selected=selected)
    results, texts = page(people)
    (first, *_) = first_page.can_say(people, results)
    assert first.startswith("Beside people who were picked alike and not managed, arrests of managed people came to")
    (found,) = results.of(comparison.run)
    assert found.offered[0].conf_low < 1 < found.offered[0].conf_high
    assert [text for text in texts if wording.violations(text)] == []
    assert "c02" not in {row[0] for row in closing.limitations(people, results).tables[0].rows}


def test_those_stated_not_to_be_picked_are_no_comparison_whatever_their_level():
    (found,) = comparison.run(subject(*lots(), selected=False), QUICK)
    assert (found.why_not_others, found.offered) == (Unlike.SELECTED, ())


def test_those_picked_alike_are_compared_and_the_rest_set_aside():
    counts, high = by_cut()
    selected = np.ma.MaskedArray(high)
    people = subject(counts, high & (np.arange(len(counts)) % 2 == 0), rule=CUT, selected=selected)
    (found,) = comparison.run(people, QUICK)
    assert found.before.n_others == (high & (np.arange(len(counts)) % 2 == 1)).sum()
    assert found.offered[0].n_used == high.sum()


def test_people_are_matched_on_age_and_on_groups_that_both_sides_have():
    people = subject(*lots())
    own = people.cohort["arrests"]
    n = own.n
    columns = {"sex": np.where(np.arange(n) % 3, "m", "f"), "force": np.where(own.group, "ours", "theirs")}
    panel = replace(own, age=np.linspace(20, 50, n), covariates=columns)
    (found,) = comparison.run(replace(people, cohort=Cohort({"arrests": panel})), QUICK)
    (matched,) = [e.spec for e in found.offered if isinstance(e.spec, Matched)]
    assert (matched.exact, matched.covariates) == (("sex",), "age")
    (e,) = [e for e in found.offered if isinstance(e.spec, Matched)]
    (said,) = section._matched(replace(found, estimates=(e,)))
    assert said.startswith("For the matched comparison of arrests, people were matched on sex")
    assert "age" in said
    assert "the outcome before" not in said
    last = (0.0,) * (len(e.diagnostics["covariates"]) - 1)
    worse = {**e.diagnostics, "difference_before": (*last, 0.08), "difference_after": (*last, -0.21)}
    (_, further) = section._matched(replace(found, estimates=(replace(e, diagnostics=worse),)))
    assert "further apart in the outcome before: from 0.08 standard deviations before it to 0.21 after" in further


def series(months=36, n=200, seed=5):
    """Managed people alone, month by month, with a fall by a quarter in the last third."""
    rng = np.random.default_rng(seed)
    first = 2 * months // 3
    rate = rng.gamma(2.0, 0.2, n)[:, None] * np.where(np.arange(months) >= first, 0.75, 1.0)
    windows = [Window(f"m{k}", 30 * (k - first), 30 * (k - first + 1), post=k >= first) for k in range(months)]
    return Panel.from_arrays(rng.poisson(rate), name="arrests", windows=windows)


def of_panel(panel, rule=None):
    months = tuple(ExtractWindow(label=w.label, start=w.start, end=w.end, post=w.post) for w in panel.windows)
    outcome = ExtractOutcome(name="arrests", kind="count", columns=tuple(w.label for w in months))
    extract = Extract(file="a.csv", id="id", outcomes=(outcome,), windows=months)
    study = Study(title="Ours", extract=extract, selection=rule)
    cohort = Cohort({"arrests": replace(panel, selection=rule)})
    return StudyPeople(study=study, cohort=cohort, facts=(), notes=())


BY_RATE = Selection("arrests", ("before",), "rate", "at_boundary")


def test_a_series_is_offered_only_where_people_are_stated_to_be_picked_for_no_count():
    people = of_panel(series(), BY_RATE)
    results, texts = page(people)
    (first, *_) = first_page.can_say(people, results)
    assert first.startswith("Beside their own course before, arrests of managed people came to ")
    assert "level 2 of 5" in first_page.lead(people, results)[0]
    assert [text for text in texts if wording.violations(text)] == []
    ruled = of_panel(series(), replace(CUT, windows=("m23",), threshold=1))
    results, texts = page(ruled)
    (found,) = results.of(comparison.run)
    assert (found.offered, dict(found.unlike)[Basis.COURSE]) == ((), Unlike.SERIES)
    (shown, _) = section.section(ruled, results)
    assert sum("those who are picked at a high point come down by themselves" in p for p in shown.paragraphs) == 1


def test_a_series_of_people_of_whom_nothing_is_known_is_a_row_and_no_headline():
    people = of_panel(series())
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    assert (found.offered, dict(found.unlike)) == ((), {Basis.COURSE: Unlike.UNSTATED})
    (first, then, *_) = first_page.can_say(people, results)
    assert first.startswith("The number of arrests per calendar day fell by ")
    assert then.startswith("The study does not say how people were picked. If they entered when they had many arrests")
    (shown, _) = section.section(people, results)
    assert [row[-1] for t in shown.tables for row in t.rows] == ["not the programme’s share: see above"]
    assert shown.figures == ()
    assert [text for text in texts if wording.violations(text)] == []


@pytest.mark.parametrize(
    ("rule", "few", "why"),
    [(None, 0, Unlike.STATED_APART), (CUT, 0, Unlike.STATED_BELOW), (CUT, 4, Unlike.CUT_APART)],
)
def test_a_statement_that_the_data_contradict_is_not_believed(rule, few, why):
    counts, _ = by_cut()
    managed = counts[:, 0] >= (few or 3) + 3
    keep = counts[:, 0] >= few
    people = subject(counts[keep], managed[keep], rule=rule, selected=None if few else True)
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    assert (found.why_not_others, found.offered, found.estimates) == (why, (), ())
    (_, then, *_) = first_page.can_say(people, results)
    assert "the key selec" in then
    assert "agree" in then
    assert [text for text in texts if wording.violations(text)] == []


def test_chance_alone_contradicts_no_statement():
    worlds = [by_cut(400, seed) for seed in range(60)]
    alike = [subject(c[high], np.arange(high.sum()) % 4 == 0, selected=True) for c, high in worlds]
    before = [comparison.before_of(people, people.cohort["arrests"]) for people in alike]
    assert sum(abs(b.apart) > comparison.FAR for b in before) > 5  # so few people
    assert not any(b.contradicts for b in before)


def test_somebody_managed_from_the_first_window_is_set_aside():
    panel = staggered()
    start = panel.start.copy()
    start[0] = 0
    (found,) = comparison.run(of_panel(replace(panel, start=start)), QUICK)
    (without,) = comparison.run(of_panel(panel), QUICK)
    assert found.why_not_others is None
    assert found.before.n == without.before.n - 1
    assert [type(e.spec) for e in found.offered] == [type(e.spec) for e in without.offered]
    every = np.ma.MaskedArray(np.zeros(panel.n, dtype=int), mask=np.ma.getmaskarray(panel.start))
    (none,) = comparison.run(of_panel(replace(panel, start=every)), QUICK)
    assert (none.unlike, none.estimates) == ((), ())


def by_month(months=30, start=18, n=300):
    """People of two groups over months, half of whom are managed from one of them on."""
    rng = np.random.default_rng(4)
    managed = np.arange(n) < n // 2
    rate = rng.gamma(2.0, 0.1, n)[:, None] * np.where(managed[:, None] & (np.arange(months) >= start), 0.6, 1.0)
    windows = [Window(f"m{k}", 30 * (k - start), 30 * (k - start + 1), post=k >= start) for k in range(months)]
    first = np.ma.MaskedArray(np.full(n, start), mask=~managed)
    return Panel.from_arrays(rng.poisson(rate), name="arrests", windows=windows, start=first)


def test_bounds_that_tell_nothing_over_many_months_are_left_out_unless_asked_for():
    panel = by_month()
    people = of_panel(panel)
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    assert HonestTrends()(panel).conf_high > 2
    assert not any(isinstance(e.spec, HonestTrends) for e in found.estimates)
    assert any(isinstance(e.spec, DiffInDiff) for e in found.offered)
    assert sum("its limits are so wide that they tell nothing" in text for text in texts) == 1
    assert [text for text in texts if wording.violations(text)] == []
    asked = EstimatorLine(estimator=HonestTrends(), outcomes=("arrests",))
    (given,) = comparison.run(replace(people, study=replace(people.study, estimators=(asked,))), QUICK)
    assert [e.spec for e in given.estimates][:1] == [HonestTrends()]
    (short,) = comparison.run(of_panel(by_month(months=5, start=3)), QUICK)
    assert any(isinstance(e.spec, HonestTrends) for e in short.estimates)


def test_many_windows_are_described_before_and_after():
    people = of_panel(by_month())
    results = work(people, QUICK, described.run)
    (shown,) = people_section.section(people, results)
    table = shown.tables[1]
    assert [row[0] for row in table.rows] == ["arrests, before", "arrests, after"]
    assert "Of arrests there are many windows: those before are put together, and those after." in table.caption
    before = people.cohort["arrests"].managed.outcome[:, :18].sum(1)
    assert table.rows[0][2] == people.release.mean(before.mean(), len(before), moved=abs(before - before.mean()).max())
    few = of_panel(by_month(months=5, start=3))
    (each,) = people_section.section(few, work(few, QUICK, described.run))
    assert len(each.tables[1].rows) == 5
    assert each.tables[1].caption == phrases.TABLE_ONE + phrases.TABLE_ONE_ROUNDED


def staggered(days=90):
    """People of three starts, and some who are never managed."""
    rng = np.random.default_rng(6)
    begun = np.repeat([4, 6, 8, 10], 80)
    rate = rng.gamma(2.0, 0.5, 320)[:, None] * np.where(np.arange(10) >= begun[:, None], 0.6, 1.0)
    windows = [Window(f"w{k}", days * (k - 4), days * (k - 3), post=k >= 4) for k in range(10)]
    start = np.ma.MaskedArray(np.minimum(begun, 9), mask=begun == 10)
    return Panel.from_arrays(rng.poisson(rate), name="arrests", windows=windows, start=start)


@pytest.mark.parametrize(("days", "base"), [(30, "every"), (90, "universal")])
def test_months_are_put_together_before_a_start(days, base):
    people = of_panel(staggered(days))
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    (study,) = (e for e in found.offered if isinstance(e.spec, EventStudy))
    assert study.spec == EventStudy(base=base)
    assert any("since all windows before together" in text for text in texts) == (base == "every")
    assert [text for text in texts if wording.violations(text)] == []


def test_people_who_entered_at_different_times_have_a_comparison_and_no_one_change():
    people = of_panel(staggered())
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    first = found.offered[0]
    assert type(first.spec).__name__ == "EventStudy"
    assert first.conf_low < 0.6 < first.conf_high
    assert any("the two went" in text or "groups went apart" in text for text in texts)
    assert [r.why for r in results.of(change.run).refusals] == [Why.STARTS_DIFFER]
    assert [f.name for s in section.section(people, results) for f in s.figures][:1] == ["comparison-arrests"]
    assert [text for text in texts if wording.violations(text)] == []


def test_where_no_comparison_by_time_of_entry_is_offered_nothing_is_said_to_stand_above():
    panel = staggered()
    high = np.where(panel.group, 5, 0)[:, None] * np.ones(len(panel.windows), dtype=int)
    people = of_panel(replace(panel, outcome=panel.outcome + high))
    results, texts = page(people)
    (found,) = results.of(comparison.run)
    assert (found.why_not_others, found.estimates) == (Unlike.APART, ())
    (shown,) = of_change.section(people, results)
    assert not any("shows stands above" in text for text in shown.paragraphs)
    assert any("No comparison by time of entry is offered either" in text for text in shown.paragraphs)
    assert "one group" not in " ".join(texts)
    assert [text for text in texts if wording.violations(text)] == []


def test_people_picked_alike_say_what_was_to_be_expected_first_and_picking_is_a_second_answer():
    people = subject(*picked(), rule=CUT, selected=True)
    results = work(people, QUICK, comparison.run, change.run, regression.run, ledgers.run)
    said = first_page.can_say(people, results)
    second = said.index(phrases.SECOND_ANSWER)
    assert said[0].startswith("Beside people who were picked alike")
    assert said[1].startswith("The number of arrests")
    assert second == 2 < len(said) - 1
    assert not any(
        "the study does not say how they were picked" in text for text in first_page.cannot_say(people, results)
    )
    parts = [short.part for s in section.section(people, results) for short in s.short]
    assert parts == ["expected", "overturn"]
    told = " ".join(text for s in of_ledgers.section(people, results) for text in s.paragraphs)
    assert "the keys group and managed" not in told
    unstated = subject(*picked(), selected=True)
    results = work(unstated, QUICK, comparison.run, change.run)
    assert not any("does not say how they were picked" in t for t in first_page.cannot_say(unstated, results))
    assert phrases.SECOND_ANSWER not in first_page.can_say(unstated, results)


def test_a_stepped_wedge_of_one_step_is_a_draw_by_lot():
    line = EstimatorLine(estimator=SteppedWedge(by_lot=True, draws=99), outcomes=("arrests",))
    people = subject(*lots(), estimators=(line,))
    results, texts = page(people)
    assert first_page.can_say(people, results)[0].startswith("Beside people of whom lots decided")
    assert not any("tepped wedge" in text or "order in which" in text for text in texts)


def test_no_two_designs_have_one_name():
    people = of_panel(series())
    (*_, lacks) = section.section(people, work(people, QUICK, comparison.run))
    names = [row[0] for row in lacks.tables[0].rows]
    assert len(set(names)) == len(names)
    assert {"Interrupted time series, alone", "Interrupted time series, beside others"} < set(names)


def test_both_scales_of_a_count_are_shown():
    (found,) = comparison.run(subject(*lots()), QUICK)
    scales = [e.scale for e in found.offered if isinstance(e.spec, DiffInDiff)]
    assert scales == ["ratio", "difference"]


def test_a_design_that_refuses_is_named_once():
    line = EstimatorLine(estimator=Matched(exact=("sex",)), outcomes=("arrests",))
    people = subject(*lots(), estimators=(line,))
    (shown, _) = section.section(people, work(people, QUICK, comparison.run))
    (text,) = [p for p in shown.paragraphs if "not computed" in p]
    assert text.startswith("For arrests, matched difference in differences is not computed: the panel has no covariate")


@pytest.mark.parametrize("alike", [True, False])
def test_a_rule_on_one_outcome_tells_of_the_others_too(alike):
    counts, high = by_cut()
    rng = np.random.default_rng(8)
    mine = high & (rng.random(len(counts)) < 0.5)
    keep = high if alike else np.ones(len(counts), dtype=bool)
    people = subject(counts[keep], mine[keep], rule=CUT)
    scores = rng.normal(300, 50, (keep.sum(), 2))
    own = people.cohort["arrests"]
    risk = Panel.from_arrays(scores, name="risk", kind="score", start=own.start, windows=own.windows, selection=CUT)
    both = (*people.study.extract.outcomes, ExtractOutcome(name="risk", kind="score", columns=("c", "d")))
    study = replace(people.study, extract=replace(people.study.extract, outcomes=both))
    people = replace(people, study=study, cohort=Cohort({"arrests": own, "risk": risk}))
    results, texts = page(people)
    arrests, of_risk = results.of(comparison.run)
    wanted = None if alike else Unlike.SELECTED
    assert (arrests.why_not_others, of_risk.why_not_others) == (wanted, wanted)
    said = [text for text in first_page.can_say(people, results) if "risk of managed people changed by" in text]
    assert len(said) == alike
    assert all(re.search(r"changed by -?\d+(\.\d+)? points \(95% interval", text) for text in said)
    assert not any("many risk" in text for text in texts)
    assert [text for text in texts if wording.violations(text)] == []


@pytest.mark.parametrize("few", [0, 4])
def test_no_picture_shows_a_start_of_few_people(few):
    panel = staggered()
    start = panel.start.copy()
    start[:few] = 7
    results = work(of_panel(replace(panel, start=start)), QUICK, comparison.run)
    (found,) = results.of(comparison.run)
    assert [e.spec for e in found.estimates]
    assert bool(found.pictures) is (few == 0)


@pytest.mark.parametrize(("p", "said"), [(0.0499, "groups went apart by more than chance"), (0.0501, "nothing shows")])
def test_windows_before_that_differ_are_said_to(p, said):
    (found,) = comparison.run(of_panel(staggered()), QUICK)
    (first, *_) = found.offered
    tested = replace(first, diagnostics={**first.diagnostics, section.PRE_TREND: p})
    (text,) = section._apart_before(replace(found, estimates=(tested,)), PRINT)
    assert said in text


def test_what_a_picture_shows_is_counted_in_people_with_every_window():
    people = subject(*lots())
    own = people.cohort["arrests"]
    score = np.where(np.arange(own.n) < 3, 99, np.arange(own.n) % 20)
    panel = replace(own, covariates={"score": score, "team": np.where(np.arange(own.n) < 12, "a", "b")})
    by_score, by_team = Discontinuity(running="score", cutoff=10), DiffInDiff(cluster="team")
    assert comparison._may_be_drawn(people, panel, by_score)
    assert comparison._may_be_drawn(people, panel, by_team)
    gone = panel.outcome.astype(float)
    gone[:4, 1] = np.nan
    assert not comparison._may_be_drawn(people, replace(panel, outcome=gone), by_team)
    light = np.where(np.arange(own.n) < 12, 0, 1)
    assert not comparison._may_be_drawn(people, replace(panel, weight=light), by_team)
