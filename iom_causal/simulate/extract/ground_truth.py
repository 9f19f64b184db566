"""Ground truth of a simulated force: events, custody and follow-up before any fault of recording."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iom_causal.numerics.kernels.counter_rng import uniforms_at
from iom_causal.simulate.extract.faults import REASONS_TO_LEAVE, FaultRates
from iom_causal.simulate.histories import Histories, Spells
from iom_causal.streams import Streams
from iom_causal.windows import MONTH, days_of
from iom_causal.world import World

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]

DAY = 86_400
TIME = "datetime64[s]"
NEVER = np.iinfo(np.int64).max
"""The second that does not come."""
STAYS = len(REASONS_TO_LEAVE)
CODE_G = dt.date(2012, 11, 12)
"""From when the police had to show that an arrest was needed."""
BACK_DAYS = 90.0
"""Invented: how long on average people had been held who were in custody when a window began."""


@dataclass(frozen=True)
class PersonDraws:
    """Uniform draws keyed by name, person and place, so that none depends on who else is in the world."""

    streams: Streams

    def __call__(self, name: str, row: Ints, nth: ArrayLike = 0) -> Floats:
        """Return one number for each person and place."""
        places = np.ascontiguousarray(np.broadcast_to(np.asarray(nth, dtype=np.int64), row.shape))
        return np.asarray(uniforms_at(self.streams.keys(name, 0)[0], row, places))

    def bernoulli(self, name: str, share: float, row: Ints, nth: ArrayLike = 0) -> Bools:
        """Return a Bernoulli draw with this probability for each."""
        return self(name, row, nth) < share if share > 0 else np.zeros(row.shape, dtype=np.bool_)

    def choice(self, name: str, options: tuple[str, ...], row: Ints, nth: ArrayLike = 0) -> NDArray[Any]:
        """Return one of the options for each, drawn with equal probabilities."""
        return np.array(options, dtype=object)[(self(name, row, nth) * len(options)).astype(np.int64)]


class Leaving(NamedTuple):
    """Times at which people left, in seconds from the index date, and why, as a place in REASONS_TO_LEAVE."""

    second: Ints
    reason: Ints


class Facts(NamedTuple):
    """Of every event: when it was and was recorded, what it was, and whether it stands in the force's records.

    An event does not stand where the person had left or nobody looked; it is handed over if it was recorded in time.
    """

    nth: Ints
    made: Ints
    recorded: Ints
    late: Bools
    created: Bools
    attendance: Bools
    stands: Bools
    handed: Bools


class Held(NamedTuple):
    """Custody spells in whole seconds, by person and time; the end may be NEVER."""

    row: Ints
    nth: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True, eq=False, repr=False)
class GroundTruth:
    """Ground truth of one world, from which the recording process makes the tables.

    Parameters
    ----------
    world, events, spells : World, Histories, Spells
        What happened.
    fault_rates : FaultRates
        Rates of data-quality faults.
    draws : PersonDraws
        By name, person and place.
    index_date : date
        The day that windows are counted from.
    extracted_days : int
        Days after the last window on which the extract is drawn.
    """

    world: World
    events: Histories
    spells: Spells
    fault_rates: FaultRates
    draws: PersonDraws
    index_date: dt.date
    extracted_days: int

    @cached_property
    def windows(self) -> Ints:
        """(T, 2) start and end of each window, in seconds from the index date."""
        return np.array([days_of(w) for w in self.world.windows], dtype=np.int64) * DAY

    @cached_property
    def extracted(self) -> int:
        """The last second that is in the extract."""
        return int(self.windows[-1, 1]) + self.extracted_days * DAY

    @cached_property
    def rows(self) -> Ints:
        """All rows of the world."""
        return np.arange(self.world.n)

    @cached_property
    def somebody(self) -> Bools:
        """Whether there is a person in each row of the world."""
        return self.world.weight > 0 if self.world.weight is not None else np.ones(self.world.n, dtype=np.bool_)

    @cached_property
    def in_extract(self) -> Bools:
        """People in the extract."""
        inside = self.world.in_extract
        return self.somebody if inside is None else self.somebody & inside

    @cached_property
    def entered(self) -> Ints:
        """The day on which each person was taken on, or would have been."""
        months = self.world.covariates.get("entry_months", np.zeros(self.world.n))
        return np.floor(np.asarray(months) * MONTH).astype(np.int64)

    @cached_property
    def leaving(self) -> Leaving:
        """Days and reasons of leaving; days are whole, and lie after entry."""
        reason = np.searchsorted(np.cumsum(self.fault_rates.leaving), self.draws("leaving", self.rows), side="right")
        listed = self.world.managed | (reason != REASONS_TO_LEAVE.index("deselected"))
        reason = np.where(listed, reason, STAYS)
        left = np.maximum(self.windows[-1, 1] // DAY - self.entered, 1)
        day = self.entered + 1 + np.floor(self.draws("left", self.rows) * left).astype(np.int64)
        return Leaving(np.where(reason < STAYS, day * DAY, NEVER), reason)

    @cached_property
    def facts(self) -> Facts:
        """True attributes of every event, before recording."""
        row, fault_rates, draws = self.events.row, self.fault_rates, self.draws
        nth = np.arange(row.size) - np.searchsorted(row, row)
        start, end = self.windows[self.events.window].T
        made = np.clip(np.floor(self.events.day * DAY).astype(np.int64), start, end - 1)
        late = draws.bernoulli("late", fault_rates.late, row, nth)
        delay = np.where(late, 30 + 150 * draws("delay", row, nth), 2 * draws("delay", row, nth))
        recorded = made + np.floor(delay * DAY).astype(np.int64)
        created = draws("created", row, nth) < self._created
        voluntary = ~created & (self.events.custody_days == 0) & (made >= (CODE_G - self.index_date).days * DAY)
        stands = made < self.leaving.second[row]
        if self.world.recorded is not None:
            stands &= self.world.recorded[row] | ~self.world.post[self.events.window]
        return Facts(
            nth=nth,
            made=made,
            recorded=recorded,
            late=late,
            created=created,
            attendance=voluntary & draws.bernoulli("attendances", fault_rates.attendances, row, nth),
            stands=stands,
            handed=stands & (recorded <= self.extracted),
        )

    @cached_property
    def held(self) -> Held:
        """Custody until people left; what began before anything was seen is given a day on which it may have begun."""
        spells = self.spells
        row, (start, end) = spells.row, (_seconds(days) for days in (spells.start, spells.end))
        nth = np.arange(row.size) - np.searchsorted(row, row)
        back = np.floor(-BACK_DAYS * DAY * np.log(self.draws("held since", row, nth))).astype(np.int64)
        window = np.searchsorted(self.windows[:, 0], start, side="right") - 1
        unseen_from = np.concatenate([[-NEVER], self.windows[:-1, 1]])[window]
        start = np.where(spells.carried, np.maximum(start - back, np.minimum(unseen_from, start)), start)
        stands = start < self.leaving.second[row]
        end = np.where(end < self.leaving.second[row], end, NEVER)
        return Held(row[stands], nth[stands], start[stands], end[stands])

    @property
    def _created(self) -> Floats:
        """The chance that each event was created by supervision: what offences do not account for."""
        cell = self.events.row, self.events.window
        expected, offences = (self.world.seen(part)[cell] for part in ("expected", "offences"))
        return np.asarray(np.clip(1 - offences / np.where(expected > 0, expected, 1.0), 0.0, 1.0))

    def time(self, seconds: Ints) -> NDArray[np.datetime64]:
        """Return moments as dates and times; what never comes has none."""
        known = seconds != NEVER
        moment = np.datetime64(self.index_date, "s") + np.where(known, seconds, 0).astype("timedelta64[s]")
        return np.asarray(np.where(known, moment, np.datetime64("NaT", "s")))

    def day(self, seconds: Ints) -> NDArray[np.datetime64]:
        """Return the days of moments, at midnight."""
        return self.time(np.where(seconds != NEVER, seconds // DAY * DAY, NEVER))


def _seconds(days: Floats) -> Ints:
    known = np.isfinite(days)
    return np.where(known, np.floor(np.where(known, days, 0.0) * DAY).astype(np.int64), NEVER)
