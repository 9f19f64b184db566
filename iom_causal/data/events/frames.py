"""Columns of frames as the arrays of a list of people, a log of events and spells in custody."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.data.events.tables import Log, SetAside, Spells
from iom_causal.data.extract_parts import Filter
from iom_causal.data.files import dates as parsing
from iom_causal.data.files.reading import Conversion
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.filtering import retained, words_of
from iom_causal.errors import InputError, echo
from iom_causal.panel.columns import as_columns, is_missing

_FIRST, _LAST = (np.datetime64(f"{year}-01-01", "D") for year in (parsing.FIRST_YEAR, parsing.LAST_YEAR + 1))


def log_of(frame: Any, *, unit: str, date: str, record: str | None, filters: Sequence[Filter], how: Conversion) -> Log:
    """Return the log of events of a frame, less what filters set aside.

    Parameters
    ----------
    frame : frame
        pandas, polars, pyarrow or anything else that narwhals understands.
    unit, date, record : str
        Its columns.
    filters : sequence of Filter
        Applied in order.
    how : Conversion
        How cells are read as numbers and dates.
    """
    named = [unit, date, *([record] if record else []), *(f.column for f in filters)]
    columns = as_columns(frame, named)
    keep, aside = _filtered(columns, filters, how)
    ids, days = columns[unit], days_of_column(columns[date], date, how)
    records = columns[record] if record else None
    if record == date:
        records = each_day(days)
    if keep is not None:
        ids, days, records = ids[keep], days[keep], None if records is None else records[keep]
    return Log(ids=ids, days=days, records=records, name=unit, aside=aside)


def each_day(days: NDArray[np.datetime64]) -> NDArray[Any]:
    """Return days in place of records, by which the rows of one person and day are one event."""
    return days.astype("M8[D]").astype(str).astype(object)


def spells_of(frame: Any, *, unit: str, start: str, end: str, how: Conversion) -> Spells:
    """Return the spells in custody of a frame."""
    columns = as_columns(frame, [unit, start, end])
    first, last = (days_of_column(columns[name], name, how) for name in (start, end))
    return Spells(ids=columns[unit], start=first, end=last, name=unit, names=(start, end))


def days_of_column(column: NDArray[Any], name: str, how: Conversion) -> NDArray[np.datetime64]:
    """Return the times of a column: as they are, or read from text of a stated form.

    Raises
    ------
    InputError
        IOM-E050 to E053, with the number of cells.
    """
    if column.dtype.kind == "M" and how.missing:
        column = column.astype("M8[D]").astype(object)
    if column.dtype.kind == "M":
        _check_years(column, name)
        return column
    if not len(column):
        return np.zeros(0, dtype="M8[D]")
    return parsing.dates(as_cells({name: column}), name, form=how.dates, missing=how.missing)


def _check_years(times: NDArray[np.datetime64], name: str) -> None:
    ticks, unit = times.view(np.int64), times.dtype
    low, high = (int(day.astype(unit).astype(np.int64)) for day in (_FIRST, _LAST))
    none = np.iinfo(np.int64).min
    if not len(ticks) or (ticks.max() < high and (ticks.min() >= low)):
        return
    outside = int((((ticks < low) & (ticks != none)) | (ticks >= high)).sum())
    if outside:
        raise InputError(
            "IOM-E053",
            f"column {echo(name)}: {outside:,} dates are before {parsing.FIRST_YEAR} or after {parsing.LAST_YEAR}; "
            'list codes such as "9999-12-31" in missing = [...]',
        )


def _filtered(
    columns: dict[str, NDArray[Any]], filters: Sequence[Filter], how: Conversion
) -> tuple[NDArray[np.bool_] | None, tuple[SetAside, ...]]:
    """Return the rows that all filters retain, and what each set aside of those left by the ones before it."""
    keep, aside = None, []
    for rule in filters if len(next(iter(columns.values()))) else ():
        passed = retained(as_cells({rule.column: columns[rule.column]}), rule, decimal=how.decimal, missing=how.missing)
        left = passed if keep is None else keep & passed
        aside.append(SetAside(words_of(rule), int((~passed if keep is None else keep & ~passed).sum())))
        keep = left
    return keep, tuple(aside)


def as_cells(columns: dict[str, NDArray[Any]]) -> Sheet:
    """Return columns as a file's cells: text without the spaces around it, None where nothing stands."""
    cells = {
        name: np.array([_as_cell(cell) for cell in column.tolist()], dtype=object) for name, column in columns.items()
    }
    return Sheet(columns=cells, rows=len(next(iter(cells.values()))))


def _as_cell(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.strip() or None
    return None if is_missing(cell) else cell
