"""Average effects of staggered starts and their influence functions (Callaway & Sant'Anna 2021).

Averages of group-time cells are functions of the groups' totals, homogeneous of degree 0, so that a person's influence
on one is its gradient with respect to the totals of the own group, times the person's row (outcomes, days at risk, 1).
The influence of estimated weights is in it. Nothing of size people times cells is made.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.comparison.staggered_cells import Averages, Cells

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Booleans = NDArray[np.bool_]

LEAST_UNITS = 2
"""People or clusters of a group or a pool below which it has no variance."""


class People(NamedTuple):
    """People by group of common start, over replicates.

    Attributes
    ----------
    outcome : ndarray
        (R, n, T).
    weight : ndarray
        (R, n) how often each person counts; 0 for nobody.
    group : ndarray
        (n,) position of each person's group among `Cells.starts`; negative for people in none.
    days : ndarray or None
        Days at risk that broadcast to `outcome`, so that ratios are of rates, and differences of rates in the days'
        unit; None for ratios of totals and differences of means.
    cluster : ndarray or None
        (n,) whole numbers from 0; None where each person is a cluster.
    """

    outcome: Floats
    weight: Floats
    group: Integers
    days: Floats | None = None
    cluster: Integers | None = None


class Effects(NamedTuple):
    """Effects over replicates, the overall one first, as differences or logs of ratios; NaN where there is none.

    Attributes
    ----------
    value, df : ndarray
        (R, 1 + P) effects, and the degrees of freedom of their variances (Satterthwaite 1946).
    cov : ndarray
        (R, 1 + P, 1 + P).
    """

    value: Floats
    cov: Floats
    df: Floats


def average_effects(people: People, cells: Cells, wanted: Averages, *, ratio: bool, adjusted: bool = True) -> Effects:
    """Estimate averages of group-time effects, with their covariance over people or clusters.

    Parameters
    ----------
    people : People
        Those of `cells`.
    cells : Cells
        From `group_time_cells`.
    wanted : Averages
        From `averages`.
    ratio : bool
        Whether effects are logs of ratios, observed totals over those expected from the base and the pool's ratio; or
        differences of mean changes.
    adjusted : bool
        Whether variances have the small-sample factor units / (units - 1) of each group and pool, so that two groups
        in two windows give Welch's variance; without it they are those of the R package did.

    Notes
    -----
    The expected total of a cell is the group's total in the base, times the pool's ratio of window to base. An average
    is the ratio of the sums of both over its cells: a cell without events does no harm.

    Examples
    --------
    >>> from iom_causal.numerics.comparison.staggered_cells import averages, group_time_cells
    >>> y = np.array([[[3.0, 1], [2, 2], [5, 0], [4, 3], [3, 4], [2, 2], [6, 5], [1, 2]]])
    >>> people = People(y, np.ones((1, 8)), np.array([0] * 4 + [1] * 4))
    >>> cells = group_time_cells([1, 2], 2)
    >>> found = average_effects(people, cells, averages(cells, "simple"), ratio=True)
    >>> np.exp(found.value).round(4).tolist()
    [[0.3956, 0.3956]]
    """
    value, gradient = _effects(people, cells, wanted, ratio=ratio, adjusted=adjusted)
    size = value.shape[-1]
    cov = np.zeros((*value.shape, size))
    by_group = np.zeros((len(cells.starts), *value.shape))
    by_cluster = np.zeros((len(value), _count(people.cluster), size))
    for h in range(len(cells.starts)):
        who, psi = _influence(people, gradient, h)
        weighted = psi * people.weight[:, who, None]
        if people.cluster is None:
            add = np.swapaxes(weighted, -1, -2) @ psi
        else:
            codes, sums = _sums(weighted, people.cluster[who])
            by_cluster[:, codes] += sums
            add = np.swapaxes(sums, -1, -2) @ sums
        by_group[h] = np.diagonal(add, axis1=-2, axis2=-1)
        cov += add
    df = _degrees(by_group, unit_counts(people, len(cells.starts)))
    if people.cluster is None:
        return Effects(value, cov, df)
    every = (np.abs(by_cluster).sum(-1) > 0).sum(-1)
    return Effects(value, np.swapaxes(by_cluster, -1, -2) @ by_cluster, np.minimum(df, every[:, None] - 1))


def influence(people: People, cells: Cells, wanted: Averages, *, ratio: bool) -> Floats:
    """Return the influence of each person, or cluster, on the effects of one replicate, (n, 1 + P).

    Their sum of squares is the covariance of `average_effects` where people count once.
    """
    value, gradient = _effects(people, cells, wanted, ratio=ratio, adjusted=True)
    units = np.arange(people.outcome.shape[1]) if people.cluster is None else people.cluster
    found = np.zeros((_count(units), value.shape[-1]))
    for h in range(len(cells.starts)):
        who, psi = _influence(people, gradient, h)
        codes, sums = _sums(psi * people.weight[:, who, None], units[who])
        found[codes] += sums[0]
    return found


def unit_counts(people: People, groups: int) -> Floats:
    """Return how many people, by weight, or clusters each group has, (R, H).

    Examples
    --------
    >>> people = People(np.zeros((1, 3, 2)), np.array([[1.0, 2, 1]]), np.array([0, 0, 1]))
    >>> unit_counts(people, 2).tolist()
    [[3.0, 1.0]]
    """
    if people.cluster is not None:
        return _clusters(people, people.cluster, groups).sum(-1).astype(np.float64)
    return np.stack([people.weight[:, people.group == h].sum(-1) for h in range(groups)], -1)


def with_variance(people: People, cells: Cells) -> Booleans:
    """Return which cells have units enough, in their group and in their pool, for a variance, (R, Q).

    Examples
    --------
    >>> from iom_causal.numerics.comparison.staggered_cells import group_time_cells
    >>> people = People(np.zeros((1, 5, 3)), np.ones((1, 5)), np.array([0, 0, 1, 1, 2]))
    >>> cells = group_time_cells([1, 2, 3], 3)
    >>> cells.window.tolist(), with_variance(people, cells).tolist()
    ([1, 2, 0, 2], [[True, False, False, False]])
    """
    units = unit_counts(people, len(cells.starts))
    pooled = _pooled_units(people, units, cells.pools)
    return (units[:, cells.own] >= LEAST_UNITS) & (pooled[:, cells.pool] >= LEAST_UNITS)


class _Totals(NamedTuple):
    """Totals of groups or pools: (R, H) people, (R, H, T) outcomes and days (people where not used), (R, H) units."""

    people: Floats
    outcome: Floats
    days: Floats
    units: Floats

    def of(self, rows: Integers, windows: Integers) -> tuple[Floats, Floats]:
        """Return outcomes and days of cells, (R, Q)."""
        return self.outcome[:, rows, windows], self.days[:, rows, windows]

    def before(self, rows: Integers, cells: Cells) -> tuple[Floats, Floats]:
        """Return outcomes and days in the bases of cells, (R, Q), as means over windows."""
        outcome, days = (total @ cells.bases.T for total in (self.outcome, self.days))
        return outcome[:, rows, cells.base], days[:, rows, cells.base]


def _effects(people: People, cells: Cells, wanted: Averages, *, ratio: bool, adjusted: bool) -> tuple[Floats, Floats]:
    """Return effects (R, 1 + P) and their gradients (R, 1 + P, H, K) on the totals of outcomes, days and people."""
    groups = _totals(people, len(cells.starts))
    pools = _pooled(people, groups, cells.pools)
    differences = _differences if people.days is None else _differences_of_rates
    change = _ratios(groups, pools, cells) if ratio else differences(groups, pools, cells)
    factors = [_factor(side.units, adjusted=adjusted) for side in (groups, pools)]
    rows = wanted.members if not wanted.overall.size else np.vstack([wanted.overall, wanted.members])
    made = [_term(change, cells, np.flatnonzero(row), groups, factors) for row in rows]
    value, gradient = np.stack([v for v, _ in made], 1), np.stack([g for _, g in made], 1)
    if wanted.overall.size:
        return value, gradient
    shares = np.broadcast_to(wanted.shares, value.shape)
    if wanted.by_people:  # one group a term
        sizes = groups.people[:, cells.own[wanted.members.argmax(-1)]]
        shares = sizes / sizes.sum(-1, keepdims=True)
    inside = wanted.shares > 0
    overall = (shares[:, inside] * value[:, inside]).sum(-1)
    slope = np.einsum("rp,rphk->rhk", shares[:, inside], gradient[:, inside])
    if wanted.by_people:
        own = cells.own[wanted.members.argmax(-1)]
        slope[:, own, -1] += (value - overall[:, None]) / sizes.sum(-1, keepdims=True)
    return np.concatenate([overall[:, None], value], 1), np.concatenate([slope[:, None], gradient], 1)


class _Change(NamedTuple):
    """What a term sums over cells, (R, Q): it is the ratio of two sums, or the log of that.

    `slopes` are (side, column of the totals of that side, gradient of `top`, gradient of `bottom`).
    """

    log: bool
    top: Floats
    bottom: Floats
    slopes: tuple[tuple[str, str, Floats, Floats], ...]


def _ratios(groups: _Totals, pools: _Totals, cells: Cells) -> _Change:
    """Return observed and expected totals of cells, and their gradients."""
    (y, d), (y0, d0) = groups.of(cells.own, cells.window), groups.before(cells.own, cells)
    (c, e), (c0, e0) = pools.of(cells.pool, cells.window), pools.before(cells.pool, cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        days = d * e0 / (d0 * e)
        unit = days * c / c0  # expected events for each one in the base
        expected = y0 * unit
        none, one = np.zeros_like(y), np.ones_like(y)
        slopes = (
            ("own", "window", one, none),
            ("own", "base", none, unit),
            ("own", "window_days", none, expected / d),
            ("own", "base_days", none, -expected / d0),
            ("pool", "window", none, y0 * days / c0),
            ("pool", "base", none, -expected / c0),
            ("pool", "window_days", none, -expected / e),
            ("pool", "base_days", none, expected / e0),
        )
    return _Change(log=True, top=y, bottom=expected, slopes=slopes)


def _differences(groups: _Totals, pools: _Totals, cells: Cells) -> _Change:
    """Return differences of mean changes times people, and people, with their gradients."""
    n, m = groups.people[:, cells.own], pools.people[:, cells.pool]
    with np.errstate(divide="ignore", invalid="ignore"):
        changed = groups.of(cells.own, cells.window)[0] - groups.before(cells.own, cells)[0]
        trend = (pools.of(cells.pool, cells.window)[0] - pools.before(cells.pool, cells)[0]) / m
        none, one = np.zeros_like(n), np.ones_like(n)
        slopes = (
            ("own", "window", one, none),
            ("own", "base", -one, none),
            ("own", "people", -trend, one),
            ("pool", "window", -n / m, none),
            ("pool", "base", n / m, none),
            ("pool", "people", n * trend / m, none),
        )
    return _Change(log=False, top=changed - n * trend, bottom=n, slopes=slopes)


def _differences_of_rates(groups: _Totals, pools: _Totals, cells: Cells) -> _Change:
    """Return differences of changes of rates times people, and people, with their gradients."""
    n = groups.people[:, cells.own]
    (y, d), (y0, d0) = groups.of(cells.own, cells.window), groups.before(cells.own, cells)
    (c, e), (c0, e0) = pools.of(cells.pool, cells.window), pools.before(cells.pool, cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        none, one = np.zeros_like(n), np.ones_like(n)
        difference = y / d - y0 / d0 - c / e + c0 / e0
        slopes = (
            ("own", "window", n / d, none),
            ("own", "base", -n / d0, none),
            ("own", "window_days", -n * y / d**2, none),
            ("own", "base_days", n * y0 / d0**2, none),
            ("own", "people", difference, one),
            ("pool", "window", -n / e, none),
            ("pool", "base", n / e0, none),
            ("pool", "window_days", n * c / e**2, none),
            ("pool", "base_days", -n * c0 / e0**2, none),
        )
    return _Change(log=False, top=n * difference, bottom=n, slopes=slopes)


def _term(change: _Change, cells: Cells, at: Integers, groups: _Totals, factors: list[Floats]) -> tuple[Floats, Floats]:
    """Return one average of cells, (R,), and its gradient on the totals of the groups, (R, H, K)."""
    replicates, h, windows = groups.outcome.shape
    spans = np.vstack([np.eye(windows), cells.bases])  # windows, and bases made of them
    width = 2 * len(spans) + 1
    top, bottom = change.top[:, at].sum(-1), change.bottom[:, at].sum(-1)
    sides = {"own": (h, cells.own[at], factors[0]), "pool": (len(cells.pools), cells.pool[at], factors[1])}
    columns = {
        "window": cells.window[at],
        "base": windows + cells.base[at],
        "window_days": len(spans) + cells.window[at],
        "base_days": len(spans) + windows + cells.base[at],
        "people": np.full(len(at), width - 1),
    }
    gradients = {side: np.zeros((rows * width, replicates)) for side, (rows, _, _) in sides.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(top) - np.log(bottom) if change.log else top / bottom
        value = np.where(np.isfinite(value), value, np.nan)
        by_top, by_bottom = (1 / top, -1 / bottom) if change.log else (1 / bottom, -value / bottom)
        for side, column, of_top, of_bottom in change.slopes:
            _, row, factor = sides[side]
            slope = by_top[:, None] * of_top[:, at] + by_bottom[:, None] * of_bottom[:, at]
            np.add.at(gradients[side], row * width + columns[column], (slope * factor[:, row]).T)
    own, pooled = (gradients[side].T.reshape(replicates, -1, width) for side in sides)
    slope = own + np.einsum("rlk,lh->rhk", pooled, cells.pools.astype(np.float64))
    with np.errstate(invalid="ignore"):  # terms without events have none
        outcome, days = (slope[..., k * len(spans) : (k + 1) * len(spans)] @ spans for k in range(2))
    return value, np.concatenate([outcome, days, slope[..., -1:]], -1)


def _influence(people: People, gradient: Floats, h: int) -> tuple[Integers, Floats]:
    """Return the people of a group, and their influence (R, m, 1 + P)."""
    who = np.flatnonzero(people.group == h)
    windows = people.outcome.shape[-1]
    slopes = np.swapaxes(gradient[:, :, h], -1, -2)
    psi = people.outcome[:, who] @ slopes[:, :windows] + slopes[:, None, -1]
    if people.days is not None:
        days = np.broadcast_to(people.days, people.outcome.shape)[:, who]
        psi = psi + days @ slopes[:, windows:-1]
    return who, psi


def _totals(people: People, groups: int) -> _Totals:
    shape = people.outcome.shape
    size, outcome = np.zeros((shape[0], groups)), np.zeros((shape[0], groups, shape[-1]))
    days = np.ones_like(outcome)
    for h in range(groups):
        who = people.group == h
        weight = people.weight[:, who]
        size[:, h] = weight.sum(-1)
        outcome[:, h] = np.einsum("rn,rnt->rt", weight, people.outcome[:, who])
        if people.days is not None:
            days[:, h] = np.einsum("rn,rnt->rt", weight, np.broadcast_to(people.days, shape)[:, who])
        else:
            days[:, h] = size[:, h, None]
    return _Totals(size, outcome, days, unit_counts(people, groups))


def _pooled(people: People, groups: _Totals, pools: Booleans) -> _Totals:
    sums = pools.astype(np.float64)
    size, outcome, days = (np.einsum("lh,rh...->rl...", sums, x) for x in groups[:3])
    return _Totals(size, outcome, days, _pooled_units(people, groups.units, pools))


def _pooled_units(people: People, units: Floats, pools: Booleans) -> Floats:
    """Return how many units each pool has, (R, L); a cluster with people in several groups counts once."""
    if people.cluster is None:
        return units @ pools.T.astype(np.float64)
    there = _clusters(people, people.cluster, pools.shape[1])
    counts = [there[:, pool].any(1).sum(-1) for pool in pools]
    return np.stack(counts, -1).astype(np.float64) if counts else np.zeros((len(units), 0))


def _clusters(people: People, cluster: Integers, groups: int) -> Booleans:
    """Return which clusters have people in which group, (R, H, C)."""
    there = np.zeros((len(people.weight), groups, _count(cluster)), dtype=np.bool_)
    inside = people.group >= 0
    for r, weight in enumerate(people.weight):
        seen = inside & (weight > 0)
        there[r, people.group[seen], cluster[seen]] = True
    return there


def _factor(units: Floats, *, adjusted: bool) -> Floats:
    """Return the root of units / (units - 1); NaN below `LEAST_UNITS`, which have no variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.sqrt(units / (units - 1)) if adjusted else np.ones_like(units)
    return np.where(units >= LEAST_UNITS, factor, np.nan)


def _count(codes: Integers | None) -> int:
    return 0 if codes is None else int(codes.max()) + 1


def _sums(values: Floats, codes: Integers) -> tuple[Integers, Floats]:
    """Return the codes that occur, and the sums over the middle axis of the values of each, (R, codes, P)."""
    order = np.argsort(codes, kind="stable")
    found, first = np.unique(codes[order], return_index=True)
    return found, np.add.reduceat(values[:, order], first, axis=1) if len(codes) else values


def _degrees(by_group: Floats, units: Floats) -> Floats:
    """Return Satterthwaite's degrees of freedom of sums of variances by group, (R, 1 + P)."""
    least = np.maximum(units.T - 1, 1)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(by_group.sum(0) ** 2 / (by_group**2 / least).sum(0))
