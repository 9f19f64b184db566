"""A request: the statistics that are not known, ranked, with its table, text and picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iom_causal.analysis.sensitivity.requested_models import Line
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS
from iom_causal.base import axes
from iom_causal.base.formats import fixed, percent
from iom_causal.base.result import Result, table
from iom_causal.confounds.register import COUNTS, REGISTER

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ASSUMPTIONS = (
    "people were picked on a record of one window or more, or on their rate, which lasts or moves as everybody’s do",
    "models whose rule read one window have the means, SDs and correlation that are known, the others the means alone",
    "rates are lognormal or gamma in the source population and keep their spread; events are Poisson given the rates",
    "what else changed acts on everybody alike, and lies in the ranges stated",
)


class RankedStatistic(NamedTuple):
    """One statistic that is not known, and what knowing it would do.

    Attributes
    ----------
    statistic, what : str
        Its name, and what it is in words.
    expected_width : float
        Of the identified set of the log ratio once it is known, over the models that may be true.
    least, most : float
        The width where it narrows most, and where least, over these models.
    together : float
        Expected width once it and all that are ranked before it are known.
    """

    statistic: str
    what: str
    expected_width: float
    least: float
    most: float
    together: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request(Result):
    """Statistics that are not known, ranked by how much each narrows what may be left of a count.

    For a model ``w`` that has the known figures, with programme ratio ``t(w)``, a statistic ``S`` takes the value
    ``S(w)``. Were ``w`` true and ``S`` known, the identified set would be that of the models with nearly the same
    value; its expected width is the mean over all models,

        E(S) = sum_w p(w) [max - min]{log t(w') : |S(w') - S(w)| <= tolerance(w)},

    and today's is ``[max - min]{log t(w)}``. The tolerance is half the unit to which the figure is asked for, and the
    standard errors that sampling leaves between a population's figure and that of so many people. ``p`` weighs kinds of
    rates and lengths of record alike, and within one of them the logs of ratios: it ranks, and is no belief about the
    programme; the least and the most that a statistic narrows are free of it (`narrows`).

    A force may not hold a figure, so that a statistic takes its place by the mean of what it narrows beside those
    before it, and of what it narrows alone: one that tells much of what another tells is asked for too. Of the arrests
    of Sleath & Brown (2017) the rule stays first where a record of two or of four windows, or the rate, weighs three
    times as much; where that of one window does, the people's mean in an earlier window, of which the rule tells, comes
    first. The mean and the size of the source population rule out no model whose rule read a longer record: these have
    the people's means alone, and not the population that their rule would need.

    Parameters
    ----------
    outcome : str
        What is counted.
    n : int
        How many people.
    asked : tuple of RankedStatistic
        From the one that narrows most.
    set_low, set_high : float
        Ends of the programme's ratio today, sampling apart.
    sampling_width : float or None
        Width of the log ratio's interval for sampling, which none of these narrows; None where it is not known, or
        where the range holds it already, the models being those that the figures do not reject.
    lines : mapping of str to Line
        What else may have changed without the programme, with the logs of its ends.
    open_above : bool
        Whether models end at the highest ratio only because the search does.
    level : float
        Of that interval and of what sampling leaves of a statistic.
    one_window : bool
        Whether it is known that the rule read the window before alone.
    notes, assumptions : tuple of str
        What to know, and what the models suppose.
    """

    figure_columns: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("width_now", "expected_width", "width_least", "width_most", "width_together"), "setting"),
        "share_narrowed": "setting",
    }
    free_columns: ClassVar[tuple[str, ...]] = ("rank",)

    outcome: str
    n: int
    asked: tuple[RankedStatistic, ...]
    set_low: float
    set_high: float
    sampling_width: float | None
    lines: Mapping[str, Line]
    open_above: bool
    level: float
    one_window: bool = False
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ASSUMPTIONS

    @property
    def width_now(self) -> float:
        """Width of the identified set of the programme's log ratio today."""
        return log(self.set_high / self.set_low)

    def narrowed(self, asked: RankedStatistic) -> float:
        """Return by which share of today's width a statistic is expected to narrow it."""
        return 1 - asked.expected_width / self.width_now if self.width_now > 0 else 0.0

    def narrows(self, asked: RankedStatistic) -> tuple[float, float]:
        """Return by which share of today's width it narrows it where it narrows least, and where most."""
        if not self.width_now > 0:
            return 0.0, 0.0
        return max(0.0, 1 - asked.most / self.width_now), 1 - asked.least / self.width_now

    @property
    def speaks_to(self) -> tuple[str, ...]:
        """The points of the register on which what is asked for bears."""
        told = {STATISTICS[a.statistic].speaks_to for a in self.asked}
        return tuple(key for key in REGISTER if key in told)

    @property
    def silent_on(self) -> tuple[str, ...]:
        """The points of the register about a count on which no answer would bear."""
        arising = (key for key, point in REGISTER.items() if point.needs in {"", COUNTS})
        return tuple(key for key in arising if key not in self.speaks_to)

    def tidy(self) -> "pd.DataFrame":
        """Return one row a statistic, from the one that narrows most."""
        return table(map(self._row, range(1, len(self.asked) + 1), self.asked), _COLUMNS)

    def _row(self, rank: int, asked: RankedStatistic) -> dict[str, object]:
        return {
            "outcome": self.outcome,
            "statistic": asked.statistic,
            "width_now": self.width_now,
            "expected_width": asked.expected_width,
            "share_narrowed": self.narrowed(asked),
            "rank": rank,
            "width_least": asked.least,
            "width_most": asked.most,
            "width_together": asked.together,
        }

    def summary(self) -> str:
        """Return in one sentence what may be left today, and which answer is expected to narrow it most."""
        more = " or more" if self.open_above else ""
        today = f"{self.outcome}: what may be left is a ratio of {fixed(self.set_low)} to {fixed(self.set_high)}{more}"
        if not self.asked:
            return f"{today}; nothing that is not known here would narrow it."
        first, *others = self.asked
        by = f"{first.what} would narrow that range by {percent(self.narrowed(first))} on average, {self._ends(first)}"
        then = f"; {others[0].what} by {percent(self.narrowed(others[0]))}, {self._ends(others[0])}" if others else ""
        both = f"; both together by {percent(1 - others[0].together / self.width_now)}" if others else ""
        return f"{today}; {by}{then}{both} (on the scale of logarithms)."

    def _ends(self, asked: RankedStatistic) -> str:
        least, most = map(percent, self.narrows(asked))
        return "whatever the answer is" if least == most else f"{least} to {most} by what the answer is"

    def __repr__(self) -> str:
        return f"Request({self.outcome!r}, {[a.statistic for a in self.asked]})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw a bar for each statistic: from what is left of today's width, on average, to all of it."""
        ax = axes.new_axes(height=1.0 + 0.3 * len(self.asked)) if ax is None else ax
        shares = [1 - self.narrowed(a) for a in self.asked]
        rows = np.arange(len(shares))
        ax.barh(rows, [1 - s for s in shares], left=shares, color=axes.BAND, height=0.6)
        ax.plot(shares, rows, "o", color=axes.INK, ms=5)
        ax.set_yticks(rows, [a.what for a in self.asked])
        ax.invert_yaxis()
        if self.sampling_width is not None and self.width_now > 0:
            axes.mark(ax, x=min(1.0, self.sampling_width / self.width_now), text="sampling alone")
        ax.set_xlim(0, 1.02)
        ax.xaxis.set_major_formatter(lambda x, _: percent(x))
        ax.set_xlabel("width of what may be left, once known, of today’s (on average)")
        return ax


_COLUMNS = (
    "outcome",
    "statistic",
    "width_now",
    "expected_width",
    "share_narrowed",
    "rank",
    "width_least",
    "width_most",
    "width_together",
)
