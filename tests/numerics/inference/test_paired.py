"""Paired t and equivalence: against scipy and documented examples."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.inference.effect_sizes import effect_size
from iom_causal.numerics.inference.paired import degenerate, equivalence, paired_t, t_statistic
from iom_causal.numerics.inference.paired_moments import paired_moments


def counts(shape, seed=1):
    rng = np.random.default_rng(seed)
    return rng.poisson(4.0, (*shape, 2)) + np.array([2, 0])


@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
def test_the_paired_t_is_that_of_scipy(alternative):
    pairs = counts((6, 50))
    test = paired_t(paired_moments(pairs), level=0.9, alternative=alternative)
    for k in range(6):
        theirs = stats.ttest_rel(pairs[k, :, 1], pairs[k, :, 0], alternative=alternative)
        ends = theirs.confidence_interval(0.9)
        ours = [float(x[k]) for x in (test.statistic, test.p_value, test.conf_low, test.conf_high)]
        assert ours == pytest.approx([theirs.statistic, theirs.pvalue, *ends], rel=1e-11)


def test_sleep_and_a_documented_example():
    sleep = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0], [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    m = paired_moments(np.column_stack(sleep)[:, ::-1])
    test = paired_t(m, level=0.95)
    assert [float(test.statistic), float(test.p_value)] == pytest.approx([-4.06213, 0.002833], abs=5e-6)
    assert [float(test.conf_low), float(test.conf_high)] == pytest.approx([-2.459886, -0.700114], abs=5e-7)
    pre, post = [5.5, 2.4, 6.8, 9.6, 4.2], [6.4, 3.4, 6.4, 11.0, 4.8]
    m = paired_moments(np.column_stack([pre, post]))
    assert float(t_statistic(m)) == pytest.approx(2.3078, abs=5e-5)
    assert float(effect_size(m, "dav", level=0.95).estimate) == pytest.approx(0.2508, abs=5e-5)


def test_degenerate_changes_have_codes():
    pairs = np.array([[[3, 3], [5, 5]], [[5, 3], [9, 7]], [[5, 3], [9, 2]]])
    assert degenerate(paired_moments(pairs)).tolist() == [62, 63, 0]
    assert degenerate(paired_moments(pairs[:, :1])).tolist() == [60, 60, 60]
    assert np.isnan(t_statistic(paired_moments(pairs))[:2]).all()


def test_equivalence_is_two_t_tests_of_scipy():
    pairs = counts((40,))
    d = pairs[:, 1] - pairs[:, 0]
    test = equivalence(paired_moments(pairs), low=-3.0, high=0.5)
    below = stats.ttest_1samp(d, 0.5, alternative="less").pvalue
    above = stats.ttest_1samp(d, -3.0, alternative="greater").pvalue
    assert float(test.p_value) == pytest.approx(max(below, above), rel=1e-11)
