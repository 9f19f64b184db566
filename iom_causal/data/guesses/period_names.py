"""Parsing of names of periods into places in time, dates and lengths: quarters, months, years, waves, distances."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile
from typing import Any

from iom_causal.data.guesses.names import split

BEFORE = {"before", "pre", "prior", "baseline", "bl", "t0", "previous", "preceding"}
AFTER = {"after", "post", "followup", "follow", "fu", "up", "later", "since", "following"}
COUNTING = frozenset({"no", "nr", "num", "number", "count", "total", "of"})
"""Words at the start of a name that say that something was counted, and not what."""
ADOPTION = {"adoption", "adopted", "joining", "enrolment", "referral", "intake"}
OF_A_DAY = frozenset(
    {*ADOPTION, "the", "start", "date", "day", "of", "iom", "programme", "entry", "index", "introduction"}
)
"""Words that say before or after what, and not what was measured."""
JOINING = {"in", "at", "for", "during", "from", "to", "per", "over", "the"}
"""Words between a measure and its period."""
LAST_CENTURY = 70
"""Two digits from which a year is of the last century."""
APRIL = 4
"""The month in which financial years begin in the United Kingdom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Window of observation as a name states it.

    Parameters
    ----------
    label : str
        How it is printed.
    place : float
        Its order among names of its kind.
    value : str or number, optional
        What the column of periods says.
    post : bool, optional
        Whether it lies after the introduction; None where nothing says.
    start, end : date, optional
        Its first day, and the first day after it.
    months, days : number, optional
        Its length.
    cycle : int
        Of names that come round again, such as January, how many there are.
    loose : bool
        Whether its place beside names of the same kind may be another: the winter of one year is of either end of it.
    """

    label: str
    place: float = 0.0
    value: Any = None
    post: bool | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    months: float | None = None
    days: int | None = None
    cycle: int = 0
    loose: bool = False

    @property
    def order(self) -> tuple[bool, float]:
        """What periods of a kind are sorted by."""
        return self.post is True, self.place

    @property
    def keys(self) -> dict[str, Any]:
        """Its keys in a study file."""
        value = None if self.value == self.label else self.value
        months = self.months if self.months is None or self.months % 1 else int(self.months)
        held = {"label": self.label, "period": value, "start": self.start, "end": self.end, "months": months}
        held |= {"days": self.days, "post": self.post or None}
        return {key: item for key, item in held.items() if item is not None}

    @property
    def stated(self) -> bool:
        """Whether dates or a length are known."""
        return any(item is not None for item in (self.start, self.months, self.days))

    @property
    def financial(self) -> bool:
        """Whether it is of a financial year named by one number, of which nobody can tell where it begins."""
        return "FY" in self.label and self.start is None

    def beside(self, text: str) -> "Period":
        """Return it before or after, where the name that it stands in says which; its label then says so too."""
        side = side_of(text)
        if side is None or self.start is not None or self in BOTH:
            return self if side is None else replace(self, post=side)
        return replace(self, post=side, label=f"{self.label} {BOTH[side].label}")

    def dated(self) -> "Period":
        """Return it with its dates and without the length that they imply."""
        return replace(self, months=None, days=None)

    def lasting(self, other: "Period") -> "Period":
        """Return it without dates, as long as another."""
        return replace(self, start=None, end=None, months=other.months, days=other.days)

    def bare(self) -> "Period":
        """Return it without dates and length."""
        return replace(self, start=None, end=None, months=None, days=None)


BOTH = (Period(label="before", post=False), Period(label="after", post=True))
"""The windows of which names say no more than before and after."""

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")
_WORDS = {word: str(k) for k, word in enumerate(_NUMBERS)}
_WORDS |= {word: f"#{k}" for k, word in enumerate(_ORDINALS) if word}
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november")
_MONTH_NAMES = {name: k for k, name in enumerate((*_MONTHS, "december"), start=1)}
_MONTH_NAMES |= {name[:3]: k for name, k in _MONTH_NAMES.items()} | {"sept": 9}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_UNITS = {"d": "day", "w": "week", "wk": "week", "m": "month", "mo": "month", "mth": "month", "mnth": "month"}
_UNITS |= {"y": "year", "yr": "year", "q": "quarter", "qtr": "quarter"}
_LENGTHS = {"month": 1.0, "quarter": 3.0, "half": 6.0, "year": 12.0}
_DAYS = {"day": 1, "week": 7}

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_TWO = r"(?P<year>(?:(?:19|20)\d\d|\d\d)(?: ?[-/] ?(?:(?:19|20)\d\d|\d\d))?)"
"""A year of two or four digits, or a financial year such as 2021/22."""
_NAME = f"(?P<name>{'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|d|week|wk|w|month|mth|mnth|mo|m|quarter|qtr|q|year|yr|y)s?"
_ALONE = r"(?<!per )(?<![\d#] )(?:year|quarter|month|week)(?! ?\d)"
"""A stretch without a number, and no rate per month."""
_OPEN, _SHUT = r"(?<![a-z0-9/+-])", r"(?![a-z0-9/])"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(f"{_OPEN}(?:{text}){_SHUT}")


_QUARTERS = tuple(
    _pattern(text)
    for text in (
        rf"(?P<of>quarter|qtr|q|half|h) ?(?P<n>[1-4])[ ,]*[-/]? ?(?P<fy>fy ?)?{_TWO}",
        rf"#(?P<n>[1-4]) (?P<of>quarter|half) (?:of )?(?P<fy>fy ?)?{_TWO}",
        rf"(?P<fy>fy ?)?{_TWO}[ ,]*[-/]? ?(?P<of>quarter|qtr|q|half|h) ?(?P<n>[1-4])",
    )
)
_MONTHS_TO_MONTHS = (
    _pattern(
        rf"{_NAME} ?'?(?P<from>(?:19|20)\d\d|\d\d)? ?(?:-|to) ?{_NAME.replace('<name>', '<last>')} ?'?"
        r"(?P<year>(?:19|20)\d\d|\d\d)"
    ),
)
_MONTHS_OF_YEARS = tuple(
    _pattern(text)
    for text in (
        rf"{_NAME} ?[-/ ']? ?(?P<year>(?:19|20)\d\d|\d\d)",
        rf"{_YEAR} ?[-/ ]? ?{_NAME}",
        rf"{_YEAR} ?(?:[-/ .]|m) ?(?P<n>0?[1-9]|1[0-2])(?: ?[-/ ] ?01)?",
        rf"(?P<n>0?[1-9]|1[0-2]) ?/ ?{_YEAR}",
        r"(?P<year>(?:19|20)\d\d)(?P<n>0[1-9]|1[0-2])",
    )
)
_TO = "(?:to|ending|ended|up to)(?: end of)?"
_ENDING = (_pattern(rf"(?:(?P<length>\d\d?) ?(?:month|mth|m)s?|year) {_TO} {_NAME} ?{_YEAR}"),)
_FINANCIAL = (_pattern(r"(?:fy ?)?(?P<year>(?:19|20)?\d\d ?[-/] ?(?:19|20)?\d\d)"), _pattern(rf"fy ?{_TWO}"))
_CALENDAR = (_pattern(rf"(?:(?:year|yr|y|cy) ?)?{_YEAR}"),)
_ISO_WEEK = (_pattern(rf"{_YEAR} ?-? ?(?:week|wk|w) ?(?P<n>\d\d?)(?! ?{_UNIT}{_SHUT})"),)
_SEASON = (_pattern(rf"(?P<name>{'|'.join(_SEASONS)}) ?{_TWO}"), _pattern(rf"{_TWO} ?(?P<name>{'|'.join(_SEASONS)})"))
_MONTH_ALONE = (_pattern(_NAME),)
_QUARTER_ALONE = (_pattern(r"(?P<of>quarter|qtr|q|half|h) ?(?P<n>[1-4])"),)
_DISTANCE = (
    re.compile(rf"(?<!up to )(?<![a-z0-9/#])(?P<sign>[+-]?) ?(?:#(?=1 ))?(?P<n>\d\d?\d?) ?-? ?{_UNIT}{_SHUT}"),
    _pattern(rf"(?P<sign>)(?P<n>)(?P<unit>{_ALONE})"),
)
_SIGNED = (re.compile(rf"(?<![a-z0-9/])(?:time|t|{_UNIT})? ?(?P<sign>[+-]?) ?(?P<n>\d\d?\d?){_SHUT}"),)
_NUMBERED = (
    _pattern(r"(?:wave|window|period|phase|time|timepoint|visit|block) ?[-.]? ?(?P<n>\d\d?\d?)(?P<unit>)"),
    _pattern(rf"(?:t|{_UNIT}) ?(?P<n>\d\d?\d?)"),
    _pattern(rf"(?:#|(?=1 ))(?P<n>\d\d?) (?:{_UNIT}|period|wave|window)"),
    _pattern(rf"(?P<unit>half|{_ALONE})(?P<n>)"),
)
_COUNTED = (_pattern(rf"(?:{'|'.join(sorted((BEFORE | AFTER) - {'t0'}))}) ?(?P<n>\d\d?)(?! ?{_UNIT}{_SHUT})"),)
_BARE = (re.compile(r"(?<=[^0-9+/-])(?P<n>[12])$"),)


def plain(text: str) -> str:
    """Return a name in small letters, with words apart, numbers in digits, and a mark before ordinals.

    Examples
    --------
    >>> plain("ArrestsPre12m"), plain("First quarter_2016")
    ('arrests pre 12 m', '#1 quarter 2016')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower().replace("_", " ").replace("\u2013", "-")
    spaced = re.sub(r"\b(\d\d?)(?:st|nd|rd|th)\b", r"#\1", re.sub(r"(?<=\d)\.0\b", "", spaced))
    apart = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", re.sub(r"[()\[\]:;.,]", " ", spaced))
    return " ".join(_WORDS.get(word, word) for word in apart.split())


def side_of(text: str) -> bool | None:
    """Return whether a name says after; None where it says neither before nor after."""
    parts = {*split(text), *split(plain(text))}
    return False if parts & BEFORE else True if parts & AFTER else None


def measure(rest: str) -> str:
    """Return what was measured: a name without its period, words of before and after, and words of counting.

    Examples
    --------
    >>> measure("number of arrests in the before")
    'arrests'
    >>> measure("00 00 00")  # what stands behind a day in a workbook
    ''
    """
    parts = split(rest)
    kept = _without_side(parts)
    while kept and kept[-1] in JOINING:
        kept = kept[:-1]
    while len(kept) > 1 and kept[0] in COUNTING:
        kept = kept[1:]
    return "" if all(part.isdigit() for part in kept) else " ".join(kept)


def _without_side(parts: list[str]) -> list[str]:
    """Drop the words for before and after, and those behind them for the event."""
    last = max((k for k, token in enumerate(parts) if token in BEFORE | AFTER), default=len(parts))
    behind = list(dropwhile(OF_A_DAY.__contains__, parts[last + 1 :]))
    head = [token for token in parts[:last] if token not in BEFORE | AFTER]
    return [*head, *behind] or [token for token in parts if token not in BEFORE | AFTER]


type Kind = Callable[[str], tuple[str, Period] | None]
"""What reads a name of one kind: what is left of it, and the period."""


def _kind(patterns: Sequence[re.Pattern[str]], made: Callable[[re.Match[str]], Period | None]) -> Kind:
    def read(text: str) -> tuple[str, Period] | None:
        for pattern in patterns:
            for match in pattern.finditer(text):
                period = made(match)
                if period is not None:
                    return f"{text[: match.start()]} {text[match.end() :]}", period
        return None

    return read


def _year_of(digits: str) -> int:
    """Return a year of four digits or two, of the last century from 70 on."""
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= LAST_CENTURY else 2000)


def _first_year(text: str) -> tuple[int, bool] | None:
    """Return the year in which one begins, and whether it is a financial year; None for two that do not follow."""
    parts = [part.strip() for part in re.split("[-/]", text)]
    years = [_year_of(p) for p in parts]
    if len(years) == 1:
        return years[0], False
    return (years[0], True) if (years[1] - years[0]) % 100 == 1 else None


def _span(year: int, month: int, length: int) -> dict[str, Any]:
    at = 12 * year + month - 1
    start, end = (dt.date(k // 12, k % 12 + 1, 1) for k in (at, at + length))
    return {"place": float(at), "start": start, "end": end}


def _quarter(match: re.Match[str]) -> Period | None:
    read, length = _first_year(match["year"]), 6 if match["of"].startswith("h") else 3
    if read is None or int(match["n"]) * length > 12:
        return None
    year, financial = read
    label = f"{match['of'][0].upper()}{match['n']} {match['year'].replace(' ', '')}"
    month = length * (int(match["n"]) - 1) + 1
    if match["fy"] and not financial:  # a single year may be that of the start or of the end
        return Period(label=label.replace(" ", " FY"), place=12.0 * year + month, months=length)
    return Period(label=label, **_span(year, month + (APRIL - 1 if financial else 0), length))


def _month(match: re.Match[str]) -> Period:
    held = match.groupdict()
    month = _MONTH_NAMES[held["name"]] if held.get("name") else int(match["n"])
    year = _year_of(match["year"])
    return Period(label=f"{year}-{month:02d}", **_span(year, month, 1))


def _months_to_months(match: re.Match[str]) -> Period | None:
    last, first = _year_of(match["year"]), _year_of(match["from"] or match["year"])
    start, end = 12 * first + _MONTH_NAMES[match["name"]], 12 * last + _MONTH_NAMES[match["last"]] + 1
    if match["from"] is None and end <= start:  # of October to March the year is that of the end
        start -= 12
    if end <= start:
        return None
    return Period(label=match[0], **_span((start - 1) // 12, (start - 1) % 12 + 1, end - start))


def _ending(match: re.Match[str]) -> Period:
    length = int(match["length"] or 12)
    label = f"{length} months to {match['name'][:3].capitalize()} {match['year']}"
    return Period(label=label, **_span(int(match["year"]), _MONTH_NAMES[match["name"]] + 1 - length, length))


def _financial(match: re.Match[str]) -> Period | None:
    read = _first_year(match["year"])
    if read is None:
        return None
    year, both = read
    if not both:  # of FY21 nobody can tell whether it begins or ends in 2021
        return Period(label=f"FY{match['year']}", place=12.0 * year, months=12)
    return Period(label=match["year"].replace(" ", "").replace("-", "/"), **_span(year, APRIL, 12))


def _year(match: re.Match[str]) -> Period:
    return Period(label=match["year"], **_span(int(match["year"]), 1, 12))


def _week(match: re.Match[str]) -> Period | None:
    try:
        start = dt.date.fromisocalendar(int(match["year"]), int(match["n"]), 1)
    except ValueError:
        return None
    label = f"{match['year']} week {match['n']}"
    return Period(label=label, place=float(start.toordinal()), start=start, end=start + dt.timedelta(days=7))


def _season(match: re.Match[str]) -> Period | None:
    read = _first_year(match["year"])
    winter = match["name"] == "winter"
    if read is None or (read[1] and not winter):
        return None
    place = 12.0 * read[0] + _SEASONS[match["name"]]
    return Period(label=match[0], place=place, months=3, loose=winter and not read[1])


def _month_alone(match: re.Match[str]) -> Period:
    month = _MONTH_NAMES[match["name"]]
    return Period(label=f"{match['name'][:3].capitalize()}", place=float(month), months=1, cycle=12)


def _quarter_alone(match: re.Match[str]) -> Period | None:
    n, length = int(match["n"]), 6 if match["of"].startswith("h") else 3
    if n * length > 12:
        return None
    return Period(label=f"{match['of'][0].upper()}{n}", place=float(n), months=length, cycle=12 // length)


def _length(n: float, unit: str) -> dict[str, Any]:
    unit = _UNITS.get(unit, unit)
    return {"days": round(n * _DAYS[unit])} if unit in _DAYS else {"months": n * _LENGTHS[unit]}


def _in_days(length: dict[str, Any]) -> float:
    return float(length["days"]) if "days" in length else float(length["months"]) * 365.25 / 12


def _distance(match: re.Match[str]) -> Period:
    length = _length(int(match["n"] or 1), match["unit"])
    unit = _UNITS.get(match["unit"], match["unit"])
    label = f"{match['sign']}{match['n'] or 1} {unit}{'' if match['n'] in ('', '1') else 's'}"
    post = None if not match["sign"] else match["sign"] == "+"
    return Period(label=label, place=_in_days(length) * (-1 if match["sign"] == "-" else 1), post=post, **length)


def _range(match: re.Match[str]) -> Period | None:
    first, last = int(match["from"]), int(match["n"])
    if last <= first:
        return None
    unit = _UNITS.get(match["unit"], match["unit"])
    place = (first + last) / 2 * _in_days(_length(1, unit))
    length = _length(last, unit) if first <= 1 else {}  # 6 to 12 is of six months or of seven
    return Period(label=f"{first} to {last} {unit}s", place=place, **length)


def _signed(match: re.Match[str]) -> Period:
    n = int(match["n"]) * (-1 if match["sign"] == "-" else 1)
    length = _length(1, match["unit"]) if match["unit"] else {}
    return Period(label=match[0].strip(), place=float(n), post=n >= 0, **length)


def _numbered(match: re.Match[str]) -> Period:
    length = _length(1, match["unit"]) if match["unit"] else {}
    return Period(label=match[0].replace("#", ""), place=float(match["n"] or 1), **length)


def _bare(match: re.Match[str]) -> Period:
    return Period(label=BOTH[match["n"] == "2"].label, place=float(match["n"]), post=match["n"] == "2")


CALENDAR: tuple[Kind, ...] = (
    _kind(_MONTHS_TO_MONTHS, _months_to_months),
    _kind(_ENDING, _ending),
    _kind(_SEASON, _season),
    _kind(_QUARTERS, _quarter),
    _kind(_ISO_WEEK, _week),
    _kind(_FINANCIAL, _financial),
    _kind(_MONTHS_OF_YEARS, _month),
    _kind(_CALENDAR, _year),
)
"""Kinds with a year, and so with dates."""
DISTANCE = _kind(_DISTANCE, _distance)
SIGNED = _kind(_SIGNED, _signed)
NUMBERED = _kind(_NUMBERED, _numbered)
COUNTED = _kind(_COUNTED, lambda m: Period(label=m["n"], place=float(m["n"])))
RELATIVE: tuple[Kind, ...] = (
    _kind(_MONTH_ALONE, _month_alone),
    _kind(_QUARTER_ALONE, _quarter_alone),
    NUMBERED,
    COUNTED,
)
_FROM_TO = r"(?P<from>\d\d?) ?(?:-|to) ?(?P<n>\d\d?)"
RANGE = _kind((_pattern(rf"{_FROM_TO} ?{_UNIT}"), _pattern(rf"{_UNIT} ?{_FROM_TO}")), _range)
BARE = _kind(_BARE, _bare)
WHOLE = _kind((re.compile(r"^(?P<n>\d\d?\d?)$"),), lambda m: Period(label=m[0], place=float(m["n"])))
