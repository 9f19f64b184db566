"""Heuristic classification of columns of days, or of windows, on which people entered, and on which they left."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from iom_causal.base.formats import listed
from iom_causal.data.files import dates
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.names import held, like_a_cell, tokens
from iom_causal.errors import echo

TREATED = {"managed", "iom", "treated", "treatment", "intervention"}
"""Words for people who were managed, in a name or a cell."""
GROUPS = {*TREATED, "group", "grp", "cohort", "arm", "scheme", "comparison", "control"}
STARTS = {"start", "started", "joined", "join", "entered", "entry", "enrolled", "enrolment", "began", "adopted"}
STARTS |= {"adoption"}
ENDS = {"de", "end", "ended", "left", "exit", "exited", "finish", "finished", "until", "removed", "completed"}
LOST = {"died", "death", "dod", "deceased", "moved", "deported", "emigrated"}
"""Words for leaving the programme, and for leaving the files."""
BESIDE_A_START = {
    "date",
    "day",
    "of",
    "on",
    "the",
    "to",
    "onto",
    "into",
    "first",
    "programme",
    "project",
    "was",
    "when",
}
NEVER = {"", "never", "none", "na", "n/a", "-", ".", "not managed", "waiting list", "9999-12-31"}
"""What may stand in a column of starts for people who were never managed."""


NOT_READ = "Not read: "
LEAVING = (
    NOT_READ + "{}. Where people were no longer followed from such a day on (a death, a move), write until = the "
    "column; a day on which somebody left the programme changes nothing."
)


class Start(NamedTuple):
    """Column of the windows or days on which people entered, empty where nothing looks like it.

    Attributes
    ----------
    column : str
        Its name.
    places : bool
        Whether the file tells the windows of the starts: it names them, or they are calendar months.
    days : bool
        Whether it holds days, different ones.
    own : bool
        Whether its name is that of a day of entry and of nothing else.
    absent : int
        How many people have none.
    first : str
        The day or window of the first start.
    never : tuple of str
        What stands there for people who were never managed, where the cell is not empty.
    """

    column: str = ""
    places: bool = False
    days: bool = False
    own: bool = False
    absent: int = 0
    first: str = ""
    never: tuple[str, ...] = ()


NONE = Start()


def start_in(sheet: Sheet, name: str, guess: Mapping[str, Any], form: str) -> Start:
    """Return a column of starts: windows by their label or period, or days.

    Parameters
    ----------
    sheet : Sheet
        The table.
    name : str
        The column.
    guess : mapping
        The layout, and the windows and months that were guessed.
    form : str
        The form of dates.
    """
    words = tokens(name)
    if not (STARTS | GROUPS) & words or (ENDS | LOST) & words:
        return NONE
    cells = sheet[name].tolist()
    never = tuple(c for c in held(sheet, name) if isinstance(c, str) and c.lower() in NEVER)
    said = [c for c in cells if c is not None and c not in never]
    absent = len(cells) - len(said)
    labels = [w.label for w in guess["grid"].windows] if guess.get("layout") == "long" and "grid" in guess else []
    if labels and said and all(str(c).removesuffix(".0") in labels for c in said):
        first = min((str(c).removesuffix(".0") for c in said), key=labels.index)
        return Start(name, places=True, first=first, never=never, absent=absent)
    days = [day for c in said if (day := dates.day(c, form, sheet.epoch)) is not None]
    if not said or len(days) < len(said):
        return NONE
    span = guess.get("months", ())
    if len(set(days)) == 1 and not absent and not span:
        return NONE  # the day of introduction, the same for everybody
    return Start(
        name,
        places=bool(span),
        days=len(set(days)) > 1,
        own=words <= STARTS | GROUPS | BESIDE_A_START,
        absent=absent,
        first=min(days).isoformat(),
        never=never,
    )


def of_leaving(sheet: Sheet, names: Iterable[str], form: str) -> tuple[str, ...]:
    """Say of columns of days on which people left that they are not read, and when they would be."""
    ends = [n for n in names if (ENDS | LOST) & tokens(n) and all_days(sheet, n, form) and not like_a_cell(sheet, n)]
    if not ends:
        return ()
    return (LEAVING.format(listed([echo(name) for name in ends])),)


def all_days(sheet: Sheet, name: str, form: str = "") -> bool:
    """Whether a column holds days and nothing else, of one form or, where none is given, of any that is written."""
    cells = [cell for cell in held(sheet, name) if not dates.is_absent(cell)]
    forms = (form,) if form else dates.WRITTEN
    return bool(cells) and any(all(dates.day(cell, each, sheet.epoch) is not None for cell in cells) for each in forms)


def has_days(sheet: Sheet, name: str) -> bool:
    """Whether a column holds some day as text or as a day: those put nobody into a group."""
    return any(dates.day(cell, form) is not None for cell in held(sheet, name) for form in dates.WRITTEN)


def months_of(sheet: Sheet, name: str, form: str) -> list[str] | None:
    """Return the calendar month of each cell of a column, such as 2021-01; None unless all are days."""
    found: list[dt.date | None] = [dates.day(cell, form, sheet.epoch) for cell in sheet[name].tolist()]
    return [f"{day:%Y-%m}" for day in found if day is not None] if found and None not in found else None
