"""Randomised quantile residuals and rootograms of a count model, from data that it simulates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Rootogram(NamedTuple):
    """Observed and expected frequency of each count.

    Attributes
    ----------
    number : ndarray
        (K,) 0, 1, ..., the largest count observed or simulated.
    observed : ndarray
        (K,) or (R, K) cells with that count.
    expected, low, high : ndarray
        (K,) mean over simulations, and the ends of the central interval of single simulations.
    hanging : ndarray
        As `observed`: ``sqrt(observed) - sqrt(expected)``, whose spread is about one half under the model.
    """

    number: NDArray[np.int64]
    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    hanging: Floats


def simulated_residuals(observed: ArrayLike, simulated: ArrayLike, *, rng: np.random.Generator) -> Floats:
    """Compute randomised quantile residuals, uniform on (0, 1) when the model is right.

    Parameters
    ----------
    observed : array_like
        (...) counts.
    simulated : array_like
        (S, ...) counts from the fitted model, S at least 100 for two digits.
    rng : Generator
        Breaks ties between equal counts.

    Returns
    -------
    ndarray
        (...) the share of simulations below each count, plus a random part of the ties (Dunn & Smyth 1996).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> simulated_residuals([0, 9], [[1, 2], [3, 4], [5, 6]], rng=rng).round(2).tolist()
    [0.13, 0.99]
    """
    y, draws = np.asarray(observed), np.asarray(simulated)
    below, ties = (draws < y).sum(axis=0), (draws == y).sum(axis=0)
    return np.asarray((below + rng.random(y.shape) * (ties + 1)) / (len(draws) + 1))


def rootogram_counts(observed: ArrayLike, simulated: ArrayLike, *, level: float) -> Rootogram:
    """Count how often each number occurs in the data and in data that the model simulates.

    Parameters
    ----------
    observed : array_like
        (cells,) or (R, cells) counts.
    simulated : array_like
        (S, cells) counts from the fitted model.
    level : float
        Of the interval for single simulations.

    Returns
    -------
    Rootogram
        Tukey's (1977) hanging rootogram as numbers (Kleiber & Zeileis 2016).

    Examples
    --------
    >>> r = rootogram_counts([0, 1, 1], [[0, 1, 2], [1, 1, 1]], level=0.95)
    >>> r.observed.tolist(), r.expected.tolist()
    ([1.0, 2.0, 0.0], [0.5, 2.0, 0.5])
    """
    y, draws = np.asarray(observed, dtype=np.int64), np.asarray(simulated, dtype=np.int64)
    size = int(max(y.max(initial=0), draws.max(initial=0))) + 1
    seen, made = _tally(y, size), _tally(draws, size)
    tail = (1 - level) / 2
    low, high = np.quantile(made, [tail, 1 - tail], axis=0)
    expected = made.mean(axis=0)
    return Rootogram(np.arange(size), seen, expected, low, high, np.sqrt(seen) - np.sqrt(expected))


def _tally(y: NDArray[np.int64], size: int) -> Floats:
    if y.ndim == 1:
        return np.bincount(y, minlength=size).astype(float)
    rows = np.arange(len(y))[:, None] * size + y
    return np.bincount(rows.ravel(), minlength=len(y) * size).reshape(len(y), size).astype(float)
