"""What to ask a force for: unprinted statistics, ranked by how much each is expected to narrow what may be left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import exp, log
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from iom_causal.analysis.sensitivity.requested_models import RECORDS, Line, Models, models_of
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS, noise_of
from iom_causal.base import axes
from iom_causal.base.formats import fixed, percent
from iom_causal.base.result import Result, table
from iom_causal.base.specs import FrozenMap, check_level
from iom_causal.beliefs import Range
from iom_causal.confounds.ageing import Ageing
from iom_causal.confounds.register import COUNTS, REGISTER
from iom_causal.errors import InputError, SpecError
from iom_causal.moments import Moments
from iom_causal.null.observed import Observed, by_rule, observe, require_on_count
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.ratios import robust_from_moments, t_limits
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy
from iom_causal.roles import require_panel

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BACKGROUND = Range(0.9, 1.0)
"""After over before without the programme, selection apart: ageing and trend of 10% down to none."""
AT_LIBERTY = Range(0.9, 1.1)
"""Time at liberty, after over before: a judgement."""
STILL_THERE = Range(0.95, 1.0)
"""Share of the people who were where the force records them until the end: a judgement."""
COURSE = Range(0.78, 1.0)
"""Mean in an earlier window over what it is where rates are stationary: between a cohort of 378 people without a
programme, whose people also started late or stopped (Toronto, two-year windows), and none of that."""
AGES, AGE_SD = (25.0, 35.0), 8.0
"""Mean ages between which managed people lie where none is printed, and the SD."""
OFFSETS = (-1.5, 3.0)
"""Years from a recorded age that is not that at entry to the one at the index date."""
GUESSES: Mapping[str, tuple[float, ...]] = FrozenMap(
    {"r": (0.2, 0.4, 0.6), "sd_pre": (0.5, 0.8), "sd_post": (0.7, 1.2)}
)
"""Values tried where a figure is not printed: correlations, and SDs over means."""
TOLD = FrozenMap({"r": "correlation", "sd_pre": "sd_before", "sd_post": "sd_after"})
OF_PEOPLE = ("correlation", "sd_before", "sd_after", "none_before", "none_after", "many_before", "many_after")
"""Statistics that a file of people holds."""
OF_LIST = ("pool_mean", "pool_size", "list_after")
"""Statistics that people who were not managed give."""
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
    first.

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


def what_to_ask(
    data: PublishedStudy | Moments | Panel,
    *,
    outcome: str | None = None,
    background_ratio: Range = BACKGROUND,
    at_liberty_ratio: Range = AT_LIBERTY,
    still_there: Range = STILL_THERE,
    course_ratio: Range = COURSE,
    level: float = LEVEL,
) -> Request:
    """Rank the statistics that are not known by the expected width of the programme's ratio once each is.

    The models are those of `null_calibration`, which have the known figures exactly or within sampling error whatever
    the programme did, beside others in which the rule read a longer record, or the rate itself (`Request` has the
    formula). They differ in the kind of rates, in the source population and in the programme's ratio; what else may
    have changed for everybody is a range each. A figure that is printed is not asked for; where the correlation or an
    SD is not printed, models are found for several values of it. It is right as far as one of these models is, and
    answers for the statistics of one desk: a comparison group tells more than any of them (`designs_for`).

    What a statistic narrows depends on the answer as much as on the law of rates, and the order is an average over
    answers. In 80 cohorts each from pools with gamma, lognormal, inverse-Gaussian and two-point rates that drift, from
    which people were picked in equal parts on one, two or four windows or on the rate, the rule narrowed the range by
    32, 31, 31 and 30% on average, where 32, 32, 32 and 28% were expected: by 29 to 46% where one window was read, by 33
    to 41% where two or four were, by 2 to 19% where the rate was. What was left held the true ratio in all of 40
    cohorts of three of these laws. The mean in an earlier window narrowed the range by 22 to 26%: by 34 to 48% where
    one window was read, which is more than the rule did, and by 8 to 39% otherwise. The source population's mean
    narrowed it by 5 to 16%, and 14 to 18% were expected. Where a longer record was read no model had that mean in 60 to
    85% of cohorts: models of such rules are given the population that a rule on one window would need.

    Parameters
    ----------
    data : PublishedStudy, Moments or Panel
        The selected people; a count in two windows.
    outcome : str, optional
        Which outcome of a published study; by default its first count.
    background_ratio : Range
        After over before for everybody without the programme, selection apart.
    at_liberty_ratio : Range
        Time at liberty, after over before; left out where a panel has each person's days. With it the remainder
        speaks of the rate while free.
    still_there : Range
        Share of the people who were where the force records them until the end.
    course_ratio : Range
        Mean of the people in an earlier window over what it is where rates are stationary.
    level : float
        Of intervals, and of what sampling leaves of a statistic.

    Returns
    -------
    Request
        With `tidy()`, `summary()` and `plot()`.

    Raises
    ------
    InputError
        IOM-E066 when the outcome is not a count, IOM-E067 when a mean is not reported, IOM-E048 when people were
        selected on something else, IOM-E047 on a panel with replicates.
    NotIdentifiedError
        IOM-E068 when the rate did not fall, or no model has these figures.
    SpecError
        IOM-E092 for a setting outside its bounds.

    References
    ----------
    Raiffa & Schlaifer (1961), Applied Statistical Decision Theory, on the expected value of information; Gardner &
    Heady (1973), J Chron Dis 26, 781-795, on regression after several measurements.

    Examples
    --------
    >>> m = Moments.from_summary(n=225, mean_pre=6.84, sd_pre=4.75, mean_post=3.61, sd_post=3.66, t=11.64)
    >>> what_to_ask(m).asked[0].statistic
    'rule'
    """
    check_level(level)
    stated = {
        "background": background_ratio,
        "time at liberty": at_liberty_ratio,
        "people still there": still_there,
        "course": course_ratio,
    }
    for name, ratio in stated.items():
        if not isinstance(ratio, Range) or not ratio.low > 0:
            raise SpecError("IOM-E092", f"what_to_ask, {name}: expected a Range of ratios above 0, got {ratio!r}")
    known = read(data, outcome)
    return request_of(known, stated, level)


class Known(NamedTuple):
    """What is known of the people.

    Attributes
    ----------
    tables : tuple of Observed
        One where the figures are complete, else one for each way in which they may be.
    statistics : frozenset of str
        Those that are known.
    records : tuple of float
        Lengths of the record that the rule may have read.
    ageing : Line or None
        By how much ageing may differ from its middle, where the ages at entry are not known.
    """

    tables: tuple[Observed, ...]
    statistics: frozenset[str]
    records: tuple[float, ...] = RECORDS
    ageing: Line | None = None


def read(data: PublishedStudy | Moments | Panel, outcome: str | None = None) -> Known:
    """Read which figures are known of a study, reported moments or people, and complete them where some are not."""
    if isinstance(data, PublishedStudy):
        counts = [o.name for o in data.outcomes if o.kind == "count"]
        if outcome is None and not counts:
            raise InputError("IOM-E066", "expected a count among the printed outcomes, got none")
        moments, at_entry = data[outcome or counts[0]], not data.sample.age_at
        return _by_rule(_of_print(moments, at_entry=at_entry), data, moments)
    if isinstance(data, Moments):
        return _of_print(data, at_entry=True)
    require_panel(data, "what_to_ask", or_moments=True)
    return _of_people(data)


def _by_rule(known: Known, study: PublishedStudy, moments: Moments) -> Known:
    """Return what is known of a print that states its rule: that, and by it the record that was read and the cut."""
    rule = study.rule
    if rule is None:
        return known
    require_on_count(rule, moments.name)
    before = moments.windows[0]
    records = (1.0,) if rule.windows == (before.label,) else RECORDS
    tables = known.tables if len(known.tables) > 1 else tuple(by_rule(table, study) for table in known.tables)
    return known._replace(tables=tables, statistics=known.statistics | {"rule"}, records=records)


def _of_people(panel: Panel) -> Known:
    observed = observe(panel)
    there = set(OF_PEOPLE)
    days = panel.managed.exposure
    if days is not None and bool((days != days.reshape(-1, days.shape[-1])[0]).any()):
        there.add("custody_days")
    if bool(panel.rest.any()):
        there.update(OF_LIST)
    if panel.selection is not None:
        there.add("rule")
    if panel.age is not None:
        there.add("age_at_entry")
    ageing = None if panel.age is not None else _of_unknown_ages(panel.prepost().moments())
    return Known((observed,), frozenset(there), RECORDS if panel.selection is None else (1.0,), ageing)


def _of_print(m: Moments, *, at_entry: bool) -> Known:
    before, after = m.require("mean_pre", "mean_post", purpose="what to ask")
    absent = [name for name in GUESSES if getattr(m, name) is None]
    there = {TOLD[name] for name in GUESSES if name not in absent}
    if m.range_pre is not None and m.range_pre[0] > 0:
        there.add("none_before")
    if m.range_post is not None and m.range_post[0] > 0:
        there.add("none_after")
    ageing = _of_unknown_ages(m) if m.age_mean is None or m.age_sd is None else None if at_entry else _of_other_ages(m)
    if ageing is None:
        there.add("age_at_entry")
    scale = {"r": 1.0, "sd_pre": before, "sd_post": after}
    tried = product(*([scale[name] * value for value in GUESSES[name]] for name in absent))
    tables = tuple(observe(_completed(m, dict(zip(absent, values, strict=True)))) for values in tried)
    return Known(tables, frozenset(there), ageing=ageing)


def _completed(m: Moments, values: Mapping[str, float]) -> Moments:
    """Return moments with values in place of what is not printed."""
    figures = {name: values.get(name, getattr(m, name)) for name in GUESSES}
    return replace(m, r=figures["r"], sd_pre=figures["sd_pre"], sd_post=figures["sd_post"])


def _of_unknown_ages(m: Moments) -> Line | None:
    """Return how far ageing may be from its middle where no ages are printed; None without dates of the windows."""
    return _of_ageing([replace(m, age_mean=age, age_sd=AGE_SD, age_range=None) for age in AGES], (0.0,))


def _of_other_ages(m: Moments) -> Line | None:
    """Return the same where the ages are those at another time than entry."""
    return _of_ageing([m], OFFSETS)


def _of_ageing(tables: Sequence[Moments], offsets: Sequence[float]) -> Line | None:
    if any(m.exposure is None for m in tables):
        return None
    curve = Ageing()
    theta = {"strength": 1.0, "between": 0.0}
    shifts = [float(np.asarray(curve.shift(m, theta | {"age_offset": at}))) for m in tables for at in offsets]
    half = (max(shifts) - min(shifts)) / 2
    return Line(-half, half)


def request_of(known: Known, stated: Mapping[str, Range], level: float = LEVEL) -> Request:
    """Return the request of what is known, with ranges stated for what else may have changed.

    Parameters
    ----------
    known : Known
        Of the people.
    stated : mapping of str to Range
        Of ``background``, ``time at liberty``, ``people still there`` and ``course``.
    level : float
        As in `what_to_ask`.
    """
    lines = {name: _line(ratio) for name, ratio in stated.items() if name != "course"}
    if "custody_days" in known.statistics:
        del lines["time at liberty"]
    if known.ageing is not None:
        lines["age"] = known.ageing
    models = models_of(
        known.tables,
        lines,
        records=known.records,
        course=_line(stated["course"]).width,
        noise=noise_of(level),
        level=level,
    )
    low, high = models.ends
    first = known.tables[0]
    return Request(
        outcome=first.name,
        n=first.n,
        asked=tuple(ranked(models, known.statistics)),
        set_low=exp(low),
        set_high=exp(high),
        sampling_width=_sampling(first, level) if models.exact and len(known.tables) == 1 else None,
        lines=FrozenMap(lines),
        open_above=first.cut is None and 1.0 in known.records,
        level=level,
        notes=tuple(dict.fromkeys(note for t in known.tables for note in t.notes)),
    )


def _line(ratio: Range) -> Line:
    return Line(log(ratio.low), log(ratio.high))


def ranked(models: Models, known: frozenset[str]) -> Iterator[RankedStatistic]:
    """Yield the statistics that narrow anything, from the one that narrows most.

    Whether those before it are answered is not known: a statistic takes its place by the mean of what it narrows beside
    them and of what it narrows alone. So one that tells what another tells is asked for too, below it.

    Parameters
    ----------
    models : Models
        Those that may be true.
    known : frozenset of str
        Names of the statistics that need not be asked for.
    """
    left = [s for s in STATISTICS.values() if s.name not in known and s.line in {"", *models.lines}]
    alone = {s.name: models.expected((s.name,)) for s in left}
    before: list[str] = []
    width = now = models.expected(())
    while left:
        beside = {s.name: models.expected((*before, s.name)) for s in left}
        gain = {name: (width - beside[name] + now - alone[name]) / 2 for name in beside}
        best = max(left, key=lambda s: gain[s.name])
        if gain[best.name] < LEAST * now:
            return
        width = beside[best.name]
        each = models.widths((best.name,))
        yield RankedStatistic(best.name, best.what, alone[best.name], float(each.min()), float(each.max()), width)
        left.remove(best)
        before.append(best.name)


LEAST = 0.01
"""Share of today's width by which a statistic has to narrow it, alone and beside those before it on average, to be
asked for."""


def _sampling(observed: Observed, level: float) -> float:
    """Return the width of the interval of the log ratio after over before."""
    m = observed.moments
    figures = (observed.n, m.mean_pre, m.mean_post, m.mean_post - m.mean_pre, m.sd_pre, m.sd_post, np.nan, m.r)
    low, high = t_limits(robust_from_moments(PairedMoments(*map(np.asarray, figures))), level)
    return float(np.log(high / low))
