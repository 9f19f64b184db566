import itertools
from fractions import Fraction

import pytest

from iom_causal.numerics.grim import admissible_squares, admissible_sums
from iom_causal.numerics.multisets import count_multisets


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
