"""Design point of structural reliability: of all points at which a function is 0 the nearest to the origin."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from iom_causal.numerics.sensitivity.nearest_root import ROOT

type Floats = NDArray[np.float64]
type OfPoints = Callable[[Floats], Floats]

FARTHEST = 8.0
"""How far from the origin is searched: normal scores beyond it come about less than once in 10^15."""
RINGS = 48
"""Steps along each direction of the first search."""
MOST_CORNERS = 5
"""Up to so many settings the diagonals are searched first too."""
STARTS = 4
"""From how many of the nearest points found so the distance is made smaller."""
MOST_STEPS = 40
"""Of a descent: where the function is interpolated it never settles to the last digit, and 15 give eleven of them."""
SLOPE = 1e-5
"""Step of the differences that give slopes."""


def design_point(f: OfPoints, widest: Floats) -> Floats | None:
    """Nearest point to the origin at which a function is 0 (Hasofer & Lind), None where none is found.

    The function is followed from the origin along each axis and each diagonal to its first root; from the nearest of
    these (without any, from where it comes nearest to 0) the distance is made smaller by sequential quadratic
    programming along the curve of roots, and the last point is moved along its ray until the function is 0 to `ROOT`.
    Several points as near are one of them.

    Parameters
    ----------
    f : callable
        (n, K) points to (n,); NaN where it has no value.
    widest : ndarray
        (K,) how far either way each coordinate may go; infinite where it may go anywhere.

    References
    ----------
    Hasofer & Lind (1974), Journal of the Engineering Mechanics Division 100, 111-121; Rackwitz & Fiessler (1978),
    Computers & Structures 9, 489-494; Kraft (1988) on the optimizer, DFVLR-FB 88-28.

    Examples
    --------
    >>> point = design_point(lambda z: z @ np.array([3.0, 4.0]) - 10.0, np.full(2, np.inf))
    >>> point.round(6).tolist()
    [1.2, 1.6]
    """
    origin = np.zeros(len(widest))
    here = float(f(origin[None])[0])
    if abs(here) <= ROOT:
        return origin
    rays = list(_directions(len(widest)))
    found = [point for u in rays if (point := _along(f, u, here, widest)) is not None]
    nearest = sorted(found, key=_far)[:STARTS]
    nearer = (_nearer(f, start, here, widest) for start in nearest or _closest(f, rays, widest))
    return min((*nearest, *(point for point in nearer if point is not None)), key=_far, default=None)


def _closest(f: OfPoints, rays: list[Floats], widest: Floats) -> list[Floats]:
    """Return the ends of the rays at which the function is nearest to 0."""
    ends = np.array([_end(u, widest) * u for u in rays])
    sizes = np.abs(f(ends))
    return [ends[k] for k in np.argsort(sizes)[:STARTS] if np.isfinite(sizes[k])]


def _end(direction: Floats, widest: Floats) -> float:
    """Return how far a ray goes."""
    moves = np.abs(direction) > 0
    return min(FARTHEST, float((widest[moves] / np.abs(direction[moves])).min()))


def _half_square(z: Floats) -> float:
    return 0.5 * float(z @ z)


def _itself(z: Floats) -> Floats:
    return z


def _far(point: Floats) -> float:
    return float(np.linalg.norm(point))


def _directions(number: int) -> Iterator[Floats]:
    for k in range(number):
        yield np.eye(number)[k]
        yield -np.eye(number)[k]
    if 1 < number <= MOST_CORNERS:
        for signs in product((-1.0, 1.0), repeat=number):
            yield np.array(signs) / np.sqrt(number)


def _along(f: OfPoints, direction: Floats, here: float, widest: Floats) -> Floats | None:
    """Return the first root of the function on a ray from the origin."""
    radii = np.linspace(0.0, _end(direction, widest), RINGS + 1)
    values = np.concatenate([[here], f(radii[1:, None] * direction)])
    for k in np.flatnonzero(values[:-1] * values[1:] <= 0):

        def at(radius: float) -> float:
            return float(f(radius * direction[None])[0])

        try:
            radius = float(brentq(at, radii[k], radii[k + 1], xtol=1e-14, rtol=1e-14))
        except ValueError:  # no value somewhere in between
            continue
        if abs(at(radius)) <= ROOT * max(1.0, abs(here)):
            return np.asarray(radius * direction)
    return None


def _nearer(f: OfPoints, start: Floats, here: float, widest: Floats) -> Floats | None:
    """Return the end of a descent along the curve of roots, moved along its ray until it is a root."""
    steps, ends = SLOPE * np.eye(len(start)), np.minimum(widest, FARTHEST)
    scale = abs(here)

    def slopes(z: Floats) -> Floats:
        above, below = np.minimum(z + steps, ends), np.maximum(z - steps, -ends)  # one-sided at an end
        values = f(np.concatenate([above, below])).reshape(2, -1)
        return np.asarray((values[0] - values[1]) / ((above - below).sum(-1) * scale))

    on_curve: Any = {"type": "eq", "fun": lambda z: float(f(z[None])[0]) / scale, "jac": slopes}
    with np.errstate(all="ignore"):
        end = minimize(
            _half_square,
            start,
            jac=_itself,
            bounds=list(zip((-ends).tolist(), ends.tolist(), strict=True)),
            constraints=on_curve,
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": MOST_STEPS},
        ).x
    far = _far(end)
    return _along(f, end / far, here, widest) if np.isfinite(far) and far > 0 else None
