"""Alias sampling of cohorts from a joint distribution of counts: one 64-bit word a person.

A cohort depends on its own key alone, so that it is the same however keys are cut into chunks or spread over
threads. Either its people are kept, or five whole-number sums of them: all that the paired t and the ratio of totals
need.
"""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.kernels.counter_rng import LOWER, MASK, word

type Words = NDArray[np.uint32]

HALF, LOW_HALF = 16, 0xFFFF
_BYTE = 0xFF
_ONE = 2.0**32


class PairTable(NamedTuple):
    """A table from which one pair of counts is drawn at a time (Walker 1977).

    Attributes
    ----------
    coin : ndarray
        (C,) how often, of 2**32, a column gives its own pair.
    pairs : ndarray
        (C, 2) the column's own pair and its other one, before in the upper half of the word and after in the lower.
    """

    coin: Words
    pairs: Words


def pair_table(pmf: ArrayLike, *, spare: float = 1e-10) -> PairTable:
    """Build the table of a distribution; cells that together hold less than `spare` are left out.

    Parameters
    ----------
    pmf : array_like
        (K, L) probabilities of pairs; they are scaled to one.
    spare : float
        Probability that may be left out, so that the table stays in the processor's cache.

    Returns
    -------
    PairTable
        Its distribution is that of the cells to about C / 2**32, relative.

    Raises
    ------
    InputError
        IOM-E037 for another shape, IOM-E092 for a negative probability or none at all.

    Notes
    -----
    The table is Vose's (1991).

    Examples
    --------
    >>> table = pair_table([[0.5, 0.0], [0.25, 0.25]])
    >>> len(table.coin)
    3
    """
    p = np.asarray(pmf, dtype=np.float64)
    if p.ndim != 2 or max(p.shape) > LOW_HALF + 1:
        raise InputError("IOM-E037", f"expected a table of counts before by counts after, got shape {p.shape}")
    if not (p >= 0).all() or not 0 < p.sum() < np.inf:
        raise InputError("IOM-E092", "expected probabilities of 0 or more, some of them above 0")
    flat = p.ravel() / p.sum()
    order = np.argsort(-flat, kind="stable")
    order = order[: int(np.searchsorted(np.cumsum(flat[order]), 1 - spare)) + 1]
    before, after = np.divmod(order, p.shape[1])
    pairs = (before.astype(np.uint32) << np.uint32(HALF)) | after.astype(np.uint32)
    keep, alias = _vose(flat[order] / flat[order].sum())
    coin = np.minimum(np.rint(keep * _ONE), _ONE - 1).astype(np.uint32)
    return PairTable(coin, np.stack([pairs, pairs[alias]], axis=1))


def pair_sums(table: PairTable, keys: ArrayLike, n: int) -> NDArray[np.int64]:
    """Draw a cohort of `n` people a key and return its people, totals, squares and products.

    Parameters
    ----------
    table : PairTable
        Of the distribution.
    keys : array_like
        (R,) unsigned 64-bit numbers, as `Streams.keys` gives.
    n : int
        People a cohort, at least 1.

    Returns
    -------
    ndarray
        (R, 6), as `moments_from_sums` reads them.

    Examples
    --------
    >>> table = pair_table([[0.5, 0.0], [0.25, 0.25]])
    >>> pair_sums(table, [1, 2], 4).shape
    (2, 6)
    """
    return np.asarray(_sums(*table, _keys(keys), _people(n)))


def drawn_pairs(table: PairTable, keys: ArrayLike, n: int) -> NDArray[Any]:
    """Draw a cohort of `n` people a key, the same people as `pair_sums` adds up.

    Parameters
    ----------
    table, keys, n
        As in `pair_sums`.

    Returns
    -------
    ndarray
        (R, n, 2) counts before and after, in bytes where the table's fit in bytes, else in two bytes each.

    Examples
    --------
    >>> table = pair_table([[0.5, 0.0], [0.25, 0.25]])
    >>> people = drawn_pairs(table, [1, 2], 4)
    >>> people.dtype.name, people.shape, bool((people.sum(1) == pair_sums(table, [1, 2], 4)[:, 1:3]).all())
    ('uint8', (2, 4, 2), True)
    """
    keys = _keys(keys)
    most = max(int((table.pairs >> HALF).max()), int((table.pairs & LOW_HALF).max()))
    out = np.empty((keys.size, _people(n), 2), np.uint8 if most <= _BYTE else np.uint16)
    _draw(*table, keys, out)
    return out


def _keys(keys: ArrayLike) -> NDArray[np.uint64]:
    return np.atleast_1d(np.asarray(keys, dtype=np.uint64))


def _people(n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
        raise InputError("IOM-E060", "expected a whole number of people, at least 1")
    return int(n)


@njit(nogil=True, cache=True)
def _vose(p):  # type: ignore[no-untyped-def]
    """Return how often each column keeps its own cell, and the cell that it gives otherwise."""
    size = p.size
    keep, alias = p * size, np.arange(size)
    small, large = np.empty(size, np.int64), np.empty(size, np.int64)
    few = many = 0
    for i in range(size):
        if keep[i] < 1.0:
            small[few] = i
            few += 1
        else:
            large[many] = i
            many += 1
    while few and many:
        few -= 1
        i, j = small[few], large[many - 1]
        alias[i] = j
        keep[j] -= 1.0 - keep[i]
        if keep[j] < 1.0:
            many -= 1
            small[few] = j
            few += 1
    for k in range(few):
        keep[small[k]] = 1.0
    for k in range(many):
        keep[large[k]] = 1.0
    return keep, alias


@njit(nogil=True, cache=True, inline="always")
def _pair(coin, pairs, key, j):  # type: ignore[no-untyped-def]
    """Return the pair of person `j`: the upper half of a word picks the column, the lower half is the coin."""
    bits = word(key, j + 1)
    column = np.int64(((bits >> LOWER) * np.uint64(coin.size)) >> LOWER)
    side = np.int64((bits & MASK) >= np.uint64(coin[column]))  # an index and not a branch, which would be guessed
    pair = np.int64(pairs[column, side])
    return pair >> HALF, pair & LOW_HALF


@njit(nogil=True, cache=True)
def _sums(coin, pairs, keys, n):  # type: ignore[no-untyped-def]
    out = np.empty((keys.size, 6), np.int64)
    for i in range(keys.size):
        ya, yb, saa, sbb, sab = 0, 0, 0, 0, 0
        for j in range(n):
            a, b = _pair(coin, pairs, keys[i], j)
            ya += a
            yb += b
            saa += a * a
            sbb += b * b
            sab += a * b
        out[i] = (n, ya, yb, saa, sbb, sab)
    return out


@njit(nogil=True, cache=True)
def _draw(coin, pairs, keys, out):  # type: ignore[no-untyped-def]
    for i in range(keys.size):
        for j in range(out.shape[1]):
            out[i, j, 0], out[i, j, 1] = _pair(coin, pairs, keys[i], j)
