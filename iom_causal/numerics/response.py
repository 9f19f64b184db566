"""How parameters that are fitted to figures move when the figures do, to second order."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]

_STEP = 1e-4
"""Second differences of figures that are good to 1e-15 are then good to 1e-7."""


class Response(NamedTuple):
    """A fit of P parameters to K figures, and the figures around it.

    Attributes
    ----------
    slopes : ndarray
        (P, K) of the parameters in the figures.
    forward : ndarray
        (K, P) of the figures in the parameters.
    bends : ndarray
        (K, P, P) second derivatives of the figures in the parameters.
    weight, spread : ndarray
        (K, K) of the figures in the fit, and (P, P) the inverse of the information in them.
    """

    slopes: Floats
    forward: Floats
    bends: Floats
    weight: Floats
    spread: Floats

    def shifts(self, errors: ArrayLike) -> Floats:
        """Return how far the parameters move, (N, P), when the figures are off by `errors`, (N, K).

        Examples
        --------
        >>> doubled = respond(lambda x: np.exp(x), np.zeros(1), np.eye(1))
        >>> float(doubled.shifts([[0.1]])[0, 0].round(6))  # the log of 1.1 is 0.0953
        0.095
        """
        e = np.asarray(errors, dtype=np.float64)
        first = e @ self.slopes.T
        bent = np.einsum("kij,nj->nki", self.bends, first)
        curved = np.einsum("nki,ni->nk", bent, first) / 2
        left = (e - first @ self.forward.T) @ self.weight
        return np.asarray(first - curved @ self.slopes.T + np.einsum("nki,nk->ni", bent, left) @ self.spread)


def respond(figures: Callable[[Floats], Floats], at: ArrayLike, weight: ArrayLike) -> Response:
    """Work out how a weighted least squares fit moves with the figures that it is fitted to.

    Right near an exact or nearly exact fit: the condition that the slopes of the weighted misses vanish is expanded
    twice. Where there are as many figures as parameters the weight does not matter.

    Parameters
    ----------
    figures : callable
        (P,) parameters to (K,) figures.
    at : array_like
        (P,) the fit.
    weight : array_like
        (K, K) of the figures.

    Examples
    --------
    >>> respond(lambda x: np.array([x[0], x[0]]), [1.0], np.diag([1.0, 3.0])).slopes.round(6).tolist()
    [[0.25, 0.75]]
    """
    x, w = np.asarray(at, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    steps = np.eye(x.size) * _STEP
    middle = figures(x)
    up, down = ([figures(x + sign * e) for e in steps] for sign in (1, -1))
    forward = np.stack([(a - b) / (2 * _STEP) for a, b in zip(up, down, strict=True)], axis=1)
    bends = np.empty((middle.size, x.size, x.size))
    for i, a in enumerate(steps):
        bends[:, i, i] = (up[i] - 2 * middle + down[i]) / _STEP**2
        for j, b in enumerate(steps[:i]):
            corners = figures(x + a + b) - figures(x + a - b) - figures(x - a + b) + figures(x - a - b)
            bends[:, i, j] = bends[:, j, i] = corners / (4 * _STEP**2)
    spread = np.linalg.inv(forward.T @ w @ forward)
    return Response(spread @ forward.T @ w, forward, bends, w, spread)
