"""Part exposure and effects that build up: integrals, inverses, and what is refused."""

import numpy as np
import pytest
from scipy.integrate import quad

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment import exposure as ca


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
