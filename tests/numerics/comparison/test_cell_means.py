"""Values and clustered errors of cell means and their logs, against what leaving each cluster out gives."""

import numpy as np
import pytest

from iom_causal.numerics.comparison.cell_means import CORRECTIONS, cell_mean, contribution

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
