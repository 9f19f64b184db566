"""Heuristic classification of files of events and of spells in custody, and of columns of people that go with them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from iom_causal.data.files import dates
from iom_causal.data.files.dates import DATES, absent_in
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.columns import BIRTHS, IDS
from iom_causal.data.guesses.kinds import MANY, common_form
from iom_causal.data.guesses.linked_files import BesidePeople, Log, Spells
from iom_causal.data.guesses.names import split, tokens
from iom_causal.data.guesses.records import about_records, without_records
from iom_causal.data.guesses.starts import STARTS
from iom_causal.data.guesses.unread import with_missing

LOOKED_AT = 2_000
"""Rows of a file, spread over it, by which its columns are told apart."""
HAPPENED = ("arrest", "event", "incident", "contact", "convict", "charge", "offen", "crime", "date")
"""Words for the day of an event; those further up first."""
NOT_THE_DAY = BIRTHS | {"recorded", "created", "updated", "entered", "offence", "offense", "disposal", "bail", "court"}
"""Words for other days of the same event: an arrest may be for an offence of long before."""
RECORDS = {"record", "cr", "custodyrecord"}
REFERENCES = {"ref", "reference", "no", "number", "id"}
OF_RECORDS = {"custody", "arrest", "event", "detention"}
"""Words of a name that together say record: a crime has a number too, and one arrest may be for several."""
OFFENCES = {"crime", "occurrence", "occ", "incident", "crn", "offence", "offense"}
"""Words for what has a number of its own, of which one arrest may be for several."""
REASONS = {"reason", "reasons", "type", "why"}
CREATED = {
    "recall",
    "recalled",
    "breach",
    "breached",
    "warrant",
    "fta",
    "curfew",
    "fail",
    "failed",
    "bail",
    "supervision",
}
"""Words for events that supervision and the courts make."""
MOST_REASONS = 30
INTO = ("received", "reception", "admi", "remand", "detain", "start", "from", "began", "in")
OUT = ("released", "release", "discharge", "end", "until", "to", "out")
LEFT = {"removed", "left", "exit", "exited", "died", "death", "dod", "deceased", "moved", "until", "deported"}
"""Words for the day from which somebody is no longer followed."""
TAKEN_OFF = {"adopted", "selected", "scheme", "programme", "iom", "managed", "supervision"}
"""Words that say that somebody left the programme: such people are still followed."""
WHY = {"reason", "why", "cause"}
OTHER_IDS = {"linked", "second", "other", "alias", "previous", "alternative"}


class _Days(NamedTuple):
    """Columns that hold days, and the form of most of them."""

    columns: tuple[str, ...]
    form: str


def log_of(sheet: Sheet, settings: Mapping[str, Any], people: Iterable[str] = ()) -> Log | None:
    """Classify the columns of a log of events; None where no column holds days.

    Parameters
    ----------
    sheet : Sheet
        The table.
    settings : mapping
        How its file was read.
    people : iterable of str
        Ids of people on the list, where there is one: the log's column of ids is the one that holds them.
    """
    some = spread(sheet)
    found = _days(some)
    if not found.columns:
        return None
    person = _id(some, found.columns, set(people))
    likely = [n for n in found.columns if not NOT_THE_DAY & tokens(n)] or list(found.columns)
    date = _first(likely, HAPPENED) or likely[0]
    left = [n for n in sheet.columns if n not in {person, *found.columns}]
    reason = next((n for n in left if REASONS & tokens(n) and _created(some, n)), "")
    record = next((n for n in left if _is_record(n)), "")
    return Log(
        settings=_with_form(settings, found.form, absent_in(sheet, date)),
        id=person,
        date=date,
        record=record,
        record_ask=_about_records(sheet, person, date, record, found.form) if person else "",
        reason=reason,
        created=_created(sheet, reason) if reason else (),
        days=tuple(likely),
    )


def _about_records(sheet: Sheet, person: str, date: str, record: str, form: str) -> str:
    if record:
        return about_records(sheet, person=person, date=date, record=record, form=form)
    numbers = [n for n in sheet.columns if n not in {person, date} and (OFFENCES | REFERENCES | IDS) & tokens(n)]
    return without_records(sheet, person=person, date=date, form=form, numbers=[n for n in numbers if _numbers(n)])


def spells_of(sheet: Sheet, settings: Mapping[str, Any], people: Iterable[str] = ()) -> Spells | None:
    """Classify the columns of a file of spells; None where two columns of days are not told apart by their names."""
    some = spread(sheet)
    found = _days(some)
    start, end = _first(found.columns, INTO), _first(found.columns, OUT)
    if not start or not end or start == end:
        return None
    absent = [text for name in (start, end) for text in absent_in(sheet, name)]
    return Spells(_with_form(settings, found.form, absent), _id(some, found.columns, set(people)), start, end)


def beside_people(sheet: Sheet, person: str, form: str) -> BesidePeople:
    """Classify the columns of people that go with a log of events, their days in the form of their file."""
    found = _days(spread(sheet), form)
    days = [n for n in found.columns if not BIRTHS & tokens(n)]
    until = tuple(n for n in days if LEFT & tokens(n) and not TAKEN_OFF & tokens(n))
    left = [n for n in sheet.columns if n not in {person, *days}]
    words = {word for name in until for word in tokens(name)}
    entry = next((n for n in days if STARTS & tokens(n) and "de" not in tokens(n) and n not in until), "")
    entered = (
        {day for cell in sheet[entry].tolist() if (day := dates.day(cell, found.form, sheet.epoch))} if entry else set()
    )
    return BesidePeople(
        until=until,
        until_reason=next((n for n in left if until and WHY & tokens(n) and words & tokens(n)), ""),
        other_ids=tuple(n for n in left if OTHER_IDS & tokens(n) and IDS & tokens(n)),
        entry=entry,
        launch=entered.pop() if len(entered) == 1 else None,
    )


def spread(sheet: Sheet) -> Sheet:
    """Return rows spread evenly over a table, few enough to look at every cell."""
    if sheet.rows <= LOOKED_AT:
        return sheet
    keep = np.zeros(sheet.rows, dtype=np.bool_)
    keep[np.linspace(0, sheet.rows - 1, LOOKED_AT).astype(np.int64)] = True
    return sheet.where(keep)


def _days(sheet: Sheet, form: str = "") -> _Days:
    """Return the columns of days in the form in which most of them are read, or in a form that is given."""
    form = form or common_form(sheet, list(sheet.columns)) or DATES[0]
    return _Days(tuple(name for name in sheet.columns if dates.readable(sheet, name, form) >= MANY), form)


def _with_form(settings: Mapping[str, Any], form: str, absent: Iterable[str]) -> dict[str, Any]:
    plain = {key: value for key, value in settings.items() if key not in {"dates", "decimal", "missing"}}
    return with_missing(plain, absent) | ({"dates": form} if form != DATES[0] else {})


def _first(names: Sequence[str], words: Sequence[str]) -> str:
    """Return the first name with the first of some beginnings of words."""
    return next((n for word in words for n in names if any(t.startswith(word) for t in split(n))), "")


def _id(sheet: Sheet, days: Sequence[str], people: set[str]) -> str:
    """Return the column whose cells are ids of people, by the list of people or else by its name."""
    left = [n for n in sheet.columns if n not in days]
    if people:
        shares = {n: sum(str(c) in people for c in sheet[n].tolist()) / sheet.rows for n in left}
        best = max(left, key=lambda n: shares[n], default="")
        if best and shares[best] > 0:
            return best
    named = [n for n in left if tokens(n) & IDS and not _is_record(n)]
    return next(iter(named), "")


def _is_record(name: str) -> bool:
    words = tokens(name)
    return bool(RECORDS & words or "".join(split(name)) in RECORDS or (REFERENCES & words and OF_RECORDS & words))


def _numbers(name: str) -> bool:
    """Whether a name is of references, of offences or of nothing that it says."""
    words = tokens(name)
    return bool(REFERENCES & words or "crn" in words)


def _created(sheet: Sheet, name: str) -> tuple[str, ...]:
    """Return the cells of a column of reasons that name what supervision and the courts make, beside others."""
    held = {cell for cell in sheet[name].tolist() if isinstance(cell, str)}
    if not 2 <= len(held) <= MOST_REASONS:
        return ()
    created = tuple(sorted(cell for cell in held if CREATED & tokens(cell)))
    return created if len(created) < len(held) else ()
