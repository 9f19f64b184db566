"""Sums of steps taken with a chance each: against every subset written out, and the binomial distribution."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.kernels.bernoulli_sums import at_most, sum_pmf

EXACT = 1e-12


def _by_hand(steps, chance):
    pmf = np.zeros(sum(steps) + 1)
    for taken in product((0, 1), repeat=len(steps)):
        pmf[int(np.dot(taken, steps))] += np.prod(np.where(taken, chance, 1 - np.asarray(chance)))
    return pmf


@pytest.mark.parametrize("steps", [[1, 2, 2, 5], [4, 6, 8], [0, 3, 3], [7]])
def test_the_distribution_and_its_tails_are_those_of_every_subset(steps):
    chance = np.linspace(0.1, 0.9, len(steps))
    expected = _by_hand(steps, chance)
    assert sum_pmf(np.array(steps), chance) == pytest.approx(expected, rel=EXACT)
    tails = [at_most(np.array(steps), chance, k) for k in range(len(expected))]
    assert tails == pytest.approx(np.cumsum(expected), rel=EXACT)


def test_steps_of_one_are_binomial_far_into_a_tail():
    got = [at_most(np.ones(200, int), 0.7, k) for k in (0, 40, 140)]
    assert got == pytest.approx(stats.binom.cdf([0, 40, 140], 200, 0.7), rel=1e-9)


def test_without_steps_the_sum_is_0_and_nothing_lies_below():
    assert sum_pmf(np.array([], int)).tolist() == [1.0]
    assert at_most(np.array([], int), 0.5, 0) == 1.0
    assert at_most(np.array([3]), 0.5, -1) == 0.0


def test_one_half_for_all_is_symmetric():
    pmf = sum_pmf(np.array([1, 2, 2, 5]))
    assert pmf.sum() == pytest.approx(1.0, rel=EXACT)
    assert pmf == pytest.approx(pmf[::-1], rel=EXACT)
