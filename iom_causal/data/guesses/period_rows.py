"""Windows of a long table: the cells of its column of periods in order of time, checked against days in the file."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from iom_causal.data.files import dates
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.names import held, tokens
from iom_causal.data.guesses.period_names import (
    CALENDAR,
    DISTANCE,
    RANGE,
    RELATIVE,
    SIGNED,
    WHOLE,
    Period,
    measure,
    plain,
    side_of,
)
from iom_causal.data.guesses.period_order import bare_side, counted_back, in_order, read_names
from iom_causal.data.guesses.periods import AFTER_ASKED, CONTRADICTED, LENGTHS, ORDER, Grid, loose, months_in, placed
from iom_causal.data.guesses.starts import ENDS, STARTS

INTRODUCTIONS = {"introduced", "introduction", "launch", "launched", "index", "live"}
"""Words for the day of introduction, in the name of a column."""


def in_cells(cells: Sequence[tuple[object, str]], introduced: dt.date | None = None) -> Grid | None:
    """Put the cells of a column of periods in order of time; None where their names do not tell it.

    Parameters
    ----------
    cells : sequence of (value, text)
        Each value once, in the order of the file, and what it says.
    introduced : date, optional
        The day of introduction, where the file tells it.

    Examples
    --------
    >>> [w.label for w in in_cells([(q, q) for q in ("Q1 2016", "Q2 2016", "Q3 2015", "Q4 2015")]).windows]
    ['Q3 2015', 'Q4 2015', 'Q1 2016', 'Q2 2016']
    """
    texts = [text for _, text in cells]
    for kind in (*CALENDAR, RANGE, DISTANCE, *RELATIVE, SIGNED, WHOLE, bare_side):
        read = read_names(texts, kind)
        if len(read) < len(texts) or len({named.stem for named in read}) > 1:
            continue
        read = counted_back(read, kind)
        order = in_order([named.period for named in read])
        if order is not None and not loose(named.period for named in read):
            named = [_of_a_cell(read[k].period, *cells[k]) for k in order]
            return placed(named, introduced, distances=kind is DISTANCE)
    return None


def in_rows(sheet: Sheet, period: str, others: Iterable[str], form: str, introduced: dt.date | None) -> Grid:
    """Put the periods of a long table in order of time: by names, checked against days and codes in the file.

    Parameters
    ----------
    sheet : Sheet
        The table.
    period : str
        Its column of periods.
    others : iterable of str
        Columns that may hold days.
    form : str
        The form of dates.
    introduced : date, optional
        The day of introduction, where the file tells it.
    """
    labels = sheet.labels.get(period, {})
    values = [labels.get(v, v) for v in held(sheet, period)]
    days = {v: day for v in values if (day := dates.day(v, form, sheet.epoch)) is not None}
    if len(days) == len(values):
        return _of_days(days, introduced)
    grid = in_cells([(v, str(v)) for v in values], introduced)
    told = [order for name in others if (order := _by_days(sheet, period, name, form))]
    if labels:
        told.append([labels[code] for code in sorted(labels) if labels[code] in values])
    if grid is None and told:
        grid = placed([_plain_period(v) for v in told[0]], introduced)
    if grid is None:
        return Grid(tuple(map(_plain_period, values)), (ORDER, LENGTHS))
    order = [w.value for w in grid.windows]
    if any(other != order for other in told):
        return grid._replace(questions=(CONTRADICTED, *(q for q in grid.questions if q not in AFTER_ASKED)))
    return grid


def is_period(text: str) -> bool:
    """Whether a cell names a period and nothing else."""
    kinds = (*CALENDAR, RANGE, DISTANCE, *RELATIVE, SIGNED, WHOLE)
    read = (kind(plain(text)) for kind in kinds)
    return side_of(text) is not None or any(found is not None and not measure(found[0]) for found in read)


def day_for_all(sheet: Sheet, form: str) -> dt.date | None:
    """Return the day of introduction: the one day in a column of starts, for everybody who has one."""
    for name in sheet.columns:
        if tokens(name) & (STARTS | INTRODUCTIONS) and not tokens(name) & ENDS:
            cells = held(sheet, name)
            day = dates.day(cells[0], form, sheet.epoch) if len(cells) == 1 else None
            if day is not None:
                return day
    return None


def _of_days(days: Mapping[Any, dt.date], introduced: dt.date | None) -> Grid:
    """Return the months that hold the days where they are months in a row, or each day as a period of its own."""
    months = sorted({f"{day:%Y-%m}" for day in days.values()})
    monthly = in_cells([(month, month) for month in months], introduced) if len(months) > 1 else None
    if monthly is not None and months_in(monthly):
        return monthly
    order = sorted(days, key=lambda value: days[value])
    return placed([_plain_period(value) for value in order], introduced)


def _plain_period(value: object) -> Period:
    text = str(value)
    return Period(label=text, value=value, post=side_of(text))


def _by_days(sheet: Sheet, period: str, name: str, form: str) -> list[object]:
    """Return the periods in the order of the days of a column; none where days of different periods mix."""
    spans: dict[object, tuple[dt.date, dt.date]] = {}
    labels = sheet.labels.get(period, {})
    for value, cell in zip(sheet[period].tolist(), sheet[name].tolist(), strict=True):
        day = dates.day(cell, form, sheet.epoch)
        if day is not None and value is not None:
            low, high = spans.get(labels.get(value, value), (day, day))
            spans[labels.get(value, value)] = (min(low, day), max(high, day))
    order = sorted(spans, key=lambda v: spans[v])
    apart = len(spans) == len(held(sheet, period)) and all(spans[a][1] < spans[b][0] for a, b in pairwise(order))
    return order if apart else []


def _of_a_cell(period: Period, value: object, text: str) -> Period:
    return replace(period, label=text, value=value)
