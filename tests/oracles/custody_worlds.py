"""People whose events send them to custody, with numpy alone: counts and days at liberty before and after a date.

Both windows last a year. Everybody has a gamma rate at liberty, two events a year on average, that stays; an event
leads to an exponential stay with a chance that may differ before and after the date. Long before the first window
everybody is free.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

YEAR = 365.0
PER_YEAR = 2.0
LEAD = 1500.0
"""Days before the first window in which people get into custody as they are in the long run."""


class Lives(NamedTuple):
    """Counts and days at liberty, (n, 2) each, and the rate a day at liberty, (n,)."""

    counts: NDArray[np.int64]
    free: Floats
    rate: Floats

    def take(self, rows: NDArray[np.int64]) -> "Lives":
        """Return some people."""
        return Lives(self.counts[rows], self.free[rows], self.rate[rows])


def lives(
    rng: np.random.Generator, n: int, *, before: float, after: float, stay: float = 120.0, ratio: float = 1.0
) -> Lives:
    """Draw people.

    Parameters
    ----------
    rng : Generator
        The only source of chance.
    n : int
        People.
    before, after : float
        Chance that an event leads to custody, before and after the index date.
    stay : float
        Mean stay in days.
    ratio : float
        By which the programme multiplies everybody's rate after.
    """
    rate = rng.gamma(1.0, PER_YEAR / YEAR, n)
    counts, free = np.zeros((n, 2), dtype=np.int64), np.full((n, 2), YEAR)
    clock = np.full(n, -YEAR - LEAD)
    alive = np.arange(n)
    while alive.size:
        now, own = clock[alive], rate[alive]
        gap = rng.exponential(1.0, alive.size) / own
        # an exponential gap that crosses the index date goes on at the rate after
        then = np.where(now + gap < 0, now + gap, np.where(now < 0, (now + gap) / ratio, now + gap / ratio))
        alive, then = alive[then < YEAR], then[then < YEAR]
        window = (then >= 0).astype(int)
        inside = then >= -YEAR
        np.add.at(counts, (alive[inside], window[inside]), 1)
        locked = rng.random(alive.size) < np.where(window == 1, after, before)
        until = then + np.where(locked, rng.exponential(stay, alive.size), 0.0)
        for k, start in enumerate((-YEAR, 0.0)):
            free[alive, k] -= np.clip(np.minimum(until, start + YEAR) - np.maximum(then, start), 0.0, None)
        clock[alive] = until
        alive = alive[until < YEAR]
    return Lives(counts, np.maximum(free, 0.0), rate)


def at_least(cut: int, drawn: Lives) -> Lives:
    """Return those with as many events before, who were at liberty in both windows."""
    return drawn.take(np.flatnonzero((drawn.counts[:, 0] >= cut) & (drawn.free.min(1) >= 1)))
