"""Paired proportions: exact, mid-p and score limits against published values, sums and searches."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from iom_causal.estimators.mcnemar import McNemar
from iom_causal.numerics.inference.mcnemar import (
    PairedTable,
    chi_square,
    exact_p,
    mid_p,
    newcombe_limits,
    odds_limits,
    score_limits,
    wilson_limits,
)
from iom_causal.panel import Panel

STORED = 1e-12


tables = st.tuples(*[st.integers(0, 25)] * 4).filter(lambda t: sum(t) > 0)


def panel(both, before_only, after_only, neither, **fields):
    cells = [[1, 1]] * both + [[1, 0]] * before_only + [[0, 1]] * after_only + [[0, 0]] * neither
    return Panel.from_arrays(cells, kind="binary", name="rearrested", **fields)


@pytest.mark.parametrize(
    ("stopped", "started", "p"),
    [
        (10, 2, 0.03857421875),
        (0, 6, 0.03125),
        (1, 1000, 9.3513014574022531675e-299),
        (60, 40, 0.056887933640980791670),
        (500_000, 498_000, 0.045392119891496641097),
    ],
)
def test_the_exact_p_has_its_stored_value(stopped, started, p):
    assert exact_p(stopped, started) == pytest.approx(p, rel=STORED)
    assert exact_p(started, stopped) == exact_p(stopped, started)


@given(st.integers(0, 60), st.integers(0, 60))
def test_p_values_agree_with_the_sum_of_binomial_terms(stopped, started):
    total, low = stopped + started, min(stopped, started)
    terms = stats.binom.pmf(np.arange(low + 1), total, 0.5)
    assert exact_p(stopped, started) == pytest.approx(min(1, 2 * terms.sum()), rel=1e-10)
    assert mid_p(stopped, started) == pytest.approx(min(1, 2 * terms.sum() - terms[-1]), rel=1e-10)


def test_the_exact_test_never_exceeds_its_level():
    for total in (5, 20, 61, 200):
        chances = stats.binom.pmf(np.arange(total + 1), total, 0.5)
        rejected = [exact_p(total - k, k) <= 0.05 for k in range(total + 1)]
        assert chances[rejected].sum() <= 0.05


def test_a_published_table_of_rearrests_gives_its_chi_squared():
    assert round(chi_square(515, 290)[0], 3) == 62.888
    result = McNemar("chi_square")(panel(158, 515, 290, 1134))
    assert (round(result.statistic, 3), result.n_used) == (62.888, 2097)


@pytest.mark.parametrize("test", ["exact", "mid_p", "chi_square"])
@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.8, 0.95, 0.99]))
def test_limits_leave_out_1_exactly_when_the_test_rejects_it(test, stopped, started, level):
    p = {"exact": exact_p, "mid_p": mid_p}.get(test, lambda b, c: chi_square(b, c)[1])(stopped, started)
    low, high = odds_limits(stopped, started, level, test)
    if abs(p - (1 - level)) > 1e-9:
        assert (low > 1 or high < 1) == (p < 1 - level)


def test_wilson_limits_solve_the_score_equation():
    for k, n in itertools.product((0, 1, 7, 20), (20, 33)):
        ends = stats.binomtest(k, n).proportion_ci(0.9, method="wilson")
        assert wilson_limits(k, n, 0.9) == pytest.approx((ends.low, ends.high), abs=1e-12)


def score_by_search(table, difference):
    """Maximise the trinomial likelihood at a difference by search; return the variance of the change there."""
    a, b, c, d = table

    def loss(q):
        return -(stats.multinomial.logpmf([b, c, a + d], table.n, [q, q + difference, 1 - 2 * q - difference]))

    low, high = max(0.0, -difference), (1 - difference) / 2
    q = optimize.minimize_scalar(loss, bounds=(low + 1e-12, high - 1e-12), method="bounded", options={"xatol": 1e-12}).x
    return (2 * q + difference - difference**2) / table.n


@pytest.mark.parametrize("cells", [(36, 12, 2, 1), (5, 3, 9, 20), (1, 7, 7, 0), (0, 2, 11, 3)])
def test_score_limits_are_where_the_score_test_just_rejects(cells):
    table = PairedTable(*cells)
    estimate = (table.after_only - table.before_only) / table.n
    for end in score_limits(table, 0.95):
        z = abs(estimate - end) / score_by_search(table, end) ** 0.5
        assert z == pytest.approx(1.959964, rel=1e-4)  # what the search leaves


def test_newcombe_limits_have_their_published_values():
    low, high = newcombe_limits(PairedTable(36, 12, 2, 0), 0.95)  # Newcombe (1998), method 10, with the sign turned
    assert (round(low, 4), round(high, 4)) == (-0.3404, -0.0569)


def test_newcombe_takes_off_half_of_the_people_from_a_positive_association():
    a, b, c, d = 53, 16, 8, 23
    n, ends = 100, [stats.binomtest(k, 100).proportion_ci(0.95, method="wilson") for k in (69, 61)]
    phi = (a * d - b * c - n / 2) / np.sqrt(69 * 31 * 61 * 39)
    down, up = np.array([0.61 - ends[1].low, ends[0].high - 0.69]), np.array([ends[1].high - 0.61, 0.69 - ends[0].low])
    together = np.array([[1, -phi], [-phi, 1]])
    expected = (-0.08 - np.sqrt(down @ together @ down), -0.08 + np.sqrt(up @ together @ up))
    assert newcombe_limits(PairedTable(a, b, c, d), 0.95) == pytest.approx(expected, rel=1e-10)


@settings(deadline=None)
@given(tables)
def test_limits_hold_the_estimate_stay_on_the_scale_and_turn_with_the_windows(cells):
    a, b, c, d = cells
    for limits in (score_limits, newcombe_limits):
        low, high = limits(PairedTable(a, b, c, d), 0.95)
        assert -1 - 1e-12 <= low <= (c - b) / (a + b + c + d) + 1e-9
        assert (c - b) / (a + b + c + d) - 1e-9 <= high <= 1 + 1e-12
        assert limits(PairedTable(a, c, b, d), 0.95) == pytest.approx((-high, -low), abs=1e-9)


def test_the_score_interval_covers():
    rng = np.random.default_rng(11)
    draws = rng.multinomial(40, [0.15, 0.3, 0.1, 0.45], size=3000)
    hits = sum(low <= -0.2 <= high for low, high in (score_limits(PairedTable(*t), 0.95) for t in draws.tolist()))
    assert 0.93 < hits / 3000 < 0.97  # 5 Monte Carlo standard errors
