"""Specification of files of events beside a file of people: a log of events, and spells in custody."""

from dataclasses import dataclass
from typing import ClassVar

from iom_causal.base.specs import check_choice
from iom_causal.data.extract_parts import Filter
from iom_causal.data.files.reading import Conversion

MOST_DAYS = 92
"""Days over which rows of one custody record may lie, such as those of an arrest and of a return on bail."""
INDEX_EVENTS = ("keep", "exclude")
IN_CUSTODY_EVENTS = ("exclude", "keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsFile(Conversion):
    """Specification of a log of events, one row an event such as an arrest.

    Parameters
    ----------
    file : str
        Its name, beside the study file; it may be another sheet of the workbook of people.
    id : str
        The column of the ids of people.
    date : str
        The column of the day, or time, of each event.
    record : str
        The column of custody records: rows of one record are one event, on its first day; of a record that several
        people share, or of more than 92 days, one a day. The column of the day makes one event a person and day.
    filters : tuple of Filter
        Which events count, applied in order; an outcome may narrow them further.
    index_event : {"keep", "exclude"}, optional
        Whether events on a person's index date count, and with them the day as one at risk: an arrest by which somebody
        got in is no arrest before. If nothing says so they count, and a note says if many people have one.
    in_custody : {"exclude", "keep"}
        Whether events on a day in custody after that of reception count: the days do not.
    sheet, encoding, separator, skip_rows, header_rows, drop_rows, decimal, dates, missing
        As in `Extract`; `decimal` is of numbers that a filter reads.
    """

    where: ClassVar[str] = "extract, events"

    file: str
    id: str
    date: str
    record: str = ""
    filters: tuple[Filter, ...] = ()
    index_event: str = ""
    in_custody: str = "exclude"

    def __post_init__(self) -> None:
        Conversion.__post_init__(self)
        if self.index_event:
            check_choice(self.index_event, INDEX_EVENTS, f"{self.where}: index_event")
        check_choice(self.in_custody, IN_CUSTODY_EVENTS, f"{self.where}: in_custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyFile(Conversion):
    """Specification of a file of spells in custody, one row a spell; spells that overlap are put together.

    Parameters
    ----------
    file : str
        Its name, beside the study file.
    id : str
        The column of the ids of people.
    start, end : str
        The columns of the first day inside and of the day of release; a spell without one runs to the day on which the
        data were taken.
    sheet, encoding, separator, skip_rows, header_rows, drop_rows, dates, missing
        As in `Extract`.
    """

    where: ClassVar[str] = "extract, custody"
    unread: ClassVar[tuple[str, ...]] = ("decimal",)

    file: str
    id: str
    start: str
    end: str
