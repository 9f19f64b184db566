"""Keys of [study.extract] in the first draft of a study file: their values, which are guessed, and what is asked."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from iom_causal.base.formats import counted, listed
from iom_causal.base.specs import toml_value
from iom_causal.data.extracts import DESCRIBING
from iom_causal.data.files.dates import SHORT, THIS_CENTURY
from iom_causal.data.files.sheet_words import told
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.guesses.managed import WhoWasManaged
from iom_causal.data.guesses.questions import Question
from iom_causal.protocol.draft.key import GUESSED, Key, Row
from iom_causal.protocol.draft.linked_keys import linked_keys

AFTER_MONTH = (
    "which month is the first after the introduction? Write a day of it without quotation marks: after = {}, say"
)
OF_WINDOWS = ("windows", "equal_windows", "index_date")
"""Keys of windows: those over which a log is counted are given with it."""


def extract_keys(g: Guesses, file: str) -> tuple[Key, ...]:
    """Return the keys in order, with every question at the key that answers it.

    Examples
    --------
    >>> [key.name for key in extract_keys(Guesses(), "people.csv") if key.questions]
    ['id', 'outcomes']
    """
    keys = [*_reading(g, file), *_columns(g), *_who_was_managed(g), _covariates(g), _windows(g), _outcomes(g)]
    if g.linked is not None:
        keys = linked_keys(keys, g.linked)
    for question in g.questions:
        if g.linked is None or question.key not in OF_WINDOWS:
            keys = _with_question(keys, question)
    unconfirmed = tuple(key.name for key in keys if key.guessed and key.name not in DESCRIBING)
    return (*keys[:1], *_unconfirmed(unconfirmed), *keys[1:])


def _unconfirmed(names: tuple[str, ...]) -> Iterator[Key]:
    if names:
        yield Key(
            "guessed",
            list(names),
            above=(
                "# Nobody has confirmed these lines: the report lists them below its first page. Look at each of them",
                "# and take its word out of the list.",
            ),
        )


def _with_question(keys: Sequence[Key], question: Question) -> list[Key]:
    """Return the keys with a question in the place of what was guessed, or as a key of its own before the windows."""
    name, *inside = question.key.split(".", 1)
    live = {key.name for key in keys if key.live}
    name = "months" if name == "windows" and "windows" not in live else name
    at = next((k for k, key in enumerate(keys) if key.name == name), None)
    if at is None:
        at = next(k for k, key in enumerate(keys) if key.name in {"windows", "months"})
        return [*keys[:at], Key(name, question.text), *keys[at:]]
    return [*keys[:at], _asked(keys[at], question, inside), *keys[at + 1 :]]


def _asked(key: Key, question: Question, inside: Sequence[str]) -> Key:
    """Return a key with a question: at a field of the row that it names, at the head of other rows, or as its value."""
    if isinstance(key.value, Mapping) and inside:
        return key._replace(value={**key.value, inside[0]: question.text}, live=True)
    if not key.rows:
        guess = f"it looks like {toml_value(key.value)}" if key.guessed else ""
        return key._replace(value=question.text, why=guess, live=True)
    row_name, field = inside[0].rsplit(".", 1) if inside else ("", "")
    if row_name not in map(_named, key.value):
        return key._replace(value=(question.text, *key.value))
    return key._replace(
        value=tuple(_answered_by(row, field, question) if _named(row) == row_name else row for row in key.value)
    )


def _answered_by(row: Row, field: str, question: Question) -> Row:
    return row._replace(table={**row.table, field: question.text})


def _named(row: Row | str) -> str | None:
    return str(row.table.get("name", row.table.get("label"))) if isinstance(row, Row) else None


def _reading(g: Guesses, file: str) -> Iterator[Key]:
    yield Key("file", file, "beside this study file")
    for name, value in g.settings.items():
        yield Key(name, value, _why(name, g))
    yield Key("layout", g.layout, "one row a person" if g.layout == "wide" else "one row a person and period")


def _columns(g: Guesses) -> Iterator[Key]:
    yield _column("id", g.id, 'the column that tells people apart, such as id = "urn"')
    if g.layout == "long":
        yield _column("period", g.period, 'the column that tells the window of a row, such as period = "year"')
    if g.age:
        yield Key("age", g.age, f"{GUESSED}: age when the programme began")
    if g.days_at_risk:
        yield Key("days_at_risk", list(g.days_at_risk), GUESSED)
    if g.index_date is not None:
        yield Key("index_date", g.index_date, "guessed: the day of introduction, the same for everybody in the file")
    if g.who.entry:
        yield Key("entry", g.who.entry, "guessed: the day that each person's windows are counted from")
    if g.date_of_birth:
        above = "# Ages are worked out at the start of the window after, which then needs its dates (below):"
        yield Key("date_of_birth", g.date_of_birth, GUESSED, (above,), live=False)
    if g.custody_days and g.days_at_risk:
        yield Key("custody_days", list(g.custody_days), f"{GUESSED}; they are taken from days_at_risk")
    elif g.custody_days:
        above = "# Days in custody are taken from the windows, which then need their dates (below):"
        yield Key("custody_days", list(g.custody_days), GUESSED, (above,), live=False)


def _column(name: str, found: str, ask: str) -> Key:
    return Key(name, found, GUESSED) if found else Key(name, Question(name, ask).text)


def _who_was_managed(g: Guesses) -> Iterator[Key]:
    """Yield the keys that tell managed people from others in one file; what is not sure is left to fill in."""
    unread = [f"# Columns that are not read: {unread_columns(g, toml_value)}."] if g.unread or g.unnamed else []
    yield from _group(
        g.who,
        (*unread, "# If the file holds people who were not managed, say which column tells and its value for managed:"),
    )
    own_table = ("# If they are in a table of their own with the same columns, a sheet or a file, give that instead:",)
    if g.who.table:
        yield Key("others", g.who.table, "guessed from the names of the sheets", own_table)
    else:
        yield Key("others", "Comparison", above=own_table, live=False)
    yield _start(g.who)._replace(
        above=(
            "# If people entered at different times, say in place of group which column tells when: each one's first",
            "# managed window by its label, or the day where windows have dates, and nothing for people never managed.",
        )
    )
    above = (
        "# Say too whether people never managed were picked as the managed were (a waiting list, a lottery, another",
        "# force by the same rule): true, false, or a column of 1 and 0. Such people are what the managed are compared",
        "# with; the rest of those from whom people were picked show what picking alone does.",
    )
    yield Key("selected", value=True, above=above, live=False)


def unread_columns(g: Guesses, spelt: Callable[[str], str] = str) -> str:
    """Return the columns that are not read, those with a head like a cell by their number alone."""
    others = [counted(g.unnamed, "whose [name|names] may be [a cell|cells]")] if g.unnamed else []
    return ", ".join([*map(spelt, g.unread), *others])


def _group(who: WhoWasManaged, above: tuple[str, ...]) -> Iterator[Key]:
    if not who.group:
        yield Key("group", "group", above=above, live=False)
        yield Key("managed", ["1"], live=False)
        return
    yield Key("group", who.group, GUESSED, above)
    yield Key("managed", list(who.managed), "guessed" if who.managed else "")


def _start(who: WhoWasManaged) -> Key:
    if who.start and who.places:
        return Key("start", who.start, GUESSED)
    if not who.start or who.group or not who.others:
        return Key("start", who.start or "entered", live=False)
    ask = (
        f"did people enter at different times? Write start = {toml_value(who.start)} if so, and give the windows "
        "(below) their dates if it holds days; if all were managed in the same windows, delete this line"
    )
    return Key("start", Question("start", ask).text)


def _covariates(g: Guesses) -> Key:
    """Return the key of columns to carry along, with those that look like groups of people."""
    above = "# Columns to carry along: groups to compare (sex, team), and what a method names (force, score picked by)."
    if g.levels:
        return Key("covariates", list(g.levels), "guessed", (above,))
    return Key("covariates", ["sex", "team"], above=(above,), live=False)


GUESSED_FROM = "guessed from the file"


def _why(name: str, g: Guesses) -> str:
    if name == "dates":
        form = g.settings["dates"]
        order = {"dd/mm": "guessed: the day first", "mm/dd": "guessed: the month first"}.get(form[:5], GUESSED_FROM)
        return order + (f"; years 00 to {THIS_CENTURY} are of this century" if form in SHORT else "")
    if name != "sheet" or not g.other_sheets:
        return GUESSED_FROM
    held = listed([outcome for outcome, *_ in g.outcomes]) or "people"
    unread = [sheet for sheet in g.other_sheets if sheet != g.who.table]
    return f"guessed: it holds {held}" + (f"; not read: {told(unread, toml_value)}" if unread else "")


def _windows(g: Guesses) -> Key:
    if g.months:
        return _months(g)
    timed = all(window.stated for window in g.windows)
    rows = [Row(window.keys) for window in g.windows]
    if g.layout == "long":
        rows[-1] = rows[-1]._replace(why="guessed: the order, and which lie after (post = true)")
    elif timed:
        rows[-1] = rows[-1]._replace(why="guessed from the names of columns: the order, and how long each is")
    above = (
        "# In order of time. With dates - start = 2016-01-01, end = 2017-01-01, where end is the first day AFTER the",
        "# window - or with a length counted from the introduction - months = 24, or days = 548 - figures are per day.",
        "# Totals over windows of unknown length are not compared, unless equal_windows = true: all are equally long.",
        "# Calendar months, labelled 2014-01 and so on: months = { first = 2014-01-01, after = 2016-01-01, last =",
        "# 2016-12-31 }.",
    )
    return Key("windows", tuple(rows), above=above)


def _months(g: Guesses) -> Key:
    first, last = (dt.date.fromisoformat(f"{month}-01") for month in g.months)
    after: dt.date | str = Question("months.after", AFTER_MONTH.format(last)).text
    if g.months[0] < g.who.first[:7] <= g.months[1]:
        after = dt.date.fromisoformat(g.who.first[:10] if len(g.who.first) > len("2016-01") else f"{g.who.first}-01")
    above = "# Calendar months, each in full; after is any day of the first month that lies after the introduction."
    return Key("months", {"first": first, "after": after, "last": last}, "guessed", (above,))


def _outcomes(g: Guesses) -> Key:
    rows = []
    for name, kind, columns, missing in g.outcomes:
        keeps = {"missing": missing} if missing == "keep" else {}
        why = "guessed; some values are missing: keep these people in" if keeps else "guessed"
        rows.append(Row({"name": name, "kind": kind, "columns": list(columns)} | keeps, why))
    if not rows:
        sides = ("what was counted",) if g.layout == "long" else ("the counts before", "the counts after")
        blank = [Question("outcomes", f"the name of the column of {side}").text for side in sides]
        rows = [Row({"name": "arrests", "kind": "count", "columns": blank})]
    code = ["{code}"] if g.layout == "long" else ["{code} before", "{code} after"]
    table = {"file": "weights.csv", "name": "the table", "version": "2024"}
    harm = {"name": "harm", "kind": "amount", "columns": code, "weights": table}
    above = (
        "# kind: count, amount (such as harm), score or binary. Harm from counts by offence, each a column named after",
        "# the code of its offence, by a table of your own with code and weight in a row (0: it shall not count):",
        f"# {toml_value(harm)},",
    )
    return Key("outcomes", tuple(rows), above=above)
