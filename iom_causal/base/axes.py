"""Axes as such: figures without a window, colours, marks, axes of ratios, labels that fit, and bytes."""

from collections.abc import Callable, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.legend import Legend

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
    shown, step = [broken(label) for label in labels], 1
    if len(labels) > FEW_WINDOWS and figure is not None:
        shown = [fill(label, NARROW, break_long_words=False) for label in labels]
        longest = max(len(line) for label in shown for line in label.split("\n"))
        room = ax.get_position().width * figure.get_figwidth()
        step = -(-len(labels) // max(2, int(room / (ACROSS * (longest + 1)))))
    ax.set_xticks(range(0, len(labels), step), shown[::step])


WIDE, WIDER = 20.0, 5_000.0
"""How many times the lowest ratio of an axis its highest is where fewer marks stand along it, and where only powers."""
BEYOND = 10.0
"""How many times outside all estimates an end of a ratio is drawn as an arrow."""


def ratios_along(ax: "Axes", text: Callable[[float], str] = "{:g}".format) -> None:
    """Make the horizontal axis one of ratios: a half is as far from 1 as a double is."""
    ax.set_xscale("log")
    _mark_ratios(ax.xaxis, ax.get_xlim(), text)


def ratios_upwards(ax: "Axes") -> None:
    """Make the vertical axis one of ratios."""
    ax.set_yscale("log")
    _mark_ratios(ax.yaxis, ax.get_ylim(), "{:g}".format)


def _mark_ratios(axis: "Axis", ends: tuple[float, float], text: Callable[[float], str]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator  # noqa: PLC0415 slow to load

    low, high = ends
    few = (1.0,) if high > WIDER * low else (1.0, 2.0, 5.0)
    marks = LogLocator(subs=few if high > WIDE * low else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0), numticks=12)
    axis.set_major_locator(marks if high > 4 * low else MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_locator(NullLocator())


def name_above(ax: "Axes", columns: int = 3, **legend: Any) -> "Legend":
    """Put the legend above the axes, where it hides nothing."""
    return ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, frameon=False, fontsize=8, **legend)


def mark(ax: "Axes", *, x: float | None = None, y: float | None = None, text: str = "") -> "Axes":
    """Draw a thin line at `x` or `y`, with a short text beside it where there is most room."""
    if x is not None:
        ax.axvline(x, color=ACCENT, lw=1, ls="--")
        downwards = [((x, 1.0), -3, "top"), ((x, 1.0), -16, "top"), ((x, 0.5), 0, "center"), ((x, 0.0), 3, "bottom")]
        sides = [(4, "left"), (-4, "right")]
        _write(ax, text, ("data", "axes fraction"), [(at, (a, d), h, v) for at, d, v in downwards for a, h in sides])
    if y is not None:
        ax.axhline(y, color=ACCENT, lw=1, ls="--")
        along = [((0.0, y), 4, "left"), ((1.0, y), -4, "right"), ((0.5, y), 0, "center")]
        sides = [(3, "bottom"), (-3, "top")]
        _write(ax, text, ("axes fraction", "data"), [(at, (a, d), h, v) for d, v in sides for at, a, h in along])
    return ax


def name_dot(ax: "Axes", at: tuple[float, float], text: str) -> None:
    """Write the name of a dot at that of its corners where it hides least."""
    corners = [(at, (a, d), h, v) for d, v in ((4, "bottom"), (-4, "top")) for a, h in ((4, "left"), (-4, "right"))]
    _write(ax, text, "data", corners, color=INK, fontsize=7)


def _write(ax: "Axes", text: str, coords: Any, places: Sequence[Any], **style: Any) -> None:
    from iom_causal.base.words_in_pictures import Place, Words  # noqa: PLC0415 brings matplotlib, slow to load

    if text:
        Words(ax, text, [Place(*place) for place in places], coords, **(_SMALL | style))


_SMALL: dict[str, Any] = {
    "fontsize": 8,
    "color": ACCENT,
    "annotation_clip": True,  # text far outside the axes leaves these no room
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
}


FEW_WINDOWS, NARROW = 4, 12
"""Windows that are all labelled, whatever their names; and characters of a line of the labels of more."""
LABEL, LONG, LINE = 36, 44, 0.17
"""Characters of a row's label in one line, those of a word that is broken too, and the height of a line in inches."""
ACROSS = 0.09
"""Width of a character of an axis's label in inches."""


def broken(label: str) -> str:
    """Break the label of a row into lines, between words where none is too long."""
    return fill(label, LABEL, break_long_words=any(len(word) > LONG for word in label.split()))


def rows_height(labels: Sequence[str], least: float) -> float:
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
    """Return the figure of `ax` as SVG, byte for byte the same each time that it is drawn anew and saved."""
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
