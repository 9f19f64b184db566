"""The nearest root on either side: closed forms, gaps, jumps, and how far was searched."""

import math

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.nearest_root import STEPS, nearest_root

EXACT = 1e-11


@pytest.mark.parametrize("together", [1, 7, STEPS])
def test_it_is_the_nearest_of_several(together):
    found = nearest_root(np.sin, 1.9, (-20.0, 20.0), together=together)
    assert found.root == pytest.approx(math.pi, abs=EXACT)
    found = nearest_root(lambda x: (x - 0.5) * (x - 3.0), 1.0, (0.1, 10.0), together=together)
    assert found.root == pytest.approx(0.5, abs=EXACT)


def test_without_a_root_it_says_how_far_it_could_search():
    assert nearest_root(lambda x: 1 + x**2, 1.0, (-2.0, 3.0)) == (None, -2.0, pytest.approx(3.0))
    found = nearest_root(lambda x: np.where(x < 2.0, 1.0, np.nan), 1.0, (0.5, 4.0))
    assert found.root is None
    assert found.low == pytest.approx(0.5)
    assert 1.9 < found.high < 2.0


def test_a_jump_over_nothing_is_no_root_and_neither_is_a_gap():
    assert nearest_root(lambda x: np.where(x < 2.0, 1.0, -1.0), 1.0, (0.5, 4.0)).root is None
    assert nearest_root(lambda x: np.where(np.abs(x - 2) < 0.5, np.nan, 2 - x), 1.0, (0.5, 4.0)).root is None


def test_beyond_a_jump_the_next_root_is_found():
    found = nearest_root(lambda x: np.where(x < 2.0, 1.0, x - 3.0), 1.0, (0.5, 4.0))
    assert found.root == pytest.approx(3.0, abs=EXACT)


def test_a_start_that_is_a_root_is_the_root():
    assert nearest_root(lambda x: x - 1.0, 1.0, (0.5, 4.0)).root == 1.0
