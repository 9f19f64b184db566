"""Posterior of a person's frailty given the person's total, for each mixing distribution.

Given frailty u a person's total is Poisson with mean ``u M``. The distribution of u enters a likelihood only through
the log of the mixed probability, the posterior mean and variance of u, and the derivatives by the distribution's
spread.
"""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

import numpy as np
from numba import njit

from iom_causal.numerics.kernels.fast_exp import fast_exp

POOLED, FIXED, GAMMA, LOGNORMAL = range(4)
"""Mixing distributions: frailty one for all, free for each, gamma with mean one, lognormal with median one."""
SPREAD_LOW = np.array([0.0, 0.0, np.log(1e-12), np.log(1e-6)])
SPREAD_HIGH = np.array([0.0, 0.0, np.log(1e6), np.log(30.0)])
"""Bounds of the log spread (gamma: of the variance; lognormal: of the SD of the log) by mixing distribution."""
MODE_STEP = 1e-5
"""The search for a mode stops at a step this short; Newton's next would be its square."""


@njit(cache=True, nogil=True)
def fill_table(table, spread):  # type: ignore[no-untyped-def]
    """Write sums over k < y of log(1 + k / a), 1 / (a + k) and 1 / (a + k)^2, with ``a = exp(-spread)``.

    They stand for differences of log gamma, digamma and trigamma, which lose their digits when a is large.
    """
    shape, variance = np.exp(-spread), np.exp(spread)
    table[0, :] = 0.0
    for k in range(table.shape[0] - 1):
        inverse = 1.0 / (shape + k)
        table[k + 1, 0] = table[k, 0] + np.log1p(k * variance)
        table[k + 1, 1] = table[k, 1] + inverse
        table[k + 1, 2] = table[k, 2] + inverse * inverse


@njit(cache=True, nogil=True)
def gamma_terms(y, mean, shape, table):  # type: ignore[no-untyped-def]
    """Return log integral, E u, V u, derivatives by the log variance (first, second, mixed)."""
    k = np.int64(y)
    total = shape + mean
    scaled = np.log1p(mean / shape)
    gap = (mean - y) / total
    expected = (shape + y) / total
    first = table[k, 1] - scaled + gap
    second = mean / (shape * total) - gap / total - table[k, 2]
    return (
        table[k, 0] - (shape + y) * scaled,
        expected,
        expected / total,
        -shape * first,
        shape * (shape * second + first),
        shape * gap / total,
    )


@njit(cache=True, nogil=True)
def find_mode(y, mean, precision, mode):  # type: ignore[no-untyped-def]
    """Return the mode of ``y u - mean e^u - precision u^2 / 2``; a NaN is no guess."""
    if np.isnan(mode):
        mode = np.log((y + precision) / (mean + precision))
    for _ in range(200):
        e = mean * fast_exp(mode)
        # From far below, a full step would overshoot to where e^u overflows.
        step = min((y - e - mode * precision) / (e + precision), 3.0)
        mode += step
        if abs(step) < MODE_STEP:
            break
    return mode


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def find_modes(totals, mean, precision, modes):  # type: ignore[no-untyped-def]
    """Find the modes of people with the same mean from those in ``modes``, all of them at once."""
    if np.isnan(modes[0]):
        for i in range(totals.size):
            modes[i] = np.log((totals[i] + precision) / (mean + precision))
    for _ in range(200):
        moved = 0.0
        for i in range(totals.size):
            e = mean * fast_exp(modes[i])
            step = min((totals[i] - e - modes[i] * precision) / (e + precision), 3.0)
            modes[i] += step
            moved += step * step
        if moved < MODE_STEP * MODE_STEP:
            break


# Sums may be taken in any order, so that the nodes fill a vector register; the order does not depend on the data.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _node_sums(y, mean, precision, u0, w0, sd, a0, nodes, weights):  # type: ignore[no-untyped-def]
    """Return the integrals of 1, w, w^2, a, a^2, w a, w u and w u^2, the first six about the mode."""
    s0, s1, s2, s3, s4, s5, s6, s7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    e0, tilt = mean * w0, y - u0 * precision
    for k in range(nodes.size):
        d = sd * nodes[k]
        rise = fast_exp(d) - 1.0
        p = weights[k] * fast_exp(tilt * d - e0 * rise - 0.5 * d * d * precision)
        u, dw = u0 + d, w0 * rise
        w = w0 + dw
        da = (y - mean * w) * u - a0
        pw, pa, pu = p * dw, p * da, p * w * u
        s0 += p
        s1 += pw
        s2 += pw * dw
        s3 += pa
        s4 += pa * da
        s5 += pw * da
        s6 += pu
        s7 += pu * u
    return s0, s1, s2, s3, s4, s5, s6, s7


@njit(cache=True, nogil=True)
def lognormal_terms(y, mean, spread, precision, nodes, weights, u0):  # type: ignore[no-untyped-def]
    """Return what `gamma_terms` does, for normal log frailties with SD ``exp(spread)`` and the mode ``u0``.

    The derivatives by the SD are taken with ``u = sd z`` and z held (Louis 1982), so that nothing cancels
    when the SD is small.
    """
    w0 = np.exp(u0)
    e0 = mean * w0
    sd = 1.0 / np.sqrt(e0 + precision)
    a0 = (y - e0) * u0
    s = _node_sums(y, mean, precision, u0, w0, sd, a0, nodes, weights)
    inverse = 1.0 / s[0]
    w1, a1 = s[1] * inverse, s[3] * inverse
    return (
        np.log(sd * s[0]) + y * u0 - e0 - 0.5 * u0 * u0 * precision - spread,
        w0 + w1,
        s[2] * inverse - w1 * w1,
        a0 + a1,
        a0 + a1 - mean * s[7] * inverse + s[4] * inverse - a1 * a1,
        -(s[6] * inverse + s[5] * inverse - w1 * a1),
    )
