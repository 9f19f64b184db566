"""Marginal distributions: cumulated shares of a density on a grid, and of weighted draws."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


class Cumulated(NamedTuple):
    """Values in rising order, (..., V), and the probability up to each, between which it is interpolated."""

    values: Floats
    share: Floats


def cumulated(values: Floats, weight: Floats) -> Cumulated:
    """Cumulate weighted draws, each of which stands for the middle of its weight.

    Examples
    --------
    >>> c = cumulated(np.array([3.0, 1.0]), np.array([0.5, 0.5]))
    >>> c.values.tolist(), c.share.tolist()
    ([1.0, 3.0], [0.25, 0.75])
    """
    order = np.argsort(values, kind="stable")
    w = weight[order] / weight.sum()
    return Cumulated(values[order], np.cumsum(w) - w / 2)


def quantiles(of: Cumulated, share: Floats) -> Floats:
    """Return quantiles of one marginal, (V,), at each share."""
    return np.interp(share, of.share, of.values)
