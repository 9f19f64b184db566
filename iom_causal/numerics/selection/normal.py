"""Truncated normal theory of a score selected above a cut.

References: Gardner & Heady 1973; Davis 1976; James 1973; Chen & Cox 1992; Barnett, van der Pols & Dobson 2005.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import erfcx

from iom_causal.errors import DegenerateDataError, NotIdentifiedError

FloatArray = NDArray[np.float64]

_FARTHEST = 40.0
"""Cuts this many SDs above the mean leave an excess that cannot be told from an exponential one."""


def inverse_mills(z: ArrayLike) -> FloatArray:
    """Return the mean of a standard normal above `z`, ``phi(z) / Phi(-z)``, without loss in either tail.

    Examples
    --------
    >>> round(float(inverse_mills(50.0)), 6)
    50.019984
    """
    with np.errstate(over="ignore"):
        return np.asarray(math.sqrt(2 / math.pi) / erfcx(np.asarray(z, dtype=np.float64) / math.sqrt(2)))


def excess_cv(mean: float, sd: float, cut: float) -> float:
    """Return the SD of people selected above `cut` over their mean excess above it.

    Left-truncated normal quantities always have less than 1, an exponential tail has 1.

    Raises
    ------
    DegenerateDataError
        IOM-E065 when the mean is not above the cut or the SD is 0.

    Examples
    --------
    >>> round(excess_cv(328.89, 142.71, 220.0), 2)
    1.31
    """
    if mean <= cut or sd <= 0:
        raise DegenerateDataError("IOM-E065", "expected picked people above the cut, with some spread")
    return sd / (mean - cut)


def truncated_normal(mean: float, sd: float, cut: float) -> tuple[float, float]:
    """Find the mean and SD of the normal population whose part above `cut` has this mean and SD.

    Run this before any normal theory: most lower-truncated scores of selected people are too spread out
    for it, and then no normal population exists.

    Raises
    ------
    NotIdentifiedError
        IOM-E068 when the excess CV is 1 or more, or too close to 1 to say which population it was.

    Examples
    --------
    >>> mu, sigma = truncated_normal(1.525135, 0.446203, 1.0)  # the part of a standard normal above 1
    >>> round(abs(mu), 3), round(sigma, 3)
    (0.0, 1.0)
    """
    ratio = excess_cv(mean, sd, cut)
    if ratio >= _truncated_cv(_FARTHEST):
        raise NotIdentifiedError(
            "IOM-E068",
            f"no normal population has a part above the cut like this: SD over mean excess is {ratio:.2f}, expected "
            "below 1; use the density of scores at the cut instead",
        )
    z = float(brentq(lambda v: _truncated_cv(v) - ratio, -_lowest(ratio), _FARTHEST, xtol=1e-12))
    sigma = (mean - cut) / float(inverse_mills(z) - z)
    return cut - z * sigma, sigma


def _lowest(ratio: float) -> float:
    # Far below the mean the cut removes nobody and the CV is 1 / |z|.
    return 2 / ratio + 10


def _truncated_cv(z: float) -> float:
    h = float(inverse_mills(z))
    return math.sqrt(max(1 - h * (h - z), 0.0)) / (h - z)
