"""Axes of a specification curve: the answers in order, and under each the choices that it was made with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iom_causal.base.axes import ACCENT, INK, MUTED, new_axes, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDE, CURVE, ROW, FOOT, CHARACTER = 7.6, 2.6, 0.16, 0.35, 0.062
"""Inches of the figure across, of the curve, of a level's row, of what stands below, and of a character of a label."""


def specification_axes(
    answers: ArrayLike,
    levels: Mapping[str, Sequence[str]],
    chosen: ArrayLike,
    *,
    unit: str,
    nothing: float,
    ratio: bool,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw answers with their intervals in order, and below them a row a level with a dot where it was chosen.

    Parameters
    ----------
    answers : array_like
        (S, 3) answer, lower and upper end, in the order in which they are drawn.
    levels : mapping of str to sequence of str
        The labels of each choice.
    chosen : array_like
        (S, C) the level of each choice.
    unit : str
        Of the answers.
    nothing : float
        Where a thin line stands: 1 of ratios, 0 of differences.
    ratio : bool
        Whether the axis is one of logs.
    ax : Axes, optional
        Where the curve is drawn, the choices below it.
    """
    rows = sum(len(labels) + 1 for labels in levels.values())
    if ax is None:
        longest = max(len(label) for labels in levels.values() for label in labels)
        left, tall = (CHARACTER * (longest + 2) + 0.1) / WIDE, CURVE + ROW * rows + 2 * FOOT
        ax = new_axes(width=WIDE, height=tall)
        ax.get_figure(root=True).set_layout_engine("none")  # type: ignore[union-attr]
        ax.set_position((max(left, 0.1), 1 - (CURVE + 0.1) / tall, 0.97 - max(left, 0.1), CURVE / tall))
    values, at = np.asarray(answers, float).reshape(-1, 3), np.asarray(chosen, np.int64)
    x = np.arange(len(values))
    ax.vlines(x, values[:, 1], values[:, 2], color=MUTED, lw=max(0.4, min(2.0, 200 / max(len(values), 1))))
    ax.plot(x, values[:, 0], ".", color=INK, ms=4)
    ax.axhline(nothing, color=ACCENT, lw=1, ls="--")
    if ratio:
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter("{x:g}")
        ax.tick_params(axis="y", which="minor", labelsize=7)
    ax.set_ylabel(unit)
    ax.set_xticks([])
    box = ax.get_position()
    figure = ax.get_figure(root=True)
    height = ROW * rows / (box.height * (figure.get_figheight() if figure is not None else 1.0))
    below = plain(ax.inset_axes((0.0, -height - 0.02, 1.0, height), sharex=ax))
    _dots(below, levels, x, at)
    return ax


def _dots(ax: "Axes", levels: Mapping[str, Sequence[str]], x: ArrayLike, at: ArrayLike) -> None:
    place, ticks, labels, heads = 0, [], [], []
    for k, (name, named) in enumerate(levels.items()):
        heads.append(place)
        ticks.append(place)
        labels.append(name)
        for level, label in enumerate(named, 1):
            ticks.append(place + level)
            labels.append(f"  {label}")
            there = np.asarray(x)[np.asarray(at)[:, k] == level - 1]
            ax.plot(there, np.full(len(there), place + level), "|", color=INK, ms=5)
        place += len(named) + 1
    ax.set_yticks(ticks, labels, fontsize=7)
    for head in heads:
        ax.get_yticklabels()[ticks.index(head)].set_fontweight("bold")
    ax.set_ylim(place - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("specifications, in order of their answer", fontsize=8)
