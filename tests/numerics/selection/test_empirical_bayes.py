"""Empirical Bayes: a tutorial with printed answers, and sums of the law."""

import numpy as np
import pytest
from scipy import stats

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
