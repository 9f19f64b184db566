"""The kernels of shared frailties against integrals, enumeration and closed forms."""

import numpy as np
import pytest
from scipy import optimize, stats
from scipy.special import gammaln, logsumexp, xlogy

from iom_causal.errors import InputError
from iom_causal.numerics.inference.ratios import robust_from_people
from iom_causal.numerics.kernels.newton import CONVERGED
from iom_causal.numerics.mixed.shared import fit_shared, log_likelihoods, quadrature_error, spread_limit

PREPOST = np.array([[1.0, 0.0], [1.0, 1.0]])
COEFFICIENT = 1e-6  # the accuracy that is promised against exact quadrature
LOG_LIK = 1e-8
SAME = 1e-9  # one sum in another order
GRID = np.linspace(-9, 9, 4001)  # a dense trapezoid, exact to 1e-13 for these smooth densities


def people(seed=1, n=225, sd=0.55, means=(5.9, 3.1)):
    rng = np.random.default_rng(seed)
    return rng.poisson(np.exp(rng.normal(0, sd, n))[:, None] * np.array(means))


def trapezoid_log_lik(theta, y, exposure, x):
    """The lognormal model's log likelihood by a dense trapezoid in z = u / sd."""
    b, sd = theta[:-1], np.exp(theta[-1])
    eta = x @ b
    log_mean = np.where(exposure > 0, np.log(np.where(exposure > 0, exposure, 1)) + eta, 0.0)
    constant = (y * log_mean - gammaln(y + 1)).sum()
    total, mean = y.sum(-1), np.where(exposure > 0, np.exp(log_mean), 0.0) * np.ones(y.shape)
    h = total[:, None] * sd * GRID - mean.sum(-1)[:, None] * np.exp(sd * GRID) - GRID**2 / 2
    return constant + (logsumexp(h, axis=1) + np.log(GRID[1] - GRID[0]) - 0.5 * np.log(2 * np.pi)).sum()


def gamma_log_lik(theta, y, exposure, x):
    """The negative multinomial likelihood written with log gamma functions."""
    a, m = np.exp(-theta[-1]), exposure * np.exp(x @ theta[:-1]) * np.ones(y.shape)
    s, big = y.sum(-1), m.sum(-1)
    terms = gammaln(a + s) - gammaln(a) - gammaln(y + 1).sum(-1) + a * np.log(a / (a + big))
    return (terms + xlogy(y, m / (a + big)[:, None]).sum(-1)).sum()


@pytest.mark.parametrize(("mixing", "value"), [("gamma", gamma_log_lik), ("lognormal", trapezoid_log_lik)])
def test_two_windows_agree_with_an_independent_likelihood(mixing, value):
    y = people()
    fit = fit_shared(y[None], [1.0, 1.0], PREPOST, mixing, nodes=31)
    found = optimize.minimize(
        lambda t: -value(t, y, 1.0, PREPOST), fit.theta[0] + 0.05, method="BFGS", options={"gtol": 1e-6}
    )
    assert fit.theta[0] == pytest.approx(found.x, abs=COEFFICIENT)
    assert float(fit.log_lik[0]) == pytest.approx(value(fit.theta[0], y, 1.0, PREPOST), abs=LOG_LIK)


@pytest.mark.parametrize("windows", [2, 7])
@pytest.mark.parametrize("differing", ["days", "covariates", "days and covariates"])
def test_values_alone_of_gamma_frailties_are_those_of_the_closed_form(differing, windows):
    rng = np.random.default_rng(windows)
    days = np.ones((1, windows)) if differing == "covariates" else rng.choice([0.0, 0.5, 1.3], (40, windows))
    x = np.stack([np.ones(windows), np.arange(windows) >= windows // 2], axis=-1)
    if "covariates" in differing:
        x = np.concatenate([np.broadcast_to(x, (40, windows, 2)), rng.normal(size=(40, windows, 1))], axis=-1)
    y = np.where(days > 0, rng.poisson(2.0, (40, windows)), 0)
    y[:4], often = 0, rng.integers(0, 3, 40)
    theta = rng.normal(0.0, 0.4, (9, x.shape[-1] + 1))
    each = [a if len(a) == 1 else np.repeat(a, often, axis=0) for a in (y, days)]
    design = np.repeat(x, often, axis=0) if x.ndim == 3 else x
    wanted = [gamma_log_lik(t, each[0], each[1], design) for t in theta]
    found = log_likelihoods(y, days if len(days) > 1 else days[0], x, "gamma", theta, weight=often)
    assert found == pytest.approx(wanted, rel=SAME)


def test_fifteen_nodes_are_enough_for_such_data():
    y = people()
    few, many = (fit_shared(y[None], [1.0, 1.0], PREPOST, "lognormal", nodes=k) for k in (15, 51))
    assert few.theta == pytest.approx(many.theta, abs=COEFFICIENT)
    exact = trapezoid_log_lik(few.theta[0], y, 1.0, PREPOST)
    error = quadrature_error(y[None], [1.0, 1.0], PREPOST, few)
    assert abs(float(few.log_lik[0]) - exact) == pytest.approx(error, rel=0.1)
    assert error < 1e-6


@pytest.mark.parametrize("mixing", ["gamma", "lognormal", "fixed"])
def test_three_shapes_of_one_model_agree(mixing):
    y = people()
    x = PREPOST[:, 1:] if mixing == "fixed" else PREPOST
    fits = [
        fit_shared(y[None], days, design, mixing)
        for days, design in (
            ([1.0, 1.0], x),
            (np.ones((225, 2)), x),
            (np.ones((225, 2)), np.broadcast_to(x, (225, *x.shape))),
        )
    ]
    for fit in fits[1:]:
        assert fit.theta == pytest.approx(fits[0].theta, abs=SAME)
        assert fit.log_lik == pytest.approx(fits[0].log_lik, rel=SAME)
        assert fit.hessian == pytest.approx(fits[0].hessian, rel=1e-6, abs=1e-6)
        assert fit.meat == pytest.approx(fits[0].meat, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("mixing", ["pooled", "gamma", "lognormal", "fixed"])
def test_the_log_ratio_is_that_of_the_totals_under_every_mixing_distribution(mixing):
    y = people(seed=5)
    x = PREPOST[:, 1:] if mixing == "fixed" else PREPOST
    fit = fit_shared(y[None], [547.0, 549.0], x, mixing)
    expected = np.log(y[:, 1].sum() / 549 / (y[:, 0].sum() / 547))
    place = 0 if mixing == "fixed" else 1
    assert fit.theta[0, place] == pytest.approx(expected, abs=SAME)
    naive = np.sqrt((1 / y.sum(0)).sum())
    inverse = np.linalg.inv(-fit.hessian[0])
    assert np.sqrt(inverse[place, place]) == pytest.approx(naive, rel=SAME)
    robust = np.sqrt((inverse @ fit.meat[0] @ inverse)[place, place])
    other = robust_from_people(y[:, 0], y[:, 1], 547.0, 549.0)
    assert robust == pytest.approx(float(other.std_error), rel=SAME)


@pytest.mark.parametrize("mixing", ["gamma", "lognormal"])
def test_unbalanced_exposure_covariates_and_missing_windows(mixing):
    rng = np.random.default_rng(3)
    y = people(seed=7, n=80, means=(3.0, 3.0, 2.0, 2.0))
    days = rng.uniform(0.3, 1.5, y.shape)
    days[rng.random(y.shape) < 0.15] = 0.0
    y = np.where(days > 0, y, 0)
    age = rng.normal(size=80)
    x = np.stack([np.ones(y.shape), np.broadcast_to([0, 0, 1, 1], y.shape), np.tile(age[:, None], 4)], axis=-1)
    fit = fit_shared(y[None], days, x, mixing, nodes=31)
    assert fit.ended[0] == CONVERGED

    def minus(theta):
        if mixing == "lognormal":
            return -trapezoid_log_lik(theta, y, days, x)
        return -np.sum([gamma_log_lik(theta, y[[i]][:, d > 0], d[d > 0], x[[i]][:, d > 0]) for i, d in enumerate(days)])

    found = optimize.minimize(minus, fit.theta[0] + 0.02, method="BFGS", options={"gtol": 1e-6})
    assert fit.theta[0] == pytest.approx(found.x, abs=5 * COEFFICIENT)  # the search by differences is the coarser
    assert float(fit.log_lik[0]) == pytest.approx(-minus(fit.theta[0]), abs=LOG_LIK)
    step = 1e-4
    for j in range(4):
        e = step * np.eye(4)[j]
        curve = (minus(fit.theta[0] + e) - 2 * minus(fit.theta[0]) + minus(fit.theta[0] - e)) / step**2
        assert -fit.hessian[0, j, j] == pytest.approx(curve, rel=1e-4)  # a second difference


def test_weights_repeat_people():
    y = people(n=60)
    rows, counts = np.unique(y, axis=0, return_counts=True)
    a = fit_shared(y[None], [1.0, 1.0], PREPOST, "lognormal")
    b = fit_shared(rows[None], [1.0, 1.0], PREPOST, "lognormal", weight=counts)
    c = fit_shared(rows[None], np.ones((len(rows), 2)), PREPOST, "lognormal", weight=counts)
    for other in (b, c):
        assert other.theta == pytest.approx(a.theta, abs=SAME)
        assert other.meat == pytest.approx(a.meat, rel=1e-8)
        assert other.log_lik == pytest.approx(a.log_lik, rel=SAME)


def test_replicates_do_not_know_of_one_another():
    stack = np.stack([people(seed=k) for k in range(4)])
    many = fit_shared(stack, [1.0, 1.0], PREPOST, "lognormal")
    for k in range(4):
        one = fit_shared(stack[k : k + 1], [1.0, 1.0], PREPOST, "lognormal")
        assert (many.theta[k] == one.theta[0]).all()


def test_people_who_vary_less_than_poisson_get_the_poisson_fit():
    y = np.array([[2, 3], [3, 2], [2, 2], [3, 3], [2, 3]])
    fit = fit_shared(y[None], [1.0, 1.0], PREPOST, "gamma")
    assert fit.boundary[0]
    assert fit.theta[0, -1] == -np.inf
    assert np.exp(fit.theta[0, 0]) == pytest.approx(12 / 5)
    assert fit.log_lik[0] == pytest.approx(stats.poisson.logpmf(y, [12 / 5, 13 / 5]).sum())
    limit = spread_limit(y[None], [1.0, 1.0], PREPOST, "gamma", fit, 0.95)
    held = optimize.minimize(lambda b: -gamma_log_lik([*b, limit], y, 1.0, PREPOST), fit.theta[0, :2])
    assert fit.log_lik[0] + held.fun == pytest.approx(stats.chi2.ppf(0.95, 1) / 2, abs=1e-5)  # brentq's tolerance


def test_a_nearly_poisson_cohort_keeps_its_digits():
    y = np.random.default_rng(2).poisson(4.0, (4000, 2))
    fit = fit_shared(y[None], [1.0, 1.0], PREPOST, "gamma")
    near = fit_shared(y[None], [1.0, 1.0], PREPOST, "lognormal")
    if not fit.boundary[0]:
        assert float(fit.log_lik[0]) == pytest.approx(float(near.log_lik[0]), abs=1e-3)
        assert fit.log_lik[0] >= fit.pooled_log_lik[0] - 1e-9


def test_a_total_too_large_for_a_table_is_refused():
    with pytest.raises(InputError, match="IOM-E032"):
        fit_shared([[[10**8, 1], [2, 3]]], [1.0, 1.0], PREPOST, "gamma")


def windows_of(rng):
    """Regressors of one to five windows, their days, and the means of counts."""
    windows = int(rng.integers(1, 6))
    after, place = np.arange(windows) >= windows // 2, np.arange(windows) / 3
    columns = [np.ones(windows), *[after.astype(float)] * (windows > 1), *[place] * (windows > 3)]
    return np.column_stack(columns), rng.uniform(0.5, 2, windows), rng.choice([0.3, 3.0, 40.0])


@pytest.mark.parametrize("mixing", ["pooled", "fixed", "gamma", "lognormal"])
@pytest.mark.parametrize("seed", range(12))
def test_people_who_are_alike_have_the_fit_of_people_one_by_one(mixing, seed):
    rng = np.random.default_rng(seed)
    x, days, level = windows_of(rng)
    x = x[:, 1:] if mixing == "fixed" and x.shape[1] > 1 else x
    n, variance = int(rng.integers(12, 60)), rng.choice([0.3, 2.0])
    y = rng.poisson(rng.gamma(1 / variance, variance, (n, 1)) * days * level)
    weight = rng.integers(0, 4, n) if seed % 2 else None
    alike, alone = (fit_shared(y[None], d, x, mixing, weight=weight) for d in (days, np.tile(days, (n, 1))))
    accuracy = 1e-7 if mixing == "lognormal" else 1e-10  # a search ends within 1e-11 of the squared error
    for name in ("theta", "log_lik", "pooled_log_lik", "constant", "hessian", "meat"):
        assert getattr(alike, name) == pytest.approx(getattr(alone, name), rel=accuracy, abs=accuracy), name
    assert (alike.ended, alike.boundary) == (alone.ended, alone.boundary)


@pytest.mark.parametrize("mixing", ["pooled", "fixed", "gamma", "lognormal"])
def test_windows_without_events_and_people_without_any(mixing):
    x = PREPOST[:, 1:] if mixing == "fixed" else PREPOST
    one_side = np.array([[[3, 0], [1, 0], [6, 0], [0, 0], [0, 0], [9, 0]]])
    for days in ([1.0, 2.0], np.tile([1.0, 2.0], (6, 1))):
        fit = fit_shared(one_side, days, x, mixing)
        assert fit.theta[0, x.shape[1] - 1] < -20  # which estimators refuse
        assert np.isfinite(fit.log_lik[0])
        nothing = fit_shared(np.zeros((1, 6, 2), int), days, x, mixing)
        assert nothing.ended[0] != CONVERGED or mixing == "fixed"
        assert (nothing.theta == 0).all()


def test_the_spread_of_gamma_frailties_is_the_root_of_its_slope():
    y = people(seed=11, sd=1.1)
    fit = fit_shared(y[None], [1.0, 1.0], PREPOST, "gamma")
    total, mean = y.sum(-1), y.sum(-1).mean()

    def minus(spread):
        return -stats.nbinom.logpmf(total, np.exp(-spread), 1 / (1 + mean * np.exp(spread))).sum()

    found = optimize.minimize_scalar(minus, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10})
    assert fit.theta[0, -1] == pytest.approx(found.x, abs=COEFFICIENT)
    assert np.exp(fit.theta[0, 0]) * (1 + np.exp(fit.theta[0, 1])) == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("variance", [0.01, 30.0])
def test_hardly_any_and_very_unequal_frailties_are_found(variance):
    rng = np.random.default_rng(4)
    y = rng.poisson(rng.gamma(1 / variance, variance, (2000, 1)) * np.array([9.0, 6.0]))
    fit = fit_shared(y[None], [1.0, 1.0], PREPOST, "gamma")
    assert fit.ended[0] == CONVERGED
    assert not fit.boundary[0]
    theta = fit.theta[0]
    best = gamma_log_lik(theta, y, 1.0, PREPOST)
    assert float(fit.log_lik[0]) == pytest.approx(best, rel=SAME)
    assert all(gamma_log_lik(theta + s * np.eye(3)[2], y, 1.0, PREPOST) < best for s in (-0.05, 0.05))
