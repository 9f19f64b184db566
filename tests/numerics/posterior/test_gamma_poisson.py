"""The grid of the gamma-Poisson model against quadrature by brute force, which shares no code with it."""

import numpy as np
import pytest
from scipy import optimize
from scipy.interpolate import CubicSpline
from scipy.stats import binom, nbinom, norm

from iom_causal.beliefs import HalfNormal, LogNormal, Normal
from iom_causal.errors import ConvergenceError
from iom_causal.numerics.posterior import gamma_poisson as kernel
from iom_causal.numerics.posterior.marginal import moments, quantiles

WANTED = 1.4e-4  # in SDs of the posterior
SHARES = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
LOG_DAYS = float(np.log(549 / 547))
MEAN = np.log(6.0)
PRIORS = kernel.Priors(
    Normal(0.0, 0.35).log_density,
    Normal(MEAN, 1.5).log_density,
    HalfNormal(1.0).log_density,
    (0.0, MEAN, -0.6),
    (0.35, 1.5, 1.1),
)


def cohort(seed=1, n=225):
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.5, 2.7, n)
    return np.stack([rng.poisson(rate), rng.poisson(0.55 * rate)], axis=-1)


def posterior(pairs, weight=None, priors=PRIORS):
    y = np.asarray(pairs, dtype=np.int64)
    y = y if y.ndim == 3 else y[None]
    weight = np.ones((1, y.shape[1])) if weight is None else np.atleast_2d(np.asarray(weight, dtype=float))
    return kernel.grid(kernel.Totals(*kernel.totals(y, weight)), LOG_DAYS, priors)


def brute_force(pairs, ratio_sd=0.35):
    """Return quantiles and SD of the log ratio, and means of log mean and log variance, on dense grids of scipy."""
    y = np.array(pairs)
    totals, often = np.unique(y.sum(1), return_counts=True)
    tau = np.linspace(-8 * ratio_sd, 8 * ratio_sd, 4001)
    log_m, log_v = np.linspace(-9.0, 12.0, 601), np.linspace(-16.0, 3.0, 400)
    v = np.exp(log_v)
    odds = np.exp(log_m)[:, None] * v
    whole = sum(w * nbinom.logpmf(k, 1 / v, 1 / (1 + odds)) for k, w in zip(totals, often, strict=True))
    whole = whole + norm.logpdf(v) + log_v
    top = whole.max()
    free = np.log(np.exp(whole - top).sum(1) + 1e-300)
    p = 1 / (1 + np.exp(-tau - LOG_DAYS))
    split = binom.logpmf(y[:, 1].sum(), y.sum(), p) + norm.logpdf(tau, 0, ratio_sd)
    before = log_m - np.log1p(np.exp(tau + LOG_DAYS))[:, None]
    joint = split[:, None] + free + norm.logpdf(before, MEAN, 1.5)
    joint = np.exp(joint - joint.max())
    density = joint.sum(1)
    up_to = CubicSpline(tau, density).antiderivative()(tau)
    curve = CubicSpline(tau, up_to / up_to[-1])
    ends = [optimize.brentq(lambda x, s=s: float(curve(x)) - s, tau[0], tau[-1], xtol=1e-13) for s in SHARES]
    mean = (density * tau).sum() / density.sum()
    sd = np.sqrt((density * (tau - mean) ** 2).sum() / density.sum())
    of_variance = (np.exp(whole - top - free[:, None]) * joint.sum(0)[:, None]).sum(0)
    return (
        np.array(ends),
        float(sd),
        float((joint * before).sum() / joint.sum()),
        float((of_variance * log_v).sum() / of_variance.sum()),
    )


PAIRS = {
    "a cohort": cohort(),
    "three people": [[3, 1], [5, 2], [0, 4]],
    "no events": [[0, 0]] * 5,
    "none before": [[0, 2], [0, 1], [0, 3]],
    "none after": [[2, 0], [1, 0], [3, 0]],
    "two people": [[1, 2], [2, 1]],
    "variance below the mean": [[3, 3], [3, 2], [2, 3], [3, 3]] * 30,
    "one with most events": [[400, 180], [0, 0], [1, 2], [0, 1]],
}


@pytest.mark.parametrize("pairs", PAIRS.values(), ids=PAIRS)
def test_quantiles_are_those_of_brute_force(pairs):
    ends, sd, log_mean, log_variance = brute_force(pairs)
    grid = posterior(pairs)
    found = quantiles(grid.marginal(), SHARES[None])[0]
    assert np.abs(found - ends).max() < WANTED * sd
    assert float(moments(grid.marginal())[1][0]) == pytest.approx(sd, rel=1e-4)
    uniform = np.random.default_rng(3).random((1, 20_000, 3))
    z = kernel.draws(grid, uniform)[0]
    error = z.std(0) / np.sqrt(len(z))
    assert np.abs(z[:, 0].mean() - log_mean) < 4 * error[0]
    assert np.abs(z[:, 2].mean() - log_variance) < 4 * error[2]


def test_the_ratio_is_conjugate_where_the_mean_is_free():
    """With a prior of the mean that ties nothing, odds given the total are binomial, whatever the frailties."""
    pairs = cohort(2)
    tau = np.linspace(-2.0, 1.0, 20_001)
    vague = PRIORS._replace(log_mean=Normal(0.0, 300.0).log_density, spread=(0.35, 300.0, 1.1))
    log = binom.logpmf(pairs[:, 1].sum(), pairs.sum(), 1 / (1 + np.exp(-tau - LOG_DAYS))) + norm.logpdf(tau, 0, 0.35)
    share = np.cumsum(np.exp(log - log.max()))
    wanted = np.interp(SHARES, share / share[-1], tau)
    assert quantiles(posterior(pairs, priors=vague).marginal(), SHARES[None])[0] == pytest.approx(wanted, abs=1e-4)


def test_a_prior_far_from_the_data_is_followed():
    odd = PRIORS._replace(
        log_mean=Normal(np.log(200.0), 0.05).log_density,
        variance=LogNormal(0.001, 0.1).log_density,
        centre=(0.0, np.log(200.0), np.log(0.001)),
        spread=(0.35, 0.05, 0.1),
    )
    grid = posterior([[3, 1], [5, 2], [0, 4]], priors=odd)
    z = kernel.draws(grid, np.random.default_rng(1).random((1, 4000, 3)))[0]
    assert np.isfinite(z).all()
    for log in grid.log_marginals:
        edges = log[0].max() - log[0, [0, -1]]
        assert (edges > kernel.NEAR).all()
    assert z[:, 0].mean() < np.log(200.0)
    assert np.exp(z[:, 2]).mean() < 0.01


def test_a_block_is_each_of_its_replicates():
    many = np.stack([cohort(seed, 40) for seed in range(6)])
    block = quantiles(posterior(many).marginal(), np.broadcast_to(SHARES, (6, SHARES.size)))
    for k in range(6):
        assert block[k] == pytest.approx(quantiles(posterior(many[k]).marginal(), SHARES[None])[0], rel=1e-12)


def test_weights_repeat_people():
    pairs = cohort(3, 50)
    unique, often = np.unique(pairs, axis=0, return_counts=True)
    a, b = (quantiles(g.marginal(), SHARES[None]) for g in (posterior(unique, often), posterior(pairs)))
    assert a == pytest.approx(b, rel=1e-12)


def test_strata_of_the_first_number_give_the_quantiles():
    grid = posterior(cohort())
    uniform = np.random.default_rng(1).random((1, 4000, 3))
    uniform[0, :, 0] = (np.arange(4000) + 0.5) / 4000
    ratio = kernel.draws(grid, uniform)[0, :, 1]
    found = quantiles(grid.marginal(), SHARES[None])[0]
    assert np.quantile(ratio, SHARES) == pytest.approx(found, abs=4e-3 * ratio.std())


def test_a_posterior_that_no_grid_holds_is_refused():
    flat = PRIORS._replace(log_ratio=np.zeros_like)
    with pytest.raises(ConvergenceError, match="IOM-E080"):
        posterior([[0, 0]] * 5, priors=flat)
