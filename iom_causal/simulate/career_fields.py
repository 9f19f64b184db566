"""The fields of `Careers`: what a world of offending careers is set to."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

from iom_causal.beliefs import Belief
from iom_causal.simulate.enrolment import Enrolment
from iom_causal.simulate.settings import Ages, DropOut, Engaged, Excitation, Pauses, Programme, Score, Trajectory
from iom_causal.windows import Window

ADULTS, NO_PROGRAMME, NO_SELECTION = Ages(), Programme(), Enrolment()
PAPER_WINDOWS = (Window("before", -547, 0), Window("after", 0, 549, post=True))


@dataclass(frozen=True, kw_only=True)
class CareerFields:
    """Fields of `Careers`, described there; a base for it alone, so that month tables can be typed without it."""

    people: int = 225
    pool: int | None = None
    windows: tuple[Window, ...] = PAPER_WINDOWS
    rate: Belief = 1.0
    own_sd: Belief = 0.75
    shape: Belief | None = None
    drift_sd: Belief = 0.0
    return_rate: Belief = 0.4
    trend: Belief = 0.0
    desistance: Belief = 0.0
    persistence: Belief = 1.0
    trajectories: tuple[Trajectory, ...] = ()
    pauses: Pauses | None = None
    excitation: Excitation | None = None
    ages: Ages = ADULTS
    women: float = 0.0
    engaged: Engaged | None = None
    score: Score | None = None
    drop_out: DropOut | None = None
    confounds: tuple[Any, ...] = ()
    programme: Programme = NO_PROGRAMME
    enrolment: Enrolment = NO_SELECTION
    forces: int = 1
    force_sd: float = 0.0
    index_date: dt.date | None = None
    burn_in_months: int = 36

    name: ClassVar[str] = "arrests"
    score_name: ClassVar[str] = "risk"
