"""Reliable change of unreliable scores: stored values and identities."""

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import reliability as rel


def test_stored_reliable_changes():
    change = np.array([-8.0, -4.0, 0.0, 4.0, 8.0])
    found = rel.reliable_change(np.zeros(5), change, 5.0, 0.8)
    np.testing.assert_allclose(found, [-2.52982, -1.26491, 0, 1.26491, 2.52982], atol=5e-6)


def test_chance_alone_shows_one_in_forty_each_side():
    rng = np.random.default_rng(5)
    true = rng.normal(100, 15 * np.sqrt(0.8), 200_000)
    before, after = (true + rng.normal(0, 15 * np.sqrt(0.2), 200_000) for _ in range(2))
    counts = rel.count_changed(rel.reliable_change(before, after, 15.0, 0.8), level=0.95)
    assert float(counts.lower) == pytest.approx(float(counts.by_chance_each_side), rel=0.05)
    assert float(counts.higher) == pytest.approx(float(counts.by_chance_each_side), rel=0.05)


def test_regression_to_the_mean_of_one_person_is_taken_off():
    rng = np.random.default_rng(6)
    true = rng.normal(100, 15 * np.sqrt(0.8), 200_000)
    before, after = (true + rng.normal(0, 15 * np.sqrt(0.2), 200_000) for _ in range(2))
    high = before > 125
    assert rel.reliable_change(before, after, 15.0, 0.8)[high].mean() < -0.5
    assert rel.expected_change(before, after, 100.0, 15.0, 0.8)[high].mean() == pytest.approx(0, abs=0.05)


def test_reliability_is_checked():
    for bad in (0.0, 1.1, -0.2):
        with pytest.raises(InputError):
            rel.standard_error_of_measurement(10.0, bad)
    with pytest.raises(InputError):
        rel.reliable_change([1.0], [2.0], 5.0, 1.0)
