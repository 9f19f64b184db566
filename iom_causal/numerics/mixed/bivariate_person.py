"""Bivariate lognormal frailty model: one person's likelihood by adaptive two-dimensional quadrature."""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

import numpy as np
from numba import njit

from iom_causal.numerics.kernels.fast_exp import fast_exp
from iom_causal.numerics.mixed.frailty import MODE_STEP


@njit(cache=True, nogil=True)
def find_mode(y1, y2, m1, m2, p11, p12, p22, mode):  # type: ignore[no-untyped-def]
    """Improve the mode of the log density of totals and frailties, in place."""
    for _ in range(500):
        e1, e2 = m1 * np.exp(mode[0]), m2 * np.exp(mode[1])
        g1 = y1 - e1 - p11 * mode[0] - p12 * mode[1]
        g2 = y2 - e2 - p12 * mode[0] - p22 * mode[1]
        n11, n22 = e1 + p11, e2 + p22
        det = n11 * n22 - p12 * p12
        d1, d2 = (n22 * g1 - p12 * g2) / det, (n11 * g2 - p12 * g1) / det
        longest = max(abs(d1), abs(d2))
        # A full step from far off would overshoot to where e^u overflows.
        scale = min(1.0, 2.0 / longest) if longest > 0.0 else 1.0
        mode[0] += scale * d1
        mode[1] += scale * d2
        if longest < MODE_STEP:
            break


# Sums may be taken in any order, so that the nodes fill a vector register; the order does not depend on the data.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _inner_sums(base, linear, e2, half, start, step, u0, nodes, weights):  # type: ignore[no-untyped-def]
    """Sum over the second axis: p times 1, u, u^2, u^3, u^4, r, r u, r u^2 and r^2, where ``r = e^d - 1``."""
    s0, s1, s2, s3, s4, r0, r1, r2, rr = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(nodes.size):
        d = start + step * nodes[k]
        rise = fast_exp(d) - 1.0
        p = weights[k] * fast_exp(base + linear * d - e2 * rise - half * d * d)
        u = u0 + d
        pu, pr = p * u, p * rise
        puu = pu * u
        s0 += p
        s1 += pu
        s2 += puu
        s3 += puu * u
        s4 += puu * u * u
        r0 += pr
        r1 += pr * u
        r2 += pr * u * u
        rr += pr * rise
    return s0, s1, s2, s3, s4, r0, r1, r2, rr


@njit(cache=True, nogil=True)
def posterior(y1, y2, m1, m2, p11, p12, p22, nodes, weights, mode, means, covs):  # type: ignore[no-untyped-def] # noqa: C901, PLR0912, PLR0915 one loop is what keeps it fast
    """Return the log integral; fill means and covariances of ``(w1, w2, u1^2, u1 u2, u2^2)``, ``w = e^u``.

    The prior's log determinant is left to the caller.
    """
    find_mode(y1, y2, m1, m2, p11, p12, p22, mode)
    u1, u2 = mode[0], mode[1]
    w1, w2 = np.exp(u1), np.exp(u2)
    n11, n22 = m1 * w1 + p11, m2 * w2 + p22
    det = n11 * n22 - p12 * p12
    c11 = np.sqrt(n22 / det)
    c21, c22 = -p12 / det / c11, 1.0 / np.sqrt(n22)
    pu1, pu2 = p11 * u1 + p12 * u2, p12 * u1 + p22 * u2
    raw = np.zeros(24)
    for k in range(nodes.size):
        if weights[k] == 0.0:
            continue
        d = c11 * nodes[k]
        rise = np.exp(d) - 1.0
        base = (y1 - pu1) * d - m1 * w1 * rise - 0.5 * p11 * d * d
        s = _inner_sums(base, y2 - pu2 - p12 * d, m2 * w2, 0.5 * p22, c21 * nodes[k], c22, u2, nodes, weights)
        u, share = u1 + d, weights[k]
        raw[0] += share * s[0]
        # w1 and w2 about their modes: means, then products with the quadratics.
        raw[1] += share * rise * s[0]
        raw[2] += share * s[5]
        raw[3] += share * u * u * s[0]
        raw[4] += share * u * s[1]
        raw[5] += share * s[2]
        raw[6] += share * rise * rise * s[0]
        raw[7] += share * rise * s[5]
        raw[8] += share * s[8]
        raw[9] += share * rise * u * u * s[0]
        raw[10] += share * rise * u * s[1]
        raw[11] += share * rise * s[2]
        raw[12] += share * u * u * s[5]
        raw[13] += share * u * s[6]
        raw[14] += share * s[7]
        raw[15] += share * u * u * u * u * s[0]
        raw[16] += share * u * u * u * s[1]
        raw[17] += share * u * u * s[2]
        raw[18] += share * u * s[3]
        raw[19] += share * s[4]
    total = raw[0]
    raw /= total
    for j in range(5):
        means[j] = raw[j + 1]
    covs[0, 0], covs[1, 0], covs[1, 1] = raw[6], raw[7], raw[8]
    for j in range(3):
        covs[2 + j, 0], covs[2 + j, 1] = raw[9 + j], raw[12 + j]
        for k in range(j + 1):
            covs[2 + j, 2 + k] = raw[15 + j + k]
    for j in range(5):
        for k in range(j + 1):
            covs[j, k] -= means[j] * means[k]
    for j in range(5):
        scale = w1 if j == 0 else w2 if j == 1 else 1.0
        means[j] = scale * (1.0 + means[j]) if j < 2 else means[j]
        for k in range(5):
            if k <= j:
                covs[j, k] *= scale
            if k >= j:
                covs[k, j] *= scale
    for j in range(5):
        for k in range(j):
            covs[k, j] = covs[j, k]
    quadratic = u1 * pu1 + u2 * pu2
    return np.log(c11 * c22 * total) + y1 * u1 + y2 * u2 - m1 * w1 - m2 * w2 - 0.5 * quadratic
