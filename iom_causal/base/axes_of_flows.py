"""Flow charts: what there was, what was left out and why, and what was used."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from iom_causal.base.axes import ACCENT, BAND, INK, MUTED, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Line = tuple[str, str]

_LETTERS = 34
"""Characters of a line of a box."""
_LINE, _BOX = 0.17, 2.9
"""Height of a line and width of a box in inches."""


def flow_chart(flows: Mapping[str, Sequence[Sequence[Line]]], ax: "Axes | None" = None) -> "Axes":
    """Draw a flow a column: all in a box, below it those left out, and at the foot those used and what is notable.

    Parameters
    ----------
    flows : mapping of str to three sequences of (str, str)
        By name what there was, what was left out for which reason, and what was used, each with its number as text.
    ax : Axes, optional
        Where to draw.
    """
    texts = {name: [_text(lines) for lines in parts] for name, parts in flows.items()}
    heights = [max(text[k].count("\n") + 2.5 for text in texts.values()) for k in range(3)]
    room = sum(heights) + 3
    ax = new_axes(width=_BOX * len(flows), height=0.6 + _LINE * room) if ax is None else ax
    for x, (name, parts) in enumerate(texts.items()):
        y = 0.0
        for k, text in enumerate(parts):
            if k and text:
                ax.annotate("", (x, y + 1), (x, y - 0.3), arrowprops={"arrowstyle": "->", "color": MUTED})
            y += 1.0 if k else 0.0
            if text:
                edge = ACCENT if k == 1 else INK
                box = {"boxstyle": "round,pad=0.4", "facecolor": "white" if k == 1 else BAND, "edgecolor": edge}
                ax.text(x, y, text, va="top", ha="center", fontsize=7.5, color=INK, bbox=box)
            y += heights[k]
        ax.text(x, -1.2, name, ha="center", va="bottom", fontsize=10, weight="bold", color=INK)
    ax.set_xlim(-0.5, len(flows) - 0.5)
    ax.set_ylim(room, -2)
    ax.set_axis_off()
    return ax


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(fill(f"{number} {what}", _LETTERS, subsequent_indent="  ") for what, number in lines)
