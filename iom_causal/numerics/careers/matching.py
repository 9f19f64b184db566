"""Nearest-neighbour matching without replacement on one number, inside exact strata."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


def nearest_within(
    value: NDArray[np.float64],
    strata: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    offered: NDArray[np.bool_],
    caliper: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Nearest-neighbour matching within a caliper: the position of each wanted person's match, or -1.

    People are taken in random order; each takes the nearest person still there in the same stratum, at random
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
        people = rng.permutation(np.flatnonzero(inside & wanted))
        match = _in_turn(value[people], value[pool], caliper)
        pair[people[match >= 0]] = pool[match[match >= 0]]
    return pair


def strata_of(traits: Sequence[NDArray[Any]], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return a number for each person, the same for people who agree in all of some traits.

    Parameters
    ----------
    traits : sequence of ndarray
        Each of `shape`; without any, all people are in one stratum.
    shape : tuple of int
        Of people, with or without a replicate axis.

    Examples
    --------
    >>> strata_of([np.array([0, 1, 0]), np.array([2.5, 2.5, 2.5])], (3,)).tolist()
    [0, 1, 0]
    """
    if not traits:
        return np.zeros(shape, dtype=np.int64)
    strata = np.zeros(shape, dtype=np.int64)
    for trait in traits:
        levels = np.unique(trait)
        strata = strata * levels.size + np.searchsorted(levels, trait)
    return strata


@njit(cache=True, nogil=True)
def _in_turn(wanted, offered, caliper):  # type: ignore[no-untyped-def]
    """Return the position that each takes in turn of the nearest still offered, the first of those equally near.

    What is taken is infinitely far from then on, in `offered` itself.
    """
    taken = np.full(wanted.size, -1)
    for i in range(wanted.size):
        best, nearest = -1, np.inf
        for k in range(offered.size):
            distance = abs(offered[k] - wanted[i])
            if distance < nearest:
                best, nearest = k, distance
                if nearest == 0.0:
                    break
        if best >= 0 and nearest <= caliper:
            taken[i], offered[best] = best, np.inf
    return taken
