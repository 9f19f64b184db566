"""Worst-case bounds of a change, or a ratio of means, among all people of whom some have no value (Manski 1990)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

NONE, NO_RISE, NO_FALL, NO_HIGHER, NO_LOWER = "", "no_rise", "no_fall", "no_higher", "no_lower"
SUPPOSED = (NONE, NO_RISE, NO_FALL, NO_HIGHER, NO_LOWER)


class End(NamedTuple):
    """Means before and after at one end, and each person's influence on them, whose mean is 0."""

    before: float
    after: float
    of_before: Floats
    of_after: Floats


class Bound(NamedTuple):
    """One end of the bounds, with its standard error."""

    value: float
    std_error: float


def end(
    before: Floats,
    after: Floats,
    weight: Floats,
    support: tuple[float, float],
    *,
    highest: bool,
    suppose: str = NONE,
    length: float = 1.0,
    unknown: float | None = None,
) -> End:
    """Return the means at the highest, or the lowest, change that missing values allow.

    Parameters
    ----------
    before, after : ndarray
        (n,) NaN where missing.
    weight : ndarray
        (n,) how often each person counts.
    support : (float, float)
        The least and the greatest value that a missing one can have.
    highest : bool
        Which end.
    suppose : str
        One of `SUPPOSED`, of people without a value after: nothing; that none rose, or none fell, from what they had
        before; that their mean is no higher, or no lower, than that of the others
        (Manski & Pepper 2000, with being followed up as the monotone instrument).
    length : float
        Of the window after over that before: an unchanged count is that times the count before.
    unknown : float, optional
        What people with neither value had before where none rose, or none fell, within the support: their value after
        is then as far from it as that allows. By default what is worst of people with a value after.

    Examples
    --------
    >>> x1, x2 = np.array([4.0, 6.0, 5.0]), np.array([2.0, 3.0, np.nan])
    >>> [round(end(x1, x2, np.ones(3), (0, 10), highest=h).after, 4) for h in (False, True)]
    [1.6667, 5.0]
    """
    low, high = support
    total = weight.sum()
    worst = high if highest else low
    known = ~np.isnan(before)
    first = np.where(known, before, low if highest else high)
    missing = np.isnan(after)
    fill = np.full(len(after), worst)
    if suppose == (NO_RISE if highest else NO_FALL):
        first = first if unknown is None else np.where(known | ~missing, first, unknown)
        fill = np.clip(first * length, low, high)
    second = np.where(missing, fill, after)
    mean_before = float(weight @ first / total)
    if suppose == (NO_HIGHER if highest else NO_LOWER):
        seen = weight * ~missing
        mean_after = float(seen @ np.where(missing, 0.0, after) / seen.sum())
        of_after = np.where(missing, 0.0, after - mean_after) * total / seen.sum()
    else:
        mean_after = float(weight @ second / total)
        of_after = second - mean_after
    return End(mean_before, mean_after, first - mean_before, of_after)


def places(support: tuple[float, float], length: float) -> tuple[float, ...]:
    """Return where people with neither value may be before at an end, where none rose or none fell.

    Their value after is in proportion to it up to the support, so that a difference is straight and a ratio of means
    monotone between these places.

    Examples
    --------
    >>> places((0.0, 10.0), 2.0)
    (0.0, 5.0, 10.0)
    """
    low, high = support
    inside = {min(max(end / length, low), high) for end in support}
    return tuple(sorted({low, high, *inside}))


def difference(ends: End, weight: Floats, *, units: tuple[float, float] = (1.0, 1.0)) -> Bound:
    """Return the difference of means at an end, each divided by its unit of time.

    Examples
    --------
    >>> x1, x2 = np.array([4.0, 6.0, 5.0]), np.array([2.0, 3.0, np.nan])
    >>> difference(end(x1, x2, np.ones(3), (0, 10), highest=True), np.ones(3)).value
    0.0
    """
    first, second = units
    influence = ends.of_after / second - ends.of_before / first
    return Bound(ends.after / second - ends.before / first, _error(influence, weight))


def log_ratio(ends: End, weight: Floats, *, units: tuple[float, float] = (1.0, 1.0)) -> Bound:
    """Return the log of the ratio of means at an end, each divided by its unit of time; -inf where nothing is after.

    Examples
    --------
    >>> x1, x2 = np.array([4.0, 6.0, 5.0]), np.array([2.0, 3.0, np.nan])
    >>> round(float(np.exp(log_ratio(end(x1, x2, np.ones(3), (0, 10), highest=True), np.ones(3)).value)), 4)
    1.0
    """
    first, second = units
    if ends.after == 0:
        return Bound(-np.inf, 0.0)
    influence = ends.of_after / ends.after - ends.of_before / ends.before
    return Bound(float(np.log(ends.after / second) - np.log(ends.before / first)), _error(influence, weight))


def _error(influence: Floats, weight: Floats) -> float:
    total = weight.sum()
    return float(np.sqrt(weight @ influence**2 / (total - 1) / total))
