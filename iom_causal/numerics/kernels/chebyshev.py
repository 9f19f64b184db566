"""Chebyshev interpolation of costly smooth functions of one positive number, in its logarithm."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

NODES = 9
"""Nodes of the polynomial; as many distinct values or fewer are evaluated as they are."""


def along(function: Callable[[float], Floats], x: Floats) -> Floats:
    """Evaluate a smooth function of one positive number over many, by interpolation at Chebyshev nodes.

    Parameters
    ----------
    function : callable
        Number to (k,).
    x : ndarray
        (D,) or a number.

    Returns
    -------
    ndarray
        (D, k) or (k,).

    Examples
    --------
    >>> x = np.linspace(1.0, 2.0, 1000)
    >>> bool(np.allclose(along(lambda v: np.array([v**0.5]), x)[:, 0], x**0.5, atol=1e-8))
    True
    """
    return np.asarray(np.moveaxis(_curve(function, x, paired=False), 0, -1))


def along_each(function: Callable[[float], Floats], x: Floats) -> Floats:
    """Evaluate the d-th of D smooth functions at the d-th of D numbers; `function` gives all D at one number.

    Examples
    --------
    >>> along_each(lambda v: np.array([v, 2 * v]), np.array([1.0, 3.0])).tolist()
    [1.0, 6.0]
    """
    return _curve(function, x, paired=True)


def _curve(function: Callable[[float], Floats], x: Floats, *, paired: bool) -> Floats:
    values = np.unique(x)
    if values.size <= NODES:
        table = np.array([function(float(v)) for v in values])
        where = np.searchsorted(values, x)
        return np.asarray(table[where, np.arange(x.size)] if paired else table[where].T)
    logs = np.log(values[[0, -1]])
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    table = np.array([function(float(np.exp(v))) for v in logs.mean() + nodes * (logs[1] - logs[0]) / 2])
    fitted = np.polynomial.chebyshev.chebfit(nodes, table, NODES - 1)
    place = (2 * np.log(x) - logs.sum()) / (logs[1] - logs[0])
    return np.asarray(np.polynomial.chebyshev.chebval(place, fitted, tensor=not paired))
