"""Bivariate, negative binomial and Kibble kernels against sums, integrals and differences."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gammaln

from iom_causal.numerics.mixed import bivariate_kernel, negative_binomial_kernel
from iom_causal.numerics.mixed.bivariate import (
    fit_bivariate,
    population_gradient,
    population_log_ratio,
    profile_limits,
)
from iom_causal.numerics.mixed.negative_binomial import fit_negative_binomial
from iom_causal.numerics.mixed.quadrature import hermite
from iom_causal.numerics.mixed.shared import fit_shared
from tests.oracles.kibble import kibble_log_pmf

PREPOST = np.array([[1.0, 0.0], [1.0, 1.0]])
STEP = 1e-4
DIFFERENCE = 2e-6  # central differences with that step, relative to the largest entry
SAME = 1e-8


def correlated(seed=1, n=225):
    rng = np.random.default_rng(seed)
    sd = np.array([0.54, 0.75])
    cov = np.outer(sd, sd) * np.array([[1, 0.794], [0.794, 1]])
    return rng.poisson(np.exp(rng.multivariate_normal([0, 0], cov, n)) * [5.9, 2.7])


def dispersed(seed=1, n=225):
    rng = np.random.default_rng(seed)
    frailty = np.exp(rng.normal(0, 0.55, n))[:, None] * rng.gamma(8, 1 / 8, (n, 2))
    return rng.poisson(frailty * [5.9, 3.1])


def derivatives(evaluate, theta):
    _, gradient, hessian = evaluate(theta)
    slopes, curves = [], []
    for e in STEP * np.eye(len(theta)):
        up, down = evaluate(theta + e), evaluate(theta - e)
        slopes.append((up[0] - down[0]) / (2 * STEP))
        curves.append((up[1] - down[1]) / (2 * STEP))
    return gradient, np.array(slopes), hessian, np.array(curves)


def pair_evaluate(y, rule):
    sides = bivariate_kernel.Sides(y, np.ones(len(y)), np.ones((1, 2)), PREPOST[None], np.array([0, 1]))

    def evaluate(theta):
        g, h = np.zeros(5), np.zeros((5, 5))
        value = bivariate_kernel.likelihood(sides, theta, rule, g, h, np.zeros((len(y), 2)), np.zeros((0, 5)))
        return value, g, h

    return evaluate


def nb_evaluate(y, rule):
    cells = negative_binomial_kernel.Cells(y, np.ones(len(y)), np.ones((1, 2)), PREPOST[None])

    def evaluate(theta):
        g, h = np.zeros(4), np.zeros((4, 4))
        value = negative_binomial_kernel.likelihood(cells, theta, rule, g, h, np.zeros(len(y)), np.zeros((0, 4)))
        return value, g, h

    return evaluate


@pytest.mark.parametrize(
    ("evaluate", "theta"),
    [
        (pair_evaluate(correlated(), hermite(31)), np.array([1.6, -0.5, -0.7, -0.3, 0.9])),
        (nb_evaluate(dispersed(), hermite(31)), np.array([1.6, -0.5, -0.7, 1.9])),
    ],
    ids=["bivariate", "negative binomial"],
)
def test_scores_and_information_are_the_derivatives(evaluate, theta):
    gradient, slopes, hessian, curves = derivatives(evaluate, theta)
    assert gradient == pytest.approx(slopes, abs=DIFFERENCE * np.abs(gradient).max())
    assert hessian == pytest.approx(curves, abs=DIFFERENCE * np.abs(hessian).max())


def test_a_pair_of_frailties_by_a_dense_trapezoid():
    y, theta = correlated(n=6), np.array([1.6, -0.5, -0.7, -0.3, 0.9])
    value, _, _ = pair_evaluate(y, hermite(31))(theta)
    sd, rho = np.exp(theta[2:4]), np.tanh(theta[4])
    z = np.linspace(-8, 8, 801)
    z1, z2 = z[:, None], z[None]
    density = np.exp(-(z1**2 - 2 * rho * z1 * z2 + z2**2) / 2 / (1 - rho**2)) / (2 * np.pi * np.sqrt(1 - rho**2))
    log_m = [theta[0], theta[0] + theta[1]]
    total = 0.0
    for a, b in y:
        u1, u2 = log_m[0] + sd[0] * z1, log_m[1] + sd[1] * z2
        total += np.log((density * np.exp(a * u1 - np.exp(u1) + b * u2 - np.exp(u2))).sum() * (z[1] - z[0]) ** 2)
    assert value == pytest.approx(total, abs=1e-7)  # 31 nodes a dimension


def test_negative_binomial_windows_by_adaptive_integration():
    y, theta = dispersed(n=6), np.array([1.6, -0.5, -0.7, 1.9])
    value, _, _ = nb_evaluate(y, hermite(51))(theta)
    sd, size = np.exp(theta[2:])
    means = np.exp([theta[0], theta[0] + theta[1]])
    total = 0.0
    for pair in y:

        def integrand(u, pair=pair):
            p = size / (size + means * np.exp(u))
            return stats.nbinom.pmf(pair, size, p).prod() * stats.norm.pdf(u, 0, sd)

        total += np.log(integrate.quad(integrand, -6, 6, epsabs=0, epsrel=1e-11, limit=200)[0])
    assert value - gammaln(y + 1).sum() == pytest.approx(total, abs=1e-8)


def test_more_nodes_come_closer_monotonically():
    theta = np.array([1.6, -0.5, -0.7, -0.3, 0.9])
    exact = pair_evaluate(correlated(), hermite(51))(theta)[0]
    errors = [abs(pair_evaluate(correlated(), hermite(k))(theta)[0] - exact) for k in (1, 5, 9, 15)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-7


@pytest.mark.parametrize("fit", [fit_bivariate, fit_negative_binomial])
def test_unique_pairs_and_people_agree(fit):
    y = correlated() if fit is fit_bivariate else dispersed()
    extra = ([0, 1],) if fit is fit_bivariate else ()
    common = fit(y[None], [1.0, 1.0], PREPOST, *extra)
    rows = fit(y[None], np.ones((225, 2)), np.broadcast_to(PREPOST, (225, 2, 2)), *extra)
    assert rows.theta == pytest.approx(common.theta, abs=SAME)
    assert rows.meat == pytest.approx(common.meat, rel=1e-6, abs=1e-6)
    assert rows.log_lik == pytest.approx(common.log_lik, rel=SAME)


def test_the_population_ratio_is_the_ratio_of_means():
    theta = np.array([1.0, -0.5, -0.7, -0.2, 0.8])
    sd = np.exp(theta[2:4])
    means = [np.exp(theta[0] + sd[0] ** 2 / 2), np.exp(theta[0] + theta[1] + sd[1] ** 2 / 2)]
    assert float(population_log_ratio(theta)) == pytest.approx(np.log(means[1] / means[0]))
    slopes = [(population_log_ratio(theta + e) - population_log_ratio(theta - e)) / 2e-6 for e in 1e-6 * np.eye(5)]
    assert population_gradient(theta) == pytest.approx(slopes, abs=1e-8)


def test_profile_limits_are_close_to_wald_away_from_bounds():
    y = correlated()
    fit = fit_bivariate(y[None], [1.0, 1.0], PREPOST, [0, 1])
    ends = profile_limits(y[None], [1.0, 1.0], PREPOST, [0, 1], fit.theta[0], 0.95)
    slope = population_gradient(fit.theta[0])
    half = 1.959964 * np.sqrt(slope @ np.linalg.inv(-fit.hessian[0]) @ slope)
    centre = float(population_log_ratio(fit.theta[0]))
    assert ends == pytest.approx((centre - half, centre + half), abs=0.1 * half)


def test_poisson_windows_are_the_limit_of_negative_binomial_ones():
    rng = np.random.default_rng(1)
    y = rng.binomial(12, 0.4, (225, 2))
    y += (rng.random(225) < 0.5)[:, None] * 4
    fit = fit_negative_binomial(y[None], [1.0, 1.0], PREPOST)
    poisson = fit_shared(y[None], [1.0, 1.0], PREPOST, "lognormal")
    assert fit.no_dispersion[0]
    assert fit.theta[0, :2] == pytest.approx(poisson.theta[0, :2], abs=1e-6)
    assert float(fit.log_lik[0]) == pytest.approx(float(poisson.log_lik[0]), abs=1e-4)


def test_the_kibble_pair_has_its_stored_values():
    pmf = np.exp(kibble_log_pmf([0, 3, 8], [0, 2, 5], shape=1.4, mean_before=5, mean_after=3, correlation=0.6))
    assert pmf.round(10).tolist() == [0.0410964959, 0.0186391221, 0.0040621774]


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
def test_the_kibble_pair_is_a_law_with_negative_binomial_margins(correlation):
    k = np.arange(90)
    law = np.exp(kibble_log_pmf(k[:, None], k[None], shape=1.4, mean_before=4, mean_after=2, correlation=correlation))
    assert law.sum() == pytest.approx(1, abs=1e-6)  # the tail beyond 90
    assert law.sum(1)[:20] == pytest.approx(stats.nbinom.pmf(k[:20], 1.4, 1.4 / 5.4), rel=1e-6)
    covariance = (law * (k[:, None] - 4) * (k[None] - 2)).sum()
    assert covariance == pytest.approx(correlation * 8 / 1.4, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("fit", [lambda *a: fit_bivariate(*a, [0, 1]), fit_negative_binomial])
def test_people_alike_in_counts_and_exposure_are_one_row(fit):
    y = np.minimum(correlated(n=120), 4)
    exposure = np.random.default_rng(2).choice([0.5, 1.0], (120, 2))
    once, twice = (
        fit(counts, exposure, PREPOST) for counts in (y[None], np.array([y, y]))
    )  # replicates stay as they are
    for name in ("theta", "log_lik", "hessian", "meat"):
        np.testing.assert_allclose(getattr(once, name)[0], getattr(twice, name)[0], rtol=SAME, atol=1e-6, err_msg=name)


def test_profile_limits_with_own_exposure_are_where_the_profile_has_fallen_by_the_quantile():
    y, exposure = np.minimum(correlated(n=80), 5), np.random.default_rng(3).choice([0.5, 1.0], (80, 2))
    fit = fit_bivariate(y[None], exposure, PREPOST, [0, 1])
    ends = profile_limits(y[None], exposure, PREPOST, [0, 1], fit.theta[0], 0.95)
    sides = bivariate_kernel.Sides(y, np.ones(80), exposure, PREPOST[None], np.array([0, 1]))

    def highest(log_ratio):
        return bivariate_kernel.search(sides, fit.theta[0], hermite(15), np.zeros((80, 2)), 1, log_ratio)[1]

    top = highest(float(population_log_ratio(fit.theta)[0]))
    np.testing.assert_allclose([top - highest(end) for end in ends], 0.5 * stats.chi2.ppf(0.95, 1), rtol=1e-5)
