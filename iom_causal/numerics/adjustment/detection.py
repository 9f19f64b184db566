"""Detection adjustment: recorded against true ratios of events, with bounds and Imbens-Manski intervals."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.errors import InputError
from iom_causal.numerics.adjustment.identified_sets import imbens_manski

type Floats = NDArray[np.float64]


def log_recorded_over_true(ratio: ArrayLike, false_pre: ArrayLike = 0.0, false_post: ArrayLike = 0.0) -> Floats:
    """Return the log ratio of recorded events that appears while true events stay the same.

    A recorded count is ``A_t = d_t O_t / (1 - f_t)``: `O` true events, `d` the probability that one is
    recorded, `f` the share of records that stand for no such event. So with `O` the same in both
    windows ``log A2/A1 = log(d2/d1) + log(1 - f1) - log(1 - f2)``.

    Parameters
    ----------
    ratio : array_like
        ``d2 / d1``, above 0.
    false_pre, false_post : array_like
        Shares from 0 to below 1.

    Examples
    --------
    >>> round(float(log_recorded_over_true(0.8)), 4), float(log_recorded_over_true(1.0, 0.2, 0.2))
    (-0.2231, 0.0)
    """
    change = np.log(np.asarray(ratio, dtype=np.float64))
    return np.asarray(change + np.log1p(-np.asarray(false_pre)) - np.log1p(-np.asarray(false_post)))


def true_ratio_bounds(recorded_ratio: float, low: float, high: float) -> tuple[float, float]:
    """Return the ends of the ratio of true events when ``d2/d1`` lies from `low` to `high`.

    Examples
    --------
    >>> [round(v, 3) for v in true_ratio_bounds(0.528, 0.8, 1.25)]
    [0.422, 0.66]
    """
    if not 0 < low <= high:
        raise InputError("IOM-E092", f"expected 0 < low <= high for a ratio of detection, got {low} and {high}")
    return recorded_ratio / high, recorded_ratio / low


def true_ratio_interval(
    log_recorded: float, std_error: float, low: float, high: float, *, level: float
) -> tuple[float, float]:
    """Return an interval that holds the true ratio at `level`, wherever in its set that ratio is.

    Imbens & Manski (2004): the critical value lies between the one-sided and the two-sided one and
    depends on how long the set is in units of the standard error.

    Examples
    --------
    >>> [round(v, 3) for v in true_ratio_interval(-0.639, 0.058, 0.8, 1.25, level=0.95)]
    [0.384, 0.726]
    """
    ends = (log_recorded - math.log(high), log_recorded - math.log(low))
    interval = imbens_manski(ends[0], ends[1], std_error, std_error, level=level)
    return math.exp(interval[0]), math.exp(interval[1])
