"""Pictures of quasi-experiments: what each needs, paths with bands, series with a counterfactual, balance, weights."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.axes import ACCENT, BAND, INK, MUTED, STEEL, label_windows, mark, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE, _NARROW = 30, 12
_MANY_TICKS = 50.0
"""Highest over lowest ratio from which an axis has ticks at powers of ten alone."""


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
    ax.set_yticks(range(len(rows)), [fill(name, _WIDE, break_long_words=False) for name in rows])
    ax.set_xticks(range(len(needs)), [fill(need, _WIDE) for need in needs], rotation=40, ha="right", fontsize=8)
    ax.set_xlim(-0.6, len(needs) - 0.4)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_title("filled: the data have it; diamond: advice only", fontsize=8, loc="left", color=MUTED)
    return ax


def covariate_balance(
    names: Sequence[str],
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    limit: float,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw standardised mean differences of covariates before and after matching (a love plot), first at the top.

    Parameters
    ----------
    names : sequence of str
        Of the covariates.
    before, after : sequence of float or None
        Standardised differences; one that is not defined has no mark.
    limit : float
        Within this distance of 0, a band, covariates are called balanced.
    """
    labels = [fill(name, _WIDE) for name in reversed(names)]
    ax = new_axes(height=1.6 + 0.36 * len(labels)) if ax is None else ax
    ax.axvspan(-limit, limit, color=BAND, lw=0, label=f"within {limit}")
    ax.axvline(0.0, color=MUTED, lw=1, ls=":")
    for y, (old, new) in enumerate(zip(reversed(before), reversed(after), strict=True)):
        if old is not None and new is not None:
            ax.plot([old, new], [y, y], color=MUTED, lw=1)
        for value, face, label in ((old, "white", "before matching"), (new, INK, "after matching")):
            if value is not None:
                ax.plot([value], [y], "o", color=INK, mfc=face, ms=6, label=label)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.set_xlabel("managed less comparison people, in SDs")
    named = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    ax.legend(
        named.values(), named.keys(), loc="upper center", bbox_to_anchor=(0.5, -0.3), ncols=3, frameon=False, fontsize=8
    )
    return ax


def effect_path(
    rows: Sequence[tuple[float, float, float | None, float | None]],
    *,
    bands: Sequence[tuple[float, float] | None] = (),
    labels: Sequence[str] = (),
    reference: int | None = None,
    pooled: bool = False,
    ratio: bool = False,
    unit: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a path of effects, the interval of each as a bar, and bands that hold all of them as a strip.

    Parameters
    ----------
    rows : sequence of (float, float, float or None, float or None)
        Place, effect and its interval, as logs where `ratio`.
    bands : sequence of (float, float) or None, optional
        Lower and upper end of each row.
    labels : sequence of str, optional
        Of the rows; without them places are windows since the start, before which a thin line stands.
    reference : int, optional
        The base window, whose effect is nothing, as a ring.
    pooled : bool
        Whether all windows before together are the base, which the dotted line is.
    ratio : bool
        Whether effects are drawn as ratios, on a log scale.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    shown = np.exp if ratio else np.asarray
    nothing = 1.0 if ratio else 0.0
    ax = new_axes(width=max(5.4, 2.4 + 0.3 * len(rows))) if ax is None else ax
    ax.axhline(nothing, color=MUTED, lw=1, ls=":")
    for (x, *_), band in zip(rows, bands or [None] * len(rows), strict=True):
        if band is not None:
            ax.fill_between([x - 0.5, x + 0.5], *shown(np.array(band)), color=BAND, lw=0, zorder=0)
    for x, value, low, high in rows:
        if low is not None and high is not None:
            ax.vlines(x, *shown(np.array([low, high])), color=INK, lw=2, alpha=0.6)
        ax.plot(x, shown(value), "o", color=INK, ms=5)
    if reference is not None:
        ax.plot(reference, nothing, "o", color=ACCENT, mfc="white", ms=6)
    if labels:
        ax.set_xticks([row[0] for row in rows], [fill(label, _NARROW) for label in labels])
    else:
        ax.axvline(-0.5, color=ACCENT, lw=1, ls="--")
        ax.locator_params(axis="x", integer=True)
        ax.set_xlabel("windows since the start")
    if ratio:
        _log_scale(ax)
    ax.set_ylabel(unit)
    said = {
        "bars: each alone": True,
        "strip: all at once": bool(bands),
        "ring: the base": reference is not None,
        "dotted: the base, all windows before together": pooled,
    }
    ax.set_title("; ".join(text for text, true in said.items() if true), fontsize=8, loc="left", color=MUTED)
    return ax


def crossing_levels(
    rows: Sequence[tuple[str, float | None, float | None]], *, unit: str, ax: "Axes | None" = None
) -> "Axes":
    """Draw the level of those who are managed in each window, and of those who still wait.

    Parameters
    ----------
    rows : sequence of (str, float or None, float or None)
        Label of the window, level of those who are managed and of those who wait; None where there are none.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(width=min(7.0, max(5.4, 2.4 + 0.4 * len(rows)))) if ax is None else ax
    x = np.arange(len(rows))
    for k, (name, colour, face) in enumerate((("managed", INK, INK), ("waiting", MUTED, "white"))):
        level = np.array([np.nan if row[k + 1] is None else row[k + 1] for row in rows], dtype=np.float64)
        ax.plot(x, level, "o-", color=colour, mfc=face, lw=1.4, ms=5, label=name)
    label_windows(ax, [row[0] for row in rows])
    ax.set_ylim(bottom=0)
    ax.set_ylabel(unit)
    ax.legend(frameon=False, fontsize=8)
    return ax


def _log_scale(ax: "Axes") -> None:
    """Put ratios on a log scale with ticks that read as they are."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter  # noqa: PLC0415 slow to load

    ax.set_yscale("log")
    low, high = ax.get_ylim()
    fine = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0) if high < _MANY_TICKS * low else (1.0,)
    ax.yaxis.set_major_locator(LogLocator(subs=fine))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def sides_of_cut(
    means: Sequence[Sequence[tuple[float, float, float]]],
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    *,
    cut: float,
    what: str,
    unit: str,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw mean outcomes by a running variable, with twice their errors, and a line on either side of a cut.

    Parameters
    ----------
    means : sequence of sequence of (float, float, float)
        Below and above the cut: value, mean and its standard error.
    lines : sequence of ((float, float), (float, float))
        Of either side, from the cut to the end of the bandwidth.
    cut : float
        Where the thin line stands.
    what, unit : str
        Of the axes.
    """
    ax = new_axes() if ax is None else ax
    for dots, line, colour, name in zip(means, lines, (MUTED, INK), ("below the cut", "managed"), strict=True):
        x, y, error = np.array(dots, dtype=np.float64).reshape(-1, 3).T
        ax.errorbar(x, y, 2 * error, fmt="o", color=colour, ms=4, lw=1, label=name)
        ax.plot(*zip(*line, strict=True), color=colour, lw=2)
    ax.axvline(cut, color=MUTED, lw=1, ls=":")
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    ax.set_xlabel(what)
    ax.set_ylabel(unit)
    ax.legend(frameon=False, fontsize=8)
    return ax


def series(
    years: ArrayLike,
    observed: ArrayLike,
    fitted: ArrayLike,
    without: ArrayLike,
    *,
    start: float,
    unit: str,
    level: float,
    comparison: ArrayLike | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a series as dots with its fit, and from a start on what is expected without a change, with a band.

    Parameters
    ----------
    years : array_like
        (T,) middle of each window, from the index date.
    observed, fitted : array_like
        (T,).
    without : array_like
        (T, 3) lower limit, middle and upper limit.
    start : float
        At which a thin line stands.
    unit : str
        Of the vertical axis.
    level : float
        Of the band.
    comparison : array_like, optional
        (T,) a second series.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(height=4.0) if ax is None else ax
    x, low_middle_high = np.asarray(years), np.asarray(without, dtype=np.float64)
    after = x > start
    low, middle, high = low_middle_high[after].T
    ax.fill_between(x[after], low, high, color=BAND, lw=0, label=f"{level:.0%} limits of its mean")
    if comparison is not None:
        ax.plot(x, np.asarray(comparison), "s", color=STEEL, ms=3, mfc="white", label="comparison people's rate")
    ax.plot(x[after], middle, "--", color=INK, lw=1.6, label="expected without a change")
    for side in (~after, after):
        ax.plot(x[side], np.asarray(fitted)[side], "-", color=INK, lw=1.6, label="fitted" if side[0] else None)
    ax.plot(x, np.asarray(observed), "o", color=ACCENT, ms=4, label="observed")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("years from the index date")
    ax.set_ylabel(unit)
    mark(ax, x=start, text="start")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False, fontsize=8)
    return ax


def synthetic_series(
    labels: Sequence[str],
    observed: Sequence[float],
    synthetic: Sequence[float],
    placebos: Sequence[Sequence[float]],
    *,
    first: int,
    unit: str,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a series with its synthetic control, and placebos as far from it as from their own.

    Parameters
    ----------
    labels : sequence of str
        Of the windows, in order of time.
    observed, synthetic : sequence of float
        A value a window.
    placebos : sequence of sequence of float
        The gaps of each placebo.
    first : int
        The first window after; a thin line stands before it.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(width=7.0) if ax is None else ax
    x = range(len(labels))
    for k, gaps in enumerate(placebos):
        line = [s + g for s, g in zip(synthetic, gaps, strict=True)]
        ax.plot(x, line, color=MUTED, lw=0.7, alpha=0.45, label=None if k else "placebos")
    ax.plot(x, synthetic, "--", color=ACCENT, lw=2, label="synthetic control")
    ax.plot(x, observed, color=INK, lw=2, label="observed")
    ax.axvline(first - 0.5, color=MUTED, lw=1, ls=":")
    if min(observed) >= 0:
        ax.set_ylim(bottom=0)
    label_windows(ax, labels)
    ax.set_ylabel(unit)
    ax.legend(frameon=False, fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return ax


def shares(named: Mapping[str, float], *, unit: str, ax: "Axes | None" = None) -> "Axes":
    """Draw one bar a name from 0 to its share, the first at the top."""
    ax = new_axes(height=1.2 + 0.3 * len(named)) if ax is None else ax
    places = range(len(named))
    ax.barh(places, list(named.values()), color=STEEL, height=0.6)
    ax.set_yticks(places, [fill(name, _WIDE) for name in named])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.set_xlabel(unit)
    return ax


def by_bound(
    bounds: Sequence[float],
    rows: Sequence[Sequence[float]],
    *,
    parallel: tuple[float, float],
    at: float,
    breakdown: float,
    nothing: float,
    across: str,
    unit: str,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a set and the interval around it by the bound on what nobody sees, with the bound that makes it nothing.

    Parameters
    ----------
    bounds : sequence of float
        From 0 on.
    rows : sequence of (float, float, float, float)
        Ends of the set, and of the interval, at each bound.
    parallel : tuple of float
        The interval without any departure, drawn apart.
    at : float
        The bound of the estimate.
    breakdown : float
        The bound from which the interval holds `nothing`.
    nothing : float
        No effect, as a line.
    across, unit : str
        Of the horizontal and of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes() if ax is None else ax
    set_low, set_high, low, high = np.array(rows, dtype=np.float64).T
    ax.fill_between(bounds, low, high, color=BAND, lw=0, label="interval")
    ax.fill_between(bounds, set_low, set_high, color=STEEL, alpha=0.45, lw=0, label="set")
    aside = -0.04 * bounds[-1]
    ax.plot([aside, aside], parallel, color=INK, lw=3, solid_capstyle="butt", label="parallel trends")
    ax.axhline(nothing, color=MUTED, lw=1, ls=":")
    ax.axvline(at, color=INK, lw=1, ls="--", label="the bound taken")
    if nothing > 0:  # of ratios
        _log_scale(ax)
    if 0 < breakdown <= bounds[-1]:
        ax.axvline(breakdown, color=ACCENT, lw=1.2, label=f"breakdown at {breakdown:.2g}")
    ax.set_xlim(2 * aside, bounds[-1])
    ax.set_xlabel(across)
    ax.set_ylabel(unit)
    ax.legend(frameon=False, fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return ax


def before_after(
    groups: Mapping[str, tuple[float, float]], expected: float, *, unit: str, ax: "Axes | None" = None
) -> "Axes":
    """Draw the levels of two groups before and after, and what the first one's would be with the second one's change.

    Parameters
    ----------
    groups : mapping of str to (float, float)
        Levels before and after: of managed people, then of those whom they are compared with.
    expected : float
        The first group's level after without the programme; the gap to its own is the estimate.
    unit : str
        Of the vertical axis.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(width=5.6, height=4.0) if ax is None else ax
    for (name, levels), colour in zip(groups.items(), (INK, MUTED), strict=True):
        ax.plot([0, 1], levels, "o-", color=colour, lw=2, ms=6, label=name)
    start, end = next(iter(groups.values()))
    ax.plot([0, 1], [start, expected], "o--", color=ACCENT, mfc="white", lw=1.6, ms=6, label="expected without it")
    ax.plot([1.04, 1.04], [end, expected], color=ACCENT, lw=4, alpha=0.4, solid_capstyle="butt", label="the estimate")
    ax.set_xticks([0, 1], ["before", "after"])
    ax.set_xlim(-0.15, 1.2)
    shown = [expected, *(level for levels in groups.values() for level in levels)]
    if min(shown) >= 0 and max(shown) > 0:
        ax.set_ylim(0, 1.1 * max(shown))
    ax.set_ylabel(unit)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, frameon=False, fontsize=8)
    return ax
