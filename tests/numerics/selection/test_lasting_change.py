"""The change of everybody's rates against an exact joint distribution of two counts."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.selection.lasting_change import lasting_change

CUT_OFF = 1e-9  # probability beyond the table of counts
RATIO = 0.8


@pytest.mark.parametrize("top", [1.0, 3.0, 6.0])
@pytest.mark.parametrize("days", [1.0, 2.0])
def test_it_is_the_ratio_of_rates_whoever_with_more_is_left_out(top, days):
    """Gamma rates: a count is negative binomial, and another given it has the posterior's mean."""
    counts = np.arange(60.0)
    chance = stats.nbinom.pmf(counts, 1.5, 1.5 / (1.5 + 3.0))
    other = RATIO * days * (1.5 + counts) / (1.5 / 3.0 + 1)
    weight = np.where(counts <= top, chance, 0.0)
    assert chance.sum() == pytest.approx(1, abs=CUT_OFF)
    found = lasting_change(counts, np.ones(60), other, np.full(60, days), weight, top)
    assert float(found) == pytest.approx(RATIO, rel=1e-9)


def test_replicates_are_one_by_one():
    count, other, weight = np.array([0.0, 1, 2]), np.array([1.0, 0, 2]), np.array([[1.0, 2, 3], [3.0, 1, 1]])
    found = lasting_change(count, np.ones(3), other, np.ones(3), weight, 2.0)
    assert found.tolist() == [float(lasting_change(count, np.ones(3), other, np.ones(3), w, 2.0)) for w in weight]
