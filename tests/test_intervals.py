"""Sampling distributions behind intervals: their contract, and draws against their own limits."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import stdtrit

from iom_causal.errors import SpecError
from iom_causal.intervals import Draws, Fieller, SamplingDistribution, StudentT, Tabulated


@pytest.mark.parametrize(
    "law",
    [
        StudentT(1.0, 0.1, 5.0),
        StudentT(0.0, 0.1, 5.0, log=True),
        Draws(np.arange(9.0)),
        Fieller(9.0, 9.0, (1.0, 1.0), 0.5, 9.0),
        Tabulated(np.arange(9.0), np.arange(9.0) / 8),
    ],
)
def test_laws_keep_their_contract(law):
    assert isinstance(law, SamplingDistribution)
    assert law.interval(0.99)[0] <= law.interval(0.5)[0] < law.interval(0.5)[1] <= law.interval(0.99)[1]
    assert law.sample(np.random.default_rng(1), 7).shape == (7,)
    with pytest.raises(SpecError, match="IOM-E092"):
        law.interval(95)


def test_draws_of_a_law_have_its_interval():
    law = StudentT(2.0, 0.5, 8.0)
    sample = law.sample(np.random.default_rng(1), 200_000)
    # 200,000 draws put the 2.5% point within about .006 (4 standard errors of that quantile).
    assert np.quantile(sample, 0.025) == pytest.approx(law.interval()[0], abs=0.02)


@pytest.mark.filterwarnings("error")
def test_the_interval_of_draws_that_are_infinite_has_no_end_there():
    assert Draws(np.array([1.0, 2.0, 3.0, np.inf, np.inf])).interval(0.9) == (pytest.approx(1.2), np.inf)
    assert Draws(np.array([-np.inf, -np.inf, 0.0, 2.0])).interval(0.6)[0] == -np.inf


def test_fieller_limits_are_the_ratios_that_a_test_of_their_difference_does_not_reject():
    law = Fieller(8.0, 10.0, (1.0, 2.0), 0.7, 12.0)
    for ratio in law.interval(0.9):
        error = math.sqrt(1.0 - 2 * ratio * 0.7 + ratio**2 * 2.0)
        assert abs(8.0 - ratio * 10.0) / error == pytest.approx(-stdtrit(12.0, 0.05), rel=1e-9)
    far = Fieller(80.0, 100.0, (1.0, 2.0), 0.7, 12.0)
    drawn = np.quantile(far.sample(np.random.default_rng(1), 400_000), [0.05, 0.95])
    assert drawn == pytest.approx(far.interval(0.9), abs=2e-4)
    assert Fieller(8.0, 1.0, (1.0, 2.0), 0.7, 12.0).interval() == (-math.inf, math.inf)


def test_a_table_of_shares_gives_quantiles_and_probabilities():
    values = np.linspace(-6, 6, 4001)
    law = Tabulated(values, stats.norm.cdf(values))
    assert law.interval(0.9) == pytest.approx(stats.norm.interval(0.9), abs=1e-5)
    assert law.probability(0.5) == pytest.approx(stats.norm.cdf(0.5), abs=1e-5)
    ratio = Tabulated(values, stats.norm.cdf(values), log=True)
    assert ratio.interval(0.9) == pytest.approx(np.exp(law.interval(0.9)))
    assert [ratio.probability(at) for at in (0.0, 1.0, 1e9)] == pytest.approx([0, 0.5, 1])
    assert law.sample(np.random.default_rng(1), 100_000).std() == pytest.approx(1, abs=0.01)
    assert law == Tabulated(values, stats.norm.cdf(values))
