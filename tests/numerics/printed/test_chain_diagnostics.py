"""R-hat and effective sample size of chains, against closed forms."""

import numpy as np
import pytest

from iom_causal.numerics.printed.chain_diagnostics import effective_size, split_r_hat

RELATIVE = 0.12  # Monte Carlo error of an autocorrelation time from 40,000 autoregressive draws


def autoregressive(coefficient, chains, draws, seed):
    noise = np.random.default_rng(seed).normal(size=(chains, draws))
    x = np.zeros((chains, draws))
    for t in range(1, draws):
        x[:, t] = coefficient * x[:, t - 1] + noise[:, t]
    return x


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.8])
def test_effective_size_of_an_autoregression_is_its_closed_form(coefficient):
    x = autoregressive(coefficient, 4, 10_000, 1)
    expected = x.size * (1 - coefficient) / (1 + coefficient)
    assert effective_size(x) == pytest.approx(expected, rel=RELATIVE)
    assert split_r_hat(x) == pytest.approx(1, abs=0.01)


def test_r_hat_by_hand():
    halves = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 3.0], [2.0, 2.0]])
    chains = halves.reshape(2, 4)
    within, between = halves.var(axis=1, ddof=1).mean(), halves.mean(axis=1).var(ddof=1)
    assert split_r_hat(chains) == pytest.approx(np.sqrt(0.5 + between / within), rel=1e-12)


def test_chains_in_different_places_are_told():
    x = autoregressive(0.0, 4, 500, 2) + np.array([[0.0], [0.0], [0.0], [5.0]])
    assert split_r_hat(x) > 1.5
    assert effective_size(x) < 20


def test_a_drift_within_a_chain_is_told():
    assert split_r_hat(np.linspace(0, 1, 400).reshape(1, -1)) > 1.5


def test_what_never_varies():
    assert split_r_hat(np.ones((2, 8))) == 1.0
    assert split_r_hat(np.array([[1.0] * 8, [2.0] * 8])) == np.inf
    assert effective_size(np.ones((2, 8))) == 16
