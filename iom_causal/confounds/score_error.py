"""Measurement of a score: error, drift, and points that recorded events bring."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import ANY, SHARE_ABOVE_ZERO, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import OWN, as_line
from iom_causal.errors import InputError
from iom_causal.inputs.calendar import years
from iom_causal.inputs.weighting import weights
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.adjustment import reliability as rel
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window
from iom_causal.world import Mechanism

METHODS = ("jacobson-truax", "speer")


class ReliableChange(NamedTuple):
    """Reliable change index of each person, and the number beyond the critical value."""

    per_error: NDArray[np.float64]
    counts: rel.Changed


@dataclass(frozen=True, kw_only=True)
class ScoreError(Confound):
    """Change of a mean score, in points, from drift and from the events that enter the score.

    What is estimated is ``drift_per_year * years + points_per_event * events_change``. Drift is what the
    score of people whose conduct does not change does by itself: points that expire with time since an
    offence, a new version of the algorithm. The second part is overlap: a score that is built from
    arrests falls when these fall, so a fall in both is not two findings. The years are those between the
    middles of the windows.

    Random measurement error does not move a mean by itself; it does where people were selected on the score
    (see RegressionToMean), and it limits what can be said of one person. `reliability` gives the standard
    error of measurement, the reliable change of each person (`reliable_change`) and the change per SD of
    true scores. From data alone it has an upper bound only: the correlation of the two scores cannot
    exceed it where both are equally reliable.

    Assumptions: drift and overlap are the same for everybody; errors before and after are independent.
    What stays unidentified without the algorithm: both parts; rescoring records of people who were never
    managed would show the drift. For a count the line is 0.

    Parameters
    ----------
    drift_per_year : belief
        Points a year.
    points_per_event : belief
        Points that one more arrest a window brings.
    events_change : belief
        Change in the mean number of arrests, after minus before.
    reliability : belief, optional
        Among these people, above 0 and at most 1.

    Raises
    ------
    SpecError
        IOM-E092 when a belief reaches outside its bounds.
    InputError
        From `shift`: IOM-E048 when drift is stated and windows have no dates.

    References
    ----------
    Jacobson & Truax (1991), J. Consult. Clin. Psychol. 59, 12-19; Speer (1992), ibid. 60, 402-408; Lord &
    Novick (1968), Statistical Theories of Mental Test Scores.

    Examples
    --------
    >>> m = Moments.from_summary(n=187, mean_pre=320.0, mean_post=238.61, kind="score")
    >>> theta = {"drift_per_year": 0.0, "points_per_event": 8.0, "events_change": -3.23}
    >>> round(float(ScoreError(points_per_event=8.0, events_change=-3.23).shift(m, theta)), 2)
    -25.84
    """

    drift_per_year: Belief = 0.0
    points_per_event: Belief = 0.0
    events_change: Belief = 0.0
    reliability: Belief | None = None

    ids: ClassVar[tuple[str, ...]] = ("c07",)
    line: ClassVar[str] = "score"
    reference: ClassVar[str] = "Jacobson & Truax (1991); Speer (1992); Lord & Novick (1968)"
    assumption_left_out: ClassVar[str] = "the score measures the same thing in the same way in both windows"
    of_scores: ClassVar[InLedger] = InLedger(
        assumed=True,
        tipped=("points_per_event",),
        to_state="how many points an event brings and how far events changed",
    )
    acts: ClassVar[str] = OWN

    def __post_init__(self) -> None:
        refuse_data(self)
        bounds = dict.fromkeys(("drift_per_year", "points_per_event", "events_change"), ANY)
        check_beliefs(self, {**bounds, "reliability": SHARE_ABOVE_ZERO})

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the change in points; 0 for anything but a score."""
        built = rel.mechanical_change(theta["points_per_event"], theta["events_change"])
        if data.kind != "score":
            return np.zeros(np.broadcast_shapes(built.shape, np.shape(theta["drift_per_year"])))
        if not np.any(theta["drift_per_year"]):
            return built
        before, after = years(data, "ScoreError drift")
        return np.asarray(theta["drift_per_year"] * (sum(after) - sum(before)) / 2 + built)

    def standard_error(self, data: Panel | Moments, reliability: float) -> float:
        """Return the standard error of measurement, from the SD before and a reliability among these people."""
        return float(rel.standard_error_of_measurement(_sd_before(data), reliability))

    def reliable_change(
        self, panel: Panel, reliability: float, *, method: str = "jacobson-truax", level: float = LEVEL
    ) -> ReliableChange:
        """Return each person's change per its standard error, and how many lie beyond the critical value.

        Parameters
        ----------
        panel : Panel
            Scores without replicates; people without both scores are left out of the counts.
        reliability : float
            Among these people; below 1.
        method : {"jacobson-truax", "speer"}
            From the score before, or from where regression to the mean would take it.
        level : float
            Two-sided.

        Examples
        --------
        >>> panel = Panel.from_arrays([[10, 2], [15, 15], [20, 28]], kind="score")
        >>> found = ScoreError().reliable_change(panel, 0.8)
        >>> found.per_error.round(2).tolist(), float(found.counts.lower)
        ([-2.53, 0.0, 2.53], 1.0)
        """
        check_choice(method, METHODS, "reliable change method")
        two = panel.managed.prepost()
        if two.replicates is not None:
            raise InputError("IOM-E047", "reliable change: this panel has replicates; take one with replicate(k)")
        seen = two.complete
        before, after = (two.outcome[seen, t].astype(np.float64) for t in (0, 1))
        sd = _sd_before(two)
        index = rel.reliable_change(before, after, sd, reliability)
        if method == "speer":
            index = rel.expected_change(before, after, float(before.mean()), sd, reliability)
        return ReliableChange(index, rel.count_changed(index, level=level, weight=weights(two)[seen]))

    def least_reliability(self, data: Panel | Moments) -> float | None:
        """Return the correlation of the two scores, below which equal reliabilities cannot lie; None if unknown."""
        return data.r if isinstance(data, Moments) else data.moments().r

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give drift and points for an event; a reliability takes the SD of the score's own distribution."""
        del windows
        per_event = float(theta["points_per_event"])
        return Mechanism(score_drift=float(theta["drift_per_year"]), score_per_event=per_event or None)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        known = "" if self.reliability is None else f", and its reliability is {setting(self, 'reliability', theta)}"
        return (
            f"the score drifts by {setting(self, 'drift_per_year', theta)} points a year and one event more or less "
            f"moves it by {setting(self, 'points_per_event', theta)} points{known}"
        )


def _sd_before(data: Panel | Moments) -> float:
    moments = data if isinstance(data, Moments) else data.moments()
    (sd,) = moments.require("sd_pre", purpose="measurement error")
    return float(sd)
