"""Placebo in time: the same selection rule at every earlier date, and where the real change lies among what it met."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from iom_causal.base.formats import counted
from iom_causal.errors import DegenerateDataError, InputError, NotIdentifiedError, SpecError, echo
from iom_causal.inputs.arguments import checked
from iom_causal.inputs.comparison import source_population
from iom_causal.inputs.earlier_dates import UNEVEN, EarlierDate, earlier_dates, window_lengths
from iom_causal.inputs.sample import ADDING, left_out, set_aside
from iom_causal.inputs.selected import rule_of, windows_read
from iom_causal.inputs.weighting import weights
from iom_causal.numerics import LEVEL
from iom_causal.numerics.sensitivity.placebo_dates import (
    Change,
    at_last_level,
    change_at,
    detectable_change,
    predict_change,
    series_change,
    shared_time,
    top_share,
)
from iom_causal.panel import Panel
from iom_causal.panel.parts import check_common_start
from iom_causal.roles import require_panel
from iom_causal.sensitivity.placebo_result import PEOPLE, SELECTED, SERIES, DatedChange, PlaceboDates
from iom_causal.windows import YEAR, Selection

type Floats = NDArray[np.float64]

LEAST_DATES = 3
"""The fewest earlier dates: of two the difference alone tells how dates vary."""
LEAST_PICKED = 10
"""The fewest people at a date: of fewer the log ratio is far from normal."""
BETWEEN = 0.1
"""Scale of the prior of the SD of log ratios between dates."""
POWER = 0.8
"""Probability with which a fall that is called detectable is seen."""

SELECTED_ALONE = (
    (
        "everybody here is managed: whom the same rule would have picked earlier is not among them, and their own "
        "earlier dates show the rise towards the high point at which they were picked, not what follows one"
    ),
    (
        "add those who were not picked (group=, or SourcePopulation.beside); where nobody was picked because of high "
        "or low numbers, and these are all people of a force or an area, say whole=True"
    ),
)
BY_RATE = (
    "people were picked on the rate behind their counts, so that nothing tells whom the same rule would have picked "
    "earlier"
)
LATE = "the rule may have read the window after, which no earlier date before the programme has"
RISEN, STEEP = 1.1, 1.25
"""Rise of everybody's events at the last earlier date, over that at the others, from which on a note says so, and from
which on the managed are taken to be there out of proportion."""
OUT_OF_PROPORTION = (
    "at the last earlier date the events of everybody here rose, by more than a quarter beyond earlier dates, as they "
    "do where only a part of those are here from whom people were picked; earlier dates then do not show what follows "
    "being picked now"
)
RISING = (
    "At the last earlier date the events of everybody rose, by more than a tenth beyond earlier dates: if only a part "
    "of those are here from whom people were picked, earlier dates show too small a fall."
)
SEASONS = "The time before or after is no whole number of years, so that dates differ in their seasons."
PICKED = (
    "At the last earlier date the events rose, by more than a tenth beyond earlier dates, as those of whoever is "
    "picked at a high point do: if these were, their earlier dates do not show what follows."
)
PICKED_AFTER_ALL = (
    "at the last earlier date the events of these people rose, by more than a quarter beyond earlier dates, as those "
    "of people do who are picked at a high point; their earlier dates then do not show what follows"
)
NEAR_A_YEAR = 0.02
"""Of a year, up to which a time counts as whole years."""


@checked
def placebo_dates(
    panel: Panel,
    *,
    selection: Selection | None = None,
    whole: bool = False,
    between: float = BETWEEN,
    level: float = LEVEL,
    power: float = POWER,
) -> PlaceboDates:
    """Predictive interval of a change without a programme, from the same rule at every earlier date (placebo in time).

    At every earlier date that has room the rule is applied to everybody in the source population, managed later or
    not, over as much time before and after as at the real date, and the log ratio of the rates of those whom it
    selects is worked out. Without a programme the real change is one more of these: about their mean, with variation
    between dates and the sampling of people. Dates share people, whose influence on several dates gives the joint
    sampling covariance; and dates share time, in which rates wander (`numerics.sensitivity.placebo_dates`).

    It holds regression to the mean, and ageing, stopping and trend as they went on at the earlier dates. It is right
    where everybody is on the panel from whom people were selected, and where the earlier dates are like the real one
    but for the programme. People were younger then, so that ageing which differs from date to date stays in, and a
    shock at the real date is part of what remains.

    Parameters
    ----------
    panel : Panel
        Of counts or amounts, with several windows before; with those who were not managed, unless `whole`.
    selection : Selection, optional
        The rule, on the windows directly before; by default the panel's. Of a rule with a probability everybody enters
        with it; places go to the highest.
    whole : bool
        Whether the managed were not selected by their numbers at all: everybody of a force or an area. The change at
        each earlier date is then that of the whole, over as much time before as after. A panel of one managed row
        without a rule is taken so, and its totals vary as Poisson at least.
    between : float
        Scale of the half-normal prior of the SD of log ratios between dates, over and above sampling: below it with a
        probability of .68, below twice it with .95.
    level : float
        Of the intervals.
    power : float
        The probability with which the smallest detectable fall is seen.

    Raises
    ------
    InputError
        IOM-E035, IOM-E066 or IOM-E047 for what is no panel of counts or amounts without replicates and with one start;
        IOM-E048 for a rule that is not known or read something else, or with fewer than 3 earlier dates of at least
        10 people each; IOM-E060 with fewer than 10 managed people; IOM-E034 for a series with a window missing.
    NotIdentifiedError
        IOM-E068 for a selected group alone, for people selected on the rate behind their counts or on what followed,
        and where everybody's events rose steeply at the last earlier date.
    DegenerateDataError
        IOM-E064 where nothing was recorded before or after a date.
    SpecError
        IOM-E092 for settings outside their bounds.

    Notes
    -----
    In simulated pools of 1,200 people without a programme (rates gamma that last, lognormal that drift, or a mixture
    with 8% a year who stop; 6 earlier dates; 1,000 pools of each kind) the real change lies outside the 95% interval

    * in 5.0, 5.1 and 5.1% where everybody's rates wander between dates as the prior says (2 to 3% are refused);
    * in 0.7, 1.2 and 1.0% where nothing moves all, and in 6.7, 5.6 and 4.9% where the SD between dates is .1;
    * in 11 to 12% at an SD of .2, twice the scale, where it is not refused (15 to 16%): state the scale that is likely.

    A fall that is called detectable with a probability of 80% was flagged as often in 400 pools each of the first two
    kinds, and in 71% of those with people who stop, of whom the allowance for everybody's level expects .03 too low a
    log ratio.

    Where everybody's rates fall by a tenth a year, a cut of 6 picks people further out every year: the change is .11 of
    the log ratio below those at earlier dates. That is allowed for (`at_last_level`): of 200 such pools with rates that
    last 1.5% lie outside, without the allowance 11%.

    National arrests of England and Wales (`confounds/tables/national_series.csv`) changed by an SD of .05 between
    years. On a real cohort without a programme, 378 young men of Toronto, with every birthday from the 23rd to the 30th
    as the real date and thresholds of 1 to 5 contacts, 2 of 40 real changes lie outside, and 1 by day at risk; all were
    falls of more than a fifth. With a history from age 12 on, when careers began, 9 of 63 do, and 14 by day at risk:
    dates from another part of life are no placebo.

    Where half of those who were not picked are missing from the panel, earlier dates show too small a fall, by .05 to
    .09 of the log ratio, and by .10 to .19 where three quarters are: a rise of everybody's events at the last earlier
    date gives it away only in part.

    Examples
    --------
    >>> from iom_causal.windows import Window
    >>> rng = np.random.default_rng(1)
    >>> counts = rng.poisson(rng.gamma(0.8, 2.0, (3000, 1)), (3000, 7))
    >>> windows = [Window(f"{k}", 365 * k, 365 * (k + 1), post=k >= 0) for k in range(-6, 1)]
    >>> start = np.ma.MaskedArray(np.full(3000, 6), mask=counts[:, 5] < 5)
    >>> rule = Selection("arrests", ("-1",), "at_least", "at_boundary", threshold=5)
    >>> found = placebo_dates(
    ...     Panel.from_arrays(counts, windows=windows, start=start, selection=rule, name="arrests")
    ... )
    >>> len(found.dates), round(found.expected, 2), found.outside
    (5, 0.74, False)
    """
    require_panel(panel, "placebo_dates")
    _check(panel, between=between, level=level, power=power)
    read = _read(panel, selection, whole=whole)
    log_ratio = np.array([float(c.log_ratio) for c in read.changes])
    influence = np.stack([c.influence for c in read.changes], axis=-1)
    sampling = np.einsum("n,nk,nl->kl", read.weight, influence, influence)  # without BLAS, for its bytes
    at_level = at_last_level(log_ratio, sampling, read.levels) if read.of == SELECTED else (log_ratio, sampling)
    predicted = predict_change(at_level[0][:-1], at_level[1], read.shape, between=between)
    below, above = float(predicted.below(log_ratio[-1])), float(predicted.above(log_ratio[-1]))
    low, middle, high = (predicted.quantile(p) for p in ((1 - level) / 2, 0.5, (1 + level) / 2))
    dated = read.dated(np.sqrt(np.diag(sampling)), level)
    return PlaceboDates(
        outcome=panel.name,
        of=read.of,
        dates=dated[:-1],
        real=dated[-1],
        expected=float(np.exp(middle)),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        p_value=min(1.0, 2 * min(below, above)),
        p_lower=below,
        detectable=float(np.exp(detectable_change(predicted, level=level, power=power))),
        power=power,
        between=float(predicted.weight @ predicted.between),
        prior=between,
        level=level,
        notes=read.notes,
    )


def _check(panel: Panel, *, between: float, level: float, power: float) -> None:
    if panel.kind not in ADDING:
        raise InputError("IOM-E066", f"{panel.name}: expected a count or an amount, got a {panel.kind}")
    if panel.replicates is not None:
        raise InputError("IOM-E047", "placebo_dates: this panel has replicates; take one with replicate(k)")
    check_common_start(panel)
    if not 0 < level < 1:
        raise SpecError("IOM-E092", f"level: expected more than 0 and less than 1, got {echo(level)}")
    if not 1 - level < power < 1:
        raise SpecError("IOM-E092", f"power: expected more than 1 - level and less than 1, got {echo(power)}")
    if not 0 < between < np.inf:
        raise SpecError("IOM-E092", f"between: expected an SD above 0, on the log scale, got {echo(between)}")


class _Reading(NamedTuple):
    """Changes at every date, the real one last, and what they share.

    Attributes
    ----------
    panel : Panel
        Of everybody who enters.
    of : str
        As in `PlaceboDates`.
    dates : tuple of EarlierDate
        The earlier dates, and the real one.
    changes : tuple of Change
        At each of them.
    weight : ndarray
        (n,) people whom a row of the influences stands for; ones, of the windows of a series.
    notes : tuple of str
        What a reader should know.
    """

    panel: Panel
    of: str
    dates: tuple[EarlierDate, ...]
    changes: tuple[Change, ...]
    weight: Floats
    notes: tuple[str, ...]

    @property
    def shape(self) -> Floats:
        """Shape of the covariance between dates, from where they lie in time."""
        length = _lengths(self.panel)
        edges = np.concatenate([[0.0], length.cumsum()])
        real = self.dates[-1]
        return shared_time(edges[[d.place for d in self.dates]], length[real.read].sum(), length[real.after].sum())

    @property
    def levels(self) -> Floats:
        """Log of everybody's rate in the windows read, at each date."""
        return np.array([_rates(self.panel, date)[0] for date in self.dates])

    def dated(self, errors: Floats, level: float) -> tuple[DatedChange, ...]:
        """Return the change at each date with its interval."""
        half = float(ndtri((1 + level) / 2))
        return tuple(
            DatedChange(
                label=self.panel.windows[date.place].label,
                days=self.panel.windows[date.place].start,
                people=float(change.people),
                ratio=float(np.exp(change.log_ratio)),
                std_error=float(error),
                low=float(np.exp(change.log_ratio - half * error)),
                high=float(np.exp(change.log_ratio + half * error)),
            )
            for date, change, error in zip(self.dates, self.changes, errors, strict=True)
        )


def _read(panel: Panel, selection: Selection | None, *, whole: bool) -> _Reading:
    post = np.array([window.post for window in panel.windows])
    rule = panel.selection if selection is None else selection
    if whole and rule is not None:
        raise SpecError(
            "IOM-E092", "whole: a rule picked these people, so that they are no whole; leave out one of both"
        )
    if whole or (panel.n == 1 and rule is None):
        mine = panel.managed
        return _reading(mine, None, _as_long_before(mine, post), post, set_aside(panel.n - mine.n))
    if panel.group.all():
        raise NotIdentifiedError("IOM-E068", *SELECTED_ALONE)
    rule = rule_of(selection, panel)
    if rule.rule == "rate":
        raise NotIdentifiedError("IOM-E068", BY_RATE)
    if rule.timing in ("within_post", "unknown"):
        raise NotIdentifiedError("IOM-E068", LATE)
    everybody = source_population(panel)
    return _reading(everybody, rule, windows_read(everybody, rule, post), post)


def _reading(
    panel: Panel,
    rule: Selection | None,
    before: NDArray[np.bool_],
    post: NDArray[np.bool_],
    notes: tuple[str, ...] = (),
) -> _Reading:
    of = SELECTED if rule is not None else SERIES if panel.n == 1 else PEOPLE
    if of == SERIES and panel.kind != "count":
        raise InputError(
            "IOM-E066", f"{panel.name}: of one series expected counts, whose chance is known, got a {panel.kind}"
        )
    if of == SERIES and np.isnan(panel.outcome).any():
        raise InputError("IOM-E034", f"{panel.name}: a window of the series is missing; leave out the windows up to it")
    real = EarlierDate(int((~post).sum()), np.flatnonzero(before), np.flatnonzero(post))
    found = [(date, _change(panel, rule, date)) for date in earlier_dates(panel, before, post)]
    kept = [(date, change) for date, change in found if of == SERIES or change.people >= LEAST_PICKED]
    if len(kept) < LEAST_DATES:
        raise InputError(
            "IOM-E048",
            f"{panel.name}: expected at least {LEAST_DATES} earlier dates with as much time before and after as at the "
            f"real one and at least {LEAST_PICKED} people picked, got {len(kept)}: fewer do not tell how much dates "
            "vary; add earlier windows. The rule has to read the last windows before",
        )
    now = _change(panel, None, real)
    if of != SERIES and now.people < LEAST_PICKED:
        raise InputError(
            "IOM-E060", f"{panel.name}: n={now.people:g} managed people with these windows; expected {LEAST_PICKED}"
        )
    dates, changes = zip(*kept, (real, now), strict=True)
    for date, change in zip(dates, changes, strict=True):
        _check_events(panel, date, change)
    return _Reading(
        panel=panel,
        of=of,
        dates=dates,
        changes=changes,
        weight=np.ones(len(post)) if of == SERIES else weights(panel),
        notes=(*notes, *_notes(panel, dates, now, left=len(found) - len(kept), of=of)),
    )


def _change(panel: Panel, rule: Selection | None, date: EarlierDate) -> Change:
    """Return the change at a date of those whom the rule selects, or of the managed without one."""
    y, days = panel.outcome.astype(np.float64), np.broadcast_to(_days(panel), panel.outcome.shape)
    if panel.n == 1:
        return series_change(y[0], days[0], date.read, date.after)
    known = ~np.isnan(y[:, np.concatenate([date.read, date.after])]).any(1)
    read, after = (np.nan_to_num(y)[:, windows].sum(1) for windows in (date.read, date.after))
    weight, last = weights(panel) * known, None
    if rule is None:
        share = panel.group.astype(np.float64)
    elif rule.rule == "top":
        share, last = top_share(read, weight, _places(rule))
    else:
        share = rule.probability(read)
    return change_at(
        read, after, days[:, date.read].sum(1), days[:, date.after].sum(1), share=share, weight=weight, last=last
    )


def _places(rule: Selection) -> float:
    if rule.threshold is None:
        raise SpecError("IOM-E096", "Selection rule 'top': threshold, the number of places, is needed")
    return rule.threshold


def _check_events(panel: Panel, date: EarlierDate, change: Change) -> None:
    if not np.isfinite(change.log_ratio):
        raise DegenerateDataError(
            "IOM-E064",
            f"{panel.name}: nothing was recorded of the people compared before or after the date at which window "
            f"{echo(panel.windows[date.place].label)} starts, so that there is no ratio; take longer windows",
        )


def _as_long_before(panel: Panel, post: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which last windows before are together as long as those after."""
    length = _lengths(panel)
    total = np.where(post, 0.0, length)[::-1].cumsum()[::-1]
    return np.asarray(~post & (total <= (1 + UNEVEN) * length[post].sum()))


def _lengths(panel: Panel) -> Floats:
    """Return (T,) how long windows are."""
    lengths = window_lengths(panel)
    if lengths is None:
        raise InputError(
            "IOM-E048", f"{panel.name}: earlier dates need the dates of every window; give each its start and end"
        )
    return lengths


def _days(panel: Panel) -> Floats:
    return _lengths(panel) if panel.exposure is None else panel.exposure


def _notes(panel: Panel, dates: tuple[EarlierDate, ...], now: Change, *, left: int, of: str) -> tuple[str, ...]:
    rates = (_rates(panel, date) for date in dates[:-1])
    *before, last = (after - read for read, after in rates)
    rise = np.exp(last - np.mean(before))
    if of != SERIES and rise > STEEP:
        raise NotIdentifiedError("IOM-E068", OUT_OF_PROPORTION if of == SELECTED else PICKED_AFTER_ALL)
    notes = [RISING if of == SELECTED else PICKED] if rise > RISEN else []
    if left:
        notes.append(
            f"At {counted(left, 'earlier [date|dates]')} fewer than {LEAST_PICKED} people are picked: left out."
        )
    given = [w.days for w in panel.windows]
    if None not in given:
        spans = [sum(given[k] or 0 for k in windows) / YEAR for windows in dates[-1][1:]]
        notes += [SEASONS] if any(abs(years - round(years)) > NEAR_A_YEAR for years in spans) else []
    if of != SERIES:
        notes += left_out(round(float(now.people)), round(float(weights(panel) @ panel.group)), "these windows")
    return tuple(notes)


def _rates(panel: Panel, date: EarlierDate) -> tuple[float, float]:
    """Return logs of everybody's rate in the windows read and in those after."""
    y, days = panel.outcome.astype(np.float64), np.broadcast_to(_days(panel), panel.outcome.shape)
    weight = weights(panel) * ~np.isnan(y[:, np.concatenate([date.read, date.after])]).any(1)
    read, after = (weight @ np.nan_to_num(y)[:, windows].sum(1) for windows in (date.read, date.after))
    first, then = (weight @ days[:, windows].sum(1) for windows in (date.read, date.after))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log(read / first)), float(np.log(after / then))
