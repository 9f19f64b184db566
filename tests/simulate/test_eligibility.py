"""Choosing people by rank and lot, against sorting all of them."""

import numpy as np
import pytest

from iom_causal import simulate as sim
from iom_causal.simulate.eligibility import first_by_lot, highest
from iom_causal.simulate.random_draws import RandomDraws


@pytest.mark.parametrize("places", [1, 7, 20, 39, 40, 60])
@pytest.mark.parametrize("replicates", [None, 5])
def test_the_highest_are_those_that_a_sort_by_value_and_lot_puts_first(places, replicates):
    careers = sim.Careers(people=40, rate=2.0)
    world = careers(1) if replicates is None else careers.batch(replicates, rng=1)
    rng = np.random.default_rng(places)
    value, among = rng.integers(0, 5, world.selected.shape).astype(float), rng.random(world.selected.shape) < 0.6
    found = highest(value, places, among, RandomDraws.of(world, 3))
    lots = RandomDraws.of(world, 3).uniform()
    for v, can, lot, mine in zip(*(np.atleast_2d(a) for a in (value, among, lots, found)), strict=True):
        order = sorted(np.flatnonzero(can), key=lambda i: (-v[i], lot[i]))
        assert sorted(order[:places]) == np.flatnonzero(mine).tolist()


def test_the_first_by_lot_are_as_many_as_there_are_places():
    lots, among = np.array([[0.4, 0.1, 0.3, 0.2], [0.4, 0.1, 0.3, 0.2]]), np.array([[1, 0, 1, 1], [1, 1, 1, 1]], bool)
    assert first_by_lot(lots, among, np.array([[2], [1]])).tolist() == [
        [False, False, True, True],
        [False, True, False, False],
    ]
