"""Axes of a specification curve: the answers in order, and under each the choices that it was made with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.base.axes import ACCENT, BEYOND, INK, MUTED, new_axes, plain, ratios_upwards

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, CURVE, ROW, FOOT = 7.6, 2.8, 0.18, 0.3
"""Inches of the figure across, of the curve, of a level's row, and of what stands below."""
GAP, EDGE, TICKS = 0.08, 0.1, 0.75
"""Inches between the curve and the choices, around the whole, and of the curve's own ticks and label."""
SIZE = 8
"""Points of the labels of choices."""


def specification_axes(
    answers: ArrayLike,
    intervals: ArrayLike,
    levels: Mapping[str, Sequence[str]],
    chosen: ArrayLike,
    *,
    unit: str,
    nothing: float,
    ratio: bool,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw answers with their intervals in order, and below them a row a level with a mark where it was chosen.

    Parameters
    ----------
    answers : array_like
        (S, 2) lower and upper end of each answer, in the order in which they are drawn; a bar where they differ.
    intervals : array_like
        (S, 2) lower and upper end of the interval, NaN where there is none. Of ratios the axis ends `BEYOND` times
        outside all answers: one interval that tells nothing would leave no room for those that do.
    levels : mapping of str to sequence of str
        The labels of each choice.
    chosen : array_like
        (S, C) the level of each choice.
    unit : str
        Of the answers.
    nothing : float
        Where a dashed line stands: 1 of ratios, 0 of differences.
    ratio : bool
        Whether the axis is one of logs.
    ax : Axes, optional
        Where the curve is drawn, the choices below it.
    """
    rows = sum(len(labels) + 1 for labels in levels.values())
    own = ax is None
    if ax is None:
        ax = new_axes(width=WIDE, height=CURVE + GAP + ROW * rows + FOOT + 2 * EDGE)
        ax.get_figure(root=True).set_layout_engine("none")  # type: ignore[union-attr]
    ends, around, at = (np.asarray(each, float) for each in (answers, intervals, chosen))
    x = np.arange(len(ends))
    thin = max(0.4, min(2.0, 200 / max(len(ends), 1)))
    ax.vlines(x, around[:, 0], around[:, 1], color=MUTED, lw=thin)
    one = ends[:, 0] == ends[:, 1]
    ax.vlines(x[~one], ends[~one, 0], ends[~one, 1], color=INK, lw=2.5 * thin)
    ax.plot(x[one], ends[one, 0], ".", color=INK, ms=4)
    ax.axhline(nothing, color=ACCENT, lw=1, ls="--")
    if ratio:
        _room(ax, ends, around, nothing)
        ratios_upwards(ax)
    ax.set_ylabel(unit)
    ax.set_xticks([])
    figure = ax.get_figure(root=True)
    tall = figure.get_figheight() if figure is not None else 1.0
    if own:
        ax.set_position((0.3, 1 - (EDGE + CURVE) / tall, 0.6, CURVE / tall))
    inches = ax.get_position().height * tall
    below = plain(ax.inset_axes((0.0, -(ROW * rows + GAP) / inches, 1.0, ROW * rows / inches), sharex=ax))
    _marks(below, levels, x, at.astype(np.int64))
    if own and figure is not None:
        _make_room(ax, below, figure)
    return ax


def _room(ax: "Axes", ends: NDArray[np.float64], around: NDArray[np.float64], nothing: float) -> None:
    """Set the ends of an axis of ratios."""
    if not len(ends):
        return
    low, high = min(ends[:, 0].min(), nothing), max(ends[:, 1].max(), nothing)
    least, most = np.nanmin([around[:, 0].min(), low]), np.nanmax([around[:, 1].max(), high])
    ax.set_ylim(max(least, low / BEYOND) / 1.05, min(most, high * BEYOND) * 1.05)


def _make_room(ax: "Axes", below: "Axes", figure: "Figure") -> None:
    """Put the left edge of the curve where the longest label of a choice, or the curve's own, has room."""
    figure.draw_without_rendering()
    widths = [text.get_window_extent().width / figure.dpi for text in below.get_yticklabels()]
    left = (max([*widths, TICKS]) + 0.1 + EDGE) / figure.get_figwidth()
    box = ax.get_position()
    ax.set_position((left, box.y0, 1 - EDGE / figure.get_figwidth() - left, box.height))


def _marks(ax: "Axes", levels: Mapping[str, Sequence[str]], x: ArrayLike, at: ArrayLike) -> None:
    place, ticks, labels, heads = 0, [], [], []
    for k, (name, named) in enumerate(levels.items()):
        heads.append(place)
        ticks.append(place)
        labels.append(name)
        for level, label in enumerate(named, 1):
            ticks.append(place + level)
            labels.append(label)
            there = np.asarray(x)[np.asarray(at)[:, k] == level - 1]
            ax.plot(there, np.full(len(there), place + level), "|", color=INK, ms=6)
        place += len(named) + 1
    ax.set_yticks(ticks, labels, fontsize=SIZE)
    for head in heads:
        ax.get_yticklabels()[ticks.index(head)].set_fontweight("bold")
    ax.set_ylim(place - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("combinations of choices, in order of their answer", fontsize=SIZE)
