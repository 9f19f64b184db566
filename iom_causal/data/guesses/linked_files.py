"""Guesses on files of events and of spells in custody that stand beside a file of people."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple


class Log(NamedTuple):
    """Columns of a log of events, one row an event.

    Attributes
    ----------
    settings : mapping
        Keys that say how the file is read.
    id, date, record, reason : str
        As in `EventsFile`, and the column that says what an event was; empty where nothing looks like it.
    created : tuple of str
        Cells of that column for events that supervision and the courts make.
    days : tuple of str
        All columns of days, where several may be the day of the event.
    record_ask, index_ask, id_ask : str
        What is asked about the records, about events on the day of entry, and about ids that are on no list.
    """

    settings: Mapping[str, Any]
    id: str
    date: str
    record: str = ""
    reason: str = ""
    created: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    record_ask: str = ""
    index_ask: str = ""
    id_ask: str = ""


class Spells(NamedTuple):
    """Columns of a file of spells, one row a spell.

    Attributes
    ----------
    settings : mapping
        Keys that say how the file is read.
    id, start, end : str
        As in `CustodyFile`; empty where nothing looks like it.
    """

    settings: Mapping[str, Any]
    id: str
    start: str
    end: str


@dataclass(frozen=True, kw_only=True)
class LinkedFiles:
    """Files that stand beside people, and the columns of people that go with them.

    Parameters
    ----------
    log : Log, optional
        The log of events.
    spells : Spells, optional
        The spells in custody.
    called : str
        What the events are: arrests, or events.
    people_file, log_file, spells_file : Path, optional
        Where they lie: they may be sheets of one workbook. A log without a file of people lacks everybody without
        events.
    until : tuple of str
        As in `Extract`.
    until_reason : str
        As in `Extract`.
    other_ids : tuple of str
        As in `Extract`.
    entry : str
        The column of days of entry.
    launch : date, optional
        The day of entry, where it is the same for everybody who has one.
    entry_ask : str
        What is asked about a column that looks like days of entry and cannot be read.
    """

    log: Log | None = None
    spells: Spells | None = None
    called: str = "events"
    people_file: Path | None = None
    log_file: Path | None = None
    spells_file: Path | None = None
    until: tuple[str, ...] = ()
    until_reason: str = ""
    other_ids: tuple[str, ...] = ()
    entry: str = ""
    launch: dt.date | None = None
    entry_ask: str = ""

    def moved(self, to: Callable[[Path], Path]) -> "LinkedFiles":
        """Return the same with other paths of the files."""
        people, log, spells = (
            None if file is None else to(file) for file in (self.people_file, self.log_file, self.spells_file)
        )
        return replace(self, people_file=people, log_file=log, spells_file=spells)


class BesidePeople(NamedTuple):
    """Columns of people that go with a log, as in `LinkedFiles`."""

    until: tuple[str, ...] = ()
    until_reason: str = ""
    other_ids: tuple[str, ...] = ()
    entry: str = ""
    launch: dt.date | None = None
