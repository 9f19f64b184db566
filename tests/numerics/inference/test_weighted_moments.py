import numpy as np
import pytest

from iom_causal.numerics.inference.paired_moments import paired_moments
from iom_causal.numerics.inference.weighted_moments import weighted_moments, weighted_sum

ONE_PASS = 1e-10  # squares of counts, of which the mean's is taken away


@pytest.mark.parametrize(("weights", "values"), [((5,), ()), ((), (5,)), ((5,), (5,)), ((), ())], ids=str)
def test_they_are_the_moments_of_each_replicate(weights, values):
    rng = np.random.default_rng(3)
    weight = rng.exponential(size=(*weights, 40)) + 0.1
    before, after = rng.poisson(6.0, (2, *values, 40)).astype(float)
    together = weighted_moments(weight, before, after)
    pairs = np.broadcast_arrays(np.stack([before, after], axis=-1), weight[..., None])[0]
    alone = paired_moments(np.ascontiguousarray(pairs), np.broadcast_to(weight, pairs.shape[:-1]))
    for name in together._fields:
        np.testing.assert_allclose(getattr(together, name), getattr(alone, name), rtol=ONE_PASS)
    total = (weight * before).sum(-1)
    np.testing.assert_allclose(weighted_sum(weight, before), total, rtol=ONE_PASS)


def test_a_window_that_does_not_vary_has_no_correlation():
    m = weighted_moments(np.ones(3), np.array([1.0, 2.0, 4.0]), np.full(3, 2.0))
    assert m.sd_post == 0
    assert np.isnan(m.r)
