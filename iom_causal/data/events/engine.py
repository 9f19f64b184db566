"""Counts and days at liberty by person and window, from a list of people, a log of events and spells in custody."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import check_choice
from iom_causal.data.event_files import IN_CUSTODY_EVENTS, INDEX_EVENTS, MOST_DAYS
from iom_causal.data.events.flow import Flow, Step
from iom_causal.data.events.linkage import Linkage
from iom_causal.data.events.tables import FAR, Block, EventSource, Followed, Spells
from iom_causal.errors import InputError, echo
from iom_causal.numerics.events import counting, usable
from iom_causal.numerics.events.counting import NO_DAY, NOBODY
from iom_causal.numerics.events.days import day_numbers
from iom_causal.numerics.events.grid import Grid, grid
from iom_causal.numerics.events.spells import Liberty, Union, covered, days_free, union, with_receptions
from iom_causal.windows import Window, check_windows, days_of

LISTED = "on the list"
IN_LOG = "rows in the log"
NAMELESS = "without an id"
UNLISTED = "of nobody on the list"
UNDATED = "without a date"
REPEATED = "further rows of a custody record that is counted once"
NOT_YET = "on or after the day on which the data were taken"
UNFOLLOWED = "from the day on which the person was no longer followed"
EARLIER, LATER = "before the first window", "after the last window"
BETWEEN = "between the windows"
INDEX = "on the person's index date"
CONFINED = "in a window that the person spent in custody throughout"
COUNTED = "counted"
IN_CUSTODY = "on a day in custody, after that of reception"
WIDE = f"with a custody record that several people share or that lasts over {MOST_DAYS} days, one event a day"
ALIKE = "without a custody record, on the day of another such row of the same person"
RELEASED = "released from custody on their own index date"
ENTERED = "with an event on their own index date, which counts in the first window after it"
OUT = {
    counting.NAMELESS: NAMELESS,
    counting.UNLISTED: UNLISTED,
    counting.UNDATED: UNDATED,
    counting.REPEATED: REPEATED,
    counting.NOT_YET: NOT_YET,
    counting.UNFOLLOWED: UNFOLLOWED,
    counting.EARLIER: EARLIER,
    counting.LATER: LATER,
    counting.BETWEEN: BETWEEN,
    counting.INDEX: INDEX,
    counting.IN_CUSTODY: IN_CUSTODY,
    counting.CONFINED: CONFINED,
}
"""Why an event is excluded, by its counter, in the order in which reasons apply."""

SPELLS = "spells in the table"
STARTLESS = "without a first day"
NIGHTLESS = "begun and ended on one day, without a night inside"
OUTSIDE = "wholly outside the windows in which the person was followed"
UNUSED = {
    usable.NAMELESS: NAMELESS,
    usable.UNLISTED: UNLISTED,
    usable.STARTLESS: STARTLESS,
    usable.NIGHTLESS: NIGHTLESS,
    usable.OUTSIDE: OUTSIDE,
}
"""Why a spell is excluded, in the order in which reasons apply."""
OVERLAPPING = "overlapping or touching another of the same person, each day counted once"
OPEN = "without a day of release, taken to run on"

FEWEST_ENTERED, MANY_ENTERED = 5, 0.05
"""Least number and share of people with an event on their index date by which it looks as if that were how they got in.
"""

EVENTLESS = "without an event in any window"
LOST = "no longer followed before the last window ends"
DATA_END = "with data that end before the last window does"
HELD = "in custody throughout a window"
ABSENT = "not followed for a single day of a window"


@dataclass(frozen=True, eq=False, repr=False, slots=True, kw_only=True)
class Counted:
    """Counts of events and days at risk, with the flow from tables to them.

    Parameters
    ----------
    counts : ndarray of uint16
        (n, T).
    days : ndarray of uint16 or None
        (n, T) days at risk; None where everybody is at risk throughout every window.
    flow : Flow
        What every rule excluded.
    notes : tuple of str
        Warnings with their codes.
    """

    counts: NDArray[np.uint16]
    days: NDArray[np.uint16] | None
    flow: Flow
    notes: tuple[str, ...]


def count_events(
    people: Followed,
    log: EventSource,
    spells: Spells | None = None,
    *,
    windows: Sequence[Window],
    extracted: dt.date | None = None,
    index_event: str = "",
    in_custody: str = "exclude",
) -> Counted:
    """Count events by person and window, and days at liberty.

    People without an event count 0. An event is counted in the window that holds its day. Days at risk are those of a
    window before the day from which the person is no longer followed, before that on which the data were taken, and
    outside custody. A spell is half open: the day of reception is inside, that of release is not, so that its days are
    nights. An event on the day of reception counts, as the arrest does by which somebody came inside; one on a later
    day inside is excluded. A rate per day at liberty (Piquero et al. 2001) is unbiased where events and days are
    counted over the same time: with events inside at r times the rate at liberty, and c days inside per day at liberty,
    counting them makes the rate 1 + r c times as high. In a window without another day at risk that of
    reception is one where its event counts, and no other event can.

    Parameters
    ----------
    people : Followed
        Whom to count for.
    log : EventSource
        The events.
    spells : Spells, optional
        In custody.
    windows : sequence of Window
        In order of time, in days from the index date; days between two of them are a gap whose events do not count.
    extracted : date, optional
        The day on which the data were taken.
    index_event : {"keep", "exclude"}, optional
        Whether events on a person's index date count, and with them the day as one at risk; where nothing says so they
        do, and a note says if many have one.
    in_custody : {"exclude", "keep"}
        Whether events on a day in custody after that of reception count.

    Raises
    ------
    InputError
        IOM-E048 for a window without days, IOM-E023 where no row of a table is of anybody on the list, IOM-E045 for a
        spell that ends before it starts.

    References
    ----------
    Piquero, A. R., Blumstein, A., Brame, R., Haapanen, R., Mulvey, E. P. and Nagin, D. S. (2001). Assessing the impact
    of exposure time and incapacitation on longitudinal trajectories of criminal offending. Journal of Adolescent
    Research 16(1), 54-74.
    """
    if index_event:
        check_choice(index_event, INDEX_EVENTS, "index_event")
    check_choice(in_custody, IN_CUSTODY_EVENTS, "in_custody")
    check_windows(tuple(windows))
    days = grid([days_of(w, "counting events") for w in windows])
    taken = FAR if extracted is None else int(np.datetime64(extracted, "D").astype(int))
    linkage, index, until = Linkage(people.ids), people.index_days, people.until_days(taken)
    custody = _custody(spells, linkage, days, index, until)
    liberty = days_free(custody.held, days, index, until)
    if index_event == "exclude":
        _without_index_day(liberty.days, custody.held, days, index, until)
    settings = counting.Settings(
        grid=days,
        entry=index,
        until=until,
        taken=taken,
        index_event=index_event != "exclude",
        in_custody=in_custody == "keep",
        held=custody.held,
        free=liberty.days,
    )
    rows = Counter[str]()
    tally = counting.count(_events(log.blocks(linkage), rows), settings)
    _check_linked(tally.reasons, log.name)
    _check_room(tally.counts)
    with_receptions(liberty, tally.counts)
    entered = 0 if index_event else _if_many(tally.entered, days)
    whole = bool((liberty.days.min(axis=0) == days.ends - days.starts).all())
    steps = (
        *_flow_of_people(tally.counts, liberty, index + int(days.ends[-1]), until, taken),
        *_shown([Step("people", ENTERED, "of which", entered)]),
        *_shown([Step("people", RELEASED, "of which", _if_most(custody.held, index))]),
        *_flow_of_events(tally.reasons, log),
        *_shown([Step("events", what, "of which", rows[what]) for what in (WIDE, ALIKE)]),
        *custody.steps,
    )
    flow = Flow(steps)
    return Counted(counts=tally.counts, days=None if whole else liberty.days, flow=flow, notes=tuple(_notes(flow)))


def _events(blocks: Iterable[Block], rows: Counter[str]) -> Iterator[counting.Events]:
    """Yield the events of blocks, and add up which rows of them are notable."""
    for block in blocks:
        rows.update({WIDE: block.wide, ALIKE: block.alike})
        yield counting.Events(block.person, block.day, block.repeated)


def _without_index_day(
    free: NDArray[np.uint16], held: Union, days: Grid, index: NDArray[np.int32], until: NDArray[np.int32]
) -> None:
    """Take the index date out of the days at liberty, as its events are out of the counts."""
    window = days.slot[-days.starts[0]] if days.starts[0] <= 0 < days.ends[-1] else -1
    if window >= 0:
        entry = np.repeat(index, np.diff(held.first))
        inside = covered(held._replace(start=held.start - entry, end=held.end - entry), 0, 1)
        free[:, window] -= (until > index) & (inside == 0)


def _if_many(entered: NDArray[np.bool_], days: Grid) -> int:
    """Return the number of people with an event on their index date, 0 where chance makes so many or it is in a gap."""
    number = int(entered.sum())
    inside = days.starts[0] <= 0 < days.ends[-1] and days.slot[-days.starts[0]] >= 0
    return number if inside and number >= max(FEWEST_ENTERED, MANY_ENTERED * len(entered)) else 0


def _if_most(held: Union, index: NDArray[np.int32]) -> int:
    """Return the number of people released on their index date, 0 unless most people were."""
    who = np.repeat(np.arange(len(index)), np.diff(held.first))
    number = int((held.end == index[who]).sum())
    return number if 2 * number > len(index) else 0


class _Custody(NamedTuple):
    held: Union
    steps: tuple[Step, ...]


def _no_spells(people: int) -> Union:
    none = np.zeros(0, dtype=np.int32)
    return union(none, none, none, people)


def _custody(
    spells: Spells | None, linkage: Linkage, days: Grid, index: NDArray[np.int32], until: NDArray[np.int32]
) -> _Custody:
    """Return the union of spells that touch a window, and what became of the others."""
    if spells is None:
        return _Custody(_no_spells(len(index)), ())
    person = linkage.codes(spells.ids, spells.name)
    start, end = day_numbers(spells.start), day_numbers(spells.end)
    unended = end == NO_DAY
    end[unended] = FAR
    why = usable.sort_out(person, start, end, days, index, until)
    number = np.bincount(why, minlength=usable.REASONS).tolist()
    if len(person) and number[usable.NAMELESS] + number[usable.UNLISTED] == len(person):
        raise _unlinked("spell in custody", spells.name)
    _check_order(number[usable.BACKWARDS], spells.names)
    used = why == usable.USED
    held = union(np.where(used, person, NOBODY), start, end, len(index))
    steps = [Step("custody", SPELLS, "all", len(person) + sum(a.number for a in spells.aside))]
    steps += [Step("custody", a.what, "excluded", a.number) for a in spells.aside]
    steps += [Step("custody", what, "excluded", number[k]) for k, what in UNUSED.items()]
    steps.append(Step("custody", COUNTED, "used", number[usable.USED]))
    steps.append(Step("custody", OVERLAPPING, "of which", held.merged))
    steps.append(Step("custody", OPEN, "of which", int((used & unended).sum())))
    return _Custody(held, _shown(steps))


def _shown(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps but for what happened to nothing."""
    return tuple(s for s in steps if s.number or s.role in ("all", "used"))


def _flow_of_people(
    counts: NDArray[np.uint16],
    liberty: Liberty,
    ends: NDArray[np.int32],
    until: NDArray[np.int32],
    taken: int,
) -> tuple[Step, ...]:
    n = len(counts)
    notable = {
        EVENTLESS: ~counts.any(axis=1),
        LOST: (until < ends) & (until < taken),
        DATA_END: (until < ends) & (until == taken),
        HELD: liberty.held,
        ABSENT: liberty.absent,
    }
    steps = [Step("people", LISTED, "all", n), Step("people", "used", "used", n)]
    return _shown([*steps, *(Step("people", what, "of which", int(who.sum())) for what, who in notable.items())])


def _flow_of_events(reasons: NDArray[np.int64], log: EventSource) -> tuple[Step, ...]:
    of_log = int(reasons[counting.EACH_ONCE].sum())
    steps = [Step("events", IN_LOG, "all", of_log + sum(a.number for a in log.aside))]
    steps += [Step("events", a.what, "excluded", a.number) for a in log.aside]
    steps += [Step("events", what, "excluded", int(reasons[k])) for k, what in OUT.items()]
    steps.append(Step("events", COUNTED, "used", int(reasons[counting.COUNTED])))
    steps.append(Step("events", IN_CUSTODY, "of which", int(reasons[counting.COUNTED_IN_CUSTODY])))
    return _shown(steps)


def _check_linked(reasons: NDArray[np.int64], name: str) -> None:
    strangers = reasons[counting.UNLISTED] + reasons[counting.NAMELESS]
    if strangers and strangers == reasons[counting.EACH_ONCE].sum():
        raise _unlinked("event", name)


def _unlinked(what: str, name: str) -> InputError:
    return InputError(
        "IOM-E023",
        f"no {what} is of anybody on the list of people, by column {echo(name)}; spell ids alike in both tables, "
        "leading zeros and prefixes included",
    )


def _check_order(backwards: int, names: tuple[str, str]) -> None:
    if backwards:
        what = counted(backwards, "[spell in custody ends before it starts|spells in custody end before they start]")
        raise InputError(
            "IOM-E045", f"columns {echo(names[0])} and {echo(names[1])}: {what}; mend or take out these rows"
        )


def _check_room(counts: NDArray[np.uint16]) -> None:
    if (counts == counting.MOST).any():
        raise InputError("IOM-E032", f"a person has {counting.MOST:,} events or more in one window; look at the ids")


NOTES = (
    (
        "custody",
        OVERLAPPING,
        "IOM-W140: {}, and a day inside counts once",
        "[spell in custody overlaps or touches|spells in custody overlap or touch] another of the same person",
    ),
    (
        "people",
        HELD,
        "IOM-W141: {}, at risk for no day of it",
        "[person was|people were] in custody throughout a window",
    ),
    (
        "custody",
        OPEN,
        "IOM-W142: {} to the day on which the data were taken, or to the end of the last window",
        "[spell in custody has|spells in custody have] no day of release and [is|are] taken to run on",
    ),
    (
        "events",
        IN_CUSTODY,
        "IOM-W143: {}; look at the dates of the spells",
        "[event is|events are] on a day in custody after that of reception",
    ),
    (
        "events",
        WIDE,
        "IOM-W145: {}, one event a day; look at the custody records, which may be words for none",
        f"[row is|rows are] of a custody record that several people share or that lasts over {MOST_DAYS} days",
    ),
    (
        "events",
        ALIKE,
        "IOM-W146: {}, and each counts; name the column of days as record to count one event a day",
        "[row has|rows have] no custody record and [is|are] on the day of another such row of the same person",
    ),
    (
        "people",
        ENTERED,
        'IOM-W147: {}, which counts after it; write index_event = "exclude" if that is how they got in, or "keep"',
        "[person has|people have] an event on their own index date",
    ),
    (
        "people",
        RELEASED,
        "IOM-W148: {}: the event behind such a spell lies before it, so that events are fewer after it by themselves",
        "[person was|people were] released from custody on their own index date",
    ),
    ("events", UNDATED, "IOM-W144: {}", "[event has|events have] no date and [is|are] left out"),
    (
        "custody",
        STARTLESS,
        "IOM-W144: {}",
        "[spell in custody has|spells in custody have] no first day and [is|are] left out",
    ),
)
"""What is worth a warning: table, step, the warning, and the words with their number."""


def _notes(flow: Flow) -> Iterator[str]:
    """Yield warnings on what was notable."""
    for name, what, text, noun in NOTES:
        number = flow.number(name, what)
        if number:
            yield text.format(counted(number, noun))
