"""The exponential in a form that compilers turn into vector instructions."""
# ruff: noqa: ANN001, ANN201 -- numba infers the types of what it compiles

import numpy as np
from numba import njit

LOG2E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93145751953125e-1, 1.42860682030941723212e-6
SHIFTER = 6755399441055744.0
"""1.5 * 2^52: adding it leaves the nearest whole number in the last bits."""


# The rounding by SHIFTER must not be simplified away, which a caller's fastmath would else do here.
@njit(cache=True, nogil=True, fastmath={"contract"})
def fast_exp(x):  # type: ignore[no-untyped-def]
    """Return e^x to the last digit or two, between e^-708 and e^708 (Cody & Waite 1980, chapter 6)."""
    x = min(max(x, -708.0), 708.0)
    shifted = x * LOG2E + SHIFTER
    n = shifted - SHIFTER
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = 1.0 / 479001600
    p = p * r + 1.0 / 39916800
    p = p * r + 1.0 / 3628800
    p = p * r + 1.0 / 362880
    p = p * r + 1.0 / 40320
    p = p * r + 1.0 / 5040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power = (np.float64(shifted).view(np.int64) + np.int64(1023)) << np.int64(52)
    return p * np.int64(power).view(np.float64)
