"""Specification of a file of person-level data: its columns, and how its cells are read."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from iom_causal.base.names import check_names
from iom_causal.base.specs import UNDIGESTED, check_choice
from iom_causal.data.event_files import IN_CUSTODY_EVENTS, CustodyFile, EventsFile
from iom_causal.data.extract_parts import ExtractOutcome, ExtractWindow, Filter, Monthly, on_their_side, spans_of
from iom_causal.data.files.readers import FORMATS, format_of
from iom_causal.data.files.reading import Conversion
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.windows import Window, check_windows

LAYOUTS = ("wide", "long")
LOGGED = ("count", "binary")
"""Kinds of outcomes that are counted from a log of events: how many, or whether there was any."""
NUMBERED = "\0row"
"""In place of a column of ids where rows are numbered: no file has a column of this name."""
MANAGED = (1.0,)
"""The values of treated people in a column of treatment status, where a study states no other."""
DESCRIBING = ("file", "encoding", "separator", "layout", "guessed")
"""Keys that decide neither who counts, nor for how long, nor what counts, nor who is compared with whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract(Conversion):
    """Specification of a file of person-level data: which column is what, and how cells are read.

    Parameters
    ----------
    file : str
        Its name, beside the study file.
    id : str
        The column of ids.
    outcomes : tuple of ExtractOutcome
        At least one.
    windows : tuple of ExtractWindow
        In order of time.
    months : Monthly, optional
        Calendar months in place of `windows`.
    equal_windows : bool
        Whether windows without dates or lengths are equally long, however long that is: only then, or where days at
        risk are given, are counts and amounts compared over them.
    layout : {"wide", "long"}
        One row a person, or one row a person and period.
    sheet, encoding, separator, skip_rows, header_rows, drop_rows, decimal, dates, missing
        As in `Conversion` and `Reading`.
    sheets : tuple of str
        In place of `sheet`, several sheets of the workbook with the same columns, read as one table: the managed
        people of several teams. The column ``sheet`` then holds the name of each person's.
    period : str
        In a long table, the column that says which window a row is of: by its period or label, or by a day in it where
        windows have dates.
    days_at_risk : tuple of str
        Columns of days at risk, such as days since a late entry: one for each window, in a long table one.
    custody_days : tuple of str
        Columns of days in custody, in the same way: they are taken from the days at risk, or, where these are not
        given, from the length of the window.
    age : str
        A column of ages at the index date.
    date_of_birth : str
        In place of `age`, a column of dates of birth: an age is the days from there to the index date over 365.25.
    entry : str
        A column of each person's own index date, where not all have the same.
    index_date : date, optional
        The day of introduction; by default the start of the first window after. Where all windows have dates and none
        says that it lies after, those do that start on this day or later.
    extracted : date, optional
        The day on which the data were taken; no window may end after it.
    group : str
        The column of treatment status.
    managed : tuple
        Values of `group` for treated (managed) people; none, ``[]``, where an empty cell says that a person was not
        managed, and any other that he was.
    start : str
        The column of each person's first managed window, where people entered at different ones: its label or period,
        or the day of entry where windows have dates. Nothing stands there for people who were never managed.
    others : str
        A file beside the study file, or another sheet of the same workbook, with the same columns, of people who were
        not managed: they are read with the managed as one table, and `group` is not given.
    selected : str or bool
        Whether the others were selected as the managed were (a waiting list, the losers of a lottery, another force by
        the same rule): true or false of all of them, or the column that says so (1 or yes, 0 or no, or empty
        where that is not known). Designs compare with those who were, and the rest are read as the source population.
    events : EventsFile, optional
        A log of events, one row an event: outcomes without columns are counted from it, window by window.
    custody : CustodyFile, optional
        Spells in custody: days inside are taken from the days at risk.
    until : str or tuple of str
        The column, or columns, of the day from which a person is no longer followed (a death, a move, an exit), empty
        for others: from the earliest of them a person is not at risk, and no event counts.
    until_reason : str
        The column that says why.
    other_ids : tuple of str
        Columns of further ids of the same person, under which rows of the log or of the spells may stand.
    covariates : tuple of str
        Columns to carry along: among them what a method names, such as the force or team (``cluster``) or the score
        by which people were selected.
    filters : tuple of Filter
        Applied in order.
    guessed : tuple of str
        Keys that stand as `iom-causal init` guessed them; the report lists them until their words are taken out. They
        decide no figure.

    Examples
    --------
    >>> Extract(
    ...     file="people.csv",
    ...     id="urn",
    ...     outcomes=(ExtractOutcome(name="arrests", kind="count", columns=("before", "after")),),
    ...     windows=(ExtractWindow(label="before"), ExtractWindow(label="after", post=True)),
    ... ).layout
    'wide'
    """

    file: str
    id: str
    outcomes: tuple[ExtractOutcome, ...]
    windows: tuple[ExtractWindow, ...] = ()
    months: Monthly | None = None
    equal_windows: bool = False
    layout: str = "wide"
    sheets: tuple[str, ...] = ()
    period: str = ""
    days_at_risk: tuple[str, ...] = ()
    custody_days: tuple[str, ...] = ()
    age: str = ""
    date_of_birth: str = ""
    entry: str = ""
    index_date: dt.date | None = None
    extracted: dt.date | None = None
    group: str = ""
    managed: tuple[str | float, ...] = MANAGED
    start: str = ""
    others: str = ""
    selected: str | bool = ""
    events: EventsFile | None = None
    custody: CustodyFile | None = None
    until: str | tuple[str, ...] = ""
    until_reason: str = ""
    other_ids: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    guessed: tuple[str, ...] = field(default=(), metadata=UNDIGESTED)

    def __post_init__(self) -> None:
        Conversion.__post_init__(self)
        check_choice(self.layout, LAYOUTS, "extract: layout")
        for key in self.guessed:
            check_choice(key, (f.name for f in fields(self) if f.name not in DESCRIBING), "extract: guessed")
        _check_windows(self)
        _check_shape(self)
        _check_companions(self)
        check_windows(self.spans)
        _check_taken(self)
        _check_logs(self)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files: of people, events and spells."""
        beside = (self.events, self.custody)
        others = (self.others,) if self.others and self.others_sheet is None else ()
        return (self.file, *others, *(each.file for each in beside if each is not None))

    @property
    def others_sheet(self) -> str | None:
        """The sheet of the workbook that holds people who were not managed; None where that is a file, or none."""
        return self.others if self.others and format_of(self.others) is None else None

    @property
    def compared(self) -> bool:
        """Whether people who were not managed, or not yet, are told from the managed."""
        return bool(self.group or self.start or self.others)

    @property
    def linked(self) -> bool:
        """Whether files of events or spells, or days until which people are followed, stand beside the people."""
        return self.events is not None or self.custody is not None or bool(self.until)

    @property
    def lost(self) -> tuple[str, ...]:
        """The columns of days from which people are no longer followed."""
        return self.until if isinstance(self.until, tuple) else (self.until,) if self.until else ()

    @property
    def follows(self) -> bool:
        """Whether days at risk are known of each person."""
        return bool(self.days_at_risk or self.custody_days or self.custody is not None or self.until)

    @property
    def day_zero(self) -> dt.date | None:
        """The index date, where it is the same for all."""
        first = next((w.start for w in self.windows if w.post), None)
        return self.index_date or (first if isinstance(first, dt.date) else None)

    @property
    def spans(self) -> tuple[Window, ...]:
        """The windows in days from the index date."""
        return spans_of(self.windows, self.day_zero)


def _check_windows(extract: Extract) -> None:
    """Put the months in the place of windows, and refuse what states the same thing twice."""
    if extract.months is not None and extract.windows not in {(), extract.months.windows}:
        raise SpecError("IOM-E092", "extract: give windows or months, not both")
    if extract.months is not None:
        object.__setattr__(extract, "windows", extract.months.windows)
    if not extract.windows:
        raise SpecError("IOM-E096", "extract: give windows, in order of time, or months")
    if extract.index_date is not None:
        object.__setattr__(extract, "windows", on_their_side(extract.windows, extract.index_date))
    if extract.equal_windows and any(w.start is not None or w.length is not None for w in extract.windows):
        raise SpecError(
            "IOM-E092", "extract: equal_windows says that windows are equally long where none has dates or a length"
        )
    if extract.start and (extract.group or extract.entry):
        other = "group" if extract.group else "entry"
        raise SpecError(
            "IOM-E092", f"extract: give start or {other}, not both: start tells the first managed window of each person"
        )


def _check_shape(extract: Extract) -> None:
    if not extract.outcomes:
        raise SpecError("IOM-E096", "extract: expected at least one outcome, got none")
    check_names((o.name for o in extract.outcomes), "extract: outcomes")
    if (extract.layout == "long") != bool(extract.period):
        wanted = "a long table needs period = the column of periods" if not extract.period else "period is for long"
        raise SpecError("IOM-E096", f"extract: {wanted}")
    width = 1 if extract.layout == "long" else len(extract.windows)
    exposures = {"days_at_risk": extract.days_at_risk, "custody_days": extract.custody_days}
    counted = {f"outcome {o.name}": o.columns for o in extract.outcomes if not (o.logged and extract.events)}
    columns = counted | {k: v for k, v in exposures.items() if v}
    for where, given in columns.items():
        if len(given) != width:
            each = "one column" if width == 1 else f"{width} columns, one for each window"
            raise SpecError("IOM-E096", f"extract, {where}: expected {each}, got {len(given)}")
    if extract.others and (extract.group or extract.start):
        raise SpecError(
            "IOM-E092",
            "extract: others is a table of people who were not managed; give it, or the column that tells who was "
            "managed (group or start), and not both",
        )
    if extract.sheets and (extract.sheet or extract.others_sheet in extract.sheets):
        raise SpecError("IOM-E092", "extract: give sheet or sheets, not both, and none of them as others too")
    if extract.age and extract.date_of_birth:
        raise SpecError("IOM-E092", "extract: give age or date_of_birth, not both")
    _check_crossed(extract, columns)


def _check_companions(extract: Extract) -> None:
    """Refuse keys that say something of what is not there, and so would be ignored."""
    for what in _without_companions(extract):
        raise SpecError("IOM-E096", f"extract: {what}")


def _without_companions(extract: Extract) -> Iterator[str]:
    """Yield what each key that would be ignored says, and what it needs."""
    linked = extract.events is not None or extract.custody is not None
    book = (format_of(extract.file) or FORMATS[0]).sheets is not None
    if extract.selected != "" and not extract.compared:
        yield (
            "selected says of people who were not managed whether they were picked alike; name the column that tells "
            "who was managed (group or start)"
        )
    if extract.managed != MANAGED and not extract.group:
        yield "managed lists values of the column of treated people; name that column (group)"
    if extract.sheets and not book:
        yield "sheets are of a workbook, and this file holds one table; take sheets out"
    if extract.until_reason and not extract.until:
        yield "until_reason says why people are followed only until a day; give until"
    if extract.other_ids and not linked:
        yield "other_ids link people to events or to spells in custody; give events or custody"
    if extract.events is not None and extract.events.in_custody != IN_CUSTODY_EVENTS[0] and extract.custody is None:
        yield "events: in_custody says which events on days in custody count; give custody"
    yield from (
        f"window {echo(w.label)}: period is what a column of a long table (period), or of first managed windows "
        "(start), says; name that column, or take it out"
        for w in (() if extract.period or extract.start else extract.windows)
        if w.period is not None
    )
    yield from (
        f"outcome {echo(o.name)}: missing says what an empty cell is, and in a log of events whoever has none counts "
        "0; take it out"
        for o in (() if extract.events is None else extract.outcomes)
        if o.logged and o.missing != "refuse"
    )


def _check_crossed(extract: Extract, columns: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse columns that are each named after the window of another."""
    labels = [w.label.casefold() for w in extract.windows]
    for where, given in columns.items():
        if len(given) < 2:
            continue
        named = [[label for label in labels if label in name.casefold()] for name in given]
        if all(len(t) == 1 for t in named) and sorted(t[0] for t in named) == sorted(labels):
            crossed = [w for w, own, t in zip(extract.windows, labels, named, strict=True) if t[0] != own]
            if crossed:
                raise SpecError(
                    "IOM-E092",
                    f"extract, {where}: column and window differ in name for {echo(crossed[0].label)}; "
                    "give the columns in the order of the windows, or rename what is called after another one",
                )


def _check_taken(extract: Extract) -> None:
    dated = {type(end) for w in extract.windows for end in (w.start, w.end) if end is not None}
    if len(dated) > 1:
        raise SpecError("IOM-E092", "extract: give all windows as dates, or all as days from the index date")
    if extract.entry and dt.date in dated:
        raise SpecError("IOM-E092", "extract: with entry, give windows as days from it, such as start = -365, end = 0")
    if extract.date_of_birth and not (extract.day_zero or extract.entry):
        raise SpecError("IOM-E096", "extract: date_of_birth needs index_date, entry or windows with dates")
    last = _last_day(extract)
    if extract.extracted is not None and last is not None and last > extract.extracted:
        raise InputError("IOM-E044", "a window ends after the day on which the data were taken; shorten it")


def _check_logs(extract: Extract) -> None:
    """Refuse what files of events and spells cannot be linked to, or state twice."""
    logged = [o for o in extract.outcomes if o.logged]
    if not extract.linked:
        return
    if extract.layout == "long":
        raise SpecError("IOM-E092", 'extract: events, custody and until need one row a person: set layout = "wide"')
    if extract.events is not None and not logged:
        raise SpecError(
            "IOM-E096",
            "extract: events: no outcome is counted from the log; give one without columns, such as "
            '{ name = "arrests", kind = "count" }',
        )
    for outcome in logged:
        if outcome.weights is not None or outcome.kind not in LOGGED:
            raise SpecError(
                "IOM-E092",
                f"outcome {echo(outcome.name)}: from a log of events, expected kind = "
                f"{' or '.join(map(echo, LOGGED))} without weights; give any other outcome its columns",
            )
    if extract.custody is not None and extract.custody_days:
        raise SpecError("IOM-E092", "extract: give custody or custody_days, not both")
    if extract.days_at_risk:
        raise SpecError(
            "IOM-E092", "extract: days_at_risk are worked out from the windows where events, custody or until are given"
        )
    if any(w.days is None for w in extract.spans) or not (extract.day_zero or extract.entry):
        raise SpecError(
            "IOM-E096",
            "extract: with events, custody or until, each window needs its dates, or days from entry or index_date",
        )


def columns_of(extract: Extract) -> set[str]:
    """Return the columns that an extract reads by name."""
    plain = (o.columns for o in extract.outcomes if o.weights is None)
    single = (
        extract.id,
        extract.period,
        extract.age,
        extract.date_of_birth,
        extract.entry,
        extract.group,
        extract.start,
        extract.until_reason,
    )
    several = (*plain, extract.lost, extract.days_at_risk, extract.custody_days, extract.other_ids, extract.covariates)
    selected = {extract.selected} if isinstance(extract.selected, str) else set()
    return {*single, *(name for names in several for name in names), *(f.column for f in extract.filters), *selected}


def check_timed(extract: Extract) -> None:
    """Refuse to compare totals over windows where nothing says how long each is.

    Raises
    ------
    SpecError
        IOM-E096.
    """
    summed = [o.name for o in extract.outcomes if o.kind in ("count", "amount")]
    stated = extract.equal_windows or extract.days_at_risk or all(w.days is not None for w in extract.spans)
    if summed and not stated:
        rows = ", ".join(
            f"{{ label = {echo(w.label)}, months = 12{', post = true' if w.post else ''} }}" for w in ends_of(extract)
        )
        raise SpecError(
            "IOM-E096",
            f"extract: windows: nothing says how long they are, and totals of {echo(summed[0])} over unlike time "
            "are no comparison; give each its own length (months, days, or start and end), such as "
            f"windows = [{rows}], or, where they are equally long, write equal_windows = true",
        )


def ends_of(extract: Extract) -> tuple[ExtractWindow, ...]:
    """Return the last window before and the first after: two by which a message shows what to write."""
    before, after = ([w for w in extract.windows if w.post is post] for post in (False, True))
    return (*before[-1:], *after[:1])


def check_past(extract: Extract) -> None:
    """Refuse to read an extract with a window that ends in the future; a study may be planned with one.

    Raises
    ------
    InputError
        IOM-E044.
    """
    last = _last_day(extract)
    tomorrow = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=1)  # wherever on earth it is already tomorrow
    if last is not None and last > tomorrow:
        raise InputError("IOM-E044", "a window ends in the future, of which nobody has data; look at its dates")


def _last_day(extract: Extract) -> dt.date | None:
    """Return the first day after the last window, where the index date is the same for all."""
    ends = [w.end for w in extract.spans if w.end is not None]
    return None if extract.day_zero is None else extract.day_zero + dt.timedelta(days=max(ends, default=0))
