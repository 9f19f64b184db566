"""Bounds on a share among all people from those who came forward."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]


def share_of_the_rest(share: ArrayLike, odds_ratio: ArrayLike) -> Floats:
    """Return the share with a feature among people who did not come forward, from that among those who did.

    By Bayes' rule the odds of the feature among those who came forward, over those among the others, are the odds of
    coming forward with the feature over those without it.

    Parameters
    ----------
    share : array_like
        Among those who came forward, from 0 to 1.
    odds_ratio : array_like
        Above 0.

    Examples
    --------
    >>> np.round(share_of_the_rest(0.6, [1, 1.5, 5]), 6).tolist()
    [0.6, 0.5, 0.230769]
    """
    p, ratio = np.asarray(share, dtype=np.float64), np.asarray(odds_ratio, dtype=np.float64)
    return np.asarray(p / (p + ratio * (1 - p)))
