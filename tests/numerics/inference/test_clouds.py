"""Distances from clouds against the closed form."""

import numpy as np
import pytest

from iom_causal.numerics.inference.clouds import SMALLEST, cloud_distances


def test_of_many_draws_it_is_the_mahalanobis_distance():
    rng = np.random.default_rng(1)
    covariance = np.array([[1.0, 0.6], [0.6, 2.0]])
    cloud = rng.multivariate_normal([1.0, 2.0], covariance, 200_000)
    point = np.array([2.0, 0.0])
    off = point - [1.0, 2.0]
    assert cloud_distances(point, [cloud])[0] == pytest.approx(np.sqrt(off @ np.linalg.inv(covariance) @ off), rel=0.01)


def test_draws_of_a_cloud_lie_within_it_and_of_few_draws_it_still_has_a_distance():
    rng = np.random.default_rng(2)
    cloud = rng.normal(size=(300, 6))
    inside = [cloud_distances(x, [cloud])[0] for x in rng.normal(size=(400, 6))]
    assert np.mean(np.array(inside) < 3.5) == pytest.approx(0.95, abs=0.03)
    assert np.isfinite(cloud_distances(np.zeros(6), [cloud[:2]])).all()


def test_a_feature_that_never_varies_has_the_least_spread():
    cloud = np.stack([np.arange(10.0), np.zeros(10)], axis=1)
    assert cloud_distances([4.5, SMALLEST], [cloud])[0] == pytest.approx(1.0)
