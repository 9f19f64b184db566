"""Pictures hold their own labels, however long these are."""

from itertools import pairwise

import numpy as np
import pytest

from iom_causal.base import axes

LONG = "arrests for any notifiable offence recorded in the county: Poisson regression with correlated frailties, robust"
ROW = {"estimate": 0.8, "conf_low": 0.7, "conf_high": 0.9, "scale": "ratio"}


def forest():
    return axes.forest([{"label": f"{LONG} {k}", **ROW} for k in range(5)])


def curve():
    ax = axes.curve(np.arange(5), np.arange(5))
    ax.set_ylabel(LONG)
    return ax


def intervals():
    return axes.intervals([f"{LONG} {k}" for k in range(3)], [(0, 1)] * 3)


def waterfall():
    return axes.waterfall([(f"{LONG} {k}", 1.0, k == 0) for k in range(4)])


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


def test_what_rounds_to_nothing_has_no_sign():
    ax = axes.waterfall([("before", 3.0, True), ("line", 0.2, False), ("other", 0.7, False)], decimals=0)
    assert [t.get_text() for t in ax.texts] == ["3", "0", "+1"]


def test_short_labels_stay_as_they_are():
    ax = axes.forest([{"label": "arrests", **ROW}])
    axes.to_png(ax)
    assert ax.get_xlabel() == "after / before (below 1: less)"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["arrests"]


def test_a_mark_outside_the_axes_takes_no_room():
    ax = axes.curve([0, 1], [0, 1])
    ax.set_ylim(0, 1)
    axes.mark(ax, y=200.0, text="far away")
    axes.to_png(ax)  # warnings are errors here


@pytest.mark.parametrize("label", ["{}-01", "1 January {} to 28 January {}"])
def test_labels_of_many_windows_do_not_overlap(label):
    labels = [label.format(1980 + k, 1980 + k) for k in range(36)]
    ax = axes.window_levels(labels, {"all": np.tile([2.0, 1.0, 3.0], (36, 1))}, first=24, unit="arrests")
    ax.figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.get_xticklabels()]
    assert len(boxes) > 3
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    few = axes.window_levels(labels[:2], {"all": np.tile([2.0, 1.0, 3.0], (2, 1))}, first=1, unit="arrests")
    assert len(few.get_xticklabels()) == 2


def test_an_interval_that_tells_nothing_leaves_room_for_those_that_do():
    wide = {**ROW, "conf_low": 0.0, "conf_high": 9e8}
    ax = axes.forest([{"label": "one", **ROW}, {"label": "two", **wide}])
    low, high = ax.get_xlim()
    assert ax.get_xscale() == "log"
    assert 0.05 < low < 0.08
    assert 10 < high < 16
    assert [line.get_marker() for line in ax.lines if line.get_marker() in {"<", ">"}] == ["<", ">"]
    differences = axes.forest([{"label": "one", **ROW, "scale": "difference"}])
    assert differences.get_xscale() == "linear"
    axes.to_png(ax)
