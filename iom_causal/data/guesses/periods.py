"""Windows in order of time: which lie after, how long each is, and what is open about them and asked."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from iom_causal.data.guesses.period_names import BOTH, Period
from iom_causal.data.guesses.questions import Question

ORDER = Question(
    "windows",
    "nothing tells the order of these in time; put them in order, write post = true in each that lies after the "
    "introduction, and delete this line",
)
CONTRADICTED = Question(
    "windows",
    "their names and the dates in the file tell different orders; put them in order of time, write post = true in each "
    "that lies after the introduction, and delete this line",
)
EITHER_END = Question(
    "windows",
    "names tell the order of some of these in two ways (pre 1 may be the earliest or the one next to the introduction, "
    "and the winter of 2016 may begin or end it); put them, and the columns of each outcome, in order of time, write "
    "post = true in each that lies after the introduction, and delete this line",
)
WHICH_AFTER = Question(
    "windows",
    "which of these lie after the introduction? Write post = true in each of them and in no other, and delete this "
    "line",
)
INTRODUCED = Question(
    "index_date",
    "on which day was the programme introduced? Write it without quotation marks, such as index_date = {}; windows "
    "that start on that day or later lie after",
)
LENGTHS = Question(
    "equal_windows",
    "are all windows equally long? Write equal_windows = true if so; if not, delete this line and write in each "
    "line of windows (below) how long it is, such as months = 12 or days = 548",
)
UNLIKE = Question(
    "windows",
    "columns of different outcomes are over different lengths, and one study has one length for each window: keep in "
    "outcomes those over the same lengths, write these into the windows, such as months = 24, put the other outcomes "
    "into a second study file, and delete this line",
)
NESTED = Question(
    "equal_windows",
    "delete this line, and write in each window how long it is, such as months = 6; where a window of 12 months holds "
    "one of 6, take one of the two out, here and in outcomes, or the same months count twice",
)

TWICE = Question(
    "windows",
    "several columns lie on the same side, and only some say how long they are, such as 12m pre beside pre: name each "
    "outcome below after what its columns measure, take out what is no outcome, and delete this line",
)

AFTER_ASKED = {ORDER, WHICH_AFTER, EITHER_END}
FEWEST_MONTHS = 6
"""Calendar months in a row that are given as months and not as windows of their own."""


UNEVEN = Question(
    "equal_windows",
    "there are more windows on one side than on the other: delete this line, and write in each how long it is "
    "(months = 12, or days = 548) or from when to when (start = 2016-01-01, end = 2017-01-01)",
)


class Grid(NamedTuple):
    """Windows in order of time, and what is open about them."""

    windows: tuple[Period, ...] = BOTH
    questions: tuple[Question, ...] = (LENGTHS,)

    def asking(self, question: Question) -> "Grid":
        """Return the same windows with a further question."""
        return self._replace(questions=(question, *self.questions))


def loose(periods: Iterable[Period]) -> bool:
    """Whether the places of some may be others beside those of the rest."""
    return {p.loose for p in periods} == {False, True}


def months_in(grid: Grid) -> tuple[str, ...]:
    """Return the first and the last of calendar months in a row, such as 2014-01; none for other windows.

    Months that a file spells in another way, such as Jan-14, are windows with a period each.
    """
    starts = [w.start for w in grid.windows]
    labels = [f"{start:%Y-%m}" for start in starts if start is not None]
    monthly = len(labels) == len(starts) >= FEWEST_MONTHS and labels == _in_a_row(labels[0], len(labels))
    spelt = all(w.value in {None, label} for w, label in zip(grid.windows, labels, strict=False))
    return (labels[0], labels[-1]) if monthly and spelt else ()


def _in_a_row(first: str, n: int) -> list[str]:
    at = 12 * int(first[:4]) + int(first[5:]) - 1
    return [f"{k // 12}-{k % 12 + 1:02d}" for k in range(at, at + n)]


def placed(periods: Sequence[Period], introduced: dt.date | None, *, distances: bool = False) -> Grid:
    """Say which windows lie after and how long each is, and ask what is open."""
    in_a_row = _without_gaps(periods)
    periods, open_side = _after(periods, introduced)
    questions = [open_side] if open_side is not None else []
    if loose(periods):
        questions = [EITHER_END]
    if all(p.start is not None for p in periods):
        return Grid(tuple(p.dated() for p in periods), tuple(questions))
    if distances and [p.post for p in periods] == [False, True] and all(p.stated for p in periods):
        return Grid(tuple(p.lasting(p) for p in periods), tuple(questions))
    if distances:
        periods = [p.bare() for p in periods]
        questions.append(NESTED)
    elif all(p.months is not None or p.days is not None for p in periods) and in_a_row:
        periods = [p.lasting(p) for p in periods]
    else:
        periods = [p.bare() for p in periods]
        uneven = open_side is None and 2 * sum(p.post is True for p in periods) != len(periods)
        questions.append(UNEVEN if uneven else LENGTHS)
    return Grid(tuple(periods), tuple(questions))


def _without_gaps(periods: Sequence[Period]) -> bool:
    """Whether numbers follow on one another on each side: month 6 beside month 12 is a day, and no month."""
    steps = ((a, b.place - a.place) for a, b in pairwise(periods) if a.post == b.post or None in (a.post, b.post))
    return all(step in (1, 1 - a.cycle, a.months) for a, step in steps)


def _after(periods: Sequence[Period], introduced: dt.date | None) -> tuple[list[Period], Question | None]:
    said = [p.post for p in periods]
    last = len(periods) - 1
    starts = [p.start for p in periods]
    if all(side is not None for side in said):
        return list(periods), None
    if True in said or False in said:  # a baseline and what follows, or what lies before the first that is after
        first = said.index(True) if True in said else last - said[::-1].index(False) + 1
        return [replace(p, post=k >= first) for k, p in enumerate(periods)], None if 0 < first <= last else WHICH_AFTER
    if introduced is not None and None not in starts:
        return _around(periods, introduced)
    if last == 1 and not all(p.financial for p in periods):
        return [replace(p, post=k == 1) for k, p in enumerate(periods)], None
    day = starts[len(starts) // 2]
    return list(periods), WHICH_AFTER if None in starts else INTRODUCED._replace(ask=INTRODUCED.ask.format(day))


def _around(periods: Sequence[Period], introduced: dt.date) -> tuple[list[Period], Question | None]:
    """Return periods with dates on their sides of a day; where it lies inside one, or outside all, that is asked."""
    spans = [(p.start, p.end) for p in periods if p.start is not None and p.end is not None]
    post = [start >= introduced for start, _ in spans]
    if any(start < introduced < end for start, end in spans) or all(post) or not any(post):
        return list(periods), WHICH_AFTER
    return [replace(p, post=side) for p, side in zip(periods, post, strict=True)], None
