"""Axes of the first answer: before, what was to be expected, and after."""

import textwrap
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from iom_causal.base.axes import ACCENT, INK, MUTED, STEEL, new_axes
from iom_causal.base.formats import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, GAP = 0.62, 1.9
"""The width of a bar, and how far the last one stands from that before it: words stand in between."""
FAINT = "#e3e7ec"
NOT_KNOWN, OR_MORE = "expected without it: not known", "{0} or more"
SIZE, SMALLER = 12.0, 10.5
WRAPPED = {1: 19, 2: 13}
"""Letters in a line below a band and beside the dotted line, by the number of bands."""
LOWEST = 0.14
"""Below this part of the drawing there is no room for a number under a band."""


class Expected(NamedTuple):
    """A band of what was to be expected without the programme.

    Attributes
    ----------
    name : str
        What stands under it: how it was found.
    low, high : float
        Its ends; without an upper limit infinite, and then open at the top of the drawing.
    compared : bool
        Whether it goes by a comparison, and not by assumptions: the two look different.
    """

    name: str
    low: float
    high: float
    compared: bool = False


class _Look(NamedTuple):
    edge: str
    fill: str
    hatch: str


OF_ASSUMPTIONS, OF_COMPARISON = _Look(ACCENT, "#f0d9cb", "//"), _Look(STEEL, "#dbe8f2", "..")
OF_LEVEL = _Look(INK, FAINT, "//")


def before_expected_after(
    before: float | tuple[float, float],
    after: float,
    bands: Sequence[Expected],
    *,
    unit: str,
    said: str = "",
    decimals: int = 1,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the level before, a band for each answer to what was to be expected without the programme, and that after.

    A dotted line carries the level after across the bands: where it lies inside one, what was seen was to be expected.
    Where nothing is known a broken line goes round all that may be: from the level after to that before.

    Parameters
    ----------
    before, after : float
        The levels; that before may be known between two ends only.
    bands : sequence of Expected
        What was to be expected; empty where it is not known.
    unit : str
        Of the vertical axis.
    said : str
        Where the level after lies, in words that stand at the dotted line.
    decimals : int
        Of the figures that are written in.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(width=5.4, height=2.5) if ax is None else ax
    start = before if isinstance(before, tuple) else (before, before)
    levels = [*start, after, *(end for band in bands for end in (band.low, band.high) if isfinite(end))]
    top = 1.16 * max(*levels, 0.0) or 1.0
    shown = max(1, len(bands))
    last, wrapped = shown + GAP, WRAPPED[min(shown, 2)]
    _level(ax, 0, start, MUTED, decimals, top)
    _level(ax, last, (after, after), INK, decimals, top)
    for x, band in enumerate(bands, start=1):
        _between(ax, x, (band.low, band.high), OF_COMPARISON if band.compared else OF_ASSUMPTIONS, decimals, top)
    if not bands:
        _not_known(ax, sorted((after, start[1])))
    edges = (shown + WIDE / 2, last - WIDE / 2)
    ax.plot([1 - 0.6 * WIDE, edges[1]], [after, after], ls=":", lw=1.8, color=INK)
    _at_the_line(ax, sum(edges) / 2, after, textwrap.fill(f"after: {said}" if said else "after", wrapped), top)
    names = [textwrap.fill(name, wrapped) for name in ([band.name for band in bands] or [NOT_KNOWN])]
    ax.set_xticks([*range(shown + 1), last], ["before", *names, "after"], size=SMALLER if shown > 1 else SIZE)
    ax.set_xlim(-0.45, last + 0.45)
    ax.set_ylim(min(0.0, *levels), top)
    ax.set_title(unit, size=SIZE, loc="left")
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_visible(False)
    ax.spines["left"].set_visible(False)
    return ax


def _level(ax: "Axes", x: float, ends: tuple[float, float], colour: str, decimals: int, top: float) -> None:
    """Draw a level as a bar, or where it is known between two ends only as a band."""
    if ends[0] != ends[1]:
        _between(ax, x, ends, OF_LEVEL, decimals, top)
        return
    ax.bar(x, ends[0], WIDE, color=colour)
    _number(ax, (x, ends[0]), fixed(ends[0], decimals), INK)


def _between(ax: "Axes", x: float, ends: tuple[float, float], look: _Look, decimals: int, top: float) -> None:
    """Draw a band with a number at each end; without an upper limit it is open, and says from where it goes."""
    low, high = ends
    ax.bar(x, min(high, top) - low, WIDE, bottom=low, color=look.fill, edgecolor=look.edge, lw=1.5, hatch=look.hatch)
    if not isfinite(high):
        ax.plot([x - WIDE / 2, x + WIDE / 2], [top, top], color="white", lw=4, zorder=3)
    texts = [fixed(end, decimals) for end in ends]
    if isfinite(high):
        _number(ax, (x, high), texts[1], look.edge)
    if texts[0] != texts[1]:
        below = texts[0] if isfinite(high) else OR_MORE.format(texts[0])
        _number(ax, (x, low), below, look.edge, under=low > LOWEST * top, boxed=True)


def _number(
    ax: "Axes", at: tuple[float, float], text: str, colour: str, *, under: bool = False, boxed: bool = False
) -> None:
    """Write a number over a place or under it; on a band or across a line it has a box of its own."""
    box = {"boxstyle": "square,pad=0.08", "fc": "white", "ec": "none"} if boxed else None
    away, side = ((0, -4), "top") if under else ((0, 4), "bottom")
    ax.annotate(
        text, at, away, textcoords="offset points", ha="center", va=side, size=SIZE, color=colour, bbox=box, zorder=4
    )


def _not_known(ax: "Axes", ends: Sequence[float]) -> None:
    """Draw a broken line round all that may have been to be expected."""
    low, high = ends
    ax.bar(1, high - low, WIDE, bottom=low, color="none", edgecolor=ACCENT, lw=1.5, ls="--")
    ax.annotate("?", (1, high), (0, 2), textcoords="offset points", ha="center", size=1.4 * SIZE, color=ACCENT)


def _at_the_line(ax: "Axes", x: float, after: float, text: str, top: float) -> None:
    """Write where the level after lies: over the dotted line, or under one that runs high."""
    away, side = ((0, 3), "bottom") if after < top / 2 else ((0, -4), "top")
    ax.annotate(
        text, (x, after), away, textcoords="offset points", ha="center", va=side, size=SMALLER, color=INK, weight="bold"
    )
