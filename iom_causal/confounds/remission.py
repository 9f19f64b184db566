"""Spontaneous remission: scores that fall without treatment after entry at a high."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import ANY, SHARE, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import OWN, as_line
from iom_causal.errors import InputError, SpecError
from iom_causal.inputs.calendar import years
from iom_causal.inputs.weighting import entry_mean
from iom_causal.moments import Moments
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window
from iom_causal.world import Mechanism


@dataclass(frozen=True, kw_only=True)
class Remission(Confound):
    """Expected change of a mean score, in points, from spontaneous remission after entry at a high.

    People are referred when things are at their worst, and the worst passes: distress, use of drugs or alcohol, and
    scores built from a spell of trouble come down without anybody's help. What is estimated is the expected change
    of the mean score with no programme, in one of two forms:

    ``per_month``: ``-per_month * months``, the months between the middles of the two windows; a fall that goes on
    alike for everybody, as a waiting list or an untreated group shows it.

    ``share``: ``-share * (mean before - population_mean)``; of the distance at which people came in from the mean of
    the source population, a share has remitted by the time of the second score. Whoever stands below that
    mean rises. The mean before is that of all who were selected, lost to follow-up or not.

    Both hold what `ScoreRegression` holds (a high score by chance comes down too), and more: a true spell that
    passes. A ledger takes one of the two. `ScoreRegression` is for error alone, with a cut that is known;
    this line is for what was seen in comparable people without the programme.

    Assumptions: the belief comes from people who came in as these did and were scored at the same distance in time;
    the fall does not depend on the programme. What stays unidentified without such people: the belief itself, and
    whether a spell that would have passed passed sooner.

    Parameters
    ----------
    per_month : belief, optional
        Points a month by which the mean falls by itself; below 0 for a rise. Give this or `share`.
    share : belief, optional
        Share of the distance from the population's mean that is lost by then, 0 to 1.
    population_mean : belief, optional
        Mean score of the source population, all who could have come in; with `share` alone.

    Raises
    ------
    SpecError
        IOM-E096 without per_month and share or with both, or for share without population_mean; IOM-E092 when a
        belief reaches outside its bounds.
    InputError
        From `shift`: IOM-E066 for anything but a score, IOM-E048 when windows have no dates.

    References
    ----------
    Posternak & Miller (2001), J. Affect. Disord. 66, 139-146, on untreated people in waiting lists; Campbell &
    Kenny (1999), A Primer on Regression Artifacts.

    Examples
    --------
    >>> m = Moments.from_summary(n=187, mean_pre=320.0, mean_post=238.61, kind="score", name="risk")
    >>> line = Remission(share=0.3, population_mean=220.0)
    >>> round(float(line.shift(m, {"share": 0.3, "population_mean": 220.0})), 2)
    -30.0
    """

    per_month: Belief | None = None
    share: Belief | None = None
    population_mean: Belief | None = None

    ids: ClassVar[tuple[str, ...]] = ("u1", "c07")
    line: ClassVar[str] = "remission"
    reference: ClassVar[str] = "Posternak & Miller (2001), J. Affect. Disord. 66, 139-146; Campbell & Kenny (1999)"
    assumption_left_out: ClassVar[str] = "a high at which people came in would not have passed by itself"
    of_scores: ClassVar[InLedger] = InLedger(
        assumed=True, tipped=("per_month", "share"), to_state="how far a high passes by itself"
    )
    acts: ClassVar[str] = OWN
    also_holds: ClassVar[tuple[str, ...]] = ("regression to the mean",)

    def __post_init__(self) -> None:
        refuse_data(self)
        check_beliefs(self, {"per_month": ANY, "share": SHARE, "population_mean": ANY})
        if (self.per_month is None) == (self.share is None):
            raise SpecError("IOM-E096", "Remission: give either per_month, or share with population_mean")
        if (self.share is None) != (self.population_mean is None):
            raise SpecError("IOM-E096", "Remission: share needs population_mean, and per_month does not use it")

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the change in points, with nothing but the passing of a high."""
        if data.kind != "score":
            raise InputError(
                "IOM-E066", f"{data.name}: Remission: expected a score; for counts use RegressionToMean or Desistance"
            )
        if "per_month" in theta:
            before, after = years(data, "Remission")
            return np.asarray(-12 * np.asarray(theta["per_month"]) * (sum(after) - sum(before)) / 2)
        return np.asarray(-np.asarray(theta["share"]) * (entry_mean(data, "Remission") - theta["population_mean"]))

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Give the fall a month as drift of the score; neutral for a share, which its distribution holds."""
        del windows
        return Mechanism(score_drift=-12 * float(theta["per_month"])) if "per_month" in theta else Mechanism()

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        if self.per_month is not None:
            falls = setting(self, "per_month", theta)
            return f"a {data.name} score as high as on entry falls by {falls} points a month by itself"
        return (
            f"a share of {setting(self, 'share', theta)} of the distance from the population’s mean of "
            f"{setting(self, 'population_mean', theta)} is gone by itself by the second score"
        )
