"""Critical values of uniform bands: the largest studentised deviation of several estimates at once."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

_MAMMEN = (1 - 5**0.5) / 2, (1 + 5**0.5) / 2, (5**0.5 + 1) / (2 * 5**0.5)
"""Mammen's two multipliers, and the probability of the first: mean 0, variance 1, third moment 1."""
_AT_ONCE = 100


def multiplier_maxima(psi: Floats, error: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draw the largest studentised deviation over effects by Mammen's multipliers of units' influence.

    Parameters
    ----------
    psi : ndarray
        (units, P) influences.
    error : ndarray
        (P,) standard errors.
    draws : int
        How many.
    rng : Generator
        Of the draws.

    Examples
    --------
    >>> psi = np.random.default_rng(1).normal(size=(200, 2)) / 200
    >>> maxima = multiplier_maxima(psi, np.sqrt((psi**2).sum(0)), 999, np.random.default_rng(2))
    >>> 2.0 < np.quantile(maxima, 0.95) < 2.4
    np.True_

    References
    ----------
    Mammen (1993), Annals of Statistics 21, 255-285; Callaway & Sant'Anna (2021), J. Econometrics 225, 200-230, 4.1.
    """
    low, high, share = _MAMMEN
    maxima = np.empty(draws)
    scaled = psi / error
    for at in range(0, draws, _AT_ONCE):
        size = min(_AT_ONCE, draws - at)
        multiplier = np.where(rng.random((size, len(psi))) < share, low, high)
        maxima[at : at + size] = np.abs(multiplier @ scaled).max(-1)
    return maxima


def normal_maxima(cov: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Draw the largest studentised deviation over effects from the normal with their covariance, (P, P).

    What multipliers of many units give (Montiel Olea & Plagborg-Moller 2019, J. Applied Econometrics 34, 1-17).

    Examples
    --------
    >>> two = normal_maxima(np.eye(2), 40_000, np.random.default_rng(1))
    >>> round(float(np.quantile(two, 0.95)), 1)
    2.2
    """
    error = np.sqrt(np.diag(cov))
    values, vectors = np.linalg.eigh(cov / np.outer(error, error))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(np.abs(rng.standard_normal((draws, len(cov))) @ root.T).max(-1))
