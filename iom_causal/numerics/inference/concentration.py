"""Concentration of an amount over people: the effective number of them, and how many hold half of it."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


def effective_people(values: Floats, weight: Floats) -> Floats:
    """Compute the effective number of people of a total, ``(sum y)^2 / sum y^2`` (Kish 1965).

    Parameters
    ----------
    values : ndarray
        (R, n) from 0, without NaN.
    weight : ndarray
        (R, n) or (1, n) how often each person counts.

    Returns
    -------
    ndarray
        (R,): n where all have the same, 1 where one has everything, NaN of nothing.

    Examples
    --------
    >>> effective_people(np.array([[2.0, 2, 2], [9, 0, 0], [6, 3, 1]]), np.ones((1, 3))).round(2).tolist()
    [3.0, 1.0, 2.17]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weight * values).sum(-1) ** 2 / (weight * values**2).sum(-1))


def holders_of_half(values: Floats, weight: Floats) -> int:
    """Return how many people, those with most first, hold half of a total or more; of (n,) values and weights.

    Examples
    --------
    >>> holders_of_half(np.array([6.0, 3, 1]), np.ones(3)), holders_of_half(np.array([2.0, 2, 2]), np.ones(3))
    (1, 2)
    """
    order = np.argsort(-values, kind="stable")
    held = np.cumsum((weight * values)[order])
    at = int(np.searchsorted(held, held[-1] / 2))
    left = held[-1] / 2 - (held[at - 1] if at else 0.0)
    own = values[order][at]
    return round(float(weight[order][:at].sum() + np.ceil(left / own)))
