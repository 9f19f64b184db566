"""Linear regression to the mean: the mean after is linear in the count before, down to the source population's."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.regression.limits import NOT_LATE, NOTHING_LASTS, above_zero
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import Reading, shift_by_timing
from iom_causal.moments import Moments
from iom_causal.numerics.pairs.moments import PairMoments
from iom_causal.numerics.selection import linear
from iom_causal.panel import Panel
from iom_causal.windows import Selection


@dataclass(frozen=True, kw_only=True)
class Linear(Method):
    """Linear regression to the mean of the source population, from the moments of both windows.

    Right where the mean after is linear in the count before, as it is for gamma rates; of lognormal rates that last
    it leaves .37 of the log ratio. It asks for no cut. The slope of 225 selected people is so uncertain that the
    standard error of the log ratio is .2 to .4 (docs/methods.md).

    Parameters
    ----------
    comparable_mean : belief
        Mean count of the source population, in a window as long as the one before; above 0.
    slope : belief, optional
        Slope of after on before without a programme; by default that of the selected sample, from which the
        programme's ratio is divided out. If people were selected late it is taken as that of rates that stay.
    late : belief, optional
        Share of the selection that read the window after, 0 to 1; by default what the timing says.

    Examples
    --------
    >>> Linear(comparable_mean=3.0).name
    'linear'
    """

    comparable_mean: Belief
    slope: Belief | None = None
    late: Belief | None = None

    name: ClassVar[str] = "linear"
    of_mean_days: ClassVar[bool] = True

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log change, by the line from the window that was read to the other one."""
        return shift_by_timing(data, selection, theta, self.late, _ahead)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data
        mean = setting(self, "comparable_mean", theta)
        return f"the mean after is linear in the count down to comparable people’s mean of {mean}"


def _ahead(reading: Reading) -> Floats:
    theta = reading.theta
    return linear_shift(reading.moments, theta["comparable_mean"], theta.get("slope"), late=reading.late)


def linear_shift(m: PairMoments, population_mean: Any, slope: Any | None, *, late: bool = False) -> Floats:
    """Return the log of expected over observed by a line through the source population's mean.

    With `slope` None the line is that of the selected sample, whose slope a programme has multiplied by its ratio;
    else it is the line without a programme. With `late` time is reversed: people were selected on the count after,
    which holds everything that changed, so that the change is solved for: with M1 and M2 the means before and after,
    ``R = (mu - M1 + b M2) / (b mu)`` with the sample's slope b of before on after, and
    ``R = (M2 + (mu - M1) (1 - b) / b) / M1`` with the stated slope of Poisson counts whose rates stay.
    """
    mu = np.asarray(population_mean, dtype=np.float64)
    if slope is not None and late:
        b = above_zero(np.asarray(slope, dtype=np.float64), NOTHING_LASTS)
        return np.asarray(np.log(above_zero(m.mean_pre + (mu - m.mean_post) * (1 - b) / b, NOT_LATE) / m.mean_pre))
    if slope is not None:
        return np.asarray(np.log(above_zero(linear.expected_ratio(m.mean_pre, mu, slope))))
    own = linear.slope(m.r, m.sd_pre, m.sd_post)
    if late:
        change = above_zero((mu - m.mean_post + own * m.mean_pre) / (own * mu), NOT_LATE)
        return np.asarray(np.log(np.asarray(m.mean_post) / m.mean_pre) + np.log(change))
    remainder = above_zero(linear.linear_remainder(m.mean_pre, m.mean_post, own, mu))
    return np.asarray(np.log(np.asarray(m.mean_post) / m.mean_pre) - np.log(remainder))
