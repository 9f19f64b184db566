"""Student's two-sample t test with a pooled variance."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def pooled_t(values: Floats, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Floats:
    """Compute Student's two-sample t with a pooled variance; NaN values are left out.

    Parameters
    ----------
    values : ndarray, (R, n)
        One row a replicate.
    first, second : ndarray of bool, (R, n)
        Who belongs to each group; at least two people with a value in one, and one in the other.

    Returns
    -------
    ndarray, (R,)
        Mean of the first minus mean of the second over its standard error, with ``n1 + n2 - 2`` degrees
        of freedom (Student 1908).

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 3.0, 5.0, 7.0]])
    >>> women = np.array([[True, True, False, False, False]])
    >>> pooled_t(values, women, ~women).round(4).tolist()
    [-2.2778]
    """
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    n, mean, squares = zip(*(_group(filled, known & group) for group in (first, second)), strict=True)
    variance = (squares[0] + squares[1]) / (n[0] + n[1] - 2)
    return np.asarray((mean[0] - mean[1]) / np.sqrt(variance * (1 / n[0] + 1 / n[1])))


def _group(values: Floats, members: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    n = members.sum(axis=-1).astype(float)
    mean = (values * members).sum(axis=-1) / n
    return n, mean, (members * (values - mean[..., None]) ** 2).sum(axis=-1)
