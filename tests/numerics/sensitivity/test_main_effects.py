"""Main effects: against an analysis of variance by hand."""

import numpy as np
import pytest

from iom_causal.numerics.sensitivity.main_effects import main_effects

EXACT = 1e-12


def test_of_every_combination_shares_are_those_of_an_additive_analysis_of_variance():
    rng = np.random.default_rng(1)
    levels = np.array(np.meshgrid(range(2), range(3), range(4), indexing="ij")).reshape(3, -1).T
    effects = [rng.normal(size=k) for k in (2, 3, 4)]
    answers = sum(effect[levels[:, c]] for c, effect in enumerate(effects))
    found = main_effects(answers, levels)
    variances = [effect.var() for effect in effects]
    assert [f.share for f in found] == pytest.approx(np.divide(variances, np.sum(variances)), rel=EXACT)
    for effect, f in zip(effects, found, strict=True):
        assert np.diff(f.means) == pytest.approx(np.diff(effect), rel=1e-9)
        assert f.reach == pytest.approx(np.ptp(effect), rel=1e-9)


def test_what_is_missing_has_no_mean_and_what_is_the_same_no_share():
    (found,) = main_effects([1.0, 2.0], [[0], [2]])
    assert np.isnan(found.means).tolist() == [False, True, False]
    assert (found.share, found.reach) == (1.0, 1.0)
    (same,) = main_effects([3.0, 3.0], [[0], [1]])
    assert (same.share, same.reach) == (0.0, 0.0)
