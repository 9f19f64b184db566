"""Secular trend: the change of an outside index over the same windows."""

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice, refuse_data
from iom_causal.beliefs import Belief
from iom_causal.beliefs.theta import EXPONENT, RATIO, SHARE_BELOW_ONE, Theta, check_beliefs
from iom_causal.confounds.units import EVENTS, PROPORTION, as_line
from iom_causal.errors import SpecError
from iom_causal.inputs.calendar import both_windows, calendar, index_dates
from iom_causal.inputs.weighting import rates, weights
from iom_causal.moments import Moments
from iom_causal.numerics.adjustment.calendar import mean_level, without_the_cohort
from iom_causal.panel import Panel
from iom_causal.roles import Confound, InLedger
from iom_causal.windows import Window, month_grid
from iom_causal.world import Mechanism

type Floats = NDArray[np.float64]


class Row(NamedTuple):
    """The level of a series over a spell, with its source; the end is not included."""

    start: dt.date
    end: dt.date
    level: float
    source: str


@dataclass(frozen=True, kw_only=True)
class History(Confound):
    """Expected log change of events from a secular trend, read from an outside series or stated.

    What is estimated is ``elasticity * log(I' * local)``, where I is the ratio of an outside index, after
    over before, over the two windows; ``I' = (I - q R) / (1 - q)`` takes out the cohort itself, which makes up
    a share q of the index before and changed by the observed ratio R; and `local` is the area's own change
    over that of the index. In England and Wales arrests fell by 9%, 12% and 3% in successive years from
    2010/11: for windows of 18 months either side of May 2012 the ratio is .85. Recorded crime fell less,
    to .92: half of that fall in arrests was not a fall in crime, so the series must be of the same kind
    as the outcome. Use the area's own series where there is one.

    Assumptions: without the programme these people's rate would have changed by the same factor as the
    index, or by its `elasticity`-th power; nothing else happened to them at the same time (History is not
    a comparison group, and says nothing of shocks that touch this cohort alone).

    For a score a stated `ratio` is that of the score itself among comparable people, and acts in proportion: the same
    share of the mean before, in points. The series that ship count events, and are refused.

    What stays unidentified: whether this cohort follows the national trend. A comparison cohort selected by
    the same rule would tell; where one exists, use it in place of this line.

    Parameters
    ----------
    ratio : belief, optional
        The index after over before; above 0. Give this or `series`.
    series : str, optional
        A series that ships, in `series_names()`; needs calendar dates.
    elasticity : belief
        How many per cent the cohort's rate follows when the index changes by one.
    contamination : belief
        The cohort's share of the index before, from 0 to below 1.
    local : belief
        The area's change over that of the index; above 0.
    index_date : date, optional
        The day that windows are counted from, where the data do not say it; only with `series`.

    Raises
    ------
    SpecError
        IOM-E096 without ratio and series or with both, IOM-E092 and IOM-E093 for settings outside bounds.
    InputError
        From `shift`: IOM-E048 when dates are absent or the series does not cover the windows.

    References
    ----------
    Home Office, Police Powers and Procedures, England and Wales, 2011/12, 2012/13 and year ending 31 March
    2014, on arrests and on recorded crime. Every row of the table names its source.

    Examples
    --------
    >>> windows = (Window("before", -547, 0), Window("after", 0, 549, post=True))
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, mean_post=3.61, windows=windows)
    >>> national = History(series="arrests-england-wales", index_date=dt.date(2012, 5, 1))
    >>> theta = {"elasticity": 1.0, "contamination": 0.0, "local": 1.0}
    >>> round(float(np.exp(national.shift(m, theta))), 2)
    0.85
    """

    ratio: Belief | None = None
    series: str | None = None
    elasticity: Belief = 1.0
    contamination: Belief = 0.0
    local: Belief = 1.0
    index_date: dt.date | None = None

    ids: ClassVar[tuple[str, ...]] = ("c01", "c02")
    line: ClassVar[str] = "history"
    reference: ClassVar[str] = "Shadish, Cook & Campbell (2002); national series with their sources in the table"
    assumption_left_out: ClassVar[str] = "nothing else changed over the same time"
    of_counts: ClassVar[InLedger] = InLedger(
        assumed=True, tipped=("elasticity",), to_state="how such figures moved for everybody"
    )
    of_scores: ClassVar[InLedger] = InLedger(assumed=True)

    def __post_init__(self) -> None:
        refuse_data(self)
        if (self.ratio is None) == (self.series is None):
            raise SpecError("IOM-E096", "History: give either ratio, such as History(ratio=0.85), or series")
        if self.series is not None:
            check_choice(self.series, series_names(), "History series")
        bounds = {"ratio": RATIO, "elasticity": EXPONENT, "contamination": SHARE_BELOW_ONE, "local": RATIO}
        check_beliefs(self, bounds)

    @property
    def acts(self) -> str:
        """In proportion for a stated ratio; a series that ships is about events."""
        return EVENTS if self.ratio is None else PROPORTION

    @as_line
    def shift(self, data: Panel | Moments, theta: Theta) -> float | NDArray[np.float64]:
        """Return the log change that the index gives for these windows."""
        index = theta["ratio"] if self.series is None else self._from_series(data)
        if np.any(theta["contamination"]):
            before, after = rates(data, "History contamination")
            index = without_the_cohort(index, theta["contamination"], after / before)
        return np.asarray(theta["elasticity"] * (np.log(index) + np.log(theta["local"])))

    def _from_series(self, data: Panel | Moments) -> Floats:
        first, second = both_windows(data)
        dates = index_dates(data, self.index_date, "History")
        ratios = np.array([_window_ratio(str(self.series), first, second, date) for date in dates])
        if len(ratios) == 1 or isinstance(data, Moments):
            return np.asarray(ratios[0])
        weight = weights(data.managed)
        return np.asarray((weight @ ratios) / weight.sum(-1))

    def mechanism(self, windows: tuple[Window, ...], theta: Theta) -> Mechanism:
        """Multiply everybody's rate after the index date by one factor; the cohort's own share plays no part.

        From a series without an index date it is neutral.
        """
        after = month_grid(windows).post
        if self.series is not None and self.index_date is None:
            return Mechanism()
        index = theta["ratio"] if self.series is None else _outer_ratio(self.series, windows, self.index_date)
        factor = (index * theta["local"]) ** theta["elasticity"]
        return Mechanism(hazard=np.where(after, float(factor), 1.0))

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return the identifying assumption of the line, in the words of a sentence."""
        del theta
        source = "the stated index" if self.series is None else f"the series “{self.series}”"
        return (
            f"these people’s {data.name} would have followed {source} over the two windows, and no shock touched this "
            "cohort alone"
        )


def series_names() -> tuple[str, ...]:
    """Return the names of the series that ship.

    Examples
    --------
    >>> series_names()
    ('arrests-england-wales', 'recorded-crime-england-wales')
    """
    return tuple(_all_series())


@cache
def _all_series() -> dict[str, tuple[Row, ...]]:
    # The first line of every table says where its figures come from.
    text = (files("iom_causal.confounds") / "tables" / "national_series.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[Row, ...]] = {}
    for row in csv.DictReader(text.splitlines()[1:]):
        start, end = (dt.date.fromisoformat(row[key]) for key in ("start", "end"))
        found[row["series"]] = (*found.get(row["series"], ()), Row(start, end, float(row["level"]), row["source"]))
    return found


@cache
def _window_ratio(name: str, before: Window, after: Window, index_date: dt.date) -> float:
    spells = [row[:3] for row in _all_series()[name]]
    first, second = (mean_level(spells, *calendar(window, index_date, "History")) for window in (before, after))
    return second / first


def _outer_ratio(name: str, windows: tuple[Window, ...], index_date: dt.date | None) -> float:
    if index_date is None:
        raise SpecError("IOM-E096", "History: a series needs index_date")
    return _window_ratio(name, windows[0], windows[-1], index_date)
