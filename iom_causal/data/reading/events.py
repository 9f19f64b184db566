"""Linkage of a log of events and spells in custody to people: counts and days at risk by window, as their columns."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.specs import FrozenMap
from iom_causal.data.event_files import CustodyFile, EventsFile
from iom_causal.data.events.engine import LOST, Counted, count_events
from iom_causal.data.events.flow import Flow, Step
from iom_causal.data.events.frames import each_day
from iom_causal.data.events.quality import DataQuality, quality_of
from iom_causal.data.events.tables import FAR, Followed, Log, SetAside, Spells
from iom_causal.data.extract_parts import ExtractOutcome, Filter
from iom_causal.data.extracts import Extract
from iom_causal.data.files import cells, dates
from iom_causal.data.files.readers import Files, said_of
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.filtering import retained, words_of
from iom_causal.data.guesses.names import SPELT_OTHERWISE, rows_spelt_otherwise
from iom_causal.data.reading.linked import LOST_IDS, Linked
from iom_causal.data.release.disclosure import THRESHOLD
from iom_causal.errors import InputError, echo

OWN_FILTER = "not of {}"
"""How the step of a flow begins that says what an outcome's own filter excludes."""
WHY = ": "
"""Stands in a flow between a step and the reason that some of its people have."""
NO_LOG = "no events"
"""The name of the flow of people and spells where no outcome is counted from a log."""


def link(sheet: Sheet, extract: Extract, files: Files) -> Linked:
    """Count events and days at risk of people by window.

    Parameters
    ----------
    sheet : Sheet
        The people, one row each.
    extract : Extract
        What they, the log and the spells are.
    files : Files
        Where they lie.

    Raises
    ------
    InputError, SpecError
        Those of `count_events` and of every file that is read; a message on a log or on spells names its file.
    """
    people = _People(sheet, extract)
    log = None if extract.events is None else _LogRows(extract.events, people, files)
    spells = None if extract.custody is None else _spells(extract.custody, people, files)
    outcomes = [o for o in extract.outcomes if o.logged]
    made = {o.name: people.counted(log, o, spells) for o in outcomes} or {NO_LOG: people.counted(None, None, spells)}
    tables = {"events": None if log is None else log.ids, "custody": None if spells is None else spells.ids}
    most = FrozenMap({name: _most(ids) for name, ids in tables.items() if ids is not None})
    columns = {
        _named(o, w.label): each
        for o in outcomes
        for w, each in zip(extract.windows, _values(made[o.name], o), strict=True)
    }
    days = next(iter(made.values())).days
    at_risk = (
        {} if days is None else dict(zip((f"days at risk, {w.label}" for w in extract.windows), days.T, strict=True))
    )
    return Linked(
        extract=_without_files(extract, tuple(at_risk)),
        columns=columns | at_risk,
        flows={name: replace(people.with_reasons(each.flow), most=most) for name, each in made.items()},
        notes=(*next(iter(made.values())).notes, *people.spelt_otherwise(log, spells)),
        quality=None if log is None else people.checked(log, spells),
    )


def _without_files(extract: Extract, days: tuple[str, ...]) -> Extract:
    """Return the extract in which counts and days are columns of the file of people."""
    outcomes = (
        replace(o, only=(), columns=tuple(_named(o, w.label) for w in extract.windows)) if o.logged else o
        for o in extract.outcomes
    )
    return replace(
        extract,
        outcomes=tuple(outcomes),
        days_at_risk=days,
        extracted=None,
        events=None,
        custody=None,
        until="",
        until_reason="",
        other_ids=(),
    )


def _most(ids: NDArray[Any]) -> int:
    """Return how many rows one person has at most, those without an id left out."""
    return max(Counter(one for one in ids.tolist() if one is not None).values(), default=0)


def _named(outcome: ExtractOutcome, label: str) -> str:
    return f"{outcome.name}, {label}"


def _values(made: Counted, outcome: ExtractOutcome) -> NDArray[np.int64]:
    counts = made.counts.astype(np.int64).T
    return np.minimum(counts, 1) if outcome.kind == "binary" else counts


class _People:
    """People with all their ids, the day that their windows are counted from, and until when they are followed."""

    def __init__(self, sheet: Sheet, extract: Extract) -> None:
        self.sheet, self.extract = sheet, extract
        self.ids = cells.id_texts(sheet, extract.id)[0]
        self.first = self._first_ids()
        self.followed = Followed(ids=self.ids, index=self._index(), until=self._until())

    def counted(self, log: "_LogRows | None", outcome: ExtractOutcome | None, spells: Spells | None) -> Counted:
        """Return the counts of one outcome, none where there is no log."""
        only = () if outcome is None else outcome.only
        events = self.extract.events
        return count_events(
            self.followed,
            _NO_EVENTS if log is None else log.of(only, "" if outcome is None else outcome.name),
            spells,
            windows=self.extract.spans,
            extracted=self.extract.extracted,
            index_event="" if events is None else events.index_event,
            in_custody="exclude" if events is None else events.in_custody,
        )

    def checked(self, log: "_LogRows", spells: Spells | None) -> DataQuality:
        """Return what is odd in the log, before any filter, and in the spells."""
        births = self.extract.date_of_birth
        return quality_of(
            self.followed,
            log.rows(np.ones(log.sheet.rows, dtype=np.bool_)),
            spells,
            extracted=self.extract.extracted,
            born=self._births(births) if births else None,
        )

    def spelt_otherwise(self, log: "_LogRows | None", spells: Spells | None) -> Iterator[str]:
        """Say how many rows would be of people on the list but for capitals, spaces and leading zeros of their ids."""
        tables = {"events": None if log is None else log.ids, "spells": None if spells is None else spells.ids}
        for what, ids in tables.items():
            rows = 0 if ids is None else rows_spelt_otherwise(self.first, ids.tolist())
            if rows:
                yield f"{LOST_IDS}: {counted(rows, SPELT_OTHERWISE.format(what))}"

    def primary(self, ids: NDArray[Any]) -> NDArray[Any]:
        """Return ids with those in the columns of other ids replaced by the person's own."""
        if not self.extract.other_ids:
            return ids
        return np.array([self.first.get(one, one) for one in ids.tolist()], dtype=object)

    def with_reasons(self, flow: Flow) -> Flow:
        """Return the flow with the reasons for which people were no longer followed, those of few put together."""
        lost = flow.number("people", LOST)
        if not (self.extract.until_reason and lost):
            return flow
        words = cells.texts(self.sheet, self.extract.until_reason)[self._lost]
        reasons, numbers = np.unique([str(w) for w in words if w is not None], return_counts=True)
        order = np.argsort(-numbers, kind="stable")
        common = [(str(reasons[k]), int(numbers[k])) for k in order if numbers[k] >= THRESHOLD]
        while common and 0 < lost - sum(n for _, n in common) < THRESHOLD:
            common = common[:-1]  # the few who are left would be told by the rest
        at = next(k for k, step in enumerate(flow.steps) if step.what == LOST) + 1
        more = tuple(Step("people", f"{LOST}{WHY}{word}", "of which", n) for word, n in common)
        return replace(flow, steps=(*flow.steps[:at], *more, *flow.steps[at:]))

    @property
    def _lost(self) -> NDArray[np.bool_]:
        """Whether each person's `until` lies before the last window ends."""
        last = max(w.end for w in self.extract.spans if w.end is not None)
        until = self.followed.until_days(FAR)
        return np.asarray(until < self.followed.index_days + last)

    def _first_ids(self) -> dict[str, str]:
        """Return the person's own id of every other id."""
        own = self.ids.tolist()
        first: dict[str, str] = dict(zip(own, own, strict=True))
        if len(first) < len(own):
            what = counted(len(own) - len(first), "[row repeats the id of another|rows repeat the ids of others]")
            raise InputError(
                "IOM-E020",
                f"id column {echo(self.extract.id)}: {what}{self.sheet.at(_repeats(own))}; expected one row a "
                "person: take out what is double",
            )
        for name in self.extract.other_ids:
            for one, other in zip(own, self.sheet[name].tolist(), strict=True):
                text = "" if other is None else str(other)
                if text and first.setdefault(text, one) != one:
                    raise InputError(
                        "IOM-E020",
                        f"column {echo(name)}: an id of one person stands there for another too; an id is one person's",
                    )
        return first

    def _dates(self, name: str) -> NDArray[np.datetime64]:
        return dates.dates(self.sheet, name, form=self.extract.dates, missing=self.extract.missing)

    def _births(self, name: str) -> NDArray[np.datetime64]:
        index = np.asarray(self.followed.index, dtype="M8[D]")
        return dates.births(self._dates(name), index, self.extract.dates)

    def _index(self) -> Any:
        if not self.extract.entry:
            return self.extract.day_zero
        days = self._dates(self.extract.entry)
        return np.where(np.isnat(days), np.datetime64(0, "D"), days)  # a missing day of entry is refused with its row

    def _until(self) -> NDArray[np.datetime64] | None:
        """Return the earliest day of each person, none where no column has one."""
        days = [self._dates(name) for name in self.extract.lost]
        return np.fmin.reduce(days) if days else None


def _repeats(own: list[str]) -> NDArray[np.bool_]:
    """Return the rows whose id stands in another row too."""
    _, place, numbers = np.unique(own, return_inverse=True, return_counts=True)
    return np.asarray(numbers[place] > 1)


_NO_EVENTS = Log(ids=np.zeros(0, dtype=object), days=np.zeros(0, dtype="M8[D]"))


class _LogRows:
    """The log as it was read, converted once for all outcomes."""

    def __init__(self, file: EventsFile, people: _People, files: Files) -> None:
        self.file = file
        with said_of("the log of events", file.file):
            self.sheet = files.sheet(file.file, file)
            self.aside = _left_out(self.sheet)
            self.ids = people.primary(_ids(self.sheet, file.id))
            self.days = dates.dates(self.sheet, file.date, form=file.dates, missing=file.missing)
            self.records = cells.texts(self.sheet, file.record) if file.record else None
            if file.record == file.date:
                self.records = each_day(self.days)

    def of(self, only: tuple[Filter, ...], name: str) -> Log:
        """Return the events that count for an outcome; what filters exclude is counted."""
        keep = np.ones(self.sheet.rows, dtype=np.bool_)
        aside = list(self.aside)
        with said_of("the log of events", self.file.file):
            for rule in (*self.file.filters, *only):
                here = keep & retained(self.sheet, rule, decimal=self.file.decimal, missing=self.file.missing)
                words = f"{OWN_FILTER.format(name)}: {words_of(rule)}" if rule in only else words_of(rule)
                aside.append(SetAside(words, int((keep & ~here).sum())))
                keep = here
        return self.rows(keep, tuple(aside))

    def rows(self, keep: NDArray[np.bool_], aside: tuple[SetAside, ...] = ()) -> Log:
        """Return some of its rows."""
        return Log(
            ids=self.ids[keep],
            days=self.days[keep],
            records=None if self.records is None else self.records[keep],
            name=self.file.id,
            aside=aside,
        )


def _spells(file: CustodyFile, people: _People, files: Files) -> Spells:
    with said_of("the file of custody", file.file):
        sheet = files.sheet(file.file, file)
        start, end = (
            dates.dates(sheet, name, form=file.dates, missing=file.missing) for name in (file.start, file.end)
        )
        ids = people.primary(_ids(sheet, file.id))
        aside = _left_out(sheet)
        backwards = (end < start) & np.array([one in people.first for one in ids.tolist()], dtype=np.bool_)
        if backwards.any():
            what = counted(int(backwards.sum()), "[spell ends before it starts|spells end before they start]")
            names = f"columns {echo(file.start)} and {echo(file.end)}"
            raise InputError("IOM-E045", f"{names}: {what}{sheet.at(backwards)}; mend or take out these rows")
        return Spells(ids=ids, start=start, end=end, name=file.id, names=(file.start, file.end), aside=aside)


_NO_EVENT = {
    "headings": "rows with one cell, such as headings",
    "totals": "rows of sums",
    "hidden": "rows that the workbook hides",
}


def _left_out(sheet: Sheet) -> tuple[SetAside, ...]:
    """Return the rows that a reading left out, as steps of a flow."""
    empty = (SetAside("empty rows", sheet.blank),) if sheet.blank else ()
    return (*empty, *(SetAside(_NO_EVENT[kind], number) for kind, number in sheet.dropped.items()))


def _ids(sheet: Sheet, name: str) -> NDArray[Any]:
    """Return ids as text, None where there is none: such rows are counted, and are of nobody."""
    held = np.array([cell is not None and cell != "" for cell in sheet[name].tolist()], dtype=np.bool_)
    text = np.full(sheet.rows, None, dtype=object)
    if held.any():
        alone = replace(sheet, columns={name: sheet[name]})
        text[held] = cells.id_texts(alone.where(held), name)[0]
    return text
