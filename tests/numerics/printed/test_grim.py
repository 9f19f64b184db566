from fractions import Fraction
from itertools import product
from math import floor

import pytest

from iom_causal.errors import InputError
from iom_causal.numerics.printed.grim import (
    admissible_change_squares,
    admissible_squares,
    admissible_sums,
    square_limits,
)
from iom_causal.published.printed import Printed


def sums(text, n, unit=1):
    number = Printed(text)
    return admissible_sums(number.low, number.high, n, unit)


def passes(texts, n):
    return "".join("T" if len(sums(text, n)) else "F" for text in texts)


# scrutiny 0.6, tests/testthat/test-grim.R
def test_scrutiny_means_of_28():
    assert passes([f"5.{k}" for k in range(19, 31)], 28) == "FFTFFFTFFFTF"


def test_scrutiny_two_items():
    assert passes([f".{k}" for k in range(80, 90)], 28 * 2) == "TFTFTFTTTT"


def test_scrutiny_percentages():
    percent = [Printed(str(k)) for k in range(6, 17)]
    found = [bool(admissible_sums(p.low / 100, p.high / 100, 50)) for p in percent]
    assert found == [k % 2 == 0 for k in range(6, 17)]


# rsprite2 0.2.1, tests/testthat/test-grim.R; phoughton/grim_test README
@pytest.mark.parametrize(
    ("text", "n", "expected"),
    [
        ("5.19", 28, False),
        ("5.18", 28, True),
        ("5.83", 50, False),
        ("5.82", 50, True),
        ("5.84", 50, True),
        ("11.10", 19, False),
        ("11.10", 20, True),
        ("11.10", 21, True),
        ("11.09", 21, False),
    ],
)
def test_other_implementations(text, n, expected):
    assert bool(sums(text, n)) is expected


def test_all_candidates_are_returned():
    assert [Fraction(total, 20) for total in sums("5.2", 20)] == [
        Fraction("5.15"),
        Fraction("5.2"),
        Fraction("5.25"),
    ]


@pytest.mark.parametrize(
    ("text", "n", "expected"),
    [
        ("6.84", 225, {1538, 1539, 1540}),
        ("3.61", 225, {812, 813}),
        ("30.43", 225, {6846, 6847}),
        ("328.89", 225, {74000, 74001}),
        ("238.61", 187, {44620, 44621}),
    ],
)
def test_sums_of_the_paper(text, n, expected):
    assert set(sums(text, n)) == expected


def test_a_tie_is_decided_by_the_fraction_not_by_a_float():
    # 23/40 = .575 may print as .57 or as .58; in floats .575 * 40 is 22.999999999999996.
    assert list(sums(".57", 40)) == [23]
    assert list(sums(".58", 40)) == [23]
    assert list(sums("1.15", 1000)) == list(range(1145, 1156))
    for thousandths in range(5, 3000, 50):
        low, high = Printed(f"{(thousandths - 5) / 1000:.2f}"), Printed(f"{(thousandths + 5) / 1000:.2f}")
        assert low.high * 1000 == thousandths == high.low * 1000
        assert sums(low.text, 1000)[-1] == thousandths == sums(high.text, 1000)[0]


@pytest.mark.parametrize("unit", [1, 2, 5])
def test_sums_equal_enumeration(unit):
    for n in range(1, 7):
        for cents in range(0, 400, 23):
            number = Printed(f"{cents / 100:.2f}")
            expected = [k * unit for k in range(40) if number.low * n <= k * unit <= number.high * n]
            assert list(admissible_sums(number.low, number.high, n, unit)) == expected


def variance(values, ddof=1):
    n = len(values)
    return (Fraction(sum(v * v for v in values)) - Fraction(sum(values) ** 2, n)) / (n - ddof)


@pytest.mark.parametrize("unit", [1, 3])
def test_square_windows_hold_every_data_set(unit):
    n, top = 4, 4
    data = [tuple(unit * v for v in values) for values in product(range(top + 1), repeat=n)]
    low, high = Fraction("1.25") * unit, Fraction("1.75") * unit
    for total in range(0, unit * n * top + 1, unit):
        same = [values for values in data if sum(values) == total]
        squares = {sum(v * v for v in values) for values in same}
        assert (min(squares), max(squares)) == square_limits(n, total, unit, lowest=0, highest=unit * top)
        found = {q for q in squares for v in [(q - Fraction(total**2, n)) / (n - 1)] if low**2 <= v <= high**2}
        window = admissible_squares(low, high, n, total, unit, lowest=0, highest=unit * top)
        assert found <= set(window)
        assert all(low**2 <= (q - Fraction(total**2, n)) / (n - 1) <= high**2 for q in window)


@pytest.mark.parametrize("bottom", [0, 2, -3])
@pytest.mark.parametrize("attained", [True, False])
def test_limits_equal_enumeration(bottom, attained):
    n, top = 4, bottom + 4
    data = list(product(range(bottom, top + 1), repeat=n))
    if attained:
        data = [v for v in data if min(v) == bottom and max(v) == top]
    for total in range(n * bottom - 1, n * top + 2):
        squares = [sum(v * v for v in values) for values in data if sum(values) == total]
        least, most = square_limits(n, total, lowest=bottom, highest=top, attained=attained)
        assert (least, most) == (min(squares), max(squares)) if squares else least > most


def test_population_denominator():
    values = (0, 1, 1, 4)
    s = Printed(f"{float(variance(values, ddof=0)) ** 0.5:.2f}")
    window = admissible_squares(s.low, s.high, 4, sum(values), ddof=0)
    assert sum(v * v for v in values) in window


def test_squares_of_the_paper():
    low, high = Printed("4.75").low, Printed("4.75").high
    window = admissible_squares(low, high, 225, 1539, lowest=0, highest=23, attained=True)
    assert window == range(15571, 15592, 2)
    low, high = Printed("3.66").low, Printed("3.66").high
    assert admissible_squares(low, high, 225, 812, lowest=0, highest=15, attained=True) == range(5924, 5939, 2)


def test_change_squares_equal_enumeration():
    n, t = 5, Printed("2.1")
    found = set()
    for change in product(range(-2, 4), repeat=n):
        v, total = variance(change), sum(change)
        if total == 4 and v > 0 and t.low**2 * v <= Fraction(total * total, n) <= t.high**2 * v:
            found.add(sum(d * d for d in change))
    assert found
    assert found == set(admissible_change_squares(t.low, t.high, n, 4))
    assert admissible_change_squares(t.low, t.high, n, -4) == admissible_change_squares(t.low, t.high, n, 4)


def test_change_squares_of_the_paper():
    t = Printed("11.64")
    window = admissible_change_squares(t.low, t.high, 225, 727)
    assert window == range(6231, 6236, 2)
    assert floor(float(224 * Fraction(727**2, 225) / t.high**2 + Fraction(727**2, 225))) == 6229


def test_no_change_has_no_t():
    assert not admissible_change_squares(Fraction(1), Fraction(2), 10, 0)


def test_bad_input():
    with pytest.raises(InputError, match=r"IOM-E101.*fractions"):
        admissible_sums(0.5, 0.6, 10)
    with pytest.raises(InputError, match=r"IOM-E101.*n = 0"):
        admissible_sums(Fraction(0), Fraction(1), 0)
    with pytest.raises(InputError, match=r"IOM-E101.*unbounded"):
        admissible_change_squares(Fraction(0), Fraction(1), 10, 3)


def test_an_impossible_total_has_no_squares():
    assert not admissible_squares(Fraction(0), Fraction(9), 3, 40, lowest=0, highest=5)
    assert not admissible_squares(Fraction(0), Fraction(9), 1, 3, lowest=0, highest=5, attained=True)
