"""Monthly offence intensities of a block of people, and their cumulative hazards.

Loops over people lie inside loops over months, so that the processor works on several people at once; each array that
such a loop writes is another than those it reads, which compilers have to know before they dare.
"""
# ruff: noqa: ANN001, ANN202, ANN201 -- numba infers the types of what it compiles

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.numerics.careers.parameters import (
    CLASSES,
    CREATED,
    CREATED_MANAGED,
    FRESH,
    KEEP,
    LENGTH,
    RENEW,
    SEEN,
    SEEN_MANAGED,
    SORTS,
    Floats,
    compiled,
)
from iom_causal.numerics.careers.persons import MONTHLY, PERSON, RENEWED, SWITCHES, level
from iom_causal.numerics.kernels.counter_rng import exponential, normals, uniform, word
from iom_causal.numerics.kernels.fast_exp import fast_exp

BLOCK = 56
"""How many people are side by side: several vectors full, and all their months still fit near the processor."""


class Scratch(NamedTuple):
    """Room for a block of people.

    Attributes
    ----------
    people : ndarray
        (B,) records of them.
    who, late : ndarray
        (B,) which of them live on; room for `normals`.
    keys, born, sort : ndarray
        (B,) key of a person's months, age in months, and place in a table by class or sort.
    scale, stop, drift, fresh, effect, recorded, offended : ndarray
        (B,) rate of the first month but for what changes, month of stopping, drift and what is new of it, effect of the
        programme, and running sums.
    entered : ndarray
        (B,) month of entry.
    rate, drifts : ndarray
        (M, B) events a month at liberty without programme, and the drift of each month.
    events, offences : ndarray
        (2, M + 2, B) what has cumulated from a course's start up to each month, without and with the programme.
    """

    people: NDArray[np.void]
    who: NDArray[np.int64]
    late: NDArray[np.int64]
    entered: NDArray[np.int64]
    keys: NDArray[np.uint64]
    born: NDArray[np.uint64]
    sort: NDArray[np.uint64]
    scale: Floats
    stop: Floats
    drift: Floats
    fresh: Floats
    effect: Floats
    recorded: Floats
    offended: Floats
    rate: Floats
    drifts: Floats
    events: Floats
    offences: Floats


def scratch(months: int) -> Scratch:
    """Return room for one block of people at a time."""
    whole, unsigned = np.zeros((3, BLOCK), dtype=np.int64), np.zeros((3, BLOCK), dtype=np.uint64)
    # Sums have a month more than their ends, so that the last of them has a month to lie in.
    rates, sums = np.zeros((2, months, BLOCK)), np.zeros((2, 2, months + 2, BLOCK))
    return Scratch(np.zeros(BLOCK, dtype=PERSON), *whole, *unsigned, *np.zeros((7, BLOCK)), *rates, *sums)


@compiled
def _lit(key, length, on, switch, switched, params):  # type: ignore[no-untyped-def]
    """Return the share of a month in which a career is on, and where its switch stands after it."""
    left, lit = length, 0.0
    while switch <= left:
        lit += switch * on
        left -= switch
        on = 1 - on
        switch = exponential(word(key, switched)) / (params.off_rate if on else params.on_rate)
        switched += 1
    return (lit + left * on) / length, on, switch - left, switched


@compiled
def _pause(person, rate, lengths, params):  # type: ignore[no-untyped-def]
    """Take from the rates of one person what falls into pauses."""
    on, switch, switched, switches = person.on, person.switch, person.switched, word(person.key, SWITCHES)
    for m in range(rate.size):
        lit, on, switch, switched = _lit(switches, lengths[m], on, switch, switched, params)
        rate[m] *= lit
    person.on, person.switch, person.switched = on, switch, switched


@compiled
def _line_up(who, first, params, tables, room):  # type: ignore[no-untyped-def]
    """Gather the components of people's rates side by side; some levels are drawn anew on the index date."""
    renew = tables.months[RENEW, first] if first == params.origin else 0.0
    for k in range(who.size):
        person = room.people[who[k]]
        if renew > 0 and uniform(word(person.key, RENEWED)) < renew:
            person.level = level(word(word(person.key, RENEWED), 1), params)
        room.keys[k], room.drift[k], room.stop[k] = word(person.key, MONTHLY), person.drift, person.stop
        room.born[k], room.sort[k] = person.born, CLASSES * person.path + person.kind
        room.scale[k] = params.rate * person.level * (person.force if first == params.origin else 1.0)


@compiled
def _drift(n, first, last, params, months, room):  # type: ignore[no-untyped-def]
    """Let log rates drift, and rates with them."""
    keys, drift, fresh = room.keys[:n], room.drift, room.fresh
    for m in range(first, last):
        rate, drifts, keep, new = room.rate[m], room.drifts[m], months[KEEP, m], months[FRESH, m]
        normals(keys, m, fresh, room.late)
        for k in range(n):
            drifts[k] = drift[k]
            rate[k] *= fast_exp(params.drift_sd * drift[k])
            drift[k] = keep * drift[k] + new * fresh[k]


@compiled
def lay_out(who, first, last, params, tables, room):  # type: ignore[no-untyped-def]
    """Lay out the events a month of some people of the block from one month to another; let their lives go on to it."""
    months, born, sort, scale, stop = tables.months, room.born, room.sort, room.scale, room.stop
    _line_up(who, first, params, tables, room)
    for m in range(first, last):
        rate, own, aged, length = room.rate[m], tables.rates[m], tables.by_age[m:], months[LENGTH, m]
        for k in range(who.size):
            rate[k] = scale[k] * own[sort[k]] * aged[born[k]] * (length if stop[k] > m else 0.0)
    if params.drift_sd > 0:
        _drift(who.size, first, last, params, months, room)
    for k in range(who.size):
        person = room.people[who[k]]
        person.drift = room.drift[k]
        if params.off_rate > 0:
            _pause(person, room.rate[first:last, k], months[LENGTH, first:last], params)


@compiled
def cumulate(n, first, last, months, room):  # type: ignore[no-untyped-def]
    """Add up what people at liberty do without the programme: recorded events, and offences."""
    recorded, offended = room.recorded, room.offended
    for k in range(n):
        recorded[k] = offended[k] = room.events[0, first, k] = room.offences[0, first, k] = 0.0
    for m in range(first, last):
        rate, seen, created = room.rate[m], months[SEEN, m], months[CREATED, m]
        events, offences = room.events[0, m + 1], room.offences[0, m + 1]
        for k in range(n):
            recorded[k] += created + rate[k] * seen
            offended[k] += rate[k]
            events[k], offences[k] = recorded[k], offended[k]


@compiled
def cumulate_managed(who, first, last, params, tables, room):  # type: ignore[no-untyped-def]
    """Add up the same with the programme, from each one's entry on."""
    months, sort, effect, entered = tables.months, room.sort, room.effect, room.entered
    recorded, offended = room.recorded, room.offended
    for k in range(who.size):
        person = room.people[who[k]]
        recorded[k] = offended[k] = room.events[1, first, k] = room.offences[1, first, k] = 0.0
        entered[k] = min(params.origin + person.entry, last)
        # The table by months since entry begins as long before it as there are months.
        sort[k] = SORTS * (last - entered[k]) + person.kind % SORTS
    for m in range(first, last):
        rate, since = room.rate[m], tables.effect[SORTS * m :]
        seen, created, seen_managed, created_managed = (
            months[SEEN, m],
            months[CREATED, m],
            months[SEEN_MANAGED, m],
            months[CREATED_MANAGED, m],
        )
        events, offences = room.events[1, m + 1], room.offences[1, m + 1]
        for k in range(who.size):
            effect[k] = since[sort[k]]
        for k in range(who.size):
            offending, managed = rate[k] * effect[k], entered[k] <= m
            recorded[k] += (created_managed if managed else created) + offending * (seen_managed if managed else seen)
            offended[k] += offending
            events[k], offences[k] = recorded[k], offended[k]
