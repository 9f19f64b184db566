"""Checks of frames of events and of spells in custody."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from iom_causal.data.events.frames import days_of_column, log_of, spells_of
from iom_causal.data.events.quality import DataQuality, quality_of
from iom_causal.data.events.tables import Followed
from iom_causal.data.files.dates import DATES
from iom_causal.data.files.reading import Conversion
from iom_causal.panel import columns as col


def check_events(
    people: Any,
    events: Any,
    custody: Any = None,
    *,
    id: str = "id",  # noqa: A002 the name of its key in a study
    date: str = "date",
    record: str | None = None,
    start: str = "start",
    end: str = "end",
    extracted: dt.date | None = None,
    date_of_birth: str | None = None,
    dates: str = DATES[0],
    missing: Sequence[str | float] = (),
) -> DataQuality:
    """Check a log of events, and spells in custody, before anything is made of them.

    What share is of people on the list; rows without a date, in the future, before birth or on the same day as another;
    days that are heaped on 1 January or the first of a month; months without any event, where a system may have
    changed.

    Parameters
    ----------
    people, events, custody, id, date, record, start, end, extracted, dates, missing
        As in `panel_from_events`.
    date_of_birth : str, optional
        Column of people.

    Raises
    ------
    InputError
        Of columns that cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"id": ["a", "b"]})
    >>> arrests = pd.DataFrame({"id": ["a", "z", "a"], "date": ["2018-11-05", "2019-01-01", None]})
    >>> checked = check_events(people, arrests)
    >>> checked.number("events", "of nobody on the list"), checked.number("events", "without a date")
    (1, 1)
    >>> checked.months
    (('2018-11', 1), ('2018-12', 0), ('2019-01', 1))
    """
    how = Conversion(dates=dates, missing=tuple(missing))
    columns = col.as_columns(people, [id, *([date_of_birth] if date_of_birth else [])])
    born = None if date_of_birth is None else days_of_column(columns[date_of_birth], date_of_birth, how)
    return quality_of(
        Followed(ids=col.ids(columns[id], id), index=np.datetime64(0, "D").item()),
        log_of(events, unit=id, date=date, record=record, filters=(), how=how),
        None if custody is None else spells_of(custody, unit=id, start=start, end=end, how=how),
        extracted=extracted,
        born=born,
    )
