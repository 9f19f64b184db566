"""Short texts in a picture hide neither one another nor a line, and stay inside it."""

import numpy as np

from iom_causal.base import axes, axes_of_lines


def boxes_of(texts, figure):
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in texts if text.get_text()]


def apart(boxes):
    return not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])


def test_words_at_lines_lie_apart_within_the_axes():
    x = np.linspace(0, 1, 50)
    ax = axes_of_lines.curve(x, 1 - 0.9 * x)
    for at in (0.97, 0.98, 1.0):
        axes.mark(ax, x=at, text="as it is")
    axes.mark(ax, y=0.98, text="nothing remains")
    axes.mark(ax, y=1.0, text="nothing")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    boxes = boxes_of(ax.texts, ax.figure)
    assert len(boxes) == 5
    assert apart(boxes)
    assert all(ax.bbox.padded(1).contains(*corner) for box in boxes for corner in box.corners())


def test_words_at_a_line_leave_the_curve_to_be_seen():
    x = np.linspace(0, 1, 50)
    for height, level in ((1 - 0.9 * x, 0.94), (0.1 + 0.9 * x, 0.06), (0.9 * x, 0.5)):
        ax = axes_of_lines.curve(x, height)
        axes.mark(ax, y=level, text="nothing remains")
        axes.mark(ax, x=0.5, text="as it is")
        ax.set_ylim(0, 1)
        boxes = boxes_of(ax.texts, ax.figure)
        path = ax.lines[0].get_transform().transform_path(ax.lines[0].get_path())
        assert not any(path.intersects_bbox(box, filled=False) for box in boxes)


def test_names_of_dots_near_one_another_lie_apart():
    ax = axes_of_lines.curve([0, 1], [0, 1])
    for at in ((0.3, 0.5), (0.32, 0.5), (0.98, 0.5)):
        ax.plot(*at, "D")
        axes.name_dot(ax, at, "a benchmark")
    assert apart(boxes_of(ax.texts, ax.figure))


def test_words_and_a_legend_that_makes_way_for_them_do_not_wait_for_one_another():
    ax = axes_of_lines.curve([0, 1], [0, 1], label="line")
    axes.mark(ax, x=0.5, text="here")
    ax.legend(loc="best")
    axes.to_png(ax)
    assert apart([*boxes_of(ax.texts, ax.figure), ax.get_legend().get_window_extent()])
