"""Counts in equal periods about a log-linear trend: log likelihood, harmonics, and paths of wandering rates."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

type Floats = NDArray[np.float64]

LARGEST = 1e15
"""The largest expected count of which a count is drawn."""
MOST_LASTING = 1 - 1e-9
"""The largest persistence of a stationary path: at 1 it has no spread to start with."""
LARGEST_SIZE = 1e14
"""The largest size of a negative binomial; it is Poisson to the last digits."""
SMALLEST_LARGE = 30.0
"""Size from which Stirling's formula is right to the last digit."""


def log_likelihood(events: Floats, log_mean: Floats, spread: Floats | None = None) -> Floats:
    """Log likelihood of Poisson or negative binomial counts, summed over periods.

    Parameters
    ----------
    events : ndarray
        (T,) or (..., T) counts.
    log_mean : ndarray
        (..., T) log of what is expected.
    spread : ndarray, optional
        (...,) SD of a period's rate about what is expected, as a share of it; none for Poisson counts.

    Returns
    -------
    ndarray
        (...,).

    Examples
    --------
    >>> counts, log_mean = np.array([3.0, 5.0]), np.log(np.array([[4.0, 4.0]]))
    >>> log_likelihood(counts, log_mean).round(4), log_likelihood(counts, log_mean, np.array([0.5])).round(4)
    (array([-3.4889]), array([-4.0693]))
    """
    return each_log_likelihood(events, log_mean, spread).sum(-1)


def each_log_likelihood(events: Floats, log_mean: Floats, spread: Floats | None = None) -> Floats:
    """Log likelihood of Poisson or negative binomial counts, of each period."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, constant = np.exp(log_mean), gammaln(events + 1)
        if spread is None:
            return np.asarray(events * log_mean - mean - constant)
        size = np.minimum(spread**-2.0, LARGEST_SIZE)[..., None]
        tails = (events + size) * np.log1p(mean / size)
        return np.asarray(events * log_mean + _log_rising(events, size) - tails - constant)


def _log_rising(events: Floats, size: Floats) -> Floats:
    """Return the log of gamma(size + events) / gamma(size) / size ** events, which goes to 0 as sizes grow."""

    def rest(x: Floats) -> Floats:  # what Stirling's formula leaves
        square = x * x
        return np.asarray((1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / x)

    large = np.maximum(size, SMALLEST_LARGE)
    by_stirling = (large + events - 0.5) * np.log1p(events / large) - events + rest(large + events) - rest(large)
    plain = gammaln(size + events) - gammaln(size) - events * np.log(size)
    return np.where(size < SMALLEST_LARGE, plain, by_stirling)


def harmonics(phase: ArrayLike, number: int) -> Floats:
    """Cosines and sines of the year, (T, 2 K), in the order cosine 1, sine 1, cosine 2 and so on.

    Parameters
    ----------
    phase : array_like
        (T,) share of the year that is over in the middle of each period.
    number : int
        K, how many waves; of the k-th there are k in a year.

    Examples
    --------
    >>> harmonics([0.0, 0.25], 1).round(12).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    turns = 2 * np.pi * np.outer(np.asarray(phase, dtype=np.float64), np.arange(1, number + 1))
    return np.stack([np.cos(turns), np.sin(turns)], axis=-1).reshape(len(turns), 2 * number)


def wander(last: Floats, innovation: Floats, persistence: Floats, z: Floats) -> Floats:
    """Continue first-order autoregressive paths by one period a column of `z`; persistence 1 is a random walk.

    Parameters
    ----------
    last, innovation, persistence : ndarray
        (S,) where each path is, the SD of its steps, and what share of its distance from 0 lasts a period.
    z : ndarray
        (S, H) standard normal draws.

    Returns
    -------
    ndarray
        (S, H).

    Examples
    --------
    >>> one = np.ones(1)
    >>> wander(0 * one, 0.5 * one, one, np.array([[1.0, 1.0, -1.0]])).tolist()
    [[0.5, 1.0, 0.5]]
    """
    path = np.empty_like(z)
    at = last
    for k in range(z.shape[1]):
        at = persistence * at + innovation * z[:, k]
        path[:, k] = at
    return path


def path_design(innovation: Floats, persistence: Floats | None, periods: int, origin: int = 0) -> Floats:
    """Return what multiplies standard normal steps to a path, (S, T, T), or (S, T, T - 1) of random walks.

    Parameters
    ----------
    innovation, persistence : ndarray
        (S,) as in `wander`; without a persistence a random walk, with one a path that is stationary from the start.
    periods : int
        T.
    origin : int
        The period in which a random walk is 0.

    Examples
    --------
    >>> path_design(np.array([0.5]), None, 3)[0].tolist()
    [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]
    >>> path_design(np.array([0.5]), None, 3, origin=1)[0].tolist()
    [[-0.5, 0.0], [0.0, 0.0], [0.0, 0.5]]
    """
    lag = np.subtract.outer(np.arange(periods), np.arange(periods))
    if persistence is None:
        taken = (lag >= 0)[:, 1:].astype(np.float64)
        return np.asarray(innovation[:, None, None] * (taken - taken[origin]))
    persistence = np.minimum(persistence, MOST_LASTING)
    lasts = np.where(lag >= 0, persistence[:, None, None] ** np.maximum(lag, 0), 0.0)
    lasts[:, :, 0] /= np.sqrt(1 - persistence**2)[:, None]
    return np.asarray(innovation[:, None, None] * lasts)


def counts(log_mean: Floats, spread: Floats | None, rng: np.random.Generator) -> Floats:
    """Draw counts about what is expected, (..., T), with `spread` (...,) as in `log_likelihood`."""
    mean = np.exp(np.minimum(log_mean, np.log(LARGEST)))
    if spread is not None:
        size = np.minimum(spread**-2.0, LARGEST_SIZE)[..., None]
        mean = np.minimum(mean * rng.gamma(np.broadcast_to(size, mean.shape)) / size, LARGEST)
    return rng.poisson(mean).astype(np.float64)


def log_mean_ratio(log_without: Floats, log_ratio: Floats) -> Floats:
    """Log of the ratio of two totals over periods, of which each period has its own, (...,).

    Parameters
    ----------
    log_without, log_ratio : ndarray
        (..., T) log of what is expected without a change, and of the ratio in each period.

    Examples
    --------
    >>> log_mean_ratio(np.log([[1.0, 3.0]]), np.log([[2.0, 1.0]])).round(4)
    array([0.2231])
    """
    top = log_without.max(-1, keepdims=True)
    weight = np.exp(log_without - top)
    high = log_ratio.max(-1, keepdims=True)
    return np.asarray(np.log((weight * np.exp(log_ratio - high)).sum(-1) / weight.sum(-1)) + high[..., 0])


def autocorrelation(residuals: Floats) -> float:
    """Lag-1 autocorrelation of residuals that have mean 0.

    Examples
    --------
    >>> autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]))
    -0.75
    """
    square = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / square if square > 0 else 0.0
