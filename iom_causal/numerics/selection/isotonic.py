"""Isotonic regression of shares (pool adjacent violators)."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

_CELLS = 2_000_000
"""Numbers of a square of levels by replicates that are worked on together."""


def isotonic_shares(successes: Floats, trials: Floats) -> Floats:
    """Return the isotonic regression of shares on their order, by the max-min formula.

    Parameters
    ----------
    successes, trials : ndarray
        (..., L) at each level, in order; trials above 0.

    Returns
    -------
    ndarray
        (..., L), never falling; the maximum likelihood of binomial chances under that order.

    References
    ----------
    Barlow, Bartholomew, Bremner & Brunk (1972), Statistical Inference under Order Restrictions, section 1.2.

    Examples
    --------
    >>> isotonic_shares(np.array([0.0, 2.0, 1.0, 3.0]), np.array([4.0, 4.0, 4.0, 3.0])).tolist()
    [0.0, 0.375, 0.375, 1.0]
    """
    levels = successes.shape[-1]
    if successes.ndim > 1 and successes.size * levels > _CELLS:
        step = max(1, _CELLS // levels**2)
        rows = [v.reshape(-1, levels) for v in np.broadcast_arrays(successes, trials)]
        parts = [_max_min(*(v[k : k + step] for v in rows)) for k in range(0, len(rows[0]), step)]
        return np.concatenate(parts).reshape(successes.shape)
    return _max_min(successes, trials)


def _max_min(successes: Floats, trials: Floats) -> Floats:
    sums = [np.concatenate([np.zeros((*v.shape[:-1], 1)), np.cumsum(v, -1)], axis=-1) for v in (successes, trials)]
    above, below = (s[..., None, 1:] - s[..., :-1, None] for s in sums)
    levels = successes.shape[-1]
    upper = np.triu(np.ones((levels, levels), dtype=np.bool_))
    means = np.where(upper, above / np.where(upper, below, 1.0), np.inf)
    least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(np.where(upper, least, -np.inf).max(-2))
