"""Calibration of a change by a negative control: their difference, with the covariance of people who are in both."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


class Contrast(NamedTuple):
    """A change with each person's influence on it.

    Attributes
    ----------
    value : float
        Log ratio, or difference.
    influence : ndarray
        (n,) of each person; 0 of those it is not of.
    weight : ndarray
        (n,) how often each counts; 0 of those it is not of.
    """

    value: float
    influence: Floats
    weight: Floats

    @property
    def people(self) -> float:
        """How many people it is of."""
        return float(self.weight.sum())

    @property
    def variance(self) -> float:
        """Variance that is robust to any variation within and between people, with the factor n / (n - 1)."""
        return float(np.sum(self.weight * self.influence**2)) * self.people / (self.people - 1)


def covariance(first: Contrast, second: Contrast, at: tuple[NDArray[np.int64], NDArray[np.int64]]) -> float:
    """Estimate the covariance of two changes from people who are in both.

    Parameters
    ----------
    first, second : Contrast
        The changes.
    at : tuple of ndarray
        (m,) the rows of the people in both, in the first and in the second.

    Examples
    --------
    >>> one = Contrast(0.0, np.array([0.1, -0.1, 0.0]), np.ones(3))
    >>> rows = np.arange(3)
    >>> covariance(one, one, (rows, rows)) == one.variance
    True
    """
    here, there = at
    both = np.minimum(first.weight[here], second.weight[there])
    factor = np.prod([c.people / (c.people - 1) for c in (first, second)]) ** 0.5
    return float(np.sum(both * first.influence[here] * second.influence[there]) * factor)


def calibrated_error(variance: float, placebo: float, shared: float) -> float:
    """Return the standard error of a change less that of its placebo.

    Examples
    --------
    >>> round(calibrated_error(0.04, 0.09, 0.02), 4)
    0.3
    """
    return float(np.sqrt(max(variance + placebo - 2 * shared, 0.0)))
