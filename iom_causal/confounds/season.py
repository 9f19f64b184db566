"""Seasonality: windows that hold different months."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import ANY, Theta, check_beliefs
from iom_causal.confounds.phrases import setting
from iom_causal.confounds.units import PROPORTION, as_line
from iom_causal.inputs.calendar import both_windows, calendar, index_dates
from iom_causal.inputs.weighting import weights
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.calendar import cosine_contrast, half_year_contrast, season_log_change
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import MONTH, Window, month_grid
from iom_causal.world import Mechanism

SHAPES = ("half-year", "cosine")
_CONTRAST: dict[str, Callable[[dt.date, dt.date], float]] = {
    "half-year": half_year_contrast,
    "cosine": cosine_contrast,
}


@dataclass(frozen=True, kw_only=True)
class Season(Confound):
    """Expected log change of events from a seasonal pattern over windows that hold different months.

    What is estimated is ``log[(1 + a c2) / (1 + a c1)]``: rates from May to October are 1 + a times the
    year's mean and the others 1 - a (or follow a cosine with its top on the first of August), and c is
    the mean of that pattern over the days of a window. Windows of whole years are balanced whatever a
    is. Windows of 18 months that meet at the start of May are not: November to April comes twice before
    and May to October twice after, so that the line is near ``2a/3``, and a summer peak hides part of a
    fall. The days are counted on the calendar, at each person's own index date where these differ.

    The amplitude is a share of the outcome's own mean, so that for a score it acts in proportion too.

    Assumptions: the same pattern in every year and for all people. What stays unidentified from two windows
    is the amplitude; monthly counts of the same people over several years, or a force's own monthly
    series, hold it.

    Parameters
    ----------
    amplitude : belief
        The share a by which the warm half-year exceeds the mean; negative for a winter peak.
    shape : {"half-year", "cosine"}
        The pattern over the year.
    index_date : date, optional
        The day that windows are counted from, where the data do not say it.

    Raises
    ------
    SpecError
        IOM-E092 or IOM-E093 for a setting outside its bounds.
    InputError
        From `shift`: IOM-E048 without dates, IOM-E092 for an amplitude that makes a rate negative.

    References
    ----------
    Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiol. 46, 348-355.

    Examples
    --------
    >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61, windows=windows)
    >>> season = Season(amplitude=0.03, index_date=dt.date(2012, 5, 1))
    >>> round(float(season.shift(m, {"amplitude": 0.03})), 4)
    0.02
    """

    amplitude: Belief = 0.0
    shape: str = "half-year"
    index_date: dt.date | None = None

    ids: ClassVar[tuple[str, ...]] = ("c01",)
    line: ClassVar[str] = "season"
    reference: ClassVar[str] = "Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiol. 46, 348-355"
    assumption_left_out: ClassVar[str] = "the seasons that each window holds made no difference"
    of_counts: ClassVar[InLedger] = InLedger(assumed=True)
    of_scores: ClassVar[InLedger] = InLedger(assumed=True)
    seldom_known: ClassVar[bool] = True
    acts: ClassVar[str] = PROPORTION

    def __post_init__(self) -> None:
        refuse_data(self)
        check_choice(self.shape, SHAPES, "Season shape")
        check_beliefs(self, {"amplitude": ANY})

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change that the seasons alone give."""
        dates = index_dates(data, self.index_date, "Season")
        first, second = (
            np.array([_contrast(self.shape, *calendar(window, date, "Season")) for date in dates])
            for window in both_windows(data)
        )
        if len(dates) == 1 or isinstance(data, Moments):
            return season_log_change(theta["amplitude"], first[0], second[0])
        weight = weights(data.managed)
        before, after = (np.asarray(weight @ c) / weight.sum(-1) for c in (first, second))
        return season_log_change(theta["amplitude"], before, after)

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Multiply rates month by month; neutral where no index date is stated."""
        grid = month_grid(windows)
        if self.index_date is None:
            return Mechanism()
        starts = [self.index_date + dt.timedelta(days=round((12 * m - 0.5) * MONTH)) for m in grid.middle]
        contrast = [_contrast(self.shape, day, day + dt.timedelta(days=30)) for day in starts]
        return Mechanism(hazard=1 + float(theta["amplitude"]) * np.array(contrast))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del data
        size = setting(self, "amplitude", theta)
        return f"rates from May to October lie {size} of the mean above it and the other months as far below"


@cache
def _contrast(shape: str, start: dt.date, end: dt.date) -> float:
    return _CONTRAST[shape](start, end)
