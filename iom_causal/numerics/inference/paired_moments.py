"""Means, standard deviations and correlation of two windows, as exact as their numbers allow.

Whole numbers go through exact integer sums; decimals are centred, compensated and scaled by a power of
two before they are squared, so that neither offsets, nor near-constant changes, nor units of 2**600 cost
digits (Chan, Golub & LeVeque 1983). A spread of decimals that their rounding explains is 0.
"""

import math
import sys
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.kernels.decimals import NOISE

FloatArray = NDArray[np.float64]

_LARGEST = 2**31  # n times the largest value; its square must fit 64 bits


class PairedMoments(NamedTuple):
    """The moments of two windows, each an array over the replicate axis (or without axis).

    Attributes
    ----------
    n : ndarray
        People with both windows, weights counted.
    mean_pre, mean_post, mean_change : ndarray
        Means; the change is after minus before.
    sd_pre, sd_post, sd_change : ndarray
        Standard deviations with divisor n - 1; NaN below two people.
    r : ndarray
        The correlation of the windows; NaN where one of them does not vary.
    """

    n: FloatArray
    mean_pre: FloatArray
    mean_post: FloatArray
    mean_change: FloatArray
    sd_pre: FloatArray
    sd_post: FloatArray
    sd_change: FloatArray
    r: FloatArray


def paired_moments(outcome: NDArray[Any], weight: ArrayLike | None = None) -> PairedMoments:
    """Compute the moments of people's values before and after, over complete pairs.

    Parameters
    ----------
    outcome : ndarray
        (n, 2) or (R, n, 2), the last axis before, after. A pair with NaN is left out.
    weight : array_like, optional
        (n,) or (R, n): how often each row counts.

    Returns
    -------
    PairedMoments
        Of shape () or (R,).

    Raises
    ------
    InputError
        IOM-E037 for another shape.

    Examples
    --------
    >>> m = paired_moments(np.array([[3, 1], [2, 2], [5, 0]]))
    >>> round(float(m.mean_change), 4), round(float(m.sd_change), 4)
    (-2.3333, 2.5166)
    """
    if outcome.ndim not in (2, 3) or outcome.shape[-1] != 2:
        raise InputError("IOM-E037", f"expected (n, 2) or (R, n, 2) values before and after, got {outcome.shape}")
    block = outcome.reshape(-1, *outcome.shape[-2:])
    reps, n = block.shape[:2]
    whole = weight is None or np.asarray(weight).dtype.kind in "iub"
    weights = None if weight is None else np.broadcast_to(np.asarray(weight), (reps, n))
    sums = _exact_sums(block, weights) if whole and block.dtype.kind in "iub" else None
    if sums is not None:
        columns = _from_sums(sums)
    else:
        values = np.ascontiguousarray(block, dtype=np.float64)
        columns = _float_moments(values, np.ones((1, n)) if weights is None else weights.astype(np.float64))
    return PairedMoments(*(c.reshape(outcome.shape[:-2]) for c in columns))


def moments_from_sums(sums: NDArray[np.int64]) -> PairedMoments:
    """Compute the same moments from (R, 6) whole numbers: people, totals, squares before and after, products.

    Examples
    --------
    >>> m = moments_from_sums(np.array([[3, 10, 3, 38, 5, 7]]))
    >>> float(m.mean_post[0]), round(float(m.sd_change[0]), 4)
    (1.0, 2.5166)
    """
    return PairedMoments(*_from_sums(sums))


def _exact_sums(block: NDArray[Any], weights: NDArray[Any] | None) -> NDArray[np.int64] | None:
    # People, totals, squares and products; None where 64 bits might not hold them.
    if weights is not None:
        people = int(weights.sum(-1).max(initial=1))
        fits = people * max(_magnitude(block), 1) < _LARGEST
        return np.asarray(_weighted_sums(block, weights.astype(np.int64))) if fits else None
    if block.dtype.itemsize == 1 and block.dtype.kind in "ub" and block.shape[1] * 255 < _LARGEST:
        return _byte_sums(np.ascontiguousarray(block))
    sums, bits = _sums(block)
    largest = bits if 0 <= bits * block.shape[1] < _LARGEST and bits < _LARGEST else _magnitude(block)
    return np.asarray(sums) if largest * block.shape[1] < _LARGEST else None


def _magnitude(block: NDArray[Any]) -> int:
    return max(int(block.max(initial=0)), -int(block.min(initial=0)))


def _byte_sums(block: NDArray[Any]) -> NDArray[np.int64]:
    # Two bytes are read as one word: before is its low half, unless the machine keeps words the other way.
    sums = np.asarray(_word_sums(block.view(np.uint16)[..., 0]))
    return sums if sys.byteorder == "little" else sums[:, [0, 2, 1, 4, 3, 5]]


@njit(nogil=True, cache=True)
def _word_sums(words: NDArray[np.uint16]) -> NDArray[np.int64]:
    # Runs of 4096 pairs of bytes add up within 32 bits, which doubles what one instruction adds.
    reps, n = words.shape
    out = np.zeros((reps, 6), np.int64)
    byte, half = np.uint32(255), np.uint32(8)
    for i in range(reps):
        out[i, 0] = n
        for start in range(0, n, 4096):
            zero = np.uint32(0)
            ya, yb, saa, sbb, sab = zero, zero, zero, zero, zero
            for j in range(start, min(n, start + 4096)):
                word = np.uint32(words[i, j])
                a, b = np.uint32(word & byte), np.uint32(word >> half)
                ya, yb = np.uint32(ya + a), np.uint32(yb + b)
                saa, sbb, sab = np.uint32(saa + a * a), np.uint32(sbb + b * b), np.uint32(sab + a * b)
            for k, part in enumerate((ya, yb, saa, sbb, sab)):
                out[i, k + 1] += part
    return out


@njit(nogil=True, cache=True)
def _sums(block: NDArray[Any]) -> tuple[NDArray[np.int64], np.int64]:
    # Beside the sums, all values or-ed together: no less than the largest, and negative if any is.
    reps, n = block.shape[0], block.shape[1]
    out = np.empty((reps, 6), np.int64)
    bits = np.int64(0)
    for i in range(reps):
        zero = np.int64(0)
        ya, yb, saa, sbb, sab = zero, zero, zero, zero, zero
        for j in range(n):
            a, b = np.int64(block[i, j, 0]), np.int64(block[i, j, 1])
            bits |= a | b
            ya += a
            yb += b
            saa += a * a
            sbb += b * b
            sab += a * b
        out[i] = (n, ya, yb, saa, sbb, sab)
    return out, bits


@njit(nogil=True, cache=True)
def _weighted_sums(block: NDArray[Any], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    reps, n = block.shape[0], block.shape[1]
    out = np.empty((reps, 6), np.int64)
    for i in range(reps):
        people, ya, yb, saa, sbb, sab = 0, 0, 0, 0, 0, 0
        for j in range(n):
            a, b, w = np.int64(block[i, j, 0]), np.int64(block[i, j, 1]), weight[i, j]
            people += w
            ya += w * a
            yb += w * b
            saa += w * a * a
            sbb += w * b * b
            sab += w * a * b
        out[i] = (people, ya, yb, saa, sbb, sab)
    return out


@njit(nogil=True, cache=True)
def _from_sums(sums: NDArray[np.int64]) -> FloatArray:
    reps = sums.shape[0]
    out = np.full((8, reps), np.nan)
    for i in range(reps):
        n, ya, yb, saa, sbb, sab = sums[i]
        out[0, i] = n
        if n > 0:
            out[1, i], out[2, i], out[3, i] = ya / n, yb / n, (yb - ya) / n
        if n > 1:
            vaa, vbb, vab = n * saa - ya * ya, n * sbb - yb * yb, n * sab - ya * yb
            pairs = np.float64(n) * (n - 1)
            out[4, i], out[5, i] = math.sqrt(vaa / pairs), math.sqrt(vbb / pairs)
            out[6, i] = math.sqrt((vaa + vbb - 2 * vab) / pairs)
            if vaa > 0 and vbb > 0:
                out[7, i] = max(-1.0, min(1.0, vab / (math.sqrt(vaa) * math.sqrt(vbb))))
    return out


@njit(nogil=True, cache=True)
def _mean_sd(x: FloatArray, w: FloatArray, grain: float) -> tuple[float, float, float, float]:
    # Neumaier's sum for the mean; then the second pass on scaled residuals, with their own mean taken out.
    # Values within the grain of their mean are one number.
    n, total, lost, far = 0.0, 0.0, 0.0, 0.0
    for i in range(x.size):
        term = w[i] * x[i]
        step = total + term
        lost += (total - step) + term if abs(total) >= abs(term) else (term - step) + total
        total = step
        n += w[i]
    if n == 0.0:
        return 0.0, np.nan, np.nan, 1.0
    mean = (total + lost) / n
    for i in range(x.size):
        if w[i] > 0.0:
            far = max(far, abs(x[i] - mean))
    if far <= grain or n <= 1.0:
        return n, mean, 0.0 if n > 1.0 else np.nan, 1.0
    scale = math.ldexp(1.0, min(1000, -math.frexp(far)[1]))
    first, second = 0.0, 0.0
    for i in range(x.size):
        first += w[i] * ((x[i] - mean) * scale)
    off = first / n
    for i in range(x.size):
        second += w[i] * ((x[i] - mean) * scale - off) ** 2
    return n, mean + off / scale, math.sqrt(second / (n - 1.0)) / scale, scale


@njit(nogil=True, cache=True)
def _float_moments(block: FloatArray, weight: FloatArray) -> FloatArray:
    reps, n = block.shape[0], block.shape[1]
    out = np.empty((8, reps))
    a, b, d, w = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for i in range(reps):
        row = weight[i if weight.shape[0] > 1 else 0]
        top_a, top_b = 0.0, 0.0
        for j in range(n):
            a[j], b[j], w[j] = block[i, j, 0], block[i, j, 1], row[j]
            if math.isnan(a[j]) or math.isnan(b[j]):
                a[j], b[j], w[j] = 0.0, 0.0, 0.0
            d[j] = b[j] - a[j]
            if w[j] > 0.0:
                top_a, top_b = max(top_a, abs(a[j])), max(top_b, abs(b[j]))
        grain = NOISE * max(top_a, top_b)
        people, ma, sda, ka = _mean_sd(a, w, NOISE * top_a)
        _, mb, sdb, kb = _mean_sd(b, w, NOISE * top_b)
        _, md, sdd, _ = _mean_sd(d, w, grain)
        if sdd == 0.0 and abs(md) <= grain:
            md = 0.0
        cross = 0.0
        for j in range(n):
            cross += w[j] * ((a[j] - ma) * ka) * ((b[j] - mb) * kb)
        r = np.nan
        if sda > 0.0 and sdb > 0.0:
            r = max(-1.0, min(1.0, cross / ((people - 1.0) * (sda * ka) * (sdb * kb))))
        out[:, i] = (people, ma, mb, md, sda, sdb, sdd, r)
    return out
