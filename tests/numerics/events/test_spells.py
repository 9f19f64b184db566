"""Unions of spells and the time that they cover, against days ticked off one by one."""

import numpy as np
import pytest

from iom_causal.numerics.events.spells import covered, union


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_ticking_off_each_unit_gives(seed):
    rng = np.random.default_rng(seed)
    people, size = 6, int(rng.integers(0, 60))
    who, start = rng.integers(0, people, size), rng.integers(-30, 60, size)
    end, last = start + rng.integers(0, 40, size), rng.integers(5, 50, people)
    ticked = [
        sum(any(w == i and s <= day < e for w, s, e in zip(who, start, end, strict=True)) for day in range(5, last[i]))
        for i in range(people)
    ]
    assert covered(union(who, start, end, people), 5, last).tolist() == ticked


def test_a_stretch_of_no_length_and_no_spells_have_nothing_covered():
    none = np.zeros(0, dtype=np.int64)
    assert covered(union(none, none, none, 2), 0, 10).tolist() == [0, 0]
    assert covered(union(np.array([0]), np.array([0]), np.array([9]), 1), 3, 3).tolist() == [0]
