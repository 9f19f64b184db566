"""Five moments of counts before and after: means, SDs and correlation, and their logs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError

type Floats = NDArray[np.float64]

HIGHEST = 160
"""Counts well below it are held; people with more are taken as picked where rates are lognormal."""


class PairMoments(NamedTuple):
    """Means, SDs and correlation of counts before and after."""

    mean_pre: float
    sd_pre: float
    mean_post: float
    sd_post: float
    r: float


def in_logs(moments: PairMoments | Floats) -> Floats:
    """Return the logs of means and SDs, and Fisher's z of the correlation: (..., 5) of (..., 5) moments.

    Examples
    --------
    >>> in_logs(PairMoments(1, 1, 1, 1, 0.0)).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    m = np.asarray(moments, dtype=np.float64)
    return np.concatenate([np.log(m[..., :4]), np.arctanh(m[..., 4:])], axis=-1)


def log_slopes(moments: PairMoments) -> Floats:
    """Return the derivative of each of `in_logs` in its own moment, (5,)."""
    m = np.asarray(moments, dtype=np.float64)
    return np.append(1 / m[:4], 1 / (1 - m[4] ** 2))


def miss(moments: PairMoments, printed: PairMoments) -> Floats:
    """Return how far moments are from those printed, each relative to its own but for the correlation."""
    scale = np.array([*printed[:4], 1.0])
    return np.asarray((np.array(moments) - np.array(printed)) / scale)


def check_moments(printed: PairMoments, value: float = 1.0) -> None:
    """Refuse moments that no counts have, or too large to hold, and a ratio, mean or share that is not above 0.

    Raises
    ------
    InputError
        IOM-E092 for any of these.
    """
    if min(*printed[:4], value) <= 0 or abs(printed.r) >= 1:
        raise InputError("IOM-E092", "expected means, SDs and ratio or mean above 0, and a correlation inside -1 to 1")
    if printed.mean_pre + 4 * printed.sd_pre > HIGHEST / 2:
        raise InputError("IOM-E092", f"expected counts well below {HIGHEST}; use shorter windows")
