"""Units of adjustment lines: logs of ratios for counts, points for scores, and which adjustments a score has."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import numpy as np

from iom_causal.beliefs import Range
from iom_causal.beliefs.theta import Theta, belief_fields
from iom_causal.errors import InputError, NotIdentifiedError, SpecError
from iom_causal.inputs.weighting import entry_mean
from iom_causal.moments import Moments
from iom_causal.panel import Panel

PROPORTION, EVENTS, OWN, NOTHING = "in proportion", "on events", "in the outcome's unit", "not at all"
"""Actions of a confound, as its attribute `acts` declares:

in proportion: multiplies the outcome; for a score it is the same share of everybody's mean before, in points;
on events: multiplies events, their detection or the time for them; it has no meaning for a score;
in the outcome's unit: is worked out in the unit of the outcome itself;
not at all: moves nothing without the programme, whatever the outcome.
"""


def as_line[F: Callable[..., Any]](shift: F) -> F:
    """Make what a confound works out a line in the unit of the outcome.

    A log change in proportion becomes points of a score; a confound that acts on events is refused for a score; and
    every belief must have its value in theta.

    Raises
    ------
    SpecError
        From the line: IOM-E096 when theta lacks a belief.
    NotIdentifiedError
        IOM-E068 when it lacks one that is a range, which has ends and no middle.
    InputError
        IOM-E066 for a score, where the confound has no meaning for one, or where it acts in proportion and the mean
        before is not above 0.
    """

    @wraps(shift)
    def line(self: Any, data: Panel | Moments | None, theta: Theta) -> Any:
        check_theta(self, theta)
        if data is None or data.kind != "score" or self.acts in (OWN, NOTHING):
            return shift(self, data, theta)
        name = type(self).__name__
        if self.acts == EVENTS:
            raise InputError(
                "IOM-E066",
                f"{data.name}: expected a count, got a score, for which {name} as set has no meaning; for a score "
                "state ScoreRegression or Remission, ScoreError, or the score's own History(ratio=...)",
            )
        return np.asarray(_base(data, name) * np.expm1(shift(self, data, theta)))

    return cast("F", line)


def _base(data: Panel | Moments, name: str) -> Any:
    mean = entry_mean(data, name)
    if not np.all(mean > 0):
        raise InputError(
            "IOM-E066",
            f"{data.name}: {name} acts in proportion, but the mean before is not above 0, and a share of such a score "
            "has no meaning; state the change in points, as ScoreError(drift_per_year=...) or Remission does",
        )
    return mean


def check_theta(confound: Any, theta: Theta) -> None:
    """Refuse a theta without a value for each belief that the confound holds."""
    lacking = [name for name in belief_fields(confound) if name not in theta]
    if not lacking:
        return
    where, names = type(confound).__name__, ", ".join(lacking)
    if any(isinstance(getattr(confound, name), Range) for name in lacking):
        raise NotIdentifiedError(
            "IOM-E068", f"{where}: {names}: a range has ends and no middle; give theta one of theta.corners(confound)"
        )
    raise SpecError("IOM-E096", f"{where}: theta lacks {names}; give every belief, as theta.central(confound) does")
