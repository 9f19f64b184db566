"""Log likelihood of counts before and after in a population some of whom were selected on the count before.

Counts are Poisson given rates whose mean before is ``exp(log_mean)`` in a window of unit length; the rate after is
that before times a change. Rates are gamma and last (closed form), or lognormal and correlated between the windows
(trapezoid rules in standard normal variates, whose nodes do not move with the parameters). Everything has a leading
axis of points, (S, ...).
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import gammaln, log_ndtr, logsumexp, xlogy

type Floats = NDArray[np.float64]

REACH = 6.0
"""Of the trapezoid rules, in SDs of the log rate: 2e-9 of the mass lies beyond."""
WIDEST, SHARPNESS = 0.25, 0.8
"""Step of the outer rule: at most the one, and the other over the root of the highest count, which is the width of its
Poisson factor on the log scale; that of the inner rule, for what is new after, is `COARSER` times as long."""
COARSER = 1.6
LEAST_HELD, MORE_HELD = 40, 2
"""Counts from the larger of the one and so many times the highest observed on have the same selection probability."""


class PairRows(NamedTuple):
    """Distinct rows of people, (U,) each.

    Attributes
    ----------
    before, after : ndarray
        Counts; 0 after for people who were not followed up.
    time_before, time_after : ndarray
        Lengths of their windows, in units of the common one before; 0 after for people who were not followed up.
    managed : ndarray
        1 for managed people, 0 for the others.
    weight : ndarray
        How many people a row stands for.
    """

    before: Floats
    after: Floats
    time_before: Floats
    time_after: Floats
    managed: Floats
    weight: Floats


class Rates(NamedTuple):
    """Parameters of rates at S points, (S,) each.

    Attributes
    ----------
    log_mean : ndarray
        Of the count before in a window of unit length.
    spread, spread_after : ndarray
        Gamma: variance of rates over their squared mean (before). Lognormal: SD of the log rate, before and after.
    correlation : ndarray
        Of the log rates before and after; gamma rates last.
    without, ratio : ndarray
        Log change of everybody's mean rate, and on top of it that of managed people's.
    """

    log_mean: Floats
    spread: Floats
    spread_after: Floats
    correlation: Floats
    without: Floats
    ratio: Floats


class Rule(NamedTuple):
    """Trapezoid rule for a standard normal variate."""

    nodes: Floats
    weight: Floats


def trapezoid(highest: float, coarser: float = 1.0) -> Rule:
    """Trapezoid rule fine enough for Poisson factors of counts up to `highest`.

    Examples
    --------
    >>> rule = trapezoid(9.0)
    >>> len(rule.nodes), round(float(rule.weight @ rule.nodes**2), 7)
    (49, 1.0)
    """
    step = min(WIDEST, SHARPNESS / max(highest, 1.0) ** 0.5) * coarser
    half = int(np.ceil(REACH / step))
    nodes = step * np.arange(-half, half + 1)
    density = np.exp(-0.5 * nodes**2)
    return Rule(nodes, density / density.sum())


RECURRED, MOST = 300, 1e9
"""Counts up to which Poisson probabilities come from that of none, which is then no underflow; the highest mean."""
NO_TAIL = 1e-12
"""A share above the held counts that is less than this is rounding."""
TINY = 1e-300
"""Added to probabilities whose log is taken."""

ONE = np.ones(1)


def gamma_pairs(rows: PairRows, at: Rates) -> Floats:
    """Log probability of each row's counts for gamma rates that last, (S, U).

    Examples
    --------
    >>> one = np.ones(1)
    >>> rows = PairRows(3 * one, 2 * one, one, one, one, one)
    >>> at = Rates(np.log([5.0]), 1 / np.array([1.4]), one, one, np.log([0.6]), np.zeros(1))
    >>> np.exp(gamma_pairs(rows, at)).round(6).tolist()
    [[0.02411]]
    """
    shape = 1 / at.spread[:, None]
    log_mean = at.log_mean[:, None]
    change = at.without[:, None] + at.ratio[:, None] * rows.managed
    first, second = np.exp(log_mean) * rows.time_before, np.exp(log_mean + change) * rows.time_after
    own = xlogy(rows.before, rows.time_before) + xlogy(rows.after, rows.time_after) + rows.after * change
    total = rows.before + rows.after
    rest = log_mean * total - (shape + total) * np.log1p((first + second) / shape)
    return np.asarray(own + rest + _rising(shape, total) - _factorials(rows))


def _rising(shape: Floats, total: Floats) -> Floats:
    """Return the log of ``(a)_y / a^y``, whose digits stay where rates are all but the same."""
    highest = int(total.max(initial=0))
    steps = np.log1p(np.arange(highest) / shape)
    sums = np.concatenate([np.zeros((len(shape), 1)), np.cumsum(steps, axis=1)], axis=1)
    return sums[:, total.astype(np.int64)]


def _factorials(rows: PairRows) -> Floats:
    return gammaln(rows.before + 1) + gammaln(rows.after + 1)


class Sides(NamedTuple):
    """Distinct counts on one side, in groups of equal time and programme.

    Attributes
    ----------
    time, managed : ndarray
        (G,) of each group.
    group, events : ndarray
        (A,) which group, and the count.
    place : ndarray
        (U,) which of these each row has.
    """

    time: Floats
    managed: Floats
    group: NDArray[np.int64]
    events: NDArray[np.int64]
    place: NDArray[np.int64]

    @classmethod
    def of(cls, count: Floats, time: Floats, managed: Floats) -> "Sides":
        """Group rows' counts."""
        groups, group = np.unique([time, managed], axis=1, return_inverse=True)
        sides, place = np.unique([group.ravel(), count.astype(np.int64)], axis=1, return_inverse=True)
        return cls(groups[0], groups[1], sides[0], sides[1], place.ravel())

    def probabilities(self, log_rate: Floats, ratio: float, weight: Floats) -> Floats:
        """Return each side's Poisson probability, averaged over inner nodes, (A, K), at log rates (K, inner)."""
        if log_rate.shape[1] == 1 or self.events.max() > RECURRED:
            events, time = self.events.astype(np.float64), self.time[self.group]
            shifted = log_rate + (ratio * self.managed[self.group])[:, None, None]
            return np.asarray(poisson_factor(events[:, None, None], time[:, None, None], shifted) @ weight)
        with np.errstate(over="ignore"):
            mean = np.minimum(np.exp(log_rate), MOST) * (self.time * np.exp(ratio * self.managed))[:, None, None]
        top = np.zeros(len(self.time), dtype=np.int64)
        np.maximum.at(top, self.group, self.events)
        return np.asarray(_averaged(mean, np.exp(-mean), weight, top)[self.group, self.events])


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _averaged(mean: Floats, none: Floats, weight: Floats, top: NDArray[np.int64]) -> Floats:
    """Poisson probabilities of counts from 0 to each group's highest, by recurrence, averaged over the last axis."""
    groups, outer, inner = mean.shape
    out = np.zeros((groups, top.max() + 1, outer))
    for g in range(groups):
        for k in range(outer):
            p, m = none[g, k].copy(), mean[g, k]
            for y in range(top[g] + 1):
                total = 0.0
                for j in range(inner):
                    total += weight[j] * p[j]
                out[g, y, k] = total
                for j in range(inner):
                    p[j] *= m[j] / (y + 1)
    return out


class LognormalPairs(NamedTuple):
    """Quadrature of lognormal rates that are correlated between the windows, for given rows.

    Attributes
    ----------
    outer, inner : Rule
        For the log rate before, and for what is new in that after.
    first, second : Sides
        Counts before, and after.
    """

    outer: Rule
    inner: Rule
    first: Sides
    second: Sides

    @classmethod
    def of(cls, rows: PairRows) -> "LognormalPairs":
        """Lay out the quadrature of these rows."""
        first = Sides.of(rows.before, rows.time_before, np.zeros_like(rows.before))
        second = Sides.of(rows.after, rows.time_after, rows.managed)
        inner = trapezoid(float(rows.after.max()), COARSER)
        return cls(trapezoid(float(rows.before.max())), inner, first, second)

    def log_probability(self, at: Rates) -> Floats:
        """Return the log probability of each row's counts, (S, U)."""
        points = [self._at(*(float(v[s]) for v in at)) for s in range(len(at.log_mean))]
        with np.errstate(divide="ignore"):
            return np.log(np.array(points)[:, self.first.place, self.second.place])

    def _at(
        self, log_mean: float, before: float, after: float, correlation: float, without: float, ratio: float
    ) -> Floats:
        z = self.outer.nodes
        first = (log_mean - 0.5 * before**2 + before * z)[:, None]
        new = after * (1 - correlation**2) ** 0.5 * self.inner.nodes
        later = (log_mean - 0.5 * after**2 + without + after * correlation * z)[:, None] + new
        second = self.second.probabilities(later, ratio, self.inner.weight)
        return np.asarray((self.first.probabilities(first, 0.0, ONE) * self.outer.weight) @ second.T)


def poisson_factor(count: Floats, time: Floats, log_rate: Floats) -> Floats:
    """Return the Poisson probability of a count at a log rate in a window of this length."""
    with np.errstate(over="ignore"):
        return np.exp(count * log_rate - time * np.exp(log_rate) + (xlogy(count, time) - gammaln(count + 1)))


def held(highest: float) -> Floats:
    """Return the counts, from 0, that may have selection probabilities of their own."""
    return np.arange(max(LEAST_HELD, MORE_HELD * int(highest)) + 1.0)


def gamma_counts(count: Floats, at: Rates) -> Floats:
    """Probability of each count before in a window of unit length for gamma rates, (S, C).

    Examples
    --------
    >>> one = np.ones(1)
    >>> at = Rates(np.log([5.0]), 1 / np.array([1.4]), one, one, one, one)
    >>> gamma_counts(np.array([0.0, 3.0]), at).round(6).tolist()
    [[0.119104, 0.108135]]
    """
    nothing, whole = np.zeros_like(count), np.ones_like(count)
    return np.exp(gamma_pairs(PairRows(count, nothing, whole, nothing, nothing, whole), at))


def lognormal_counts(count: Floats, at: Rates) -> Floats:
    """Probability of each count before in a window of unit length for lognormal rates, (S, C).

    Parameters
    ----------
    count : ndarray
        (C,) 0, 1, 2 and so on.
    at : Rates
        Of which mean and spread before are used.
    """
    return _poisson_lognormal(int(count[-1]), at.log_mean, at.spread, trapezoid(float(count[-1])))


def lasting_pairs(rows: PairRows, at: Rates) -> Floats:
    """Log probability of each row's counts for lognormal rates that last, (S, U).

    Given the total, a count before is then binomial whatever the rates, and the total is Poisson-lognormal.
    """
    total = rows.before + rows.after
    outer = trapezoid(float(total.max()))
    out = np.empty((len(at.log_mean), total.size))
    groups, own = np.unique([rows.time_before, rows.time_after, rows.managed], axis=1, return_inverse=True)
    for g, (first, second, managed) in enumerate(groups.T):
        here = np.flatnonzero(own.ravel() == g)
        change = at.without + at.ratio * managed
        with np.errstate(divide="ignore"):
            time = np.log(first + second * np.exp(change))
            parts = (np.log(first) - time, np.log(second) + change - time)
            whole = total[here].astype(np.int64)
            table = np.log(_poisson_lognormal(int(whole.max()), at.log_mean + time, at.spread, outer))
        split = gammaln(total[here] + 1) - gammaln(rows.before[here] + 1) - gammaln(rows.after[here] + 1)
        for events, part in zip((rows.before[here], rows.after[here]), parts, strict=True):
            split = split + np.where(events > 0, events * np.broadcast_to(part, at.log_mean.shape)[:, None], 0.0)
        out[:, here] = table[:, whole] + split
    return out


def _poisson_lognormal(top: int, log_mean: Floats, spread: Floats, outer: Rule) -> Floats:
    """Return the probability of counts from 0 to `top`, (S, top + 1)."""
    log_rate = (log_mean - 0.5 * spread**2)[:, None] + spread[:, None] * outer.nodes
    if top > RECURRED:
        count = np.arange(top + 1.0)[:, None]
        return np.array([poisson_factor(count, ONE, x) @ outer.weight for x in log_rate])
    with np.errstate(over="ignore"):
        mean = np.minimum(np.exp(log_rate), MOST)[None]
    return np.asarray(_averaged(mean, np.exp(-mean), outer.weight, np.array([top]))[0].T)


def log_share(log_chance: Floats, counts: Floats) -> Floats:
    """Log of the share of people selected, (S,), where the highest count's probability is that of all above it.

    Parameters
    ----------
    log_chance : ndarray
        (C,) or (S, C) log selection probability by count, from 0.
    counts : ndarray
        (S, C) probability of each count.

    Examples
    --------
    >>> log_share(np.array([-np.inf, 0.0]), np.array([[0.75, 0.2]])).round(4).tolist()
    [-1.3863]
    """
    above = 1 - counts.sum(-1)
    mass = np.concatenate([counts, np.where(above > NO_TAIL, above, 0.0)[:, None]], axis=-1)
    return np.asarray(logsumexp(np.concatenate([log_chance, log_chance[..., -1:]], axis=-1) + np.log(mass + TINY), -1))


def probit(intercept: Floats, slope: Floats, count: Floats) -> tuple[Floats, Floats]:
    """Log probability of being selected and of not being selected, by count, (S, C) each.

    Examples
    --------
    >>> yes, no = probit(np.zeros(1), np.zeros(1), np.array([4.0]))
    >>> np.exp(yes).tolist(), np.exp(no).tolist()
    ([[0.5]], [[0.5]])
    """
    index = intercept[:, None] + slope[:, None] * np.log1p(count)
    return np.asarray(log_ndtr(index)), np.asarray(log_ndtr(-index))
