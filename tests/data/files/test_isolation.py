"""Isolated values: codes for missing are found where they stand alone, and the tail of a distribution is not."""

import numpy as np
import pytest

from iom_causal.data.files.isolation import isolated

COUNTS = [0, 1, 2, 0, 3, 1, 0, 2, 5, 0, 1, 4, 0, 2, 1, 0, 3, 0, 1, 6]
SCORES = [45, 48, 50, 52, 54, 57, 61, 64, 49, 55, 58, 47]


def found(values, least=0.0):
    return isolated(np.array(values, dtype=np.float64), least=least).codes


@pytest.mark.parametrize(
    ("codes", "values"),
    [
        ([99], COUNTS),
        ([999], COUNTS),
        ([88, 99], COUNTS),
        ([97, 98, 99], COUNTS),
        ([-9], COUNTS),
        ([-8, -1], COUNTS),
        ([9, 9], [0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0]),  # a yes or no
        ([9, 9, 9, 8], [0, 1, 2, 0, 0, 1, 0, 2, 0, 1, 0, 1]),
        ([9] * 22, [0] * 90 + [1] * 56 + [2] * 26 + [3] * 7 + [4] * 2 + [5]),  # a heap behind the tail of counts
        ([9] * 5, [k % 6 for k in range(60)]),  # or behind a cliff
        ([99, 99, 99], [k % 40 for k in range(80)] + [160]),  # larger values stand there too
    ],
)
def test_codes_are_found_alone_and_together(codes, values):
    assert found([*values, *codes]) == tuple(sorted(map(float, set(codes))))


LARGE = [*(k % 40 for k in range(80)), 160]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*COUNTS[:10], *[99] * 9], (99,)),  # of fewer than half of the cells there is a rest to be far from
        ([*COUNTS[:10], *[99] * 10], ()),
        ([*LARGE, 99, 99], ()),  # below larger values two alike are chance
        ([*LARGE, 99, 99, 99], (99,)),
        ([*LARGE, *[99] * 6, 90, 90], (99,)),  # a third as many beside them are no part of a hump
        ([*LARGE, *[99] * 6, 90, 90, 90], ()),
        ([*LARGE, *[99] * 3, 80, 80], ()),  # within a fifth of it lies beside it
        ([*LARGE, *[99] * 3, 79, 79], (99,)),
        ([*range(40), 160, *[99] * 40], (99,)),  # what half of the cells hold is what the column measures
        ([*range(40), 160, *[99] * 41], ()),
    ],
)
def test_a_code_is_told_from_values_by_how_many_cells_hold_it_and_its_neighbours(values, codes):
    assert found(values) == codes


@pytest.mark.parametrize(
    ("cells", "far", "told"),
    [(20, 2, 2), (40, 3, 0), (56, 3, 0), (57, 3, 3), (94, 5, 0), (95, 5, 5)],  # two of a few, or 5% of many
)
def test_more_than_two_values_are_far_outside_only_where_they_are_few_among_many(cells, far, told):
    values = np.array([*(k % 4 for k in range(cells)), *[400.5] * far])
    assert isolated(values, least=0.0) == ((), 0, told)


def test_codes_below_a_score_are_found_by_their_distance():
    assert found([*SCORES, -9, -9, -8, -8], least=-np.inf) == (-9, -8)


@pytest.mark.parametrize(
    "values",
    [
        [k % 9 for k in range(40)] + [9],  # 9 in a column of 0 to 8
        [*COUNTS, 9],
        [*[0] * 40, *[1] * 20, *[2] * 9, *[3] * 6, *[4] * 4, *[5] * 3, *[6] * 2, *[9] * 3],  # a tail
        [*[k % 8 for k in range(60)], *[9] * 20],  # a gap of one
        [*COUNTS, -3.5],  # a fault among them, which reading names
        [k % 40 for k in range(80)] + [42],
        list(range(60, 100)),
        [0.0] * 30,
        [99, 99],
    ],
)
def test_other_values_are_no_codes(values):
    assert found(values) == ()


def test_a_value_that_is_no_code_is_far_only_when_it_is_very_far():
    assert isolated(np.array([*COUNTS, 400.0]), least=0.0) == ((), 0, 1)
    assert isolated(np.array([*COUNTS, 11.0]), least=0.0) == ((), 0, 0)


@pytest.mark.parametrize("mixing", ["gamma", "lognormal"])
def test_counts_of_people_who_differ_much_raise_no_alarm(mixing):
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(400):
        n, mean = int(rng.integers(30, 501)), float(np.exp(rng.uniform(np.log(0.3), np.log(12))))
        if mixing == "gamma":
            rate = rng.gamma(shape := float(rng.uniform(0.2, 3)), mean / shape, n)
        else:
            rate = rng.lognormal(np.log(mean) - (s := float(rng.uniform(0.4, 1.5))) ** 2 / 2, s, n)
        alarms += bool(isolated(rng.poisson(rate).astype(np.float64), least=0.0).codes)
    assert alarms <= 2
