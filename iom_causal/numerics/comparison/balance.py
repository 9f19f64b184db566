"""Balance of covariates between managed and comparison people, before and after weighting."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


class Balance(NamedTuple):
    """Balance of covariates, (R, p) each; NaN where a spread is zero.

    Attributes
    ----------
    difference : ndarray
        Standardised mean difference, managed less comparison people.
    variance_ratio : ndarray
        Variance of managed people over that of comparison people.
    """

    difference: Floats
    variance_ratio: Floats


def balance(x: Floats, managed: NDArray[np.bool_], weight: Floats, spread: Floats) -> Balance:
    """Standardised mean differences and variance ratios of weighted groups.

    Parameters
    ----------
    x : ndarray
        (R, n, p) covariates.
    managed, weight : ndarray
        (R, n) who is managed, and how much each counts; 0 for people who are left out.
    spread : ndarray
        (R, p) what a difference is divided by: the SD of managed people before matching (Stuart 2010, for the ATT),
        so that matching changes the difference and not its unit.

    References
    ----------
    Austin (2009), Statistics in Medicine 28, 3083-3107; Stuart (2010), Statistical Science 25, 1-21; weighted variances
    as in `MatchIt` and `cobalt`.

    Examples
    --------
    >>> x = np.array([[[3.0], [5], [1], [3]]])
    >>> who = np.array([[True, True, False, False]])
    >>> b = balance(x, who, np.ones((1, 4)), spreads(x, who))
    >>> b.difference.round(4).tolist(), b.variance_ratio.tolist()
    ([[1.4142]], [[1.0]])
    """
    means, variances = zip(*(_moments(x, weight * of) for of in (managed, ~managed)), strict=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Balance(
            np.where(spread > 0, (means[0] - means[1]) / spread, np.nan),
            np.where((variances[0] > 0) & (variances[1] > 0), variances[0] / variances[1], np.nan),
        )


def spreads(x: Floats, who: NDArray[np.bool_]) -> Floats:
    """Return the SD of each covariate, (R, p), among some people, (R, n)."""
    return np.sqrt(_moments(x, who.astype(np.float64))[1])


def _moments(x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return weighted means and variances, (R, p), unbiased where weights are equal."""
    total = weight.sum(-1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (x * weight[..., None]).sum(1) / total
        squares = ((x - mean[:, None]) ** 2 * weight[..., None]).sum(1)
        squares = np.where(squares <= 1e-24 * (x**2 * weight[..., None]).sum(1), 0.0, squares)  # rounding
        return mean, squares * total / (total**2 - (weight**2).sum(-1)[:, None])
