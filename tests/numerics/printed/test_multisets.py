import itertools
from fractions import Fraction

import pytest

from iom_causal.numerics.printed.grim import admissible_squares, admissible_sums
from iom_causal.numerics.printed.multisets import some_multiset
from tests.oracles.multisets import count_multisets


def windows(n, mean, sd, support):
    low, high = support
    return {total: admissible_squares(*sd, n, total, lowest=low, highest=high) for total in admissible_sums(*mean, n)}


def printed(value, half):
    return Fraction(value) - Fraction(half), Fraction(value) + Fraction(half)


@pytest.mark.parametrize(
    ("n", "mean", "sd", "support", "expected"),
    [
        (20, printed("2.20", ".005"), printed("1.32", ".005"), (1, 5), 9),  # README of rsprite2: "only 9"
        (130, printed("2.7", ".05"), printed("1.9", ".05"), (1, 5), 5359),  # README of unsum
        (50, printed("3.5", ".05"), printed("1.2", ".005"), (0, 7), 7980),  # scrutipy closure
    ],
)
def test_published_counts_of_samples(n, mean, sd, support, expected):
    assert count_multisets(n, support, windows(n, mean, sd, support)) == expected


@pytest.mark.parametrize("support", [(0, 3), (2, 5), (-2, 2), (4, 4), (1, 2)])
def test_brute_force_finds_as_many(support):
    n, (low, high) = 5, support
    window = {total: range(0, 200, 3) for total in range(-3, 24)}
    brute = sum(
        sum(v * v for v in m) in window.get(sum(m), ())
        for m in itertools.combinations_with_replacement(range(low, high + 1), n)
    )
    assert count_multisets(n, support, window) == brute


def test_no_window_has_none():
    assert count_multisets(4, (0, 3), {}) == 0
    assert count_multisets(4, (0, 3), {40: range(100)}) == 0


@pytest.mark.parametrize("support", [(0, 4), (2, 5), (-2, 2)])
@pytest.mark.parametrize("n", [2, 3, 5, 7])
def test_some_multiset_is_what_every_set_says(n, support):
    low, high = support
    every = list(itertools.combinations_with_replacement(range(low, high + 1), n))
    seen = {(sum(x), sum(v * v for v in x)) for x in every}
    both = {(sum(x), sum(v * v for v in x)) for x in every if {low, high} <= set(x)}
    most = n * max(low * low, high * high)
    for total in range(n * low - 1, n * high + 2):
        for q in range(most + 2):
            window = {total: range(q, q + 1)}
            assert some_multiset(n, support, window) == ((total, q) in seen)
            assert some_multiset(n, support, window, attained=(low, high)) == ((total, q) in both)


def test_some_multiset_agrees_with_their_number_and_says_when_there_are_too_many():
    assert some_multiset(20, (1, 5), windows(20, printed("2.20", ".005"), printed("1.32", ".005"), (1, 5)))
    assert some_multiset(3, (0, 9), {}) is False
    assert some_multiset(225, (0, 23), {1539: range(15571, 15592, 2)}) is None
