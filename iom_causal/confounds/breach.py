"""Supervision-created events: arrests for breach and recall, which exist because people are supervised."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import AT_LEAST_ZERO, SHARE_BELOW_ONE, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import EVENTS, as_line
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.weighting import rates
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window, month_grid
from iom_causal.world import Mechanism

UNITS = ("share", "per_year")


@dataclass(frozen=True, kw_only=True)
class Breach(Confound):
    """Log change of recorded arrests from those that supervision creates: breach, recall, warrants, curfew checks.

    What is estimated is ``log(1 - b1) - log(1 - b2)``, where b is the share of the arrests in a window that
    supervision itself created. Leaving the line out understates what happened to arrests for offences:
    with b2 = .10 and none before, arrests for offences fell to 90% of what the count shows.

    In units of ``per_year`` the created arrests are so many a person and year, and the share follows from
    the count of these people. Created arrests add to the others instead of multiplying them, so on the
    scale of arrests the share of each line in the fall depends on the others.

    For arrests of any kind as the outcome, created arrests are part of what the programme did and this line
    belongs out of the ledger; with it the remainder speaks of arrests for offences.

    It creates events, and has no meaning for a score; a score that arrests enter is for `ScoreError`.

    Assumptions: an arrest is either created or it would have happened without treatment too; a created arrest takes no
    other's place. What stays unidentified without flags on the arrest record: the shares, and the balance
    of deterrence against closer watching.

    Parameters
    ----------
    after, before : belief
        Created arrests in each window: a share from 0 to below 1, or arrests a person and year, 0 or more.
    unit : {"share", "per_year"}
        Which of the two.
    base_per_year : float, optional
        Arrests a person and year that are not created; only a simulator needs it, and only for shares.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a setting outside its bounds; from `mechanism` IOM-E096 when shares come
        without `base_per_year`.
    InputError
        From `shift`: IOM-E092 when more arrests are created than there are.

    References
    ----------
    Petersilia & Turner (1993), Crime and Justice 17, 281-335: intensive supervision left arrests as they
    were and raised technical violations.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61)
    >>> round(float(Breach(after=0.1).shift(m, {"after": 0.1, "before": 0.0})), 4)
    0.1054
    """

    after: Belief = 0.0
    before: Belief = 0.0
    unit: str = "share"
    base_per_year: float | None = None

    ids: ClassVar[tuple[str, ...]] = ("u4",)
    line: ClassVar[str] = "breach"
    reference: ClassVar[str] = "Petersilia & Turner (1993), Crime and Justice 17, 281-335"
    assumption_left_out: ClassVar[str] = "supervision itself created none of what is counted"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True)
    seldom_known: ClassVar[bool] = True
    acts: ClassVar[str] = EVENTS
    speaks_of: ClassVar[str] = "arrests for offences"

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.unit, UNITS, "Breach unit")
        bounds = SHARE_BELOW_ONE if self.unit == "share" else AT_LEAST_ZERO
        check_beliefs(self, {"after": bounds, "before": bounds})
        if self.base_per_year is not None and not self.base_per_year > 0:
            raise SpecError("IOM-E092", "Breach base_per_year: expected a number above 0")

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change of all arrests while arrests for offences stay the same."""
        before, after = theta["before"], theta["after"]
        if self.unit == "per_year":
            first, second = rates(data, "Breach")
            before, after = _share(before, first), _share(after, second)
        return np.asarray(np.log1p(-np.asarray(before)) - np.log1p(-np.asarray(after)))

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Add created arrests to every month."""
        before, after = (self._yearly(float(theta[name])) / 12 for name in ("before", "after"))
        return Mechanism(supervision_events=np.where(month_grid(windows).post, after, before))

    def _yearly(self, created: float) -> float:
        if self.unit == "per_year" or created == 0:
            return created
        if self.base_per_year is None:
            raise SpecError("IOM-E096", "Breach: a simulator needs base_per_year, or unit='per_year'")
        return created / (1 - created) * self.base_per_year

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        what = f"of the {data.name}" if self.unit == "share" else f"{data.name} a person and year"
        return (
            f"supervision itself creates {setting(self, 'after', theta)} {what} after and "
            f"{setting(self, 'before', theta)} before"
        )


def _share(created: Any, rate: Any) -> Any:
    share = np.asarray(created) / np.asarray(rate)
    if (share >= 1).any():
        raise InputError("IOM-E092", "Breach: more arrests a year are said to be created than there are; state fewer")
    return share
