"""Bounds from a paired test on completers whose own baseline is not reported.

Known are the full sample before (N, mean, SD), the completers after (n, mean, SD), their paired t and
the range of the scores. Splitting the sum of squares of the full sample between completers and the
others bounds the completers' baseline mean, and with it the change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InfeasibleError, InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval

_SCAN = 2000
_HALVINGS = 45  # of one step of the scan: below the last digit of a double
_NONE = ("IOM-E110", "expected some baseline of the completers to agree with the print, found none; check the SDs")
_UNIT_TOLERANCE = 1e-9  # a correlation is at its limit by construction; floats leave 1e-12 of room


@dataclass(frozen=True, slots=True)
class CompletersTest:
    """The reported figures of a paired test on completers, with their rounding.

    Parameters
    ----------
    n_all, n : int
        The whole sample before, and completers.
    mean_all, sd_all : Interval
        The whole sample before.
    mean_after, sd_after : Interval
        Completers after.
    t : Interval
        The paired t of the completers, as a magnitude.
    lowest, highest : float
        The range of the scores before.
    falls : bool
        Whether the test says that scores fell.
    """

    n_all: int
    n: int
    mean_all: Interval
    sd_all: Interval
    mean_after: Interval
    sd_after: Interval
    t: Interval
    lowest: float
    highest: float
    falls: bool = True

    def __post_init__(self) -> None:
        if not 2 <= self.n < self.n_all:
            raise InputError("IOM-E101", f"expected 2 <= completers < everybody, got {self.n} and {self.n_all}")
        if self.t.low <= 0:
            raise InputError("IOM-E101", "expected a printed t away from 0, got about 0; it bounds nothing")


@dataclass(frozen=True, slots=True)
class CompleterBounds:
    """Bounds of the completers' figures that the published table allows.

    Parameters
    ----------
    mean_before : Interval
        Their baseline mean.
    change : Interval
        Their mean change, after minus before.
    correlation : Interval
        Between their scores before and after.
    """

    mean_before: Interval
    change: Interval
    correlation: Interval


class _Corner(NamedTuple):
    mean_all: float
    sd_all: float
    mean_after: float
    sd_after: float
    t: float


def completer_bounds(reported: CompletersTest) -> CompleterBounds:
    """Bound the completers' baseline mean, change and correlation.

    Parameters
    ----------
    reported : CompletersTest
        The reported figures.

    Returns
    -------
    CompleterBounds
        The union over all corners of the rounding intervals.

    Raises
    ------
    InfeasibleError
        IOM-E110 if no baseline at all agrees with the published table.

    Notes
    -----
    For a trial mean m the people lost have mean ``(N M - n m)/(N - n)``, which must lie in the range. The
    sum of squares within the two groups is what that of the whole sample leaves; each group's part is at most
    ``k (b - mean)(mean - a)`` on a range [a, b] (Bhatia & Davis 2000). The completers' SD must also give a
    correlation between -1 and 1 with the SD of change ``|m - M2| sqrt(n)/t``. All are exact for real-valued
    scores; whole-number scores could only be narrower.

    Examples
    --------
    >>> i = lambda v, h: Interval(v - h, v + h)
    >>> bounds = completer_bounds(CompletersTest(225, 187, i(328.89, .005), i(142.71, .005),
    ...     i(238.61, .005), i(174.04, .005), i(8.10, .005), 220, 1100))
    >>> round(bounds.mean_before.low), round(bounds.mean_before.high)
    (281, 351)
    """
    corners = product(*((i.low, i.high) for i in _uncertain(reported)))
    found = [b for corner in corners if (b := _at_corner(reported, _Corner(*corner))) is not None]
    if not found:
        raise InfeasibleError(*_NONE)
    return CompleterBounds(*(_union([b[k] for b in found]) for k in range(3)))


def baselines(reported: CompletersTest, means: int = 5) -> tuple[tuple[float, float], ...]:
    """Return means and SDs of the completers' baseline that span all those that the published table allows.

    Evenly spaced means from the least to the greatest, each with its least and its greatest SD; at the centre of
    the rounding intervals where that is possible.

    Parameters
    ----------
    reported : CompletersTest
        The reported figures.
    means : int
        How many means, ends included; at least 2.

    Raises
    ------
    InfeasibleError
        IOM-E110 if no baseline at all agrees with the published table.

    Examples
    --------
    >>> i = lambda v, h: Interval(v - h, v + h)
    >>> found = baselines(CompletersTest(225, 187, i(328.89, .005), i(142.71, .005),
    ...     i(238.61, .005), i(174.04, .005), i(8.10, .005), 220, 1100))
    >>> [round(value) for value in (*found[0], *found[-1])]
    [281, 103, 351, 147]
    """
    uncertain = _uncertain(reported)
    centre = tuple((i.low + i.high) / 2 for i in uncertain)
    for corner in (centre, *product(*((i.low, i.high) for i in uncertain))):
        found = _means(reported, _Corner(*corner))
        if found is not None:
            return _spanned(reported, _Corner(*corner), np.linspace(found[0], found[-1], means))
    raise InfeasibleError(*_NONE)


def _spanned(p: CompletersTest, c: _Corner, means: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    least, most, _ = _sd_limits(p, c, means)
    pairs = [
        (m, (low, high) if _apart(low, high) else (high,)) for m, low, high in zip(means, least, most, strict=True)
    ]
    return tuple((float(m), float(sd)) for m, sds in pairs for sd in sds if sd > 0)


def _apart(low: float, high: float) -> bool:
    return high > low * (1 + _UNIT_TOLERANCE)


def correlation_if_alike(reported: CompletersTest) -> float:
    """Return the correlation if the completers' baseline had the mean and SD of the whole sample.

    Examples
    --------
    >>> i = lambda v, h: Interval(v - h, v + h)
    >>> alike = correlation_if_alike(CompletersTest(225, 187, i(328.89, .005), i(142.71, .005),
    ...     i(238.61, .005), i(174.04, .005), i(8.10, .005), 220, 1100))
    >>> round(alike, 3)
    0.552
    """
    m1, s1, m2, s2, t = ((i.low + i.high) / 2 for i in _uncertain(reported))
    sd = abs(m1 - m2) * sqrt(reported.n) / t
    return (s1 * s1 + s2 * s2 - sd * sd) / (2 * s1 * s2)


def _uncertain(p: CompletersTest) -> tuple[Interval, ...]:
    return p.mean_all, p.sd_all, p.mean_after, p.sd_after, p.t


def _at_corner(p: CompletersTest, c: _Corner) -> tuple[Interval, Interval, Interval] | None:
    means = _means(p, c)
    if means is None:
        return None
    first, last = float(means[0]), float(means[-1])
    least, most, sd = _sd_limits(p, c, means)
    r = _correlations(least, np.maximum(most, least), sd, c.sd_after)
    return Interval(first, last), Interval(c.mean_after - last, c.mean_after - first), r


def _means(p: CompletersTest, c: _Corner) -> NDArray[np.float64] | None:
    # The trial means that leave some SD, from the exact least to the exact greatest.
    low, high = _trial_range(p, c)
    if low >= high:
        return None

    def room(m: float) -> float:
        least, most, _ = _sd_limits(p, c, np.array([m]))
        return float(most[0] - least[0])

    trial = np.linspace(low, high, _SCAN)
    least, most, _ = _sd_limits(p, c, trial)
    inside = np.flatnonzero(most >= least)
    if not inside.size:
        return None
    first, last = _edge(room, trial, int(inside[0]), -1), _edge(room, trial, int(inside[-1]), 1)
    return np.concatenate([[first], trial[inside], [last]])


def _trial_range(p: CompletersTest, c: _Corner) -> tuple[float, float]:
    lost = p.n_all - p.n
    low = max(p.lowest, (p.n_all * c.mean_all - lost * p.highest) / p.n)
    high = min(p.highest, (p.n_all * c.mean_all - lost * p.lowest) / p.n)
    return (max(low, c.mean_after), high) if p.falls else (low, min(high, c.mean_after))


def _sd_limits(
    p: CompletersTest, c: _Corner, m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    # Least and greatest SD of the completers before, and the SD of their change, at each trial mean.
    lost = p.n_all - p.n
    others = (p.n_all * c.mean_all - p.n * m) / lost
    within = (p.n_all - 1) * c.sd_all**2 - p.n * lost / p.n_all * (m - others) ** 2
    room_own = p.n * (p.highest - m) * (m - p.lowest)
    room_others = lost * np.maximum(0, (p.highest - others) * (others - p.lowest))
    least = np.sqrt(np.maximum(0, within - room_others) / (p.n - 1))
    most = np.sqrt(np.maximum(0, np.minimum(within, room_own)) / (p.n - 1))
    sd = np.abs(m - c.mean_after) * sqrt(p.n) / c.t
    most = np.where((within < 0) | (room_own < 0), -np.inf, np.minimum(most, sd + c.sd_after))
    return np.maximum(least, np.abs(sd - c.sd_after)), most, sd


def _edge(room: Callable[[float], float], trial: NDArray[np.float64], inside: int, step: int) -> float:
    good, outside = float(trial[inside]), inside + step
    if not 0 <= outside < trial.size:
        return good
    bad = float(trial[outside])
    for _ in range(_HALVINGS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if room(middle) >= 0 else (good, middle)
    return good


def _correlations(
    least: NDArray[np.float64], most: NDArray[np.float64], sd: NDArray[np.float64], s2: float
) -> Interval:
    turning = np.clip(np.sqrt(np.maximum(0, s2**2 - sd**2)), least, most)
    own = np.stack([least, most, turning])
    usable = own > 0
    own = np.where(usable, own, 1.0)
    r = np.where(usable, (own**2 + s2**2 - sd**2) / (2 * own * s2), 0.0)
    limit = 1 + _UNIT_TOLERANCE
    return Interval(max(-1.0, float(r[np.abs(r) <= limit].min())), min(1.0, float(r[np.abs(r) <= limit].max())))


def _union(intervals: list[Interval]) -> Interval:
    return Interval(min(i.low for i in intervals), max(i.high for i in intervals))
