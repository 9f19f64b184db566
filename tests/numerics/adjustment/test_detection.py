"""Detection: counting recorded events, and bounds of the true ratio."""

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import detection as de


def test_recorded_over_true_is_what_counting_gives():
    offences, d1, d2, f1, f2 = 1000.0, 0.3, 0.2, 0.1, 0.25
    recorded = offences * d2 / (1 - f2) / (offences * d1 / (1 - f1))
    assert np.exp(de.log_recorded_over_true(d2 / d1, f1, f2)) == pytest.approx(recorded)


def test_bounds_of_the_true_ratio_and_their_interval():
    assert de.true_ratio_bounds(0.5, 0.8, 1.25) == pytest.approx((0.4, 0.625))
    low, high = de.true_ratio_interval(np.log(0.5), 0.06, 0.8, 1.25, level=0.95)
    assert low < 0.4
    assert high > 0.625
    point = de.true_ratio_interval(np.log(0.5), 0.06, 1.0, 1.0, level=0.95)
    assert point == pytest.approx((0.5 * np.exp(-1.959964 * 0.06), 0.5 * np.exp(1.959964 * 0.06)))
    with pytest.raises(InputError):
        de.true_ratio_bounds(0.5, 1.2, 1.0)
