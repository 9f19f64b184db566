"""Draws of the counter-based generator one by one, to be held against their distributions."""

import numpy as np
from numba import njit

from iom_causal.numerics.kernels.counter_rng import exponential, gamma, normal, normals, uniform, word


@njit(cache=True, nogil=True)
def draws(key, size, law, shape):  # type: ignore[no-untyped-def]
    """Return `size` draws of one law by counter: 0 uniform, 1 exponential, 2 normal, 3 gamma of this shape."""
    out = np.empty(size)
    for k in range(size):
        bits = word(key, k)
        if law == 0:
            out[k] = uniform(bits)
        elif law == 1:
            out[k] = exponential(bits)
        elif law == 2:
            out[k] = normal(bits)
        else:
            out[k] = gamma(bits, shape)
    return out


@njit(cache=True, nogil=True)
def normal_rows(keys, places):  # type: ignore[no-untyped-def]
    """Return standard normal draws of many keys side by side, (places, n)."""
    out, late = np.empty((places, keys.size)), np.empty(keys.size, dtype=np.int64)
    for place in range(places):
        normals(keys, place, out[place], late)
    return out
