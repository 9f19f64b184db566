"""Empirical Bayes: a tutorial with printed answers, and sums of the law."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.errors import DegenerateDataError
from iom_causal.numerics.selection import empirical_bayes as eb
from tests.oracles.truncated_means import selected_means


def test_sums_of_the_law_give_the_same():
    law = stats.nbinom(1.4, 1.4 / 6.4)
    k = np.arange(4, 2000)
    p = law.pmf(k)
    before, after = selected_means(5.0, 1.4, 4)
    assert float(before) == pytest.approx((k * p).sum() / p.sum(), rel=1e-12)
    assert float(after) == pytest.approx((eb.posterior(k, 5.0, 1.4).mean * p).sum() / p.sum(), rel=1e-12)
    assert [round(float(v), 7) for v in (before, after)] == [8.2655243, 7.5511909]


def test_a_tutorial_with_printed_answers():
    one = eb.posterior(12, 2.4089 * 1.8, 2.05 * 1.8)
    assert [round(float(v) / 1.8, 2) for v in (one.mean, one.sd)] == [4.71, 1.19]
    three = eb.posterior(27, 3 * 2.4089 * 1.8, 2.05 * 1.8)
    assert [round(float(v) / 3, 2) for v in (three.mean, three.sd)] == [7.97, 1.44]
    assert [round(float(v), 4) for v in (one.weight, three.weight)] == [0.4598, 0.2210]


def test_the_reference_population():
    y = np.random.default_rng(7).negative_binomial(0.8, 0.8 / 2.8, 20_000)
    fit = eb.reference(y)
    grid = np.exp(np.linspace(-0.02, 0.02, 41)) * fit.shape
    best = grid[np.argmax([stats.nbinom.logpmf(y, a, a / (a + fit.mean)).sum() for a in grid])]
    assert best == pytest.approx(fit.shape, rel=1e-3)  # the step of the grid
    assert fit.mean == pytest.approx(y.mean(), rel=1e-12)


def test_units_that_were_not_treated_regress_as_the_reference_says():
    # Published untreated sites by crashes a year over three years, with the next year's (Persaud): direction only.
    before, after = np.array([0.0, 0.33, 2.0, 2.67]), np.array([0.25, 0.55, 1.56, 1.62])
    fit = eb.reference(np.repeat(np.round(before * 3), [256, 218, 54, 29]))
    expected = eb.posterior(before * 3, fit.mean, fit.shape).mean / 3
    assert (np.sign(expected - before) == np.sign(after - before)).all()


def test_counts_without_spread_between_people_have_no_shape():
    with pytest.raises(DegenerateDataError, match="IOM-E065"):
        eb.reference([1, 1, 1, 2])
