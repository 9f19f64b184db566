"""Heuristic classification of columns that tell who was managed, and from when, by their names and cells."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from iom_causal.data.files import dates
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.names import held, tokens, varies

TREATED = {"managed", "iom", "treated", "treatment", "intervention"}
"""Words for people who were managed, in a name or a cell."""
GROUPS = {*TREATED, "group", "cohort", "arm", "scheme", "comparison", "control"}
YES, NO = {"1", "yes", "y", "true", "case"}, {"0", "no", "n", "false"}
OTHERS = {"comparison", "control", "controls", "waiting", "waitlist", "unmanaged", "untreated"}
"""Words for people who were not, in a name or a cell."""
NOT = {"not", "non", "never", "no", "none"}
STARTS = {"start", "started", "joined", "join", "entered", "entry", "enrolled", "enrolment", "began", "adopted"}
ENDS = {"de", "end", "ended", "left", "exit", "exited", "finish", "finished", "until", "removed", "completed"}
NEVER = {"", "never", "none", "na", "n/a", "-", ".", "not managed", "waiting list", "9999-12-31"}
"""What may stand in a column of starts for people who were never managed."""
NO_GROUPS = {"age", "ethnic", "sex"}
"""Words for groups of another kind, such as age groups."""
MOST_GROUPS = 6


class WhoWasManaged(NamedTuple):
    """Columns that tell who was managed, each empty where nothing looks like it.

    Attributes
    ----------
    group : str
        The column of treatment status.
    managed : tuple of str
        Its values for managed people; none where neither name nor cells say which these are.
    start : str
        The column of first managed windows, or of days of entry.
    places : bool
        Whether the file tells the windows of the starts: it names them, or they are calendar months.
    others : bool
        Whether some people in the file seem not to have been managed.
    first : str
        The day or window of the first start.
    never : tuple of str
        What stands in the column of starts for people who were never managed, where the cell is not empty.
    """

    group: str = ""
    managed: tuple[str, ...] = ()
    start: str = ""
    places: bool = False
    others: bool = False
    first: str = ""
    never: tuple[str, ...] = ()


NOBODY_TOLD = WhoWasManaged()


def who_was_managed(
    sheet: Sheet, guess: Mapping[str, Any], person: str, taken: Iterable[str], form: str
) -> WhoWasManaged:
    """Classify the columns that are not taken.

    Parameters
    ----------
    sheet : Sheet
        The table.
    guess : mapping
        Its layout, and the windows and months that were guessed.
    person : str
        The column of ids where people have several rows each, else empty.
    taken : iterable of str
        Columns with a use of their own.
    form : str
        The form of dates.
    """
    left = [name for name in sheet.columns if name not in set(taken)]
    moving = [name for name in left if person and varies(sheet, person, name)]
    left = [name for name in left if name not in moving]
    group, managed = max(((n, _managed(sheet, n)) for n in left if _groups(sheet, n)), key=_sure, default=("", ()))
    changing = next((n for n in moving if by_window(sheet, n)), "")
    starts = (found for n in left if n != group and (found := _start(sheet, n, guess, form)).start)
    start = next(starts, WhoWasManaged(start=changing, others=bool(changing)))
    if start.places and group and not (managed and _same(sheet, group, managed, start)):
        start = NOBODY_TOLD  # a day stands there for people who were not managed too, such as that of a referral
    if start.places:
        return start
    return start._replace(group=group, managed=managed, others=bool(group) or start.others)


def _sure(candidate: tuple[str, tuple[str, ...]]) -> bool:
    return bool(candidate[1])


def _groups(sheet: Sheet, name: str) -> bool:
    """Whether a column tells two groups by its name, or some by the words in its cells."""
    cells = held(sheet, name)
    if any(dates.day(cell, form) is not None for cell in cells for form in dates.WRITTEN):
        return False  # days are of a start or an exit
    words = [_word(sheet, name, cell) for cell in cells]
    named = bool(GROUPS & tokens(name)) and not NO_GROUPS & tokens(name)
    if named and len(words) == 1:
        return _says(words[0]) is not None and len(held(sheet, name, blank=True)) == 2
    return (named and len(words) == 2) or (2 <= len(words) <= MOST_GROUPS and any(_in_words(w) for w in words))


def by_window(sheet: Sheet, name: str) -> bool:
    """Whether a column of several rows a person may tell in which windows each was managed."""
    words = {_word(sheet, name, cell).strip().lower().removesuffix(".0") for cell in held(sheet, name)}
    return bool(TREATED & tokens(name)) and words <= YES | NO


def _word(sheet: Sheet, name: str, cell: Any) -> str:
    return str(sheet.labels.get(name, {}).get(cell, cell))


def _in_words(text: str) -> bool:
    """Whether a cell says in words which people these are; a yes or a 1 says it only under a name that does."""
    return bool({"managed", "treated", "treatment", *OTHERS} & tokens(text))


def _says(text: str) -> bool | None:
    """Return whether a cell stands for managed people, or for others; None where it does not say."""
    parts, plain = tokens(text), text.strip().lower().removesuffix(".0")
    if plain in NO or parts & OTHERS or (parts & NOT and (parts & TREATED or len(parts) == 1)):
        return False
    return True if plain in YES or parts & TREATED else None


def _managed(sheet: Sheet, name: str) -> tuple[str, ...]:
    """Return the values that say managed; none where neither the name nor the cells do."""
    words = [_word(sheet, name, cell) for cell in held(sheet, name)]
    turned = bool(OTHERS & tokens(name))
    bare = all(w.strip().lower().removesuffix(".0") in YES | NO for w in words)
    said = {w: (not s if turned and bare else s) for w in words if (s := _says(w)) is not None}
    managed = tuple(w for w in words if said.get(w))
    rest = tuple(w for w in words if w not in said)
    if len(words) == 2 and not managed and len(rest) == 1:
        return rest
    others = [w for w in words if w not in managed]
    # Of a 1 beside a 2, neither name nor cell says which of them are managed.
    numbers = any(w.strip().removesuffix(".0").isdigit() and w not in said for w in others)
    return () if numbers or (len(words) > 2 and len(managed) != 1) else managed


def _start(sheet: Sheet, name: str, guess: Mapping[str, Any], form: str) -> WhoWasManaged:
    """Return a column of starts: windows by their label or period, or days."""
    if not (STARTS | GROUPS) & tokens(name) or ENDS & tokens(name):
        return NOBODY_TOLD
    cells = sheet[name].tolist()
    never = tuple(c for c in held(sheet, name) if isinstance(c, str) and c.lower() in NEVER)
    said = [c for c in cells if c is not None and c not in never]
    labels = [w.label for w in guess["grid"].windows] if guess.get("layout") == "long" and "grid" in guess else []
    if labels and said and all(str(c).removesuffix(".0") in labels for c in said):
        first = min((str(c).removesuffix(".0") for c in said), key=labels.index)
        return WhoWasManaged(start=name, places=True, first=first, never=never, others=len(said) < len(cells))
    days = [day for c in said if (day := dates.day(c, form)) is not None]
    if not said or len(days) < len(said):
        return NOBODY_TOLD
    one = len(set(days)) == 1 and len(said) == len(cells)
    span = guess.get("months", ())
    if one and not span:
        return NOBODY_TOLD  # the day of introduction, the same for everybody
    return WhoWasManaged(
        start=name,
        places=bool(span),
        others=len(said) < len(cells),
        first=min(days).isoformat(),
        never=never,
    )


def _same(sheet: Sheet, group: str, managed: tuple[str, ...], start: WhoWasManaged) -> bool:
    """Whether a start stands exactly where the column of treatment status says managed."""
    entered = np.array([c is not None and c not in start.never for c in sheet[start.start].tolist()])
    treated = np.array([c is not None and _word(sheet, group, c) in managed for c in sheet[group].tolist()])
    return bool((entered == treated).all())


def months_of(cells: Iterable[Any], form: str) -> list[str] | None:
    """Return the calendar month of each cell, such as 2021-01; None unless all are days."""
    found: list[dt.date | None] = [dates.day(cell, form) for cell in cells]
    return [f"{day:%Y-%m}" for day in found if day is not None] if found and None not in found else None
