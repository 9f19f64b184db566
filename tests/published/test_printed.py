from fractions import Fraction

import pytest

from iom_causal.errors import InputError
from iom_causal.published.printed import Printed, PrintedP


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("11.64", "11.64", 2),
        (".38", ".38", 2),
        ("0.380", ".38", 3),
        ("6.80", "6.8", 2),
        ("225", "225", 0),
        ("-3.23", "-3.23", 2),
        ("−3.23", "-3.23", 2),
        ("+1.5", "1.5", 1),
        ("1,539", "1539", 0),
        (" 7 ", "7", 0),
        ("5.", "5", 0),
        ("1.2e-5", "0.000012", 6),
    ],
)
def test_reads_what_papers_print(text, value, decimals):
    number = Printed(text)
    assert (number.exact, number.decimals) == (Fraction(value), decimals)
    assert number.high - number.low == Fraction(1, 10**decimals)
    assert (number.low + number.high) / 2 == number.exact


@pytest.mark.parametrize(
    "text", ["", " ", ".", "-", "abc", "1.2.3", "12,34", "1 2", "85%", "e5", "5e3.2", "<.001", "nan", "inf"]
)
def test_refuses_what_is_not_one_number(text):
    with pytest.raises(InputError, match="IOM-E100"):
        Printed(text)


@pytest.mark.parametrize("number", [11.64, 225, True, None])
def test_a_bare_number_is_refused_with_the_reason(number):
    with pytest.raises(InputError, match=r"IOM-E100.*loses its decimals"):
        Printed(number)


def test_both_ends_are_inside():
    number = Printed("0.25")
    assert number.admits(Fraction("0.245"))
    assert number.admits(Fraction("0.255"))
    assert not number.admits(Fraction("0.2449999"))


def test_counts():
    assert Printed("1,539").count == 1539
    for text in ("3.0", "-3"):
        with pytest.raises(InputError, match="IOM-E101"):
            _ = Printed(text).count


@pytest.mark.parametrize(
    ("text", "relation", "low", "high"),
    [
        ("p < .001", "<", "0", ".001"),
        ("p<.05", "<", "0", ".05"),
        ("≤ .05", "<", "0", ".05"),
        ("p > .05", ">", ".05", "1"),
        ("p = .03", "=", ".025", ".035"),
        (".03", "=", ".025", ".035"),
        ("P = .000", "=", "0", ".0005"),
        ("1.00", "=", ".995", "1"),
    ],
)
def test_p_values(text, relation, low, high):
    p = PrintedP(text)
    assert (p.relation, p.low, p.high) == (relation, Fraction(low), Fraction(high))


def test_p_values_that_cannot_be():
    for text in ("p = 1.3", "-.02"):
        with pytest.raises(InputError, match="IOM-E101"):
            PrintedP(text)
    for text in ("p = ns", "", 0.03):
        with pytest.raises(InputError, match="IOM-E100"):
            PrintedP(text)


def test_prints_are_values():
    assert Printed("1.50") != Printed("1.5")
    assert str(Printed("1.50")) == "1.50"
    assert eval(repr(Printed("1.50"))) == Printed("1.50")  # noqa: S307 - our own repr
