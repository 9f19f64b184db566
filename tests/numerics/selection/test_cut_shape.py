"""A stated threshold against the histogram at it: laws that no rule but a cut leaves, and histograms that none does."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.selection.cut_shape import CONTRADICTED, contradicts_cut, cut_p_value

COUNTS = np.arange(80)
STUDIES = 2000
RARE = 1e-3
LAWS = {
    "one rate, the hardest": stats.poisson.pmf(COUNTS, 8),
    "gamma rates": stats.nbinom.pmf(COUNTS, 1.2, 1.2 / 3.2),
    "two kinds of people": 0.9 * stats.poisson.pmf(COUNTS, 1) + 0.1 * stats.poisson.pmf(COUNTS, 12),
}


def histogram(first, people):
    return np.repeat(np.arange(first, first + len(people)), people)


def studies(law, n, seed):
    return np.random.default_rng(seed).choice(law.size, p=law / law.sum(), size=(STUDIES, n))


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize(("threshold", "n"), [(1, 40), (4, 200), (7, 200)])
def test_a_cut_that_was_kept_is_seldom_contradicted(law, threshold, n):
    found = contradicts_cut(studies(law * (threshold <= COUNTS), n, 1), None, threshold)
    assert found.sum() <= stats.binom.isf(RARE, STUDIES, CONTRADICTED)


def test_a_soft_rule_that_is_told_as_a_cut_is_found():
    law = LAWS["gamma rates"] * stats.norm.cdf(COUNTS - 8.0)
    assert contradicts_cut(studies(law * (COUNTS >= 4), 225, 2), None, 4).mean() > 0.8
    assert contradicts_cut(studies(law * (COUNTS >= 6), 1000, 2), None, 6).mean() > 0.95


def test_two_at_the_threshold_and_seventeen_above_it():
    people = histogram(7, [2, 17, 11, 8, 5, 3])
    # Even with a mean rate of 11 beyond them, above anything that these counts show, 8/19 of the nineteen would have 7.
    assert stats.binom.cdf(2, 19, 8 / (8 + 11)) < CONTRADICTED
    assert contradicts_cut(people, None, 7)
    assert not contradicts_cut(people[2:], None, 8)
    assert contradicts_cut(people[2:], None, 4)  # nobody from four to seven
    assert not contradicts_cut(histogram(7, [2, 1, 1]), None, 7)


def test_a_histogram_that_rises_from_the_cut_is_no_contradiction_where_rates_are_higher_still():
    assert not contradicts_cut(histogram(2, [5, 9, 14, 17, 17, 15, 11, 8, 5, 3]), None, 2)


def test_weights_replicates_and_half_counts():
    counts, people = np.arange(7, 13), np.array([2, 17, 11, 8, 5, 3])
    whole = cut_p_value(np.repeat(counts, people), None, 7)
    both = cut_p_value(counts, np.stack([people, people[::-1]]), 7)
    assert both[0] == pytest.approx(whole, rel=1e-12)  # sums of whole numbers
    assert cut_p_value(counts, people, 6.5) == pytest.approx(whole, rel=1e-12)
    assert cut_p_value(counts + 0.5, people, 7) == 1
    assert cut_p_value(np.array([7, 8]), None, 7) == 1
