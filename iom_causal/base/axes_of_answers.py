"""Axes of the first answer: before, what was to be expected, and after."""

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from iom_causal.base.axes import ACCENT, INK, MUTED, new_axes
from iom_causal.base.formats import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALE = "#f0d9cb"
WIDE = 0.62
FAINT = "#e3e7ec"
EXPECTED, NOT_KNOWN, OR_MORE = "expected\nwithout it", "not known", "{0} or more"
SIZE = 12


def before_expected_after(
    before: float | tuple[float, float],
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
        The levels; that before may be known between two ends only.
    bands : mapping of str to (float, float)
        Ends of what was to be expected, by how; empty where it is not known. A band without an upper limit, which is
        infinite, is open at the top of the drawing.
    unit : str
        Of the vertical axis.
    decimals : int
        Of the figures that are written in.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(width=5.4, height=2.9) if ax is None else ax
    start = before if isinstance(before, tuple) else (before, before)
    levels = [*start, after, *(end for band in bands.values() for end in band if isfinite(end))]
    top = 1.16 * max(*levels, 0.0) or 1.0
    last = max(1, len(bands)) + 1
    _level(ax, 0, start, MUTED, decimals, top)
    _level(ax, last, (after, after), INK, decimals, top)
    for x, band in enumerate(bands.values(), start=1):
        _between(ax, x, band, (ACCENT, PALE), decimals, top)
    if not bands:
        ax.bar(1, top, WIDE, color="white", edgecolor=ACCENT, lw=1.5, ls="--")
        ax.annotate("?", (1, top / 2), ha="center", va="center", size=2.5 * SIZE, color=ACCENT)
    ax.plot([0.5, last], [after, after], ls=":", lw=1.8, color=INK)
    ax.annotate("after", (0.5, after), (0, 3), textcoords="offset points", ha="center", size=0.8 * SIZE, color=INK)
    named = [f"{EXPECTED}\n{name}".strip() for name in bands] or [f"{EXPECTED}:\n{NOT_KNOWN}"]
    ax.set_xticks(range(last + 1), ["before", *named, "after"], size=SIZE)
    ax.set_xlim(-0.5, last + 0.5)
    ax.set_ylim(min(0.0, *levels), top)
    ax.set_title(unit, size=SIZE, loc="left")
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    return ax


def _level(ax: "Axes", x: int, ends: tuple[float, float], colour: str, decimals: int, top: float) -> None:
    """Draw a level as a bar, or where it is known between two ends only as a band."""
    if ends[0] != ends[1]:
        _between(ax, x, ends, (INK, FAINT), decimals, top)
        return
    ax.bar(x, ends[0], WIDE, color=colour)
    ax.annotate(fixed(ends[0], decimals), (x, ends[0]), (0, 4), textcoords="offset points", ha="center", size=SIZE)


def _between(
    ax: "Axes", x: int, ends: tuple[float, float], colours: tuple[str, str], decimals: int, top: float
) -> None:
    """Draw a band with its ends written over it; without an upper limit it is open, and says from where it goes."""
    low, high = ends
    edge, fill = colours
    ax.bar(x, min(high, top) - low, WIDE, bottom=low, color=fill, edgecolor=edge, lw=1.5, hatch="//")
    if not isfinite(high):
        ax.plot([x - WIDE / 2, x + WIDE / 2], [top, top], color="white", lw=4, zorder=3)
        high = low
    said = f"{fixed(low, decimals)} to {fixed(high, decimals)}" if high > low else OR_MORE.format(fixed(low, decimals))
    over = (0, 4) if high > low else (0, -16)
    ax.annotate(said, (x, high), over, textcoords="offset points", ha="center", size=SIZE, color=edge)
