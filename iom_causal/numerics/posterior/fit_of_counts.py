"""How well a distribution of counts fits observed ones: chi-square over pooled counts, and total variation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

type Floats = NDArray[np.float64]

LEAST_EXPECTED = 5.0


class CountsFit(NamedTuple):
    """Fit of a distribution to counts.

    Attributes
    ----------
    p_value : float
        Of the chi-square over counts pooled until 5 are expected.
    distance : float
        Total variation between observed and expected shares of those.
    """

    p_value: float
    distance: float


def fit_of_counts(observed: Floats, probability: Floats, *, fitted: int) -> CountsFit:
    """Chi-square and total variation of counts 0, 1, 2 and so on; the last stands for all above it too.

    Parameters
    ----------
    observed : ndarray
        (C,) people with each count.
    probability : ndarray
        (C,) what the distribution gives each.
    fitted : int
        How many of its parameters were fitted to them.

    Examples
    --------
    >>> fit = fit_of_counts(np.array([60.0, 30.0, 10.0]), np.array([0.6, 0.3, 0.1]), fitted=1)
    >>> round(fit.p_value, 3), round(fit.distance, 3)
    (1.0, 0.0)
    """
    people = observed.sum()
    groups: list[list[float]] = [[0.0, 0.0]]
    for seen, share in zip(observed, probability, strict=True):
        if groups[-1][1] >= LEAST_EXPECTED:
            groups.append([0.0, 0.0])
        groups[-1][0] += float(seen)
        groups[-1][1] += float(people * share)
    groups[-1][1] += float(people - sum(expected for _, expected in groups))
    if len(groups) > 1 and groups[-1][1] < LEAST_EXPECTED:
        last = groups.pop()
        groups[-1] = [groups[-1][0] + last[0], groups[-1][1] + last[1]]
    got, wanted = np.array(groups).T
    chi_square = float(((got - wanted) ** 2 / np.maximum(wanted, 1e-300)).sum())
    free = len(groups) - 1 - fitted
    return CountsFit(float(chdtrc(free, chi_square)) if free > 0 else 1.0, float(abs(got - wanted).sum() / 2 / people))
