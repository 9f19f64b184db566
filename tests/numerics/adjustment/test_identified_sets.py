"""Intervals of identified sets cover the ends of their set."""

import pytest
from scipy.stats import norm

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment.identified_sets import imbens_manski, imbens_manski_critical


@pytest.mark.parametrize("length", [0.0, 0.5, 2.0, 20.0])
def test_the_interval_covers_the_ends_of_its_set_exactly(length):
    c = imbens_manski_critical(length, 0.95)
    # At the lower end: the estimates of the two ends are that end and that end plus the length, both with the
    # same error z, and the interval holds it unless z leaves [-c - length, c].
    assert norm.cdf(c + length) - norm.cdf(-c) == pytest.approx(0.95, abs=1e-10)
    assert 1.6448 < c <= 1.96


def test_an_interval_of_a_set_without_error_is_the_set():
    assert imbens_manski(-1.0, 2.0, 0.0, 0.0) == (-1.0, 2.0)
    with pytest.raises(InputError):
        imbens_manski(1.0, 0.0, 0.1, 0.1)
