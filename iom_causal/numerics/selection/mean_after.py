"""Conditional mean after by the count before, of any mixing distribution: isotonic, with a straight tail.

Reference: Barlow, Bartholomew, Bremner & Brunk (1972) for the isotonic part. The tail is a rule of this package.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.selection.isotonic import isotonic_shares

type Floats = NDArray[np.float64]

TAIL = 20
"""People at the tail's first count or above: so many highest counts share one mean."""
_NO_TIME = 1e-9
"""Time at risk of people who had none: so little that their level weighs nothing."""


class MeanAfter(NamedTuple):
    """Rate after by count before, as lines between the counts of people seen, and one line above the last of them.

    Attributes
    ----------
    levels : ndarray
        (L,) counts below the tail, in order; none where all people are in the tail.
    rates : ndarray
        (..., L) events after in a unit of time, never falling.
    first : float
        The lowest count of the tail.
    tail_count, tail_rate : ndarray
        (...,) mean count and rate of people in the tail.
    slope : ndarray
        (...,) of the tail: the regression slope of the rate on the count, people weighted by their count; at least 0.
    """

    levels: Floats
    rates: Floats
    first: float
    tail_count: Floats
    tail_rate: Floats
    slope: Floats

    def at(self, counts: Floats) -> Floats:
        """Return the rate at each count, (..., K) for counts (K,)."""
        tail = self.tail_rate[..., None] + self.slope[..., None] * (counts - self.tail_count[..., None])
        least = self.rates[..., -1:] if len(self.levels) else np.zeros(1)
        tail = np.maximum(tail, least)  # the line may start below those who have fewer
        if not len(self.levels):
            return tail
        place = np.interp(counts, self.levels, np.arange(len(self.levels)))
        low = np.floor(place).astype(np.int64)
        high, part = np.minimum(low + 1, len(self.levels) - 1), place - low
        below = (1 - part) * self.rates[..., low] + part * self.rates[..., high]
        return np.asarray(np.where(counts >= self.first, tail, below))

    def of(self, counts: Floats) -> Floats:
        """Return the rate of each person, (..., n) for counts (n,)."""
        levels, place = np.unique(counts, return_inverse=True)
        return np.asarray(self.at(levels)[..., place])


class Followed(NamedTuple):
    """People at one date: the count read, what followed it and in what time, and how often each counts.

    Attributes
    ----------
    read, events, time : ndarray
        (n,) each.
    weight : ndarray
        (n,) or (D, n); 0 for those who are not there.
    """

    read: Floats
    events: Floats
    time: Floats
    weight: Floats

    @property
    def people(self) -> Floats:
        """(n,) how often each counts in the data, the most over drawn weights."""
        return np.asarray(self.weight.reshape(-1, len(self.read)).max(0))


def mean_after_of(dates: Sequence[Followed]) -> MeanAfter:
    """Mean after by count before of people at one or more dates, each with the weight of D draws or none.

    Examples
    --------
    >>> one = Followed(np.repeat([0.0, 3.0], 30), np.repeat([1.0, 2.0], 30), np.ones(60), np.ones(60))
    >>> mean_after_of([one, one]).of(np.array([0.0, 3.0, 0.0])).tolist()
    [1.0, 2.0, 1.0]
    """
    levels = np.unique(np.concatenate([d.read[d.people > 0] for d in dates]))
    events, time, number = np.zeros(()), np.zeros(()), np.zeros(len(levels))
    for date in dates:
        there = date.people > 0
        member = (date.read[there, None] == levels).astype(np.float64)
        weight = date.weight[..., there]
        events = events + (weight * date.events[there]) @ member
        time = time + (weight * date.time[there]) @ member
        number += date.people[there] @ member
    return mean_after(levels, events, time, number)


def mean_after(levels: Floats, events: Floats, time: Floats, people: Floats) -> MeanAfter:
    """Mean after by count before, isotonic below the tail, with a straight line of the regression slope above.

    Any mixing distribution of rates, and any change of rates, makes the mean after rise with the count before as long
    as higher rates before mean higher ones after. The tail starts at the highest count with `TAIL` people at it or
    above it; they share one mean, and a slope carries on from there: the regression slope of people weighted by their
    count, so that those with none, who may have stopped or never begun, do not draw it. It is exact for gamma rates
    that stay or drift as Kibble's (1941), also where others have none; for others it is the best straight line.

    Parameters
    ----------
    levels : ndarray
        (L,) counts before, in order.
    events, time : ndarray
        (..., L) events after, and time at risk after, of the people at each count.
    people : ndarray
        (L,) how many stand at each, which places the tail.

    Examples
    --------
    >>> people = np.array([60.0, 30, 10, 10])
    >>> fit = mean_after(np.arange(4.0), np.array([30.0, 36, 20, 30]), people, people)
    >>> fit.first, fit.rates.tolist(), fit.at(np.array([0.0, 1, 2, 4])).round(2).tolist()
    (2.0, [0.5, 1.2], [0.5, 1.2, 2.05, 3.85])
    """
    time = np.maximum(time, _NO_TIME)
    above = np.cumsum(people[::-1])[::-1]
    enough = np.flatnonzero(above >= TAIL)
    start = int(enough[-1]) if enough.size else 0
    by_count = time * levels
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = levels - (by_count * levels).sum(-1, keepdims=True) / by_count.sum(-1, keepdims=True)
        spread = (by_count * centred**2).sum(-1)
        slope = np.where(spread > 0, (events * levels * centred).sum(-1) / spread, 0.0)
    tail_time, tail_events = time[..., start:].sum(-1), events[..., start:].sum(-1)
    tail_count = (time[..., start:] * levels[start:]).sum(-1) / tail_time
    blocks = [np.concatenate([v[..., :start], t[..., None]], -1) for v, t in ((events, tail_events), (time, tail_time))]
    rates = isotonic_shares(*blocks)
    return MeanAfter(
        levels[:start], rates[..., :-1], float(levels[start]), tail_count, rates[..., -1], np.maximum(slope, 0.0)
    )
