"""SplitMix64: the finaliser that turns a counter into 64 random bits (Steele, Lea & Flood 2014).

Written so that numpy runs it on arrays and numba compiles it on numbers; this file itself loads neither but numpy.
"""

from typing import Any

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""The step of the counter: 2**64 over the golden ratio, made odd."""
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)


def finaliser(x: Any) -> Any:
    """Return a bijective hash of 64-bit words: an array of them, or one where it is compiled.

    Examples
    --------
    >>> int(finaliser(np.array([1], dtype=np.uint64))[0])
    6238072747940578789
    """
    x = (x ^ (x >> _S30)) * _MIX_1
    x = (x ^ (x >> _S27)) * _MIX_2
    return x ^ (x >> _S31)
