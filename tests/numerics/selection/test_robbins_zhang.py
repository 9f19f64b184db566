import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError
from iom_causal.numerics.careers import frailty_memory as memory
from iom_causal.numerics.selection import robbins_zhang as rz
from iom_causal.windows import Selection

SIZE = 1_000_000
NOISE = 4  # standard errors of a simulation
LAWS = {
    "gamma": lambda rng: rng.gamma(0.7, 2 / 0.7, SIZE),
    "lognormal": lambda rng: 2 * np.exp(rng.normal(-0.5, 1.0, SIZE)),
    "two classes": lambda rng: np.where(rng.random(SIZE) < 0.9, 0.8, 9.0),
}


def within_noise(simulated, expected):
    assert abs(simulated.mean() - expected) < NOISE * simulated.std() / simulated.size**0.5


@pytest.mark.parametrize("law", LAWS)
def test_whatever_the_law_of_rates_a_threshold(law):
    rng = np.random.default_rng(11)
    rate = LAWS[law](rng)
    before, after = rng.poisson(rate), rng.poisson(rate)
    y1, y2 = before[before >= 4], after[before >= 4]
    u = rz.equivalent_counts(y1, np.ones_like(y1), y1 - 1 >= 4)
    within_noise(y2 - u, 0.0)
    assert u.sum() == y1[y1 > 4].sum()


@pytest.mark.parametrize("law", LAWS)
def test_whatever_the_law_of_rates_a_soft_rule(law):
    rng = np.random.default_rng(12)
    rate = LAWS[law](rng)
    before, after = rng.poisson(rate), rng.poisson(0.75 * rate)
    rule = Selection("arrests", ("before",), "soft", "at_boundary", threshold=6, softness=1.5)
    picked = rng.random(SIZE) < rule.probability(before)
    y1, y2 = before[picked], after[picked]
    u = rz.equivalent_counts(y1, rule.probability(y1), rule.probability(y1 - 1))
    fit = rz.remainder(y2, u)
    assert abs(float(fit.log_ratio) - np.log(0.75)) < NOISE * float(fit.std_error)
    shift = float(rz.log_shift(y1, u))
    assert shift + float(fit.log_ratio) == pytest.approx(np.log(y2.sum() / y1.sum()), rel=1e-12)


@pytest.mark.parametrize(("people", "expected"), [(225, 0.947), (50, 0.944)])
def test_coverage(people, expected):
    rng = np.random.default_rng(13)
    rate = rng.gamma(1.4, 5 / 1.4, 4_000_000)
    before = rng.poisson(rate)
    rate = rate[before >= 4]
    y1 = before[before >= 4][: people * 8000].reshape(-1, people)
    y2 = rng.poisson(0.8 * rate[: y1.size]).reshape(y1.shape)
    fit = rz.remainder(y2, np.where(y1 > 4, y1, 0))
    covers = (np.abs(fit.log_ratio - np.log(0.8)) < 1.959964 * fit.std_error).mean()
    assert covers == pytest.approx(expected, abs=NOISE * (0.05 * 0.95 / len(y1)) ** 0.5)


def test_weights_and_replicates_stand_for_people():
    rng = np.random.default_rng(14)
    y1, y2 = 3 + rng.poisson(2, 40), rng.poisson(3, 40)
    u = np.where(y1 > 3, y1, 0)
    w = rng.integers(0, 3, (5, 40))
    block = rz.remainder(y2, u, (2.0, 1.0), w)
    for k in range(5):
        one = rz.remainder(np.repeat(y2, w[k]), np.repeat(u, w[k]), (2.0, 1.0))
        assert float(block.log_ratio[k]) == pytest.approx(float(one.log_ratio), rel=1e-12)
        assert float(block.std_error[k]) == pytest.approx(float(one.std_error), rel=1e-12)


def kibble(rng, shape, mean, rho, size):
    rate = rng.gamma(shape, 1 / shape, size)
    hidden = rng.poisson(shape * rho * rate / (1 - rho))
    return mean * rate, mean * rng.gamma(shape + hidden, (1 - rho) / shape)


def test_rates_that_drift():
    rng = np.random.default_rng(15)
    first, second = kibble(rng, 1.4, 5.0, 0.6, SIZE)
    before, after = rng.poisson(first), rng.poisson(second)
    y1, y2 = before[before >= 4], after[before >= 4]
    static = rz.log_shift(y1, np.where(y1 > 4, y1, 0))
    shift = float(rz.drifting_log_shift(static, 0.6, 5.0, y1.mean()))
    within_noise(y2, y1.mean() * np.exp(shift))
    stored = 6.5307145  # closed form of the same Kibble pair
    assert y1.mean() * np.exp(shift) == pytest.approx(stored, rel=NOISE * y1.std() / y1.size**0.5 / y1.mean())
    assert rz.forward_slope(before, after) == pytest.approx(0.6, abs=0.01)  # simulation noise of a covariance


def test_the_static_bound_is_false_when_rates_drift():
    mean, picked = 4.184, 6.84
    assert float(rz.least_ratio(1.1)) == pytest.approx(1 / 1.1, rel=1e-12)
    assert float(rz.least_ratio(1.1, 0.794, mean, picked)) < float(rz.least_ratio(1.1))


def test_the_bound_holds_under_a_soft_rule():
    rng = np.random.default_rng(16)
    rate = rng.gamma(0.7, 2 / 0.7, SIZE)
    before = rng.poisson(rate)
    chance = np.minimum(0.01 * 1.15**before, 1.0)  # each event more multiplies it by at most 1.15
    picked = rng.random(SIZE) < chance
    ratio = rate[picked].mean() / before[picked].mean()
    assert ratio > float(rz.least_ratio(1.15))
    assert ratio == pytest.approx(float(rz.least_ratio(1.15)), rel=0.02)  # the bound is nearly reached by this rule


def test_window_moments():
    assert round(float(memory.window_variance(1.3, 1.0)), 7) == 0.6775524
    assert round(float(memory.window_covariance(1.3, 1.0, 0.2 / 1.3)), 7) == 0.2563790
    # A grid of the covariance function is the definition.
    t = (np.arange(2000) + 0.5) / 2000
    grid = np.exp(-0.8 * np.abs(t[:, None] - t)).mean()
    assert float(memory.window_variance(0.8, 1.0)) == pytest.approx(grid, rel=1e-6)  # midpoint rule
    assert float(memory.window_variance(1e-9, 1.0)) == pytest.approx(1.0, rel=1e-9)
    below, above = memory.window_variance(np.array([0.999e-3, 1.001e-3]), 1.0)
    assert below - above == pytest.approx(2e-6 / 3, rel=1e-2)  # the series meets the closed form without a step


def test_picking_on_the_rate_itself():
    rng = np.random.default_rng(17)
    index, own = rng.normal(size=(2, SIZE))
    log_rate = 0.7 * (0.6 * index + 0.8 * own)
    rate = 2 * np.exp(log_rate - 0.245)
    cut = np.sort(index)[-SIZE // 10]
    within_noise(rate[index >= cut], float(memory.picked_on_rate(2.0, 0.1, 0.7, 0.6)))
    early, late = memory.picked_on_rate(2.0, 0.1, 0.7, np.array([0.6, 0.6]))
    assert early == late


def test_a_window_before_the_picking_mirrors_one_after():
    rng = np.random.default_rng(18)
    n, years = 400_000, 3
    x = rng.normal(size=n)
    windows = []
    for _ in range(years):
        windows.append(rng.poisson(1.5 * np.exp(0.7 * x)))
        x = 0.7 * x + np.sqrt(1 - 0.49) * rng.normal(size=n)
    earlier, before, after = (w[windows[1] >= 5] for w in windows)
    fit = memory.symmetric_difference(earlier, after)
    assert abs(float(fit.log_ratio)) < NOISE * float(fit.std_error)
    assert after.mean() / before.mean() < 0.7


def test_the_error_of_the_double_ratio_counts_people_once():
    rng = np.random.default_rng(19)
    rate = rng.gamma(1.0, 3.0, (3000, 150))
    a, b, c = (rng.poisson(rate) for _ in range(3))
    now, then = b >= 4, a >= 4
    fit = memory.double_ratio(b * now, c * now, a * then, b * then)
    assert np.std(fit.log_ratio) == pytest.approx(float(fit.std_error.mean()), rel=0.06)  # 3,000 samples of few people


def test_what_is_refused():
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        rz.log_shift([3, 3], [0, 0])
    with pytest.raises(InputError, match=r"IOM-E092: not everybody could"):
        rz.equivalent_counts([2, 5], [0.0, 1.0], [0.0, 1.0])
    with pytest.raises(InputError, match="IOM-E092"):
        rz.equivalent_counts([2, 5], [0.5, 0.5], [0.6, 0.4])
    with pytest.raises(InputError, match="IOM-E092"):
        rz.least_ratio(0.9)
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        rz.forward_slope([1, 1, 1], [1, 2, 3])
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        memory.symmetric_difference([0, 0], [1, 2])
    with pytest.raises(InputError, match="IOM-E092"):
        memory.picked_on_rate(1.0, 0.0, 0.7, 0.5)
    with pytest.raises(InputError, match="IOM-E092"):
        memory.window_variance(-1.0, 1.0)
