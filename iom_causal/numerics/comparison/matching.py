"""Nearest-neighbour matching without replacement on one number, inside exact strata."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.kernels.splitmix64 import GOLDEN, finaliser

NOBODY = -1
"""In place of a matched set, for people who are in none."""


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


def matched_sets(
    value: NDArray[np.float64],
    strata: NDArray[np.int64],
    wanted: NDArray[np.bool_],
    offered: NDArray[np.bool_],
    caliper: NDArray[np.float64],
    ratio: int = 1,
) -> NDArray[np.int64]:
    """Greedy nearest-neighbour matching without replacement, 1 to `ratio`, of many replicates: each one's matched set.

    People take their matches in descending order of `value` (Rosenbaum & Rubin 1985; `MatchIt`'s "largest"), all
    their first before anybody a second, each the nearest still there in the same stratum and within the caliper.
    Those who are equal, or equally near, are taken in an order shuffled by their row, the same way each time, so that
    neither the order of a file nor a seed decides for anybody systematically.

    Parameters
    ----------
    value, strata, wanted, offered : ndarray
        (R, n) what to be near on, what must agree, who needs a match, and who can be one.
    caliper : ndarray
        (R,) the farthest that a match may lie apart.
    ratio : int
        How many matches each takes, at most.

    Returns
    -------
    ndarray
        (R, n) the position of the wanted person whose set it is, for that person and the matches; -1 for all others.

    References
    ----------
    Rosenbaum & Rubin (1985), American Statistician 39, 33-38; Stuart (2010), Statistical Science 25, 1-21.

    Examples
    --------
    >>> v = np.array([[5.0, 2.0, 5.2, 2.1, 1.7]])
    >>> kind, mine = np.zeros((1, 5), dtype=np.int64), np.array([[True, True, False, False, False]])
    >>> matched_sets(v, kind, mine, ~mine, np.array([0.5]), ratio=2).tolist()
    [[0, 1, 0, 1, 1]]
    """
    shuffled = np.argsort(finaliser((np.arange(value.shape[-1], dtype=np.uint64) + np.uint64(1)) * GOLDEN))
    order = shuffled[np.argsort(-value[:, shuffled], axis=-1, kind="stable")]
    value, strata = np.ascontiguousarray(value, np.float64), np.ascontiguousarray(strata, np.int64)
    wanted, offered = np.ascontiguousarray(wanted, np.bool_), np.ascontiguousarray(offered, np.bool_)
    return np.asarray(_sets(value, strata, wanted, offered, caliper, ratio, order, shuffled))


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
def _sets(value, strata, wanted, offered, caliper, ratio, order, shuffled):  # type: ignore[no-untyped-def]
    found = np.full(value.shape, NOBODY)
    for r in range(value.shape[0]):
        for stratum in np.unique(strata[r][wanted[r]]):
            inside = strata[r] == stratum
            people = order[r][(wanted[r] & inside)[order[r]]]
            pool = shuffled[(offered[r] & inside)[shuffled]]
            if pool.size == 0:
                continue
            there = value[r][pool]
            for _ in range(ratio):
                match = _in_turn(value[r][people], there, caliper[r])
                for k in range(people.size):
                    if match[k] >= 0:
                        found[r, people[k]] = people[k]
                        found[r, pool[match[k]]] = people[k]
    return found


@njit(cache=True, nogil=True)
def _in_turn(wanted, offered, caliper):  # type: ignore[no-untyped-def]
    """Return the position that each takes in turn of the nearest still offered, the first of those equally near.

    What is taken is infinitely far from then on, in `offered` itself. Values are sorted once, and a path over what is
    taken leads from each to the next still there on either side (union-find).
    """
    order = np.argsort(offered, kind="mergesort")
    value = offered[order]
    n = np.searchsorted(value, np.inf)
    first = np.arange(n)  # of those with the same value
    for k in range(1, n):
        if value[k] == value[k - 1]:
            first[k] = first[k - 1]
    after, before = np.arange(n + 1), np.arange(n + 1)  # before[k + 1] leads down from k, and 0 is nobody
    taken = np.full(wanted.size, -1)
    for i in range(wanted.size):
        place = np.searchsorted(value[:n], wanted[i])
        above, below = _led(after, place), _led(before, place) - 1
        best, nearest = -1, np.inf
        if above < n:
            best, nearest = above, value[above] - wanted[i]
        if below >= 0:
            distance = wanted[i] - value[below]
            below = _led(after, first[below])
            if distance < nearest or (distance == nearest and order[below] < order[best]):
                best, nearest = below, distance
        if best >= 0 and nearest <= caliper:
            taken[i], offered[order[best]] = order[best], np.inf
            after[best], before[best + 1] = best + 1, best
    return taken


@njit(cache=True, nogil=True)
def _led(path, k):  # type: ignore[no-untyped-def]
    """Return where a path leads from a place, and shorten it on the way."""
    while path[k] != k:
        path[k] = path[path[k]]
        k = path[k]
    return k
