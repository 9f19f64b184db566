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
NO_EVENTS = "no events at all: the ratio is what the prior says"


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
    before, after = data.totals()
    days = np.broadcast_to(data.exposure, data.y.shape)
    y1, y2, t1, t2 = (part[..., data.treated == side].sum(-1) for part in (data.y, days) for side in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        robust = robust_from_people(y1, y2, t1, t2, weight=data.weight).std_error
        poisson = np.sqrt(1 / before + 1 / after)
        dispersion = (robust / poisson) ** 2
    notes: list[tuple[str, ...]] = [()] * len(data.y)
    for k in np.flatnonzero((before + after == 0) | (dispersion > DISPERSED)):
        notes[k] = (NO_EVENTS,) if before[k] + after[k] == 0 else (_too_narrow(dispersion[k]),)
    return Dispersion(notes, poisson, robust)


def _too_narrow(dispersion: float) -> Note:
    return Note(
        f"too narrow: people changed by unlike factors, and the variance is {dispersion:.2f} times what this interval "
        "allows; mixing='bivariate' lets factors differ",
        TOO_NARROW,
    )
