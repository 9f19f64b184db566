"""Moment estimate of how far rates last, from Poisson counts in two windows with any mixing distribution.

Of rates a day a before and b after, the mean of b is taken to be a line in a, ``alpha + beta * a``; counts x and y in s
and t days are Poisson given them. For every function h of the count before,

    E[h(x) y] = t E[h(x) (alpha + beta a)]    and    s E[h(x) a] = E[x h(x - 1)],

so that h = 1 and h = x give two equations in alpha and beta without any distribution of a. They hold among people who
were left after others with as high a count were taken away, if each is weighted by one over the chance of being left,
and h is 0 where nobody is left at the count or at the next.

With E[a] = m the persistence is ``beta m / (alpha + beta m)``: the share of a rate's distance from the mean, as a part
of the mean, that is there after. Among all people it is [Cov(x, y) / (E x E y)] / [(Var x - E x) / (E x)^2].
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

LEAST = 0.1
"""The least chance of being left with which a count is used, so that nobody stands for more than ten."""


class RatioParts(NamedTuple):
    """Numerator and denominator of a ratio, each a number or (R,)."""

    numerator: Floats
    denominator: Floats


def moment_terms(before: Floats, after: Floats, days: Floats, left: Callable[[Floats], Floats]) -> Floats:
    """Return each person's terms of the two moment equations, (n, 6).

    Parameters
    ----------
    before, after : ndarray
        (n,) counts.
    days : ndarray
        (n, 2) days at risk before and after.
    left : callable
        From counts before to the chance of being left, 0 to 1.
    """
    s, t = days.T
    chance = left(before)
    weight = np.divide(1.0, chance, out=np.zeros_like(chance), where=chance > 0)
    here = weight * ((chance >= LEAST) & (left(before + 1) >= LEAST))
    beneath = weight * ((chance >= LEAST) & (left(before - 1) >= LEAST))
    counts = s * t, before * s * t, s * after, before * s * after
    return np.stack([*(here * c for c in counts), beneath * before * t, beneath * before * (before - 1) * t], axis=-1)


def persistence_parts(sums: Floats, mean: Floats) -> RatioParts:
    """Return the numerator and the denominator of the persistence.

    Parameters
    ----------
    sums : ndarray
        (..., 6) sums over people of `moment_terms`.
    mean : ndarray
        Mean rate before, a number or of the shape before the last axis.

    Examples
    --------
    >>> x, y = np.array([0.0, 0, 1, 1, 2, 3, 5]), np.array([0.0, 1, 0, 1, 1, 2, 4])
    >>> terms = moment_terms(x, y, np.ones((7, 2)), np.ones_like)
    >>> top, bottom = persistence_parts(terms.sum(0), x.mean())
    >>> by_hand = np.cov(x, y, ddof=0)[0, 1] / y.mean() / (x.var() - x.mean()) * x.mean()
    >>> round(float(top / bottom), 6) == round(float(by_hand), 6)
    True
    """
    ones, counts, after, product, first, second = np.moveaxis(sums, -1, 0)
    level, slope = after * second - product * first, ones * product - counts * after
    return RatioParts(np.asarray(slope * mean), np.asarray(level + slope * mean))


def ratio_covariance(
    terms: Floats, weight: Floats, group: NDArray[np.bool_], parts: Callable[[Floats], RatioParts]
) -> tuple[RatioParts, Floats]:
    """Return the parts of a ratio of sums over people, and their jackknife covariance, (2, 2).

    Parameters
    ----------
    terms : ndarray
        (n, K) each person's.
    weight : ndarray
        (n,) how many people a row stands for.
    group : ndarray
        (n,) booleans: people inside and outside are two samples.
    parts : callable
        From sums, (..., K), to the parts.
    """
    total = weight @ terms
    whole = parts(total)
    moves = np.stack(parts(total - terms), axis=-1) - np.stack(whole)
    covariance = np.zeros((2, 2))
    for mask in (group, ~group):
        w, number = weight[mask], weight[mask].sum()
        if number > 1:
            centred = moves[mask] - w @ moves[mask] / number
            covariance += (number - 1) / number * (w[:, None] * centred).T @ centred
    return whole, covariance
