"""Bayes factor, power, sample size and bootstrap: against quadrature, scipy and other people's figures."""

import numpy as np
import pytest
from scipy import integrate, stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.bayes_factor import jzs_log_bf10
from iom_causal.numerics.inference.bootstrap import (
    bca_interval,
    leave_one_out_weights,
    resampling_weights,
    unique_pairs,
    weighted_moments,
)
from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.inference.power import (
    paired_detectable,
    paired_power,
    paired_sample_size,
    ratio_sample_size,
)

EXACT = 1e-12


def test_bayes_factors_that_other_software_prints():
    assert float(np.exp(jzs_log_bf10(3.5, 20))) == pytest.approx(17.185, abs=5e-4)
    assert float(np.exp(jzs_log_bf10(3.5, 10, df=38))) == pytest.approx(26.743, abs=1e-3)
    assert float(np.exp(jzs_log_bf10(-2.3078, 5))) == pytest.approx(1.561, abs=5e-4)
    assert float(np.exp(jzs_log_bf10(-5.902, 4))) == pytest.approx(7.169, abs=5e-3)


@pytest.mark.parametrize(("t", "n", "scale"), [(0.0, 10, 0.707), (2.0, 30, 1.0), (-4.0, 12, 0.3)])
def test_bayes_factor_is_the_ratio_of_averaged_likelihoods(t, n, scale):
    def slice_of(d):
        return stats.nct.pdf(t, n - 1, d * n**0.5) * stats.cauchy.pdf(d, scale=scale)

    with_change = integrate.quad(slice_of, -8, 8, points=[0.0, t / n**0.5], epsabs=0, epsrel=1e-9, limit=300)[0]
    without = stats.t.pdf(t, n - 1)
    assert float(jzs_log_bf10(t, n, scale=scale)) == pytest.approx(np.log(with_change / without), abs=1e-4)


def test_bayes_factor_of_many_is_that_of_each():
    t, n = np.array([0.0, 3.0, 1e4]), np.array([1e6, 2.0, 50.0])
    many = jzs_log_bf10(t, n)
    assert many == pytest.approx([float(jzs_log_bf10(a, b)) for a, b in zip(t, n, strict=True)], rel=EXACT)
    with pytest.raises(InputError, match="IOM-E092"):
        jzs_log_bf10(np.nan, 10)


@pytest.mark.parametrize("sides", ["two-sided", "one-sided"])
def test_power_is_a_noncentral_area(sides):
    n, d = np.array([5, 20, 60]), 0.4
    cut = stats.t.isf(0.05 / (2 if sides == "two-sided" else 1), n - 1)
    theirs = stats.nct.sf(cut, n - 1, d * n**0.5)
    if sides == "two-sided":
        theirs = theirs + stats.nct.cdf(-cut, n - 1, d * n**0.5)
    power = paired_power(n, d, sides=sides)
    assert power == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("d", [0.08, 0.5, -1.3, 4.0])
def test_sample_size_is_the_first_with_the_power(d):
    n = paired_sample_size(d, power=0.9)
    assert paired_power(n, d) >= 0.9
    assert n == 2 or paired_power(n - 1, d) < 0.9


def test_detectable_change_has_exactly_the_power():
    d = paired_detectable(36, power=0.8)
    assert float(paired_power(36, d)) == pytest.approx(0.8, rel=1e-11)


def test_sizes_for_the_published_ratio():
    cv = {"cv_pre": 4.75 / 6.84, "cv_post": 3.66 / 3.61, "r": 0.53554}
    assert ratio_sample_size(0.8, **cv) == 120
    assert ratio_sample_size(0.9, **cv) == pytest.approx(535, abs=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: paired_power(1, 0.5),
        lambda: paired_power(10, 0.5, alpha=0.0),
        lambda: paired_power(10, 0.5, sides="left"),
        lambda: paired_sample_size(0.0),
        lambda: paired_sample_size(0.5, power=1.0),
        lambda: paired_detectable(10, power=0.05),
        lambda: ratio_sample_size(1.0, cv_pre=1, cv_post=1, r=0),
    ],
)
def test_impossible_requests_get_typed_errors(call):
    with pytest.raises(InputError, match=r"IOM-E0(60|92)"):
        call()


def pairs_of(n=50, seed=2):
    rng = np.random.default_rng(seed)
    return rng.poisson(4.0, (n, 2))


def test_weighted_moments_are_those_of_the_repeated_people():
    pairs = unique_pairs(pairs_of())
    weights = resampling_weights(pairs.counts, 6, np.random.default_rng(1))
    got = weighted_moments(pairs.values, weights)
    for k in range(6):
        whole = paired_moments(np.repeat(pairs.values, weights[k].astype(int), axis=0))
        assert [float(x[k]) for x in got] == pytest.approx([float(x) for x in whole], rel=1e-10, abs=1e-12)


def test_resampling_keeps_the_number_of_people():
    pairs = unique_pairs(pairs_of())
    weights = resampling_weights(pairs.counts, 500, np.random.default_rng(1))
    assert set(weights.sum(-1)) == {50.0}
    assert weights.mean(0) == pytest.approx(pairs.counts, abs=5 * (pairs.counts.max() / 500) ** 0.5)


def test_bca_is_scipys_on_the_same_people():
    pairs = pairs_of(60)
    cells = unique_pairs(pairs)

    def ratio(weights):
        a, b = (weights @ cells.values).T
        return b / a

    ours = bca_interval(
        float(ratio(cells.counts[None])[0]),
        ratio(resampling_weights(cells.counts, 20_000, np.random.default_rng(3))),
        ratio(leave_one_out_weights(cells.counts)),
        cells.counts,
        level=0.9,
    )
    theirs = stats.bootstrap(
        tuple(pairs.T),
        lambda a, b, axis=-1: b.sum(axis) / a.sum(axis),
        paired=True,
        confidence_level=0.9,
        n_resamples=20_000,
        rng=np.random.default_rng(4),
    )
    assert ours.method == "BCa"
    width = ours.high - ours.low
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.04 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.04 * width)
    assert ours.std_error == pytest.approx(theirs.standard_error, rel=0.04)


def test_bca_falls_back_where_the_jackknife_is_constant():
    values = np.random.default_rng(5).normal(size=500)
    got = bca_interval(0.0, np.append(values, np.nan), np.ones(4), np.ones(4), level=0.95)
    assert (got.method, got.undefined) == ("percentile", 1)
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))
    none = bca_interval(0.0, np.array([np.nan]), np.ones(2), np.ones(2), level=0.95)
    assert np.isnan(none.low)


def test_unique_pairs_count_weights_and_leave_missing_out():
    pairs = np.array([[3.0, 1.0], [np.nan, 2.0], [3.0, 1.0], [4.0, 4.0]])
    got = unique_pairs(pairs, np.array([1, 1, 2, 0]))
    assert got.values.tolist() == [[3.0, 1.0]]
    assert got.counts.tolist() == [3.0]


def test_bca_moves_towards_the_long_tail():
    x = np.random.default_rng(6).exponential(size=40)
    counts = np.ones(40)
    values = resampling_weights(counts, 8000, np.random.default_rng(7)) @ x / 40
    jackknife = leave_one_out_weights(counts) @ x / 39
    got = bca_interval(x.mean(), values, jackknife, counts, level=0.95)
    plain = np.quantile(values, [0.025, 0.975])
    assert got.method == "BCa"
    assert got.low > plain[0]
    assert got.high > plain[1]
