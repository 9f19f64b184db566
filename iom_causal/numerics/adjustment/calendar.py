"""Calendar adjustment: the overlap of windows with seasons, and the level of a yearly series over them."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]
type Spell = tuple[dt.date, dt.date, float]

SUMMER = range(5, 11)
YEAR = 365.25


def half_year_contrast(start: dt.date, end: dt.date) -> float:
    """Return the share of days from May to October minus that of the others, `end` not included.

    Examples
    --------
    >>> round(half_year_contrast(dt.date(2010, 11, 1), dt.date(2012, 5, 1)), 3)
    -0.327
    """
    months = _days(start, end).astype("datetime64[M]").astype(np.int64) % 12 + 1
    summer = np.isin(months, SUMMER).mean()
    return float(2 * summer - 1)


def cosine_contrast(start: dt.date, end: dt.date, peak: dt.date = dt.date(2012, 8, 1)) -> float:
    """Return the mean over days of a yearly cosine whose top is at the day and month of `peak`.

    Examples
    --------
    >>> abs(cosine_contrast(dt.date(2009, 1, 1), dt.date(2013, 1, 1))) < 0.001
    True
    """
    days = (_days(start, end) - np.datetime64(peak)).astype(np.int64)
    return float(np.cos(2 * np.pi * days / YEAR).mean())


def season_log_change(amplitude: Floats, before: Floats, after: Floats) -> Floats:
    """Return ``log[(1 + a c2) / (1 + a c1)]`` for an amplitude and the contrasts of two windows.

    Raises
    ------
    InputError
        IOM-E092 when the amplitude would make a rate negative.

    Examples
    --------
    >>> round(float(season_log_change(0.03, -1 / 3, 1 / 3)), 4)
    0.02
    """
    first, second = 1 + np.asarray(amplitude) * before, 1 + np.asarray(amplitude) * after
    if (np.minimum(first, second) <= 0).any():
        raise InputError("IOM-E092", "this seasonal amplitude makes a rate negative; expected it below 1 in size")
    return np.asarray(np.log(second) - np.log(first))


def mean_level(series: Sequence[Spell], start: dt.date, end: dt.date) -> float:
    """Return the mean level of a series of spells over a window, by days; `end` is not included.

    Raises
    ------
    InputError
        IOM-E048 when the series does not cover the window.

    Examples
    --------
    >>> spells = [(dt.date(2011, 1, 1), dt.date(2012, 1, 1), 10.0), (dt.date(2012, 1, 1), dt.date(2013, 1, 1), 5.0)]
    >>> mean_level(spells, dt.date(2011, 12, 31), dt.date(2012, 1, 2))
    7.5
    """
    covered, total = 0, 0.0
    for first, last, level in series:
        days = (min(last, end) - max(first, start)).days
        if days > 0:
            covered, total = covered + days, total + days * level
    if covered < (end - start).days:
        raise InputError("IOM-E048", f"the series does not cover the window from {start} to {end}")
    return total / covered


def without_the_cohort(ratio: Floats, share: Floats, own_ratio: Floats) -> Floats:
    """Return the ratio of an index once the cohort's own part is taken out of it.

    The cohort is a `share` of the index before and changes by `own_ratio`: ``(I - q R) / (1 - q)``.

    Examples
    --------
    >>> round(float(without_the_cohort(0.85, 0.1, 0.5)), 4)
    0.8889
    """
    rest = (np.asarray(ratio) - np.asarray(share) * own_ratio) / (1 - np.asarray(share))
    if (rest <= 0).any():
        raise InputError("IOM-E092", "the cohort's share of the index is too large: nothing is left of it after")
    return np.asarray(rest)


def _days(start: dt.date, end: dt.date) -> NDArray[np.datetime64]:
    if end <= start:
        raise InputError("IOM-E042", "a window has no length; expected its end after its start")
    return np.arange(np.datetime64(start), np.datetime64(end))
