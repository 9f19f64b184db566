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
def level(bits, law):  # type: ignore[no-untyped-def]
    """Return a lasting level, of mean 1."""
    if law.gamma:
        return gamma(bits, law.spread) / law.spread
    return fast_exp(law.spread * normal(bits) - 0.5 * law.spread**2)


@compiled
def _age(bits, law):  # type: ignore[no-untyped-def]
    place = 2
    while True:
        age = law.age_mean + law.age_sd * normal(word(bits, place))
        if law.age_low <= age <= law.age_high:
            return age
        place += 1


@compiled
def _stops(key, hazard, law):  # type: ignore[no-untyped-def]
    """Return when a career stops for good, in months; `hazard` is cumulated over months."""
    if not law.stops:
        return np.inf
    at, m = exponential(word(key, STOP)), 0
    if at >= hazard[-1]:
        return np.inf
    while hazard[m + 1] <= at:
        m += 1
    return m + (at - hazard[m]) / (hazard[m + 1] - hazard[m])


@compiled
def draw_person(person, replicate_key, number, law, tables):  # type: ignore[no-untyped-def]
    """Draw a person's class, trajectory, age, entry, the own change of the force, and how the life is met."""
    key = word(replicate_key, number + 1)
    kind, path, entry, force = 0, 0, tables.steps[0], 1.0
    if law.engaged > 0 and uniform(word(key, ENGAGED)) < law.engaged:
        kind += 1
    if law.women > 0 and uniform(word(key, WOMAN)) < law.women:
        kind += 2
    if law.absent > 0 and uniform(word(key, ABSENT)) < law.absent:
        kind += 4
    if tables.shares.size > 1:
        u = uniform(word(key, TRAJECTORY))
        while u >= tables.shares[path]:
            path += 1
    if tables.steps.size > 1:
        entry = tables.steps[np.int64(uniform(word(key, STEP)) * tables.steps.size)]
    if law.force_sd > 0:
        bits = word(word(replicate_key, 0), number % law.forces)
        force = np.exp(law.force_sd * normal(bits) - 0.5 * law.force_sd**2)
    on, switch = 1, np.inf
    if law.off_rate > 0:
        on = 1 if uniform(word(key, FIRST_STATE)) < law.on_rate / (law.on_rate + law.off_rate) else 0
        switch = exponential(word(word(key, SWITCHES), 0)) / (law.off_rate if on else law.on_rate)
    age = _age(word(key, AGE), law)
    person.key, person.number, person.kind, person.path, person.entry = key, number, kind, path, entry
    person.age, person.born, person.force = age, np.int64(age * FINE), force
    person.stop = _stops(key, tables.stops[path], law)
    person.level, person.on, person.switch, person.switched = level(word(key, LEVEL), law), on, switch, 1
    person.drift = normal(word(key, DRIFT)) if law.drift_sd > 0 else 0.0


@compiled
def value(person, law, tables, counts, scores, drift_before):  # type: ignore[no-untyped-def]
    """Return what the rule reads of a person: events in its windows, the last score in them, or the rate.

    The rate is that at liberty, with what is the person's own in the month before the index date, age and trajectory
    too. The drift on the index date lies mid-way between the months beside it, so that the rates before and after
    people selected on it are mirrors of one another.
    """
    found = 0.0
    if law.reads == READS_RATE and person.stop > law.origin:
        drift = 0.5 * (drift_before + person.drift) if law.drift_sd > 0 else 0.0
        m, sort = law.origin - 1, CLASSES * person.path + person.kind
        own = tables.rates[m, sort] * tables.by_age[person.born + m]
        found = law.rate * own * person.level * fast_exp(law.drift_sd * drift) * person.on
    elif law.reads != READS_RATE:
        for w in range(tables.reads.size):
            if tables.reads[w]:
                found = scores[w] if law.reads == READS_SCORE else found + counts[w]
    return found + law.noise * normal(word(person.key, NOISE)) if law.noise > 0 else found


@compiled
def gets_in(person, law):  # type: ignore[no-untyped-def]
    """Return whether a person who could be picked gets in, by the value that the rule reads."""
    key = person.key
    if not person.kind & 1 and law.others_join < 1 and uniform(word(key, JOINS)) >= law.others_join:
        return False
    if law.rule == AT_LEAST:
        return person.value >= law.threshold
    if law.rule == SOFT:
        return uniform(word(key, RULE)) < 1.0 / (1.0 + np.exp((law.threshold - person.value) / law.softness))
    return True
