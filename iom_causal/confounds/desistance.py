"""Desistance: careers that end at a constant hazard, whoever manages people."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import refuse_data
from iom_causal.beliefs import Belief, LogNormal
from iom_causal.beliefs.theta import AT_LEAST_ZERO, SHARE, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import EVENTS, as_line
from iom_causal.inputs.calendar import years
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.exposure import mean_survival
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window, month_grid
from iom_causal.world import Mechanism

STOPPING = LogNormal(0.06, 0.37)
"""A hazard of .06 a year, 95% from .03 to .12."""


@dataclass(frozen=True, kw_only=True)
class Desistance(Confound):
    """Expected log change of events from careers that end at a constant hazard, apart from the programme.

    What is estimated is the log of the mean share of the window after during which careers still run:
    with a hazard d of stopping for good and a window after from 0 to T it is
    ``log[(1 - exp(-d T)) / (d T)]``. The window before counts in full: people who were selected because
    they were active had not stopped before, so the comparison is lopsided. With d = .06 a year and 18
    months that is a fall of 4.4%; counted from middle to middle, as if people could also have stopped
    before, it would be 8.6%, which is right for an unselected cohort only.

    Assumptions: one hazard for everybody in the share `at_risk`, constant in time; stopping is for good and
    unrelated to the rate while active; everybody was active at the index date. Stopping is part of an
    aggregate curve of rates by age, so `Ageing` and this line overlap: with both in a ledger, give one of
    them less than its full weight, or use an age curve of frequency alone.

    Whoever has stopped has no more events but still a score, so for a score it has no meaning (see Remission).

    What stays unidentified: stopping from a long quiet spell, and the hazard without the programme itself;
    a cohort of comparable people who were not managed would show it. The default, .06 a year with 95% from
    .03 to .12, comes from young adults with three or more court contacts in two years, of whom 15% had
    none in the next three years: a hazard of .05 to .06 at most; .13 is an outer value for it.

    Parameters
    ----------
    hazard : belief
        Of stopping for good, per year; 0 or more.
    at_risk : belief
        Share of the events before that belong to people who might stop.

    Raises
    ------
    SpecError
        IOM-E092 when a belief reaches outside its bounds.
    InputError
        From `shift`: IOM-E048 when windows have no dates.

    References
    ----------
    Blumstein, Cohen & Farrington (1988), Criminology 26, 1-35; Maltz (1984), Recidivism.

    Examples
    --------
    >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61, windows=windows)
    >>> round(float(np.exp(Desistance().shift(m, {"hazard": 0.06, "at_risk": 1.0}))), 3)
    0.956
    """

    hazard: Belief = STOPPING
    at_risk: Belief = 1.0

    ids: ClassVar[tuple[str, ...]] = ("c06",)
    line: ClassVar[str] = "desistance"
    reference: ClassVar[str] = "Blumstein, Cohen & Farrington (1988), Criminology 26, 1-35"
    assumption_left_out: ClassVar[str] = "nobody would have stopped offending for reasons other than age"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True, to_state="how many people stop anyway")
    acts: ClassVar[str] = EVENTS

    def __post_init__(self) -> None:
        refuse_data(self)
        check_beliefs(self, {"hazard": AT_LEAST_ZERO, "at_risk": SHARE})

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log of the share of events that are still to come in the window after."""
        _, (start, end) = years(data, "Desistance")
        ended = 1 - mean_survival(theta["hazard"], start, end)
        return np.asarray(np.log1p(-np.asarray(theta["at_risk"]) * ended))

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Let people stop for good at one hazard in every month after the index date.

        The hazard is that of the average person, ``at_risk`` times the hazard of those who might stop.
        """
        monthly = float(theta["hazard"]) * float(theta["at_risk"]) / 12
        return Mechanism(desistance=np.where(month_grid(windows).post, monthly, 0.0))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        rate = setting(self, "hazard", theta)
        return (
            f"people stop for good at a rate of {rate} a year whoever manages them, apart from what a curve by "
            "age already holds"
        )
