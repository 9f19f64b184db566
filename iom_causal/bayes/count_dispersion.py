"""Whether people changed by factors more unlike than chance: what a reader of a shared frailty should know."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.estimate.notes import TOO_NARROW, Note
from iom_causal.inputs.counts import CountData
from iom_causal.numerics.inference.ratios import robust_from_people

type Floats = NDArray[np.float64]

DISPERSED = 1.2
"""A variance this many times that of the model is said."""
BEYOND_CHANCE = 2.0
"""Standard errors of that ratio above 1, where all change by one factor, from which it is more than chance."""
NO_EVENTS = "no events at all: what is said of the ratio comes of the priors, that of the mean before among them"


class Dispersion(NamedTuple):
    """Standard errors of the log ratio of totals, (R,) each: of Poisson events with one factor, and whatever holds."""

    notes: list[tuple[str, ...]]
    poisson: Floats
    robust: Floats

    def figures(self, k: int) -> dict[str, float]:
        """Return those of one replicate that are defined."""
        pair = {"std_error_poisson": float(self.poisson[k]), "std_error_robust": float(self.robust[k])}
        return pair if all(math.isfinite(v) for v in pair.values()) else {}


def dispersion_of(data: CountData) -> Dispersion:
    """Return the standard errors of each replicate, and a note where they are far apart."""
    before, after = data.totals
    days = np.broadcast_to(data.exposure, data.y.shape)
    y1, y2, t1, t2 = (part[..., data.treated == side].sum(-1) for part in (data.y, days) for side in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        robust = robust_from_people(y1, y2, t1, t2, weight=data.weight).std_error
        poisson = np.sqrt(1 / before + 1 / after)
        dispersion = (robust / poisson) ** 2
        error = _error_by_chance(np.asarray(y1 + y2, dtype=np.float64), after / (before + after), data.weight)
    notes: list[tuple[str, ...]] = [()] * len(data.y)
    for k in np.flatnonzero((before + after == 0) | (dispersion > DISPERSED)):
        beyond = dispersion[k] - 1 > BEYOND_CHANCE * error[k]
        said = _too_narrow(dispersion[k]) if beyond else MAY_BE.format(dispersion[k])
        notes[k] = (NO_EVENTS if before[k] + after[k] == 0 else said,)
    return Dispersion(notes, poisson, robust)


def _error_by_chance(total: Floats, share: Floats, weight: Floats) -> Floats:
    """Return the standard error of the ratio of variances where all change by one factor, (R,).

    Events after are then binomial given a person's total, and the ratio is the sum over people of squared deviations
    over that of their variances.
    """
    p = share[:, None]
    spread = total * p * (1 - p)
    return np.asarray(
        np.sqrt((weight * (2 * spread**2 + spread * (1 - 6 * p * (1 - p)))).sum(-1)) / (weight * spread).sum(-1)
    )


MAY_BE = (
    "the interval may be too narrow: the variance is {:.2f} times what counts that change by one factor allow, which "
    "chance alone can bring about among so few people; mixing='bivariate' lets factors differ"
)


def _too_narrow(dispersion: float) -> Note:
    return Note(
        f"too narrow: people changed by factors more unlike than chance, and the variance is {dispersion:.2f} times "
        "what this interval allows; mixing='bivariate' lets factors differ",
        TOO_NARROW,
    )
