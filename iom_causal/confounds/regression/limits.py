"""Limits of linear or drifting regression to the mean: factors above 0, and refusals of those that are not."""

import numpy as np
from numpy.typing import NDArray

from iom_causal.errors import NotIdentifiedError

type Floats = NDArray[np.float64]

FLOOR = 0.01
"""Floor of a single draw: a hundredth remaining, or less, is taken as a hundredth."""
USED_UP = (
    "the straight line falls to zero before it reaches the mean of comparable people, so the linear form says "
    "nothing there; use another method or a higher comparable_mean"
)
NOT_LATE = (
    "no change of the pool gives people like these if they were picked on the count after; state that they were picked "
    "before, or a higher comparable_mean"
)
NOTHING_LASTS = (
    "if nothing of a rate lasts, what people did after says nothing of what they did before; state a persistence or "
    "slope above 0"
)


def above_zero(ratio: Floats, why: str = USED_UP) -> Floats:
    """Refuse a factor that is not above 0; of many draws a few may be, and are floored.

    Refusing them all for one would keep only those cohorts whose draws happen to stay above.

    Raises
    ------
    NotIdentifiedError
        IOM-E068, saying why.

    Examples
    --------
    >>> above_zero(np.array([0.5, -0.2, 0.4])).tolist()
    [0.5, 0.01, 0.4]
    """
    values = np.asarray(ratio, dtype=np.float64)
    if values.ndim and values.size > 1 and np.median(values) > 0:
        return np.maximum(values, FLOOR)
    if not (values > 0).all():
        raise NotIdentifiedError("IOM-E068", why)
    return values
