"""A fast exponential is right to the last digits."""

import numpy as np

from iom_causal.numerics.kernels.fast_exp import fast_exp


def test_the_exponential_is_right_to_the_last_digits():
    x = np.random.default_rng(1).uniform(-700, 700, 2000)
    ours = np.array([fast_exp(v) for v in x])
    assert np.abs(ours / np.exp(x) - 1).max() < 5e-16  # two units in the last place
    assert fast_exp(0.0) == 1.0
    assert 0 < fast_exp(-1e4) < 1e-300
