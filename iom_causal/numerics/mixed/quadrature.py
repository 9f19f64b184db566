"""Nodes and weights of adaptive Gauss-Hermite quadrature, padded to whole vector registers."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import SpecError
from iom_causal.numerics.kernels.gauss_hermite import normal_rule

Floats = NDArray[np.float64]

NODES = 15
"""The default number of nodes a dimension; on counts like those of police data the log likelihood is then
within 1e-6, its parameters to six digits; 31 nodes give 1e-8."""
COARSE = 5
"""Nodes of a first search, whose answer the search with all nodes starts from."""
CHECK_NODES = 31
"""The rule that the default is compared with to estimate its error."""


class Rule(NamedTuple):
    """A rule for the expectation of a function of a standard normal.

    Attributes
    ----------
    nodes, weights : ndarray
        Nodes, and their weights times ``exp(x^2 / 2)``; nodes of weight 0 fill the arrays to a multiple of 8.
    """

    nodes: Floats
    weights: Floats


@cache
def hermite(count: int) -> Rule:
    """Compute the rule with an odd number of nodes (Liu & Pierce 1994).

    Parameters
    ----------
    count : int
        Odd, from 1 (Laplace's approximation) to 101.

    Raises
    ------
    SpecError
        IOM-E092 for another number.

    Examples
    --------
    >>> rule = hermite(3)
    >>> round(float(rule.nodes[0] ** 2), 12), round(float(rule.weights[1]), 12)
    (3.0, 0.666666666667)
    """
    if count % 2 == 0 or not 1 <= count <= 101:
        raise SpecError("IOM-E092", f"nodes: expected an odd number from 1 to 101, got {count}")
    x, w = normal_rule(count)
    empty = np.zeros(-count % 8)
    return Rule(np.concatenate([x, empty]), np.concatenate([w * np.exp(x**2 / 2), empty]))
