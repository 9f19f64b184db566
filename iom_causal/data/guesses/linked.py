"""Heuristic draft of people beside a log of events and spells in custody, in files of their own or in one workbook."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from iom_causal.base.formats import counted
from iom_causal.base.specs import toml_value
from iom_causal.data.files.dates import DATES, absent_in
from iom_causal.data.files.readers import ReadTable, check_start, format_of
from iom_causal.data.files.reading import reading_of
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.files.sheet_words import told
from iom_causal.data.guesses.columns import Guesses, guessed, id_column
from iom_causal.data.guesses.events import beside_people, log_of, spells_of, spread
from iom_causal.data.guesses.guess import guess, opened_by_trial, read_by_trial
from iom_causal.data.guesses.linked_files import LinkedFiles, Log
from iom_causal.data.guesses.names import SPELT_OTHERWISE, rows_spelt_otherwise, spelt_alike, split
from iom_causal.data.guesses.records import about_entry, days_of
from iom_causal.data.guesses.starts import NOT_READ, of_leaving
from iom_causal.data.guesses.unread import about_entry_unread, with_missing
from iom_causal.errors import IomCausalError, SpecError

ARRESTS, EVENTS = "arrests", "events"
UNIQUE = 0.999
"""Share of rows with an id of their own from which a table is one row a person; the others are mistakes to be named."""


class _Table(NamedTuple):
    """A table as it was read, its settings and its file."""

    file: Path
    settings: Mapping[str, Any]
    sheet: Sheet

    @property
    def read(self) -> ReadTable:
        """The table as others read it."""
        return ReadTable(self.file, reading_of(self.settings), self.sheet)


def guess_linked(source: Path, *, people: Path | None = None, custody: Path | None = None, sheet: str = "") -> Guesses:
    """Guess how a file is read; people beside a log and spells are recognised, or named by `people` and `custody`.

    Parameters
    ----------
    source : Path
        A file of people, a workbook, or the log of events where `people` are given.
    people, custody : Path, optional
        The list of people, and the spells in custody.
    sheet : str
        The sheet of the people, where their workbook has several.

    Raises
    ------
    InputError, SpecError
        Those of `guess`, and IOM-E096 where a file is not what it was given as.
    """
    if people is not None or custody is not None:
        log = None if people is None else _rows(source, _is_log)
        spells = None if custody is None else _rows(custody, _is_spells)
        beside = [t for t in (log, spells) if t is not None]
        listed = _people(source if people is None else people, sheet, beside)
        if people is not None and log is not None and _swapped(listed, log):
            listed, log = _people(source, sheet, beside), _rows(people, _is_log)
        return _linked(listed, log, spells)
    tables = _sheets(source)
    roles = _roles(tables, sheet)
    if roles is not None:
        found = _linked(*roles)
        return replace(found, notes=(*found.notes, *_set_aside(source, [t for t in roles if t is not None])))
    found = guess(source, sheet)
    if found.layout == "wide" or found.period:
        return found
    table = _table(source, found.settings.get("sheet", sheet))
    alone = log_of(table.sheet, table.settings)
    return found if alone is None else _alone(table, alone)


def _swapped(listed: _Table, log: _Table) -> bool:
    """Whether the list of people was given as the log, and the log as the list."""
    return not _one_row_a_person(listed) and _is_log(listed) and _one_row_a_person(log)


def _linked(listed: _Table, log_table: _Table | None, spells_table: _Table | None) -> Guesses:
    found = guessed(dict(listed.settings), listed.sheet, ())
    ids = [str(cell) for cell in listed.sheet[found.id].tolist()] if found.id else []
    form = str(listed.settings.get("dates", DATES[0]))
    beside = beside_people(listed.sheet, found.id, form)
    ids += [str(cell) for name in beside.other_ids for cell in listed.sheet[name].tolist() if cell is not None]
    log = None if log_table is None else log_of(log_table.sheet, log_table.settings, ids)
    spells = None if spells_table is None else spells_of(spells_table.sheet, spells_table.settings, ids)
    if log_table is not None and log is None:
        raise SpecError(
            "IOM-E096",
            "init: beside --people, --from is a log of events, one row an event, and no column of it holds their days; "
            "look at the file",
        )
    if spells_table is not None and spells is None:
        raise SpecError(
            "IOM-E096",
            "init: --custody is a file of spells, one row a spell, and no two columns of it look like the days on "
            "which these began and ended; call them received and released",
        )
    if log_table is not None and log is not None and log.id and beside.entry:
        entered = {who: day for who, day in days_of(listed.sheet, found.id, beside.entry, form) if day is not None}
        events = days_of(log_table.sheet, log.id, log.date, str(log.settings.get("dates", DATES[0])))
        log = log._replace(index_ask=about_entry(events, entered))
    if log_table is not None and log is not None and log.id:
        log = log._replace(id_ask=_about_ids(set(ids), log_table.sheet, log.id))
    called = "" if log_table is None else _called(log_table)
    counted = () if log is None else ((called, "count", (), "refuse"),)
    used = {*beside.until, beside.until_reason, beside.entry, *beside.other_ids}
    unread = tuple(name for name in found.unread if name not in used)
    left = of_leaving(listed.sheet, unread, form)
    absent = [text for name in (*beside.until, beside.entry) if name for text in absent_in(listed.sheet, name)]
    return replace(
        found,
        settings=with_missing(found.settings, absent),
        notes=(*(note for note in found.notes if not note.startswith(NOT_READ)), *left),
        layout="wide",
        outcomes=(*counted, *found.outcomes),
        unread=unread,
        tables=tuple(table.read for table in (listed, log_table, spells_table) if table is not None),
        linked=LinkedFiles(
            log=log,
            spells=spells,
            called=called,
            people_file=listed.file,
            log_file=None if log_table is None else log_table.file,
            spells_file=None if spells_table is None else spells_table.file,
            entry_ask="" if beside.entry else about_entry_unread(listed.sheet, unread, form),
            **beside._asdict(),
        ),
    )


IDS_APART = "{}, and write id = {} again; if these are other people, write it as it is"


def _about_ids(listed: Collection[str], events: Sheet, name: str) -> str:
    """Return what is asked about rows of a log that are of nobody on the list for the spelling of their ids alone."""
    rows = rows_spelt_otherwise(listed, events[name].tolist())
    return IDS_APART.format(counted(rows, SPELT_OTHERWISE.format("events")), toml_value(name)) if rows else ""


def _alone(table: _Table, log: Log) -> Guesses:
    """Return the draft for a log without a list of people."""
    called = _called(table)
    return Guesses(
        outcomes=((called, "count", (), "refuse"),),
        invented=guessed(dict(table.settings), spread(table.sheet), ()).invented,
        linked=LinkedFiles(log=log, called=called, log_file=table.file),
    )


def _called(table: _Table) -> str:
    words = " ".join(split(" ".join([table.file.stem, str(table.settings.get("sheet", "")), *table.sheet.columns])))
    return ARRESTS if "arrest" in words else EVENTS


def _table(file: Path, sheet: str = "") -> _Table:
    settings, cells = read_by_trial(file, sheet)
    return _Table(file, settings, cells)


def _rows(file: Path, fits: Callable[[_Table], bool]) -> _Table:
    """Read a file of events or spells: of its cells only days and ids matter, which tell their own form."""
    fitting = [table for table in _sheets(file) if fits(table)]
    return fitting[0] if len(fitting) == 1 else _Table(file, *opened_by_trial(file, {}))


def _people(file: Path, sheet: str, others: Sequence[_Table]) -> _Table:
    tables = [] if sheet else _sheets(file)
    listed = _list(tables, others)
    return _table(file, sheet) if listed is None else listed


def _list(tables: Sequence[_Table], others: Sequence[_Table], sheet: str = "") -> _Table | None:
    """Return the list of people: the only table with a row a person, or of several that of the people in the others."""
    lists = [table for table in tables if _one_row_a_person(table) and sheet in ("", table.settings.get("sheet"))]
    if len(lists) < 2:
        return next(iter(lists), None)
    shared = [_shared(table, others) for table in lists]
    best = max(shared)
    return lists[shared.index(best)] if best and sum(2 * one >= best for one in shared) == 1 else None


def _shared(listed: _Table, others: Sequence[_Table]) -> int:
    """Return how many ids of a list stand in one column of other tables, however they are spelt there."""
    ids = {spelt_alike(cell) for cell in listed.sheet[id_column(listed.sheet)].tolist()}
    some = [(spread(other.sheet), name) for other in others for name in other.sheet.columns]
    return max((len(ids & {spelt_alike(cell) for cell in sheet[name].tolist()}) for sheet, name in some), default=0)


def _set_aside(file: Path, used: Sequence[_Table]) -> tuple[str, ...]:
    """Say which sheets of a workbook are not read."""
    known = format_of(file)
    names = () if known is None or known.sheets is None else known.sheets(file)
    rest = [name for name in names if name not in {table.settings.get("sheet") for table in used}]
    return (f"Sheets that are not read: {told(rest)}.",) if rest else ()


def _sheets(file: Path) -> list[_Table]:
    """Return the sheets of a workbook that can be read as tables; none of a file without sheets."""
    known = format_of(file)
    if known is None or known.sheets is None or not file.is_file():
        return []
    check_start(file, known)
    names = known.sheets(file)
    tables = []
    for name in names if len(names) > 1 else ():
        try:
            tables.append(_table(file, name))
        except IomCausalError:
            continue
    return tables


def _roles(tables: Sequence[_Table], sheet: str) -> tuple[_Table, _Table | None, _Table | None] | None:
    """Return the sheets of people, of events and of spells; None unless people stand beside one of the others."""
    rest = [table for table in tables if not _one_row_a_person(table)]
    listed = _list(tables, rest, sheet)
    if listed is None:
        return None
    spells = next((t for t in rest if _is_spells(t)), None)
    log = next((t for t in rest if t is not spells and _is_log(t)), None)
    return None if log is None and spells is None else (listed, log, spells)


def _one_row_a_person(table: _Table) -> bool:
    person = id_column(table.sheet)
    ids = table.sheet[person].tolist() if person else []
    return bool(ids) and len(set(ids)) >= UNIQUE * len(ids) and not _is_spells(table)


def _is_spells(table: _Table) -> bool:
    return spells_of(table.sheet, table.settings) is not None


def _is_log(table: _Table) -> bool:
    log = log_of(table.sheet, table.settings)
    return log is not None and bool(log.id) and not guessed(dict(table.settings), table.sheet, ()).period
