"""Log likelihoods of shared gamma frailties at many parameters, without derivatives, of people who are not alike.

Draws of a posterior ask for the value alone, at a thousand points or more. Covariates are laid out by window and
column, so that the exponentials of all people fill vector registers.
"""
# ruff: noqa: ANN001, ANN201, ANN202 -- numba infers the types of what it compiles

import numpy as np
from numba import njit

from iom_causal.numerics.kernels.fast_exp import fast_exp
from iom_causal.numerics.mixed.frailty import fill_table, gamma_terms
from iom_causal.numerics.mixed.shared_kernel import calendar_sums, fill_rates


@njit(cache=True, nogil=True)
def gamma_values(people, theta):  # type: ignore[no-untyped-def]
    """Return the log likelihood without its constant at each row of ``theta``, (S,), to the digits of `likelihood`."""
    total, weights, exposure, x, events_x = people
    windows, p = x.shape[1:]
    columns, days = np.ascontiguousarray(x.transpose(1, 2, 0)), np.empty((windows, x.shape[0]))
    if x.shape[0] > 1:
        days[:, :] = exposure.T
    table, rates = np.zeros((np.int64(np.max(total)) + 1, 3)), np.zeros((p + 1, windows))
    eta, mean, out = np.empty(total.size), np.empty(total.size), np.empty(theta.shape[0])
    for s in range(out.size):
        b, spread = theta[s, :p], theta[s, p]
        if x.shape[0] > 1:
            _fill_means(columns, days, b, eta, mean)
        else:
            fill_rates(x[0], b, rates)
            for i in range(total.size):
                mean[i] = calendar_sums(exposure[i], rates, eta[:0])
        fill_table(table, spread)
        shape, value = np.exp(-spread), np.dot(events_x, b)
        for i in range(total.size):
            if mean[i] > 0.0 and weights[i] != 0.0:
                value += weights[i] * gamma_terms(float(total[i]), mean[i], shape, table)[0]
        out[s] = value
    return out


@njit(cache=True, nogil=True)
def _fill_means(columns, days, b, eta, mean):  # type: ignore[no-untyped-def]
    """Write everybody's expected events, from columns (T, p, n) and days (T, n)."""
    mean[:] = 0.0
    for t in range(days.shape[0]):
        eta[:] = 0.0
        for j in range(columns.shape[1]):
            for i in range(eta.size):
                eta[i] += columns[t, j, i] * b[j]
        for i in range(eta.size):
            mean[i] += days[t, i] * fast_exp(eta[i])
