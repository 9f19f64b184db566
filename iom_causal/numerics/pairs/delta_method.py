"""Second-order delta method for minimum-distance estimates."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.kernels.newton import inverse

type Floats = NDArray[np.float64]

_STEP = 1e-4
"""Differences of slopes that are good to 1e-14 are then good to 1e-9."""


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

    def shifts(self, errors: ArrayLike, parameter: int) -> Floats:
        """Return how far one parameter moves, (N,), when the figures are off by `errors`, (N, K).

        Examples
        --------
        >>> doubled = respond(lambda x: (np.exp(x), np.diag(np.exp(x))), np.zeros(1), np.eye(1))
        >>> float(doubled.shifts([[0.1]], 0)[0].round(6))  # the log of 1.1 is 0.0953
        0.095
        """
        e, own = np.asarray(errors, dtype=np.float64), self.slopes[parameter]
        # What the parameter moves by is quadratic in the errors; `einsum` adds up in one order whatever the threads.
        bent = np.einsum("k,kij,il,jm->lm", own, self.bends, self.slopes, self.slopes) / -2
        left = (np.eye(len(own)) - np.einsum("ki,il->kl", self.forward, self.slopes)).T
        turned = np.einsum("i,kij,jm->km", self.spread[parameter], self.bends, self.slopes)
        bent += np.einsum("lh,hk,km->lm", left, self.weight, turned)
        return np.asarray(np.einsum("nl,l->n", e, own) + (np.einsum("nl,lm->nm", e, bent) * e).sum(-1))


def respond(figures: Callable[[Floats], tuple[Floats, Floats]], at: ArrayLike, weight: ArrayLike) -> Response:
    """Work out how a weighted least squares fit moves with the figures that it is fitted to.

    Right near an exact or nearly exact fit: the condition that the slopes of the weighted misses vanish is expanded
    twice. Where there are as many figures as parameters the weight does not matter.

    Parameters
    ----------
    figures : callable
        (P,) parameters to (K,) figures and their (K, P) slopes.
    at : array_like
        (P,) the fit.
    weight : array_like
        (K, K) of the figures.

    Examples
    --------
    >>> both = respond(lambda x: (np.repeat(x, 2), np.ones((2, 1))), [1.0], np.diag([1.0, 3.0]))
    >>> both.slopes.round(6).tolist()
    [[0.25, 0.75]]
    """
    x, w = np.asarray(at, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    forward = figures(x)[1]
    steps = np.eye(x.size) * _STEP
    ends = [np.stack([figures(x + sign * e)[1] for e in steps], axis=-1) for sign in (1, -1)]
    bends = (ends[0] - ends[1]) / (2 * _STEP)
    bends = (bends + bends.swapaxes(1, 2)) / 2
    spread = inverse(np.einsum("ki,kl,lj->ij", forward, w, forward))
    return Response(np.einsum("ij,kj,kl->il", spread, forward, w), forward, bends, w, spread)
