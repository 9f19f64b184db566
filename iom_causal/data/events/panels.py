"""Panels from a list of people, a log of events and spells in custody."""

import datetime as dt
import functools
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.events.engine import Counted, count_events
from iom_causal.data.events.flow import Flow
from iom_causal.data.events.frames import days_of_column, log_of, spells_of
from iom_causal.data.events.stored import StoredLog, stored_spells
from iom_causal.data.events.tables import EventSource, Followed, Spells
from iom_causal.data.extract_parts import ExtractWindow, Filter, Monthly
from iom_causal.data.files.dates import DATES
from iom_causal.data.files.reading import Conversion
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.panel import Panel, Wide
from iom_causal.panel import columns as col
from iom_causal.panel.where import AT_POSITIONS
from iom_causal.windows import MONTH, YEAR, Selection, Window

type Windows = Sequence[Window | ExtractWindow]
type Months = Monthly | tuple[int, int]


@dataclass(frozen=True, eq=False, repr=False, slots=True, kw_only=True)
class EventReading:
    """A panel from events, and the flow of people, events and spells from their tables to it.

    Parameters
    ----------
    panel : Panel
        Counts and days at risk of each person and window.
    flow : Flow
        What every rule excluded.
    """

    panel: Panel
    flow: Flow


def read_events(
    people: Any,
    events: Any,
    custody: Any = None,
    *,
    index_date: dt.date | str,
    windows: Windows | None = None,
    months: Months | None = None,
    id: str = "id",  # noqa: A002 the name of its key in a study
    date: str = "date",
    record: str | None = None,
    start: str = "start",
    end: str = "end",
    until: str | None = None,
    extracted: dt.date | None = None,
    index_event: str = "",
    in_custody: str = "exclude",
    filters: Sequence[Filter] = (),
    name: str = "events",
    group: str | None = None,
    first_window: str | None = None,
    selected: str | bool | None = None,
    age: str | None = None,
    date_of_birth: str | None = None,
    covariates: Sequence[str] = (),
    decimal: str = "",
    dates: str = DATES[0],
    missing: Sequence[str | float] = (),
    selection: Selection | None = None,
    synthetic: bool = False,
) -> EventReading:
    """Build a panel of counts from a list of people, a log of events and spells in custody.

    `read_events` returns the panel and the flow of people and events that led to it, `panel_from_events`, which takes
    the same, the panel alone. Whoever is on the list and has no event counts 0. Rates are per day at liberty where
    spells in custody are given, and per day followed where people are followed for unlike times. `count_events` of the
    same folder says which rule does what.

    Parameters
    ----------
    people : frame
        One row a person: pandas, polars, pyarrow or anything else that narwhals understands.
    events : frame or path
        One row an event; an arrest of several offences may have several. A path is that of a CSV or Parquet file of any
        size, of which only some rows are in memory at a time.
    custody : frame or path, optional
        One row a spell in custody. A spell is half open: the day of reception is inside and that of release is not.
    index_date : date or str
        The day that windows are counted from: one for all, or the column of people that holds it.
    windows : sequence of Window or ExtractWindow
        In order of time, in whole days from the index date, whatever year it is a leap day of; days between two of them
        are a gap whose events count in neither.
    months : Monthly or (int, int), optional
        In place of windows: calendar months, or so many months before and after the index date, a twelfth of 365.25
        days each.
    id, date, record : str
        Columns of events: the ids of people (in all tables), the day or time, and the custody record, by which rows of
        one person and record are one event on its first day. Rows without a record are events of their own. With the
        column of days as record, rows of one person and day are one event.
    start, end : str
        Columns of custody: the first day inside, and the day of release, empty where a spell runs on.
    until : str, optional
        Column of people: the day from which a person is no longer followed (death, a move, an exit).
    extracted : date, optional
        The day on which the data were taken: nobody is followed from then on.
    index_event : {"keep", "exclude"}, optional
        Whether events on a person's index date count, and with them the day as one at risk: the arrest by which
        somebody got in is none before or after. If nothing says so they count, and a note says if many people have one.
    in_custody : {"exclude", "keep"}
        Whether events on a day in custody after that of reception count. The days do not, so that a rate per day at
        liberty is unbiased without these events.
    filters : sequence of Filter
        Which events count, applied in order.
    name : str
        What the outcome is called in every sentence.
    group, first_window, selected, age, covariates, selection, synthetic
        Columns of people, and settings, as in `Panel.from_wide`; `first_window` is its `start`.
    date_of_birth : str, optional
        Column of people, in place of `age`: the age at the index date is worked out.
    decimal, dates, missing
        The mark of decimals in numbers that filters read, the form of dates in text, such as ``dd/mm/yyyy``, and codes
        that stand for no day or number, such as ``"n/k"`` or ``"9999-12-31"``.

    Raises
    ------
    InputError, SpecError
        Every fault with its code, never with an id, a date or a cell.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"id": ["a", "b", "c"]})
    >>> arrests = pd.DataFrame({"id": ["a", "a", "b"], "date": ["2018-11-05", "2019-03-01", "2019-06-30"]})
    >>> custody = pd.DataFrame({"id": ["a"], "start": ["2019-03-01"], "end": ["2019-03-31"]})
    >>> year = [Window("before", -365, 0), Window("after", 0, 365, post=True)]
    >>> panel = panel_from_events(people, arrests, custody, windows=year, index_date=dt.date(2019, 1, 1))
    >>> panel.outcome.tolist(), panel.exposure.tolist()
    ([[1, 1], [0, 1], [0, 0]], [[365.0, 335.0], [365.0, 365.0], [365.0, 365.0]])
    >>> listed = pd.DataFrame({"id": ["a", "b"]})
    >>> arrests = pd.DataFrame({"id": ["a", "a", "c"], "date": ["2018-11-05", "2009-03-01", "2019-06-30"]})
    >>> year = [Window("before", -365, 0), Window("after", 0, 365, post=True)]
    >>> print(read_events(listed, arrests, windows=year, index_date=dt.date(2019, 1, 1)).flow)
    people
      2  on the list
      2  used
      1  of which without an event in any window
    events
       3  rows in the log
      -1  of nobody on the list
      -1  before the first window
       1  counted
    """
    if isinstance(index_date, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", index_date):
        given = "text names a column of people; write one day for all as datetime.date(2019, 1, 1)"
        raise SpecError("IOM-E092", f"index_date: {given}")
    how = Conversion(decimal=decimal, dates=dates, missing=tuple(missing))
    personal = [index_date] if isinstance(index_date, str) else []
    named = [id, *personal, *filter(None, (until, group, first_window, age, date_of_birth)), *covariates]
    columns = col.as_columns(people, [*named, *([selected] if isinstance(selected, str) else [])])
    followed = _followed(columns, id, index_date, until, how)
    spans = _spans(windows, months, index_date, extracted)
    counted = count_events(
        followed,
        _log(events, id, date, record, tuple(filters), how),
        _spells(custody, id, start, end, how),
        windows=spans,
        extracted=extracted,
        index_event=index_event,
        in_custody=in_custody,
    )
    if date_of_birth is not None:
        columns[_AGE] = _age(days_of_column(columns[date_of_birth], date_of_birth, how), followed.index)
    if personal:
        columns[_ENTRY] = np.asarray(followed.index)
    made, layout = _wide(counted, spans, name)
    layout = replace(
        layout,
        unit=id,
        age=age if date_of_birth is None else _AGE,
        group=group,
        start=first_window,
        selected=selected,
        entry=_ENTRY if personal else None,
        covariates=tuple(covariates),
    )
    panel = Panel.from_columns(
        columns | made,
        layout,
        kind="count",
        windows=spans,
        index_date=None if isinstance(index_date, str) else index_date,
        name=name,
        selection=selection,
        synthetic=synthetic,
    )
    return EventReading(panel=replace(panel, notes=(*panel.notes, *counted.notes)), flow=counted.flow)


def _only_the_panel[**P](read: Callable[P, EventReading]) -> Callable[P, Panel]:
    """Return a reading without its flow, of the same signature and documentation."""

    @functools.wraps(read)
    def panel_from_events(*args: P.args, **settings: P.kwargs) -> Panel:
        return read(*args, **settings).panel

    panel_from_events.__name__ = panel_from_events.__qualname__ = "panel_from_events"
    panel_from_events.__annotations__ = read.__annotations__ | {"return": Panel}
    panel_from_events.__dict__["__signature__"] = inspect.signature(read).replace(return_annotation=Panel)
    return panel_from_events


panel_from_events = _only_the_panel(read_events)


def _log(
    events: Any, unit: str, date: str, record: str | None, filters: tuple[Filter, ...], how: Conversion
) -> EventSource:
    """Return the log of a frame, or of a file that is read in parts."""
    if isinstance(events, (str, Path)):
        return StoredLog(path=Path(events), unit=unit, date=date, record=record, filters=filters, how=how)
    return log_of(events, unit=unit, date=date, record=record, filters=filters, how=how)


def _spells(custody: Any, unit: str, start: str, end: str, how: Conversion) -> Spells | None:
    if isinstance(custody, (str, Path)):
        return stored_spells(Path(custody), unit=unit, start=start, end=end, how=how)
    return None if custody is None else spells_of(custody, unit=unit, start=start, end=end, how=how)


_AGE, _ENTRY = "age at the index date", "index date"


def _followed(
    columns: dict[str, NDArray[Any]], unit: str, index_date: dt.date | str, until: str | None, how: Conversion
) -> Followed:
    """Return the people of a list, each id once, and their days."""
    col.check_columns(columns, [unit])
    ids = col.ids(columns[unit], unit, AT_POSITIONS)
    shared = "rows share their id with another"
    AT_POSITIONS.refuse("IOM-E020", f"column {echo(unit)}", col.repeated(ids), shared, "expected one row each")
    index: dt.date | NDArray[Any] = index_date if not isinstance(index_date, str) else np.zeros(0, "M8[D]")
    if isinstance(index_date, str):
        index = days_of_column(columns[index_date], index_date, how).astype("M8[D]")
        AT_POSITIONS.refuse("IOM-E034", f"column {echo(index_date)}", np.isnat(index), "[date is|dates are] missing")
    ends = None if until is None else days_of_column(columns[until], until, how)
    return Followed(ids=ids, index=index, until=ends)


def _spans(
    windows: Windows | None, months: Months | None, index_date: dt.date | str, extracted: dt.date | None
) -> tuple[Window, ...]:
    """Return the windows in days from the index date."""
    if (windows is None) == (months is None):
        raise SpecError("IOM-E096", "give windows, in order of time, or months, and not both")
    common = None if isinstance(index_date, str) else index_date
    if isinstance(months, Monthly):
        windows = months.windows
    elif months is not None:
        windows = _months(*months)
    spans = tuple(w if isinstance(w, Window) else w.span(common) for w in windows or ())
    last = max((w.end for w in spans if w.end is not None), default=0)
    if common is not None and extracted is not None and common + dt.timedelta(days=last) > extracted:
        raise InputError("IOM-E044", "a window ends after the day on which the data were taken; shorten it")
    return spans


def _months(before: int, after: int) -> tuple[Window, ...]:
    """Return months of a twelfth of 365.25 days, in whole days, numbered from the index date."""
    if before < 1 or after < 1:
        raise SpecError("IOM-E092", "months: expected how many before and how many after, 1 or more of each")
    edges = [round(k * MONTH) for k in range(-before, after + 1)]
    labels = [f"month {k}" for k in (*range(-before, 0), *range(1, after + 1))]
    return tuple(Window(labels[k], edges[k], edges[k + 1], post=k >= before) for k in range(before + after))


def _age(born: NDArray[np.datetime64], index: dt.date | NDArray[np.datetime64]) -> NDArray[np.float64]:
    days = (np.asarray(index, dtype="M8[D]") - born.astype("M8[D]")).astype(np.float64)
    return np.where(np.isnat(born), np.nan, days) / YEAR


def _wide(counted: Counted, spans: tuple[Window, ...], name: str) -> tuple[dict[str, NDArray[Any]], Wide]:
    """Return counts and days at risk as columns, and the layout that reads them."""
    events = {f"{name}, {w.label}": counted.counts[:, t] for t, w in enumerate(spans)}
    days = {} if counted.days is None else {f"days, {w.label}": counted.days[:, t] for t, w in enumerate(spans)}
    before = sum(not w.post for w in spans)
    layout = Wide(unit="", before=tuple(events)[:before], after=tuple(events)[before:], exposure=tuple(days))
    return events | days, layout
