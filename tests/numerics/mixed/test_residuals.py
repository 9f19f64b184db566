"""Randomised quantile residuals and rootograms on arrays: the replicate axis."""

import numpy as np
import pytest

from iom_causal.numerics.mixed.residuals import rootogram_counts, simulated_residuals


def test_the_arrays_have_a_replicate_axis():
    rng = np.random.default_rng(1)
    y, draws = rng.poisson(3, (4, 30)), rng.poisson(3, (200, 30))
    many = rootogram_counts(y, draws, level=0.9)
    one = rootogram_counts(y[2], draws, level=0.9)
    assert many.observed[2][: len(one.number)] == pytest.approx(one.observed)
    values = simulated_residuals(y, draws[:, None], rng=rng)
    assert values.shape == (4, 30)
    assert ((values > 0) & (values < 1)).all()
