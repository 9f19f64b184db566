"""The grid of months on which a simulator runs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import Window

YEAR = 365.25
MONTH = YEAR / 12


class Months(NamedTuple):
    """Months counted from the index date: the middle of each in years, and whether it is after."""

    middle: NDArray[np.float64]
    post: NDArray[np.bool_]


def month_grid(windows: tuple[Window, ...]) -> Months:
    """Return the months from the start of the first window to the end of the last.

    Months are a twelfth of 365.25 days, and one of them starts at the index date.

    Raises
    ------
    InputError
        IOM-E048 when a window has no dates.

    Examples
    --------
    >>> grid = month_grid((Window("before", -547, 0), Window("after", 0, 549, post=True)))
    >>> len(grid.middle), int(grid.post.sum())
    (36, 18)
    """
    starts_ends = [_days(w) for w in windows]
    first = round(min(start for start, _ in starts_ends) / MONTH)
    last = max(round(max(end for _, end in starts_ends) / MONTH), first + 1)
    months = np.arange(first, last)
    return Months((months + 0.5) / 12, months >= 0)


def years(data: Panel | Moments, purpose: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the start and end of the window before and of the window after, in years from the index date.

    Raises
    ------
    InputError
        IOM-E048 when a window has no dates.
    """
    windows = data.prepost().windows if isinstance(data, Panel) else data.windows
    before, after = (_days(w, purpose) for w in windows)
    return (before[0] / YEAR, before[1] / YEAR), (after[0] / YEAR, after[1] / YEAR)


def _days(window: Window, purpose: str = "a grid of months") -> tuple[int, int]:
    if window.start is None or window.end is None:
        raise InputError(
            "IOM-E048",
            f"{purpose} needs the dates of window {window.label!r}: give Window(label, start, end) in days from "
            "the index date",
        )
    return window.start, window.end
