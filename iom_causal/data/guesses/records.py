"""Questions about custody records of a log that may be none, and about events on people's days of entry."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import toml_value
from iom_causal.data.event_files import MOST_DAYS
from iom_causal.data.files import dates
from iom_causal.data.files.blanks import NO_REFERENCES
from iom_causal.data.files.sheet import Sheet

LOOKED_AT = 200_000
"""Rows of a log that are looked at."""
FEWEST, MANY = 5, 0.05
"""Least number and share of people, or rows, from which something is asked that chance makes of few."""
ONCE = "to count one event a person and day"
WORDS = "[row holds|rows hold] a word for no record, and each counts"
WIDE = (
    "[record is|records are] of several people and days, or of days more than three months apart, and [counts|count] "
    "once a day"
)


def about_records(sheet: Sheet, *, person: str, date: str, record: str, form: str) -> str:
    """Ask about records that are words for none, that several people share or that last too long; empty of others."""
    words = 0
    days: dict[tuple[str, str], list[dt.date]] = {}
    people: dict[str, set[str]] = {}
    held = [str(cell or "").strip() for cell in sheet[record].tolist()[:LOOKED_AT]]
    for (who, day), reference in zip(days_of(sheet, person, date, form), held, strict=True):
        words += reference.lower() in NO_REFERENCES
        if day is not None and reference and reference.lower() not in NO_REFERENCES:
            days.setdefault((who, reference), []).append(day)
            people.setdefault(reference, set()).add(who)
    spans = {key: (max(each) - min(each)).days for key, each in days.items()}
    wide = sum(span > 0 and (len(people[key[1]]) > 1 or span > MOST_DAYS) for key, span in spans.items())
    found = [counted(number, what) for number, what in ((words, WORDS), (wide, WIDE)) if number]
    ways = f"write record = {toml_value(record)} if that is right, or record = {toml_value(date)} {ONCE}"
    return f"{'; '.join(found)}; {ways}" if found else ""


def without_records(sheet: Sheet, *, person: str, date: str, form: str, numbers: Sequence[str]) -> str:
    """Ask what a row is, where no column numbers arrests and several rows share a person and a day."""
    rows = Counter(key for key in days_of(sheet, person, date, form) if key[1] is not None)
    shared = sum(number for number in rows.values() if number > 1)
    if shared < max(FEWEST, MANY * rows.total()):
        return ""  # as chance makes
    what = counted(shared, "[row shares its person and its day with another|rows share person and day with another]")
    hint = f" ({listed([toml_value(n) for n in numbers])} may number offences)" if numbers else ""
    return (
        f'{what}: is a row an arrest, or an offence of which one arrest may have several? Write record = "" if each '
        f"row is one to count, record = and the name of the column that numbers arrests{hint}, or record = "
        f"{toml_value(date)} {ONCE}"
    )


def about_entry(events: Iterable[tuple[str, dt.date | None]], entered: Mapping[str, dt.date]) -> str:
    """Ask whether events on people's days of entry count, where many people have one."""
    number = len({who for who, day in events if day is not None and entered.get(who) == day})
    if number < max(FEWEST, MANY * len(entered)):
        return ""
    what = counted(number, "[person has|people have] an event on the day of entry")
    return (
        f'{what}: write index_event = "exclude" if that is how they got in, so that it counts in no window, or '
        'index_event = "keep" to count it as after'
    )


def days_of(sheet: Sheet, person: str, date: str, form: str) -> Iterator[tuple[str, dt.date | None]]:
    """Yield the id and the day of each row."""
    cells = sheet[date].tolist()[:LOOKED_AT]
    read = dates.days(cells, form, sheet.epoch)
    for who, cell in zip(sheet[person].tolist()[:LOOKED_AT], cells, strict=True):
        yield str(who), read.get(cell)
