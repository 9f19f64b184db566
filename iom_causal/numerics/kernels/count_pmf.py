"""Log probabilities of counts that are Poisson given a gamma rate."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

type Floats = NDArray[np.float64]


def log_negative_binomial(count: ArrayLike, shape: ArrayLike, mean: ArrayLike) -> Floats:
    """Return the log probability of a count whose gamma rate has this shape and mean.

    Examples
    --------
    >>> np.exp(log_negative_binomial([0, 3], 1.4, 5.0)).round(6).tolist()
    [0.119104, 0.108135]
    """
    y, a, m = (np.asarray(v, dtype=np.float64) for v in (count, shape, mean))
    return np.asarray(gammaln(a + y) - gammaln(a) - gammaln(y + 1) - a * np.log1p(m / a) + y * np.log(m / (a + m)))


def log_negative_multinomial(
    first: Floats, second: Floats, shape: float, mean_first: ArrayLike, mean_second: ArrayLike
) -> Floats:
    """Return the log probability of two counts that share one gamma rate of this shape; a mean of 0 gives counts of 0.

    Examples
    --------
    >>> pair = log_negative_multinomial(np.array([3.0]), np.array([2.0]), 1.4, 5.0, 3.0)
    >>> np.exp(pair).round(6).tolist()
    [0.02411]
    """
    m1, m2 = np.asarray(mean_first, dtype=np.float64), np.asarray(mean_second, dtype=np.float64)
    every = shape + m1 + m2
    out = gammaln(shape + first + second) - gammaln(shape) - gammaln(first + 1) - gammaln(second + 1)
    out = out + shape * np.log(shape / every) + xlogy(first, m1 / every) + xlogy(second, m2 / every)
    return np.asarray(out)
