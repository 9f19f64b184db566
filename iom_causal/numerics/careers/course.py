"""One potential-outcome path of a career: event times by inversion of cumulative hazards, custody, window sums."""
# ruff: noqa: ANN001, ANN202, ANN201, C901, PLR0912, PLR0915 -- one loop over events, compiled; numba infers types

import numpy as np

from iom_causal.numerics.careers.parameters import CREATED, END, LENGTH, MEMORY, SEEN, compiled
from iom_causal.numerics.careers.persons import EVENTS, FREE, LASTING, SCORES
from iom_causal.numerics.kernels.counter_rng import exponential, normal, uniform, word
from iom_causal.numerics.kernels.fast_exp import fast_exp

NEXT = np.uint64(1)


@compiled
def _released(key, m, length, params):  # type: ignore[no-untyped-def]
    """Draw when a person is free whose career starts on the index date: at once, or after a stay."""
    bits = word(key, FREE)
    if uniform(bits) < params.free_at_start:
        return 0.0
    return m + exponential(word(bits, 1)) * params.stay / length


@compiled
def _scored(person, w, drift, points, years, params):  # type: ignore[no-untyped-def]
    """Return the score at the end of a window, from the rate in its last month."""
    key = person.key
    made = (
        params.base
        + params.per_event * points
        + params.score_drift * years
        + params.lasting_sd * normal(word(key, LASTING))
    )
    if params.per_log_rate != 0:  # a level may be so low that its log is infinite
        made += params.per_log_rate * (np.log(person.level) + params.drift_sd * drift)
    made += params.error_sd * normal(word(word(key, SCORES), w))
    if params.grid > 0:
        made = np.round(made / params.grid) * params.grid
    return min(max(made, params.low), params.high)


@compiled
def _month(t):  # type: ignore[no-untyped-def]
    """Return the month that a time lies in; it has no sign, so that no place is counted from the end."""
    return np.uint64(np.int64(t))


@compiled
def _until(cumulated, t):  # type: ignore[no-untyped-def]
    """Return the cumulated sum at any time, in months."""
    m = _month(t)
    return cumulated[m] + (t - np.int64(m)) * (cumulated[m + NEXT] - cumulated[m])


@compiled
def _stay(event_key, drawn, params):  # type: ignore[no-untyped-def]
    """Return how long custody after an event lasts, in years; mostly there is none."""
    if params.custody > 0 and uniform(word(event_key, 3 * drawn + 1)) < params.custody:
        return exponential(word(event_key, 3 * drawn + 2)) * params.stay
    return 0.0


@compiled
def _run(goal, end, clock, drawn, event_key, timed, params):  # type: ignore[no-untyped-def]
    """Let clocks run out one after another up to an end, or to the first event whose time matters."""
    stay, happens = 0.0, False
    while goal <= end and not happens:
        stay, clock = _stay(event_key, drawn, params), exponential(word(event_key, 3 * drawn))
        drawn += 1
        happens = timed or stay > 0
        goal += 0.0 if happens else clock
    return goal, clock, drawn, stay, happens


@compiled
def _found(goal, begin, t, b, share, events):  # type: ignore[no-untyped-def]
    """Inverse of a cumulated sum: when it reaches a goal, the month of that, and the month's own part."""
    m, last = _month(t), _month(b)
    while m + NEXT < last and events[m + NEXT] <= goal:
        m += NEXT
    hazard = events[m + NEXT] - events[m] + share
    return max(t, np.int64(m)) + (goal - max(begin, events[m])) / hazard, m, hazard


@compiled
def _quiet(stop, entered, months, events, offences):  # type: ignore[no-untyped-def]
    """Make the month in which somebody stops like those after it: what supervision creates goes on."""
    m = _month(stop)
    events[m] = events[m + NEXT] - months[CREATED + (m >= _month(entered)), m]
    offences[m] = offences[m + NEXT]


@compiled
def first_state(person, points):  # type: ignore[no-untyped-def]
    """Return the state before anything has happened: a clock is set, and nobody is held."""
    return exponential(word(word(person.key, EVENTS), 0)), 1, 0.0, 0.0, points


@compiled
def keep_state(person, state):  # type: ignore[no-untyped-def]
    """Store the state on the index date, from which both courses go on."""
    person.clock, person.drawn, person.free_from, person.excited, person.points = state


@compiled
def kept_state(person):  # type: ignore[no-untyped-def]
    """Return the state that `keep_state` stored."""
    return person.clock, person.drawn, person.free_from, person.excited, person.points


@compiled
def course(person, state, first, last, entered, params, tables, sums, drifts, seen, dated):  # type: ignore[no-untyped-def]
    """Let events happen from one month to another and sum them up by window; return the state that is left.

    The state is what the clock shows, events drawn, when custody ends, the rate that events have added, and points.
    An event comes when as much has cumulated as the clock shows; the time of it is looked up only where it matters.
    A recorded event excites by the offences that it stands for, so that detection alone changes no mean of offences.
    """
    clock, drawn, free_from, excited, points = state
    events, offences = sums
    months, stop, event_key = tables.months, person.stop, word(person.key, EVENTS)
    timed = params.jump > 0 or params.scored or dated is not None
    if first == params.origin and params.free_at_start >= 0 and first < last:
        free_from = _released(person.key, first, months[LENGTH, first], params)
    before, hoped, offended, missed, mark, stopped = drawn, 0.0, 0.0, 0.0, 0, False
    for p in range(tables.parts.shape[0]):
        a, b, w = tables.parts[p, 0], tables.parts[p, 1], tables.parts[p, 2]
        if a < first or a >= last:
            continue
        t = max(np.float64(a), free_from)
        missed += min(t, b) - a
        if params.scored:
            points *= fast_exp(params.fading * (months[END, a] - months[LENGTH, a] - months[END, b - 1]))
        while t < b:
            if t >= stop and not stopped:
                stopped, excited = True, 0.0
                _quiet(stop, entered, months, events, offences)
            edge = np.float64(b) if stopped else min(stop, b)
            more = excited * months[LENGTH, a]
            share = more * months[SEEN + (a >= entered), a]
            begin, end, at = _until(events, t), _until(events, edge) + share * (edge - t), edge
            goal, clock, drawn, stay, happens = _run(begin + clock, end, clock, drawn, event_key, timed, params)
            m, hazard = _month(a), 1.0
            if happens:
                at, m, hazard = _found(goal, begin, t, b, share, events)
                at = min(at, edge)
            hoped += min(goal, end) - begin
            offended += _until(offences, at) - _until(offences, t) + more * (at - t)
            t = at
            if not happens:
                clock = goal - end
                continue
            if params.jump > 0:
                excited += params.jump * (more + offences[m + NEXT] - offences[m]) / hazard
            if params.scored:
                when = months[END, m] - (np.int64(m) + 1 - at) * months[LENGTH, m]
                points += fast_exp(params.fading * (when - months[END, b - 1]))
            if dated is not None and w >= 0:
                dated[0][mark], dated[1][mark], dated[2][mark] = at - np.int64(m), stay, np.int64(m)
                mark += 1
            if stay > 0:
                t = free_from = at + stay / months[LENGTH, m]
                missed += min(t, b) - at
        if params.jump > 0:
            excited *= months[MEMORY, a]
        if w >= 0 and b < tables.spans[w, 1]:
            continue
        if w >= 0:
            counts, expected, by_offences, exposure, scores = seen
            counts[w], expected[w], by_offences[w] = drawn - before, hoped, offended
            exposure[w] = tables.days[w] * max(0.0, 1.0 - missed / (b - tables.spans[w, 0]))
            if params.scored:
                scores[w] = _scored(person, w, drifts[b - 1], points, months[END, b - 1], params)
        before, hoped, offended, missed = drawn, 0.0, 0.0, 0.0
    return clock, drawn, free_from, excited, points
