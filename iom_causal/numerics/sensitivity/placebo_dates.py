"""Placebo dates: changes of log rates at several dates, their joint sampling covariance, and what a further date shows.

A date's change is the log rate after it less that before, over shares of people taken in at that date. Dates share
people, so that changes covary by each person's influence on several of them; and they share time, so that what moves
everybody at one date moves the next. Both covariances enter the predictive distribution of a further date's change.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

type Floats = NDArray[np.float64]

NODES = 200
"""Gauss-Legendre nodes over SDs between dates."""
ELASTICITY = (0.25, 0.25)
"""Mean and SD of how far the log ratio of people picked rises with a log of everybody's level."""
WIDEST = 8.0
"""The largest SD between dates that is looked at, in scales of its prior."""


class Change(NamedTuple):
    """Change of the log rate at one date.

    Attributes
    ----------
    log_ratio : ndarray
        A number or (R,): log of the rate after over the rate before; infinite or NaN where one of them is 0.
    influence : ndarray
        (n,) or (R, n) of each person of a row on it; weighted squares of them add up to its sampling variance.
    people : ndarray
        A number or (R,): people taken in, by the shares.
    """

    log_ratio: Floats
    influence: Floats
    people: Floats


def change_at(
    before: ArrayLike,
    after: ArrayLike,
    days_before: ArrayLike,
    days_after: ArrayLike,
    *,
    share: ArrayLike,
    weight: ArrayLike,
    last: ArrayLike | None = None,
) -> Change:
    """Log ratio of rates of people who are taken in with a share each, and each person's influence on it.

    Right for independent people, whatever the distribution of their counts: the influence of person i is
    ``s_i [(y2 - m2 t2) / S2 - (y1 - m1 t1) / S1]``, with S the total and m the rate of those taken in (the linearised
    ratio, Wooldridge 1999), and is scaled by ``sqrt(n / (n - 1))``. Where so many *places* are filled by the highest
    counts, the share of those at the last place moves with everybody above it; with `last` their mean is taken off.

    Parameters
    ----------
    before, after : array_like
        (n,) or (R, n) events in the windows that the rule reads and in those after.
    days_before, days_after : array_like
        Days at risk, broadcast against the events.
    share : array_like
        (n,) or (R, n) how far the rule takes each person in, from 0 to 1.
    weight : array_like
        (n,) or (R, n) people whom a row stands for; 0 for those of whom a window is missing.
    last : array_like, optional
        (n,) or (R, n) booleans: those who share the last place.

    Examples
    --------
    >>> date = change_at([3, 4, 9], [1, 2, 9], 365.0, 365.0, share=[1, 1, 0], weight=[1, 1, 1])
    >>> round(float(np.exp(date.log_ratio)), 4), float(date.people), date.influence.round(4).tolist()
    (0.4286, 2.0, [-0.1347, 0.1347, 0.0])
    """
    y1, y2, t1, t2 = (np.asarray(v, dtype=np.float64) for v in (before, after, days_before, days_after))
    s, w = (np.asarray(v, dtype=np.float64) for v in (share, weight))
    sw = s * w
    people = sw.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate1, rate2 = (_total(sw, y) / _total(sw, t) for y, t in ((y1, t1), (y2, t2)))
        own = (y2 - rate2 * t2) / _total(sw, y2) - (y1 - rate1 * t1) / _total(sw, y1)
        if last is not None:
            tied = np.asarray(last) * w
            own = own - _total(tied, own) / np.maximum(tied.sum(-1, keepdims=True), 1e-300)
        influence = s * own
        if last is not None:
            influence = influence - _total(w, influence) / _total(w, np.ones_like(w))
        influence = np.where(w > 0, influence * np.sqrt(people / (people - 1))[..., None], 0.0)
        log_ratio = (np.log(rate2) - np.log(rate1))[..., 0]
    return Change(log_ratio, influence, np.asarray(people))


def top_share(counts: ArrayLike, weight: ArrayLike, places: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Share of each person who would have a place if so many went to the highest counts, and who is at the last place.

    People who tie at the last place share what is left equally.

    Parameters
    ----------
    counts : array_like
        (n,) what the rule reads.
    weight : array_like
        (n,) people whom a row stands for.
    places : float
        How many, above 0; everybody has one where there are as many as people.

    Examples
    --------
    >>> share, last = top_share([5, 2, 3, 3], [1, 1, 1, 1], 2)
    >>> share.tolist(), last.tolist()
    ([1.0, 0.0, 0.5, 0.5], [False, False, True, True])
    """
    y, w = np.asarray(counts, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    _, place = np.unique(y, return_inverse=True)
    people = np.bincount(place, w)
    above = people[::-1].cumsum()[::-1] - people
    left = np.clip(places - above, 0.0, people)
    share = np.divide(left, people, out=np.zeros_like(people), where=people > 0)
    return share[place], ((share > 0) & (share < 1))[place]


def series_change(events: ArrayLike, time: ArrayLike, before: NDArray[np.int_], after: NDArray[np.int_]) -> Change:
    """Log ratio of rates of one series of totals, and each window's influence on it under Poisson variation.

    Right where events are independent and many; how much more a series varies than that has to be told by its dates.

    Parameters
    ----------
    events, time : array_like
        (T,) by window: totals, and time at risk.
    before, after : ndarray
        Places of the windows before and after the date.

    Examples
    --------
    >>> date = series_change([100, 80, 64], [1.0, 1.0, 1.0], np.array([0, 1]), np.array([2]))
    >>> round(float(date.log_ratio), 4), round(float((date.influence**2).sum()), 6) == round(1 / 180 + 1 / 64, 6)
    (-0.3409, True)
    """
    y, t = (np.asarray(v, dtype=np.float64) for v in (events, time))
    influence = np.zeros_like(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        influence[after] = np.sqrt(y[after]) / y[after].sum()
        influence[before] = -np.sqrt(y[before]) / y[before].sum()
        log_ratio = np.log(y[after].sum() / t[after].sum()) - np.log(y[before].sum() / t[before].sum())
    return Change(np.asarray(log_ratio), influence, np.asarray(1.0))


def shared_time(boundary: ArrayLike, before: ArrayLike, after: ArrayLike) -> Floats:
    """Correlation shape of dates whose rates wander: what moves the level moves every date whose windows it lies in.

    With a level of log rates that gains independent amounts in equal times (a random walk), a date's change is an
    integral of these gains with weights that rise from 0 at the start of the window before to 1 at the date, and fall
    to 0 at the end of the window after. Entries are integrals of two dates' weights; 1 for a date with itself where all
    dates have the same lengths.

    Parameters
    ----------
    boundary : array_like
        (K,) the dates, in any unit.
    before, after : array_like
        (K,) or numbers: lengths of the windows before and after, in that unit.

    Returns
    -------
    ndarray
        (K, K), the mean of its diagonal 1.

    Examples
    --------
    >>> shared_time([0.0, 1.0, 4.0], 2.0, 2.0).round(4).tolist()
    [[1.0, 0.7188, 0.0], [0.7188, 1.0, 0.0312], [0.0, 0.0312, 1.0]]
    """
    at = np.asarray(boundary, dtype=np.float64)
    first, last = (np.broadcast_to(np.asarray(v, dtype=np.float64), at.shape) for v in (before, after))
    knots = np.unique(np.concatenate([at - first, at, at + last]))
    low, high = knots[:-1], knots[1:]
    inside = (low + high)[:, None] / 2

    def weight(time: Floats) -> Floats:
        value = np.where(time <= at, 1 - (at - time) / first, 1 - (time - at) / last)
        return np.where((inside > at - first) & (inside < at + last), value, 0.0)

    at_low, at_high, middle = (weight(t[:, None]) for t in (low, high, (low + high) / 2))
    length = high - low
    # products of straight lines: Simpson's rule is exact
    total = sum(
        share * np.einsum("t,tk,tl->kl", length, part, part)
        for share, part in ((1 / 6, at_low), (4 / 6, middle), (1 / 6, at_high))
    )
    return np.asarray(total / np.mean(np.diag(total)))


def at_last_level(change: ArrayLike, sampling: ArrayLike, level: ArrayLike) -> tuple[Floats, Floats]:
    """Bring changes of people picked at several dates to everybody's level at the last, with what is not known of how.

    A rule that stands still picks people further out as everybody's level falls, who come down further: where lasting
    gamma rates all fall alike, the log ratio of those with `c` events rises by ``1 - r`` a log of the level, r the
    reliability of one window. Where the level falls because people stop, those who go on are as they were, and it does
    not move. In between, it is normal here with `ELASTICITY` as mean and SD.

    Parameters
    ----------
    change : array_like
        (K,) log ratios, the last date's included.
    sampling : array_like
        (K, K) their covariance.
    level : array_like
        (K,) log of everybody's rate in the windows that the rule reads at each date.

    Returns
    -------
    change, sampling : ndarray
        The same at the level of the last date.

    Examples
    --------
    >>> change, sampling = at_last_level([-0.3, -0.4], np.zeros((2, 2)), [0.2, 0.0])
    >>> change.round(3).tolist(), sampling.round(4).tolist()
    ([-0.35, -0.4], [[0.0025, 0.0], [0.0, 0.0]])
    """
    above = np.asarray(level, dtype=np.float64) - np.asarray(level, dtype=np.float64)[-1]
    mean, sd = ELASTICITY
    return np.asarray(change) - mean * above, np.asarray(sampling) + sd**2 * np.outer(above, above)


class Predicted(NamedTuple):
    """Predictive distribution of a further date's change: normal at each SD between dates, weighed by its probability.

    Attributes
    ----------
    between : ndarray
        (G,) SDs between dates.
    weight : ndarray
        (G,) their posterior probabilities, which add up to 1.
    mean, std_error : ndarray
        (G,) of the further date's change at each, the sampling of that date included.
    """

    between: Floats
    weight: Floats
    mean: Floats
    std_error: Floats

    @property
    def middle(self) -> float:
        """The mean of the change."""
        return float(self.weight @ self.mean)

    def below(self, change: ArrayLike) -> Floats:
        """Return the probability of a change below each of these."""
        at = np.asarray(change, dtype=np.float64)[..., None]
        return np.asarray(special.ndtr((at - self.mean) / self.std_error) @ self.weight)

    def above(self, change: ArrayLike) -> Floats:
        """Return the probability of a change above each of these, without loss in the far tail."""
        at = np.asarray(change, dtype=np.float64)[..., None]
        return np.asarray(special.ndtr((self.mean - at) / self.std_error) @ self.weight)

    def quantile(self, probability: float) -> float:
        """Return the change below which one lies with this probability."""
        ends = self.mean + special.ndtri(probability) * self.std_error
        low, high = float(ends.min()), float(ends.max())
        if self.below(low) >= probability or low == high:
            return low
        return _root(lambda x: float(self.below(x)) - probability, low, high)


def predict_change(change: ArrayLike, sampling: ArrayLike, shape: ArrayLike, *, between: float) -> Predicted:
    """Predict the change at a further date from those at several dates before it, with what they share.

    Changes are ``mean + b + e``: b with covariance ``sd**2 * shape`` between dates, e with the covariance `sampling`.
    The mean has a flat prior, and the SD between dates a half-normal one. At each SD the prediction is the best linear
    unbiased one (universal kriging), and the SD's posterior is that prior times the restricted likelihood. Averaged
    over the prior a change without a programme lies below the quantile p with probability p, for any number of dates.

    Parameters
    ----------
    change : array_like
        (K,) at the dates before, at least 2.
    sampling : array_like
        (K + 1, K + 1) sampling covariance, the further date last.
    shape : array_like
        (K + 1, K + 1) positive definite shape of the covariance between dates, its diagonal about 1.
    between : float
        Scale of the prior, above 0: the SD between dates lies below it with probability .68, below twice it with .95.

    Notes
    -----
    Harville (1977), JASA 72, 320-338, for the restricted likelihood; Higgins, Thompson & Spiegelhalter (2009), J. R.
    Stat. Soc. A 172, 137-159, for prediction from a random-effects model; Roever et al. (2021), Res. Synth. Methods 12,
    448-474, for the half-normal prior.

    Examples
    --------
    >>> found = predict_change([-0.6, -0.5, -0.7], 0.01 * np.eye(4), np.eye(4), between=0.1)
    >>> round(found.middle, 4), [round(found.quantile(p), 4) for p in (0.025, 0.975)]
    (-0.6, [-0.8992, -0.3008])
    """
    d, v, r = (np.asarray(a, dtype=np.float64) for a in (change, sampling, shape))
    k = len(d)
    node, part = np.polynomial.legendre.leggauss(NODES)
    sd = (node + 1) / 2 * WIDEST * between
    joint = v + sd[:, None, None] ** 2 * r
    known, near, alone = joint[:, :k, :k], joint[:, :k, k], joint[:, k, k]
    solved = np.linalg.solve(known, np.stack([np.broadcast_to(d, near.shape), np.ones_like(near), near], axis=-1))
    of_d, of_one, of_near = np.moveaxis(solved, -1, 0)
    ones = of_one.sum(-1)
    mean = of_d.sum(-1) / ones
    square = of_d @ d - ones * mean**2
    log_likelihood = -(np.linalg.slogdet(known)[1] + np.log(ones) + square) / 2
    log_posterior = np.log(part) + log_likelihood - (sd / between) ** 2 / 2
    weight = np.exp(log_posterior - log_posterior.max())
    left = 1 - of_near.sum(-1)
    spread = alone - (near * of_near).sum(-1) + left**2 / ones
    return Predicted(sd, weight / weight.sum(), of_near @ d + left * mean, np.sqrt(np.maximum(spread, 0.0)))


def detectable_change(predicted: Predicted, *, level: float, power: float) -> float:
    """Find the smallest fall of the log rate that leaves the predictive interval with a given probability (assurance).

    The probability is averaged over the change that there would have been without
    it, over the sampling of the further date, and over what is not known of the SD between dates.

    Parameters
    ----------
    predicted : Predicted
        Without a programme.
    level : float
        Of the interval.
    power : float
        The probability, above ``1 - level``.

    Returns
    -------
    float
        Below 0.

    Examples
    --------
    >>> normal = Predicted(np.zeros(1), np.ones(1), np.zeros(1), np.ones(1))
    >>> round(detectable_change(normal, level=0.95, power=0.8), 4)
    -2.8016
    """
    low, high = (predicted.quantile(p) for p in ((1 - level) / 2, (1 + level) / 2))

    def short(fall: float) -> float:
        return float(predicted.below(low + fall) + predicted.above(high + fall)) - power

    far = high - low
    while short(far) < 0:
        far *= 2
    return -_root(short, 0.0, far)


def _total(weight: Floats, values: Floats) -> Floats:
    return np.asarray((weight * values).sum(-1, keepdims=True))


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415 slow to load

    return float(brentq(rising, low, high, xtol=1e-14 * max(abs(low), abs(high)), rtol=1e-14))
