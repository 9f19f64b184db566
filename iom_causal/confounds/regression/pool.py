"""Source population as its own table: what follows the same count in people who were never managed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.specs import check_choice
from iom_causal.beliefs.theta import Theta
from iom_causal.confounds.regression.method import Floats, Method
from iom_causal.confounds.regression.readings import histories_read
from iom_causal.errors import DegenerateDataError, InputError, IomCausalError, NotIdentifiedError
from iom_causal.inputs.earlier_dates import earlier_dates
from iom_causal.inputs.selected import RISEN, windows_read
from iom_causal.inputs.weighting import once, weights
from iom_causal.moments import Moments
from iom_causal.numerics.selection.mean_after import TAIL, Followed, MeanAfter, mean_after_of
from iom_causal.panel import Panel
from iom_causal.windows import Selection

DRIFTS = ("comparison", "own", "none")
_WITHIN, _BEYOND = 0.15, 0.35
"""Shares of the managed above the mean of the pool's highest counts: up to the one its table serves, from the other on
it does not, and earlier dates do where there are any; in between both, in proportion."""
NO_POOL = (
    "what follows the same count in people who were never managed needs such people, and everybody here is managed",
    "add them (group=, start masked, or SourcePopulation.beside), or take 'robbins_zhang'",
)
NOBODY_AS_HIGH = (
    (
        "nearly everybody who stands as high was managed, so that no others show what follows a count as high; windows "
        "before those that the rule reads would, of which the last are together as long as these, and others as long "
        "as the time after"
    ),
    "add such windows, or take 'robbins_zhang'",
)
NO_EARLIER = (
    "without the time after of people who were never managed the table is read from earlier windows, which needs the "
    "rule to read the last windows before, and before them another span as long as these and the time after"
)
OUT_OF_PROPORTION = (
    "the events of everybody here rose before the index date by more than a tenth, either because only a part of those "
    "are here from whom people were picked, or because rates were rising; earlier windows then do not show what "
    "follows a count as high"
)
NO_EVENTS = "a span holds no events of the people compared, so there is no ratio"
ALIKE = "counts vary no more between people than chance alone would make them, so that nothing tells whose rate is high"


@dataclass(frozen=True, kw_only=True)
class Pool(Method):
    """Mean after by count before among people who were never managed: rates of any distribution and any drift.

    Expected of each managed person is the mean after of never-managed people with the same count in the windows that
    the rule read, by day at risk: raw means by count, isotonic, and for the highest counts, from the one on at which
    20 of them or more stand or above it, one mean and a regression slope (`numerics.selection.mean_after`). Right
    where people were selected on that count, or on it and chance, and the others are those who were left, or a sample
    of all, and were not chosen for their events at other times; rates may come and go, end, grow and decline, as long
    as those of never-managed people with the same count do so too. Ageing, trend and stopping are in it.
    People selected at a run-up before entry come down by more than that: where gamma rates last but for one year at
    twice the rate and two events more, and people were selected in that year, it left .47 for 1;
    `selection_plausibility` shows a run-up.

    Beneath a hard cut nobody who was not managed stands as high, and for few places not many do. The table is then
    what followed in everybody (the managed included, who must be there in proportion) at every earlier date at which
    the panel has a span to read and one as long as the time after; times the change since then of never-managed
    people, each weighted by the count, so that those who have stopped for good, and stand at none, do not enter. Up
    to .15 of the managed above the mean of the 20 highest the table is that of the others now, from .35 on that of
    earlier dates, and in between both in proportion; without earlier dates the method refuses from .35 on. Weights of
    people are numbers of people seen: a sample with weights for others who were not seen has too narrow an interval.

    For a rule ``"rate"`` (selected on the rate behind the counts, in which no chance regresses) never-managed people
    give the mean to which rates drift, and how far; it refuses where few of them stand as high, for rates drift along
    no straight line.

    In worlds of 14 kinds with 225 managed people and a pool of 2,000 it leaves at most .02 of the log ratio (.03
    beneath a cut where rates fall by a fifth a window), and its 95% intervals cover in 89 to 98%. Where places went
    to the highest on a noisy count, without an earlier window, and with a pool of 100 it refuses most cohorts
    (docs/methods.md).

    Parameters
    ----------
    drift : {"comparison", "own", "none"}
        Change of everybody's rates without the programme: that of never-managed people after the index date; as it
        was earlier, which needs nobody's time after; or none in this line, so that ageing, trend and stopping are
        lines of their own. The last two are for a pool whose time after is not clean (crime displaced to them, later
        programmes).

    Examples
    --------
    >>> Pool().also_holds, Pool(drift="none").also_holds
    (('ageing', 'history', 'season', 'desistance'), ())
    """

    drift: str = "comparison"

    name: ClassVar[str] = "pool"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_choice(self.drift, DRIFTS, f"{self.confound} drift")

    @property
    def also_holds(self) -> tuple[str, ...]:
        """What never-managed people, or people earlier, went through as well."""
        return {
            "comparison": ("ageing", "history", "season", "desistance"),
            "own": ("ageing", "history", "desistance"),
            "none": (),
        }[self.drift]

    def shift(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> Floats:
        """Return the log of expected over observed events a day at risk."""
        del theta
        return pool_shift(*histories_read(data, selection, self.name), self.drift)

    def condition(self, data: Panel | Moments, theta: Theta) -> str:
        """Return its assumptions, in the words of a sentence."""
        del data, theta
        return _SHOWN[self.drift]

    def conditions(self, data: Panel | Moments, selection: Selection | None, theta: Theta) -> str:
        """Return the assumptions on selection and on rates, and how far they carry beyond what is seen."""
        panel, rule = histories_read(data, selection, self.name)
        return f"{super().conditions(panel, rule, theta)}{_extrapolated(panel, rule, self.drift)}"

    def supports(self, panel: Panel, rule: Selection) -> bool:
        """Whether the panel holds what the method needs.

        Examples
        --------
        >>> rule = Selection("arrests", ("before",), "at_least", "at_boundary", threshold=3)
        >>> Pool().supports(Panel.from_arrays([[3, 1], [5, 2]], name="arrests", selection=rule), rule)
        False
        """
        try:
            self.shift(panel, rule, {})
        except IomCausalError:
            return False
        return True


_SHOWN = {
    "comparison": "people who were never managed, had as many events before and were chosen for nothing else, show "
    "what would have followed",
    "own": "what followed earlier for people with as many events is what would have followed now",
    "none": "people with as many events came towards everybody's mean earlier as they would have now",
}


class _Pairs(NamedTuple):
    """Counts and days that the rule reads at one date, events and days at risk after it, and people's weights."""

    read: Floats
    read_days: Floats
    after: Floats
    days: Floats
    weight: Floats

    @property
    def followed(self) -> Followed:
        """The same as the table of means after takes it."""
        return Followed(self.read, self.after, self.days, self.weight)


class _Sample(NamedTuple):
    """Managed people as selected: what the rule read, everything before, days before and after, and weights."""

    read: Floats
    before: Floats
    days_before: Floats
    days_after: Floats
    weight: Floats


class _Source(NamedTuple):
    """Managed people, never-managed people from before to after, and everybody at every earlier date."""

    managed: _Sample
    pool: _Pairs
    earlier: tuple[_Pairs, ...]


def pool_shift(panel: Panel, rule: Selection, drift: str) -> Floats:
    """Return the log of managed people's expected events a day at risk after over those observed before.

    Parameters
    ----------
    panel : Panel
        With never-managed people.
    rule : Selection
        How the managed were selected.
    drift : {"comparison", "own", "none"}
        As in `Pool`.

    Raises
    ------
    InputError
        IOM-E048 without never-managed people, IOM-E066 for another kind than counts.
    NotIdentifiedError
        IOM-E068 where nobody who was not managed, and no earlier date, shows what follows counts as high.
    DegenerateDataError
        IOM-E064 when a span holds no events.
    """
    if panel.outcome.ndim == 3 and panel.outcome.strides[0] != 0:
        return np.array([float(pool_shift(panel.replicate(k), rule, drift)) for k in range(panel.replicates or 0)])
    source = _source(panel, rule)
    mine = source.managed
    expected = _of_rates(source) if rule.rule == "rate" else _expected(source, drift)
    before = _sum(mine.weight, mine.before) / _sum(mine.weight, mine.days_before)
    after = expected / _sum(mine.weight, mine.days_after)
    if not (np.all(before > 0) and np.all(after > 0)):
        raise DegenerateDataError("IOM-E064", NO_EVENTS)
    return np.asarray(np.log(after) - np.log(before))


def _source(panel: Panel, rule: Selection) -> _Source:
    if panel.kind != "count":
        raise InputError("IOM-E066", f"{panel.name}: expected a count; for a score use ScoreRegression")
    if panel.group.all():
        raise InputError("IOM-E048", *NO_POOL)
    y, w = once(panel.outcome, 2), weights(panel)
    days = np.ones(y.shape) if panel.exposure is None else np.broadcast_to(once(panel.exposure, 2), y.shape)
    post = np.array([window.post for window in panel.windows])
    read = windows_read(panel, rule, post)

    def pairs(weight: Floats, first: NDArray[Any], then: NDArray[Any]) -> _Pairs:
        known = ~np.isnan(y[:, first]).any(1) & ~np.isnan(y[:, then]).any(1)
        return _Pairs(
            counts[:, first].sum(1), days[:, first].sum(1), counts[:, then].sum(1), days[:, then].sum(1), weight * known
        )

    counts, known = np.nan_to_num(y), ~np.isnan(y[:, ~post]).any(1)
    mine = _Sample(
        counts[:, read].sum(1),
        counts[:, ~post].sum(1),
        days[:, ~post].sum(1),
        days[:, post].sum(1),
        w * panel.group * known,
    )
    now = pairs(w * ~panel.group * known, np.flatnonzero(read), np.flatnonzero(post))
    if now.followed.people.sum() < TAIL:
        raise InputError(
            "IOM-E060", f"{panel.name}: expected at least {TAIL} people who were never managed with every window"
        )
    everybody = w * ~panel.alike
    dates = earlier_dates(panel, read, post) if panel.rest.any() else ()
    earlier = tuple(pairs(everybody, date.read, date.after) for date in dates)
    return _Source(mine, now, earlier)


def _expected(source: _Source, drift: str) -> Floats:
    """Return the managed people's expected events after.

    By the table of never-managed people where enough of them stand as high, else of everybody at earlier dates; in
    between by both in proportion, on the log scale, so that one person more or less changes little.
    """
    if drift == "own":
        return _by_table(source, _of_earlier_dates(source, NO_EARLIER))
    if drift == "none":
        return _by_table(source, _of_earlier_dates(source, NO_EARLIER)) / _then(source.earlier)
    now = mean_after_of([source.pool.followed])
    part = min(1.0, max(0.0, (_beyond(source, [source.pool]) - _WITHIN) / (_BEYOND - _WITHIN)))
    if part == 0:
        return _by_table(source, now)
    try:
        earlier = _of_earlier_dates(source, *NOBODY_AS_HIGH)
    except NotIdentifiedError:
        if part == 1:
            raise
        return _by_table(source, now)
    then = _by_table(source, earlier) * _since(source.pool, earlier)
    return then if part == 1 else np.asarray(_by_table(source, now) ** (1 - part) * then**part)


def _by_table(source: _Source, table: MeanAfter) -> Floats:
    mine = source.managed
    return np.asarray(_sum(mine.weight * table.of(mine.read), mine.days_after))


def _of_earlier_dates(source: _Source, without: str, in_code: str = "") -> MeanAfter:
    """Return the rate after by count of everybody at earlier dates, refusing where the managed crowd them."""
    if not source.earlier:
        raise NotIdentifiedError("IOM-E068", without, in_code)
    table = mean_after_of([d.followed for d in source.earlier])
    if _beyond(source, source.earlier) > _BEYOND:
        raise NotIdentifiedError("IOM-E068", *NOBODY_AS_HIGH)
    if _then(tuple(d._replace(weight=d.followed.people) for d in source.earlier)) > RISEN:
        raise NotIdentifiedError("IOM-E068", OUT_OF_PROPORTION)
    return table


def _since(pool: _Pairs, table: MeanAfter) -> Floats:
    """Return the change since the table's dates: never-managed people's events over those of the table, by count."""
    by_count = pool.weight * pool.read
    return _ratio(_sum(by_count, pool.after), _sum(by_count * table.of(pool.read), pool.days))


def _then(dates: tuple[_Pairs, ...]) -> Floats:
    """Return everybody's change at the earlier dates, by day at risk."""
    read, read_days, after, days = (sum(_sum(d.weight, d[k]) for d in dates) for k in range(4))
    return _ratio(_ratio(after, days), _ratio(read, read_days))


def _of_rates(source: _Source) -> Floats:
    """Return the expected events of people selected on their rate: towards the pool's mean as rates there went.

    Of people selected on the rate the count before is that rate and chance about it, so that rates move along the
    regression of the rate after on the *rate* before. Its two moments for Poisson counts x and y in the times u and v
    are those of ``u (y - v (a + b x / u))`` and of ``x (y - a v) - b v x (x - 1) / u``.
    """
    if _beyond(source, [source.pool]) > _WITHIN:
        raise NotIdentifiedError("IOM-E068", *NOBODY_AS_HIGH)
    read, time, after, days, weight = source.pool
    there = np.where(time > 0, time, 1.0)
    one, count, square = (
        _sum(weight, time * days),
        _sum(weight, days * read),
        _sum(weight, days * read * (read - 1) / there),
    )
    events, both = _sum(weight, time * after), _sum(weight, read * after)
    between = one * square - count**2
    if not np.all(between > 0):
        raise DegenerateDataError("IOM-E065", ALIKE)
    slope = (one * both - count * events) / between
    level = (events - slope * count) / one
    mine = source.managed
    rates = np.divide(mine.before, mine.days_before, out=np.zeros_like(mine.before), where=mine.days_before > 0)
    return np.asarray(level * _sum(mine.weight, mine.days_after) + slope * _sum(mine.weight, mine.days_after * rates))


def _beyond(source: _Source, dates: Sequence[_Pairs]) -> float:
    """Return the share of the managed above the mean of the highest counts of people at these dates, as in the data."""
    table = mean_after_of([d._replace(weight=d.followed.people).followed for d in dates])
    return _share(source.managed, float(table.tail_count))


def _share(managed: _Sample, count: float) -> float:
    people = managed.weight.reshape(-1, len(managed.read)).max(0)
    return float(people[managed.read > count].sum() / people.sum())


def _sum(weight: Floats, values: Floats) -> Any:
    return weight @ values


def _ratio(above: Any, below: Any) -> Floats:
    if not (np.all(np.asarray(above) > 0) and np.all(np.asarray(below) > 0)):
        raise DegenerateDataError("IOM-E064", NO_EVENTS)
    return np.asarray(above / below)


_HOW_MANY = ((0.05, ""), (0.25, "a few"), (0.4, "some"), (0.6, "about half"), (0.95, "most"), (1.0, "nearly all"))
"""Shares of the managed in words: of few people a share of them is their number."""


def _extrapolated(panel: Panel, rule: Selection, drift: str) -> str:
    """Return how many of the managed stand in the table's tail, in the words of a sentence."""
    if rule.rule == "rate":
        return ""
    source = _source(panel, rule)
    now = mean_after_of([source.pool.followed])
    if drift != "comparison" or (source.earlier and _beyond(source, [source.pool]) > _WITHIN):
        now = mean_after_of([d.followed for d in source.earlier])
    share = _share(source.managed, now.first - 0.5)
    many = next(words for most, words in _HOW_MANY if share <= most)
    shown = f"; {many} of the managed stand as high as the {TAIL} highest of the others or higher, on a straight line"
    return shown if many else ""
