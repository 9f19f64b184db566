"""Windows as calendar dates, and in years from the index date."""

import datetime as dt

import numpy as np

from iom_causal.errors import InputError
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.windows import DAYS_WANTED, YEAR, Window, days_of

type Span = tuple[dt.date, dt.date]


def calendar(window: Window, index_date: dt.date, purpose: str) -> Span:
    """Return the first day of a window and the day after its last.

    Examples
    --------
    >>> calendar(Window("before", -547, 0), dt.date(2012, 5, 1), "Season")[0]
    datetime.date(2010, 11, 1)
    """
    if window.start is None or window.end is None:
        raise InputError(
            "IOM-E048",
            f"{purpose} needs the dates of window {window.label!r}",
            f"give it start and end; {DAYS_WANTED}",
        )
    return index_date + dt.timedelta(days=window.start), index_date + dt.timedelta(days=window.end)


def index_dates(data: Panel | Moments, stated: dt.date | None, purpose: str) -> list[dt.date]:
    """Return the index dates: one that holds for all, or one for each person.

    Raises
    ------
    InputError
        IOM-E048 when neither the data nor the confound states one.
    """
    if stated is not None:
        return [stated]
    dates = data.index_date if isinstance(data, Moments) else data.managed.index_date
    if dates is None:
        raise InputError(
            "IOM-E048",
            f"{purpose} needs calendar dates: the day on which the programme began is not known",
            "give index_date",
        )
    if isinstance(dates, dt.date):
        return [dates]
    each: list[dt.date] = np.atleast_1d(dates).astype("datetime64[D]").tolist()
    return each


def both_windows(data: Panel | Moments) -> tuple[Window, Window]:
    """Return the window before and the window after."""
    windows = data.prepost().windows if isinstance(data, Panel) else data.windows
    return windows[0], windows[1]


def years(data: Panel | Moments, purpose: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the start and end of the window before and of the window after, in years from the index date.

    Raises
    ------
    InputError
        IOM-E048 when a window has no dates.
    """
    before, after = (days_of(w, purpose) for w in both_windows(data))
    return (before[0] / YEAR, before[1] / YEAR), (after[0] / YEAR, after[1] / YEAR)
