"""Unions of spells and the time that they cover, against days ticked off one by one."""

import numpy as np
import pytest

from iom_causal.numerics.events.grid import grid
from iom_causal.numerics.events.spells import covered, days_free, union


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


@pytest.mark.parametrize("people", [511, 512, 1_023, 1_500])
def test_spells_of_many_people_are_each_his_own_and_those_of_nobody_are_left_out(people):
    rng = np.random.default_rng(people)
    who = rng.permutation(np.arange(-3, people))
    put = union(who, who, who + 1, people)
    assert put.start.tolist() == list(range(people))
    assert put.merged == 0


def test_a_stretch_of_no_length_and_no_spells_have_nothing_covered():
    none = np.zeros(0, dtype=np.int64)
    assert covered(union(none, none, none, 2), 0, 10).tolist() == [0, 0]
    assert covered(union(np.array([0]), np.array([0]), np.array([9]), 1), 3, 3).tolist() == [0]


@pytest.mark.parametrize(("second", "starts", "merged"), [(4, [0], 1), (5, [0, 5], 1), (6, [0, 6], 0)])
def test_spells_that_touch_keep_a_day_of_reception_each(second, starts, merged):
    put = union(np.array([0, 0]), np.array([0, second]), np.array([5, 9]), 1)
    assert (put.start.tolist(), put.merged) == (starts, merged)
    assert covered(put, 0, 10).tolist() == [9 if second < 6 else 8]


@pytest.mark.parametrize(("released", "until", "days", "held"), [(9, 20, 1, False), (10, 20, 0, True), (9, 9, 0, True)])
def test_who_has_a_single_day_at_liberty_is_not_held_throughout(released, until, days, held):
    spells = union(np.int32([0]), np.int32([0]), np.int32([released]), 1)
    free = days_free(spells, grid([(0, 10)]), np.int32([0]), np.int32([until]))
    assert (free.days.tolist(), free.held.tolist(), free.absent.tolist()) == ([[days]], [held], [False])
