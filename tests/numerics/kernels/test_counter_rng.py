"""Draws by counter follow their laws, and depend on nothing but key and place."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from iom_causal.numerics.kernels import counter_rng as ps
from tests.oracles.counter_draws import draws, normal_rows

SIZE = 400_000
A = 1e-4  # the chance that a right law is refused, for a seed that was not looked at
UNIFORM, EXPONENTIAL, NORMAL, GAMMA = range(4)


@pytest.mark.parametrize(
    ("kind", "shape", "law"),
    [
        (UNIFORM, 1.0, stats.uniform()),
        (EXPONENTIAL, 1.0, stats.expon()),
        (NORMAL, 1.0, stats.norm()),
        (GAMMA, 2.3, stats.gamma(2.3)),
        (GAMMA, 0.4, stats.gamma(0.4)),
    ],
)
def test_draws_follow_their_law(kind, shape, law):
    drawn = draws(np.uint64(20121101), SIZE, kind, shape)
    assert stats.kstest(drawn, law.cdf).pvalue > A


@pytest.mark.parametrize(
    ("kind", "law", "cuts"), [(NORMAL, stats.norm(), (3.5, 4.1)), (EXPONENTIAL, stats.expon(), (7.0, 8.5))]
)
def test_tails_hold_what_they_should(kind, law, cuts):
    # The cuts straddle the edge of the last slab and of the widest step, where a mistake would sit.
    drawn = draws(np.uint64(5), 4_000_000, kind, 1.0)
    for cut in cuts:
        expected = law.sf(cut) * drawn.size
        assert abs((drawn > cut).sum() - expected) < 4 * np.sqrt(expected)


def room_for_a_step(x, floor):
    """How much larger than a slot a step from 0 to x is that fills the half of a bell above a floor."""
    return x * (np.exp(-0.5 * x * x) - floor) - np.sqrt(np.pi / 2) / 1024


def ends_of_steps():
    """Steps of one slot each under the half of a bell, one on top of the other, by a search of its own."""
    ends, floor = [6.0], 0.0
    while len(ends) <= 1021:
        # Of the two ends that would do, the right one: it lies beyond the one that leaves the most room.
        most = optimize.minimize_scalar(lambda *a: -room_for_a_step(*a), (0.0, 0.1), args=(floor,), tol=1e-6).x
        ends.append(optimize.brentq(room_for_a_step, most, ends[-1], args=(floor,), xtol=1e-14))
        floor = np.exp(-0.5 * ends[-1] ** 2)
    return np.array(ends[1:])


def test_what_lies_above_the_steps_is_where_it_should_be():
    # One normal in three hundred: a wrong law of these alone would hide among all the others.
    ends = ends_of_steps()
    low, high = np.append(ends[1:], 0.0), ends
    words = np.random.default_rng(3).integers(2**54, size=120_000, dtype=np.uint64)
    drawn = np.array([ps.normal((bits << np.uint64(10)) | np.uint64(1021 + k % 3)) for k, bits in enumerate(words)])
    size, mass = np.abs(drawn), stats.norm.sf(low) - stats.norm.sf(high) - (high - low) * stats.norm.pdf(high)
    tail = stats.norm.sf(ends[0])
    assert stats.binomtest(int((size > ends[0]).sum()), size.size, tail / (tail + mass.sum())).pvalue > A
    assert stats.kstest(size[size > ends[0]], lambda x: 1 - stats.norm.sf(x) / tail).pvalue > A
    assert stats.binomtest(int((drawn > 0).sum()), drawn.size).pvalue > A
    below = size[size < ends[0]]
    where = np.searchsorted(-ends, -below, side="left") - 1
    found = np.bincount(where // 20, minlength=52)
    parts = np.add.reduceat(mass, np.arange(0, mass.size, 20)) / mass.sum() * below.size
    assert stats.chisquare(found[: parts.size], parts).pvalue > A
    # Within its part a draw lies nearer to the low end, where the bell is farther above the step.
    nodes, weights = np.polynomial.legendre.leggauss(20)
    share = (nodes + 1) / 2
    above = stats.norm.pdf(low[:, None] + (high - low)[:, None] * share) - stats.norm.pdf(high)[:, None]
    mean = ((above * share * weights).sum(1) / (above * weights).sum(1))[where]
    place = (below - low[where]) / (high - low)[where]
    assert abs((place - mean).mean()) < 4 * place.std() / np.sqrt(place.size)


def test_normals_fill_every_cell_as_they_should():
    drawn = np.concatenate([draws(np.uint64(900 + k), 2_000_000, NORMAL, 1.0) for k in range(8)])
    found = np.bincount((special.ndtr(drawn) * 4_000).astype(int), minlength=4_000)
    assert stats.chisquare(found).pvalue > A
    power = np.ones_like(drawn)
    for moment, spread in ((0, 1), (1, 2), (0, 15), (3, 96)):
        power *= drawn
        assert abs(power.mean() - moment) < 4 * np.sqrt(spread / drawn.size)


def test_normals_side_by_side_are_those_of_each_key():
    keys = np.arange(7, 7 + 3 * 41, 3, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    rows = normal_rows(keys, 500)
    np.testing.assert_array_equal(rows.T, [draws(key, 500, NORMAL, 1.0) for key in keys])


def test_normals_side_by_side_know_nothing_of_one_another():
    people, months = 50_000, 24
    keys = np.array([ps.word(np.uint64(77), k) for k in range(people)], dtype=np.uint64)
    rows, bound = normal_rows(keys, months), 5 / np.sqrt(people)
    for values in (rows, rows**2):
        assert np.abs(np.corrcoef(values) - np.eye(months)).max() < bound
        assert abs(np.corrcoef(values[:, 1:].ravel(), values[:, :-1].ravel())[0, 1]) < bound


def test_a_normal_is_as_often_below_as_above():
    drawn = draws(np.uint64(7), SIZE, NORMAL, 1.0)
    assert stats.binomtest(int((drawn > 0).sum()), SIZE).pvalue > A


def test_a_draw_depends_on_key_and_place_alone():
    few, many = (draws(np.uint64(11), size, NORMAL, 1.0) for size in (10, 1000))
    np.testing.assert_array_equal(few, many[:10])
    other = draws(np.uint64(12), 10, NORMAL, 1.0)
    assert not np.isin(other, many).any()


def test_neighbouring_places_are_unrelated():
    drawn = draws(np.uint64(13), SIZE, UNIFORM, 1.0)
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4 / np.sqrt(SIZE)


def test_people_have_their_own_numbers():
    keys, numbers = np.array([3, 4], dtype=np.uint64), np.tile(np.arange(5), (2, 1))
    drawn = ps.person_uniforms(keys, numbers, 40)
    assert np.unique(drawn).size == 10
    np.testing.assert_array_equal(drawn[:, [3]], ps.person_uniforms(keys, numbers[:, [3]], 40))


@pytest.mark.parametrize("shape", [0.5, 1.0, 1.4, 7.0])
def test_a_gamma_has_its_variance_to_a_tenth_of_a_percent(shape):
    # Sixteen million draws: a word that served twice once made the variance half a percent too large.
    drawn = np.concatenate([draws(np.uint64(100 + k), 2_000_000, GAMMA, shape) for k in range(8)])
    spread = np.sqrt((2 * shape**2 + 6 * shape) / drawn.size)
    assert abs(drawn.mean() - shape) < 4 * np.sqrt(shape / drawn.size)
    assert abs(((drawn - shape) ** 2).mean() - shape) < 4 * spread
