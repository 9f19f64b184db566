"""Nearest neighbours without replacement, on one number, inside exact strata."""

import numpy as np
from numpy.typing import NDArray


def nearest_within(
    value: NDArray[np.float64],
    strata: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    offered: NDArray[np.bool_],
    caliper: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return whom each wanted person is paired with, or -1.

    People are gone through in random order; each takes the nearest person still there in the same stratum, at random
    among those equally near, if that is within the caliper.

    Parameters
    ----------
    value, strata : ndarray
        (n,) what to be near on, and what must agree.
    wanted, offered : ndarray
        (n,) who needs a pair, and who can be one.
    caliper : float
        The farthest that a pair may lie apart.
    rng : Generator
        For the order and for ties.

    Returns
    -------
    ndarray
        (n,) the pair's position; -1 for no pair, and for those who need none.

    Examples
    --------
    >>> v = np.array([5.0, 2.0, 5.2, 2.0])
    >>> kind, mine = np.zeros(4, dtype=np.int64), np.array([True, True, False, False])
    >>> nearest_within(v, kind, mine, ~mine, 0.5, np.random.default_rng(1)).tolist()
    [2, 3, -1, -1]
    """
    pair = np.full(value.size, -1, dtype=np.int64)
    for stratum in np.unique(strata[wanted]):
        inside = strata == stratum
        pool = rng.permutation(np.flatnonzero(inside & offered))
        free = np.ones(pool.size, dtype=np.bool_)
        for person in rng.permutation(np.flatnonzero(inside & wanted)):
            if not free.any():
                break
            distance = np.where(free, np.abs(value[pool] - value[person]), np.inf)
            best = int(distance.argmin())
            if distance[best] <= caliper:
                pair[person], free[best] = pool[best], False
    return pair
