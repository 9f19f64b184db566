"""Axes of the first answer: before, what was to be expected, and after."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from iom_causal.base.axes import ACCENT, INK, MUTED, new_axes
from iom_causal.base.formats import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALE = "#f0d9cb"
WIDE = 0.62
EXPECTED, NOT_KNOWN = "expected\nwithout it", "not known"
SIZE = 12


def before_expected_after(
    before: float,
    after: float,
    bands: Mapping[str, tuple[float, float]],
    *,
    unit: str,
    decimals: int = 1,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the level before, a band for each answer to what was to be expected without the programme, and that after.

    A dotted line carries the level after across the bands: where it lies inside one, what was seen was to be expected.

    Parameters
    ----------
    before, after : float
        The levels.
    bands : mapping of str to (float, float)
        Ends of what was to be expected, by how; empty where it is not known.
    unit : str
        Of the vertical axis.
    decimals : int
        Of the figures that are written in.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(width=5.4, height=2.9) if ax is None else ax
    top = 1.16 * max(before, after, *(high for _, high in bands.values()), 0.0) or 1.0
    last = max(1, len(bands)) + 1
    for x, level, colour in ((0, before, MUTED), (last, after, INK)):
        ax.bar(x, level, WIDE, color=colour)
        ax.annotate(fixed(level, decimals), (x, level), (0, 4), textcoords="offset points", ha="center", size=SIZE)
    for x, (low, high) in enumerate(bands.values(), start=1):
        ax.bar(x, high - low, WIDE, bottom=low, color=PALE, edgecolor=ACCENT, lw=1.5, hatch="//")
        ends = f"{fixed(low, decimals)} to {fixed(high, decimals)}"
        ax.annotate(ends, (x, high), (0, 4), textcoords="offset points", ha="center", size=SIZE, color=ACCENT)
    if not bands:
        ax.bar(1, top, WIDE, color="white", edgecolor=ACCENT, lw=1.5, ls="--")
        ax.annotate("?", (1, top / 2), ha="center", va="center", size=2.5 * SIZE, color=ACCENT)
    ax.plot([0.5, last], [after, after], ls=":", lw=1.8, color=INK)
    ax.annotate("after", (0.5, after), (0, 3), textcoords="offset points", ha="center", size=0.8 * SIZE, color=INK)
    named = [f"{EXPECTED}\n{name}".strip() for name in bands] or [f"{EXPECTED}:\n{NOT_KNOWN}"]
    ax.set_xticks(range(last + 1), ["before", *named, "after"], size=SIZE)
    ax.set_xlim(-0.5, last + 0.5)
    ax.set_ylim(min(0.0, before, after, *(low for low, _ in bands.values())), top)
    ax.set_title(unit, size=SIZE, loc="left")
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    return ax
