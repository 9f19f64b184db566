"""The people of the cohorts whose sums the alias sampler returns, one by one."""

import numpy as np
from numba import njit

from iom_causal.numerics.pairs.alias_sampler import _keys, _pair


def draw_pairs(table, keys, n):
    """Draw the same cohorts as `pair_sums` and return the people, (R, n, 2)."""
    return _draws(*table, _keys(keys), n)


@njit(nogil=True, cache=True)
def _draws(coin, pairs, keys, n):  # type: ignore[no-untyped-def]
    out = np.empty((keys.size, n, 2), np.uint16)
    for i in range(keys.size):
        for j in range(n):
            out[i, j] = _pair(coin, pairs, keys[i], j)
    return out
