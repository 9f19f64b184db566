from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.numerics.printed.interval_arithmetic import Interval
from iom_causal.numerics.printed.shares import (
    admissible_counts,
    arms_needed,
    debit_counts,
    difference_half_width,
    exact_interval,
    percent_places,
    pooled_change_limits,
    smallest_base,
)
from iom_causal.published.printed import Printed

SAME_QUANTILE = 1e-9  # scipy inverts by a search, this by the inverse beta function


def counts(text, n):
    return list(admissible_counts(Printed(text).low, Printed(text).high, n))


@pytest.mark.parametrize("n", [1, 7, 30, 225, 999])
def test_counts_equal_trying_each(n):
    for tenths in range(0, 1001, 13):
        p = Printed(f"{tenths / 10:.1f}")
        assert counts(p.text, n) == [k for k in range(n + 1) if p.low <= Fraction(100 * k, n) <= p.high]


def test_half_up_and_half_even_are_both_inside():
    # 1 of 8 is 12.5 percent: 13 by half up, 12 by half to even.
    assert counts("12", 8) == counts("13", 8) == [1]


def test_the_paper():
    assert [counts(p, 225) for p in ("85.3", "9.3", "4.9")] == [[192], [21], [11]]


@pytest.mark.parametrize("text", ["42.4", "41.6", "0.0", "100.0", "33.3", "7.1"])
def test_smallest_base(text):
    n = smallest_base(Printed(text).low if text != "0.0" else Fraction(0), min(Fraction(100), Printed(text).high))
    assert counts(text, n)
    assert not any(counts(text, m) for m in range(1, n))


def test_debit_equals_every_data_set():
    for n in range(2, 9):
        for data in product((0, 1), repeat=n):
            mean, sd = Printed(f"{np.mean(data):.2f}"), Printed(f"{np.std(data, ddof=1):.2f}")
            assert sum(data) in debit_counts((mean.low, mean.high), (sd.low, sd.high), n)
    mean, sd = Printed("0.30"), Printed("0.40")
    assert debit_counts((mean.low, mean.high), (sd.low, sd.high), 40) == ()


@pytest.mark.parametrize(("k", "n"), [(0, 5), (5, 5), (6, 10), (13, 16), (1, 400)])
def test_exact_interval_against_scipy(k, n):
    expected = stats.binomtest(k, n).proportion_ci(0.95, "exact")
    found = exact_interval(k, n, level=0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=SAME_QUANTILE)


def test_people_needed_is_where_the_test_turns():
    first, second = Interval(0.424, 0.424), Interval(0.416, 0.416)
    n = arms_needed(first, second, level=0.95).low

    def p(m):
        middle = 0.42
        return 2 * stats.norm.sf(0.008 / np.sqrt(2 * middle * (1 - middle) / m))

    assert p(n) <= 0.05 < p(n - 1)


def test_rounding_that_allows_no_difference_has_no_upper_limit():
    assert arms_needed(Interval(0.41, 0.42), Interval(0.42, 0.43), level=0.95).high == float("inf")


def test_half_width_by_simulation():
    rng = np.random.default_rng(1)
    gaps = rng.binomial(200, 0.4, 100_000) / 200 - rng.binomial(200, 0.3, 100_000) / 200
    half = difference_half_width(0.4, 0.3, 200, level=0.95)
    assert np.mean(np.abs(gaps - 0.1) <= half) == pytest.approx(0.95, abs=0.01)  # the normal limit of counts


def test_pooled_changes():
    limits, share = pooled_change_limits((-0.67, 0.158))
    assert (limits.low, limits.high) == (-0.67, 0.158)
    assert share * -0.67 + (1 - share) * 0.158 == pytest.approx(0, abs=1e-15)
    assert pooled_change_limits((-0.2, -0.1))[1] is None
    assert pooled_change_limits((0.1, -0.1, 0.2))[1] is None


def test_nearest_counts():
    assert percent_places(Fraction("33.5"), Fraction("34.5"), 10) == (3, 4)


def test_refusals():
    with pytest.raises(InputError, match="IOM-E101"):
        exact_interval(7, 5, level=0.95)
    with pytest.raises(InputError, match="IOM-E101"):
        smallest_base(Fraction(120), Fraction(121))
