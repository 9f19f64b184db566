"""Axes of lines over something that goes on: a setting, a size, time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.axes import ACCENT, BAND, INK, LINES, MUTED, STEEL, STYLES, broken, label_windows, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

FEW_DOTS = 12
"""Values of a line up to which each has a dot: more run into one another."""
TOGETHER, MOSTLY = 0.006, 0.5
"""Part of the height of the axes within which lines hide one another, and of their shared width over which they do."""
DASH = 4.0
"""Length of a dash in widths of its line."""


def banded_lines(
    lines: Mapping[str, Sequence[tuple[float, float | None, float | None]]],
    *,
    across: str,
    unit: str,
    share: bool = False,
    level: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw one line a name through values with their simulation error, twice either way as a band.

    Parameters
    ----------
    lines : mapping of str to sequence of (x, value, error)
        In order of x; what has no value is left out of its line.
    across, unit : str
        Of the horizontal and of the vertical axis.
    share : bool
        Whether values are shares, so that bands and axis stay within 0 and 1.
    level : float, optional
        Where a thin line stands across.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(height=3.6 + 0.22 * max(0, len(lines) - 1)) if ax is None else ax
    for k, (name, points) in enumerate(lines.items()):
        there = [(x, value, error or 0.0) for x, value, error in points if value is not None]
        if there:
            x, value, error = np.array(there, dtype=np.float64).T
            colour, (style, dot) = LINES[k % len(LINES)], STYLES[k // len(LINES) % len(STYLES)]
            look: dict[str, Any] = {"ls": style, "color": colour, "label": broken(name)}
            ax.plot(x, value, marker=dot if len(x) <= FEW_DOTS else "", ms=4, lw=1.6, clip_on=not share, **look)
            ends = np.array([value - 2 * error, value + 2 * error])
            low, high = np.clip(ends, 0.0, 1.0) if share else ends
            ax.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
    if level is not None:
        ax.axhline(level, color=MUTED, lw=1, ls=":")
    if share:
        least, most = ax.get_ylim()
        ax.set_ylim(max(least, 0.0), min(most, 1.0))
    _name_lines(ax, across, unit)
    return ax


def set_lines(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float | None], Sequence[float | None]]],
    *,
    across: str,
    unit: str,
    level: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw one set a name as it moves: both its ends and what lies between them, no value of which is its centre.

    Parameters
    ----------
    lines : mapping of str to (x, low, high)
        (N,) each; where the ends are one value the set is a line, and None where there is none.
    across, unit : str
        Of the horizontal and of the vertical axis.
    level : float, optional
        Where a thin line stands across.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(height=3.6 + 0.22 * max(0, len(lines) - 1)) if ax is None else ax
    for k, (name, points) in enumerate(lines.items()):
        x, low, high = (np.asarray(each, dtype=np.float64) for each in points)
        look: dict[str, Any] = {"color": LINES[k % len(LINES)], "ls": STYLES[k // len(LINES) % len(STYLES)][0]}
        one = np.allclose(low, high, equal_nan=True)
        ax.plot(x, low, lw=1.6 if one else 1.0, label=broken(name), **look)
        if not one:
            ax.plot(x, high, lw=1.0, **look)
            ax.fill_between(x, low, high, color=look["color"], alpha=0.2, lw=0)
    if level is not None:
        ax.axhline(level, color=MUTED, lw=1, ls=":")
    _name_lines(ax, across, unit)
    return ax


def _name_lines(ax: "Axes", across: str, unit: str) -> None:
    """Name both axes and the lines, and tell these apart; the legend shows each as it is alone."""
    ax.set_xlabel(across)
    ax.set_ylabel(unit)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False, fontsize=8, handlelength=4)
    tell_apart(ax)


def tell_apart(ax: "Axes") -> None:
    """Dash lines that lie on earlier ones of other colours, in turns, so that the colours of all are seen."""
    drawn = [line for line in ax.lines if line.get_transform() == ax.transData and np.size(line.get_xdata()) > 1]
    below = [[k for k, other in enumerate(drawn[:n]) if _coincide(ax, line, other)] for n, line in enumerate(drawn)]
    for n, line in enumerate(drawn):
        if below[n]:
            rank = len(below[n])
            together = 1 + max(len(below[m]) for m in range(n, len(drawn)) if m == n or n in below[m])
            line.set_linestyle((DASH * rank, (DASH, DASH * (together - 1))))


def _coincide(ax: "Axes", line: "Line2D", other: "Line2D") -> bool:
    """Whether one line hides another of another colour, over most of the width that they share."""
    if line.get_color() == other.get_color():
        return False
    (x, y), (there, level) = (ax.transData.transform(each.get_xydata()).T for each in (line, other))
    shared = (x >= there.min() - 0.5) & (x <= there.max() + 0.5) & np.isfinite(y)
    if not shared.any():
        return False
    order = np.argsort(there)
    apart = np.abs(y[shared] - np.interp(x[shared], there[order], level[order]))
    return bool(np.mean(apart <= TOGETHER * ax.bbox.height) > MOSTLY)


def curve(
    x: ArrayLike,
    y: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    label: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a line, with a band where `low` and `high` are given."""
    ax = new_axes() if ax is None else ax
    ax.plot(np.asarray(x), np.asarray(y), color=INK, lw=2, label=label)
    if low is not None and high is not None:
        ax.fill_between(np.asarray(x), np.asarray(low), np.asarray(high), color=BAND, lw=0)
    return ax


def window_levels(
    labels: Sequence[str],
    lines: Mapping[str, ArrayLike],
    *,
    first: int,
    unit: str,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the level of each window, with its limits, a line a group.

    Parameters
    ----------
    labels : sequence of str
        Of the windows, in order of time.
    lines : mapping of str to array_like
        (T, 3) level, lower and upper limit of each group, the first in ink.
    first : int
        The first window after; a thin line stands before it.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes() if ax is None else ax
    x = np.arange(len(labels))
    for k, (name, line) in enumerate(lines.items()):
        level, low, high = np.asarray(line, dtype=np.float64).T
        colour, aside = (INK, MUTED)[k % 2], 0.06 * k
        ax.vlines(x + aside, low, high, color=colour, lw=2, alpha=0.5)
        ax.plot(x + aside, level, "o-", color=colour, lw=1, ms=6, label=name)
    ax.axvline(first - 0.5, color=MUTED, lw=1, ls=":")
    label_windows(ax, labels)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    ax.set_ylabel(unit)
    if len(lines) > 1:
        ax.legend(frameon=False, fontsize=9)
    return ax


def expected_levels(
    labels: Sequence[str],
    observed: ArrayLike,
    expected: Mapping[str, ArrayLike],
    *,
    unit: str,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the observed level of each window, and beside it what several accounts expect.

    Parameters
    ----------
    labels : sequence of str
        Of the windows, in order of time.
    observed : array_like
        (T, 3) level, lower and upper limit.
    expected : mapping of str to array_like
        (T, 2) lowest and highest of each account, NaN where it expects nothing; a mark where they are alike, else a
        bar. Two by two they share a colour, the second of each pair pale.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(height=4.2) if ax is None else ax
    x = np.arange(len(labels), dtype=float)
    level, low, high = np.asarray(observed, dtype=np.float64).T
    ax.vlines(x, low, high, color=INK, lw=2, alpha=0.5)
    ax.plot(x, level, "o:", color=INK, lw=1, ms=6, label="observed, with its interval")
    for k, (name, ends) in enumerate(expected.items()):
        low, high = np.asarray(ends, dtype=np.float64).T
        style: dict[str, Any] = {"color": (ACCENT, STEEL)[k // 2 % 2], "alpha": (1.0, 0.45)[k % 2]}
        at = x + 0.1 * (k + 1)
        if np.allclose(low, high, equal_nan=True):
            ax.plot(at, low, "D", ms=7, label=name, **style)
        else:
            ax.vlines(at, low, high, lw=7, label=name, **style)
    label_windows(ax, labels)
    ax.set_xlim(-0.4, len(labels) - 0.4)
    ax.margins(y=0.1)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(unit)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=1, frameon=False, fontsize=8)
    return ax


def counterfactual(
    years: ArrayLike, observed: ArrayLike, expected: ArrayLike, *, what: str, unit: str, ax: "Axes | None" = None
) -> "Axes":
    """Draw a series as dots, and what is expected of it otherwise as a line with a band.

    Parameters
    ----------
    years : array_like
        (T,) middle of each period, from the index date, at which a thin line stands.
    observed : array_like
        (T,).
    expected : array_like
        (T, 3) lower limit, middle and upper limit.
    what : str
        Names the line and its band.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    low, middle, high = np.asarray(expected, dtype=np.float64).T
    ax = curve(years, middle, low=low, high=high, label=what, ax=ax)
    ax.plot(np.asarray(years), np.asarray(observed), "o", color=ACCENT, ms=4, label="observed")
    ax.axvline(0.0, color=MUTED, lw=1, ls=":")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("years from the index date")
    ax.set_ylabel(unit)
    ax.legend(frameon=False, fontsize=8)
    return ax
