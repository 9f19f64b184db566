"""Sampling distributions behind intervals: their contract, and draws against their own limits."""

import numpy as np
import pytest

from iom_causal.errors import SpecError
from iom_causal.intervals import Draws, SamplingDistribution, StudentT


@pytest.mark.parametrize("law", [StudentT(1.0, 0.1, 5.0), StudentT(0.0, 0.1, 5.0, log=True), Draws(np.arange(9.0))])
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
