"""Careers, custody, calendars, detection and sets: stored values, closed forms and brute force."""

import datetime as dt

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.stats import norm, truncnorm

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import age_curves as ac
from iom_causal.numerics.adjustment import calendar as cal
from iom_causal.numerics.adjustment import custody as cu
from iom_causal.numerics.adjustment import detection as de
from iom_causal.numerics.adjustment import exposure as ca
from iom_causal.numerics.adjustment.identified_sets import imbens_manski, imbens_manski_critical

EXACT = 1e-12
ODE = 1e-8  # of the solver
STORED = 5e-8  # eight digits are stored


def test_stored_values_of_arrests_with_custody():
    rate, p, stay, length = 4.0, 0.4, 0.5, 1.5
    assert rate * length * float(cu.stationary_free(rate, p, stay)) == pytest.approx(3.3333333, abs=STORED)
    assert rate * length * float(cu.free_share(rate, p, stay, length, 1.0)) == pytest.approx(3.8249301, abs=STORED)


@pytest.mark.parametrize("start", [0.0, 0.3, 1.0])
def test_time_at_liberty_solves_the_two_state_equation(start):
    rate, p, stay, length = 3.0, 0.25, 0.4, 1.5
    found = solve_ivp(
        lambda _, f: [-rate * p * f[0] + (1 - f[0]) / stay, f[0]], (0, length), [start, 0], rtol=1e-11, atol=1e-13
    )
    assert float(cu.free_share(rate, p, stay, length, start)) == pytest.approx(found.y[1, -1] / length, abs=ODE)


def test_rate_while_free_inverts_the_long_run():
    rate = np.array([0.5, 3.0, 9.0])
    yearly = rate * cu.stationary_free(rate, 0.3, 0.6)
    np.testing.assert_allclose(cu.rate_while_free(yearly, 0.3, 0.6), rate, rtol=EXACT)


def test_log_change_of_rates_is_compressed_in_the_long_run():
    rate, p, stay, h = 4.0, 0.4, 0.5, 1e-6
    logs = [np.log(r * cu.stationary_free(r, p, stay)) for r in (rate * np.exp(-h), rate * np.exp(h))]
    assert (logs[1] - logs[0]) / (2 * h) == pytest.approx(1 / (1 + rate * p * stay), rel=1e-6)


def test_ratio_within_people_solves_its_equation_and_takes_weights():
    rng = np.random.default_rng(4)
    before, after = rng.poisson(5.0, 30).astype(float), rng.poisson(4.0, 30).astype(float)
    free = rng.uniform(0.2, 1.0, (30, 2))
    weight = rng.integers(0, 3, 30).astype(float)
    ratio = cu.within_person_ratio(before, after, free[:, 0], free[:, 1], weight)
    chance = ratio * free[:, 1] / (free[:, 0] + ratio * free[:, 1])
    assert (weight * (after - (before + after) * chance)).sum() == pytest.approx(0, abs=1e-9)
    rows = np.repeat(np.arange(30), weight.astype(int))
    repeated = cu.within_person_ratio(before[rows], after[rows], free[rows, 0], free[rows, 1], np.ones(len(rows)))
    assert float(ratio) == pytest.approx(float(repeated), rel=EXACT)


def test_with_equal_time_at_liberty_it_is_the_ratio_of_totals():
    before, after = np.array([4.0, 0.0, 7.0]), np.array([1.0, 2.0, 3.0])
    ones = np.ones(3)
    assert float(cu.within_person_ratio(before, after, ones, ones, ones)) == pytest.approx(6 / 11, rel=EXACT)


def test_no_events_of_people_free_in_both_windows_is_refused():
    with pytest.raises(InputError):
        cu.within_person_ratio(np.array([1.0]), np.array([0.0]), np.ones(1), np.ones(1), np.ones(1))


@pytest.mark.parametrize("hazard", [0.0, 0.06, 2.0])
def test_mean_survival_is_an_integral(hazard):
    value, _ = quad(lambda t: np.exp(-hazard * t), 0.5, 2.0)
    assert float(ca.mean_survival(hazard, 0.5, 2.0)) == pytest.approx(value / 1.5, abs=1e-10)


def test_full_effect_inverts_the_mean_ratio_over_draws():
    ratio, ramp = np.array([0.5, 0.9, 1.2]), np.array([0.1, 0.5, 1.0])
    full = ca.full_log_effect(ratio, ramp, 2.0, 1.5)
    np.testing.assert_allclose(ca.mean_ratio(full, ramp, 2.0, 1.5), ratio, rtol=1e-10)
    with pytest.raises(InputError):
        ca.full_log_effect(0.0, 0.1, 2.0, 1.5)


def test_undiluted_ratio_inverts_the_mixture_and_refuses_the_impossible():
    for tau in (0.2, 1.0, 1.7):
        shown = (0.4 + 0.6 * tau) / (0.9 + 0.1 * tau)
        assert float(ca.undiluted_ratio(shown, 0.6, 0.1)) == pytest.approx(tau)
    with pytest.raises(InputError):
        ca.undiluted_ratio(0.3, 0.5)


def test_a_level_over_a_window_is_its_mean_over_days():
    spells = [
        (dt.date(2010, 1, 1), dt.date(2011, 1, 1), 3.0),
        (dt.date(2011, 1, 1), dt.date(2012, 1, 1), 7.0),
    ]
    start, end = dt.date(2010, 10, 17), dt.date(2011, 3, 2)
    days = [3.0 if (start + dt.timedelta(k)).year == 2010 else 7.0 for k in range((end - start).days)]
    assert cal.mean_level(spells, start, end) == pytest.approx(np.mean(days))
    with pytest.raises(InputError):
        cal.mean_level(spells, start, dt.date(2012, 1, 2))
    with pytest.raises(InputError):
        cal.half_year_contrast(end, start)


def test_the_contrast_of_a_half_year_counts_days():
    assert cal.half_year_contrast(dt.date(2012, 5, 1), dt.date(2012, 11, 1)) == 1
    assert cal.half_year_contrast(dt.date(2012, 11, 1), dt.date(2013, 5, 1)) == -1


def test_recorded_over_true_is_what_counting_gives():
    offences, d1, d2, f1, f2 = 1000.0, 0.3, 0.2, 0.1, 0.25
    recorded = offences * d2 / (1 - f2) / (offences * d1 / (1 - f1))
    assert np.exp(de.log_recorded_over_true(d2 / d1, f1, f2)) == pytest.approx(recorded)


def test_bounds_of_the_true_ratio_and_their_interval():
    assert de.true_ratio_bounds(0.5, 0.8, 1.25) == pytest.approx((0.4, 0.625))
    low, high = de.true_ratio_interval(np.log(0.5), 0.06, 0.8, 1.25, level=0.95)
    assert low < 0.4
    assert high > 0.625
    point = de.true_ratio_interval(np.log(0.5), 0.06, 1.0, 1.0, level=0.95)
    assert point == pytest.approx((0.5 * np.exp(-1.959964 * 0.06), 0.5 * np.exp(1.959964 * 0.06)))
    with pytest.raises(InputError):
        de.true_ratio_bounds(0.5, 1.2, 1.0)


@pytest.mark.parametrize("length", [0.0, 0.5, 2.0, 20.0])
def test_the_interval_covers_the_ends_of_its_set_exactly(length):
    c = imbens_manski_critical(length, 0.95)
    # At the lower end: the estimates of the two ends are that end and that end plus the length, both with the
    # same error z, and the interval holds it unless z leaves [-c - length, c].
    assert norm.cdf(c + length) - norm.cdf(-c) == pytest.approx(0.95, abs=1e-10)
    assert 1.6448 < c <= 1.96


def test_an_interval_of_a_set_without_error_is_the_set():
    assert imbens_manski(-1.0, 2.0, 0.0, 0.0) == (-1.0, 2.0)
    with pytest.raises(InputError):
        imbens_manski(1.0, 0.0, 0.1, 0.1)


def test_smoothed_rates_are_moving_averages_that_narrow_at_the_ends():
    rates = np.array([1.0, 2.0, 6.0, 3.0, 8.0])
    np.testing.assert_allclose(np.exp(ac.smoothed_log_rates(rates, 1)), [1, 3, 11 / 3, 17 / 3, 8])
    with pytest.raises(InputError):
        ac.smoothed_log_rates(np.zeros(3), 1)


def test_a_curve_refuses_ages_below_its_start():
    with pytest.raises(InputError) as caught:
        ac.log_gamma_curve([7.0], 3.0, 6.0, 8.0)
    assert caught.value.code == "IOM-E055"


def test_ages_that_no_cut_off_normal_has_are_refused():
    for mean, sd in ((70.0, 5.0), (30.0, 40.0), (30.0, 0.0)):
        with pytest.raises(InputError):
            ac.truncated_normal_parameters(mean, sd, 13.0, 60.0)


SEARCHED = [
    (29.796021540645416, 14.449009315146105, 11.468680542722815, 70.14164139331737),
    (23.759331015814844, 6.650459181851364, 16.746681273088498, 66.38560970075622),
]
"""Means, SDs and ranges at which a search ends at the law to ten digits, and says that it made no progress."""


@pytest.mark.parametrize(("mean", "sd", "low", "high"), SEARCHED)
def test_a_law_that_is_found_is_not_refused_for_how_a_search_ended(mean, sd, low, high):
    location, scale = ac.truncated_normal_parameters(mean, sd, low, high)
    law = truncnorm((low - location) / scale, (high - location) / scale, location, scale)
    assert (law.mean(), law.std()) == pytest.approx((mean, sd), rel=1e-8)
