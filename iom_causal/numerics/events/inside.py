"""Days inside the spells of some people as bits, a row of words a person."""
# ruff: noqa: ANN001, ANN201 -- numba infers the types of what it compiles

import numpy as np
from numba import njit

BITS = 6
"""A word has two to the power of so many days."""
LAST = 2**BITS - 1
"""The last day of a word."""


@njit(cache=True, nogil=True)
def nobody(people, days):  # type: ignore[no-untyped-def]
    """Return rows of so many people and days, with no day inside."""
    return np.zeros((people, (days + LAST) >> BITS), dtype=np.uint64)


@njit(cache=True, nogil=True)
def mark(inside, p, first, end):  # type: ignore[no-untyped-def]
    """Mark the days of a person from the first to before the end, but for those beyond the row."""
    first, last = max(first, 0), min(end, inside.shape[1] << BITS) - 1
    if first > last:
        return
    low, high, ones = first >> BITS, last >> BITS, ~np.uint64(0)
    before, after = ones << np.uint64(first & LAST), ones >> np.uint64(LAST - (last & LAST))
    if low == high:
        inside[p, low] |= before & after
        return
    inside[p, low] |= before
    for word in range(low + 1, high):
        inside[p, word] = ones
    inside[p, high] |= after


@njit(cache=True, nogil=True)
def marked(inside, p, day):  # type: ignore[no-untyped-def]
    """Return 1 where a day of a person is marked, else 0."""
    return np.uint16((inside[p, day >> BITS] >> np.uint64(day & LAST)) & np.uint64(1))
