"""Month kernel: both potential-outcome paths of every career, from common random numbers.

A person's rate of recorded offences is a product of lasting level, drifting log rate, age, trajectory, calendar and
programme. Events come when a clock of unit exponentials has run through that rate, so that only an event costs a
logarithm. Custody stops the clock; supervision adds events; an event may excite the next; careers may switch off and
on, and may end. The kernel reads arrays and knows of no confound.
"""
# ruff: noqa: ANN001, ANN202, ANN201 -- numba infers the types of what it compiles

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.careers.course import course, first_state, keep_state, kept_state
from iom_causal.numerics.careers.parameters import CLASSES, LENGTH, READS_RATE, Floats, compiled, part
from iom_causal.numerics.careers.persons import draw_person, gets_in, value
from iom_causal.numerics.careers.rates import cumulate, cumulate_managed, lay_out


class Courses(NamedTuple):
    """Output of the kernel: (R, n) of people, (R, 2, n, T) without and with the programme, (R,) how many drawn."""

    events: NDArray[np.int32]
    expected: Floats
    offences: Floats
    exposure: Floats
    score: Floats
    number: NDArray[np.int64]
    age: Floats
    kind: NDArray[np.int64]
    entry: NDArray[np.int64]
    selected: NDArray[np.bool_]
    value: Floats
    drawn: NDArray[np.int64]


def courses(replicates: int, places: int, windows: int, *, scored: bool) -> Courses:
    """Return room for so many replicates of so many people."""
    shape, people = (replicates, 2, places, windows), (replicates, places)
    # One array behind many keeps its pages from block to block; fresh ones cost as much as a tenth of a career.
    sums, known = np.empty((4 if scored else 3, *shape)), np.empty((2, *people))
    number, kind, entry = np.empty((3, *people), dtype=np.int64)
    return Courses(
        events=np.empty(shape, dtype=np.int32),
        expected=sums[0],
        offences=sums[1],
        exposure=sums[2],
        score=sums[3] if scored else np.empty((replicates, 2, 0, 0)),
        number=number,
        age=known[0],
        kind=kind,
        entry=entry,
        selected=np.zeros(people, dtype=np.bool_),
        value=known[1],
        drawn=np.empty(replicates, dtype=np.int64),
    )


@part
def _seen(out, r, arm, row):  # type: ignore[no-untyped-def]
    """Return where sums by window of one person's course are written."""
    score = out.score[r, arm, row] if out.score.shape[2] > 0 else out.expected[r, arm, row]
    return (
        out.events[r, arm, row],
        out.expected[r, arm, row],
        out.offences[r, arm, row],
        out.exposure[r, arm, row],
        score,
    )


@part
def _copy(source, target, scored):  # type: ignore[no-untyped-def]
    for w in range(source[0].size):
        target[0][w], target[1][w], target[2][w] = source[0][w], source[1][w], source[2][w]
        target[3][w] = source[3][w]
        if scored:
            target[4][w] = source[4][w]


@part
def _write(person, out, r, row):  # type: ignore[no-untyped-def]
    out.number[r, row], out.age[r, row], out.entry[r, row] = person.number, person.age, person.entry
    out.kind[r, row] = person.kind + CLASSES * person.path
    out.selected[r, row], out.value[r, row] = person.inside, person.value


@part
def _lived(person, state, k, arm, first, last, params, tables, room, seen, dated):  # type: ignore[no-untyped-def]
    """Live one course of the person who was laid out k-th, from the state that is given; return the state after it."""
    entered = params.origin + person.entry if arm else tables.months.shape[1]
    sums, drifts = (room.events[arm, :, k], room.offences[arm, :, k]), room.drifts[:, k]
    return course(person, state, first, last, entered, params, tables, sums, drifts, seen, dated)


@part
def _before(n, start, r, keep_all, params, tables, room, out):  # type: ignore[no-untyped-def]
    """Live the time before the index date of a block; return how many live on, whose numbers are in `room.who`."""
    # Nobody starts without a past: points of the events that the first month's rate would have brought for ever.
    held, staying = 1.0 / (params.fading * tables.months[LENGTH, 0]), 0
    lay_out(room.who[:n], 0, params.origin, params, tables, room)
    cumulate(n, 0, params.origin, tables.months, room)
    for k in range(n):
        person, seen = room.people[k], _seen(out, r, 0, start + staying)
        state = first_state(person, room.rate[0, k] * held)
        keep_state(person, _lived(person, state, k, 0, 0, params.origin, params, tables, room, seen, None))
        person.value = value(person, params, tables, seen[0], seen[4], room.drifts[params.origin - 1, k])
        person.inside = not (params.at_liberty and person.free_from > params.origin)
        if not params.late:
            person.inside = person.inside and gets_in(person, params)
        if person.inside or keep_all:
            room.who[staying] = k
            staying += 1
    return staying


@part
def _after(who, start, r, keep_all, same, params, tables, room, out):  # type: ignore[no-untyped-def]
    """Live both courses after the index date of those who live on; return how many rows are filled."""
    last, filled = tables.months.shape[1], start
    lay_out(who, params.origin, last, params, tables, room)
    cumulate(who.size, params.origin, last, tables.months, room)
    if not same:
        cumulate_managed(who, params.origin, last, params, tables, room)
    for k in range(who.size):
        person, first, second = room.people[who[k]], _seen(out, r, 0, filled), _seen(out, r, 1, filled)
        if filled < start + k:
            _copy(_seen(out, r, 0, start + k), first, params.scored)
        _lived(person, kept_state(person), k, 0, params.origin, last, params, tables, room, first, None)
        if params.late:
            if params.reads != READS_RATE:
                person.value = value(person, params, tables, first[0], first[4], 0.0)
            person.inside = person.inside and gets_in(person, params)
        if person.inside or keep_all:
            _copy(first, second, params.scored)
            if not same:
                _lived(person, kept_state(person), k, 1, params.origin, last, params, tables, room, second, None)
            _write(person, out, r, filled)
            filled += 1
    return filled


@compiled
def live(replicate_keys, tries, keep_all, same, params, tables, room, out):  # type: ignore[no-untyped-def]
    """Fill cohorts: draw people until each replicate has its number of selected people, or retain all who are drawn.

    Parameters
    ----------
    replicate_keys : ndarray
        (R,) one a replicate.
    tries : int
        The most people drawn for one replicate.
    keep_all : bool
        Whether rows are everybody drawn, with a mark for who was selected, or the selected people alone.
    same : bool
        Whether both courses are one, so that the second need not be lived.
    params, tables : record of a Parameters, Tables
        The career model.
    room : Scratch
        From `scratch`.
    out : Courses
        Written, and nothing else of it than the rows of people who were retained.
    """
    places = out.number.shape[1]
    for r in range(replicate_keys.size):
        filled, drawn = 0, 0
        while filled < places and drawn < tries:
            # No more people than there are places, so that whoever is selected among them has one.
            n = min(room.people.size, places - filled, tries - drawn)
            for k in range(n):
                draw_person(room.people[k], replicate_keys[r], drawn + k, params, tables)
                room.who[k] = k
            staying = _before(n, filled, r, keep_all, params, tables, room, out)
            filled = _after(room.who[:staying], filled, r, keep_all, same, params, tables, room, out)
            drawn += n
        out.drawn[r] = drawn


@compiled
def dates(replicate_keys, numbers, managed, starts, params, tables, room, seen, days, stays, marked):  # type: ignore[no-untyped-def]
    """Live the course that was seen again and write down when each event fell and how long custody after it lasted.

    Parameters
    ----------
    replicate_keys, numbers, managed : ndarray
        (N,) of the people.
    starts : ndarray
        (N + 1,) where each person's events begin in the flat arrays.
    params, tables : Parameters, Tables
        The career model.
    room, seen : Scratch, tuple of ndarray
        Room for one person and for sums by window.
    days, stays, marked : ndarray
        Written for events inside windows: how far into its month each fell, years in custody after it, and the month.
    """
    person, who, last = room.people[0], room.who[:1], tables.months.shape[1]
    who[0] = 0
    for i in range(numbers.size):
        draw_person(person, replicate_keys[i], numbers[i], params, tables)
        begin, state = starts[i], first_state(person, 0.0)
        for a, b in ((0, params.origin), (params.origin, last)):
            arm = np.int64(managed[i] and a == params.origin)
            lay_out(who, a, b, params, tables, room)
            if arm:
                cumulate_managed(who, a, b, params, tables, room)
            else:
                cumulate(1, a, b, tables.months, room)
            mine = slice(begin, starts[i + 1])
            state = _lived(
                person, state, 0, arm, a, b, params, tables, room, seen, (days[mine], stays[mine], marked[mine])
            )
            for w in range(tables.spans.shape[0]):
                if a <= tables.spans[w, 0] < b:
                    begin += seen[0][w]
