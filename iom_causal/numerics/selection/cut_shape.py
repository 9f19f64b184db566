"""Test of a stated selection threshold against the histogram of the selected counts at the threshold."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

type Floats = NDArray[np.float64]

CONTRADICTED = 0.01
"""Below this p-value a threshold is said to be contradicted: by chance alone in at most one study of a hundred."""
_PLACES = 4
"""Counts above the threshold at which the histogram is looked at: a soft rule fades over some of them."""
_HALF = 0.5
"""Added to every number of people (Haldane 1956), so that logs of none exist."""


def contradicts_cut(counts: ArrayLike, weights: ArrayLike | None, threshold: float) -> NDArray[np.bool_]:
    """Test of threshold selection: whether selected counts contradict it.

    Returns
    -------
    ndarray of bool
        (...): whether `cut_p_value` is below `CONTRADICTED`.

    Examples
    --------
    >>> counts = np.arange(7, 13)
    >>> contradicts_cut(counts, [[20, 14, 9, 6, 4, 2], [2, 17, 11, 8, 5, 3]], 7).tolist()
    [False, True]
    """
    return np.asarray(cut_p_value(counts, weights, threshold) < CONTRADICTED)


def cut_p_value(counts: ArrayLike, weights: ArrayLike | None, threshold: float) -> Floats:
    """Compute the p-value of too few people just above a stated selection threshold.

    Right for counts that are Poisson given rates of any distribution. The mean rate of people with y events is then
    ``(y + 1) f(y + 1) / f(y)`` (Robbins 1956) and grows with y; with m that of people with more than k + 1 events,
    ``f(y)`` is therefore at least ``(y + 1) f(y + 1) / m`` for every y from the threshold to k. The log of the number
    of people from the threshold to k over that with k + 1 is compared with its bound, for each of four k
    (Bonferroni). People with more than k + 1 events alone tell m, which is independent of the two numbers.

    Parameters
    ----------
    counts : array_like
        (..., n) whole numbers of events in what the rule read, of selected people.
    weights : array_like or None
        (..., n) people that each stands for; one by default.
    threshold : float
        The fewest events with which everybody is said to have been selected.

    Returns
    -------
    ndarray
        (...) p-values; 1 where nobody has enough events more than the threshold to tell, and where values are not
        whole numbers.

    Examples
    --------
    >>> float(cut_p_value([7, 8, 9, 10], [30, 20, 12, 6], 7).round(2))
    0.41
    """
    given = np.asarray(counts, dtype=np.float64), np.asarray(1.0 if weights is None else weights, dtype=np.float64)
    y, w = np.broadcast_arrays(*given)
    smallest = np.min(y, axis=-1, where=w > 0, initial=np.inf)
    # A threshold far below the smallest count is looked at where the histogram begins.
    first = np.maximum(np.ceil(threshold), np.where(np.isfinite(smallest), smallest - _PLACES, 0.0))
    lowest = np.min([_too_few(y, w, first, steps) for steps in range(1, _PLACES + 1)], axis=0)
    return np.where((y == np.rint(y)).all(-1), np.minimum(_PLACES * lowest, 1.0), 1.0)


def _too_few(y: Floats, w: Floats, first: Floats, steps: int) -> Floats:
    """Return the p-value of the number of people with `steps` counts from the first on, given that with the next."""
    following = first + steps
    below = (w * ((y >= first[..., None]) & (y < following[..., None]))).sum(-1) + _HALF
    at = (w * (y == following[..., None])).sum(-1) + _HALF
    people = (w * (y > following[..., None])).sum(-1) + _HALF
    beyond = w * (y > following[..., None] + 1)
    total, squares = ((beyond * y**k).sum(-1) + _HALF * (following + 2) ** k for k in (1, 2))
    mean = total / people
    powers = np.arange(1, steps + 1)
    # Of the bound on the people below over those at the next count: each term, and how steep its log is in the mean.
    terms = np.cumprod((following[..., None] + 1 - powers) / mean[..., None], axis=-1)
    steep = terms @ powers / terms.sum(-1)
    short = np.log(terms.sum(-1) * at / below)
    variance = 1 / below + 1 / at + steep**2 * (squares / total**2 - 1 / people)
    return np.where(people > _HALF, ndtr(-short / np.sqrt(variance)), 1.0)
