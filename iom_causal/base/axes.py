"""Axes: values in, axes out."""

import math
from collections.abc import Collection, Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.formats import fixed
from iom_causal.numerics import LEVEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

type Step = tuple[str, float, bool]

INK = "#1b2a41"
ACCENT = "#b3541e"
MUTED = "#8a97a8"
BAND = "#d8e2ee"
STEEL = "#2f6f9f"
LINES = (INK, ACCENT, STEEL, MUTED)
"""Colours of lines that are told apart."""
STYLES = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"))
"""Styles of lines and dots, once all colours are used."""
TICKS = 4
"""Steps between the ticks of a narrow panel, at most, so that their labels do not touch."""


def new_axes(width: float = 6.4, height: float = 3.6) -> "Axes":
    """Return axes on a figure that is in no window and no global list."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 slow to load
    from matplotlib.figure import Figure  # noqa: PLC0415 slow to load

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return plain(figure.add_subplot())


def new_row(count: int, width: float = 9.0, height: float = 3.6) -> "list[Axes]":
    """Return axes beside one another that share their rows, on a figure of their own as `new_axes`."""
    first = new_axes(width, height)
    figure = first.get_figure()
    first.remove()
    made = figure.subplots(1, count, sharey=True)  # type: ignore[union-attr]
    return [plain(ax) for ax in np.atleast_1d(made)]


def plain(ax: "Axes") -> "Axes":
    """Take away what carries no information."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(colors=INK, labelsize=9)
    return ax


def label_windows(ax: "Axes", labels: Sequence[str]) -> None:
    """Label windows along the horizontal axis, at places from 0; of many, those that have room beside one another."""
    figure = ax.get_figure(root=True)
    shown, step = [_broken(label) for label in labels], 1
    if len(labels) > FEW_WINDOWS and figure is not None:
        shown = [fill(label, NARROW, break_long_words=False) for label in labels]
        longest = max(len(line) for label in shown for line in label.split("\n"))
        room = ax.get_position().width * figure.get_figwidth()
        step = -(-len(labels) // max(2, int(room / (ACROSS * (longest + 1)))))
    ax.set_xticks(range(0, len(labels), step), shown[::step])


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
    labels = [_broken(str(row["label"])) for row in reversed(rows)]
    ax = new_axes(height=1.2 + _height(labels, 0.42)) if ax is None else ax
    room = _room(rows)
    for y, row in enumerate(reversed(rows)):
        _span(ax, y, row.get("conf_low"), row.get("conf_high"), room, color=MUTED, lw=2)
        _span(ax, y, row.get("set_low"), row.get("set_high"), room, color=ACCENT, lw=6)
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
        _log(ax)
        ax.set_xlabel(f"{ax.get_xlabel()} (below 1: less)")
    return ax


def _term(rows: Sequence[Mapping[str, Any]], *, ratio: bool) -> str:
    terms = {row.get("term") or ("after / before" if ratio else "after - before") for row in rows}
    return str(terms.pop()) if len(terms) == 1 else "ratio" if ratio else "difference"


WIDE = 20.0
"""How many times the lowest ratio of an axis its highest is where fewer marks stand along it."""
BEYOND = 10.0
"""How many times outside all estimates an end of a ratio is drawn as an arrow."""


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
    ax.plot(inside, [y, y], color=color, lw=lw, solid_capstyle="butt")
    for end, there, arrow in zip((low, high), inside, "<>", strict=True):
        if end != there:
            ax.plot([there], [y], arrow, color=color, ms=6)


def _log(ax: "Axes") -> None:
    """Make the horizontal axis one of ratios: a half is as far from 1 as a double is."""
    ax.set_xscale("log")
    _mark_ratios(ax.xaxis, ax.get_xlim())


def ratios_upwards(ax: "Axes") -> None:
    """Make the vertical axis one of ratios."""
    ax.set_yscale("log")
    _mark_ratios(ax.yaxis, ax.get_ylim())


def _mark_ratios(axis: "Axis", ends: tuple[float, float]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator  # noqa: PLC0415 slow to load

    low, high = ends
    marks = LogLocator(subs=(1.0, 2.0, 5.0) if high > WIDE * low else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))
    axis.set_major_locator(marks if high > 4 * low else MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


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
    ax.legend(handles=names, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(names), frameon=False, fontsize=8)


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
    rows = [_broken(label) for label in labels]
    axes = new_row(len(shown), width=3.2 + 2.2 * len(shown), height=1.4 + _height(rows, 0.36))
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
            ax.plot(x, value, marker=dot, ms=4, lw=1.6, ls=style, color=colour, label=_broken(name), clip_on=not share)
            ends = np.array([value - 2 * error, value + 2 * error])
            low, high = np.clip(ends, 0.0, 1.0) if share else ends
            ax.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)
    if level is not None:
        ax.axhline(level, color=MUTED, lw=1, ls=":")
    if share:
        least, most = ax.get_ylim()
        ax.set_ylim(max(least, 0.0), min(most, 1.0))
    ax.set_xlabel(across)
    ax.set_ylabel(unit)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False, fontsize=8, handlelength=4)
    return ax


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


def mark(ax: "Axes", *, x: float | None = None, y: float | None = None, text: str = "") -> "Axes":
    """Draw a thin line at `x` or `y` with a short text beside it."""
    if x is not None:
        ax.axvline(x, color=ACCENT, lw=1, ls="--")
        ax.annotate(text, (x, 1), xycoords=("data", "axes fraction"), xytext=(4, -10), **_SMALL)
    if y is not None:
        ax.axhline(y, color=ACCENT, lw=1, ls="--")
        ax.annotate(text, (0, y), xycoords=("axes fraction", "data"), xytext=(4, 5), **_SMALL)
    return ax


_SMALL: dict[str, Any] = {
    "textcoords": "offset points",
    "fontsize": 8,
    "color": ACCENT,
    "annotation_clip": True,  # text far outside the axes leaves these no room
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
}


def intervals(
    labels: Sequence[str],
    ranges: Sequence[tuple[float, float]],
    ax: "Axes | None" = None,
    *,
    inner: Sequence[tuple[float, float]] | None = None,
) -> "Axes":
    """Draw one bar from low to high a label, first at the top, with a darker bar for an inner range."""
    shown = [_broken(label) for label in reversed(labels)]
    ax = new_axes(height=1.0 + _height(shown, 0.4)) if ax is None else ax
    for y, (low, high) in enumerate(reversed(ranges)):
        ax.plot([low, high], [y, y], color=INK if inner is None else BAND, lw=10, solid_capstyle="butt")
    for y, (low, high) in enumerate(reversed(inner or ())):
        ax.plot([low, high], [y, y], color=INK, lw=6, solid_capstyle="butt")
    ax.set_yticks(range(len(labels)), shown)
    ax.set_ylim(-0.6, len(labels) - 0.4)
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
    labels = [_broken(label) for label, _, _ in cases[0]]
    ax = new_axes(height=1.2 + _height(labels, 0.4 if len(cases) == 1 else 0.55)) if ax is None else ax
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


FEW_WINDOWS, NARROW = 4, 12
"""Windows that are all labelled, whatever their names; and characters of a line of the labels of more."""
LABEL, LINE = 36, 0.17
"""Characters of a row's label in one line, and the height of a line in inches."""
ACROSS = 0.09
"""Width of a character of an axis's label in inches."""


def _broken(label: str) -> str:
    return fill(label, LABEL)


def _height(labels: Sequence[str], least: float) -> float:
    """Return how high rows are together: each as high as the label with most lines takes."""
    return len(labels) * max([least, *(LINE * (label.count("\n") + 2) for label in labels if "\n" in label)])


def _fit(ax: "Axes") -> None:
    """Break the labels of both axes where they are longer than the axes."""
    figure = ax.get_figure(root=True)
    if figure is None or not max(len(ax.get_xlabel()), len(ax.get_ylabel())) > LABEL:
        return
    figure.draw_without_rendering()
    box = ax.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
    ax.set_xlabel(fill(ax.get_xlabel(), max(LABEL, int(box.width / ACROSS))))
    ax.set_ylabel(fill(ax.get_ylabel(), max(LABEL, int(box.height / ACROSS))))


def to_svg(ax: "Axes") -> bytes:
    """Return the figure of `ax` as SVG, byte for byte the same each time."""
    return _saved(ax, format="svg", metadata={"Date": None, "Creator": None})


def to_png(ax: "Axes") -> bytes:
    """Return the figure of `ax` as PNG, in which no figure can be read more exactly than it is seen."""
    return _saved(ax, format="png", dpi=160, metadata={"Software": None})


def _saved(ax: "Axes", **settings: Any) -> bytes:
    import io  # noqa: PLC0415 beside matplotlib, which is slow to load

    import matplotlib as mpl  # noqa: PLC0415 slow to load

    buffer = io.BytesIO()
    _fit(ax)
    with mpl.rc_context({"svg.hashsalt": "iom_causal", "svg.fonttype": "path"}):
        ax.get_figure(root=True).savefig(buffer, **settings)  # type: ignore[union-attr]
    return buffer.getvalue()
