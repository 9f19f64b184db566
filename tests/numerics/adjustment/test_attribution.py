import numpy as np
import pytest

from iom_causal.numerics.adjustment.attribution import chained, lmdi, log_mean

LOGS = np.log([0.9, 0.95, 0.97, 0.85, 0.75])
CHANGE = 6.84 * (0.9 * 0.95 * 0.97 * 0.85 * 0.75 - 1)
EXACT = 1e-12  # a handful of roundings


def test_shares_add_up_to_the_change():
    assert lmdi(6.84, LOGS).sum() == pytest.approx(CHANGE, rel=EXACT)


def test_the_order_of_factors_does_not_matter():
    order = [3, 0, 4, 1, 2]
    assert lmdi(6.84, LOGS[order]) == pytest.approx(lmdi(6.84, LOGS)[order], rel=EXACT)


def test_draws_go_one_by_one():
    logs = np.stack([LOGS, LOGS / 2, np.zeros(5)])
    assert lmdi([6.84, 3.0, 2.0], logs) == pytest.approx(
        np.stack([lmdi(a, row) for a, row in zip([6.84, 3.0, 2.0], logs, strict=True)])
    )


def test_a_tiny_gap_keeps_its_digits():
    assert float(log_mean(1.0, 1.0 + 1e-12)) == pytest.approx(1.0 + 0.5e-12, rel=1e-15)


def test_steps_lead_from_level_to_level():
    logs = np.log([[0.9, 1.2, 0.5], [1.1, 0.7, 1.0]])
    before = np.array([6.84, 3.0])
    levels = before[:, None] * np.array([[0.9, 1.08, 0.54], [1.1, 0.77, 0.77]])
    np.testing.assert_allclose(before[:, None] + chained(before, logs).cumsum(-1), levels, rtol=1e-14)
