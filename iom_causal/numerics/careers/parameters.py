"""Parameters of the month kernel, and its month-by-month tables."""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

EVERYBODY, AT_LEAST, SOFT = 0, 1, 2
READS_EVENTS, READS_SCORE, READS_RATE = 0, 1, 2
CLASSES, SORTS = 8, 4
"""Engaged (1), woman (2) and outside the extract (4), in every combination; the first two make a programme's effect."""
FINE = 12
"""Steps of the table of rates by age in a year."""

# Nothing is allocated in the kernel, so that arrays need no counting of who holds them: that alone would cost a third.
_SETTINGS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract"},
    "_nrt": False,
}
compiled = njit(**_SETTINGS, forceinline=True)
part = njit(**_SETTINGS, inline="always")
"""What is read as a part of its caller, so that long parts in it are not compiled once more for themselves."""

LENGTH, END, SEEN, SEEN_MANAGED, CREATED, CREATED_MANAGED, RENEW, KEEP, FRESH, MEMORY = range(10)
ROWS = 10
"""Rows of the table of months: its length, its end in years from the index date, recorded events per offence and events
that supervision creates for others and for managed people, the chance that the level is drawn anew, what a month keeps
of the drift and how much is new, and what it keeps of excitation."""


class Parameters(NamedTuple):
    """Parameters of a career model that hold for the whole population.

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
        A normal distribution of ages, cut.
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


def record(params: Parameters) -> np.void:
    """Return the numbers as one record, which compiled functions hand on by its address."""
    kinds = [(name, np.int64 if kind is int else np.float64) for name, kind in Parameters.__annotations__.items()]
    row: np.void = np.array([tuple(params)], dtype=kinds)[0]
    return row


class Tables(NamedTuple):
    """Month-by-month tables of a career model that hold for the whole population.

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
