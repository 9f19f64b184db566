"""Whether one sample's rows stand in another again: by construction, and by chance in large samples."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.selection.repeated_rows import repeated_rows_p_value


def test_the_chance_is_a_product_of_poisson_tails_over_kinds_of_rows():
    rows, others = np.array([[3.0, 1], [3, 1], [5, 2]]), np.array([[3.0, 1], [5, 2], [0, 0]])
    chance = repeated_rows_p_value(rows, np.ones(3), others, np.array([4.0, 2, 900]))
    assert chance == pytest.approx(stats.poisson(4).sf(1) * stats.poisson(2).sf(0))
    assert repeated_rows_p_value(rows, np.ones(3), others, np.array([1.0, 2, 900])) == 1.0


def test_people_of_their_own_are_seldom_taken_for_the_managed_again():
    """Of pools so large that they hold most histories, and of managed people picked softly from the low counts."""
    rng = np.random.default_rng(5)
    chances = []
    for _ in range(200):
        ours, theirs = (rng.poisson(rng.gamma(1.2, 0.8, n)[:, None], (n, 2)).astype(float) for n in (40, 4_000))
        chances.append(repeated_rows_p_value(ours, np.ones(40), theirs, np.ones(4_000)))
    assert min(chances) > 0.001
    assert sum(chance < 1 for chance in chances) > 20
