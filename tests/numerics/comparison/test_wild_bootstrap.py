"""The wild cluster bootstrap against a regression fitted anew for every pattern of weights."""

import itertools

import numpy as np
import pytest

from iom_causal.numerics.comparison.wild_bootstrap import RADEMACHER, WEBB, wild_bootstrap

EXACT = 1e-9


def rows(clusters=5, seed=1, *, within=False):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), rng.integers(2, 7, clusters))
    treated = rng.integers(0, 2, cluster.size) if within else (cluster < clusters // 2).astype(int)
    y = rng.normal(size=cluster.size) + rng.normal(size=clusters)[cluster] + treated
    return np.column_stack([np.ones(cluster.size), treated, rng.normal(size=cluster.size)]), y, cluster


def summed(x, y, cluster):
    where = [cluster == g for g in range(cluster.max() + 1)]
    return np.stack([x[w].T @ x[w] for w in where]), np.stack([x[w].T @ y[w] for w in where])


def t_of(x, y, cluster, null):
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    e = y - x @ b
    scores = np.stack([x[cluster == g].T @ e[cluster == g] for g in range(cluster.max() + 1)])
    return (b[1] - null) / np.sqrt((bread @ scores.T @ scores @ bread)[1, 1])


def test_webbs_weights_are_his_six_with_mean_0_and_variance_1():
    assert sorted(WEBB) == pytest.approx([-1.224744871, -1.0, -0.707106781, 0.707106781, 1.0, 1.224744871], rel=1e-8)
    assert (np.mean(WEBB), np.var(WEBB)) == pytest.approx((0.0, 1.0), abs=EXACT)


def test_signs_are_counted_of_few_clusters_and_webbs_weights_of_fewer():
    for clusters, patterns, counted in ((4, 6**4 / 2, True), (6, 2**5, True), (14, 2**13, True), (15, 9999, False)):
        boot = wild_bootstrap(*summed(*rows(clusters)), at=1, rng=np.random.default_rng(1))
        assert (len(boot.shift), boot.counted) == (patterns, counted)


@pytest.mark.parametrize("values", [RADEMACHER, WEBB], ids=["rademacher", "webb"])
@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("null", [0.0, 0.7])
def test_the_p_value_is_that_of_fitting_every_pattern(values, within, null):
    x, y, cluster = rows(4 if values is WEBB else 5, within=within)
    boot = wild_bootstrap(*summed(x, y, cluster), at=1, values=values)
    others = np.delete(x, 1, axis=1)
    free = np.linalg.lstsq(others, y - null * x[:, 1])[0]
    fitted = others @ free + null * x[:, 1]
    observed = abs(t_of(x, y, cluster, null))
    hits = [
        abs(t_of(x, fitted + np.array(v)[cluster] * (y - fitted), cluster, null)) >= observed * (1 - 1e-9)
        for v in itertools.product(values, repeat=cluster.max() + 1)
    ]
    assert boot.p_value(null) == pytest.approx(np.mean(hits), rel=EXACT)
    assert (boot.estimate - null) / boot.std_error == pytest.approx(t_of(x, y, cluster, null), rel=EXACT)


def test_the_interval_holds_the_nulls_that_are_not_rejected():
    boot = wild_bootstrap(*summed(*rows(6)), at=1)
    low, high = boot.interval(0.95)
    assert low < boot.estimate < high
    for end, side in ((low, -1), (high, 1)):
        assert boot.p_value(end - side * 1e-6) > 0.05 >= boot.p_value(end + side * 1e-6)


def test_with_too_few_patterns_no_null_is_rejected():
    boot = wild_bootstrap(*summed(*rows(4)), at=1, values=RADEMACHER)  # 8 patterns up to a sign
    assert boot.p_value(1e6) == 1 / 8
    assert boot.interval(0.95) == (-np.inf, np.inf)


def test_many_clusters_are_drawn_and_nearly_counted():
    sums = summed(*rows(16, seed=4))
    with pytest.raises(ValueError, match="rng="):
        wild_bootstrap(*sums, at=1)
    one, two = (wild_bootstrap(*sums, at=1, rng=np.random.default_rng(3), draws=4000) for _ in range(2))
    assert one.p_value() == two.p_value()
    other = wild_bootstrap(*sums, at=1, rng=np.random.default_rng(4), draws=40_000)
    assert one.p_value() == pytest.approx(other.p_value(), abs=4 * np.sqrt(0.25 / 4000))
    assert not one.counted
