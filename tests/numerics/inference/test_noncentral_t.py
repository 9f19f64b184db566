"""Noncentral t: against scipy where it is right, closed forms, and identities without simulation."""

import numpy as np
import pytest
from scipy import integrate, stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.noncentral_t import nct_cdf, nct_log_cdf, nct_sf, noncentrality, noncentrality_limits
from iom_causal.numerics.inference.t_batch import limits_batch

EXACT = 1e-12  # the promise of the tails


SCIPY = 1e-10  # scipy's noncentral t in its body


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


@pytest.mark.parametrize("bad", [(np.nan, 5, 1.0), (np.inf, 5, 1.0), (1.0, 0.5, 1.0), (1.0, 5, np.inf)])
def test_areas_refuse_what_they_cannot_hold(bad):
    with pytest.raises(InputError, match="IOM-E092"):
        nct_cdf(*bad)


def test_searches_refuse_impossible_areas():
    with pytest.raises(InputError, match="IOM-E092"):
        noncentrality(1.0, 5, 1.0)
    with pytest.raises(InputError, match="IOM-E092"):
        limits_batch([np.inf], 5, 0.95)
