"""Month-by-month input of the career kernel, from a specification and one draw of its beliefs."""

import math
from collections.abc import Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.setting_paths import label
from iom_causal.errors import SpecError
from iom_causal.numerics.careers import parameters as kernel
from iom_causal.simulate.career_fields import CareerFields
from iom_causal.simulate.settings import OLDEST, Excitation, Score, Trajectory, check
from iom_causal.windows import MONTH, YEAR, Window, days_of, month_grid
from iom_causal.world import Mechanism

type Floats = NDArray[np.float64]
type Theta = Mapping[str, float]

CLASSES = 8
"""Engaged (1), woman (2) and outside the extract (4), in every combination."""
MOST_A_YEAR = 10_000
"""Mean events a year of one person; every event is lived, so that more would take for ever."""


class KernelInput(NamedTuple):
    """Parameters and month tables of the kernel, and the merged mechanism of the confounds."""

    law: kernel.Parameters
    tables: kernel.Tables
    same: bool
    window: NDArray[np.int64]
    mechanism: Mechanism


def build(spec: CareerFields, theta: Theta) -> KernelInput:
    """Month tables and parameters of one world.

    Parameters
    ----------
    spec : Careers
        What kind of world.
    theta : mapping
        A number for every belief, by dotted path.
    """
    mechanism = _merged(spec, theta)
    months = _months(spec)
    programme = _programme(spec, theta, mechanism, months)
    frailty = theta if mechanism.frailty is None else mechanism.frailty
    table = _table(spec, frailty, mechanism, months)
    trajectories = spec.trajectories or (Trajectory(share=1.0),)
    as_seen, created = ((kernel.SEEN, kernel.SEEN_MANAGED), (kernel.CREATED, kernel.CREATED_MANAGED))
    same = all(np.array_equal(table[a], table[b]) for a, b in (as_seen, created))
    stops = _stops(frailty, mechanism, months, trajectories)
    tables = kernel.Tables(
        months=table,
        spans=months.spans(len(spec.windows)),
        days=np.array([float(w.days or 0) for w in spec.windows]),
        parts=months.parts(single=spec.excitation is not None),
        rates=_rates(spec, frailty, mechanism, months, programme, trajectories),
        effect=np.concatenate([np.ones(4 * months.length.size), programme.effect.T.ravel()]),
        by_age=_by_age(mechanism, months),
        shares=_cumulated(trajectories),
        stops=stops,
        reads=spec.enrolment.windows_read(spec.windows),
        steps=np.array(spec.enrolment.entry_months, dtype=np.int64),
    )
    numbers = _numbers(spec, frailty, mechanism, months, stopping=bool(stops.any()))
    busiest = numbers.rate * float(tables.rates.max()) * float(tables.effect.max())
    if not busiest <= MOST_A_YEAR:
        raise SpecError(
            "IOM-E092", f"Careers: expected up to {MOST_A_YEAR:,} events a year, got a mean of {busiest:,.0f}"
        )
    return KernelInput(numbers, tables, bool(same and (programme.effect == 1).all()), months.window, mechanism)


def part(theta: Theta, name: str) -> dict[str, float]:
    """Return the values of one confound, by field."""
    return {key.removeprefix(f"{name}."): value for key, value in theta.items() if key.startswith(f"{name}.")}


def _merged(spec: CareerFields, theta: Theta) -> Mechanism:
    made = (c.mechanism(spec.windows, part(theta, label(c))) for c in spec.confounds)
    return reduce(Mechanism.merge, made, Mechanism())


class _Months(NamedTuple):
    """The grid with its burn-in: length and end of each month in years, its window, and the first after the index."""

    length: Floats
    when: Floats
    window: NDArray[np.int64]
    origin: int
    burn_in: int

    def spans(self, windows: int) -> NDArray[np.int64]:
        """Return the first month of each window and the one after its last, (T, 2)."""
        own = [np.flatnonzero(self.window == w) for w in range(windows)]
        return np.array([[m[0], m[-1] + 1] for m in own])

    def parts(self, *, single: bool) -> NDArray[np.int64]:
        """Return stretches of months in one window or none, on one side of the index date, (P, 3); or single months."""
        starts = np.arange(self.length.size)
        if not single:
            new = np.diff(self.window, prepend=-2) != 0
            starts = np.flatnonzero(new | (starts == self.origin))
        return np.stack([starts, np.append(starts[1:], self.length.size), self.window[starts]], axis=1)

    def spread(self, values: Floats | None, neutral: float) -> Floats:
        """Return values of the grid with those of its first month before it."""
        if values is None:
            return np.full(self.length.size, neutral)
        return np.concatenate([np.full(self.burn_in, values[0]), values])


def _months(spec: CareerFields) -> _Months:
    grid = month_grid(spec.windows)
    burn_in = spec.burn_in_months
    first = round(grid.middle[0] * 12 - 0.5)
    window = np.full(grid.middle.size, -1, dtype=np.int64)
    length = np.full(grid.middle.size, 1 / 12)
    for k, w in enumerate(spec.windows):
        start, end = (round(day / MONTH) - first for day in days_of(w))
        window[start:end] = k
        length[start:end] = _month_length(w, end - start)
    length = np.concatenate([np.full(burn_in, 1 / 12), length])
    index = burn_in + int((~grid.post).sum())
    ends = np.cumsum(length)
    when = ends - (ends[index - 1] if index else 0.0)
    return _Months(length, when, np.concatenate([np.full(burn_in, -1), window]), index, burn_in)


def _month_length(window: Window, months: int) -> float:
    if months < 1:
        raise SpecError("IOM-E092", f"window {window.label!r}: a simulator needs windows of at least a month")
    return (window.days or 0) / YEAR / months


class _Effect(NamedTuple):
    """Log ratios of the four classes, the course by months since entry, and multipliers (4, L) and before the index."""

    effect: Floats
    before: Floats


def _programme(spec: CareerFields, theta: Theta, mechanism: Mechanism, months: _Months) -> _Effect:
    """Mix people's time under the programme with their time outside it: ``1 - e + e ratio^g``."""
    ratios = np.full(4, float(theta["programme.ratio"]))
    if spec.engaged is not None and spec.engaged.ratio is not None:
        ratios[[1, 3]] = spec.engaged.ratio
    if spec.programme.women_ratio is not None:
        ratios[2:] = spec.programme.women_ratio
    exposed, there = months.spread(mechanism.exposed, 0.0), months.spread(mechanism.programme, 1.0)
    after = slice(months.origin, None)
    share = exposed[after] if mechanism.exposed is not None else np.ones(months.length.size - months.origin)
    middle = months.when[after] - months.length[after] / 2
    course = spec.programme.course(middle) * there[after]
    effect = 1 - share + share * ratios[:, None] ** course
    early = exposed[: months.origin]
    return _Effect(effect, 1 - early + early * ratios[:, None])


def _table(spec: CareerFields, frailty: Mapping[str, Any], mechanism: Mechanism, months: _Months) -> Floats:
    size, index = months.length.size, months.origin
    table = np.zeros((kernel.ROWS, size))
    keep = np.exp(-float(frailty.get("return_rate", 1.0)) * months.length)
    table[kernel.LENGTH], table[kernel.END] = months.length, months.when
    table[[kernel.SEEN, kernel.SEEN_MANAGED]] = _by_course(months.spread(mechanism.observation, 1.0), index)
    created = months.spread(mechanism.supervision_events, 0.0) * 12 * months.length
    table[[kernel.CREATED, kernel.CREATED_MANAGED]] = _by_course(created, index)
    table[kernel.RENEW, index : index + 1] = 1 - float(frailty.get("persistence", 1.0))
    table[kernel.KEEP], table[kernel.FRESH] = keep, np.sqrt(1 - keep**2)
    if spec.excitation is not None:
        table[kernel.MEMORY] = np.exp(-months.length / spec.excitation.memory_years)
    return table


def _stops(
    frailty: Mapping[str, Any], mechanism: Mechanism, months: _Months, trajectories: tuple[Trajectory, ...]
) -> Floats:
    """Return the cumulated hazard of stopping for good, (K, M + 1); it begins with the first window."""
    common = 12 * months.spread(mechanism.desistance, 0.0) - math.log1p(-float(frailty.get("desistance", 0.0)))
    hazard = common - np.array([[math.log1p(-t.desistance)] for t in trajectories])
    hazard[:, : months.burn_in] = 0.0
    return np.pad(np.cumsum(hazard * months.length, axis=1), ((0, 0), (1, 0)))


def _by_course(values: Floats, index: int) -> Floats:
    """Return the course without management, which stays as it was before, above the one with it."""
    without = values.copy()
    without[index:] = values[index - 1]
    return np.stack([without, values])


def _rates(
    spec: CareerFields,
    frailty: Mapping[str, Any],
    mechanism: Mechanism,
    months: _Months,
    programme: _Effect,
    trajectories: tuple[Trajectory, ...],
) -> Floats:
    """Return the multipliers of the rate by trajectory, class and month."""
    index = months.origin
    own = np.ones((CLASSES, months.length.size))
    own[:, :index] *= np.tile(programme.before, (2, 1))
    if spec.engaged is not None:
        own[1::2, index:] *= spec.engaged.own_ratio
    own[4:, index:] *= float((mechanism.drop_out or {}).get("absent_ratio", 1.0))
    shares, levels, trends = (np.array([getattr(t, k) for t in trajectories]) for k in ("share", "level", "trend"))
    middle = months.when - months.length / 2
    paths = (levels / (shares @ levels))[:, None] * np.exp(
        (trends + float(frailty.get("trend", 0.0)))[:, None] * middle
    )
    rates = paths[:, None] * own * months.spread(mechanism.hazard, 1.0)
    return np.ascontiguousarray(rates.reshape(-1, months.length.size).T)


def _cumulated(trajectories: tuple[Trajectory, ...]) -> Floats:
    shares = np.cumsum([t.share for t in trajectories])
    shares[-1] = 1.0
    return np.asarray(shares)


def _by_age(mechanism: Mechanism, months: _Months) -> Floats:
    steps = np.arange(-months.origin, OLDEST * kernel.FINE + months.length.size - months.origin) + 0.5
    curve = np.ones(2) if mechanism.age_curve is None else mechanism.age_curve
    logs = np.log(np.maximum(curve, 1e-300))
    return np.asarray(np.exp(np.interp(steps / kernel.FINE, np.arange(curve.size), logs)))


def _numbers(
    spec: CareerFields, frailty: Mapping[str, Any], mechanism: Mechanism, months: _Months, *, stopping: bool
) -> kernel.Parameters:
    gamma = "shape" in frailty
    custody = {"custody_per_arrest": 0.0, "stay_years": 1.0, "free_at_start": -1.0} | dict(mechanism.custody or {})
    if spec.enrolment.at_liberty and 0 <= custody["free_at_start"] < 1:
        raise SpecError("IOM-E092", "Careers: at_liberty takes free people alone, so that free_at_start has to be 1")
    return kernel.Parameters(
        origin=months.origin,
        rate=float(frailty.get("rate", 1.0)) * math.exp(-(float(frailty.get("drift_sd", 0.0)) ** 2) / 2),
        stops=int(stopping),
        gamma=int(gamma),
        spread=float(frailty["shape"] if gamma else frailty.get("own_sd", 0.0)),
        drift_sd=float(frailty.get("drift_sd", 0.0)),
        off_rate=0.0 if spec.pauses is None else 1 / spec.pauses.on_years,
        on_rate=0.0 if spec.pauses is None else 1 / spec.pauses.off_years,
        jump=0.0 if spec.excitation is None else _jump(spec.excitation),
        custody=float(custody["custody_per_arrest"]),
        stay=float(custody["stay_years"]),
        free_at_start=float(custody["free_at_start"]),
        women=float(spec.women),
        engaged=0.0 if spec.engaged is None else float(spec.engaged.share),
        absent=float((mechanism.drop_out or {}).get("absent", 0.0)),
        others_join=1.0 if spec.engaged is None else float(spec.engaged.others_join),
        age_mean=float(spec.ages.mean),
        age_sd=float(spec.ages.sd),
        age_low=float(spec.ages.low),
        age_high=float(spec.ages.high),
        forces=spec.forces,
        force_sd=float(spec.force_sd),
        **_score(spec.score, mechanism, months),
        **spec.enrolment.numbers(spec.windows),
    )


def _retained(half_life_years: float, months: _Months) -> float:
    """Return the share of points that is left at the end of the last window, for events anywhere in it."""
    halvings = math.log(2) * months.length[months.window == months.window[-1]].sum() / half_life_years
    return float(-np.expm1(-halvings) / halvings)


def _jump(excitation: Excitation) -> float:
    """Return the jump of the rate that brings as many further events as it should.

    Half a month's worth on average in the month of the event itself, then what each further month retains.
    """
    retained = math.exp(-1 / 12 / excitation.memory_years)
    return 12 * excitation.branching / (0.5 + retained / (1 - retained))


def _score(score: Score | None, mechanism: Mechanism, months: _Months) -> dict[str, Any]:
    settings = score or Score()
    for name, given in (("per_event", mechanism.score_per_event), ("error_sd", mechanism.score_error)):
        check(settings, given is None or getattr(settings, name) == 0, f"{name} of 0 where a confound states it")
    per_event = settings.per_event
    if mechanism.score_per_event is not None:
        per_event = mechanism.score_per_event / _retained(settings.half_life_years, months)
    error = settings.error_sd if mechanism.score_error is None else mechanism.score_error
    return {
        "scored": int(score is not None),
        "base": float(settings.base),
        "per_event": float(per_event),
        "per_log_rate": float(settings.per_log_rate),
        "lasting_sd": float(settings.lasting_sd),
        "error_sd": float(error),
        "score_drift": float(settings.drift_per_year + (mechanism.score_drift or 0.0)),
        "grid": float(settings.grid),
        "low": float(settings.low),
        "high": float(settings.high),
        "fading": math.log(2) / settings.half_life_years,
    }
