import numpy as np
import pytest

from iom_causal.errors import DegenerateDataError, InputError
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
    within_noise(y2 - 0.75 * u, 0.0)
    assert float(rz.log_shift(y1, u)) == pytest.approx(np.log(u.sum() / y1.sum()), rel=1e-12)


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


def test_what_is_refused():
    with pytest.raises(DegenerateDataError, match="IOM-E064"):
        rz.log_shift([3, 3], [0, 0])
    with pytest.raises(InputError, match=r"IOM-E092: not everybody could"):
        rz.equivalent_counts([2, 5], [0.0, 1.0], [0.0, 1.0])
    with pytest.raises(InputError, match="IOM-E092"):
        rz.equivalent_counts([2, 5], [0.5, 0.5], [0.6, 0.4])
