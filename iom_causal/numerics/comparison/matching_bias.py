"""What matching on the outcome before leaves of regression to the mean, in closed form for gamma-Poisson counts."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]


def mean_given_count(count: ArrayLike, mean: ArrayLike, shape: ArrayLike) -> Floats:
    """Compute the expected count after of people with a (mean) count before, in closed form for gamma-Poisson counts.

    Rates are gamma and last: ``m (k + y) / (k + m)``, so that people move towards their own group's mean by the share
    of its variance that is chance, ``k / (k + m)``. It is linear in the count, so that it holds of means over any
    people who are taken by their count alone, as matching on it takes them. Hence what such matching does to a
    contrast without any programme: of managed people and matches with mean ``y`` before, the ratio of ratios is
    ``M (K + y)/(K + M)`` over ``m (k + y)/(k + m)``, capital letters being the managed people's; where each of these
    has a match, ``y = M``, that is ``M (k + m) / (m (k + M))``, above 1 if they have more before: a programme that
    does nothing seems to do harm. Without matching it is 1.

    Parameters
    ----------
    count : array_like
        Events before.
    mean, shape : array_like
        Of the group's rates; an infinite shape where all have the same rate.

    References
    ----------
    Daw & Hatfield (2018), Health Services Research 53, 4138-4156 (matching and regression to the mean); Chabe-Ferret
    (2015), Journal of Econometrics 185, 110-123 (matching on outcomes before, and difference in differences).

    Examples
    --------
    >>> float(6.0 / mean_given_count(6.0, mean=3.0, shape=1.5))
    1.2
    """
    y, m, k = (np.asarray(v, dtype=np.float64) for v in (count, mean, shape))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(np.isinf(k), m, m * (k + y) / (k + m)))


def gamma_shape(mean: ArrayLike, variance: ArrayLike) -> Floats:
    """Moment estimate of the shape of gamma rates from Poisson counts: infinite where counts vary no more than chance.

    Examples
    --------
    >>> float(gamma_shape(3.0, 9.0))
    1.5
    """
    m, v = np.asarray(mean, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(v > m, m**2 / (v - m), np.inf))
