"""Outcomes read from tables: what each column holds by its head, one row an outcome."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from iom_causal.published.reading.answers import Answer, Answers, Found, OutcomeReading
from iom_causal.published.reading.blocks import Row, Table
from iom_causal.published.reading.grammar import mentions
from iom_causal.published.reading.prose import ASK_KIND, with_n_of_test
from iom_causal.published.reading.sentences import AFTER, BEFORE, sides

_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d*\.\d+|\d+)(?:\.\d+)?"
_FIGURE = re.compile(rf"(?P<first>{_NUMBER})(?: ?[(\[] ?(?P<second>{_NUMBER}) ?[)\]])?\*{{0,3}}[a-d]?")
_P = re.compile(r"(?:p ?)?(?P<relation>[<>=]?) ?(?P<p>0?\.\d+|1\.0+)\*{0,3}")

_BOTH = re.compile(r"\b(?:M|mean)s? ?(?:[(/,]|and) ?SDs?\b|\bmeans? \(standard deviations?\)", re.IGNORECASE)
_HEADS = (
    ("mean sd", _BOTH),
    ("t df", re.compile(r"\bt ?\( ?(?:df ?= ?)?(?P<df>\d+|df) ?\)")),
    ("mean", re.compile(r"\bM\b|\bmean\b", re.IGNORECASE)),
    ("sd", re.compile(r"\bS\.? ?D\b|standard deviation", re.IGNORECASE)),
    ("n", re.compile(r"\bn\b", re.IGNORECASE)),
    ("df", re.compile(r"\bdf\b", re.IGNORECASE)),
    ("p", re.compile(r"\bp(?: ?-?values?)?\b", re.IGNORECASE)),
    ("t", re.compile(r"\bt(?: ?-?values?)?\b")),
    ("dz", re.compile(r"\bd_?z\b")),
    ("d", re.compile(r"\b(?:Cohen's )?d\b")),
)
"""What a column may hold, by its head; the first that fits."""
_OF_TEST = ("t", "t df", "df", "p", "dz", "d")


def outcomes_of(table: Table, n: str) -> tuple[OutcomeReading, ...]:
    """Return the outcomes of a table whose columns leave one reading; none of any other.

    Parameters
    ----------
    table : Table
        With its head.
    n : str
        People in the sample, where that is known.

    Examples
    --------
    >>> head = Row("line 1", ("", "Before M (SD)", "After M (SD)", "t(39)"))
    >>> reading = outcomes_of(Table((head, Row("line 2", ("Contacts", "4.25 (2.10)", "3.13 (2.44)", "2.89")))), "40")[0]
    >>> reading.name.value, reading.figure("after", "sd"), reading.test["df"].value
    ('contacts', '2.44', ('39',))
    """
    first = next((k for k, row in enumerate(table.rows) if figures_of(row)), len(table.rows))
    body = table.rows[first:]
    heads = _heads(table.rows[:first], {len(row.cells) for row in body}, table.caption)
    columns = tuple(map(_column, heads))
    wanted = {("mean", BEFORE), ("mean", AFTER)}
    held = [(part, side) for what, side in columns for part in what.split() if part]
    if not wanted <= set(held) or len(set(held)) < len(held):
        return ()
    return tuple(_outcome(row, heads, columns, n) for row in body if len(figures_of(row)) > 1 and row.cells[0])


def figures_of(row: Row) -> tuple[str, ...]:
    """Return the cells of a row that hold figures, its first aside."""
    return tuple(cell for cell in row.cells[1:] if _FIGURE.fullmatch(cell))


def _heads(above: Sequence[Row], widths: set[int], caption: str) -> tuple[str, ...]:
    """Return the head of each column of a table whose rows all have one length, the rows of the head put together."""
    width = max(widths, default=0)
    if len(widths) != 1 or not above:
        return ()
    lines = [
        ("",) * (width - len(row.cells)) + row.cells if len(row.cells) == width - 1 else row.cells for row in above
    ]
    if any(len(line) != width for line in lines):
        return ()
    both = " M (SD)" if _BOTH.search(caption) else ""
    heads = [" ".join(dict.fromkeys(filter(None, (line[k] for line in lines)))) for k in range(width)]
    return tuple(head + both if sides(head) and _column(head)[0] == "" else head for head in heads)


def _column(head: str) -> tuple[str, str]:
    """Return what a column holds and of which window; nothing where the head leaves it open."""
    what = next((name for name, words in _HEADS if words.search(head)), "")
    named = sides(head)
    if what in _OF_TEST:
        return ("t df" if what == "t df" else what), ""
    return (what, next(iter(named))) if len(named) == 1 else ("", "")


def _outcome(row: Row, heads: Sequence[str], columns: Sequence[tuple[str, str]], n: str) -> OutcomeReading:
    windows: dict[str, dict[str, Answer]] = {BEFORE: {}, AFTER: {}}
    test: dict[str, str] = {}
    for cell, head, (what, side) in zip(row.cells, heads, columns, strict=True):
        figure = _FIGURE.fullmatch(cell)
        if what in _OF_TEST:
            test |= _of_test(what, cell, head)
        elif figure is not None and what:
            parts = what.split()
            given = [figure["first"], figure["second"]][: len(parts)]
            windows[side] |= {key: Answer(value) for key, value in zip(parts, given, strict=True) if value}
    name = re.sub(r" ?\([^)]*\)|[*a]?$", "", row.cells[0]).strip(" .:").lower()
    reading = OutcomeReading(
        name=Answer(name),
        kind=_kind(row.cells[0]),
        before=_in_order(windows[BEFORE]),
        after=_in_order(windows[AFTER]),
        test=dict(_test(test)),
        effect={"symbol": Answer(symbol), "value": Answer(test[symbol])}
        if (symbol := next((s for s in ("dz", "d") if s in test), "")) and "t" in test
        else {},
        seen=(Found(row.place, " | ".join(filter(None, row.cells))),),
    )
    return with_n_of_test(reading, n) if reading.test else reading


def _in_order(keys: Answers) -> Answers:
    return {key: keys[key] for key in ("n", "mean", "sd") if key in keys}


def _kind(name: str) -> Answer:
    if re.search(r"\bscores?\b", name, re.IGNORECASE):
        return Answer("score")
    return Answer("count") if re.match(r"(?:total )?numbers? of\b", name, re.IGNORECASE) else Answer(ask=ASK_KIND)


def _of_test(what: str, cell: str, head: str) -> dict[str, str]:
    """Return what a cell of a column of a test holds."""
    whole = next((m for m in mentions(cell) if m.kind == "test"), None)
    if whole is not None:
        return {"t": whole.figures["value"], "df": whole.figures["df"]} if whole.figures["statistic"] == "t" else {}
    if what == "p":
        found = _P.fullmatch(cell)
        return {} if found is None else {"p": f"p {found['relation'] or '='} {found['p']}"}
    figure = _FIGURE.fullmatch(cell)
    if figure is None:
        return {}
    if what != "t df":
        return {what: figure["first"]}
    stated = next(words for name, words in _HEADS if name == "t df").search(head)
    df = stated["df"] if stated is not None and stated["df"].isdigit() else figure["second"]
    return {"t": figure["first"]} | ({"df": df} if df else {})


def _test(test: dict[str, str]) -> Iterator[tuple[str, Answer]]:
    if "t" not in test:
        return
    yield "statistic", Answer("t")
    yield "value", Answer(test["t"])
    if test.get("df", "").isdigit():
        yield "df", Answer((test["df"],))
    if "p" in test:
        yield "p", Answer(test["p"])


def with_tests(
    found: Sequence[OutcomeReading], name: str, test: Answers, effect: Answers, seen: Found
) -> list[OutcomeReading]:
    """Return outcomes with a test put to the one of a name that has none."""
    return [
        replace(o, test=test, effect=effect, seen=(*o.seen, seen)) if o.name.value == name and not o.test else o
        for o in found
    ]
