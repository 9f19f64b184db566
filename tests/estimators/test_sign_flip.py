"""SignFlip on decimals: every pattern where changes lie on one grid, sampled flips where they do not."""

from itertools import product

import numpy as np
import pytest

from iom_causal.estimators import SignFlip
from iom_causal.panel import Panel


@pytest.mark.parametrize("unit", [1.0, 0.1, 0.01, 1e-6])
def test_signs_of_decimals_on_one_grid_are_all_counted(unit):
    before = np.array([1, 2, 3, 4, 7, 11, 9, 23]) * unit
    after = before + np.array([5, 3, 2, 4, -1, 6, 7, 8]) * unit
    result = SignFlip()(Panel.from_arrays(np.stack([before, after], -1), kind="score"))
    change = np.array([5, 3, 2, 4, -1, 6, 7, 8])
    sums = np.array(list(product([-1, 1], repeat=8))) @ change
    assert result.p_value == np.mean(np.abs(sums) >= change.sum())
    assert result.statistic == pytest.approx(change.sum() * unit)
    assert "exact" in result.note


def test_signs_of_what_is_on_no_grid_are_sampled():
    rng = np.random.default_rng(1)
    assert "sampled" in SignFlip(draws=99)(Panel.from_arrays(rng.normal(size=(8, 2)), kind="score"), rng=1).note
