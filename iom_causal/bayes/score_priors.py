"""The scale of default priors of a score: a stated span, or the scores before."""

import math
from typing import NamedTuple

from iom_causal.bayes.score_data import ScoreData

WIDE = 5.0
"""How many SDs either side of the mean default priors span where no span is stated."""


class Scale(NamedTuple):
    """The middle and the width of the span on which default priors stand."""

    middle: float
    width: float


def scale_of_span(span: tuple[float, float]) -> Scale:
    """Return the scale of default priors that a stated span gives.

    Examples
    --------
    >>> scale_of_span((0.0, 40.0))
    Scale(middle=20.0, width=40.0)
    """
    return Scale((span[0] + span[1]) / 2, span[1] - span[0])


def scale_of_scores(data: ScoreData) -> Scale:
    """Return the scale of default priors that the scores before give: so many SDs either side of their mean."""
    n, mean, squares = (float(x) for x in data.moments.all_before)
    sd = math.sqrt(max(squares, float(data.moments.after_ss)) / max(n - 1, 1.0))
    unit = 10.0 ** (math.floor(math.log10(sd)) - 1)
    return Scale(round(mean / unit) * unit, 2 * WIDE * rounded(sd))


def rounded(value: float) -> float:
    """Return a number to three significant digits, as a prior shows it."""
    return float(f"{value:.3g}")
