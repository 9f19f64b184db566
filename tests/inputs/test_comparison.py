"""Comparison people of two kinds: who is compared with, and who is read as the source population."""

from dataclasses import replace

import numpy as np
import pytest

import iom_causal as iom
from iom_causal.bayes.shared.selected_people import selected_people
from iom_causal.confounds.regression.pool import Pool
from iom_causal.errors import InputError, NotIdentifiedError
from iom_causal.estimators.shared.requirements import ALIKENESS, selected_alike
from iom_causal.inputs.alikeness import Alikeness, alikeness
from iom_causal.inputs.comparison import SET_ASIDE, compared, source_population
from iom_causal.inputs.selected import reached
from iom_causal.panel import Panel
from iom_causal.simulate import Careers, Enrolment, NeighbouringForce, NextBelow, RandomHalf, WaitingList
from iom_causal.windows import Selection, Window

YEARS = tuple(Window(f"year {k}", 365 * k, 365 * (k + 1), post=k == 0) for k in range(-4, 1))
RULE = Selection("arrests", ("year -1",), "at_least", "at_boundary", threshold=4.0)


def panel(selected, rng=1, n=240):
    """Managed people, others selected alike and the rest, each a third; rates last."""
    generator = np.random.default_rng(rng)
    kind = np.repeat([0, 1, 2], n // 3)
    y = generator.poisson(generator.gamma(np.where(kind == 2, 1.0, 5.0), 1.0)[:, None], (n, 5))
    y[kind < 2, 3] += 4
    stated = {"known": np.ma.MaskedArray(kind < 2), "open": None, "alike": np.ma.MaskedArray(kind < 2, mask=kind == 2)}
    return Panel.from_arrays(
        y,
        name="arrests",
        windows=YEARS,
        selection=RULE,
        start=np.ma.MaskedArray(np.full(n, 4), mask=kind > 0),
        selected=stated[selected],
    )


def third(people, k):
    return people.where(np.isin(np.arange(240) // 80, k))


@pytest.mark.parametrize("selected", ["known", "alike"])
def test_each_kind_is_read_for_what_it_is_good_for(selected):
    both = panel(selected)
    assert compared(both).outcome.tolist() == third(both, [0, 1]).outcome.tolist()
    assert source_population(both).outcome.tolist() == third(both, [0, 2]).outcome.tolist()
    assert compared(both).notes == (SET_ASIDE,)
    assert both.alike.sum() == both.rest.sum() == 80
    assert not (both.alike & both.rest).any()


def test_where_the_panel_does_not_say_everybody_is_read():
    both = panel("open")
    assert compared(both) is both
    assert source_population(both) is both
    assert both.rest.sum() == 160


@pytest.mark.parametrize("design", [iom.DiffInDiff(), iom.Ancova(), iom.Ancova(family="poisson")])
def test_contrasts_are_those_of_the_panel_without_the_rest_and_say_so(design):
    both = panel("known")
    estimate, alone = design(both), design(third(both, [0, 1]))
    assert (estimate.estimate, estimate.conf_low) == (alone.estimate, alone.conf_low)
    assert SET_ASIDE in estimate.notes
    assert SET_ASIDE not in alone.notes
    many = iom.batch(design, replace(both, outcome=np.stack([both.outcome] * 2), notes=()))
    assert many.estimate == pytest.approx([estimate.estimate] * 2, rel=1e-9)
    assert SET_ASIDE in many.notes[0]


@pytest.mark.parametrize(
    "design", [iom.EventStudy(bands="pointwise"), iom.InterruptedTimeSeries(controlled=True, season=0, slope=False)]
)
def test_other_designs_compare_with_people_selected_alike_too(design):
    months = tuple(Window(f"month {k}", 30 * k, 30 * k + 30, post=k >= 0) for k in range(-14, 14))
    both = panel("known")
    y = np.random.default_rng(3).poisson(both.outcome.mean(1)[:, None] / 6, (240, 28))
    start = np.ma.MaskedArray(np.full(240, 14), mask=~both.group)
    both = replace(both, outcome=y, windows=months, exposure=None, start=start, selection=None)
    whole, alone = design(both), design(third(both, [0, 1]))
    assert (whole.estimate, whole.conf_low) == (alone.estimate, alone.conf_low)
    assert SET_ASIDE in whole.notes
    assert any("the rule picked none" in note for note in design(third(both, [0, 2])).notes)


def rest(**changed):
    return replace(third(panel("open"), [0, 2]), **changed)


def masked_but(unmasked, n=160):
    """Of the managed half it is known that the rule selected them; of so many others that it did not."""
    known = np.arange(n) < n // 2 + unmasked
    return np.ma.MaskedArray(np.arange(n) < n // 2, mask=~known)


KNOWN = {
    Alikeness.ALIKE: panel("known"),
    Alikeness.CUT: third(panel("open"), [0, 1]),
    Alikeness.RATE: rest(selection=replace(RULE, rule="rate", threshold=None)),
    Alikeness.NONE_SELECTED: third(panel("known"), [0, 2]),
    Alikeness.MOST_NOT_SELECTED: rest(selected=masked_but(79)),
    Alikeness.SOME_NOT_SELECTED: rest(selected=masked_but(40), selection=None),
    Alikeness.MOST_BELOW: rest(),
    Alikeness.SOME_BELOW: panel("open"),
    Alikeness.RULE: rest(selection=replace(RULE, rule="top", threshold=80.0)),
    Alikeness.UNSTATED: rest(selection=None),
}
ADVISED = set(Alikeness) - {Alikeness.ALIKE, Alikeness.CUT, Alikeness.RATE}


@pytest.mark.parametrize("known", KNOWN)
def test_a_design_says_what_is_known_of_how_its_comparison_people_were_selected(known):
    people = KNOWN[known]
    assert alikeness(people) is known
    advice = selected_alike(people)
    assert (advice.found, advice.necessary, advice.met) == (ALIKENESS[known], False, known not in ADVISED)
    assert advice.met == (advice.message not in iom.DiffInDiff()(people).notes)
    assert set(KNOWN) == set(Alikeness)


@pytest.mark.parametrize(
    "changed",
    [
        {"timing": "unknown"},
        {"timing": "within_post"},
        {"rule": "soft", "softness": 1.0},
        {"variable": "risk"},
    ],
)
def test_a_rule_stated_in_any_form_asks_whether_it_selected_the_others(changed):
    assert alikeness(rest(selection=replace(RULE, **changed))) is Alikeness.RULE


def test_a_rule_on_amounts_does_too_and_people_who_are_all_managed_need_no_others():
    assert alikeness(replace(rest(), kind="amount")) is Alikeness.RULE
    assert selected_alike(third(panel("open"), [0])).met


READS_THE_REST = [
    lambda p: iom.RegressionToMean(method="earlier_rule").shift(p, {}),
    lambda p: iom.RegressionToMean(method="desistance").shift(p, {}),
    lambda p: iom.RegressionToMean(method="desistance", drift="comparison").shift(p, {}),
    iom.persistence,
    iom.SourcePopulation.of,
]


@pytest.mark.parametrize("read", READS_THE_REST)
def test_people_selected_alike_are_refused_as_a_source_population(read):
    with pytest.raises(InputError, match="picked as the managed were") as refused:
        read(third(panel("known"), [0, 1]))
    assert refused.value.code == "IOM-E048"


@pytest.mark.parametrize("read", [READS_THE_REST[0], READS_THE_REST[2]])
def test_a_source_population_is_read_without_who_was_selected_alike(read):
    both = panel("known")
    assert read(both) == read(third(both, [0, 2]))
    assert read(both) != read(replace(both, selected=None))


def test_the_table_of_means_after_takes_both_kinds_and_earlier_dates_the_rest_alone():
    both = third(panel("known"), [0, 1])
    unsaid = replace(both, selected=None)
    assert Pool().shift(both, RULE, {}) == Pool().shift(unsaid, RULE, {})  # who has as many events, selected or not
    with pytest.raises(NotIdentifiedError):
        Pool(drift="own").shift(both, RULE, {})


def test_places_are_known_of_those_who_competed_alone():
    top = Selection("arrests", ("year -1",), "top", "at_boundary", threshold=80.0)
    both = replace(panel("known"), selection=top)
    alone = third(both, [0, 2])
    lasting = iom.RegressionToMean(method="robbins_zhang")
    assert lasting.shift(both, {}) == lasting.shift(alone, {})
    assert lasting.shift(both, {}) != lasting.shift(replace(both, selected=None), {})


def test_models_of_selection_leave_out_who_was_selected_alike():
    both = replace(panel("known"), selection=RULE)
    read = selected_people(both, "SelectionModel")
    assert np.array_equal(read.rows.before, selected_people(third(both, [0, 2]), "SelectionModel").rows.before)


def test_a_stated_cut_tells_how_many_others_it_would_have_selected():
    both = panel("open")
    high = both.outcome[80:, 3] >= 4
    assert reached(both) == (high.sum(), 160)
    assert reached(replace(both, selection=replace(RULE, rule="soft"))) is None
    assert reached(replace(both, weight=np.repeat([1, 2], 120))).people == 40 + 240


def test_strategies_say_whom_the_rule_selected():
    rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=4.0)
    world = Careers(people=40, pool=800, forces=2, rate=1.5, own_sd=0.8, enrolment=Enrolment(selection=rule))(1)
    alike = {
        s: p.alike.sum() == (~p.group).sum() > 0 for s in (NeighbouringForce, RandomHalf) if (p := s()(world, rng=1))
    }
    assert alike == {NeighbouringForce: True, RandomHalf: True}
    below = NextBelow()(world, rng=1)
    assert below.rest.sum() == 40
    assert not np.ma.getmaskarray(below.selected).any()
    entering = Careers(people=90, rate=2.0, enrolment=Enrolment(entry_months=(0, 18)))(1)
    waiting = WaitingList()(entering)
    assert waiting.alike.sum() == (~waiting.group).sum() > 0
