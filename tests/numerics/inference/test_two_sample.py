"""Two-sample t from summaries."""

import numpy as np
import pytest
from scipy.stats import ttest_ind

from iom_causal.numerics.inference.two_sample import pooled_t


def test_pooled_t_is_students():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(6, 20))
    values[0, :3] = np.nan
    first = rng.permuted(np.tile(np.arange(20) < 7, (6, 1)), axis=1)
    got = pooled_t(values, first, ~first)
    for k in range(6):
        expected = ttest_ind(values[k, first[k]], values[k, ~first[k]], nan_policy="omit").statistic
        assert got[k] == pytest.approx(expected, rel=1e-10)
