"""Change of everybody's rates between two windows of which a selection rule read one, where rates last.

Reference: Robbins (1956), An empirical Bayes approach to statistics.
"""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def lasting_change(
    count: Floats, days_read: Floats, events: Floats, days: Floats, weight: Floats, top: float
) -> Floats:
    """Ratio of everybody's rates, another window over the one that was read, where each person's rate is proportional.

    With rates of any distribution, people with fewer than `top` events have on average in another window what
    people with up to `top` have in the one that was read, summed (Robbins 1956): neither sum is moved by selecting
    people with more.

    Parameters
    ----------
    count, events : ndarray
        (n,) counts in the window that was read and in the other.
    days_read, days : ndarray
        (n,) days at risk in them.
    weight : ndarray
        (n,) or (R, n).
    top : float
        The highest count of which people stand for everybody with it.

    Examples
    --------
    >>> count, other = np.array([0.0, 1, 2, 3]), np.array([1.0, 1, 2, 9])
    >>> weight = np.array([40.0, 30, 15, 5])
    >>> round(float(lasting_change(count, np.ones(4), other, np.ones(4), weight, 2.0)), 3)
    1.167
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        other = (weight * events * (count < top)).sum(-1) / (weight * days).sum(-1)
        read = (weight * count * (count <= top)).sum(-1) / (weight * days_read).sum(-1)
        return np.asarray(other / read)
