"""Values and clustered errors of cell means and their logs, against what leaving each cluster out gives."""

import json
from pathlib import Path

import numpy as np
import pytest

from iom_causal.numerics.comparison.cell_means import CORRECTIONS, cell_mean, clustered_contrast, contribution
from tests.oracles.cluster_robust import cluster_robust, satterthwaite_df

R = json.loads((Path(__file__).parents[2] / "reference" / "r" / "cluster_robust.json").read_text(encoding="utf-8"))
I = np.arange(1, 41)
CLUSTER = np.repeat([1, 2, 3, 4, 5, 6], [3, 5, 12, 4, 9, 7])
WHOLE, WITHIN = CLUSTER <= 3, I % 3 == 0
PAIRS = np.column_stack([I * 7 % 11 + 1, I * 5 % 7 + I % 3]).astype(float)
EXACT = 1e-12


def clusters(seed=3, replicates=4, size=7):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, (replicates, size)).astype(float)
    sizes[:, 2] = 0.0  # a cluster that the cell lacks
    return (
        rng.poisson(3.0 * sizes).astype(float) + (sizes > 0),
        sizes,
        rng.integers(1, 4, (replicates, size)).astype(float),
    )


@pytest.mark.parametrize("log", [False, True])
def test_a_cell_is_its_mean_and_what_is_left_of_it_without_each_cluster(log):
    sums, sizes, weight = clusters()
    cell = cell_mean(sums, sizes, weight, log=log)
    f = np.log if log else np.asarray
    for r in range(len(sums)):
        total, size = (weight[r] * sums[r]).sum(), (weight[r] * sizes[r]).sum()
        assert cell.value[r] == pytest.approx(f(total / size), rel=EXACT)
        for g in range(sums.shape[1]):  # one of those that the weight counts
            without = f((total - sums[r, g]) / (size - sizes[r, g]))
            assert cell.deletion[r, g] == pytest.approx(f(total / size) - without, abs=EXACT)
        step = 1e-6
        moved = f((total + step * sums[r]) / (size + step * sizes[r]))
        assert cell.influence[r] == pytest.approx((moved - cell.value[r]) / step, abs=1e-5)
    assert (weight * cell.influence).sum(-1) == pytest.approx(0.0, abs=EXACT)


def test_people_as_clusters_have_the_variance_of_a_mean_and_its_multiples():
    y = np.random.default_rng(2).poisson(4.0, (3, 11)).astype(float)
    cell = cell_mean(y, np.ones((1, 11)), log=False)
    variances = {c: (contribution(cell, c) ** 2).sum(-1) for c in CORRECTIONS}
    usual = y.var(axis=-1, ddof=1) / 11
    for correction, times in {"jackknife": 1.0, "cr2": 1.0, "cr3": 11 / 10, "none": 10 / 11}.items():
        assert variances[correction] == pytest.approx(usual * times, rel=EXACT)


def test_the_jackknife_of_a_log_is_wider_than_its_derivative_where_one_person_has_most():
    y = np.array([[20.0, 1.0, 2.0, 1.0, 0.0, 2.0]])
    cell = cell_mean(y, np.ones((1, 6)), log=True)
    jackknife, derivative = (float((contribution(cell, c) ** 2).sum()) for c in ("jackknife", "cr2"))
    left = [np.log((26 - v) / 5) for v in y[0]]
    assert jackknife == pytest.approx(5 / 6 * sum((np.log(26 / 6) - v) ** 2 for v in left), rel=EXACT)
    assert jackknife > 2 * derivative
    alone = cell_mean(np.array([[5.0, 0.0]]), np.ones((1, 2)), log=True)
    assert np.isinf(contribution(alone, "jackknife")[0, 0])  # nothing is left without the one who has all


def two_by_two(managed, cluster, *, log, outcome=PAIRS):
    """Return the cells of both groups in both windows, by cluster; the signs of a difference in differences."""
    _, place = np.unique(cluster, return_inverse=True)
    cells = []
    for who in (managed, ~managed):
        sizes = np.bincount(place, who)[None]
        cells += [cell_mean(np.bincount(place, who * outcome[:, t])[None], sizes, log=log) for t in (1, 0)]
    return tuple(cells), (1, -1, -1, 1)


@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
@pytest.mark.parametrize(
    ("name", "managed", "cluster"),
    [
        ("whole_by_cluster", WHOLE, CLUSTER),
        ("within_by_cluster", WITHIN, CLUSTER),
        ("whole_by_person", WHOLE, I),
    ],
)
def test_the_log_ratio_of_ratios_is_poisson_regression_by_clubsandwich(kind, name, managed, cluster):
    theirs = R["poisson"][name][kind]
    cells, signs = two_by_two(managed, cluster, log=True)
    correction = {"CR0": "none"}.get(kind, kind.lower())
    fit = clustered_contrast(cells, signs, (np.ones(1),) * 4, correction)
    assert fit.value[0] == pytest.approx(theirs["estimate"], rel=1e-7)
    assert fit.variance[0] == pytest.approx(theirs["variance"], rel=1e-7)


@pytest.mark.parametrize("kind", ["CR0", "CR2", "CR3"])
@pytest.mark.parametrize("managed", [WHOLE, WITHIN], ids=["whole", "within"])
def test_the_difference_is_least_squares_of_the_changes_with_its_degrees_of_freedom(kind, managed):
    change = PAIRS[:, 1] - PAIRS[:, 0]
    x = np.column_stack([np.ones(40), managed])
    _, place = np.unique(CLUSTER, return_inverse=True)
    cells = tuple(
        cell_mean(np.bincount(place, who * change)[None], np.bincount(place, who)[None], log=False)
        for who in (managed, ~managed)
    )
    working = tuple(np.array([1 / who.sum()]) for who in (managed, ~managed))  # one variance for all people
    fit = clustered_contrast(cells, (1, -1), working, {"CR0": "none"}.get(kind, kind.lower()))
    theirs = cluster_robust(x, change, CLUSTER, kind=kind)
    assert fit.value[0] == pytest.approx(theirs.coefficients[1], rel=EXACT)
    assert fit.variance[0] == pytest.approx(theirs.covariance[1, 1], rel=1e-9)
    assert fit.df[0] == pytest.approx(satterthwaite_df(x, [0, 1], CLUSTER, kind=kind), rel=1e-9)


def test_clusters_that_count_twice_are_two_clusters():
    cells, signs = two_by_two(WHOLE, I, log=True)
    twice, _ = two_by_two(np.tile(WHOLE, 2), np.arange(80), log=True, outcome=np.tile(PAIRS, (2, 1)))
    ones = (np.ones(1),) * 4
    weighted = tuple(
        cell_mean(np.where(who, PAIRS[:, t], 0.0)[None], who[None].astype(float), np.full((1, 40), 2.0), log=True)
        for who in (WHOLE, ~WHOLE)
        for t in (1, 0)
    )
    one = clustered_contrast(twice, signs, ones, "jackknife")
    other = clustered_contrast(weighted, signs, ones, "jackknife", np.full((1, 40), 2.0))
    assert np.ravel(one) == pytest.approx(np.ravel(other), rel=EXACT)
    assert one.variance[0] < clustered_contrast(cells, signs, ones, "jackknife").variance[0]
