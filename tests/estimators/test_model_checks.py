"""Residuals and rootograms: flat under the right model, not under a wrong one."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import InputError
from iom_causal.estimators.model_checks import residuals, rootogram
from iom_causal.estimators.negative_binomial_mixed import NegativeBinomialMixed
from iom_causal.estimators.poisson_mixed import PoissonMixed
from iom_causal.estimators.rate_ratio import RateRatio
from iom_causal.panel import Panel

SMALLEST_P = 1e-4


def panel(seed, n=1500, *, size=np.inf, zeros=0.0):
    rng = np.random.default_rng(seed)
    mean = np.exp(rng.normal(0, 0.5, n))[:, None] * [5.0, 3.0]
    if np.isfinite(size):
        mean = mean * rng.gamma(size, 1 / size, mean.shape)
    y = rng.poisson(mean)
    return Panel.from_arrays(np.where(rng.random(n)[:, None] < zeros, 0, y))


def p_uniform(values):
    return stats.kstest(values[~np.isnan(values)], "uniform").pvalue


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        (PoissonMixed(mixing="lognormal"), np.inf),
        (PoissonMixed(mixing="bivariate"), np.inf),
        (NegativeBinomialMixed(), 4.0),
    ],
    ids=["lognormal", "bivariate", "negative binomial"],
)
def test_residuals_are_uniform_under_the_model(spec, size):
    data = panel(3, size=size)
    assert p_uniform(residuals(spec(data), data, rng=1)) > SMALLEST_P
    root = rootogram(spec(data), data, rng=1)
    assert root.observed.sum() == pytest.approx(root.expected.sum())
    common = root.expected > 5
    assert np.mean((root.low <= root.observed) & (root.observed <= root.high), where=common) > 0.8


def test_too_many_zeros_show():
    data = panel(4, zeros=0.15)
    fitted = PoissonMixed()(data)
    assert p_uniform(residuals(fitted, data, rng=1)) < SMALLEST_P
    assert rootogram(fitted, data, rng=1).hanging[0] > 1


def test_a_seed_fixes_them_and_missing_windows_stay_missing():
    outcome = panel(5, n=50).outcome.astype(float)
    outcome[:4, 1] = np.nan
    data = Panel.from_arrays(outcome, missing="keep")
    fitted = PoissonMixed()(data)
    a, b = (residuals(fitted, data, rng=9) for _ in range(2))
    assert a == pytest.approx(b, nan_ok=True)
    assert np.isnan(a).sum() == 4
    with pytest.raises(InputError, match="IOM-E066"):
        residuals(RateRatio()(data), data)
