"""E-values: how strong an unmeasured confounder would have to be to explain a ratio away."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from iom_causal.base import axes
from iom_causal.base.formats import fixed
from iom_causal.base.result import Result, table
from iom_causal.errors import InputError, SpecError
from iom_causal.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

RISK_RATIO = "risk ratio"
"""The part of a result for binary outcomes that is a ratio of risks."""


class _Strengths(NamedTuple):
    estimate: float
    interval: float | None


class EValue(_Strengths, Result):
    """E-value: the smallest strength of both associations, on the ratio scale, that explains a ratio away.

    ``estimate`` moves the estimate to the reference, ``interval`` moves the end of the interval that
    lies nearer to it; 1 where the interval holds the reference already, None where there is none.
    """

    __slots__ = ()

    def tidy(self) -> "pd.DataFrame":
        """Return one row: ``e_value`` of the estimate and ``e_value_interval`` of the nearer end of its interval."""
        return table([{"e_value": self.estimate, "e_value_interval": self.interval}], ("e_value", "e_value_interval"))

    def summary(self) -> str:
        """Return the sentence."""
        return self.sentence

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw which strengths of the two associations together move the ratio to the reference, and the even one."""
        e = self.estimate
        bias = e**2 / (2 * e - 1)  # the ratio that both associations at e make up
        strength = np.linspace(bias, 3 * e, 201)[1:]
        ax = axes.curve(strength, np.maximum(1.0, bias * (strength - 1) / (strength - bias)), ax=ax)
        axes.mark(ax, x=e, text=f"both {fixed(e)}")
        ax.set_xlim(1, 3 * e)
        ax.set_ylim(1, 3 * e)
        ax.set_xlabel("ratio between the cause and the time")
        ax.set_ylabel("ratio between the cause and the outcome")
        return ax

    @property
    def sentence(self) -> str:
        """What it says, and of what it is no summary.

        Examples
        --------
        >>> print(EValue(3.2, 2.77).sentence.split(". ")[0])
        A cause that nobody measured, tied to the time and to the outcome by a ratio of 3.20 each, could move the \
ratio to the reference; by 2.77 each, the nearer end of its interval
        """
        nearer = {None: "", 1.0: "; its interval reaches the reference as it is"}
        beside = nearer.get(self.interval, f"; by {fixed(self.interval or 1.0)} each, the nearer end of its interval")
        return (
            f"A cause that nobody measured, tied to the time and to the outcome by a ratio of {fixed(self.estimate)} "
            f"each, could move the ratio to the reference{beside}. It would have to differ between the windows. How "
            "people were picked, ageing and a change of detection are expected changes and no such cause, so this "
            "number does not sum them up, and it says nothing of whether there is such a cause."
        )


def e_value(
    result: Estimate | float, *, low: float | None = None, high: float | None = None, reference: float = 1.0
) -> EValue:
    """Compute the E-value of a ratio: ``RR + sqrt(RR (RR - 1))`` (VanderWeele & Ding 2017).

    An unmeasured confounder that is associated with both the time and the outcome by at least this ratio,
    each, could move the ratio to the reference; weaker ones could not. It says nothing about whether
    there is such a confounder. For people selected on a high count there is one: see regression to the mean.

    Parameters
    ----------
    result : Estimate or float
        A ratio of rates, means or risks; an estimate brings its own interval. Of `McNemar` it is the part
        ``risk ratio``, for its odds ratio is further from 1.
    low, high : float, optional
        The interval of a ratio given as a number; the ratio lies between them.
    reference : float
        The ratio to move to, above 0.

    Raises
    ------
    InputError
        IOM-E066 when the estimate is not on the ratio scale, or is a ratio of odds without one of risks.
    SpecError
        IOM-E092 when a ratio is not above 0, or does not lie within its limits.

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
        risks = next((part for part in result.parts if part.term == RISK_RATIO), None)
        if risks is None and "odds ratio" in result.method:
            raise InputError(
                "IOM-E066",
                f"e_value: {result.method} gives a ratio of odds, which is further from 1 than one of risks; expected "
                "the latter: give the ratio of the shares after and before",
            )
        if risks is not None:
            return e_value(risks.estimate, low=risks.conf_low, high=risks.conf_high, reference=reference)
        return e_value(result.estimate, low=result.conf_low, high=result.conf_high, reference=reference)
    for value in (result, reference):
        if not (math.isfinite(value) and value > 0):
            raise SpecError("IOM-E092", f"e_value: expected ratios above 0, got {value}")
    least, most = 0.0 if low is None else low, math.inf if high is None else high
    if not 0 <= least <= result <= most:
        raise SpecError(
            "IOM-E092",
            f"e_value: expected low <= ratio <= high, got {low}, {result} and {high}; of 1 / ratio the limits swap",
        )
    near = low if result >= reference else high
    if near is None:
        return EValue(_strength(result / reference), None)
    crossed = (near - reference) * (result - reference) <= 0
    return EValue(_strength(result / reference), 1.0 if crossed else _strength(near / reference))


def _strength(ratio: float) -> float:
    ratio = max(ratio, 1 / ratio)
    return ratio + math.sqrt(ratio * (ratio - 1))
