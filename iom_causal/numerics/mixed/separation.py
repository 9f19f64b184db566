"""Detection of separation in a log-linear fit before it is tried."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SMALL = 1e-9  # of columns scaled to a largest entry of 1


def separates(matrix: FloatArray, y: FloatArray) -> bool:
    """Tell whether the Poisson likelihood has no maximum at finite coefficients.

    It has none exactly when some combination of the columns is 0 wherever there are events, at most 0
    where there are none, and below 0 somewhere (Correia, Guimaraes & Zylkin 2019, arXiv:1903.01633).

    Parameters
    ----------
    matrix : ndarray
        (rows, p), of full column rank.
    y : ndarray
        (rows,) counts.

    Examples
    --------
    >>> X = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> separates(X, np.array([2.0, 0, 1, 0])), separates(X, np.array([2.0, 1, 0, 0]))
    (False, True)
    """
    from scipy.optimize import linprog  # noqa: PLC0415 slow to load

    scaled = matrix / np.abs(matrix).max(axis=0)
    events = np.unique(scaled[y > 0], axis=0)
    if len(events) == 0:
        return True
    _, sizes, rows = np.linalg.svd(events, full_matrices=True)
    rank = int((sizes > _SMALL * sizes[0]).sum())
    if rank == scaled.shape[1]:
        return False
    free = np.unique(scaled[y == 0], axis=0) @ rows[rank:].T
    solved = linprog(
        free.sum(axis=0), A_ub=np.vstack([free, -free]), b_ub=np.repeat([0.0, 1.0], len(free)), bounds=(None, None)
    )
    return solved.fun is not None and bool(solved.fun < -_SMALL)
