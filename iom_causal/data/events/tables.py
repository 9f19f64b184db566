"""Arrays of a list of people, a log of events and a table of spells, as the engine takes them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.event_files import MOST_DAYS
from iom_causal.data.events.linkage import Linkage
from iom_causal.data.files.blanks import NO_REFERENCES
from iom_causal.numerics.events.counting import NO_DAY, ROWS
from iom_causal.numerics.events.days import day_numbers
from iom_causal.numerics.events.records import repeats, too_wide

FAR = 10**6
"""A day that nobody sees, in days since 1970."""


class SetAside(NamedTuple):
    """Rows that were set aside before, in words, and their number."""

    what: str
    number: int


class Block(NamedTuple):
    """Some rows of a log: whose event each is, on which day, and whether another row stands for it.

    Attributes
    ----------
    person, day, repeated : ndarray
        By row.
    wide : int
        How many rows are of a record that several people share or that lasts too long, and count once a day.
    alike : int
        How many rows without a record are on the day of another such row of the same person.
    """

    person: NDArray[np.int32]
    day: NDArray[np.int32]
    repeated: NDArray[np.bool_] | None
    wide: int = 0
    alike: int = 0


class EventSource(Protocol):
    """A log of events, wherever it lies."""

    @property
    def name(self) -> str:
        """The column of ids, for messages."""
        ...

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
        (E,) custody records: rows of one person and record are one event, on its first day. A row without one, or
        with a word for none, is an event of its own. Of a record that several people share, or whose rows lie more than
        `MOST_DAYS` days apart, only rows of one day are one event.
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
            yield _block(person, day, codes_of(self.records))
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


def _block(person: NDArray[np.int32], day: NDArray[np.int32], record: NDArray[np.int64]) -> Block:
    """Return rows with those that repeat another of the same person and record."""
    import pandas as pd  # noqa: PLC0415 slow to load

    linked = (person >= 0) & (day != NO_DAY)
    usable = linked & (record >= 0)
    key = np.full(len(person), -1, dtype=np.int64)
    both = person[usable].astype(np.int64) * (int(record.max(initial=0)) + 1) + record[usable]
    of_record, keys = pd.factorize(both)
    wide = too_wide(of_record, day[usable], record[usable], MOST_DAYS)[of_record]
    number = len(keys)
    if wide.any():
        by_day, days = pd.factorize((of_record[wide] << 32) + day[usable][wide])
        of_record[wide] = number + by_day
        number += len(days)
    key[usable] = of_record
    lone = linked & (record < 0)
    alike = int(lone.sum()) - len(np.unique((person[lone].astype(np.int64) << 32) + day[lone]))
    return Block(person, day, repeats(key, day, number), wide=int(wide.sum()), alike=alike)


def codes_of(records: NDArray[Any]) -> NDArray[np.int64]:
    """Return custody records as whole numbers from 0, -1 where there is none or a word for none.

    Examples
    --------
    >>> codes_of(np.array(["C1", None, "", "C1", "N/K", "0"], dtype=object)).tolist()
    [0, -1, -1, 0, -1, -1]
    """
    import pandas as pd  # noqa: PLC0415 slow to load

    codes, records = pd.factorize(records)
    none = np.asarray(records == 0 if records.dtype.kind in "iuf" else pd.Index(records).isin(_NO_RECORD))
    return np.where((codes < 0) | none[codes], -1, codes).astype(np.int64) if len(none) else codes.astype(np.int64)


_NO_RECORD = [
    "",
    0,
    *{way(word) for word in NO_REFERENCES for way in (str.lower, str.upper, str.capitalize, str.title)},
]
