"""Person-level random effects, each drawn from the person's own random stream."""
# ruff: noqa: ANN001, ANN202, ANN201 -- numba infers the types of what it compiles

import numpy as np

from iom_causal.numerics.careers.parameters import AT_LEAST, CLASSES, FINE, READS_RATE, READS_SCORE, SOFT, compiled
from iom_causal.numerics.kernels.counter_rng import exponential, gamma, normal, uniform, word
from iom_causal.numerics.kernels.fast_exp import fast_exp

LEVEL, RENEWED, DRIFT, FIRST_STATE, TRAJECTORY, ENGAGED, WOMAN, ABSENT, STEP, JOINS = range(10)
NOISE, RULE, STOP, FREE, LASTING, AGE, MONTHLY, EVENTS, SWITCHES, SCORES = range(10, 20)

PERSON = np.dtype(
    [("key", np.uint64)]
    + [(name, np.int64) for name in ("number", "kind", "path", "born", "entry", "on", "switched", "drawn", "inside")]
    + [(name, np.float64) for name in ("age", "force", "stop", "level", "drift", "switch", "value")]
    + [(name, np.float64) for name in ("clock", "free_from", "excited", "points")]
)


@compiled
def level(bits, params):  # type: ignore[no-untyped-def]
    """Return a lasting level, of mean 1."""
    if params.gamma:
        return gamma(bits, params.spread) / params.spread
    return fast_exp(params.spread * normal(bits) - 0.5 * params.spread**2)


@compiled
def _age(bits, params):  # type: ignore[no-untyped-def]
    place = 2
    while True:
        age = params.age_mean + params.age_sd * normal(word(bits, place))
        if params.age_low <= age <= params.age_high:
            return age
        place += 1


@compiled
def _stops(key, hazard, params):  # type: ignore[no-untyped-def]
    """Return when a career stops for good, in months; `hazard` is cumulated over months."""
    if not params.stops:
        return np.inf
    at, m = exponential(word(key, STOP)), 0
    if at >= hazard[-1]:
        return np.inf
    while hazard[m + 1] <= at:
        m += 1
    return m + (at - hazard[m]) / (hazard[m + 1] - hazard[m])


@compiled
def draw_person(person, replicate_key, number, params, tables):  # type: ignore[no-untyped-def]
    """Draw a person's class, trajectory, age, entry, the own change of the force, and the state in the first month."""
    key = word(replicate_key, number + 1)
    kind, path, entry, force = 0, 0, tables.steps[0], 1.0
    if params.engaged > 0 and uniform(word(key, ENGAGED)) < params.engaged:
        kind += 1
    if params.women > 0 and uniform(word(key, WOMAN)) < params.women:
        kind += 2
    if params.absent > 0 and uniform(word(key, ABSENT)) < params.absent:
        kind += 4
    if tables.shares.size > 1:
        u = uniform(word(key, TRAJECTORY))
        while u >= tables.shares[path]:
            path += 1
    if tables.steps.size > 1:
        entry = tables.steps[np.int64(uniform(word(key, STEP)) * tables.steps.size)]
    if params.force_sd > 0:
        bits = word(word(replicate_key, 0), number % params.forces)
        force = np.exp(params.force_sd * normal(bits) - 0.5 * params.force_sd**2)
    on, switch = 1, np.inf
    if params.off_rate > 0:
        on = 1 if uniform(word(key, FIRST_STATE)) < params.on_rate / (params.on_rate + params.off_rate) else 0
        switch = exponential(word(word(key, SWITCHES), 0)) / (params.off_rate if on else params.on_rate)
    age = _age(word(key, AGE), params)
    person.key, person.number, person.kind, person.path, person.entry = key, number, kind, path, entry
    person.age, person.born, person.force = age, np.int64(age * FINE), force
    person.stop = _stops(key, tables.stops[path], params)
    person.level, person.on, person.switch, person.switched = level(word(key, LEVEL), params), on, switch, 1
    person.drift = normal(word(key, DRIFT)) if params.drift_sd > 0 else 0.0


@compiled
def value(person, params, tables, counts, scores, drift_before):  # type: ignore[no-untyped-def]
    """Return the value that the selection rule reads: events in its windows, the last score in them, or the rate.

    The rate is that at liberty, with what is the person's own in the month before the index date, age and trajectory
    too. The drift on the index date lies mid-way between the months beside it, so that the rates before and after
    people selected on it are mirrors of one another.
    """
    read = 0.0
    if params.reads == READS_RATE and person.stop > params.origin:
        drift = 0.5 * (drift_before + person.drift) if params.drift_sd > 0 else 0.0
        m, sort = params.origin - 1, CLASSES * person.path + person.kind
        own = tables.rates[m, sort] * tables.by_age[person.born + m]
        read = params.rate * own * person.level * fast_exp(params.drift_sd * drift) * person.on
    elif params.reads != READS_RATE:
        for w in range(tables.reads.size):
            if tables.reads[w]:
                read = scores[w] if params.reads == READS_SCORE else read + counts[w]
    return read + params.noise * normal(word(person.key, NOISE)) if params.noise > 0 else read


@compiled
def gets_in(person, params):  # type: ignore[no-untyped-def]
    """Apply the selection rule: whether an eligible person is selected, by the value that the rule reads."""
    key = person.key
    if not person.kind & 1 and params.others_join < 1 and uniform(word(key, JOINS)) >= params.others_join:
        return False
    if params.rule == AT_LEAST:
        return person.value >= params.threshold
    if params.rule == SOFT:
        return uniform(word(key, RULE)) < 1.0 / (1.0 + np.exp((params.threshold - person.value) / params.softness))
    return True
