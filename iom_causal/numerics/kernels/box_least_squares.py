"""Levenberg-Marquardt least squares inside bounds, for a few settings whose misfits come with their slopes.

The linear algebra is compiled here, so that a fit does not depend on the processor's library of it, nor on threads.
"""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Misfits = Callable[[Floats], tuple[Floats, Floats]]

_MOST_STEPS = 200
_SMALLEST, _LARGEST = 1e-14, 1e8
"""Of the damping: below the first a step is Gauss and Newton's, beyond the second there is no way down."""
_FIRST = 1e-3
_FLAT = 1e-6
"""A setting that hardly moves the misfits is damped as if it moved them this part of what the most telling one does."""
_DONE, _STILL = 1e-10, 1e-14
"""A fall of the sum of squares by less than this part of it is the last, and so is a step by less than this."""
_ROUNDING = 1e-28
"""A sum of squares that is nothing but rounding, of misfits that are about 1 where nothing fits."""


def fit_in_box(misfits: Misfits, start: Floats, low: Floats, high: Floats) -> Floats:
    """Minimise a sum of squares over a box, by projected Levenberg-Marquardt steps (Kanzow et al. 2004).

    Parameters
    ----------
    misfits : callable
        (P,) settings to (M,) misfits and their (M, P) slopes. Where they are not finite no step goes.
    start, low, high : ndarray
        (P,) where the search begins, and the box.

    Returns
    -------
    ndarray
        (P,) settings inside the box.

    Examples
    --------
    >>> line = lambda x: (np.array([x[0] - 3.0, x[0] + x[1] - 1.0]), np.array([[1.0, 0.0], [1.0, 1.0]]))
    >>> fit_in_box(line, np.zeros(2), np.array([-9.0, -1.0]), np.array([9.0, 9.0])).round(6).tolist()
    [2.5, -1.0]
    """
    with np.errstate(all="ignore"):
        return _searched(misfits, np.clip(start, low, high), low, high)


def _searched(misfits: Misfits, x: Floats, low: Floats, high: Floats) -> Floats:
    off, slopes = misfits(x)
    cost, damping, scale = float((off * off).sum()), _FIRST, np.zeros(x.size)
    growth = 2.0
    for _ in range(_MOST_STEPS):
        if not cost > _ROUNDING or damping > _LARGEST:
            break
        scale = np.maximum(scale, (slopes * slopes).sum(0))
        scale = np.maximum(scale, _FLAT * scale.max())
        gradient = (slopes * off[:, None]).sum(0)
        held = ((x <= low) & (gradient > 0)) | ((x >= high) & (gradient < 0))
        tried = np.clip(x + damped_step(slopes, off, damping * scale, held), low, high)
        there, bent = misfits(tried)
        reached, moved = float((there * there).sum()), float(np.abs(tried - x).max())
        if reached < cost:
            gain = (cost - reached) / cost
            x, off, slopes, cost = tried, there, bent, reached
            damping, growth = max(damping / 8, _SMALLEST), 2.0
            if gain < _DONE:
                break
        else:
            damping, growth = damping * growth, 2 * growth
        if moved < _STILL:
            break
    return x


@njit(nogil=True, cache=True)
def damped_step(slopes: Floats, off: Floats, damping: Floats, held: NDArray[np.bool_]) -> Floats:
    """Return the step that minimises the squared misfits of a linear model and a damped square of the step.

    By modified Gram-Schmidt, which is as exact as an orthogonal decomposition is (Bjorck 1967).

    Parameters
    ----------
    slopes, off : ndarray
        (M, P) and (M,) misfits and slopes.
    damping : ndarray
        (P,) weight of the squared step of each setting.
    held : ndarray of bool
        (P,) settings that stay.

    Examples
    --------
    >>> damped_step(np.eye(2), np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([False, False])).round(9).tolist()
    [-1.0, -1.0]
    """
    m, p = slopes.shape
    a, right, step = np.zeros((p, m + p)), np.zeros(m + p), np.zeros(p)
    right[:m] = -off
    for j in range(p):
        if not held[j]:
            a[j, :m] = slopes[:, j]
            a[j, m + j] = np.sqrt(damping[j])
    upper, projected = np.zeros((p, p)), np.zeros(p)
    for j in range(p):
        size = np.sqrt((a[j] * a[j]).sum())
        upper[j, j] = size
        if not size > 0.0:
            continue
        a[j] /= size
        projected[j] = (a[j] * right).sum()
        right -= projected[j] * a[j]
        for k in range(j + 1, p):
            upper[j, k] = (a[j] * a[k]).sum()
            a[k] -= upper[j, k] * a[j]
    for j in range(p - 1, -1, -1):
        if upper[j, j] > 0.0:
            rest = projected[j]
            for k in range(j + 1, p):
                rest -= upper[j, k] * step[k]
            step[j] = rest / upper[j, j]
    return step
