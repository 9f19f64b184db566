"""What a page says of direction, outcome and people is what the figures say, for a print and for people alike."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from iom_causal.analysis import change, ledgers, models, null, regression
from iom_causal.analysis.published.people_changed import direction
from iom_causal.analysis.published.table import PublishedTable
from iom_causal.analysis.steps import Effort, Results, work
from iom_causal.analysis.study_people import StudyPeople
from iom_causal.base import wording
from iom_causal.cohort import Cohort
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow
from iom_causal.data.extracts import Extract
from iom_causal.estimators import RateRatio
from iom_causal.ledger import Ledger
from iom_causal.panel import Panel
from iom_causal.protocol.study import Study
from iom_causal.published.printed import Printed
from iom_causal.published.study import load_published
from iom_causal.report import sections
from iom_causal.report.sections import closing, first_page
from iom_causal.windows import Selection

N = 100
TWO = (ExtractWindow(label="before"), ExtractWindow(label="after", post=True))


def printed(mean_pre, mean_post, sd_pre, sd_post, r, name="arrests"):
    """A print with these moments: the bundled template with another count, and a t that goes with them."""
    paper = load_published("template")
    contacts = paper.outcome("contacts")
    t = (mean_pre - mean_post) / np.sqrt((sd_pre**2 + sd_post**2 - 2 * r * sd_pre * sd_post) / N)
    before = replace(contacts.before, n=Printed(str(N)), mean=Printed(f"{mean_pre:.2f}"), sd=Printed(f"{sd_pre:.2f}"))
    after = replace(contacts.after, n=Printed(str(N)), mean=Printed(f"{mean_post:.2f}"), sd=Printed(f"{sd_post:.2f}"))
    test = replace(contacts.test, value=Printed(f"{t:.2f}"), df=(Printed(str(N - 1)),), effect_size=None)
    moved = replace(contacts, name=name, before=before, after=after, test=test, change=None)
    return PublishedTable(
        study=replace(
            paper, outcomes=(moved,), subgroups=(), claims=(), tests=(), sample=replace(paper.sample, n=Printed(str(N)))
        )
    )


def people(before, after, *, name="arrests", kind="count", group=None, selection=None):
    """A study of people with these counts, as it is once its file has been read."""
    counts = np.column_stack([before, after]).astype(float)
    start = None if group is None else np.ma.MaskedArray([1] * len(counts), mask=~group)
    panel = Panel.from_arrays(counts, name=name, kind=kind, selection=selection, start=start)
    outcome = ExtractOutcome(name=name, kind=kind, columns=("a", "b"))
    study = Study(
        title="Ours", extract=Extract(file="a.csv", id="id", outcomes=(outcome,), windows=TWO), selection=selection
    )
    return StudyPeople(study=study, cohort=Cohort({name: panel}), facts=(), notes=())


def rising(n=60):
    rng = np.random.default_rng(4)
    rate = rng.gamma(2.0, 1.5, n)
    return rng.poisson(rate), rng.poisson(rate) + 2


def with_rule(subject, name):
    rule = Selection(name, ("before",), "soft", "at_boundary", threshold=3, softness=2)
    panel = replace(subject.cohort[name], selection=rule)
    return StudyPeople(study=replace(subject.study, selection=rule), cohort=Cohort({name: panel}), facts=(), notes=())


QUICK = Effort(quick=True)
NAMED_AS_EXAMPLES = "such as arrests"
"""How a general sentence may name them."""


def changed_and_regressed(subject):
    """What the two steps return, and what the first page says of them."""
    results = work(subject, QUICK, change.run, regression.run)
    return results, results.of(regression.run), first_page.can_say(subject, results)


def of_regression(subject, results):
    (section,) = sections.regression.section(subject, results)
    return section


def test_a_rise_with_a_slope_above_1_is_told_as_no_fall_to_be_expected():
    subject = printed(5.0, 6.0, 3.0, 6.0, 0.75)
    results, found, said = changed_and_regressed(subject)
    assert not found.views  # the slope is 1.5
    assert any("rose by 20.0%" in s for s in said)
    assert not any("part of the" in s for s in said)
    section = of_regression(subject, results)
    assert any("steeper than the observed ratio" in p for p in section.paragraphs)
    assert not any("is the whole change" in p for p in section.paragraphs)
    assert not section.figures


def test_a_rise_is_told_as_one_in_a_print_and_of_people_alike():
    # (6 - 5 b) / (1 - b) with b = .5 x 4 / 3, by hand
    paper = printed(5.0, 6.0, 3.0, 4.0, 0.5)
    assert changed_and_regressed(paper)[1].views[0].tipping.mean == pytest.approx(8.0, abs=0.1)  # the print rounds t
    for subject in (paper, people(*rising())):
        results, _, said = changed_and_regressed(subject)
        (anyway,) = (s for s in said if "anyway" in s)
        assert "picked when they had few arrests, part of the rise was to be expected anyway" in anyway
        assert "it was all of the fall" not in anyway
        (whole,) = (p for p in of_regression(subject, results).paragraphs if "whole change" in p)
        assert "picked for few arrests" in whole
        assert "further up than they went" in whole
        assert wording.violations(anyway + whole) == ()


def test_a_fall_is_told_as_before():
    for subject in (printed(6.84, 3.61, 4.75, 3.66, 0.536), people(*rising()[::-1])):
        said = changed_and_regressed(subject)[-1]
        assert any("because of many arrests, part of the fall was to be expected anyway" in s for s in said)
        assert not any("rise" in s for s in said if "anyway" in s)


def test_a_rise_of_people_picked_for_many_is_not_told_as_a_trough():
    before, after = rising()
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=1)
    subject = people(before[before > 0], after[before > 0], selection=rule)
    results, found, said = changed_and_regressed(subject)
    assert found.views == ()
    unread = of_regression(subject, results).paragraphs
    assert any("so that a fall was to be expected anyway; they rose" in s for s in unread)
    assert not any("had few" in s for s in said)


def test_the_question_whether_it_had_come_anyway_names_no_fall_where_there_is_none():
    subject = people(*rising())
    (section,) = sections.null.section(subject, work(subject, QUICK, null.run))
    assert section.title.startswith("Would this change have come anyway?")
    assert not any("taken as likelier to have been picked" in p for p in section.paragraphs)


def test_the_number_of_people_who_went_as_the_mean_did_is_told():
    assert direction(printed(5.0, 6.0, 3.0, 4.0, 0.5).outcomes[0]) == "went up"
    assert direction(printed(6.0, 5.0, 3.0, 4.0, 0.5).outcomes[0]) == "went down"


@pytest.mark.parametrize("compared", [True, False])
def test_a_design_with_comparison_people_is_not_said_to_be_without(compared):
    before, after = rising()
    group = np.arange(len(before)) % 3 > 0 if compared else None
    own = people(before, after, group=group)
    paper = PublishedTable(study=replace(load_published("sleath-brown-2017"), comparison_group=compared))
    for subject in (own, paper):
        lead, row = first_page.lead(subject, Results()), closing.emmie(subject, Results()).tables[0].rows[0][1]
        assert ("without a comparison group" in lead[0]) is not compared
        assert ("others who were not" in lead[0]) is compared
        assert "level 2 of 5" in lead[0]
        assert row.startswith("one group") is not compared


def both_ways(subject, *steps):
    section = closing.limitations(subject, work(subject, QUICK, *steps))
    return [p for p in section.paragraphs if "may look larger" in p]


def test_what_hides_a_fall_makes_a_rise_look_larger():
    up = people(*rising())
    down = people(*rising()[::-1])
    for subject, moved in ((up, "rise"), (down, "fall")):
        (said,) = both_ways(subject, change.run)
        larger, smaller = said.split(", and smaller by ")
        assert said.startswith(f"The {moved} may look larger")
        assert ("ageing" in smaller) is (moved == "rise")
        assert ("breaches and recalls" in larger) is (moved == "rise")
        assert "management that existed before" in smaller
        assert wording.violations(said) == ()


def test_what_can_work_either_way_is_said_to():
    paper = load_published("sleath-brown-2017")
    (said,) = both_ways(PublishedTable(study=paper))
    one_way, either = said.split("Either way: ")
    for text in ("other changes over the same period", "missing follow-up", "seasons", "de-selected"):
        assert text in either
        assert text not in one_way
    assert "less time in custody after" in one_way.partition("smaller by")[2]
    whole = [
        replace(w, end=w.start.replace(year=w.start.year + 2)) for w in paper.windows
    ]  # two years each: no season more
    whole[1] = replace(whole[1], start=whole[0].end, end=whole[0].end.replace(year=whole[0].end.year + 2))
    (same,) = both_ways(PublishedTable(study=replace(paper, windows=tuple(whole))))
    assert "seasons" not in same


def test_days_are_at_risk_only_where_they_are_known():
    paper = PublishedTable(study=load_published("sleath-brown-2017"))
    (said,) = (s for s in sections.change.headline(paper, work(paper, QUICK, change.run)) if "number of arrests" in s)
    assert "arrests per calendar day fell" in said
    own = people(*rising())
    dated = Panel.from_arrays(own.cohort["arrests"].outcome, name="arrests", exposure=[365, 365])
    for columns, per in (((), "calendar day"), (("d1", "d2"), "day at risk")):
        extract = replace(own.study.extract, days_at_risk=columns)
        study = StudyPeople(
            study=replace(own.study, extract=extract), cohort=Cohort({"arrests": dated}), facts=(), notes=()
        )
        said = sections.change.headline(study, work(study, QUICK, change.run))
        assert any(f"arrests per {per} rose" in s for s in said)


def test_two_observed_ratios_are_named_once_side_by_side():
    paper = PublishedTable(study=load_published("sleath-brown-2017"))
    section = of_regression(paper, work(paper, QUICK, regression.run))
    (said,) = (p for p in section.paragraphs if "observed ratio" in p)
    assert "the observed ratio of .528 (per window as printed; .526 per calendar day)" in said  # 3.61/6.84, x 547/549


def test_a_page_about_other_outcomes_does_not_speak_of_arrests():
    name, (before, after) = "attendances", rising()[::-1]
    own = people(before, after, name=name)
    assert any(f"these figures are about {name} as recorded" in s for s in first_page.cannot_say(own, Results()))
    results, ruled = work(own, QUICK, change.run, regression.run), with_rule(own, name)
    shown = [
        closing.limitations(own, results),
        *sections.regression.section(own, results),
        *sections.ledgers.section(ruled, work(ruled, QUICK, ledgers.run))[:1],
    ]
    said = [t for s in shown for t in (*s.paragraphs, *(c for x in s.tables for row in x.rows for c in row))]
    assert [t for t in said if re.search(r"\barrests?\b", t.replace(NAMED_AS_EXAMPLES, ""))] == []
    assert not any("lost to follow-up" in t for t in said)  # nobody is
    assert not any(wording.violations(t) for t in said)


def test_people_who_are_lost_are_told_of_where_there_are_some():
    before, after = rising()[::-1]
    gaps = after.astype(float)
    gaps[:12] = np.nan
    frame = pd.DataFrame({"id": range(len(gaps)), "pre": before, "post": gaps})
    panel = Panel.from_wide(frame, unit="id", pre="pre", post="post", kind="count", name="arrests", missing="keep")
    lost, whole = (Ledger(draws=100)(p, rng=1).assumptions for p in (panel, people(before, after).cohort["arrests"]))
    assert "people lost to follow-up changed as the others did" in lost
    assert "people lost to follow-up changed as the others did" not in whole


NOT_CALIBRATED = "expected a fall, but the rate after is"
"""Why there is no null calibration of a rise."""
FALLS, RISES = (
    re.compile(r"\b(fall|falls|fell|fallen|fewer (?!than \d)|come down|comes down)\b"),
    re.compile(r"\b(rise|rose|gone up)\b"),
)


def texts_of_a_rise(kind):
    """Every text of the sections that a rise has, of a print or of people, and why it has no null calibration."""
    if kind == "print":
        subject = printed(5.0, 6.0, 3.0, 4.0, 0.5)
    else:
        subject = with_rule(people(*rising()), "arrests") if kind == "picked" else people(*rising())
    results = work(subject, QUICK, change.run, models.run, null.run, regression.run, ledgers.run)
    listing = (
        *first_page.lead(subject, Results()),
        *first_page.can_say(subject, results),
        *first_page.cannot_say(subject, Results()),
        *sections.change.headline(subject, results),
    )
    parts = (sections.change, sections.null, sections.regression, *([] if kind == "print" else [sections.ledgers]))
    shown = [section for part in parts for section in part.section(subject, results) if not section.detail]
    shown += [closing.limitations(subject, results), *([] if kind == "print" else [closing.emmie(subject, Results())])]
    for s in shown:
        yield from (s.title, *s.paragraphs, *s.points)
        yield from (t for x in s.tables for t in (x.caption, *x.columns, *(c for row in x.rows for c in row)))
        yield from (t for f in s.figures for t in (f.caption, f.alt))
    yield from listing


@pytest.mark.parametrize("kind", ["print", "people", "picked"])
def test_no_text_of_a_rise_speaks_of_a_fall_alone(kind):
    said = list(texts_of_a_rise(kind))
    assert any("rose" in text for text in said)
    assert [t for t in said if FALLS.search(t) and not RISES.search(t) and NOT_CALIBRATED not in t] == []


@pytest.mark.parametrize(
    ("lost", "said"), [(0, "The number of arrests rose"), (20, "Among the 40 of 60 people with both")]
)
def test_a_change_of_counts_says_of_whom_it_speaks(lost, said):
    before, after = (v.astype(float) for v in rising())
    subject = people(before, after)
    counts = np.column_stack([before, after])
    counts[:lost, 1] = np.nan
    panel = Panel.from_arrays(counts, name="arrests", kind="count", missing="keep")
    subject = StudyPeople(study=subject.study, cohort=Cohort({"arrests": panel}), facts=(), notes=())
    assert sections.change.of_estimate(RateRatio()(panel), subject).startswith(said)


def test_of_people_picked_on_their_rate_nothing_is_said_of_a_count():
    rule = Selection("arrests", ("before",), "rate", "at_boundary")
    before = np.random.default_rng(1).poisson(6, 60)
    subject = people(before, before // 2, selection=rule)
    results, _, _ = changed_and_regressed(subject)
    said = " ".join(of_regression(subject, results).paragraphs)
    assert "picked for the rate behind their arrests, as the study states, and not for a count" in said
    assert "picked on the count" not in said
    assert wording.violations(said) == ()
