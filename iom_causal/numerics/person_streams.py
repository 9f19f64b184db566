"""Random numbers by counter: each is a function of a key and its place, so that no order of work can change it.

A person's key is a hash of the replicate's key and the person's number; a draw is a hash of that key and the
draw's number. Two courses of one life that ask for the same numbers get the same values.
"""
# ruff: noqa: ANN001, ANN202, ANN201 -- numba infers the types of what it compiles

import math
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11, _S8, _S9 = (np.uint64(k) for k in (30, 27, 31, 11, 8, 9))
_UNIT = 2.0**-53
_LAYER, _SIGN, _BITS = np.uint64(0xFF), np.uint64(1), np.uint64(0x000FFFFFFFFFFFFF)
_LAYERS, _EDGE, _EXP_EDGE = 256, 3.6541528853610088, 7.69711747013104972


def _ziggurat(
    density: Callable[[float], float], inverse: Callable[[float], float], edge: float, area: float
) -> tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.float64]]:
    """Lay 256 slabs of equal area under a falling density (Marsaglia & Tsang 2000, J. Stat. Softw. 5(8))."""
    scale = 2.0**52
    inside = np.zeros(_LAYERS, dtype=np.uint64)
    width, height = np.empty(_LAYERS), np.empty(_LAYERS)
    base, last = area / density(edge), edge
    inside[0] = np.uint64(edge / base * scale)
    width[0], width[-1] = base / scale, edge / scale
    height[0], height[-1] = 1.0, density(edge)
    for k in range(_LAYERS - 2, 0, -1):
        edge = inverse(area / edge + density(edge))
        inside[k + 1] = np.uint64(edge / last * scale)
        last = edge
        height[k], width[k] = density(edge), edge / scale
    return inside, width, height


_INSIDE, _WIDTH, _HEIGHT = _ziggurat(
    lambda x: math.exp(-0.5 * x * x), lambda y: math.sqrt(-2 * math.log(y)), _EDGE, 0.00492867323399
)
_EXP_INSIDE, _EXP_WIDTH, _EXP_HEIGHT = _ziggurat(
    lambda x: math.exp(-x), lambda y: -math.log(y), _EXP_EDGE, 0.0039496598225815571993
)


@njit(cache=True, nogil=True, inline="always")
def word(key, place):  # type: ignore[no-untyped-def]
    """Return 64 random bits: the finaliser of splitmix64 (Steele, Lea & Flood 2014) of the key and the place."""
    x = key + np.uint64(place) * GOLDEN
    x = (x ^ (x >> _S30)) * _MIX_1
    x = (x ^ (x >> _S27)) * _MIX_2
    return x ^ (x >> _S31)


@njit(cache=True, nogil=True, inline="always")
def uniform(bits):  # type: ignore[no-untyped-def]
    """Return a number above 0 and below 1."""
    return (np.float64(bits >> _S11) + 0.5) * _UNIT


@njit(cache=True, nogil=True)
def _unlikely_exponential(bits, layer, x):  # type: ignore[no-untyped-def]
    """Finish the one draw in seventy that lands on the edge of its slab or in the tail."""
    before = 0.0
    while True:
        bits = word(bits, 1)
        if layer == 0:
            before += _EXP_EDGE
        elif _EXP_HEIGHT[layer] + (_EXP_HEIGHT[layer - 1] - _EXP_HEIGHT[layer]) * uniform(bits) < np.exp(-x):
            return before + x
        bits = word(bits, 1)
        layer = np.int64(bits & _LAYER)
        steps = (bits >> _S9) & _BITS
        x = np.float64(steps) * _EXP_WIDTH[layer]
        if steps < _EXP_INSIDE[layer]:
            return before + x


@njit(cache=True, nogil=True, inline="always")
def exponential(bits):  # type: ignore[no-untyped-def]
    """Return a draw of mean 1, by the ziggurat; beyond the last slab the law starts anew."""
    layer = np.int64(bits & _LAYER)
    steps = (bits >> _S9) & _BITS
    x = np.float64(steps) * _EXP_WIDTH[layer]
    return x if steps < _EXP_INSIDE[layer] else _unlikely_exponential(bits, layer, x)


@njit(cache=True, nogil=True)
def _unlikely_normal(bits, layer, x):  # type: ignore[no-untyped-def]
    """Finish the one draw in a hundred that lands on the edge of its slab or in the tail."""
    while True:
        if layer == 0:
            while True:
                bits = word(bits, 1)
                far = exponential(bits) / _EDGE
                bits = word(bits, 1)
                if 2 * exponential(bits) > far * far:
                    return _EDGE + far if x > 0 else -_EDGE - far
        bits = word(bits, 1)
        if _HEIGHT[layer] + (_HEIGHT[layer - 1] - _HEIGHT[layer]) * uniform(bits) < np.exp(-0.5 * x * x):
            return x
        bits = word(bits, 1)
        layer = np.int64(bits & _LAYER)
        steps = (bits >> _S9) & _BITS
        x = np.float64(steps) * _WIDTH[layer]
        if (bits >> _S8) & _SIGN:
            x = -x
        if steps < _INSIDE[layer]:
            return x


@njit(cache=True, nogil=True, inline="always")
def normal(bits):  # type: ignore[no-untyped-def]
    """Return a standard normal draw, by the ziggurat."""
    layer = np.int64(bits & _LAYER)
    steps = (bits >> _S9) & _BITS
    x = np.float64(steps) * _WIDTH[layer]
    if (bits >> _S8) & _SIGN:
        x = -x
    return x if steps < _INSIDE[layer] else _unlikely_normal(bits, layer, x)


@njit(cache=True, nogil=True)
def gamma(bits, shape):  # type: ignore[no-untyped-def]
    """Return a gamma draw of mean `shape` and scale 1 (Marsaglia & Tsang 2000, ACM TOMS 26, 363-372)."""
    boost = 1.0
    if shape < 1.0:
        bits = word(bits, 1)
        boost = uniform(bits) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    # Each draw has a place of its own: a slow normal hashes its own word, which must not serve again here.
    place = 2
    while True:
        x, u = normal(word(bits, place)), uniform(word(bits, place + 1))
        v = (1.0 + c * x) ** 3
        if v > 0 and np.log(u) < 0.5 * x * x + d - d * v + d * np.log(v):
            return boost * d * v
        place += 2


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
def person_uniforms(replicate_keys, numbers, place):  # type: ignore[no-untyped-def]
    """Return a number between 0 and 1 for each person, (R, n), who are numbered within their replicate."""
    out = np.empty(numbers.shape)
    for r in range(numbers.shape[0]):
        for i in range(numbers.shape[1]):
            out[r, i] = uniform(word(word(replicate_keys[r], numbers[r, i] + 1), place))
    return out


@njit(cache=True, nogil=True)
def uniforms_at(key, numbers, places):  # type: ignore[no-untyped-def]
    """Return a number between 0 and 1 for each pair of a person's number and a place, (N,)."""
    out = np.empty(numbers.size)
    for i in range(numbers.size):
        out[i] = uniform(word(word(key, numbers[i] + 1), places[i]))
    return out
