"""The fit of a distribution of counts against scipy's chi-square, and on counts from the right and a wrong one."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.posterior.fit_of_counts import fit_of_counts


def test_it_is_the_chi_square_of_scipy_where_nothing_is_pooled():
    observed, share = np.array([50.0, 30.0, 20.0]), np.array([0.45, 0.35, 0.2])
    theirs = stats.chisquare(observed, 100 * share, ddof=1)
    found = fit_of_counts(observed, share, fitted=1)
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert found.distance == pytest.approx(0.05)


@pytest.mark.parametrize(("share", "fits"), [(0.0, True), (0.5, False)])
def test_counts_of_which_more_are_none_do_not_fit(share, fits):
    rng = np.random.default_rng(1)
    rate = np.where(rng.random(4000) < share, 0.0, rng.gamma(1.5, 2.0, 4000))
    counts = np.bincount(rng.poisson(rate)).astype(float)
    law = stats.nbinom(1.5, 1 / 3)
    found = fit_of_counts(counts, law.pmf(np.arange(counts.size)), fitted=0)
    assert (found.p_value > 0.01) == fits
    assert (found.distance < 0.03) == fits


def test_few_counts_say_nothing():
    assert fit_of_counts(np.array([2.0, 1.0]), np.array([0.5, 0.5]), fitted=2).p_value == 1.0
