"""Arrays of a list of people, a log of events and a table of spells, as the engine takes them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.events.linkage import Linkage
from iom_causal.numerics.events.counting import NO_DAY
from iom_causal.numerics.events.days import day_numbers
from iom_causal.numerics.events.records import repeats

FAR = 10**6
"""A day that nobody sees, in days since 1970."""
ROWS = 2**20
"""Rows of a log that are looked at together."""


class SetAside(NamedTuple):
    """Rows that were set aside before, in words, and their number."""

    what: str
    number: int


class Block(NamedTuple):
    """Some rows of a log: whose event each is, on which day, and whether another row stands for it."""

    person: NDArray[np.int32]
    day: NDArray[np.int32]
    repeated: NDArray[np.bool_] | None


class EventSource(Protocol):
    """A log of events, wherever it lies."""

    @property
    def aside(self) -> tuple[SetAside, ...]:
        """What was set aside of it."""
        ...

    def blocks(self, people: Linkage) -> Iterator[Block]:
        """All its rows, some at a time."""
        ...


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Followed:
    """People of a list and the days between which each is followed.

    Parameters
    ----------
    ids : ndarray
        (n,) text or whole numbers, each once.
    index : date or ndarray of datetime64[D]
        The index date, one for all or (n,).
    until : ndarray of datetime64[D], optional
        (n,) the day from which a person is no longer followed (death, a move), none where that never came.
    """

    ids: NDArray[Any]
    index: dt.date | NDArray[np.datetime64]
    until: NDArray[np.datetime64] | None = None

    @property
    def index_days(self) -> NDArray[np.int32]:
        """Index dates in days since 1970."""
        each = np.broadcast_to(np.asarray(self.index, dtype="M8[D]"), self.ids.shape)
        return day_numbers(np.ascontiguousarray(each))

    def until_days(self, taken: int) -> NDArray[np.int32]:
        """First days on which nobody follows, that of the extract where it is earlier."""
        if self.until is None:
            return np.full(self.ids.shape, taken, dtype=np.int32)
        days = day_numbers(self.until)
        return np.where(days == NO_DAY, taken, np.minimum(days, taken)).astype(np.int32)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Log:
    """Log of events in memory, one row an event, in any order.

    Parameters
    ----------
    ids : ndarray
        (E,) text, whole numbers or None.
    days : ndarray of datetime64
        (E,) of any unit; not a time where the date is missing.
    records : ndarray, optional
        (E,) custody records: rows of one person and record are one event, on its first day. A row without one is an
        event of its own.
    name : str
        The column of ids, for messages.
    aside : tuple of SetAside
        Rows that filters set aside before.
    """

    ids: NDArray[Any]
    days: NDArray[np.datetime64]
    records: NDArray[Any] | None = None
    name: str = "id"
    aside: tuple[SetAside, ...] = ()

    def blocks(self, people: Linkage) -> Iterator[Block]:
        """All its rows, some at a time."""
        if self.records is not None:
            person, day = people.codes(self.ids, self.name), day_numbers(self.days)
            yield Block(person, day, _repeated(person, day, self.records))
            return
        for k in range(0, len(self.ids), ROWS):
            some = slice(k, k + ROWS)
            yield Block(people.codes(self.ids[some], self.name), day_numbers(self.days[some]), None)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Spells:
    """Spells in custody, one row a spell, in any order.

    Parameters
    ----------
    ids : ndarray
        (S,) as in `Log`.
    start, end : ndarray of datetime64
        (S,) the first day inside and the day of release, half open: a spell has as many days as nights. Without an end
        it runs on.
    name, names : str, tuple of str
        The columns of ids, and of the two days, for messages.
    aside : tuple of SetAside
        As in `Log`.
    """

    ids: NDArray[Any]
    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    name: str = "id"
    names: tuple[str, str] = ("start", "end")
    aside: tuple[SetAside, ...] = ()


def _repeated(person: NDArray[np.int32], day: NDArray[np.int32], records: NDArray[Any]) -> NDArray[np.bool_]:
    """Return the rows of linked people, with a day, that repeat another of the same person and record."""
    import pandas as pd  # noqa: PLC0415 slow to load

    record = codes_of(records)
    usable = (person >= 0) & (day != NO_DAY) & (record >= 0)
    key = np.full(len(person), -1, dtype=np.int64)
    both = person[usable].astype(np.int64) * (int(record.max(initial=0)) + 1) + record[usable]
    key[usable], keys = pd.factorize(both)
    return repeats(key, day, len(keys))


def codes_of(records: NDArray[Any]) -> NDArray[np.int64]:
    """Return custody records as whole numbers from 0, -1 where there is none.

    Examples
    --------
    >>> codes_of(np.array(["C1", None, "", "C1"], dtype=object)).tolist()
    [0, -1, -1, 0]
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    if records.dtype.kind in "OU":
        records = np.where(records == "", None, records.astype(object))  # type: ignore[call-overload]
    return np.asarray(pd.factorize(records)[0], dtype=np.int64)
