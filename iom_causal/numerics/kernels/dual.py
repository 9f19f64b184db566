"""Forward-mode automatic differentiation by dual numbers."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


@njit(nogil=True, cache=True)
def times(u: Floats, v: Floats) -> Floats:
    """Return the product of two dual numbers.

    Examples
    --------
    >>> times(np.array([3.0, 1.0]), np.array([5.0, 2.0])).tolist()
    [15.0, 11.0]
    """
    out: Floats = u[0] * v + v[0] * u
    out[0] = u[0] * v[0]
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def one_over(u: Floats) -> Floats:
    """Return the reciprocal of a dual number.

    Examples
    --------
    >>> one_over(np.array([2.0, 1.0])).tolist()
    [0.5, -0.25]
    """
    out: Floats = -u / (u[0] * u[0])
    out[0] = 1 / u[0]
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def square_root(u: Floats) -> Floats:
    """Return the square root of a dual number.

    Examples
    --------
    >>> square_root(np.array([4.0, 1.0])).tolist()
    [2.0, 0.25]
    """
    r = np.sqrt(u[0])
    out: Floats = u / (2 * r)
    out[0] = r
    return out


@njit(nogil=True, cache=True)
def plus(number: float, u: Floats) -> Floats:
    """Return the sum of a number and a dual number.

    Examples
    --------
    >>> plus(1.0, np.array([2.0, 1.0])).tolist()
    [3.0, 1.0]
    """
    out = u.copy()
    out[0] += number
    return out
