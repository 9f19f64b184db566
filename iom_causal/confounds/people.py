"""Sums over the people of a panel, with its weights and replicates."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.panel import Panel

type Floats = NDArray[np.float64]


def once(values: NDArray[Any], ndim: int) -> Floats:
    """Return values without a replicate axis along which they only repeat, as floats."""
    if values.ndim > ndim and values.strides[0] == 0:
        values = values[0]
    return values.astype(np.float64)


def weighted_sum(weight: Floats, values: Floats) -> Floats:
    """Return the sum over people, the last axis, of weight times values; either may have replicates.

    Examples
    --------
    >>> weighted_sum(np.array([[1.0, 0.0], [2.0, 1.0]]), np.array([3.0, 4.0])).tolist()
    [3.0, 10.0]
    """
    if values.ndim == 1:
        return np.asarray(weight @ values)
    if weight.ndim == 1:
        return np.asarray(values @ weight)
    return np.asarray(np.einsum("...n,...n->...", weight, values))


def weights(panel: Panel) -> Floats:
    """Return how often each person counts, (n,) or (D, n); one each without weights."""
    return np.ones(panel.n) if panel.weight is None else panel.weight.astype(np.float64)
