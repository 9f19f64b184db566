"""Curves of people as they may be given: roundings of many answers tell no more than those of a few."""

import math
from dataclasses import replace

import numpy as np
import pytest

from iom_causal.analysis.release import Release
from iom_causal.analysis.sensitivity import curves
from iom_causal.analysis.sensitivity.default_choices import NOT_ALLOWED_FOR
from iom_causal.analysis.sensitivity.released_curve import curve_as_given
from iom_causal.analysis.sensitivity.specifications import specification_curve
from iom_causal.analysis.steps import Effort
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.evaluation import read_subject
from iom_causal.panel import Panel
from iom_causal.sensitivity.specification_curve import Specification
from tests.analysis.sensitivity.test_specifications import people, scores
from tests.analysis.sensitivity.test_strengths import of

EXACT = 1e-12
GUARDED, RESEARCH = Release(Disclosure()), Release(Disclosure(research=True, reason="secure setting"))


@pytest.fixture(scope="module")
def curve():
    return specification_curve(people(400, days=False))


def without(row, curve):
    """The same choices without age and trend."""
    named = zip(curve.levels, row.chosen, strict=True)
    return tuple(NOT_ALLOWED_FOR if name in {"age curve", "trend"} else label for name, label in named)


def test_what_is_known_of_age_and_trend_does_not_undo_the_rounding(curve):
    """Were each answer rounded for itself, known factors would leave what is common to them far finer than a step."""
    given = {row.chosen: row for row in curve_as_given(curve, GUARDED).rows}
    exact = {row.chosen: row for row in curve.rows}
    checked = 0
    for chosen, row in given.items():
        if row.ends is None:
            continue
        base, plain = given[without(row, curve)], exact[without(row, curve)]
        assert base.estimate == round(base.estimate, 2)
        assert base.estimate == pytest.approx(plain.estimate, abs=0.05)
        moved = exact[chosen].estimate / plain.estimate
        assert row.estimate / base.estimate == pytest.approx(moved, abs=0.011)
        assert row.estimate / base.estimate == pytest.approx(round(row.estimate / base.estimate, 2), rel=EXACT)
        assert base.conf_low <= plain.conf_low + EXACT
        assert base.conf_high >= plain.conf_high - EXACT
        checked += 1
    assert checked > 20


def test_a_published_table_and_research_keep_their_curve(curve):
    assert curve_as_given(curve, Release()) is curve
    assert curve_as_given(curve, RESEARCH) is curve


def test_answers_of_a_few_people_more_or_of_too_few_are_refused(curve):
    first = curve.rows[0]
    assert first.n_used > 10
    sizes = {1: first.n_used - 3, 2: 9, 3: first.n_used}
    rows = (first, *(replace(first, chosen=curve.rows[k].chosen, n_used=n) for k, n in sizes.items()))
    given = curve_as_given(replace(curve, rows=rows), GUARDED)
    assert [row.code for row in given.rows] == ["", "IOM-E120", "IOM-E120", ""]
    assert all(row.ends is None for row in given.rows[1:3])
    open_to_all = curve_as_given(replace(curve, rows=rows), RESEARCH)
    assert [row.code for row in open_to_all.rows] == ["", "", "", ""]


def test_a_reason_of_people_names_no_number(curve):
    told = replace(curve.rows[0], estimate=None, code="IOM-E048", refused="the series ends; 3 people are below the cut")
    (row,) = curve_as_given(replace(curve, rows=(told,)), GUARDED).rows
    assert row.refused == "the series ends"


def test_what_people_without_a_later_score_are_taken_to_be_tells_their_number_no_finer_than_it_is_given():
    """Unchanged over as the others is the share kept: of so many people it is known to five of them."""
    found = curve_as_given(specification_curve(scores()), GUARDED)
    n = found.rows[0].n_used
    largest = max(abs(row.estimate) for row in specification_curve(scores()).answered)
    step = 5 * largest / n
    base = [row for row in found.answered if row.chosen[-1] == "without chance"]
    assert len(base) == 3
    for row in base:
        assert min(abs(row.estimate / k - round(row.estimate / k)) for k in (1, 2, 5, 0.5, 0.2) if k >= step) < EXACT


def test_the_step_gives_a_curve_an_outcome_or_says_why_not():
    paper = read_subject("sleath-brown-2017")
    found = curves.run(paper, Effort(quick=True))
    assert [c.outcome for c in found.curves] == ["arrests", "risk"]
    assert found.refusals == ()
    assert list(found.table().columns[:2]) == ["outcome", "age_curve"]
    assert len(found.table()) == sum(len(c.rows) for c in found.curves)
    alike = of(Panel.from_arrays(np.tile([6, 3], (40, 1)), name="arrests"))
    none = curves.run(alike, Effort())
    assert none.curves == ()
    assert [r.outcome for r in none.refusals] == ["arrests"]
    few = of(Panel.from_arrays([[3, 1]] * 6, name="arrests"))
    assert curves.run(few, Effort()) == curves.Curves()
    assert math.isfinite(found.curves[0].shares["below"])


def test_one_answer_makes_no_curve_and_the_reason_is_that_of_a_combination_that_was_refused(curve, monkeypatch):
    refused = Specification(chosen=curve.rows[1].chosen, code="IOM-E048", refused="it says so")
    alone = replace(curve, rows=(refused, curve.rows[0]))
    monkeypatch.setattr(curves, "specification_curve", lambda _: alone)
    found = curves.run(of(people(400, days=False)), Effort())
    assert found.curves == ()
    assert [(r.error.code, r.error.plain) for r in found.refusals] == [("IOM-E048", "it says so")]
