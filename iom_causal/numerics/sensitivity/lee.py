"""Lee bounds: a difference between groups of which one is followed up better, by trimming that one."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Booleans = NDArray[np.bool_]

_ROUNDING = 1e-12
"""Of a person: nobody is at the cut."""


class Trimmed(NamedTuple):
    """The mean of the part of a group that is kept, how far each person is kept, and the value at the cut."""

    mean: float
    kept: Floats
    cut: float


class LeeEnds(NamedTuple):
    """The ends of a difference among people followed up either way, with standard errors.

    `trimmed` is the share of the better followed group that is cut off, and the followed shares are those of the
    treated and of the others.
    """

    low: float
    high: float
    low_error: float
    high_error: float
    trimmed: float
    followed: tuple[float, float]


def trimmed_mean(values: Floats, weight: Floats, mass: float, *, lowest: bool) -> Trimmed:
    """Return the mean of the lowest, or the highest, values that weigh `mass`; of the one at the cut a fraction counts.

    Values that are alike need no order: whichever of them is cut, the mean is the same.

    Parameters
    ----------
    values, weight : ndarray
        (n,), weights above 0.
    mass : float
        Above 0, at most the sum of weights.
    lowest : bool
        Which are kept.

    Examples
    --------
    >>> trimmed_mean(np.array([3.0, 1.0, 2.0]), np.ones(3), 1.5, lowest=True)
    Trimmed(mean=1.3333333333333333, kept=array([0. , 1. , 0.5]), cut=2.0)
    """
    order = np.argsort(values if lowest else -values, kind="stable")
    before = np.cumsum(weight[order]) - weight[order]
    share = np.clip((mass - before) / weight[order], 0.0, 1.0)
    share[share < _ROUNDING] = 0.0
    kept = np.empty(len(values))
    kept[order] = share
    counted = kept * weight
    return Trimmed(float(counted @ values / counted.sum()), kept, float(values[order][share > 0][-1]))


def lee_bounds(outcome: Floats, treated: Booleans, weight: Floats | None = None) -> LeeEnds:
    """Return the ends of the difference, treated less others, among people followed up either way (Lee 2009).

    The better followed group is trimmed to the share followed of the other: of its highest values for one end, of its
    lowest for the other. Standard errors are those of Lee's Proposition 3, as the spread of each person's influence;
    the shares followed are estimated too.

    Parameters
    ----------
    outcome : ndarray
        (n,) NaN where nobody was followed up; at least two followed in each group.
    treated : ndarray
        (n,).
    weight : ndarray, optional
        (n,) how often each person counts.

    Examples
    --------
    >>> ends = lee_bounds(np.array([1.0, 2, 3, 4, 0, 2, np.nan, np.nan]), np.arange(8) < 4)
    >>> ends.low, ends.high, ends.trimmed
    (0.5, 2.5, 0.5)
    """
    many = np.ones(len(outcome)) if weight is None else weight
    sides = [_side(outcome[who & (many > 0)], many[who & (many > 0)]) for who in (treated, ~treated)]
    followed = sides[0].followed, sides[1].followed
    better = followed[0] >= followed[1]
    more, less = sides if better else sides[::-1]
    ends = [_end(more, less, lowest=lowest) for lowest in (True, False)]
    if not better:  # the others less the treated, so that the ends change places
        ends = [(-value, error) for value, error in ends[::-1]]
    (low, low_error), (high, high_error) = ends
    return LeeEnds(low, high, low_error, high_error, 1 - less.followed / more.followed, followed)


class _Side(NamedTuple):
    """People of one group: who is followed up, their values and weights, and the weights of all."""

    seen: Booleans
    values: Floats
    weight: Floats
    all_weight: Floats

    @property
    def total(self) -> float:
        """How many people count."""
        return float(self.all_weight.sum())

    @property
    def followed(self) -> float:
        """The share of them that is followed up."""
        return float(self.weight.sum()) / self.total

    def variance(self, influence: Floats) -> float:
        """Return the variance of a mean from each person's influence, whose mean is 0."""
        return float(self.all_weight @ influence**2) / (self.total - 1) / self.total

    def among_all(self, of_followed: Floats) -> Floats:
        """Return values of people followed up among all, 0 elsewhere."""
        out = np.zeros(len(self.all_weight))
        out[self.seen] = of_followed
        return out


def _side(outcome: Floats, weight: Floats) -> _Side:
    seen = ~np.isnan(outcome)
    return _Side(seen, outcome[seen], weight[seen], weight)


def _end(more: _Side, less: _Side, *, lowest: bool) -> tuple[float, float]:
    share = less.followed
    trimmed = trimmed_mean(more.values, more.weight, share * more.total, lowest=lowest)
    mean = float(less.weight @ less.values / less.weight.sum())
    beyond = trimmed.cut - trimmed.mean  # a larger share to keep moves the mean towards the cut
    inside = more.among_all(trimmed.kept)
    own = (more.among_all(trimmed.kept * (more.values - trimmed.mean)) - beyond * (inside - share)) / share
    other = (beyond * (less.seen - share) - less.among_all(less.values - mean)) / share
    return trimmed.mean - mean, math.sqrt(more.variance(own) + less.variance(other))
