"""Offending careers month by month: two courses of every life, with and without a programme, from one set of numbers.

A person's rate of recorded offences is a product of lasting level, drifting log rate, age, trajectory, calendar and
programme. Events come when a clock of unit exponentials has run through that rate, so that only an event costs a
logarithm. Custody stops the clock; supervision adds events; an event may excite the next; careers may switch off and
on, and may end. The kernel reads arrays and knows of no confound.
"""
# ruff: noqa: ANN001, ANN202, ANN201, PLR0912, PLR0915, C901 -- one loop over months, compiled; numba infers types

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iom_causal.numerics.mixed.exponential import fast_exp
from iom_causal.numerics.person_streams import exponential, gamma, normal, uniform, word

type Floats = NDArray[np.float64]

LOGNORMAL, GAMMA = 0, 1
EVERYBODY, AT_LEAST, SOFT = 0, 1, 2
READS_EVENTS, READS_SCORE, READS_RATE = 0, 1, 2
FINE = 12
"""Steps of the table of rates by age in a year."""

# Nothing is allocated here, so that arrays need no counting of who holds them: that alone would cost a third.
_compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"}, _nrt=False, forceinline=True)  # type: ignore[call-overload]

_LEVEL, _RENEWED, _DRIFT, _FIRST_STATE, _TRAJECTORY, _ENGAGED, _WOMAN, _ABSENT, _STEP, _JOINS = range(10)
_NOISE, _RULE, _STOP, _FREE, _LASTING, _AGE, _MONTHLY, _EVENTS, _SWITCHES, _SCORES = range(10, 20)

LENGTH, END, WINDOW, LAST, SEEN, SEEN_MANAGED, CREATED, CREATED_MANAGED = range(8)
RENEW, KEEP, FRESH, MEMORY, EXPIRE = range(8, 13)
ROWS = 13
"""Rows of the table of months: its length, its end in years from the index date, its window (-1 for none) and whether
it is the last of it, recorded events per offence and events that supervision creates for others and for managed people,
the chance that the level is drawn anew, what a month keeps of the drift and how much is new, and what it keeps of
excitation and of points."""


class Law(NamedTuple):
    """The numbers that hold for everybody.

    Attributes
    ----------
    origin : int
        The month that starts on the index date.
    rate : float
        Events a year at liberty of somebody of mean level without drift.
    stops : int
        Whether anybody stops for good.
    gamma, spread : int, float
        Whether lasting levels are gamma with this shape, or lognormal with this log SD.
    drift_sd : float
        Log SD of the part of the rate that comes and goes.
    off_rate, on_rate : float
        Switching off and on, a year; 0 for careers without pauses.
    jump : float
        Events a year that an event adds to the rate.
    custody, stay, free_at_start : float
        Chance that an event leads to custody, mean stay in years, and the share free on the index date (-1: as it is).
    women, engaged, absent, others_join : float
        Shares of classes, and the chance that somebody who is not engaged joins.
    age_mean, age_sd, age_low, age_high : float
        A normal law of ages, cut.
    forces, force_sd : int, float
        How many forces share the pool, and the log SD of each force's own change at the index date.
    scored : int
        Whether there is a score.
    base, per_event, per_log_rate, lasting_sd, error_sd, score_drift, grid, low, high : float
        Points of the score, as in its class.
    rule, reads : int
        Everybody, at least or soft; events, score or rate.
    threshold, softness, noise : float
        Of the rule, and the SD of what is added to the value that it reads.
    at_liberty, late : int
        Whether only people at liberty on the index date get in, and whether the rule reads windows after it.
    """

    origin: int
    rate: float
    stops: int
    gamma: int
    spread: float
    drift_sd: float
    off_rate: float
    on_rate: float
    jump: float
    custody: float
    stay: float
    free_at_start: float
    women: float
    engaged: float
    absent: float
    others_join: float
    age_mean: float
    age_sd: float
    age_low: float
    age_high: float
    forces: int
    force_sd: float
    scored: int
    base: float
    per_event: float
    per_log_rate: float
    lasting_sd: float
    error_sd: float
    score_drift: float
    grid: float
    low: float
    high: float
    rule: int
    reads: int
    threshold: float
    softness: float
    noise: float
    at_liberty: int
    late: int


def record(law: Law) -> np.void:
    """Return the numbers as one record, which compiled functions hand on by its address."""
    kinds = [(name, np.int64 if kind is int else np.float64) for name, kind in Law.__annotations__.items()]
    found: np.void = np.array([tuple(law)], dtype=kinds)[0]
    return found


class Tables(NamedTuple):
    """The arrays that hold for everybody.

    Attributes
    ----------
    months : ndarray
        (13, M): what each month is like, by the rows above.
    spans : ndarray
        (T, 2) the first month of each window and the one after its last.
    rates : ndarray
        (K, 8, M) multipliers of the rate by trajectory and class: engaged (1), woman (2), outside the extract (4).
    effect : ndarray
        (4, L) the programme's multiplier by class and months since entry.
    by_age : ndarray
        Relative rates in steps of a twelfth of a year of age, so shifted that somebody's age in months on the index
        date leads to the first month.
    shares, stops : ndarray
        (K,) cumulated shares of trajectories, and (K, M + 1) their cumulated hazards of stopping.
    reads, steps : ndarray
        (T,) whether the rule reads each window; months from the index date at which people may enter.
    """

    months: Floats
    spans: NDArray[np.int64]
    rates: Floats
    effect: Floats
    by_age: Floats
    shares: Floats
    stops: Floats
    reads: NDArray[np.int64]
    steps: NDArray[np.int64]


class Courses(NamedTuple):
    """What the kernel writes: (R, n) of people, (R, 2, n, T) without and with the programme, (R,) how many drawn."""

    events: NDArray[np.int32]
    expected: Floats
    offences: Floats
    free: Floats
    score: Floats
    number: NDArray[np.int64]
    age: Floats
    kind: NDArray[np.int64]
    entry: NDArray[np.int64]
    picked: NDArray[np.bool_]
    value: Floats
    drawn: NDArray[np.int64]


class Scratch(NamedTuple):
    """Room for one person's two courses."""

    counts: NDArray[np.int64]
    sums: Floats
    scores: Floats
    rate: Floats
    drifts: Floats


def scratch(windows: int, months: int) -> Scratch:
    """Return room for one person at a time."""
    return Scratch(
        np.zeros((2, windows), dtype=np.int64),
        np.zeros((2, 3, windows)),
        np.zeros((2, windows)),
        np.zeros(months),
        np.zeros(months),
    )


@_compiled
def _level(bits, law):  # type: ignore[no-untyped-def]
    if law.gamma:
        return gamma(bits, law.spread) / law.spread
    return fast_exp(law.spread * normal(bits) - 0.5 * law.spread**2)


@_compiled
def _age(bits, law):  # type: ignore[no-untyped-def]
    place = 2
    while True:
        age = law.age_mean + law.age_sd * normal(word(bits, place))
        if law.age_low <= age <= law.age_high:
            return age
        place += 1


@_compiled
def _met(key, law):  # type: ignore[no-untyped-def]
    """Return how a life is met: level, drift, whether it is on, time to the next switch, and switches drawn."""
    on, switch = 1, np.inf
    if law.off_rate > 0:
        on = 1 if uniform(word(key, _FIRST_STATE)) < law.on_rate / (law.on_rate + law.off_rate) else 0
        switch = exponential(word(word(key, _SWITCHES), 0)) / (law.off_rate if on else law.on_rate)
    drift = normal(word(key, _DRIFT)) if law.drift_sd > 0 else 0.0
    return _level(word(key, _LEVEL), law), drift, on, switch, 1


@_compiled
def _stops(key, hazard, law):  # type: ignore[no-untyped-def]
    """Return when a career stops for good, in months; `hazard` is cumulated over months."""
    if not law.stops:
        return np.inf
    at, m = exponential(word(key, _STOP)), 0
    if at >= hazard[-1]:
        return np.inf
    while hazard[m + 1] <= at:
        m += 1
    return m + (at - hazard[m]) / (hazard[m + 1] - hazard[m])


@_compiled
def _lit(key, length, on, switch, switched, law):  # type: ignore[no-untyped-def]
    """Return the share of a month in which a career is on, and where its switch stands after it."""
    left, lit = length, 0.0
    while switch <= left:
        lit += switch * on
        left -= switch
        on = 1 - on
        switch = exponential(word(key, switched)) / (law.off_rate if on else law.on_rate)
        switched += 1
    return (lit + left * on) / length, on, switch - left, switched


@_compiled
def _path(key, life, first, last, rates, birth, force, law, months, by_age, rate, drifts):  # type: ignore[no-untyped-def]
    """Lay out the events a month of a person at liberty, without programme and stopping; return the life at the end."""
    level, drift, on, switch, switched = life
    if first == law.origin and months[RENEW, first] > 0 and uniform(word(key, _RENEWED)) < months[RENEW, first]:
        level = _level(word(word(key, _RENEWED), 1), law)
    if law.drift_sd > 0:
        monthly = word(key, _MONTHLY)
        for m in range(first, last):
            drifts[m] = drift
            drift = months[KEEP, m] * drift + months[FRESH, m] * normal(word(monthly, m))
    scale = law.rate * level * (force if first == law.origin else 1.0)
    # Slices counted from 0 let the compiler use vectors: it need not think of negative places.
    span = slice(first, last)
    to, own, aged, length = rate[span], rates[span], by_age[birth + first : birth + last], months[LENGTH, span]
    for k in range(to.size):
        to[k] = scale * own[k] * aged[k] * length[k]
    if law.drift_sd > 0:
        drifted = drifts[span]
        for k in range(to.size):
            to[k] *= fast_exp(law.drift_sd * drifted[k])
    if law.off_rate > 0:
        switches = word(key, _SWITCHES)
        for m in range(first, last):
            lit, on, switch, switched = _lit(switches, months[LENGTH, m], on, switch, switched, law)
            rate[m] *= lit
    return level, drift, on, switch, switched


@_compiled
def _released(key, m, length, law):  # type: ignore[no-untyped-def]
    """Return when somebody is free who is met on the index date: at once, or after a stay."""
    bits = word(key, _FREE)
    if uniform(bits) < law.free_at_start:
        return 0.0
    return m + exponential(word(bits, 1)) * law.stay / length


@_compiled
def _scored(key, w, life, drift, points, years, law):  # type: ignore[no-untyped-def]
    """Return the score at the end of a window, from the rate in its last month."""
    level = life[0]
    made = law.base + law.per_event * points + law.score_drift * years + law.lasting_sd * normal(word(key, _LASTING))
    made += law.per_log_rate * (np.log(level) + law.drift_sd * drift)
    made += law.error_sd * normal(word(word(key, _SCORES), w))
    if law.grid > 0:
        made = np.round(made / law.grid) * law.grid
    return min(max(made, law.low), law.high)


@_compiled
def _course(  # type: ignore[no-untyped-def]
    key, state, first, last, managed, entry, effect, stop, life, law, months, rate, drifts, seen, days, stays, marked
):  # fmt: skip
    """Let events happen from one month to another and sum them up by window; return the state that is left.

    The state is what the clock shows, events drawn, when custody ends, the rate that events have added, and points.
    A recorded event excites by the offences that it stands for, so that detection alone changes no mean of offences.
    """
    clock, drawn, free_from, excited, points = state
    events, sums, scores = seen
    event_key = word(key, _EVENTS)
    entered = law.origin + entry if managed else last
    if first == law.origin and law.free_at_start >= 0 and first < last:
        free_from = _released(key, first, months[LENGTH, first], law)
    count, hoped, offended, at_liberty = 0, 0.0, 0.0, 0.0
    mark = 0
    for m in range(first, last):
        offending, length = rate[m], months[LENGTH, m]
        share, created = months[SEEN, m], months[CREATED, m]
        if m >= entered:
            offending *= effect[m - entered]
            share, created = months[SEEN_MANAGED, m], months[CREATED_MANAGED, m]
        if law.jump > 0:
            offending += excited * length
        quiet = created + offending * share
        if clock > quiet and free_from <= m and stop >= m + 1:
            clock -= quiet
            hoped += quiet
            offended += offending
            at_liberty += length
        else:
            t, end = max(0.0, free_from - m), min(max(stop - m, 0.0), 1.0)
            while t < 1.0:
                active = t < end
                edge = end if active else 1.0
                hazard = created + (offending * share if active else 0.0)
                happens = clock <= hazard * (edge - t)
                span = clock / hazard if happens else edge - t
                clock -= hazard * span
                hoped += hazard * span
                offended += offending * span if active else 0.0
                at_liberty += span * length
                t = t + span if happens else edge
                if not happens:
                    continue
                count += 1
                points += 1.0
                if law.jump > 0:
                    excites = law.jump * (offending if active else 0.0) / hazard
                    excited += excites
                    offending += excites * length
                clock = exponential(word(event_key, 3 * drawn))
                stay = 0.0
                if law.custody > 0 and uniform(word(event_key, 3 * drawn + 1)) < law.custody:
                    stay = exponential(word(event_key, 3 * drawn + 2)) * law.stay
                if days is not None and months[WINDOW, m] >= 0:
                    days[mark], stays[mark], marked[mark] = t, stay, m
                    mark += 1
                if stay > 0:
                    t += stay / length
                    free_from = m + t
                drawn += 1
        if law.jump > 0:
            excited *= months[MEMORY, m]
        if law.scored:
            points *= months[EXPIRE, m]
        if months[LAST, m]:
            w = np.int64(months[WINDOW, m])
            if w >= 0:
                events[w] = count
                sums[0, w], sums[1, w], sums[2, w] = hoped, offended, at_liberty
                if law.scored:
                    scores[w] = _scored(key, w, life, drifts[m], points, months[END, m], law)
            count, hoped, offended, at_liberty = 0, 0.0, 0.0, 0.0
    return clock, drawn, free_from, excited, points


@_compiled
def _value(key, law, reads, counts, scores, life, drifts, stop):  # type: ignore[no-untyped-def]
    """Return what the rule reads of a person: events in its windows, the last score in them, or the rate.

    The drift on the index date lies mid-way between the months beside it, so that the rates before and after people
    picked on it are mirrors of one another.
    """
    value = 0.0
    if law.reads == READS_RATE and stop > law.origin:
        drift = 0.5 * (drifts[law.origin - 1] + life[1]) if law.drift_sd > 0 else 0.0
        value = law.rate * life[0] * fast_exp(law.drift_sd * drift) * life[2]
    elif law.reads != READS_RATE:
        for w in range(reads.size):
            if reads[w]:
                value = scores[w] if law.reads == READS_SCORE else value + counts[w]
    return value + law.noise * normal(word(key, _NOISE)) if law.noise > 0 else value


@_compiled
def _gets_in(key, value, engaged, law):  # type: ignore[no-untyped-def]
    if not engaged and law.others_join < 1 and uniform(word(key, _JOINS)) >= law.others_join:
        return False
    if law.rule == AT_LEAST:
        return value >= law.threshold
    if law.rule == SOFT:
        return uniform(word(key, _RULE)) < 1.0 / (1.0 + np.exp((law.threshold - value) / law.softness))
    return True


@_compiled
def _who(key, replicate_key, person, law, shares, steps):  # type: ignore[no-untyped-def]
    """Return a person's class, trajectory, age, month of entry, and the own change of the person's force."""
    kind, path, entry, force = 0, 0, steps[0], 1.0
    if law.engaged > 0 and uniform(word(key, _ENGAGED)) < law.engaged:
        kind += 1
    if law.women > 0 and uniform(word(key, _WOMAN)) < law.women:
        kind += 2
    if law.absent > 0 and uniform(word(key, _ABSENT)) < law.absent:
        kind += 4
    if shares.size > 1:
        u = uniform(word(key, _TRAJECTORY))
        while u >= shares[path]:
            path += 1
    if steps.size > 1:
        entry = steps[np.int64(uniform(word(key, _STEP)) * steps.size)]
    if law.force_sd > 0:
        bits = word(word(replicate_key, 0), person % law.forces)
        force = np.exp(law.force_sd * normal(bits) - 0.5 * law.force_sd**2)
    return kind, path, _age(word(key, _AGE), law), entry, force


@_compiled
def _copy(source, target):  # type: ignore[no-untyped-def]
    for w in range(source[0].size):
        target[0][w], target[2][w] = source[0][w], source[2][w]
        target[1][0, w], target[1][1, w], target[1][2, w] = source[1][0, w], source[1][1, w], source[1][2, w]


@_compiled
def _write(out, r, arm, row, seen, scored):  # type: ignore[no-untyped-def]
    events, sums, scores = seen
    for w in range(events.size):
        out.events[r, arm, row, w] = events[w]
        out.expected[r, arm, row, w] = sums[0, w]
        out.offences[r, arm, row, w] = sums[1, w]
        out.free[r, arm, row, w] = sums[2, w]
        if scored:
            out.score[r, arm, row, w] = scores[w]


@_compiled
def live(replicate_keys, tries, keep_all, same, law, tables, scratch, out):  # type: ignore[no-untyped-def]
    """Fill cohorts: draw people until each replicate has its number of picked people, or keep everybody who is drawn.

    Parameters
    ----------
    replicate_keys : ndarray
        (R,) one a replicate.
    tries : int
        The most people drawn for one replicate.
    keep_all : bool
        Whether rows are everybody drawn, with a mark for who was picked, or the picked people alone.
    same : bool
        Whether both courses are one, so that the second need not be lived.
    law, tables : record of a Law, Tables
        The world.
    scratch : tuple of ndarray
        From `scratch`.
    out : Courses
        Written; rows that nobody fills keep their -1 in `number`.
    """
    months, effects, by_age, reads = tables.months, tables.effect, tables.by_age, tables.reads
    all_rates, shares, stops, steps = tables.rates, tables.shares, tables.stops, tables.steps
    places, last = out.number.shape[1], months.shape[1]
    rate, drifts = scratch.rate, scratch.drifts
    # Nobody starts without a past: points of the events that the first month's rate would have brought for ever.
    held = months[EXPIRE, 0] / (1.0 - months[EXPIRE, 0])
    first = (scratch.counts[0], scratch.sums[0], scratch.scores[0])
    second = (scratch.counts[1], scratch.sums[1], scratch.scores[1])
    for r in range(replicate_keys.size):
        filled, person = 0, 0
        while filled < places and person < tries:
            key = word(replicate_keys[r], person + 1)
            kind, path, age, entry, force = _who(key, replicate_keys[r], person, law, shares, steps)
            stop, effect = _stops(key, stops[path], law), effects[kind & 3]
            born = np.int64(age * FINE)
            rates = all_rates[path, kind]
            life = _path(key, _met(key, law), 0, law.origin, rates, born, force, law, months, by_age, rate, drifts)
            state = (exponential(word(word(key, _EVENTS), 0)), 1, 0.0, 0.0, rate[0] * held)
            state = _course(
                key, state, 0, law.origin, 0, entry, effect, stop, life, law, months, rate, drifts, first, None, None,
                None
            )  # fmt: skip
            inside = not (law.at_liberty and state[2] > law.origin)
            value = _value(key, law, reads, first[0], first[2], life, drifts, stop)
            if not law.late:
                inside = inside and _gets_in(key, value, kind & 1, law)
            if inside or keep_all:
                _copy(first, second)
                later = _path(key, life, law.origin, last, rates, born, force, law, months, by_age, rate, drifts)
                _course(
                    key, state, law.origin, last, 0, entry, effect, stop, later, law, months, rate, drifts, first, None,
                    None, None
                )  # fmt: skip
                if law.late:
                    value = _value(key, law, reads, first[0], first[2], life, drifts, stop)
                    inside = inside and _gets_in(key, value, kind & 1, law)
            if inside or keep_all:
                if not same:
                    _course(
                        key, state, law.origin, last, 1, entry, effect, stop, later, law, months, rate, drifts, second,
                        None, None, None
                    )  # fmt: skip
                _write(out, r, 0, filled, first, law.scored)
                _write(out, r, 1, filled, first if same else second, law.scored)
                out.number[r, filled] = person
                out.age[r, filled] = age
                out.kind[r, filled] = kind + 8 * path
                out.entry[r, filled] = entry
                out.picked[r, filled] = inside
                out.value[r, filled] = value
                filled += 1
            person += 1
        out.drawn[r] = person


@_compiled
def dates(replicate_keys, numbers, managed, starts, law, tables, scratch, days, stays, marked):  # type: ignore[no-untyped-def]
    """Live the course that was seen again and write down when each event fell and how long custody after it lasted.

    Parameters
    ----------
    replicate_keys, numbers, managed : ndarray
        (N,) of the people.
    starts : ndarray
        (N + 1,) where each person's events begin in the flat arrays.
    law, tables : Law, Tables
        The world.
    days, stays, marked : ndarray
        Written for events inside windows: how far into its month each fell, years in custody after it, and the month.
    """
    months, rate, drifts, last = tables.months, scratch.rate, scratch.drifts, tables.months.shape[1]
    seen = (scratch.counts[0], scratch.sums[0], scratch.scores[0])
    for i in range(numbers.size):
        key = word(replicate_keys[i], numbers[i] + 1)
        kind, path, age, entry, force = _who(key, replicate_keys[i], numbers[i], law, tables.shares, tables.steps)
        born, rates, effect = np.int64(age * FINE), tables.rates[path, kind], tables.effect[kind & 3]
        stop, begin = _stops(key, tables.stops[path], law), starts[i]
        life, state = _met(key, law), (exponential(word(word(key, _EVENTS), 0)), 1, 0.0, 0.0, 0.0)
        for a, b in ((0, law.origin), (law.origin, last)):
            life = _path(key, life, a, b, rates, born, force, law, months, tables.by_age, rate, drifts)
            part = slice(begin, starts[i + 1])
            state = _course(
                key, state, a, b, managed[i] and a == law.origin, entry, effect, stop, life, law, months, rate, drifts,
                seen, days[part], stays[part], marked[part]
            )  # fmt: skip
            for w in range(tables.spans.shape[0]):
                if a <= tables.spans[w, 0] < b:
                    begin += seen[0][w]
