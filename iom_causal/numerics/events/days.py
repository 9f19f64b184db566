"""Times of any unit as whole days since 1970."""
# ruff: noqa: ANN001, ANN202 -- numba infers the types of what it compiles

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.events.counting import NO_DAY
from iom_causal.numerics.events.grid import Days

_UNITS = {"D": 0, "s": 1, "ms": 2, "us": 3, "ns": 4}
_NAT = np.iinfo(np.int64).min


def day_numbers(times: NDArray[Any]) -> Days:
    """Days since 1970 of times, `NO_DAY` where there is none.

    Examples
    --------
    >>> day_numbers(np.array(["1970-01-03T23:59", "1969-12-31T23:59"], dtype="M8[s]")).tolist()
    [2, -1]
    """
    unit = np.datetime_data(times.dtype)[0]
    if unit not in _UNITS or np.datetime_data(times.dtype)[1] != 1:
        times, unit = times.astype("M8[D]"), "D"
    return np.asarray(_day_numbers(times.view(np.int64), _UNITS[unit]))


@njit(cache=True, nogil=True)
def _day_numbers(times, unit):  # type: ignore[no-untyped-def]
    out = np.empty(len(times), dtype=np.int32)
    for k in range(len(times)):
        t = times[k]
        if t == _NAT:
            out[k] = NO_DAY
        elif unit == 0:
            out[k] = t
        elif unit == 1:  # a division by a constant costs a multiplication
            out[k] = t // 86_400
        elif unit == 2:
            out[k] = t // 86_400_000
        elif unit == 3:
            out[k] = t // 86_400_000_000
        else:
            out[k] = t // 86_400_000_000_000
    return out
