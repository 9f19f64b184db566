"""Heuristic classification of columns of person-level data by their names and cells."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

import numpy as np

from iom_causal.data.files import dates
from iom_causal.data.files.cells import is_sum, is_value, number_or_none
from iom_causal.data.files.dates import DATES
from iom_causal.data.files.sheet import Sheet
from iom_causal.data.guesses.kinds import EVENTS, INSIDE, MANY, SCORES, has, numeric, sorted_out
from iom_causal.data.guesses.linked_files import LinkedFiles
from iom_causal.data.guesses.managed import NOBODY_TOLD, WhoWasManaged, by_window, months_of, who_was_managed
from iom_causal.data.guesses.names import held, like_a_cell, split, tokens, varies
from iom_causal.data.guesses.questions import Question
from iom_causal.data.release.disclosure import THRESHOLD

BEFORE = {"before", "pre", "prior", "baseline", "bl", "t0", "previous"}
AFTER = {"after", "post", "followup", "follow", "fu", "up", "later", "since"}
IDS = {"id", "urn", "pnc", "pncid", "cro", "nominal", "person", "ref", "uid", "nomis"}
PERIODS = {"period", "wave", "window", "time", "phase", "when", "timepoint", "visit", "interview"}
PERIOD = re.compile(
    r"(year|yr|y|month|m|quarter|q|week|wave|window|period|phase|time|t)?[ _.-]*\d{1,4}(\.0)?([ /-]*q?\d{1,2})?"
)
"""Names of a period where it is not called before or after: 2016, wave 2, 2016 Q1."""
MOST_PERIODS = 240
"""Windows of a person: twenty years of months."""
BIRTHS = {"dob", "birth", "born"}
LEVELS = {"sex", "gender", "team", "district", "force", "area", "ethnicity"}
MOST_LEVELS = 6
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
    windows : tuple of (label, period, post)
        In order of time.
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
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    layout: str = "wide"
    id: str = ""
    period: str = ""
    age: str = ""
    date_of_birth: str = ""
    windows: tuple[tuple[str, Any, bool], ...] = (("before", None, False), ("after", None, True))
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


def guessed(
    settings: dict[str, Any], sheet: Sheet, others: tuple[str, ...], asked: tuple[Question, ...] = ()
) -> Guesses:
    """Classify the columns of a table that was read with these settings, beside other sheets of its workbook."""
    person = _id(sheet)
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
    period = _period(sheet, person, _form(settings)) if repeated else ""
    guess = dict(
        _long(sheet, settings, person, period) if period else SEVERAL_ROWS if repeated else _wide(sheet, settings)
    )
    measured = {column for _, _, columns, _ in guess["outcomes"] for column in columns}
    named = {person, period, common["age"], common["date_of_birth"], *guess["days_at_risk"], *guess["custody_days"]}
    who = who_was_managed(sheet, guess, person if repeated else "", {*named, *measured}, _form(settings))
    named |= {who.group, who.start}
    if who.places and "windows" in guess and not guess.get("months"):
        guess["windows"] = _from_the_first_start(guess["windows"], who.first)
    missing = {*settings.get("missing", ()), *who.never, *(int(code) for code in guess.pop("codes", ()))}
    if missing:
        settings["missing"] = sorted(missing, key=str)
    questions = guess.pop("questions", ())
    levels = tuple(n for n in sheet.columns if LEVELS & tokens(n) and n not in {*named, *measured})
    levels = tuple(n for n in levels if 2 <= len(held(sheet, n)) <= MOST_LEVELS)
    unread = [n for n in sheet.columns if n not in {*named, *levels, *measured, *_marks(sheet)}]
    sayable = tuple(n for n in unread if not like_a_cell(sheet, n))
    return Guesses(
        **common,
        **guess,
        questions=(*asked, *questions),
        who=who,
        levels=levels,
        unread=sayable,
        unnamed=len(unread) - len(sayable),
    )


def _from_the_first_start(windows: tuple[tuple[str, Any, bool], ...], first: str) -> tuple[tuple[str, Any, bool], ...]:
    at = [label for label, *_ in windows].index(first)
    return tuple((label, period, k >= at) for k, (label, period, _) in enumerate(windows))


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


def _named(sheet: Sheet, words: set[str]) -> str:
    return next((name for name in sheet.columns if tokens(name) & words), "")


def _id(sheet: Sheet) -> str:
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
        months = months_of(cells, form)
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
    return bool(texts) and all(map(_says_when, texts))


def _says_when(text: str) -> bool:
    return _post_of(text) is not None or PERIOD.fullmatch(text.strip().lower()) is not None


def _shared(sheet: Sheet, name: str, people: int) -> bool:
    """Whether every cell that does not say when is that of many people, so that it may be written and printed."""
    labels, least = sheet.labels.get(name, {}), min(THRESHOLD, people / 2)
    rows = Counter(str(labels.get(v, v)) for v in sheet[name].tolist() if v is not None)
    return all(count >= least or _says_when(text) for text, count in rows.items())


MONTH = re.compile(r"(.*?)[ _.-]*((?:19|20)\d\d)[ _./-]?(0[1-9]|1[0-2])(?:[ _./-]01)?")
"""A column of one calendar month: what it measures, the year, the month and perhaps its first day."""
FEWEST_MONTHS = 6


def _months(columns: Mapping[str, str]) -> tuple[str, ...]:
    """Return the first and the last of months, each with its column; none unless every month between is there."""
    if len(columns) < FEWEST_MONTHS:
        return ()
    held = [12 * int(month[:4]) + int(month[5:]) for month in columns]
    whole = sorted(held) == list(range(min(held), max(held) + 1))
    return (min(columns), max(columns)) if whole else ()


def _by_month(sheet: Sheet, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is measured month by month in a wide table; None where nothing is."""
    stems: dict[str, dict[str, str]] = {}
    for name in sheet.columns:
        match = MONTH.fullmatch(name.strip().lower())
        if match and numeric(sheet, name, settings) is not None:
            stems.setdefault(_what(split(match[1])), {})[f"{match[2]}-{match[3]}"] = name
    spans = {stem: span for stem, columns in stems.items() if (span := _months(columns))}
    if not spans:
        return None
    months = next(iter(spans.values()))
    by_stem = {s: tuple(stems[s][m] for m in sorted(stems[s])) for s, span in spans.items() if span == months}
    return {"months": months, **sorted_out(sheet, settings, by_stem)}


def _wide(sheet: Sheet, settings: Mapping[str, Any]) -> dict[str, Any]:
    by_month = _by_month(sheet, settings)
    if by_month is not None:
        return by_month
    pairs: dict[str, dict[bool, str]] = {}
    for name in sheet.columns:
        stem, side = _side(name)
        if side is not None and numeric(sheet, name, settings) is not None:
            pairs.setdefault(stem, {}).setdefault(side, name)
    both = {stem: (side[False], side[True]) for stem, side in pairs.items() if len(side) == 2}
    return sorted_out(sheet, settings, both)


COUNTING = frozenset({"no", "nr", "num", "number", "count", "total", "of"})
"""Words at the start of a name that say that something was counted, and not what."""
OF_A_DAY = frozenset({"the", "start", "date", "day", "of", "iom", "programme", "entry", "index", "introduction"})
"""Words that say before or after what, and not what was measured."""


def _side(name: str) -> tuple[str, bool | None]:
    """Split a column's name into what it measures and whether it lies after; None where the name does not say."""
    parts = split(name)
    rest = _without_side(parts)
    if len(rest) < len(parts):
        return _what(rest), not BEFORE & set(parts)
    match = re.fullmatch(r"(.*?)[ t]*([12])", " ".join(parts))
    return (_what(match[1].split()), match[2] == "2") if match else (name, None)


def _what(parts: Sequence[str]) -> str:
    """Return the measure in a name, without words for counting."""
    rest = list(parts)
    while len(rest) > 1 and rest[0] in COUNTING:
        rest = rest[1:]
    return " ".join(rest)


def _without_side(parts: list[str]) -> list[str]:
    """Drop the words for before and after, and those behind them for the event."""
    last = max((k for k, token in enumerate(parts) if token in BEFORE | AFTER), default=len(parts))
    behind = list(dropwhile(OF_A_DAY.__contains__, parts[last + 1 :]))
    head = [token for token in parts[:last] if token not in BEFORE | AFTER]
    return [*head, *behind] or [token for token in parts if token not in BEFORE | AFTER]


def _long(sheet: Sheet, settings: Mapping[str, Any], person: str, period: str) -> dict[str, Any]:
    taken = {person, period, _named(sheet, {"age"}), _named(sheet, BIRTHS)}
    free = [n for n in sheet.columns if n not in taken and numeric(sheet, n, settings) is not None]
    varying = [n for n in free if varies(sheet, person, n) and not by_window(sheet, n)]
    by_stem = {_what(split(name)): (name,) for name in varying}
    windows = tuple(_windows(sheet, period, _form(settings)))
    months = _months({label: label for label, *_ in windows if re.fullmatch(r"\d{4}-\d{2}", label)})
    months = months if len(windows) >= FEWEST_MONTHS and months == (windows[0][0], windows[-1][0]) else ()
    found = {"layout": "long", "period": period, "windows": windows, "months": months}
    return {**found, **sorted_out(sheet, settings, by_stem)}


def _windows(sheet: Sheet, period: str, form: str) -> Iterable[tuple[str, Any, bool]]:
    """Return windows in order of time: by code where there are labels, by day, number, or by what the words say."""
    months = months_of(sheet[period].tolist(), form)
    if months and _months({month: month for month in months}):
        yield from ((month, month, k > 0) for k, month in enumerate(sorted(set(months))))
        return
    labels = sheet.labels.get(period, {})
    values = held(sheet, period)
    order: Sequence[Any] = [c for c in sorted(labels) if is_value(sheet, period, labels[c]).any()] if labels else values
    if not labels:
        order = sorted(values, key=lambda v: (_post_of(str(v)) is True, _place(v, form), str(v)))
    said = [_post_of(str(labels.get(v, v))) for v in order]
    for k, (value, side) in enumerate(zip(order, said, strict=True)):
        post = side if side is not None else (k > 0 if True not in said else k > said.index(True))
        yield str(labels.get(value, value)), labels.get(value, value), bool(post)


def _place(value: Any, form: str) -> float:
    day = dates.day(value, form)
    return float(day.toordinal()) if day is not None else number_or_none(value) or 0.0


def _post_of(text: str) -> bool | None:
    parts = tokens(text)
    return False if parts & BEFORE else True if parts & AFTER else None
