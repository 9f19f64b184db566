"""Sampling distributions behind intervals: their contract, and draws against their own limits."""

import math

import numpy as np
import pytest
from scipy.special import stdtrit

from iom_causal.errors import SpecError
from iom_causal.intervals import Draws, Fieller, SamplingDistribution, StudentT


@pytest.mark.parametrize(
    "law",
    [
        StudentT(1.0, 0.1, 5.0),
        StudentT(0.0, 0.1, 5.0, log=True),
        Draws(np.arange(9.0)),
        Fieller(9.0, 9.0, (1.0, 1.0), 0.5, 9.0),
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
