"""Axes of what remains over two settings: values in, axes out."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.axes import ACCENT, INK, name_above, new_axes
from iom_causal.base.formats import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

type Floats = NDArray[np.float64]

LEVELS = 12
"""Levels of colour."""


def surface(
    first: Floats,
    second: Floats,
    values: Floats,
    *,
    nothing: float,
    now: tuple[float, float],
    labels: tuple[str, str, str],
    ratio: bool,
    other: Floats | None = None,
    ends: tuple[Floats, Floats] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw levels over two settings, a thick line where they are `nothing`, and broken ones at an interval's ends.

    Parameters
    ----------
    first, second : ndarray
        (N,) and (M,) the settings, along the horizontal and the vertical axis.
    values : ndarray
        (N, M) the levels.
    nothing : float
        The level that the lines are at, from which colours go both ways.
    now : tuple of float
        A point to mark.
    labels : tuple of str
        Of both axes, and of the levels.
    ratio : bool
        Whether levels are ratios, coloured by their logs.
    other : ndarray, optional
        (N, M) other ends of the levels, of which only the line is drawn.
    ends : tuple of ndarray, optional
        (N, M) each, of an interval.
    """
    from matplotlib.lines import Line2D  # noqa: PLC0415 slow to load
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 slow to load

    if ax is None:
        ax = new_axes(6.4, 4.4)

    def scaled(level: Floats) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.ma.masked_invalid((np.log(level / nothing) if ratio else level - nothing).T)

    shown = scaled(values)
    reach = float(np.abs(shown).max()) if shown.count() else 0.0
    reach = reach if reach > 0 else 1.0
    painted = ax.contourf(first, second, shown, levels=np.linspace(-reach, reach, LEVELS + 1), cmap="PuOr")
    lines: list[tuple[Floats, str, Any, str]] = [(values, INK, "-", "nothing remains")]
    if other is not None:
        lines.append((other, INK, ":", "nothing remains, in another case"))
    lines += [(end, ACCENT, "--", "an end of the interval is there") for end in ends or ()]
    for level, colour, style, _ in lines:
        at = scaled(level)
        if at.count() and at.min() < 0 < at.max():
            ax.contour(first, second, at, levels=[0.0], colors=[colour], linestyles=[style], linewidths=[1.8])
    ax.plot(*now, marker="o", color=INK, markerfacecolor="white", linestyle="none", clip_on=False, zorder=3)
    named = {text: Line2D([], [], color=colour, linestyle=style) for _, colour, style, text in lines}
    named["as it is"] = Line2D([], [], marker="o", color=INK, markerfacecolor="white", linestyle="none")
    name_above(ax, 2, handles=[*named.values()], labels=[*named])
    ax.set_xlabel(labels[0])
    ax.set_ylabel(labels[1])
    back = FuncFormatter(lambda v, _: fixed(nothing * float(np.exp(v)) if ratio else nothing + v))
    figure = ax.get_figure()
    if figure is not None:
        figure.colorbar(painted, ax=ax, label=labels[2], format=back)
    return ax
