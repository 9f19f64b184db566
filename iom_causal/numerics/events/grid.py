"""Windows of whole days from an index date as a table from days to windows."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import InputError

LONGEST = int(np.iinfo(np.uint16).max)
"""The most days of a window."""

type Days = NDArray[np.int32]


class Grid(NamedTuple):
    """Windows in order of time, in days from the index date, the end of each not included.

    Attributes
    ----------
    starts, ends : ndarray
        (T,) first days, and the first days after.
    slot : ndarray
        The window of each day from ``starts[0]`` to before ``ends[-1]``; -1 where it lies in none.
    """

    starts: Days
    ends: Days
    slot: NDArray[np.int16]


def grid(spans: Sequence[tuple[int, int]]) -> Grid:
    """Table of windows by day, of windows that do not overlap.

    Examples
    --------
    >>> grid([(-3, -1), (0, 2)]).slot.tolist()
    [0, 0, -1, 1, 1]
    """
    if max(end - start for start, end in spans) > LONGEST:
        raise InputError("IOM-E042", f"expected windows of at most {LONGEST:,} days")
    starts, ends = (np.array(edge, dtype=np.int32) for edge in zip(*spans, strict=True))
    slot = np.full(int(ends[-1] - starts[0]), -1, dtype=np.int16)
    for k, (start, end) in enumerate(spans):
        slot[start - starts[0] : end - starts[0]] = k
    return Grid(starts, ends, slot)
