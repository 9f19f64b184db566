"""Curves of age: moving averages, truncated normal ages, and what is refused."""

import numpy as np
import pytest
from scipy.stats import truncnorm

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import age_curves as ac


def test_smoothed_rates_are_moving_averages_that_narrow_at_the_ends():
    rates = np.array([1.0, 2.0, 6.0, 3.0, 8.0])
    np.testing.assert_allclose(np.exp(ac.smoothed_log_rates(rates, 1)), [1, 3, 11 / 3, 17 / 3, 8])
    with pytest.raises(InputError):
        ac.smoothed_log_rates(np.zeros(3), 1)


def test_a_curve_refuses_ages_below_its_start():
    with pytest.raises(InputError) as caught:
        ac.log_gamma_curve([7.0], 3.0, 6.0, 8.0)
    assert caught.value.code == "IOM-E055"


def test_ages_that_no_cut_off_normal_has_are_refused():
    for mean, sd in ((70.0, 5.0), (30.0, 40.0), (30.0, 0.0)):
        with pytest.raises(InputError):
            ac.truncated_normal_parameters(mean, sd, 13.0, 60.0)


SEARCHED = [
    (29.796021540645416, 14.449009315146105, 11.468680542722815, 70.14164139331737),
    (23.759331015814844, 6.650459181851364, 16.746681273088498, 66.38560970075622),
]
"""Means, SDs and ranges at which a search ends at the law to ten digits, and says that it made no progress."""


@pytest.mark.parametrize(("mean", "sd", "low", "high"), SEARCHED)
def test_a_law_that_is_found_is_not_refused_for_how_a_search_ended(mean, sd, low, high):
    location, scale = ac.truncated_normal_parameters(mean, sd, low, high)
    law = truncnorm((low - location) / scale, (high - location) / scale, location, scale)
    assert (law.mean(), law.std()) == pytest.approx((mean, sd), rel=1e-8)
