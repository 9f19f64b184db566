"""Truncated normal scores: the mean above a cut, and the population behind one."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import NotIdentifiedError
from iom_causal.numerics.selection.normal import (
    excess_cv,
    inverse_mills,
    truncated_normal,
)
from tests.reference.reader import entries, tolerance


@pytest.mark.parametrize(("inputs", "value"), entries("regression_to_mean", "inv_mills").values())
def test_the_mean_above_a_cut(inputs, value):
    assert float(inverse_mills(inputs["c"])) == pytest.approx(value, rel=tolerance("regression_to_mean"), abs=0)


@pytest.mark.parametrize("z", [-6.0, -1.0, 0.0, 2.0, 6.0])
def test_the_population_behind_a_truncated_normal(z):
    law = stats.truncnorm(z, np.inf, loc=40.0, scale=5.0)
    mu, sigma = truncated_normal(float(law.mean()), float(law.std()), 40.0 + 5 * z)
    # The CV is nearly flat far above the mean, which costs digits of the cut's place.
    assert (mu, sigma) == pytest.approx((40.0, 5.0), rel=1e-4)


def test_the_risk_score_of_the_paper_is_not_a_truncated_normal():
    assert round(excess_cv(328.89, 142.71, 220.0), 2) == 1.31
    with pytest.raises(NotIdentifiedError, match=r"IOM-E068.*1\.31"):
        truncated_normal(328.89, 142.71, 220.0)
