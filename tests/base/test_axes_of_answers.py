"""The picture of the first screen at its edges: open bands, levels below 0, levels that are known between ends only."""

import math

import pytest

from iom_causal.base.axes_of_answers import Expected, before_expected_after

BEFORE, AFTER = 6.0, 3.0


def drawn(*bands, before=BEFORE, after=AFTER, **how):
    """The axes, and the lowest and highest point of every bar: before, after, then the bands."""
    ax = before_expected_after(before, after, [Expected("", *band) for band in bands], unit="Arrests", **how)
    return ax, [(p.get_y() + min(p.get_height(), 0), p.get_y() + max(p.get_height(), 0)) for p in ax.patches]


def numbers(ax):
    return [t.get_text() for t in ax.texts][:-1]


def test_an_open_band_goes_to_the_top_of_the_drawing_and_has_no_upper_edge_nor_number():
    ax, bars = drawn((2.0, math.inf))
    top = ax.get_ylim()[1]
    assert top == pytest.approx(1.16 * BEFORE)  # no limit that is not known makes it higher
    assert bars[2] == pytest.approx((2.0, top))
    assert numbers(ax) == ["6.0", "3.0", "2.0 or more"]
    edge = next(line for line in ax.lines if line.get_color() == "white")
    assert list(edge.get_ydata()) == [top, top]
    assert list(edge.get_xdata()) == pytest.approx([ax.patches[2].get_x(), ax.patches[2].get_x() + 0.62])


def test_a_band_with_both_ends_has_an_upper_edge_and_both_numbers():
    ax, bars = drawn((2.0, 8.0))
    assert bars[2] == (2.0, 8.0)
    assert ax.get_ylim()[1] == pytest.approx(1.16 * 8.0)
    assert numbers(ax) == ["6.0", "3.0", "8.0", "2.0"]
    assert not [line for line in ax.lines if line.get_color() == "white"]


def test_an_open_band_beside_one_that_ends_is_open_alone():
    ax, bars = drawn((4.0, 5.0), (2.0, math.inf))
    assert bars[2:] == [(4.0, 5.0), pytest.approx((2.0, ax.get_ylim()[1]))]
    assert numbers(ax)[2:] == ["5.0", "4.0", "2.0 or more"]


@pytest.mark.parametrize(("low", "under"), [(0.0, False), (0.9, False), (1.1, True), (5.0, True)])
def test_the_number_at_a_low_end_stands_under_it_where_there_is_room(low, under):
    """Room is what lies below a seventh of the drawing, here .97."""
    ax, _ = drawn((low, math.inf))
    number = next(t for t in ax.texts if "or more" in t.get_text())
    assert number.get_va() == ("top" if under else "bottom")
    assert number.xy[1] == low


def test_a_drawing_of_counts_begins_at_0_and_one_of_points_below_it_where_a_level_lies_there():
    assert drawn((0.0, 4.0))[0].get_ylim()[0] == 0.0
    ax, bars = drawn((-12.0, 4.0), before=20.0, after=-5.0)
    assert ax.get_ylim() == (-12.0, pytest.approx(1.16 * 20.0))
    assert bars[1:] == [(-5.0, 0.0), (-12.0, 4.0)]


def test_ends_that_read_the_same_are_written_once():
    assert numbers(drawn((2.04, 2.01))[0])[2:] == ["2.0"]


def test_a_level_before_that_is_known_between_ends_is_a_band():
    ax, bars = drawn((1.0, 2.0), before=(5.0, 7.0))
    assert bars[0] == (5.0, 7.0)
    assert ax.get_ylim()[1] == pytest.approx(1.16 * 7.0)
    assert numbers(ax)[:2] == ["7.0", "5.0"]


@pytest.mark.parametrize(("after", "side"), [(3.0, "bottom"), (6.5, "top")])
def test_what_is_said_of_the_level_after_stands_over_its_line_or_under_one_that_runs_high(after, side):
    ax, _ = drawn((1.0, 2.0), after=after, said="above")
    assert (ax.texts[-1].get_text(), ax.texts[-1].get_va()) == ("after: above", side)
