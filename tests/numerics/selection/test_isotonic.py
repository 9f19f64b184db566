"""Isotonic shares against pooling adjacent violators one at a time, which shares no code with the max-min formula."""

import numpy as np
import pytest

from iom_causal.numerics.selection.isotonic import isotonic_shares

ROUNDING = 1e-12  # sums in another order


def pooled(successes, trials):
    blocks = []
    for s, t in zip(successes, trials, strict=True):
        blocks.append([s, t, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return np.concatenate([np.full(n, s / t) for s, t, n in blocks])


@pytest.mark.parametrize("levels", [1, 2, 7, 30])
def test_shares_are_those_of_pooling_adjacent_violators(levels):
    rng = np.random.default_rng(levels)
    trials = rng.gamma(2.0, 5.0, (40, levels))
    successes = trials * rng.random((40, levels))
    expected = [pooled(s, t) for s, t in zip(successes, trials, strict=True)]
    np.testing.assert_allclose(isotonic_shares(successes, trials), expected, rtol=0, atol=ROUNDING)


def test_many_replicates_of_many_levels_are_those_one_by_one():
    rng = np.random.default_rng(3)
    successes, trials = rng.uniform(size=(60, 250)), rng.uniform(1, 2, (60, 250))
    together = isotonic_shares(successes, trials)
    for row, s, t in zip(together, successes, trials, strict=True):
        np.testing.assert_allclose(row, isotonic_shares(s, t), rtol=0, atol=0)
