"""Moments of a paired change implied by summaries of its two windows."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.kernels.decimals import NOISE

__all__ = ["change_sd", "correlation"]


def change_sd(sd_pre: ArrayLike, sd_post: ArrayLike, r: ArrayLike) -> NDArray[np.float64]:
    """Return the standard deviation of the change from both SDs and their correlation.

    ``sqrt(s1**2 + s2**2 - 2 r s1 s2)``, written as ``(s1 - s2)**2 + 2 (1 - r) s1 s2`` so that it does
    not cancel when the correlation is near one; 0 where rounding explains it.
    """
    s1, s2, rho = (np.asarray(v, dtype=np.float64) for v in (sd_pre, sd_post, r))
    variance = (s1 - s2) ** 2 + 2 * (1 - rho) * s1 * s2
    return np.asarray(np.sqrt(np.where(variance <= NOISE * (s1**2 + s2**2), 0.0, variance)))


def correlation(sd_pre: ArrayLike, sd_post: ArrayLike, sd_change: ArrayLike) -> NDArray[np.float64]:
    """Return the correlation of the windows that both SDs and the SD of the change imply."""
    s1, s2, sd = (np.asarray(v, dtype=np.float64) for v in (sd_pre, sd_post, sd_change))
    return np.asarray(1 - ((sd - s1 + s2) * (sd + s1 - s2)) / (2 * s1 * s2))
