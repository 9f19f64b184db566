"""Joint distribution of counts in two windows with stationary correlated gamma frailties (Kibble 1941)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, logsumexp, xlogy

Floats = NDArray[np.float64]
TAIL = 40.0
"""Terms this many units of log below the largest add nothing in double precision."""
CHUNK = 256


def kibble_log_pmf(
    before: ArrayLike, after: ArrayLike, *, shape: float, mean_before: float, mean_after: float, correlation: float
) -> Floats:
    """Compute the log probability of pairs of counts under dynamic gamma frailties.

    Right when events are Poisson given the frailty, and the frailty moves between the windows as a stationary
    reversible gamma process, so that the regression of one frailty on the other is linear.

    Parameters
    ----------
    before, after : array_like
        Whole numbers, broadcast against one another.
    shape : float
        Shape of the gamma distribution of each frailty, whose mean is one.
    mean_before, mean_after : float
        Mean counts.
    correlation : float
        Of the two frailties, in [0, 1).

    Notes
    -----
    Given the first frailty, N is Poisson with mean ``shape * rho * theta / (1 - rho)``, and the second is gamma
    with shape ``shape + N``: a sum over N of negative multinomial times negative binomial terms.

    Examples
    --------
    >>> p = kibble_log_pmf([0, 3], [0, 2], shape=1.4, mean_before=5, mean_after=3, correlation=0.6)
    >>> np.exp(p).round(10).tolist()
    [0.0410964959, 0.0186391221]
    """
    y1, y2 = np.broadcast_arrays(np.asarray(before, float), np.asarray(after, float))
    total, first = np.full(y1.shape, -np.inf), 0
    while True:
        hidden = np.arange(first, first + CHUNK, dtype=float)
        terms = _terms(y1[..., None], y2[..., None], hidden, shape, mean_before, mean_after, correlation)
        total = np.logaddexp(total, logsumexp(terms, axis=-1))
        first += CHUNK
        falling = (terms[..., -1] <= terms[..., -2]) & (terms[..., -1] < total - TAIL)
        if correlation == 0 or falling.all():
            return np.asarray(total)


def _terms(
    y1: Floats, y2: Floats, hidden: Floats, shape: float, mean_before: float, mean_after: float, correlation: float
) -> Floats:
    q, r = shape * correlation / (1 - correlation), shape / (1 - correlation)
    rates = shape + mean_before + q
    size = shape + hidden
    first = gammaln(size + y1) - gammaln(shape) - gammaln(y1 + 1) - gammaln(hidden + 1)
    first = first + shape * np.log(shape / rates) + y1 * np.log(mean_before / rates) + xlogy(hidden, q / rates)
    second = gammaln(size + y2) - gammaln(size) - gammaln(y2 + 1) - size * np.log1p(mean_after / r)
    return np.asarray(first + second + y2 * np.log(mean_after / (r + mean_after)))
