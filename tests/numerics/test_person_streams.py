"""Draws by counter follow their laws, and depend on nothing but key and place."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics import person_streams as ps

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
    drawn = ps.draws(np.uint64(20121101), SIZE, kind, shape)
    assert stats.kstest(drawn, law.cdf).pvalue > A


@pytest.mark.parametrize(
    ("kind", "law", "cuts"), [(NORMAL, stats.norm(), (3.0, 3.7)), (EXPONENTIAL, stats.expon(), (7.0, 8.5))]
)
def test_tails_hold_what_they_should(kind, law, cuts):
    # Both cuts straddle the edge of the last slab, where a mistake of a ziggurat would sit.
    drawn = ps.draws(np.uint64(5), 4_000_000, kind, 1.0)
    for cut in cuts:
        expected = law.sf(cut) * drawn.size
        assert abs((drawn > cut).sum() - expected) < 4 * np.sqrt(expected)


def test_a_normal_is_as_often_below_as_above():
    drawn = ps.draws(np.uint64(7), SIZE, NORMAL, 1.0)
    assert stats.binomtest(int((drawn > 0).sum()), SIZE).pvalue > A


def test_a_draw_depends_on_key_and_place_alone():
    few, many = (ps.draws(np.uint64(11), size, NORMAL, 1.0) for size in (10, 1000))
    np.testing.assert_array_equal(few, many[:10])
    other = ps.draws(np.uint64(12), 10, NORMAL, 1.0)
    assert not np.isin(other, many).any()


def test_neighbouring_places_are_unrelated():
    drawn = ps.draws(np.uint64(13), SIZE, UNIFORM, 1.0)
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4 / np.sqrt(SIZE)


def test_people_have_their_own_numbers():
    keys, numbers = np.array([3, 4], dtype=np.uint64), np.tile(np.arange(5), (2, 1))
    drawn = ps.person_uniforms(keys, numbers, 40)
    assert np.unique(drawn).size == 10
    np.testing.assert_array_equal(drawn[:, [3]], ps.person_uniforms(keys, numbers[:, [3]], 40))


@pytest.mark.parametrize("shape", [0.5, 1.0, 1.4, 7.0])
def test_a_gamma_has_its_variance_to_a_tenth_of_a_percent(shape):
    # Sixteen million draws: a word that served twice once made the variance half a percent too large.
    drawn = np.concatenate([ps.draws(np.uint64(100 + k), 2_000_000, GAMMA, shape) for k in range(8)])
    spread = np.sqrt((2 * shape**2 + 6 * shape) / drawn.size)
    assert abs(drawn.mean() - shape) < 4 * np.sqrt(shape / drawn.size)
    assert abs(((drawn - shape) ** 2).mean() - shape) < 4 * spread
