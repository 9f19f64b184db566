"""Questions on columns that decide who is followed, and that are not read because of what stands in their cells."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import toml_value
from iom_causal.data.files import dates
from iom_causal.data.files.cells import number_or_none
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.kinds import EVENTS, INSIDE, MANY, Measured, has, numeric
from iom_causal.data.guesses.names import like_a_cell, tokens
from iom_causal.data.guesses.questions import Question
from iom_causal.data.guesses.starts import LOST, STARTS

UNTIL = (
    "{} looks like the day from which a person is no longer followed, and is not read: of its {} {} ({}). Mend the "
    "cells, or list what stands for no such day in missing, and write until = {}; if it is no such day, delete this "
    "line"
)
ENTRY = (
    "; {} looks like the day on which people entered, and is not read: of its {} {} ({}); mend the cells, or set dates "
    "and missing to what stands there"
)
CUSTODY = (
    "{} looks like days in custody, and is not read: of its {} {} ({}). Mend the cells and write custody_days = [{}], "
    "or delete this line"
)
WHICH_WINDOW = (
    "{} [looks|look] like days in custody, and [is|are] not read: of which [window is it|windows are they]{}? "
    "custody_days takes a column for each window, in their order. Put those that the file lacks beside [it|them] and "
    "name all of them, or write custody_days = [] to leave days in custody out"
)
MOST_NAMED = 4
"""How many columns or windows a question names."""
DAYS = {"date", "dt", "day", "when", "dod"}
"""Words that say, beside one of leaving or entering, that a column is to hold days."""


def unread_questions(sheet: Sheet, unread: Sequence[str], settings: Mapping[str, Any]) -> tuple[Question, ...]:
    """Ask about columns of deaths, moves and days in custody that are not read because of their cells.

    Parameters
    ----------
    sheet : Sheet
        The table.
    unread : sequence of str
        Columns without a use.
    settings : mapping
        How the file is read.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array(["not known", "2019-02-01", None], dtype=object)
    >>> (asked,) = unread_questions(Sheet(columns={"Date of death": cells}, rows=3), ["Date of death"], {})
    >>> asked.key, asked.ask[:96]
    ('until', '"Date of death" looks like the day from which a person is no longer followed, and is not read: o')
    """
    form = str(settings.get("dates", dates.DATES[0]))
    asked = []
    for name in unread:
        if LOST & tokens(name) and (what := _no_days(sheet, name, form)):
            asked.append(Question("until", UNTIL.format(_shown(sheet, name), *what, _written(sheet, name))))
        elif _of_custody(name) and numeric(sheet, name, settings) is None and (what := _no_numbers(sheet, name)):
            asked.append(Question("custody_days", CUSTODY.format(_shown(sheet, name), *what, _written(sheet, name))))
    return tuple({question.key: question for question in reversed(asked)}.values())


def custody_of_which_window(
    sheet: Sheet, unread: Sequence[str], settings: Mapping[str, Any], windows: Sequence[str]
) -> tuple[Question, ...]:
    """Ask of which window columns of days in custody are, where there are fewer of them than windows.

    Parameters
    ----------
    sheet : Sheet
        The table, a row a person.
    unread : sequence of str
        Columns without a use.
    settings : mapping
        How the file is read.
    windows : sequence of str
        Their labels, in order.

    Examples
    --------
    >>> import numpy as np
    >>> sheet = Sheet(columns={"custody days": np.array(["0", "30"], dtype=object)}, rows=2)
    >>> (asked,) = custody_of_which_window(sheet, ["custody days"], {}, ["before", "after"])
    >>> asked.key, asked.ask.partition(": ")[2].partition("?")[0]
    ('custody_days', 'of which window is it (before or after)')
    """
    names = [n for n in unread if has(n.lower(), INSIDE, unless=EVENTS) and _lasts(numeric(sheet, n, settings))]
    if not names or len(names) >= len(windows):
        return ()
    shown = listed(_shown(sheet, name) for name in names) if len(names) <= MOST_NAMED else "some columns"
    labels = f" ({listed(windows, 'or')})" if len(windows) <= MOST_NAMED else ""
    said = counted(len(names), WHICH_WINDOW.format(shown, labels))
    return (Question("custody_days", said.partition(" ")[2]),)


def _lasts(read: Measured | None) -> bool:
    """Whether numbers may be of days: some are above 1, and none is below 0."""
    return read is not None and bool(read.values.max() > 1) and bool(read.values.min() >= 0)


def about_entry_unread(sheet: Sheet, unread: Sequence[str], form: str) -> str:
    """Return what is asked about days of entry that are not read because of their cells; empty without such a column.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array(["spring", "2019-02-01"], dtype=object)
    >>> about_entry_unread(Sheet(columns={"adopted": cells}, rows=2), ["adopted"], "yyyy-mm-dd")[:54]
    '; "adopted" looks like the day on which people entered'
    """
    for name in unread:
        if STARTS & tokens(name) and "de" not in tokens(name) and (what := _no_days(sheet, name, form)):
            return ENTRY.format(_shown(sheet, name), *what)
    return ""


def with_missing(settings: Mapping[str, Any], texts: Iterable[str]) -> dict[str, Any]:
    """Return settings in which texts stand for no value, beside those that do already.

    Examples
    --------
    >>> with_missing({"missing": ["x"]}, ["n/a"]), with_missing({}, [])
    ({'missing': ['n/a', 'x']}, {})
    """
    missing = {*settings.get("missing", ()), *texts}
    return {**settings, **({"missing": sorted(missing, key=str)} if missing else {})}


def _of_custody(name: str) -> bool:
    return has(name.lower(), INSIDE, unless=EVENTS) and bool(tokens(name) & {"days", "nights", "time"})


def _no_days(sheet: Sheet, name: str, form: str) -> tuple[str, str, str] | None:
    """Return how many cells there are, how many are no days of the form, and of which kinds; None of no days at all."""
    held = [cell for cell in sheet[name].tolist() if cell is not None and not dates.is_absent(cell)]
    faults = [cell for cell in held if dates.day(cell, form, sheet.epoch) is None]
    meant = len(faults) < len(held) or bool(DAYS & tokens(name)) or any(map(_other_form, faults))
    if not meant or len(faults) <= (1 - MANY) * len(held):
        return None
    return _said(len(held), faults)


def _no_numbers(sheet: Sheet, name: str) -> tuple[str, str, str] | None:
    held = [cell for cell in sheet[name].tolist() if cell is not None]
    faults = [cell for cell in held if number_or_none(cell) is None]
    return _said(len(held), faults) if faults else None


def _said(cells: int, faults: Sequence[Any]) -> tuple[str, str, str]:
    kinds = Counter(map(_kind, faults)).items()
    return (
        counted(cells, "filled [cell|cells]"),
        counted(len(faults), "[does|do] not read"),
        listed([f"{number:,} {kind}" for kind, number in kinds]),
    )


def _kind(cell: Any) -> str:
    if _other_form(cell):
        return "as days of another form"
    if number_or_none(cell) is not None:
        return "as numbers"
    return "as words or marks" if not any(map(str.isdigit, str(cell))) else "as words with figures"


def _other_form(cell: Any) -> bool:
    return any(dates.day(cell, form) is not None for form in dates.WRITTEN)


def _shown(sheet: Sheet, name: str) -> str:
    return "a column" if like_a_cell(sheet, name) else toml_value(name)


def _written(sheet: Sheet, name: str) -> str:
    return '"its name"' if like_a_cell(sheet, name) else toml_value(name)
