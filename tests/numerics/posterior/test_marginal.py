"""Marginals on grids against distributions whose quantiles are known."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.posterior.marginal import Cumulated, cumulated, moments, of_density, probability, quantiles

SHARES = np.array([0.001, 0.025, 0.1, 0.5, 0.9, 0.975])


def on_grid(law, points=33, refine=4, sds=5.6):
    x, step = np.linspace(law.mean() - sds * law.std(), law.mean() + sds * law.std(), points, retstep=True)
    return of_density(np.array(x[0]), np.array(step), 7.0 * law.pdf(x), refine)


@pytest.mark.parametrize("law", [stats.norm(2.0, 0.3), stats.logistic(0.0, 1.0), stats.loggamma(4.0)])
def test_quantiles_and_moments_are_those_of_the_density(law):
    table = on_grid(law, points=65, sds=9.0)
    assert quantiles(table, SHARES) == pytest.approx(law.ppf(SHARES), abs=1e-4 * law.std())
    mean, sd = moments(table)
    assert (float(mean), float(sd)) == pytest.approx((law.mean(), law.std()), rel=1e-4)
    assert probability(table, law.ppf(0.3)) == pytest.approx(0.3, abs=1e-5)


def test_thirty_three_points_of_a_normal_are_as_good_as_many():
    law = stats.norm(-0.6, 0.05)
    assert quantiles(on_grid(law), SHARES) == pytest.approx(law.ppf(SHARES), abs=2e-5 * law.std())


def test_rows_are_read_as_each_alone():
    laws = [stats.norm(0.0, 1.0), stats.norm(3.0, 2.0)]
    rows = Cumulated(*(np.stack(parts) for parts in zip(*(on_grid(law) for law in laws), strict=True)))
    both = quantiles(rows, np.broadcast_to(SHARES, (2, SHARES.size)))
    for k, law in enumerate(laws):
        assert both[k] == pytest.approx(quantiles(on_grid(law), SHARES), rel=1e-12, abs=1e-12)


def test_a_share_is_the_inverse_of_its_quantile():
    table = on_grid(stats.loggamma(2.0), sds=7.0)
    assert [probability(table, q) for q in quantiles(table, SHARES)] == pytest.approx(SHARES, abs=1e-10)
    assert (probability(table, -1e9), probability(table, 1e9)) == (0.0, 1.0)


def test_moments_of_draws_are_theirs():
    x = np.random.default_rng(1).normal(size=20_000)
    mean, sd = moments(cumulated(x, np.ones(x.size)))
    assert (float(mean), float(sd)) == pytest.approx((x.mean(), x.std()), abs=1e-2)
