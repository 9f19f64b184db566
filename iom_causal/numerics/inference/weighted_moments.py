"""Sums and moments of two windows under many sets of weights at once, by matrix products.

For bootstrap weights, of which there are thousands: one pass over people for all of them. A single set of people goes
through `paired_moments`, which loses no digits.
"""

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.inference.paired_moments import PairedMoments

type Floats = NDArray[np.float64]


def weighted_sum(weight: Floats, values: Floats) -> Floats:
    """Return the sum over people, the last axis, of weight times values; either may have replicates.

    Examples
    --------
    >>> weighted_sum(np.array([[1.0, 0.0], [2.0, 1.0]]), np.array([3.0, 4.0])).tolist()
    [3.0, 10.0]
    """
    if values.ndim == 1:
        return np.asarray(weight @ values)
    if weight.ndim == 1:
        return np.asarray(values @ weight)
    return np.asarray(np.einsum("...n,...n->...", weight, values))


def weighted_moments(weight: Floats, before: Floats, after: Floats) -> PairedMoments:
    """Compute means, SDs and correlation of two windows, weights counted as people.

    Parameters
    ----------
    weight : ndarray
        (n,) or (D, n).
    before, after : ndarray
        (n,) or (D, n) values without NaN.

    Returns
    -------
    PairedMoments
        Of shape () or (D,); SDs and correlation are NaN or 0 where a window does not vary.

    Examples
    --------
    >>> m = weighted_moments(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 2.0]]), np.array([1.0, 3.0, 5.0]), np.ones(3))
    >>> m.mean_pre.tolist(), [round(v, 3) for v in m.sd_pre.tolist()]
    ([2.0, 3.5], [1.414, 1.915])
    """
    n = weight.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):  # one person, or a window that does not vary, to rounding
        m1, m2 = weighted_sum(weight, before) / n, weighted_sum(weight, after) / n
        scale = n / (n - 1)
        v1 = scale * (weighted_sum(weight, before * before) / n - m1**2)
        v2 = scale * (weighted_sum(weight, after * after) / n - m2**2)
        cov = scale * (weighted_sum(weight, before * after) / n - m1 * m2)
        sds = np.sqrt(v1), np.sqrt(v2), np.sqrt(v1 + v2 - 2 * cov)
        r = cov / np.sqrt(v1 * v2)
    return PairedMoments(n, m1, m2, m2 - m1, *sds, r)
