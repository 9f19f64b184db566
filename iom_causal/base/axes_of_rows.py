"""Axes of rows: an estimate, a set, a bar or a dot each, under one another."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from iom_causal.base.axes import (
    ACCENT,
    BAND,
    BEYOND,
    INK,
    MUTED,
    STEEL,
    broken,
    name_above,
    new_axes,
    new_row,
    ratios_along,
    rows_height,
)
from iom_causal.base.formats import fixed
from iom_causal.numerics import LEVEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Step = tuple[str, float, bool]

TICKS = 4
"""Steps between the ticks of a narrow panel, at most, so that their labels do not touch."""


def forest(rows: Sequence[Mapping[str, Any]], ax: "Axes | None" = None) -> "Axes":
    """Draw one estimate with its interval a row: filled where people and a method give it, a bar for a set.

    Ratios are drawn along a log axis. An end that lies `BEYOND` times outside all estimates is an arrow: one interval
    that tells nothing would leave no room for those that do.

    Parameters
    ----------
    rows : sequence of mapping
        With ``label``, ``estimate``, ``conf_low``, ``conf_high``, ``set_low``, ``set_high``, ``scale``; ``truth`` where
        it is known, as a line across the row, or across all rows where it is the same; ``term``, which names the axis
        where all have the same.
    ax : Axes, optional
        Where to draw.
    """
    labels = [broken(str(row["label"])) for row in reversed(rows)]
    ax = new_axes(height=1.2 + rows_height(labels, 0.42)) if ax is None else ax
    room = _room(rows)
    for y, row in enumerate(reversed(rows)):
        _span(ax, y, row.get("conf_low"), row.get("conf_high"), room, color=MUTED, lw=2)
        _span(ax, y, row.get("set_low"), row.get("set_high"), room, color=ACCENT, lw=6)
        _ends(ax, y, row.get("set_low"), row.get("set_high"), room)
        if row.get("estimate") is not None:
            ax.plot([row["estimate"]], [y], "o", color=INK, ms=6)
    _truths([row.get("truth") for row in reversed(rows)], ax)
    ratio = any(row.get("scale") == "ratio" for row in rows)
    ax.axvline(1.0 if ratio else 0.0, color=MUTED, lw=1, ls=":")
    ax.set_yticks(range(len(rows)), labels)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(_term(rows, ratio=ratio))
    if any(row.get("set_low") is not None for row in rows):
        _name_the_lines(ax, rows)
    if all(row.get("scale") == "ratio" for row in rows):
        ratios_along(ax)
        ax.set_xlabel(f"{ax.get_xlabel()} (below 1: less)")
    return ax


def _term(rows: Sequence[Mapping[str, Any]], *, ratio: bool) -> str:
    terms = {row.get("term") or ("after / before" if ratio else "after - before") for row in rows}
    return str(terms.pop()) if len(terms) == 1 else "ratio" if ratio else "difference"


def _room(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return between which values the ends of intervals of ratios are drawn."""
    if not rows or any(row.get("scale") != "ratio" for row in rows):
        return -math.inf, math.inf
    shown = (row.get(name) for row in rows for name in ("estimate", "truth"))
    values = [1.0, *(float(value) for value in shown if value is not None and value > 0)]
    return min(values) / BEYOND, max(values) * BEYOND


def _span(
    ax: "Axes", y: float, low: float | None, high: float | None, room: tuple[float, float], *, color: str, lw: float
) -> None:
    """Draw a line between two ends, with an arrow where one lies beyond the room that there is."""
    if low is None or high is None:
        return
    inside = np.clip([low, high], *room)
    bar(ax, y, *inside, color=color, lw=lw)
    for end, there, arrow in zip((low, high), inside, "<>", strict=True):
        if end != there:
            ax.plot([there], [y], arrow, color=color, ms=6)


def _ends(ax: "Axes", y: float, low: float | None, high: float | None, room: tuple[float, float]) -> None:
    """Mark the ends of a set, so that a narrow one is no dot."""
    if low is not None and high is not None and low != high:
        ends = [end for end in (low, high) if room[0] <= end <= room[1]]
        ax.plot(ends, [y] * len(ends), "|", color=ACCENT, ms=13, mew=1.6)


def bar(ax: "Axes", y: float, low: float, high: float, *, color: str, lw: float) -> None:
    """Draw a bar from `low` to `high`; a mark where these are one value, of which a bar would show nothing."""
    if low == high:
        ax.plot([low], [y], "D", color=color, ms=max(lw, 4.0))
    else:
        ax.plot([low, high], [y, y], color=color, lw=lw, solid_capstyle="butt")


def _truths(truths: "Sequence[float | None]", ax: "Axes") -> None:
    style: dict[str, Any] = {"color": STEEL, "lw": 2, "solid_capstyle": "butt", "zorder": 0}
    known = [truth for truth in truths if truth is not None]
    if len(known) == len(truths) > 0 and np.allclose(known, known[0]):
        ax.axvline(known[0], **style)
        return
    for y, truth in enumerate(truths):
        if truth is not None:
            ax.plot([truth] * 2, [y - 0.35, y + 0.35], **style)


def _name_the_lines(ax: "Axes", rows: Sequence[Mapping[str, Any]]) -> None:
    """Say which of two lines over one another is the set and which the interval."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 matplotlib is slow to load

    levels = {row.get("conf_level", LEVEL) for row in rows if row.get("conf_low") is not None}
    names = [Line2D([], [], color=ACCENT, lw=6, label="set")]
    names += [Line2D([], [], color=MUTED, lw=2, label=f"{level:.0%} interval") for level in sorted(levels)]
    name_above(ax, len(names), handles=names)


def panels(
    labels: Sequence[str],
    shown: Mapping[str, Sequence[tuple[float | None, float | None]]],
    *,
    lines: Mapping[str, float | None] | None = None,
    shares: Collection[str] = (),
    hollow: Mapping[str, Sequence[tuple[float | None, float | None]]] | None = None,
    named: tuple[str, str] = ("", ""),
) -> "Axes":
    """Draw several measures of the same rows side by side, each a dot with its simulation error twice either way.

    Parameters
    ----------
    labels : sequence of str
        Of the rows, first at the top.
    shown : mapping of str to sequence of (value, error)
        By the name of the measure; a row without a value has no dot, one without an error no bar.
    lines : mapping of str to float, optional
        Where a thin line stands in the panel of a measure.
    shares : collection of str
        The measures whose panels run from 0 to 1.
    hollow : mapping of str to sequence of (value, error), optional
        Second values in the panel of a measure, as rings.
    named : (str, str)
        What dots and rings are, for a legend where there are rings.

    Returns
    -------
    Axes
        The first; the others are beside it on its figure.
    """
    rows = [broken(label) for label in labels]
    axes = new_row(len(shown), width=3.2 + 2.2 * len(shown), height=1.4 + rows_height(rows, 0.36))
    places = -np.arange(len(rows))
    for ax, (name, values) in zip(axes, shown.items(), strict=True):
        if (line := (lines or {}).get(name)) is not None:
            ax.axvline(line, color=MUTED, lw=1, ls=":")
        for several, face in (((hollow or {}).get(name, ()), "white"), (values, INK)):
            for y, (value, error) in zip(places, several, strict=False):
                if value is not None:
                    low, high = (value + side * 2 * (error or 0.0) for side in (-1, 1))
                    ends = [max(low, 0.0), min(high, 1.0)] if name in shares else [low, high]
                    bar = None if error is None else [[value - ends[0]], [ends[1] - value]]
                    ax.errorbar(value, y, xerr=bar, fmt="o", color=INK, mfc=face, ecolor=ACCENT, ms=5, lw=1.4)
        ax.set_xlabel(name, fontsize=9)
        ax.margins(x=0.1)
        ax.locator_params(axis="x", nbins=TICKS)
        if name in shares:
            ax.set_xlim(-0.05, 1.05)
    if any(value is not None for several in (hollow or {}).values() for value, _ in several):
        _name_the_dots(axes[0], named)
    axes[0].set_yticks(places, rows)
    axes[0].set_ylim(0.6 - len(rows), 0.6)
    return axes[0]


def _name_the_dots(ax: "Axes", named: tuple[str, str]) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415 matplotlib is slow to load

    handles = [
        Line2D([], [], color=INK, mfc=face, marker="o", ms=5, ls="", label=text)
        for face, text in zip((INK, "white"), named, strict=True)
    ]
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.legend(handles=handles, loc="outside upper center", ncols=2, frameon=False, fontsize=8)


def intervals(
    labels: Sequence[str],
    ranges: Sequence[tuple[float, float]],
    ax: "Axes | None" = None,
    *,
    inner: Sequence[tuple[float, float]] | None = None,
) -> "Axes":
    """Draw one bar from low to high a label, first at the top, with a darker one for an inner range."""
    shown = [broken(label) for label in reversed(labels)]
    ax = new_axes(height=1.0 + rows_height(shown, 0.4)) if ax is None else ax
    for y, (low, high) in enumerate(reversed(ranges)):
        bar(ax, y, low, high, color=INK if inner is None else BAND, lw=10)
    for y, (low, high) in enumerate(reversed(inner or ())):
        bar(ax, y, low, high, color=INK, lw=6)
    ax.set_yticks(range(len(labels)), shown)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    return ax


def waterfall(*cases: Sequence[Step], ax: "Axes | None" = None, unit: str = "", decimals: int = 2) -> "Axes":
    """Draw levels and the changes between them, first at the top; of several cases, one bar above the other.

    Parameters
    ----------
    cases : sequence of (str, float, bool)
        Label, value, and whether the value is a level (a bar from 0) or a change (a bar from where the
        last one ended). All cases have the same labels.
    ax : Axes, optional
        Where to draw.
    unit : str
        Of the horizontal axis.
    decimals : int
        Of the values beside the bars.
    """
    labels = [broken(label) for label, _, _ in cases[0]]
    ax = new_axes(height=1.2 + rows_height(labels, 0.4 if len(cases) == 1 else 0.55)) if ax is None else ax
    thick = 0.62 / len(cases)
    for k, steps in enumerate(cases):
        at, aside = 0.0, (k - (len(cases) - 1) / 2) * (thick + 0.06)
        for row, (_, value, is_level) in enumerate(steps):
            start, at = (0.0, value) if is_level else (at, at + value)
            y, colour = -row - aside, INK if is_level else (ACCENT if value < 0 else MUTED)
            ax.barh(y, at - start, left=start, height=thick, color=colour, alpha=1 - 0.4 * k)
            shown = fixed(value, decimals)
            text = f"{'' if is_level or float(shown) <= 0 else '+'}{shown}"
            ax.annotate(text, (max(start, at), y), xytext=(4, -3), textcoords="offset points", fontsize=8)
    ax.set_yticks([-row for row in range(len(labels))], labels)
    ax.set_xlabel(unit)
    ax.margins(x=0.12)
    return ax
