"""Midranks and pairwise means: against scipy's ranks and all pairs written out."""

import numpy as np
import pytest
from scipy import stats

from iom_causal.numerics.kernels.signed_ranks import distinct, midranks, pairwise_means, skipped_means


def test_midranks_share_places():
    d = np.random.default_rng(3).integers(0, 9, 50).astype(float)
    assert midranks(d, np.ones(50, int)) == pytest.approx(stats.rankdata(d))


def test_pairwise_means_are_those_of_all_pairs():
    d = np.random.default_rng(4).integers(-4, 5, 20).astype(float)
    i, j = np.triu_indices(20)
    values, times = np.unique((d[i] + d[j]) / 2, return_counts=True)
    found, upto = pairwise_means(*distinct(d, np.ones(20, int)))
    assert found.tolist() == values.tolist()
    assert upto.tolist() == np.cumsum(times).tolist()


@pytest.mark.parametrize("chance", [0.5, 0.3, 0.1])
def test_as_many_means_are_skipped_of_many_people_as_the_normal_distribution_says(chance, monkeypatch):
    exact = skipped_means(0.025, 400, chance)
    monkeypatch.setattr("iom_causal.numerics.kernels.signed_ranks.EXACT_UP_TO", 0)
    assert skipped_means(0.025, 400, chance) == pytest.approx(exact, rel=0.03)  # the distribution is skewed off 0.5
