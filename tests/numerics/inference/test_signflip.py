"""Sign-flip test: against every sign pattern written out; sampled flips."""

from itertools import product

import numpy as np
import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.inference.signflip import is_exact, sign_flip_exact, sign_flip_sampled

EXACT = 1e-12


SETS = [
    [-3, -1, 2, -5, 4, -6],
    [-1, -1, -1, 2, 2, -3],
    [0, 0, -1, 1, -2, -2, 3],
    [0, -4, -4, -4, -4],
    [5, 0, 0, 0],
    [-7, 7, -7, 7, 1, 1],
]


def patterns(values):
    """Every way to flip signs, as rows."""
    return np.array(list(product((-1, 1), repeat=len(values)))) * np.abs(values)


@pytest.mark.parametrize("changes", SETS)
def test_the_sign_flip_test_counts_every_pattern(changes):
    sums = patterns(np.array(changes)).sum(1)
    total = sum(changes)
    got = sign_flip_exact(changes)
    assert got.total == total
    assert got.less == pytest.approx((sums <= total).mean(), rel=EXACT)
    assert got.greater == pytest.approx((sums >= total).mean(), rel=EXACT)
    assert got.two_sided == pytest.approx((np.abs(sums) >= abs(total)).mean(), rel=EXACT)


def test_sampled_flips_approach_the_exact_p():
    d = np.random.default_rng(4).integers(-6, 4, 60)
    exact, draws = sign_flip_exact(d), 40_000
    sampled = sign_flip_sampled(d, np.random.default_rng(5), draws=draws)
    for a, b in ((exact.less, sampled.less), (exact.two_sided, sampled.two_sided)):
        assert b == pytest.approx(a, abs=4 * (a * (1 - a) / draws) ** 0.5 + 1 / draws)


def test_sampled_p_values_are_never_zero():
    got = sign_flip_sampled(np.full(60, 0.5), np.random.default_rng(5), draws=99)
    assert (got.less, got.greater, got.two_sided) == (1.0, 0.01, 0.01)


def test_sampled_flips_do_not_depend_on_units():
    d = np.array([0.5, -0.25, 0.75, 1.5, -0.5])
    one = sign_flip_sampled(d, np.random.default_rng(6), draws=2000)
    tiny = sign_flip_sampled(d * 2.0**-900, np.random.default_rng(6), draws=2000)
    assert one[1:] == tiny[1:]


def test_exactness_is_for_whole_changes_of_moderate_size():
    assert is_exact(np.array([3.0, -1.0]))
    assert not is_exact(np.array([0.5]))
    assert not is_exact(np.full(5000, 10**6))
    with pytest.raises(InputError, match="IOM-E031"):
        sign_flip_exact([0.5])
