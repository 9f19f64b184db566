"""Pictures hold their own labels, however long these are."""

from itertools import pairwise

import numpy as np
import pytest

from iom_causal.base import axes, axes_of_lines, axes_of_rows

LONG = "arrests for any notifiable offence recorded in the county: Poisson regression with correlated frailties, robust"
ROW = {"estimate": 0.8, "conf_low": 0.7, "conf_high": 0.9, "scale": "ratio"}


def forest():
    return axes_of_rows.forest([{"label": f"{LONG} {k}", **ROW} for k in range(5)])


def curve():
    ax = axes_of_lines.curve(np.arange(5), np.arange(5))
    ax.set_ylabel(LONG)
    return ax


def intervals():
    return axes_of_rows.intervals([f"{LONG} {k}" for k in range(3)], [(0, 1)] * 3)


def waterfall():
    return axes_of_rows.waterfall([(f"{LONG} {k}", 1.0, k == 0) for k in range(4)])


@pytest.mark.parametrize("make", [forest, curve, intervals, waterfall])
@pytest.mark.parametrize("save", [axes.to_png, axes.to_svg])
def test_long_labels_lie_within_the_figure_and_apart(make, save):
    ax = make()
    ax.set_xlabel(LONG)
    save(ax)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    whole = figure.bbox
    rows = [] if make is curve else ax.get_yticklabels()
    labels = [ax.xaxis.label, ax.yaxis.label, *rows]
    for box in (label.get_window_extent() for label in labels if label.get_text()):
        assert box.x0 >= -1
        assert box.y0 >= -1
        assert box.x1 <= whole.x1 + 1
        assert box.y1 <= whole.y1 + 1
    heights = sorted((row.get_window_extent() for row in rows), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 for low, high in pairwise(heights))


def test_short_labels_stay_as_they_are():
    ax = axes_of_rows.forest([{"label": "arrests", **ROW}])
    axes.to_png(ax)
    assert ax.get_xlabel() == "after / before (below 1: less)"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["arrests"]


def test_a_mark_outside_the_axes_takes_no_room():
    ax = axes_of_lines.curve([0, 1], [0, 1])
    ax.set_ylim(0, 1)
    axes.mark(ax, y=200.0, text="far away")
    axes.to_png(ax)  # warnings are errors here


@pytest.mark.parametrize("label", ["{}-01", "1 January {} to 28 January {}"])
def test_labels_of_many_windows_do_not_overlap(label):
    labels = [label.format(1980 + k, 1980 + k) for k in range(36)]
    ax = axes_of_lines.window_levels(labels, {"all": np.tile([2.0, 1.0, 3.0], (36, 1))}, first=24, unit="arrests")
    ax.figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.get_xticklabels()]
    assert len(boxes) > 3
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    few = axes_of_lines.window_levels(labels[:2], {"all": np.tile([2.0, 1.0, 3.0], (2, 1))}, first=1, unit="arrests")
    assert len(few.get_xticklabels()) == 2


@pytest.mark.parametrize(("low", "high"), [(0.02, 50.0), (0.5, 2.0), (0.9, 1.1), (1e-6, 1e3)])
def test_an_axis_of_ratios_has_several_labels_in_plain_figures_that_lie_apart(low, high):
    ax = axes_of_lines.curve([low, high], [0, 1])
    axes.ratios_along(ax)
    ax.figure.draw_without_rendering()
    labels = [t for t in ax.get_xticklabels() if t.get_text()]
    assert len(labels) >= 3
    assert not any("$" in t.get_text() for t in labels)
    boxes = [t.get_window_extent() for t in labels]
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
