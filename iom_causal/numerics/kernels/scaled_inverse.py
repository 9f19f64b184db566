"""Inverse of symmetric positive matrices of many replicates, each scaled to a unit diagonal."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

SINGULAR = 1e-10
"""Smallest eigenvalue of a matrix that has an inverse, scaled to a unit diagonal."""


def regular(matrix: Floats) -> NDArray[np.bool_]:
    """Return which of (R, p, p) symmetric matrices have an inverse, (R,).

    Examples
    --------
    >>> regular(np.array([[[4.0, 0], [0, 2.0**-60]], [[1, 1], [1, 1]]])).tolist()
    [True, False]
    """
    return _scaled(matrix)[2]


def scaled_inverse(matrix: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return inverses of (R, p, p) symmetric matrices, and which exist; 0 where a matrix has none.

    Examples
    --------
    >>> inverse, exists = scaled_inverse(np.array([[[4.0, 0], [0, 2.0**-60]], [[1, 1], [1, 1]]]))
    >>> inverse.diagonal(axis1=1, axis2=2).tolist(), exists.tolist()
    ([[0.25, 1.152921504606847e+18], [0.0, 0.0]], [True, False])
    """
    scaled, scale, sound = _scaled(matrix)
    scaled = np.where(sound[:, None, None], scaled, np.eye(matrix.shape[-1]))
    with np.errstate(over="ignore"):
        inverse = np.linalg.inv(scaled) / (scale[:, :, None] * scale[:, None, :])
    sound = sound & np.isfinite(inverse).all((-1, -2))
    return np.where(sound[:, None, None], inverse, 0.0), sound


def _scaled(matrix: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    diagonal = np.einsum("rpp->rp", matrix)
    known = np.isfinite(matrix).all((-1, -2)) & (diagonal > 0).all(-1)
    scale = np.sqrt(np.where(known[:, None], diagonal, 1.0))
    identity = np.eye(matrix.shape[-1])
    scaled = np.where(known[:, None, None], matrix / (scale[:, :, None] * scale[:, None, :]), identity)
    return scaled, scale, np.asarray(known & (np.linalg.eigvalsh(scaled)[:, 0] > SINGULAR))
