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

LENGTH, END, SEEN, SEEN_MANAGED, CREATED, CREATED_MANAGED, RENEW, KEEP, FRESH, MEMORY = range(10)
ROWS = 10
"""Rows of the table of months: its length, its end in years from the index date, recorded events per offence and events
that supervision creates for others and for managed people, the chance that the level is drawn anew, what a month keeps
of the drift and how much is new, and what it keeps of excitation."""


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
    fading : float
        How fast points fade, a year.
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
    fading: float
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
        (10, M): what each month is like, by the rows above.
    spans : ndarray
        (T, 2) the first month of each window and the one after its last.
    days : ndarray
        (T,) how long each window is.
    parts : ndarray
        (P, 3) stretches of months that events are looked for in at once: first month, the one after the last, window
        (-1 for none). None reaches across the index date, and where events excite further ones each is one month.
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
    days: Floats
    parts: NDArray[np.int64]
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
    exposure: Floats
    score: Floats
    number: NDArray[np.int64]
    age: Floats
    kind: NDArray[np.int64]
    entry: NDArray[np.int64]
    picked: NDArray[np.bool_]
    value: Floats
    drawn: NDArray[np.int64]


class Scratch(NamedTuple):
    """Room for one person: rate and drift of each month, and events and offences from a course's start up to it."""

    rate: Floats
    drifts: Floats
    events: Floats
    offences: Floats


def scratch(months: int) -> Scratch:
    """Return room for one person at a time."""
    # What is cumulated has a month more than its ends, so that the last of them has a month to lie in.
    return Scratch(np.zeros(months), np.zeros(months), np.zeros(months + 2), np.zeros(months + 2))


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
def _path(key, life, first, last, rates, birth, force, law, tables, room):  # type: ignore[no-untyped-def]
    """Lay out the events a month of a person at liberty, without programme and stopping; return the life at the end."""
    level, drift, on, switch, switched = life
    months, by_age, rate, drifts = tables.months, tables.by_age, room.rate, room.drifts
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
def _cumulate(first, last, alive, entered, effect, months, room):  # type: ignore[no-untyped-def]
    """Add up what a person at liberty does from one month to another: recorded events, and offences."""
    for managed in range(2):
        a, b = (max(first, entered), last) if managed else (first, min(entered, last))
        if a >= b:
            continue
        rate, seen, created = room.rate[a:b], months[SEEN + managed, a:b], months[CREATED + managed, a:b]
        own = effect[a - entered : b - entered] if managed else effect
        to_events, to_offences = room.events[a + 1 : b + 1], room.offences[a + 1 : b + 1]
        events, offences = room.events[a], room.offences[a]
        for k in range(b - a):
            does = alive * rate[k] * (own[k] if managed else 1.0)
            events += created[k] + does * seen[k]
            offences += does
            to_events[k], to_offences[k] = events, offences


@_compiled
def _until(cumulated, t):  # type: ignore[no-untyped-def]
    """Return what is cumulated at any time, in months."""
    m = np.int64(t)
    return cumulated[m] + (t - m) * (cumulated[m + 1] - cumulated[m])


@_compiled
def _stay(event_key, drawn, law):  # type: ignore[no-untyped-def]
    """Return how long custody after an event lasts, in years; mostly there is none."""
    if law.custody > 0 and uniform(word(event_key, 3 * drawn + 1)) < law.custody:
        return exponential(word(event_key, 3 * drawn + 2)) * law.stay
    return 0.0


@_compiled
def _course(  # type: ignore[no-untyped-def]
    key, state, first, last, entered, effect, stop, life, law, tables, room, seen, dated
):  # fmt: skip
    """Let events happen from one month to another and sum them up by window; return the state that is left.

    The state is what the clock shows, events drawn, when custody ends, the rate that events have added, and points.
    An event comes when as much has cumulated as the clock shows; the time of it is looked up only where it matters.
    A recorded event excites by the offences that it stands for, so that detection alone changes no mean of offences.
    """
    clock, drawn, free_from, excited, points = state
    events, expected, offences, exposure, scores = seen
    months, event_key, timed = tables.months, word(key, _EVENTS), law.jump > 0 or law.scored or dated is not None
    if first == law.origin and law.free_at_start >= 0 and first < last:
        free_from = _released(key, first, months[LENGTH, first], law)
    room.events[first] = room.offences[first] = 0.0
    _cumulate(first, last, 1.0, entered, effect, months, room)
    count, hoped, offended, missed, mark, stopped = 0, 0.0, 0.0, 0.0, 0, False
    for p in range(tables.parts.shape[0]):
        a, b, w = tables.parts[p, 0], tables.parts[p, 1], tables.parts[p, 2]
        if a < first or a >= last:
            continue
        t = max(np.float64(a), free_from)
        missed += min(t, b) - a
        if law.scored:
            points *= fast_exp(law.fading * (months[END, a] - months[LENGTH, a] - months[END, b - 1]))
        while t < b:
            if t >= stop and not stopped:
                stopped, excited = True, 0.0
                _cumulate(np.int64(t), last, 0.0, entered, effect, months, room)
            edge = np.float64(b) if stopped else min(stop, b)
            more = excited * months[LENGTH, a]
            share = more * months[SEEN + (a >= entered), a]
            begin, end = _until(room.events, t), _until(room.events, edge) + share * (edge - t)
            goal, stay, happens = begin + clock, 0.0, False
            while goal <= end and not happens:
                count += 1
                stay, clock = _stay(event_key, drawn, law), exponential(word(event_key, 3 * drawn))
                drawn += 1
                happens = timed or stay > 0
                goal += 0.0 if happens else clock
            m, at, hazard = np.int64(t), edge, 0.0
            if happens:
                while m + 1 < b and room.events[m + 1] <= goal:
                    m += 1
                hazard = room.events[m + 1] - room.events[m] + share
                at = min(max(t, m) + (goal - max(begin, room.events[m])) / hazard, edge)
            hoped += min(goal, end) - begin
            offended += _until(room.offences, at) - _until(room.offences, t) + more * (at - t)
            t = at
            if not happens:
                clock = goal - end
                continue
            if law.jump > 0:
                excited += law.jump * (more + room.offences[m + 1] - room.offences[m]) / hazard
            if law.scored:
                when = months[END, m] - (m + 1 - at) * months[LENGTH, m]
                points += fast_exp(law.fading * (when - months[END, b - 1]))
            if dated is not None and w >= 0:
                dated[0][mark], dated[1][mark], dated[2][mark] = at - m, stay, m
                mark += 1
            if stay > 0:
                t = free_from = at + stay / months[LENGTH, m]
                missed += min(t, b) - at
        if law.jump > 0:
            excited *= months[MEMORY, a]
        if w >= 0 and b < tables.spans[w, 1]:
            continue
        if w >= 0:
            events[w], expected[w], offences[w] = count, hoped, offended
            exposure[w] = tables.days[w] * max(0.0, 1.0 - missed / (b - tables.spans[w, 0]))
            if law.scored:
                scores[w] = _scored(key, w, life, room.drifts[b - 1], points, months[END, b - 1], law)
        count, hoped, offended, missed = 0, 0.0, 0.0, 0.0
    return clock, drawn, free_from, excited, points


@_compiled
def _value(key, law, reads, counts, scores, life, own, drifts, stop):  # type: ignore[no-untyped-def]
    """Return what the rule reads of a person: events in its windows, the last score in them, or the rate.

    The rate is that at liberty, with what is the person's own in the month before the index date, age and trajectory
    too. The drift on the index date lies mid-way between the months beside it, so that the rates before and after
    people picked on it are mirrors of one another.
    """
    value = 0.0
    if law.reads == READS_RATE and stop > law.origin:
        drift = 0.5 * (drifts[law.origin - 1] + life[1]) if law.drift_sd > 0 else 0.0
        value = law.rate * own * life[0] * fast_exp(law.drift_sd * drift) * life[2]
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


@_compiled
def _copy(source, target, scored):  # type: ignore[no-untyped-def]
    for w in range(source[0].size):
        target[0][w], target[1][w], target[2][w] = source[0][w], source[1][w], source[2][w]
        target[3][w] = source[3][w]
        if scored:
            target[4][w] = source[4][w]


@_compiled
def live(replicate_keys, tries, keep_all, same, law, tables, room, out):  # type: ignore[no-untyped-def]
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
    room : Scratch
        From `scratch`.
    out : Courses
        Written, and nothing else of it than the rows of people who were kept.
    """
    months, effects, reads = tables.months, tables.effect, tables.reads
    places, last = out.number.shape[1], months.shape[1]
    # Nobody starts without a past: points of the events that the first month's rate would have brought for ever.
    held = 1.0 / (law.fading * months[LENGTH, 0])
    for r in range(replicate_keys.size):
        filled, person = 0, 0
        while filled < places and person < tries:
            key = word(replicate_keys[r], person + 1)
            kind, path, age, entry, force = _who(key, replicate_keys[r], person, law, tables.shares, tables.steps)
            stop, effect = _stops(key, tables.stops[path], law), effects[kind & 3]
            born = np.int64(age * FINE)
            rates = tables.rates[path, kind]
            own = rates[law.origin - 1] * tables.by_age[born + law.origin - 1]
            first, second = _seen(out, r, 0, filled), _seen(out, r, 1, filled)
            life = _path(key, _met(key, law), 0, law.origin, rates, born, force, law, tables, room)
            state = (exponential(word(word(key, _EVENTS), 0)), 1, 0.0, 0.0, room.rate[0] * held)
            state = _course(key, state, 0, law.origin, last, effect, stop, life, law, tables, room, first, None)
            inside = not (law.at_liberty and state[2] > law.origin)
            value = _value(key, law, reads, first[0], first[4], life, own, room.drifts, stop)
            if not law.late:
                inside = inside and _gets_in(key, value, kind & 1, law)
            if inside or keep_all:
                later = _path(key, life, law.origin, last, rates, born, force, law, tables, room)
                _course(key, state, law.origin, last, last, effect, stop, later, law, tables, room, first, None)
                if law.late:
                    value = _value(key, law, reads, first[0], first[4], life, own, room.drifts, stop)
                    inside = inside and _gets_in(key, value, kind & 1, law)
            if inside or keep_all:
                _copy(first, second, law.scored)
                if not same:
                    entered = law.origin + entry
                    _course(key, state, law.origin, last, entered, effect, stop, later, law, tables, room, second, None)
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
def dates(replicate_keys, numbers, managed, starts, law, tables, room, seen, days, stays, marked):  # type: ignore[no-untyped-def]
    """Live the course that was seen again and write down when each event fell and how long custody after it lasted.

    Parameters
    ----------
    replicate_keys, numbers, managed : ndarray
        (N,) of the people.
    starts : ndarray
        (N + 1,) where each person's events begin in the flat arrays.
    law, tables : Law, Tables
        The world.
    room, seen : Scratch, tuple of ndarray
        Room for one person and for sums by window.
    days, stays, marked : ndarray
        Written for events inside windows: how far into its month each fell, years in custody after it, and the month.
    """
    last = tables.months.shape[1]
    for i in range(numbers.size):
        key = word(replicate_keys[i], numbers[i] + 1)
        kind, path, age, entry, force = _who(key, replicate_keys[i], numbers[i], law, tables.shares, tables.steps)
        born, rates, effect = np.int64(age * FINE), tables.rates[path, kind], tables.effect[kind & 3]
        stop, begin = _stops(key, tables.stops[path], law), starts[i]
        life, state = _met(key, law), (exponential(word(word(key, _EVENTS), 0)), 1, 0.0, 0.0, 0.0)
        for a, b in ((0, law.origin), (law.origin, last)):
            life = _path(key, life, a, b, rates, born, force, law, tables, room)
            entered = law.origin + entry if managed[i] and a == law.origin else last
            part = slice(begin, starts[i + 1])
            dated = (days[part], stays[part], marked[part])
            state = _course(key, state, a, b, entered, effect, stop, life, law, tables, room, seen, dated)
            for w in range(tables.spans.shape[0]):
                if a <= tables.spans[w, 0] < b:
                    begin += seen[0][w]
