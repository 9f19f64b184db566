"""Changes of managed and of comparison people, with the clustered error of their difference."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.estimators.shared.pooled_rates import pooled_rates
from iom_causal.inputs.pairs import PairedOutcomes
from iom_causal.numerics.comparison.cell_means import CellMean, cell_mean, clustered_contrast, contribution
from iom_causal.numerics.comparison.paired_jackknife import jackknife_variance
from iom_causal.numerics.inference.two_sample import welch_df

type Floats = NDArray[np.float64]

SIGNS = (1, -1, -1, 1)
"""Of managed people after and before, and of comparison people after and before."""


class GroupChange(NamedTuple):
    """The change of one group, (R,) each.

    Attributes
    ----------
    value : ndarray
        The log ratio of means or rates, or the difference of means.
    people : ndarray
        People used.
    before, after : ndarray
        Means a person.
    rate : ndarray
        Mean before at risk for the average days of both groups together; for a difference, of the unit of their rates.
    """

    value: Floats
    people: Floats
    before: Floats
    after: Floats
    rate: Floats


class ChangeContrast(NamedTuple):
    """Change of managed people less that of comparison people, (R,) each, and the two changes.

    Attributes
    ----------
    difference, variance, df : ndarray
        (R,); the variance is infinite where one person or cluster has all events of a group in a window, and NaN where
        one cluster is all that a group has.
    managed, comparison : GroupChange
        The two changes.
    gram, moment : ndarray or None
        (R, G, 2, 2) and (R, G, 2) each cluster's X'X and X'y of the regression, on an intercept and treatment, of
        people's changes, or of what stands in for them: the group's log ratio and n times a person's influence on it.
        For a bootstrap of clusters; None without clusters.
    """

    difference: Floats
    variance: Floats
    df: Floats
    managed: GroupChange
    comparison: GroupChange
    gram: Floats | None = None
    moment: Floats | None = None


class _Group(NamedTuple):
    """One group's outcomes and days (1 where not used), (R, n, 2) or (1, n, 2), 0 where not used; and weights."""

    outcome: Floats
    days: Floats
    weight: Floats


def people_contrast(people: PairedOutcomes, *, log: bool, correction: str) -> ChangeContrast:
    """Contrast the changes of two groups with people as clusters, both windows of each and days common to all.

    Parameters
    ----------
    people : PairedOutcomes
        With a replicate axis and both groups; for differences as `PairedOutcomes.for_differences` gives them.
    log : bool
        Whether changes are log ratios of totals, or of rates where days are known.
    correction : str
        One of `cell_means.CORRECTIONS`; degrees of freedom are Welch's.
    """
    groups = (_of_people(people.of(who), log=log, correction=correction) for who in (people.group, ~people.group))
    (one, first), (other, second) = groups
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        if correction == "cr3":
            first, second = (v * c.people / (c.people - 1) for v, c in ((first, one), (second, other)))
        df = welch_df(first, np.maximum(one.people - 1, 1), second, np.maximum(other.people - 1, 1))
        return ChangeContrast(one.value - other.value, first + second, df, one, other)


def log_change(group: PairedOutcomes) -> tuple[Floats, Floats, Floats]:
    """Return the log ratio of one group's pooled rates, its jackknife variance and degrees of freedom, (R,) each.

    They are those of the group in `people_contrast` and `cluster_contrast`.

    Parameters
    ----------
    group : PairedOutcomes
        With a replicate axis.
    """
    if group.own_days is None:
        change, variance = _of_people(group, log=True, correction="jackknife")
        return change.value, variance, np.maximum(change.people - 1, 1)
    data = _people(group, either=False)
    cells = _cells(data, log=True)
    return clustered_contrast(cells, SIGNS[:2], _working(cells, data.weight, "jackknife"), "jackknife", data.weight)


def _of_people(group: PairedOutcomes, *, log: bool, correction: str) -> tuple[GroupChange, Floats]:
    """Return the change of a group and its variance: that of the jackknife, or linearised with the divisor n - 1."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if not log:
            m = group.moments
            return GroupChange(m.mean_change, m.n, m.mean_pre, m.mean_post, m.mean_pre), m.sd_change**2 / m.n
        complete = group.filled()
        totals, robust = pooled_rates(group, complete)
        before, after = totals.before / robust.people, totals.after / robust.people
        change = GroupChange(robust.log_ratio, robust.people, before, after, before)
        if correction == "jackknife":
            variance = jackknife_variance(*complete)
            return change, np.where(robust.std_error > 0, variance, robust.std_error)  # 0: all in one proportion
        return change, robust.std_error**2 * robust.people / (robust.people - 1)


def cluster_contrast(
    people: PairedOutcomes, *, log: bool, correction: str, cluster: NDArray[np.int64] | None, either: bool
) -> ChangeContrast:
    """Contrast the changes of two groups from the means of four cells, with any clusters.

    Parameters
    ----------
    people : PairedOutcomes
        With a replicate axis and both groups.
    log, correction
        As in `people_contrast`. Degrees of freedom are Satterthwaite's, the working variance of each group that of its
        people: for people as clusters they are Welch's.
    cluster : ndarray, optional
        (n,) place of each person's cluster, from 0; people by default. Groups may share clusters.
    either : bool
        Whether people with one window count in it; else those alone who have both.
    """
    data = _people(people, either=either)
    groups = [
        data._replace(days=data.days * who[:, None], outcome=data.outcome * who[:, None])
        for who in (people.group, ~people.group)
    ]
    alone = [_cells(group, log=log) for group in groups]
    own = [_working(cells, group.weight, correction) for cells, group in zip(alone, groups, strict=True)]
    working = (*own[0], *own[1])
    changes = [_change(cells, group) for cells, group in zip(alone, groups, strict=True)]
    rates = _rates(changes, groups) if log else [cells[1].value for cells in alone]
    managed, comparison = (change._replace(rate=rate) for change, rate in zip(changes, rates, strict=True))
    if cluster is None:
        fit = clustered_contrast((*alone[0], *alone[1]), SIGNS, working, correction, data.weight)
        return ChangeContrast(*fit, managed, comparison)
    summed = [_summed(group, cluster) for group in groups]
    cells = [_cells(group, log=log) for group in summed]
    fit = clustered_contrast((*cells[0], *cells[1]), SIGNS, working, correction)
    sizes = [
        _summed(group._replace(outcome=(group.days > 0).astype(np.float64)), cluster).outcome.mean(-1)
        for group in groups
    ]
    return ChangeContrast(*fit, managed, comparison, *_regression(cells, (managed, comparison), sizes))


def _people(people: PairedOutcomes, *, either: bool) -> _Group:
    seen = ~np.isnan(people.pairs) if people.pairs.dtype.kind == "f" else np.ones((1, *people.pairs.shape[1:]), bool)
    if not either:
        seen = seen & seen.all(-1, keepdims=True)
    days = np.ones(2) if people.exposure is None else people.exposure
    weight = np.ones((1, people.pairs.shape[1])) if people.weight is None else np.atleast_2d(people.weight) * 1.0
    seen = seen & (weight > 0)[..., None]
    return _Group(np.where(seen, people.pairs, 0.0), np.where(seen, days, 0.0), weight)


def _cells(group: _Group, *, log: bool) -> tuple[CellMean, CellMean]:
    """Return the cells after and before."""
    after, before = (cell_mean(group.outcome[..., t], group.days[..., t], group.weight, log=log) for t in (1, 0))
    return after, before


def _working(cells: tuple[CellMean, CellMean], weight: Floats, correction: str) -> tuple[Floats, Floats]:
    """Return the variances that people would give each cell if they were independent, together that of the change."""
    with np.errstate(invalid="ignore", divide="ignore"):
        after, before = (contribution(cell, "cr2" if correction == "cr3" else correction) for cell in cells)
        change = (weight * (after - before) ** 2).sum(-1)
        own = (weight * after**2).sum(-1), (weight * before**2).sum(-1)
        both = np.where(sum(own) == 0, 1.0, sum(own))  # people all alike have no variance, in either window
        return change * own[0] / both, change * own[1] / both


def _change(cells: tuple[CellMean, CellMean], group: _Group) -> GroupChange:
    seen = group.days > 0
    people = (group.weight * seen.any(-1)).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = (
            (group.weight * group.outcome[..., t]).sum(-1) / (group.weight * seen[..., t]).sum(-1) for t in (0, 1)
        )
        change = np.broadcast_arrays(cells[0].value - cells[1].value, people, before, after, before)
    return GroupChange(*change)


def _rates(changes: list[GroupChange], groups: list[_Group]) -> list[Floats]:
    """Return each group's mean before at the average days of all."""
    days = [(group.weight * group.days[..., 0]).sum(-1) for group in groups]
    people = [(group.weight * (group.days[..., 0] > 0)).sum(-1) for group in groups]
    with np.errstate(invalid="ignore", divide="ignore"):
        average = sum(days) / sum(people)
        return [c.before * n / d * average for c, n, d in zip(changes, people, days, strict=True)]


def _summed(group: _Group, cluster: NDArray[np.int64]) -> _Group:
    """Return sums over the people of each cluster, of whom each counts as often as its weight says."""
    order = np.argsort(cluster, kind="stable")
    first = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 1))
    weight = group.weight[..., None]
    sums = [np.add.reduceat((weight * values)[:, order], first, axis=1) for values in (group.outcome, group.days)]
    return _Group(sums[0], sums[1], np.ones((1, len(first))))


def _regression(
    cells: list[tuple[CellMean, CellMean]], changes: tuple[GroupChange, GroupChange], sizes: list[Floats]
) -> tuple[Floats, Floats]:
    managed, comparison = (
        size * change.value[:, None] + size.sum(-1, keepdims=True) * (pair[0].influence - pair[1].influence)
        for size, change, pair in zip(sizes, changes, cells, strict=True)
    )
    shape = managed.shape
    one, both = np.broadcast_to(sizes[0], shape), np.broadcast_to(sizes[0] + sizes[1], shape)
    gram = np.stack([both, one, one, one], axis=-1).reshape(*shape, 2, 2)
    return gram, np.stack([managed + comparison, managed], axis=-1)
