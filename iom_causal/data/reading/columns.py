"""Columns of a table of people as a study describes them, checked and converted, and the panels made of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import EMPTY
from iom_causal.data.extract_parts import ExtractOutcome
from iom_causal.data.extracts import MANAGED, NUMBERED, Extract, columns_of
from iom_causal.data.files import cells, dates
from iom_causal.data.files.isolation import isolated
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.filtering import any_of
from iom_causal.data.severity import CODE, SeverityTable, offences_in
from iom_causal.errors import InputError, SpecError, echo
from iom_causal.panel import Long, Panel, Where, Wide
from iom_causal.windows import YEAR, Selection

MANAGED_ROWS = "\0managed"
"""The column that marks managed people where others are in a table of their own: no file has one of this name."""
SUMMED = 10
"""Of fewer rows one may well have as many as all others together."""
FILTER = "leave these rows out with a filter"
"""Advice that holds for every extract."""
TAKE_OUT = "take these rows out of the file"
"""The same for a file of the source population, which has no filters."""

START = "write the label or period of each person's first managed window, and nothing for people never managed"
"""Advice on cells of the column of starts."""
START_DAY = (
    "give it windows that hold the day; of people who entered only after the last window leave the cell empty, and for "
    f"people managed from before the first one {FILTER}"
)

DAYS_OR_LABELS = (
    'spell each period as its window is labelled, such as {}, or as a day in it of the form dates = "{}", and give '
    "windows for all of them"
)
"""Advice on cells of the column of periods, where windows have dates."""

DAY_OF_ENTRY = "day of entry"
CUT_SHORT = "with a window that ends after the data were taken: at risk until that day"
CODED = "{}: a code for missing"
"""Item of the flow account on cells of a column that hold a code for no value."""


class Fact(NamedTuple):
    """An item of the flow account, and the number of people it concerns."""

    what: str
    people: int


class Columns:
    """Converted columns of an extract, by their names in the file; those worked out from other files are given."""

    def __init__(self, sheet: Sheet, extract: Extract, made: Mapping[str, NDArray[Any]] = EMPTY) -> None:
        self.sheet, self.extract = sheet, extract
        self.pooled = extract.id == NUMBERED
        self.leave_out = TAKE_OUT if self.pooled else FILTER
        people, notes = (np.arange(sheet.rows), ()) if self.pooled else cells.ids(sheet, extract.id)
        self.columns: dict[str, NDArray[Any]] = {extract.id: people, **made}
        self.converted: dict[tuple[str, str], NDArray[Any]] = {}
        self.made = made
        self.late: NDArray[np.bool_] | None = None
        self.facts: list[Fact] = []
        self.notes = list(notes)
        self.where = Where(
            rows=sheet.at,
            column=_column,
            empty="[cell is|cells are] empty",
            once='expected one row each: take out what is double, set layout = "long" for a row a person and '
            "period, or, where two areas number their people alike, put the area in front of each id",
        )
        self.position = self._positions()
        self.entry = self._entry()
        self.exposure = self._exposure()
        self.age = self._age()
        self.group = self._group()
        self.start = self._start()
        self.selected = self._selected()
        for name in extract.covariates:
            self.columns[name] = self._covariate(name)
        self._refuse_sums()

    def panel(self, outcome: ExtractOutcome, selection: Selection | None) -> Panel:
        """Return the panel of one outcome."""
        for name in outcome.columns:
            self.columns[name] = self._measured(name, outcome)
        keep = f'set missing = "keep" in outcome {echo(outcome.name)} to keep these people, or {FILTER}'
        if outcome.kind != "score":
            keep += '; missing = "zero" if an empty cell says that nothing happened'
        if self.pooled:
            keep = f"write the counts, or {TAKE_OUT}"
        return Panel.from_columns(
            self.columns,
            self._wide(outcome) if self.extract.layout == "wide" else self._long(outcome),
            kind=outcome.kind,
            windows=self.extract.spans,
            index_date=self.extract.day_zero,
            missing="keep" if outcome.missing == "zero" else outcome.missing,
            name=outcome.name,
            selection=selection,
            where=replace(self.where, keep=keep),
        )

    def harm(self, outcome: ExtractOutcome, selection: Selection | None, table: SeverityTable) -> Panel:
        """Return the panel of one outcome that weighs counts by offence."""
        codes = offences_in([n for n in self.sheet.columns if n not in columns_of(self.extract)], outcome.columns)
        if not codes:
            raise InputError(
                "IOM-E009",
                f"outcome {echo(outcome.name)}: no column is named {listed([echo(c) for c in outcome.columns])}, with "
                f"the code of an offence for {CODE}",
            )
        table.check_codes(codes, outcome.name)
        counted = replace(outcome, kind="count", weights=None)
        named = {code: tuple(column.replace(CODE, code) for column in outcome.columns) for code in codes}
        counts = {code: self.panel(replace(counted, columns=columns), selection) for code, columns in named.items()}
        return table.panel(counts, name=outcome.name)

    def _wide(self, outcome: ExtractOutcome) -> Wide:
        columns = list(zip(outcome.columns, (w.post for w in self.extract.windows), strict=True))
        return Wide(
            unit=self.extract.id,
            before=tuple(name for name, post in columns if not post),
            after=tuple(name for name, post in columns if post),
            exposure=self.exposure,
            age=self.age,
            group=self.group,
            start=self.start,
            selected=self.selected,
            entry=self.entry,
            covariates=self.extract.covariates,
        )

    def _long(self, outcome: ExtractOutcome) -> Long:
        return Long(
            unit=self.extract.id,
            period=self.extract.period,
            outcome=outcome.columns[0],
            after=tuple(k for k, w in enumerate(self.extract.windows) if w.post),
            order=tuple(range(len(self.extract.windows))),
            exposure=self.exposure[0] if self.exposure else None,
            age=self.age,
            group=self.group,
            start=self.start,
            selected=self.selected,
            entry=self.entry,
            covariates=self.extract.covariates,
        )

    def _refuse(self, code: str, column: str, faulty: NDArray[np.bool_], what: str, todo: str) -> None:
        """Refuse a column for some of its rows, naming the rows."""
        self.where.refuse(code, _column(column), faulty, what, todo)

    def _refuse_sums(self) -> None:
        """Refuse a row of totals in a wide table, recognised by its counts, whatever its id."""
        counts = [o for o in self.extract.outcomes if o.kind == "count" and o.missing == "refuse"]
        if self.extract.layout == "long" or not counts or self.sheet.rows < SUMMED:
            return
        held = np.stack([self.number(name, o.kind).astype(np.float64) for o in counts for name in o.columns], axis=1)
        with np.errstate(over="ignore"):
            total = held.sum(0)
            sums = (2 * held == total).all(axis=1) & (held > 0).any(axis=1) & np.isfinite(total).all()
        named = counts[0].columns[0] if self.extract.id == NUMBERED else self.extract.id
        self._refuse("IOM-E022", named, sums, "[row holds|rows hold] the sums of all others", self.leave_out)

    def number(self, name: str, kind: str = "") -> NDArray[Any]:
        """Return a column of numbers of a kind of outcome, converted once."""
        if name in self.made:
            return self.made[name]
        if (name, kind) not in self.converted:
            e = self.extract
            read = cells.numbers(self.sheet, name, kind=kind, decimal=e.decimal, missing=e.missing)
            self.converted[name, kind] = self.columns[name] = read.array
            self.notes += read.notes
            if self.extract.missing or name in self.sheet.missing or read.coded:
                self.facts.append(Fact(CODED.format(name), read.coded))
        return self.converted[name, kind]

    def _measured(self, name: str, outcome: ExtractOutcome) -> NDArray[Any]:
        """Return a column of an outcome: empty cells as it says, and a note of values far outside the rest."""
        values = self.number(name, outcome.kind)
        if outcome.kind != "binary":
            self.notes += _far_outside(name, values, least=-np.inf if outcome.kind == "score" else 0.0)
        if outcome.missing != "zero" or name in self.made:
            return values
        empty = cells.empty(self.sheet, name)
        self.facts.append(Fact(f"{name}: an empty cell, read as 0", int(empty.sum())))
        return np.where(empty, 0, values)

    def _dates(self, name: str) -> NDArray[np.datetime64]:
        return dates.dates(self.sheet, name, form=self.extract.dates, missing=self.extract.missing)

    def _positions(self) -> NDArray[np.int64]:
        """Return the window of each row of a long table, and put it in the place of the column of periods."""
        position = np.full(self.sheet.rows, -1, dtype=np.int64)
        if self.extract.layout == "wide":
            return position
        name = self.extract.period
        for k, window in enumerate(self.extract.windows):
            wanted = window.label if window.period is None else window.period
            position[cells.is_value(self.sheet, name, wanted)] = k
        if (position < 0).any() and self._dated and dates.readable(self.sheet, name, self.extract.dates):
            position = self._window_at(name)
        todo = f"give each window its period as the file spells it, or {FILTER}"
        if self._dated:
            todo = f"{DAYS_OR_LABELS.format(self.extract.windows[0].label, self.extract.dates)}, or {FILTER}"
        self._refuse("IOM-E047", name, position < 0, "[row is|rows are] in none of the windows", todo)
        self.columns[name] = position
        return position

    def _exposure(self) -> tuple[str, ...]:
        """Return the columns of days at risk, made from days in custody where these are given."""
        for k, name in enumerate(self.extract.days_at_risk):
            self._check_days(k, name)
        if not self.extract.custody_days:
            return self.extract.days_at_risk or self._until_extracted()
        if not self.extract.days_at_risk and any(w.days is None for w in self.extract.spans):
            raise SpecError("IOM-E096", "extract: custody_days needs days_at_risk, or the dates of every window")
        return tuple(self._free(k, name) for k, name in enumerate(self.extract.custody_days))

    def _until_extracted(self) -> tuple[str, ...]:
        """Return columns of days before the data were taken, where windows of some people end later."""
        if self.late is None or not self.late.any():
            return ()
        names = [f"days until the data were taken, {w.label}" for w in self.extract.windows]
        wanted = names if self.extract.layout == "wide" else names[:1]
        for k, name in enumerate(wanted):
            self.columns[name] = self._lengths(k)
        return tuple(wanted)

    def _free(self, k: int, name: str) -> str:
        inside = self.number(name)
        todo = f"write 0 for nobody in custody, or {FILTER}"
        self._refuse("IOM-E043", name, np.isnan(inside), "[cell is|cells are] empty", todo)
        free = self._given(k) - inside
        beyond = (inside < 0) | (free < 0)
        why = "[row has|rows have] less than 0 days in custody, or more than there are days at risk"
        self._refuse("IOM-E043", name, beyond, why, f"look at the windows, or {FILTER}")
        made = f"days at risk, less {name}"
        self.columns[made] = free
        return made

    def _check_days(self, k: int, name: str) -> None:
        """Refuse days at risk that are not there, below 0, or more than their window has."""
        days = self.number(name)
        todo = f"write the days, or {self.leave_out}"
        self._refuse("IOM-E043", name, np.isnan(days), "[cell is|cells are] empty", todo)
        self._refuse("IOM-E043", name, days < 0, "[row has|rows have] less than 0 days", self.leave_out)
        if all(w.days is not None for w in self.extract.spans):
            over = days > self._lengths(k)
            why = "[row has|rows have] more days than [its|their] window"
            self._refuse("IOM-E043", name, over, why, "look at the windows")

    def _given(self, k: int) -> NDArray[Any]:
        """Return the days that a window has for each row, custody still in them."""
        if self.extract.days_at_risk:
            return self.number(self.extract.days_at_risk[k])
        return self._lengths(k)

    def _lengths(self, k: int) -> NDArray[Any]:
        """Return the days of each row's window before the data were taken, in a wide table those of window `k`."""
        at = self.position if self.extract.layout == "long" else np.full(self.sheet.rows, k)
        starts, ends = (np.array([getattr(w, end) for w in self.extract.spans]) for end in ("start", "end"))
        if self.late is None:
            return np.asarray((ends - starts)[at], dtype=np.float64)
        taken = (np.datetime64(self.extract.extracted or 0, "D") - self.columns[DAY_OF_ENTRY]).astype(np.int64)
        return np.asarray(np.clip(np.minimum(ends[at], taken) - starts[at], 0, None), dtype=np.float64)

    def _entry(self) -> str | None:
        """Return the column of index dates."""
        if not self.extract.entry:
            return None
        days = self._dates(self.extract.entry)
        self._refuse("IOM-E034", self.extract.entry, np.isnat(days), "[date is|dates are] missing", FILTER)
        self.columns[DAY_OF_ENTRY] = days
        if self.extract.extracted is not None and all(w.days is not None for w in self.extract.spans):
            last = max(w.end for w in self.extract.spans if w.end is not None)
            self.late = days + np.timedelta64(last, "D") > np.datetime64(self.extract.extracted)
            self.facts.append(Fact(CUT_SHORT, len(set(self.columns[self.extract.id][self.late].tolist()))))
        return DAY_OF_ENTRY

    def _age(self) -> str | None:
        if self.extract.age:
            self.number(self.extract.age)
            return self.extract.age
        if not self.extract.date_of_birth:
            return None
        index = np.datetime64(self.extract.day_zero, "D") if self.entry is None else self.columns[self.entry]
        born = dates.births(self._dates(self.extract.date_of_birth), index, self.extract.dates)
        age = (index - born).astype(np.float64) / YEAR
        age[np.isnat(born)] = np.nan
        why = "[date|dates] of birth [lies|lie] after the index date"
        self._refuse("IOM-E054", self.extract.date_of_birth, age < 0, why, "look at index_date and at the file")
        self.columns["age"] = age
        return "age"

    def _group(self) -> str | None:
        if self.extract.others:
            self.columns["managed or not"] = self.sheet[MANAGED_ROWS].astype(np.int64)
            return "managed or not"
        if not self.extract.group:
            return None
        absent = np.array([cell is None for cell in self.sheet[self.extract.group].tolist()])
        if not self.extract.managed:
            absent |= cells.not_known(self.sheet, self.extract.group, self.extract.missing)
            self.columns["managed or not"] = (~absent).astype(np.int64)
            return "managed or not"
        todo = f"write what says that these people were not managed, such as 0, or {FILTER}"
        self._refuse("IOM-E036", self.extract.group, absent, "[cell is|cells are] empty", todo)
        managed = any_of(self.sheet, self.extract.group, self.extract.managed)
        if not managed.any():
            raise InputError("IOM-E061", f"column {echo(self.extract.group)}: {self._nobody_managed()}")
        self.columns["managed or not"] = managed.astype(np.int64)
        return "managed or not"

    def _selected(self) -> str | bool | None:
        stated = self.extract.selected
        if isinstance(stated, str) and stated:
            if stated not in self.sheet.columns:
                raise InputError(
                    "IOM-E009",
                    f"extract: selected: no column {echo(stated)}; write true or false of all who were not managed, "
                    "without quotation marks, or the name of a column of 1 and 0",
                )
            self.number(stated, "binary")
        return None if stated == "" else stated

    def _nobody_managed(self) -> str:
        if self.extract.managed == MANAGED:
            return "no row has a 1, which stands for managed where managed = [...] does not say which values do"
        return "no row has a value listed in managed = [...]"

    def _start(self) -> str | None:
        """Return the column of first managed windows, by label in a wide table and by position in a long one."""
        name = self.extract.start
        if not name:
            return None
        never = np.array([cell is None for cell in self.sheet[name].tolist()])
        never |= any_of(self.sheet, name, self.extract.missing) if self.extract.missing else False
        if never.all():
            raise InputError("IOM-E061", f"column {echo(name)}: it is empty, so that nobody was managed")
        first = self._named_window(name)
        if (first < 0)[~never].any():
            first = self._window_of_day(name, never)
        windows = (
            [w.label for w in self.extract.windows]
            if self.extract.layout == "wide"
            else range(len(self.extract.windows))
        )
        self.columns["first managed window"] = np.array(
            [None if never[k] else windows[at] for k, at in enumerate(first.tolist())], dtype=object
        )
        return "first managed window"

    def _named_window(self, name: str) -> NDArray[np.int64]:
        """Return the window that each cell names by its label or period; -1 where it names none."""
        first = np.full(self.sheet.rows, -1, dtype=np.int64)
        for k, window in enumerate(self.extract.windows):
            for named in {window.label, window.label if window.period is None else window.period}:
                first[cells.is_value(self.sheet, name, named)] = k
        return first

    def _window_of_day(self, name: str, never: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the window in which each cell's day lies, or refuse cells that name neither."""
        if not self._dated:
            wrong = (self._named_window(name) < 0) & ~never
            self._refuse("IOM-E047", name, wrong, "[cell names|cells name] none of the windows", START)
        first = self._window_at(name)
        outside = (first < 0) & ~never
        self._refuse("IOM-E047", name, outside, "[day lies|days lie] in none of the windows", START_DAY)
        return first

    @property
    def _dated(self) -> bool:
        """Whether all windows have dates, so that a day lies in one of them or in none."""
        return self.extract.day_zero is not None and all(w.days is not None for w in self.extract.spans)

    def _window_at(self, name: str) -> NDArray[np.int64]:
        """Return the window that holds each cell's day; -1 where none does."""
        day = (self._dates(name) - np.datetime64(self.extract.day_zero or 0, "D")).astype(np.float64)
        at = np.full(self.sheet.rows, -1, dtype=np.int64)
        for k, w in enumerate(self.extract.spans):
            at[(day >= (w.start or 0)) & (day < (w.end or 0))] = k
        return at

    def _covariate(self, name: str) -> NDArray[Any]:
        if name not in self.sheet.labels:
            try:
                return self.number(name)
            except InputError as error:
                if error.code not in ("IOM-E031", "IOM-E035"):
                    raise
        words = cells.texts(self.sheet, name)
        coded = cells.not_known(self.sheet, name, self.extract.missing)
        if coded.any():
            self.facts.append(Fact(f"{name}: a code for missing", int(coded.sum())))
        words[coded] = None
        return np.array(["missing" if word is None else word for word in words], dtype=np.str_)


def _far_outside(name: str, values: NDArray[Any], least: float) -> tuple[str, ...]:
    """Return a note of values that lie far outside the rest, and of those among them that are often codes."""
    numbers = values.astype(np.float64)
    found = isolated(numbers[np.isfinite(numbers)], least=least)
    if not found.far:
        return ()
    coded = (
        f", {found.cells} of them a number that often stands for no value, such as 9, 99 or -8" if found.codes else ""
    )
    lie = counted(found.far, "[value lies|values lie]")
    todo = "if that is a code for missing, list it in missing = [...]"
    return (f"IOM-W130: {_column(name)}: {lie} far outside the rest{coded}; {todo}",)


def _column(name: str) -> str:
    return f"column {echo(name)}"
