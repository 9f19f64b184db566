"""Paired moments of people's averages before and after, from the long layout."""

import numpy as np

from iom_causal.inputs.pairs import raise_code
from iom_causal.inputs.rows import Rows
from iom_causal.numerics.inference.paired import degenerate
from iom_causal.numerics.inference.paired_moments import PairedMoments, paired_moments


def change_moments(rows: Rows) -> PairedMoments:
    """Compute the paired moments of people's averages before and after, over those with both.

    Raises
    ------
    DegenerateDataError
        IOM-E062 when nobody changed, IOM-E063 when all changed alike.
    InputError
        IOM-E060 with fewer than two such people.
    """
    m = paired_moments(np.column_stack([_average(rows, side) for side in (0, 1)]))
    raise_code(int(degenerate(m)), rows.sample)
    return m


def _average(rows: Rows, side: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    rowed = rows.post == side
    sums = np.bincount(rows.person[rowed], rows.y[rowed], rows.n)
    counts = np.bincount(rows.person[rowed], minlength=rows.n)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
