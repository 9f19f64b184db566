"""Critical values of uniform bands by multipliers, by the normal, and where they are known."""

import numpy as np
import pytest
from scipy.stats import norm

from iom_causal.numerics.comparison.uniform_bands import multiplier_maxima, normal_maxima

DRAWS = 20_000


def test_of_independent_effects_it_is_the_power_of_one():
    maxima = normal_maxima(np.diag([1.0, 4.0, 9.0]), DRAWS, np.random.default_rng(1))
    assert (maxima <= norm.isf(0.025)).mean() == pytest.approx(0.95**3, abs=0.007)


def test_of_one_effect_written_twice_it_is_that_of_one():
    maxima = normal_maxima(np.array([[1.0, 2.0], [2.0, 4.0]]), DRAWS, np.random.default_rng(2))
    assert (maxima <= norm.isf(0.025)).mean() == pytest.approx(0.95, abs=0.007)


def test_multipliers_of_many_people_draw_from_the_normal():
    rng = np.random.default_rng(3)
    psi = rng.gamma(2.0, 1.0, (500, 4)) @ rng.normal(size=(4, 3))
    psi -= psi.mean(0)
    cov = psi.T @ psi
    by_people = multiplier_maxima(psi, np.sqrt(np.diag(cov)), 4000, rng)
    by_normal = normal_maxima(cov, DRAWS, rng)
    for level in (0.5, 0.9, 0.95):
        assert np.quantile(by_people, level) == pytest.approx(np.quantile(by_normal, level), abs=0.06)
