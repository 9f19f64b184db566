"""Quality of a log of events and of spells in custody: what is odd in the tables, before any rule is applied."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import fixed, percent
from iom_causal.base.result import Result, table
from iom_causal.data.events.linkage import Linkage
from iom_causal.data.events.tables import FAR, Followed, Log, Spells, codes_of
from iom_causal.numerics.events.counting import NO_DAY, NO_ID, NOBODY
from iom_causal.numerics.events.days import day_numbers
from iom_causal.numerics.events.spells import union
from iom_causal.windows import YEAR

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = ("table", "check", "n", "of", "share", "odd")
HEAPED, TIMES = 5.0, 1.5
"""Standard errors above, and times as many as, days spread evenly give: from both on dates are heaped."""
UNLINKED = 0.05
"""From this share of rows on it is odd that they are of nobody on the list: a log of these people alone has none."""
EXPECTED = 5.0
"""Mean events of a month from which one without any is odd; fewer dates than these are not heaped."""


class Check(NamedTuple):
    """One check of the tables.

    Attributes
    ----------
    table : {"people", "events", "custody"}
        What is counted.
    what : str
        In words.
    number, of : int
        How many of how many.
    odd : bool
        Whether it should be looked into.
    """

    table: str
    what: str
    number: int
    of: int
    odd: bool = False

    @property
    def share(self) -> float:
        """The number over all, 0 of none."""
        return self.number / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataQuality(Result):
    """Quality of a log of events and of spells in custody.

    Parameters
    ----------
    checks : tuple of Check
        In order.
    months : tuple of (str, int)
        Events of the log by month, from the first to the last: months without any are where a system changed.
    """

    people_columns: ClassVar[tuple[str, ...]] = ("n", "of")

    checks: tuple[Check, ...]
    months: tuple[tuple[str, int], ...] = ()

    def number(self, table: str, what: str) -> int:
        """Return the number of a check."""
        return sum(c.number for c in self.checks if (c.table, c.what) == (table, what))

    def tidy(self) -> "pd.DataFrame":
        """Return a table with a row a check: ``table``, ``check``, ``n``, ``of``, ``share`` and ``odd``."""
        return table(
            (dict(zip(COLUMNS, (c.table, c.what, c.number, c.of, c.share, c.odd), strict=True)) for c in self.checks),
            COLUMNS,
        )

    def summary(self) -> str:
        """Return the lines of the checks; an exclamation mark stands before what should be looked into."""
        shown = [f"{fixed(c.number, 0)} of {fixed(c.of, 0)}" for c in self.checks]
        wide = max(len(text) for text in shown)
        lines = zip(self.checks, shown, strict=True)
        return "\n".join(
            f"{'!' if c.odd else ' '} {c.table:<7} {n:>{wide}} ({percent(c.share, 1)})  {c.what}" for c, n in lines
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the events of the log by month."""
        from iom_causal.base.axes import INK, label_windows, new_axes  # noqa: PLC0415 matplotlib is slow to load

        ax = new_axes() if ax is None else ax
        labels = [label for label, _ in self.months]
        ax.bar(range(len(labels)), [number for _, number in self.months], color=INK, width=0.8)
        if labels:
            label_windows(ax, labels)
        else:
            ax.text(0.5, 0.5, "no event has a date", ha="center", transform=ax.transAxes, color=INK)
        ax.set_ylabel("events of the log a month")
        return ax


def quality_of(
    people: Followed,
    log: Log,
    spells: Spells | None = None,
    *,
    extracted: dt.date | None = None,
    born: NDArray[np.datetime64] | None = None,
) -> DataQuality:
    """Check a log of events and spells in custody.

    Parameters
    ----------
    people : Followed
        Of the list.
    log : Log
        The events.
    spells : Spells, optional
        In custody.
    extracted : date, optional
        The day on which the data were taken.
    born : ndarray of datetime64, optional
        (n,) dates of birth, none where they are not known.
    """
    linkage = Linkage(people.ids)
    person, day = linkage.codes(log.ids, log.name), day_numbers(log.days)
    taken = FAR if extracted is None else int(np.datetime64(extracted, "D").astype(np.int64))
    records = None if log.records is None else codes_of(log.records)
    checks = (
        *_of_people(person, day, len(people.ids)),
        *_of_linkage("events", person),
        *_of_dates("events", day, taken),
        *_of_rows(person, day, records),
        *(() if records is None else _of_records(person, day, records)),
        *(() if born is None else _of_births(person, day, born)),
        *_heaps(day),
    )
    months = _months(day)
    empty = sum(number == 0 for _, number in months)
    mean = sum(number for _, number in months) / max(len(months), 1)
    checks += (
        Check(
            "events",
            "months without an event, from the first to the last",
            empty,
            len(months),
            empty > 0 and mean >= EXPECTED,
        ),
    )
    if spells is not None:
        checks += tuple(_of_spells(linkage, spells, taken))
    return DataQuality(checks=checks, months=months)


def _of_people(person: NDArray[np.int32], day: NDArray[np.int32], n: int) -> Iterator[Check]:
    dated = (person >= 0) & (day != NO_DAY)
    without = n - len(np.unique(person[dated]))
    yield Check("people", "without any event in the log", without, n, without > n / 2)


def _of_linkage(name: str, person: NDArray[np.int32]) -> Iterator[Check]:
    rows = len(person)
    nameless, strangers = int((person == NO_ID).sum()), int((person == NOBODY).sum())
    yield Check(name, "without an id", nameless, rows, nameless > 0)
    yield Check(name, "of nobody on the list", strangers, rows, strangers > UNLINKED * rows)


def _of_dates(name: str, day: NDArray[np.int32], taken: int) -> Iterator[Check]:
    undated, late = int((day == NO_DAY).sum()), int((day > taken).sum())
    yield Check(name, "without a date", undated, len(day), undated > 0)
    if taken < FAR:
        yield Check(name, "after the day on which the data were taken", late, len(day), late > 0)


def _of_rows(person: NDArray[np.int32], day: NDArray[np.int32], records: NDArray[np.int64] | None) -> Iterator[Check]:
    """Yield rows on the same day as another of the same person, and rows that stand before an earlier one."""
    dated = (person >= 0) & (day != NO_DAY)
    who, when = person[dated].astype(np.int64), day[dated].astype(np.int64)
    same = len(who) - len(np.unique((who << 32) + when))
    alike = "on the same day as an earlier row of the same person"
    yield Check("events", alike, same, len(who), same > UNLINKED * len(who) and records is None)
    order = np.argsort(who, kind="stable")
    of_one = who[order][1:] == who[order][:-1]
    back = int((of_one & (when[order][1:] < when[order][:-1])).sum())
    yield Check("events", "dated before the row above it of the same person", back, len(who))


def _of_records(person: NDArray[np.int32], day: NDArray[np.int32], records: NDArray[np.int64]) -> Iterator[Check]:
    """Yield rows without a record, and records of several people or days."""
    absent = int((records < 0).sum())
    yield Check("events", "without a custody record", absent, len(records))
    known = (records >= 0) & (person >= 0) & (day != NO_DAY)
    total = len(np.unique(records[known]))
    for what, values, odd in (("people", person, True), ("days", day, False)):
        pairs = np.unique(np.column_stack([records[known], values[known]]), axis=0)[:, 0]
        several = len(np.unique(pairs[1:][pairs[1:] == pairs[:-1]]))
        yield Check("events", f"custody records with rows of several {what}", several, total, odd and several > 0)


def _of_births(person: NDArray[np.int32], day: NDArray[np.int32], born: NDArray[np.datetime64]) -> Iterator[Check]:
    birth = day_numbers(born)
    dated = (person >= 0) & (day != NO_DAY)
    known = dated & (birth[np.maximum(person, 0)] != NO_DAY)
    before = int((day[known] < birth[person[known]]).sum())
    yield Check("events", "before the person's birth", before, int(known.sum()), before > 0)


def _heaps(day: NDArray[np.int32]) -> Iterator[Check]:
    """Yield dates on days that stand for a day that is not known."""
    dates = day[day != NO_DAY].astype("M8[D]")
    month = dates.astype("M8[M]")
    first = dates == month.astype("M8[D]")
    january = first & (month.astype("M8[Y]").astype("M8[M]") == month)
    for what, which, share in (("1 January", january, 1 / YEAR), ("the first day of a month", first, 12 / YEAR)):
        number, rows = int(which.sum()), len(dates)
        above = number - share * rows > HEAPED * np.sqrt(share * (1 - share) * rows)
        yield Check("events", f"on {what}", number, rows, bool(above and number > max(TIMES * share * rows, EXPECTED)))


def _months(day: NDArray[np.int32]) -> tuple[tuple[str, int], ...]:
    """Return the events of each month from the first to the last."""
    month = day[day != NO_DAY].astype("M8[D]").astype("M8[M]").astype(np.int64)
    if not len(month):
        return ()
    labels = np.arange(month.min(), month.max() + 1).astype("M8[M]").astype(str)
    return tuple(zip(labels.tolist(), np.bincount(month - month.min()).tolist(), strict=True))


def _of_spells(linkage: Linkage, spells: Spells, taken: int) -> Iterator[Check]:
    person = linkage.codes(spells.ids, spells.name)
    start, end = day_numbers(spells.start), day_numbers(spells.end)
    rows = len(person)
    yield from _of_linkage("custody", person)
    yield from _of_dates("custody", start, taken)
    backwards = (start != NO_DAY) & (end != NO_DAY) & (end < start)
    yield Check("custody", "ended before they start", int(backwards.sum()), rows, bool(backwards.any()))
    unended = int((end == NO_DAY).sum())
    yield Check("custody", "without a day of release", unended, rows)
    used = (person >= 0) & (start != NO_DAY) & ~backwards
    until = np.where(end == NO_DAY, np.int32(FAR), end)
    merged = union(person[used], start[used], until[used], int(person.max(initial=0)) + 1).merged
    yield Check("custody", "overlapping or touching another of the same person", merged, int(used.sum()), merged > 0)
