"""JZS Bayes factor: against quadrature and published software."""

import numpy as np
import pytest
from scipy import integrate, stats

from iom_causal.errors import InputError
from iom_causal.numerics.inference.bayes_factor import jzs_log_bf10

EXACT = 1e-12


def test_bayes_factors_that_other_software_prints():
    assert float(np.exp(jzs_log_bf10(3.5, 20))) == pytest.approx(17.185, abs=5e-4)
    assert float(np.exp(jzs_log_bf10(3.5, 10, df=38))) == pytest.approx(26.743, abs=1e-3)
    assert float(np.exp(jzs_log_bf10(-2.3078, 5))) == pytest.approx(1.561, abs=5e-4)
    assert float(np.exp(jzs_log_bf10(-5.902, 4))) == pytest.approx(7.169, abs=5e-3)


@pytest.mark.parametrize(("t", "n", "scale"), [(0.0, 10, 0.707), (2.0, 30, 1.0), (-4.0, 12, 0.3)])
def test_bayes_factor_is_the_ratio_of_averaged_likelihoods(t, n, scale):
    def slice_of(d):
        return stats.nct.pdf(t, n - 1, d * n**0.5) * stats.cauchy.pdf(d, scale=scale)

    with_change = integrate.quad(slice_of, -8, 8, points=[0.0, t / n**0.5], epsabs=0, epsrel=1e-9, limit=300)[0]
    without = stats.t.pdf(t, n - 1)
    assert float(jzs_log_bf10(t, n, scale=scale)) == pytest.approx(np.log(with_change / without), abs=1e-4)


def test_bayes_factor_of_many_is_that_of_each():
    t, n = np.array([0.0, 3.0, 1e4]), np.array([1e6, 2.0, 50.0])
    many = jzs_log_bf10(t, n)
    assert many == pytest.approx([float(jzs_log_bf10(a, b)) for a, b in zip(t, n, strict=True)], rel=EXACT)
    with pytest.raises(InputError, match="IOM-E092"):
        jzs_log_bf10(np.nan, 10)
