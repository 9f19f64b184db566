"""Stepped wedge by comparison within windows, with permutation of the order in which units start.

In each window the units that are managed are compared with those that still wait, so that whatever the calendar brings
cancels (Thompson et al. 2018, Statistics in Medicine 37, 2487-2500; the design: Hussey & Hughes 2007, Contemporary
Clinical Trials 28, 182-191). Where the order was drawn by lot, every order is as likely, which gives an exact test of
any stated effect whatever the correlation within units (Hughes et al. 2020, Biometrics 76, 119-130), and limits by its
inversion. A difference that was there in windows before the first start is taken out by its slope, which does not hang
on the order (Rosenbaum 2002, Statistical Science 17, 286-327).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

_FARTHEST, _STEPS = 40.0, 26
"""Standard errors within which limits are looked for, and halvings of the stretch that holds one."""
_AT_ONCE = 2_000_000
_TIED = 1e-9
_LEAST_ADJUSTED = 5
"""Units below which a mean, an effect and a slope leave next to nothing of them."""


class Units(NamedTuple):
    """Units that start together: clusters, or people.

    Attributes
    ----------
    outcome, size : ndarray
        (U, T) totals, and days at risk or people.
    start : ndarray
        (U,) first managed window; the number of windows for never.
    """

    outcome: Floats
    size: Floats
    start: Integers


class Wedge(NamedTuple):
    """Effect of a stepped wedge: the log of a ratio, or a difference; NaN where there is none, infinite limits."""

    estimate: float
    std_error: float
    p_value: float
    low: float
    high: float
    slope: float


class _Crossed(NamedTuple):
    """What an order has managed and what still waits, in each window used, (B, W).

    `plain` and `treated` are sums of the outcome over managed units, of cells that were not managed in the order that
    was, and of those that were; `waiting_plain` and `waiting_treated` over units that wait. Sizes likewise. `own` and
    `other` are rates before the first start of the managed and of those who wait, and `half` half of the smallest
    outcome above 0.
    """

    plain: Floats
    treated: Floats
    size: Floats
    treated_size: Floats
    waiting_plain: Floats
    waiting_treated: Floats
    waiting_size: Floats
    waiting_treated_size: Floats
    own: Floats
    other: Floats
    half: float


def count_orders(start: Integers) -> int:
    """Return in how many different orders units can start, so many at each window.

    Examples
    --------
    >>> count_orders(np.array([1, 1, 2, 2, 3, 3]))
    90
    """
    counts = Counter(start.tolist()).values()
    return math.factorial(len(start)) // math.prod(math.factorial(k) for k in counts)


def orders(start: Integers, draws: int, rng: np.random.Generator) -> Integers:
    """Return orders of starting, (B, U), the one that was first: all of them up to `draws`, else so many drawn.

    Examples
    --------
    >>> orders(np.array([1, 2, 2]), 10, np.random.default_rng(1)).tolist()
    [[1, 2, 2], [2, 1, 2], [2, 2, 1]]
    """
    if len(start) <= draws and count_orders(start) <= draws:
        every = np.array(list(_arrangements(tuple(sorted(start.tolist())))))
        return np.vstack([start, every[(every != start).any(1)]])
    return np.vstack([start, rng.permuted(np.tile(start, (draws - 1, 1)), axis=1)])


def stepped_wedge(units: Units, order: Integers, level: float, *, ratio: bool, adjusted: bool = True) -> Wedge:
    """Estimate the effect within windows, with a permutation test and its inversion.

    Parameters
    ----------
    units : Units
        With windows in which some are managed and some are not.
    order : ndarray
        (B, U) from `orders`.
    level : float
        Of the limits, each of which leaves half the rest on its side.
    ratio : bool
        Whether the effect is the log of observed over expected totals of the managed cells, expected at the rate of
        those who wait; or the mean of observed less expected.
    adjusted : bool
        Whether a difference before the first start is taken out, with five units or more.

    Examples
    --------
    >>> y = np.array([[8.0, 4, 5], [7, 5, 3], [9, 8, 4], [6, 7, 3], [8, 9, 9], [7, 7, 8]])
    >>> units = Units(y, np.ones((6, 3)), np.array([1, 1, 2, 2, 3, 3]))
    >>> found = stepped_wedge(units, orders(units.start, 100, np.random.default_rng(1)), 0.9, ratio=True)
    >>> round(math.exp(found.estimate), 3), round(found.p_value, 3)
    (0.485, 0.022)
    """
    used = np.flatnonzero([0 < k < len(units.start) for k in _managed(units.start, units).sum(0)])
    before = np.arange(units.outcome.shape[1]) < units.start.min()
    base, base_size = (x[:, before].sum(1) for x in (units.outcome, units.size))
    if len(base) < _LEAST_ADJUSTED or not (base_size > 0).all() or (ratio and not base.sum() > 0):
        adjusted = False
    base = base / base.sum() * base_size.sum() if ratio and adjusted else base
    crossed = _crossed(units, order, used, base, base_size)
    slopes = _slope_by(units, used, base, base_size, ratio=ratio) if adjusted else lambda _: 0.0

    def statistic(effect: float) -> Floats:
        return _statistic(crossed, effect, slopes(effect), ratio=ratio)

    estimate = _root(statistic)
    if not math.isfinite(estimate):
        return Wedge(math.nan, math.nan, math.nan, math.nan, math.nan, slopes(0.0))
    spent = 2 + adjusted  # a mean, the effect and the slope are fitted to the units
    error = _spread(statistic(estimate)) * math.sqrt((len(order[0]) - 1) / max(len(order[0]) - spent, 1))
    if not error > _TIED:
        return Wedge(estimate, math.nan, math.nan, math.nan, math.nan, slopes(estimate))
    tails = [_tail(statistic(0.0), side) for side in (-1, 1)]
    low, high = (_limit(statistic, estimate, error, (1 - level) / 2, side) for side in (1, -1))
    return Wedge(estimate, error, min(1.0, 2 * min(tails)), low, high, slopes(estimate))


def _arrangements(items: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every different arrangement of items, in the order of a dictionary."""
    if len(items) < 2:
        yield items
        return
    for item in sorted(set(items)):
        k = items.index(item)
        for rest in _arrangements(items[:k] + items[k + 1 :]):
            yield (item, *rest)


def _managed(start: Integers, units: Units) -> Floats:
    """Return whether each unit is managed in each window, (..., U, T)."""
    return (np.arange(units.outcome.shape[1]) >= start[..., None]).astype(np.float64)


def _crossed(units: Units, order: Integers, used: Integers, base: Floats, base_size: Floats) -> _Crossed:
    """Return sums over the units that each order has managed, and over those that wait."""
    was = _managed(units.start, units)[:, used]
    y, size = units.outcome[:, used], units.size[:, used]
    wide = [np.repeat(x[:, None], len(used), axis=1) for x in (base, base_size)]
    values = np.stack([y * (1 - was), y * was, size, size * was, *wide], -1)
    chunk = max(1, _AT_ONCE // max(1, len(units.start)))
    found = np.empty((len(order), len(used), values.shape[-1]))
    for k in range(0, len(order), chunk):
        rows = slice(k, k + chunk)
        for place, window in enumerate(used):
            found[rows, place] = (order[rows] <= window).astype(np.float64) @ values[:, place]
    managed, waiting = (np.moveaxis(x, -1, 0) for x in (found, values.sum(0) - found))
    with np.errstate(divide="ignore", invalid="ignore"):
        before = [x[4] / x[5] for x in (managed, waiting)]
    half = float(y[y > 0].min(initial=np.inf)) / 2
    return _Crossed(*[*managed[:4], *waiting[:4], *before, half])


def _statistic(crossed: _Crossed, effect: float, slope: float, *, ratio: bool) -> Floats:
    """Return what each order finds once an effect is taken out of the cells that were managed, (B,).

    Where another order than the one that was leaves a side without events, half an event stands for none.
    """
    c = crossed
    with np.errstate(divide="ignore", invalid="ignore"):
        if ratio:
            factor = math.exp(-effect)
            managed, rate = (
                c.plain + factor * c.treated,
                (c.waiting_plain + factor * c.waiting_treated) / c.waiting_size,
            )
            apart = (1 + slope * (c.own - 1)) / (1 + slope * (c.other - 1)) if slope else 1.0
            observed, expected = managed.sum(1), (c.size * rate * apart).sum(1)
            least = c.half * (c.size / c.waiting_size).mean(1)
            observed[1:] = np.where(observed[1:] > 0, observed[1:], c.half)
            expected[1:] = np.where(expected[1:] > 0, expected[1:], least[1:])
            return np.asarray(np.log(observed) - np.log(expected))
        managed = c.plain + c.treated - effect * c.treated_size
        rate = (c.waiting_plain + c.waiting_treated - effect * c.waiting_treated_size) / c.waiting_size
        rate = rate + slope * (c.own - c.other) if slope else rate
        return np.asarray((managed - c.size * rate).sum(1) / c.size.sum(1))


def _slope_by(
    units: Units, used: Integers, base: Floats, base_size: Floats, *, ratio: bool
) -> Callable[[float], float]:
    """Return the slope of units' rates, an effect taken out, on their rates before, which no order changes."""
    was = _managed(units.start, units)[:, used]
    y, size = units.outcome[:, used], units.size[:, used]
    weight = base_size / base_size.sum()
    before = base / base_size
    apart = before - weight @ before
    spread = weight @ apart**2

    def slope(effect: float) -> float:
        clean = y * np.where(was > 0, math.exp(-effect), 1.0) if ratio else y - effect * was * size
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = clean / size
            levels = clean.sum(0) / size.sum(0)
            rates = rates / levels if ratio else rates - levels
        if not spread > 0:
            return 0.0
        found = float(weight @ (apart * np.nan_to_num(rates, nan=float(ratio)).mean(1)) / spread)
        return min(max(found, 0.0), 1.0) if ratio else found

    return slope


def _root(statistic: Callable[[float], Floats]) -> float:
    """Return the effect without which the order that was finds nothing; each step takes out what is left."""
    effect = 0.0
    for _ in range(2 * _STEPS):
        left = float(statistic(effect)[0])
        if not math.isfinite(left):
            return math.nan
        effect += left
        if abs(left) < _TIED / 1000:
            break
    return effect


def _spread(found: Floats) -> float:
    """Return the standard deviation of what orders find; an infinite one is as far as the farthest."""
    finite = found[np.isfinite(found)]
    return float(np.std(np.clip(found, finite.min(), finite.max())))


def _tail(found: Floats, side: int) -> float:
    """Return the share of orders that find as much as the one that was, upwards (1) or downwards (-1)."""
    return float((side * found >= side * found[0] - _TIED).mean())


def _limit(statistic: Callable[[float], Floats], estimate: float, error: float, tail: float, side: int) -> float:
    """Return the effect farthest from the estimate that the test does not refuse: below it (1) or above it (-1)."""
    near, far = 0.0, _FARTHEST
    if _tail(statistic(estimate - side * far * error), side) > tail:
        return -side * math.inf
    for _ in range(_STEPS):
        middle = (near + far) / 2
        held = _tail(statistic(estimate - side * middle * error), side) > tail
        near, far = (middle, far) if held else (near, middle)
    return estimate - side * (near + far) / 2 * error
