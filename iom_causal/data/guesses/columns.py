"""Heuristic classification of columns of person-level data by their names and cells."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import toml_value
from iom_causal.data.files.cells import is_sum
from iom_causal.data.files.dates import DATES
from iom_causal.data.files.readers import ReadTable
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.kinds import EVENTS, INSIDE, MANY, SCORES, has, numeric, sorted_out
from iom_causal.data.guesses.linked_files import LinkedFiles
from iom_causal.data.guesses.managed import NOBODY_TOLD, WhoWasManaged, by_window, who_was_managed
from iom_causal.data.guesses.names import held, like_a_cell, split, tokens, varies
from iom_causal.data.guesses.period_columns import in_columns, left_out
from iom_causal.data.guesses.period_names import BOTH, Period, measure, side_of
from iom_causal.data.guesses.period_rows import day_for_all, in_rows, is_period
from iom_causal.data.guesses.periods import AFTER_ASKED, LENGTHS, Grid, months_in
from iom_causal.data.guesses.questions import Question
from iom_causal.data.guesses.starts import all_days, has_days, months_of, of_leaving
from iom_causal.data.guesses.unread import custody_of_which_window, unread_questions
from iom_causal.data.release.disclosure import THRESHOLD

IDS = {"id", "urn", "pnc", "pncid", "cro", "nominal", "person", "ref", "uid", "nomis"}
PERIODS = {"period", "wave", "window", "time", "phase", "when", "timepoint", "visit", "interview"}
MOST_PERIODS = 240
"""Windows of a person: twenty years of months."""
BIRTHS = {"dob", "birth", "born"}
LEVELS = {"sex", "gender", "team", "district", "force", "area", "ethnicity", "site", "region", "division", "borough"}
MOST_LEVELS = 50
"""Names of columns that put people into groups, and how many groups there may be."""
SYNTHETIC = "synthetic"
"""The word of the column by which a file says that its people are simulated."""


@dataclass(frozen=True, kw_only=True)
class Guesses:
    """Guessed reading settings, layout, windows, outcomes and covariates of a file.

    Parameters
    ----------
    settings : mapping
        Keys of the extract that say how the file is read.
    layout, id, period, age, date_of_birth : str
        As in `Extract`; empty where nothing looks like it.
    windows : tuple of Period
        In order of time, with their dates or lengths where names tell them.
    index_date : date, optional
        The day of introduction, where the file has one for everybody.
    months : tuple of str
        The first and the last, where windows are calendar months.
    outcomes : tuple of (name, kind, columns, missing)
        What is measured.
    days_at_risk, custody_days : tuple of str
        Columns that look like it.
    who : WhoWasManaged
        The columns that tell who was managed, and from when.
    levels : tuple of str
        Columns that put people into a few groups, such as women and men.
    invented : bool
        Whether the file says that nobody in it exists.
    other_sheets : tuple of str
        Of a workbook, where one of several was taken.
    unread : tuple of str
        Columns that are assigned no use, by their names.
    unnamed : int
        How many more there are, whose names may be cells.
    notes : tuple of str
        Sentences on what was left out of the file, or stands in it where its user may not see it.
    questions : tuple of Question
        What the file leaves open, whatever was guessed, what decides most first.
    linked : LinkedFiles, optional
        Files of events and of spells in custody that stand beside the people.
    tables : tuple of ReadTable
        What was read, so that it need not be read again.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    layout: str = "wide"
    id: str = ""
    period: str = ""
    age: str = ""
    date_of_birth: str = ""
    windows: tuple[Period, ...] = BOTH
    index_date: dt.date | None = None
    months: tuple[str, ...] = ()
    outcomes: tuple[tuple[str, str, tuple[str, ...], str], ...] = ()
    days_at_risk: tuple[str, ...] = ()
    custody_days: tuple[str, ...] = ()
    who: WhoWasManaged = NOBODY_TOLD
    levels: tuple[str, ...] = ()
    invented: bool = False
    other_sheets: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unnamed: int = 0
    questions: tuple[Question, ...] = ()
    linked: LinkedFiles | None = None
    notes: tuple[str, ...] = ()
    tables: tuple[ReadTable, ...] = field(default=(), compare=False, repr=False)


def guessed(
    settings: dict[str, Any], sheet: Sheet, others: tuple[str, ...], asked: tuple[Question, ...] = ()
) -> Guesses:
    """Classify the columns of a table that was read with these settings, beside other sheets of its workbook."""
    person = id_column(sheet)
    sheet = _without_sums(sheet, person)
    # A few rows that share an id are mistakes to be named, not people with several rows each.
    repeated = bool(person) and len(set(sheet[person].tolist())) < MANY * sheet.rows
    common: dict[str, Any] = {
        "other_sheets": others,
        "settings": settings,
        "id": person,
        "invented": bool(_marks(sheet)),
        "age": _named(sheet, {"age"}),
        "date_of_birth": "" if _named(sheet, {"age"}) else _named(sheet, BIRTHS),
    }
    introduced = day_for_all(sheet, _form(settings))
    common["index_date"] = introduced
    period = _period(sheet, person, _form(settings)) if repeated else ""
    apart = _told_apart(sheet, person) if repeated and not period else ""
    repeated = repeated and not apart
    if period:
        guess = _long(sheet, settings, person, period, introduced)
    else:
        guess = dict(SEVERAL_ROWS) if repeated else _wide(sheet, settings, introduced)
    measured = {column for _, _, columns, _ in guess["outcomes"] for column in columns}
    named = {person, period, common["age"], common["date_of_birth"], *guess["days_at_risk"], *guess["custody_days"]}
    stems = [] if period else [name for name, *_ in guess["outcomes"]]
    further = [n for n in sheet.columns if n not in measured and left_out(n, stems) and _numbers(sheet, n, settings)]
    who = who_was_managed(sheet, guess, person if repeated else "", {*named, *measured, *further}, _form(settings))
    named |= {who.group, who.start, who.entry}
    grid = guess.pop("grid", Grid())
    if who.places and not guess.get("months"):
        grid = _from_the_first_start(grid, who.first)
    missing = {*settings.get("missing", ()), *who.never, *(int(code) for code in guess.pop("codes", ()))}
    if missing:
        settings["missing"] = sorted(missing, key=str)
    questions = guess.pop("questions", ())
    levels = tuple(n for n in sheet.columns if LEVELS & tokens(n) and n not in {*named, *measured})
    levels = tuple(n for n in levels if not has_days(sheet, n))
    levels = tuple(n for n in levels if 2 <= len(held(sheet, n)) <= min(MOST_LEVELS, sheet.rows // 2))
    unread = [n for n in sheet.columns if n not in {*named, *levels, *measured, *_marks(sheet)}]
    sayable = tuple(n for n in unread if not like_a_cell(sheet, n))
    return Guesses(
        **common,
        **guess,
        windows=grid.windows,
        questions=(
            *([Question("id", TWO_AREAS.format(toml_value(apart)))] if apart else []),
            *who.questions,
            *_open(grid, guess),
            *asked,
            *questions,
            *_days_for_numbers(sheet, guess, named),
            *_left_out(further, sheet),
            *unread_questions(sheet, unread, settings),
            *_custody(sheet, guess, unread, settings, [w.label for w in grid.windows]),
        ),
        who=who,
        notes=of_leaving(sheet, unread, _form(settings)),
        levels=levels,
        unread=sayable,
        unnamed=len(unread) - len(sayable),
    )


MOST_NAMED = 6
"""How many columns a question names."""
LEFT_OUT = (
    "{} [looks|look] like {} of what is read, and [is|are] not read: give [it a window|each a window] here and a "
    "column in outcomes, or delete this line to leave [it|them] out"
)


def _left_out(names: Sequence[str], sheet: Sheet) -> tuple[Question, ...]:
    """Ask about columns of numbers that are of another period than those of the same measure that are read."""
    if not names:
        return ()
    sayable = [toml_value(name) for name in names if not like_a_cell(sheet, name)]
    shown = listed(sayable) if len(sayable) == len(names) <= MOST_NAMED else "[a column|some columns]"
    said = counted(len(names), LEFT_OUT.format(shown, "[another window|other windows]"))
    return (Question("windows", said.partition(" ")[2]),)


def _numbers(sheet: Sheet, name: str, settings: Mapping[str, Any]) -> bool:
    return numeric(sheet, name, settings) is not None


def _from_the_first_start(grid: Grid, first: str) -> Grid:
    at = [w.label for w in grid.windows].index(first)
    windows = tuple(replace(w, post=k >= at) for k, w in enumerate(grid.windows))
    return Grid(windows, tuple(q for q in grid.questions if q not in AFTER_ASKED))


def _open(grid: Grid, guess: Mapping[str, Any]) -> tuple[Question, ...]:
    """Return what is open about the windows; how long they are decides nothing where no total is compared."""
    if guess.get("months"):
        return ()
    asked = not guess["days_at_risk"] and any(kind in ("count", "amount") for _, kind, *_ in guess["outcomes"])
    return tuple(q for q in grid.questions if asked or q.key != LENGTHS.key)


DAYS_FOR_NUMBERS = (
    "{} [holds|hold] days and no numbers: give the columns the format of numbers in the spreadsheet, or, where these "
    "are days of events, count the events of each person"
)


def _days_for_numbers(sheet: Sheet, guess: Mapping[str, Any], named: set[str]) -> tuple[Question, ...]:
    """Say why no outcome is found where columns before and after hold days."""
    sided = [n for n in sheet.columns if n not in named and side_of(n) is not None and all_days(sheet, n)]
    if guess["outcomes"] or not sided:
        return ()
    said = counted(len(sided), DAYS_FOR_NUMBERS.format(listed([toml_value(name) for name in sided])))
    return (Question("outcomes", said.partition(" ")[2]),)


def _custody(
    sheet: Sheet, guess: Mapping[str, Any], unread: Sequence[str], settings: Mapping[str, Any], windows: Sequence[str]
) -> tuple[Question, ...]:
    """Ask about days in custody of some windows alone, where nothing else tells the days of each."""
    told = guess.get("layout") == "long" or guess["custody_days"] or guess["days_at_risk"] or not guess["outcomes"]
    return () if told else custody_of_which_window(sheet, unread, settings, windows)


SEVERAL_ROWS: Mapping[str, Any] = {"layout": "long", "outcomes": (), "custody_days": (), "days_at_risk": ()}
"""The layout of people with several rows each and no column that identifies the window."""


def _without_sums(sheet: Sheet, person: str) -> Sheet:
    """Exclude rows of totals, which reading refuses by name."""
    if not person:
        return sheet
    sums = np.array([is_sum(cell) for cell in sheet[person].tolist()])
    return sheet if sums.all() else sheet.where(~sums)


def _marks(sheet: Sheet) -> list[str]:
    """Return the columns by which a file says that its people are simulated."""
    return [name for name in sheet.columns if split(name) == [SYNTHETIC]]


def _form(settings: Mapping[str, Any]) -> str:
    return str(settings.get("dates", DATES[0]))


TWO_AREAS = (
    "rows that share an id differ in {}: if areas number their people alike, put the area in front of each id in the "
    "file, and write the name of that column here; if a person may have several rows, bring one row a person"
)


def _told_apart(sheet: Sheet, person: str) -> str:
    """Return a column of areas or teams that tells rows with the same id apart, each pair of them once."""
    levels = [n for n in sheet.columns if LEVELS & tokens(n) and 2 <= len(held(sheet, n)) <= MOST_LEVELS]
    rows = sheet[person].tolist()
    return next((n for n in levels if len(set(zip(rows, sheet[n].tolist(), strict=True))) == sheet.rows), "")


def _named(sheet: Sheet, words: set[str]) -> str:
    return next((name for name in sheet.columns if tokens(name) & words), "")


def id_column(sheet: Sheet) -> str:
    """Return the column of ids by its name, or the first in which every cell is another; empty without one."""
    named = [name for name in sheet.columns if tokens(name) & IDS]
    unique = [name for name in sheet.columns if len(set(sheet[name].tolist())) == sheet.rows]
    both = [name for name in named if name in unique]
    return next(iter([*both, *named, *unique]), "")


def _period(sheet: Sheet, person: str, form: str) -> str:
    """Return the column whose values identify a person's rows, names of periods first.

    Its cells become labels of windows, so that under any other name the cells must be such as periods have:
    what people are called, or where they are, is nobody's label, nor is what few share. Days stand for their months.
    """
    people = sheet[person].tolist()

    def fits(name: str) -> bool:
        cells = sheet[name].tolist()
        months = months_of(sheet, name, form)
        values = months or cells
        few = 2 <= len(set(values)) <= MOST_PERIODS
        once = len(set(zip(people, values, strict=True))) == len(people)
        named = tokens(name) & PERIODS and _shared(sheet, name, len(set(people)))
        return name != person and few and once and bool(months or named or _like_periods(sheet, name))

    fitting = [name for name in sheet.columns if fits(name)]
    return next(iter(sorted(fitting, key=lambda n: not (tokens(n) & PERIODS))), "")


def _like_periods(sheet: Sheet, name: str) -> bool:
    if has(" ".join(split(name)), (*EVENTS, *SCORES, *INSIDE)):
        return False
    labels = sheet.labels.get(name, {})
    texts = [str(labels.get(v, v)) for v in held(sheet, name)]
    return bool(texts) and all(map(is_period, texts))


def _shared(sheet: Sheet, name: str, people: int) -> bool:
    """Whether every cell that does not say when is that of many people, so that it may be written and printed."""
    labels, least = sheet.labels.get(name, {}), min(THRESHOLD, people / 2)
    rows = Counter(str(labels.get(v, v)) for v in sheet[name].tolist() if v is not None)
    return all(count >= least or is_period(text) for text, count in rows.items())


def _wide(sheet: Sheet, settings: Mapping[str, Any], introduced: dt.date | None) -> dict[str, Any]:
    numbers = [name for name in sheet.columns if numeric(sheet, name, settings) is not None]
    found = in_columns(numbers, introduced)
    if found is None:
        return {"grid": Grid(), **sorted_out(sheet, settings, {})}
    measured = sorted_out(sheet, settings, found.columns)
    return {"grid": found.grid, "months": months_in(found.grid), **measured}


def _long(
    sheet: Sheet, settings: Mapping[str, Any], person: str, period: str, introduced: dt.date | None
) -> dict[str, Any]:
    taken = {person, period, _named(sheet, {"age"}), _named(sheet, BIRTHS)}
    free = [n for n in sheet.columns if n not in taken and numeric(sheet, n, settings) is not None]
    varying = [n for n in free if varies(sheet, person, n) and not by_window(sheet, n)]
    by_stem = {measure(name): (name,) for name in varying}
    grid = in_rows(sheet, period, [n for n in sheet.columns if n not in {person, period}], _form(settings), introduced)
    found = {"layout": "long", "period": period, "grid": grid, "months": months_in(grid)}
    return {**found, **sorted_out(sheet, settings, by_stem)}
