"""Whether two values hold the same: arrays element by element, and a missing number like another one."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are of one type and hold the same, however deep their arrays lie.

    Parameters
    ----------
    a, b : object
        Arrays, masked arrays, mappings, tuples, lists and dataclasses are compared item by item; all else by ``==``,
        text of any kind as text.

    Examples
    --------
    >>> same({"y": np.array([1.0, np.nan])}, {"y": np.array([1.0, np.nan])}), same((1, 2.0), (1, 2))
    (True, False)
    """
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if type(a) is not type(b) and not (isinstance(a, str) and isinstance(b, str)):
        return False
    if isinstance(a, np.ndarray):
        return _same_arrays(a, b)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a) if f.compare)
    return bool(a == b) or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


def _same_arrays(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if isinstance(a, np.ma.MaskedArray) and isinstance(b, np.ma.MaskedArray):
        masks = np.ma.getmaskarray(a), np.ma.getmaskarray(b)
        return np.array_equal(*masks) and np.array_equal(a.compressed(), b.compressed())
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
