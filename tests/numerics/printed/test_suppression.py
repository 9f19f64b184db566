from itertools import product

import numpy as np
import pytest

from iom_causal.errors import InfeasibleError
from iom_causal.numerics.printed.suppression import TOLERANCE, primary, suppress
from tests.oracles.suppression_attack import widths

T = 10


def two_way(inner):
    """Cells of a table with its margins and total last along each axis, and the sums that hold among them."""
    rows, columns = np.shape(inner)
    full = np.zeros((rows + 1, columns + 1))
    full[:rows, :columns] = inner
    full[rows] = full[:rows].sum(axis=0)
    full[:, columns] = full[:, :columns].sum(axis=1)
    sums = []
    for i in range(rows + 1):
        row = np.zeros(full.shape)
        row[i, :columns], row[i, columns] = 1, -1
        sums.append(row.ravel())
    for j in range(columns + 1):
        row = np.zeros(full.shape)
        row[:rows, j], row[rows, j] = 1, -1
        sums.append(row.ravel())
    total = np.zeros(full.size, dtype=bool)
    total[-1] = True
    return full.ravel(), np.array(sums), total


def all_tables(shape, total):
    """Every table of whole numbers with this total, as cells with margins."""
    size = shape[0] * shape[1]
    for part in product(range(total + 1), repeat=size - 1):
        if sum(part) <= total:
            yield two_way(np.reshape([*part, total - sum(part)], shape))[0]


@pytest.mark.parametrize("inner", [[[3, 4], [5, 0]], [[1, 7], [2, 2]], [[0, 6], [6, 0]]])
@pytest.mark.parametrize("hidden", [(0, 1, 3, 4), (0, 1, 2, 3, 4, 5), (0, 1, 2, 3, 4, 6, 7), (0,), (0, 2, 6)])
def test_widths_are_those_of_all_whole_tables_that_show_the_same(inner, hidden):
    counts, relations, _ = two_way(inner)
    withheld = np.isin(np.arange(counts.size), hidden)
    tables = np.array(
        [t for t in all_tables((2, 2), int(counts[-1])) if np.array_equal(t[~withheld], counts[~withheld])]
    )
    expected = np.minimum(np.ptp(tables[:, withheld], axis=0), T)
    assert widths(counts, relations, withheld, T) == pytest.approx(expected, abs=TOLERANCE)


def random_table(rng):
    shape = rng.integers(2, 6, size=2)
    return two_way(rng.negative_binomial(0.7, 0.03, size=shape) + (rng.random(shape) < 0.1))


@pytest.mark.parametrize("seed", range(30))
def test_what_is_withheld_has_room(seed):
    counts, relations, total = random_table(np.random.default_rng(seed))
    withheld = suppress(counts, relations, T, known=total)
    assert np.all(withheld[primary(counts, T, known=total)])
    assert not withheld[-1]
    assert np.all(widths(counts, relations, withheld, T) >= T - TOLERANCE)


def test_a_count_is_small_below_the_threshold_and_not_at_it():
    known = np.array([False, False, False, True])
    assert primary(np.array([0.0, T - 1, T, 0.0]), T, known=known).tolist() == [True, True, False, False]


def test_small_cells_alone_can_be_solved():
    """The check can fail: without further cells the margins give the small ones away."""
    counts, relations, total = two_way([[3, 40, 25], [30, 35, 60], [55, 20, 15]])
    small = primary(counts, T, known=total)
    assert small.sum() == 1
    assert widths(counts, relations, small, T).tolist() == [0.0]
    assert suppress(counts, relations, T, known=total).sum() == 4


def test_nothing_more_than_is_needed_is_withheld():
    counts, relations, total = two_way([[3, 40, 25], [30, 35, 60], [55, 20, 15]])
    withheld = suppress(counts, relations, T, known=total)
    for extra in np.flatnonzero(withheld & ~primary(counts, T, known=total)):
        fewer = withheld.copy()
        fewer[extra] = False
        assert widths(counts, relations, fewer, T).min() < T - TOLERANCE


def test_the_fewest_people_are_withheld_in_a_small_table():
    counts, relations, total = two_way([[3, 40, 25], [30, 35, 60], [55, 20, 15]])
    small = primary(counts, T, known=total)
    best = min(
        counts[mask].sum()
        for bits in product([False, True], repeat=counts.size - 1)
        if sum(bits) <= 4 and np.all((mask := np.array([*bits, False]))[small])
        if np.all(widths(counts, relations, mask, T) >= T - TOLERANCE)
    )
    assert counts[suppress(counts, relations, T, known=total)].sum() == best


def test_a_table_without_small_cells_is_shown():
    counts, relations, total = two_way([[30, 40], [50, 60]])
    assert not suppress(counts, relations, T, known=total).any()


def test_cells_kept_against_protection_are_refused():
    counts, relations, _ = two_way([[3, 40], [50, 60]])
    known = np.ones(counts.size, dtype=bool)
    known[0] = False
    with pytest.raises(InfeasibleError, match="IOM-E120"):
        suppress(counts, relations, T, known=known)
