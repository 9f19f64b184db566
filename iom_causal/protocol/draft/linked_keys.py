"""Keys of the first draft for people beside a log of events and spells in custody."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from iom_causal.base.specs import toml_value
from iom_causal.data.guesses.linked_files import LinkedFiles, Log, Spells
from iom_causal.data.guesses.questions import Question
from iom_causal.protocol.draft.key import GUESSED, Key, Row

YEAR_DAYS = 365
ASK_PEOPLE = (
    'the list of everybody who is followed, one row a person, such as file = "people.xlsx"; people without any event '
    "are not in the log, and count with 0"
)
ASK_ID = 'the column that says whose row it is, such as id = "urn"'
ASK_DAY = "on which day did the programme begin? Write it without quotation marks, such as index_date = 2012-05-01"
OWN_DAYS = (
    "; if the windows run from a day of each person's own, delete this line and take the mark # away from the next one "
    "(entry)"
)
CREATED = "made by supervision or the courts"


def linked_keys(keys: Sequence[Key], linked: LinkedFiles) -> list[Key]:
    """Return the keys of people with those of the files beside them in place of columns of counts."""
    made = {"outcomes": _outcomes, "windows": _windows, "months": _windows}
    out: list[Key] = []
    for key in keys:
        if key.name in {"index_date", "equal_windows"}:
            continue
        if key.name == "file" and linked.people_file is None:
            out.append(Key("file", Question("file", ASK_PEOPLE).text))
        elif key.name in made:
            out += [*_days(linked), *_beside(linked)] if key.name in {"windows", "months"} else []
            out.append(made[key.name](key, linked))
        elif key.name == "date_of_birth":
            out.append(key._replace(live=True, above=()))
        elif not (key.name in {"start", "entry"} and linked.entry):
            out.append(key)
    return [*out, *_files(linked)]


def _days(linked: LinkedFiles) -> Iterator[Key]:
    above = ("# The day that windows are counted from: one for all (index_date), or a column of people's own (entry).",)
    if linked.launch is not None:
        yield Key("index_date", linked.launch, "guessed: the day on which everybody entered", above)
        return
    more = OWN_DAYS if linked.entry else linked.entry_ask
    yield Key("index_date", Question("index_date", ASK_DAY + more).text, above=above)
    if linked.entry:
        yield Key("entry", linked.entry, live=False)


def _beside(linked: LinkedFiles) -> Iterator[Key]:
    if linked.until:
        above: tuple[str, ...] = (
            "# From this day a person is no longer followed (a death, a move): not at risk, and no event counts. It is",
            "# no day on which somebody left the programme and was still followed.",
        )
        if len(linked.until) > 1:
            above = (*above, "# Of several such columns the earliest day of each person holds.")
        yield Key("until", linked.until[0] if len(linked.until) == 1 else list(linked.until), GUESSED, above)
        why = GUESSED if linked.until_reason else "the column that says why"
        yield Key("until_reason", linked.until_reason or "reason", why, live=bool(linked.until_reason))
    if linked.other_ids:
        above = ("# Further ids of the same person, under which rows of the other files may stand:",)
        yield Key("other_ids", list(linked.other_ids), GUESSED, above)
    above = (
        "# The day on which the data were taken: nobody is followed from then on, and spells without an end run to it.",
    )
    yield Key("extracted", dt.date(2020, 1, 31), above=above, live=False)


def _windows(_key: Key, _linked: LinkedFiles) -> Key:
    rows = (
        Row({"label": "before", "start": -YEAR_DAYS, "end": 0}),
        Row({"label": "after", "start": 0, "end": YEAR_DAYS, "post": True}, "guessed: a year on either side"),
    )
    above = (
        "# In order of time, in days from the index date, the end not included; or dates, such as start = 2016-01-01,",
        "# end = 2017-01-01. Days between two windows are a gap, whose events do not count. Calendar months:",
        "# months = { first = 2014-01-01, after = 2016-01-01, last = 2016-12-31 }.",
    )
    return Key("windows", rows, above=above)


def _outcomes(key: Key, linked: LinkedFiles) -> Key:
    """Return the outcomes: those of the log without columns, with and without what supervision makes."""
    if linked.log is None:
        return key
    rows: list[Row | str] = [Row({"name": linked.called, "kind": "count"}, "guessed: counted from the log of events")]
    if linked.log.created:
        only = {"column": linked.log.reason, "drop": list(linked.log.created), "reason": CREATED}
        name = f"{linked.called} not by supervision"
        rows.append(Row({"name": name, "kind": "count", "only": [only]}, "guessed"))
    rows += [row for row in key.rows if row.table.get("columns")]
    above = (
        "# Without columns an outcome is counted from the log, and only = [...] says which events: of one type, or not",
        "# those that supervision makes. kind: count, or binary (whether there was any).",
    )
    return Key("outcomes", tuple(rows), above=above)


def _files(linked: LinkedFiles) -> Iterator[Key]:
    if linked.log is not None and linked.log_file is not None:
        above: tuple[str, ...] = (
            "# The log of events, one row an event. Rows of one record are one event, on its first day. With",
            '# index_event = "exclude" an event on the index date does not count: the arrest by which somebody got in.',
        )
        if not linked.log.record and not linked.log.record_ask:
            above = (
                *above,
                '# Such a column of custody records was not found; where there is one: record = "custody record".',
            )
        yield Key("events", {"file": linked.log_file.as_posix(), **_log(linked.log)}, GUESSED, above)
    if linked.spells is not None and linked.spells_file is not None:
        above = ("# Spells in custody: days inside are taken from the days at risk; figures are per day at liberty.",)
        yield Key("custody", {"file": linked.spells_file.as_posix(), **_spells(linked.spells)}, GUESSED, above)


def _log(log: Log) -> dict[str, Any]:
    several = len(log.days) > 1
    ask = f"which day counts? Write {' or '.join(f'date = {toml_value(day)}' for day in log.days)}"
    return {
        **log.settings,
        "id": _asked("id", log.id_ask) or log.id or Question("events.id", ASK_ID).text,
        "date": Question("events.date", ask).text if several else log.date,
        **({"record": _asked("record", log.record_ask) or log.record} if log.record or log.record_ask else {}),
        **({"index_event": _asked("index_event", log.index_ask)} if log.index_ask else {}),
    }


def _asked(key: str, ask: str) -> str:
    return Question(f"events.{key}", ask).text if ask else ""


def _spells(spells: Spells) -> dict[str, Any]:
    where = spells.id or Question("custody.id", ASK_ID).text
    return {**spells.settings, "id": where, "start": spells.start, "end": spells.end}
