"""Bounds of people on a page: the order of windows where no rule made it, earlier dates where there are any."""

import numpy as np

from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.results import Refusal
from iom_causal.analysis.sensitivity import strengths
from iom_causal.analysis.steps import Effort
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.study import load_published
from iom_causal.sensitivity.placebo_result import PlaceboDates
from iom_causal.sensitivity.rosenbaum import RosenbaumBounds
from iom_causal.windows import Selection, Window

QUICK = Effort(quick=True)


def of(panel):
    """A study of one outcome."""
    windows = tuple(ExtractWindow(label=w.label, post=w.post) for w in panel.windows)
    outcome = ExtractOutcome(name=panel.name, kind=panel.kind, columns=tuple(w.label for w in panel.windows))
    study = Study(
        title="Ours",
        extract=Extract(file="a.csv", id="id", outcomes=(outcome,), windows=windows),
        selection=panel.selection,
    )
    return StudyPeople(study=study, cohort=Cohort({panel.name: panel}), facts=(), notes=())


def pool(years=8, people=3_000, cut=4):
    """Everybody on a list, year by year; whoever reaches the cut in the last year before is managed."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(1.0, 1.0, (people, 1)), (people, years))
    windows = [Window(f"y{k}", 365 * (k - years + 1), 365 * (k - years + 2), post=k == years - 1) for k in range(years)]
    rule = Selection("arrests", (windows[-2].label,), "at_least", "at_boundary", threshold=cut)
    never = counts[:, -2] < cut
    start = np.ma.MaskedArray(np.full(people, years - 1), mask=never)
    return Panel.from_arrays(counts, windows=windows, name="arrests", start=start, selection=rule)


def test_of_a_published_table_there_is_nothing():
    assert strengths.run(PublishedTable(study=load_published("sleath-brown-2017")), QUICK) == ()


def test_a_list_with_earlier_years_has_earlier_dates_and_no_bound_of_an_order_that_the_rule_made():
    (found,) = strengths.run(of(pool()), QUICK)
    assert isinstance(found.placebo, PlaceboDates)
    assert len(found.placebo.dates) == 6
    assert found.rosenbaum is None


def test_people_who_were_not_picked_on_it_have_a_bound_and_no_earlier_dates():
    values = np.random.default_rng(2).normal([70.0, 62.0], 8.0, (80, 2)).round()
    (found,) = strengths.run(of(Panel.from_arrays(values, kind="score", name="risk")), QUICK)
    assert isinstance(found.rosenbaum, RosenbaumBounds)
    assert found.rosenbaum.gamma_at > 1
    assert found.placebo is None


def test_no_bound_is_given_of_an_order_over_windows_of_unlike_length():
    rng = np.random.default_rng(3)
    values = rng.poisson(rng.gamma(2.0, 1.5, (200, 1)) * [2.0, 1.5])
    windows = [Window("before", -730, 0), Window("after", 0, 548, post=True)]
    (found,) = strengths.run(of(Panel.from_arrays(values, windows=windows, name="arrests")), QUICK)
    assert isinstance(found.rosenbaum, Refusal)
    assert "equally long" in found.rosenbaum.error.message


def test_a_list_with_too_few_earlier_years_says_so():
    (found,) = strengths.run(of(pool(years=4)), QUICK)
    assert isinstance(found.placebo, Refusal)
    assert found.placebo.error.code == "IOM-E048"
