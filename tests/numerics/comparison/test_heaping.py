"""Heaping at a cut: the exact binomial test, its level, and people who were moved over it."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.comparison.heaping import heaping_at_cut, heaping_p_value

SAME = 1e-9


@pytest.mark.parametrize("counts", list(product([0, 3, 12], [0, 1, 9, 40], [0, 5])))
def test_heaping_is_the_exact_binomial_test_between_its_ends(counts):
    below, at, above = counts
    n = below + at + above
    for k in (0.0, 0.1):
        ends = (1 - k) / (3 - k), (1 + k) / (3 + k)
        tails = [stats.binom.sf(at - 1, n, ends[1]), stats.binom.cdf(at, n, ends[0])]
        assert heaping_p_value(below, at, above, k) == pytest.approx(min(1.0, 2 * min(tails)), rel=SAME, abs=1e-15)


def test_heaping_holds_its_level_for_every_share_between():
    n = 60
    for share in np.linspace(0.9 / 2.9, 1.1 / 3.1, 7):
        rejected = [heaping_p_value(0, at, n - at, 0.1) <= 0.05 for at in range(n + 1)]
        assert stats.binom.pmf(np.arange(n + 1), n, share) @ np.array(rejected) <= 0.05


def test_people_moved_over_the_cut_are_heaped_at_it():
    rng = np.random.default_rng(1)
    x = np.round(rng.normal(0.0, 4.0, 2000))
    moved = np.where((x == -1) & (rng.random(2000) < 0.5), 0.0, x)
    assert heaping_at_cut(x) > 0.05
    assert heaping_at_cut(moved) < 1e-4
    assert heaping_at_cut(x[x >= 0]) == 1.0
