"""Student and noncentral t: against scipy where it is right, closed forms, and simulation-free identities."""

import numpy as np
import pytest
from scipy import integrate, stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.noncentral_t import nct_cdf, nct_log_cdf, nct_sf, noncentrality, noncentrality_limits
from iom_causal.numerics.inference.student_t import half_step_gamma, t_isf, t_log_two_sided, t_sf, t_two_sided
from iom_causal.numerics.inference.t_batch import limits_batch, two_sided_batch

EXACT = 1e-12  # the promise of the tails
TABLE = 1e-11  # the promise of the tables of limits
SCIPY = 1e-10  # scipy's noncentral t in its body


@pytest.mark.parametrize("df", [1, 2, 4.5, 30, 224, 1e5])
def test_tails_are_those_of_scipy(df):
    t = np.array([-3.0, 0.0, 0.5, 2.2, 9.0])
    assert t_sf(t, df) == pytest.approx(stats.t.sf(t, df), rel=EXACT)
    assert t_two_sided(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=EXACT)
    assert t_isf(t_sf(t, df), df) == pytest.approx(t, rel=1e-9, abs=EXACT)


@pytest.mark.parametrize(
    ("t", "df", "stored"),
    [  # log of the two-sided p by hypergeometric series with 60 digits
        (200.0, 300, -738.12344573903719),
        (1e160, 2, -736.82722975809462),
        (1000.0, 500, -1903.6839301059485),
        (1e200, 1, -460.96860130409859),
        (60.0, 1e5, -1772.6599242871112),
        (40.0, 500, -361.96938141481058),
    ],
)
def test_logs_keep_their_digits_where_p_underflows(t, df, stored):
    assert float(t_log_two_sided(t, df)) == pytest.approx(stored, rel=EXACT)


def test_the_log_has_no_seam_where_the_method_changes():
    t = np.linspace(36.0, 38.5, 400)  # p crosses 1e-290 in here
    p = t_log_two_sided(t, 2e4)
    assert np.abs(np.diff(p, 3)).max() < 1e-6


def test_half_step_gamma_meets_its_series():
    x = np.array([0.5, 7.0, 29.999999, 30.000001, 400.0])
    factor = half_step_gamma(x) * half_step_gamma(x + 0.5)  # telescopes to Gamma(x + 1) / Gamma(x)
    assert factor == pytest.approx(x, rel=1e-14)


@pytest.mark.parametrize("df", [1, 2, 5, 24, 224])
def test_noncentral_body_is_that_of_scipy(df):
    t = np.linspace(-4, 9, 27)
    delta = np.linspace(5, -3, 27)
    theirs = stats.nct.cdf(t, df, delta)
    body = theirs > 1e-3
    assert nct_cdf(t, df, delta)[body] == pytest.approx(theirs[body], rel=SCIPY)


@pytest.mark.parametrize(("t", "df", "delta"), [(1.3, 1, 0.2), (-2.0, 2.5, 1.0), (4.0, 9, 2.0), (-40.0, 12, -30.0)])
def test_noncentral_area_is_the_integral_over_the_normal(t, df, delta):
    def slice_of(z):  # P(T <= t) given Z = z, by the law of chi square
        x = df * ((z + delta) / t) ** 2
        if t > 0:
            return stats.norm.pdf(z) * (stats.chi2.sf(x, df) if z + delta > 0 else 1.0)
        return stats.norm.pdf(z) * (stats.chi2.cdf(x, df) if z + delta < 0 else 0.0)

    area = integrate.quad(slice_of, -12, 12, points=[-delta], epsabs=0, epsrel=1e-11, limit=400)[0]
    assert float(nct_cdf(t, df, delta)) == pytest.approx(area, rel=1e-9)


def test_noncentral_areas_add_up_and_reflect():
    rng = np.random.default_rng(1)
    t, delta = rng.normal(0, 5, 200), rng.normal(0, 5, 200)
    for df in (1, 3, 60):
        below, above = nct_cdf(t, df, delta), nct_sf(t, df, delta)
        assert below + above == pytest.approx(1.0, rel=EXACT)
        assert above == pytest.approx(nct_cdf(-t, df, -delta), rel=0)


def test_noncentral_without_noncentrality_is_student():
    t = np.array([-30.0, -2.0, 0.0, 1.0, 8.0])
    assert nct_cdf(t, 7, 0.0) == pytest.approx(stats.t.cdf(t, 7), rel=EXACT)


def test_noncentral_tails_fall_without_holes():
    t = np.linspace(-5.0, 5.0, 201)
    logs = nct_log_cdf(t, 8, 23.0)
    assert np.isfinite(logs).all()
    assert (np.diff(logs) > 0).all()


@pytest.mark.parametrize("df", [1, 2, 3, 8, 60, 1000])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999999])
def test_limits_invert_the_areas(df, level):
    t = np.array([-1e4, -30.0, -2.0, -1e-9, 0.0, 0.7, 11.64, 250.0])
    low, high = noncentrality_limits(t, df, level)
    tail = (1 - level) / 2
    assert nct_sf(t, df, low) == pytest.approx(tail, rel=1e-8)
    assert nct_cdf(t, df, high) == pytest.approx(tail, rel=1e-8)


def test_limits_of_near_constant_changes_exist():
    low, high = noncentrality_limits(2.16e16, 5, 0.95)
    s_low, s_high = np.sqrt(stats.chi2.ppf([0.025, 0.975], 5) / 5)
    assert float(low) == pytest.approx(2.16e16 * s_low, rel=1e-6)
    assert float(high) == pytest.approx(2.16e16 * s_high, rel=1e-6)


@pytest.mark.parametrize("df", [1, 2, 4, 24, 224, 1e4])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_tables_agree_with_the_direct_search(df, level):
    t = np.random.default_rng(3).normal(size=60) * np.geomspace(0.1, 60, 60)
    direct, table = noncentrality_limits(t, df, level), limits_batch(t, df, level)
    for a, b in zip(direct, table, strict=True):
        assert np.max(np.abs(a - b) / np.maximum(1, np.abs(a))) < TABLE
    p = t_two_sided(t, df)
    keep = p > 1e-290
    assert two_sided_batch(t, df)[keep] == pytest.approx(p[keep], rel=2 * EXACT)


def test_a_table_does_not_depend_on_the_rest_of_the_batch():
    t = np.array([-3.0, 0.1, 11.64, 40.0])
    whole = limits_batch(t, 224, 0.95)
    for i, x in enumerate(t):
        alone = limits_batch([x], 224, 0.95)
        assert (alone[0][0], alone[1][0]) == (whole[0][i], whole[1][i])
        assert two_sided_batch([x], 224)[0] == two_sided_batch(t, 224)[i]


def test_tables_take_several_df_and_leave_the_undefined_out():
    t, df = np.array([2.0, np.nan, 2.0]), np.array([5.0, 5.0, 9.0])
    assert two_sided_batch(t, df)[[0, 2]] == pytest.approx(2 * stats.t.sf(2.0, df[[0, 2]]), rel=EXACT)
    assert np.isnan(two_sided_batch(t, df)[1])
    assert np.isnan(limits_batch(t, df, 0.95)[0][1])


@pytest.mark.parametrize("bad", [(np.nan, 5, 1.0), (np.inf, 5, 1.0), (1.0, 0.5, 1.0), (1.0, 5, np.inf)])
def test_areas_refuse_what_they_cannot_hold(bad):
    with pytest.raises(InputError, match="IOM-E092"):
        nct_cdf(*bad)


def test_searches_refuse_impossible_areas():
    with pytest.raises(InputError, match="IOM-E092"):
        noncentrality(1.0, 5, 1.0)
    with pytest.raises(InputError, match="IOM-E092"):
        limits_batch([np.inf], 5, 0.95)
