"""What to ask a force for: unprinted statistics, ranked by how much each is expected to narrow what may be left."""

from collections.abc import Iterator, Mapping
from math import exp, log

import numpy as np

from iom_causal.analysis.sensitivity.requested_known import Known, read
from iom_causal.analysis.sensitivity.requested_models import Line, Models, models_of
from iom_causal.analysis.sensitivity.requested_result import RankedStatistic, Request
from iom_causal.analysis.sensitivity.requested_statistics import STATISTICS, noise_of
from iom_causal.base.specs import FrozenMap, check_level
from iom_causal.beliefs import Range
from iom_causal.errors import SpecError
from iom_causal.inputs.arguments import checked
from iom_causal.moments import Moments
from iom_causal.null.observed import Observed
from iom_causal.numerics import LEVEL
from iom_causal.numerics.inference.paired_moments import PairedMoments
from iom_causal.numerics.inference.ratios import robust_from_moments, t_limits
from iom_causal.panel import Panel
from iom_causal.published.study import PublishedStudy

BACKGROUND = Range(0.9, 1.0)
"""After over before without the programme, selection apart: ageing and trend of 10% down to none."""
AT_LIBERTY = Range(0.9, 1.1)
"""Time at liberty, after over before: a judgement."""
STILL_THERE = Range(0.95, 1.0)
"""Share of the people who were where the force records them until the end: a judgement."""
COURSE = Range(0.78, 1.0)
"""Mean in an earlier window over what it is where rates are stationary: between a cohort of 378 people without a
programme, whose people also started late or stopped (Toronto, two-year windows), and none of that."""


@checked
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
    narrowed it by 12, 15, 13 and 5%, where 11, 12, 12 and 4% were expected, its size by 12, 12, 13 and 4%: figures of
    the population rule out no model of a longer record, which may leave more of the range than need be.

    Parameters
    ----------
    data : PublishedStudy, Moments or Panel
        The selected people; a count in two windows.
    outcome : str, optional
        Which outcome of a published study; by default its first count. Of anything else it is its own.
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
        IOM-E060 for fewer than two people, IOM-E066 when the outcome is not a count, IOM-E067 when a mean is not
        reported, IOM-E048 when people were selected on something else, IOM-E047 on a panel with replicates.
    NotIdentifiedError
        IOM-E068 when the rate did not fall, or no model has these figures.
    SpecError
        IOM-E092 for a setting outside its bounds, IOM-E093 for an outcome that is not there.

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
    if still_there.high > 1:
        raise SpecError(
            "IOM-E092", f"what_to_ask, people still there: expected a share of at most 1, got {still_there!r}"
        )
    known = read(data, outcome)
    return request_of(known, stated, level)


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
        one_window=known.records == (1.0,),
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
