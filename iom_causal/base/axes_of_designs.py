"""Pictures of quasi-experiments: what each needs, paths with bands, series with a counterfactual, balance, weights."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

from iom_causal.base.axes import INK, MUTED, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE = 30


def checklist(rows: Mapping[str, Sequence[tuple[str, bool, bool]]], ax: "Axes | None" = None) -> "Axes":
    """Draw a row a design and a column a requirement: filled where met, open where it is necessary and lacking.

    Parameters
    ----------
    rows : mapping of str to sequence of (str, bool, bool)
        Of each design, the first at the top: what is needed, whether it is there, and whether it is necessary.
    ax : Axes, optional
        Where to draw.
    """
    needs = list(dict.fromkeys(need for row in rows.values() for need, _, _ in row))
    ax = new_axes(width=4.5 + 0.75 * len(needs), height=2.6 + 0.35 * len(rows)) if ax is None else ax
    for y, row in enumerate(rows.values()):
        for need, met, necessary in row:
            filled = "full" if met else "none"
            ax.plot(
                needs.index(need),
                y,
                "o" if necessary else "D",
                ms=9,
                color=INK if necessary else MUTED,
                fillstyle=filled,
            )
    ax.set_yticks(range(len(rows)), [fill(name, _WIDE) for name in rows])
    ax.set_xticks(range(len(needs)), [fill(need, _WIDE) for need in needs], rotation=40, ha="right", fontsize=8)
    ax.set_xlim(-0.6, len(needs) - 0.4)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_title("filled: the data have it; diamond: advice only", fontsize=8, loc="left", color=MUTED)
    return ax
