"""Mean after by count before, against averages written out by hand, an exact gamma world and its own definition."""

import numpy as np
import pytest

from iom_causal.numerics.selection.mean_after import TAIL, mean_after


def of_people(read, after, days=1.0, weight=None):
    levels = np.unique(read)
    member = (read[:, None] == levels).astype(float)
    weight = np.ones(len(read)) if weight is None else weight
    return mean_after(levels, (weight * after) @ member, (weight * days) @ member, np.ones(len(read)) @ member)


def test_means_by_count_and_one_line_for_the_highest():
    read = np.repeat([0.0, 1.0, 2.0, 5.0, 9.0], [200, 100, 60, 15, 10])
    after = np.repeat([0.5, 1.0, 2.0, 4.0, 5.0], [200, 100, 60, 15, 10])
    table = of_people(read, after)
    assert table.first == 5.0  # 25 people stand at 5 or above, 10 at 9
    assert table.levels.tolist() == [0.0, 1.0, 2.0]
    assert float(table.tail_count) == pytest.approx((15 * 5 + 10 * 9) / 25)
    slope = np.polyfit(read, after, 1, w=np.sqrt(read))[0]
    tail = (15 * 4 + 10 * 5) / 25
    expected = [0.5, 1.0, 1.5, 2.0, tail + slope * (5 - 6.6), tail + slope * (20 - 6.6)]
    np.testing.assert_allclose(table.at(np.array([0, 1, 1.5, 2, 5, 20])), expected, rtol=1e-12)
    assert table.at(np.array([3.0])) == pytest.approx(2.0)  # nobody stands at 3: as the last count below the tail


def test_means_that_fall_are_pooled_by_time():
    read = np.repeat([0.0, 1.0, 2.0, 3.0], [100, 40, 10, 30])
    after = np.repeat([1.0, 3.0, 2.0, 4.0], [100, 40, 10, 30])
    days = np.repeat([1.0, 1.0, 4.0, 1.0], [100, 40, 10, 30])
    pooled = (40 * 3 + 10 * 2) / (40 + 40)
    np.testing.assert_allclose(of_people(read, after, days).rates, [1.0, pooled, pooled], rtol=1e-12)


def test_fewer_people_than_a_tail_have_one_straight_line():
    read = np.array([0.0, 1, 2, 4])
    table = of_people(read, 2 + 0.5 * read)
    assert len(table.levels) == 0
    assert len(read) < TAIL
    np.testing.assert_allclose(table.at(np.array([0.0, 3, 9])), [2.0, 3.5, 6.5], rtol=1e-12)


def test_the_line_of_the_tail_never_falls():
    read = np.repeat([0.0, 5.0], [30, 30])
    assert float(of_people(read, 9 - read).slope) == 0.0


def test_the_line_of_the_tail_starts_no_lower_than_those_who_have_fewer():
    read = np.repeat([0.0, 1.0, 2.0, 3.0, 40.0], [200, 50, 30, 19, 1])
    after = np.repeat([0.0, 4.0, 4.0, 0.5, 40.0], [200, 50, 30, 19, 1])
    table = of_people(read, after)
    values = table.at(np.arange(0.0, 60.0))
    assert (np.diff(values) >= 0).all()
    assert (values >= 0).all()


def test_replicates_of_weights_are_those_of_people():
    rng = np.random.default_rng(3)
    read, after = rng.poisson(2.0, 300).astype(float), rng.poisson(3.0, 300).astype(float)
    weight = rng.exponential(size=(4, 300))
    levels = np.unique(read)
    member = (read[:, None] == levels).astype(float)
    people = np.ones(300) @ member
    together = mean_after(levels, (weight * after) @ member, weight @ member, people).at(levels)
    for row, w in zip(together, weight, strict=True):
        np.testing.assert_allclose(row, mean_after(levels, (w * after) @ member, w @ member, people).at(levels))


def test_gamma_rates_that_drift_as_kibbles_give_their_straight_line():
    # E[Y2 | Y1 = y] = mu (1 - r) + r (a + y) mu / (a + mu) for gamma rates of shape a, of which a share r lasts.
    rng = np.random.default_rng(4)
    shape, mean, lasts, size = 1.5, 3.0, 0.6, 400_000
    rate = rng.gamma(shape, mean / shape, size)
    kept = rng.random(size) < lasts
    read, after = rng.poisson(rate), rng.poisson(np.where(kept, rate, rng.gamma(shape, mean / shape, size)))
    table = of_people(read.astype(float), after.astype(float))
    counts = np.array([0.0, 1, 2, 4, 7, 10])
    exact = mean * (1 - lasts) + lasts * (shape + counts) * mean / (shape + mean)
    error = np.array([np.sqrt(after[read == k].var() / (read == k).sum()) for k in counts])
    assert (np.abs(table.at(counts) - exact) < 4 * error).all()
