"""Rosenbaum's bounds: p-values and intervals where hidden bias multiplies the odds of a pair's order by at most Gamma.

Under bias a changed person's change is a rise with odds between 1 / Gamma and Gamma, whatever the others do; tails of
a sum of such steps are largest where all odds lie at one end (Rosenbaum 2002, Observational Studies, 4.3 to 4.5).
"""

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from iom_causal.numerics.kernels.bernoulli_sums import at_most
from iom_causal.numerics.kernels.binomial_tails import split_tails
from iom_causal.numerics.kernels.signed_ranks import (
    EXACT_UP_TO,
    distinct,
    midranks,
    pairwise_means,
    position,
    skipped_means,
)

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

EXACT_EVENTS = 5_000
"""Events up to which a sum of splits with odds of their own is worked out and not approximated."""
_LOG_STEP = 0.5
_LOG_FURTHEST = 60.0
_XTOL = 1e-13


class Tails(NamedTuple):
    """Chances of so few rises (or events after) as there were, and of so many."""

    less: float
    greater: float


class Statistic(Protocol):
    """Statistic of a paired test, as its tails at any odds of a rise against a fall."""

    def tails(self, odds: float) -> Tails:
        """Return both tails where every odds are these."""
        ...


class SignedRanks(NamedTuple):
    """Signed-rank statistic of changes.

    Attributes
    ----------
    steps : ndarray
        (n,) twice the midrank of each change that is not zero, whole numbers.
    rises : int
        Sum of those of rises.
    """

    steps: Integers
    rises: int

    @property
    def exact(self) -> bool:
        """Whether its tails are worked out, not approximated."""
        return len(self.steps) <= EXACT_UP_TO

    def tails(self, odds: float) -> Tails:
        """Return both tails: exact up to `EXACT_UP_TO` changes, else by the normal distribution."""
        up, down = odds / (1 + odds), 1 / (1 + odds)
        if self.exact:
            falls = int(self.steps.sum()) - self.rises
            return Tails(at_most(self.steps, up, self.rises), at_most(self.steps, down, falls))
        return normal_tails(self.steps, self.rises, up, correction=1.0)  # half a rank, of ranks that are doubled


class Split(NamedTuple):
    """Split of people who changed, or of events, between two sides.

    Attributes
    ----------
    before, after : int
        Falls and rises, or events.
    days : float
        Days at risk after over before, by which odds of events are multiplied.
    """

    before: int
    after: int
    days: float = 1.0

    @property
    def exact(self) -> bool:
        """Always."""
        return True

    @property
    def ratio(self) -> float:
        """The ratio of rates of greatest likelihood."""
        return self.after / self.before / self.days

    def tails(self, odds: float) -> Tails:
        """Return both exact tails."""
        return Tails(*split_tails(self.before, self.after, odds * self.days))


class OwnSplits(NamedTuple):
    """Split of events between windows whose days at risk stand in a ratio of each person's own.

    Attributes
    ----------
    events : ndarray
        (n,) events of each person in both windows.
    days : ndarray
        (n,) days at risk after over before, above 0.
    after : int
        Events after, of all.
    """

    events: Integers
    days: Floats
    after: int

    @property
    def exact(self) -> bool:
        """Whether its tails are worked out, not approximated."""
        return int(self.events.sum()) <= EXACT_EVENTS

    @property
    def before(self) -> int:
        """Events before, of all."""
        return int(self.events.sum()) - self.after

    @property
    def ratio(self) -> float:
        """The ratio of rates of greatest likelihood, at which as many events after are expected as there were."""

        def excess(ratio: float) -> float:
            odds = ratio * self.days
            return float(np.sum(self.events * odds / (1 + odds))) - self.after

        return _solved(excess)

    def tails(self, odds: float) -> Tails:
        """Return both tails: exact up to `EXACT_EVENTS` events, else by the normal distribution."""
        own = np.repeat(odds * self.days, self.events)
        one = np.ones(len(own), np.int64)
        if self.exact:
            return Tails(at_most(one, own / (1 + own), self.after), at_most(one, 1 / (1 + own), self.before))
        return normal_tails(one, self.after, own / (1 + own), correction=0.5)


def normal_tails(scores: ArrayLike, taken: float, chance: ArrayLike, *, correction: float = 0.0) -> Tails:
    """Approximate both tails of a sum in which each score is taken with its chance.

    Parameters
    ----------
    scores : array_like
        (n,) scores of 0 or more: ranks, or those of an M-statistic.
    taken : float
        Sum of those that were taken.
    chance : array_like
        (n,) chances, or one for all.
    correction : float
        For continuity, half the step between sums.

    Examples
    --------
    >>> round(normal_tails([1, 2, 3, 4], 9, 0.5).greater, 4)
    0.0721
    """
    q, p = np.asarray(scores, float), np.asarray(chance, float)
    mean, sd = float(np.sum(p * q)), math.sqrt(float(np.sum(p * (1 - p) * q**2)))
    return Tails(
        float(special.ndtr((taken + correction - mean) / sd)), float(special.ndtr((mean + correction - taken) / sd))
    )


def signed_ranks(changes: ArrayLike, counts: Integers) -> SignedRanks:
    """Return the signed-rank statistic of changes that occur `counts` times each; zeros are left out before ranking.

    Examples
    --------
    >>> found = signed_ranks([-1.0, 0.0, 2.0, 2.0], np.ones(4, int))
    >>> found.steps.tolist(), found.rises
    ([2, 5, 5], 10)
    """
    d = np.asarray(changes, float)
    d, counts = d[d != 0], counts[d != 0]
    steps = np.rint(2 * midranks(np.abs(d), counts)).astype(np.int64)
    return SignedRanks(np.repeat(steps, counts), int((steps * counts)[d > 0].sum()))


def signs(changes: ArrayLike, counts: Integers) -> Split:
    """Return the sign statistic of changes that occur `counts` times each, without zeros.

    Examples
    --------
    >>> signs([-1.0, 0.0, 2.0, 2.0], np.ones(4, int))[:2]
    (1, 2)
    """
    d = np.asarray(changes, float)
    return Split(int(counts[d < 0].sum()), int(counts[d > 0].sum()))


def splits(before: Integers, after: Integers, days: Floats) -> Split | OwnSplits:
    """Return the split of events, (n,) each; of one odds where days after over before are the same for everybody.

    Examples
    --------
    >>> splits(np.array([3, 2]), np.array([1, 0]), np.array([0.5, 0.5]))
    Split(before=5, after=1, days=0.5)
    """
    some = before + after > 0
    before, after, days = before[some], after[some], days[some]
    if not len(days) or days.max() <= days.min() * (1 + 1e-12):
        return Split(int(before.sum()), int(after.sum()), float(days[0]) if len(days) else 1.0)
    return OwnSplits(before + after, days, int(after.sum()))


def p_bounds(statistic: Statistic, gamma: float, alternative: str) -> tuple[float, float]:
    """Compute the least and the largest p-value under hidden bias of at most Gamma.

    Parameters
    ----------
    statistic : Statistic
        What was observed.
    gamma : float
        1 or more: by how much hidden bias multiplies or divides odds at most.
    alternative : {"two-sided", "less", "greater"}
        "less": so few rises; two-sided p-values are twice the smaller, at most 1.

    Examples
    --------
    >>> [round(p, 5) for p in p_bounds(Split(110, 12), 6.0, "less")]
    [0.0, 0.09693]
    """
    down, up = statistic.tails(1 / gamma), statistic.tails(gamma)
    sides = {"less": ((up.less, down.less),), "greater": ((down.greater, up.greater),)}
    if alternative != "two-sided":
        ((low, high),) = sides[alternative]
        return low, high
    (low_less, high_less), (low_greater, high_greater) = *sides["less"], *sides["greater"]
    return min(1.0, 2 * min(low_less, low_greater)), min(1.0, 2 * min(high_less, high_greater))


def gamma_at(statistic: Statistic, alternative: str, alpha: float) -> float:
    """Find the Gamma at which the largest p-value is `alpha`; 1 where it is as large without bias.

    Examples
    --------
    >>> round(gamma_at(Split(110, 12), "less", 0.05), 6)
    5.472848
    """

    def excess(log_gamma: float) -> float:
        p = p_bounds(statistic, math.exp(log_gamma), alternative)[1]
        return math.log(max(p, 1e-300)) - math.log(alpha)

    return 1.0 if excess(0.0) >= 0 else math.exp(_root(excess, 0.0, 1.0))


class Ratio(NamedTuple):
    """The ratio of rates common to all, with its exact limits."""

    estimate: float
    low: float
    high: float


def common_ratio(split: Split | OwnSplits, level: float) -> Ratio:
    """Estimate the ratio of rates that everybody's share, by conditional likelihood, with exact limits.

    Parameters
    ----------
    split : Split or OwnSplits
        Events of Poisson counts, given each person's total.
    level : float
        Confidence level.

    Returns
    -------
    Ratio
        Without events before the estimate and upper limit are infinite, without events after it and the lower limit 0;
        without either there is no estimate, which is NaN, from 0 to infinity.

    Examples
    --------
    >>> [round(x, 7) for x in common_ratio(Split(1539, 812), 0.95)]
    [0.5276153, 0.4840192, 0.5748071]
    """
    before, after = split.before, split.after
    none = math.inf if after else (0.0 if before else math.nan)
    middle = split.ratio if before and after else none
    tail = (1 - level) / 2
    low = 0.0 if after == 0 else _solved(lambda odds: math.log(max(split.tails(odds).greater, 1e-300) / tail))
    high = math.inf if before == 0 else _solved(lambda odds: -math.log(max(split.tails(odds).less, 1e-300) / tail))
    return Ratio(middle, low, high)


class Shifts(NamedTuple):
    """Values of which each lies as often below the middle as above, and what they may be skipped by.

    Attributes
    ----------
    values, upto : ndarray
        (k,) distinct, ascending, and how many lie at or below each.
    n : int
        People.
    ranks : bool
        Whether the values are pairwise means, of the signed-rank statistic, or changes, of the sign.
    """

    values: Floats
    upto: Integers
    n: int
    ranks: bool


def shifts(changes: ArrayLike, counts: Integers, *, ranks: bool) -> Shifts:
    """Return what a common change is estimated from: pairwise means of changes, or changes themselves; zeros stay in.

    Examples
    --------
    >>> shifts([1.0, 3.0], np.ones(2, int), ranks=True).values.tolist()
    [1.0, 2.0, 3.0]
    """
    values, times = distinct(np.asarray(changes, float), counts)
    kept = pairwise_means(values, times) if ranks else (values, np.cumsum(times))
    return Shifts(*kept, int(counts.sum()), ranks)


def point_bounds(found: Shifts, gamma: float) -> tuple[float, float]:
    """Return the least and largest Hodges-Lehmann estimate of a common change under bias of at most Gamma.

    Examples
    --------
    >>> changes = shifts([1.0, 2.0, 4.0, 8.0], np.ones(4, int), ranks=True)
    >>> point_bounds(changes, 1.0), point_bounds(changes, 3.0)
    ((3.5, 3.5), (2.0, 5.0))
    """
    total = int(found.upto[-1])
    below = total / (1 + gamma)
    return _order(found, below), _order(found, total - below)


def limits(found: Shifts, gamma: float, level: float) -> tuple[float, float]:
    """Return confidence limits of a common change under bias of at most Gamma; NaN where people are too few.

    Examples
    --------
    >>> limits(shifts(np.arange(1.0, 13.0), np.ones(12, int), ranks=True), 1.0, 0.95)
    (4.0, 9.0)
    """
    total, tail, chance = int(found.upto[-1]), (1 - level) / 2, 1 / (1 + gamma)
    if found.ranks:
        skip = skipped_means(tail, found.n, chance)
    else:
        cdf = special.bdtr(np.arange(found.n + 1.0), found.n, chance)
        skip = int(np.searchsorted(cdf, tail * (1 + 1e-12), side="right")) - 1
    if skip < 0:
        return math.nan, math.nan
    low, high = (float(found.values[position(found.upto, k)]) for k in (skip, total - 1 - skip))
    return low, high


def amplified(gamma: ArrayLike, strength: ArrayLike) -> Floats:
    """Compute the second strength of an amplification: Gamma = (L D + 1) / (L + D), of which L is given.

    Examples
    --------
    >>> amplified(3.5, [4.0, 6.0, 8.0, 11.0]).tolist()
    [26.0, 8.0, 6.0, 5.0]
    """
    g, one = np.asarray(gamma, float), np.asarray(strength, float)
    return np.asarray((g * one - 1) / (one - g))


def _order(found: Shifts, below: float) -> float:
    # The value with so many at or below it; halfway to the next where a whole number is.
    near = round(below)
    if abs(below - near) > 1e-9 * max(1.0, below):
        near = math.ceil(below)
        return float(found.values[position(found.upto, near - 1)])
    last = int(found.upto[-1]) - 1
    ends = (position(found.upto, min(max(k, 0), last)) for k in (near - 1, near))
    return float(sum(found.values[k] for k in ends)) / 2


def _solved(rising: Callable[[float], float]) -> float:
    """Find the odds at which a function that rises with them is 0."""

    def at(log_odds: float) -> float:
        return rising(math.exp(log_odds))

    return math.exp(_root(at, 0.0, 1.0 if at(0.0) < 0 else -1.0))


def _root(f: Callable[[float], float], start: float, direction: float) -> float:
    """Find the root of a monotone function from one point on, by steps that double."""
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load

    near, step = start, _LOG_STEP * direction
    sign = f(start) > 0
    while (f(near + step) > 0) == sign:
        near, step = near + step, 2 * step
        if abs(near) > _LOG_FURTHEST:
            return near
    return float(brentq(f, near, near + step, xtol=_XTOL))
