"""Flow charts: what there was, what was left out and why, and what was used."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from iom_causal.base.axes import ACCENT, BAND, INK, MUTED, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Line = tuple[str, str]

_LETTERS = 40
"""Characters of a line of a box."""
_LINE, _COLUMN, _BOX = 0.15, 3.1, 0.92
"""Height of a line and width of a column in inches, and the share of a column that a box takes."""
_PAD, _GAP = 0.5, 1.6
"""Lines of room inside a box above and below, and between two boxes."""


def flow_chart(flows: Mapping[str, Sequence[Sequence[Line]]], ax: "Axes | None" = None) -> "Axes":
    """Draw a flow a column: all in a box, below it those left out, and at the foot those used and what is notable.

    Parameters
    ----------
    flows : mapping of str to three sequences of (str, str)
        By name what there was, what was left out for which reason, and what was used, each with its number as text.
    ax : Axes, optional
        Where to draw.
    """
    boxes = {name: [_lines(part) for part in parts] for name, parts in flows.items()}
    heights = [max(_height(part[k]) for part in boxes.values()) for k in range(3)]
    tops = [0.0, heights[0] + _GAP, sum(heights[:2]) + 2 * _GAP]
    room = tops[2] + heights[2]
    ax = new_axes(width=_COLUMN * len(flows), height=_LINE * (room + 3)) if ax is None else ax
    for x, (name, parts) in enumerate(boxes.items()):
        ax.text(x, -0.8, name, ha="center", va="bottom", fontsize=10, weight="bold", color=INK)
        foot = None
        for k, (top, lines) in enumerate(zip(tops, parts, strict=True)):
            if not lines:
                continue
            if foot is not None:
                ax.annotate("", (x, top), (x, foot), arrowprops={"arrowstyle": "->", "color": MUTED})
            _box(ax, x, top, lines, left_out=k == 1)
            foot = top + _height(lines)
    ax.set_xlim(-0.5, len(flows) - 0.5)
    ax.set_ylim(room + 0.5, -2.5)
    ax.set_axis_off()
    return ax


def _box(ax: "Axes", x: float, top: float, lines: Sequence[str], *, left_out: bool) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 slow to load

    left, fill_with, edge = x - _BOX / 2, "white" if left_out else BAND, ACCENT if left_out else INK
    ax.add_patch(Rectangle((left, top), _BOX, _height(lines), facecolor=fill_with, edgecolor=edge))
    ax.text(left + 0.03, top + _PAD, "\n".join(lines), va="top", ha="left", fontsize=7.5, color=INK, linespacing=1.3)


def _height(lines: Sequence[str]) -> float:
    return len(lines) + 2 * _PAD if lines else 0.0


def _lines(part: Sequence[Line]) -> list[str]:
    return [
        line
        for what, number in part
        for line in wrap(f"{what}: {number}", _LETTERS, subsequent_indent="   ", break_on_hyphens=False)
    ]
