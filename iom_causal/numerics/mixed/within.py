"""Within (fixed-effects) estimator of a change, with or without time effects, over replicates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class WithinFit(NamedTuple):
    """A coefficient over replicates, (R,) each.

    Attributes
    ----------
    estimate, variance : ndarray
        The coefficient of treatment, and its variance with people as clusters.
    left : ndarray
        The share of treatment's sum of squares that the effects leave; near 0 where they absorb it.
    """

    estimate: Floats
    variance: Floats
    left: Floats


def within_change(y: Floats, treated: Floats, weight: Floats, *, time_effects: bool) -> WithinFit:
    """Regress on treatment, with an effect of each person and perhaps of each window.

    People are balanced, so that demeaning by person and then by window removes both kinds of effects (Baltagi 2021,
    section 3.2). The variance is Arellano's sandwich with the factors g / (g - 1) for g people and
    (N - 1) / (N - k) for N rows; person effects are nested in people and count among the k only beside time effects.

    Parameters
    ----------
    y : ndarray
        (R, n, T); 0 for people who do not count.
    treated : ndarray
        (n, T), 0 or 1.
    weight : ndarray
        (R, n) how often each person counts.
    time_effects : bool
        Whether every window has a level of its own.

    Examples
    --------
    >>> y = np.array([[[3.0, 1], [2, 2], [5, 0], [4, 3]]])
    >>> fit = within_change(y, np.array([[0.0, 1]] * 4), np.ones((1, 4)), time_effects=False)
    >>> fit.estimate.tolist(), round(float(fit.variance[0]), 4)
    ([-2.0], 1.1667)
    """
    people, windows = weight.sum(-1), y.shape[-1]
    x = np.broadcast_to(treated - treated.mean(-1, keepdims=True), y.shape)
    y = y - y.mean(-1, keepdims=True)
    total = np.einsum("rn,nt->r", weight, treated**2)
    if time_effects:
        x, y = (v - (np.einsum("rn,rnt->rt", weight, v) / np.maximum(people, 1)[:, None])[:, None] for v in (x, y))
    squares = np.einsum("rn,rnt->r", weight, x**2)
    rows = people * windows
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.einsum("rn,rnt,rnt->r", weight, x, y) / squares
        scores = (x * (y - estimate[:, None, None] * x)).sum(-1)
        free = rows - people - windows if time_effects else rows - 1
        factor = people / (people - 1) * (rows - 1) / free
        variance = np.einsum("rn,rn->r", weight, scores**2) / squares**2 * np.where(free > 0, factor, np.nan)
        return WithinFit(estimate, variance, squares / total)
