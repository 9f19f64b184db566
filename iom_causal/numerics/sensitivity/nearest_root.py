"""Roots of a function along a grid, and the nearest to a value: bracketed, and refined by Brent's method."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

type Floats = NDArray[np.float64]
type OnArrays = Callable[[Floats], Floats]

STEPS = 60
"""Steps of the grid on either side."""
FINEST = 1e-12
"""How finely a root is refined, in its own unit and in proportion."""
ROOT = 1e-8
"""How far from 0 the function may be at a root, for a size up to 1 and in proportion beyond: a jump over 0 is none."""


class Search(NamedTuple):
    """A root, and how far was searched.

    Attributes
    ----------
    root : float or None
        The nearest; None where there is none.
    low, high : float
        The ends of what was searched: less than was asked for where the function has no value.
    """

    root: float | None
    low: float
    high: float


def nearest_root(f: OnArrays, now: float, span: tuple[float, float], *, together: int = 1) -> Search:
    """Nearest root of a function to `now`, by sign changes on a grid of `STEPS` steps towards either end.

    Steps are in proportion where `now` and the end are above 0, else even. Two roots between neighbours of the grid
    are not seen, and a change of sign without a root, at a jump, is passed over.

    Parameters
    ----------
    f : callable
        Array to array; NaN where it has no value.
    now : float
        Where the search starts.
    span : tuple of float
        Its ends.
    together : int
        At how many values the function is worked out in one call: several where that costs little more than one.

    References
    ----------
    Brent (1973), Algorithms for Minimization without Derivatives, ch. 4.

    Examples
    --------
    >>> found = nearest_root(lambda x: x**2 - 2, 1.0, (0.1, 10.0))
    >>> round(found.root, 10), found.low, found.high
    (1.4142135624, 0.1, 10.0)
    """
    here = float(f(np.array([now]))[0])
    (down, low), (up, high) = (_first_root(f, now, here, end, together) for end in span)
    roots = [root for root in (down, up) if root is not None]
    return Search(min(roots, key=lambda root: abs(root - now), default=None), low, high)


def roots_along(f: OnArrays, points: Floats, values: Floats) -> Iterator[float]:
    """Yield the roots of a function between neighbours of a grid on which its values are known, each once.

    Parameters
    ----------
    f : callable
        Array to array; NaN where it has no value.
    points, values : ndarray
        (k,) in order, and the function there.

    Examples
    --------
    >>> grid = np.array([0.0, 1.0, 3.0])
    >>> [round(root, 10) for root in roots_along(lambda x: x**2 - 2, grid, grid**2 - 2)]
    [1.4142135624]
    """
    for k, (before, value) in enumerate(pairwise(values.tolist())):
        if before * value <= 0 and (before != 0 or k == 0):
            root = _refined(f, float(points[k]), float(points[k + 1]), max(abs(before), abs(value)))
            if root is not None:
                yield root


def _first_root(f: OnArrays, now: float, here: float, end: float, together: int) -> tuple[float | None, float]:
    # The root, and how far the function has values towards the end.
    share = np.arange(1, STEPS + 1) / STEPS
    points = now * (end / now) ** share if now > 0 and end > 0 else now + share * (end - now)
    before, value, furthest = now, here, now
    for k in range(0, STEPS, together):
        block = points[k : k + together]
        for point, found in zip(block.tolist(), f(block).tolist(), strict=True):
            if value * found <= 0 and (root := _refined(f, before, point, max(abs(value), abs(found)))) is not None:
                return root, end
            before, value, furthest = point, found, furthest if np.isnan(found) else point
    return None, furthest


def _refined(f: OnArrays, a: float, b: float, size: float) -> float | None:
    def at(x: float) -> float:
        return float(f(np.array([x]))[0])

    try:
        root = float(brentq(at, a, b, xtol=FINEST, rtol=FINEST))
    except ValueError:  # no value somewhere in between
        return None
    return root if abs(at(root)) <= ROOT * max(1.0, size) else None
