"""Counter-based random numbers (Salmon et al. 2011): each a function of a key and its place alone.

A person's key is a hash of the replicate's key and the person's number; a draw is a hash of that key and the
draw's number. Two courses of one life that ask for the same numbers get the same values.
"""
# ruff: noqa: ANN001, ANN202, ANN201 -- numba infers the types of what it compiles

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.kernels.splitmix64 import GOLDEN, finaliser

LOWER, MASK = np.uint64(32), np.uint64(0xFFFFFFFF)
"""The upper half of a word is what is left when it is shifted by the one, the lower half what the other masks."""
_S11, _S9 = np.uint64(11), np.uint64(9)
_UNIT = 2.0**-53
_LAYER, _BITS = np.uint64(0xFF), np.uint64(0x000FFFFFFFFFFFFF)
_LAYERS, _EXP_EDGE = 256, 7.69711747013104972
_SLOTS, _WIDEST, _NEWTON = 1024, 4.2, 12
_HALF = math.sqrt(math.pi / 2)


def _ziggurat(edge: float, area: float) -> tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.float64]]:
    """Lay 256 slabs of equal area under e^-x (Marsaglia & Tsang 2000, J. Stat. Softw. 5(8))."""
    scale = 2.0**52
    inside = np.zeros(_LAYERS, dtype=np.uint64)
    width, height = np.empty(_LAYERS), np.empty(_LAYERS)
    base, last = area / math.exp(-edge), edge
    inside[0] = np.uint64(edge / base * scale)
    width[0], width[-1] = base / scale, edge / scale
    height[0], height[-1] = 1.0, math.exp(-edge)
    for k in range(_LAYERS - 2, 0, -1):
        edge = -math.log(area / edge + math.exp(-edge))
        inside[k + 1] = np.uint64(edge / last * scale)
        last = edge
        height[k], width[k] = math.exp(-edge), edge / scale
    return inside, width, height


def _bell(x: float) -> float:
    return math.exp(-0.5 * x * x)


def _steps() -> NDArray[np.float64]:
    """Return the ends of steps under the half of a bell, each as large as one slot, from the widest to the narrowest.

    Each is a rectangle from 0 to its end, on top of the one before and as high as the bell is at its end, so that all
    of it counts and nothing has to be tested (McFarland 2016, J. Stat. Comput. Simul. 86, 1281-1294).
    """
    ends: list[float] = []
    floor, slot, x = 0.0, _HALF / _SLOTS, _WIDEST
    while True:
        for _ in range(_NEWTON):
            slope = (1 - x * x) * _bell(x) - floor
            if slope >= 0:  # no step of that size has room above the last
                return np.array(ends)
            x -= (x * (_bell(x) - floor) - slot) / slope
        ends.append(x)
        floor = _bell(x)


def _above(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cumulated shares of what lies between the steps and the bell, from the tail to the top."""
    beyond = [_HALF * math.erfc(x / math.sqrt(2)) for x in low]
    stepped = [0.0] + [(b - a) * _bell(b) for a, b in zip(low[1:], high[1:], strict=True)]
    areas = np.diff(beyond, prepend=0.0) - stepped
    return np.asarray(areas.cumsum() / areas.sum())


_EXP_INSIDE, _EXP_WIDTH, _EXP_HEIGHT = _ziggurat(_EXP_EDGE, 0.0039496598225815571993)
_ENDS = _steps()
_STEPS, _SLOT, _S10 = np.uint64(_ENDS.size), np.uint64(_SLOTS - 1), np.int64(10)
_WIDTH = np.append(_ENDS, np.zeros(_SLOTS - _ENDS.size)) * _UNIT
# Between two ends the bell stands on the wider step, and beyond the widest on nothing.
_LOW, _HIGH = np.append(_ENDS, 0.0), np.append(np.inf, _ENDS)
_FLOOR, _TOP = np.exp(-0.5 * _HIGH**2), np.exp(-0.5 * _LOW**2)
_ABOVE = _above(_LOW, _HIGH)


_finalised = njit(cache=True, nogil=True, inline="always")(finaliser)


@njit(cache=True, nogil=True, inline="always")
def word(key, place):  # type: ignore[no-untyped-def]
    """Return 64 random bits: the hash of a counter that starts at the key and has taken so many steps."""
    return _finalised(key + np.uint64(place) * GOLDEN)


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
    """Return a draw of mean 1, by the ziggurat; beyond the last slab the distribution starts anew."""
    layer = np.int64(bits & _LAYER)
    steps = (bits >> _S9) & _BITS
    x = np.float64(steps) * _EXP_WIDTH[layer]
    return x if steps < _EXP_INSIDE[layer] else _unlikely_exponential(bits, layer, x)


@njit(cache=True, nogil=True)
def _unlikely_normal(bits):  # type: ignore[no-untyped-def]
    """Finish the one draw in three hundred that lies above the steps: find between which ends, then take or reject."""
    k, place = np.searchsorted(_ABOVE, uniform(word(bits, 1))), 2
    while True:
        one, other = word(bits, place), word(bits, place + 1)
        if k == 0:
            far = exponential(one) / _LOW[0]
            x, inside = _LOW[0] + far, 2 * exponential(other) > far * far
        else:
            x = _LOW[k] + (_HIGH[k] - _LOW[k]) * uniform(one)
            inside = _FLOOR[k] + (_TOP[k] - _FLOOR[k]) * uniform(other) < np.exp(-0.5 * x * x)
        if inside:
            return x if np.int64(bits) >= 0 else -x
        place += 2


@njit(cache=True, nogil=True, inline="always")
def normal(bits):  # type: ignore[no-untyped-def]
    """Return a standard normal draw: even over the width of a step, or else above the steps."""
    slot = bits & _SLOT
    return np.float64(np.int64(bits) >> _S10) * _WIDTH[slot] if slot < _STEPS else _unlikely_normal(bits)


@njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)  # type: ignore[call-overload]
def normals(keys, place, out, late):  # type: ignore[no-untyped-def]
    """Write `normal` of the word of each key at a place: side by side all that need only a step, then the others.

    Parameters
    ----------
    keys, out : ndarray
        (n,) each, or more in `out`.
    place : int
        The same for all.
    late : ndarray
        (n,) room for which are the others.
    """
    others = 0
    for k in range(keys.size):
        bits = word(keys[k], place)
        slot = bits & _SLOT
        x = np.float64(np.int64(bits) >> _S10) * _WIDTH[slot]
        out[k] = x if slot < _STEPS else np.inf
        others += slot >= _STEPS
    if others:
        count = 0
        for k in range(keys.size):
            late[count] = k
            count += out[k] == np.inf
        for j in range(others):
            out[late[j]] = _unlikely_normal(word(keys[late[j]], place))


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
