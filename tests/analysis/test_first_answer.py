"""The first answer in figures: bands that are open, end at 0 or are not known, and where the level after lies."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from iom_causal.analysis.first_answer import Band, Side
from iom_causal.analysis.release import Release
from iom_causal.analysis.remainder_set import Contradiction
from iom_causal.base.axes_of_answers import before_expected_after
from iom_causal.report.sections import first_screen
from tests.report.sections.test_first_screen import answer, compared, left, ratio

PRINTED = SimpleNamespace(release=Release(), compared=False, rule=None, called="managed people")


def points(low, high):
    return replace(ratio(0.5, low, high), scale="points", estimate=(low + high) / 2)


def test_a_remainder_that_may_be_none_of_the_level_leaves_what_was_to_be_expected_open_above():
    """3.6 after, of which the programme left nothing at all: any number may have been to be expected."""
    assert answer(left=left(0.0, 2.0)).expected == Band(1.8, math.inf)
    assert answer(left=left(1e-9, 2.0)).expected.high == pytest.approx(3.6e9)
    assert answer(contrast=ratio(0.5, 0.0, 0.9)).compared == pytest.approx((4.0, math.inf))


def test_a_remainder_of_no_level_at_all_leaves_nothing_to_be_expected():
    assert answer(left=left(0.0, 0.0)).expected is None
    assert answer(contrast=ratio(0.0, -0.1, 0.0)).compared is None


def test_without_a_level_after_nothing_is_taken_out_of_it():
    assert answer(left=left(0.5, 2.0)).expected is not None
    assert replace(answer(left=left(0.5, 2.0)), after=None).expected is None


@pytest.mark.parametrize(
    ("kind", "band"), [("count", Band(0.0, 6.6)), ("amount", Band(0.0, 6.6)), ("score", Band(-4.4, 6.6))]
)
def test_counts_and_amounts_were_not_to_be_expected_below_0_and_a_score_may(kind, band):
    """3.6 after, less differences of -3 to 8."""
    assert answer(kind=kind, contrast=points(-3.0, 8.0)).compared == pytest.approx(band)
    both = answer(kind=kind, contrast=points(5.0, 8.0)).compared
    assert both == pytest.approx((0.0, 0.0) if kind != "score" else (-4.4, -1.4))


def test_an_open_band_is_drawn_open_and_said_to_have_no_upper_limit():
    figure = first_screen._picture(answer(left=left(0.0, 2.0)), PRINTED)
    assert "by assumptions: 1.8 to no upper limit; after 3.6, inside what was to be expected." in figure.alt
    bands = tuple(first_screen._bands(answer(left=left(0.0, 2.0))))
    texts = [t.get_text() for t in before_expected_after(6.84, 3.6, bands, unit="Arrests").texts]
    assert "1.8 or more" in texts


@pytest.mark.parametrize(
    ("of", "side"),
    [
        (answer(left=left(0.5, 0.999)), Side.BELOW),
        (answer(left=left(0.5, 1.0)), Side.INSIDE),
        (answer(left=left(1.0, 1.5)), Side.INSIDE),
        (answer(left=left(1.001, 1.5)), Side.ABOVE),
        (answer(kind="score", left=left(-9.0, -0.1, "points")), Side.BELOW),
        (answer(kind="score", left=left(-9.0, 0.0, "points")), Side.INSIDE),
        (answer(kind="score", contrast=points(0.1, 9.0)), Side.ABOVE),
        (answer(kind="score", contrast=points(0.9, 1.1)), Side.ABOVE),  # nothing is 0 of points, and not 1
        (replace(answer(left=left(0.5, 0.9)), after=None), Side.NOT_KNOWN),
        (answer(contrast=ratio(0.5, None, None), left=left(0.5, 0.9)), Side.BELOW),  # by the sets alone
    ],
)
def test_the_level_after_lies_where_the_end_of_what_is_left_says(of, side):
    assert of.standing.side is side
    assert of.standing.agreed


@pytest.mark.parametrize(
    ("sets", "other", "agreed"), [((0.5, 0.9), Side.BELOW, True), ((0.5, 1.1), Side.INSIDE, False), (None, None, True)]
)
def test_a_comparison_decides_and_says_where_assumptions_lie_elsewhere(sets, other, agreed):
    standing = compared(0.5, 0.7, **({} if sets is None else {"left": left(*sets)})).standing
    assert (standing.side, standing.compared, standing.other, standing.agreed) == (Side.BELOW, True, other, agreed)


def test_days_that_differ_unsettle_what_assumptions_say_and_not_what_they_leave_open():
    for ends, unsettled in (((0.5, 0.9), True), ((0.5, 1.1), False)):
        assert answer(left=replace(left(*ends), days_differ=True)).standing.days_differ is unsettled


def test_windows_that_contradict_the_selection_put_the_level_after_inside():
    looks = replace(left(0.5, 0.9), contradiction=Contradiction("run-up", ("before",)))
    found = answer(left=looks)
    assert found.standing.side is Side.INSIDE
    assert found.expected == pytest.approx((3.6, 7.2))


def test_a_level_before_that_is_bounded_says_a_fall_only_where_all_of_it_lies_higher():
    bounded = replace(answer(), before=None, between=Band(5.0, 7.0))
    assert (bounded.start, bounded.fell, bounded.rose) == (Band(5.0, 7.0), True, False)
    inside, over = replace(bounded, after=6.0), replace(bounded, after=7.5)
    assert (inside.fell, inside.rose, over.fell, over.rose) == (False, False, False, True)
