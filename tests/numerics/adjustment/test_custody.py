"""Custody: stored values, the two-state equation, and ratios within people."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import custody as cu

EXACT = 1e-12
ODE = 1e-8  # of the solver
STORED = 5e-8  # eight digits are stored


def test_stored_values_of_arrests_with_custody():
    rate, p, stay, length = 4.0, 0.4, 0.5, 1.5
    assert rate * length * float(cu.stationary_free(rate, p, stay)) == pytest.approx(3.3333333, abs=STORED)
    assert rate * length * float(cu.free_share(rate, p, stay, length, 1.0)) == pytest.approx(3.8249301, abs=STORED)


@pytest.mark.parametrize("start", [0.0, 0.3, 1.0])
def test_time_at_liberty_solves_the_two_state_equation(start):
    rate, p, stay, length = 3.0, 0.25, 0.4, 1.5
    found = solve_ivp(
        lambda _, f: [-rate * p * f[0] + (1 - f[0]) / stay, f[0]], (0, length), [start, 0], rtol=1e-11, atol=1e-13
    )
    assert float(cu.free_share(rate, p, stay, length, start)) == pytest.approx(found.y[1, -1] / length, abs=ODE)


def test_rate_while_free_inverts_the_long_run():
    rate = np.array([0.5, 3.0, 9.0])
    yearly = rate * cu.stationary_free(rate, 0.3, 0.6)
    np.testing.assert_allclose(cu.rate_while_free(yearly, 0.3, 0.6), rate, rtol=EXACT)


def test_log_change_of_rates_is_compressed_in_the_long_run():
    rate, p, stay, h = 4.0, 0.4, 0.5, 1e-6
    logs = [np.log(r * cu.stationary_free(r, p, stay)) for r in (rate * np.exp(-h), rate * np.exp(h))]
    assert (logs[1] - logs[0]) / (2 * h) == pytest.approx(1 / (1 + rate * p * stay), rel=1e-6)


def test_ratio_within_people_solves_its_equation_and_takes_weights():
    rng = np.random.default_rng(4)
    before, after = rng.poisson(5.0, 30).astype(float), rng.poisson(4.0, 30).astype(float)
    free = rng.uniform(0.2, 1.0, (30, 2))
    weight = rng.integers(0, 3, 30).astype(float)
    ratio = cu.within_person_ratio(before, after, free[:, 0], free[:, 1], weight)
    chance = ratio * free[:, 1] / (free[:, 0] + ratio * free[:, 1])
    assert (weight * (after - (before + after) * chance)).sum() == pytest.approx(0, abs=1e-9)
    rows = np.repeat(np.arange(30), weight.astype(int))
    repeated = cu.within_person_ratio(before[rows], after[rows], free[rows, 0], free[rows, 1], np.ones(len(rows)))
    assert float(ratio) == pytest.approx(float(repeated), rel=EXACT)


def test_with_equal_time_at_liberty_it_is_the_ratio_of_totals():
    before, after = np.array([4.0, 0.0, 7.0]), np.array([1.0, 2.0, 3.0])
    ones = np.ones(3)
    assert float(cu.within_person_ratio(before, after, ones, ones, ones)) == pytest.approx(6 / 11, rel=EXACT)


def test_no_events_of_people_free_in_both_windows_is_refused():
    with pytest.raises(InputError):
        cu.within_person_ratio(np.array([1.0]), np.array([0.0]), np.ones(1), np.ones(1), np.ones(1))
