"""Detection: the probability that an offence leads to a recorded arrest, after over before."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import RATIO, SHARE_BELOW_ONE, Theta, central, check_beliefs, extent
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import EVENTS, as_line
from iom_causal.moments import Moments
from iom_causal.numerics import LEVEL
from iom_causal.numerics.adjustment.detection import log_recorded_over_true, true_ratio_bounds, true_ratio_interval
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window, month_grid
from iom_causal.world import Mechanism


class OffenceRatio(NamedTuple):
    """Identified set of the ratio of offences, and an interval around it."""

    set_low: float
    set_high: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, kw_only=True)
class Detection(Confound):
    """Log change of recorded events from detection and false records alone, at constant offending.

    What is estimated is the log ratio of recorded events (arrests), after over before, for people whose
    offending stays exactly the same: ``log(d2/d1) + log(1 - f1) - log(1 - f2)``, with ``d`` the
    probability that an offence leads to an arrest and ``f`` the share of arrests that stand for no
    offence by that person (an arrest of the wrong person, a record joined to another's, a repeat arrest
    for one offence on return to bail). It acts both ways: officers reluctant to arrest people they manage
    make the ratio less than one and a fall look larger; close supervision makes it more than one and
    hides part of a fall.

    Arrests and offences are two outcomes. For arrests this line is part of what happened and belongs out
    of the ledger; with it in the ledger the remainder speaks of offences.

    Assumptions: detection multiplies everybody's rate by the same factor, or by factors unrelated to
    their rates; the shares of false records are those of the whole cohort. For a `Range` of the ratio
    from l to u the ratio of offences lies from R/u to R/l, where R is the recorded ratio, and the
    tipping ratio, at which offending did not change at all, is R itself.

    It is about the recording of events, and has no meaning for a score; a score that arrests enter is for
    `ScoreError`.

    What stays unidentified: the ratio. Counts of arrests do not hold it; victims' reports, self-reports,
    arrests with and without an intelligence trigger, or flags on the arrest record would.

    Parameters
    ----------
    ratio : belief
        Probability of an arrest for one and the same offence, after over before; above 0.
    false_pre, false_post : belief
        Share of arrests in each window that stand for no offence by the person, from 0 to below 1.

    Raises
    ------
    SpecError
        IOM-E092 when a belief reaches outside its bounds.

    References
    ----------
    Fox, MacLehose & Lash (2021), Applying Quantitative Bias Analysis to Epidemiologic Data; Imbens &
    Manski (2004), Econometrica 72, 1845-1857.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61)
    >>> round(float(Detection(ratio=0.8).shift(m, {"ratio": 0.8, "false_pre": 0.0, "false_post": 0.0})), 4)
    -0.2231
    """

    ratio: Belief = 1.0
    false_pre: Belief = 0.0
    false_post: Belief = 0.0

    ids: ClassVar[tuple[str, ...]] = ("c03", "c04")
    line: ClassVar[str] = "detection"
    reference: ClassVar[str] = "Fox, MacLehose & Lash (2021); Imbens & Manski (2004), Econometrica 72, 1845-1857"
    assumption_left_out: ClassVar[str] = "the same conduct is recorded as often as before"
    of_counts: ClassVar[InLedger] = InLedger(
        assumed=True, tipped=("ratio",), tried=True, to_state="whether the same conduct is recorded as often as before"
    )
    seldom_known: ClassVar[bool] = True
    acts: ClassVar[str] = EVENTS
    speaks_of: ClassVar[str] = "offences"

    def __post_init__(self) -> None:
        refuse_data(self)
        bounds = {"ratio": RATIO, "false_pre": SHARE_BELOW_ONE, "false_post": SHARE_BELOW_ONE}
        check_beliefs(self, bounds)

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change of recorded events while offending stays the same; it does not look at data."""
        del data
        return log_recorded_over_true(theta["ratio"], theta["false_pre"], theta["false_post"])

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Multiply the probability of being recorded, month by month, from the index date on."""
        factor = float(log_recorded_over_true(theta["ratio"], theta["false_pre"], theta["false_post"]))
        return Mechanism(observation=np.where(month_grid(windows).post, np.exp(factor), 1.0))

    def offences(self, log_ratio: float, std_error: float, *, level: float = LEVEL) -> OffenceRatio:
        """Return the ratio of offences that a recorded ratio leaves, for the ends of this belief.

        Parameters
        ----------
        log_ratio, std_error : float
            Of recorded events, after over before, on the log scale.
        level : float
            Of the interval, which holds the ratio wherever in its set it is.

        Examples
        --------
        >>> from iom_causal.beliefs import Range
        >>> found = Detection(ratio=Range(0.8, 1.25)).offences(-0.639, 0.058)
        >>> [round(v, 3) for v in found]
        [0.422, 0.66, 0.384, 0.726]
        """
        shifts = extent(self, None, central(self))
        low, high = (float(np.exp(shift)) for shift in shifts)
        interval = true_ratio_interval(log_ratio, std_error, low, high, level=level)
        return OffenceRatio(*true_ratio_bounds(float(np.exp(log_ratio)), low, high), *interval)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        return f"the chance that the same conduct is recorded is {setting(self, 'ratio', theta)} of what it was before"
