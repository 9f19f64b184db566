"""Order, dates and lengths of the windows of a file, by what its columns or cells call them; what is open is asked."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from iom_causal.data.files import dates
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.names import held, tokens
from iom_causal.data.guesses.period_names import (
    BARE,
    BOTH,
    CALENDAR,
    COUNTED,
    DISTANCE,
    NUMBERED,
    RANGE,
    RELATIVE,
    SIGNED,
    WHOLE,
    Kind,
    Period,
    measure,
    plain,
    side_of,
)
from iom_causal.data.guesses.questions import Question
from iom_causal.data.guesses.starts import ENDS, STARTS

INTRODUCTIONS = {"introduced", "introduction", "launch", "launched", "index", "live"}
"""Words for the day of introduction, in the name of a column."""
ORDER = Question(
    "windows",
    "nothing tells the order of these in time; put them in order, write post = true in each that lies after the "
    "introduction, and delete this line",
)
CONTRADICTED = Question(
    "windows",
    "their names and the dates in the file tell different orders; put them in order of time, write post = true in each "
    "that lies after the introduction, and delete this line",
)
EITHER_END = Question(
    "windows",
    "names tell the order of some of these in two ways (pre 1 may be the earliest or the one next to the introduction, "
    "and the winter of 2016 may begin or end it); put them, and the columns of each outcome, in order of time, write "
    "post = true in each that lies after the introduction, and delete this line",
)
WHICH_AFTER = Question(
    "windows",
    "which of these lie after the introduction? Write post = true in each of them and in no other, and delete this "
    "line",
)
INTRODUCED = Question(
    "index_date",
    "on which day was the programme introduced? Write it without quotation marks, such as index_date = {}; windows "
    "that start on that day or later lie after",
)
LENGTHS = Question(
    "equal_windows",
    "are all windows equally long? Write equal_windows = true if so; if not, delete this line and write in each "
    "line of windows (below) how long it is, such as months = 12 or days = 548",
)
UNLIKE = Question(
    "windows",
    "columns of different outcomes are over different lengths, and one study has one length for each window: keep in "
    "outcomes those over the same lengths, write these into the windows, such as months = 24, put the other outcomes "
    "into a second study file, and delete this line",
)
NESTED = Question(
    "equal_windows",
    "delete this line, and write in each window how long it is, such as months = 6; where a window of 12 months holds "
    "one of 6, take one of the two out, here and in outcomes, or the same months count twice",
)

TWICE = Question(
    "windows",
    "several columns lie on the same side, and only some say how long they are, such as 12m pre beside pre: name each "
    "outcome below after what its columns measure, take out what is no outcome, and delete this line",
)

BETWEEN = {"during", "between", "transition", "while"}
"""Words for a time that is neither before nor after."""
AFTER_ASKED = {ORDER, WHICH_AFTER, EITHER_END}
FEWEST_MONTHS = 6
"""Calendar months in a row that are given as months and not as windows of their own."""


UNEVEN = Question(
    "equal_windows",
    "there are more windows on one side than on the other: delete this line, and write in each how long it is "
    "(months = 12, or days = 548) or from when to when (start = 2016-01-01, end = 2017-01-01)",
)


class Grid(NamedTuple):
    """Windows in order of time, and what is open about them."""

    windows: tuple[Period, ...] = BOTH
    questions: tuple[Question, ...] = (LENGTHS,)

    def asking(self, question: Question) -> "Grid":
        """Return the same windows with a further question."""
        return self._replace(questions=(question, *self.questions))


class Measured(NamedTuple):
    """Windows of a wide table, and the columns of each measure in their order."""

    grid: Grid
    columns: Mapping[str, tuple[str, ...]]


class _Named(NamedTuple):
    """Column or cell whose name one kind reads."""

    name: str
    stem: str
    period: Period


def in_columns(names: Iterable[str], introduced: dt.date | None = None) -> Measured | None:
    """Group columns of numbers by what they measure, each over the same windows.

    Parameters
    ----------
    names : iterable of str
        Columns of numbers, in the order of the file.
    introduced : date, optional
        The day of introduction, where the file tells it.

    Returns
    -------
    Measured, optional
        None where no measure has windows before and after.

    Examples
    --------
    >>> found = in_columns(["Arr 23/24", "Arr 21/22", "Arr 22/23"])
    >>> found.columns, [w.label for w in found.grid.windows]
    ({'arr': ('Arr 21/22', 'Arr 22/23', 'Arr 23/24')}, ['21/22', '22/23', '23/24'])
    """
    names = tuple(names)
    sided = [name for name in names if side_of(name) is not None]
    plainly = [name for name in names if name not in sided]
    monthly = _grouped(plainly, CALENDAR, introduced)
    if monthly is not None and months_in(monthly.grid):
        return monthly
    for among, kinds in ((sided, (*CALENDAR, RANGE, *RELATIVE)), (names, (DISTANCE, SIGNED)), (sided, (_side,))):
        found = _grouped(among, kinds, introduced)
        if found is not None and all(w.post is not None for w in found.grid.windows):
            return found
    return _grouped(plainly, (*CALENDAR, RANGE, *RELATIVE, BARE), introduced)


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
    for kind in (*CALENDAR, RANGE, DISTANCE, *RELATIVE, SIGNED, WHOLE, _side):
        read = _read(texts, kind)
        if len(read) < len(texts) or len({named.stem for named in read}) > 1:
            continue
        read = _counted_back(read, kind)
        order = _sorted([named.period for named in read])
        if order is not None and not _loose(named.period for named in read):
            named = [_of_a_cell(read[k].period, *cells[k]) for k in order]
            return _placed(named, introduced, distances=kind is DISTANCE)
    return None


def _loose(periods: Iterable[Period]) -> bool:
    """Whether the places of some may be others beside those of the rest."""
    return {p.loose for p in periods} == {False, True}


def is_period(text: str) -> bool:
    """Whether a cell names a period and nothing else."""
    kinds = (*CALENDAR, RANGE, DISTANCE, *RELATIVE, SIGNED, WHOLE)
    read = (kind(plain(text)) for kind in kinds)
    return side_of(text) is not None or any(found is not None and not measure(found[0]) for found in read)


def left_out(name: str, stems: Iterable[str]) -> bool:
    """Whether a name is that of one of some measures and of a period, such as that between before and after."""
    words = plain(name).split()
    rest = next((words[len(own) :] for s in stems if (own := s.split()) and words[: len(own)] == own), [])
    return bool(rest) and (bool(BETWEEN & set(rest)) or is_period(" ".join(rest)))


def months_in(grid: Grid) -> tuple[str, ...]:
    """Return the first and the last of calendar months in a row, such as 2014-01; none for other windows.

    Months that a file spells in another way, such as Jan-14, are windows with a period each.
    """
    starts = [w.start for w in grid.windows]
    labels = [f"{start:%Y-%m}" for start in starts if start is not None]
    monthly = len(labels) == len(starts) >= FEWEST_MONTHS and labels == _in_a_row(labels[0], len(labels))
    spelt = all(w.value in {None, label} for w, label in zip(grid.windows, labels, strict=False))
    return (labels[0], labels[-1]) if monthly and spelt else ()


def _in_a_row(first: str, n: int) -> list[str]:
    at = 12 * int(first[:4]) + int(first[5:]) - 1
    return [f"{k // 12}-{k % 12 + 1:02d}" for k in range(at, at + n)]


def day_for_all(sheet: Sheet, form: str) -> dt.date | None:
    """Return the day of introduction: the one day in a column of starts, for everybody who has one."""
    for name in sheet.columns:
        if tokens(name) & (STARTS | INTRODUCTIONS) and not tokens(name) & ENDS:
            cells = held(sheet, name)
            day = dates.day(cells[0], form) if len(cells) == 1 else None
            if day is not None:
                return day
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
    days = {v: day for v in values if (day := dates.day(v, form)) is not None}
    if len(days) == len(values):
        return _of_days(days, introduced)
    grid = in_cells([(v, str(v)) for v in values], introduced)
    told = [order for name in others if (order := _by_days(sheet, period, name, form))]
    if labels:
        told.append([labels[code] for code in sorted(labels) if labels[code] in values])
    if grid is None and told:
        grid = _placed([_plain_period(v) for v in told[0]], introduced)
    if grid is None:
        return Grid(tuple(map(_plain_period, values)), (ORDER, LENGTHS))
    order = [w.value for w in grid.windows]
    if any(other != order for other in told):
        return grid._replace(questions=(CONTRADICTED, *(q for q in grid.questions if q not in AFTER_ASKED)))
    return grid


def _of_days(days: Mapping[Any, dt.date], introduced: dt.date | None) -> Grid:
    """Return the months that hold the days where they are months in a row, or each day as a period of its own."""
    months = sorted({f"{day:%Y-%m}" for day in days.values()})
    monthly = in_cells([(month, month) for month in months], introduced) if len(months) > 1 else None
    if monthly is not None and months_in(monthly):
        return monthly
    order = sorted(days, key=lambda value: days[value])
    return _placed([_plain_period(value) for value in order], introduced)


def _plain_period(value: object) -> Period:
    text = str(value)
    return Period(label=text, value=value, post=side_of(text))


def _by_days(sheet: Sheet, period: str, name: str, form: str) -> list[object]:
    """Return the periods in the order of the days of a column; none where days of different periods mix."""
    spans: dict[object, tuple[dt.date, dt.date]] = {}
    labels = sheet.labels.get(period, {})
    for value, cell in zip(sheet[period].tolist(), sheet[name].tolist(), strict=True):
        day = dates.day(cell, form)
        if day is not None and value is not None:
            low, high = spans.get(labels.get(value, value), (day, day))
            spans[labels.get(value, value)] = (min(low, day), max(high, day))
    order = sorted(spans, key=lambda v: spans[v])
    apart = len(spans) == len(held(sheet, period)) and all(spans[a][1] < spans[b][0] for a, b in pairwise(order))
    return order if apart else []


def _of_a_cell(period: Period, value: object, text: str) -> Period:
    return replace(period, label=text, value=value)


def _side(text: str) -> tuple[str, Period] | None:
    """Read a name that says before or after and no more."""
    side = side_of(text)
    return None if side is None else (text, BOTH[side])


def _read(names: Iterable[str], kind: Kind) -> list[_Named]:
    read = []
    names = tuple(names)
    if kind is DISTANCE and not any(map(DISTANCE, map(plain, names))):
        return []
    for name in names:
        found = kind(plain(name))
        side = side_of(name)
        if found is None and kind is DISTANCE and side is not None:
            found = (plain(name), BOTH[side])  # a baseline beside 6 and 12 months
        if found is not None:
            rest, period = found
            read.append(_Named(name, measure(rest), period if kind is SIGNED else _sided(name, period, kind)))
    both = {named.period.place < 0 for named in read} == {True, False}
    return [] if kind is SIGNED and not both else read


def _counted_back(read: list[_Named], kind: Kind) -> list[_Named]:
    """Turn numbers before round where they are counted from the introduction.

    The second year before is the earlier one; of year 2 and pre 2 the order of the file tells.
    """
    places = [named.period.place for named in read if named.period.post is False]
    ordinal = any("#" in plain(named.name) for named in read if named.period.post is False)
    falling = len(places) > 1 and places == sorted(places, reverse=True)
    if kind not in (NUMBERED, COUNTED) or len(places) < 2:
        return read
    if not (ordinal or falling):  # 1 may be the earliest, or the one next to the introduction
        return [n._replace(period=replace(n.period, loose=n.period.post is False)) for n in read]
    turned = (replace(n.period, place=-n.period.place) if n.period.post is False else n.period for n in read)
    return [named._replace(period=period) for named, period in zip(read, turned, strict=True)]


def _sided(name: str, period: Period, kind: Kind) -> Period:
    """Return a period on its side; the further before, the earlier."""
    away = replace(period, place=-period.place) if kind in (DISTANCE, RANGE) and side_of(name) is False else period
    return away.beside(name)


def _grouped(names: Sequence[str], kinds: Iterable[Kind], introduced: dt.date | None) -> Measured | None:
    for kind in kinds:
        stems: dict[str, list[_Named]] = {}
        for named in _read(names, kind):
            stems.setdefault(named.stem, []).append(named)
        stems, twice = _each_side_once(stems) if kind is DISTANCE else (stems, False)
        stems = {stem: _counted_back(found, kind) for stem, found in stems.items()}
        orders = {stem: _sorted([n.period for n in found]) for stem, found in stems.items()}
        sorted_out = {s: [stems[s][k] for k in order] for s, order in orders.items() if order is not None}
        sorted_out = {s: found for s, found in sorted_out.items() if len(found) > 1}
        if sorted_out:
            found = _of_one_grid(sorted_out, introduced, distances=kind is DISTANCE)
            return found._replace(grid=found.grid.asking(TWICE)) if twice else found
    return None


def _each_side_once(stems: Mapping[str, list[_Named]]) -> tuple[dict[str, list[_Named]], bool]:
    """Separate columns that say how long from those of the same side that do not: they measure different things."""
    apart: dict[str, list[_Named]] = {}
    for stem, found in stems.items():
        long, rest = [n for n in found if n.period.stated], [n for n in found if not n.period.stated]
        if {n.period.post for n in long} & {n.period.post for n in rest}:
            apart |= {stem: rest, f"{stem} {long[0].period.label.lstrip('+-')}".strip(): long}
        else:
            apart[stem] = found
    return apart, len(apart) > len(stems)


def _of_one_grid(stems: Mapping[str, Sequence[_Named]], introduced: dt.date | None, *, distances: bool) -> Measured:
    """Return the measures that share the windows of most; pairs share them whatever lengths they say."""
    if all(len(found) == 2 for found in stems.values()) and distances:
        said = [tuple(n.period for n in found) for found in stems.values() if all(n.period.place for n in found)]
        lengths = {tuple(p.months or p.days for p in pair) for pair in said}
        pair = said[0] if len(lengths) == 1 else BOTH
        windows = tuple(plain_one.lasting(p) for plain_one, p in zip(BOTH, pair, strict=True))
        asked = () if all(w.stated for w in windows) else (UNLIKE if len(lengths) > 1 else LENGTHS,)
        return Measured(Grid(windows, asked), {s: tuple(n.name for n in found) for s, found in stems.items()})
    grids = {stem: tuple(n.period.order for n in found) for stem, found in stems.items()}
    most = max(grids.values(), key=list(grids.values()).count)
    shared = {stem: found for stem, found in stems.items() if grids[stem] == most}
    first = next(iter(shared.values()))
    grid = _placed([named.period for named in first], introduced, distances=distances)
    return Measured(grid, {stem: tuple(n.name for n in found) for stem, found in shared.items()})


def _sorted(periods: Sequence[Period]) -> list[int] | None:
    """Return the positions in order of time; None where two are the same, or the order cannot be told."""
    cycle = periods[0].cycle
    if cycle and not any(p.post is not None for p in periods):
        return _round(periods, cycle)
    if len({p.order for p in periods}) < len(periods):
        return None
    order = sorted(range(len(periods)), key=lambda k: periods[k].order)
    dated = [periods[k].start for k in order]
    if any(a is not None and b is not None and b <= a for a, b in pairwise(dated)):
        return None  # names that say after are of earlier dates
    return order


def _round(periods: Sequence[Period], cycle: int) -> list[int] | None:
    """Return the order of names that come round again: behind the one gap there is, or as the file has them."""
    places = [int(p.place) for p in periods]
    if len(set(places)) < len(places) or len(places) < 2:
        return None
    starts = [k for k, place in enumerate(places) if (place - 2) % cycle + 1 not in places]
    if not starts and all((b - a) % cycle == 1 for a, b in pairwise(places)):
        return list(range(len(places)))
    if len(starts) != 1:
        return None
    return sorted(range(len(places)), key=lambda k: (places[k] - places[starts[0]]) % cycle)


def _placed(periods: Sequence[Period], introduced: dt.date | None, *, distances: bool = False) -> Grid:
    """Say which windows lie after and how long each is, and ask what is open."""
    in_a_row = _without_gaps(periods)
    periods, open_side = _after(periods, introduced)
    questions = [open_side] if open_side is not None else []
    if _loose(periods):
        questions = [EITHER_END]
    if all(p.start is not None for p in periods):
        return Grid(tuple(p.dated() for p in periods), tuple(questions))
    if distances and [p.post for p in periods] == [False, True] and all(p.stated for p in periods):
        return Grid(tuple(p.lasting(p) for p in periods), tuple(questions))
    if distances:
        periods = [p.bare() for p in periods]
        questions.append(NESTED)
    elif all(p.months is not None or p.days is not None for p in periods) and in_a_row:
        periods = [p.lasting(p) for p in periods]
    else:
        periods = [p.bare() for p in periods]
        uneven = open_side is None and 2 * sum(p.post is True for p in periods) != len(periods)
        questions.append(UNEVEN if uneven else LENGTHS)
    return Grid(tuple(periods), tuple(questions))


def _without_gaps(periods: Sequence[Period]) -> bool:
    """Whether numbers follow on one another on each side: month 6 beside month 12 is a day, and no month."""
    steps = ((a, b.place - a.place) for a, b in pairwise(periods) if a.post == b.post or None in (a.post, b.post))
    return all(step in (1, 1 - a.cycle, a.months) for a, step in steps)


def _after(periods: Sequence[Period], introduced: dt.date | None) -> tuple[list[Period], Question | None]:
    said = [p.post for p in periods]
    last = len(periods) - 1
    starts = [p.start for p in periods]
    if all(side is not None for side in said):
        return list(periods), None
    if True in said or False in said:  # a baseline and what follows, or what lies before the first that is after
        first = said.index(True) if True in said else last - said[::-1].index(False) + 1
        return [replace(p, post=k >= first) for k, p in enumerate(periods)], None if 0 < first <= last else WHICH_AFTER
    if introduced is not None and None not in starts:
        return _around(periods, introduced)
    if last == 1:
        return [replace(p, post=k == 1) for k, p in enumerate(periods)], None
    day = starts[len(starts) // 2]
    return list(periods), WHICH_AFTER if None in starts else INTRODUCED._replace(ask=INTRODUCED.ask.format(day))


def _around(periods: Sequence[Period], introduced: dt.date) -> tuple[list[Period], Question | None]:
    """Return periods with dates on their sides of a day; where it lies inside one, or outside all, that is asked."""
    spans = [(p.start, p.end) for p in periods if p.start is not None and p.end is not None]
    post = [start >= introduced for start, _ in spans]
    if any(start < introduced < end for start, end in spans) or all(post) or not any(post):
        return list(periods), WHICH_AFTER
    return [replace(p, post=side) for p, side in zip(periods, post, strict=True)], None
