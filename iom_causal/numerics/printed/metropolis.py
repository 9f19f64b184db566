"""Metropolis chain over whole-number pairs: compiled kernels on arrays."""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

from typing import NamedTuple

import numpy as np
from numba import njit

from iom_causal.numerics.kernels.counter_rng import LOWER, MASK, word
from iom_causal.numerics.kernels.splitmix64 import GOLDEN

THREE_STEPS = np.uint64(3 * int(GOLDEN) % 2**64)
"""A proposal takes three words."""
EXACT = 1e-9
"""Distances below this are zero: windows are computed in double precision from exact ends."""

SUM_X, SQUARES_X, SUM_Y, SQUARES_Y, CHANGE, SQUARED_CHANGE, LOW_X, HIGH_X, LOW_Y, HIGH_Y = range(10)
TRANSFER_X, TRANSFER_Y, SWAP_X, SWAP_Y, BALANCED_X, BALANCED_Y, STEP_X, STEP_Y = range(8)
"""Moves; odd ones act on y."""


class PairWindows(NamedTuple):
    """Constraints on a set of pairs, in grid units.

    The first ``followed`` of ``people`` rows have both values; the others have x alone.

    Attributes
    ----------
    people, followed : int
        Rows with x, and rows with y as well.
    support : tuple of int
        Smallest and largest x, smallest and largest y.
    attain : tuple of int
        1 where somebody must have that extreme, in the order of `support`.
    sum_x, sum_y : tuple of int
        Ends of the admissible sums.
    spread_x, spread_y : tuple of float
        Ends of the sum of squares about the mean, ``(n - 1) s**2``.
    ratio : tuple of float
        Ends of ``sum (y - x)**2 / (sum (y - x))**2`` over the followed; a paired t fixes it to
        ``(1 + (m - 1) / t**2) / m``. ``(0, inf)`` when no paired test is known.
    """

    people: int
    followed: int
    support: tuple[int, int, int, int]
    attain: tuple[int, int, int, int]
    sum_x: tuple[int, int]
    spread_x: tuple[float, float]
    sum_y: tuple[int, int]
    spread_y: tuple[float, float]
    ratio: tuple[float, float]


@njit(cache=True, nogil=True, inline="always")
def _below(word, n):  # type: ignore[no-untyped-def]
    """Return a number in 0..n-1 from 32 random bits; the bias is under n / 2**32."""
    return np.int64((word * np.uint64(n)) >> np.uint64(32))


@njit(cache=True, nogil=True, inline="always")
def _outside(value, low, high):  # type: ignore[no-untyped-def]
    """Return the distance from a value to an interval."""
    gap = max(low - value, value - high)
    return gap if gap > EXACT else 0.0


@njit(cache=True, nogil=True, inline="always")
def _count(s, a, b, paired, w):  # type: ignore[no-untyped-def]
    """Add one person's (a, b) to the running statistics."""
    s[SUM_X] += a
    s[SQUARES_X] += a * a
    s[LOW_X] += a == w.support[0]
    s[HIGH_X] += a == w.support[1]
    if paired:
        s[SUM_Y] += b
        s[SQUARES_Y] += b * b
        s[CHANGE] += b - a
        s[SQUARED_CHANGE] += (b - a) ** 2
        s[LOW_Y] += b == w.support[2]
        s[HIGH_Y] += b == w.support[3]


@njit(cache=True, nogil=True, inline="always")
def _distances(s, w, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with how far the running statistics are from each window."""
    out[0] = _outside(s[SUM_X], w.sum_x[0], w.sum_x[1])
    centre = s[SUM_X] * s[SUM_X] / w.people
    out[1] = _outside(s[SQUARES_X], w.spread_x[0] + centre, w.spread_x[1] + centre)
    out[5] = w.attain[0] * (s[LOW_X] == 0) + w.attain[1] * (s[HIGH_X] == 0)
    if w.followed > 0:
        out[2] = _outside(s[SUM_Y], w.sum_y[0], w.sum_y[1])
        centre = s[SUM_Y] * s[SUM_Y] / w.followed
        out[3] = _outside(s[SQUARES_Y], w.spread_y[0] + centre, w.spread_y[1] + centre)
        square = float(s[CHANGE] * s[CHANGE])
        high = w.ratio[1] * square if w.ratio[1] < np.inf else np.inf
        out[4] = _outside(s[SQUARED_CHANGE], w.ratio[0] * square, high)
        out[5] += w.attain[2] * (s[LOW_Y] == 0) + w.attain[3] * (s[HIGH_Y] == 0)


@njit(cache=True, nogil=True, inline="always")
def _price(gaps, scale):  # type: ignore[no-untyped-def]
    """Return the log penalty of the distances."""
    total = 0.0
    for k in range(6):
        total += gaps[k] * scale[k]
    return total


@njit(cache=True, nogil=True, inline="always")
def _copy(source, target):  # type: ignore[no-untyped-def]
    """Copy a short array; a loop compiles to less than a slice does."""
    for k in range(source.size):
        target[k] = source[k]


@njit(cache=True, nogil=True)
def _statistics(z, w):  # type: ignore[no-untyped-def]
    """Return the running statistics of a whole state."""
    s = np.zeros(10, np.int64)
    for i in range(w.people):
        _count(s, z[0, i], z[1, i], i < w.followed, w)
    return s


@njit(cache=True, nogil=True, inline="always")
def _balanced(z, axis, pool, low, high, who, step, word):  # type: ignore[no-untyped-def]
    """Complete three people to four whose move keeps the sum and the sum of squares.

    The first and third gain ``step``, the others lose it. The fourth is drawn among all whose value
    balances the squares; the log of the ratio of such people there and back is returned, or -inf.
    """
    i, j, k = who[0], who[1], who[2]
    if i in (j, k) or j == k:
        return -np.inf
    wanted, back = z[axis, i] + z[axis, k] - z[axis, j] + 2 * step, z[axis, k] + step
    if not (low <= wanted <= high and low <= wanted - step <= high and low <= back <= high):
        return -np.inf
    there, returning = 0, 1 - (wanted == back)
    for p in range(pool):
        there += z[axis, p] == wanted
        returning += z[axis, p] == back
    for p in (i, j, k):
        there -= z[axis, p] == wanted
        returning -= z[axis, p] == back
    if there == 0:
        return -np.inf
    rank = _below(word, there)
    for p in range(pool):
        if z[axis, p] == wanted and p not in (i, j, k):
            if rank == 0:
                who[3] = p
                break
            rank -= 1
    return np.log(there / returning)


@njit(cache=True, nogil=True, inline="always")
def _propose(z, kind, step, words, w, who, new):  # type: ignore[no-untyped-def]
    """Fill ``who`` moves and their ``new`` values; return how many people and the log Hastings ratio."""
    on_y = kind % 2
    pool = w.followed if on_y else w.people
    who[0], who[1] = _below(words[0] >> LOWER, pool), _below(words[0] & MASK, pool)
    size, ratio = 2, 0.0
    if kind >= STEP_X:
        size = 1
    elif kind >= BALANCED_X:
        size = 4
        who[2] = _below(words[1] >> LOWER, pool)
        low, high = (w.support[2], w.support[3]) if on_y else (w.support[0], w.support[1])
        ratio = _balanced(z, on_y, pool, low, high, who, step, words[1] & MASK)
    elif who[0] == who[1]:
        ratio = -np.inf
    if ratio > -np.inf:
        for k in range(size):
            p = who[k]
            new[k, 0] = z[0, p]
            new[k, 1] = z[1, p]
        if SWAP_X <= kind <= SWAP_Y:
            new[0, on_y], new[1, on_y] = z[on_y, who[1]], z[on_y, who[0]]
        else:
            for k in range(size):
                new[k, on_y] += step if k % 2 == 0 else -step
    return size, ratio


@njit(cache=True, nogil=True, inline="always")
def _replace(trial, z, p, a, b, weight_x, weight_y, w):  # type: ignore[no-untyped-def]
    """Update the statistics for person p's new values (a, b); return the change of the log base measure."""
    lx, hx, ly, hy = w.support
    paired = p < w.followed
    if a < lx or a > hx or (paired and (b < ly or b > hy)):
        return -np.inf
    i = z[0, p]
    trial[SUM_X] += a - i
    trial[SQUARES_X] += a * a - i * i
    trial[LOW_X] += np.int64(a == lx) - np.int64(i == lx)
    trial[HIGH_X] += np.int64(a == hx) - np.int64(i == hx)
    gain = weight_x[a - lx] - weight_x[i - lx]
    if paired:
        j = z[1, p]
        trial[SUM_Y] += b - j
        trial[SQUARES_Y] += b * b - j * j
        trial[CHANGE] += (b - a) - (j - i)
        trial[SQUARED_CHANGE] += (b - a) ** 2 - (j - i) ** 2
        trial[LOW_Y] += np.int64(b == ly) - np.int64(j == ly)
        trial[HIGH_Y] += np.int64(b == hy) - np.int64(j == hy)
        gain += weight_y[b - ly] - weight_y[j - ly]
    return gain


@njit(cache=True, nogil=True, inline="always")
def _attempt(z, w, weight_x, weight_y, kind, step, words, s, trial, who, new):  # type: ignore[no-untyped-def]
    """Try a move; return how many people it moves and the log ratio of base measures and proposals."""
    size, gain = _propose(z, kind, step, words, w, who, new)
    if gain > -np.inf:
        _copy(s, trial)
        for k in range(size):
            gain += _replace(trial, z, who[k], new[k, 0], new[k, 1], weight_x, weight_y, w)
    return size, gain


@njit(cache=True, nogil=True, inline="always")
def _settle(z, size, who, new):  # type: ignore[no-untyped-def]
    """Write the accepted values."""
    for k in range(size):
        z[0, who[k]] = new[k, 0]
        z[1, who[k]] = new[k, 1]


@njit(cache=True, nogil=True)
def walk(x, y, w, weight_x, weight_y, kinds, mask, scale, key, thin, limit, out_x, out_y):  # type: ignore[no-untyped-def]
    """Run the chain in place; record the states at every ``thin``-th proposal that fit."""
    z = np.zeros((2, w.people), np.int64)
    z[0], z[1, : w.followed] = x, y
    s, trial = _statistics(z, w), np.zeros(10, np.int64)
    gaps, best = np.zeros(6), np.zeros(6)
    who, new = np.zeros(4, np.int64), np.zeros((4, 2), np.int64)
    words = np.zeros(2, np.uint64)
    _distances(s, w, best)
    energy = lowest = _price(best, scale)
    accepted = looked = recorded = done = 0
    state = np.uint64(key)
    while recorded < out_x.shape[0] and done < limit:
        words[0], words[1], coin = word(state, 1), word(state, 2), word(state, 3)
        state += THREE_STEPS
        done += 1
        kind = kinds[np.int64(coin & np.uint64(15))]
        step = 1 + np.int64((coin >> np.uint64(4)) & np.uint64(mask))
        step = -step if coin & np.uint64(1024) else step
        size, gain = _attempt(z, w, weight_x, weight_y, kind, step, words, s, trial, who, new)
        if gain > -np.inf:
            _distances(trial, w, gaps)
            heat = _price(gaps, scale)
            if np.float64(coin >> np.uint64(11)) * 2.0**-53 < np.exp(min(gain + energy - heat, 0.0)):
                accepted += 1
                _copy(trial, s)
                energy = heat
                _settle(z, size, who, new)
                if energy < lowest:
                    lowest = energy
                    best[:] = gaps
        if done % thin == 0:
            looked += 1
            if energy == 0.0:
                out_x[recorded], out_y[recorded] = z[0], z[1, : w.followed]
                recorded += 1
    x[:], y[:] = z[0], z[1, : w.followed]
    return recorded, done, accepted, looked, best
