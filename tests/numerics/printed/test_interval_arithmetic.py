from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iom_causal.errors import InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval, over_corners

ends = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)


@st.composite
def boxes(draw):
    low, high = sorted((draw(ends), draw(ends)))
    return low, high, low + (high - low) * draw(st.fractions(min_value=0, max_value=1, max_denominator=10))


@given(boxes(), boxes())
def test_arithmetic_encloses_the_exact_answer(first, second):
    (a, b), (x, y) = (Interval.of(*first[:2]), first[2]), (Interval.of(*second[:2]), second[2])
    assert (a + x).low <= b + y <= (a + x).high
    assert (a - x).low <= b - y <= (a - x).high
    assert (a * x).low <= b * y <= (a * x).high
    assert abs(a).low <= abs(b) <= abs(a).high
    if not second[0] <= 0 <= second[1]:
        assert (a / x).low <= b / y <= (a / x).high
    if first[0] >= 0:
        root = a.sqrt()
        assert Fraction(root.low) ** 2 <= b <= Fraction(root.high) ** 2


@given(boxes())
def test_of_holds_the_exact_ends(box):
    interval = Interval.of(*box[:2])
    assert Fraction(interval.low) <= box[0] <= box[1] <= Fraction(interval.high)


def test_ends_that_are_floats_stay():
    assert Interval.of(Fraction(1, 2), 2) == Interval(0.5, 2.0)


def test_meeting_and_holding():
    assert Interval(1, 2).meets(Interval(2, 3))
    assert not Interval(1, 2).meets(Interval(2.0000001, 3))
    assert Interval(1, 2).holds(2)
    assert not Interval(1, 2).holds(0.99)


def test_thirds_lie_strictly_inside():
    third = Interval(1.0, 1.0) / Interval(3.0, 3.0)
    assert Fraction(third.low) < Fraction(1, 3) < Fraction(third.high)
    product = third * Interval(3.0, 3.0)
    assert product.low < 1 < product.high


def test_falling_functions_are_turned():
    image = Interval(1, 4).map(lambda x: 1 / x)
    assert (round(image.low, 12), round(image.high, 12)) == (0.25, 1.0)
    assert over_corners(lambda a, b: a - b, Interval(1, 2), Interval(1, 2)).holds(-1)


def test_refusals():
    with pytest.raises(InputError, match="IOM-E101"):
        Interval(2, 1)
    with pytest.raises(InputError, match="IOM-E101"):
        Interval(float("nan"), 1)
    with pytest.raises(InputError, match=r"IOM-E101.*holds 0"):
        Interval(1, 2) / Interval(-1, 1)
    with pytest.raises(InputError, match=r"IOM-E101.*below 0"):
        Interval(-2, -1).sqrt()
