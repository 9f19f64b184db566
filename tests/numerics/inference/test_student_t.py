"""Student t: against scipy where it is right, and series."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.inference.student_t import half_step_gamma, t_isf, t_log_two_sided, t_sf, t_two_sided

EXACT = 1e-12  # the promise of the tails


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
