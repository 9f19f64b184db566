"""Time at liberty: the change in events from more or less time in custody."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import POSITIVE, RATIO, SHARE, SHARE_ABOVE_ZERO, Theta, check_beliefs
from iom_causal.confounds.units import EVENTS, as_line
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.calendar import years
from iom_causal.inputs.weighting import once, rates, weights
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.custody import log_free_change, within_person_ratio
from iom_causal.numerics.inference.weighted_moments import weighted_sum
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window
from iom_causal.world import Mechanism

TARGETS = ("free", "total")
WEIGHTINGS = ("rate", "time")

TWICE = (
    "the days at liberty in {!r} are known and are in its rates; beliefs about them would allow for the same time "
    "twice: write Custody(), or leave the days out of the data"
)
ROUNDED_DAYS = 2.0
"""By so many days windows stated in months or years differ from those between their dates."""

type Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Custody(Confound):
    """Log change of events from a change in time at liberty, which is the whole time at risk.

    Two questions have two answers, and `target` says which is asked: the rate while ``free``, in which time
    in custody is taken out, and the ``total``, in which custody that the programme brought about counts as
    part of what it did. Custody after the index date is a consequence, so the first is never the whole
    answer; report both (`both`).

    Days known. When the panel holds each person's own days at liberty, or days in common that are fewer than those of
    the windows, its rates are already per day free.
    For ``total`` the line takes that back: minus the log ratio of days free, after over before. For
    ``free`` it is what the pooled rates get wrong because people with higher rates have another change in
    time at liberty than the rest, estimated by comparing each person with themselves; with
    ``weighting="time"`` that part is left out and the line is 0. In a simulated cohort without any
    programme, all at liberty at the index date and with rates spread over a factor of seven either side,
    pooled rates rose by 5% and the comparison within people by 0.1%. Beliefs about time that is known are refused.

    Which is the estimand. With rates ``l_i`` at liberty that a programme multiplies by one ratio, the pooled ratio has
    the expectation ``ratio (sum l_i f_i2 / sum f_i2) / (sum l_i f_i1 / sum f_i1)``: the ratio, times how the mean rate
    of those at liberty moved because others were. The second is what custody did to who was counted and no change in
    anybody's conduct; the comparison within people is free of it. They agree where days do not go with rates. The
    comparison within people asks for one ratio for everybody, and for days that do not go by the luck of a window: with
    gamma rates of shape 1 and stays of 120 days after 30% of events it left .01 where nothing changed and .04 where the
    share doubled, where the pooled ratio left -.09; with rates half as unlike the two were as far off.

    Days unknown. For ``total`` the line is 0. For ``free`` it is the log of `ratio`, the share of time at
    liberty after over before weighted by people's rates; as a `Range` it gives bounds, and the tipping ratio
    is the observed ratio itself. Or it follows from `custody_per_arrest` and `stay_years`: each arrest leads
    to custody with that probability for a stay of that mean, the window before is in the long run, and a
    share `free_at_start` is at liberty at the index date. People selected at liberty start with all their
    time (the line is positive and hides part of a fall); people selected through a recent arrest start in
    custody (negative). It is self-limiting: a rate twice as high does not give twice the arrests.

    It is about time in which events can happen, and has no meaning for a score.

    Assumptions: events in custody do not count; in the model one rate for everybody, stays are exponential.
    What stays unidentified: whether custody after the index date is the programme's doing, and without
    dates of custody everything but the stated beliefs. Means of each person's own rate are never used:
    short times at liberty make them explode.

    Parameters
    ----------
    target : {"free", "total"}
        Which question.
    ratio : belief, optional
        Time at liberty, after over before; above 0.
    custody_per_arrest : belief, optional
        Probability that an arrest leads to custody.
    stay_years : belief, optional
        Mean stay in years; above 0.
    free_at_start : belief
        Share at liberty on the index date.
    weighting : {"rate", "time"}
        For known days, as above.

    Raises
    ------
    SpecError
        IOM-E092, IOM-E093 or IOM-E096 for settings that are outside their bounds or do not fit together.
    InputError
        From `shift`: IOM-E048 when neither days nor beliefs are given, or both, IOM-E068 when so much custody leaves
        no time for the arrests.

    References
    ----------
    Piquero et al. (2001), Criminology 39, 275-296; Cook & Lawless (2007), The Statistical Analysis of
    Recurrent Events.

    Examples
    --------
    >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    >>> m = Moments.from_summary(n=225, mean_pre=3.33, mean_post=3.0, windows=windows)
    >>> started_free = Custody(custody_per_arrest=0.4, stay_years=0.5)
    >>> theta = {"custody_per_arrest": 0.4, "stay_years": 0.5, "free_at_start": 1.0}
    >>> round(float(started_free.shift(m, theta)), 2)
    0.14
    """

    target: str = "free"
    ratio: Belief | None = None
    custody_per_arrest: Belief | None = None
    stay_years: Belief | None = None
    free_at_start: Belief = 1.0
    weighting: str = "rate"

    ids: ClassVar[tuple[str, ...]] = ("u2",)
    line: ClassVar[str] = "custody"
    reference: ClassVar[str] = "Piquero et al. (2001), Criminology 39, 275-296; Cook & Lawless (2007)"
    assumption_left_out: ClassVar[str] = "time at liberty did not change"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True)
    seldom_known: ClassVar[bool] = True
    acts: ClassVar[str] = EVENTS

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.target, TARGETS, "Custody target")
        check_choice(self.weighting, WEIGHTINGS, "Custody weighting")
        if (self.custody_per_arrest is None) != (self.stay_years is None):
            raise SpecError("IOM-E096", "Custody: give custody_per_arrest and stay_years together")
        if self.ratio is not None and self.stay_years is not None:
            raise SpecError("IOM-E092", "Custody: give either ratio, or custody_per_arrest with stay_years")
        bounds = {
            "ratio": RATIO,
            "custody_per_arrest": SHARE,
            "stay_years": POSITIVE,
            "free_at_start": SHARE_ABOVE_ZERO,
        }
        check_beliefs(self, bounds)

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change that time at liberty gives, on the scale in which the change is observed.

        That scale is events per day at liberty where a panel holds each person's days, else per day.
        """
        known = _known(data)
        if known is not None:
            self._refuse_twice(data)
            return _from_days(known, self.target, self.weighting)
        if self.target == "total":
            return np.zeros(np.shape(theta.get("free_at_start", 1.0)))
        return self._from_beliefs(data, theta)

    def both(self, data: Panel | Moments, theta: Theta) -> dict[str, Any]:
        """Return the lines of both targets."""
        known = _known(data)
        if known is not None:
            self._refuse_twice(data)
        else:
            return {"free": self._from_beliefs(data, theta), "total": np.zeros(np.shape(theta["free_at_start"]))}
        return {target: _from_days(known, target, self.weighting) for target in TARGETS}

    def _refuse_twice(self, data: Panel | Moments) -> None:
        """Refuse beliefs about time that is known: it would be adjusted for as days at risk and as a line."""
        if self.ratio is not None or self.stay_years is not None:
            raise InputError("IOM-E048", TWICE.format(data.name))

    def _from_beliefs(self, data: Panel | Moments, theta: Theta) -> Floats:
        if "ratio" in theta:
            return np.asarray(np.log(theta["ratio"]))
        if "stay_years" not in theta:
            raise InputError(
                "IOM-E048",
                f"Custody needs each person's days at risk in {data.name!r}; without them give ratio, or "
                "custody_per_arrest with stay_years",
            )
        _, (start, end) = years(data, "Custody")
        before, _ = rates(data, "Custody")
        settings = (theta["custody_per_arrest"], theta["stay_years"])
        return log_free_change(before, *settings, end - start, theta["free_at_start"])

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Send people to custody after arrests; neutral where only a ratio or known days are stated."""
        del windows
        if "stay_years" not in theta:
            return Mechanism()
        return Mechanism(custody={name: float(theta[name]) for name in sorted(theta)})

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del theta
        asked = "the rate while at liberty" if self.target == "free" else "all that followed, custody included"
        if _known(data) is not None:
            basis = "days at liberty are known"
        elif self.target == "total":
            basis = "custody counts as part of what followed"
        else:
            basis = "the stated time at liberty holds"
        return f"{basis} (the question is {asked})"


def _known(data: Panel | Moments) -> Panel | None:
    """Return the people where days at risk of their own, or lost from the days of a window in common, are known."""
    if isinstance(data, Moments):
        return None
    panel = data.managed.prepost()
    if panel.exposure is None or (panel.exposure.ndim == 1 and not _lost_in_common(panel)):
        return None
    return panel


def _lost_in_common(panel: Panel) -> bool:
    """Return whether days common to all changed otherwise than the lengths of the windows: then days were lost."""
    before, after = np.asarray(panel.exposure, dtype=np.float64)
    calendar = [window.days for window in panel.windows]
    if None in calendar or before == 0:
        return False
    first, second = (float(days or 0) for days in calendar)
    return bool(abs(after / before * first - second) > ROUNDED_DAYS)


def _calendar(panel: Panel, target: str) -> list[float]:
    """Return the lengths of the windows; only what is asked of all that followed depends on them."""
    lengths = [window.days for window in panel.windows]
    if None in lengths and target == "total":
        raise InputError(
            "IOM-E048", f"Custody(target='total') needs the dates of both windows of {panel.name!r}: give start and end"
        )
    return [float(days or 1) for days in lengths]


def _from_days(panel: Panel, target: str, weighting: str) -> Floats:
    outcome = once(panel.outcome, 2)
    days = np.broadcast_to(once(np.asarray(panel.exposure), 2), outcome.shape)
    weight = weights(panel) * ~np.isnan(outcome).any(-1)
    outcome = np.nan_to_num(outcome)
    lengths = _calendar(panel, target)
    free = [weighted_sum(weight, days[..., t]) / lengths[t] for t in (0, 1)]
    taken_back = -(np.log(free[1]) - np.log(free[0])) if target == "total" else np.zeros_like(free[0])
    if weighting == "time" or target == "total":
        return np.asarray(taken_back)
    events = [weighted_sum(weight, outcome[..., t]) for t in (0, 1)]
    crude = np.log(events[1] / free[1] / lengths[1]) - np.log(events[0] / free[0] / lengths[0])
    own = within_person_ratio(outcome[..., 0], outcome[..., 1], days[..., 0], days[..., 1], weight)
    return np.asarray(crude - np.log(own))
