import numpy as np
import pytest
from scipy import integrate, stats

from iom_causal.numerics.inference.ratios import robust_from_people
from iom_causal.numerics.sensitivity.placebo_dates import (
    change_at,
    detectable_change,
    predict_change,
    series_change,
    shared_time,
    top_share,
)
from iom_causal.windows import Selection

EXACT = 1e-10
DERIVED = 1e-6  # central differences of a smooth function
FLAT = 1e-5  # of an SD of 1,000 for a mean that has no prior
AREA = 1e-7  # adaptive quadrature against 200 nodes


def people(seed=1, n=60):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 3.0, n)
    y1, y2 = rng.poisson(rate), rng.poisson(0.7 * rate)
    return y1, y2, rng.integers(200, 366, n), rng.integers(200, 366, n), rng.integers(1, 4, n).astype(float)


def test_of_everybody_it_is_the_robust_log_ratio_of_rates():
    y1, y2, t1, t2, w = people()
    here = change_at(y1, y2, t1, t2, share=np.ones(60), weight=w)
    there = robust_from_people(y1, y2, t1, t2, weight=w)
    assert float(here.log_ratio) == pytest.approx(float(there.log_ratio), rel=EXACT)
    n = w.sum()
    error = float(np.sqrt((w * here.influence**2).sum()))
    assert error == pytest.approx(float(there.std_error) * np.sqrt(n / (n - 1)), rel=EXACT)
    assert float((w * here.influence).sum()) == pytest.approx(0.0, abs=EXACT)


def test_replicates_are_worked_out_at_once():
    several = [people(seed) for seed in (1, 2, 3)]
    y1, y2, t1, t2, w = (np.stack(v) for v in zip(*several, strict=True))
    block = change_at(y1, y2, t1, t2, share=y1 >= 3, weight=w)
    for k, (a, b, c, d, e) in enumerate(several):
        one = change_at(a, b, c, d, share=a >= 3, weight=e)
        assert float(block.log_ratio[k]) == pytest.approx(float(one.log_ratio), rel=EXACT)
        assert block.influence[k] == pytest.approx(one.influence, rel=EXACT)


def test_influence_is_the_derivative_by_how_often_a_person_counts():
    y1, y2, t1, t2, w = people()
    share = 1 / (1 + np.exp(3 - y1))

    def value(weight):
        return float(change_at(y1, y2, t1, t2, share=share, weight=weight).log_ratio)

    n = (share * w).sum()
    scale = np.sqrt(n / (n - 1))
    influence = change_at(y1, y2, t1, t2, share=share, weight=w).influence / scale
    for i in range(0, 60, 7):
        step = 1e-5 * np.eye(60)[i]
        assert influence[i] == pytest.approx((value(w + step) - value(w - step)) / 2e-5, abs=DERIVED)


def test_so_it_is_where_places_go_to_the_highest_and_those_at_the_last_place_give_way():
    y1, y2, t1, t2, _ = people(n=61)
    w, places = np.ones(61), 20.5

    def value(weight):
        share, _ = top_share(y1, weight, places)
        return float(change_at(y1, y2, t1, t2, share=share, weight=weight).log_ratio)

    share, last = top_share(y1, w, places)
    assert last.sum() > 1
    found = change_at(y1, y2, t1, t2, share=share, weight=w, last=last)
    n = share.sum()
    slopes = np.array([(value(w + step) - value(w - step)) / 2e-5 for step in 1e-5 * np.eye(61)])
    assert found.influence == pytest.approx((slopes - slopes.mean()) * np.sqrt(n / (n - 1)), abs=DERIVED)


def test_places_are_those_of_the_rule_and_a_row_stands_for_its_people():
    counts, rule = [5, 2, 3, 3, 0], Selection("y", ("before",), "top", "at_boundary", threshold=2)
    assert top_share(counts, np.ones(5), 2)[0].tolist() == rule.probability(counts).tolist()
    share, last = top_share([5, 3, 2], [1, 2, 4], 2)
    assert share.tolist() == [1.0, 0.5, 0.0]
    assert last.tolist() == [False, True, False]
    assert top_share([5, 3], [1, 1], 9)[0].tolist() == [1.0, 1.0]


def test_one_person_or_no_event_gives_no_number():
    one = change_at([3, 0], [1, 5], 1.0, 1.0, share=[1, 0], weight=[1, 1])
    assert np.isinf(one.influence).any() or np.isnan(one.influence).any()
    assert change_at([3, 2], [0, 0], 1.0, 1.0, share=[1, 1], weight=[1, 1]).log_ratio == -np.inf


def test_dates_of_one_series_share_the_windows_that_they_share():
    y = np.array([40.0, 50.0, 60.0, 70.0])
    first, then = (series_change(y, np.ones(4), np.array([k]), np.array([k + 1])) for k in (0, 1))
    assert float(first.log_ratio) == pytest.approx(np.log(50 / 40))
    assert float((first.influence**2).sum()) == pytest.approx(1 / 40 + 1 / 50)
    assert float(first.influence @ then.influence) == pytest.approx(-1 / 50)


def test_shared_time_is_the_covariance_of_a_level_that_wanders():
    at, before, after = np.array([3.0, 4.0, 4.5, 9.0]), 2.0, 1.5
    steps = 4000
    time = (np.arange(steps) + 0.5) * 12 / steps
    weight = np.array(
        [
            np.clip(1 - (t - time) / before, 0, 1) * (time <= t) + np.clip(1 - (time - t) / after, 0, 1) * (time > t)
            for t in at
        ]
    )
    brute = weight @ weight.T
    assert shared_time(at, before, after) == pytest.approx(brute / np.diag(brute).mean(), abs=1e-5)  # its grid
    assert np.linalg.eigvalsh(shared_time(at, before, after)).min() > 0


def brute_force(d, sampling, shape, between):
    """The predictive probability below a change, by quadrature of joint normal densities with a very wide mean."""
    k = len(d)

    def given(sd):
        joint = sampling + sd**2 * shape + 1e6 * np.ones((k + 1, k + 1))
        solved = np.linalg.solve(joint[:k, :k], joint[:k, k])
        density = stats.multivariate_normal(np.zeros(k), joint[:k, :k]).logpdf(d) - (sd / between) ** 2 / 2
        return density, solved @ d, np.sqrt(joint[k, k] - joint[k, :k] @ solved)

    top = max(given(sd)[0] for sd in np.linspace(1e-4, 8 * between, 400))

    def part(sd, x):
        density, mean, error = given(sd)
        return np.exp(density - top) * stats.norm.cdf((x - mean) / error)

    whole = integrate.quad(lambda sd: np.exp(given(sd)[0] - top), 0, 8 * between, epsabs=1e-12)[0]
    return lambda x: integrate.quad(part, 0, 8 * between, args=(x,), epsabs=1e-12)[0] / whole


def example():
    rng = np.random.default_rng(2)
    shape = shared_time([2.0, 3.0, 4.0, 5.0, 7.0], 2.0, 2.0)
    root = rng.normal(size=(5, 9)) * 0.05
    return np.array([-0.6, -0.45, -0.7, -0.52]), root @ root.T, shape


@pytest.mark.parametrize("between", [0.02, 0.1, 0.5])
def test_the_prediction_is_that_of_joint_normals_averaged_over_the_sd(between):
    d, sampling, shape = example()
    found, brute = predict_change(d, sampling, shape, between=between), brute_force(d, sampling, shape, between)
    for x in (-1.2, -0.7, -0.55, -0.4, 0.3):
        assert float(found.below(x)) == pytest.approx(brute(x), abs=FLAT)
    assert float(found.below(-0.55) + found.above(-0.55)) == pytest.approx(1.0, abs=EXACT)
    assert float(found.below(found.quantile(0.975))) == pytest.approx(0.975, abs=EXACT)


def test_without_variation_between_dates_it_is_the_prediction_from_a_mean():
    found = predict_change([-0.6, -0.5, -0.7], 0.04 * np.eye(4), np.eye(4), between=1e-6)
    assert found.middle == pytest.approx(-0.6)
    assert found.quantile(0.975) == pytest.approx(-0.6 + stats.norm.ppf(0.975) * np.sqrt(0.04 * 4 / 3), abs=AREA)


def test_people_whom_dates_share_carry_over():
    """A date before whose chance errors are the real one's own predicts it."""
    sampling = 0.04 * np.eye(4)
    sampling[2, 3] = sampling[3, 2] = 0.039
    alone = predict_change([0.0, 0.0, 0.3], 0.04 * np.eye(4), np.eye(4), between=0.01)
    shared = predict_change([0.0, 0.0, 0.3], sampling, np.eye(4), between=0.01)
    assert alone.middle == pytest.approx(0.1, abs=1e-3)  # the mean, but for what little dates vary
    assert shared.middle > 0.25
    assert shared.std_error.max() < alone.std_error.min()


def test_a_change_that_is_detectable_is_outside_the_interval_as_often_as_it_says():
    d, sampling, shape = example()
    found = predict_change(d, sampling, shape, between=0.1)
    fall = detectable_change(found, level=0.95, power=0.8)
    low, high = found.quantile(0.025), found.quantile(0.975)
    assert float(found.below(low - fall) + found.above(high - fall)) == pytest.approx(0.8, abs=EXACT)
    assert float(found.below(low - fall / 2) + found.above(high - fall / 2)) < 0.8


def flagged(sims, sd_of, *, seed=5):
    """How many of so many draws of the model lie outside, and below, at .05."""
    _, sampling, shape = example()
    rng = np.random.default_rng(seed)
    p = []
    for _ in range(sims):
        joint = sampling + sd_of(rng) ** 2 * shape
        d = np.linalg.cholesky(joint) @ rng.standard_normal(5)
        p.append(float(predict_change(d[:-1], sampling, shape, between=0.1).below(d[-1])))
    p = np.array(p)
    return int((2 * np.minimum(p, 1 - p) < 0.05).sum()), int((p < 0.05).sum()), p


@pytest.mark.slow
def test_averaged_over_its_prior_its_size_is_exact():
    two_sided, below, p = flagged(10_000, lambda rng: abs(rng.normal(0, 0.1)))
    least, most = stats.binom.ppf(5e-5, 10_000, 0.05), stats.binom.isf(5e-5, 10_000, 0.05)
    assert least <= two_sided <= most
    assert least <= below <= most
    assert stats.kstest(p, "uniform").pvalue > 1e-4


def test_its_size_in_fewer_draws():
    two_sided, below, _ = flagged(1_000, lambda rng: abs(rng.normal(0, 0.1)))
    least, most = stats.binom.ppf(5e-5, 1_000, 0.05), stats.binom.isf(5e-5, 1_000, 0.05)
    assert least <= two_sided <= most
    assert least <= below <= most
