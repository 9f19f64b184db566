"""What the first draft of a study makes of its file: a small table of people without cells, and what reading noted."""

import datetime as dt
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iom_causal.base.formats import counted
from iom_causal.base.schema import build
from iom_causal.data.extracts import Extract
from iom_causal.data.guesses.columns import Guesses
from iom_causal.data.reading.panels import Extracted, read_extract
from iom_causal.data.release.disclosure import Disclosure
from iom_causal.errors import IomCausalError
from iom_causal.panel import Panel
from iom_causal.protocol.draft.extract_keys import extract_keys
from iom_causal.protocol.draft.key import Key
from iom_causal.protocol.draft.started import WIDTH
from iom_causal.windows import Window

RULES = Disclosure()
"""Rules by which figures of people are shown."""
MOST_WINDOWS = 6
"""Of more windows those before, and those after, are shown together."""
HEADS = ("outcome", "days", "people", "mean", "highest", "zero", "missing")
OF_SIDES = ("months", "windows", "index_date")
"""Keys whose answers say which windows lie after."""
FEW = f"under {RULES.threshold}"
NOT_YET = "Nothing of the people can be shown before these lines are filled in."
REFUSED = "As it stands it is refused:"
ROUNDED = f"Counts of some of the people are rounded to {RULES.rounding}; questions count single cells."


type Spans = tuple[tuple[str, list[int]], ...]
"""Windows that are shown together, by a name."""


class Shown(NamedTuple):
    """Values of one outcome in one window, or in several, for managed people or for others."""

    name: str
    days: str
    kind: str
    values: NDArray[np.float64]
    everybody: bool


def understood(g: Guesses, file: str, folder: Path) -> tuple[str, ...]:
    """Return lines of text on the people that a draft reads, each question set aside as it was guessed.

    Parameters
    ----------
    g : Guesses
        What was guessed.
    file : str
        The file, as the study names it.
    folder : Path
        The folder of the study.
    """
    keys = [_settled(key) for key in extract_keys(replace(g, questions=()), file) if key.live]
    try:
        table = {key.name: key.plain for key in keys if not key.questions}
        extract = build(Extract, table | ({} if _timed(table) else {"equal_windows": True}), "extract")
    except IomCausalError:
        return (NOT_YET,)
    try:
        read = read_extract(extract, folder, known=g.tables)
    except IomCausalError as error:
        return (REFUSED, *_wrapped(str(error)))
    placed = not any(key.name in OF_SIDES and key.questions for key in extract_keys(g, file))
    return tuple(_lines(read, g, placed=placed))


def _timed(table: Mapping[str, Any]) -> bool:
    """Whether windows are months, or have dates or a length."""
    return "months" in table or any({"start", "months", "days"} & set(row) for row in table["windows"])


def _settled(key: Key) -> Key:
    """Answer what need not be known to show people: an empty cell is missing, and no month differs."""
    if key.name == "outcomes":
        unsaid = {"missing": "keep"}
        rows = (r._replace(table=unsaid | dict(r.table)) if "columns" in r.table else r for r in key.rows)
        return key._replace(value=tuple(rows))
    if key.name == "windows" and not any(row.table.get("post") for row in key.rows):
        return key._replace(value=(*key.value[:-1], key.rows[-1]._replace(table={**key.rows[-1].table, "post": True})))
    if key.name == "months" and key.questions:
        return key._replace(value={**key.value, "after": key.value["first"] + dt.timedelta(days=31)})
    return key


def _lines(read: Extracted, g: Guesses, *, placed: bool) -> Iterator[str]:
    first = next(iter(read.cohort.values()))
    yield f"{_people(first)}, {'a row each' if g.layout == 'wide' else 'several rows each'}{_groups(first)}."
    for panel in read.cohort.values():
        yield ""
        yield from _table(panel, _spans(panel.windows) if placed else _together(panel.windows))
    yield from ["", ROUNDED] if first.n >= RULES.threshold and _parted(read.cohort.values()) else []
    notes = [note for note in read.notes if note not in g.notes]
    yield from [""] if notes else []
    for note in notes:
        yield from _wrapped(f"note: {note}")


def _parted(panels: Iterable[Panel]) -> bool:
    """Whether counts of some of the people are shown: of others beside the managed, or of those with a value."""
    return any(not p.group.all() or bool(np.isnan(p.outcome.astype(np.float64)).any()) for p in panels)


def _people(panel: Panel) -> str:
    return counted(panel.n, "[person|people]") if panel.n >= RULES.threshold else f"{FEW} people"


def _groups(panel: Panel) -> str:
    """Say how many were managed, where the file tells."""
    if panel.group.all():
        return ""
    return f": managed {_count(panel.managed.n)}, not managed {_count(panel.n - panel.managed.n)}"


def _count(n: int) -> str:
    return RULES.count(n) if n >= RULES.threshold else FEW if n else "0"


def _table(panel: Panel, spans: Spans) -> Iterator[str]:
    rows = [(f"{panel.name} ({panel.kind})", *HEADS[1:]), *map(_row, _shown(panel, spans))]
    wide = [max(len(row[k]) for row in rows) for k in range(len(HEADS))]
    name = min(wide[0], WIDTH - sum(w + 2 for w in wide[1:]))
    for row in rows:
        cells = (cell.rjust(w) for cell, w in zip(row[1:], wide[1:], strict=True))
        yield "  ".join([row[0][:name].ljust(name), *cells]).rstrip()


def _shown(panel: Panel, spans: Spans) -> Iterator[Shown]:
    outcome = panel.outcome.astype(np.float64)
    for side, who in _sides(panel):
        for name, at in spans:
            days = _lengths([panel.windows[k] for k in at])
            yield Shown(f"{name}{side}", days, panel.kind, outcome[who][:, at], bool(who.all()))


def _sides(panel: Panel) -> tuple[tuple[str, NDArray[np.bool_]], ...]:
    if panel.group.all():
        return (("", np.ones(panel.n, dtype=np.bool_)),)
    return ((", managed", panel.group), (", not managed", ~panel.group))


def _spans(windows: Sequence[Window]) -> Spans:
    """Return the windows to show by their names: of many, those before together and those after."""
    if len(windows) <= MOST_WINDOWS:
        return tuple((_placed(w), [k]) for k, w in enumerate(windows))
    sides = [[k for k, w in enumerate(windows) if w.post is post] for post in (False, True)]
    return tuple(
        (f"{counted(len(at), '[window|windows]')} {name}", at)
        for name, at in zip(("before", "after"), sides, strict=True)
    )


def _together(windows: Sequence[Window]) -> Spans:
    return ((f"{counted(len(windows), '[window|windows]')} together", list(range(len(windows)))),)


def _placed(window: Window) -> str:
    side = "after" if window.post else "before"
    return window.label if window.label == side else f"{window.label} ({side})"


def _lengths(windows: Sequence[Window]) -> str:
    days = [w.days for w in windows if w.days is not None]
    if len(days) < len(windows):
        return "unknown"
    return f"{days[0]}" if min(days) == max(days) else f"{min(days)}-{max(days)}"


def _row(shown: Shown) -> tuple[str, ...]:
    there = shown.values[~np.isnan(shown.values).any(axis=1)]
    n, missing = len(there), len(shown.values) - len(there)
    people = f"{n:,}" if shown.everybody and not missing and n >= RULES.threshold else _count(n)
    if n < RULES.threshold:
        return (shown.name, shown.days, people, "", "", "", _count(missing))
    events = int((there > 0).any(axis=1).sum())
    mean = _share(events, n) if shown.kind == "binary" else RULES.mean(float(there.mean()), n)
    none = "" if shown.kind == "score" else _share(n - events, n)
    return (shown.name, shown.days, people, mean, highest(float(there.max())), none, _count(missing))


def _share(part: int, whole: int) -> str:
    """Return a share of people, in words where it or the rest is of few."""
    few = "few" if part < RULES.threshold else "most" if whole - part < RULES.threshold else ""
    return few or RULES.share(part, whole)


def highest(value: float) -> str:
    """Return a round number that the largest of some values does not exceed: 1, 2 or 5 and noughts.

    Examples
    --------
    >>> highest(23), highest(1000), highest(0.3), highest(-4)
    ('up to 50', 'up to 1,000', 'up to 1', 'up to 0')
    """
    if value <= 0:
        return "up to 0"
    power = 10 ** max(math.floor(math.log10(value)), 0)
    return f"up to {next(k * power for k in (1, 2, 5, 10) if k * power >= value):,}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
