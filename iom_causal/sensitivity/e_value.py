"""How strong an unmeasured cause would have to be to explain a ratio away."""

import math
from typing import NamedTuple

from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate


class EValue(NamedTuple):
    """The smallest strength of both associations, on the ratio scale, that would do it.

    ``estimate`` moves the estimate to the reference, ``interval`` moves the end of the interval that
    lies nearer to it; 1 where the interval holds the reference already, None where there is none.
    """

    estimate: float
    interval: float | None


def e_value(
    result: Estimate | float, *, low: float | None = None, high: float | None = None, reference: float = 1.0
) -> EValue:
    """Return the E-value of a ratio: ``RR + sqrt(RR (RR - 1))`` (VanderWeele & Ding 2017).

    An unmeasured cause that is associated with both the time and the outcome by at least this ratio,
    each, could move the ratio to the reference; weaker ones could not. It says nothing about whether
    there is such a cause. For people picked on a high count there is one: see regression to the mean.

    Parameters
    ----------
    result : Estimate or float
        A ratio; an estimate brings its own interval.
    low, high : float, optional
        The interval of a ratio given as a number.
    reference : float
        The ratio to move to, above 0.

    Raises
    ------
    InputError
        IOM-E066 when the estimate is not on the ratio scale.
    SpecError
        IOM-E092 when a ratio is not above 0.

    Examples
    --------
    >>> [round(v, 6) for v in e_value(0.80, low=0.71, high=0.91)]
    [1.809017, 1.428571]
    """
    if isinstance(result, Estimate):
        if result.scale != "ratio" or result.estimate is None:
            raise InputError(
                "IOM-E066", f"e_value: expected a ratio, got {result.method} on the scale {result.scale!r}"
            )
        return e_value(result.estimate, low=result.conf_low, high=result.conf_high, reference=reference)
    for value in (result, reference, low, high):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise SpecError("IOM-E092", f"e_value: expected ratios above 0, got {value}")
    near = low if result >= reference else high
    if near is None:
        return EValue(_strength(result / reference), None)
    crossed = (near - reference) * (result - reference) <= 0
    return EValue(_strength(result / reference), 1.0 if crossed else _strength(near / reference))


def _strength(ratio: float) -> float:
    ratio = max(ratio, 1 / ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))
