"""HAC with a correction: closed forms, what it is without autocorrelation, and how often it covers."""

import numpy as np
import pytest
from scipy.stats import binom, t

from iom_causal.numerics.comparison import serial_errors as room
from iom_causal.numerics.comparison.serial_errors import (
    autocorrelations,
    autoregression,
    bartlett,
    ljung_box,
    newey_west,
    serial_errors,
)
from iom_causal.numerics.comparison.series_effects import segments, series_effect


def regression(rng, size=200, windows=30, rho=0.0):
    noise = rng.standard_normal((size, windows))
    for k in range(1, windows):
        noise[:, k] = rho * noise[:, k - 1] + np.sqrt(1 - rho**2) * noise[:, k]
    years = (np.arange(windows) - windows // 2 + 0.5) / 12
    x = segments(years, 0.0).x
    bread = np.linalg.inv(x.T @ x)
    hat = x @ bread @ x.T
    return np.broadcast_to(x, (size, *x.shape)), noise - noise @ hat, np.broadcast_to(bread, (size, 4, 4)), noise


def test_the_corrected_variance_has_the_right_expectation_where_errors_are_autoregressive():
    root, _residuals, bread, _ = regression(np.random.default_rng(1), size=1)
    gradient = np.array([[0.0, 0, 1, 0.5]])
    for rho in (0.0, 0.5):
        # The quadratic form by brute force, of a covariance that is known.
        errors = rho ** np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
        x, a = root[0], root[0] @ bread[0] @ gradient[0]
        free = np.eye(30) - x @ bread[0] @ x.T
        form = free @ np.diag(a) @ bartlett(30, 3) @ np.diag(a) @ free
        own, factor, df = room._factors(root, bread, gradient, np.array([rho]), 3)
        assert factor[0] == pytest.approx(a @ errors @ a / np.trace(form @ errors))
        assert df[0] == pytest.approx(np.trace(form @ errors) ** 2 / np.trace(form @ errors @ form @ errors))
        level = room._factors(root, bread, np.array([[0.0, 0, 1, 0]]), np.array([rho]), 3)[1]
        assert own[0, 2] == pytest.approx(level[0])


def test_the_variance_of_a_coefficient_is_that_of_its_contrast():
    root, residuals, bread, _ = regression(np.random.default_rng(2), size=5)
    gradient = np.tile([0.0, 0, 1, 0], (5, 1))
    found = serial_errors(root, residuals, bread, gradient, 3)
    assert found.variance == pytest.approx(found.cov[:, 2, 2])
    plain = newey_west(root, residuals, bread, 3)
    correlation = [c[2, 3] / np.sqrt(c[2, 2] * c[3, 3]) for c in (found.cov[0], plain[0])]
    assert correlation[0] == pytest.approx(correlation[1])


def test_the_autocorrelation_is_that_of_greatest_restricted_likelihood():
    root, residuals, _, noise = regression(np.random.default_rng(3), size=20, rho=0.4)
    found = autoregression(root, noise)
    assert found == pytest.approx(autoregression(root, residuals), abs=1e-9)  # the regression does not enter

    def restricted(rho, x, y):
        errors = rho ** np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
        inverse = np.linalg.inv(errors)
        crossed = x.T @ inverse @ x
        left = y - x @ np.linalg.solve(crossed, x.T @ inverse @ y)
        logs = [np.linalg.slogdet(m)[1] for m in (errors, crossed)]
        return -0.5 * (sum(logs) + 26 * np.log(left @ inverse @ left))

    fine = np.linspace(-0.59, 0.95, 1541)
    for k in range(3):
        best = fine[np.argmax([restricted(rho, root[0], noise[k]) for rho in fine])]
        assert found[k] == pytest.approx(best, abs=0.003)


def test_autocorrelations_and_their_test_are_those_of_statsmodels():
    from statsmodels.stats.diagnostic import acorr_ljungbox

    y = np.random.default_rng(4).standard_normal(40)
    y -= y.mean()
    lags = autocorrelations(y[None], 6)
    theirs = acorr_ljungbox(y, lags=[6])["lb_pvalue"].iloc[0]
    assert ljung_box(lags, 40)[0] == pytest.approx(theirs)


def held(before, after, rho, size, seed, spread=0.2, mean=100.0):
    """Return in how many of so many series of counts about a wandering rate the interval holds the ratio."""
    rng = np.random.default_rng(seed)
    years = (np.arange(-before, after) + 0.5) / 12
    by = segments(years, 0.0)
    path = rng.standard_normal((size, before + after))
    for k in range(1, before + after):
        path[:, k] = rho * path[:, k - 1] + np.sqrt(1 - rho**2) * path[:, k]
    log_rate = np.log(mean) - 0.1 * years + by.after * (-0.3 + 0.1 * years)
    events = rng.poisson(np.exp(log_rate + spread * path - spread**2 / 2)).astype(float)
    found = series_effect(by, events, np.zeros_like(events))
    without = np.exp(-0.1 * years) * by.after
    truth = np.log((without * np.exp(-0.3 + 0.1 * years)).sum() / without.sum())
    half = t.isf(0.025, found.df) * found.std_error
    return int((np.abs(found.horizon.log_ratio - truth) <= half).sum())


A = 1e-4  # of a false alarm


def test_intervals_of_two_years_of_months_hold_their_ratio():
    """Near .945; an uncorrected Newey-West interval holds .78 there."""
    count = held(12, 12, 0.3, 2000, seed=5)
    assert binom.ppf(A / 2, 2000, 0.93) <= count <= binom.isf(A / 2, 2000, 0.97)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "rho", "spread"),
    [
        (12, 12, 0.0, 0.0),
        (12, 12, 0.3, 0.2),
        (12, 12, 0.5, 0.2),
        (24, 12, 0.0, 0.2),
        (24, 12, 0.3, 0.2),
        (24, 12, 0.5, 0.2),
        (24, 24, 0.5, 0.2),
        (36, 24, 0.5, 0.2),
    ],
)
def test_intervals_hold_their_ratio_from_two_years_on(before, after, rho, spread):
    count = held(before, after, rho, 10_000, seed=6, spread=spread)
    assert binom.ppf(A / 2, 10_000, 0.93) <= count <= binom.isf(A / 2, 10_000, 0.97)


@pytest.mark.parametrize("lags", [1, 3, 7])
def test_without_its_correction_it_is_that_of_statsmodels(lags):
    sm = pytest.importorskip("statsmodels.api")
    root, _, bread, noise = regression(np.random.default_rng(5), size=1, windows=40, rho=0.3)
    theirs = sm.OLS(noise[0], root[0]).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    ours = newey_west(root, (noise - noise @ root[0] @ bread[0] @ root[0].T), bread, lags)
    np.testing.assert_allclose(ours[0], theirs.cov_params(), rtol=1e-8)


@pytest.mark.parametrize(("windows", "lags"), [(12, 2), (24, 3), (36, 3), (63, 3), (64, 4), (108, 4)])
def test_an_effect_has_the_errors_of_as_many_lags_as_the_rule_says(windows, lags):
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(6)
    by = segments((np.arange(windows) - windows // 2 + 0.5) / 12, 0.0)
    events = rng.poisson(40, (1, windows)).astype(float)
    found = series_effect(by, events, np.zeros((1, windows)))
    theirs = sm.GLM(events[0], by.x, family=sm.families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}
    )
    ours, wanted = (c / np.sqrt(np.outer(np.diag(c), np.diag(c))) for c in (found.cov[0], theirs.cov_params()))
    np.testing.assert_allclose(ours, wanted, atol=1e-6)  # each coefficient has a factor of its own
