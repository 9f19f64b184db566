"""Change patterns of paired outcomes: who decreased, who increased, who had none."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import FrozenMap, nearest
from iom_causal.errors import UnknownNameError, echo

Feature = Callable[[NDArray[Any], NDArray[Any]], NDArray[np.bool_]]

FEATURES: Mapping[str, Feature] = FrozenMap(
    {
        "went down": lambda before, after: after < before,
        "unchanged": lambda before, after: after == before,
        "went up": lambda before, after: after > before,
        "zero before": lambda before, _: before == 0,
        "zero after": lambda _, after: after == 0,
    }
)
"""Features of a person's values before and after, elementwise; NaN after has none of them."""


def feature(named: str | Feature) -> Feature:
    """Return a feature by name, or the function itself.

    Raises
    ------
    UnknownNameError
        IOM-E093 for an unknown name, with the nearest.

    Examples
    --------
    >>> feature("went down")(np.array([3, 1]), np.array([1, 1])).tolist()
    [True, False]
    """
    if callable(named):
        return named
    if named not in FEATURES:
        raise UnknownNameError("IOM-E093", f"unknown feature {echo(named)}; {nearest(named, FEATURES)}")
    return FEATURES[named]
