"""Lines that lie on one another are all seen, and a set has no line through it."""

import numpy as np
from matplotlib.colors import to_rgb

from iom_causal.base import axes_of_lines


def picture(ax):
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba())[..., :3] / 255


def colour(line):
    return np.array(to_rgb(line.get_color()))


def test_lines_that_lie_on_one_another_are_dashed_in_turns_and_others_are_not():
    x = np.linspace(0.0, 1.0, 9)
    same, other = [(v, v, None) for v in x], [(v, 1 - v, None) for v in x]
    ax = axes_of_lines.banded_lines({"a": same, "b": other, "c": same, "d": same}, across="x", unit="y")
    plain, far, second, third = (line for line in ax.lines if not line.get_label().startswith("_"))
    assert (plain.is_dashed(), far.is_dashed()) == (False, False)
    assert (second.is_dashed(), third.is_dashed()) == (True, True)
    assert not any(key.is_dashed() for key in ax.get_legend().get_lines())
    drawn = picture(ax)
    for line in (plain, far, second, third):
        assert (np.abs(drawn - colour(line)).max(-1) < 0.03).sum() > 100  # each is seen


def test_a_set_is_drawn_by_its_ends_with_no_line_between_them():
    x = [0.0, 1.0, 2.0]
    ax = axes_of_lines.set_lines(
        {"set": (x, [1, 2, 3], [2, 4, 6]), "value": (x, [5, None, 5], [5, None, 5])}, across="x", unit="y"
    )
    drawn = {tuple(line.get_ydata()) for line in ax.lines}
    assert {(1, 2, 3), (2, 4, 6)} < drawn
    assert (1.5, 3, 4.5) not in drawn
    assert len(ax.lines) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["set", "value"]


def test_an_end_that_lies_on_an_end_of_another_set_is_seen_and_a_narrow_set_is_not_dashed():
    x = [0.0, 1.0, 2.0]
    lines = {
        "wide": (x, [1, 2, 3], [2, 4, 6]),
        "inside": (x, [1.5, 3, 4.5], [2, 4, 6]),
        "narrow": (x, [0] * 3, [1e-3] * 3),
    }
    ax = axes_of_lines.set_lines(lines, across="x", unit="y", level=0.0)
    assert [line.is_dashed() for line in ax.lines[:6]] == [False, False, False, True, False, False]
