"""Two releases of nearly the same people, subtracted, do not give the person between them away."""

import math

import numpy as np
import pytest

from iom_causal.data.release.disclosure import Disclosure

RULES = Disclosure()
MOST = 60
SEEDS = range(25)


def rounded(value, unit):
    return unit * round(value / unit)


def by_rule(n, sd):
    return RULES.unit(n, sd)


def at_two_decimals(*_):
    return 0.01


def told(values, unit_of):
    """The number of people, the mean and the SD of a release, each by its unit."""
    sd = values.std(ddof=1)
    unit = unit_of(values.size, sd)
    return values.size, rounded(values.mean(), unit), rounded(sd, unit), unit


def totals(n, mean, unit):
    return range(math.ceil(n * (mean - unit / 2) - 1e-9), math.floor(n * (mean + unit / 2) + 1e-9) + 1)


def squares(n, total, sd, unit):
    """The least and the largest sum of squares that rounds to the SD given."""
    low, high = (max(0.0, sd + end) ** 2 * (n - 1) + total**2 / n for end in (-unit / 2, unit / 2))
    return math.ceil(low - 1e-9), math.floor(high + 1e-9)


def candidates(values, left_out, unit_of):
    """The values that the person left out can have had, by brute force over totals and sums of squares."""
    (n, mean, sd, unit), (m, less, less_sd, less_unit) = (
        told(v, unit_of) for v in (values, np.delete(values, left_out))
    )
    found = set()
    for total in totals(n, mean, unit):
        low, high = squares(n, total, sd, unit)
        for x in range(MOST):
            if total - x in totals(m, less, less_unit):
                least, most = squares(m, total - x, less_sd, less_unit)
                first, last = max(low, least + x * x), min(high, most + x * x)
                if first + (first - total) % 2 <= last:  # squares add up odd where the values do
                    found.add(x)
    return found


def solved(n, unit_of):
    cohorts = (np.random.default_rng([n, seed]) for seed in SEEDS)
    drawn = [(rng.poisson(rng.gamma(1.5, 4, n)), int(rng.integers(n))) for rng in cohorts]
    return [len(candidates(values, who, unit_of)) for values, who in drawn]


@pytest.mark.parametrize("n", [25, 60, 100, 180])
def test_the_person_left_out_is_not_solved_for(n):
    possible = solved(n, by_rule)
    assert min(possible) > 1
    assert np.median(possible) >= 8


@pytest.mark.parametrize("n", [25, 60, 100, 180])
def test_the_attack_succeeds_at_two_decimals(n):
    assert 1 in solved(n, at_two_decimals)


def test_a_unit_leaves_the_total_as_much_room_as_one_person_takes():
    for n, sd in ((10, 3.0), (37, 2.8), (225, 4.9), (225, 300.0), (10_000, 0.4)):
        assert n * RULES.unit(n, sd) >= max(2, sd)
        assert RULES.unit(n, sd) <= 2.5 * max(2, sd) / RULES.rounded(n) + 1e-12


def test_the_unit_follows_the_number_of_people_as_it_is_given():
    assert len({RULES.unit(n, 4.9) for n in range(98, 103)}) == 1


def test_means_and_deviations_are_multiples_of_their_unit():
    assert (RULES.mean(6.844, 225, 2, 4.9), RULES.mean(4.913, 225, 2, 4.9)) == ("6.85", "4.90")
    assert RULES.mean(243.1, 30, 2, 390.0) == "240"
