"""Test of negative curvature of a log likelihood in every direction, above rounding."""

import numpy as np
from numpy.typing import NDArray

FLAT = 1e-6
"""The least curvature in any direction, of one in each parameter: differences of slopes give nothing finer."""


def curves(information: NDArray[np.float64]) -> bool:
    """Tell whether an information matrix is positive definite by more than rounding.

    Each parameter is first brought to a curvature of one, so that the answer does not depend on units; the sign of
    an eigenvalue at the level of rounding would depend on the processor.

    Parameters
    ----------
    information : ndarray
        (q, q) minus the second derivatives, symmetric.

    Examples
    --------
    >>> curves(np.array([[1.0, 0.5], [0.5, 1e8]])), curves(np.array([[1.0, 1.0], [1.0, 1.0 + 1e-15]]))
    (True, False)
    """
    own = np.diag(information)
    if not (np.isfinite(information).all() and (own > 0).all()):
        return False
    scale = np.sqrt(own)
    return bool(np.linalg.eigvalsh(information / np.outer(scale, scale))[0] > FLAT)
