"""Distance of one observation from clouds of simulated ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

SMALLEST = 0.02
"""The least SD of a feature: one that no cloud varies in would be infinitely far."""


def cloud_distances(point: ArrayLike, clouds: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Mahalanobis distance of a point from the mean of each cloud, in the covariance of that cloud.

    The covariance is shrunk towards its diagonal by the number of features over the number of draws, so that a cloud of
    few draws has one that can be inverted, and no SD is below `SMALLEST`. It holds the sampling of one observation.

    Parameters
    ----------
    point : array_like
        (p,) features.
    clouds : sequence of array_like
        (m, p) each.

    Examples
    --------
    >>> cloud = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
    >>> cloud_distances([0.0, 2.0], [cloud, np.add(cloud, [0, 2])]).round(2).tolist()
    [1.73, 0.0]
    """
    return np.array([_distance(np.asarray(point, np.float64), np.asarray(c, np.float64)) for c in clouds])


def _distance(point: NDArray[np.float64], cloud: NDArray[np.float64]) -> float:
    draws, features = cloud.shape
    weight = min(1.0, features / draws)
    covariance = np.atleast_2d(np.cov(cloud.T))
    spread = np.maximum(covariance.diagonal(), SMALLEST**2)
    shrunk = (1 - weight) * covariance
    np.fill_diagonal(shrunk, spread)
    off = point - cloud.mean(0)
    return float(np.sqrt(off @ np.linalg.solve(shrunk, off)))
